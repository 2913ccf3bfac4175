//! `target[index]`.

use std::sync::Arc;

use crate::value::context::Context;
use crate::value::convert::{self, elements_of};
use crate::value::error::{ErrorCategory, Raise};
use crate::value::types::{TypeId, TypeRef};
use crate::value::{HashKind, Text, Value};

/// The value at an index or key; several of them if the index is an array. What is not there is null.
///
/// # Errors
/// When the target cannot be indexed, or the index is of a wrong type.
pub fn get_index(target: &Value, index: &Value, cx: &mut dyn Context) -> Result<Value, Raise> {
    let target = target.base();
    match target {
        Value::Null | Value::Nothing => Err(Raise::runtime(
            "Cannot index into a null array.",
            "NullArray",
        )),
        Value::Array(array) => {
            let length = array.len();
            at_positions(index, length, cx, &mut |position| array.get(position))
        }
        Value::List(list) => {
            at_positions(index, list.len(), cx, &mut |position| list.get(position))
        }
        Value::String(text) => {
            let length = text.utf16_len();
            if text.is_ascii_text() {
                return at_positions(index, length, cx, &mut |position| {
                    text.unit(position).map(Value::Char)
                });
            }
            let units = text.units();
            at_positions(index, length, cx, &mut |position| {
                units.get(position).copied().map(Value::Char)
            })
        }
        Value::Hash(table) => {
            if let Some(keys) = elements_of(index)
                && !table.contains(index)
            {
                let values = keys
                    .iter()
                    .map(|key| get_index(target, key, cx))
                    .collect::<Result<Vec<_>, _>>()?;
                return Ok(Value::array(values));
            }
            if index.is_null() {
                return match table.kind() {
                    HashKind::Hashtable => Err(Raise::runtime(
                        "Index operation failed; the array index evaluated to null.",
                        "NullArrayIndex",
                    )),
                    _ => Ok(Value::Null),
                };
            }
            if let (true, Value::Int32(position)) = (table.is_ordered(), index.base()) {
                let length = i64::try_from(table.len()).unwrap_or(i64::MAX);
                let position = if *position < 0 {
                    length + i64::from(*position)
                } else {
                    i64::from(*position)
                };
                return Ok(usize::try_from(position)
                    .ok()
                    .and_then(|position| table.entry_at(position))
                    .map_or(Value::Null, |(_, value)| value));
            }
            if let HashKind::Generic { key, .. } = table.kind() {
                return Ok(convert::to(index, key, cx)
                    .ok()
                    .and_then(|key| table.get(&key))
                    .unwrap_or(Value::Null));
            }
            Ok(table.get(index).unwrap_or(Value::Null))
        }
        Value::Clr(object) => {
            if let Some(result) = object.index(std::slice::from_ref(index), cx) {
                return result;
            }
            match object.items() {
                Some(items) => at_positions(index, items.len(), cx, &mut |position| {
                    items.get(position).cloned()
                }),
                None => scalar(target, index),
            }
        }
        _ => scalar(target, index),
    }
}

/// What is no collection has itself at position 0, and nothing elsewhere, unless it is a custom object.
fn scalar(target: &Value, index: &Value) -> Result<Value, Raise> {
    match (target, index.base()) {
        (Value::Object(_), _) if !matches!(index.base(), Value::Int32(_)) => Ok(Value::Nothing),
        (_, Value::Int32(0 | -1)) => Ok(target.clone()),
        (_, Value::Int32(_)) => Ok(Value::Null),
        _ => Err(Raise::runtime(
            format!(
                "Unable to index into an object of type \"{}\".",
                target.type_name()
            ),
            "CannotIndex",
        )
        .target(index.clone())),
    }
}

fn at_positions(
    index: &Value,
    length: usize,
    cx: &mut dyn Context,
    get: &mut dyn FnMut(usize) -> Option<Value>,
) -> Result<Value, Raise> {
    if let Value::Int32(position) = index.base() {
        return Ok(resolve(i64::from(*position), length)
            .and_then(get)
            .unwrap_or(Value::Null));
    }
    if let Some(positions) = elements_of(index) {
        let mut items = Vec::new();
        for position in &positions {
            // Positions that are not there are left out.
            if let Some(item) = resolve(position_of(position, cx)?, length).and_then(&mut *get) {
                items.push(item);
            }
        }
        return Ok(Value::array(items));
    }
    let position = position_of(index, cx)?;
    Ok(resolve(position, length)
        .and_then(get)
        .unwrap_or(Value::Null))
}

/// A position from the start; negative ones count from the end.
fn resolve(position: i64, length: usize) -> Option<usize> {
    let length = i64::try_from(length).ok()?;
    let position = if position < 0 {
        length + position
    } else {
        position
    };
    (0..length)
        .contains(&position)
        .then(|| usize::try_from(position).ok())?
}

fn position_of(index: &Value, cx: &mut dyn Context) -> Result<i64, Raise> {
    if index.is_null() {
        return Err(Raise::runtime(
            "Index operation failed; the array index evaluated to null.",
            "NullArrayIndex",
        ));
    }
    match convert::to(index, &TypeRef::of(TypeId::Int32), cx)? {
        Value::Int32(position) => Ok(i64::from(position)),
        _ => Ok(0),
    }
}

/// Sets the value at an index or key.
///
/// # Errors
/// When the target cannot be indexed, the position is not there, or the value does not convert to the type of the items.
pub fn set_index(
    target: &Value,
    index: &Value,
    value: &Value,
    cx: &mut dyn Context,
) -> Result<(), Raise> {
    let target = target.base();
    match target {
        Value::Null | Value::Nothing => Err(Raise::runtime(
            "Cannot index into a null array.",
            "NullArray",
        )),
        Value::Array(array) => {
            if elements_of(index).is_some() {
                return Err(Raise::runtime(format!("Array assignment to [{}] failed because assignment to slices is not supported.", convert::to_text(index, cx)?.replace(' ', ",")), "ArraySliceAssignmentFailed").target(index.clone()));
            }
            let position = position_of(index, cx)?;
            let value = convert::to(value, array.element(), cx)?;
            let length = array.len();
            match resolve(position, length) {
                Some(at) => {
                    array.set(at, value);
                    Ok(())
                }
                None => Err(outside()),
            }
        }
        Value::List(list) => {
            let position = position_of(index, cx)?;
            let value = convert::to(value, &list.element(), cx)?;
            let length = list.len();
            match resolve(position, length) {
                Some(at) => {
                    let old = list
                        .write()
                        .get_mut(at)
                        .map(|slot| std::mem::replace(slot, value));
                    drop(old);
                    Ok(())
                }
                None => Err(clr_outside()),
            }
        }
        Value::Hash(table) => {
            if index.is_null() {
                return Err(Raise::runtime(
                    "Index operation failed; the array index evaluated to null.",
                    "NullArrayIndex",
                ));
            }
            cx.charge(2 * size_of::<Value>())?;
            if let (true, Value::Int32(position)) = (table.is_ordered(), index.base()) {
                if usize::try_from(*position)
                    .ok()
                    .is_some_and(|at| table.set_at(at, value.clone()))
                {
                    return Ok(());
                }
                return Err(clr_outside());
            }
            let (key, value) = match table.kind() {
                HashKind::Generic { key, value: ty, .. } => {
                    (convert::to(index, key, cx)?, convert::to(value, ty, cx)?)
                }
                _ => (index.clone(), value.clone()),
            };
            let old = table.insert(key, value);
            drop(old);
            Ok(())
        }
        Value::Clr(object) => {
            let object = Arc::clone(object);
            match object.set_index(std::slice::from_ref(index), value, cx) {
                Some(result) => result,
                None => Err(cannot_index(target, index)),
            }
        }
        _ => Err(cannot_index(target, index)),
    }
}

fn cannot_index(target: &Value, index: &Value) -> Raise {
    let name: Text = target.type_name();
    Raise::runtime(
        format!("Unable to index into an object of type \"{name}\"."),
        "CannotIndex",
    )
    .target(index.clone())
}

fn outside() -> Raise {
    Raise::of(
        TypeId::RuntimeException,
        "Index was outside the bounds of the array.",
        "System.IndexOutOfRangeException",
    )
    .category(ErrorCategory::OperationStopped)
    .caused_by(Arc::new(crate::value::Exception::new(
        TypeRef::of(TypeId::IndexOutOfRangeException),
        "Index was outside the bounds of the array.",
    )))
}

fn clr_outside() -> Raise {
    super::clr_exception(
        TypeId::ArgumentOutOfRangeException,
        "Index was out of range. Must be non-negative and less than the size of the collection. (Parameter 'index')",
    )
}
