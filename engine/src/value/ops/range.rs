//! `1..10`, `'a'..'e'`.

use crate::value::Value;
use crate::value::context::Context;
use crate::value::convert;
use crate::value::error::Raise;
use crate::value::types::{TypeId, TypeRef};

/// The ends of a numeric range; `None` if it is one of characters.
///
/// # Errors
/// When an end is no number.
pub fn range_bounds(
    left: &Value,
    right: &Value,
    cx: &mut dyn Context,
) -> Result<Option<(i32, i32)>, Raise> {
    if character(left).is_some() && character(right).is_some() {
        return Ok(None);
    }
    Ok(Some((bound(left, cx)?, bound(right, cx)?)))
}

fn bound(value: &Value, cx: &mut dyn Context) -> Result<i32, Raise> {
    if let Value::String(text) = value.base()
        && convert::numeric_of_text(text).is_none()
    {
        return Err(super::clr_exception(
            TypeId::FormatException,
            format!("The input string '{text}' was not in a correct format."),
        ));
    }
    match convert::to(value, &TypeRef::of(TypeId::Int32), cx)? {
        Value::Int32(number) => Ok(number),
        _ => Ok(0),
    }
}

/// A character, or a string of one that is no digit.
fn character(value: &Value) -> Option<u16> {
    match value.base() {
        Value::Char(unit) => Some(*unit),
        Value::String(text)
            if text.utf16_len() == 1
                && !text.as_bytes().first().is_some_and(u8::is_ascii_digit) =>
        {
            text.unit(0)
        }
        _ => None,
    }
}

/// The range as an array.
///
/// # Errors
/// When an end is no number, or memory runs out.
pub fn range(left: &Value, right: &Value, cx: &mut dyn Context) -> Result<Value, Raise> {
    match range_bounds(left, right, cx)? {
        Some((first, last)) => {
            cx.charge(
                usize::try_from(i64::from(first).abs_diff(i64::from(last)) + 1)
                    .unwrap_or(usize::MAX)
                    .saturating_mul(size_of::<Value>()),
            )?;
            Ok(Value::array(if first <= last {
                (first..=last).map(Value::Int32).collect()
            } else {
                (last..=first).rev().map(Value::Int32).collect()
            }))
        }
        None => {
            let (first, last) = (character(left).unwrap_or(0), character(right).unwrap_or(0));
            let items = if first <= last {
                (first..=last).map(Value::Char).collect()
            } else {
                (last..=first).rev().map(Value::Char).collect()
            };
            Ok(Value::array(items))
        }
    }
}
