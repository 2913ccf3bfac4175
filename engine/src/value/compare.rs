//! Equality and order.

use std::cmp::Ordering;

use super::Value;

/// The order that sorted collections keep their keys in: numbers by size, text without regard to case.
#[must_use]
pub fn natural_order(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::String(a), Value::String(b)) => super::fold::compare_folded(a, b),
        (Value::Int32(a), Value::Int32(b)) => a.cmp(b),
        (Value::Int64(a), Value::Int64(b)) => a.cmp(b),
        (Value::Double(a), Value::Double(b)) => a.total_cmp(b),
        _ => Ordering::Equal,
    }
}
