//! The errors of conversion, in PowerShell's words.

use std::borrow::Cow;
use std::sync::Arc;

use crate::value::error::{ErrorCategory, Raise};
use crate::value::types::{TypeId, TypeRef};
use crate::value::{Exception, Value};

use super::string::clr_text;

/// A failed cast: a RuntimeException around a PSInvalidCastException, as the engine raises it.
pub(super) fn conversion(
    message: impl Into<crate::value::Text>,
    fqid: impl Into<Cow<'static, str>>,
) -> Raise {
    let message = message.into();
    let inner = Exception::new(TypeRef::of(TypeId::PSInvalidCastException), message.clone());
    Raise::of(TypeId::RuntimeException, message, fqid)
        .category(ErrorCategory::InvalidArgument)
        .caused_by(Arc::new(inner))
}

/// There is no way from one type to the other.
pub(crate) fn not_convertible(value: &Value, ty: &TypeRef) -> Raise {
    let own = value
        .type_ref()
        .map_or_else(Default::default, |own| own.display_name());
    conversion(
        format!(
            "Cannot convert the \"{}\" value of type \"{own}\" to type \"{}\".",
            shown(value),
            ty.display_name()
        ),
        "ConvertToFinalInvalidCastException",
    )
}

/// How a value appears in these messages.
fn shown(value: &Value) -> crate::value::Text {
    match value {
        Value::Object(object) if object.is_bag() => super::string::invariant_text(value),
        other => clr_text(other),
    }
}

/// `Cannot convert value … Error: …`
pub(crate) fn with_error(value: &str, ty: &TypeRef, error: &str, fqid: &'static str) -> Raise {
    conversion(
        format!(
            "Cannot convert value \"{value}\" to type \"{}\". Error: \"{error}\"",
            ty.display_name()
        ),
        fqid,
    )
}

/// A `Parse` method refused the text.
pub(crate) fn parse_failed(value: &Value, ty: &TypeRef, error: &str, with_provider: bool) -> Raise {
    parse_failed_as(value, &clr_text(value), ty, error, with_provider)
}

pub(super) fn parse_failed_as(
    _value: &Value,
    text: &str,
    ty: &TypeRef,
    error: &str,
    with_provider: bool,
) -> Raise {
    with_error(
        text,
        ty,
        error,
        if with_provider {
            "InvalidCastParseTargetInvocationWithFormatProvider"
        } else {
            "InvalidCastParseTargetInvocation"
        },
    )
}

/// A constructor refused the value.
pub(crate) fn constructor_failed(value: &Value, ty: &TypeRef, error: &str) -> Raise {
    with_error(&shown(value), ty, error, "InvalidCastConstructorException")
}

/// `Convert.ChangeType` refused; between primitive types it names them without their namespace.
pub(crate) fn invalid_cast(value: &Value, ty: &TypeRef, full_names: bool) -> Raise {
    let own = value
        .type_ref()
        .unwrap_or_else(|| TypeRef::of(TypeId::Object));
    let (from, target) = if full_names {
        (own.full_name(), ty.full_name())
    } else {
        (own.name(), ty.name())
    };
    with_error(
        &shown(value),
        ty,
        &format!("Invalid cast from '{from}' to '{target}'."),
        "InvalidCastIConvertible",
    )
}

/// The number does not fit.
pub(super) fn overflow(value: &Value, ty: &TypeRef) -> Raise {
    with_error(
        &shown(value),
        ty,
        overflow_message(ty.id()),
        "InvalidCastIConvertible",
    )
}

pub(super) fn overflow_message(id: Option<TypeId>) -> &'static str {
    match id {
        Some(TypeId::Byte) => "Value was either too large or too small for an unsigned byte.",
        Some(TypeId::SByte) => "Value was either too large or too small for a signed byte.",
        Some(TypeId::Int16) => "Value was either too large or too small for an Int16.",
        Some(TypeId::UInt16) => "Value was either too large or too small for a UInt16.",
        Some(TypeId::Int32) => "Value was either too large or too small for an Int32.",
        Some(TypeId::UInt32) => "Value was either too large or too small for a UInt32.",
        Some(TypeId::Int64) => "Value was either too large or too small for an Int64.",
        Some(TypeId::UInt64) => "Value was either too large or too small for a UInt64.",
        Some(TypeId::Char) => "Value was either too large or too small for a character.",
        Some(TypeId::Decimal) => "Value was either too large or too small for a Decimal.",
        _ => "Arithmetic operation resulted in an overflow.",
    }
}

pub(super) fn null_to_struct(ty: &TypeRef) -> Raise {
    conversion(
        format!("Cannot convert null to type \"{}\".", ty.display_name()),
        "nullToObjectInvalidCast",
    )
}

pub(super) fn null_to_enum(ty: &TypeRef) -> Raise {
    let message = format!(
        "Cannot convert null to type \"{}\" due to enumeration values that are not valid. Specify one of the following enumeration values and try again. The possible enumeration values are \"{}\".",
        ty.display_name(),
        names(ty, ",")
    );
    conversion(message, "nullToEnumInvalidCast")
}

/// The names of an enumeration.
pub(super) fn names(ty: &TypeRef, separator: &str) -> String {
    ty.enum_info().map_or_else(String::new, |info| {
        info.members
            .iter()
            .map(|(name, _)| name.as_ref())
            .collect::<Vec<_>>()
            .join(separator)
    })
}
