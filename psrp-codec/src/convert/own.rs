//! The types of this crate inside other people's types.

use std::borrow::Cow;

use ::serde::de::Error as _;
use ::serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{DateTime, Decimal, PsString, TimeSpan, Version};

/// By these names our serializer knows that a string stands for a type of ours; to others it is a
/// string.
pub(super) const DATE_TIME: &str = "psrp_codec::DateTime";
pub(super) const TIME_SPAN: &str = "psrp_codec::TimeSpan";
pub(super) const DECIMAL: &str = "psrp_codec::Decimal";
pub(super) const VERSION: &str = "psrp_codec::Version";

macro_rules! as_text {
    ($($type:ty, $name:expr;)*) => {$(
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_newtype_struct($name, &self.to_string())
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(D::Error::custom)
            }
        }
    )*};
}

as_text! {
    DateTime, DATE_TIME;
    TimeSpan, TIME_SPAN;
    Decimal, DECIMAL;
    Version, VERSION;
}

/// Text; a lone surrogate becomes U+FFFD, as serde knows nothing else.
impl Serialize for PsString {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_string_lossy())
    }
}

impl<'de> Deserialize<'de> for PsString {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<'de, str>::deserialize(deserializer).map(Self::from)
    }
}
