//! `-band -bor -bxor -bnot -shl -shr`.

use std::sync::Arc;

use num_bigint::BigInt;

use crate::syntax::ast::BinaryOperator as B;
use crate::value::context::Context;
use crate::value::convert;
use crate::value::error::Raise;
use crate::value::types::{TypeId, TypeRef};
use crate::value::{EnumValue, Value};

use super::arithmetic::{integer_or_small, number_of_text};
use super::clr_exception;
use super::user_operator::no_such_operator;

pub(super) fn apply(
    operator: B,
    left: &Value,
    right: &Value,
    cx: &mut dyn Context,
) -> Result<Value, Raise> {
    let (left, right) = (left.base(), right.base());
    if matches!(operator, B::ShiftLeft | B::ShiftRight) {
        return shift(operator, left, right, cx);
    }
    let (read_left, read_right);
    let left = match left {
        Value::String(text) => {
            read_left = number_of_text(text, right, cx)?;
            &read_left
        }
        other => other,
    };
    let right = match right {
        Value::String(text) => {
            read_right = number_of_text(text, left, cx)?;
            &read_right
        }
        other => other,
    };
    if let Value::Decimal(_) = left
        && whole(right).is_none()
    {
        return Err(clr_exception(
            TypeId::NullReferenceException,
            "Object reference not set to an instance of an object.",
        ));
    }
    let (Some(a), Some(b)) = (whole(left), whole(right)) else {
        return Err(no_such_operator(
            operator,
            if whole(left).is_none() { left } else { right },
        ));
    };
    if let (Value::BigInt(_), _) | (_, Value::BigInt(_)) = (left, right) {
        let (Some(a), Some(b)) = (big(left), big(right)) else {
            return Err(no_such_operator(operator, left));
        };
        return Ok(Value::from(match operator {
            B::BitwiseAnd => a & b,
            B::BitwiseOr => a | b,
            _ => a ^ b,
        }));
    }
    let bits = match operator {
        B::BitwiseAnd => a & b,
        B::BitwiseOr => a | b,
        _ => a ^ b,
    };
    if let Value::Enum(own) = left {
        let bits = i64::try_from(bits).unwrap_or_default();
        return Ok(Value::Enum(Arc::new(EnumValue {
            ty: own.ty.clone(),
            bits,
        })));
    }
    let ty = result_type(left, right, a, b);
    Ok(convert::to_integer_type(bits, ty)
        .or_else(|| convert::to_integer_type(bits, TypeId::Int64))
        .unwrap_or(Value::Null))
}

fn result_type(left: &Value, right: &Value, a: i128, b: i128) -> TypeId {
    let float = |value: &Value| {
        matches!(
            value,
            Value::Single(_) | Value::Double(_) | Value::Decimal(_)
        )
    };
    if float(left) || float(right) {
        return if a >= 0 && b >= 0 {
            TypeId::UInt64
        } else {
            TypeId::Int64
        };
    }
    // An enumeration on the right is taken as the type on the left.
    let right = if let Value::Enum(_) = right {
        left
    } else {
        right
    };
    let unsigned = |value: &Value| {
        matches!(
            value,
            Value::Byte(_) | Value::UInt16(_) | Value::UInt32(_) | Value::UInt64(_)
        )
    };
    let has = |find: fn(&Value) -> bool| find(left) || find(right);
    if has(|value| matches!(value, Value::UInt64(_))) {
        return TypeId::UInt64;
    }
    if has(|value| matches!(value, Value::Int64(_))) {
        return TypeId::Int64;
    }
    if has(|value| matches!(value, Value::UInt32(_))) {
        return if unsigned(left) && unsigned(right) {
            TypeId::UInt32
        } else {
            TypeId::Int64
        };
    }
    TypeId::Int32
}

/// The whole number that a value stands for, floating point rounded to even.
fn whole(value: &Value) -> Option<i128> {
    match value {
        Value::BigInt(number) => i128::try_from(number.as_ref()).ok().or(Some(0)),
        Value::Single(_) | Value::Double(_) | Value::Decimal(_) => {
            convert::to_number(value, TypeId::Int64)
                .flatten()
                .or_else(|| convert::to_number(value, TypeId::UInt64).flatten())
                .and_then(|number| integer_or_small(&number))
        }
        other => integer_or_small(other),
    }
}

fn big(value: &Value) -> Option<BigInt> {
    match value {
        Value::BigInt(number) => Some(number.as_ref().clone()),
        other => whole(other).map(BigInt::from),
    }
}

fn shift(operator: B, left: &Value, right: &Value, cx: &mut dyn Context) -> Result<Value, Raise> {
    match left {
        Value::Null | Value::Nothing => return Ok(Value::Int32(0)),
        Value::Bool(_) if right.is_null() => {
            let name = if operator == B::ShiftLeft {
                "-shl"
            } else {
                "-shr"
            };
            return Err(Raise::runtime(
                format!("The operation '[System.Boolean] {name} [$null]' is not defined."),
                "NotADefinedOperationForType",
            )
            .target(left.clone()));
        }
        _ => {}
    }
    let read;
    let left = match left {
        Value::String(text) => {
            read = number_of_text(text, &Value::Null, cx)?;
            &read
        }
        Value::Single(_) | Value::Double(_) | Value::Decimal(_) => {
            read = convert::to(left, &TypeRef::of(TypeId::Int32), cx)?;
            &read
        }
        other => other,
    };
    if whole(left).is_none() {
        return Err(no_such_operator(operator, left));
    }
    let Value::Int32(count) = convert::to(right, &TypeRef::of(TypeId::Int32), cx)? else {
        return Ok(Value::Null);
    };
    let down = operator == B::ShiftRight;
    Ok(match left {
        Value::Enum(own) => {
            let name = if down { "RightShift" } else { "LeftShift" };
            return Err(clr_exception(
                TypeId::InvalidOperationException,
                format!(
                    "The binary operator {name} is not defined for the types '{}' and 'System.Int32'.",
                    own.ty.full_name()
                ),
            ));
        }
        Value::Int64(n) => Value::Int64(if down {
            n >> (count & 63)
        } else {
            n << (count & 63)
        }),
        Value::UInt64(n) => Value::UInt64(if down {
            n >> (count & 63)
        } else {
            n << (count & 63)
        }),
        Value::UInt32(n) => Value::UInt32(if down {
            n >> (count & 31)
        } else {
            n << (count & 31)
        }),
        Value::BigInt(n) => {
            let bits = count.unsigned_abs();
            let left_shift = (count >= 0) != down;
            if left_shift {
                cx.charge(usize::try_from(bits / 8).unwrap_or(usize::MAX))?;
            }
            Value::from(if left_shift {
                n.as_ref() << bits
            } else {
                n.as_ref() >> bits
            })
        }
        other => {
            let number = i32::try_from(whole(other).unwrap_or(0)).unwrap_or(0);
            Value::Int32(if down {
                number >> (count & 31)
            } else {
                number << (count & 31)
            })
        }
    })
}

/// `-bnot value`.
///
/// # Errors
/// When the value is no number.
pub fn bitwise_not(value: &Value, cx: &mut dyn Context) -> Result<Value, Raise> {
    let value = value.base();
    let read;
    let value = match value {
        Value::String(text) => {
            read = number_of_text(text, &Value::Null, cx)?;
            &read
        }
        other => other,
    };
    Ok(match value {
        Value::UInt32(n) => Value::UInt32(!n),
        Value::Int64(n) => Value::Int64(!n),
        Value::UInt64(n) => Value::UInt64(!n),
        Value::BigInt(n) => Value::from(-n.as_ref() - 1),
        Value::Enum(own) => Value::Enum(Arc::new(EnumValue {
            ty: own.ty.clone(),
            bits: !own.bits,
        })),
        other => match whole(other) {
            Some(number) => convert::to_integer_type(!number, TypeId::Int32)
                .or_else(|| convert::to_integer_type(!number, TypeId::Int64))
                .unwrap_or(Value::Null),
            None => {
                let message = format!(
                    "Method invocation failed because [{}] does not contain a method named 'op_OnesComplement'.",
                    other.type_name()
                );
                return Err(Raise::runtime(message, "MethodNotFound")
                    .target(Value::from("op_OnesComplement")));
            }
        },
    })
}
