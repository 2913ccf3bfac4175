//! The oracles of fragments, messages, line packets and accounts.

use bytes::{Bytes, BytesMut};

use super::small_limits;
use crate::explain::{ExplainOptions, explain};
use crate::out_of_process::{LinePacket, LinePacketKind};
use crate::{
    Content, Decode, Encode, Fragment, Limits, Member, Message, MessageBody, Object, Reassembler,
    Value,
};

/// What decodes, encodes; and what we encode, we can read back as the same thing.
pub fn fragment_round_trip(data: &[u8]) {
    let Ok((first, rest)) = Fragment::decode(data) else {
        return;
    };
    assert_eq!(
        Some(first.encoded_len()),
        data.len().checked_sub(rest.len())
    );
    let mut wire = BytesMut::with_capacity(first.encoded_len());
    first.encode(&mut wire);
    assert_eq!(
        Fragment::decode(&wire).expect("we wrote it"),
        (first, &[][..])
    );
}

/// However the packets are cut, the same messages come out, and no more bytes than went in. The
/// first byte of `data` says how long the packets are.
pub fn reassembly(data: &[u8]) {
    let Some((cut, stream)) = data.split_first() else {
        return;
    };
    let limits = Limits {
        message_size: 1 << 12,
        total_size: Some(1 << 15),
        ..Limits::default()
    };
    let packets = || stream.chunks(usize::from(*cut).max(1));
    let whole = joined(&limits, [stream]);
    assert_eq!(whole, joined(&limits, packets()));
    assert_eq!(whole, lent(&limits, packets()));
    let bytes: usize = whole.iter().map(Bytes::len).sum();
    assert!(bytes <= stream.len());
    assert!(
        whole
            .iter()
            .all(|message| message.len() < limits.message_size)
    );
}

fn joined<'a>(limits: &Limits, packets: impl IntoIterator<Item = &'a [u8]>) -> Vec<Bytes> {
    let mut reassembler = Reassembler::new(limits);
    let mut messages = Vec::new();
    for packet in packets {
        let mut received = Bytes::copy_from_slice(packet);
        loop {
            match reassembler.push(&mut received) {
                Ok(Some(message)) => messages.push(message),
                Ok(None) => break,
                Err(error) => {
                    // An error is final.
                    let again = reassembler.push(&mut Bytes::copy_from_slice(packet));
                    assert_eq!(again, Err(error));
                    return messages;
                }
            }
        }
    }
    messages
}

/// The same as [`joined`], each message copied before the next is taken.
fn lent<'a>(limits: &Limits, packets: impl IntoIterator<Item = &'a [u8]>) -> Vec<Bytes> {
    let mut reassembler = Reassembler::new(limits);
    let mut messages = Vec::new();
    for mut received in packets {
        loop {
            match reassembler.push_borrowed(&mut received) {
                Ok(Some(message)) => messages.push(Bytes::copy_from_slice(message)),
                Ok(None) => break,
                Err(_) => return messages,
            }
        }
    }
    messages
}

/// The header comes back; and what is read as a typed body is written as something that reads as
/// the same.
pub fn message_round_trip(data: &[u8]) {
    let Ok((message, _)) = Message::decode(data) else {
        return;
    };
    let mut wire = BytesMut::new();
    message.encode(&mut wire);
    assert_eq!(Message::decode(&wire).expect("we wrote it").0, message);
    let Ok(body) = message.body(&small_limits()) else {
        return;
    };
    let first = body.to_value();
    // A reference to something that the body does not keep leads nowhere when it is read again.
    if first.as_ref().is_some_and(holds_reference) {
        return;
    }
    let again = MessageBody::from_value(message.kind, first.as_ref()).expect("we wrote it");
    assert_eq!(again.to_value(), first);
}

fn holds_reference(value: &Value) -> bool {
    let mut waiting = vec![value];
    while let Some(value) = waiting.pop() {
        match value {
            Value::Reference(_) => return true,
            Value::Object(object) => push_inside(object, &mut waiting),
            _ => {}
        }
    }
    false
}

fn push_inside<'v>(object: &'v Object, waiting: &mut Vec<&'v Value>) {
    match &object.content {
        None => {}
        Some(Content::Value(value)) => waiting.push(value),
        Some(Content::Items(_, items)) => waiting.extend(items),
        Some(Content::Dictionary(entries)) => {
            waiting.extend(entries.iter().flat_map(|(key, value)| [key, value]));
        }
    }
    waiting.extend(object.adapted.iter().flatten().map(|each| &each.value));
    let mut sets = vec![object.extended.as_deref().unwrap_or_default()];
    while let Some(members) = sets.pop() {
        for member in members {
            match member {
                Member::Property(property) => waiting.push(&property.value),
                Member::Set(_, inner) => sets.push(inner),
            }
        }
    }
}

/// What is read as a packet is written in PowerShell's form, and that reads as the same packet.
pub fn line_packet_round_trip(data: &[u8]) {
    let limits = small_limits();
    let mut rest = data;
    while let Ok((packet, after)) = LinePacket::parse_first(rest, &limits) {
        assert!(after.len() < rest.len());
        rest = after;
        let mut line = Vec::new();
        packet.write(&mut line);
        assert_eq!(LinePacket::parse(&line, &Limits::default()), Ok(packet));
        if let LinePacketKind::Data { payload, .. } = packet.kind
            && let Ok(bytes) = payload.decode()
        {
            assert!(bytes.len() <= payload.as_str().len());
        }
    }
}

/// Whatever the capture is, the account keeps to its limits and moves no cursor.
pub fn explain_anything(data: &[u8]) {
    let options = ExplainOptions {
        lines: 200,
        items: 20,
        limits: small_limits(),
        ..ExplainOptions::default()
    };
    let account = explain(data, &options);
    assert!(account.lines().count() <= options.lines.saturating_add(1));
    let controls = account.chars().filter(|c| c.is_control() && *c != '\n');
    assert_eq!(controls.count(), 0, "{account:?}");
}
