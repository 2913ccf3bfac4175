//! What must hold for any bytes at all: the oracles of the fuzz targets, which ordinary tests feed
//! too.

mod against_quick_xml;
mod wire;

pub use against_quick_xml::{bare_against_quick_xml, clixml_against_quick_xml};
pub use wire::{
    explain_anything, fragment_round_trip, line_packet_round_trip, message_round_trip, reassembly,
};

use bytes::{Bytes, BytesMut};

use crate::clixml::{self, Document, Kind, Node, Tape};
use crate::{Encoded, Limits, Value};

/// What reads, can be written; and what we write, we read and write again as the same bytes.
pub fn clixml_round_trip(data: &[u8]) {
    let limits = small_limits();
    clixml_shortcuts(data);
    clixml_lookup(data);
    let mut tape = Tape::default();
    let structure = tape.parse(data, &limits).map(walk);
    let read = clixml::read(data, &limits);
    let value = match read {
        Ok(value) => value,
        Err(error) => {
            assert!(
                error.offset().is_none_or(|at| at <= data.len()),
                "an error outside the input: {error}"
            );
            return;
        }
    };
    assert!(
        structure.is_ok(),
        "what is read whole is also read in place"
    );
    let first = written(&value);
    // Escapes can make the text longer than it came, so the way back has no ceiling.
    let again = clixml::read(&first, &Limits::default()).expect("we wrote it");
    assert_eq!(written(&again), first);
}

/// What is taken by the form that PowerShell writes it in is what is seen by asking all the rules
/// for each tag.
pub fn clixml_shortcuts(data: &[u8]) {
    Tape::read_every_way(data, &small_limits());
    let few = Limits {
        properties: 3,
        nodes: 12,
        nesting: 3,
        depth: 6,
        text_size: 70,
        ..Limits::default()
    };
    Tape::read_every_way(data, &few);
}

/// A property that is looked for alone is the one that is found in the structure of all.
pub fn clixml_lookup(data: &[u8]) {
    const NAMES: [&str; 5] = ["Name", "a", "N", "__x_", "no such property"];
    let limits = small_limits();
    let encoded = Encoded::new(Bytes::copy_from_slice(data));
    let (mut tape, mut other) = (Tape::default(), Tape::default());
    let Ok(root) = tape.parse(data, &limits) else {
        // It may be found all the same.
        for name in NAMES {
            let _ = encoded.get(name, &mut other, &limits);
        }
        return;
    };
    let names = root.descendants().filter_map(Node::name).take(24);
    let names = names.filter_map(|name| Some(name.into_cow()?.into_owned()));
    for name in names.chain(NAMES.map(Into::into)) {
        for name in [name.to_uppercase(), name] {
            let found = root.get(&name).map(Node::to_value).transpose();
            let alone = encoded.get(&name, &mut other, &limits);
            match (alone, found) {
                (Ok(alone), Ok(found)) => assert_eq!(alone, found, "{name}"),
                // `to_value` has no small limits.
                (Err(_), _) => {}
                (Ok(alone), Err(error)) => panic!("{name}: {alone:?}, {error}"),
            }
        }
    }
}

/// [`clixml_round_trip`] for documents.
pub fn clixml_document_round_trip(data: &[u8]) {
    // One document or several, or none: it comes to an end.
    let _ = Document::read_stream(data, &small_limits());
    let data = Document::after_header(data).unwrap_or(data);
    clixml_shortcuts(data);
    let Ok(document) = Document::read(data, &small_limits()) else {
        return;
    };
    let mut first = BytesMut::new();
    document.write(&mut first);
    let again = Document::read(&first, &Limits::default()).expect("we wrote it");
    let mut second = BytesMut::new();
    again.write(&mut second);
    assert_eq!(first, second);
    let mut stream = BytesMut::new();
    document.write_stream(&mut stream);
    assert_eq!(
        Document::read_stream(&stream, &Limits::default()),
        Ok(again)
    );
}

/// Limits that a fuzzer can reach.
fn small_limits() -> Limits {
    Limits {
        message_size: 1 << 16,
        nodes: 1 << 12,
        references: 64,
        properties: 64,
        text_size: 1 << 12,
        blob_size: 1 << 10,
        ..Limits::default()
    }
}

fn written(value: &Value) -> BytesMut {
    let mut out = BytesMut::new();
    clixml::write(value, &mut out);
    out
}

/// Looks at everything that a view can show.
fn walk(node: Node<'_>) {
    let _ = (
        node.name(),
        node.text(),
        node.ref_id(),
        node.to_string_text(),
        node.content(),
    );
    let _ = node.scalar();
    let _ = node.type_names().map(Iterator::count);
    let _ = (
        node.entries().count(),
        node.items().count(),
        node.properties().count(),
    );
    if let Some(target) = node.target() {
        assert!(matches!(target.kind(), Kind::Object | Kind::TypeNames));
    }
    assert!(
        node.get("no such property")
            .is_none_or(|found| found.name().is_some())
    );
    node.children().for_each(walk);
}
