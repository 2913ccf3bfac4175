//! A server core in the place of the recorded server.

use std::time::Instant;

use bytes::Bytes;
use psrp_codec::{
    ApplicationPrivateData, HostCall, MessageKind, OwnedMessage, PipelineStateInfo,
    RunspaceAvailability, UserEvent, message::AvailabilityResponse,
};
use runspace::{
    Carrier, OutputStream, PoolState, ProtocolVersion, ServerConfig, ServerInput, ServerPool,
    ServerTransmit, Stream, Target,
};

use super::recording::{
    Listener, Step, What, body, compare_said, first, keys, recorded, version_of,
};

struct Server {
    pool: ServerPool,
    listener: Listener,
    answers: Vec<ServerTransmit>,
    now: Instant,
}

impl Server {
    fn poll(&mut self) {
        while let Some(transmit) = self.pool.poll_transmit(32_768) {
            match transmit {
                ServerTransmit::Data { target, payload } => {
                    self.listener.hear(target, Stream::Default, payload);
                }
                answer => self.answers.push(answer),
            }
        }
        while self.pool.poll_event().is_some() {}
    }

    /// Says what the recorded application said when its server sent this.
    fn say(&mut self, message: &OwnedMessage) {
        let pipeline = message.pipeline;
        match message.kind {
            MessageKind::ApplicationPrivateData => {
                let data = ApplicationPrivateData::from_value(&body(message)).unwrap();
                self.pool.opened(data).unwrap();
            }
            MessageKind::PipelineState => {
                let info = PipelineStateInfo::from_value(&body(message)).unwrap();
                self.pool.pipeline_ended(pipeline.unwrap(), &info).unwrap();
            }
            MessageKind::PipelineHostCall | MessageKind::RunspacePoolHostCall => {
                let call = HostCall::from_value(&body(message)).unwrap();
                self.pool
                    .host_call(Target::from(pipeline), call.request)
                    .unwrap();
            }
            MessageKind::UserEvent => {
                let event = UserEvent::from_value(&body(message)).unwrap();
                self.pool.user_event(&event).unwrap();
            }
            MessageKind::RunspaceAvailability => {
                let answer = RunspaceAvailability::from_value(&body(message)).unwrap();
                if let AvailabilityResponse::Done(done) = answer.response {
                    // Only a reset is the application's to answer.
                    let _ = self.pool.reset_done(answer.call, done);
                }
            }
            kind => {
                if let Some(stream) = OutputStream::of(kind) {
                    let value = message.encoded().unwrap();
                    self.pool
                        .encoded_output(pipeline.unwrap(), stream, value.as_ref())
                        .unwrap();
                }
            }
        }
        self.poll();
    }
}

/// Plays the recorded client to a server core, whose application says what the recorded one said.
///
/// # Panics
/// When the core says anything else.
pub(crate) fn play(name: &str, steps: &[Step]) {
    // Some recorded servers went before they said a word.
    let capability = first(steps, false, MessageKind::SessionCapability);
    let config = ServerConfig::new(Carrier::Push)
        .protocol(capability.map_or(ProtocolVersion::V2_3, |message| version_of(&message)))
        .keys(keys(steps));
    let mut server = Server {
        pool: ServerPool::new(config),
        listener: Listener::default(),
        answers: Vec::new(),
        now: Instant::now(),
    };
    let mut expected_answers = Vec::new();
    for (at, step) in steps.iter().enumerate() {
        let input = match (&step.what, step.from_client) {
            (What::Data { messages, .. }, false) => {
                messages.iter().for_each(|message| server.say(message));
                continue;
            }
            (What::SignalAck(pipeline), false) => {
                let pipeline = *pipeline;
                expected_answers.push(ServerTransmit::Signalled { pipeline });
                continue;
            }
            (What::CloseAck(Target::Pipeline(pipeline)), false) => {
                let pipeline = *pipeline;
                expected_answers.push(ServerTransmit::PipelineClosed { pipeline });
                continue;
            }
            (
                What::Data {
                    target,
                    stream,
                    payload,
                    ..
                },
                true,
            ) => ServerInput::Data {
                target: *target,
                stream: *stream,
                payload: payload.clone(),
            },
            (What::Command(pipeline), true) => ServerInput::OpenPipeline {
                pipeline: *pipeline,
                first: Bytes::new(),
            },
            (What::Signal(pipeline), true) => ServerInput::Signal {
                pipeline: *pipeline,
            },
            (What::Close(Target::Pool), true) => ServerInput::ClosePool,
            (What::Close(Target::Pipeline(pipeline)), true) => ServerInput::ClosePipeline {
                pipeline: *pipeline,
            },
            // Some recordings end here, and what the server still said is not in them.
            (What::EndOfFile, true) if at + 1 == steps.len() => continue,
            (What::EndOfFile, true) => ServerInput::EndOfStream,
            _ => continue,
        };
        server.pool.handle_input(server.now, input);
        server.poll();
    }
    let said = recorded(steps, false);
    compare_said(name, &said, &server.listener.said, true);
    for expected in &expected_answers {
        assert!(server.answers.contains(expected), "{name}: {expected:?}");
    }
    if first(steps, false, MessageKind::RunspacePoolState).is_some()
        && server.answers.contains(&ServerTransmit::PoolClosed)
    {
        assert_eq!(server.pool.state(), PoolState::Closed, "{name}");
    }
}
