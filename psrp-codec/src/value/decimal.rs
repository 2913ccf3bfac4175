//! `System.Decimal`: 96 bits and a scale.

#![expect(
    clippy::arithmetic_side_effects,
    reason = "every operand is bounded by the number of digits that were read"
)]

use std::fmt;
use std::str::FromStr;

use super::InvalidLexicalForm;

/// A `System.Decimal`: sign, 96 bits and how many of the digits stand behind the point.
///
/// The scale is part of the value: `1.10` is not written as `1.1`. Zero has no sign, as
/// PowerShell writes none.
///
/// ```
/// use psrp_codec::Decimal;
///
/// let price: Decimal = "1.10".parse().unwrap();
/// assert_eq!((price.coefficient(), price.scale()), (110, 2));
/// assert_eq!(price.to_string(), "1.10");
/// ```
#[derive(Clone, Copy, Default, Eq, Hash, PartialEq)]
pub struct Decimal {
    // The coefficient in two parts, as a `u128` would make every `Value` larger.
    low: u64,
    // 32 bits of the coefficient, eight of the scale, and one of the sign: as a scalar is moved by
    // words.
    high: u64,
}

impl Decimal {
    /// The largest coefficient: 2⁹⁶ − 1.
    pub const MAX_COEFFICIENT: u128 = (1 << 96) - 1;
    /// The largest scale.
    pub const MAX_SCALE: u8 = 28;

    /// The number `coefficient` × 10^−`scale`, below zero if `negative`.
    ///
    /// `None` when the coefficient has more than 96 bits or the scale is over 28.
    #[must_use]
    pub const fn new(negative: bool, coefficient: u128, scale: u8) -> Option<Self> {
        if coefficient > Self::MAX_COEFFICIENT || scale > Self::MAX_SCALE {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, reason = "the two parts of 96 bits")]
        Some(Self {
            low: coefficient as u64,
            high: (coefficient >> 64) as u64
                | (scale as u64) << 32
                | ((negative && coefficient != 0) as u64) << 40,
        })
    }

    /// The digits as a whole number.
    #[must_use]
    pub const fn coefficient(self) -> u128 {
        ((self.high & 0xFFFF_FFFF) as u128) << 64 | self.low as u128
    }

    /// How many of the digits stand behind the point.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "these eight bits")]
    pub const fn scale(self) -> u8 {
        (self.high >> 32) as u8
    }

    /// Whether it is below zero.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.high >> 40 != 0
    }

    /// Reads what .NET reads in the invariant culture: a sign, digits, a point. What 96 bits and
    /// 28 places cannot hold is rounded half to even.
    #[must_use]
    #[inline]
    pub fn parse(text: &str) -> Option<Self> {
        match Self::parse_short(text.as_bytes()) {
            Some(number) => Some(number),
            None => Self::parse_any(text.as_bytes()),
        }
    }

    /// Reads `[-]d+[.d+]`, eighteen letters at most: the digits fit in one word.
    #[inline]
    fn parse_short(text: &[u8]) -> Option<Self> {
        let (negative, text) = match text {
            [b'-', rest @ ..] => (true, rest),
            _ => (false, text),
        };
        if text.len() > 18 || text.first()? == &b'.' {
            return None;
        }
        let (mut coefficient, mut scale, mut behind_point) = (0, 0_u8, 0);
        for letter in text {
            let digit = letter.wrapping_sub(b'0');
            if digit < 10 {
                coefficient = coefficient * 10 + u64::from(digit);
                scale += behind_point;
            } else if *letter == b'.' && behind_point == 0 {
                behind_point = 1;
            } else {
                return None;
            }
        }
        Self::new(negative, coefficient.into(), scale)
    }

    #[inline(never)]
    fn parse_any(text: &[u8]) -> Option<Self> {
        let (negative, text) = match text {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            _ => (false, text),
        };
        let (whole, fraction) = around_point(text)?;
        let mut coefficient: u128 = 0;
        for digit in whole {
            coefficient = coefficient * 10 + u128::from(digit - b'0');
            if coefficient > Self::MAX_COEFFICIENT {
                return None;
            }
        }
        let mut scale = 0;
        let mut rest = fraction;
        while let [digit, after @ ..] = rest {
            let longer = coefficient * 10 + u128::from(digit - b'0');
            if longer > Self::MAX_COEFFICIENT || scale == Self::MAX_SCALE {
                break;
            }
            (coefficient, scale, rest) = (longer, scale + 1, after);
        }
        if let [first, after @ ..] = rest {
            let beyond_half = *first > b'5' || after.iter().any(|b| *b != b'0');
            if *first > b'5' || *first == b'5' && (beyond_half || coefficient % 2 == 1) {
                coefficient += 1;
            }
            if coefficient > Self::MAX_COEFFICIENT {
                // 2⁹⁶ ends in 6, so a place less rounds up.
                scale = scale.checked_sub(1)?;
                coefficient = coefficient / 10 + 1;
            }
        }
        Self::new(negative, coefficient, scale)
    }
}

/// All places that there are, without an exponent.
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_negative() {
            f.write_str("-")?;
        }
        let unit = 10_u128.pow(self.scale().into());
        write!(f, "{}", self.coefficient() / unit)?;
        if self.scale() > 0 {
            write!(
                f,
                ".{:0width$}",
                self.coefficient() % unit,
                width = self.scale().into()
            )?;
        }
        Ok(())
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Decimal({self})")
    }
}

impl FromStr for Decimal {
    type Err = InvalidLexicalForm;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text).ok_or(InvalidLexicalForm("decimal"))
    }
}

impl From<i64> for Decimal {
    fn from(number: i64) -> Self {
        Self {
            low: number.unsigned_abs(),
            high: u64::from(number < 0) << 40,
        }
    }
}

/// The digits before the point and behind it, if there is nothing but digits and one at least.
pub(super) fn around_point(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (whole, fraction) = match text.iter().position(|b| *b == b'.') {
        Some(dot) => (text.get(..dot)?, text.get(dot + 1..)?),
        None => (text, &[][..]),
    };
    let digits = whole.iter().chain(fraction).all(u8::is_ascii_digit);
    (digits && !(whole.is_empty() && fraction.is_empty())).then_some((whole, fraction))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_rounded_to_even() {
        for (text, read) in [
            ("1.10", "1.10"),
            (".5", "0.5"),
            ("5.", "5"),
            ("+01", "1"),
            ("-0.00", "0.00"),
            (
                "0.99999999999999999999999999999",
                "1.0000000000000000000000000000",
            ),
            (
                "0.00000000000000000000000000005",
                "0.0000000000000000000000000000",
            ),
            (
                "0.00000000000000000000000000015",
                "0.0000000000000000000000000002",
            ),
            (
                "79228162514264337593543950334.5",
                "79228162514264337593543950334",
            ),
            (
                "7.92281625142643375935439503355",
                "7.922816251426433759354395034",
            ),
        ] {
            assert_eq!(Decimal::parse(text).unwrap().to_string(), read, "{text}");
        }
    }

    #[test]
    fn what_is_too_large_or_not_a_number_is_refused() {
        for text in [
            "79228162514264337593543950336",
            "79228162514264337593543950335.5",
            "1E5",
            "",
            ".",
            "-",
            "1,0",
            "1.0.0",
        ] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_in_the_quick_way_as_in_the_general_one(
            text in "-?[0-9]{0,12}[.,/+e-]?[0-9.\0é]{0,12}",
            digits in 0..10_u64.pow(15),
            scale in 0..15_u8,
        ) {
            if let Some(number) = Decimal::parse_short(text.as_bytes()) {
                proptest::prop_assert_eq!(Some(number), Decimal::parse_any(text.as_bytes()));
            }
            for negative in [false, true] {
                let number = Decimal::new(negative, digits.into(), scale);
                let text = number.unwrap().to_string();
                proptest::prop_assert_eq!(Decimal::parse_short(text.as_bytes()), number);
            }
        }
    }
}
