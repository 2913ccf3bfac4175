//! psrp-rs and winrm-rs, through what they make public.
//!
//! Where something could be counted for or against them, it is left out of their time: the check
//! that a body is UTF-8, HTTP, and the checks of an envelope's headers.

use std::hint::black_box;

use benches::answers::Answer;
use benches::compare::{Race, name};
use bytes::Bytes;
use psrp_rs::PsValue;
use psrp_rs::fragment::Reassembler;

pub(crate) fn reassemble<'a>(packets: &'a [Bytes], race: &mut Race<'a>) {
    race.enter(name::PSRP_RS, move || {
        let mut reassembler = Reassembler::new();
        for packet in packets {
            let packet = black_box(packet);
            black_box(reassembler.feed(packet).expect("the input is good"));
        }
    });
}

pub(crate) fn decode<'a>(messages: &'a [Bytes], race: &mut Race<'a>) {
    let texts = texts(messages);
    race.enter(name::PSRP_RS, move || {
        for text in &texts {
            black_box(psrp_rs::parse_clixml(black_box(text)).expect("the input is good"));
        }
    });
}

pub(crate) fn encode<'a>(messages: &'a [Bytes], race: &mut Race<'a>) {
    let values = values(messages);
    race.enter(name::PSRP_RS, move || {
        for value in &values {
            black_box(psrp_rs::to_clixml(black_box(value)));
        }
    });
}

/// What psrp-rs does with each answer of a Receive: winrm-rs gives the bytes of its streams, they
/// are joined to messages, and each message is read.
macro_rules! receive {
    ($winrm_rs:ident, $psrp_rs:ident, $answers:expr) => {{
        let bodies = $answers
            .iter()
            .map(|answer| str::from_utf8(&answer.envelope));
        let bodies: Vec<&str> = bodies.collect::<Result<_, _>>().expect("we wrote it");
        move || {
            let mut reassembler = $psrp_rs::fragment::Reassembler::new();
            for body in &bodies {
                let output = $winrm_rs::__fuzz::parse_receive_output(black_box(body));
                let output = output.expect("the input is good");
                for message in reassembler.feed(&output.stdout).expect("the input is good") {
                    let message = $psrp_rs::message::PsrpMessage::decode(&message);
                    let message = message.expect("the input is good");
                    let values = $psrp_rs::parse_clixml(&message.data);
                    black_box(values.expect("the input is good"));
                }
            }
        }
    }};
}

pub(crate) fn receive<'a>(answers: &'a [Answer], race: &mut Race<'a>) {
    race.enter(name::WINRM_RS, receive!(winrm_rs, psrp_rs, answers));
}

pub(crate) fn receive_before<'a>(answers: &'a [Answer], race: &mut Race<'a>) {
    race.enter(
        name::WINRM_RS_BEFORE,
        receive!(winrm_rs_1, psrp_rs_3, answers),
    );
}

/// What is worth knowing about the figures.
pub(crate) fn notes(messages: &[Bytes]) -> Vec<String> {
    let read: usize = messages.iter().map(Bytes::len).sum();
    let written: usize = values(messages)
        .iter()
        .map(|value| psrp_rs::to_clixml(value).len())
        .sum();
    vec![
        format!(
            "psrp-rs {}, winrm-rs {}; earlier ones: psrp-rs {}, winrm-rs {}",
            version("psrp-rs"),
            version("winrm-rs"),
            version("psrp-rs-3"),
            version("winrm-rs-1")
        ),
        format!(
            "psrp-rs writes {written} bytes for the objects whose CLIXML is {read} bytes; \
             their time counts for all of them"
        ),
    ]
}

/// The version that the manifest asks for.
fn version(dependency: &str) -> &'static str {
    let lines = include_str!("../Cargo.toml").lines();
    let named = lines.filter(|line| line.split(' ').next() == Some(dependency));
    let mut quoted = named.flat_map(|line| line.split('"'));
    quoted
        .find_map(|text| text.strip_prefix('='))
        .unwrap_or_default()
}

fn values(messages: &[Bytes]) -> Vec<PsValue> {
    let values = texts(messages).into_iter().flat_map(|text| {
        let values = psrp_rs::parse_clixml(text).expect("the input is good");
        assert_eq!(values.len(), 1, "a message is one object");
        values
    });
    values.collect()
}

fn texts(messages: &[Bytes]) -> Vec<&str> {
    let texts = messages.iter().map(|xml| str::from_utf8(xml));
    texts
        .collect::<Result<_, _>>()
        .expect("we write nothing but UTF-8")
}
