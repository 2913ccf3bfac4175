//! What reading and writing allocate.

use allocation_counter::measure;
use bytes::{Bytes, BytesMut};
use psrp_codec::clixml::{self, Kind, Node, Reader, Tape};
use psrp_codec::{
    DateTime, DateTimeKind, Decimal, Destination, Encode, Encoded, Limits, Message, MessageKind,
    Object, ObjectId, Reassembler, TimeSpan, Value, Version, split,
};
use uuid::Uuid;

/// A process, as `Get-Process` sends it.
fn process(number: i32) -> Value {
    let object = Object::of_type([
        "System.Diagnostics.Process",
        "System.ComponentModel.Component",
        "System.Object",
    ])
    .text(format!("System.Diagnostics.Process (process{number})"))
    .adapted_property("Name", format!("process{number}"))
    .adapted_property("Id", number)
    .adapted_property("WorkingSet64", 1_234_567_i64)
    .adapted_property("CPU", 1.25)
    .adapted_property("Responding", true)
    .adapted_property("MainModule", Value::Null)
    .property("PSComputerName", "localhost");
    object.into()
}

fn sample() -> BytesMut {
    let mut out = BytesMut::new();
    clixml::write(&Value::list((0..100).map(process)), &mut out);
    out
}

fn read_every_value(node: Node<'_>) -> usize {
    let _ = (node.name(), node.scalar().unwrap());
    1 + node.children().map(read_every_value).sum::<usize>()
}

#[test]
fn looking_at_every_value_in_place_allocates_nothing_once_warm() {
    let xml = sample();
    let (mut tape, limits) = (Tape::default(), Limits::default());
    read_every_value(tape.parse(&xml, &limits).unwrap());
    let cost = measure(|| {
        let root = tape.parse(&xml, &limits).unwrap();
        assert!(root.get("nothing").is_none());
        assert!(read_every_value(root) > 900);
    });
    assert_eq!(cost.count_total, 0);
}

#[test]
fn looking_one_property_up_allocates_no_more_than_its_value() {
    let mut xml = BytesMut::new();
    clixml::write(&process(1), &mut xml);
    let encoded = Encoded::new(xml.freeze());
    let (mut tape, limits) = (Tape::default(), Limits::default());
    for (name, allocations) in [
        ("Name", 1),
        ("pscomputername", 1),
        ("ID", 0),
        ("nothing", 0),
    ] {
        let mut look = || encoded.get(name, &mut tape, &limits).unwrap();
        drop(look());
        let cost = measure(|| drop(std::hint::black_box(look())));
        assert_eq!(cost.count_total, allocations, "{name}");
    }
}

#[test]
fn bytes_are_read_into_the_room_that_there_is() {
    let bytes: Vec<u8> = (0..=255).cycle().take(65_536).collect();
    let mut xml = BytesMut::new();
    clixml::write(&Value::Bytes(bytes.clone().into()), &mut xml);
    let broken = str::from_utf8(&xml).unwrap().replace("AAEC", "AA\nEC");
    let (mut tape, limits) = (Tape::default(), Limits::default());
    let mut out = Vec::with_capacity(broken.len());
    for xml in [&xml[..], broken.as_bytes()] {
        let node = tape.parse(xml, &limits).unwrap();
        let cost = measure(|| {
            out.clear();
            assert_eq!(node.bytes_into(&mut out, &limits), Ok(Some(bytes.len())));
        });
        assert_eq!(cost.count_total, 0);
        assert!(out == bytes);
    }
}

#[test]
fn an_owned_tree_takes_at_most_one_allocation_for_each_value() {
    let xml = sample();
    let mut reader = Reader::new(Limits::default());
    let values = read_every_value(reader.view(&xml).unwrap());
    let warm = reader.read(&xml).unwrap();
    let cost = measure(|| drop(std::hint::black_box(reader.read(&xml).unwrap())));
    assert!(
        cost.count_total <= values as u64,
        "{} for {values}",
        cost.count_total
    );
    let cost = measure(|| drop(clixml::read(&xml, &Limits::default()).unwrap()));
    assert!(
        cost.count_total <= values as u64 + 300,
        "{} for {values}",
        cost.count_total
    );
    drop(warm);
}

/// How many values there are: properties, items and what they are made of, but not the elements
/// that only hold values together.
fn values(node: Node<'_>) -> u64 {
    let is_value = !matches!(
        node.kind(),
        Kind::TypeNames
            | Kind::TypeName
            | Kind::TypeNamesReference
            | Kind::ToString
            | Kind::Properties
            | Kind::Members
            | Kind::List
            | Kind::Dictionary
    );
    u64::from(is_value) + node.children().map(values).sum::<u64>()
}

#[test]
fn one_value_of_each_sort_takes_at_most_one_allocation_for_each_value_in_it() {
    let error = Object::of_type(["System.Management.Automation.ErrorRecord", "System.Object"])
        .text("Cannot find <it>")
        .property(
            "Exception",
            Object::of_type(["System.Exception", "System.Object"])
                .text("Cannot find <it> & more\r\n_x000A_")
                .adapted_property("Message", "Cannot find it")
                .adapted_property("Data", Value::hashtable::<&str, &str>([]))
                .adapted_property("InnerException", Value::Null)
                .adapted_property("HelpLink", Value::Null)
                .adapted_property("HResult", -2_146_233_087),
        )
        .property("TargetObject", Value::Null)
        .property("FullyQualifiedErrorId", "PathNotFound")
        .property("ErrorCategory_Category", 13)
        .property("SerializeExtendedInfo", false);
    let progress = Object::bag()
        .property("Activity", "doing")
        .property("PercentComplete", 40)
        .property("Type", Value::enumeration("T", "Processing", 0));
    let samples = [
        process(1),
        error.into(),
        progress.into(),
        "plain".into(),
        "escaped_x005F_\r\n and <referred> & all".into(),
        1.into(),
        1.5.into(),
        Bytes::from(vec![7; 65_536]).into(),
        Value::list([1, 2]),
        Value::hashtable([("a", Value::list([1, 2])), ("b_x_", "c_x005F_".into())]),
    ];
    let mut reader = Reader::new(Limits::default());
    for sample in samples {
        let mut xml = BytesMut::new();
        clixml::write(&sample, &mut xml);
        let most = values(reader.view(&xml).unwrap());
        assert_eq!(reader.read(&xml).unwrap(), sample);
        let cost = measure(|| drop(std::hint::black_box(reader.read(&xml).unwrap())));
        assert!(
            cost.count_total <= most,
            "{} for {most} values: {sample:?}",
            cost.count_total
        );
    }
    // Where every item is a text, what the items are in comes on top.
    let mut xml = BytesMut::new();
    clixml::write(&Value::list(["a", "b", "c"]), &mut xml);
    let cost = measure(|| drop(std::hint::black_box(reader.read(&xml).unwrap())));
    assert_eq!(
        cost.count_total,
        3 /* texts */ + 1 /* object */ + 1 /* items */
    );
}

#[test]
fn a_kept_value_takes_one_allocation_and_a_primitive_one_none() {
    let xml = sample().freeze();
    let mut reader = Reader::new(Limits::default());
    // Warms the reader, and gives the buffer its counter.
    drop(reader.keep(xml.clone()).unwrap());
    let cost = measure(|| drop(std::hint::black_box(reader.keep(xml.clone()).unwrap())));
    assert_eq!(cost.count_total, 1);
    let text = Bytes::from_static(b"<S>text</S>");
    let cost = measure(|| drop(std::hint::black_box(reader.keep(text.clone()).unwrap())));
    assert_eq!(cost.count_total, 0);
}

/// The most memory that is in use while `count` messages come in and are read, each with names
/// that no other has.
fn peak_of_streaming(count: usize) -> u64 {
    let mut object = ObjectId::FIRST;
    let packets: Vec<Bytes> = (0..count)
        .map(|number| {
            let value = Object::of_type([format!("Type{number:06}")])
                .text(format!("a_{number:06}"))
                .property(format!("Name{number:06}"), format!("value <{number:06}>"))
                .property("Items", Value::list(0..8));
            let (mut wire, mut packet) = (BytesMut::new(), BytesMut::new());
            Message::new(Destination::Client, MessageKind::PipelineOutput)
                .encode_with_value(&value.into(), &mut wire);
            // Some messages come whole and some in pieces.
            let room = if number % 2 == 0 { 32_768 } else { 100 };
            for fragment in split(object, &wire, room) {
                fragment.encode(&mut packet);
            }
            object = object.next();
            packet.freeze()
        })
        .collect();
    // Sharing a buffer for the first time allocates its counter.
    let shared = packets.clone();
    let limits = Limits::default();
    let cost = measure(|| {
        let mut reassembler = Reassembler::new(&limits);
        let (mut reader, mut read) = (Reader::new(limits), 0);
        for packet in &shared {
            let mut received = packet.clone();
            while let Some(wire) = reassembler.push(&mut received).unwrap() {
                let (message, _) = <Message<'_> as psrp_codec::Decode<'_>>::decode(&wire).unwrap();
                let xml = wire.slice_ref(message.clixml().unwrap().unwrap());
                assert!(reader.read(&xml).unwrap().get("Items").is_some());
                assert!(reader.keep(xml).unwrap().root().get("Items").is_some());
                read += 1;
            }
        }
        assert_eq!(read, count);
    });
    cost.bytes_max
}

#[test]
fn the_peak_of_memory_while_streaming_does_not_grow_with_the_number_of_messages() {
    let (some, many) = (peak_of_streaming(3_000), peak_of_streaming(12_000));
    assert!(many <= some + some / 10, "{some} bytes, then {many}");
    assert!(many < 1 << 20, "{many}");
}

#[test]
fn writing_into_room_that_is_there_allocates_nothing() {
    // Each process with its own list of type names, and all with the same.
    let apart = Value::list((0..100).map(process));
    let shared = clixml::read(&sample(), &Limits::default()).unwrap();
    let others = Value::list([
        Value::from("a_x0041_ <&> \"\u{1}😀\u{FFFD}"),
        Value::from("x".repeat(10_000)),
        Value::Bytes(vec![7; 10_000].into()),
        "-123.4560".parse::<Decimal>().unwrap().into(),
        Version::new(7, 6).with_build(1).into(),
        DateTime::new(1 << 59, DateTimeKind::Utc).unwrap().into(),
        TimeSpan::from_ticks(-123_456_789).into(),
        1.5e-300.into(),
        f64::NAN.into(),
        0.1_f32.into(),
        Uuid::from_u128(1).into(),
    ]);
    for value in [apart, shared, others] {
        let mut long = BytesMut::new();
        clixml::write(&value, &mut long);
        // No more room than it takes.
        let mut out = BytesMut::with_capacity(long.len() + 64);
        let cost = measure(|| clixml::write(&value, &mut out));
        assert_eq!(out, long);
        assert_eq!(cost.count_total, 0);
    }
}
