//! The bytes of `BA`: base64 with padding. White space in it is passed over, and so are bits that
//! have no place.

use base64_simd::STANDARD;

use super::scan::is_space;
use crate::{DecodeError, DecodeErrorKind, Limits};

/// Whether what the text stands for keeps to the limit; `at` is where the text begins.
pub(super) fn check(text: &[u8], at: usize, limits: &Limits) -> Result<(), DecodeError> {
    // The letters are only counted where it could matter.
    let most = text.len().div_ceil(4).saturating_mul(3);
    if most <= limits.blob_size {
        return Ok(());
    }
    let got = decoded_len(text);
    if got <= limits.blob_size {
        return Ok(());
    }
    let kind = DecodeErrorKind::TooLarge {
        what: "blob_size",
        got: got as u64,
        limit: limits.blob_size as u64,
    };
    Err(DecodeError::new("BA", at, kind))
}

/// How many bytes base64 of this length stands for, if it is base64.
fn decoded_len(text: &[u8]) -> usize {
    let spaces = text.iter().filter(|b| is_space(**b)).count();
    let padding = text
        .iter()
        .rev()
        .take_while(|b| **b == b'=' || is_space(**b));
    let padding = padding.filter(|b| **b == b'=').count();
    let letters = text.len().saturating_sub(spaces).saturating_sub(padding);
    // Four letters are three bytes; of a group that is cut short, each letter but one is a byte.
    let whole = (letters / 4).saturating_mul(3);
    whole.saturating_add((letters % 4).saturating_sub(1))
}

/// What the text stands for; `None` when it is no base64.
pub(super) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    if is_usual(text)
        && let Ok(bytes) = STANDARD.decode_to_vec(text)
    {
        return Some(bytes);
    }
    let mut bytes = Vec::new();
    append_unusual(text, &mut bytes)?;
    Some(bytes)
}

/// Appends what the text stands for, and says how many bytes that is. When it is no base64, `out`
/// stays as it was.
pub(super) fn append(text: &[u8], out: &mut Vec<u8>) -> Option<usize> {
    let start = out.len();
    if is_usual(text) && STANDARD.decode_append(text, out).is_ok() {
        return Some(out.len().saturating_sub(start));
    }
    out.truncate(start);
    append_unusual(text, out)
}

fn is_usual(text: &[u8]) -> bool {
    text.len().is_multiple_of(4) && !text.iter().fold(false, |any, b| any | is_space(*b))
}

/// The same where white space is in it or where bits have no place: the letters are laid down in
/// `out`, and decoded there.
#[cold]
fn append_unusual(text: &[u8], out: &mut Vec<u8>) -> Option<usize> {
    let start = out.len();
    out.extend(text.iter().copied().filter(|letter| !is_space(*letter)));
    let count = out.get_mut(start..).and_then(decode_in_place);
    out.truncate(start.saturating_add(count.unwrap_or(0)));
    count
}

fn decode_in_place(letters: &mut [u8]) -> Option<usize> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if !letters.len().is_multiple_of(4) {
        return None;
    }
    let unused = match letters {
        [.., b'=', b'='] => 0x0F,
        [.., b'='] => 0x03,
        _ => 0,
    };
    if unused != 0 {
        let last = letters.iter_mut().rev().find(|letter| **letter != b'=')?;
        let value = LETTERS.iter().position(|letter| letter == last)?;
        *last = *LETTERS.get(value & !unused)?;
    }
    STANDARD
        .decode_inplace(letters)
        .ok()
        .map(|bytes| bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_without_a_place_are_passed_over() {
        let both = |text: &[u8]| {
            let mut out = vec![7];
            let count = append(text, &mut out);
            assert_eq!(count.unwrap_or(0), out.len() - 1);
            let appended = count.map(|_| out[1..].to_vec());
            assert_eq!(appended, decode(text));
            assert_eq!(out[0], 7);
            appended
        };
        assert_eq!(both(b"AR==").unwrap(), [1]);
        assert_eq!(both(b"AQI D").unwrap(), [1, 2, 3]);
        assert_eq!(both(b" A R = = ").unwrap(), [1]);
        assert_eq!(both(b"").unwrap(), [0; 0]);
        for text in ["AQI", "====", "A===", "AQ=A", "AQ!=", "AQID AQ!="] {
            assert_eq!(both(text.as_bytes()), None, "{text}");
        }
    }
}
