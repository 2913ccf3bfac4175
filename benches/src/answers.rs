//! Answers to a Receive, as a server sends them, and what their parts are by themselves.

use std::hint::black_box;

use base64_simd::STANDARD as BASE64;
use bytes::{Bytes, BytesMut};
use psrp_codec::{
    Decode, Destination, Encode, Fragment, Limits, Message, MessageKind, ObjectId, Reassembler,
    clixml::Tape, split,
};
use wsman::namespaces::action;
use wsman::shell::{CommandId, ReceiveResponse, StreamData, StreamName};
use wsman::soap::{EnvelopeLimits, Response, ResponseHeaders};

use crate::limits;

/// One answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The body of the HTTP response.
    pub envelope: Bytes,
    /// The base64 of the streams in it.
    pub base64: Vec<String>,
}

/// The fragments of `messages`, each the CLIXML of an object that a pipeline put out, in packets
/// of at most `packet_len` bytes. A packet is filled with whole fragments.
#[must_use]
pub fn packets(messages: &[Bytes], packet_len: usize) -> Vec<Bytes> {
    let mut packets: Vec<Bytes> = Vec::new();
    let mut object = ObjectId::FIRST;
    let mut packet = BytesMut::new();
    for xml in messages {
        let mut message = BytesMut::new();
        Message::new(Destination::Client, MessageKind::PipelineOutput)
            .encode_with_clixml(xml, &mut message);
        for fragment in split(object, &message, packet_len) {
            if packet.len() + fragment.encoded_len() > packet_len && !packet.is_empty() {
                packets.push(packet.split().freeze());
            }
            fragment.encode(&mut packet);
        }
        object = object.next();
    }
    packets.push(packet.freeze());
    packets
}

/// The answers that carry `messages`: as many fragments as take `packet_len` bytes in each, and each
/// fragment in a stream of its own, as Windows does in every recording.
#[must_use]
pub fn answers(messages: &[Bytes], packet_len: usize) -> Vec<Answer> {
    let packets = packets(messages, packet_len).into_iter();
    packets.map(answer).collect()
}

/// The bytes of all envelopes.
#[must_use]
pub fn total(answers: &[Answer]) -> usize {
    answers.iter().map(|answer| answer.envelope.len()).sum()
}

/// From answers to the structure of every object in them.
///
/// # Panics
/// When the answers are not what we wrote.
pub fn objects(answers: &[Answer], limits: &Limits, tape: &mut Tape) -> usize {
    let envelopes = EnvelopeLimits::default();
    let mut reassembler = Reassembler::new(limits);
    let mut count = 0;
    for answer in answers {
        let response = Response::<ReceiveResponse>::decode(black_box(&answer.envelope), &envelopes)
            .expect("the input is good")
            .expect("it is no fault");
        let payload = response.body.streams.joined();
        let received = &mut &payload[..];
        while let Some(wire) = (reassembler.push_borrowed(received)).expect("the input is good") {
            let (message, _) = Message::decode(wire).expect("the input is good");
            let xml = message.clixml().expect("the input is good");
            let xml = xml.unwrap_or_default();
            black_box(tape.parse(xml, limits).expect("the input is good"));
            count += 1;
        }
    }
    count
}

/// Base64, UTF-8 and CLIXML of the same bytes, each by itself and into memory that is there.
///
/// # Panics
/// When the answers are not what we wrote.
pub fn sum_of_parts(
    answers: &[Answer],
    messages: &[Bytes],
    limits: &Limits,
    tape: &mut Tape,
    out: &mut Vec<u8>,
) -> usize {
    let mut total = 0;
    for answer in answers {
        for base64 in &answer.base64 {
            total += limits::base64(base64, out);
        }
        total += limits::utf8(&answer.envelope);
    }
    crate::paths::structure(messages, tape, limits);
    total
}

fn answer(packet: Bytes) -> Answer {
    let command = CommandId::new("9B0B8A3C-52C2-4A0D-8C27-6C8B3F0F9A11");
    let fragments = fragments(packet);
    let base64 = fragments
        .iter()
        .map(|bytes| BASE64.encode_to_string(bytes))
        .collect();
    let streams = fragments
        .into_iter()
        .map(|bytes| StreamData::new(StreamName::STDOUT, bytes).of_command(command.clone()));
    let body = ReceiveResponse {
        streams: streams.collect(),
        status: None,
    };
    let headers = ResponseHeaders::to_action(format!("{}Response", action::RECEIVE), None);
    Answer {
        envelope: Response { headers, body }.encode(),
        base64,
    }
}

fn fragments(mut packet: Bytes) -> Vec<Bytes> {
    let mut fragments = Vec::new();
    while !packet.is_empty() {
        let (fragment, _) = Fragment::decode(&packet).expect("we wrote it");
        fragments.push(packet.split_to(fragment.encoded_len()));
    }
    fragments
}
