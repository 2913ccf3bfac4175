//! `[Linq.Enumerable]`.

use crate::value::Value;
use crate::value::convert::elements_of;
use crate::value::error::Raise;
use crate::value::members::Call;
use crate::value::types::{TypeId, TypeRef};

pub(super) fn linq(lower: &str, call: &mut Call<'_>) -> Result<Option<Value>, Raise> {
    let first = elements_of(&call.value(0)).unwrap_or_default();
    let element = match call.value(0).base() {
        Value::Array(array) => array.element().clone(),
        Value::List(list) => list.element(),
        _ => TypeRef::of(TypeId::Object),
    };
    let same = crate::value::hashtable::same_key;
    let made = |items| Value::typed_array(element.clone(), items);
    Ok(Some(match lower {
        "distinct" => {
            let mut seen = indexmap::IndexSet::new();
            for item in first {
                seen.insert(crate::value::HashKey::new(item, false));
            }
            made(seen.iter().map(|key| key.value().clone()).collect())
        }
        "sequenceequal" => {
            let second = elements_of(&call.value(1)).unwrap_or_default();
            Value::Bool(
                first.len() == second.len()
                    && first.iter().zip(&second).all(|(a, b)| same(a, b, false)),
            )
        }
        "sum" => {
            let mut sum = Value::Int32(0);
            for item in &first {
                sum = crate::value::ops::add(&sum, item, call.cx)?;
            }
            sum
        }
        "count" => Value::Int32(i32::try_from(first.len()).unwrap_or(i32::MAX)),
        "any" => Value::Bool(!first.is_empty()),
        "first" | "firstordefault" => first.into_iter().next().unwrap_or_default(),
        "last" | "lastordefault" => first.into_iter().next_back().unwrap_or_default(),
        "reverse" => made(first.into_iter().rev().collect()),
        "take" => {
            let count = call.size(1, "count")?;
            made(first.into_iter().take(count).collect())
        }
        "skip" => {
            let count = call.size(1, "count")?;
            made(first.into_iter().skip(count).collect())
        }
        "toarray" | "tolist" => made(first),
        "range" => {
            let (start, count) = (call.int(0, "start")?, call.size(1, "count")?);
            call.cx.charge(count.saturating_mul(size_of::<Value>()))?;
            Value::typed_array(
                TypeRef::of(TypeId::Int32),
                (0..count)
                    .map(|at| {
                        Value::Int32(start.wrapping_add(i32::try_from(at).unwrap_or(i32::MAX)))
                    })
                    .collect(),
            )
        }
        "repeat" => {
            let count = call.size(1, "count")?;
            call.cx.charge(count.saturating_mul(size_of::<Value>()))?;
            Value::array(vec![call.value(0); count])
        }
        "union" | "intersect" | "except" => {
            let second = elements_of(&call.value(1)).unwrap_or_default();
            let key = |item: Value| crate::value::HashKey::new(item, false);
            let others: indexmap::IndexSet<_> = second.into_iter().map(key).collect();
            let mut own: indexmap::IndexSet<_> = first.into_iter().map(key).collect();
            match lower {
                "union" => own.extend(others),
                "intersect" => own.retain(|item| others.contains(item)),
                _ => own.retain(|item| !others.contains(item)),
            }
            made(own.iter().map(|key| key.value().clone()).collect())
        }
        _ => return Ok(None),
    }))
}
