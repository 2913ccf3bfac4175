//! `ForEach` and `Where`, which everything has.

use std::sync::Arc;

use crate::value::convert::{self, elements_of};
use crate::value::error::Raise;
use crate::value::members::call::Call;
use crate::value::types::{TypeId, TypeRef};
use crate::value::{List, ListKind, Value};

pub(super) fn items_or_self(target: &Value) -> Vec<Value> {
    elements_of(target).unwrap_or_else(|| {
        if target.is_null() {
            Vec::new()
        } else {
            vec![target.clone()]
        }
    })
}

pub(super) fn for_each(target: &Value, call: &mut Call<'_>) -> Result<Value, Raise> {
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
                    if crate::value::members::set_property(
                        &item,
                        &name,
                        &call.arguments[1],
                        call.cx,
                    )?
                    .is_some()
                    {
                        Value::Nothing
                    } else {
                        crate::value::members::invoke(&item, &name, &call.arguments[1..], call.cx)?
                    }
                } else {
                    match crate::value::members::get_property(&item, &name, call.cx)? {
                        Some(value) => value,
                        None => crate::value::members::invoke(&item, &name, &[], call.cx)?,
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

pub(super) fn filter(target: &Value, call: &mut Call<'_>) -> Result<Value, Raise> {
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
