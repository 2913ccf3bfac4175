//! From Rust's types to values.

use ::serde::ser::{
    Error as _, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant,
    SerializeTuple, SerializeTupleStruct, SerializeTupleVariant, Serializer,
};
use bytes::Bytes;

use super::{ConvertError, own};
use crate::{DateTime, Decimal, Object, TimeSpan, Value, Version};

/// The value that `data` is to PowerShell; see [`from_value`](super::from_value) for the way back.
///
/// # Errors
/// When a number has more than 96 bits, or what `data` says of itself is an error.
pub fn to_value<T: Serialize + ?Sized>(data: &T) -> Result<Value, ConvertError> {
    data.serialize(ToValue)
}

struct ToValue;

/// An `i128` is a `D` if that holds it.
fn decimal(negative: bool, number: u128) -> Result<Value, ConvertError> {
    Decimal::new(negative, number, 0)
        .map(Value::Decimal)
        .ok_or_else(|| ConvertError::new("the number has more than 96 bits"))
}

impl Serializer for ToValue {
    type Ok = Value;
    type Error = ConvertError;
    type SerializeSeq = Items;
    type SerializeTuple = Items;
    type SerializeTupleStruct = Items;
    type SerializeTupleVariant = Items;
    type SerializeMap = Entries;
    type SerializeStruct = Properties;
    type SerializeStructVariant = Properties;

    fn serialize_bool(self, value: bool) -> Result<Value, ConvertError> {
        Ok(value.into())
    }

    fn serialize_i8(self, value: i8) -> Result<Value, ConvertError> {
        Ok(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result<Value, ConvertError> {
        Ok(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<Value, ConvertError> {
        Ok(value.into())
    }

    fn serialize_i64(self, value: i64) -> Result<Value, ConvertError> {
        Ok(value.into())
    }

    fn serialize_i128(self, value: i128) -> Result<Value, ConvertError> {
        decimal(value < 0, value.unsigned_abs())
    }

    fn serialize_u8(self, value: u8) -> Result<Value, ConvertError> {
        Ok(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<Value, ConvertError> {
        Ok(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<Value, ConvertError> {
        Ok(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result<Value, ConvertError> {
        Ok(value.into())
    }

    fn serialize_u128(self, value: u128) -> Result<Value, ConvertError> {
        decimal(false, value)
    }

    fn serialize_f32(self, value: f32) -> Result<Value, ConvertError> {
        Ok(value.into())
    }

    fn serialize_f64(self, value: f64) -> Result<Value, ConvertError> {
        Ok(value.into())
    }

    fn serialize_char(self, value: char) -> Result<Value, ConvertError> {
        // A `C` is one UTF-16 unit; what needs two is a string.
        Ok(match u16::try_from(u32::from(value)) {
            Ok(unit) => Value::Char(unit),
            Err(_) => Value::from(value.to_string()),
        })
    }

    fn serialize_str(self, value: &str) -> Result<Value, ConvertError> {
        Ok(value.into())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<Value, ConvertError> {
        Ok(Value::Bytes(Bytes::copy_from_slice(value)))
    }

    fn serialize_none(self) -> Result<Value, ConvertError> {
        Ok(Value::Null)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, ConvertError> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Value, ConvertError> {
        Ok(Value::Null)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Value, ConvertError> {
        Ok(Value::Null)
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<Value, ConvertError> {
        Ok(variant.into())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<Value, ConvertError> {
        let value = value.serialize(self)?;
        let Some(text) = value.as_str() else {
            return Ok(value);
        };
        let read = match name {
            own::DATE_TIME => DateTime::parse(text).map(Value::DateTime),
            own::TIME_SPAN => TimeSpan::parse(text).map(Value::TimeSpan),
            own::DECIMAL => Decimal::parse(text).map(Value::Decimal),
            own::VERSION => Version::parse(text).map(Value::Version),
            _ => None,
        };
        Ok(read.unwrap_or(value))
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Value, ConvertError> {
        let value = value
            .serialize(self)
            .map_err(|error| error.in_property(variant))?;
        Ok(Object::custom().property(variant, value).into())
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Items, ConvertError> {
        // The length is a hint and may come from a peer in the end.
        Ok(Items {
            items: Vec::with_capacity(length.unwrap_or(0).min(4096)),
            variant: None,
        })
    }

    fn serialize_tuple(self, length: usize) -> Result<Items, ConvertError> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_struct(self, _: &'static str, length: usize) -> Result<Items, ConvertError> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Items, ConvertError> {
        Ok(Items {
            variant: Some(variant),
            ..self.serialize_seq(Some(length))?
        })
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Entries, ConvertError> {
        Ok(Entries {
            entries: Vec::new(),
            key: None,
        })
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Properties, ConvertError> {
        Ok(Properties {
            object: Object::custom(),
            variant: None,
        })
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Properties, ConvertError> {
        Ok(Properties {
            object: Object::custom(),
            variant: Some(variant),
        })
    }
}

/// The value of an enum with data: the variant is the one property of an object.
fn in_variant(variant: Option<&'static str>, value: Value) -> Value {
    match variant {
        Some(variant) => Object::custom().property(variant, value).into(),
        None => value,
    }
}

/// The error inside such a value.
fn in_variant_too(variant: Option<&'static str>, error: ConvertError) -> ConvertError {
    match variant {
        Some(variant) => error.in_property(variant),
        None => error,
    }
}

struct Items {
    items: Vec<Value>,
    variant: Option<&'static str>,
}

impl SerializeSeq for Items {
    type Ok = Value;
    type Error = ConvertError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ConvertError> {
        let value = to_value(value).map_err(|error| {
            let error = error.in_item(self.items.len());
            in_variant_too(self.variant, error)
        })?;
        self.items.push(value);
        Ok(())
    }

    fn end(self) -> Result<Value, ConvertError> {
        Ok(in_variant(self.variant, Value::list(self.items)))
    }
}

impl SerializeTuple for Items {
    type Ok = Value;
    type Error = ConvertError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ConvertError> {
        SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Result<Value, ConvertError> {
        SerializeSeq::end(self)
    }
}

impl SerializeTupleStruct for Items {
    type Ok = Value;
    type Error = ConvertError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ConvertError> {
        SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Result<Value, ConvertError> {
        SerializeSeq::end(self)
    }
}

impl SerializeTupleVariant for Items {
    type Ok = Value;
    type Error = ConvertError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ConvertError> {
        SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Result<Value, ConvertError> {
        SerializeSeq::end(self)
    }
}

struct Entries {
    entries: Vec<(Value, Value)>,
    key: Option<Value>,
}

impl SerializeMap for Entries {
    type Ok = Value;
    type Error = ConvertError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), ConvertError> {
        let key = to_value(key)?;
        if key.is_null() {
            return Err(ConvertError::custom("the key of an entry is null"));
        }
        self.key = Some(key);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ConvertError> {
        let key = self
            .key
            .take()
            .ok_or_else(|| ConvertError::new("an entry has no key"))?;
        let value = to_value(value).map_err(|error| match key.as_str() {
            Some(name) => error.in_property(name),
            None => error.in_entry(&key),
        })?;
        self.entries.push((key, value));
        Ok(())
    }

    fn end(self) -> Result<Value, ConvertError> {
        Ok(Value::hashtable(self.entries))
    }
}

struct Properties {
    object: Object,
    variant: Option<&'static str>,
}

impl SerializeStruct for Properties {
    type Ok = Value;
    type Error = ConvertError;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), ConvertError> {
        let value = to_value(value)
            .map_err(|error| in_variant_too(self.variant, error.in_property(name)))?;
        self.object =
            std::mem::take(&mut self.object).property(crate::PsString::from_static(name), value);
        Ok(())
    }

    fn end(self) -> Result<Value, ConvertError> {
        Ok(in_variant(self.variant, self.object.into()))
    }
}

impl SerializeStructVariant for Properties {
    type Ok = Value;
    type Error = ConvertError;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), ConvertError> {
        SerializeStruct::serialize_field(self, name, value)
    }

    fn end(self) -> Result<Value, ConvertError> {
        SerializeStruct::end(self)
    }
}
