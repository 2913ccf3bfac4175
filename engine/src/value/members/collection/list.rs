//! The methods of lists.

use std::cmp::Ordering;
use std::sync::Arc;

use super::{callable, holds, int, items_or_self, out_of_range, position, sort};
use crate::value::clr_types::{Delegate, Enumerator};
use crate::value::context::Context;
use crate::value::convert::{self, elements_of};
use crate::value::error::Raise;
use crate::value::hashtable::same_key;
use crate::value::members::call::Call;
use crate::value::ops;
use crate::value::types::{TypeId, TypeRef};
use crate::value::{List, ListKind, ScriptBlock, Value};

pub(in crate::value::members) fn invoke_list(
    list: &Arc<List>,
    call: &mut Call<'_>,
) -> Result<Option<Value>, Raise> {
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

pub(super) fn predicate(
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
