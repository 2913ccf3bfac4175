//! From the bytes of a body to UTF-8.

use bytes::Bytes;

use super::error::{DecodeError, DecodeErrorKind};
use super::limits::EnvelopeLimits;

/// Gives the envelope in `body` as UTF-8 without byte order mark.
///
/// UTF-8, the common case, shares the buffer. UTF-16 is recognised by its byte order mark or by the zero beside the
/// first `<`. Zeros at the end are padding that sealed bodies of some clients have, and are cut off.
pub(crate) fn to_utf8(body: &Bytes, limits: &EnvelopeLimits) -> Result<Bytes, DecodeError> {
    let text = match body.as_ref() {
        [0xEF, 0xBB, 0xBF, ..] => body.slice(3..),
        [0xFF, 0xFE, rest @ ..] => from_utf16(rest, u16::from_le_bytes, limits)?,
        [0xFE, 0xFF, rest @ ..] => from_utf16(rest, u16::from_be_bytes, limits)?,
        [b'<', 0, ..] => from_utf16(body, u16::from_le_bytes, limits)?,
        [0, b'<', ..] => from_utf16(body, u16::from_be_bytes, limits)?,
        _ => body.clone(),
    };
    if text.len() > limits.size {
        return Err(too_large(limits));
    }
    let padding = text.iter().rev().take_while(|byte| **byte == 0).count();
    Ok(text.slice(..text.len() - padding))
}

fn from_utf16(
    units: &[u8],
    unit: fn([u8; 2]) -> u16,
    limits: &EnvelopeLimits,
) -> Result<Bytes, DecodeError> {
    // Each UTF-16 unit is at least one byte of UTF-8, so what is longer cannot fit.
    if units.len() / 2 > limits.size {
        return Err(too_large(limits));
    }
    let not_utf16 =
        |offset| DecodeError::new("Envelope", offset, DecodeErrorKind::Encoding("UTF-16"));
    let (pairs, rest) = units.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(not_utf16(units.len()));
    }
    let mut text = String::with_capacity(pairs.len());
    for (index, decoded) in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))).enumerate() {
        text.push(decoded.map_err(|_| not_utf16(index * 2))?);
    }
    Ok(Bytes::from(text))
}

fn too_large(limits: &EnvelopeLimits) -> DecodeError {
    DecodeError::new(
        "Envelope",
        limits.size,
        DecodeErrorKind::TooMany {
            what: "the bytes of the envelope",
            limit: limits.size,
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(unit).collect()
    }

    #[test]
    fn utf_8_and_utf_16_give_the_same_text() {
        let limits = EnvelopeLimits::default();
        let text = "<a>é€😀</a>";
        let with_mark = |text: &str| format!("\u{FEFF}{text}");
        for bytes in [
            text.as_bytes().to_vec(),
            with_mark(text).into_bytes(),
            utf16(text, u16::to_le_bytes),
            utf16(text, u16::to_be_bytes),
            utf16(&with_mark(text), u16::to_le_bytes),
            utf16(&with_mark(text), u16::to_be_bytes),
            [text.as_bytes(), &[0; 7]].concat(),
        ] {
            assert_eq!(to_utf8(&bytes.into(), &limits).unwrap(), text.as_bytes());
        }
    }

    #[test]
    fn half_a_unit_and_a_lone_surrogate_are_errors() {
        let limits = EnvelopeLimits::default();
        for bytes in [&b"\xFF\xFE<\0a"[..], b"\xFF\xFE<\0\x00\xD8<\0"] {
            let error = to_utf8(&Bytes::copy_from_slice(bytes), &limits).unwrap_err();
            assert_eq!(*error.kind(), DecodeErrorKind::Encoding("UTF-16"));
        }
    }

    #[test]
    fn what_is_too_large_is_refused_before_it_is_converted() {
        let limits = EnvelopeLimits {
            size: 10,
            ..EnvelopeLimits::default()
        };
        assert!(to_utf8(&Bytes::from_static(b"<a>1234567</a>"), &limits).is_err());
        assert!(to_utf8(&Bytes::from_static(b"<a>123</a>"), &limits).is_ok());
        assert!(to_utf8(&utf16("<a>1234</a>", u16::to_le_bytes).into(), &limits).is_err());
    }
}
