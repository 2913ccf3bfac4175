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

#[cfg(test)]
mod tests {
    use super::super::{Detached, TypeRef};
    use super::*;

    fn number(text: &str) -> Value {
        super::super::number::scan_number(text).expect(text)
    }

    fn shown(result: Result<Value, Raise>) -> String {
        match result {
            Ok(value) => format!("{value:?}"),
            Err(error) => {
                let fqid = error
                    .error()
                    .map_or_else(String::new, |error| error.fqid.to_string());
                format!("{error} | {fqid}")
            }
        }
    }

    #[test]
    fn numbers_widen_as_recorded() {
        let table = [
            (
                BinaryOperator::Add,
                "2147483647",
                "200",
                "Double(2147483847.0)",
            ),
            (
                BinaryOperator::Subtract,
                "-7",
                "18446744073709551615ul",
                "Decimal(-18446744073709551622)",
            ),
            (
                BinaryOperator::Multiply,
                "4294967295u",
                "-5y",
                "Int64(-21474836475)",
            ),
            (
                BinaryOperator::Divide,
                "18446744073709551615ul",
                "1",
                "UInt64(18446744073709551615)",
            ),
            (BinaryOperator::Divide, "1", "5", "Double(0.2)"),
            (BinaryOperator::Divide, "6", "3", "Int32(2)"),
            (
                BinaryOperator::Remainder,
                "-7",
                "0",
                "Attempted to divide by zero. | RuntimeException",
            ),
            (BinaryOperator::Add, "1.10d", "2.20d", "Decimal(3.30)"),
            (
                BinaryOperator::Add,
                "79228162514264337593543950335d",
                "1",
                "Value was either too large or too small for a Decimal. | RuntimeException",
            ),
            (BinaryOperator::BitwiseOr, "5", "2.5d", "UInt64(7)"),
            (BinaryOperator::ShiftLeft, "5", "170uy", "Int32(5120)"),
        ];
        for (operator, left, right, expected) in table {
            assert_eq!(
                shown(binary(
                    operator,
                    &number(left),
                    &number(right),
                    &mut Detached
                )),
                expected,
                "{left} {operator:?} {right}"
            );
        }
    }

    #[test]
    fn operands_that_do_not_go_together_are_told_as_powershell_tells_them() {
        let table = [
            (
                BinaryOperator::Add,
                Value::Int32(0),
                Value::array(Vec::new()),
                "Method invocation failed because [System.Object[]] does not contain a method named 'op_Addition'. | MethodNotFound",
            ),
            (
                BinaryOperator::Remainder,
                "abc".into(),
                Value::Byte(200),
                "Cannot convert value \"abc\" to type \"System.Byte\". Error: \"The input string 'abc' was not in a correct format.\" | InvalidCastFromStringToInteger",
            ),
            (
                BinaryOperator::LessOrEqual {
                    case_sensitive: false,
                },
                Value::Char(97),
                "".into(),
                "Could not compare \"a\" to \"\". Error: \"Cannot convert value \"\" to type \"System.Char\". Error: \"String must be exactly one character long.\"\" | ComparisonFailure",
            ),
            (
                BinaryOperator::Match {
                    case_sensitive: false,
                },
                "hello".into(),
                "(".into(),
                "Invalid pattern '(' at offset 1. Not enough )'s. | System.Text.RegularExpressions.RegexParseException",
            ),
        ];
        for (operator, left, right, expected) in table {
            assert_eq!(
                shown(binary(operator, &left, &right, &mut Detached)),
                expected
            );
        }
    }

    #[test]
    fn casts_give_what_was_recorded() {
        let table: [(Value, &str, &str); 10] = [
            ("1,000".into(), "int", "Int32(1000)"),
            (Value::Double(2.5), "byte", "Byte(2)"),
            ("5L".into(), "long", "Int64(5)"),
            ("fri".into(), "DayOfWeek", "Enum(System.DayOfWeek 5)"),
            (
                Value::array(vec!["a".into(), "b".into()]),
                "string",
                "String(\"a b\")",
            ),
            (
                Value::Double(1e10),
                "sbyte",
                "Cannot convert value \"10000000000\" to type \"System.SByte\". Error: \"Value was either too large or too small for an Int32.\" | InvalidCastIConvertible",
            ),
            (
                Value::Null,
                "datetime",
                "Cannot convert null to type \"System.DateTime\". | nullToObjectInvalidCast",
            ),
            (
                Value::Int32(255),
                "version",
                "Cannot convert value \"255\" to type \"System.Version\". Error: \"Version string portion was too short or too long. (Parameter 'input')\" | InvalidCastParseTargetInvocation",
            ),
            (
                Value::Bool(false),
                "guid",
                "Cannot convert value \"False\" to type \"System.Guid\". Error: \"Invalid cast from 'System.Boolean' to 'System.Guid'.\" | InvalidCastIConvertible",
            ),
            (
                Value::array(Vec::new()),
                "int16",
                "Cannot convert the \"System.Object[]\" value of type \"System.Object[]\" to type \"System.Int16\". | ConvertToFinalInvalidCastException",
            ),
        ];
        for (value, ty, expected) in table {
            let ty = TypeRef::find(ty).expect(ty);
            assert_eq!(shown(convert::to(&value, &ty, &mut Detached)), expected);
        }
    }

    #[test]
    fn replacement_and_splitting_follow_dot_net() {
        let text = |value: &Value| convert::invariant_text(value).to_string();
        for (source, pattern, by, expected) in [
            ("abc", "(b)", "$10", "a$10c"),
            ("abc", "b", "$_", "aabcc"),
            ("Hello World", "ell", "$'", "Ho Worldo World"),
            ("abc", "", "-", "-a-b-c-"),
            // The group without a name is number 1, though it stands second.
            ("xy", "(?<first>x)(y)", "$1$2${first}", "yxx"),
        ] {
            let right = Value::array(vec![pattern.into(), by.into()]);
            let replaced =
                replace(&source.into(), &right, true, &mut Detached).expect("a valid pattern");
            assert_eq!(text(&replaced), expected, "{pattern}");
        }
        let parts = split(
            &"a,b,c,d".into(),
            &Value::array(vec![",".into(), Value::Int32(-2)]),
            false,
            &mut Detached,
        )
        .expect("a valid pattern");
        assert_eq!(text(&parts), "a,b,c d");
    }
}
