//! From a text to what stands in the XML: the `_xHHHH_` escapes first, then those of XML.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "positions stay below the length of a text that is in memory"
)]

use bytes::BufMut;

use crate::PsString;

/// Appends `text` as the content of an element.
pub(super) fn write_text(text: &PsString, out: &mut Vec<u8>) {
    write::<false>(text, out);
}

/// Appends `text` as the value of an attribute between double quotes.
pub(super) fn write_attribute(text: &PsString, out: &mut Vec<u8>) {
    write::<true>(text, out);
}

/// Appends `text` with only what XML needs: for what has no `_xHHHH_` escapes.
pub(super) fn write_plain(text: &str, out: &mut Vec<u8>) {
    for c in text.chars() {
        match c {
            '&' => out.put_slice(b"&amp;"),
            '<' => out.put_slice(b"&lt;"),
            '>' => out.put_slice(b"&gt;"),
            '\0'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => write_reference(u32::from(c), out),
            c => out.put_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
}

#[inline]
fn write<const ATTRIBUTE: bool>(text: &PsString, out: &mut Vec<u8>) {
    match text.as_str() {
        Some(text) => write_str::<ATTRIBUTE>(text, out),
        None => write_units::<ATTRIBUTE>(text, out),
    }
}

/// Bytes that may have to be escaped, or that begin a character that may have to be.
const SPECIAL: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    #[expect(
        clippy::indexing_slicing,
        reason = "the loop ends at the table's length"
    )]
    while byte < 256 {
        table[byte] = byte < 0x20
            || matches!(byte, 0x22 | 0x26 | 0x3C | 0x3E | 0x5F | 0x7F | 0xC2 | 0xEF)
            || byte >= 0xF0;
        byte += 1;
    }
    table
};

fn is_special(byte: u8) -> bool {
    SPECIAL.get(usize::from(byte)).copied().unwrap_or(true)
}

/// Where the first byte is that may have to be escaped.
#[inline]
fn first_special(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    // Eight at a time: one branch for all of them.
    while let Some(chunk) = text.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        if chunk
            .iter()
            .fold(false, |any, byte| any | is_special(*byte))
        {
            break;
        }
        at += 8;
    }
    let rest = text.get(at..)?;
    rest.iter()
        .position(|byte| is_special(*byte))
        .map(|found| at + found)
}

#[inline]
fn write_str<const ATTRIBUTE: bool>(text: &str, out: &mut Vec<u8>) {
    let mut rest = text;
    while let Some(at) = first_special(rest.as_bytes()) {
        let (before, found) = rest.split_at(at);
        out.put_slice(before.as_bytes());
        let mut chars = found.chars();
        let Some(c) = chars.next() else { return };
        rest = chars.as_str();
        match c {
            '&' => out.put_slice(b"&amp;"),
            '<' => out.put_slice(b"&lt;"),
            '>' => out.put_slice(b"&gt;"),
            '"' if ATTRIBUTE => out.put_slice(b"&quot;"),
            // PowerShell looks no further than this, though most of these need no escape.
            '_' if rest.starts_with(['x', 'X']) => out.put_slice(b"_x005F_"),
            '\0'..='\u{1F}' | '\u{7F}'..='\u{9F}' => {
                write_escape(u16::try_from(u32::from(c)).unwrap_or(0), out);
            }
            '\u{FFFE}' | '\u{FFFF}' => write_reference(u32::from(c), out),
            '\u{10000}'.. => c
                .encode_utf16(&mut [0; 2])
                .iter()
                .for_each(|unit| write_escape(*unit, out)),
            c => out.put_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    out.put_slice(rest.as_bytes());
}

/// For a text with lone surrogates, which UTF-8 has no form for.
#[cold]
fn write_units<const ATTRIBUTE: bool>(text: &PsString, out: &mut Vec<u8>) {
    let units: Vec<u16> = text.encode_utf16().collect();
    for (index, unit) in units.iter().enumerate() {
        match char::from_u32(u32::from(*unit)) {
            None => write_escape(*unit, out),
            Some('_') if matches!(units.get(index + 1), Some(0x58 | 0x78)) => {
                out.put_slice(b"_x005F_")
            }
            Some('_') => out.put_u8(b'_'),
            Some(c) => write_str::<ATTRIBUTE>(c.encode_utf8(&mut [0; 4]), out),
        }
    }
}

fn write_escape(unit: u16, out: &mut Vec<u8>) {
    let mut escape = *b"_x0000_";
    let digits = escape.iter_mut().skip(2).take(4);
    for (digit, shift) in digits.zip([12, 8, 4, 0]) {
        let value = u32::from(unit >> shift & 0xF);
        *digit = char::from_digit(value, 16).map_or(b'0', |c| c.to_ascii_uppercase() as u8);
    }
    out.put_slice(&escape);
}

fn write_reference(code: u32, out: &mut Vec<u8>) {
    out.put_slice(format!("&#x{code:X};").as_bytes());
}
