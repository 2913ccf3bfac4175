//! Methods of arrays, lists and dictionaries.

mod intrinsic;
mod list;
mod table;

use std::cmp::Ordering;
use std::sync::Arc;

use crate::value::clr_types::{Delegate, Enumerator};
use crate::value::context::Context;
use crate::value::convert;
use crate::value::error::Raise;
use crate::value::hashtable::same_key;
use crate::value::members::call::Call;
use crate::value::ops;
use crate::value::types::TypeId;
use crate::value::{Array, ScriptBlock, Value};
use intrinsic::{filter, for_each, items_or_self};

pub(super) use list::invoke_list;
pub use table::entries;
pub(super) use table::invoke_table;

/// What every collection can do in PowerShell: `.ForEach` and `.Where`. `None` if it is another method.
pub(super) fn invoke_intrinsic(
    target: &Value,
    call: &mut Call<'_>,
) -> Result<Option<Value>, Raise> {
    match call.name.to_ascii_lowercase().as_str() {
        "foreach" => for_each(target, call).map(Some),
        "where" => filter(target, call).map(Some),
        _ => Ok(None),
    }
}

/// The first position at or after `from` where `same_item` holds.
fn position(items: &[Value], wanted: &Value, from: usize) -> Option<usize> {
    let wanted = wanted.base();
    items
        .iter()
        .enumerate()
        .skip(from)
        .find(|(_, item)| same_key(item.base(), wanted, false))
        .map(|(index, _)| index)
}

fn int(position: Option<usize>) -> Value {
    Value::Int32(
        position
            .and_then(|position| i32::try_from(position).ok())
            .unwrap_or(-1),
    )
}

/// A script block or delegate given as a predicate.
fn callable(value: &Value) -> Option<Arc<ScriptBlock>> {
    match value.base() {
        Value::ScriptBlock(block) => Some(Arc::clone(block)),
        other => other
            .as_clr::<Delegate>()
            .map(|delegate| Arc::clone(delegate.block())),
    }
}

fn holds(block: &Arc<ScriptBlock>, item: &Value, cx: &mut dyn Context) -> Result<bool, Raise> {
    cx.checkpoint()?;
    Ok(convert::to_bool(&cx.call_block(
        block,
        std::slice::from_ref(item),
        Some(item),
        None,
    )?))
}

/// Sorts by the natural order, by a block of two arguments, or by a comparer.
pub(crate) fn sort(
    items: &mut [Value],
    by: Option<&Value>,
    cx: &mut dyn Context,
) -> Result<(), Raise> {
    let block = by.and_then(callable);
    let mut failure = None;
    // The sort cannot be left early, so after a failure it goes on with everything equal.
    items.sort_by(|a, b| {
        if failure.is_some() {
            return Ordering::Equal;
        }
        let result = match &block {
            Some(block) => cx
                .checkpoint()
                .and_then(|()| cx.call_block(block, &[a.clone(), b.clone()], None, None))
                .map(
                    |value| match convert::to_number(value.base(), TypeId::Double) {
                        Some(Some(Value::Double(number))) => {
                            number.partial_cmp(&0.0).unwrap_or(Ordering::Equal)
                        }
                        _ => Ordering::Equal,
                    },
                ),
            None => cx.checkpoint().and_then(|()| match (a.base(), b.base()) {
                (Value::String(a), Value::String(b)) => {
                    Ok(crate::value::collation::compare(a, b, false))
                }
                _ => ops::sort_order(a, b, false, cx),
            }),
        };
        result.unwrap_or_else(|error| {
            failure = Some(error);
            Ordering::Equal
        })
    });
    match failure {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

pub(super) fn invoke_array(
    this: &Value,
    array: &Arc<Array>,
    call: &mut Call<'_>,
) -> Result<Option<Value>, Raise> {
    Ok(Some(match call.name.to_ascii_lowercase().as_str() {
        "getvalue" | "get" => {
            let at = call.int(0, "index")?;
            match usize::try_from(at).ok().and_then(|at| array.get(at)) {
                Some(item) => item,
                None => {
                    return Err(call.throw(
                        TypeId::IndexOutOfRangeException,
                        "Index was outside the bounds of the array.",
                    ));
                }
            }
        }
        "setvalue" | "set" => {
            let (item, at) = if call.name.eq_ignore_ascii_case("set") {
                (1, 0)
            } else {
                (0, 1)
            };
            let at = call.int(at, "index")?;
            let element = array.element().clone();
            let value = call.converted(item, "value", &element)?;
            if !usize::try_from(at).is_ok_and(|at| array.set(at, value)) {
                return Err(call.throw(
                    TypeId::IndexOutOfRangeException,
                    "Index was outside the bounds of the array.",
                ));
            }
            Value::Nothing
        }
        "clone" => Value::typed_array(array.element().clone(), array.snapshot()),
        "contains" => Value::Bool(position(&array.read(), &call.value(0), 0).is_some()),
        "indexof" => int(position(&array.read(), &call.value(0), 0)),
        "copyto" => {
            let start = call.size(1, "index")?;
            if let Value::Array(other) = call.value(0).base() {
                for (index, item) in array.snapshot().into_iter().enumerate() {
                    if !other.set(start + index, item) {
                        return Err(call.throw(TypeId::ArgumentException, "Destination array was not long enough. Check the destination index, length, and the array's lower bounds. (Parameter 'destinationArray')"));
                    }
                }
            }
            Value::Nothing
        }
        "getlength" | "getlonglength" => int(Some(array.len())),
        "getlowerbound" => Value::Int32(0),
        "getupperbound" => Value::Int32(i32::try_from(array.len()).unwrap_or(i32::MAX) - 1),
        "getenumerator" => Value::clr(Enumerator::new(TypeId::ArrayEnumerator, array.snapshot())),
        "add" | "remove" | "removeat" | "insert" | "clear" => {
            return Err(call.throw(
                TypeId::NotSupportedException,
                "Collection was of a fixed size.",
            ));
        }
        "initialize" => this.clone(),
        _ => return Ok(None),
    }))
}

fn out_of_range(call: &Call<'_>) -> Raise {
    call.throw(TypeId::ArgumentOutOfRangeException, "Index was out of range. Must be non-negative and less than the size of the collection. (Parameter 'index')")
}
