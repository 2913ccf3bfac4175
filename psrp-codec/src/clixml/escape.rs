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
use super::special::{SIXTEEN, is_plain, special};
use crate::PsString;

/// Appends `text` as the content of an element, and `after`.
#[inline]
pub(super) fn write_text(text: &PsString, after: &Piece, out: &mut Output<'_>) {
    write::<false>(&Piece::EMPTY, text, after, out);
}

/// Appends `text` as the value of an attribute, from what comes before it to what comes after it:
/// both with a double quote.
#[inline]
pub(super) fn write_attribute(
    before: &Piece,
    text: &PsString,
    after: &Piece,
    out: &mut Output<'_>,
) {
    write::<true>(before, text, after, out);
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

fn write<const ATTRIBUTE: bool>(
    before: &Piece,
    text: &PsString,
    after: &Piece,
    out: &mut Output<'_>,
) {
    let Some(text) = text.as_str() else {
        out.piece(before);
        write_units::<ATTRIBUTE>(text.as_wide().unwrap_or_default(), out);
        return out.piece(after);
    };
    let text = text.as_bytes();
    let mut rest = text;
    if text.len() <= PORTION {
        // Room for all of it is asked for once.
        let room = out.room(text.len() + 2 * Piece::LONGEST);
        let start = before.store(room, 0);
        let copied = copy::<ATTRIBUTE>(text, &mut room[start..]);
        let end = start + copied;
        if copied == text.len() {
            let end = after.store(room, end);
            return out.keep(end);
        }
        out.keep(end);
        rest = &text[copied..];
    } else {
        out.piece(before);
    }
    write_special::<ATTRIBUTE>(rest, out);
    out.piece(after);
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
            let mut portion = &rest[..rest.len().min(PORTION)];
            if portion.len() < rest.len() {
                // An underscore and the `x` that may be behind it are looked at together.
                portion = portion.strip_suffix(b"_").unwrap_or(portion);
            }
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
///
/// Texts of up to 32 bytes, which most are, are looked at as a whole: where one ends is nothing
/// that a processor can foresee, so it is not asked chunk by chunk.
#[inline(always)]
fn copy<const ATTRIBUTE: bool>(text: &[u8], room: &mut [u8]) -> usize {
    let len = text.len();
    let room = &mut room[..len];
    let is_plain = if len > TWO {
        return copy_long::<ATTRIBUTE>(text, room);
    } else if let (Some(first), Some(last)) = (
        text.first_chunk::<SEVENTEEN>(),
        text.last_chunk::<SEVENTEEN>(),
    ) {
        let ([first @ .., _], [_, second @ ..]) = (first, first);
        let ([third @ .., _], [_, last @ ..]) = (last, last);
        room[..SIXTEEN].copy_from_slice(first);
        room[len - SIXTEEN..].copy_from_slice(last);
        is_plain::<ATTRIBUTE, SIXTEEN>(first, first, second)
            & is_plain::<ATTRIBUTE, SIXTEEN>(last, third, last)
    } else {
        copy_short::<ATTRIBUTE>(text, room)
    };
    if is_plain {
        len
    } else {
        plain_start::<ATTRIBUTE>(text)
    }
}

const TWO: usize = 2 * SIXTEEN;
const SEVENTEEN: usize = SIXTEEN + 1;

/// Copies at most sixteen bytes: the first and the last half of them, which may overlap. Gives
/// whether they are plain.
///
/// Both are put together in registers: what is stored in parts cannot be loaded as a whole before
/// the parts have reached the cache.
#[inline(always)]
fn copy_short<const ATTRIBUTE: bool>(text: &[u8], room: &mut [u8]) -> bool {
    let len = text.len();
    let both = if let (Some(first), Some(last)) = (text.first_chunk::<8>(), text.last_chunk::<8>())
    {
        room[..8].copy_from_slice(first);
        room[len - 8..].copy_from_slice(last);
        u128::from(u64::from_le_bytes(*first)) | u128::from(u64::from_le_bytes(*last)) << 64
    } else if let (Some(first), Some(last)) = (text.first_chunk::<4>(), text.last_chunk::<4>()) {
        room[..4].copy_from_slice(first);
        room[len - 4..].copy_from_slice(last);
        let both =
            u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << 32;
        u128::from(both) | BLANKS << 64
    } else if let (Some(first), Some(last)) = (text.first(), text.last()) {
        let middle = text[len / 2];
        room[0] = *first;
        room[len / 2] = middle;
        room[len - 1] = *last;
        u128::from(u32::from_le_bytes([*first, middle, *last, b' '])) | BLANKS << 32
    } else {
        return true;
    };
    // Each byte is before the one that is behind it in the text in one half at least.
    let (bytes, behind) = (both.to_le_bytes(), (both >> 8).to_le_bytes());
    is_plain::<ATTRIBUTE, SIXTEEN>(&bytes, &bytes, &behind)
}

const BLANKS: u128 = u128::from_le_bytes([b' '; SIXTEEN]);

/// Where in a text of at most 32 bytes the first one stands that may have to be escaped.
#[inline(never)]
fn plain_start<const ATTRIBUTE: bool>(text: &[u8]) -> usize {
    let mut both = [b' '; TWO];
    both[..text.len()].copy_from_slice(text);
    let found = special_of_two::<ATTRIBUTE>(&both);
    text.len().min(found.trailing_zeros() as usize)
}

/// [`copy`] for more than 32 bytes.
#[inline(never)]
fn copy_long<const ATTRIBUTE: bool>(text: &[u8], room: &mut [u8]) -> usize {
    let mut at = 0;
    while let Some(window @ [here @ .., _]) = text[at..].first_chunk::<{ TWO + 1 }>() {
        let [_, behind @ ..] = window;
        room[at..at + TWO].copy_from_slice(here);
        if !is_plain::<ATTRIBUTE, TWO>(here, here, behind) {
            let found = special_of_two::<ATTRIBUTE>(here);
            if found != 0 {
                return at + found.trailing_zeros() as usize;
            }
        }
        at += TWO;
    }
    // The last ones reach back into what has been looked at.
    let Some(window @ [before @ .., _]) = text.last_chunk::<{ TWO + 1 }>() else {
        return at;
    };
    let [_, last @ ..] = window;
    let at = text.len() - TWO;
    room[at..].copy_from_slice(last);
    if is_plain::<ATTRIBUTE, TWO>(last, before, last) {
        text.len()
    } else {
        at + (special_of_two::<ATTRIBUTE>(last).trailing_zeros() as usize).min(TWO)
    }
}

/// [`special`] for twice as many.
#[inline]
fn special_of_two<const ATTRIBUTE: bool>(text: &[u8; TWO]) -> u32 {
    let (chunks, _) = text.as_chunks();
    let both = chunks.iter().rev();
    both.fold(0, |found, chunk| {
        found << SIXTEEN | special::<ATTRIBUTE>(chunk)
    })
}

/// For a text with lone surrogates, which UTF-8 has no form for.
#[cold]
fn write_units<const ATTRIBUTE: bool>(units: &[u16], out: &mut Output<'_>) {
    for (index, unit) in units.iter().enumerate() {
        match char::from_u32(u32::from(*unit)) {
            None => write_escape(*unit, out),
            Some('_') if matches!(units.get(index + 1), Some(0x58 | 0x78)) => {
                out.piece(&UNDERSCORE);
            }
            Some(c) => write_special::<ATTRIBUTE>(c.encode_utf8(&mut [0; 4]).as_bytes(), out),
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
        let mut out = String::from(if attribute { "<S N=\"" } else { "" });
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
        out + "\">"
    }

    fn check(text: &str) {
        let (mut content, mut attribute) = (BytesMut::new(), BytesMut::new());
        let (before, after) = (Piece::of("<S N=\""), Piece::of("\">"));
        write_text(&text.into(), &after, &mut Output::new(&mut content));
        write_attribute(
            &before,
            &text.into(),
            &after,
            &mut Output::new(&mut attribute),
        );
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
