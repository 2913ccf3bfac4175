//! Fragments: cutting, reading and joining them, beside what copying the same bytes takes.
#![allow(missing_docs, reason = "criterion's macros write items without")]

use std::hint::black_box;

use benches::{inputs, limits, paths};
use bytes::BytesMut;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use psrp_codec::{Decode, Encode, Fragment, ObjectId, Reassembler, split};

const MIB: usize = 1024 * 1024;

/// Headers in one pass, so that the clock itself does not count.
const COUNT: u64 = 256;

fn decode(c: &mut Criterion) {
    let mut group = c.benchmark_group("fragment/decode");
    let wire = inputs::fragments_of(inputs::FRAGMENT_LEN - Fragment::HEADER_LEN, 1);
    group.throughput(Throughput::Elements(1));
    group.bench_function("32k", |b| {
        b.iter(|| Fragment::decode(black_box(&wire)).map(|(fragment, _)| fragment.blob.len()));
    });
    let wire = inputs::tiny_fragments(COUNT);
    group.throughput(Throughput::Elements(COUNT));
    group.bench_function("headers", |b| {
        b.iter(|| paths::headers(&wire));
    });
    group.finish();
}

fn encode(c: &mut Criterion) {
    let mut group = c.benchmark_group("fragment/split");
    let message = inputs::string_message(500_000);
    group.throughput(Throughput::Bytes(message.len() as u64));
    group.bench_function("500k", |b| {
        b.iter(|| {
            let fragments = split(ObjectId::FIRST, black_box(&message), inputs::FRAGMENT_LEN);
            fragments.map(|fragment| fragment.blob.len()).sum::<usize>()
        });
    });
    let mut packet = BytesMut::with_capacity(600_000);
    group.bench_function("500k-encoded", |b| {
        b.iter(|| {
            packet.clear();
            for fragment in split(ObjectId::FIRST, black_box(&message), inputs::FRAGMENT_LEN) {
                fragment.encode(&mut packet);
            }
            packet.len()
        });
    });
    group.finish();
}

fn reassemble(c: &mut Criterion) {
    for (name, wire) in [
        ("single-100", inputs::fragments_of(100, 100_000)),
        ("single-32k", inputs::fragments_of(32_000, MIB)),
        ("several-500k", inputs::fragments_of(500_000, 1)),
        ("several-1m", inputs::fragments_of(500_000, MIB)),
        ("mixed-1m", inputs::mixed_fragments(MIB)),
        ("mixed-20m", inputs::mixed_fragments(20 * MIB)),
    ] {
        let mut group = c.benchmark_group("fragment/reassemble");
        group.throughput(Throughput::Bytes(wire.len() as u64));
        let mut reassembler = Reassembler::default();
        group.bench_function(name, |b| {
            b.iter(|| paths::reassemble(&mut reassembler, black_box(wire.clone())));
        });
        // The limit: what arrives copied once, packet by packet, into memory of its own.
        group.bench_function(format!("{name}-memcpy"), |b| {
            b.iter(|| limits::memcpy(&wire));
        });
        group.finish();
    }
}

criterion_group!(benches, decode, encode, reassemble);
criterion_main!(benches);
