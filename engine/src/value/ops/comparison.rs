//! `-eq -ne -gt -ge -lt -le`, `-contains`, and the order that sorting uses.

use std::cmp::Ordering;

use crate::syntax::ast::BinaryOperator as B;
use crate::value::collation;
use crate::value::context::Context;
use crate::value::convert::{self, elements_of};
use crate::value::error::Raise;
use crate::value::types::{TypeId, TypeRef};
use crate::value::{Text, Value};

use super::arithmetic::{double, integer_or_small, is_number_like};

pub(super) fn apply(
    operator: B,
    left: &Value,
    right: &Value,
    cx: &mut dyn Context,
) -> Result<Value, Raise> {
    match elements_of(left) {
        Some(items) => {
            let mut kept = Vec::new();
            for item in items {
                cx.checkpoint()?;
                if holds(operator, &item, right, cx)? {
                    kept.push(item);
                }
            }
            Ok(Value::array(kept))
        }
        None => holds(operator, left, right, cx).map(Value::Bool),
    }
}

fn holds(operator: B, left: &Value, right: &Value, cx: &mut dyn Context) -> Result<bool, Raise> {
    Ok(match operator {
        B::Equal { case_sensitive } => equals(left, right, !case_sensitive, cx)?,
        B::NotEqual { case_sensitive } => !equals(left, right, !case_sensitive, cx)?,
        B::LessThan { case_sensitive } => {
            compare(left, right, !case_sensitive, cx)? == Some(Ordering::Less)
        }
        B::LessOrEqual { case_sensitive } => matches!(
            compare(left, right, !case_sensitive, cx)?,
            Some(Ordering::Less | Ordering::Equal)
        ),
        B::GreaterThan { case_sensitive } => {
            compare(left, right, !case_sensitive, cx)? == Some(Ordering::Greater)
        }
        B::GreaterOrEqual { case_sensitive } => matches!(
            compare(left, right, !case_sensitive, cx)?,
            Some(Ordering::Greater | Ordering::Equal)
        ),
        _ => false,
    })
}

/// Whether `left` equals `right` after `right` is made of `left`'s type; never an error for values that do not convert.
///
/// # Errors
/// What a script called back into may raise.
pub fn equals(
    left: &Value,
    right: &Value,
    ignore_case: bool,
    cx: &mut dyn Context,
) -> Result<bool, Raise> {
    let (left, right) = (left.base(), right.base());
    Ok(match (left, right) {
        (Value::Null | Value::Nothing, other) => other.is_null(),
        (_, Value::Null | Value::Nothing) => false,
        (Value::String(a), Value::String(b)) => same_text(a, b, ignore_case),
        (Value::String(a), other) => {
            let other = convert::to_text(other, cx)?;
            same_text(a, &other, ignore_case)
        }
        (Value::Char(a), Value::Char(b)) => same_text(
            &Text::from_units(&[*a]),
            &Text::from_units(&[*b]),
            ignore_case,
        ),
        (a, b)
            if is_number_like(a)
                && is_number_like(b)
                && !matches!(a, Value::Enum(_) | Value::Bool(_) | Value::Char(_))
                && !matches!(b, Value::Bool(_)) =>
        {
            number_order(a, b) == Some(Ordering::Equal)
        }
        (a, b) if crate::value::hashtable::same_key(a, b, ignore_case) => true,
        (Value::Bool(a), other) => *a == convert::to_bool(other),
        (Value::Object(object), other) if object.class().is_some() => {
            if left.same_reference(other) {
                return Ok(true);
            }
            match cx.call_class_method(left, "Equals", std::slice::from_ref(other)) {
                Some(result) => convert::to_bool(&result?),
                None => false,
            }
        }
        (a, b) => {
            let Some(ty) = a.type_ref() else {
                return Ok(false);
            };
            if matches!(
                a,
                Value::Object(_)
                    | Value::Hash(_)
                    | Value::ScriptBlock(_)
                    | Value::Array(_)
                    | Value::List(_)
            ) {
                return Ok(false);
            }
            match convert::to(b, &ty, cx) {
                Ok(Value::Char(b)) => match a {
                    Value::Char(a) => same_text(
                        &Text::from_units(&[*a]),
                        &Text::from_units(&[b]),
                        ignore_case,
                    ),
                    _ => false,
                },
                Ok(b) if is_number_like(a) => number_order(a, &b) == Some(Ordering::Equal),
                Ok(b) => crate::value::hashtable::same_key(a, &b, ignore_case),
                Err(Raise::Error(_)) => false,
                Err(flow) => return Err(flow),
            }
        }
    })
}

fn same_text(a: &str, b: &str, ignore_case: bool) -> bool {
    if ignore_case {
        crate::value::equal_folded(a, b)
    } else {
        a == b
    }
}

/// Orders `right` against `left` after it is made of `left`'s type. `None` where numbers have no order (NaN).
///
/// # Errors
/// When the values have no order or do not convert.
pub fn compare(
    left: &Value,
    right: &Value,
    ignore_case: bool,
    cx: &mut dyn Context,
) -> Result<Option<Ordering>, Raise> {
    let (left, right) = (left.base(), right.base());
    match (left, right) {
        (Value::Null | Value::Nothing, Value::Null | Value::Nothing) => {
            return Ok(Some(Ordering::Equal));
        }
        // Null is less than everything but negative numbers.
        (Value::Null | Value::Nothing, other) => {
            return Ok(Some(if is_negative(other) {
                Ordering::Greater
            } else {
                Ordering::Less
            }));
        }
        (other, Value::Null | Value::Nothing) => {
            return Ok(Some(if is_negative(other) {
                Ordering::Less
            } else {
                Ordering::Greater
            }));
        }
        (Value::String(a), Value::String(b)) => {
            return Ok(Some(collation::compare(a, b, ignore_case)));
        }
        (Value::String(a), other) => {
            let other = convert::to_text(other, cx)?;
            return Ok(Some(collation::compare(a, &other, ignore_case)));
        }
        (a, b)
            if is_number_like(a)
                && is_number_like(b)
                && !matches!(a, Value::Enum(_) | Value::Char(_) | Value::Bool(_)) =>
        {
            return Ok(number_order(a, b));
        }
        (a, Value::String(text))
            if is_number_like(a)
                && !matches!(a, Value::Enum(_) | Value::Char(_) | Value::Bool(_)) =>
        {
            let number = match convert::numeric_of_text(text) {
                Some(number) => number,
                None => convert::to(
                    right,
                    &a.type_ref().unwrap_or_else(|| TypeRef::of(TypeId::Int32)),
                    cx,
                )?,
            };
            return Ok(number_order(a, &number));
        }
        _ => {}
    }
    match (left, right) {
        (Value::Type(ty), other) if !matches!(other, Value::Type(_)) => {
            return Err(not_comparable(&ty.full_name()));
        }
        (Value::ScriptBlock(block), other) if !left.same_reference(other) => {
            return Err(not_comparable(block.text()));
        }
        (Value::Enum(_), Value::Bool(_)) => return Ok(number_order(left, right)),
        _ => {}
    }
    let Some(ty) = left.type_ref() else {
        return Ok(None);
    };
    let converted = match convert::to(right, &ty, cx) {
        Ok(converted) => converted,
        Err(Raise::Error(error)) => {
            let message = format!(
                "Could not compare \"{}\" to \"{}\". Error: \"{}\"",
                convert::to_text(left, cx)?,
                convert::to_text(right, cx)?,
                error.exception.message()
            );
            return Err(Raise::runtime(message, "ComparisonFailure"));
        }
        Err(flow) => return Err(flow),
    };
    if let Some(ordering) = own_order(left, &converted, ignore_case) {
        return Ok(Some(ordering));
    }
    if let (Value::Object(object), _) = (left, &converted)
        && object.class().is_some()
        && let Some(result) =
            cx.call_class_method(left, "CompareTo", std::slice::from_ref(&converted))
    {
        let result = result?;
        return Ok(integer_or_small(&result).map(|number| number.cmp(&0)));
    }
    if left.same_reference(&converted)
        || crate::value::hashtable::same_key(left, &converted, ignore_case)
    {
        return Ok(Some(Ordering::Equal));
    }
    Err(not_comparable(&convert::clr_text(left)))
}

fn not_comparable(text: &str) -> Raise {
    Raise::runtime(
        format!("Cannot compare \"{text}\" because it is not IComparable."),
        "NotIcomparable",
    )
}

fn is_negative(value: &Value) -> bool {
    match value {
        Value::Bool(_) | Value::Char(_) | Value::Enum(_) => false,
        Value::BigInt(number) => number.sign() == num_bigint::Sign::Minus,
        other => double(other).is_some_and(|number| number < 0.0),
    }
}

/// The order of two values of one type.
fn own_order(left: &Value, right: &Value, ignore_case: bool) -> Option<Ordering> {
    Some(match (left, right) {
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Char(a), Value::Char(b)) if ignore_case => {
            let fold = |unit: u16| {
                char::from_u32(u32::from(unit)).map_or(u32::from(unit), |c| {
                    u32::from(crate::value::fold::fold_char(c))
                })
            };
            fold(*a).cmp(&fold(*b))
        }
        (Value::Char(a), Value::Char(b)) => a.cmp(b),
        (Value::DateTime(a), Value::DateTime(b)) => a.ticks.cmp(&b.ticks),
        (Value::TimeSpan(a), Value::TimeSpan(b)) => a.cmp(b),
        (Value::Guid(a), Value::Guid(b)) => a.cmp(b),
        (Value::Version(a), Value::Version(b)) => a.cmp(b),
        (Value::Enum(a), Value::Enum(b)) => a.bits.cmp(&b.bits),
        (Value::String(a), Value::String(b)) => collation::compare(a, b, ignore_case),
        (Value::Clr(a), Value::Clr(b)) => return a.compare(b.as_ref()),
        (a, b) if is_number_like(a) && is_number_like(b) => return number_order(a, b),
        _ => return None,
    })
}

/// Numbers of any two types by size.
pub(crate) fn number_order(left: &Value, right: &Value) -> Option<Ordering> {
    if let (Some(a), Some(b)) = (integer_or_small(left), integer_or_small(right)) {
        return Some(a.cmp(&b));
    }
    match (left, right) {
        (Value::Decimal(a), Value::Decimal(b)) => Some(a.cmp(b)),
        (Value::BigInt(a), Value::BigInt(b)) => Some(a.cmp(b)),
        (Value::BigInt(a), other) if integer_or_small(other).is_some() => {
            integer_or_small(other).map(|b| a.as_ref().cmp(&b.into()))
        }
        (other, Value::BigInt(b)) if integer_or_small(other).is_some() => {
            integer_or_small(other).map(|a| num_bigint::BigInt::from(a).cmp(b))
        }
        (Value::Decimal(a), other) if !matches!(other, Value::BigInt(_)) => {
            match convert::to_number(other, TypeId::Decimal) {
                Some(Some(Value::Decimal(b))) => Some(a.cmp(&b)),
                _ => double(left)?.partial_cmp(&double(other)?),
            }
        }
        (other, Value::Decimal(_)) => number_order(right, other).map(Ordering::reverse),
        (Value::BigInt(a), other) => a
            .to_string()
            .parse::<f64>()
            .ok()?
            .partial_cmp(&double(other)?),
        (other, Value::BigInt(_)) => number_order(right, other).map(Ordering::reverse),
        _ => double(left)?.partial_cmp(&double(right)?),
    }
}

/// `-contains`: whether an item of `collection` equals `item`.
///
/// # Errors
/// What a script called back into may raise.
pub fn contains(
    collection: &Value,
    item: &Value,
    ignore_case: bool,
    cx: &mut dyn Context,
) -> Result<bool, Raise> {
    let Some(items) = elements_of(collection) else {
        return equals(collection, item, ignore_case, cx);
    };
    for candidate in &items {
        cx.checkpoint()?;
        if equals(candidate, item, ignore_case, cx)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The order that Sort-Object and `[array]::Sort` use: as [`compare`], and by text where values have no order in common.
///
/// # Errors
/// What a script called back into may raise.
pub fn sort_order(
    left: &Value,
    right: &Value,
    ignore_case: bool,
    cx: &mut dyn Context,
) -> Result<Ordering, Raise> {
    match compare(left, right, ignore_case, cx) {
        Ok(Some(ordering)) => Ok(ordering),
        Ok(None) => {
            // NaN comes first, as in .NET.
            let is_nan = |value: &Value| double(value.base()).is_some_and(f64::is_nan);
            Ok(is_nan(right).cmp(&is_nan(left)))
        }
        Err(Raise::Error(_)) => {
            let (left, right) = (convert::to_text(left, cx)?, convert::to_text(right, cx)?);
            Ok(collation::compare(&left, &right, ignore_case))
        }
        Err(flow) => Err(flow),
    }
}
