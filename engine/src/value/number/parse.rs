//! Numbers read from text: as PowerShell writes literals, and as .NET's `Parse` methods read them.

use std::str::FromStr;

use num_bigint::BigInt;
use rust_decimal::Decimal;

use crate::value::Value;

/// Longer texts are no numbers that anyone wrote; reading them as big integers would take the square of their length.
const MAX_LENGTH: usize = 10_000;

/// Reads text as PowerShell reads a number in a script: sign, hexadecimal and binary, type suffix, multiplier.
#[must_use]
pub fn scan_number(text: &str) -> Option<Value> {
    let text = text.trim();
    if text.is_empty() || text.len() > MAX_LENGTH || !text.is_ascii() {
        return None;
    }
    let (negative, body) = match text.as_bytes()[0] {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let lower = body.to_ascii_lowercase();
    let (lower, multiplier) = split_multiplier(&lower);
    if let Some(digits) = lower.strip_prefix("0x") {
        let (digits, suffix) = split_suffix(digits, true);
        return radix(digits, 16, 4, suffix, negative, multiplier);
    }
    if let Some(digits) = lower.strip_prefix("0b") {
        let (digits, suffix) = split_suffix(digits, false);
        return radix(digits, 2, 1, suffix, negative, multiplier);
    }
    let (digits, suffix) = split_suffix(lower, false);
    decimal_literal(digits, suffix, negative, multiplier)
}

fn split_multiplier(text: &str) -> (&str, i64) {
    for (name, factor) in [
        ("kb", 1_i64 << 10),
        ("mb", 1 << 20),
        ("gb", 1 << 30),
        ("tb", 1 << 40),
        ("pb", 1 << 50),
    ] {
        if let Some(rest) = text.strip_suffix(name)
            && !rest.is_empty()
        {
            return (rest, factor);
        }
    }
    (text, 1)
}

fn split_suffix(text: &str, hexadecimal: bool) -> (&str, &str) {
    for suffix in ["uy", "us", "ul", "u", "y", "s", "l", "n", "d"] {
        // `d` and the like are digits of a hexadecimal number.
        if hexadecimal && suffix == "d" {
            continue;
        }
        if let Some(rest) = text.strip_suffix(suffix)
            && !rest.is_empty()
        {
            return (rest, suffix);
        }
    }
    (text, "")
}

fn radix(
    digits: &str,
    base: u32,
    bits_per_digit: usize,
    suffix: &str,
    negative: bool,
    multiplier: i64,
) -> Option<Value> {
    if digits.is_empty() || !digits.bytes().all(|byte| char::from(byte).is_digit(base)) {
        return None;
    }
    let mut number = BigInt::parse_bytes(digits.as_bytes(), base)?;
    // A literal of full width is two's complement, unless its suffix is unsigned.
    let width = digits.len() * bits_per_digit;
    let signed = |bits: usize| width == bits && number >= BigInt::from(1) << (bits - 1);
    let wrap = match suffix {
        "" => (base == 2 && signed(8))
            .then_some(8)
            .or(signed(16).then_some(16).filter(|_| base == 2))
            .or(signed(32).then_some(32))
            .or(signed(64).then_some(64)),
        "l" => signed(64).then_some(64),
        "s" => signed(16).then_some(16),
        "y" => signed(8).then_some(8),
        "n" => None,
        _ => None,
    };
    if let Some(bits) = wrap {
        number -= BigInt::from(1) << bits;
    }
    if negative {
        number = -number;
    }
    fit_integer(number * multiplier, suffix)
}

fn decimal_literal(digits: &str, suffix: &str, negative: bool, multiplier: i64) -> Option<Value> {
    let (mantissa, exponent) = match digits.split_once('e') {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (digits, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits(whole)
        || !fraction.is_none_or(all_digits)
        || whole.is_empty() && fraction.is_none_or(str::is_empty)
    {
        return None;
    }
    if let Some(exponent) = exponent {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        if exponent.is_empty() || !all_digits(exponent) {
            return None;
        }
    }
    let real = fraction.is_some() || exponent.is_some();
    if suffix == "d" {
        let number = parse_decimal_text(digits)?.checked_mul(Decimal::from(multiplier))?;
        return Some(Value::Decimal(if negative { -number } else { number }));
    }
    if real {
        let number: f64 = digits.parse().ok()?;
        let number = if negative { -number } else { number } * multiplier as f64;
        if suffix.is_empty() {
            return Some(Value::Double(number));
        }
        let rounded = BigInt::from_str(&format!("{:.0}", number.round_ties_even())).ok()?;
        return fit_integer(rounded, suffix);
    }
    let mut number = BigInt::from_str(whole).ok()? * multiplier;
    if negative {
        number = -number;
    }
    fit_integer(number, suffix)
}

/// The smallest type that holds the number, or the one that the suffix names.
fn fit_integer(number: BigInt, suffix: &str) -> Option<Value> {
    Some(match suffix {
        "uy" => Value::Byte(u8::try_from(&number).ok()?),
        "y" => Value::SByte(i8::try_from(&number).ok()?),
        "us" => Value::UInt16(u16::try_from(&number).ok()?),
        "s" => Value::Int16(i16::try_from(&number).ok()?),
        "ul" => Value::UInt64(u64::try_from(&number).ok()?),
        "l" => Value::Int64(i64::try_from(&number).ok()?),
        "u" => match u32::try_from(&number) {
            Ok(small) => Value::UInt32(small),
            Err(_) => Value::UInt64(u64::try_from(&number).ok()?),
        },
        "n" => Value::from(number),
        _ => {
            if let Ok(small) = i32::try_from(&number) {
                Value::Int32(small)
            } else if let Ok(long) = i64::try_from(&number) {
                Value::Int64(long)
            } else {
                let text = number.to_string();
                match Decimal::from_str_exact(&text) {
                    Ok(decimal) => Value::Decimal(decimal),
                    Err(_) => Value::Double(text.parse().ok()?),
                }
            }
        }
    })
}

/// What `[int]::Parse` reads: white space around, a sign, digits.
#[must_use]
pub fn parse_integer(text: &str) -> Option<BigInt> {
    let text = text.trim();
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty()
        || digits.len() > MAX_LENGTH
        || !digits.bytes().all(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    BigInt::from_str(text.strip_prefix('+').unwrap_or(text)).ok()
}

/// What `[double]::Parse` reads: also thousands separators, exponents, `NaN` and the infinities.
#[must_use]
pub fn parse_double(text: &str) -> Option<f64> {
    let text = text.trim();
    let bare = text.strip_prefix(['+', '-']).unwrap_or(text);
    let negative = text.starts_with('-');
    if bare.eq_ignore_ascii_case("infinity") || bare == "∞" {
        return Some(if negative {
            f64::NEG_INFINITY
        } else {
            f64::INFINITY
        });
    }
    if bare.eq_ignore_ascii_case("nan") {
        return Some(f64::NAN);
    }
    let plain = without_groups(bare)?;
    let number: f64 = plain.parse().ok()?;
    Some(if negative { -number } else { number })
}

/// What `[decimal]::Parse` reads: a sign, thousands separators, a point; and an exponent, as the casts allow it.
#[must_use]
pub fn parse_decimal(text: &str) -> Option<Decimal> {
    let text = text.trim();
    let bare = text.strip_prefix(['+', '-']).unwrap_or(text);
    let number = parse_decimal_text(&without_groups(bare)?)?;
    Some(if text.starts_with('-') {
        -number
    } else {
        number
    })
}

fn parse_decimal_text(text: &str) -> Option<Decimal> {
    if text.contains(['e', 'E']) {
        Decimal::from_scientific(text).ok()
    } else {
        Decimal::from_str(text.trim_end_matches('.')).ok()
    }
}

/// Takes commas out of the part before the point; `None` if this is no number.
fn without_groups(text: &str) -> Option<String> {
    if text.len() > MAX_LENGTH {
        return None;
    }
    let end = text.find(['.', 'e', 'E']).unwrap_or(text.len());
    let (whole, rest) = text.split_at(end);
    if whole.starts_with(',')
        || !whole
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b',')
    {
        return None;
    }
    let mut plain = whole.replace(',', "");
    if plain.is_empty() {
        if !rest.starts_with('.') || rest.len() < 2 || !rest.as_bytes()[1].is_ascii_digit() {
            return None;
        }
        plain.push('0');
    }
    if !rest
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-'))
    {
        return None;
    }
    plain.push_str(rest);
    Some(plain)
}
