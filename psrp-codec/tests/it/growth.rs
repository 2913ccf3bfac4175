//! What a hostile peer can make us spend: time and memory grow with the input, and no faster.

mod by_reference;
mod shapes;

use std::hint::black_box;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use psrp_codec::{
    Decode, Destination, Encoded, Limits, Message, MessageKind, Reassembler,
    clixml::{self, Document, Node, Tape},
    explain::{ExplainOptions, explain},
    from_value,
    message::CommandMetadata,
    out_of_process::LinePacket,
};

use by_reference::{MESSAGES, SHARED};
use shapes::{CAPTURES, LINES, Make, OUTPUTS, STREAMS, VALUES, fragments};

/// Something that is done with input from a peer.
type Use = fn(&[u8]);

/// Every pair of a shape and something to do with it.
fn pairs() -> Vec<(String, Make, Use)> {
    let mut pairs: Vec<(String, Make, Use)> = Vec::new();
    let mut add = |shapes: &[(&str, Make)], how: &str, each: Use| {
        for (name, make) in shapes {
            pairs.push((format!("{name}, {how}"), *make, each));
        }
    };
    add(VALUES, "seen in place", in_place);
    add(VALUES, "one property looked up", looked_up);
    add(VALUES, "read and written", owned);
    add(VALUES, "in a document", document);
    add(VALUES, "as each kind of message", bodies);
    add(VALUES, "explained", account);
    add(SHARED, "read and written", owned);
    add(SHARED, "explained", account);
    add(MESSAGES, "as each kind of message", bodies);
    add(MESSAGES, "explained", account);
    add(STREAMS, "in one packet", reassembled);
    add(STREAMS, "byte by byte", reassembled_bytewise);
    add(STREAMS, "explained", account);
    add(LINES, "as packets", packets);
    add(LINES, "explained", account);
    add(OUTPUTS, "as documents", documents);
    add(OUTPUTS, "explained", account);
    add(CAPTURES, "explained", account);
    pairs
}

fn in_place(xml: &[u8]) {
    fn walk(node: Node<'_>) {
        let _ = (node.name(), node.text(), node.ref_id(), node.target());
        let _ = (node.scalar(), node.to_string_text(), node.content());
        let _ = node.type_names().and_then(|mut names| names.next());
        let _ = (node.entries().count(), node.items().count());
        let _ = (node.get("nobody"), node.properties().count());
        node.children().for_each(walk);
    }
    let mut tape = Tape::default();
    if let Ok(root) = tape.parse(xml, &limits()) {
        walk(root);
    }
}

fn looked_up(xml: &[u8]) {
    let encoded = Encoded::new(Bytes::copy_from_slice(xml));
    for name in ["a", "nobody"] {
        let _ = encoded.get(name, &mut Tape::default(), &limits());
    }
}

fn owned(xml: &[u8]) {
    if let Ok(value) = clixml::read(xml, &limits()) {
        let mut out = BytesMut::new();
        clixml::write(&value, &mut out);
        let _ = from_value::<serde_json::Value>(&value);
        let _ = from_value::<Vec<String>>(&value);
    }
}

fn document(xml: &[u8]) {
    const START: &[u8] =
        b"<Objs Version=\"1.1.0.1\" xmlns=\"http://schemas.microsoft.com/powershell/2004/04\">";
    if let Ok(document) = Document::read(&[START, xml, b"</Objs>"].concat(), &limits()) {
        let mut out = BytesMut::new();
        document.write_stream(&mut out);
    }
}

fn documents(output: &[u8]) {
    let _ = Document::read_stream(output, &limits());
    let _ = Document::read(output, &limits());
}

/// Those that take a value apart.
fn bodies(xml: &[u8]) {
    for kind in [
        MessageKind::CreatePipeline,
        MessageKind::ErrorRecord,
        MessageKind::PipelineHostCall,
        MessageKind::ApplicationPrivateData,
    ] {
        let mut wire = BytesMut::new();
        Message::new(Destination::Client, kind).encode_with_clixml(xml, &mut wire);
        if let Ok((message, _)) = Message::decode(&wire) {
            let _ = black_box(message.body(&limits()));
        }
    }
    if let Ok(value) = clixml::read(xml, &limits()) {
        let _ = black_box(CommandMetadata::from_value(&value));
    }
}

fn reassembled(stream: &[u8]) {
    let mut received = Bytes::copy_from_slice(stream);
    let mut reassembler = Reassembler::default();
    while let Ok(Some(message)) = reassembler.push(&mut received) {
        drop(message);
    }
}

fn reassembled_bytewise(stream: &[u8]) {
    let mut reassembler = Reassembler::default();
    for byte in Bytes::copy_from_slice(stream).chunks(1) {
        if reassembler.push(&mut Bytes::copy_from_slice(byte)).is_err() {
            break;
        }
    }
}

fn packets(lines: &[u8]) {
    let mut rest = lines;
    while let Ok((packet, after)) = LinePacket::parse_first(rest, &limits()) {
        black_box(packet);
        rest = after;
    }
}

fn account(capture: &[u8]) {
    let _ = explain(capture, &ExplainOptions::default());
}

/// The limits of a server, but for one that would end many shapes early.
fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.properties = usize::MAX;
    limits
}

/// Eight times the input is eight times the work where time grows as the input does, and sixty-four
/// times where it grows as its square.
#[cfg(unix)]
#[test]
fn time_grows_with_the_input_and_no_faster() {
    const SMALL: usize = 8 * 1024;
    /// Twice what is due.
    const ALLOWED: u32 = 16;
    const AT_LEAST: Duration = Duration::from_micros(500);
    let mut wrong = Vec::new();
    for (name, make, each) in pairs() {
        let (small, large) = (make(SMALL), make(8 * SMALL));
        let mut best = (Duration::MAX, Duration::MAX);
        // What else the processor did in between goes away when it is measured once more.
        let holds = (0..8).any(|_| {
            for _ in 0..2 {
                best.0 = best.0.min(time_of(each, &small));
            }
            best.1 = best.1.min(time_of(each, &large));
            best.1 <= best.0 * ALLOWED + AT_LEAST
        });
        if !holds {
            let (small, large) = best;
            wrong.push(format!("{name}: {small:?}, then {large:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What it takes of the processor; what others take of it meanwhile does not count.
#[cfg(unix)]
fn time_of(each: Use, input: &[u8]) -> Duration {
    let now = || {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        Duration::try_from(time).unwrap()
    };
    let start = now();
    each(black_box(input));
    now() - start
}

#[test]
fn memory_grows_with_the_input_and_no_faster() {
    /// The smallest element is six bytes and becomes an object.
    const FOR_EACH_BYTE: u64 = 64;
    const AT_LEAST: u64 = 64 * 1024;
    const SIZE: usize = 64 * 1024;
    let mut wrong = Vec::new();
    for (name, make, each) in pairs() {
        let input = make(SIZE);
        let cost = allocation_counter::measure(|| each(&input));
        let allowed = AT_LEAST + FOR_EACH_BYTE * input.len() as u64;
        if cost.bytes_max > allowed {
            let (most, given) = (cost.bytes_max, input.len());
            wrong.push(format!("{name}: {most} bytes for {given}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A length that a header promises is not memory until the bytes are there.
#[test]
fn what_is_promised_is_not_reserved() {
    let mut header = fragments([(1, 0, true, false, 0)].into_iter(), 1);
    header[17..21].copy_from_slice(&9_000_000_u32.to_be_bytes());
    let cost = allocation_counter::measure(|| {
        let mut reassembler = Reassembler::default();
        let mut received = Bytes::copy_from_slice(&header);
        assert_eq!(reassembler.push(&mut received), Ok(None));
    });
    assert!(cost.bytes_max < 1024, "{cost:?}");
}
