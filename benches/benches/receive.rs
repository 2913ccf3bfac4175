//! From the answer of a Receive to objects: envelope, base64, fragments, messages and CLIXML,
//! beside the sum of what cannot be left out.
#![allow(missing_docs, reason = "criterion's macros write items without")]

use std::hint::black_box;

use base64_simd::STANDARD as BASE64;
use benches::{inputs, objects::Corpus};
use bytes::{Bytes, BytesMut};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use psrp_codec::{
    Decode, Destination, Encode, Limits, Message, MessageKind, ObjectId, Reassembler, clixml::Tape,
    split,
};
use wsman::shell::{ReceiveResponse, StreamData, StreamName};
use wsman::soap::{EnvelopeLimits, Response, ResponseHeaders};

const SIZE: usize = 1 << 20;

/// One answer, and what its parts are by themselves.
struct Answer {
    envelope: Bytes,
    base64: Vec<String>,
    clixml: Vec<Bytes>,
}

/// An answer whose streams are fragments of at most `fragment_len` bytes.
fn answer(corpus: Corpus, fragment_len: usize) -> Answer {
    let clixml: Vec<Bytes> = corpus.messages(SIZE).into_iter().map(Bytes::from).collect();
    let mut streams: Vec<Bytes> = Vec::new();
    let mut object = ObjectId::FIRST;
    let mut packet = BytesMut::new();
    for xml in &clixml {
        let mut message = BytesMut::new();
        Message::new(Destination::Client, MessageKind::PipelineOutput)
            .encode_with_clixml(xml, &mut message);
        for fragment in split(object, &message, fragment_len) {
            // A server fills its packets with whole fragments.
            if packet.len() + fragment.encoded_len() > fragment_len && !packet.is_empty() {
                streams.push(packet.split().freeze());
            }
            fragment.encode(&mut packet);
        }
        object = object.next();
    }
    streams.push(packet.freeze());
    let base64 = streams
        .iter()
        .map(|part| BASE64.encode_to_string(part))
        .collect();
    let streams = streams.into_iter();
    let body = ReceiveResponse {
        streams: streams
            .map(|part| StreamData::new(StreamName::STDOUT, part))
            .collect(),
        status: None,
    };
    let headers = ResponseHeaders::to_action(
        format!("{}Response", wsman::namespaces::action::RECEIVE),
        None,
    );
    Answer {
        envelope: Response { headers, body }.encode(),
        base64,
        clixml,
    }
}

fn receive(c: &mut Criterion) {
    let mut limits = Limits::default();
    limits.message_size = 64 << 20;
    let envelopes = EnvelopeLimits {
        size: 64 << 20,
        ..EnvelopeLimits::default()
    };
    for (fragments, fragment_len) in [("32k", inputs::FRAGMENT_LEN), ("150k", 150 * 1024)] {
        for corpus in [Corpus::Processes, Corpus::Files, Corpus::Strings] {
            let answer = answer(corpus, fragment_len);
            let mut group = c.benchmark_group(format!("receive/{fragments}"));
            group.throughput(Throughput::Bytes(answer.envelope.len() as u64));
            let mut tape = Tape::default();
            group.bench_function(BenchmarkId::new("objects", corpus.name()), |b| {
                b.iter(|| objects(black_box(&answer.envelope), &envelopes, &limits, &mut tape));
            });
            group.bench_function(BenchmarkId::new("limit-sum", corpus.name()), |b| {
                b.iter(|| sum_of_parts(black_box(&answer), &limits, &mut tape));
            });
            group.finish();
        }
    }
}

fn objects(
    envelope: &Bytes,
    envelopes: &EnvelopeLimits,
    limits: &Limits,
    tape: &mut Tape,
) -> usize {
    let answer = Response::<ReceiveResponse>::decode(envelope, envelopes)
        .expect("the input is good")
        .expect("it is no fault");
    let mut reassembler = Reassembler::new(limits);
    let mut count = 0;
    for mut stream in answer.body.streams {
        while let Some(wire) = reassembler
            .push(&mut stream.data)
            .expect("the input is good")
        {
            let (message, _) = Message::decode(&wire).expect("the input is good");
            let xml = message
                .clixml()
                .expect("the input is good")
                .unwrap_or_default();
            black_box(tape.parse(xml, limits).expect("the input is good"));
            count += 1;
        }
    }
    count
}

/// Base64, UTF-8 and CLIXML of the same bytes, each by itself.
fn sum_of_parts(answer: &Answer, limits: &Limits, tape: &mut Tape) -> usize {
    let mut total = 0;
    for part in &answer.base64 {
        let bytes = BASE64.decode_to_vec(part).expect("the input is good");
        total += black_box(&bytes).len();
    }
    let text = simdutf8::basic::from_utf8(&answer.envelope).expect("the input is good");
    total += black_box(text).len();
    for xml in &answer.clixml {
        black_box(tape.parse(xml, limits).expect("the input is good"));
    }
    total
}

criterion_group!(benches, receive);
criterion_main!(benches);
