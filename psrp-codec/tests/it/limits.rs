//! Every ceiling of [`Limits`] at its edge: what is as large as allowed is read, and one more is
//! refused with an error that names the ceiling.

use bytes::{Bytes, BytesMut};
use psrp_codec::{
    Decode, DecodeError, DecodeErrorKind, Encode, Encoded, Limits, Message, MessageKind, ObjectId,
    Reassembler,
    clixml::{self, Document, Node, Reader, Tape},
    out_of_process::{LinePacket, LineStream, write_data},
    split,
};

/// One ceiling, and an input that needs exactly `needs` of it.
struct Row {
    /// The field of [`Limits`], which is also what the error says.
    name: &'static str,
    set: fn(&mut Limits, usize),
    input: Input,
    needs: usize,
}

enum Input {
    /// One value, which every way to read CLIXML is given.
    Clixml(&'static str),
    /// The fragments of one message after another.
    Fragments(&'static [usize]),
    Line,
}

const ROWS: &[Row] = &[
    Row {
        name: "message_size",
        set: |limits, to| limits.message_size = to,
        input: Input::Clixml("<S>0123456789</S>"),
        needs: 17,
    },
    Row {
        name: "message_size",
        set: |limits, to| limits.message_size = to,
        input: Input::Fragments(&[100]),
        // Headers count, as they do in PowerShell.
        needs: 2 * 21 + 100,
    },
    Row {
        name: "total_size",
        set: |limits, to| limits.total_size = Some(to as u64),
        input: Input::Fragments(&[60, 60, 60]),
        needs: 3 * (21 + 60),
    },
    Row {
        name: "nesting",
        set: |limits, to| limits.nesting = to,
        input: Input::Clixml(
            "<Obj><LST><Obj><LST><Obj><MS><Nil N=\"a\"/></MS></Obj></LST></Obj></LST></Obj>",
        ),
        needs: 4,
    },
    Row {
        name: "nesting",
        set: |limits, to| limits.nesting = to,
        input: Input::Clixml(
            "<Obj><DCT><En><Obj N=\"Key\"><LST><Nil/></LST></Obj><S N=\"Value\"/></En></DCT></Obj>",
        ),
        needs: 3,
    },
    Row {
        name: "depth",
        set: |limits, to| limits.depth = to,
        // What holds no elements does not count.
        input: Input::Clixml(
            "<Obj><LST><Obj><LST><Obj><MS><Nil N='a'/></MS></Obj></LST></Obj></LST></Obj>",
        ),
        needs: 6,
    },
    Row {
        name: "depth",
        set: |limits, to| limits.depth = to,
        input: Input::Clixml("<Nil><a><b><c></c></b></a></Nil>"),
        needs: 4,
    },
    Row {
        name: "attributes",
        set: |limits, to| limits.attributes = to,
        input: Input::Clixml("<S a='' b='' c='' d=''/>"),
        needs: 4,
    },
    Row {
        name: "attributes",
        set: |limits, to| limits.attributes = to,
        // Those that are known do not count, wherever they stand and however they are written.
        input: Input::Clixml("<Obj a='' Version='' N = \"\"  RefId='0' b='' S=\"\"/>"),
        needs: 2,
    },
    Row {
        name: "attributes",
        set: |limits, to| limits.attributes = to,
        // The third declaration comes when the second does not hold any more.
        input: Input::Clixml(
            "<Nil xmlns:a='urn:a'><b xmlns:c='urn:c'/><b xmlns:d='urn:d'></b></Nil>",
        ),
        needs: 2,
    },
    Row {
        name: "nodes",
        set: |limits, to| limits.nodes = to,
        input: Input::Clixml("<Obj><LST><I32>1</I32><I32>2</I32><Nil/><S/></LST></Obj>"),
        needs: 6,
    },
    Row {
        name: "references",
        set: |limits, to| limits.references = to,
        input: Input::Clixml(
            "<Obj RefId='0'><LST><Obj RefId='1'/><Obj RefId='2'/><Obj RefId='3'/></LST></Obj>",
        ),
        needs: 4,
    },
    Row {
        name: "references",
        set: |limits, to| limits.references = to,
        input: Input::Clixml(
            "<Obj><LST><Obj><TN RefId='0'><T>a</T></TN></Obj><Obj><TN RefId='1'><T>b</T></TN></Obj></LST></Obj>",
        ),
        needs: 2,
    },
    Row {
        name: "properties",
        set: |limits, to| limits.properties = to,
        input: Input::Clixml(
            "<Obj><Props><Nil N='a'/><Nil N='b'/></Props><MS><Nil N='c'/><Nil N='d'/><Nil N='e'/></MS></Obj>",
        ),
        needs: 5,
    },
    Row {
        name: "text_size",
        set: |limits, to| limits.text_size = to,
        input: Input::Clixml("<S>0123456789</S>"),
        needs: 10,
    },
    Row {
        name: "text_size",
        set: |limits, to| limits.text_size = to,
        // As written: an escape is seven bytes, an entity five.
        input: Input::Clixml("<Obj><LST><S>_x0041_&amp;</S><S>a</S></LST></Obj>"),
        needs: 12,
    },
    Row {
        name: "blob_size",
        set: |limits, to| limits.blob_size = to,
        input: Input::Clixml("<BA>MDEyMzQ1Njc4OQ==</BA>"),
        needs: 10,
    },
    Row {
        name: "blob_size",
        set: |limits, to| limits.blob_size = to,
        input: Input::Clixml("<BA>MDEy\nMzQ1\n Njc4 </BA>"),
        needs: 9,
    },
    Row {
        name: "line_size",
        set: |limits, to| limits.line_size = to,
        input: Input::Line,
        needs: 84,
    },
];

type Read = Result<(), DecodeError>;

/// Reads the input in every way there is for it.
fn read(input: &Input, limits: &Limits) -> Vec<(&'static str, Read)> {
    match input {
        Input::Clixml(xml) => read_clixml(xml, limits),
        Input::Fragments(messages) => vec![("Reassembler", read_fragments(messages, limits))],
        Input::Line => {
            let mut line = Vec::new();
            write_data(LineStream::Default, None, b"0123", &mut line);
            line.truncate(line.trim_ascii_end().len());
            let read = LinePacket::parse(&line, limits).map(drop);
            vec![("LinePacket", read)]
        }
    }
}

fn read_clixml(xml: &'static str, limits: &Limits) -> Vec<(&'static str, Read)> {
    let mut tape = Tape::default();
    let in_place = tape.parse(xml.as_bytes(), limits).map(drop);
    let mut look = |look: fn(Node<'_>, &Limits) -> Read| {
        let root = tape.parse(xml.as_bytes(), limits)?;
        look(root, limits)?;
        root.descendants().try_for_each(|node| look(node, limits))
    };
    let scalars = look(|node, limits| node.scalar_with(limits).map(drop));
    let values = look(|node, limits| node.to_value_with(limits).map(drop));
    let bytes = look(|node, limits| node.bytes_into(&mut Vec::new(), limits).map(drop));
    let mut wire = BytesMut::new();
    Message::new(psrp_codec::Destination::Client, MessageKind::PipelineOutput)
        .encode_with_clixml(xml.as_bytes(), &mut wire);
    let (message, _) = Message::decode(&wire).unwrap();
    vec![
        (
            "clixml::read",
            clixml::read(xml.as_bytes(), limits).map(drop),
        ),
        (
            "Reader",
            Reader::new(*limits).read(xml.as_bytes()).map(drop),
        ),
        ("Tape", in_place),
        ("Node::scalar_with", scalars),
        ("Node::to_value_with", values),
        ("Node::bytes_into", bytes),
        (
            "Encoded",
            Encoded::new(Bytes::from_static(xml.as_bytes()))
                .decode(limits)
                .map(drop),
        ),
        ("Message", message.value(limits).map(drop)),
    ]
}

/// Messages of these lengths, each in two fragments if it is of a hundred bytes or more.
fn read_fragments(messages: &[usize], limits: &Limits) -> Read {
    let mut stream = BytesMut::new();
    for (length, object) in messages.iter().zip(1..) {
        let message = vec![0; *length];
        for fragment in split(ObjectId::new(object).unwrap(), &message, 21 + 80) {
            fragment.encode(&mut stream);
        }
    }
    let mut received = stream.freeze();
    let mut reassembler = Reassembler::new(limits);
    while reassembler.push(&mut received)?.is_some() {}
    assert!(received.is_empty() && !reassembler.is_mid_message());
    Ok(())
}

#[test]
fn every_ceiling_holds_at_its_edge_and_its_error_says_which_it_was() {
    for row in ROWS {
        let mut limits = Limits::default();
        (row.set)(&mut limits, row.needs);
        for (way, result) in read(&row.input, &limits) {
            assert_eq!(result, Ok(()), "{} at {} by {way}", row.name, row.needs);
        }
        (row.set)(&mut limits, row.needs - 1);
        for (way, result) in read(&row.input, &limits) {
            // In place there is no blob, only its text, until somebody asks a node for it.
            if (row.name, way) == ("blob_size", "Tape") {
                continue;
            }
            let error = result.expect_err(&format!("{} over its edge by {way}", row.name));
            let DecodeErrorKind::TooLarge { what, got, limit } = error.kind() else {
                panic!("{}, {way}: {error}", row.name);
            };
            assert_eq!((*what, *limit), (row.name, row.needs as u64 - 1), "{way}");
            assert!(*got > *limit, "{way}: {error}");
            assert!(
                error.to_string().ends_with(&format!("({})", row.name)),
                "{error}"
            );
        }
    }
}

/// A new ceiling needs a row.
#[test]
fn every_ceiling_there_is_has_a_row() {
    let fields = format!("{:#?}", Limits::default());
    let fields = fields
        .lines()
        .filter_map(|line| line.trim().split_once(": "));
    let mut count = 0;
    for (field, _) in fields {
        assert!(ROWS.iter().any(|row| row.name == field), "{field}");
        count += 1;
    }
    assert_eq!(count, 11);
}

/// The ceilings that keep the stack from ending hold whatever the limits say.
#[test]
fn no_limit_lets_a_value_nest_until_the_stack_ends() {
    let mut limits = Limits::default();
    (limits.nesting, limits.depth) = (usize::MAX, usize::MAX);
    let deep = "<Obj><LST>".repeat(100_000);
    let error = clixml::read(deep.as_bytes(), &limits).unwrap_err();
    assert!(error.to_string().ends_with("(nesting)"), "{error}");
    let deep = format!("<Nil>{}", "<a>".repeat(100_000));
    let error = clixml::read(deep.as_bytes(), &limits).unwrap_err();
    assert!(error.to_string().ends_with("(depth)"), "{error}");
    let document = format!(
        "<Objs Version=\"1.1.0.1\" xmlns=\"http://schemas.microsoft.com/powershell/2004/04\">{}",
        "<Obj><LST>".repeat(100_000)
    );
    let error = Document::read(document.as_bytes(), &limits).unwrap_err();
    assert!(error.to_string().ends_with("(nesting)"), "{error}");
}
