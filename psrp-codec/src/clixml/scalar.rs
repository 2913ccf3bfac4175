//! From the text of an element to the value that it is.

use uuid::Uuid;

use super::digits::{short_double, short_signed, short_unsigned};
use super::scan::{Span, is_space};
use super::tape::Slot;
use super::text::{self, Text};
use super::{Kind, blob};
use crate::{
    DateTime, Decimal, DecodeError, DecodeErrorKind, Limits, SecureString, TimeSpan, Value, Version,
};

/// A primitive value that borrows its text from the input where it can.
// The tag takes a whole word, so that a scalar moves as three words whatever it is; what must be
// dropped comes first, so that one comparison tells.
#[derive(Clone, Debug)]
#[non_exhaustive]
#[repr(u64)]
pub enum Scalar<'x> {
    /// `S`
    String(Text<'x>),
    /// `URI`
    Uri(Text<'x>),
    /// `XD`
    Xml(Text<'x>),
    /// `SBK`
    ScriptBlock(Text<'x>),
    /// `BA`: the only one that allocates, for what it decodes to.
    Bytes(Box<[u8]>),
    /// `SS`
    SecureString(SecureString),
    /// `C`
    Char(u16),
    /// `B`
    Bool(bool),
    /// `DT`
    DateTime(DateTime),
    /// `TS`
    TimeSpan(TimeSpan),
    /// `By`
    Byte(u8),
    /// `SB`
    SByte(i8),
    /// `U16`
    UInt16(u16),
    /// `I16`
    Int16(i16),
    /// `U32`
    UInt32(u32),
    /// `I32`
    Int32(i32),
    /// `U64`
    UInt64(u64),
    /// `I64`
    Int64(i64),
    /// `Sg`
    Single(f32),
    /// `Db`
    Double(f64),
    /// `D`
    Decimal(Decimal),
    /// `G`
    Guid(Uuid),
    /// `Version`
    Version(Version),
}

impl From<Scalar<'_>> for Value {
    fn from(scalar: Scalar<'_>) -> Self {
        match scalar {
            Scalar::String(text) => Self::String(text.into_string()),
            Scalar::Char(unit) => Self::Char(unit),
            Scalar::Bool(truth) => Self::Bool(truth),
            Scalar::DateTime(time) => Self::DateTime(time),
            Scalar::TimeSpan(span) => Self::TimeSpan(span),
            Scalar::Byte(number) => Self::Byte(number),
            Scalar::SByte(number) => Self::SByte(number),
            Scalar::UInt16(number) => Self::UInt16(number),
            Scalar::Int16(number) => Self::Int16(number),
            Scalar::UInt32(number) => Self::UInt32(number),
            Scalar::Int32(number) => Self::Int32(number),
            Scalar::UInt64(number) => Self::UInt64(number),
            Scalar::Int64(number) => Self::Int64(number),
            Scalar::Single(number) => Self::Single(number),
            Scalar::Double(number) => Self::Double(number),
            Scalar::Decimal(number) => Self::Decimal(number),
            Scalar::Bytes(bytes) => Self::Bytes(bytes.into()),
            Scalar::Guid(guid) => Self::Guid(guid),
            Scalar::Uri(text) => Self::Uri(text.into_string()),
            Scalar::Version(version) => Self::Version(version),
            Scalar::Xml(text) => Self::Xml(text.into_string()),
            Scalar::ScriptBlock(text) => Self::ScriptBlock(text.into_string()),
            Scalar::SecureString(text) => Self::SecureString(text),
        }
    }
}

/// Reads the text of a primitive element of `xml`. `None` when the slot is none.
#[inline(always)]
pub(super) fn read<'x>(
    slot: &Slot,
    xml: &'x str,
    limits: &Limits,
) -> Result<Option<Scalar<'x>>, DecodeError> {
    // A third of all values.
    if slot.kind == Kind::String {
        return Ok(Some(Scalar::String(slot.text(slot.text.of_str(xml)))));
    }
    if !slot.kind.is_primitive() {
        return Ok(None);
    }
    match usual_number(slot.kind, xml.as_bytes(), slot.text) {
        Some(number) => Ok(Some(number)),
        None => other(slot, xml, limits),
    }
}

/// Appends the bytes that a `BA` stands for to `out`; how many there are, or `None` when the slot is
/// something else.
pub(super) fn read_bytes(
    slot: &Slot,
    xml: &str,
    out: &mut Vec<u8>,
    limits: &Limits,
) -> Result<Option<usize>, DecodeError> {
    if slot.kind != Kind::Bytes {
        return Ok(None);
    }
    let text = slot.text(slot.text.of_str(xml));
    let at = slot.text.start as usize;
    let letters = text.as_str().unwrap_or("…").trim_ascii();
    blob::check(letters.as_bytes(), at, limits)?;
    match blob::append(letters.as_bytes(), out) {
        Some(count) => Ok(Some(count)),
        None => Err(invalid(slot.kind, letters, at)),
    }
}

/// An integer, a Boolean or a time in the usual form, without anything around it. `None` says
/// nothing: there is another way.
#[inline(always)]
fn usual_number<'x>(kind: Kind, xml: &[u8], span: Span) -> Option<Scalar<'x>> {
    Some(match kind {
        Kind::Bool => {
            // With the end tag as PowerShell writes it, either of them is a word.
            let text = xml.get(span.start as usize..)?.first_chunk()?;
            let (is_true, is_false) = (text == b"true</B>", text == b"false</B");
            let length = if is_false { 5 } else { 4 };
            if !(is_true | is_false) | (span.length() != length) {
                return None;
            }
            Scalar::Bool(is_true)
        }
        Kind::Int32 => Scalar::Int32(short_signed(xml, span)?.try_into().ok()?),
        Kind::Int64 => Scalar::Int64(short_signed(xml, span)?),
        Kind::UInt32 => Scalar::UInt32(short_unsigned(xml, span)?.try_into().ok()?),
        Kind::UInt64 => Scalar::UInt64(short_unsigned(xml, span)?),
        Kind::DateTime => Scalar::DateTime(DateTime::parse_usual(span.of(xml))?),
        Kind::TimeSpan => Scalar::TimeSpan(TimeSpan::parse_usual(span.of(xml))?),
        Kind::Double => Scalar::Double(short_double(span.of(xml))?),
        _ => return None,
    })
}

#[inline(never)]
fn other<'x>(
    slot: &Slot,
    xml: &'x str,
    limits: &Limits,
) -> Result<Option<Scalar<'x>>, DecodeError> {
    let raw = slot.text.of_str(xml);
    let string = match slot.kind {
        Kind::Uri => Scalar::Uri,
        Kind::Xml => Scalar::Xml,
        Kind::ScriptBlock => Scalar::ScriptBlock,
        _ if slot.has(Slot::INDIRECT_TEXT) => return indirect_number(slot, raw, limits),
        _ => return number(slot.kind, raw, slot.text.start as usize, limits),
    };
    Ok(Some(string(slot.text(raw))))
}

#[cold]
fn indirect_number<'x>(
    slot: &Slot,
    raw: &str,
    limits: &Limits,
) -> Result<Option<Scalar<'x>>, DecodeError> {
    let at = slot.text.start as usize;
    match text::content(raw, true).as_str() {
        Some(text) => number(slot.kind, text, at, limits),
        None => Err(invalid(slot.kind, "…", at)),
    }
}

fn number<'x>(
    kind: Kind,
    whole: &str,
    at: usize,
    limits: &Limits,
) -> Result<Option<Scalar<'x>>, DecodeError> {
    let text = match whole.as_bytes() {
        // Hardly any number has white space around it.
        [first, .., last] if !is_space(*first) && !is_space(*last) => whole,
        [only] if !is_space(*only) => whole,
        _ => whole.trim_matches(|c: char| u8::try_from(c).is_ok_and(is_space)),
    };
    let bytes = text.as_bytes();
    let read = match kind {
        Kind::Char => unsigned(bytes)
            .and_then(|n| n.try_into().ok())
            .map(Scalar::Char),
        Kind::Bool => match bytes {
            b"true" | b"1" => Some(Scalar::Bool(true)),
            b"false" | b"0" => Some(Scalar::Bool(false)),
            _ => None,
        },
        Kind::DateTime => DateTime::parse(text).map(Scalar::DateTime),
        Kind::TimeSpan => TimeSpan::parse(text).map(Scalar::TimeSpan),
        Kind::Byte => unsigned(bytes)
            .and_then(|n| n.try_into().ok())
            .map(Scalar::Byte),
        Kind::SByte => signed(bytes)
            .and_then(|n| n.try_into().ok())
            .map(Scalar::SByte),
        Kind::UInt16 => unsigned(bytes)
            .and_then(|n| n.try_into().ok())
            .map(Scalar::UInt16),
        Kind::Int16 => signed(bytes)
            .and_then(|n| n.try_into().ok())
            .map(Scalar::Int16),
        Kind::UInt32 => unsigned(bytes)
            .and_then(|n| n.try_into().ok())
            .map(Scalar::UInt32),
        Kind::Int32 => signed(bytes)
            .and_then(|n| n.try_into().ok())
            .map(Scalar::Int32),
        Kind::UInt64 => unsigned(bytes).map(Scalar::UInt64),
        Kind::Int64 => signed(bytes).map(Scalar::Int64),
        Kind::Single => float(text).map(Scalar::Single),
        Kind::Double => float(text).map(Scalar::Double),
        Kind::Decimal => Decimal::parse(text).map(Scalar::Decimal),
        Kind::Bytes => {
            blob::check(bytes, at, limits)?;
            blob::decode(bytes).map(|bytes| Scalar::Bytes(bytes.into()))
        }
        Kind::Guid => guid(text).map(Scalar::Guid),
        Kind::Version => Version::parse(text).map(Scalar::Version),
        Kind::SecureString => Some(Scalar::SecureString(SecureString::new(whole))),
        _ => return Ok(None),
    };
    read.map(Some).ok_or_else(|| invalid(kind, text, at))
}

#[cold]
pub(super) fn invalid(kind: Kind, text: &str, at: usize) -> DecodeError {
    // Enough to recognise it by; a peer does not choose how long our errors are.
    let start: String = text.chars().take(40).collect();
    DecodeError::new(
        kind.tag(),
        at,
        DecodeErrorKind::InvalidValue(format!("{start:?}")),
    )
}

#[inline]
fn unsigned(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    let mut number = 0_u64;
    for digit in digits {
        let digit = digit.checked_sub(b'0').filter(|digit| *digit < 10)?;
        number = number.checked_mul(10)?.checked_add(digit.into())?;
    }
    Some(number)
}

#[inline]
pub(super) fn signed(digits: &[u8]) -> Option<i64> {
    match digits {
        [b'-', digits @ ..] => 0_i64.checked_sub_unsigned(unsigned(digits)?),
        [b'+', digits @ ..] => unsigned(digits)?.try_into().ok(),
        digits => unsigned(digits)?.try_into().ok(),
    }
}

/// What .NET reads as a number: also `Infinity` and `NaN` in any case and with a sign.
fn float<F: std::str::FromStr + From<f32>>(text: &str) -> Option<F> {
    match text {
        "INF" => return Some(f32::INFINITY.into()),
        "-INF" => return Some(f32::NEG_INFINITY.into()),
        _ => {}
    }
    let (negative, rest) = match text.as_bytes() {
        [b'-', ..] => (true, text.get(1..)?),
        [b'+', ..] => (false, text.get(1..)?),
        _ => (false, text),
    };
    if rest.eq_ignore_ascii_case("nan") {
        return Some(f32::NAN.into());
    }
    if rest.eq_ignore_ascii_case("infinity") {
        return Some(
            if negative {
                f32::NEG_INFINITY
            } else {
                f32::INFINITY
            }
            .into(),
        );
    }
    // Rust reads some words that .NET does not.
    let numeric = |b: &u8| matches!(b, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-');
    if !text.as_bytes().iter().all(numeric) {
        return None;
    }
    text.parse().ok()
}

/// The forms of `Guid.ToString`: `D`, `N`, `B`, `P` and `X`.
fn guid(text: &str) -> Option<Uuid> {
    let bytes = text.as_bytes();
    match bytes {
        [b'{', b'0', b'x' | b'X', ..] | [b'{', b' ', ..] => guid_of_parts(text),
        [b'{', inside @ .., b'}'] | [b'(', inside @ .., b')'] if inside.len() == 36 => {
            Uuid::try_parse_ascii(inside).ok()
        }
        _ if matches!(bytes.len(), 32 | 36) => Uuid::try_parse_ascii(bytes).ok(),
        _ => None,
    }
}

/// `{0x792e5b37,0x4505,0x47ef,{0xb7,0xd2,0x87,0x11,0xbb,0x7a,0xff,0xa8}}`
fn guid_of_parts(text: &str) -> Option<Uuid> {
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let mut parts = compact.strip_prefix('{')?.strip_suffix("}}")?.split(',');
    let mut part = |digits: usize, open: &str| -> Option<u32> {
        let part = parts.next()?.strip_prefix(open)?;
        let part = part
            .strip_prefix("0x")
            .or_else(|| part.strip_prefix("0X"))?;
        let hex = part.bytes().all(|b| b.is_ascii_hexdigit());
        (hex && part.len() <= digits).then(|| u32::from_str_radix(part, 16).ok())?
    };
    let first = part(8, "")?;
    let second = u16::try_from(part(4, "")?).ok()?;
    let third = u16::try_from(part(4, "")?).ok()?;
    let mut rest = [0; 8];
    for (index, byte) in rest.iter_mut().enumerate() {
        *byte = u8::try_from(part(2, if index == 0 { "{" } else { "" })?).ok()?;
    }
    parts
        .next()
        .is_none()
        .then(|| Uuid::from_fields(first, second, third, &rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clixml::Tape;

    #[test]
    fn booleans_are_read_however_they_are_written() {
        for (text, expected) in [
            ("<B>true</B>", Some(true)),
            ("<B>false</B>", Some(false)),
            ("<B>1</B>", Some(true)),
            ("<B> false\n</B>", Some(false)),
            ("<B>tru&#101;</B>", Some(true)),
            ("<B>true<!-- so --></B>", Some(true)),
            ("<B>true</B >", Some(true)),
            ("<B>False</B>", None),
            ("<B>truefalse</B>", None),
            ("<B></B>", None),
            ("<B />", None),
        ] {
            let (mut tape, limits) = (Tape::default(), Limits::default());
            let list = format!("<Obj><LST>{text}<B>true</B></LST></Obj>");
            for xml in [text, &list] {
                let root = tape.parse(xml.as_bytes(), &limits).unwrap();
                let node = root.items().next().unwrap_or(root);
                let read = match node.scalar() {
                    Ok(Some(Scalar::Bool(truth))) => Some(truth),
                    Ok(_) => panic!("{xml} is no Boolean"),
                    Err(_) => None,
                };
                assert_eq!(read, expected, "{xml}");
            }
        }
    }

    #[test]
    fn guids_are_read_in_every_form() {
        let expected = Uuid::from_u128(0x792e_5b37_4505_47ef_b7d2_8711_bb7a_ffa8);
        for text in [
            "792e5b37-4505-47ef-b7d2-8711bb7affa8",
            "{792E5B37-4505-47ef-b7d2-8711bb7affa8}",
            "(792e5b37-4505-47ef-b7d2-8711bb7affa8)",
            "792e5b37450547efb7d28711bb7affa8",
            "{0x792e5b37,0x4505,0x47ef,{0xb7,0xd2,0x87,0x11,0xbb,0x7a,0xff,0xa8}}",
        ] {
            assert_eq!(guid(text), Some(expected), "{text}");
        }
        for text in [
            "",
            "{792e5b37450547efb7d28711bb7affa8}",
            "792e5b37-4505-47ef-b7d2-8711bb7affa",
            "urn:uuid:792e5b37-4505-47ef-b7d2-8711bb7affa8",
        ] {
            assert_eq!(guid(text), None, "{text}");
        }
    }
}
