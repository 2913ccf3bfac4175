//! Numbers as text: .NET's formats, PowerShell's conversion, and reading both back.

mod custom_format;
mod digits;
mod parse;
mod standard_format;

use rust_decimal::Decimal;

pub use parse::{parse_decimal, parse_double, parse_integer, scan_number};

use super::Value;
use digits::Digits;

/// Culture-dependent parts of number formats: en-US as ICU 72 has it, or the invariant culture.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NumberCulture {
    /// Digits after the point of `N`, `F` and `P` when the format does not say.
    pub decimal_digits: usize,
    /// The currency sign.
    pub currency: &'static str,
    /// What an infinite number is written as.
    pub infinity: &'static str,
    /// Whether `P` puts a space before its sign.
    pub percent_space: bool,
    /// The decimal point.
    pub point: &'static str,
    /// Between groups of three digits.
    pub group: &'static str,
}

/// The culture of the engine.
pub const EN_US: NumberCulture = NumberCulture {
    decimal_digits: 3,
    currency: "$",
    infinity: "∞",
    percent_space: false,
    point: ".",
    group: ",",
};

/// The invariant culture.
pub const INVARIANT: NumberCulture = NumberCulture {
    decimal_digits: 2,
    currency: "¤",
    infinity: "Infinity",
    percent_space: true,
    point: ".",
    group: ",",
};

/// A double as a cast to string writes it: 15 digits.
#[must_use]
pub fn double_text(value: f64) -> String {
    if !value.is_finite() {
        return not_finite(value, &INVARIANT);
    }
    Digits::significant(value, 15).general(15, 2)
}

/// A single as a cast to string writes it: 7 digits.
#[must_use]
pub fn single_text(value: f32) -> String {
    if !value.is_finite() {
        return not_finite(f64::from(value), &INVARIANT);
    }
    Digits::significant(f64::from(value), 7).general(7, 2)
}

/// A double as `ToString()` writes it: the shortest text that reads back to the same number.
#[must_use]
pub fn double_round_trip(value: f64, culture: &NumberCulture) -> String {
    if !value.is_finite() {
        return not_finite(value, culture);
    }
    Digits::shortest(value).general(17, 2)
}

/// A single as `ToString()` writes it.
#[must_use]
pub fn single_round_trip(value: f32, culture: &NumberCulture) -> String {
    if !value.is_finite() {
        return not_finite(f64::from(value), culture);
    }
    Digits::shortest_single(value).general(9, 2)
}

/// A number with a .NET format string; `None` if this is no number, `Some(None)` if the format is wrong for it.
#[must_use]
pub fn format(value: &Value, format: &str, culture: &NumberCulture) -> Option<Option<String>> {
    let digits = match value {
        Value::Double(number) if !number.is_finite() => {
            return Some(Some(not_finite(*number, culture)));
        }
        Value::Single(number) if !number.is_finite() => {
            return Some(Some(not_finite(f64::from(*number), culture)));
        }
        Value::Double(_) | Value::Single(_) | Value::Decimal(_) | Value::BigInt(_) => None,
        other => Some(integer_of(other)?),
    };
    let format = if format.is_empty() { "G" } else { format };
    Some(match standard_specifier(format) {
        Some((specifier, precision)) => {
            standard_format::format(value, digits, specifier, precision, culture)
        }
        None => Some(custom_format::format(value, format, culture)),
    })
}

/// An integer of any width.
#[must_use]
pub fn integer_of(value: &Value) -> Option<i128> {
    Some(match value {
        Value::Byte(n) => i128::from(*n),
        Value::SByte(n) => i128::from(*n),
        Value::Int16(n) => i128::from(*n),
        Value::UInt16(n) => i128::from(*n),
        Value::Int32(n) => i128::from(*n),
        Value::UInt32(n) => i128::from(*n),
        Value::Int64(n) => i128::from(*n),
        Value::UInt64(n) => i128::from(*n),
        _ => return None,
    })
}

/// How many bits an integer has, for hexadecimal and binary formats of negative numbers.
pub(super) fn width_of(value: &Value) -> u32 {
    match value {
        Value::Byte(_) | Value::SByte(_) => 8,
        Value::Int16(_) | Value::UInt16(_) => 16,
        Value::Int32(_) | Value::UInt32(_) => 32,
        _ => 64,
    }
}

/// The digits of any number, rounded to 15 places where it is a double: what custom formats start from.
fn digits_of(value: &Value, places: usize) -> Digits {
    match value {
        Value::Double(number) => Digits::significant(*number, places),
        Value::Single(number) => Digits::significant(f64::from(*number), places.min(7)),
        Value::Decimal(number) => decimal_digits(number),
        Value::BigInt(number) => Digits::from_text(&number.to_string()),
        other => Digits::from_text(&integer_of(other).unwrap_or(0).to_string()),
    }
}

fn decimal_digits(number: &Decimal) -> Digits {
    Digits::from_text(&number.to_string())
}

fn not_finite(value: f64, culture: &NumberCulture) -> String {
    if value.is_nan() {
        "NaN".to_owned()
    } else if value > 0.0 {
        culture.infinity.to_owned()
    } else {
        format!("-{}", culture.infinity)
    }
}

/// A letter and at most nine digits make a standard format; anything else is a custom one.
fn standard_specifier(format: &str) -> Option<(char, Option<usize>)> {
    let mut chars = format.chars();
    let letter = chars.next().filter(char::is_ascii_alphabetic)?;
    let rest = chars.as_str();
    if rest.is_empty() {
        return Some((letter, None));
    }
    (rest.len() <= 9 && rest.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| (letter, rest.parse().ok()))
}
