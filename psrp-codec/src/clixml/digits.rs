//! Decimal digits, eight at a time.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "numbers of nineteen digits fit in 64 bits, and bytes are counted to nineteen"
)]

use super::scan::Span;
use crate::value::digit_words::{DIGITS, ZEROS, beyond, number};

/// The number that the text at `span` is: one to nineteen digits, where words of the input can be
/// loaded that end with it. `None` for anything else, which may be a number all the same.
#[inline(always)]
pub(super) fn short_unsigned(xml: &[u8], span: Span) -> Option<u64> {
    let digits = span.length();
    let before = xml.get(..span.end as usize)?;
    if digits.wrapping_sub(1) >= 16 {
        return long_unsigned(before, digits);
    }
    let low = part(before.last_chunk()?, digits.min(8))?;
    if digits <= 8 {
        return Some(low);
    }
    // The first ones, put where the last of eight are.
    let first = before.get(span.start as usize..)?.first_chunk()?;
    let high = u64::from_le_bytes(*first) << (8 * (16 - digits));
    Some(part(&high.to_le_bytes(), digits - 8)? * 100_000_000 + low)
}

/// The same for seventeen to nineteen digits, which are at the end of `before`.
#[inline(never)]
fn long_unsigned(before: &[u8], digits: usize) -> Option<u64> {
    let [high, middle, low] = before.last_chunk::<24>()?.as_chunks().0 else {
        return None;
    };
    if !(17..=19).contains(&digits) {
        return None;
    }
    let high = part(high, digits - 16)?;
    Some((high * 100_000_000 + part(middle, 8)?) * 100_000_000 + part(low, 8)?)
}

/// The number that the last `count` of eight letters are, one at least.
#[inline(always)]
fn part(letters: &[u8; 8], count: usize) -> Option<u64> {
    let values = (u64::from_le_bytes(*letters) ^ ZEROS) & u64::MAX << (64 - 8 * count);
    (beyond(values, DIGITS) == 0).then(|| number(values))
}

/// The same with a minus before it.
#[inline(always)]
pub(super) fn short_signed(xml: &[u8], span: Span) -> Option<i64> {
    let negative = xml.get(span.start as usize) == Some(&b'-');
    let digits = Span {
        start: span.start + u32::from(negative),
        end: span.end,
    };
    let number = i64::try_from(short_unsigned(xml, digits)?).ok()?;
    Some(if negative { -number } else { number })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<i64> {
        let xml = format!("<Obj RefId=\"0\"><I64>{text}</I64>");
        let start = u32::try_from(xml.len() - text.len() - 6).unwrap();
        let end = u32::try_from(xml.len() - 6).unwrap();
        short_signed(xml.as_bytes(), Span { start, end })
    }

    #[test]
    fn short_numbers_are_read_as_rust_reads_them() {
        for digits in 1..=19 {
            for text in [
                "1234567890123456789".get(..digits).unwrap(),
                "9999999999999999999".get(..digits).unwrap(),
                "0000000000000000009".get(19 - digits..).unwrap(),
            ] {
                assert_eq!(read(text), text.parse().ok(), "{text}");
                let text = format!("-{text}");
                assert_eq!(read(&text), text.parse().ok(), "{text}");
            }
        }
    }

    #[test]
    fn numbers_at_the_very_start_of_an_input_are_read() {
        for text in [
            "123",
            "12345678",
            "-1234567890",
            "1234567890",
            "1234567890123456",
        ] {
            let xml = format!("<I64>{text}</I64>");
            let span = Span::new(5, 5 + text.len());
            assert_eq!(
                short_signed(xml.as_bytes(), span),
                text.parse().ok(),
                "{text}"
            );
        }
    }

    #[test]
    fn whatever_is_no_digit_is_left_to_others() {
        for length in 1..=19 {
            for at in 0..length {
                for other in ["/", ":", " ", "-", "+", "e", "\u{7f}", "\u{fc}"] {
                    let mut text = "1".repeat(length);
                    text.replace_range(at..=at, other);
                    // A minus may come first, before a digit.
                    let allowed = at == 0 && other == "-" && length > 1;
                    assert_eq!(read(&text).is_some(), allowed, "{text}");
                }
            }
        }
        for text in ["", "-", "12345678901234567890", "-9223372036854775808"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
