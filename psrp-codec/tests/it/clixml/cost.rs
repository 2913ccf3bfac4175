//! What reading and writing allocate.

use allocation_counter::measure;
use bytes::BytesMut;
use psrp_codec::clixml::{self, Node, Reader, Tape};
use psrp_codec::{DateTime, DateTimeKind, Decimal, Limits, Object, TimeSpan, Value, Version};
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
