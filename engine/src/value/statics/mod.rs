//! Static members and constructors: `[math]::PI`, `[string]::Join(…)`, `[datetime]::new(…)`.

mod construct;
mod conversion;
mod math;
mod system;
mod text;

use std::sync::Arc;

use super::context::Context;
use super::error::Raise;
use super::members::Call;
use super::types::{Shape, TypeId, TypeRef};
use super::{EnumValue, Text, Value};

pub use construct::construct;

/// A static property or field, or a member of an enumeration; `None` if the type has none of that name.
///
/// # Errors
/// When the member cannot be read.
pub fn get(ty: &TypeRef, name: &str, cx: &mut dyn Context) -> Result<Option<Value>, Raise> {
    if let Some(info) = ty.enum_info() {
        return Ok(info.number(name).map(|bits| {
            Value::Enum(Arc::new(EnumValue {
                ty: ty.clone(),
                bits,
            }))
        }));
    }
    if let TypeRef::User(_) = ty
        && let Some(value) = cx.static_field(ty, name)
    {
        return value.map(Some);
    }
    let lower = name.to_ascii_lowercase();
    let Some(id) = ty.id() else { return Ok(None) };
    let found = math::constant(id, &lower).or_else(|| text::constant(id, &lower));
    match found {
        Some(value) => Ok(Some(value)),
        None => system::constant(id, &lower, cx),
    }
}

/// Calls a static method.
///
/// # Errors
/// When there is no such method, no overload takes the arguments, or the method fails.
pub fn invoke(
    ty: &TypeRef,
    name: &str,
    arguments: &[Value],
    cx: &mut dyn Context,
) -> Result<Value, Raise> {
    if name.eq_ignore_ascii_case("new") {
        return construct(ty, arguments, cx);
    }
    if let TypeRef::User(_) = ty
        && let Some(result) = cx.call_static_method(ty, name, arguments)
    {
        return result;
    }
    let mut call = Call::new(name, arguments, cx);
    if let Some(value) = dispatch(ty, &mut call)? {
        return Ok(value);
    }
    Err(no_such_method(ty, name))
}

fn dispatch(ty: &TypeRef, call: &mut Call<'_>) -> Result<Option<Value>, Raise> {
    let lower = call.name.to_ascii_lowercase();
    // What every type has from Object.
    match lower.as_str() {
        "equals" if call.count() == 2 && !ty.is(TypeId::String) => {
            return Ok(Some(Value::Bool(super::hashtable::same_key(
                call.value(0).base(),
                call.value(1).base(),
                false,
            ))));
        }
        "referenceequals" => {
            return Ok(Some(Value::Bool(
                call.value(0).same_reference(&call.value(1))
                    || call.value(0).is_null() && call.value(1).is_null(),
            )));
        }
        _ => {}
    }
    if let Some(value) = conversion::parse(ty, &lower, call)? {
        return Ok(Some(value));
    }
    let Some(id) = ty.definition_id() else {
        return Ok(None);
    };
    match id {
        TypeId::Math => math::invoke(&lower, call),
        TypeId::Byte
        | TypeId::SByte
        | TypeId::Int16
        | TypeId::UInt16
        | TypeId::Int32
        | TypeId::UInt32
        | TypeId::Int64
        | TypeId::UInt64
        | TypeId::Single
        | TypeId::Double
        | TypeId::Decimal
        | TypeId::BigInteger => math::number(id, &lower, call),
        TypeId::String | TypeId::Char | TypeId::Regex | TypeId::WildcardPattern => {
            text::invoke(id, &lower, call)
        }
        TypeId::Convert | TypeId::BitConverter => conversion::invoke(id, &lower, call),
        _ => system::invoke(ty, id, &lower, call),
    }
}

/// The type has no static method of that name.
#[must_use]
pub fn no_such_method(ty: &TypeRef, name: &str) -> Raise {
    Raise::runtime(
        format!(
            "Method invocation failed because [{}] does not contain a method named '{name}'.",
            ty.display_name()
        ),
        "MethodNotFound",
    )
    .target(Value::from(name))
}

/// The names of an enumeration, as `[enum]::GetNames` gives them: ordered by number.
#[must_use]
pub fn enum_names(ty: &TypeRef) -> Value {
    Value::strings(
        ordered(ty)
            .into_iter()
            .map(|(name, _)| Text::from(name.as_str())),
    )
}

/// The values of an enumeration, ordered by number.
#[must_use]
pub fn enum_values(ty: &TypeRef) -> Value {
    let values = ordered(ty)
        .into_iter()
        .map(|(_, bits)| {
            Value::Enum(Arc::new(EnumValue {
                ty: ty.clone(),
                bits,
            }))
        })
        .collect();
    Value::typed_array(ty.clone(), values)
}

fn ordered(ty: &TypeRef) -> Vec<(String, i64)> {
    let mut members: Vec<_> = ty
        .enum_info()
        .map(|info| {
            info.members
                .iter()
                .map(|(name, bits)| (name.to_string(), *bits))
                .collect()
        })
        .unwrap_or_default();
    members.sort_by_key(|(_, bits)| *bits as u64);
    members
}

/// Whether the type is one that can be made of nothing.
pub(super) fn is_value_type(ty: &TypeRef) -> bool {
    matches!(ty.shape(), Shape::Struct | Shape::Enum)
}
