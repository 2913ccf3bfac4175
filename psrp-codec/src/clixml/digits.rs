//! Decimal digits, eight at a time.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "numbers of sixteen digits fit in 64 bits, and bytes are counted to sixteen"
)]

use super::scan::Span;

/// The number that the text at `span` is: one to sixteen digits, with sixteen bytes of the input
/// before their end. `None` for anything else, which may be a number all the same.
#[inline(always)]
pub(super) fn short_unsigned(xml: &[u8], span: Span) -> Option<u64> {
    let digits = span.length();
    if digits.wrapping_sub(1) >= 16 {
        return None;
    }
    let before = xml.get(..span.end as usize)?;
    let [high, low] = before.last_chunk::<16>()?.as_chunks().0 else {
        return None;
    };
    let low = only(u64::from_le_bytes(*low), digits.min(8));
    if !are_digits(low) {
        return None;
    }
    if digits <= 8 {
        return Some(value(low));
    }
    let high = only(u64::from_le_bytes(*high), digits - 8);
    are_digits(high).then(|| value(high) * 100_000_000 + value(low))
}

/// The same with a minus before it.
#[inline(always)]
pub(super) fn short_signed(xml: &[u8], span: Span) -> Option<i64> {
    let negative = xml.get(span.start as usize) == Some(&b'-');
    let digits = Span {
        start: span.start + u32::from(negative),
        end: span.end,
    };
    let number = short_unsigned(xml, digits)?.cast_signed();
    Some(if negative { -number } else { number })
}

const ZEROS: u64 = u64::from_le_bytes(*b"00000000");

/// The last `count` of eight letters, with zeros in place of the others.
#[inline(always)]
const fn only(letters: u64, count: usize) -> u64 {
    // Shifted twice, as 64 bits cannot be shifted by 64.
    let others = u64::MAX >> (4 * count) >> (4 * count);
    letters & !others | ZEROS & others
}

#[inline(always)]
const fn are_digits(letters: u64) -> bool {
    const HIGH: u64 = 0xF0F0_F0F0_F0F0_F0F0;
    const SIXES: u64 = 0x0606_0606_0606_0606;
    // What is no letter of ASCII must not carry into its neighbour.
    (letters & HIGH == ZEROS) & (letters.wrapping_add(SIXES) & HIGH == ZEROS)
}

/// The number that eight digits are, the first in the lowest byte: pairs, then fours, then all.
#[inline(always)]
const fn value(digits: u64) -> u64 {
    const PAIRS: u64 = 0x0000_00FF_0000_00FF;
    let digits = digits.wrapping_sub(ZEROS);
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8);
    let first = (pairs & PAIRS).wrapping_mul(100 + (1_000_000 << 32));
    let second = (pairs >> 16 & PAIRS).wrapping_mul(1 + (10_000 << 32));
    first.wrapping_add(second) >> 32
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
        for digits in 1..=16 {
            for text in [
                "1234567890123456".get(..digits).unwrap(),
                "9999999999999999".get(..digits).unwrap(),
                "0000000000000009".get(16 - digits..).unwrap(),
            ] {
                assert_eq!(read(text), text.parse().ok(), "{text}");
                let text = format!("-{text}");
                assert_eq!(read(&text), text.parse().ok(), "{text}");
            }
        }
    }

    #[test]
    fn whatever_is_no_digit_is_left_to_others() {
        for length in 1..=16 {
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
        for text in ["", "-", "12345678901234567"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
