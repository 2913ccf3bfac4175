//! Fragments: any cut of any messages comes together again, and nothing else does.

use bytes::{Bytes, BytesMut};
use proptest::prelude::*;
use psrp_codec::{
    Decode, DecodeErrorKind, Destination, Encode, Fragment, Limits, Message, MessageKind, ObjectId,
    Reassembler, clixml::Tape, fragment::UnsentMessage, split,
};

use crate::testdata::hex;

/// The §17 vectors: one message in one fragment, and in fragments of 100 bytes.
const CAPABILITY: &str = "0000000000000001 0000000000000000 03 000000ca";

fn object(number: u64) -> ObjectId {
    ObjectId::new(number).unwrap()
}

fn wire(fragments: impl IntoIterator<Item = Fragment<'static>>) -> Bytes {
    let mut out = BytesMut::new();
    for fragment in fragments {
        fragment.encode(&mut out);
    }
    out.freeze()
}

fn piece(
    number: u64,
    index: u64,
    start: bool,
    end: bool,
    blob: &'static [u8],
) -> Fragment<'static> {
    Fragment {
        object: object(number),
        index,
        start,
        end,
        blob,
    }
}

fn all_messages(reassembler: &mut Reassembler, mut received: Bytes) -> Vec<Bytes> {
    let mut messages = Vec::new();
    while let Some(message) = reassembler.push(&mut received).unwrap() {
        messages.push(message);
    }
    assert!(received.is_empty());
    messages
}

fn rejected(packet: Bytes) -> String {
    rejected_by(&mut Reassembler::default(), packet)
}

fn rejected_by(reassembler: &mut Reassembler, packet: Bytes) -> String {
    let mut received = packet.clone();
    loop {
        match reassembler.push(&mut received) {
            Ok(Some(_)) => {}
            Ok(None) => panic!("{packet:?} was accepted"),
            Err(error) => {
                assert_eq!(reassembler.push(&mut packet.clone()), Err(error.clone()));
                return error.to_string();
            }
        }
    }
}

#[test]
fn a_header_is_written_as_it_was_read() {
    let header = hex(CAPABILITY);
    let mut packet = header.clone();
    packet.extend([b'x'; 0xca]);
    let (fragment, rest) = Fragment::decode(&packet).unwrap();
    assert_eq!((fragment.object, fragment.index), (ObjectId::FIRST, 0));
    assert!(fragment.start && fragment.end && rest.is_empty());
    let mut out = BytesMut::new();
    fragment.encode(&mut out);
    assert_eq!(out, packet);
}

#[test]
fn a_message_in_one_fragment_is_not_copied() {
    let packet = wire([
        piece(1, 0, true, true, b"one"),
        piece(2, 0, true, true, b"two"),
    ]);
    let mut received = packet.clone();
    let mut reassembler = Reassembler::default();
    let first = reassembler.push(&mut received).unwrap().unwrap();
    assert_eq!(&first[..], b"one");
    assert_eq!(first.as_ptr(), packet[Fragment::HEADER_LEN..].as_ptr());
    assert_eq!(
        &reassembler.push(&mut received).unwrap().unwrap()[..],
        b"two"
    );
    assert_eq!(reassembler.push(&mut received), Ok(None));
}

#[test]
fn a_fragment_is_decoded_without_allocating() {
    let packet = wire([piece(1, 0, true, true, b"some bytes")]);
    let info = allocation_counter::measure(|| {
        let (fragment, _) = Fragment::decode(&packet).unwrap();
        assert!(fragment.end);
    });
    assert_eq!(info.count_total, 0);
}

#[test]
fn single_fragments_are_reassembled_without_allocating() {
    let packet = wire((1..=64).map(|number| piece(number, 0, true, true, b"some bytes")));
    let mut reassembler = Reassembler::default();
    let mut received = packet.clone();
    // Sharing a buffer for the first time may allocate its counter.
    reassembler.push(&mut received).unwrap().unwrap();
    let info =
        allocation_counter::measure(
            || {
                while reassembler.push(&mut received).unwrap().is_some() {}
            },
        );
    assert_eq!(info.count_total, 0);
}

#[test]
fn messages_that_are_lent_out_are_read_to_their_values_without_allocating() {
    let long = format!("<S>{}</S>", "x".repeat(100_000));
    let mut stream = BytesMut::new();
    for number in 1..=64 {
        let mut message = BytesMut::new();
        let xml = if number % 8 == 0 {
            &long
        } else {
            "<I32>42</I32>"
        };
        Message::new(Destination::Client, MessageKind::PipelineOutput)
            .encode_with_clixml(xml.as_bytes(), &mut message);
        for fragment in split(object(number), &message, 32 * 1024) {
            fragment.encode(&mut stream);
        }
    }
    let (limits, mut reassembler, mut tape) =
        (Limits::default(), Reassembler::default(), Tape::default());
    let mut read = || {
        let (mut received, mut count) = (&stream[..], 0);
        while let Some(wire) = reassembler.push_borrowed(&mut received).unwrap() {
            let (message, _) = Message::decode(wire).unwrap();
            let xml = message.clixml().unwrap().unwrap();
            tape.parse(xml, &limits).unwrap();
            count += 1;
        }
        assert_eq!((count, received), (64, &b""[..]));
    };
    // The first pass grows what the reassembler and the tape keep.
    read();
    assert_eq!(allocation_counter::measure(read).count_total, 0);
}

#[test]
fn a_message_that_is_all_there_takes_one_allocation() {
    let message: &'static [u8] = Box::leak(vec![7; 500_000].into_boxed_slice());
    let packet = wire(split(ObjectId::FIRST, message, 32 * 1024));
    let mut reassembler = Reassembler::default();
    let mut received = packet.clone();
    let info = allocation_counter::measure(|| {
        let joined = reassembler.push(&mut received).unwrap().unwrap();
        assert_eq!(joined.len(), message.len());
    });
    // The joined bytes, and the counter that shares them.
    assert!(info.count_total <= 2, "{}", info.count_total);
    assert!(info.bytes_max < 510_000, "{}", info.bytes_max);
}

#[test]
fn the_tail_of_a_message_that_began_elsewhere_is_passed_over_once() {
    let tail = [
        piece(5, 7, false, false, b"of the"),
        piece(5, 8, false, true, b"tail"),
    ];
    let mut reassembler = Reassembler::default();
    reassembler.ignore_off_sync();
    let packet = wire(tail.into_iter().chain([piece(6, 0, true, true, b"whole")]));
    let messages = all_messages(&mut reassembler, packet);
    assert_eq!(messages, [&b"whole"[..]]);
    assert_eq!(
        rejected_by(&mut reassembler, wire(tail)),
        "fragment: a message goes on that has not begun"
    );
}

#[test]
fn what_was_half_received_is_forgotten_on_reconnect() {
    let mut reassembler = Reassembler::default();
    let packet = wire([piece(1, 0, true, false, b"half")]);
    assert!(all_messages(&mut reassembler, packet).is_empty());
    assert!(reassembler.is_mid_message());
    reassembler.ignore_off_sync();
    assert!(!reassembler.is_mid_message());
    let packet = wire([
        piece(1, 1, false, true, b"other half"),
        piece(2, 0, true, true, b"new"),
    ]);
    assert_eq!(all_messages(&mut reassembler, packet), [&b"new"[..]]);
}

#[test]
fn each_rule_broken_once_is_an_error() {
    let zero = hex("0000000000000000 0000000000000000 03 00000002 6869");
    for (packet, why) in [
        (zero.into(), "fragment at byte 0: the ObjectId is zero"),
        (
            wire([piece(1, 0, false, true, b"x")]),
            "fragment: a message goes on that has not begun",
        ),
        (
            wire([piece(1, 5, true, true, b"x")]),
            "fragment: the FragmentId is 5 where 0 is due",
        ),
        (
            wire([
                piece(1, 0, true, false, b"x"),
                piece(1, 2, false, true, b"x"),
            ]),
            "fragment: the FragmentId is 2 where 1 is due",
        ),
        (
            wire([
                piece(1, 0, true, false, b"x"),
                piece(2, 1, false, true, b"x"),
            ]),
            "fragment: the ObjectId is 2 where 1 is due",
        ),
        (
            wire([
                piece(1, 0, true, false, b"x"),
                piece(2, 0, true, true, b"x"),
            ]),
            "fragment: a message begins before the last one has ended",
        ),
    ] {
        assert_eq!(rejected(packet), why);
    }
}

#[test]
fn a_blob_over_the_limit_is_not_waited_for() {
    let header = hex("0000000000000001 0000000000000000 01 7fffffff");
    assert_eq!(
        rejected(header.into()),
        "fragment: 2147483668 is over the limit of 10485760 (message_size)"
    );
}

#[test]
fn limits_hold_at_the_byte() {
    let with = |change: fn(&mut Limits)| {
        let mut limits = Limits::default();
        change(&mut limits);
        Reassembler::new(&limits)
    };
    // Two fragments of 21 + 4 and 21 + 3 bytes.
    let packet = || {
        wire([
            piece(1, 0, true, false, b"four"),
            piece(1, 1, false, true, b"and"),
        ])
    };
    let mut enough = with(|limits| limits.message_size = 49);
    assert_eq!(all_messages(&mut enough, packet()), [&b"fourand"[..]]);
    assert_eq!(
        rejected_by(&mut with(|limits| limits.message_size = 48), packet()),
        "fragment: 49 is over the limit of 48 (message_size)"
    );
    let mut enough = with(|limits| limits.total_size = Some(49));
    assert_eq!(all_messages(&mut enough, packet()), [&b"fourand"[..]]);
    assert_eq!(enough.total_received(), 49);
    assert_eq!(
        rejected_by(&mut enough, packet()),
        "fragment: 74 is over the limit of 49 (total_size)"
    );
}

#[test]
fn a_header_alone_is_no_error_yet() {
    let packet = wire([piece(1, 0, true, true, b"blob")]);
    for len in 0..packet.len() {
        let mut reassembler = Reassembler::default();
        assert_eq!(reassembler.push(&mut packet.slice(..len)), Ok(None));
        assert_eq!(reassembler.is_mid_message(), len > 0);
        let rest = all_messages(&mut reassembler, packet.slice(len..));
        assert_eq!(rest, [&b"blob"[..]]);
    }
}

#[test]
fn memory_stays_bounded_while_fragments_stream() {
    let blob: &'static [u8] = Box::leak(vec![7; 4096].into_boxed_slice());
    let packets: Vec<Bytes> = (0..1024)
        .map(|index| wire([piece(1, index, index == 0, index == 1023, blob)]))
        .collect();
    // Sharing a buffer for the first time allocates its counter.
    let mut received = packets.clone();
    let mut reassembler = Reassembler::default();
    let info = allocation_counter::measure(|| {
        for packet in &mut received {
            reassembler.push(packet).unwrap();
        }
    });
    // The buffer grows by doubling: at most the old and the new one side by side.
    assert!(info.bytes_max < 3 * 4096 * 1024 * 2, "{}", info.bytes_max);
    assert!(info.count_total < 64, "{}", info.count_total);
}

proptest! {
    #[test]
    fn splitting_then_joining_is_identity(
        messages in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..600), 1..5),
        limit in 22_usize..300,
        cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        let mut stream = BytesMut::new();
        for (number, message) in (1..).zip(&messages) {
            for fragment in split(object(number), message, limit) {
                prop_assert!(fragment.encoded_len() <= limit);
                fragment.encode(&mut stream);
            }
        }
        let stream = stream.freeze();
        let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(stream.len())).collect();
        cuts.extend([0, stream.len()]);
        cuts.sort_unstable();
        let mut reassembler = Reassembler::default();
        let mut joined = Vec::new();
        for cut in cuts.windows(2) {
            let mut received = stream.slice(cut[0]..cut[1]);
            while let Some(message) = reassembler.push(&mut received).unwrap() {
                joined.push(message.to_vec());
            }
        }
        prop_assert_eq!(joined, messages);
        prop_assert!(!reassembler.is_mid_message());
    }

    #[test]
    fn any_rooms_that_packets_have_give_the_message_back(
        message in proptest::collection::vec(any::<u8>(), 1..600),
        rooms in proptest::collection::vec(0_usize..120, 1..40),
    ) {
        let mut unsent = UnsentMessage::new(ObjectId::FIRST, message.clone().into());
        let mut reassembler = Reassembler::default();
        let mut joined = None;
        for room in rooms.into_iter().chain(std::iter::repeat(64)) {
            let mut packet = BytesMut::new();
            let wrote = unsent.write_fragment(room, &mut packet);
            prop_assert_eq!(wrote, !packet.is_empty());
            prop_assert!(packet.len() <= room);
            joined = reassembler.push(&mut packet.freeze()).unwrap();
            if unsent.is_sent() {
                break;
            }
        }
        prop_assert_eq!(joined.as_deref(), Some(&message[..]));
    }

    #[test]
    fn any_bytes_are_read_or_rejected(bytes: Vec<u8>) {
        let mut reassembler = Reassembler::default();
        let mut received = Bytes::from(bytes.clone());
        while let Ok(Some(_)) = reassembler.push(&mut received) {}
        match Fragment::decode(&bytes) {
            Ok((fragment, rest)) => {
                prop_assert_eq!(fragment.blob.len() + rest.len() + Fragment::HEADER_LEN, bytes.len());
            }
            Err(error) if bytes.len() < Fragment::HEADER_LEN => {
                prop_assert_eq!(error.kind(), &DecodeErrorKind::Truncated);
            }
            Err(_) => {}
        }
    }
}
