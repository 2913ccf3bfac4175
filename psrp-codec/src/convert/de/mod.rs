//! From values to Rust's types.

mod parts;
mod variant;

use std::cell::Cell;
use std::collections::HashMap;

use ::serde::de::value::{BorrowedStrDeserializer, SeqDeserializer};
use ::serde::de::{Deserialize, Deserializer, Visitor};
use ::serde::forward_to_deserialize_any;

use super::ConvertError;
use crate::value::without_deserialized;
use crate::{Content, Object, PsString, RefId, Value};
use parts::{Items, Pairs, known};
use variant::Variant;

/// Reads `value` as a `T`; see the [module](crate::convert) for what is read from what.
///
/// # Errors
/// When the value does not fit; the error names the property.
pub fn from_value<'de, T: Deserialize<'de>>(value: &'de Value) -> Result<T, ConvertError> {
    let mut objects = Objects::new();
    collect(value, &mut objects);
    T::deserialize(From {
        value,
        objects: &objects,
        depth: 0,
        referred: false,
        left: &Cell::new(REFERRED),
    })
}

/// The objects that references name.
type Objects<'de> = HashMap<RefId, &'de Value>;

/// How deep values are followed. References can go round in circles.
const DEPTH: usize = 128;

/// How many values are read behind references. An object with two references to itself is a few
/// bytes on the wire, and without a ceiling it is more values than anyone can count.
const REFERRED: usize = 1 << 20;

fn collect<'de>(value: &'de Value, objects: &mut Objects<'de>) {
    let mut waiting = vec![value];
    while let Some(value) = waiting.pop() {
        let Value::Object(object) = value else {
            continue;
        };
        if let Some(id) = object.ref_id {
            objects.insert(id, value);
        }
        match &object.content {
            Some(Content::Value(value)) => waiting.push(value),
            Some(Content::Items(_, items)) => waiting.extend(items),
            Some(Content::Dictionary(entries)) => {
                waiting.extend(entries.iter().flat_map(|(key, value)| [key, value]));
            }
            None => {}
        }
        waiting.extend(object.properties().map(|(_, value)| value));
    }
}

#[derive(Clone, Copy)]
struct From<'de, 'o> {
    value: &'de Value,
    objects: &'o Objects<'de>,
    depth: usize,
    /// Whether a reference led here.
    referred: bool,
    /// How many more values may be read behind references.
    left: &'o Cell<usize>,
}

impl<'de, 'o> From<'de, 'o> {
    /// A value inside this one.
    fn inside(self, value: &'de Value) -> Self {
        Self {
            value,
            depth: self.depth.saturating_add(1),
            ..self
        }
    }

    /// With references followed and what is wrapped around a primitive value taken off.
    fn resolved(self) -> Result<Self, ConvertError> {
        if self.depth > DEPTH {
            return Err(ConvertError::new("the value is nested too deeply"));
        }
        let value = match self.value {
            Value::Reference(id) => self
                .objects
                .get(id)
                .copied()
                .ok_or_else(|| ConvertError::new("a reference to nothing"))?,
            value => value,
        };
        let referred = self.referred || matches!(self.value, Value::Reference(_));
        if referred {
            let left = self.left.get().checked_sub(1);
            self.left
                .set(left.ok_or_else(|| ConvertError::new("references lead to too many values"))?);
        }
        Ok(Self {
            value: value.unwrapped(),
            referred,
            ..self
        })
    }

    /// The name of an enumeration's value, or a string.
    fn name(self) -> Option<&'de PsString> {
        match self.value {
            Value::Object(object) if is_enumeration(object) => object.to_string.as_ref(),
            value => value.as_string(),
        }
    }

    fn wrong<T>(self, expected: &str) -> Result<T, ConvertError> {
        Err(ConvertError::new(format!(
            "expected {expected}, found {}",
            self.value.tag()
        )))
    }

    /// Any number that the type can hold.
    fn integer<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConvertError> {
        let number = self.resolved()?;
        match number.value {
            Value::UInt64(number) => visitor.visit_u64(*number),
            Value::Decimal(decimal) if decimal.scale() == 0 => {
                // The coefficient has 96 bits, so there is room for the sign.
                let number = i128::try_from(decimal.coefficient()).unwrap_or(i128::MAX);
                let number = if decimal.is_negative() {
                    number.saturating_neg()
                } else {
                    number
                };
                match (i64::try_from(number), u64::try_from(number)) {
                    (Ok(number), _) => visitor.visit_i64(number),
                    (_, Ok(number)) => visitor.visit_u64(number),
                    _ => visitor.visit_i128(number),
                }
            }
            value => match value.as_i64() {
                Some(number) => visitor.visit_i64(number),
                None => self.deserialize_any(visitor),
            },
        }
    }
}

/// Whether one of the object's first types is that of enumerations. Further ones are not looked
/// at: many objects may share one long list.
fn is_enumeration(object: &Object) -> bool {
    let names = object.type_names.iter().flat_map(|names| names.iter());
    names
        .take(ENUMERATION_TYPES)
        .filter_map(PsString::as_str)
        .any(|name| without_deserialized(name).eq_ignore_ascii_case("System.Enum"))
}

/// `Selected.` and its like may come before an enumeration's own type, and that is before the one
/// of all enumerations.
const ENUMERATION_TYPES: usize = 4;

fn text(string: &PsString) -> Result<&str, ConvertError> {
    string
        .as_str()
        .ok_or_else(|| ConvertError::new("the text has a lone surrogate"))
}

/// Several methods that do the same.
macro_rules! integers {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConvertError> {
            self.integer(visitor)
        }
    )*};
}

impl<'de> Deserializer<'de> for From<'de, '_> {
    type Error = ConvertError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConvertError> {
        let this = self.resolved()?;
        match this.value {
            Value::Null => visitor.visit_unit(),
            Value::String(string)
            | Value::Uri(string)
            | Value::Xml(string)
            | Value::ScriptBlock(string) => visitor.visit_borrowed_str(text(string)?),
            Value::Char(unit) => match char::from_u32(u32::from(*unit)) {
                Some(c) => visitor.visit_char(c),
                None => Err(ConvertError::new("the character is half of a pair")),
            },
            Value::Bool(truth) => visitor.visit_bool(*truth),
            Value::DateTime(time) => visitor.visit_string(time.to_string()),
            Value::TimeSpan(span) => visitor.visit_string(span.to_string()),
            Value::Decimal(number) => visitor.visit_string(number.to_string()),
            Value::Guid(guid) => visitor.visit_string(guid.to_string()),
            Value::Version(version) => visitor.visit_string(version.to_string()),
            Value::Byte(number) => visitor.visit_u8(*number),
            Value::SByte(number) => visitor.visit_i8(*number),
            Value::UInt16(number) => visitor.visit_u16(*number),
            Value::Int16(number) => visitor.visit_i16(*number),
            Value::UInt32(number) => visitor.visit_u32(*number),
            Value::Int32(number) => visitor.visit_i32(*number),
            Value::UInt64(number) => visitor.visit_u64(*number),
            Value::Int64(number) => visitor.visit_i64(*number),
            Value::Single(number) => visitor.visit_f32(*number),
            Value::Double(number) => visitor.visit_f64(*number),
            Value::Bytes(bytes) => visitor.visit_borrowed_bytes(bytes),
            Value::SecureString(_) => Err(ConvertError::new("a secret is not converted")),
            Value::Progress(progress) => visitor.visit_borrowed_str(text(&progress.activity)?),
            Value::Object(object) if object.items().is_some() => this.deserialize_seq(visitor),
            Value::Object(_) => this.deserialize_map(visitor),
            Value::Reference(_) => this.wrong("an object"),
        }
    }

    integers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConvertError> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConvertError> {
        match self.resolved()?.value {
            Value::Decimal(number) => match number.to_string().parse() {
                Ok(number) => visitor.visit_f64(number),
                Err(_) => self.wrong("a number"),
            },
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConvertError> {
        self.deserialize_any(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConvertError> {
        match self.name() {
            Some(name) => visitor.visit_borrowed_str(text(name)?),
            None => match self.resolved()?.value {
                // One unit is a text of its own when a text is wanted.
                Value::Char(unit) => {
                    let string = PsString::from_utf16(&[*unit]);
                    visitor.visit_str(text(&string)?)
                }
                _ => self.deserialize_any(visitor),
            },
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConvertError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConvertError> {
        if self.value.is_null() {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConvertError> {
        if self.value.is_null() {
            visitor.visit_unit()
        } else {
            self.wrong("null")
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, ConvertError> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, ConvertError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConvertError> {
        let this = self.resolved()?;
        match this.value {
            Value::Bytes(bytes) => visitor.visit_seq(SeqDeserializer::new(bytes.iter().copied())),
            value => match value.items() {
                Some(items) => visitor.visit_seq(Items::new(this, items)),
                None => this.wrong("a list"),
            },
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, ConvertError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, ConvertError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConvertError> {
        self.deserialize_struct("", &[], visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ConvertError> {
        let this = self.resolved()?;
        let Value::Object(object) = this.value else {
            return this.wrong("an object");
        };
        visitor.visit_map(Pairs::new(this, object, fields))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ConvertError> {
        if let Some(name) = self.name() {
            let name = known(text(name)?, variants);
            return visitor.visit_enum(BorrowedStrDeserializer::new(name));
        }
        let this = self.resolved()?;
        let Value::Object(object) = this.value else {
            return this.wrong("the name of a variant");
        };
        let mut properties = object.properties();
        match (properties.next(), properties.next()) {
            (Some((name, value)), None) => {
                let name = known(text(name)?, variants);
                visitor.visit_enum(Variant::new(name, this.inside(value)))
            }
            _ => this.wrong("an object with the variant as its only property"),
        }
    }

    forward_to_deserialize_any! { bool bytes byte_buf identifier ignored_any }
}
