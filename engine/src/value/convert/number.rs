//! Conversion to numbers.

use num_bigint::BigInt;
use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive, RoundingStrategy, ToPrimitive};

use crate::value::Value;
use crate::value::error::Raise;
use crate::value::number;
use crate::value::types::{TypeId, TypeRef};

use super::failure;
use super::string::clr_text;

/// Converts to the numeric type `id`.
pub(super) fn to_numeric(value: &Value, id: TypeId) -> Result<Value, Raise> {
    let ty = TypeRef::of(id);
    match value {
        Value::String(text) => from_text(text, &ty, id),
        Value::DateTime(_) => Err(failure::invalid_cast(value, &ty, false)),
        Value::Bool(truth) => Ok(fit(i128::from(*truth), id).unwrap_or(Value::Null)),
        Value::Char(unit) if id == TypeId::Decimal => Ok(Value::Decimal(Decimal::from(*unit))),
        Value::Char(unit) => {
            fit(i128::from(*unit), id).ok_or_else(|| failure::overflow(value, &ty))
        }
        Value::Enum(number) => {
            fit(i128::from(number.bits), id).ok_or_else(|| failure::overflow(value, &ty))
        }
        other => match to_number(other, id) {
            Some(Some(number)) => Ok(number),
            Some(None) => {
                // .NET goes from floating point to the small integers by way of Int32.
                let by_way_of = match (other, id) {
                    (
                        Value::Single(n),
                        TypeId::Byte | TypeId::SByte | TypeId::Int16 | TypeId::UInt16,
                    ) if f64::from(*n).abs() > 2_147_483_647.0 => Some(TypeId::Int32),
                    (
                        Value::Double(n),
                        TypeId::Byte | TypeId::SByte | TypeId::Int16 | TypeId::UInt16,
                    ) if n.abs() > 2_147_483_647.0 => Some(TypeId::Int32),
                    (Value::Single(_) | Value::Double(_), TypeId::Int64 | TypeId::UInt64) => None,
                    _ => Some(id),
                };
                Err(failure::with_error(
                    &clr_text(other),
                    &ty,
                    failure::overflow_message(by_way_of),
                    "InvalidCastIConvertible",
                ))
            }
            None => Err(failure::not_convertible(other, &ty)),
        },
    }
}

/// One number as another type, rounding half to even: `None` if it is no number, `Some(None)` if it does not fit.
#[must_use]
pub fn to_number(value: &Value, id: TypeId) -> Option<Option<Value>> {
    if let Some(integer) = number::integer_of(value) {
        return Some(fit(integer, id));
    }
    Some(match value {
        Value::Single(n) => from_double(f64::from(*n), id, Some(*n)),
        Value::Double(n) => from_double(*n, id, None),
        Value::Decimal(n) => match id {
            TypeId::Decimal => Some(value.clone()),
            TypeId::Double => n.to_f64().map(Value::Double),
            TypeId::Single => n.to_f32().map(Value::Single),
            _ => n
                .round_dp_with_strategy(0, RoundingStrategy::MidpointNearestEven)
                .to_i128()
                .and_then(|integer| fit(integer, id)),
        },
        Value::BigInt(n) => match id {
            TypeId::BigInteger => Some(value.clone()),
            TypeId::Double => n.to_f64().map(Value::Double),
            TypeId::Single => n.to_f32().map(Value::Single),
            TypeId::Decimal => Decimal::from_str_exact(&n.to_string())
                .ok()
                .map(Value::Decimal),
            _ => i128::try_from(n.as_ref())
                .ok()
                .and_then(|integer| fit(integer, id)),
        },
        _ => return None,
    })
}

/// An integer as the numeric type `id`.
#[must_use]
pub fn to_integer_type(integer: i128, id: TypeId) -> Option<Value> {
    fit(integer, id)
}

fn fit(integer: i128, id: TypeId) -> Option<Value> {
    Some(match id {
        TypeId::Byte => Value::Byte(integer.try_into().ok()?),
        TypeId::SByte => Value::SByte(integer.try_into().ok()?),
        TypeId::Int16 => Value::Int16(integer.try_into().ok()?),
        TypeId::UInt16 => Value::UInt16(integer.try_into().ok()?),
        TypeId::Int32 => Value::Int32(integer.try_into().ok()?),
        TypeId::UInt32 => Value::UInt32(integer.try_into().ok()?),
        TypeId::Int64 => Value::Int64(integer.try_into().ok()?),
        TypeId::UInt64 => Value::UInt64(integer.try_into().ok()?),
        TypeId::Single => Value::Single(integer as f32),
        TypeId::Double => Value::Double(integer as f64),
        TypeId::Decimal => Value::Decimal(Decimal::from_i128(integer)?),
        TypeId::BigInteger => Value::from(BigInt::from(integer)),
        TypeId::Char => Value::Char(integer.try_into().ok()?),
        _ => return None,
    })
}

fn from_double(number: f64, id: TypeId, single: Option<f32>) -> Option<Value> {
    match id {
        TypeId::Double => Some(Value::Double(number)),
        TypeId::Single => Some(Value::Single(single.unwrap_or(number as f32))),
        TypeId::Decimal => {
            if !number.is_finite() {
                return None;
            }
            // As .NET: 15 digits of a double, 7 of a single.
            let text = format!("{number:.*e}", if single.is_some() { 6 } else { 14 });
            Decimal::from_scientific(&text)
                .ok()
                .map(|decimal| Value::Decimal(decimal.normalize()))
        }
        TypeId::BigInteger => format!("{:.0}", number.trunc())
            .parse::<BigInt>()
            .ok()
            .map(Value::from),
        _ => {
            let rounded = number.round_ties_even();
            (rounded.is_finite() && rounded.abs() < 1e30).then(|| fit(rounded as i128, id))?
        }
    }
}

/// The number that a string means where an operator wants one: `Some(0)` if it is empty, `None` if it is no number.
#[must_use]
pub fn numeric_of_text(text: &str) -> Option<Value> {
    if text.trim().is_empty() {
        return Some(Value::Int32(0));
    }
    number::scan_number(text)
}

fn from_text(text: &str, ty: &TypeRef, id: TypeId) -> Result<Value, Raise> {
    if text.is_empty() {
        return Ok(fit(0, id).unwrap_or(Value::Null));
    }
    let (fqid, integer) = match id {
        TypeId::Single | TypeId::Double => ("InvalidCastFromStringToDoubleOrSingle", false),
        TypeId::Decimal => ("InvalidCastFromStringToDecimal", false),
        TypeId::BigInteger => ("InvalidCastParseTargetInvocationWithFormatProvider", false),
        _ => ("InvalidCastFromStringToInteger", true),
    };
    let wrong = || {
        let message = if id == TypeId::BigInteger {
            "The value could not be parsed.".to_owned()
        } else {
            format!("The input string '{text}' was not in a correct format.")
        };
        failure::with_error(text, ty, &message, fqid)
    };
    let parsed = match id {
        TypeId::BigInteger => {
            return number::parse_integer(&text.replace(',', ""))
                .map(Value::from)
                .or_else(|| to_number(&number::scan_number(text)?, id)?)
                .ok_or_else(wrong);
        }
        TypeId::Double | TypeId::Single => number::parse_double(text)
            .map(Value::Double)
            .or_else(|| number::scan_number(text)),
        TypeId::Decimal => number::parse_decimal(text)
            .map(Value::Decimal)
            .or_else(|| number::scan_number(text)),
        _ => number::scan_number(text).or_else(|| number::parse_double(text).map(Value::Double)),
    };
    let parsed = parsed.ok_or_else(wrong)?;
    match to_number(&parsed, id) {
        Some(Some(number)) => Ok(number),
        _ if integer || id == TypeId::Decimal => Err(failure::with_error(
            text,
            ty,
            failure::overflow_message(Some(id)),
            fqid,
        )),
        _ => Err(wrong()),
    }
}
