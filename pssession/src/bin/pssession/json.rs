//! Values as JSON, as a program wants them: properties by name, lists as arrays, times in ISO form.

use psrp_codec::{Content, Object, PsString, Value};
use serde_json::{Map, Number, Value as Json};

/// How deep objects are followed; what lies deeper is its text, as ConvertTo-Json has it.
const DEPTH: usize = 64;

/// The value as JSON.
pub(crate) fn json(value: &Value) -> Json {
    convert(value, DEPTH)
}

fn convert(value: &Value, depth: usize) -> Json {
    let text = |text: &PsString| Json::String(text.to_string_lossy().into_owned());
    match value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Byte(value) => (*value).into(),
        Value::SByte(value) => (*value).into(),
        Value::Int16(value) => (*value).into(),
        Value::UInt16(value) => (*value).into(),
        Value::Int32(value) => (*value).into(),
        Value::UInt32(value) => (*value).into(),
        Value::Int64(value) => (*value).into(),
        Value::UInt64(value) => (*value).into(),
        Value::Single(value) => number(f64::from(*value)),
        Value::Double(value) => number(*value),
        Value::String(value)
        | Value::Uri(value)
        | Value::Xml(value)
        | Value::ScriptBlock(value) => text(value),
        Value::Bytes(bytes) => bytes.iter().copied().map(Json::from).collect(),
        Value::Object(object) => convert_object(object, depth),
        // A secret is not for a file that a program writes.
        Value::SecureString(_) => Json::Null,
        other => Json::String(super::print::text_of(other)),
    }
}

/// JSON has no names for what is not a finite number.
fn number(value: f64) -> Json {
    Number::from_f64(value).map_or_else(|| Json::String(value.to_string()), Json::Number)
}

fn convert_object(object: &Object, depth: usize) -> Json {
    let Some(depth) = depth.checked_sub(1) else {
        return object.to_string.as_ref().map_or(Json::Null, |text| {
            Json::String(text.to_string_lossy().into_owned())
        });
    };
    match &object.content {
        Some(Content::Items(_, items)) => {
            return items.iter().map(|item| convert(item, depth)).collect();
        }
        Some(Content::Dictionary(entries)) => {
            let entry =
                |(key, value): &(Value, Value)| (super::print::text_of(key), convert(value, depth));
            return Json::Object(entries.iter().map(entry).collect());
        }
        // An enum or a number with notes: the number is what a program wants.
        Some(Content::Value(value)) => return convert(value, depth),
        None => {}
    }
    let properties: Map<String, Json> = object
        .properties()
        .map(|(name, value)| (name.to_string_lossy().into_owned(), convert(value, depth)))
        .collect();
    match (&object.to_string, properties.is_empty()) {
        (Some(text), true) => Json::String(text.to_string_lossy().into_owned()),
        _ => Json::Object(properties),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_lists_and_numbers_become_what_a_program_expects() {
        let object = Object::custom()
            .property("Name", "a")
            .property("Count", 3)
            .property("Ratio", f64::NAN)
            .property("Tags", Value::list([Value::from("x"), Value::Null]));
        let json = json(&Value::from(object)).to_string();
        assert_eq!(
            json,
            r#"{"Count":3,"Name":"a","Ratio":"NaN","Tags":["x",null]}"#
        );
    }
}
