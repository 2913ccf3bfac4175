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

/// Everything that the goals are about.
pub(super) fn promised(peers: &dyn Peers) -> Vec<(&'static str, Times)> {
    let messages = judged::messages(MB);
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
            receive(&messages, inputs::FRAGMENT_LEN, peers, ROUNDS),
        ),
        (
            race::RECEIVE_150K,
            receive(&messages, inputs::LARGE_FRAGMENT_LEN, peers, ROUNDS),
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
        let small = receive(&messages, inputs::FRAGMENT_LEN, peers, INFORMATION);
        let large = receive(&messages, inputs::LARGE_FRAGMENT_LEN, peers, INFORMATION);
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

/// How many times as much a byte of 20 MB costs as a byte of 1 MB, for each path: what arrives is
/// a stream of messages, so that is what becomes longer.
pub(super) fn growth() -> Vec<(&'static str, f64)> {
    const SMALL: &str = "1 MB";
    const LARGE: &str = "20 MB";
    let limits = paths::limits();
    // Both kinds of objects in equal parts.
    let messages = [MB / 2, 10 * MB].map(judged::messages);
    let answers = messages
        .each_ref()
        .map(|messages| answers::answers(messages, inputs::FRAGMENT_LEN));
    let bytes = messages.each_ref().map(|messages| total(messages));
    let grown = |race: Race<'_>| {
        let ratio = race.run(INFORMATION).ratio(SMALL, LARGE);
        let [small, large] = bytes.map(|bytes| bytes as f64);
        ratio.unwrap_or(f64::NAN) * small / large
    };
    let both = |pass: &mut dyn FnMut(usize)| {
        let pass = std::cell::RefCell::new(pass);
        let mut race = Race::over(bytes[0]);
        race.enter(SMALL, || pass.borrow_mut()(0));
        race.enter(LARGE, || pass.borrow_mut()(1));
        grown(race)
    };
    let (mut tape, mut reader) = (Tape::default(), Reader::new(limits));
    let mut out = BytesMut::new();
    vec![
        (
            name::STRUCTURE,
            both(&mut |which| paths::structure(&messages[which], &mut tape, &limits)),
        ),
        (
            name::EVERY_VALUE,
            both(&mut |which| paths::every_value(&messages[which], &mut tape, &limits)),
        ),
        (
            name::COMPACT,
            both(&mut |which| paths::compact(&messages[which], &mut reader)),
        ),
        (
            name::TREE,
            both(&mut |which| paths::tree(&messages[which], &mut reader)),
        ),
        (
            // What is written has just been made, as in a session. Values that were all made
            // before would measure how far away the memory is that they are in.
            "owned tree, written again",
            both(&mut |which| {
                for xml in &messages[which] {
                    let value = reader.read(black_box(xml)).expect("the input is good");
                    out.clear();
                    clixml::write(&value, &mut out);
                    black_box(out.len());
                }
            }),
        ),
        (
            "ReceiveResponse body to objects",
            both(&mut |which| {
                black_box(answers::objects(&answers[which], &limits, &mut tape));
            }),
        ),
    ]
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

fn receive(messages: &[Bytes], packet_len: usize, peers: &dyn Peers, rounds: usize) -> Times {
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
    race.run(rounds)
}

fn total(messages: &[Bytes]) -> usize {
    messages.iter().map(Bytes::len).sum()
}
