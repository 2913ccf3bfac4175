//! `[array]`.

use crate::value::Value;
use crate::value::convert::{self, elements_of};
use crate::value::error::Raise;
use crate::value::members::{Call, sort};
use crate::value::types::{TypeId, TypeRef};

pub(super) fn array(lower: &str, call: &mut Call<'_>) -> Result<Option<Value>, Raise> {
    Ok(Some(match lower {
        "createinstance" => {
            let Value::Type(element) =
                call.converted(0, "elementType", &TypeRef::of(TypeId::Type))?
            else {
                return Ok(None);
            };
            let length = call.size(1, "length")?;
            crate::value::statics::construct::new_array(&element, length, call.cx)?
        }
        "sort" | "reverse" => {
            if let Value::Array(own) = call.value(0).base() {
                let mut items = own.snapshot();
                if lower == "sort" {
                    let by = call.arguments.get(1).cloned();
                    sort(&mut items, by.as_ref(), call.cx)?;
                } else {
                    items.reverse();
                }
                *own.write() = items;
            }
            Value::Nothing
        }
        "indexof" | "lastindexof" => {
            let items = elements_of(&call.value(0)).unwrap_or_default();
            let wanted = call.value(1);
            let same =
                |item: &Value| crate::value::hashtable::same_key(item.base(), wanted.base(), false);
            let at = if lower == "indexof" {
                items.iter().position(same)
            } else {
                items.iter().rposition(same)
            };
            Value::Int32(at.and_then(|at| i32::try_from(at).ok()).unwrap_or(-1))
        }
        "copy" => {
            let (source, target) = (
                call.value(0),
                call.value(if call.count() > 3 { 2 } else { 1 }),
            );
            let (from, to, count) = if call.count() > 3 {
                (
                    call.size(1, "sourceIndex")?,
                    call.size(3, "destinationIndex")?,
                    call.size(4, "length")?,
                )
            } else {
                (0, 0, call.size(2, "length")?)
            };
            let (Value::Array(source), Value::Array(target)) = (source.base(), target.base())
            else {
                return Err(call.no_overload());
            };
            let items: Vec<_> = source
                .snapshot()
                .into_iter()
                .skip(from)
                .take(count)
                .collect();
            if items.len() < count || to + count > target.len() {
                return Err(call.throw(TypeId::ArgumentException, "Destination array was not long enough. Check the destination index, length, and the array's lower bounds. (Parameter 'destinationArray')"));
            }
            for (index, item) in items.iter().enumerate() {
                let item = convert::to(item, target.element(), call.cx)?;
                target.set(to + index, item);
            }
            Value::Nothing
        }
        "clear" => {
            if let Value::Array(own) = call.value(0).base() {
                let empty = convert::to(&Value::Null, own.element(), call.cx).unwrap_or_default();
                own.write().fill(empty);
            }
            Value::Nothing
        }
        "empty" => Value::array(Vec::new()),
        "exists" | "find" | "findindex" | "findall" | "trueforall" | "convertall" | "foreach" => {
            let list = convert::to(&call.value(0), &TypeRef::of(TypeId::ArrayList), call.cx)?;
            let result =
                crate::value::members::invoke(&list, call.name, &call.arguments[1..], call.cx)?;
            match elements_of(&result) {
                Some(items) => Value::array(items),
                None => result,
            }
        }
        _ => return Ok(None),
    }))
}
