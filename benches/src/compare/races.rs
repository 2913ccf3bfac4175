//! The races: who runs over which bytes.

use std::hint::black_box;

use bytes::{Bytes, BytesMut};
use psrp_codec::clixml::{self, Reader, Tape};
use psrp_codec::{Reassembler, Value};

use super::goals::{name, race};
use super::{Peers, Race, Times, judged};
use crate::objects::Corpus;
use crate::{answers, inputs, limits, paths};

/// The size that is judged, of each kind of objects.
pub(super) const MB: usize = 1 << 20;

/// Headers in one pass: enough that the clock does not count, few enough to stay in the cache.
const HEADERS: u64 = 256;

/// Rounds of what is judged.
const ROUNDS: usize = 15;

/// Rounds of what is only told.
const INFORMATION: usize = 7;

/// Rounds where somebody takes seconds for one.
const SLOW: usize = 3;

/// Everything that the goals are about.
pub(super) fn promised(peers: &dyn Peers) -> Vec<(&'static str, Times)> {
    let messages = judged::messages(MB);
    let every_kind = judged::messages_of_every_kind(MB);
    let every_kind = |packet_len| receive(&every_kind, packet_len, peers, SLOW, true);
    vec![
        (race::HEADER, headers()),
        (race::MIXED, reassemble(&inputs::mixed_fragments(MB), peers)),
        (
            race::SEVERAL,
            reassemble(&inputs::fragments_of(500_000, MB), peers),
        ),
        (race::DECODE, decode(&messages, peers, ROUNDS)),
        (
            race::ENCODE,
            encode(&judged::values(MB), &messages, peers, ROUNDS),
        ),
        (
            race::RECEIVE_32K,
            receive(&messages, inputs::FRAGMENT_LEN, peers, ROUNDS, false),
        ),
        (
            race::RECEIVE_150K,
            receive(&messages, inputs::LARGE_FRAGMENT_LEN, peers, ROUNDS, false),
        ),
        (race::RECEIVE_EVERY_32K, every_kind(inputs::FRAGMENT_LEN)),
        (
            race::RECEIVE_EVERY_150K,
            every_kind(inputs::LARGE_FRAGMENT_LEN),
        ),
    ]
}

/// Every kind of objects by itself.
pub(super) fn every_corpus(peers: &dyn Peers) -> Vec<(Corpus, [(&'static str, Times); 4])> {
    let corpora = Corpus::ALL.into_iter();
    let times = corpora.map(|corpus| {
        let values = corpus.values(MB);
        let messages = corpus.messages(MB);
        let decode = decode(&messages, peers, INFORMATION);
        let encode = encode(&values, &messages, peers, INFORMATION);
        let small = receive(&messages, inputs::FRAGMENT_LEN, peers, INFORMATION, false);
        let large = receive(
            &messages,
            inputs::LARGE_FRAGMENT_LEN,
            peers,
            INFORMATION,
            false,
        );
        let races = [
            (race::DECODE, decode),
            (race::ENCODE, encode),
            (race::RECEIVE_32K, small),
            (race::RECEIVE_150K, large),
        ];
        (corpus, races)
    });
    times.collect()
}

/// How many times as much a byte of a stream of 20 MB costs as a byte of 1 MB of it.
pub(super) struct Growth {
    pub(super) path: &'static str,
    /// Each megabyte is another one, and has left the cache when its turn comes again: what is
    /// compared is how long the streams are, and nothing else.
    pub(super) fresh: f64,
    /// One megabyte again and again, which stays in the cache.
    pub(super) cached: f64,
}

/// Into how many parts a stream is cut.
const PARTS: usize = 20;

/// How each path grows: what arrives is a stream of messages, so that is what becomes longer.
pub(super) fn growth() -> Vec<Growth> {
    let limits = paths::limits();
    let messages = judged::CORPORA.map(|corpus| corpus.messages(PARTS * MB / 2));
    let answers =
        (messages.each_ref()).map(|messages| answers::answers(messages, inputs::FRAGMENT_LEN));
    let (mut tape, mut reader) = (Tape::default(), Reader::new(limits));
    let mut out = BytesMut::new();
    vec![
        // Nobody reads a stream without this: what it costs more is the memory's doing.
        grown(name::MEMCHR, &messages, |messages| {
            black_box(limits::memchr(messages));
        }),
        grown(name::STRUCTURE, &messages, |messages| {
            paths::structure(messages, &mut tape, &limits);
        }),
        grown(name::EVERY_VALUE, &messages, |messages| {
            paths::every_value(messages, &mut tape, &limits);
        }),
        grown(name::COMPACT, &messages, |messages| {
            paths::compact(messages, &mut reader);
        }),
        grown(name::TREE, &messages, |messages| {
            paths::tree(messages, &mut reader);
        }),
        // What is written has just been made, as in a session. Values that were all made before
        // would measure how far away the memory is that they are in.
        grown("owned tree, written again", &messages, |messages| {
            for xml in messages {
                let value = reader.read(black_box(xml)).expect("the input is good");
                out.clear();
                clixml::write(&value, &mut out);
                black_box(out.len());
            }
        }),
        grown("ReceiveResponse body to objects", &answers, |answers| {
            black_box(answers::objects(answers, &limits, &mut tape));
        }),
    ]
}

/// Measures `pass` over the whole of `streams`, of each kind of objects one, and over equal parts
/// of both.
fn grown<T>(path: &'static str, streams: &[Vec<T>; 2], pass: impl FnMut(&[T])) -> Growth {
    const WHOLE: &str = "the whole stream";
    const PART: &str = "a part of it";
    const SAME_PART: &str = "the same part";
    let pass = std::cell::RefCell::new(pass);
    let of_part = |part: usize| {
        for stream in streams {
            let mut parts = stream.chunks(stream.len().div_ceil(PARTS));
            pass.borrow_mut()(parts.nth(part).unwrap_or_default());
        }
    };
    let mut next = (0..PARTS).cycle();
    let mut race = Race::over(PARTS * MB);
    race.enter(WHOLE, || {
        streams.iter().for_each(|stream| pass.borrow_mut()(stream))
    });
    race.enter(PART, || next.next().into_iter().for_each(of_part));
    race.enter(SAME_PART, || of_part(0));
    let times = race.run(INFORMATION);
    let of = |part| times.ratio(part, WHOLE).unwrap_or(f64::NAN) / PARTS as f64;
    Growth {
        path,
        fresh: of(PART),
        cached: of(SAME_PART),
    }
}

fn headers() -> Times {
    let wire = inputs::tiny_fragments(HEADERS);
    let mut race = Race::over(HEADERS as usize);
    race.enter(name::OURS, || {
        black_box(paths::headers(&wire));
    });
    race.run(ROUNDS)
}

fn reassemble(wire: &Bytes, peers: &dyn Peers) -> Times {
    let packets: Vec<Bytes> = wire
        .chunks(inputs::FRAGMENT_LEN)
        .map(Bytes::copy_from_slice)
        .collect();
    let mut race = Race::over(wire.len());
    race.enter(name::MEMCPY, || {
        black_box(limits::memcpy(wire));
    });
    let mut into = vec![0; wire.len()];
    race.enter(name::MEMCPY_WHOLE, move || {
        limits::memcpy_whole(wire, &mut into);
    });
    let mut reassembler = Reassembler::default();
    race.enter(name::OURS, move || {
        black_box(paths::reassemble(&mut reassembler, black_box(wire.clone())));
    });
    peers.reassemble(&packets, &mut race);
    race.run(ROUNDS)
}

fn decode(messages: &[Bytes], peers: &dyn Peers, rounds: usize) -> Times {
    let limits = paths::limits();
    let mut race = Race::over(total(messages));
    race.enter(name::MEMCHR, || {
        black_box(limits::memchr(messages));
    });
    race.enter(name::QUICK_XML, || {
        black_box(limits::quick_xml_events(messages));
    });
    let mut tape = Tape::default();
    race.enter(name::STRUCTURE, move || {
        paths::structure(messages, &mut tape, &limits);
    });
    let mut tape = Tape::default();
    race.enter(name::EVERY_VALUE, move || {
        paths::every_value(messages, &mut tape, &limits);
    });
    let mut reader = Reader::new(limits);
    race.enter(name::COMPACT, move || {
        paths::compact(messages, &mut reader);
    });
    let mut reader = Reader::new(limits);
    race.enter(name::TREE, move || paths::tree(messages, &mut reader));
    peers.decode(messages, &mut race);
    race.run(rounds)
}

fn encode(values: &[Value], messages: &[Bytes], peers: &dyn Peers, rounds: usize) -> Times {
    let bytes = total(messages);
    let events = limits::events_of(messages);
    let mut race = Race::over(bytes);
    let mut text = Vec::with_capacity(2 * bytes);
    race.enter(name::QUICK_XML_WRITER, move || {
        black_box(limits::quick_xml_write(&events, &mut text));
    });
    let mut out = BytesMut::with_capacity(2 * bytes);
    race.enter(name::OURS, move || {
        black_box(paths::encode(values, &mut out));
    });
    peers.encode(messages, &mut race);
    race.run(rounds)
}

fn receive(
    messages: &[Bytes],
    packet_len: usize,
    peers: &dyn Peers,
    rounds: usize,
    earlier_peers: bool,
) -> Times {
    let limits = paths::limits();
    let answers = &answers::answers(messages, packet_len)[..];
    let mut race = Race::over(answers::total(answers));
    let (mut tape, mut out) = (Tape::default(), Vec::with_capacity(packet_len));
    race.enter(name::SUM, move || {
        black_box(answers::sum_of_parts(
            answers, messages, &limits, &mut tape, &mut out,
        ));
    });
    let mut tape = Tape::default();
    race.enter(name::OURS, move || {
        black_box(answers::objects(answers, &limits, &mut tape));
    });
    peers.receive(answers, &mut race);
    if earlier_peers {
        peers.receive_before(answers, &mut race);
    }
    race.run(rounds)
}

fn total(messages: &[Bytes]) -> usize {
    messages.iter().map(Bytes::len).sum()
}
