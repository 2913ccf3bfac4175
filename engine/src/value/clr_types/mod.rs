//! .NET types that are more than a scalar and less than a part of the engine.

mod collection;
mod culture;
mod date_time_offset;
mod delegate;
mod dictionary_entry;
mod encoding;
mod network;
mod ps_object;
mod reference;
mod string_builder;
mod switch_parameter;
mod uri;

pub use collection::{Row, Set, Tuple};
pub use culture::CultureInfo;
pub use date_time_offset::DateTimeOffset;
pub use delegate::Delegate;
pub use dictionary_entry::{DictionaryEntry, Enumerator};
pub use encoding::{Random, StringComparer, WildcardPattern};
pub use network::{IpAddress, MailAddress, Singleton};
pub(crate) use ps_object::{PsObjectView, note_property};
pub use reference::Reference;
pub use string_builder::StringBuilder;
pub use switch_parameter::SwitchParameter;
pub use uri::Uri;

use super::Value;
use super::context::Context;
use super::error::Raise;
use super::types::{TypeId, TypeRef};

/// How the culture that a value names formats; `None` if it names none.
pub(crate) fn culture_formats(value: &Value) -> Option<super::composite::Culture> {
    value.as_clr::<CultureInfo>().map(CultureInfo::formats)
}

/// Converts a value to one of these types, or to another whose constructor or `Parse` takes it; `None` if there is no way.
pub(crate) fn convert(
    value: &Value,
    ty: &TypeRef,
    id: TypeId,
    cx: &mut dyn Context,
) -> Option<Result<Value, Raise>> {
    match id {
        TypeId::DateTimeOffset => Some(date_time_offset::convert(value, ty, cx)),
        TypeId::Regex => match value {
            Value::String(_) | Value::Int32(_) | Value::Double(_) => {
                let pattern = super::convert::invariant_text(value);
                Some(
                    super::pattern::Regex::compile(
                        &pattern,
                        super::pattern::RegexOptions::default(),
                    )
                    .map(Value::clr)
                    .map_err(|error| {
                        super::convert::cast_failed(
                            &pattern,
                            ty,
                            &error.to_string(),
                            "InvalidCastFromStringToRegex",
                        )
                    }),
                )
            }
            _ => None,
        },
        TypeId::StringBuilder | TypeId::Uri | TypeId::WildcardPattern | TypeId::CultureInfo => {
            match value {
                Value::String(_) => Some(super::statics::construct(
                    ty,
                    std::slice::from_ref(value),
                    cx,
                )),
                Value::Int32(_) | Value::Int64(_) | Value::Double(_)
                    if id != TypeId::StringBuilder =>
                {
                    let text = Value::String(super::convert::invariant_text(value));
                    Some(super::statics::construct(ty, &[text], cx))
                }
                Value::Bool(_) | Value::Char(_) | Value::DateTime(_) | Value::Enum(_) => {
                    Some(Err(super::convert::invalid_cast(value, ty, true)))
                }
                _ => None,
            }
        }
        TypeId::IPAddress | TypeId::MailAddress => Some(network::convert(value, ty, id)),
        TypeId::HashSet
        | TypeId::SortedSet
        | TypeId::GenericQueue
        | TypeId::GenericStack
        | TypeId::Queue
        | TypeId::Stack
        | TypeId::LinkedList => {
            let items = super::convert::elements_of(value).unwrap_or_else(|| vec![value.clone()]);
            Some(super::statics::construct(ty, &[Value::array(items)], cx))
        }
        id if TypeRef::of(id)
            .chain()
            .any(|base| base.is(TypeId::Exception))
            && matches!(value, Value::String(_)) =>
        {
            Some(super::statics::construct(
                ty,
                std::slice::from_ref(value),
                cx,
            ))
        }
        _ => None,
    }
}
