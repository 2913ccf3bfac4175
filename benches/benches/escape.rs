//! The escapes of CLIXML in both directions, in one long text, beside a copy of the same bytes.

use std::hint::black_box;

use bytes::BytesMut;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use psrp_codec::clixml::{self, Tape};
use psrp_codec::{Limits, Value};

/// Texts of 64 KiB: nothing to escape, nothing to escape but not all ASCII, a little to escape,
/// and nothing else.
fn texts() -> [(&'static str, String); 4] {
    let repeated = |line: &str| line.repeat((64 << 10) / line.len());
    [
        (
            "plain",
            repeated("Get-ChildItem C:\\Windows\\System32 -Filter *.dll; "),
        ),
        (
            "accents",
            repeated("Zugriff auf den Pfad „C:\\Büro“ wurde verweigert — 拒绝访问。 "),
        ),
        (
            "lines",
            repeated(
                "ErrorCategory_xml: <Get-Item> & \"C:\\Program Files\\a_b.txt\" was not found\r\n",
            ),
        ),
        ("escaped", repeated("\u{1b}\r\n<>&\u{7f}😀_x0041_\u{85}")),
    ]
}

fn escape(c: &mut Criterion) {
    let mut group = c.benchmark_group("clixml/escape");
    for (name, text) in texts() {
        group.throughput(Throughput::Bytes(text.len() as u64));
        let value = Value::from(text.as_str());
        let mut out = BytesMut::with_capacity(8 * text.len());
        group.bench_function(BenchmarkId::new("text", name), |b| {
            b.iter(|| {
                out.clear();
                clixml::write(black_box(&value), &mut out);
                out.len()
            });
        });
        group.bench_function(BenchmarkId::new("limit-memcpy", name), |b| {
            b.iter(|| {
                out.clear();
                out.extend_from_slice(black_box(text.as_bytes()));
                out.len()
            });
        });
    }
    group.finish();
}

fn unescape(c: &mut Criterion) {
    let limits = Limits::default();
    let mut group = c.benchmark_group("clixml/unescape");
    for (name, text) in texts() {
        let mut xml = BytesMut::new();
        clixml::write(&Value::from(text.as_str()), &mut xml);
        group.throughput(Throughput::Bytes(xml.len() as u64));
        group.bench_function(BenchmarkId::new("text", name), |b| {
            let mut tape = Tape::default();
            b.iter(|| {
                let node = tape
                    .parse(black_box(&xml), &limits)
                    .expect("the input is good");
                drop(black_box(node.text()));
            });
        });
        let mut out = Vec::with_capacity(xml.len());
        group.bench_function(BenchmarkId::new("limit-memcpy", name), |b| {
            b.iter(|| {
                out.clear();
                out.extend_from_slice(black_box(&xml));
                out.len()
            });
        });
    }
    group.finish();
}

criterion_group!(escape_benches, escape, unescape);
criterion_main!(escape_benches);
