//! Variants of enums.

use ::serde::de::value::StringDeserializer;
use ::serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error as _, IntoDeserializer, VariantAccess, Visitor,
};

use super::From;
use crate::convert::ConvertError;

/// A variant with data.
pub(super) struct Variant<'de, 'o> {
    name: &'de str,
    from: From<'de, 'o>,
}

impl<'de, 'o> Variant<'de, 'o> {
    /// The variant `name`, whose data is `from`.
    pub(super) fn new(name: &'de str, from: From<'de, 'o>) -> Self {
        Self { name, from }
    }

    /// What `read` makes of the data; its errors are in the property of the variant's name.
    fn read<T>(
        self,
        read: impl FnOnce(From<'de, 'o>) -> Result<T, ConvertError>,
    ) -> Result<T, ConvertError> {
        read(self.from).map_err(|error| error.in_property(self.name))
    }
}

impl<'de> EnumAccess<'de> for Variant<'de, '_> {
    type Error = ConvertError;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Self), ConvertError> {
        let name: StringDeserializer<ConvertError> = self.name.to_owned().into_deserializer();
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'de, '_> {
    type Error = ConvertError;

    fn unit_variant(self) -> Result<(), ConvertError> {
        if self.from.value.is_null() {
            Ok(())
        } else {
            Err(ConvertError::custom("the variant has no data"))
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<T::Value, ConvertError> {
        self.read(|from| seed.deserialize(from))
    }

    fn tuple_variant<V: Visitor<'de>>(
        self,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, ConvertError> {
        self.read(|from| from.deserialize_seq(visitor))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ConvertError> {
        self.read(|from| from.deserialize_struct("", fields, visitor))
    }
}
