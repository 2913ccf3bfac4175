//! Recordings of real clients and servers: each core, put in the place of one of them, does what
//! that one did.

use std::{collections::BTreeMap, path::Path, time::Instant};

use bytes::Bytes;
use psrp_codec::{
    ApplicationPrivateData, CreatePipeline, Decode, EncryptedSessionKey, Fragment,
    GetCommandMetadata, HostCall, HostResponse, InitRunspacePool, Limits, MessageKind,
    OwnedMessage, PipelineId, PipelineStateInfo, PublicKey, Reassembler, RunspaceAvailability,
    SessionCapability, UserEvent, Value,
    message::{AvailabilityResponse, SetMaxRunspaces, SetMinRunspaces},
    out_of_process::{LinePacket, LinePacketKind, LineStream},
};
use runspace::{
    Carrier, ClientConfig, ClientEvent, ClientPool, Ending, Input, OutputStream, PoolState,
    ProtocolVersion, ServerConfig, ServerInput, ServerPool, ServerTransmit, SizeChange, Stream,
    Target, Transmit,
    session_key::{ClientKeys, CryptoError, ServerKeys, SessionCipher},
};
use zeroize::Zeroizing;

/// One packet of a recording, with the messages that end in it.
struct Step {
    from_client: bool,
    what: What,
}

enum What {
    Data {
        target: Target,
        stream: Stream,
        payload: Bytes,
        messages: Vec<OwnedMessage>,
    },
    DataAck(Target),
    Command(PipelineId),
    Signal(PipelineId),
    SignalAck(PipelineId),
    Close(Target),
    CloseAck(Target),
    EndOfFile,
}

fn recordings() -> Vec<(String, Vec<Step>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/exchanges");
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    names.sort();
    assert!(names.len() > 15);
    let read = |path: &std::path::PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let steps = steps(&std::fs::read_to_string(path).unwrap());
        (name, steps)
    };
    names.iter().map(read).collect()
}

fn steps(recording: &str) -> Vec<Step> {
    let mut reassemblers: BTreeMap<(bool, Target, Stream), Reassembler> = BTreeMap::new();
    let mut steps = Vec::new();
    for line in recording.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let text = line["line"].as_str().unwrap();
        let from_client = match line["from"].as_str().unwrap() {
            "client" => true,
            "server" => false,
            _ => continue,
        };
        if text == "<end of file>" {
            steps.push(Step {
                from_client,
                what: What::EndOfFile,
            });
            continue;
        }
        let Ok(packet) = LinePacket::parse(text.as_bytes(), &Limits::default()) else {
            continue; // An error line.
        };
        let target = Target::from(packet.pipeline);
        let pipeline = packet.pipeline;
        let what = match packet.kind {
            LinePacketKind::Data { stream, payload } => {
                let stream = match stream {
                    LineStream::PromptResponse => Stream::PromptResponse,
                    _ => Stream::Default,
                };
                let payload = Bytes::from(payload.decode().unwrap());
                let reassembler = reassemblers
                    .entry((from_client, target, stream))
                    .or_default();
                let mut rest = payload.clone();
                let mut messages = Vec::new();
                while let Some(message) = reassembler.push(&mut rest).unwrap() {
                    messages.push(OwnedMessage::decode(&message).unwrap());
                }
                What::Data {
                    target,
                    stream,
                    payload,
                    messages,
                }
            }
            LinePacketKind::DataAck => What::DataAck(target),
            LinePacketKind::Command => What::Command(pipeline.unwrap()),
            LinePacketKind::CommandAck => continue,
            LinePacketKind::Signal => What::Signal(pipeline.unwrap()),
            LinePacketKind::SignalAck => What::SignalAck(pipeline.unwrap()),
            LinePacketKind::Close => What::Close(target),
            LinePacketKind::CloseAck => What::CloseAck(target),
        };
        steps.push(Step { from_client, what });
    }
    steps
}

/// What was said to whom: kind and data of every message, in order for each target.
type Said = BTreeMap<Target, Vec<(MessageKind, Bytes)>>;

/// What one side said in the recording.
fn recorded(steps: &[Step], from_client: bool) -> Said {
    let mut said = Said::new();
    for step in steps.iter().filter(|step| step.from_client == from_client) {
        if let What::Data {
            target, messages, ..
        } = &step.what
        {
            // psrpcore sends a null input under the wrong name; servers pass it over.
            let is_its_own =
                |message: &&OwnedMessage| !from_client || OutputStream::of(message.kind).is_none();
            let messages = messages.iter().filter(is_its_own);
            let entry = said.entry(*target).or_default();
            entry.extend(messages.map(|message| (message.kind, message.data.clone())));
        }
    }
    said
}

/// Collects what a core says.
#[derive(Default)]
struct Listener {
    reassemblers: BTreeMap<(Target, Stream), Reassembler>,
    said: Said,
}

impl Listener {
    fn hear(&mut self, target: Target, stream: Stream, mut payload: Bytes) {
        // No fragment goes on in the next payload.
        let mut rest = &payload[..];
        while !rest.is_empty() {
            rest = Fragment::decode(rest).unwrap().1;
        }
        let reassembler = self.reassemblers.entry((target, stream)).or_default();
        while let Some(message) = reassembler.push(&mut payload).unwrap() {
            let message = OwnedMessage::decode(&message).unwrap();
            let said = self.said.entry(target).or_default();
            said.push((message.kind, message.data));
        }
    }
}

fn body(message: &OwnedMessage) -> Value {
    match message.encoded().unwrap() {
        Some(encoded) => encoded.decode(&Limits::default()).unwrap(),
        None => Value::Null,
    }
}

/// The first message of this kind that a side sent.
fn first(steps: &[Step], from_client: bool, kind: MessageKind) -> Option<OwnedMessage> {
    steps
        .iter()
        .filter(|step| step.from_client == from_client)
        .find_map(|step| match &step.what {
            What::Data { messages, .. } => messages.iter().find(|each| each.kind == kind).cloned(),
            _ => None,
        })
}

fn version_of(message: &OwnedMessage) -> ProtocolVersion {
    SessionCapability::from_value(&body(message))
        .unwrap()
        .protocol_version
        .into()
}

/// Keys that were recorded: nothing is encrypted here, the messages only have to come and go.
struct RecordedKeys {
    public: Option<PublicKey>,
    session: Option<EncryptedSessionKey>,
}

impl SessionCipher for RecordedKeys {
    fn encrypt(&self, _: &[u8]) -> Result<Vec<u8>, CryptoError> {
        Err(CryptoError("not recorded"))
    }

    fn decrypt(&self, _: &[u8]) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        Err(CryptoError("not recorded"))
    }
}

impl ClientKeys for RecordedKeys {
    fn public_key(&mut self) -> Result<PublicKey, CryptoError> {
        self.public.clone().ok_or(CryptoError("not recorded"))
    }

    fn unwrap_session_key(
        &mut self,
        wrapped: &EncryptedSessionKey,
    ) -> Result<Box<dyn SessionCipher>, CryptoError> {
        assert_eq!(Some(wrapped), self.session.as_ref());
        Ok(Box::new(Self {
            public: None,
            session: None,
        }))
    }
}

impl ServerKeys for RecordedKeys {
    fn wrap_session_key(&mut self, client: &PublicKey) -> Result<EncryptedSessionKey, CryptoError> {
        assert_eq!(Some(client), self.public.as_ref());
        self.session.clone().ok_or(CryptoError("not recorded"))
    }

    fn cipher(&self) -> &dyn SessionCipher {
        self
    }
}

fn keys(steps: &[Step]) -> Box<RecordedKeys> {
    let public = first(steps, true, MessageKind::PublicKey);
    let session = first(steps, false, MessageKind::EncryptedSessionKey);
    Box::new(RecordedKeys {
        public: public.map(|message| PublicKey::from_value(&body(&message)).unwrap()),
        session: session.map(|message| EncryptedSessionKey::from_value(&body(&message)).unwrap()),
    })
}

// ---- The client core in the place of the recorded client ----

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

#[test]
fn a_client_core_hears_what_the_recorded_client_heard() {
    for (name, steps) in recordings() {
        let init = first(&steps, true, MessageKind::InitRunspacePool).unwrap();
        let capability = first(&steps, true, MessageKind::SessionCapability).unwrap();
        let config = ClientConfig::new(InitRunspacePool::from_value(&body(&init)).unwrap())
            .protocol(version_of(&capability))
            .keys(keys(&steps));
        let mut client = Client {
            pool: ClientPool::new(config, init.pool.unwrap()),
            listener: Listener::default(),
            heard: Vec::new(),
            spared: Vec::new(),
            now: Instant::now(),
        };
        for step in &steps {
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
        compare_heard(&name, &steps, &client.heard);
        let mut said = recorded(&steps, true);
        for said in said.values_mut() {
            said.retain(|(_, data)| data.is_empty() || !client.spared.contains(data));
        }
        compare_said(
            &name,
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
    assert_eq!(heard.first(), Some(&ClientEvent::PoolOpened), "{name}");
}

fn compare_said(name: &str, expected: &Said, got: &Said, bytes_too: bool) {
    for (target, expected) in expected {
        let got = got.get(target).map_or(&[][..], |got| got);
        let kinds = |said: &[(MessageKind, Bytes)]| -> Vec<_> {
            said.iter().map(|(kind, _)| kind.to_string()).collect()
        };
        assert_eq!(kinds(got), kinds(expected), "{name} {target:?}");
        if bytes_too {
            for ((kind, got), (_, expected)) in got.iter().zip(expected) {
                let text = |data: &Bytes| String::from_utf8_lossy(data).into_owned();
                assert_eq!(text(got), text(expected), "{name} {target:?} {kind}");
            }
        }
    }
}

// ---- The server core in the place of the recorded server ----

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

#[test]
fn a_server_core_says_what_the_recorded_server_said() {
    for (name, steps) in recordings() {
        let capability = first(&steps, false, MessageKind::SessionCapability).unwrap();
        let config = ServerConfig::new(Carrier::Push)
            .protocol(version_of(&capability))
            .keys(keys(&steps));
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
        let said = recorded(&steps, false);
        compare_said(&name, &said, &server.listener.said, true);
        for expected in &expected_answers {
            assert!(server.answers.contains(expected), "{name}: {expected:?}");
        }
        if first(&steps, false, MessageKind::RunspacePoolState).is_some()
            && server.answers.contains(&ServerTransmit::PoolClosed)
        {
            assert_eq!(server.pool.state(), PoolState::Closed, "{name}");
        }
    }
}
