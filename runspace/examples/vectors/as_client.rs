//! A client core in the place of the recorded client.

use std::{collections::BTreeMap, time::Instant};

use bytes::Bytes;
use psrp_codec::{
    CreatePipeline, GetCommandMetadata, HostResponse, InitRunspacePool, MessageKind, OwnedMessage,
    PipelineId, PipelineStateInfo,
    message::{SetMaxRunspaces, SetMinRunspaces},
};
use runspace::{
    ClientConfig, ClientEvent, ClientPool, Ending, Input, SizeChange, Stream, Target, Transmit,
};

use super::recording::{
    Listener, Step, What, body, compare_said, first, keys, recorded, version_of,
};

struct Client {
    pool: ClientPool,
    listener: Listener,
    heard: Vec<ClientEvent>,
    /// Messages of the recorded client that ours does not need: wishes that make no sense.
    spared: Vec<Bytes>,
    now: Instant,
}

impl Client {
    fn wish(&mut self, change: SizeChange, message: &OwnedMessage) {
        if change == SizeChange::Settled(false) {
            self.spared.push(message.data.clone());
        }
    }

    fn poll(&mut self) {
        while let Some(transmit) = self.pool.poll_transmit(32_768) {
            match transmit {
                Transmit::OpenPool { first } => {
                    self.listener.hear(Target::Pool, Stream::Default, first);
                }
                Transmit::OpenPipeline { pipeline, first } => {
                    let target = Target::Pipeline(pipeline);
                    self.listener.hear(target, Stream::Default, first);
                }
                Transmit::Data {
                    target,
                    stream,
                    payload,
                } => {
                    self.listener.hear(target, stream, payload);
                }
                _ => {}
            }
        }
        while let Some(event) = self.pool.poll_event() {
            self.heard.push(event);
        }
    }

    /// Wants what the recorded client wanted when it sent this.
    fn want(&mut self, message: &OwnedMessage) {
        let now = self.now;
        let pipeline = message.pipeline;
        match message.kind {
            MessageKind::InitRunspacePool => self.pool.open(now).unwrap(),
            MessageKind::CreatePipeline => {
                let create = CreatePipeline::from_value(&body(message)).unwrap();
                self.pool
                    .create_pipeline(pipeline.unwrap(), &create)
                    .unwrap();
            }
            MessageKind::GetCommandMetadata => {
                let request = GetCommandMetadata::from_value(&body(message)).unwrap();
                self.pool
                    .get_command_metadata(pipeline.unwrap(), &request)
                    .unwrap();
            }
            MessageKind::PipelineInput => {
                let value = message.encoded().unwrap();
                self.pool
                    .send_encoded_input(pipeline.unwrap(), value.as_ref())
                    .unwrap();
            }
            MessageKind::EndOfPipelineInput => self.pool.close_input(pipeline.unwrap()).unwrap(),
            MessageKind::PipelineHostResponse | MessageKind::RunspacePoolHostResponse => {
                let response = HostResponse::from_value(&body(message)).unwrap();
                self.pool
                    .answer_host_call(Target::from(pipeline), response.call, response.answer)
                    .unwrap();
            }
            MessageKind::PublicKey => {
                // The core may have been asked for it and answered by itself.
                self.pool.exchange_session_key(now).unwrap();
            }
            MessageKind::SetMaxRunspaces => {
                let call = SetMaxRunspaces::from_value(&body(message)).unwrap();
                let change = self.pool.set_max_runspaces(call.max_runspaces).unwrap();
                self.wish(change, message);
            }
            MessageKind::SetMinRunspaces => {
                let call = SetMinRunspaces::from_value(&body(message)).unwrap();
                let change = self.pool.set_min_runspaces(call.min_runspaces).unwrap();
                self.wish(change, message);
            }
            MessageKind::GetAvailableRunspaces => {
                self.pool.get_available_runspaces().unwrap();
            }
            MessageKind::ResetRunspaceState => {
                self.pool.reset_runspace_state().unwrap();
            }
            _ => {}
        }
        self.poll();
    }
}

/// Plays the recorded server to a client core, which wants what the recorded client wanted.
///
/// # Panics
/// When it hears or says anything else.
pub(crate) fn play(name: &str, steps: &[Step]) {
    let init = first(steps, true, MessageKind::InitRunspacePool).unwrap();
    let capability = first(steps, true, MessageKind::SessionCapability).unwrap();
    let config = ClientConfig::new(InitRunspacePool::from_value(&body(&init)).unwrap())
        .protocol(version_of(&capability))
        .keys(keys(steps));
    let mut client = Client {
        pool: ClientPool::new(config, init.pool.unwrap()),
        listener: Listener::default(),
        heard: Vec::new(),
        spared: Vec::new(),
        now: Instant::now(),
    };
    for step in steps {
        let now = client.now;
        let input = match (&step.what, step.from_client) {
            (What::Data { messages, .. }, true) => {
                messages.iter().for_each(|message| client.want(message));
                continue;
            }
            (What::Signal(pipeline), true) => {
                client.pool.stop(now, *pipeline).unwrap();
                client.poll();
                continue;
            }
            (What::Close(Target::Pool), true) => {
                client.pool.close(now);
                client.poll();
                continue;
            }
            (
                What::Data {
                    target, payload, ..
                },
                false,
            ) => Input::Data {
                target: *target,
                payload: payload.clone(),
            },
            (What::DataAck(target), false) => Input::Accepted { target: *target },
            (What::SignalAck(pipeline), false) => Input::Signalled {
                pipeline: *pipeline,
            },
            (What::CloseAck(Target::Pool), false) => Input::PoolClosed,
            (What::CloseAck(Target::Pipeline(pipeline)), false) => Input::PipelineClosed {
                pipeline: *pipeline,
            },
            (What::EndOfFile, false) => Input::Failed {
                error: "end of file".into(),
            },
            _ => continue,
        };
        client.pool.handle_input(now, input);
        client.poll();
    }
    compare_heard(name, steps, &client.heard);
    let mut said = recorded(steps, true);
    for said in said.values_mut() {
        said.retain(|(_, data)| data.is_empty() || !client.spared.contains(data));
    }
    compare_said(
        name,
        &said,
        &client.listener.said,
        !name.starts_with("psrpcore"),
    );
    let is_end = |step: &Step| match step.what {
        What::Close(Target::Pool) => true,
        What::EndOfFile => !step.from_client,
        _ => false,
    };
    let ends = steps.iter().any(is_end);
    assert_eq!(client.pool.state().is_final(), ends, "{name}");
}

/// Every message of the recorded server, up to the client's close, is one event.
fn compare_heard(name: &str, steps: &[Step], heard: &[ClientEvent]) {
    let mut expected: BTreeMap<PipelineId, Vec<String>> = BTreeMap::new();
    let mut closed = false;
    for step in steps {
        match &step.what {
            What::Close(Target::Pool) => closed = true,
            What::Data { messages, .. } if !step.from_client && !closed => {
                for message in messages {
                    let Some(pipeline) = message.pipeline else {
                        continue;
                    };
                    expected
                        .entry(pipeline)
                        .or_default()
                        .push(match message.kind {
                            MessageKind::PipelineState => {
                                let info = PipelineStateInfo::from_value(&body(message)).unwrap();
                                format!("{:?}", info.state)
                            }
                            kind => kind.to_string(),
                        });
                }
            }
            _ => {}
        }
    }
    let mut got: BTreeMap<PipelineId, Vec<String>> = BTreeMap::new();
    for event in heard {
        let (pipeline, what) = match event {
            ClientEvent::PipelineOutput {
                pipeline, stream, ..
            } => (*pipeline, stream.message_kind().to_string()),
            ClientEvent::HostCall {
                target: Target::Pipeline(pipeline),
                ..
            } => (*pipeline, MessageKind::PipelineHostCall.to_string()),
            ClientEvent::PipelineEnded { pipeline, how } => (
                *pipeline,
                match how {
                    Ending::Completed => "Completed".to_owned(),
                    Ending::Stopped(_) => "Stopped".to_owned(),
                    Ending::Failed(_) => "Failed".to_owned(),
                    Ending::Lost(_) => continue,
                },
            ),
            _ => continue,
        };
        got.entry(pipeline).or_default().push(what);
    }
    for (pipeline, expected) in expected {
        let mut got = got.remove(&pipeline).unwrap_or_default();
        // Closing the pool ended it, where the recorded server had not.
        if got.len() == expected.len() + 1 {
            assert_eq!(got.pop().as_deref(), Some("Stopped"), "{name}");
        }
        assert_eq!(got, expected, "{name} {pipeline}");
    }
    let opens = first(steps, false, MessageKind::RunspacePoolState).is_some();
    let opened = heard.first() == Some(&ClientEvent::PoolOpened);
    assert_eq!(opened, opens, "{name}");
}
