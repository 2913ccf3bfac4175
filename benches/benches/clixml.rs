//! CLIXML in both directions, beside the limits: one search for each `<`, and the events and the
//! writer of quick-xml.

use std::hint::black_box;

use benches::objects::Corpus;
use benches::{limits, paths};
use bytes::{Bytes, BytesMut};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use psrp_codec::Encoded;
use psrp_codec::clixml::{Reader, Tape};

const SIZE: usize = 1 << 20;

fn decode(c: &mut Criterion) {
    let limits = paths::limits();
    for corpus in Corpus::ALL {
        let messages = corpus.messages(SIZE);
        let total: usize = messages.iter().map(Bytes::len).sum();
        let mut group = c.benchmark_group("clixml/decode");
        group.throughput(Throughput::Bytes(total as u64));

        group.bench_function(BenchmarkId::new("limit-memchr", corpus.name()), |b| {
            b.iter(|| limits::memchr(&messages));
        });
        group.bench_function(BenchmarkId::new("limit-quick-xml", corpus.name()), |b| {
            b.iter(|| limits::quick_xml_events(&messages));
        });
        group.bench_function(BenchmarkId::new("borrowed", corpus.name()), |b| {
            let mut tape = Tape::default();
            b.iter(|| paths::structure(&messages, &mut tape, &limits));
        });
        group.bench_function(BenchmarkId::new("borrowed-values", corpus.name()), |b| {
            let mut tape = Tape::default();
            b.iter(|| paths::every_value(&messages, &mut tape, &limits));
        });
        group.bench_function(BenchmarkId::new("owned-compact", corpus.name()), |b| {
            let mut reader = Reader::new(limits);
            b.iter(|| paths::compact(&messages, &mut reader));
        });
        group.bench_function(BenchmarkId::new("owned-tree", corpus.name()), |b| {
            let mut reader = Reader::new(limits);
            b.iter(|| paths::tree(&messages, &mut reader));
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
    let limits = paths::limits();
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
        // As many bytes as one message after the other: what is measured is the decoder alone, and
        // not how long the system takes to hand out fresh memory for a tree of this size.
        let messages = Corpus::Processes.messages(size);
        group.bench_function(BenchmarkId::new("borrowed-stream", name), |b| {
            let mut tape = Tape::default();
            b.iter(|| paths::structure(&messages, &mut tape, &limits));
        });
        group.bench_function(BenchmarkId::new("owned-tree-stream", name), |b| {
            let mut reader = Reader::new(limits);
            b.iter(|| paths::tree(&messages, &mut reader));
        });
    }
    group.finish();
}

fn encode(c: &mut Criterion) {
    for corpus in Corpus::ALL {
        let values = corpus.values(SIZE);
        let messages = corpus.messages(SIZE);
        let total: usize = messages.iter().map(Bytes::len).sum();
        let mut group = c.benchmark_group("clixml/encode");
        group.throughput(Throughput::Bytes(total as u64));
        group.bench_function(BenchmarkId::new("tree", corpus.name()), |b| {
            let mut out = BytesMut::with_capacity(2 * total);
            b.iter(|| paths::encode(&values, &mut out));
        });
        let events = limits::events_of(&messages);
        group.bench_function(BenchmarkId::new("limit-quick-xml", corpus.name()), |b| {
            let mut out = Vec::with_capacity(2 * total);
            b.iter(|| limits::quick_xml_write(&events, &mut out));
        });
        group.finish();
    }
}

criterion_group!(clixml_benches, decode, large, encode);
criterion_main!(clixml_benches);
