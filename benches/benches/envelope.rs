//! Envelopes: the small ones that every operation has, and an answer full of output beside what its base64 takes alone.
#![allow(missing_docs, reason = "criterion's macros write items without")]

use std::hint::black_box;

use base64_simd::STANDARD;
use benches::inputs::{self, Numbers};
use bytes::Bytes;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use wsman::namespaces::action;
use wsman::shell::{CommandId, Receive, ReceiveResponse, StreamData, StreamName};
use wsman::soap::{
    EnvelopeLimits, Request, RequestHeaders, Response, ResponseHeaders, SelectorSet, Tree,
};

const ID: &str = "uuid:00000003-0000-4000-8000-00000000C0DE";

fn request() -> Request<Receive> {
    let headers = RequestHeaders {
        to: "http://srv01:5985/wsman".to_owned(),
        resource_uri: "http://schemas.microsoft.com/powershell/Microsoft.PowerShell".to_owned(),
        action: action::RECEIVE.to_owned(),
        message_id: ID.to_owned(),
        max_envelope_size: Some(512_000),
        operation_timeout: Some(std::time::Duration::from_secs(180)),
        locale: Some("en-US".to_owned()),
        data_locale: Some("en-US".to_owned()),
        session_id: Some(ID.to_owned()),
        selectors: SelectorSet::shell("2D6534D0-6B12-40E3-B773-CBA26459CFA8"),
        ..RequestHeaders::default()
    };
    let command = CommandId::new("9B0B8A3C-52C2-4A0D-8C27-6C8B3F0F9A11");
    let body = Receive {
        command: Some(command),
        streams: "stdout".into(),
    };
    Request { headers, body }
}

/// An answer with `count` fragments of `len` bytes.
fn response(count: usize, len: usize) -> Response<ReceiveResponse> {
    let mut numbers = Numbers::new(7);
    let streams = (0..count).map(|_| {
        let bytes = (0..len).map(|_| numbers.below(256).to_le_bytes()[0]);
        StreamData::new(StreamName::STDOUT, bytes.collect::<Vec<_>>().into())
    });
    let body = ReceiveResponse {
        streams: streams.collect(),
        status: None,
    };
    let action = format!("{}Response", action::RECEIVE);
    let headers = ResponseHeaders::to_action(action, Some(ID.to_owned()));
    Response { headers, body }
}

fn small(c: &mut Criterion) {
    let limits = EnvelopeLimits::default();
    let request = request();
    let wire = request.encode();
    let mut group = c.benchmark_group("envelope");
    group.throughput(Throughput::Bytes(wire.len() as u64));
    group.bench_function("decode/receive", |b| {
        b.iter(|| Request::<Receive>::decode(black_box(&wire), &limits).is_ok());
    });
    group.bench_function("encode/receive", |b| {
        b.iter(|| black_box(&request).encode())
    });
    group.finish();
}

fn large(c: &mut Criterion) {
    let limits = EnvelopeLimits::default();
    // As much as a server puts into 500 KiB.
    let response = response(11, inputs::FRAGMENT_LEN);
    let wire: Bytes = response.encode();
    let text = STANDARD.encode_to_string(vec![0xA5; inputs::FRAGMENT_LEN]);
    let mut group = c.benchmark_group("envelope");
    group.throughput(Throughput::Bytes(wire.len() as u64));
    group.bench_function("decode/receive-response/480k", |b| {
        b.iter(|| Response::<ReceiveResponse>::decode(black_box(&wire), &limits).is_ok());
    });
    group.bench_function("parse/receive-response/480k", |b| {
        b.iter(|| Tree::parse(black_box(&wire), &limits).is_ok());
    });
    group.bench_function("encode/receive-response/480k", |b| {
        b.iter(|| black_box(&response).encode());
    });
    group.bench_function("limit/base64/480k", |b| {
        let mut out = Vec::with_capacity(wire.len());
        b.iter(|| {
            out.clear();
            for _ in 0..11 {
                let _ = STANDARD.decode_append(black_box(text.as_bytes()), &mut out);
            }
            out.len()
        });
    });
    group.bench_function("limit/utf-8/480k", |b| {
        b.iter(|| str::from_utf8(black_box(&wire)).is_ok());
    });
    group.finish();
}

/// Fragments as small as those of numbers, each in a stream of its own.
fn many_streams(c: &mut Criterion) {
    let limits = EnvelopeLimits::default();
    let wire: Bytes = response(1500, 75).encode();
    let mut group = c.benchmark_group("envelope");
    group.throughput(Throughput::Elements(1500));
    group.bench_function("decode/receive-response/1500-streams", |b| {
        b.iter(|| Response::<ReceiveResponse>::decode(black_box(&wire), &limits).is_ok());
    });
    group.finish();
}

criterion_group!(benches, small, large, many_streams);
criterion_main!(benches);
