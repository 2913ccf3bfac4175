//! The oracles of the fuzz targets, fed with every vector and with what becomes of it when bytes
//! are changed, dropped and doubled. `PSRP_MUTATIONS` says how many changes each vector gets.

use base64_simd::STANDARD as BASE64;
use bytes::{Bytes, BytesMut};
use psrp_codec::{
    Destination, Message, MessageKind, ObjectId, Reassembler, fuzzing,
    out_of_process::{LineStream, write_data},
    split,
};

use crate::testdata::{folder, hex, text};

/// Numbers that look random and are the same on every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % (limit.max(1) as u64)).unwrap()
    }
}

/// One to four changes of a byte, a cut, or a piece doubled.
fn mutated(vector: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = vector.to_vec();
    for _ in 0..=numbers.below(4) {
        if bytes.is_empty() {
            break;
        }
        let at = numbers.below(bytes.len());
        match numbers.below(6) {
            0 => bytes.truncate(at),
            1 => {
                let end = (at + numbers.below(40)).min(bytes.len());
                let piece = bytes[at..end].to_vec();
                let to = numbers.below(bytes.len());
                bytes.splice(to..to, piece);
            }
            2 => {
                bytes.remove(at);
            }
            3 => bytes[at] ^= 1 << numbers.below(8),
            4 => bytes[at] = b"<>/\"& _x0\xff"[numbers.below(10)],
            _ => bytes[at] = u8::try_from(numbers.below(256)).unwrap(),
        }
    }
    bytes
}

/// The fragments of every message there is a vector of, as one packet each.
fn packets() -> Vec<Vec<u8>> {
    let mut packets: Vec<Vec<u8>> = std::fs::read_dir(folder("psrp"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "hex"))
        .map(|path| hex(&std::fs::read_to_string(path).unwrap()))
        .collect();
    for row in text("messages.tsv").lines().skip(1) {
        let columns: Vec<_> = row.split('\t').collect();
        let number = u32::from_str_radix(&columns[0][2..], 16).unwrap();
        let mut wire = BytesMut::new();
        Message::new(Destination::Client, MessageKind::from_u32(number))
            .encode_with_clixml(columns.get(3).unwrap_or(&"").as_bytes(), &mut wire);
        let mut packet = BytesMut::new();
        for fragment in split(ObjectId::FIRST, &wire, 32_768) {
            psrp_codec::Encode::encode(&fragment, &mut packet);
        }
        packets.push(packet.to_vec());
    }
    assert!(packets.len() > 170);
    packets
}

fn messages_of(packet: &[u8]) -> Vec<Bytes> {
    let mut received = Bytes::copy_from_slice(packet);
    let mut reassembler = Reassembler::default();
    let mut messages = Vec::new();
    while let Ok(Some(message)) = reassembler.push(&mut received) {
        messages.push(message);
    }
    messages
}

fn mutations() -> usize {
    let set = std::env::var("PSRP_MUTATIONS").ok();
    set.map_or(24, |count| count.parse().unwrap())
}

#[test]
fn no_change_of_a_packet_breaks_fragments_or_reassembly() {
    let mut numbers = Numbers(1);
    for packet in packets() {
        for _ in 0..mutations() {
            let bytes = mutated(&packet, &mut numbers);
            fuzzing::fragment_round_trip(&bytes);
            fuzzing::reassembly(&bytes);
        }
    }
}

#[test]
fn no_change_of_a_message_breaks_its_typed_body() {
    let mut numbers = Numbers(2);
    for message in packets().iter().flat_map(|packet| messages_of(packet)) {
        fuzzing::message_round_trip(&message);
        for _ in 0..mutations() {
            fuzzing::message_round_trip(&mutated(&message, &mut numbers));
        }
    }
}

#[test]
fn no_change_of_a_message_makes_another_kind_of_it_panic() {
    for message in packets().iter().flat_map(|packet| messages_of(packet)) {
        for kind in MessageKind::ALL {
            let mut other = message.to_vec();
            other[4..8].copy_from_slice(&kind.as_u32().to_le_bytes());
            fuzzing::message_round_trip(&other);
        }
    }
}

/// What there is of CLIXML by itself: one value or one document.
fn values() -> Vec<Vec<u8>> {
    let rows = text("clixml.tsv");
    let rows = rows
        .lines()
        .skip(1)
        .filter_map(|row| row.split('\t').nth(4));
    let mut values: Vec<Vec<u8>> = rows.map(|xml| xml.as_bytes().to_vec()).collect();
    for entry in std::fs::read_dir(folder("clixml")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "xml") {
            values.push(std::fs::read(path).unwrap());
        }
    }
    assert!(values.len() > 300);
    values
}

#[test]
fn no_change_of_a_value_breaks_reading_or_writing() {
    let mut numbers = Numbers(5);
    for value in values() {
        for _ in 0..mutations() {
            let bytes = mutated(&value, &mut numbers);
            fuzzing::clixml_round_trip(&bytes);
            fuzzing::clixml_document_round_trip(&bytes);
            fuzzing::clixml_against_quick_xml(&bytes);
        }
        fuzzing::clixml_against_quick_xml(&value);
    }
}

#[test]
fn no_change_of_a_line_breaks_line_packets() {
    let mut numbers = Numbers(3);
    for packet in packets() {
        let mut line = Vec::new();
        write_data(LineStream::Default, None, &packet, &mut line);
        for _ in 0..mutations() {
            fuzzing::line_packet_round_trip(&mutated(&line, &mut numbers));
        }
    }
}

#[test]
fn no_change_of_a_capture_breaks_its_account() {
    let mut numbers = Numbers(4);
    for (packet, number) in packets().iter().zip(0..) {
        let mut line = Vec::new();
        write_data(LineStream::Default, None, packet, &mut line);
        let base64 = BASE64.encode_to_string(packet);
        let envelope = format!(
            "<s:Envelope><a:Action>x/Send</a:Action><rsp:Stream Name=\"stdin\">{base64}</rsp:Stream>"
        );
        let forms = [packet.clone(), line, base64.into(), envelope.into()];
        for _ in 0..mutations().div_ceil(4) {
            fuzzing::explain_anything(&mutated(&forms[number % 4], &mut numbers));
        }
    }
}
