//! Operators that belong to a type: dates, durations, and the errors for all that have none.

use crate::syntax::ast::BinaryOperator as B;
use crate::value::context::Context;
use crate::value::convert;
use crate::value::error::{ErrorCategory, Raise};
use crate::value::types::{TypeId, TypeRef};
use crate::value::{Text, TimeSpan, Value};

use super::arithmetic::is_number_like;
use super::{arithmetic_failure, method_name};

pub(super) fn user_operator(
    operator: B,
    left: &Value,
    right: &Value,
    cx: &mut dyn Context,
) -> Result<Value, Raise> {
    let (date, span) = (TypeRef::of(TypeId::DateTime), TypeRef::of(TypeId::TimeSpan));
    match (operator, left, right) {
        (B::Subtract, Value::DateTime(a), Value::DateTime(b)) => Ok(Value::TimeSpan(TimeSpan {
            ticks: a.ticks - b.ticks,
        })),
        (B::Add | B::Subtract, Value::DateTime(date), _) => {
            if operator == B::Subtract
                && let Value::String(_) = right
                && let Ok(Value::DateTime(other)) =
                    convert::to(right, &TypeRef::of(TypeId::DateTime), cx)
            {
                return Ok(Value::TimeSpan(TimeSpan {
                    ticks: date.ticks - other.ticks,
                }));
            }
            let Value::TimeSpan(span) = argument(operator, 1, right, &span, cx)? else {
                return Err(no_such_operator(operator, left));
            };
            let ticks = if operator == B::Add {
                Some(span.ticks)
            } else {
                span.ticks.checked_neg()
            };
            match ticks.and_then(|ticks| date.plus_ticks(ticks)) {
                Some(moved) => Ok(Value::DateTime(moved)),
                None => Err(out_of_calendar(operator)),
            }
        }
        (B::Add, Value::TimeSpan(_), Value::DateTime(_))
        | (B::Add | B::Subtract, _, Value::DateTime(_))
            if has_no_operators(left) || matches!(left, Value::TimeSpan(_)) =>
        {
            let first = argument(operator, 0, left, &date, cx)?;
            argument(
                operator,
                1,
                right,
                if operator == B::Add { &span } else { &date },
                cx,
            )
            .and_then(|second| user_operator(operator, &first, &second, cx))
        }
        (B::Add | B::Subtract, Value::TimeSpan(a), _) => {
            let Value::TimeSpan(b) = argument(operator, 1, right, &span, cx)? else {
                return Err(no_such_operator(operator, left));
            };
            let ticks = if operator == B::Add {
                a.ticks.checked_add(b.ticks)
            } else {
                a.ticks.checked_sub(b.ticks)
            };
            ticks
                .map(|ticks| Value::TimeSpan(TimeSpan { ticks }))
                .ok_or_else(too_long)
        }
        (B::Add | B::Subtract, _, Value::TimeSpan(_)) if has_no_operators(left) => {
            let first = argument(operator, 0, left, &span, cx)?;
            user_operator(operator, &first, right, cx)
        }
        (B::Multiply, Value::TimeSpan(span), _) => scaled(
            *span,
            argument(operator, 1, right, &TypeRef::of(TypeId::Double), cx)?,
            false,
        ),
        (B::Multiply, _, Value::TimeSpan(span)) if has_no_operators(left) => scaled(
            *span,
            argument(operator, 0, left, &TypeRef::of(TypeId::Double), cx)?,
            false,
        ),
        (B::Divide, Value::TimeSpan(a), Value::TimeSpan(b)) => {
            Ok(Value::Double(a.ticks as f64 / b.ticks as f64))
        }
        (B::Divide, Value::TimeSpan(span), _) => scaled(
            *span,
            argument(operator, 1, right, &TypeRef::of(TypeId::Double), cx)?,
            true,
        ),
        (B::Add | B::Subtract | B::Multiply | B::Divide | B::Remainder, Value::Decimal(_), _)
            if !is_number_like(right) =>
        {
            let second = argument(operator, 1, right, &TypeRef::of(TypeId::Decimal), cx)?;
            super::binary(operator, left, &second, cx)
        }
        (B::Add | B::Subtract | B::Multiply | B::Divide | B::Remainder, Value::BigInt(_), _)
            if !is_number_like(right) =>
        {
            let second = argument(operator, 1, right, &TypeRef::of(TypeId::BigInteger), cx)?;
            super::binary(operator, left, &second, cx)
        }
        (_, Value::Object(object), _) if object.class().is_some() => {
            let arguments = [left.clone(), right.clone()];
            cx.call_class_method(left, method_name(operator), &arguments)
                .unwrap_or_else(|| Err(no_such_operator(operator, left)))
        }
        _ => Err(no_such_operator(
            operator,
            if has_no_operators(left) && !right.is_null() {
                right
            } else {
                left
            },
        )),
    }
}

/// Numbers, text and the like leave it to the other side.
fn has_no_operators(value: &Value) -> bool {
    is_number_like(value) && !matches!(value, Value::Decimal(_) | Value::BigInt(_))
        || matches!(value, Value::String(_) | Value::Null | Value::Nothing)
}

fn scaled(span: TimeSpan, factor: Value, divide: bool) -> Result<Value, Raise> {
    let Value::Double(factor) = factor else {
        return Ok(Value::Null);
    };
    let ticks = if divide {
        span.ticks as f64 / factor
    } else {
        span.ticks as f64 * factor
    };
    TimeSpan::from_units(ticks.round_ties_even(), 1)
        .map(Value::TimeSpan)
        .ok_or_else(too_long)
}

fn argument(
    operator: B,
    position: usize,
    value: &Value,
    ty: &TypeRef,
    cx: &mut dyn Context,
) -> Result<Value, Raise> {
    if value.is_null() {
        return Ok(Value::Null);
    }
    convert::to(value, ty, cx).map_err(|error| {
        argument_failed(
            &position.to_string(),
            value,
            method_name(operator),
            ty,
            error,
        )
    })
}

/// An argument of a method does not convert to the parameter's type.
pub(crate) fn argument_failed(
    parameter: &str,
    value: &Value,
    method: &str,
    ty: &TypeRef,
    error: Raise,
) -> Raise {
    let Raise::Error(error) = error else {
        return error;
    };
    let shown: Text = convert::clr_text(value);
    let message = format!(
        "Cannot convert argument \"{parameter}\", with value: \"{shown}\", for \"{method}\" to type \"{}\": \"{}\"",
        ty.display_name(),
        error.exception.message()
    );
    Raise::of(
        TypeId::MethodException,
        message,
        "MethodArgumentConversionInvalidCastArgument",
    )
    .caused_by(std::sync::Arc::clone(&error.exception))
}

pub(super) fn no_such_operator(operator: B, value: &Value) -> Raise {
    let name = method_name(operator);
    Raise::runtime(
        format!(
            "Method invocation failed because [{}] does not contain a method named '{name}'.",
            value
                .type_ref()
                .map_or_else(Text::default, |ty| ty.display_name())
        ),
        "MethodNotFound",
    )
    .target(Value::from(name))
    .category(ErrorCategory::InvalidOperation)
}

pub(super) fn divided_by_zero(operator: B) -> Raise {
    let inner = crate::value::Exception::new(
        TypeRef::of(TypeId::DivideByZeroException),
        "Attempted to divide by zero.",
    );
    let message = format!(
        "Exception calling \"{}\" with \"2\" argument(s): \"Attempted to divide by zero.\"",
        method_name(operator)
    );
    Raise::of(
        TypeId::MethodInvocationException,
        message,
        "DotNetMethodException",
    )
    .caused_by(std::sync::Arc::new(inner))
}

fn too_long() -> Raise {
    arithmetic_failure(
        TypeId::OverflowException,
        "TimeSpan overflowed because the duration is too long.",
    )
}

fn out_of_calendar(operator: B) -> Raise {
    let message =
        "The added or subtracted value results in an un-representable DateTime. (Parameter 't')";
    let inner =
        crate::value::Exception::new(TypeRef::of(TypeId::ArgumentOutOfRangeException), message);
    Raise::of(
        TypeId::MethodInvocationException,
        format!(
            "Exception calling \"{}\" with \"2\" argument(s): \"{message}\"",
            method_name(operator)
        ),
        "ArgumentOutOfRangeException",
    )
    .caused_by(std::sync::Arc::new(inner))
}
