//! Methods of arrays, lists and dictionaries.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::value::clr_types::{Delegate, DictionaryEntry, Enumerator};
use crate::value::context::Context;
use crate::value::convert::{self, elements_of};
use crate::value::error::Raise;
use crate::value::hashtable::same_key;
use crate::value::ops;
use crate::value::types::{TypeId, TypeRef};
use crate::value::{Array, HashKind, Hashtable, List, ListKind, ScriptBlock, Value};

use super::call::Call;

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

fn items_or_self(target: &Value) -> Vec<Value> {
    elements_of(target).unwrap_or_else(|| {
        if target.is_null() {
            Vec::new()
        } else {
            vec![target.clone()]
        }
    })
}

fn for_each(target: &Value, call: &mut Call<'_>) -> Result<Value, Raise> {
    let action = call.value(0);
    let mut results = Vec::new();
    for item in items_or_self(target) {
        call.cx.checkpoint()?;
        let result = match action.base() {
            Value::ScriptBlock(block) => {
                call.cx
                    .call_block(block, &call.arguments[1..], Some(&item), None)?
            }
            Value::Type(ty) => convert::to(&item, ty, call.cx)?,
            other => {
                let name = convert::to_text(other, call.cx)?;
                if call.count() > 1 {
                    if super::set_property(&item, &name, &call.arguments[1], call.cx)?.is_some() {
                        Value::Nothing
                    } else {
                        super::invoke(&item, &name, &call.arguments[1..], call.cx)?
                    }
                } else {
                    match super::get_property(&item, &name, call.cx)? {
                        Some(value) => value,
                        None => super::invoke(&item, &name, &[], call.cx)?,
                    }
                }
            }
        };
        match elements_of(&result) {
            Some(several) => results.extend(several),
            None if matches!(result, Value::Nothing) => {}
            None => results.push(result),
        }
    }
    Ok(Value::List(Arc::new(List::new(
        ListKind::Collection(TypeRef::of(TypeId::PSObject)),
        results,
    ))))
}

fn filter(target: &Value, call: &mut Call<'_>) -> Result<Value, Raise> {
    call.expect(1, 3)?;
    let condition = call.value(0);
    let Value::ScriptBlock(block) = condition.base() else {
        return Err(call.no_overload());
    };
    let mode = if call.count() > 1 {
        call.text(1)?.to_ascii_lowercase()
    } else {
        "default".to_owned()
    };
    let limit = if call.count() > 2 {
        call.size(2, "numberToReturn")?
    } else {
        0
    };
    let limit = if limit == 0 { usize::MAX } else { limit };
    let (mut kept, mut others) = (Vec::new(), Vec::new());
    let mut reached = false;
    for item in items_or_self(target) {
        call.cx.checkpoint()?;
        let enough = kept.len() >= limit;
        if (mode == "first" && !kept.is_empty() && limit == usize::MAX)
            || (enough && !matches!(mode.as_str(), "split" | "last"))
        {
            break;
        }
        let holds = match mode.as_str() {
            "skipuntil" | "until" if reached => true,
            _ => convert::to_bool(&call.cx.call_block(block, &[], Some(&item), None)?),
        };
        match mode.as_str() {
            "skipuntil" => {
                reached |= holds;
                if reached {
                    kept.push(item);
                }
            }
            "until" => {
                if holds {
                    break;
                }
                kept.push(item);
            }
            "split" => {
                if holds && !enough {
                    kept.push(item)
                } else {
                    others.push(item)
                }
            }
            _ if holds => kept.push(item),
            _ => {}
        }
    }
    if mode == "last" {
        let count = if limit == usize::MAX { 1 } else { limit };
        kept.drain(..kept.len().saturating_sub(count));
    }
    let collection = |items| {
        Value::List(Arc::new(List::new(
            ListKind::Collection(TypeRef::of(TypeId::PSObject)),
            items,
        )))
    };
    if mode == "split" {
        Ok(Value::array(vec![collection(kept), collection(others)]))
    } else {
        Ok(collection(kept))
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

pub(super) fn invoke_list(list: &Arc<List>, call: &mut Call<'_>) -> Result<Option<Value>, Raise> {
    let element = list.element();
    let is_array_list = matches!(list.kind(), ListKind::ArrayList);
    let made = |items: Vec<Value>| Value::List(Arc::new(List::new(list.kind().clone(), items)));
    Ok(Some(match call.name.to_ascii_lowercase().as_str() {
        "add" => {
            call.expect(1, 1)?;
            let item = call.converted(0, if is_array_list { "value" } else { "item" }, &element)?;
            call.cx.charge(size_of::<Value>())?;
            let mut items = list.write();
            items.push(item);
            if is_array_list {
                int(Some(items.len() - 1))
            } else {
                Value::Nothing
            }
        }
        "addrange" => {
            let more = items_or_self(&call.value(0));
            call.cx.charge(more.len() * size_of::<Value>())?;
            let more = more
                .iter()
                .map(|item| convert::to(item, &element, call.cx))
                .collect::<Result<Vec<_>, _>>()?;
            list.write().extend(more);
            Value::Nothing
        }
        "insert" | "insertrange" => {
            let at = call.int(0, "index")?;
            let more = if call.name.eq_ignore_ascii_case("insert") {
                vec![call.value(1)]
            } else {
                items_or_self(&call.value(1))
            };
            let more = more
                .iter()
                .map(|item| convert::to(item, &element, call.cx))
                .collect::<Result<Vec<_>, _>>()?;
            call.cx.charge(more.len() * size_of::<Value>())?;
            let length = list.len();
            let Some(at) = usize::try_from(at).ok().filter(|at| *at <= length) else {
                return Err(call.throw(
                    TypeId::ArgumentOutOfRangeException,
                    "Index must be within the bounds of the List. (Parameter 'index')",
                ));
            };
            list.write().splice(at..at, more);
            Value::Nothing
        }
        "remove" => {
            let wanted = call.converted(0, "item", &element)?;
            let at = position(&list.read(), &wanted, 0);
            let removed = at.map(|at| list.write().remove(at));
            let found = removed.is_some();
            drop(removed);
            if is_array_list {
                Value::Nothing
            } else {
                Value::Bool(found)
            }
        }
        "removeat" => {
            let at = call.int(0, "index")?;
            let length = list.len();
            let Some(at) = usize::try_from(at).ok().filter(|at| *at < length) else {
                return Err(out_of_range(call));
            };
            let removed = list.write().remove(at);
            drop(removed);
            Value::Nothing
        }
        "removerange" => {
            let (at, count) = (call.size(0, "index")?, call.size(1, "count")?);
            if at.checked_add(count).is_none_or(|end| end > list.len()) {
                return Err(call.throw(TypeId::ArgumentException, "Offset and length were out of bounds for the array or count is greater than the number of elements from index to the end of the source collection."));
            }
            let removed: Vec<_> = list.write().drain(at..at + count).collect();
            drop(removed);
            Value::Nothing
        }
        "removeall" => {
            let Some(block) = callable(&call.value(0)) else {
                return Err(call.no_overload());
            };
            let mut kept = Vec::new();
            let all = list.snapshot();
            let before = all.len();
            for item in all {
                if !holds(&block, &item, call.cx)? {
                    kept.push(item);
                }
            }
            let removed = before - kept.len();
            let old = std::mem::replace(&mut *list.write(), kept);
            drop(old);
            int(Some(removed))
        }
        "clear" => {
            let old = std::mem::take(&mut *list.write());
            drop(old);
            Value::Nothing
        }
        "contains" => {
            let wanted = call.value(0);
            let wanted = convert::to(&wanted, &element, call.cx).unwrap_or(wanted);
            Value::Bool(position(&list.read(), &wanted, 0).is_some())
        }
        "indexof" => {
            let wanted = call.value(0);
            let wanted = convert::to(&wanted, &element, call.cx).unwrap_or(wanted);
            let from = if call.count() > 1 {
                call.size(1, "index")?
            } else {
                0
            };
            int(position(&list.read(), &wanted, from))
        }
        "lastindexof" => {
            let wanted = call.converted(0, "item", &element)?;
            let items = list.read();
            int(items
                .iter()
                .rposition(|item| same_key(item.base(), wanted.base(), false)))
        }
        "sort" => {
            let by = call.arguments.first().cloned();
            let mut items = list.snapshot();
            sort(&mut items, by.as_ref(), call.cx)?;
            *list.write() = items;
            Value::Nothing
        }
        "reverse" => {
            list.write().reverse();
            Value::Nothing
        }
        "toarray" => Value::typed_array(element, list.snapshot()),
        "clone" => made(list.snapshot()),
        "getrange" | "slice" => {
            let (at, count) = (call.size(0, "index")?, call.size(1, "count")?);
            match list.read().get(at..at.saturating_add(count)) {
                Some(part) => made(part.to_vec()),
                None => {
                    return Err(call.throw(TypeId::ArgumentException, "Offset and length were out of bounds for the array or count is greater than the number of elements from index to the end of the source collection."));
                }
            }
        }
        "copyto" => {
            if let Value::Array(other) = call.value(0).base() {
                let start = if call.count() > 1 {
                    call.size(1, "arrayIndex")?
                } else {
                    0
                };
                for (index, item) in list.snapshot().into_iter().enumerate() {
                    other.set(start + index, item);
                }
            }
            Value::Nothing
        }
        name @ ("exists" | "find" | "findall" | "findindex" | "findlast" | "findlastindex"
        | "trueforall" | "foreach") => {
            let Some(block) = callable(&call.value(0)) else {
                return Ok(None);
            };
            return predicate(list, name, &block, call.cx).map(Some);
        }
        "convertall" => {
            let converter = call.value(0);
            let mut converted = Vec::new();
            let delegate = converter.as_clr::<Delegate>();
            for item in list.snapshot() {
                converted.push(match (delegate, callable(&converter)) {
                    (Some(delegate), _) => delegate.call(&[item], call.cx)?,
                    (None, Some(block)) => call.cx.call_block(
                        &block,
                        std::slice::from_ref(&item),
                        Some(&item),
                        None,
                    )?,
                    (None, None) => return Err(call.no_overload()),
                });
            }
            let element = delegate
                .and_then(|delegate| {
                    crate::value::ClrLike::type_ref(delegate)
                        .arguments()
                        .last()
                        .cloned()
                })
                .unwrap_or_else(|| TypeRef::of(TypeId::Object));
            Value::List(Arc::new(List::new(ListKind::Generic(element), converted)))
        }
        "binarysearch" => {
            let wanted = call.value(0);
            let items = list.snapshot();
            let mut low = 0;
            let mut high = items.len();
            while low < high {
                let middle = (low + high) / 2;
                match ops::sort_order(&items[middle], &wanted, false, call.cx)? {
                    Ordering::Equal => return Ok(Some(int(Some(middle)))),
                    Ordering::Less => low = middle + 1,
                    Ordering::Greater => high = middle,
                }
            }
            Value::Int32(!i32::try_from(low).unwrap_or(i32::MAX))
        }
        "ensurecapacity" | "trimexcess" | "trimtosize" => int(Some(list.len())),
        "asreadonly" => made(list.snapshot()),
        "getenumerator" => Value::clr(Enumerator::new(
            TypeId::ArrayListEnumerator,
            list.snapshot(),
        )),
        "item" | "get_item" => {
            let at = call.int(0, "index")?;
            match usize::try_from(at).ok().and_then(|at| list.get(at)) {
                Some(item) => item,
                None => return Err(out_of_range(call)),
            }
        }
        _ => return Ok(None),
    }))
}

fn predicate(
    list: &List,
    name: &str,
    block: &Arc<ScriptBlock>,
    cx: &mut dyn Context,
) -> Result<Value, Raise> {
    let items = list.snapshot();
    if name == "foreach" {
        // PowerShell's own ForEach hides that of the list.
        let mut results = Vec::new();
        for item in &items {
            cx.checkpoint()?;
            let result = cx.call_block(block, std::slice::from_ref(item), Some(item), None)?;
            match elements_of(&result) {
                Some(several) => results.extend(several),
                None if matches!(result, Value::Nothing) => {}
                None => results.push(result),
            }
        }
        return Ok(Value::Nothing);
    }
    let mut found = Vec::new();
    let mut positions = Vec::new();
    for (index, item) in items.iter().enumerate() {
        if holds(block, item, cx)? {
            found.push(item.clone());
            positions.push(index);
            if matches!(name, "exists" | "find" | "findindex") {
                break;
            }
        } else if name == "trueforall" {
            return Ok(Value::Bool(false));
        }
    }
    let default = || {
        convert::to(&Value::Null, &list.element(), &mut crate::value::Detached).unwrap_or_default()
    };
    Ok(match name {
        "exists" => Value::Bool(!found.is_empty()),
        "find" => found.into_iter().next().unwrap_or_else(default),
        "findlast" => found.pop().unwrap_or_else(default),
        "findindex" => int(positions.first().copied()),
        "findlastindex" => int(positions.last().copied()),
        "trueforall" => Value::Bool(true),
        _ => Value::List(Arc::new(List::new(list.kind().clone(), found))),
    })
}

pub(super) fn invoke_table(
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
            super::call::set_reference(&out, &value, call.cx)?;
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

fn own_key(table: &Hashtable, key: &Value) -> crate::value::Text {
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
