//! Messages: headers, typed bodies, and the lines of stream transports.
#![allow(missing_docs, reason = "criterion's macros write items without")]

use std::hint::black_box;

use benches::inputs;
use bytes::BytesMut;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use psrp_codec::{
    CreatePipeline, Decode, Encode, Limits, Message, MessageBody,
    clixml::Reader,
    out_of_process::{LinePacket, LinePacketKind},
};

fn header(c: &mut Criterion) {
    let wire = inputs::string_message(32_000);
    let mut group = c.benchmark_group("message");
    group.throughput(Throughput::Elements(1));
    group.bench_function("decode/32k", |b| {
        b.iter(|| Message::decode(black_box(&wire)).map(|(message, _)| message.data.len()));
    });
    let (message, _) = Message::decode(&wire).expect("it was made by us");
    let mut out = BytesMut::with_capacity(wire.len());
    group.bench_function("encode/32k", |b| {
        b.iter(|| {
            out.clear();
            black_box(&message).encode(&mut out);
            out.len()
        });
    });
    group.finish();
}

fn bodies(c: &mut Criterion) {
    let limits = Limits::default();
    let mut group = c.benchmark_group("message/body");
    let mut create = BytesMut::new();
    let header = Message::new(
        psrp_codec::Destination::Server,
        psrp_codec::MessageKind::CreatePipeline,
    );
    header.encode_with_value(&CreatePipeline::script("1+1").to_value(), &mut create);
    for (name, wire) in [
        ("progress", inputs::progress_message()),
        ("warning", inputs::warning_message()),
        ("create-pipeline", create.freeze()),
    ] {
        group.throughput(Throughput::Bytes(wire.len() as u64));
        group.bench_function(format!("decode/{name}"), |b| {
            b.iter(|| {
                let (message, _) = Message::decode(black_box(&wire))?;
                message.body(&limits)
            });
        });
        let mut reader = Reader::new(limits);
        group.bench_function(format!("decode-warm/{name}"), |b| {
            b.iter(|| {
                let (message, _) = Message::decode(black_box(&wire))?;
                message.body_with(&mut reader)
            });
        });
        let (message, _) = Message::decode(&wire).expect("it was made by us");
        let body = message.body(&limits).expect("it was made by us");
        let mut out = BytesMut::new();
        group.bench_function(format!("encode/{name}"), |b| {
            b.iter(|| encoded_len(&message, black_box(&body), &mut out));
        });
    }
    group.finish();
}

fn encoded_len(header: &Message<'_>, body: &MessageBody, out: &mut BytesMut) -> usize {
    out.clear();
    header.encode_with_value(&body.to_value().unwrap_or_default(), out);
    out.len()
}

fn lines(c: &mut Criterion) {
    let limits = Limits::default();
    let line = inputs::line(32_000);
    let mut group = c.benchmark_group("line-packet");
    group.throughput(Throughput::Bytes(line.len() as u64));
    group.bench_function("parse/32k", |b| {
        b.iter(|| LinePacket::parse(black_box(&line), &limits).map(|packet| packet.pipeline));
    });
    let mut bytes = Vec::with_capacity(line.len());
    group.bench_function("parse-and-decode/32k", |b| {
        b.iter(|| {
            bytes.clear();
            let packet = LinePacket::parse(black_box(&line), &limits)?;
            if let LinePacketKind::Data { payload, .. } = packet.kind {
                payload.decode_into(&mut bytes)?;
            }
            Ok::<_, psrp_codec::DecodeError>(bytes.len())
        });
    });
    group.finish();
}

criterion_group!(benches, header, bodies, lines);
criterion_main!(benches);
