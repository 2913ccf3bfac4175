//! CLIXML in both directions, beside the limits: one search for each `<`, and the events and the
//! writer of quick-xml.

use std::hint::black_box;

use benches::objects::Corpus;
use bytes::{Bytes, BytesMut};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use psrp_codec::clixml::{self, Node, Parsed, Reader, Tape};
use psrp_codec::{Encoded, Limits};
use quick_xml::events::Event;

const SIZE: usize = 1 << 20;

fn decode(c: &mut Criterion) {
    let mut limits = Limits::default();
    limits.message_size = 64 << 20;
    for corpus in Corpus::ALL {
        let messages: Vec<Bytes> = corpus.messages(SIZE).into_iter().map(Bytes::from).collect();
        let total: usize = messages.iter().map(Bytes::len).sum();
        let mut group = c.benchmark_group("clixml/decode");
        group.throughput(Throughput::Bytes(total as u64));

        group.bench_function(BenchmarkId::new("limit-memchr", corpus.name()), |b| {
            b.iter(|| {
                messages
                    .iter()
                    .map(|xml| {
                        memchr::memchr_iter(b'<', black_box(xml))
                            .map(black_box)
                            .count()
                    })
                    .sum::<usize>()
            });
        });
        group.bench_function(BenchmarkId::new("limit-quick-xml", corpus.name()), |b| {
            b.iter(|| {
                messages
                    .iter()
                    .map(|xml| quick_xml_events(black_box(xml)))
                    .sum::<usize>()
            });
        });
        group.bench_function(BenchmarkId::new("borrowed", corpus.name()), |b| {
            let mut tape = Tape::default();
            b.iter(|| {
                for xml in &messages {
                    black_box(
                        tape.parse(black_box(xml), &limits)
                            .expect("the input is good"),
                    );
                }
            });
        });
        group.bench_function(BenchmarkId::new("borrowed-values", corpus.name()), |b| {
            let mut tape = Tape::default();
            b.iter(|| {
                for xml in &messages {
                    every_value(
                        tape.parse(black_box(xml), &limits)
                            .expect("the input is good"),
                    );
                }
            });
        });
        group.bench_function(BenchmarkId::new("owned-compact", corpus.name()), |b| {
            b.iter(|| {
                for xml in &messages {
                    black_box(
                        Parsed::new(black_box(xml.clone()), &limits).expect("the input is good"),
                    );
                }
            });
        });
        group.bench_function(BenchmarkId::new("owned-tree", corpus.name()), |b| {
            let mut reader = Reader::new(limits);
            b.iter(|| {
                for xml in &messages {
                    black_box(reader.read(black_box(xml)).expect("the input is good"));
                }
            });
        });
        group.bench_function(BenchmarkId::new("lookup", corpus.name()), |b| {
            let encoded: Vec<_> = messages.iter().cloned().map(Encoded::new).collect();
            let mut tape = Tape::default();
            b.iter(|| {
                for encoded in &encoded {
                    black_box(
                        encoded
                            .get("Name", &mut tape, &limits)
                            .expect("the input is good"),
                    );
                }
            });
        });
        group.finish();
    }
}

fn large(c: &mut Criterion) {
    let mut limits = Limits::default();
    limits.message_size = 64 << 20;
    let mut group = c.benchmark_group("clixml/size");
    group.sample_size(10);
    for (name, size) in [("1M", 1 << 20), ("20M", 20 << 20)] {
        let xml = Corpus::Processes.document(size);
        group.throughput(Throughput::Bytes(xml.len() as u64));
        group.bench_function(BenchmarkId::new("borrowed", name), |b| {
            let mut tape = Tape::default();
            b.iter(|| {
                black_box(
                    tape.parse(black_box(&xml), &limits)
                        .expect("the input is good"),
                )
                .is_null()
            });
        });
        group.bench_function(BenchmarkId::new("owned-tree", name), |b| {
            let mut reader = Reader::new(limits);
            b.iter(|| black_box(reader.read(black_box(&xml)).expect("the input is good")));
        });
    }
    group.finish();
}

fn encode(c: &mut Criterion) {
    for corpus in Corpus::ALL {
        let values = corpus.values(SIZE);
        let messages = corpus.messages(SIZE);
        let total: usize = messages.iter().map(Vec::len).sum();
        let mut group = c.benchmark_group("clixml/encode");
        group.throughput(Throughput::Bytes(total as u64));
        let mut out = BytesMut::with_capacity(2 * total);
        group.bench_function(BenchmarkId::new("tree", corpus.name()), |b| {
            b.iter(|| {
                out.clear();
                for value in &values {
                    clixml::write(black_box(value), &mut out);
                }
                out.len()
            });
        });
        let events: Vec<Vec<Event<'_>>> = messages.iter().map(|xml| events_of(xml)).collect();
        group.bench_function(BenchmarkId::new("limit-quick-xml", corpus.name()), |b| {
            let mut out = Vec::with_capacity(2 * total);
            b.iter(|| {
                out.clear();
                let mut writer = quick_xml::Writer::new(&mut out);
                for event in events.iter().flatten() {
                    writer
                        .write_event(black_box(event.borrow()))
                        .expect("memory does not fail");
                }
                out.len()
            });
        });
        group.finish();
    }
}

fn every_value(node: Node<'_>) {
    if let Some(name) = node.name() {
        black_box(name.as_str());
    }
    match node.kind() {
        clixml::Kind::ToString | clixml::Kind::TypeName => drop(black_box(node.text())),
        _ => drop(black_box(node.scalar().expect("the input is good"))),
    }
    node.children().for_each(every_value);
}

fn quick_xml_events(xml: &[u8]) -> usize {
    let mut reader = quick_xml::Reader::from_reader(xml);
    let mut count = 0;
    loop {
        match reader.read_event().expect("the input is good") {
            Event::Eof => return count,
            event => {
                black_box(&event);
                count += 1;
            }
        }
    }
}

fn events_of(xml: &[u8]) -> Vec<Event<'_>> {
    let mut reader = quick_xml::Reader::from_reader(xml);
    let mut events = Vec::new();
    loop {
        match reader.read_event().expect("the input is good") {
            Event::Eof => return events,
            event => events.push(event),
        }
    }
}

criterion_group!(clixml_benches, decode, large, encode);
criterion_main!(clixml_benches);
