//! From a text to what stands in the XML: the `_xHHHH_` escapes first, then those of XML.
//!
//! Nearly every text stays what it is, so it is copied and looked at in one go, sixteen bytes at a
//! time, as far as that holds.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "positions stay below the length of a text that is in memory and has room to go to"
)]

use super::output::{Output, Piece};
use super::special::{Gaps, SIXTEEN, special};
use crate::PsString;

/// Appends `text` as the content of an element.
#[inline]
pub(super) fn write_text(text: &PsString, out: &mut Output<'_>) {
    write::<false>(text, out);
}

/// Appends `text` as the value of an attribute between double quotes.
#[inline]
pub(super) fn write_attribute(text: &PsString, out: &mut Output<'_>) {
    write::<true>(text, out);
}

/// Appends `text` with only what XML needs: for what has no `_xHHHH_` escapes.
pub(super) fn write_plain(text: &str, out: &mut Output<'_>) {
    for c in text.chars() {
        match c {
            '&' => out.piece(&AMP),
            '<' => out.piece(&LT),
            '>' => out.piece(&GT),
            '\0'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => write_reference(u32::from(c), out),
            c => out.bytes(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
}

const AMP: Piece = Piece::of("&amp;");
const LT: Piece = Piece::of("&lt;");
const GT: Piece = Piece::of("&gt;");
const QUOT: Piece = Piece::of("&quot;");
const UNDERSCORE: Piece = Piece::of("_x005F_");

/// How much is copied before the room for more is made ready.
const PORTION: usize = 4096;

#[inline]
fn write<const ATTRIBUTE: bool>(text: &PsString, out: &mut Output<'_>) {
    match text.as_str() {
        Some(text) => write_bytes::<ATTRIBUTE>(text.as_bytes(), out),
        None => write_units::<ATTRIBUTE>(text.as_wide().unwrap_or_default(), out),
    }
}

#[inline]
fn write_bytes<const ATTRIBUTE: bool>(text: &[u8], out: &mut Output<'_>) {
    if text.len() <= PORTION {
        let copied = copy::<ATTRIBUTE>(text, out.room(text.len()));
        out.keep(copied);
        if copied == text.len() {
            return;
        }
        return write_special::<ATTRIBUTE>(&text[copied..], out);
    }
    write_special::<ATTRIBUTE>(text, out);
}

/// Appends a text that begins with what may have to be escaped, or is long.
#[inline(never)]
fn write_special<const ATTRIBUTE: bool>(text: &[u8], out: &mut Output<'_>) {
    let mut rest = text;
    while let [first, after @ ..] = rest {
        // A character that takes more than one byte has all of them in `rest`, as it is the rest
        // of a text in UTF-8.
        rest = after;
        match (first, after) {
            (b'&', _) => out.piece(&AMP),
            (b'<', _) => out.piece(&LT),
            (b'>', _) => out.piece(&GT),
            (b'"', _) if ATTRIBUTE => out.piece(&QUOT),
            // PowerShell looks no further than this, though most of these need no escape.
            (b'_', [b'x' | b'X', ..]) => out.piece(&UNDERSCORE),
            (0..=0x1F | 0x7F, _) => write_escape((*first).into(), out),
            (0xC2, [control @ 0x80..=0x9F, after @ ..]) => {
                write_escape((*control).into(), out);
                rest = after;
            }
            (0xEF, [0xBF, last @ 0xBE..=0xBF, after @ ..]) => {
                write_reference(0xFFC0 | u32::from(*last & 0x3F), out);
                rest = after;
            }
            (0xF0.., [second, third, last, after @ ..]) => {
                let six = |byte: &u8| u32::from(byte & 0x3F);
                let code =
                    u32::from(first & 7) << 18 | six(second) << 12 | six(third) << 6 | six(last);
                let above = code.saturating_sub(0x1_0000);
                for unit in [0xD800 | above >> 10, 0xDC00 | above & 0x3FF] {
                    write_escape(u16::try_from(unit).unwrap_or(0xFFFD), out);
                }
                rest = after;
            }
            _ => out.byte(*first),
        }
        while !rest.is_empty() {
            let portion = &rest[..rest.len().min(PORTION)];
            let copied = copy::<ATTRIBUTE>(portion, out.room(portion.len()));
            out.keep(copied);
            rest = &rest[copied..];
            if copied < portion.len() {
                break;
            }
        }
    }
}

/// Copies to the front of `room` what comes before the first byte of `text` that may have to be
/// escaped, and gives its length. More may be stored behind it.
#[inline]
fn copy<const ATTRIBUTE: bool>(text: &[u8], room: &mut [u8]) -> usize {
    let len = text.len();
    let room = &mut room[..len];
    if let (Some(first), Some(last)) = (text.first_chunk::<SIXTEEN>(), text.last_chunk::<SIXTEEN>())
    {
        let (mut at, mut chunk) = (0, first);
        loop {
            room[at..at + SIXTEEN].copy_from_slice(chunk);
            let found = special::<ATTRIBUTE>(chunk, &[0; SIXTEEN]);
            if found != 0 {
                return at + found.trailing_zeros() as usize;
            }
            at += SIXTEEN;
            if let Some(next) = text[at..].first_chunk() {
                chunk = next;
            } else if at < len {
                // The last one again reaches back into what has been looked at.
                (at, chunk) = (len - SIXTEEN, last);
            } else {
                return len;
            }
        }
    }
    copy_short::<ATTRIBUTE>(text, room)
}

/// [`copy`] for fewer than sixteen bytes: the first and the last half of them, which may overlap.
#[inline]
fn copy_short<const ATTRIBUTE: bool>(text: &[u8], room: &mut [u8]) -> usize {
    let len = text.len();
    let mut chunk = [b' '; SIXTEEN];
    // How many bytes each half has, and behind which bytes that is not what stands in `text`.
    let (half, gaps) = if let (Some(first), Some(last)) =
        (text.first_chunk::<8>(), text.last_chunk::<8>())
    {
        chunk[..8].copy_from_slice(first);
        chunk[8..].copy_from_slice(last);
        room[..8].copy_from_slice(first);
        room[len - 8..].copy_from_slice(last);
        (8, &EIGHTS)
    } else if let (Some(first), Some(last)) = (text.first_chunk::<4>(), text.last_chunk::<4>()) {
        chunk[..4].copy_from_slice(first);
        chunk[4..8].copy_from_slice(last);
        room[..4].copy_from_slice(first);
        room[len - 4..].copy_from_slice(last);
        (4, &FOURS)
    } else if let (Some(first), Some(last)) = (text.first(), text.last()) {
        let middle = text[len / 2];
        chunk[..3].copy_from_slice(&[*first, middle, *last]);
        room[0] = *first;
        room[len / 2] = middle;
        room[len - 1] = *last;
        let found = special::<ATTRIBUTE>(&chunk, &[1; SIXTEEN]);
        return match found.trailing_zeros() {
            0 => 0,
            1 => len / 2,
            2 => len - 1,
            _ => len,
        };
    } else {
        return 0;
    };
    match special::<ATTRIBUTE>(&chunk, gaps) {
        0 => len,
        found => {
            let lane = found.trailing_zeros() as usize;
            if lane < half {
                lane
            } else {
                len + lane - 2 * half
            }
        }
    }
}

const EIGHTS: Gaps = [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1];
const FOURS: Gaps = [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0];

/// For a text with lone surrogates, which UTF-8 has no form for.
#[cold]
fn write_units<const ATTRIBUTE: bool>(units: &[u16], out: &mut Output<'_>) {
    for (index, unit) in units.iter().enumerate() {
        match char::from_u32(u32::from(*unit)) {
            None => write_escape(*unit, out),
            Some('_') if matches!(units.get(index + 1), Some(0x58 | 0x78)) => {
                out.piece(&UNDERSCORE);
            }
            Some(c) => write_bytes::<ATTRIBUTE>(c.encode_utf8(&mut [0; 4]).as_bytes(), out),
        }
    }
}

fn write_escape(unit: u16, out: &mut Output<'_>) {
    let [high, low] = unit.to_be_bytes();
    let digit = |value: u8| HEXADECIMAL[usize::from(value & 0xF)];
    out.bytes(&[
        b'_',
        b'x',
        digit(high >> 4),
        digit(high),
        digit(low >> 4),
        digit(low),
        b'_',
    ]);
}

const HEXADECIMAL: &[u8; 16] = b"0123456789ABCDEF";

#[cold]
fn write_reference(code: u32, out: &mut Output<'_>) {
    out.bytes(format!("&#x{code:X};").as_bytes());
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;
    use proptest::prelude::*;

    use super::*;

    /// The same, character by character.
    fn expected(text: &str, attribute: bool) -> String {
        let units: Vec<u16> = text.encode_utf16().collect();
        let escape = |unit: u16| format!("_x{unit:04X}_");
        let mut out = String::new();
        for (index, unit) in units.iter().enumerate() {
            match (*unit, units.get(index + 1)) {
                (0x26, _) => out += "&amp;",
                (0x3C, _) => out += "&lt;",
                (0x3E, _) => out += "&gt;",
                (0x22, _) if attribute => out += "&quot;",
                (0x5F, Some(0x58 | 0x78)) => out += "_x005F_",
                (0..=0x1F | 0x7F..=0x9F | 0xD800..=0xDFFF, _) => out += &escape(*unit),
                (0xFFFE | 0xFFFF, _) => out += &format!("&#x{unit:X};"),
                _ => out.push(char::from_u32((*unit).into()).unwrap()),
            }
        }
        out
    }

    fn check(text: &str) {
        let (mut content, mut attribute) = (BytesMut::new(), BytesMut::new());
        write_text(&text.into(), &mut Output::new(&mut content));
        write_attribute(&text.into(), &mut Output::new(&mut attribute));
        assert_eq!(str::from_utf8(&content), Ok(&*expected(text, false)));
        assert_eq!(str::from_utf8(&attribute), Ok(&*expected(text, true)));
    }

    #[test]
    fn every_character_is_escaped_wherever_it_stands() {
        for c in
            "&<>\"_xX\0\t\r\n\u{1F} \u{7F}\u{80}\u{9F}\u{A0}£é一\u{FEFF}\u{FFFD}\u{FFFE}\u{FFFF}😀"
                .chars()
        {
            for len in 0..40 {
                for from_end in 0..len.min(20) {
                    let mut text = "a".repeat(len);
                    text.insert(len - from_end, c);
                    check(&text);
                    text.insert(len - from_end, '_');
                    check(&text);
                    text.insert(0, c);
                    check(&text);
                }
            }
        }
    }

    #[test]
    fn long_texts_are_escaped_in_portions_that_nobody_sees() {
        for len in PORTION - 2..PORTION + 3 {
            for special in ["_x", "é\u{80}", "\u{FFFE}", "<😀"] {
                check(&format!("{}{special}b", "a".repeat(len)));
            }
        }
    }

    #[test]
    fn every_unit_is_written() {
        let text: String = ('\0'..=char::MAX).step_by(97).collect();
        check(&text);
        check(
            &('\0'..'\u{300}')
                .chain('\u{FF00}'..='\u{FFFF}')
                .collect::<String>(),
        );
    }

    proptest! {
        #[test]
        fn any_text_is_escaped_as_its_characters_are(
            text in "([ -~]{0,20}|[_xX]{0,3}|[&<>\"]|[\u{7E}-\u{A5}]|\u{FFFD}|\u{FFFE}|😀|[\r\n]|\\PC){0,30}"
        ) {
            check(&text);
        }
    }
}
