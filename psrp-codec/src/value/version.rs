//! `System.Version`.

#![expect(
    clippy::arithmetic_side_effects,
    reason = "every operand is bounded by the number of digits that were read"
)]

use std::fmt;
use std::str::FromStr;

use super::InvalidLexicalForm;
use super::digit_words::{DIGITS, ZEROS, beyond, last_of_sixteen, number};

/// A `System.Version`: two to four numbers.
///
/// ```
/// use psrp_codec::Version;
///
/// let version: Version = "2.3".parse().unwrap();
/// assert_eq!((version.major(), version.minor(), version.build()), (2, 3, None));
/// assert!(Version::new(2, 3) < Version::new(7, 0));
/// ```
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Version {
    // Two and two, each one more than it is, as a scalar is moved by words; 0 where it is absent.
    // INVARIANT: the first two are there, and the last is absent where the third is. So the derived
    // order is .NET's.
    pairs: [u64; 2],
}

impl Version {
    /// A version of two numbers. A number over `i32::MAX` counts as that.
    #[must_use]
    pub const fn new(major: u32, minor: u32) -> Self {
        Self::of([clamp(major), clamp(minor), -1, -1])
    }

    /// The same version with a third number.
    #[must_use]
    pub const fn with_build(self, build: u32) -> Self {
        let [major, minor, _, revision] = self.numbers();
        Self::of([major, minor, clamp(build), revision])
    }

    /// The same version with a fourth number; the third is 0 unless it was given.
    #[must_use]
    pub const fn with_revision(self, revision: u32) -> Self {
        let [major, minor, build, _] = self.numbers();
        let build = if build < 0 { 0 } else { build };
        Self::of([major, minor, build, clamp(revision)])
    }

    const fn of([major, minor, build, revision]: [i32; 4]) -> Self {
        const fn pair(first: i32, second: i32) -> u64 {
            const fn half(number: i32) -> u64 {
                number.wrapping_add(1).cast_unsigned() as u64
            }
            half(first) << 32 | half(second)
        }
        Self {
            pairs: [pair(major, minor), pair(build, revision)],
        }
    }

    /// All four; −1 where one is absent.
    #[expect(clippy::cast_possible_truncation, reason = "the two halves of a word")]
    const fn numbers(self) -> [i32; 4] {
        const fn number(half: u64) -> i32 {
            (half as u32).cast_signed().wrapping_sub(1)
        }
        let [first, second] = self.pairs;
        [
            number(first >> 32),
            number(first),
            number(second >> 32),
            number(second),
        ]
    }

    /// The first number.
    #[must_use]
    pub const fn major(self) -> u32 {
        self.numbers()[0].unsigned_abs()
    }

    /// The second number.
    #[must_use]
    pub const fn minor(self) -> u32 {
        self.numbers()[1].unsigned_abs()
    }

    /// The third number, if there is one.
    #[must_use]
    pub const fn build(self) -> Option<u32> {
        present(self.numbers()[2])
    }

    /// The fourth number, if there is one.
    #[must_use]
    pub const fn revision(self) -> Option<u32> {
        present(self.numbers()[3])
    }

    /// Reads what .NET reads: blanks around a number and a `+` before it are passed over.
    #[must_use]
    #[inline]
    pub fn parse(text: &str) -> Option<Self> {
        // PowerShell writes short ones, without anything around the numbers.
        let numbers = match usual(text.as_bytes()) {
            Some(numbers) => numbers,
            None => Self::parse_any(text)?,
        };
        Some(Self::of(numbers))
    }

    #[inline(never)]
    fn parse_any(text: &str) -> Option<[i32; 4]> {
        let mut numbers = [-1; 4];
        let mut count = 0;
        for part in text.split('.') {
            let part = part.trim_matches(|c: char| c == ' ' || ('\t'..='\r').contains(&c));
            let digits = part.strip_prefix('+').unwrap_or(part);
            if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
                return None;
            }
            *numbers.get_mut(count)? = digits.parse().ok()?;
            count += 1;
        }
        (count >= 2).then_some(numbers)
    }
}

const fn present(number: i32) -> Option<u32> {
    if number < 0 {
        None
    } else {
        Some(number.unsigned_abs())
    }
}

/// Reads two to four numbers of seven digits at most, with points between them, sixteen letters in
/// all; gives -1 for those that are not there.
#[inline]
fn usual(text: &[u8]) -> Option<[i32; 4]> {
    if text.is_empty() || text.len() > 16 {
        return None;
    }
    let mut letters = last_of_sixteen(text) >> (8 * (16 - text.len()));
    let mut left = text.len();
    let mut numbers = [-1; 4];
    for (index, place) in numbers.iter_mut().enumerate() {
        let values = low_word(letters) ^ ZEROS;
        // Behind the last letter there is NUL.
        let end = beyond(values, DIGITS).trailing_zeros() as usize / 8;
        if end.wrapping_sub(1) >= 7 {
            return None;
        }
        *place = i32::try_from(number(values << (64 - 8 * end))).ok()?;
        if end == left {
            return (index > 0).then_some(numbers);
        }
        letters >>= 8 * end;
        if letters & 0xFF != u128::from(b'.') {
            return None;
        }
        letters >>= 8;
        left -= end + 1;
    }
    None
}

#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "the rest is for later")]
const fn low_word(letters: u128) -> u64 {
    letters as u64
}

const fn clamp(number: u32) -> i32 {
    if number > i32::MAX.unsigned_abs() {
        i32::MAX
    } else {
        number.cast_signed()
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major(), self.minor())?;
        for number in [self.build(), self.revision()].into_iter().flatten() {
            write!(f, ".{number}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Version({self})")
    }
}

impl FromStr for Version {
    type Err = InvalidLexicalForm;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text).ok_or(InvalidLexicalForm("version"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_dotnet_reads_them() {
        for (text, read) in [
            ("6.2.1.3", "6.2.1.3"),
            (" 2 . +03 ", "2.3"),
            ("0.0.0", "0.0.0"),
        ] {
            assert_eq!(Version::parse(text).unwrap().to_string(), read);
        }
        for text in ["1", "1.2.3.4.5", "1.a", "1.-1", "1.2147483648", "1.", ""] {
            assert_eq!(Version::parse(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_not_written_so_is_not_read_the_quick_way() {
        for text in [
            "",
            "1",
            ".1",
            "1.",
            "1..2",
            "1.2.3.4.5",
            "12345678.1",
            "1.2\0",
        ] {
            assert_eq!(usual(text.as_bytes()), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_version_is_the_same_in_both_ways(
            text in "([0-9]{0,8}[.,+\0 ]?){0,5}",
            numbers in proptest::array::uniform4(0..10_000_000_i32),
            count in 2..=4_usize,
        ) {
            if let Some(numbers) = usual(text.as_bytes()) {
                proptest::prop_assert_eq!(Some(numbers), Version::parse_any(&text));
            }
            let mut expected = [-1; 4];
            expected[..count].copy_from_slice(&numbers[..count]);
            let text = numbers[..count].iter().map(i32::to_string).collect::<Vec<_>>().join(".");
            proptest::prop_assert_eq!(Version::parse_any(&text), Some(expected));
            let short = (text.len() <= 16).then_some(expected);
            proptest::prop_assert_eq!(usual(text.as_bytes()), short);
        }
    }
}
