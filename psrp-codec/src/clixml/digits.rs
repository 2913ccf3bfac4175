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

/// The double that the text is: digits with one point between them at most, and a minus before
/// them. `None` for anything else, which may be a number all the same.
///
/// As many digits as fifteen are a whole number that is exact, and so is each power of ten that
/// they are divided by: then there is one rounding, which is to the nearest.
#[inline(never)]
pub(super) fn short_double(text: &[u8]) -> Option<f64> {
    const POWERS: [f64; 16] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
    ];
    let (is_negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    if digits.len() > 16 {
        return None;
    }
    let (mut number, mut count, mut point) = (0_u64, 0_usize, None);
    for letter in digits {
        let digit = letter.wrapping_sub(b'0');
        if digit < 10 {
            number = number * 10 + u64::from(digit);
            count += 1;
        } else if *letter == b'.' && point.is_none() {
            point = Some(count);
        } else {
            return None;
        }
    }
    let before = point.unwrap_or(count);
    if count > 15 || before == 0 || before == count && point.is_some() {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "it is below 10¹⁵")]
    let number = number as f64 / POWERS.get(count - before)?;
    Some(if is_negative { -number } else { number })
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
    use proptest::prelude::*;

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
    fn short_doubles_are_read_as_rust_reads_them() {
        for text in [
            "0",
            "-0",
            "-0.0",
            "0.1",
            "1.5",
            "-1.5",
            "007",
            "0.00000000000001",
            "123456789012345",
            "999999999999999",
            "-99999999999999.9",
            "9.99999999999999",
            "1562.484375",
        ] {
            let read = short_double(text.as_bytes()).unwrap();
            let expected: f64 = text.parse().unwrap();
            assert_eq!(read.to_bits(), expected.to_bits(), "{text}");
        }
        for text in [
            "",
            "-",
            ".",
            "-.",
            "1.",
            ".5",
            "+1",
            "--1",
            "1-",
            "1.2.3",
            "1..",
            "1e5",
            "1E+17",
            "INF",
            "NaN",
            " 1",
            "1 ",
            "1/2",
            "1:2",
            "1\u{fc}",
            "1234567890123456",
            "0.000000000000001",
            "123456789012345.6",
            "0.1234567890123456",
        ] {
            assert_eq!(short_double(text.as_bytes()), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_short_double_is_what_rust_reads(
            number in 0..1_000_000_000_000_000_u64,
            length in 1..16_usize,
            point in 0..16_usize,
            is_negative: bool,
            other in "[-+0-9.eE]{0,18}",
        ) {
            let mut text = format!("{number:015}").split_off(15 - length);
            if (1..length).contains(&point) {
                text.insert(point, '.');
            }
            if is_negative {
                text.insert(0, '-');
            }
            let read = short_double(text.as_bytes()).map(f64::to_bits);
            prop_assert_eq!(read, text.parse().ok().map(f64::to_bits), "{}", text);
            if let Some(read) = short_double(other.as_bytes()) {
                prop_assert_eq!(Some(read.to_bits()), other.parse().ok().map(f64::to_bits));
            }
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
