//! The methods of hashtables and dictionaries.

use std::sync::Arc;

use super::{int, out_of_range};
use crate::value::clr_types::{DictionaryEntry, Enumerator};
use crate::value::convert;
use crate::value::error::Raise;
use crate::value::hashtable::same_key;
use crate::value::members::call::Call;
use crate::value::ops;
use crate::value::types::{TypeId, TypeRef};
use crate::value::{HashKind, Hashtable, Value};

pub(in crate::value::members) fn invoke_table(
    table: &Arc<Hashtable>,
    call: &mut Call<'_>,
) -> Result<Option<Value>, Raise> {
    let lower = call.name.to_ascii_lowercase();
    let (key_type, value_type) = match table.kind() {
        HashKind::Generic { key, value, .. } => (key.clone(), value.clone()),
        _ => (TypeRef::of(TypeId::Object), TypeRef::of(TypeId::Object)),
    };
    let generic = matches!(table.kind(), HashKind::Generic { .. });
    Ok(Some(match lower.as_str() {
        "add" | "tryadd" => {
            call.expect(2, 2)?;
            let key = call.converted(0, "key", &key_type)?;
            let value = call.converted(1, "value", &value_type)?;
            if key.is_null() {
                return Err(call.throw(
                    TypeId::ArgumentNullException,
                    "Value cannot be null. (Parameter 'key')",
                ));
            }
            if table.contains(&key) {
                if lower == "tryadd" {
                    return Ok(Some(Value::Bool(false)));
                }
                let text = convert::clr_text(&key);
                let message = match table.kind() {
                    HashKind::Generic { .. } => {
                        format!("An item with the same key has already been added. Key: {text}")
                    }
                    _ => format!(
                        "Item has already been added. Key in dictionary: '{}'  Key being added: '{text}'",
                        own_key(table, &key)
                    ),
                };
                return Err(call.throw(TypeId::ArgumentException, message));
            }
            call.cx.charge(2 * size_of::<Value>())?;
            table.insert(key, value);
            if lower == "tryadd" {
                Value::Bool(true)
            } else {
                Value::Nothing
            }
        }
        "contains" | "containskey" => {
            let key = call.value(0);
            if key.is_null() {
                return Err(call.throw(
                    TypeId::ArgumentNullException,
                    "Value cannot be null. (Parameter 'key')",
                ));
            }
            let key = convert::to(&key, &key_type, call.cx)?;
            Value::Bool(table.contains(&key))
        }
        "containsvalue" => {
            let wanted = call.value(0);
            Value::Bool(
                table
                    .values()
                    .iter()
                    .any(|value| same_key(value.base(), wanted.base(), false)),
            )
        }
        "remove" => {
            let key = call.converted(0, "key", &key_type)?;
            let removed = table.remove(&key);
            let found = removed.is_some();
            drop(removed);
            if generic {
                Value::Bool(found)
            } else {
                Value::Nothing
            }
        }
        "removeat" if !matches!(table.kind(), HashKind::Hashtable) => {
            let at = call.size(0, "index")?;
            if !table.remove_at(at) {
                return Err(out_of_range(call));
            }
            Value::Nothing
        }
        "insert" if table.is_ordered() => {
            let at = call.size(0, "index")?;
            if !table.insert_at(at, call.value(1), call.value(2)) {
                return Err(out_of_range(call));
            }
            Value::Nothing
        }
        "clear" => {
            table.clear();
            Value::Nothing
        }
        "clone" => Value::Hash(Arc::new(table.copy())),
        "trygetvalue" => {
            let key = call.converted(0, "key", &key_type)?;
            let found = table.get(&key);
            let out = call.value(1);
            let value = found.clone().unwrap_or_else(|| {
                convert::to(&Value::Null, &value_type, &mut crate::value::Detached)
                    .unwrap_or_default()
            });
            crate::value::members::call::set_reference(&out, &value, call.cx)?;
            Value::Bool(found.is_some())
        }
        "getvalueordefault" => {
            let key = call.converted(0, "key", &key_type)?;
            table.get(&key).unwrap_or_else(|| call.value(1))
        }
        "item" | "get_item" => {
            let key = call.value(0);
            ops::get_index(&Value::Hash(Arc::clone(table)), &key, call.cx)?
        }
        "set_item" => {
            ops::set_index(
                &Value::Hash(Arc::clone(table)),
                &call.value(0),
                &call.value(1),
                call.cx,
            )?;
            Value::Nothing
        }
        "indexofkey" => {
            let key = call.converted(0, "key", &key_type)?;
            int(table
                .keys()
                .iter()
                .position(|own| same_key(own, key.base(), table.ignores_case())))
        }
        "getenumerator" => {
            let id = if generic {
                TypeId::DictionaryEnumerator
            } else {
                TypeId::HashtableEnumerator
            };
            Value::clr(Enumerator::new(id, entries(table)))
        }
        "copyto" => {
            if let Value::Array(other) = call.value(0).base() {
                let start = call.size(1, "arrayIndex")?;
                for (index, entry) in entries(table).into_iter().enumerate() {
                    other.set(start + index, entry);
                }
            }
            Value::Nothing
        }
        _ => return Ok(None),
    }))
}

pub(super) fn own_key(table: &Hashtable, key: &Value) -> crate::value::Text {
    table
        .keys()
        .iter()
        .find(|own| same_key(own, key.base(), table.ignores_case()))
        .map(convert::clr_text)
        .unwrap_or_default()
}

/// The entries as objects with Key and Value: what enumerating a dictionary gives.
#[must_use]
pub fn entries(table: &Hashtable) -> Vec<Value> {
    let pair = match table.kind() {
        HashKind::Generic { key, value, .. } => Some([key.clone(), value.clone()]),
        _ => None,
    };
    table
        .entries()
        .into_iter()
        .map(|(key, value)| Value::clr(DictionaryEntry::new(key, value, pair.clone())))
        .collect()
}
