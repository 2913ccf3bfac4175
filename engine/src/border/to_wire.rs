//! From the engine to the wire.

use psrp_codec as wire;
use wire::{ContainerKind, Content, Object, PsString, TypeNames};

use super::deserialized::Deserialized;
use super::record::error_record_to_wire;
use super::scalar::{date_to_wire, decimal_to_wire, span_to_wire, text_to_wire, version_to_wire};
use crate::value::{
    Context, ErrorRecord, Exception, Extended, HashKind, Hashtable, Member, PsObj, Text, TypeId,
    TypeRef, Value, convert, members,
};

/// How deep PowerShell goes into objects that it sends: their properties, and of these only the text.
pub const REMOTING_DEPTH: usize = 1;

/// The deepest nesting of elements that a PowerShell reader takes.
const NESTING: usize = 48;

/// The value as the remoting serializer writes it. `depth` counts the levels of properties of .NET objects; members that a
/// script added and items of containers do not count.
///
/// Script properties are run in `cx`; one that fails is left out.
pub fn to_wire(value: &Value, depth: usize, cx: &mut dyn Context) -> wire::Value {
    Writer { cx }.value(value, depth, NESTING)
}

struct Writer<'c> {
    cx: &'c mut dyn Context,
}

impl Writer<'_> {
    fn value(&mut self, value: &Value, depth: usize, nesting: usize) -> wire::Value {
        let Some(nesting) = nesting.checked_sub(1) else {
            return wire::Value::from("Serialized XML is nested too deeply.");
        };
        if let Some(primitive) = self.primitive(value) {
            return primitive;
        }
        match value {
            Value::Enum(number) if depth == 0 => wire::Value::from(number.text()),
            Value::Enum(number) => wire::Value::from(
                Object::wrapping(Content::Value(enum_number(
                    number.ty.enum_info().map(|info| info.underlying),
                    number.bits,
                )))
                .typed(self.type_names(value))
                .text(number.text()),
            ),
            Value::Array(array) if array.element().is(TypeId::Byte) => {
                let bytes: Vec<u8> = array
                    .snapshot()
                    .iter()
                    .map(|item| {
                        if let Value::Byte(byte) = item {
                            *byte
                        } else {
                            0
                        }
                    })
                    .collect();
                self.with_notes(
                    wire::Value::Bytes(bytes.into()),
                    Some(array.extended()),
                    depth,
                    nesting,
                )
            }
            Value::Array(array) => self.items(
                value,
                &array.snapshot(),
                ContainerKind::List,
                array.extended(),
                depth,
                nesting,
            ),
            Value::List(list) => self.items(
                value,
                &list.snapshot(),
                ContainerKind::List,
                list.extended(),
                depth,
                nesting,
            ),
            Value::Hash(table) => self.dictionary(value, table, depth, nesting),
            Value::Object(object) if object.is_bag() => self.bag(value, object, depth, nesting),
            Value::Object(object) if object.class().is_none() => {
                self.wrapper(value, object, depth, nesting)
            }
            _ => self.object(value, depth, nesting),
        }
    }

    /// What is one element by itself.
    fn primitive(&mut self, value: &Value) -> Option<wire::Value> {
        Some(match value {
            Value::Null | Value::Nothing => wire::Value::Null,
            Value::Bool(value) => wire::Value::Bool(*value),
            Value::Byte(value) => wire::Value::Byte(*value),
            Value::SByte(value) => wire::Value::SByte(*value),
            Value::Int16(value) => wire::Value::Int16(*value),
            Value::UInt16(value) => wire::Value::UInt16(*value),
            Value::Int32(value) => wire::Value::Int32(*value),
            Value::UInt32(value) => wire::Value::UInt32(*value),
            Value::Int64(value) => wire::Value::Int64(*value),
            Value::UInt64(value) => wire::Value::UInt64(*value),
            Value::Single(value) => wire::Value::Single(*value),
            Value::Double(value) => wire::Value::Double(*value),
            Value::Decimal(value) => decimal_to_wire(*value),
            Value::Char(unit) => wire::Value::Char(*unit),
            Value::String(text) => wire::Value::String(text_to_wire(text)),
            Value::DateTime(date) => date_to_wire(*date),
            Value::TimeSpan(span) => span_to_wire(*span),
            Value::Guid(guid) => wire::Value::Guid(*guid),
            Value::Version(version) => version_to_wire(*version),
            Value::ScriptBlock(block) if block.extended().is_empty() => {
                wire::Value::ScriptBlock(PsString::from(block.text()))
            }
            Value::Clr(object) if value.type_name().as_str() == "System.Uri" => {
                wire::Value::Uri(text_to_wire(&object.text()))
            }
            _ => return None,
        })
    }

    fn items(
        &mut self,
        value: &Value,
        items: &[Value],
        kind: ContainerKind,
        extended: &Extended,
        depth: usize,
        nesting: usize,
    ) -> wire::Value {
        let items = items
            .iter()
            .map(|item| self.value(item, depth, nesting))
            .collect();
        let object = Object::wrapping(Content::Items(kind, items)).typed(self.type_names(value));
        wire::Value::from(self.notes(object, Some(extended), depth, nesting))
    }

    fn dictionary(
        &mut self,
        value: &Value,
        table: &Hashtable,
        depth: usize,
        nesting: usize,
    ) -> wire::Value {
        let entries = table
            .entries()
            .iter()
            .map(|(key, value)| {
                (
                    self.value(key, depth, nesting),
                    self.value(value, depth, nesting),
                )
            })
            .collect();
        let object = Object::wrapping(Content::Dictionary(entries)).typed(self.type_names(value));
        wire::Value::from(self.notes(object, Some(table.extended()), depth, nesting))
    }

    /// A `[pscustomobject]`: notes never use up depth; without any depth it is also its text.
    fn bag(&mut self, value: &Value, object: &PsObj, depth: usize, nesting: usize) -> wire::Value {
        if depth == 0 {
            let text = self.text(value);
            let object_of_text = Object::wrapping(Content::Value(wire::Value::from(text.as_str())));
            return wire::Value::from(self.notes(
                object_of_text,
                Some(object.extended()),
                0,
                nesting,
            ));
        }
        let bag = Object::bag().typed(self.type_names(value));
        wire::Value::from(self.notes(bag, Some(object.extended()), depth, nesting))
    }

    /// A value that carries members beside it.
    fn wrapper(
        &mut self,
        value: &Value,
        object: &PsObj,
        depth: usize,
        nesting: usize,
    ) -> wire::Value {
        let names = object.extended().type_names();
        if let Some(deserialized) = object.base().as_clr::<Deserialized>() {
            use crate::value::ClrLike;
            let text = deserialized.text();
            let bag = Object::bag()
                .typed(self.type_names(value))
                .text(text.as_str());
            return wire::Value::from(self.notes(
                bag,
                Some(object.extended()),
                depth.max(1),
                nesting,
            ));
        }
        let inner = self.value(object.base(), depth, nesting);
        let mut outer = match inner {
            wire::Value::Object(inner) => *inner,
            primitive => Object::wrapping(Content::Value(primitive)),
        };
        if let Some(names) = names {
            outer = outer.typed(TypeNames::of(names.iter().map(text_to_wire)));
        }
        wire::Value::from(self.notes(outer, Some(object.extended()), depth, nesting))
    }

    /// An object of a .NET type, of a script's class, or anything else with properties.
    fn object(&mut self, value: &Value, depth: usize, nesting: usize) -> wire::Value {
        if let Some(record) = value.as_clr::<ErrorRecord>() {
            return error_record_to_wire(record, self.cx).to_value();
        }
        // The type data of PowerShell expands exceptions whatever the depth is.
        let depth = if value.as_clr::<Exception>().is_some() {
            depth.max(1)
        } else {
            depth
        };
        if let Value::Clr(object) = value
            && let Some(items) = object.items()
        {
            let kind = if is_list(&value.type_name()) {
                ContainerKind::List
            } else {
                ContainerKind::Enumerable
            };
            let items = items
                .iter()
                .map(|item| self.value(item, depth, nesting))
                .collect();
            let object =
                Object::wrapping(Content::Items(kind, items)).typed(self.type_names(value));
            return wire::Value::from(self.notes(object, value.extended(), depth, nesting));
        }
        if depth == 0 {
            let text = self.text(value);
            return self.with_notes(
                wire::Value::from(text.as_str()),
                value.extended(),
                0,
                nesting,
            );
        }
        let text = self.text(value);
        let mut object = Object::bag()
            .typed(self.type_names(value))
            .text(text.as_str());
        for name in property_names(value) {
            // A getter that fails is left out, as PowerShell leaves it out.
            if let Ok(Some(property)) = members::get_property(value, &name, self.cx) {
                let property = self.value(&property, depth - 1, nesting);
                object = object.adapted_property(name.as_str(), property);
            }
        }
        let added = added_to_instance(value);
        let extended = added.as_ref().or_else(|| value.extended());
        let mut object = self.notes(object, extended, depth, nesting);
        if let Value::Clr(own) = value {
            for info in own.type_data() {
                // One that cannot be read is left out, as PowerShell leaves it out. Depth counts here: a process has a parent, and so on.
                if let Some(Ok(property)) = own.property(info.name) {
                    let property = self.value(&property, depth - 1, nesting);
                    object = object.property(info.name, property);
                }
            }
        }
        wire::Value::from(object)
    }

    fn with_notes(
        &mut self,
        value: wire::Value,
        extended: Option<&Extended>,
        depth: usize,
        nesting: usize,
    ) -> wire::Value {
        if extended.is_none_or(Extended::is_empty) {
            return value;
        }
        let object = Object::wrapping(Content::Value(value));
        wire::Value::from(self.notes(object, extended, depth, nesting))
    }

    /// Adds the members that a script added and that hold data.
    fn notes(
        &mut self,
        mut object: Object,
        extended: Option<&Extended>,
        depth: usize,
        nesting: usize,
    ) -> Object {
        let Some(extended) = extended else {
            return object;
        };
        // Copied out: a script property may change the members while it runs.
        let found: Vec<(Text, Member)> = extended
            .members()
            .map(|members| {
                members
                    .iter()
                    .map(|(name, member)| (Text::from(name), member.clone()))
                    .collect()
            })
            .unwrap_or_default();
        for (name, member) in found {
            let value = match member {
                Member::Note(value) => value,
                Member::Script {
                    getter: Some(getter),
                    ..
                } => match self.cx.call_block(&getter, &[], None, None) {
                    Ok(value) => value,
                    Err(_) => continue,
                },
                _ => continue,
            };
            object = object.property(name.as_str(), self.value(&value, depth, nesting));
        }
        object
    }

    fn type_names(&mut self, value: &Value) -> TypeNames {
        if let Some(names) = value.extended().and_then(Extended::type_names) {
            return TypeNames::of(names.iter().map(text_to_wire));
        }
        let chain: Vec<PsString> = match value {
            Value::Object(object) if object.is_bag() => {
                return TypeNames::of([
                    "System.Management.Automation.PSCustomObject",
                    "System.Object",
                ]);
            }
            Value::Hash(table) if matches!(table.kind(), HashKind::Ordered) => {
                return TypeNames::of([
                    "System.Collections.Specialized.OrderedDictionary",
                    "System.Object",
                ]);
            }
            other => other
                .type_ref()
                .map(|ty| {
                    ty.chain()
                        .map(|ty: TypeRef| text_to_wire(&ty.full_name()))
                        .collect()
                })
                .unwrap_or_default(),
        };
        TypeNames::of(chain)
    }

    fn text(&mut self, value: &Value) -> Text {
        convert::to_text(value, self.cx).unwrap_or_default()
    }
}

/// The number behind an enumeration, in the type that it is stored in.
fn enum_number(underlying: Option<TypeId>, bits: i64) -> wire::Value {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the bits are those of the stored type"
    )]
    match underlying {
        Some(TypeId::Byte) => wire::Value::Byte(bits as u8),
        Some(TypeId::SByte) => wire::Value::SByte(bits as i8),
        Some(TypeId::Int16) => wire::Value::Int16(bits as i16),
        Some(TypeId::UInt16) => wire::Value::UInt16(bits as u16),
        Some(TypeId::UInt32) => wire::Value::UInt32(bits as u32),
        Some(TypeId::Int64) => wire::Value::Int64(bits),
        Some(TypeId::UInt64) => wire::Value::UInt64(bits as u64),
        _ => wire::Value::Int32(bits as i32),
    }
}

fn is_list(type_name: &str) -> bool {
    type_name.starts_with("System.Collections.ObjectModel.ReadOnlyCollection")
}

/// The properties that the type itself has, in the order in which they are shown.
/// What a script added to an object of its class, whose properties are kept in the same place.
fn added_to_instance(value: &Value) -> Option<Extended> {
    let Value::Object(object) = value else {
        return None;
    };
    let TypeRef::User(class) = object.class()? else {
        return None;
    };
    let added = object.extended().clone();
    for field in class.fields() {
        drop(added.members_mut().remove(&field.name));
    }
    Some(added)
}

fn property_names(value: &Value) -> Vec<Text> {
    if let Value::Object(object) = value
        && let Some(TypeRef::User(class)) = object.class()
    {
        let fields = class.fields();
        return fields
            .into_iter()
            .filter(|field| !field.hidden)
            .map(|field| field.name)
            .collect();
    }
    match value.base() {
        Value::Clr(object) => object
            .properties()
            .iter()
            .map(|property| Text::from(property.name))
            .collect(),
        _ => Vec::new(),
    }
}
