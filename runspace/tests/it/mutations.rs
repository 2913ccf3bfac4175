//! Recorded conversations with a byte changed, a packet lost or a packet twice: errors, no panics.

use std::{sync::LazyLock, time::Instant};

use bytes::Bytes;
use proptest::prelude::*;
use psrp_codec::{ApplicationPrivateData, CreatePipeline, MessageKind, Value};
use runspace::{
    Carrier, ClientConfig, ClientPool, Input, ServerConfig, ServerEvent, ServerInput, ServerPool,
    Target,
};

use crate::transcripts::{
    recording::{Step, What, first, version_of},
    recordings,
};

static RECORDINGS: LazyLock<Vec<(String, Vec<Step>)>> = LazyLock::new(recordings);

/// What is done to one packet of a recording.
#[derive(Clone, Debug)]
struct Mutation {
    recording: prop::sample::Index,
    step: prop::sample::Index,
    place: prop::sample::Index,
    change: Change,
}

#[derive(Clone, Debug)]
enum Change {
    Flip(u8),
    Cut,
    Lose,
    Repeat,
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let change = prop_oneof![
        6 => (1..=255_u8).prop_map(Change::Flip),
        1 => Just(Change::Cut),
        1 => Just(Change::Lose),
        1 => Just(Change::Repeat),
    ];
    (
        any::<prop::sample::Index>(),
        any::<prop::sample::Index>(),
        any::<prop::sample::Index>(),
        change,
    )
        .prop_map(|(recording, step, place, change)| Mutation {
            recording,
            step,
            place,
            change,
        })
}

impl Mutation {
    /// The packets to hand in, in place of `payload` of the step at `at`.
    fn apply(&self, at: usize, steps: usize, payload: &Bytes) -> Vec<Bytes> {
        if at != self.step.index(steps) || payload.is_empty() {
            return vec![payload.clone()];
        }
        let place = self.place.index(payload.len());
        match self.change {
            Change::Flip(change) => {
                let mut bytes = payload.to_vec();
                bytes[place] ^= change;
                vec![bytes.into()]
            }
            Change::Cut => vec![payload.slice(..place)],
            Change::Lose => vec![],
            Change::Repeat => vec![payload.clone(), payload.clone()],
        }
    }
}

fn play_to_client(mutation: &Mutation) {
    let (_, steps) = &RECORDINGS[mutation.recording.index(RECORDINGS.len())];
    let Some(init) = first(steps, true, MessageKind::InitRunspacePool) else {
        return;
    };
    let capability = first(steps, true, MessageKind::SessionCapability).unwrap();
    let config = ClientConfig::default().protocol(version_of(&capability));
    let mut client = ClientPool::new(config, init.pool.unwrap());
    let now = Instant::now();
    client.open(now).unwrap();
    for (at, step) in steps.iter().enumerate() {
        match &step.what {
            What::Command(pipeline) => {
                let _ = client.create_pipeline(*pipeline, &CreatePipeline::script("1"));
            }
            What::Data {
                target, payload, ..
            } if !step.from_client => {
                for payload in mutation.apply(at, steps.len(), payload) {
                    client.handle_input(
                        now,
                        Input::Data {
                            target: *target,
                            payload,
                        },
                    );
                }
            }
            _ => {}
        }
        while client.poll_transmit(32_768).is_some() {}
        while client.poll_event().is_some() {}
    }
    client.close(now);
    while client.poll_transmit(32_768).is_some() {}
    client.handle_input(now, Input::PoolClosed);
    assert!(client.state().is_final());
}

fn play_to_server(mutation: &Mutation) {
    let (_, steps) = &RECORDINGS[mutation.recording.index(RECORDINGS.len())];
    let mut server = ServerPool::new(ServerConfig::new(Carrier::Push));
    let now = Instant::now();
    for (at, step) in steps.iter().enumerate() {
        match &step.what {
            What::Command(pipeline) => {
                let first = Bytes::new();
                let pipeline = *pipeline;
                server.handle_input(now, ServerInput::OpenPipeline { pipeline, first });
            }
            What::Data {
                target,
                stream,
                payload,
                ..
            } if step.from_client => {
                for payload in mutation.apply(at, steps.len(), payload) {
                    let (target, stream) = (*target, *stream);
                    server.handle_input(
                        now,
                        ServerInput::Data {
                            target,
                            stream,
                            payload,
                        },
                    );
                }
            }
            What::Close(Target::Pipeline(pipeline)) => {
                let pipeline = *pipeline;
                server.handle_input(now, ServerInput::ClosePipeline { pipeline });
            }
            _ => {}
        }
        while let Some(event) = server.poll_event() {
            if let ServerEvent::OpenRequested { .. } = event {
                let data = ApplicationPrivateData { data: Value::Null };
                // Too late when what came after has broken the pool.
                let _ = server.opened(data);
            }
        }
        while server.poll_transmit(32_768).is_some() {}
    }
    server.handle_input(now, ServerInput::EndOfStream);
    // Pipelines that nobody stops are given up.
    while let Some(timeout) = server.poll_timeout() {
        server.handle_timeout(timeout);
    }
    assert!(server.state().is_final());
}

proptest! {
    #[test]
    fn a_client_survives_any_change_of_what_a_server_said(mutation in mutation()) {
        play_to_client(&mutation);
    }

    #[test]
    fn a_server_survives_any_change_of_what_a_client_said(mutation in mutation()) {
        play_to_server(&mutation);
    }
}
