//! Dropping deep containers without recursion.
//!
//! A million arrays, each in the next, would overflow the stack if every drop dropped its items in turn.

use std::sync::Arc;

use super::Value;

/// Drops `items`, and whatever they are the last owners of, with a list of its own instead of the call stack.
pub(super) fn bury(items: Vec<Value>) {
    if !items.iter().any(is_container) {
        return;
    }
    let mut pending = items;
    while let Some(value) = pending.pop() {
        match value {
            Value::Array(array) => {
                if let Some(mut array) = Arc::into_inner(array) {
                    pending.append(&mut array.take_items());
                }
            }
            Value::List(list) => {
                if let Some(mut list) = Arc::into_inner(list) {
                    pending.append(&mut list.take_items());
                }
            }
            Value::Hash(table) => {
                if let Some(mut table) = Arc::into_inner(table) {
                    pending.append(&mut table.take_items());
                }
            }
            Value::Object(object) => {
                if let Some(mut object) = Arc::into_inner(object) {
                    pending.append(&mut object.take_items());
                }
            }
            Value::Clr(mut object) => {
                if let Some(object) = Arc::get_mut(&mut object) {
                    object.surrender(&mut pending);
                }
            }
            _ => {}
        }
    }
}

fn is_container(value: &Value) -> bool {
    matches!(
        value,
        Value::Array(_) | Value::List(_) | Value::Hash(_) | Value::Object(_) | Value::Clr(_)
    )
}

#[cfg(test)]
mod tests {
    use super::super::{Hashtable, Members, PsObj};
    use super::*;

    #[test]
    fn a_million_containers_in_each_other_are_dropped() {
        let mut value = Value::Null;
        for depth in 0..1_000_000 {
            value = match depth % 4 {
                0 => Value::array(vec![value]),
                1 => Value::array_list(vec![value]),
                2 => {
                    let table = Hashtable::new();
                    table.insert("next".into(), value);
                    Value::Hash(Arc::new(table))
                }
                _ => {
                    let mut members = Members::default();
                    members.set_note("next", value);
                    Value::Object(Arc::new(PsObj::custom(members)))
                }
            };
        }
        drop(value);
    }
}
