//! The paths through our crates that are measured, each as one pass over its input.

use std::hint::black_box;

use bytes::{Bytes, BytesMut};
use psrp_codec::clixml::{self, Kind, Node, Reader, Tape};
use psrp_codec::{Decode, Fragment, Limits, Message, Reassembler, Value};

/// Limits that hold the largest input as one message.
#[must_use]
pub fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.message_size = 64 << 20;
    limits
}

/// Reads the header of each fragment.
#[must_use]
pub fn headers(wire: &[u8]) -> usize {
    let mut rest = black_box(wire);
    let mut blobs = 0;
    while let Ok((fragment, after)) = Fragment::decode(rest) {
        blobs += fragment.blob.len();
        rest = after;
    }
    blobs
}

/// Joins fragments to messages.
pub fn reassemble(reassembler: &mut Reassembler, mut received: Bytes) -> usize {
    let mut bytes = 0;
    while let Ok(Some(message)) = reassembler.push(&mut received) {
        bytes += black_box(message).len();
    }
    bytes
}

/// Reads the structure of each message; text is left where it is.
pub fn structure(messages: &[Bytes], tape: &mut Tape, limits: &Limits) {
    for xml in messages {
        black_box(
            tape.parse(black_box(xml), limits)
                .expect("the input is good"),
        );
    }
}

/// Reads each message, and every name and value in it.
pub fn every_value(messages: &[Bytes], tape: &mut Tape, limits: &Limits) {
    for xml in messages {
        values_below(
            tape.parse(black_box(xml), limits)
                .expect("the input is good"),
        );
    }
}

/// Reads each message into something that owns its bytes and can be kept.
pub fn compact(messages: &[Bytes], reader: &mut Reader) {
    for xml in messages {
        black_box(
            reader
                .keep(black_box(xml.clone()))
                .expect("the input is good"),
        );
    }
}

/// Reads each message into a tree of values that owns everything.
pub fn tree(messages: &[Bytes], reader: &mut Reader) {
    for xml in messages {
        black_box(reader.read(black_box(xml)).expect("the input is good"));
    }
}

/// Writes each value.
pub fn encode(values: &[Value], out: &mut BytesMut) -> usize {
    out.clear();
    for value in values {
        clixml::write(black_box(value), out);
    }
    out.len()
}

/// From packets of fragments to the structure of every message, which `look` is shown. Nothing is
/// copied on the way.
///
/// # Panics
/// When the packets are not what we wrote.
pub fn pipeline(
    packets: &[Bytes],
    reassembler: &mut Reassembler,
    tape: &mut Tape,
    limits: &Limits,
    mut look: impl FnMut(Node<'_>),
) -> usize {
    let mut count = 0;
    for packet in packets {
        let received = &mut &packet[..];
        while let Some(wire) = (reassembler.push_borrowed(received)).expect("the input is good") {
            let (message, _) = Message::decode(wire).expect("the input is good");
            let xml = message.clixml().expect("the input is good");
            let xml = xml.unwrap_or_default();
            look(tape.parse(xml, limits).expect("the input is good"));
            count += 1;
        }
    }
    count
}

/// Reads every name and value of `node` and what is below it.
///
/// # Panics
/// When a value is not what its element says.
pub fn values_below(node: Node<'_>) {
    name_and_value(node);
    node.descendants().for_each(name_and_value);
}

#[inline(always)]
fn name_and_value(node: Node<'_>) {
    if let Some(name) = node.name() {
        black_box(name.as_str());
    }
    match node.kind() {
        Kind::ToString | Kind::TypeName => {
            black_box(&node.text());
        }
        _ => {
            black_box(&node.scalar().expect("the input is good"));
        }
    }
}
