//! The operators.

mod arithmetic;
mod bitwise;
mod comparison;
mod format;
mod index;
mod join_split;
mod matching;
mod range;
mod user_operator;

use crate::syntax::ast::BinaryOperator;

use super::Value;
use super::context::Context;
use super::convert;
use super::error::{ErrorCategory, Raise};
use super::types::{TypeId, TypeRef};

pub use arithmetic::{add, divide, increment, multiply, negate, plus, remainder, subtract};
pub use bitwise::bitwise_not;
pub(crate) use comparison::number_order;
pub use comparison::{compare, contains, equals, sort_order};
pub use format::format;
pub use index::{get_index, set_index};
pub use join_split::{join, split, unary_join, unary_split};
pub use matching::{like, matches, replace};
pub use range::{range, range_bounds};
pub(crate) use user_operator::argument_failed;

/// Applies a binary operator to values that are both there already.
///
/// `-and`, `-or` and `??` come here only when both sides were evaluated. `-match` tells its groups through
/// [`Context::set_matches`].
///
/// # Errors
/// When the operands do not fit the operator.
pub fn binary(
    operator: BinaryOperator,
    left: &Value,
    right: &Value,
    cx: &mut dyn Context,
) -> Result<Value, Raise> {
    use BinaryOperator as B;
    match operator {
        B::And => Ok(Value::Bool(
            convert::to_bool(left) && convert::to_bool(right),
        )),
        B::Or => Ok(Value::Bool(
            convert::to_bool(left) || convert::to_bool(right),
        )),
        B::Xor => Ok(Value::Bool(
            convert::to_bool(left) != convert::to_bool(right),
        )),
        B::NullCoalesce => Ok(if left.is_null() {
            right.clone()
        } else {
            left.clone()
        }),
        B::BitwiseAnd | B::BitwiseOr | B::BitwiseXor | B::ShiftLeft | B::ShiftRight => {
            bitwise::apply(operator, left, right, cx)
        }
        B::Add => add(left, right, cx),
        B::Subtract => subtract(left, right, cx),
        B::Multiply => multiply(left, right, cx),
        B::Divide => divide(left, right, cx),
        B::Remainder => remainder(left, right, cx),
        B::Format => format(left, right, cx),
        B::Range => range(left, right, cx),
        B::Join => join(left, right, cx),
        B::Is => is_type(left, right, cx).map(Value::Bool),
        B::IsNot => is_type(left, right, cx).map(|is| Value::Bool(!is)),
        B::As => {
            let ty = type_operand(right, cx)?;
            convert::as_type(left, &ty, cx)
        }
        B::Equal { .. }
        | B::NotEqual { .. }
        | B::GreaterOrEqual { .. }
        | B::GreaterThan { .. }
        | B::LessThan { .. }
        | B::LessOrEqual { .. } => comparison::apply(operator, left, right, cx),
        B::Like { case_sensitive } => like(left, right, case_sensitive, false, cx),
        B::NotLike { case_sensitive } => like(left, right, case_sensitive, true, cx),
        B::Match { case_sensitive } => matches(left, right, case_sensitive, false, cx),
        B::NotMatch { case_sensitive } => matches(left, right, case_sensitive, true, cx),
        B::Replace { case_sensitive } => replace(left, right, case_sensitive, cx),
        B::Contains { case_sensitive } => {
            contains(left, right, !case_sensitive, cx).map(Value::Bool)
        }
        B::NotContains { case_sensitive } => {
            contains(left, right, !case_sensitive, cx).map(|is| Value::Bool(!is))
        }
        B::In { case_sensitive } => contains(right, left, !case_sensitive, cx).map(Value::Bool),
        B::NotIn { case_sensitive } => {
            contains(right, left, !case_sensitive, cx).map(|is| Value::Bool(!is))
        }
        B::Split { case_sensitive } => split(left, right, case_sensitive, cx),
    }
}

fn is_type(left: &Value, right: &Value, cx: &mut dyn Context) -> Result<bool, Raise> {
    let ty = type_operand(right, cx)?;
    Ok(convert::is_instance(left, &ty))
}

fn type_operand(right: &Value, cx: &mut dyn Context) -> Result<TypeRef, Raise> {
    match right.base() {
        Value::Type(ty) => Ok(ty.clone()),
        other => {
            let name = convert::to_text(other, cx)?;
            TypeRef::find_with(&name, &mut |name| cx.find_type(name))
                .ok_or_else(|| type_not_found(&name))
        }
    }
}

/// `[nosuch]`.
#[must_use]
pub fn type_not_found(name: &str) -> Raise {
    Raise::runtime(format!("Unable to find type [{name}]."), "TypeNotFound")
        .target(Value::from(name))
}

/// The .NET name of an operator method.
fn method_name(operator: BinaryOperator) -> &'static str {
    match operator {
        BinaryOperator::Add => "op_Addition",
        BinaryOperator::Subtract => "op_Subtraction",
        BinaryOperator::Multiply => "op_Multiply",
        BinaryOperator::Divide => "op_Division",
        BinaryOperator::Remainder => "op_Modulus",
        BinaryOperator::BitwiseAnd => "op_BitwiseAnd",
        BinaryOperator::BitwiseOr => "op_BitwiseOr",
        BinaryOperator::BitwiseXor => "op_ExclusiveOr",
        BinaryOperator::ShiftLeft => "op_LeftShift",
        _ => "op_RightShift",
    }
}

/// A .NET exception let through as it is.
fn clr_exception(exception: TypeId, message: impl Into<super::Text>) -> Raise {
    let ty = TypeRef::of(exception);
    let fqid = ty.full_name().to_string();
    Raise::from_exception(super::Exception::new(ty, message), fqid)
        .category(ErrorCategory::OperationStopped)
}

/// An arithmetic failure: a RuntimeException around the exception of .NET.
fn arithmetic_failure(exception: TypeId, message: &'static str) -> Raise {
    let inner = super::Exception::new(TypeRef::of(exception), message);
    Raise::of(TypeId::RuntimeException, message, "RuntimeException")
        .caused_by(std::sync::Arc::new(inner))
}
