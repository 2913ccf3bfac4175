//! From the answers of a Receive to objects: envelope, base64, fragments, messages and CLIXML,
//! beside the sum of what cannot be left out.
#![allow(missing_docs, reason = "criterion's macros write items without")]

use benches::{answers, inputs, objects::Corpus, paths};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use psrp_codec::clixml::Tape;

const SIZE: usize = 1 << 20;

fn receive(c: &mut Criterion) {
    let limits = paths::limits();
    for (packets, packet_len) in [("32k", inputs::FRAGMENT_LEN), ("150k", 150 * 1024)] {
        for corpus in [Corpus::Processes, Corpus::Files, Corpus::Strings] {
            let messages = corpus.messages(SIZE);
            let answers = answers::answers(&messages, packet_len);
            let mut group = c.benchmark_group(format!("receive/{packets}"));
            group.throughput(Throughput::Bytes(answers::total(&answers) as u64));
            let mut tape = Tape::default();
            group.bench_function(BenchmarkId::new("objects", corpus.name()), |b| {
                b.iter(|| answers::objects(&answers, &limits, &mut tape));
            });
            let mut out = Vec::with_capacity(packet_len);
            group.bench_function(BenchmarkId::new("limit-sum", corpus.name()), |b| {
                b.iter(|| answers::sum_of_parts(&answers, &messages, &limits, &mut tape, &mut out));
            });
            group.finish();
        }
    }
}

criterion_group!(benches, receive);
criterion_main!(benches);
