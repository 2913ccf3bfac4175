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
        Value::Array(_) | Value::List(_) => match elements_of(value).unwrap_or_default().as_slice()
        {
            [] => false,
            // One item counts for what it is, and if it is itself a collection, for having items.
            [one] => match elements_of(one) {
                Some(inner) => !inner.is_empty(),
                None => to_bool(one),
            },
            _ => true,
        },
        Value::Object(object) if !object.is_custom() => to_bool(object.base()),
        Value::Clr(object) => object
            .downcast::<SwitchParameter>()
            .is_none_or(|switch| switch.0),
        _ => true,
    }
}
