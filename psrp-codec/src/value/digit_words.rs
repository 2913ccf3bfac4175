//! Decimal digits of a text, eight to a word: the first letter in the lowest byte.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "eight digits fit in a word, and texts are of sixteen letters at most"
)]

/// The digit zero, eight times: `letters ^ ZEROS` are the values of those that are digits.
pub(crate) const ZEROS: u64 = u64::from_le_bytes(*b"00000000");

/// What is not zero in [`beyond`] of a byte that has to be a digit.
pub(crate) const DIGIT: u8 = up_to(9);
/// The same of a byte that has to be zero.
pub(crate) const NOTHING: u8 = up_to(0);

/// The same of a byte that has to be `most` at most.
pub(crate) const fn up_to(most: u8) -> u8 {
    0x0F - most
}

/// Every byte has to be a digit.
pub(crate) const DIGITS: u64 = u64::from_le_bytes([DIGIT; 8]);

/// Zero where every byte of `values` is what `allowed` says. Otherwise the lowest bit that is set
/// is in the first byte that is not; what is above says nothing.
#[inline(always)]
pub(crate) const fn beyond(values: u64, allowed: u64) -> u64 {
    (values | values.wrapping_add(allowed)) & 0xF0F0_F0F0_F0F0_F0F0
}

/// In each byte the number of two digits that begins there, if they are digits.
#[inline(always)]
pub(crate) const fn pairs(values: u64) -> u64 {
    values.wrapping_mul(10).wrapping_add(values >> 8)
}

/// The number that eight digits are: pairs, then fours, then all.
#[inline(always)]
pub(crate) const fn number(values: u64) -> u64 {
    const PAIRS: u64 = 0x0000_00FF_0000_00FF;
    let pairs = pairs(values);
    let first = (pairs & PAIRS).wrapping_mul(100 + (1_000_000 << 32));
    let second = (pairs >> 16 & PAIRS).wrapping_mul(1 + (10_000 << 32));
    first.wrapping_add(second) >> 32
}

/// The letters from `at` on, as many as fit.
#[inline(always)]
pub(crate) fn word<const N: usize>(text: &[u8; N], at: usize) -> u64 {
    let letters = text.get(at..).and_then(<[u8]>::first_chunk);
    u64::from_le_bytes(*letters.unwrap_or(&[0; 8]))
}

/// The letters of a text of eight at most, the last in the highest byte.
#[inline(always)]
pub(crate) fn last_of_few(text: &[u8]) -> u64 {
    if let (Some(first), Some(last)) = (text.first_chunk::<4>(), text.last_chunk::<4>()) {
        let (first, last) = (u32::from_le_bytes(*first), u32::from_le_bytes(*last));
        // What is in both is in the same place.
        let before = u64::from(first) << (8 * 8_usize.saturating_sub(text.len()));
        return u64::from(last) << 32 | before;
    }
    let letters = text.iter().take(3);
    letters.fold(0, |word, letter| word >> 8 | u64::from(*letter) << 56)
}

/// The letters of a text of sixteen at most, the last in the highest byte. Below them is NUL.
#[inline(always)]
pub(crate) fn last_of_sixteen(text: &[u8]) -> u128 {
    let (Some(first), Some(last)) = (text.first_chunk::<8>(), text.last_chunk::<8>()) else {
        return u128::from(last_of_few(text)) << 64;
    };
    // Shifted twice, as 64 bits cannot be shifted by 64. What is in both is in the same place.
    let less = 4 * 16_usize.saturating_sub(text.len());
    let first = u64::from_le_bytes(*first) << less << less;
    u128::from(u64::from_le_bytes(*last)) << 64 | u128::from(first)
}

/// The highest bit of every byte that is `letter`; after the first such byte, perhaps of one that
/// is the letter with its lowest bit turned over.
#[inline(always)]
pub(crate) const fn places_of(word: u64, letter: u8) -> u64 {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGH: u64 = u64::from_le_bytes([0x80; 8]);
    let word = word ^ u64::from_le_bytes([letter; 8]);
    word.wrapping_sub(ONES) & !word & HIGH
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_letters_of_a_text_of_any_length_are_seen() {
        let text = b"abcdefghijklmnop";
        for length in 0..=text.len() {
            let text = text.get(..length).unwrap();
            let mut last = [0; 16];
            for (to, from) in last.iter_mut().rev().zip(text.iter().rev()) {
                *to = *from;
            }
            assert_eq!(last_of_sixteen(text).to_le_bytes(), last);
            if length <= 8 {
                assert_eq!(last_of_few(text).to_le_bytes(), last[8..]);
            }
        }
    }

    #[test]
    fn the_first_byte_that_is_no_digit_is_found() {
        for letter in 0..=u8::MAX {
            for place in 0..8 {
                let mut letters = *b"90909090";
                letters[place] = letter;
                let found = beyond(u64::from_le_bytes(letters) ^ ZEROS, DIGITS);
                assert_eq!(found == 0, letter.is_ascii_digit(), "{letter}");
                if found != 0 {
                    assert_eq!(found.trailing_zeros() as usize / 8, place);
                }
                let zeros = u64::from_le_bytes([NOTHING; 8]);
                let letters = u64::from(letter) << (8 * place);
                assert_eq!(beyond(letters, zeros) == 0, letter == 0);
            }
        }
    }

    #[test]
    fn letters_are_found() {
        let places = places_of(u64::from_le_bytes(*b"a.b..c/."), b'.');
        assert_eq!(places & 0x80_8080_8080, 0x80_8000_8000);
    }
}
