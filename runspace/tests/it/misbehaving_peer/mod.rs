//! Each rule of the protocol, broken once.

mod client;
mod pipeline;
mod server;

use bytes::{Bytes, BytesMut};
use psrp_codec::{
    CallId, CreatePipeline, Destination, Encode, Message, MessageKind, ObjectId, PipelineId,
    PoolId, SessionCapability, Value, Version, clixml,
    message::{BYTE_ORDER_MARK, SetMaxRunspaces},
    split,
};

use crate::pair::pool_id;

/// A message that somebody else wrote.
#[derive(Clone)]
struct Forged {
    destination: Destination,
    kind: MessageKind,
    pool: Option<PoolId>,
    pipeline: Option<PipelineId>,
    data: Vec<u8>,
}

impl Forged {
    fn to_server(kind: MessageKind, value: &Value) -> Self {
        Self::new(Destination::Server, kind, value)
    }

    fn to_client(kind: MessageKind, value: &Value) -> Self {
        Self::new(Destination::Client, kind, value)
    }

    fn new(destination: Destination, kind: MessageKind, value: &Value) -> Self {
        let mut data = BytesMut::new();
        if !value.is_null() {
            data.extend_from_slice(BYTE_ORDER_MARK);
            clixml::write(value, &mut data);
        }
        Self {
            destination,
            kind,
            pool: Some(pool_id(1)),
            pipeline: None,
            data: data.to_vec(),
        }
    }

    fn of(mut self, pipeline: PipelineId) -> Self {
        self.pipeline = Some(pipeline);
        self
    }

    fn in_pool(mut self, pool: Option<PoolId>) -> Self {
        self.pool = pool;
        self
    }

    fn saying(mut self, xml: &str) -> Self {
        self.data = xml.as_bytes().to_vec();
        self
    }

    fn message(&self) -> BytesMut {
        let mut out = BytesMut::new();
        let message = Message {
            destination: self.destination,
            kind: self.kind,
            pool: self.pool,
            pipeline: self.pipeline,
            data: &self.data,
        };
        message.encode(&mut out);
        out
    }

    fn packet(&self) -> Bytes {
        fragments(&self.message(), usize::MAX)
    }
}

fn fragments(message: &[u8], max_len: usize) -> Bytes {
    let mut out = BytesMut::new();
    for fragment in split(ObjectId::new(1_000).unwrap(), message, max_len) {
        fragment.encode(&mut out);
    }
    out.freeze()
}

fn fragment(object: u64, index: u64, flags: u8, len: u32, blob: &[u8]) -> Bytes {
    let mut out = Vec::new();
    out.extend(object.to_be_bytes());
    out.extend(index.to_be_bytes());
    out.push(flags);
    out.extend(len.to_be_bytes());
    out.extend(blob);
    out.into()
}

/// Bytes that are no stream of fragments, and what is said about them.
fn broken_streams() -> Vec<(Bytes, &'static str)> {
    vec![
        (
            fragment(0, 0, 3, 2, b"hi"),
            "fragment at byte 0: the ObjectId is zero",
        ),
        (
            fragment(1, 0, 0, 2, b"hi"),
            "fragment: a message goes on that has not begun",
        ),
        (
            fragment(1, 5, 3, 2, b"hi"),
            "fragment: the FragmentId is 5 where 0 is due",
        ),
        (
            fragment(1, 0, 3, 2, b"hi"),
            "message header at byte 2: the input ends too early",
        ),
        (
            fragment(1, 0, 3, 0x7fff_ffff, b""),
            "fragment: 2147483668 is over the limit of 10485760 (message_size)",
        ),
        (
            [fragment(1, 0, 1, 2, b"hi"), fragment(2, 1, 2, 2, b"hi")]
                .concat()
                .into(),
            "fragment: the ObjectId is 2 where 1 is due",
        ),
        (
            [fragment(1, 0, 1, 2, b"hi"), fragment(1, 2, 2, 2, b"hi")]
                .concat()
                .into(),
            "fragment: the FragmentId is 2 where 1 is due",
        ),
        (
            [fragment(1, 0, 1, 2, b"hi"), fragment(2, 0, 3, 2, b"hi")]
                .concat()
                .into(),
            "fragment: a message begins before the last one has ended",
        ),
    ]
}

fn capability(major: u32, minor: u32) -> Value {
    SessionCapability::new(Version::new(major, minor)).to_value()
}

fn set_max(max_runspaces: i32) -> Forged {
    let call = SetMaxRunspaces {
        max_runspaces,
        call: CallId::FIRST,
    };
    Forged::to_server(MessageKind::SetMaxRunspaces, &call.to_value())
}

fn create() -> Forged {
    let create = CreatePipeline::script("1");
    Forged::to_server(MessageKind::CreatePipeline, &create.to_value())
}
