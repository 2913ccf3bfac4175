//! Standard numeric formats: `C D E F G N P R X B`.

use super::digits::{Digits, MAX_PRECISION, push_exponent};
use super::{NumberCulture, digits_of, width_of};
use crate::value::Value;

/// Formats `value`; `integer` is its number if it is an integer. `None` if the format does not suit.
pub(super) fn format(
    value: &Value,
    integer: Option<i128>,
    specifier: char,
    precision: Option<usize>,
    culture: &NumberCulture,
) -> Option<String> {
    let precision = precision.map(|precision| precision.min(MAX_PRECISION));
    Some(match specifier.to_ascii_uppercase() {
        'D' => match (integer, value) {
            (Some(number), _) => padded(number < 0, &number.unsigned_abs().to_string(), precision),
            (None, Value::BigInt(number)) => {
                let text = number.magnitude().to_string();
                padded(number.sign() == num_bigint::Sign::Minus, &text, precision)
            }
            _ => return None,
        },
        'X' => {
            let text = match (integer, value) {
                (Some(number), _) => format!("{:X}", number & mask(value)),
                (None, Value::BigInt(number)) => big_hexadecimal(number),
                _ => return None,
            };
            let text = format!("{text:0>width$}", width = precision.unwrap_or(0));
            if specifier == 'x' {
                text.to_ascii_lowercase()
            } else {
                text
            }
        }
        'B' => format!(
            "{:0>width$}",
            format!("{:b}", integer? & mask(value)),
            width = precision.unwrap_or(0)
        ),
        'F' => {
            let digits = rounded(value, precision.unwrap_or(culture.decimal_digits));
            signed(
                &digits,
                &fixed(
                    &digits,
                    precision.unwrap_or(culture.decimal_digits),
                    None,
                    culture,
                ),
            )
        }
        'N' => {
            let digits = rounded(value, precision.unwrap_or(culture.decimal_digits));
            signed(
                &digits,
                &fixed(
                    &digits,
                    precision.unwrap_or(culture.decimal_digits),
                    Some(culture.group),
                    culture,
                ),
            )
        }
        'C' => {
            let digits = rounded(value, precision.unwrap_or(2));
            let text = fixed(
                &digits,
                precision.unwrap_or(2),
                Some(culture.group),
                culture,
            );
            if !digits.negative {
                format!("{}{text}", culture.currency)
            } else if culture.percent_space {
                format!("({}{text})", culture.currency) // the invariant culture
            } else {
                format!("-{}{text}", culture.currency)
            }
        }
        'P' => {
            let decimals = precision.unwrap_or(culture.decimal_digits);
            let digits = percent(value, decimals);
            let space = if culture.percent_space { " " } else { "" };
            signed(
                &digits,
                &format!(
                    "{}{space}%",
                    fixed(&digits, decimals, Some(culture.group), culture)
                ),
            )
        }
        'E' => {
            let decimals = precision.unwrap_or(6);
            let mut digits = digits_of(value, decimals + 1);
            digits.round(i32::try_from(decimals + 1).unwrap_or(i32::MAX));
            scientific(&digits, decimals, specifier)
        }
        'R' if matches!(value, Value::Decimal(_)) => return None,
        'G' | 'R' => general(
            value,
            integer,
            specifier,
            if specifier.eq_ignore_ascii_case(&'R') {
                None
            } else {
                precision.filter(|precision| *precision > 0)
            },
            culture,
        ),
        _ => return None,
    })
}

fn general(
    value: &Value,
    integer: Option<i128>,
    specifier: char,
    precision: Option<usize>,
    culture: &NumberCulture,
) -> String {
    let text = match precision {
        None => match value {
            Value::Double(number) => super::double_round_trip(*number, culture),
            Value::Single(number) => super::single_round_trip(*number, culture),
            Value::Decimal(number) => number.to_string(),
            Value::BigInt(number) => number.to_string(),
            _ => integer.unwrap_or(0).to_string(),
        },
        Some(precision) => {
            let max = i32::try_from(precision).unwrap_or(i32::MAX);
            let mut digits = digits_of(value, precision);
            digits.round(max);
            digits.general(max, 2)
        }
    };
    if specifier == 'g' {
        text.to_ascii_lowercase()
    } else {
        text
    }
}

fn padded(negative: bool, digits: &str, precision: Option<usize>) -> String {
    format!(
        "{}{digits:0>width$}",
        if negative { "-" } else { "" },
        width = precision.unwrap_or(0)
    )
}

fn mask(value: &Value) -> i128 {
    (1_i128 << width_of(value)) - 1
}

/// Two's complement with enough digits to show the sign, as BigInteger writes it.
fn big_hexadecimal(number: &num_bigint::BigInt) -> String {
    let bytes = number.to_signed_bytes_be();
    let text: String = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    // A leading zero digit is kept only where it shows that the number is positive.
    let trimmed = match text.strip_prefix('0') {
        Some(rest) if !rest.is_empty() && rest.as_bytes()[0] < b'8' => rest,
        _ => match text.strip_prefix('F') {
            Some(rest)
                if !rest.is_empty()
                    && rest.as_bytes()[0] >= b'8'
                    && number.sign() == num_bigint::Sign::Minus =>
            {
                rest
            }
            _ => &text,
        },
    };
    trimmed.to_owned()
}

/// Rounds to so many decimals: doubles exactly to even on a tie, all others away from zero.
fn rounded(value: &Value, decimals: usize) -> Digits {
    match value {
        Value::Double(number) => Digits::fixed(*number, decimals),
        Value::Single(number) => Digits::fixed(f64::from(*number), decimals),
        other => {
            let mut digits = digits_of(other, 15);
            let places = digits
                .scale
                .saturating_add(i32::try_from(decimals).unwrap_or(i32::MAX));
            digits.round(places);
            digits
        }
    }
}

fn percent(value: &Value, decimals: usize) -> Digits {
    let mut digits = match value {
        Value::Double(number) => Digits::fixed(*number, decimals + 2),
        Value::Single(number) => Digits::fixed(f64::from(*number), decimals + 2),
        other => digits_of(other, 15),
    };
    if !digits.is_zero() {
        digits.scale += 2;
    }
    let places = digits
        .scale
        .saturating_add(i32::try_from(decimals).unwrap_or(i32::MAX));
    digits.round(places);
    digits
}

fn signed(digits: &Digits, text: &str) -> String {
    format!("{}{text}", if digits.negative { "-" } else { "" })
}

fn fixed(digits: &Digits, decimals: usize, group: Option<&str>, culture: &NumberCulture) -> String {
    let mut text = digits.whole();
    if let Some(group) = group {
        text = grouped(&text, group);
    }
    if decimals > 0 {
        text.push_str(culture.point);
        text.push_str(&digits.fraction(decimals));
    }
    text
}

/// Puts `separator` between groups of three digits.
pub(super) fn grouped(digits: &str, separator: &str) -> String {
    let mut text = String::with_capacity(digits.len() * 4 / 3 + 1);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push_str(separator);
        }
        text.push(digit);
    }
    text
}

fn scientific(digits: &Digits, decimals: usize, letter: char) -> String {
    let mut text = String::new();
    if digits.negative {
        text.push('-');
    }
    text.push(char::from(
        b'0' + digits.digits.first().copied().unwrap_or(0),
    ));
    if decimals > 0 {
        text.push('.');
        text.extend(
            (1..=decimals)
                .map(|index| char::from(b'0' + digits.digits.get(index).copied().unwrap_or(0))),
        );
    }
    text.push(letter);
    push_exponent(
        &mut text,
        if digits.is_zero() {
            0
        } else {
            digits.scale - 1
        },
        3,
    );
    text
}
