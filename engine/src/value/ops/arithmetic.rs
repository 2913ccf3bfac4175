//! `+ - * / %` and what belongs to them.

use std::sync::Arc;

use num_bigint::BigInt;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::syntax::ast::BinaryOperator as B;
use crate::value::context::Context;
use crate::value::convert::{self, elements_of};
use crate::value::error::Raise;
use crate::value::number::integer_of;
use crate::value::types::{TypeId, TypeRef};
use crate::value::{Hashtable, Text, Value};

use super::user_operator::user_operator;
use super::{arithmetic_failure, clr_exception};

/// Both operands in the type that the operation happens in.
enum Pair {
    Int(i32, i32),
    UInt(u32, u32),
    Long(i64, i64),
    ULong(u64, u64),
    Decimal(Decimal, Decimal),
    Double(f64, f64),
    Big(Arc<BigInt>, Arc<BigInt>),
}

/// `left + right`: numbers, text, arrays, hashtables, dates.
///
/// # Errors
/// When the operands do not go together, or memory runs out.
pub fn add(left: &Value, right: &Value, cx: &mut dyn Context) -> Result<Value, Raise> {
    let (left, right) = (left.base(), right.base());
    match (left, right) {
        (Value::Int32(a), Value::Int32(b)) => {
            return Ok(a.checked_add(*b).map_or_else(
                || Value::Double(f64::from(*a) + f64::from(*b)),
                Value::Int32,
            ));
        }
        (Value::Double(a), Value::Double(b)) => return Ok(Value::Double(a + b)),
        (Value::Null | Value::Nothing, _) => {
            return Ok(match elements_of(right) {
                Some(items) => Value::array(items),
                None => right.clone(),
            });
        }
        (Value::String(text), _) => {
            let other = convert::to_text(right, cx)?;
            return concatenate(text, &other, cx);
        }
        (Value::Char(unit), _)
            if !is_number_like(right) || matches!(right, Value::Int32(_) | Value::Int64(_)) =>
        {
            let other = convert::to_text(right, cx)?;
            return concatenate(&Text::from_units(&[*unit]), &other, cx);
        }
        (Value::Hash(table), _) => return add_tables(table, right),
        _ => {}
    }
    if let Some(mut items) = elements_of(left) {
        let more = elements_of(right);
        let added = more.as_ref().map_or(1, Vec::len);
        cx.charge((items.len() + added) * size_of::<Value>())?;
        match more {
            Some(more) => items.extend(more),
            None => items.push(right.clone()),
        }
        return Ok(Value::array(items));
    }
    numeric(B::Add, left, right, cx)
}

fn concatenate(left: &str, right: &str, cx: &mut dyn Context) -> Result<Value, Raise> {
    cx.charge(left.len() + right.len())?;
    let mut text = String::with_capacity(left.len() + right.len());
    text.push_str(left);
    text.push_str(right);
    Ok(text.into())
}

fn add_tables(left: &Hashtable, right: &Value) -> Result<Value, Raise> {
    let Value::Hash(right) = right else {
        return Err(Raise::runtime(
            "A hash table can only be added to another hash table.",
            "AddHashTableToNonHashTable",
        ));
    };
    let sum = left.copy();
    for (key, value) in right.entries() {
        if sum.contains(&key) {
            let key = convert::invariant_text(&key);
            return Err(clr_exception(
                TypeId::ArgumentException,
                format!(
                    "Item has already been added. Key in dictionary: '{key}'  Key being added: '{key}'"
                ),
            ));
        }
        sum.insert(key, value);
    }
    Ok(Value::Hash(Arc::new(sum)))
}

/// `left - right`.
///
/// # Errors
/// When the operands do not go together.
pub fn subtract(left: &Value, right: &Value, cx: &mut dyn Context) -> Result<Value, Raise> {
    numeric(B::Subtract, left.base(), right.base(), cx)
}

/// `left * right`: numbers, and text or arrays repeated.
///
/// # Errors
/// When the operands do not go together, or memory runs out.
pub fn multiply(left: &Value, right: &Value, cx: &mut dyn Context) -> Result<Value, Raise> {
    let (left, right) = (left.base(), right.base());
    match left {
        Value::Null | Value::Nothing => return Ok(Value::Null),
        Value::String(text) => {
            let count = convert::to(right, &TypeRef::of(TypeId::Int32), cx)?;
            let Value::Int32(count) = count else {
                return Ok(Value::Null);
            };
            let Ok(count) = usize::try_from(count) else {
                return Err(clr_exception(
                    TypeId::ArgumentOutOfRangeException,
                    format!(
                        "times ('{count}') must be a non-negative value. (Parameter 'times')\nActual value was {count}."
                    ),
                ));
            };
            cx.charge(text.len().saturating_mul(count))?;
            return Ok(text.as_str().repeat(count).into());
        }
        Value::Bool(_) if is_number_like(right) || right.is_null() => {
            let other = if right.is_null() {
                "$null".into()
            } else {
                right.type_name()
            };
            return Err(Raise::runtime(
                format!("The operation '[System.Boolean] * [{other}]' is not defined."),
                "NotADefinedOperationForType",
            )
            .target(left.clone()));
        }
        _ => {}
    }
    if let Some(items) = elements_of(left) {
        let is_no_number =
            matches!(right, Value::String(text) if convert::numeric_of_text(text).is_none());
        let count_type = if is_no_number {
            TypeId::Int32
        } else {
            TypeId::UInt32
        };
        let count = convert::to(right, &TypeRef::of(count_type), cx)?;
        let Value::UInt32(count) = count else {
            return Ok(Value::Null);
        };
        let total = u64::from(count) * items.len() as u64;
        if i32::try_from(total).is_err() {
            return Err(convert::not_convertible(
                &Value::Int64(i64::try_from(total).unwrap_or(i64::MAX)),
                &TypeRef::of(TypeId::Int32),
            ));
        }
        let total = usize::try_from(total).unwrap_or(usize::MAX);
        cx.charge(total * size_of::<Value>())?;
        return Ok(Value::array(
            items.iter().cycle().take(total).cloned().collect(),
        ));
    }
    numeric(B::Multiply, left, right, cx)
}

/// `left / right`: a whole number only if it comes out whole.
///
/// # Errors
/// When the operands do not go together, or `right` is zero.
pub fn divide(left: &Value, right: &Value, cx: &mut dyn Context) -> Result<Value, Raise> {
    numeric(B::Divide, left.base(), right.base(), cx)
}

/// `left % right`.
///
/// # Errors
/// When the operands do not go together, or `right` is zero.
pub fn remainder(left: &Value, right: &Value, cx: &mut dyn Context) -> Result<Value, Raise> {
    numeric(B::Remainder, left.base(), right.base(), cx)
}

/// `-value`.
///
/// # Errors
/// When the value is no number.
pub fn negate(value: &Value, cx: &mut dyn Context) -> Result<Value, Raise> {
    match value.base() {
        Value::Double(n) => Ok(Value::Double(-n)),
        Value::Single(n) => Ok(Value::Double(-f64::from(*n))),
        Value::TimeSpan(span) => match span.ticks.checked_neg() {
            Some(ticks) => Ok(Value::TimeSpan(crate::value::TimeSpan { ticks })),
            None => Err(arithmetic_failure(
                TypeId::OverflowException,
                "Negating the minimum value of a twos complement number is invalid.",
            )),
        },
        other => subtract(&Value::Int32(0), other, cx),
    }
}

/// `+value`.
///
/// # Errors
/// When the value is no number.
pub fn plus(value: &Value, cx: &mut dyn Context) -> Result<Value, Raise> {
    numeric(B::Add, &Value::Int32(0), value.base(), cx)
}

/// `value++` (`by` 1) and `value--` (`by` -1): the value that the variable gets.
///
/// # Errors
/// When the value is no number.
pub fn increment(value: &Value, by: i32, cx: &mut dyn Context) -> Result<Value, Raise> {
    match value.base() {
        Value::Null | Value::Nothing => Ok(Value::Int32(by)),
        base @ (Value::Byte(_)
        | Value::SByte(_)
        | Value::Int16(_)
        | Value::UInt16(_)
        | Value::Int32(_)
        | Value::UInt32(_)
        | Value::Int64(_)
        | Value::UInt64(_)
        | Value::Single(_)
        | Value::Double(_)
        | Value::Decimal(_)
        | Value::Char(_)) => numeric(B::Add, base, &Value::Int32(by), cx),
        other => {
            let operator = if by > 0 { "++" } else { "--" };
            Err(Raise::runtime(
                format!(
                    "The '{operator}' operator works only on numbers. The operand is a '{}'.",
                    other.type_name()
                ),
                "OperatorRequiresNumber",
            ))
        }
    }
}

/// Whether the value is a number, or something that counts as one: bool, char, an enumeration.
pub(super) fn is_number_like(value: &Value) -> bool {
    rank(value).is_some() || matches!(value, Value::BigInt(_) | Value::Enum(_))
}

/// .NET's type codes, by which the wider type is found.
fn rank(value: &Value) -> Option<u8> {
    Some(match value {
        Value::Null | Value::Nothing => 2,
        Value::Bool(_) => 3,
        Value::Char(_) => 4,
        Value::SByte(_) => 5,
        Value::Byte(_) => 6,
        Value::Int16(_) => 7,
        Value::UInt16(_) => 8,
        Value::Int32(_) | Value::Enum(_) => 9,
        Value::UInt32(_) => 10,
        Value::Int64(_) => 11,
        Value::UInt64(_) => 12,
        Value::Single(_) => 13,
        Value::Double(_) => 14,
        Value::Decimal(_) => 15,
        _ => return None,
    })
}

fn is_signed(rank: u8) -> bool {
    matches!(rank, 5 | 7 | 9 | 11)
}

/// Makes a string a number of the other operand's type, or of the type it is written in.
pub(super) fn number_of_text(
    text: &Text,
    other: &Value,
    cx: &mut dyn Context,
) -> Result<Value, Raise> {
    if let Some(number) = convert::numeric_of_text(text) {
        return Ok(number);
    }
    let ty = match other {
        Value::Null
        | Value::Nothing
        | Value::String(_)
        | Value::Bool(_)
        | Value::Char(_)
        | Value::Enum(_) => TypeRef::of(TypeId::Int32),
        other => match other.type_ref() {
            Some(ty) if rank(other).is_some() => ty,
            _ => TypeRef::of(TypeId::Int32),
        },
    };
    convert::to(&Value::String(text.clone()), &ty, cx)
}

fn numeric(operator: B, left: &Value, right: &Value, cx: &mut dyn Context) -> Result<Value, Raise> {
    // A string in the place of a number is read as one, unless the other side has an operator of its own.
    let (read_left, read_right);
    let mut left = left;
    let mut right = right;
    if let Value::String(text) = left
        && (is_number_like(right) || matches!(right, Value::String(_)))
    {
        read_left = number_of_text(text, right, cx)?;
        left = &read_left;
    } else if let Value::String(text) = left
        && !has_operators(right)
        && convert::numeric_of_text(text).is_none()
    {
        read_left = convert::to(left, &TypeRef::of(TypeId::Int32), cx)?;
        left = &read_left;
    }
    if let Value::String(text) = right
        && rank(left).is_some()
        && !(matches!(left, Value::Bool(_)) && operator == B::Multiply)
    {
        read_right = number_of_text(text, left, cx)?;
        right = &read_right;
    }
    match pair(left, right) {
        Some(pair) => calculate(operator, pair),
        None => user_operator(operator, left, right, cx),
    }
}

fn has_operators(value: &Value) -> bool {
    matches!(
        value,
        Value::DateTime(_)
            | Value::TimeSpan(_)
            | Value::Decimal(_)
            | Value::BigInt(_)
            | Value::Clr(_)
            | Value::Object(_)
    )
}

fn pair(left: &Value, right: &Value) -> Option<Pair> {
    if let (Value::Decimal(number), Value::BigInt(_)) = (left, right) {
        return Some(Pair::Decimal(*number, decimal(right)?));
    }
    if let (Value::BigInt(_), _) | (_, Value::BigInt(_)) = (left, right) {
        return Some(Pair::Big(big(left)?, big(right)?));
    }
    let (a, b) = (rank(left)?, rank(right)?);
    let widest = a.max(b);
    let integers = (integer_or_small(left), integer_or_small(right));
    if widest <= 9 {
        let (Some(a), Some(b)) = integers else {
            return None;
        };
        return Some(Pair::Int(i32::try_from(a).ok()?, i32::try_from(b).ok()?));
    }
    let negative = |rank: u8, value: &Value| {
        is_signed(rank) && integer_or_small(value).is_some_and(|number| number < 0)
    };
    // A signed operand matters only if it is below zero; otherwise the operation stays unsigned.
    let mixed = negative(a, left) || negative(b, right);
    match widest {
        10 if !mixed => Some(Pair::UInt(
            u32::try_from(integers.0?).ok()?,
            u32::try_from(integers.1?).ok()?,
        )),
        10 | 11 => Some(Pair::Long(
            i64::try_from(integers.0?).ok()?,
            i64::try_from(integers.1?).ok()?,
        )),
        12 if !mixed => Some(Pair::ULong(
            u64::try_from(integers.0?).ok()?,
            u64::try_from(integers.1?).ok()?,
        )),
        12 | 15 => Some(Pair::Decimal(decimal(left)?, decimal(right)?)),
        _ => Some(Pair::Double(double(left)?, double(right)?)),
    }
}

/// Integers, and what counts as one.
pub(super) fn integer_or_small(value: &Value) -> Option<i128> {
    match value {
        Value::Null | Value::Nothing => Some(0),
        Value::Bool(truth) => Some(i128::from(*truth)),
        Value::Char(unit) => Some(i128::from(*unit)),
        Value::Enum(number) => Some(i128::from(number.bits)),
        other => integer_of(other),
    }
}

fn big(value: &Value) -> Option<Arc<BigInt>> {
    match value {
        Value::BigInt(number) => Some(Arc::clone(number)),
        other => match integer_or_small(other) {
            Some(integer) => Some(Arc::new(BigInt::from(integer))),
            None => match convert::to_number(other, TypeId::BigInteger)?? {
                Value::BigInt(number) => Some(number),
                _ => None,
            },
        },
    }
}

fn decimal(value: &Value) -> Option<Decimal> {
    match value {
        Value::Decimal(number) => Some(*number),
        other => match integer_or_small(other) {
            Some(integer) => Decimal::from_i128(integer),
            None => match convert::to_number(other, TypeId::Decimal)?? {
                Value::Decimal(number) => Some(number),
                _ => None,
            },
        },
    }
}

use rust_decimal::prelude::FromPrimitive as _;

pub(super) fn double(value: &Value) -> Option<f64> {
    match value {
        Value::Double(number) => Some(*number),
        Value::Single(number) => Some(f64::from(*number)),
        Value::Decimal(number) => number.to_f64(),
        other => integer_or_small(other).map(|integer| integer as f64),
    }
}

fn calculate(operator: B, pair: Pair) -> Result<Value, Raise> {
    Ok(match pair {
        Pair::Int(a, b) => {
            let exact = integer_result(operator, i128::from(a), i128::from(b))?;
            match exact.and_then(|exact| i32::try_from(exact).ok()) {
                Some(fits) => Value::Int32(fits),
                None => Value::Double(float(operator, f64::from(a), f64::from(b))),
            }
        }
        Pair::UInt(a, b) => {
            let exact = integer_result(operator, i128::from(a), i128::from(b))?;
            match exact.and_then(|exact| u32::try_from(exact).ok()) {
                Some(fits) => Value::UInt32(fits),
                None => Value::Double(float(operator, f64::from(a), f64::from(b))),
            }
        }
        Pair::Long(a, b) => {
            let exact = integer_result(operator, i128::from(a), i128::from(b))?;
            match exact.and_then(|exact| i64::try_from(exact).ok()) {
                Some(fits) => Value::Int64(fits),
                None => Value::Double(overflowed(operator, exact, a as f64, b as f64)),
            }
        }
        Pair::ULong(a, b) => {
            let exact = integer_result(operator, i128::from(a), i128::from(b))?;
            match exact.and_then(|exact| u64::try_from(exact).ok()) {
                Some(fits) => Value::UInt64(fits),
                None => Value::Double(overflowed(operator, exact, a as f64, b as f64)),
            }
        }
        Pair::Decimal(a, b) => {
            if b.is_zero() && matches!(operator, B::Divide | B::Remainder) {
                return Err(division_by_zero());
            }
            let result = match operator {
                B::Add => a.checked_add(b),
                B::Subtract => a.checked_sub(b),
                B::Multiply => a.checked_mul(b),
                B::Divide => a.checked_div(b),
                _ => a.checked_rem(b),
            };
            match result {
                Some(number) => Value::Decimal(number),
                None => {
                    return Err(arithmetic_failure(
                        TypeId::OverflowException,
                        "Value was either too large or too small for a Decimal.",
                    ));
                }
            }
        }
        Pair::Double(a, b) => Value::Double(float(operator, a, b)),
        Pair::Big(a, b) => {
            if b.sign() == num_bigint::Sign::NoSign && matches!(operator, B::Divide | B::Remainder)
            {
                return Err(super::user_operator::divided_by_zero(operator));
            }
            Value::from(match operator {
                B::Add => &*a + &*b,
                B::Subtract => &*a - &*b,
                B::Multiply => &*a * &*b,
                B::Divide => &*a / &*b,
                _ => &*a % &*b,
            })
        }
    })
}

/// The exact result; `None` where a division does not come out whole.
fn integer_result(operator: B, a: i128, b: i128) -> Result<Option<i128>, Raise> {
    Ok(match operator {
        B::Add => Some(a + b),
        B::Subtract => Some(a - b),
        B::Multiply => a.checked_mul(b),
        _ if b == 0 => return Err(division_by_zero()),
        B::Divide => (a % b == 0).then(|| a / b),
        _ => Some(a % b),
    })
}

/// What a product that does not fit becomes: cut to a double, as .NET converts its big integers.
fn overflowed(operator: B, exact: Option<i128>, a: f64, b: f64) -> f64 {
    match (operator, exact) {
        (B::Multiply, Some(exact)) => {
            let nearest = exact as f64;
            if (nearest as i128).unsigned_abs() > exact.unsigned_abs() {
                f64::from_bits(nearest.to_bits() - 1)
            } else {
                nearest
            }
        }
        _ => float(operator, a, b),
    }
}

fn float(operator: B, a: f64, b: f64) -> f64 {
    match operator {
        B::Add => a + b,
        B::Subtract => a - b,
        B::Multiply => a * b,
        B::Divide => a / b,
        _ => a % b,
    }
}

fn division_by_zero() -> Raise {
    arithmetic_failure(
        TypeId::DivideByZeroException,
        "Attempted to divide by zero.",
    )
}
