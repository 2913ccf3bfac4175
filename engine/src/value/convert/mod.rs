//! Conversion between types: what a cast, a typed variable, a typed parameter and a method argument do.

mod boolean;
mod collection;
mod enumeration;
mod failure;
mod number;
mod string;

pub use boolean::to_bool;
pub use collection::{custom_object, elements_of};
pub use number::{numeric_of_text, to_integer_type, to_number};
pub use string::{clr_text, invariant_text, to_text, to_text_with};

pub(crate) use failure::{
    constructor_failed, invalid_cast, not_convertible, parse_failed, with_error as cast_failed,
};

use super::clr_types::{self, Delegate, SwitchParameter};
use super::context::Context;
use super::date::{self, DateParseError};
use super::error::Raise;
use super::types::{Shape, TypeId, TypeRef};
use super::{DateTime, DateTimeKind, TimeSpan, Value, Version};

/// Converts a value to a type, as a cast does.
///
/// # Errors
/// When PowerShell would refuse, with its message and error id.
pub fn to(value: &Value, ty: &TypeRef, cx: &mut dyn Context) -> Result<Value, Raise> {
    if let Some(inner) = ty.nullable_of() {
        return if value.is_null() {
            Ok(Value::Null)
        } else {
            to(value, inner, cx)
        };
    }
    match ty.id() {
        Some(TypeId::Object) => return Ok(value.clone()),
        Some(TypeId::PSObject) => return Ok(value.clone()),
        Some(TypeId::Void) => return Ok(Value::Nothing),
        Some(TypeId::String) => return to_text(value, cx).map(Value::String),
        Some(TypeId::Boolean) => return Ok(Value::Bool(to_bool(value))),
        Some(TypeId::PSReference) if value.as_clr::<clr_types::Reference>().is_none() => {
            return Ok(Value::clr(clr_types::Reference::new(value.clone())));
        }
        Some(TypeId::PSReference) => return Ok(value.clone()),
        _ => {}
    }
    if value.is_null() {
        return null_to(ty);
    }
    if is_instance(value, ty) {
        return Ok(value.clone());
    }
    let base = value.base();
    match ty {
        TypeRef::Array(element, 1) => return collection::to_array(base, element, ty, cx),
        TypeRef::Generic(_) => {
            if let Some(result) = collection::to_generic(base, ty, cx) {
                return result;
            }
        }
        _ => {}
    }
    match ty.shape() {
        Shape::Enum => return enumeration::to_enum(base, ty, cx),
        Shape::Delegate => {
            return match base {
                Value::ScriptBlock(block) => {
                    Ok(Value::clr(Delegate::new(ty.clone(), block.clone())))
                }
                Value::Clr(object) if object.downcast::<super::MethodGroup>().is_some() => {
                    Ok(base.clone())
                }
                _ => Err(not_convertible(base, ty)),
            };
        }
        _ => {}
    }
    if let Some(TypeId::Array) = ty.id() {
        return Ok(Value::array(
            elements_of(base).unwrap_or_else(|| vec![value.clone()]),
        ));
    }
    if let Value::Hash(table) = base {
        return collection::from_hashtable(base, table, ty, cx);
    }
    to_known(base, ty, cx)
}

/// Whether a value is of a type or one derived from it, or implements the interface: `-is`.
#[must_use]
pub fn is_instance(value: &Value, ty: &TypeRef) -> bool {
    if let Some(inner) = ty.nullable_of() {
        return is_instance(value, inner);
    }
    match (ty.id(), value) {
        (_, Value::Null | Value::Nothing) => false,
        (Some(TypeId::Object), _) => true,
        (Some(TypeId::PSObject | TypeId::PSCustomObject), value) => {
            matches!(value, Value::Object(object) if object.is_bag())
        }
        (_, Value::Object(object)) if !object.is_custom() => is_instance(object.base(), ty),
        (Some(TypeId::EnumBase), Value::Enum(_)) => true,
        (Some(TypeId::Array), Value::Array(_)) => true,
        // Arrays of objects of a class are arrays of its bases as well.
        (_, Value::Array(array))
            if ty
                .element()
                .is_some_and(|element| element.is(TypeId::Object)) =>
        {
            !matches!(array.element().shape(), Shape::Struct | Shape::Enum)
        }
        (_, value) => value.type_ref().is_some_and(|own| own.is_assignable_to(ty)),
    }
}

/// `-as`: the converted value, or null if it does not convert.
///
/// # Errors
/// Only what a script called back into may raise.
pub fn as_type(value: &Value, ty: &TypeRef, cx: &mut dyn Context) -> Result<Value, Raise> {
    match to(value, ty, cx) {
        Err(Raise::Error(_)) => Ok(Value::Null),
        other => other,
    }
}

fn null_to(ty: &TypeRef) -> Result<Value, Raise> {
    Ok(match ty.id() {
        Some(TypeId::Byte) => Value::Byte(0),
        Some(TypeId::SByte) => Value::SByte(0),
        Some(TypeId::Int16) => Value::Int16(0),
        Some(TypeId::UInt16) => Value::UInt16(0),
        Some(TypeId::Int32) => Value::Int32(0),
        Some(TypeId::UInt32) => Value::UInt32(0),
        Some(TypeId::Int64) => Value::Int64(0),
        Some(TypeId::UInt64) => Value::UInt64(0),
        Some(TypeId::Single) => Value::Single(0.0),
        Some(TypeId::Double) => Value::Double(0.0),
        Some(TypeId::Decimal) => Value::Decimal(0.into()),
        Some(TypeId::BigInteger) => Value::from(num_bigint::BigInt::ZERO),
        Some(TypeId::Char) => Value::Char(0),
        Some(TypeId::SwitchParameter) => Value::clr(SwitchParameter(false)),
        _ => match ty.shape() {
            Shape::Enum => return Err(failure::null_to_enum(ty)),
            Shape::Struct => return Err(failure::null_to_struct(ty)),
            _ => Value::Null,
        },
    })
}

fn to_known(value: &Value, ty: &TypeRef, cx: &mut dyn Context) -> Result<Value, Raise> {
    use TypeId as T;
    let Some(id) = ty.id() else {
        return convert_to_class(value, ty, cx);
    };
    match id {
        T::Byte
        | T::SByte
        | T::Int16
        | T::UInt16
        | T::Int32
        | T::UInt32
        | T::Int64
        | T::UInt64
        | T::Single
        | T::Double
        | T::Decimal
        | T::BigInteger => number::to_numeric(value, id),
        T::Char => to_char(value, ty),
        T::SwitchParameter => match value {
            Value::Bool(present) => Ok(Value::clr(SwitchParameter(*present))),
            _ => Err(not_convertible(value, ty)),
        },
        T::DateTime => to_date_time(value, ty),
        T::TimeSpan => to_time_span(value, ty),
        T::Guid => to_guid(value, ty),
        T::Version => to_version(value, ty),
        T::Type => match value {
            Value::Type(_) => Ok(value.clone()),
            _ => to_type(value, ty, cx),
        },
        T::ArrayList => match elements_of(value) {
            Some(items) => Ok(Value::array_list(items)),
            None => Err(not_convertible(value, ty)),
        },
        T::ScriptBlock | T::Hashtable | T::OrderedDictionary => Err(not_convertible(value, ty)),
        _ => {
            clr_types::convert(value, ty, id, cx).unwrap_or_else(|| Err(not_convertible(value, ty)))
        }
    }
}

fn convert_to_class(value: &Value, ty: &TypeRef, cx: &mut dyn Context) -> Result<Value, Raise> {
    // A static Parse takes texts, as the types of .NET have it.
    if let (TypeRef::User(_), Value::String(_)) = (ty, value)
        && let Some(Ok(made)) = cx.call_static_method(ty, "Parse", std::slice::from_ref(value))
    {
        return Ok(made);
    }
    // A class with a constructor of one argument converts by it.
    if matches!(ty, TypeRef::User(_))
        && let Some(result) = cx.construct(ty, std::slice::from_ref(value))
    {
        return match result {
            Err(Raise::Error(_)) => Err(not_convertible(value, ty)),
            other => other,
        };
    }
    Err(not_convertible(value, ty))
}

fn to_char(value: &Value, ty: &TypeRef) -> Result<Value, Raise> {
    match value {
        Value::String(text) => match text.unit(0) {
            Some(unit) if text.utf16_len() == 1 => Ok(Value::Char(unit)),
            _ => Err(parse_failed(
                value,
                ty,
                "String must be exactly one character long.",
                false,
            )),
        },
        Value::Bool(_)
        | Value::Single(_)
        | Value::Double(_)
        | Value::Decimal(_)
        | Value::DateTime(_) => Err(failure::invalid_cast(value, ty, false)),
        Value::Enum(number) => u16::try_from(number.bits)
            .map(Value::Char)
            .map_err(|_| failure::overflow(value, ty)),
        other => match super::number::integer_of(other) {
            Some(number) => u16::try_from(number)
                .map(Value::Char)
                .map_err(|_| failure::overflow(value, ty)),
            None => Err(not_convertible(value, ty)),
        },
    }
}

/// What a `Parse` method is given: strings as they are, numbers as text. Others have a refusal of their own.
fn text_to_parse(value: &Value, ty: &TypeRef) -> Result<String, Raise> {
    match value {
        Value::String(text) => Ok(text.to_string()),
        Value::Bool(_) | Value::Char(_) | Value::DateTime(_) | Value::Enum(_) => {
            Err(failure::invalid_cast(value, ty, true))
        }
        Value::Byte(_)
        | Value::SByte(_)
        | Value::Int16(_)
        | Value::UInt16(_)
        | Value::Int32(_)
        | Value::UInt32(_)
        | Value::Int64(_)
        | Value::UInt64(_)
        | Value::Single(_)
        | Value::Double(_)
        | Value::Decimal(_) => Ok(invariant_text(value).to_string()),
        _ => Err(not_convertible(value, ty)),
    }
}

fn to_date_time(value: &Value, ty: &TypeRef) -> Result<Value, Raise> {
    let ticks = match value {
        Value::Char(unit) => Some(i128::from(*unit)),
        Value::Bool(_) => return Err(failure::invalid_cast(value, ty, false)),
        other => super::number::integer_of(other),
    };
    if let Some(ticks) = ticks {
        let date = i64::try_from(ticks)
            .ok()
            .and_then(|ticks| DateTime::from_ticks(ticks, DateTimeKind::Unspecified));
        return date.map(Value::DateTime).ok_or_else(|| {
            constructor_failed(value, ty, "Ticks must be between DateTime.MinValue.Ticks and DateTime.MaxValue.Ticks. (Parameter 'ticks')")
        });
    }
    if let Some(date) = value.as_clr::<clr_types::DateTimeOffset>() {
        return Ok(Value::DateTime(date.clock));
    }
    let text = text_to_parse(value, ty)?;
    let parsed = if text.trim().is_empty() {
        Err(DateParseError::NotRecognized)
    } else {
        date::parse_date_time(&text, DateTime::now())
    };
    parsed
        .map(Value::DateTime)
        .map_err(|error| failure::parse_failed_as(value, &text, ty, &error.message(&text), true))
}

fn to_time_span(value: &Value, ty: &TypeRef) -> Result<Value, Raise> {
    if let Some(ticks) = super::number::integer_of(value) {
        return i64::try_from(ticks)
            .map(|ticks| Value::TimeSpan(TimeSpan { ticks }))
            .map_err(|_| failure::overflow(value, ty));
    }
    let text = text_to_parse(value, ty)?;
    match date::parse_time_span(&text) {
        Some(span) => Ok(Value::TimeSpan(span)),
        None => Err(failure::parse_failed_as(
            value,
            &text,
            ty,
            &format!("String '{text}' was not recognized as a valid TimeSpan."),
            true,
        )),
    }
}

fn to_guid(value: &Value, ty: &TypeRef) -> Result<Value, Raise> {
    let text = text_to_parse(value, ty)?;
    match parse_guid(&text) {
        Some(guid) => Ok(Value::Guid(guid)),
        None => Err(failure::parse_failed_as(
            value,
            &text,
            ty,
            "Unrecognized Guid format.",
            true,
        )),
    }
}

/// Reads a GUID in its usual forms: plain, with dashes, in braces or parentheses.
#[must_use]
pub fn parse_guid(text: &str) -> Option<uuid::Uuid> {
    let text = text.trim();
    let inner = text
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'));
    let inner = inner
        .or_else(|| {
            text.strip_prefix('(')
                .and_then(|rest| rest.strip_suffix(')'))
        })
        .unwrap_or(text);
    uuid::Uuid::try_parse(inner).ok()
}

fn to_version(value: &Value, ty: &TypeRef) -> Result<Value, Raise> {
    let text = text_to_parse(value, ty)?;
    parse_version(&text)
        .map(Value::Version)
        .map_err(|message| failure::parse_failed_as(value, &text, ty, &message, false))
}

/// Reads a version.
///
/// # Errors
/// The message of .NET's exception.
pub fn parse_version(text: &str) -> Result<Version, String> {
    let parts: Vec<&str> = text.split('.').collect();
    if !(2..=4).contains(&parts.len()) {
        return Err(
            "Version string portion was too short or too long. (Parameter 'input')".to_owned(),
        );
    }
    let mut components = [-1; 4];
    for (index, part) in parts.iter().enumerate() {
        let number = super::number::parse_integer(part)
            .ok_or_else(|| format!("The input string '{part}' was not in a correct format."))?;
        let number = i32::try_from(&number)
            .map_err(|_| "Value was either too large or too small for an Int32.".to_owned())?;
        if number < 0 {
            return Err(
                "Version's parameters must be greater than or equal to zero. (Parameter 'input')"
                    .to_owned(),
            );
        }
        components[index] = number;
    }
    Ok(Version { components })
}

fn to_type(value: &Value, ty: &TypeRef, cx: &mut dyn Context) -> Result<Value, Raise> {
    if elements_of(value).is_some() || matches!(value, Value::ScriptBlock(_) | Value::Object(_)) {
        return Err(not_convertible(value, ty));
    }
    let text = invariant_text(value);
    match TypeRef::find_with(&text, &mut |name| cx.find_type(name)) {
        Some(found) => Ok(Value::Type(found)),
        None => Err(failure::conversion(
            format!(
                "Cannot convert the \"{text}\" value of type \"System.String\" to type \"System.Type\"."
            ),
            "InvalidCastFromStringToType",
        )),
    }
}
