//! From the wire to the engine.

use std::sync::Arc;

use psrp_codec as wire;
use wire::{ContainerKind, Content, Member as WireMember, Object};

use super::deserialized::Deserialized;
use super::scalar::{date_from_wire, decimal_from_wire, text_from_wire, version_from_wire};
use crate::value::{Hashtable, Member, Members, PsObj, Text, TimeSpan, TypeRef, Value};

/// What the names of types get in front that are only remembered.
const PREFIX: &str = "Deserialized.";

/// The value as PowerShell reads it. References to objects that are being read are null: the tree has no cycles left.
#[must_use]
pub fn from_wire(value: &wire::Value) -> Value {
    use wire::Value as W;
    match value {
        W::Null | W::Reference(_) => Value::Null,
        W::Bool(value) => Value::Bool(*value),
        W::Char(unit) => Value::Char(*unit),
        W::Byte(value) => Value::Byte(*value),
        W::SByte(value) => Value::SByte(*value),
        W::Int16(value) => Value::Int16(*value),
        W::UInt16(value) => Value::UInt16(*value),
        W::Int32(value) => Value::Int32(*value),
        W::UInt32(value) => Value::UInt32(*value),
        W::Int64(value) => Value::Int64(*value),
        W::UInt64(value) => Value::UInt64(*value),
        W::Single(value) => Value::Single(*value),
        W::Double(value) => Value::Double(*value),
        W::Decimal(value) => decimal_from_wire(*value).map_or(Value::Null, Value::Decimal),
        W::DateTime(value) => date_from_wire(*value).map_or(Value::Null, Value::DateTime),
        W::TimeSpan(value) => Value::TimeSpan(TimeSpan {
            ticks: value.ticks(),
        }),
        W::Guid(value) => Value::Guid(*value),
        W::Version(value) => Value::Version(version_from_wire(*value)),
        // PowerShell gives a script block that arrives as its text.
        W::String(text) | W::Uri(text) | W::Xml(text) | W::ScriptBlock(text) => {
            Value::String(text_from_wire(text))
        }
        W::Bytes(bytes) => {
            let items = bytes.iter().map(|byte| Value::Byte(*byte)).collect();
            TypeRef::find("System.Byte").map_or_else(
                || Value::array(Vec::new()),
                |byte| Value::typed_array(byte, items),
            )
        }
        W::Object(object) => from_object(object),
        // What only a session with its key could read stays closed.
        other => Value::String(Text::from(format!("<{}>", other.tag()))),
    }
}

fn from_object(object: &Object) -> Value {
    let notes = || members_of(object);
    let names = object
        .type_names
        .as_ref()
        .map(|names| names.iter().map(text_from_wire).collect::<Vec<Text>>());
    match &object.content {
        Some(Content::Items(kind, items)) => {
            let mut items: Vec<Value> = items.iter().map(from_wire).collect();
            if *kind == ContainerKind::Stack {
                items.reverse();
            }
            let list = Value::array_list(items);
            adorn(list, notes(), deserialized_names(names))
        }
        Some(Content::Dictionary(entries)) => {
            let is_ordered = names
                .as_ref()
                .and_then(|names| names.first())
                .is_some_and(|name| {
                    name.as_str().trim_start_matches(PREFIX)
                        == "System.Collections.Specialized.OrderedDictionary"
                });
            let table = if is_ordered {
                Hashtable::ordered()
            } else {
                Hashtable::new()
            };
            for (key, value) in entries {
                table.insert(from_wire(key), from_wire(value));
            }
            adorn(
                Value::Hash(Arc::new(table)),
                notes(),
                deserialized_names(names),
            )
        }
        Some(Content::Value(inner)) => from_wrapped(object, inner, names),
        None => {
            let members = notes();
            let names = deserialized_names(names);
            let value = match &object.to_string {
                Some(text) => {
                    let base = Value::clr(Deserialized::new(text_from_wire(text)));
                    Value::Object(Arc::new(PsObj::wrapping(base, members)))
                }
                None => Value::Object(Arc::new(PsObj::custom(members))),
            };
            if let (Some(names), Some(extended)) = (names, value.extended()) {
                extended.set_type_names(names);
            }
            value
        }
    }
}

/// An enumeration, or a primitive with members beside it.
fn from_wrapped(object: &Object, inner: &wire::Value, names: Option<Vec<Text>>) -> Value {
    let value = from_wire(inner);
    let is_enum = names.as_ref().is_some_and(|names| {
        names
            .iter()
            .any(|name| name.as_str().ends_with("System.Enum"))
    });
    if is_enum
        && let (Some(first), Some(bits)) = (
            names.as_ref().and_then(|names| names.first()),
            inner.as_i64(),
        )
    {
        let full_name = first.as_str().trim_start_matches(PREFIX);
        if let Some(known) = Value::enumeration(full_name, bits) {
            return known;
        }
        if let Some(text) = &object.to_string {
            let base = Value::clr(Deserialized::new(text_from_wire(text)));
            return adorn(base, members_of(object), deserialized_names(names));
        }
    }
    adorn(
        value,
        members_of(object),
        names.filter(|names| !names.is_empty()),
    )
}

/// The value with these members and type names, where it has any.
fn adorn(value: Value, members: Members, names: Option<Vec<Text>>) -> Value {
    if members.is_empty() && names.is_none() {
        return value;
    }
    let value = match value.extended() {
        Some(extended) => {
            let mut room = extended.members_mut();
            for (name, member) in members.iter() {
                room.insert(name.clone(), member.clone());
            }
            drop(room);
            value
        }
        None => Value::Object(Arc::new(PsObj::wrapping(value, members))),
    };
    if let (Some(names), Some(extended)) = (names, value.extended()) {
        extended.set_type_names(names);
    }
    value
}

/// All properties as notes: of the type first, of scripts then, which hide those of the same name.
fn members_of(object: &Object) -> Members {
    let mut members = Members::default();
    for property in object.adapted.iter().flatten() {
        members.set_note(
            text_from_wire(&property.name).to_name(),
            from_wire(&property.value),
        );
    }
    for member in object.extended.iter().flatten() {
        match member {
            WireMember::Property(property) => {
                members.set_note(
                    text_from_wire(&property.name).to_name(),
                    from_wire(&property.value),
                );
            }
            WireMember::Set(name, inner) => {
                let mut set = Members::default();
                for member in inner {
                    if let WireMember::Property(property) = member {
                        set.set_note(
                            text_from_wire(&property.name).to_name(),
                            from_wire(&property.value),
                        );
                    }
                }
                members.insert(
                    text_from_wire(name).to_name(),
                    Member::MemberSet(Box::new(set)),
                );
            }
        }
    }
    members
}

/// The names as PowerShell remembers them; an object that came without names keeps its own.
fn deserialized_names(names: Option<Vec<Text>>) -> Option<Vec<Text>> {
    let names = names.filter(|names| !names.is_empty())?;
    let prefixed = names.into_iter().map(|name| {
        if name.as_str().starts_with(PREFIX) {
            name
        } else {
            Text::from(format!("{PREFIX}{name}"))
        }
    });
    Some(prefixed.collect())
}
