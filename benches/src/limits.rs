//! What cannot be beaten on the same bytes: copying them, searching them for `<`, tokenizing or
//! writing them as XML, and decoding their base64.

use std::hint::black_box;

use base64_simd::STANDARD as BASE64;
use bytes::Bytes;
use quick_xml::events::Event;

use crate::inputs::FRAGMENT_LEN;

/// Copies `bytes` packet by packet, each into memory of its own, as a receiver must at least once.
#[must_use]
pub fn memcpy(bytes: &[u8]) -> usize {
    let packets = black_box(bytes).chunks(FRAGMENT_LEN);
    let copies = packets.map(|packet| black_box(packet.to_vec()).len());
    copies.sum()
}

/// Copies `bytes` in one go into memory that is already there and as long. Slower than packet by
/// packet where that memory does not fit the cache.
///
/// # Panics
/// When it is not as long.
pub fn memcpy_whole(bytes: &[u8], into: &mut [u8]) {
    black_box(&mut *into).copy_from_slice(black_box(bytes));
    black_box(into);
}

/// Finds every `<`.
#[must_use]
pub fn memchr(messages: &[Bytes]) -> usize {
    let tags = messages.iter().map(|xml| {
        memchr::memchr_iter(b'<', black_box(xml))
            .map(black_box)
            .count()
    });
    tags.sum()
}

/// The events of quick-xml as it is configured when nobody configures it; nothing is made of them.
#[must_use]
pub fn quick_xml_events(messages: &[Bytes]) -> usize {
    let mut count = 0;
    for xml in messages {
        let mut reader = quick_xml::Reader::from_reader(black_box(&xml[..]));
        loop {
            match reader.read_event().expect("the input is good") {
                Event::Eof => break,
                event => {
                    black_box(&event);
                    count += 1;
                }
            }
        }
    }
    count
}

/// The events of all messages, for [`quick_xml_write`].
#[must_use]
pub fn events_of(messages: &[Bytes]) -> Vec<Event<'_>> {
    let mut events = Vec::new();
    for xml in messages {
        let mut reader = quick_xml::Reader::from_reader(&xml[..]);
        loop {
            match reader.read_event().expect("the input is good") {
                Event::Eof => break,
                event => events.push(event),
            }
        }
    }
    events
}

/// Writes events, whose text is escaped already, with the writer of quick-xml.
pub fn quick_xml_write(events: &[Event<'_>], out: &mut Vec<u8>) -> usize {
    out.clear();
    let mut writer = quick_xml::Writer::new(&mut *out);
    for event in events {
        writer
            .write_event(black_box(event.borrow()))
            .expect("memory does not fail");
    }
    out.len()
}

/// Decodes base64 into memory that is already there.
pub fn base64(text: &str, out: &mut Vec<u8>) -> usize {
    out.clear();
    BASE64
        .decode_append(black_box(text.as_bytes()), out)
        .expect("the input is good");
    black_box(&*out).len()
}

/// Checks that `bytes` are UTF-8.
#[must_use]
pub fn utf8(bytes: &[u8]) -> usize {
    let text = simdutf8::basic::from_utf8(black_box(bytes)).expect("the input is good");
    black_box(text).len()
}
