//! A recorded conversation, and what either side said in it.

use std::collections::BTreeMap;

use bytes::Bytes;
use psrp_codec::{
    Decode, EncryptedSessionKey, Fragment, Limits, MessageKind, OwnedMessage, PipelineId,
    PublicKey, Reassembler, SessionCapability, Value,
    out_of_process::{LinePacket, LinePacketKind, LineStream},
};
use runspace::{
    OutputStream, ProtocolVersion, Stream, Target,
    session_key::{ClientKeys, CryptoError, ServerKeys, SessionCipher},
};
use zeroize::Zeroizing;

/// One packet of a recording, with the messages that end in it.
pub(crate) struct Step {
    pub(crate) from_client: bool,
    pub(crate) what: What,
}

pub(crate) enum What {
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

pub(crate) fn steps(recording: &str) -> Vec<Step> {
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
pub(crate) type Said = BTreeMap<Target, Vec<(MessageKind, Bytes)>>;

/// What one side said in the recording.
pub(crate) fn recorded(steps: &[Step], from_client: bool) -> Said {
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
pub(crate) struct Listener {
    reassemblers: BTreeMap<(Target, Stream), Reassembler>,
    pub(crate) said: Said,
}

impl Listener {
    pub(crate) fn hear(&mut self, target: Target, stream: Stream, mut payload: Bytes) {
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

pub(crate) fn body(message: &OwnedMessage) -> Value {
    match message.encoded().unwrap() {
        Some(encoded) => encoded.decode(&Limits::default()).unwrap(),
        None => Value::Null,
    }
}

/// The first message of this kind that a side sent.
pub(crate) fn first(steps: &[Step], from_client: bool, kind: MessageKind) -> Option<OwnedMessage> {
    steps
        .iter()
        .filter(|step| step.from_client == from_client)
        .find_map(|step| match &step.what {
            What::Data { messages, .. } => messages.iter().find(|each| each.kind == kind).cloned(),
            _ => None,
        })
}

pub(crate) fn version_of(message: &OwnedMessage) -> ProtocolVersion {
    SessionCapability::from_value(&body(message))
        .unwrap()
        .protocol_version
        .into()
}

/// Keys that were recorded: nothing is encrypted here, the messages only have to come and go.
pub(crate) struct RecordedKeys {
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

pub(crate) fn keys(steps: &[Step]) -> Box<RecordedKeys> {
    let public = first(steps, true, MessageKind::PublicKey);
    let session = first(steps, false, MessageKind::EncryptedSessionKey);
    Box::new(RecordedKeys {
        public: public.map(|message| PublicKey::from_value(&body(&message)).unwrap()),
        session: session.map(|message| EncryptedSessionKey::from_value(&body(&message)).unwrap()),
    })
}

pub(crate) fn compare_said(name: &str, expected: &Said, got: &Said, bytes_too: bool) {
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
