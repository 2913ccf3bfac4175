//! The inputs: made by a generator that gives the same bytes every time.

use bytes::{Bytes, BytesMut};
use psrp_codec::{
    Destination, Encode, InformationalRecord, Message, MessageKind, ObjectId, PipelineId, PoolId,
    ProgressRecord, Value, out_of_process, record::InformationalKind, split,
};
use uuid::Uuid;

/// The size that PowerShell cuts fragments to on stream transports.
pub const FRAGMENT_LEN: usize = 32 * 1024;

/// What clients set that want more at once.
pub const LARGE_FRAGMENT_LEN: usize = 150 << 10;

/// Numbers that look random and are the same on every run.
#[derive(Clone, Debug)]
pub struct Numbers(u64);

impl Numbers {
    /// The sequence that belongs to `seed`.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number below `limit`.
    pub fn below(&mut self, limit: u64) -> u64 {
        // SplitMix64: a few instructions, and good enough for lengths and letters.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit.max(1)
    }
}

/// A message that carries a string, `len` bytes in all.
///
/// # Panics
/// When `len` does not hold the header and an empty string.
#[must_use]
pub fn string_message(len: usize) -> Bytes {
    let around = Message::HEADER_LEN + 3 /* byte order mark */ + "<S></S>".len();
    let text = "x".repeat(len - around);
    let mut out = BytesMut::new();
    header(MessageKind::PipelineOutput).encode_with_value(&Value::from(text), &mut out);
    out.freeze()
}

/// The fragments of `messages`, one after the other.
#[must_use]
pub fn fragmented(messages: &[Bytes]) -> Bytes {
    let mut out = BytesMut::new();
    let mut object = ObjectId::FIRST;
    for message in messages {
        for fragment in split(object, message, FRAGMENT_LEN) {
            fragment.encode(&mut out);
        }
        object = object.next();
    }
    out.freeze()
}

/// About `total` bytes of fragments: half of them in messages of up to 24 KiB, which take one
/// fragment, half in messages of 100 KB to 500 KB.
#[must_use]
pub fn mixed_fragments(total: usize) -> Bytes {
    let mut numbers = Numbers::new(1);
    let (mut messages, mut small, mut large) = (Vec::new(), 0, 0);
    while small + large < total {
        let len = if small <= large {
            let len = 200 + numbers.below(24 * 1024 - 200) as usize;
            small += len;
            len
        } else {
            let len = 100_000 + numbers.below(400_000) as usize;
            large += len;
            len
        };
        messages.push(string_message(len));
    }
    fragmented(&messages)
}

/// About `total` bytes of fragments of messages of `len` bytes.
#[must_use]
pub fn fragments_of(len: usize, total: usize) -> Bytes {
    let count = total.div_ceil(len).max(1);
    fragmented(&vec![string_message(len); count])
}

/// The smallest fragments: `count` of them, with a byte each.
#[must_use]
pub fn tiny_fragments(count: u64) -> Bytes {
    let mut out = BytesMut::new();
    let mut object = ObjectId::FIRST;
    for _ in 0..count {
        for fragment in split(object, b"x", FRAGMENT_LEN) {
            fragment.encode(&mut out);
        }
        object = object.next();
    }
    out.freeze()
}

/// A line of a stream transport that carries `len` bytes.
#[must_use]
pub fn line(len: usize) -> Vec<u8> {
    let mut line = Vec::new();
    let bytes = string_message(len);
    out_of_process::write_data(out_of_process::LineStream::Default, None, &bytes, &mut line);
    line
}

/// A PROGRESS_RECORD message.
#[must_use]
pub fn progress_message() -> Bytes {
    let record = ProgressRecord {
        percent_complete: 42,
        current_operation: Some("file-00042.txt".into()),
        ..ProgressRecord::new("Copying", 7, "42 of 100")
    };
    let mut out = BytesMut::new();
    header(MessageKind::ProgressRecord).encode_with_value(&record.to_value(), &mut out);
    out.freeze()
}

/// A WARNING_RECORD message.
#[must_use]
pub fn warning_message() -> Bytes {
    let record = InformationalRecord::new("The names of some imported commands are unapproved.");
    let mut out = BytesMut::new();
    let value = record.to_value(InformationalKind::Warning);
    header(MessageKind::WarningRecord).encode_with_value(&value, &mut out);
    out.freeze()
}

fn header(kind: MessageKind) -> Message<'static> {
    let pool = PoolId::new(Uuid::from_u128(1)).expect("it is not zero");
    let pipeline = PipelineId::new(Uuid::from_u128(2)).expect("it is not zero");
    Message::new(Destination::Client, kind)
        .in_pool(pool)
        .of_pipeline(pipeline)
}
