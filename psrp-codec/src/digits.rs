//! Decimal digits, eight at a time and straight to where they belong.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "every function says how much room it needs, and no number has more digits"
)]

/// Room for the text of any value that is not a string: a version, the longest, has at most 43
/// bytes. Whole words are stored, so what is behind the text changes too.
pub(crate) const LONGEST: usize = 48;

/// The text of one value, as [`LONGEST`] says.
pub(crate) type Room = [u8; LONGEST];

/// How many bytes of `room` [`integer`] may touch from where it begins.
const INTEGER: usize = 24;
const _: () = assert!(INTEGER <= LONGEST);

const EIGHT: u64 = 100_000_000;
const ASCII: u64 = 0x3030_3030_3030_3030;

/// The eight digits of a number below 100,000,000, leading zeros included: each a byte from 0 to
/// 9, the first one lowest.
#[inline]
pub(crate) const fn eight(number: u32) -> u64 {
    debug_assert!(number < 100_000_000);
    // Two halves of four digits, then four of two, then eight of one; the factors are 1/100 and
    // 1/10 to as many bits as their operands need.
    let halves = (number / 10_000) as u64 | ((number % 10_000) as u64) << 32;
    let hundreds = (halves * 10_486) >> 20 & 0x0000_007F_0000_007F;
    let pairs = hundreds | (halves - 100 * hundreds) << 16;
    let tens = (pairs * 103) >> 10 & 0x000F_000F_000F_000F;
    tens | (pairs - 10 * tens) << 8
}

/// Stores the text of eight digits.
#[inline]
pub(crate) const fn ascii(digits: u64) -> u64 {
    digits | ASCII
}

/// Stores eight bytes at `at`, the lowest first; gives the place behind them.
#[inline]
pub(crate) fn word(room: &mut [u8], at: usize, word: u64) -> usize {
    room[at..at + 8].copy_from_slice(&word.to_le_bytes());
    at + 8
}

/// Stores one byte at `at`; gives the place behind it.
#[inline]
pub(crate) fn byte(room: &mut [u8], at: usize, byte: u8) -> usize {
    room[at] = byte;
    at + 1
}

/// Stores `number` at `at`, which 24 bytes of room have to follow; gives the place behind it.
#[inline]
pub(crate) fn integer(room: &mut [u8], at: usize, number: u64) -> usize {
    if number < EIGHT {
        return leading(room, at, low(number));
    }
    let (high, rest) = (number / EIGHT, number % EIGHT);
    let at = if high < EIGHT {
        leading(room, at, low(high))
    } else {
        let at = leading(room, at, low(high / EIGHT));
        word(room, at, ascii(eight(low(high % EIGHT))))
    };
    word(room, at, ascii(eight(low(rest))))
}

/// Stores `-` where `negative`, then `magnitude`, as [`integer`].
#[inline]
pub(crate) fn signed(room: &mut [u8], at: usize, negative: bool, magnitude: u64) -> usize {
    room[at] = b'-';
    integer(room, at + usize::from(negative), magnitude)
}

/// The text of a number below 100 in the two lowest bytes: two digits, the first one lowest.
#[inline]
pub(crate) const fn pair(number: u32) -> u64 {
    debug_assert!(number < 100);
    let tens = (number * 103) >> 10;
    (0x3030 + tens + ((number - 10 * tens) << 8)) as u64
}

/// The first digits of a number: without zeros before them.
#[inline]
fn leading(room: &mut [u8], at: usize, number: u32) -> usize {
    // What most numbers begin with that have more than eight digits.
    if number < 100 {
        let zeros = usize::from(number < 10);
        return word(room, at, pair(number) >> (8 * zeros)) - 6 - zeros;
    }
    let digits = eight(number);
    // The mark in the last digit keeps that one, where all are zeros.
    let zeros = (digits | 1 << 56).trailing_zeros() / 8;
    word(room, at, ascii(digits) >> (8 * zeros));
    at + 8 - zeros as usize
}

/// What is known to be below 100,000,000, or at most 1,844.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "callers divide first")]
const fn low(number: u64) -> u32 {
    number as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_any_length_are_written_as_rust_prints_them() {
        let mut numbers = vec![0, 1, 9, u64::MAX, i64::MAX.unsigned_abs()];
        for power in 0..20 {
            let power = 10_u64.pow(power);
            numbers.extend([
                power - 1,
                power,
                power + 1,
                power.wrapping_mul(9),
                power / 7 * 3,
            ]);
        }
        numbers.extend((0..u64::from(u32::MAX)).step_by(104_729));
        for number in numbers {
            for negative in [false, true] {
                let mut room = [0; LONGEST];
                let end = signed(&mut room, 3, negative, number);
                let sign = if negative { "-" } else { "" };
                assert_eq!(&room[3..end], format!("{sign}{number}").as_bytes());
            }
        }
    }

    #[test]
    fn all_numbers_of_four_digits_come_apart() {
        for number in 0..10_000 {
            let text = format!("{number:04}{:04}", 9999 - number);
            let digits = eight(text.parse().unwrap());
            assert_eq!(ascii(digits).to_le_bytes(), text.as_bytes());
        }
    }
}
