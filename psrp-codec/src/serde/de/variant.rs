//! Variants of enums.

use ::serde::de::value::StringDeserializer;
use ::serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error as _, IntoDeserializer, VariantAccess, Visitor,
};

use super::From;
use crate::serde::ConvertError;

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
}

impl<'de, 'o> EnumAccess<'de> for Variant<'de, 'o> {
    type Error = ConvertError;
    type Variant = From<'de, 'o>;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, From<'de, 'o>), ConvertError> {
        let name: StringDeserializer<ConvertError> = self.name.to_owned().into_deserializer();
        Ok((seed.deserialize(name)?, self.from))
    }
}

impl<'de> VariantAccess<'de> for From<'de, '_> {
    type Error = ConvertError;

    fn unit_variant(self) -> Result<(), ConvertError> {
        if self.value.is_null() {
            Ok(())
        } else {
            Err(ConvertError::custom("the variant has no data"))
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<T::Value, ConvertError> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(
        self,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, ConvertError> {
        self.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ConvertError> {
        self.deserialize_struct("", fields, visitor)
    }
}
