//! Where values of scripts become values of the wire, and back.
//!
//! [`to_wire`] writes what PowerShell's serializer would: how deep an object is taken apart is given, and what lies deeper becomes text.
//! What comes back from the wire are property bags whose type names start with `Deserialized.`, as [`from_wire`] makes them.

use std::sync::Arc;

use psrp_codec::{ContainerKind, Content, Object, Property, PsString, TypeNames};

use crate::value::{
    Array, Context, DateTime, DateTimeKind, EnumValue, HashKind, Hashtable, List, ListKind, Member,
    Members, PsObj, Text, TimeSpan, TypeId, TypeRef, Value, Version, convert, members,
};

/// What PowerShell uses on the wire for output.
pub const WIRE_DEPTH: usize = 1;

/// How deep values may nest before they are taken for text, whatever is asked for: containers may hold themselves.
const DEEPEST: usize = 64;

/// A value as PowerShell's serializer writes it, taken apart `depth` levels deep.
#[must_use]
pub fn to_wire(value: &Value, depth: usize, cx: &mut dyn Context) -> psrp_codec::Value {
    convert_out(value, depth.min(DEEPEST), cx)
}

fn convert_out(value: &Value, depth: usize, cx: &mut dyn Context) -> psrp_codec::Value {
    use psrp_codec::Value as Wire;
    match value {
        Value::Null | Value::Nothing => Wire::Null,
        Value::Bool(it) => Wire::Bool(*it),
        Value::Byte(it) => Wire::Byte(*it),
        Value::SByte(it) => Wire::SByte(*it),
        Value::Int16(it) => Wire::Int16(*it),
        Value::UInt16(it) => Wire::UInt16(*it),
        Value::Int32(it) => Wire::Int32(*it),
        Value::UInt32(it) => Wire::UInt32(*it),
        Value::Int64(it) => Wire::Int64(*it),
        Value::UInt64(it) => Wire::UInt64(*it),
        Value::Single(it) => Wire::Single(*it),
        Value::Double(it) => Wire::Double(*it),
        Value::Decimal(it) => {
            psrp_codec::Decimal::parse(&it.to_string()).map_or(Wire::Null, Wire::Decimal)
        }
        Value::Char(it) => Wire::Char(*it),
        Value::String(it) => Wire::String(text(it)),
        Value::DateTime(it) => date(*it).map_or(Wire::Null, Wire::DateTime),
        Value::TimeSpan(it) => Wire::TimeSpan(psrp_codec::TimeSpan::from_ticks(it.ticks)),
        Value::Guid(it) => Wire::Guid(*it),
        Value::Version(it) => {
            psrp_codec::Version::parse(&it.to_string()).map_or(Wire::Null, Wire::Version)
        }
        Value::ScriptBlock(it) => Wire::ScriptBlock(PsString::from(it.text())),
        Value::Array(array) if array.element().is(TypeId::Byte) => {
            let bytes: Vec<u8> = array
                .read()
                .iter()
                .map(|item| {
                    if let Value::Byte(byte) = item {
                        *byte
                    } else {
                        0
                    }
                })
                .collect();
            Wire::Bytes(bytes.into())
        }
        Value::Object(object) if !object.is_custom() => wrapped(object, depth, cx),
        Value::Clr(object) if object.type_ref().is(TypeId::Uri) => Wire::Uri(text(&object.text())),
        _ if depth == 0 => Wire::String(shown(value, cx)),
        Value::Enum(it) => enumeration(it),
        Value::Array(array) => container(value, ContainerKind::List, array.snapshot(), depth, cx),
        Value::List(list) => container(value, ContainerKind::List, list.snapshot(), depth, cx),
        Value::Hash(table) => {
            let entries = table
                .entries()
                .iter()
                .map(|(key, item)| {
                    (
                        convert_out(key, depth - 1, cx),
                        convert_out(item, depth - 1, cx),
                    )
                })
                .collect();
            let mut object = Object::wrapping(Content::Dictionary(entries));
            object.type_names = names(value);
            object.extended = extended(value, depth, cx);
            Wire::Object(Box::new(object))
        }
        Value::BigInt(it) => {
            let mut object = Object::bag();
            object.type_names = names(value);
            object.to_string = Some(PsString::from(it.to_string()));
            let sign = it.sign();
            let magnitude = it.magnitude();
            let properties = [
                (
                    "IsPowerOfTwo",
                    Wire::Bool(sign == num_bigint::Sign::Plus && magnitude.count_ones() == 1),
                ),
                ("IsZero", Wire::Bool(sign == num_bigint::Sign::NoSign)),
                ("IsOne", Wire::Bool(it.to_string() == "1")),
                ("IsEven", Wire::Bool(!magnitude.bit(0))),
                (
                    "Sign",
                    Wire::Int32(match sign {
                        num_bigint::Sign::Minus => -1,
                        num_bigint::Sign::NoSign => 0,
                        num_bigint::Sign::Plus => 1,
                    }),
                ),
            ];
            object.adapted = Some(
                properties
                    .into_iter()
                    .map(|(name, value)| Property {
                        name: name.into(),
                        value,
                    })
                    .collect(),
            );
            object.extended = None;
            Wire::Object(Box::new(object))
        }
        Value::Type(_) => Wire::String(shown(value, cx)),
        Value::Object(_) => custom(value, depth, cx),
        Value::Clr(_) => clr(value, depth, cx),
    }
}

/// A primitive with members: `Obj` around it.
fn wrapped(object: &PsObj, depth: usize, cx: &mut dyn Context) -> psrp_codec::Value {
    let inner = convert_out(object.base(), depth, cx);
    let value = Value::Object(Arc::new(object.copy()));
    let notes = extended(&value, depth.max(1), cx);
    match inner {
        psrp_codec::Value::Object(mut inner) => {
            if notes.is_some() {
                inner.extended = notes;
            }
            psrp_codec::Value::Object(inner)
        }
        inner => {
            let mut outer = Object::wrapping(Content::Value(inner));
            outer.type_names = object
                .extended()
                .type_names()
                .map(|names| TypeNames::of(names.iter().map(|name| PsString::from(name.as_str()))));
            outer.extended = notes;
            psrp_codec::Value::Object(Box::new(outer))
        }
    }
}

fn enumeration(value: &EnumValue) -> psrp_codec::Value {
    let bits = match value.ty.enum_info().map(|info| info.underlying) {
        Some(TypeId::Byte) => u8::try_from(value.bits).map_or(
            psrp_codec::Value::Int64(value.bits),
            psrp_codec::Value::Byte,
        ),
        Some(TypeId::Int64) => psrp_codec::Value::Int64(value.bits),
        Some(TypeId::UInt32) => u32::try_from(value.bits).map_or(
            psrp_codec::Value::Int64(value.bits),
            psrp_codec::Value::UInt32,
        ),
        _ => i32::try_from(value.bits).map_or(
            psrp_codec::Value::Int64(value.bits),
            psrp_codec::Value::Int32,
        ),
    };
    let mut object = Object::wrapping(Content::Value(bits));
    object.type_names = Some(TypeNames::of([
        value.ty.full_name().as_str(),
        "System.Enum",
        "System.ValueType",
        "System.Object",
    ]));
    object.to_string = Some(PsString::from(value.text()));
    object.extended = None;
    psrp_codec::Value::Object(Box::new(object))
}

fn container(
    value: &Value,
    kind: ContainerKind,
    items: Vec<Value>,
    depth: usize,
    cx: &mut dyn Context,
) -> psrp_codec::Value {
    let items = items
        .iter()
        .map(|item| convert_out(item, depth - 1, cx))
        .collect();
    let mut object = Object::wrapping(Content::Items(kind, items));
    object.type_names = names(value);
    object.extended = extended(value, depth, cx);
    psrp_codec::Value::Object(Box::new(object))
}

fn custom(value: &Value, depth: usize, cx: &mut dyn Context) -> psrp_codec::Value {
    let mut object = Object::bag();
    object.type_names = names(value);
    let is_bag = matches!(value, Value::Object(object) if object.is_bag());
    if is_bag {
        object.extended = Some(extended(value, depth, cx).unwrap_or_default());
    } else {
        // The fields of an object of a script's class are properties of its type.
        object.extended = None;
        object.to_string = Some(shown(value, cx));
        object.adapted = Some(
            extended(value, depth, cx)
                .unwrap_or_default()
                .into_iter()
                .filter_map(|member| match member {
                    psrp_codec::Member::Property(property) => Some(property),
                    psrp_codec::Member::Set(..) => None,
                })
                .collect(),
        );
    }
    psrp_codec::Value::Object(Box::new(object))
}

fn clr(value: &Value, depth: usize, cx: &mut dyn Context) -> psrp_codec::Value {
    if let Some(items) = convert::elements_of(value) {
        return container(value, ContainerKind::Enumerable, items, depth, cx);
    }
    let mut object = Object::bag();
    object.type_names = names(value);
    object.to_string = Some(shown(value, cx));
    object.extended = extended(value, depth, cx);
    let mut properties = Vec::new();
    if let Value::Clr(clr) = value {
        for info in clr.properties() {
            if let Some(Ok(property)) = clr.property(info.name) {
                properties.push(Property {
                    name: PsString::from(info.name),
                    value: convert_out(&property, depth - 1, cx),
                });
            }
        }
    }
    object.adapted = (!properties.is_empty()).then_some(properties);
    psrp_codec::Value::Object(Box::new(object))
}

fn extended(value: &Value, depth: usize, cx: &mut dyn Context) -> Option<Vec<psrp_codec::Member>> {
    let own = value.extended()?;
    let list: Vec<(Text, Member)> = own
        .members()?
        .iter()
        .map(|(name, member)| (Text::from(name), member.clone()))
        .collect();
    let mut members_out = Vec::new();
    for (name, member) in list {
        let item = match member {
            Member::Note(item) => item,
            Member::Script {
                getter: Some(_), ..
            }
            | Member::Alias { .. } => members::get_property(value, &name, cx)
                .ok()
                .flatten()
                .unwrap_or_default(),
            _ => continue,
        };
        let item = convert_out(&item, depth.saturating_sub(1), cx);
        members_out.push(psrp_codec::Member::Property(Property {
            name: text(&name),
            value: item,
        }));
    }
    (!members_out.is_empty()).then_some(members_out)
}

/// The type names of a value, as `PSTypeNames` shows them.
fn names(value: &Value) -> Option<TypeNames> {
    if let Some(names) = value.extended().and_then(|extended| extended.type_names()) {
        return Some(TypeNames::of(
            names.iter().map(|name| PsString::from(name.as_str())),
        ));
    }
    let ty = value.type_ref()?;
    Some(TypeNames::of(
        ty.chain().map(|ty| PsString::from(ty.full_name().as_str())),
    ))
}

fn shown(value: &Value, cx: &mut dyn Context) -> PsString {
    text(&convert::to_text(value, cx).unwrap_or_default())
}

fn text(text: &Text) -> PsString {
    PsString::from(text.as_str())
}

fn date(value: DateTime) -> Option<psrp_codec::DateTime> {
    let kind = match value.kind {
        DateTimeKind::Unspecified => psrp_codec::DateTimeKind::Unspecified,
        DateTimeKind::Utc => psrp_codec::DateTimeKind::Utc,
        DateTimeKind::Local => {
            let minutes = value.local_offset().ticks / crate::value::TICKS_PER_MINUTE;
            psrp_codec::DateTimeKind::Local {
                offset_minutes: i16::try_from(minutes).ok()?,
            }
        }
    };
    psrp_codec::DateTime::new(value.ticks, kind)
}

/// A value from the wire: primitives as they are, containers as containers, everything else a bag of properties whose type names start with
/// `Deserialized.`.
#[must_use]
pub fn from_wire(value: &psrp_codec::Value) -> Value {
    convert_in(value, DEEPEST)
}

fn convert_in(value: &psrp_codec::Value, depth: usize) -> Value {
    use psrp_codec::Value as Wire;
    match value {
        Wire::String(it) | Wire::Uri(it) | Wire::Xml(it) | Wire::ScriptBlock(it) => {
            it.to_string_lossy().into_owned().into()
        }
        Wire::Char(it) => Value::Char(*it),
        Wire::Bool(it) => Value::Bool(*it),
        Wire::DateTime(it) => {
            let (ticks, kind) = match it.kind() {
                psrp_codec::DateTimeKind::Unspecified => (it.ticks(), DateTimeKind::Unspecified),
                psrp_codec::DateTimeKind::Utc => (it.ticks(), DateTimeKind::Utc),
                psrp_codec::DateTimeKind::Local { .. } => (it.ticks(), DateTimeKind::Local),
            };
            DateTime::from_ticks(ticks, kind).map_or(Value::Null, Value::DateTime)
        }
        Wire::TimeSpan(it) => Value::TimeSpan(TimeSpan { ticks: it.ticks() }),
        Wire::Byte(it) => Value::Byte(*it),
        Wire::SByte(it) => Value::SByte(*it),
        Wire::UInt16(it) => Value::UInt16(*it),
        Wire::Int16(it) => Value::Int16(*it),
        Wire::UInt32(it) => Value::UInt32(*it),
        Wire::Int32(it) => Value::Int32(*it),
        Wire::UInt64(it) => Value::UInt64(*it),
        Wire::Int64(it) => Value::Int64(*it),
        Wire::Single(it) => Value::Single(*it),
        Wire::Double(it) => Value::Double(*it),
        Wire::Decimal(it) => it.to_string().parse().map_or(Value::Null, Value::Decimal),
        Wire::Bytes(it) => Value::Array(Arc::new(Array::new(
            TypeRef::of(TypeId::Byte),
            it.iter().map(|byte| Value::Byte(*byte)).collect(),
        ))),
        Wire::Guid(it) => Value::Guid(*it),
        Wire::Version(it) => Version::parse(&it.to_string()).map_or(Value::Null, Value::Version),
        Wire::Object(it) if depth > 0 => object_in(it, depth),
        _ => Value::Null,
    }
}

fn object_in(object: &Object, depth: usize) -> Value {
    let mut members = Members::default();
    for (name, value) in object.properties() {
        members.set_note(
            name.to_string_lossy().as_ref(),
            convert_in(value, depth - 1),
        );
    }
    let base = match &object.content {
        Some(Content::Value(value)) => Some(convert_in(value, depth - 1)),
        Some(Content::Items(_, items)) => {
            let items = items
                .iter()
                .map(|item| convert_in(item, depth - 1))
                .collect();
            Some(if object.is("System.Array") {
                Value::array(items)
            } else {
                Value::List(Arc::new(List::new(ListKind::ArrayList, items)))
            })
        }
        Some(Content::Dictionary(entries)) => {
            let ordered = object.is("System.Collections.Specialized.OrderedDictionary");
            let table = Hashtable::of_kind(
                if ordered {
                    HashKind::Ordered
                } else {
                    HashKind::Hashtable
                },
                true,
            );
            for (key, value) in entries {
                let key = convert_in(key, depth - 1);
                if !key.is_null() {
                    table.insert(key, convert_in(value, depth - 1));
                }
            }
            Some(Value::Hash(Arc::new(table)))
        }
        None => None,
    };
    let own_names = object.type_names.as_ref().map(|names| {
        names
            .iter()
            .map(|name| {
                let name = name.to_string_lossy();
                if name.starts_with("Deserialized.")
                    || name == "System.Object"
                    || name.starts_with("System.Management.Automation.PSCustomObject")
                {
                    Text::from(&*name)
                } else {
                    format!("Deserialized.{name}").into()
                }
            })
            .collect::<Vec<Text>>()
    });
    match base {
        Some(base) if members.is_empty() => base,
        Some(base) => Value::Object(Arc::new(PsObj::wrapping(base, members))),
        None => {
            let bag = PsObj::custom(members);
            if let Some(names) = own_names
                && names
                    .first()
                    .is_some_and(|name| &**name != "System.Management.Automation.PSCustomObject")
            {
                bag.extended().set_type_names(names);
            }
            Value::Object(Arc::new(bag))
        }
    }
}
