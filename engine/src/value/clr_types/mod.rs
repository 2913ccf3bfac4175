//! .NET types that are more than a scalar and less than a part of the engine.

mod date_time_offset;
mod delegate;
mod switch_parameter;

pub use date_time_offset::DateTimeOffset;
pub use delegate::Delegate;
pub use switch_parameter::SwitchParameter;

use super::Value;
use super::context::Context;
use super::error::Raise;
use super::types::{TypeId, TypeRef};

/// Converts a value to one of these types, or to another whose constructor or `Parse` takes it; `None` if there is no way.
pub(crate) fn convert(
    value: &Value,
    ty: &TypeRef,
    id: TypeId,
    cx: &mut dyn Context,
) -> Option<Result<Value, Raise>> {
    match id {
        TypeId::DateTimeOffset => Some(date_time_offset::convert(value, ty, cx)),
        _ => None,
    }
}
