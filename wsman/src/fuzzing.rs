//! Oracles for fuzz targets, which ordinary tests feed too.

use bytes::Bytes;

use crate::message::Message;
use crate::soap::EnvelopeLimits;

/// What can be read can be written, and what we write reads as the same.
///
/// # Panics
///
/// When that is not so.
pub fn envelope_round_trip(data: &[u8]) {
    let read = Message::decode(&Bytes::copy_from_slice(data), &limits());
    if let Some(by_turns) = streams_by_turns(data) {
        let each = Message::decode(&by_turns.into(), &EnvelopeLimits::default());
        assert_eq!(
            read.as_ref().ok().map(Message::encode),
            each.as_ref().ok().map(Message::encode),
            "streams that are alike are read as each by itself"
        );
    }
    let Ok(message) = read else {
        return;
    };
    let written = message.encode();
    // Namespaces and escapes can make it longer than what was read.
    let again =
        Message::decode(&written, &EnvelopeLimits::default()).expect("what we write can be read");
    assert_eq!(again.encode(), written, "what we write reads as the same");
}

fn limits() -> EnvelopeLimits {
    EnvelopeLimits {
        size: 256 * 1024,
        ..EnvelopeLimits::default()
    }
}

/// The same envelope with a second space in every second start tag of a stream, so that no two
/// neighbours are alike to the letter. `None` where such a tag could be mere text.
fn streams_by_turns(data: &[u8]) -> Option<Vec<u8>> {
    const START: &[u8] = b"<rsp:Stream ";
    if data.len() > limits().size || memchr::memmem::find(data, b"<!").is_some() {
        return None;
    }
    let mut by_turns = Vec::with_capacity(data.len());
    let mut copied = 0;
    for (index, at) in memchr::memmem::find_iter(data, START).enumerate() {
        let end = at + START.len();
        by_turns.extend_from_slice(data.get(copied..end)?);
        if index % 2 == 1 {
            by_turns.push(b' ');
        }
        copied = end;
    }
    by_turns.extend_from_slice(data.get(copied..)?);
    Some(by_turns)
}
