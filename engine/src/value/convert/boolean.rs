//! What counts as true.

use crate::value::Value;
use crate::value::clr_types::SwitchParameter;

use super::collection::elements_of;

/// Whether a value is true: not null, not zero, not empty; an array of one item is what the item is.
#[must_use]
pub fn to_bool(value: &Value) -> bool {
    match value {
        Value::Null | Value::Nothing => false,
        Value::Bool(truth) => *truth,
        Value::String(text) => !text.is_empty(),
        Value::Byte(n) => *n != 0,
        Value::SByte(n) => *n != 0,
        Value::Int16(n) => *n != 0,
        Value::UInt16(n) | Value::Char(n) => *n != 0,
        Value::Int32(n) => *n != 0,
        Value::UInt32(n) => *n != 0,
        Value::Int64(n) => *n != 0,
        Value::UInt64(n) => *n != 0,
        Value::Single(n) => *n != 0.0,
        Value::Double(n) => *n != 0.0,
        Value::Decimal(n) => !n.is_zero(),
        Value::BigInt(n) => n.sign() != num_bigint::Sign::NoSign,
        Value::Enum(number) => number.bits != 0,
        Value::Array(_) | Value::List(_) => {
            // One inside the other without end would be a loop; what is nested that deep is something.
            let mut current = value.clone();
            for _ in 0..64 {
                let Some(items) = elements_of(&current) else {
                    return to_bool(&current);
                };
                match items.as_slice() {
                    [] => return false,
                    // An item that is itself a collection of one counts as something.
                    [one] if elements_of(one).is_some_and(|inner| !inner.is_empty()) => {
                        current = one.clone()
                    }
                    [one] => return to_bool(one),
                    _ => return true,
                }
            }
            true
        }
        Value::Object(object) if !object.is_custom() => to_bool(object.base()),
        Value::Clr(object) => object
            .downcast::<SwitchParameter>()
            .is_none_or(|switch| switch.0),
        _ => true,
    }
}
