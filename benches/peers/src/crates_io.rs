//! psrp-rs and winrm-rs, through what they make public.
//!
//! Where something could be counted for or against them, it is left out of their time: the check
//! that a body is UTF-8, HTTP, and the checks of an envelope's headers.

use bytes::Bytes;

/// The same for two versions: what they make public did not change.
macro_rules! versions {
    ($($module:ident: $psrp:ident, $receive:path, $psrp_name:expr, $winrm_name:expr;)*) => {$(
        pub(crate) mod $module {
            use std::hint::black_box;

            use benches::answers::Answer;
            use benches::compare::Race;
            #[allow(unused_imports, reason = "each version has its own names")]
            use bytes::Bytes;
            use $psrp::PsValue;
            use $psrp::fragment::Reassembler;
            use $psrp::message::PsrpMessage;

            use super::texts;

            pub(crate) fn reassemble<'a>(packets: &'a [Bytes], race: &mut Race<'a>) {
                race.enter($psrp_name, move || {
                    let mut reassembler = Reassembler::new();
                    for packet in packets {
                        let packet = black_box(packet);
                        black_box(reassembler.feed(packet).expect("the input is good"));
                    }
                });
            }

            pub(crate) fn decode<'a>(messages: &'a [Bytes], race: &mut Race<'a>) {
                let texts = texts(messages);
                race.enter($psrp_name, move || {
                    for text in &texts {
                        black_box($psrp::parse_clixml(black_box(text)).expect("the input is good"));
                    }
                });
            }

            pub(crate) fn encode<'a>(messages: &'a [Bytes], race: &mut Race<'a>) {
                let values = values(messages);
                race.enter($psrp_name, move || {
                    for value in &values {
                        black_box($psrp::to_clixml(black_box(value)));
                    }
                });
            }

            /// What psrp-rs does with each answer of a Receive: winrm-rs gives the bytes of its
            /// streams, they are joined to messages, and each message is read.
            pub(crate) fn receive<'a>(answers: &'a [Answer], race: &mut Race<'a>) {
                let bodies: Vec<&str> = answers
                    .iter()
                    .map(|answer| str::from_utf8(&answer.envelope).expect("we wrote it"))
                    .collect();
                race.enter($winrm_name, move || {
                    let mut reassembler = Reassembler::new();
                    for body in &bodies {
                        let output = $receive(black_box(body)).expect("the input is good");
                        let stdout = reassembler.feed(&output.stdout);
                        for message in stdout.expect("the input is good") {
                            let message = PsrpMessage::decode(&message).expect("the input is good");
                            let values = $psrp::parse_clixml(&message.data);
                            black_box(values.expect("the input is good"));
                        }
                    }
                });
            }

            /// How many bytes it writes for what it read from `messages`.
            pub(crate) fn written(messages: &[Bytes]) -> usize {
                let values = values(messages);
                let lengths = values.iter().map(|value| $psrp::to_clixml(value).len());
                lengths.sum()
            }

            fn values(messages: &[Bytes]) -> Vec<PsValue> {
                let values = texts(messages).into_iter().flat_map(|text| {
                    let values = $psrp::parse_clixml(text).expect("the input is good");
                    assert_eq!(values.len(), 1, "a message is one object");
                    values
                });
                values.collect()
            }
        }
    )*};
}

versions! {
    newest: psrp_rs, winrm_rs::__fuzz::parse_receive_output, benches::compare::name::PSRP_RS, benches::compare::name::WINRM_RS;
    first: psrp_rs_1, winrm_rs_1::parse_receive_output, "psrp-rs 1.0.0", "winrm-rs 1.1.2 + psrp-rs 1.0.0";
}

/// What is worth knowing about the figures.
pub(crate) fn notes(messages: &[Bytes]) -> Vec<String> {
    let read: usize = messages.iter().map(Bytes::len).sum();
    let version = |name: &str| {
        include_str!("../Cargo.toml")
            .lines()
            .filter(|line| line.split(' ').next() == Some(name))
            .find_map(|line| line.split('"').find(|part| part.starts_with('=')))
            .unwrap_or_default()
            .trim_start_matches('=')
    };
    vec![
        format!(
            "Judged: psrp-rs {}, winrm-rs {}",
            version("psrp-rs"),
            version("winrm-rs")
        ),
        format!(
            "psrp-rs writes {} bytes for the objects whose CLIXML is {read} bytes, 1.0.0 {}; \
             their time counts for all of them",
            newest::written(messages),
            first::written(messages),
        ),
    ]
}

fn texts(messages: &[Bytes]) -> Vec<&str> {
    let texts = messages.iter().map(|xml| str::from_utf8(xml));
    texts
        .collect::<Result<_, _>>()
        .expect("we write nothing but UTF-8")
}
