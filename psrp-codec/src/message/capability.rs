//! SESSION_CAPABILITY: what each side speaks.

use crate::{
    DecodeError, Object, References, Value, Version,
    property::{Bag, OptionalProperty},
};

/// [2.2.2.1] SESSION_CAPABILITY: the first message of each side.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionCapability {
    /// The version of this protocol: 2.0 to 2.4.
    pub protocol_version: Version,
    /// Always 2.0, whatever the product's version.
    pub ps_version: Version,
    /// The version of CLIXML: 1.1.0.1.
    pub serialization_version: Version,
    /// What Windows PowerShell clients send: a .NET binary serialization of their time zone, which
    /// nobody should deserialize.
    pub time_zone: Option<Value>,
}

impl SessionCapability {
    /// What a side says that speaks `protocol_version` of the protocol.
    #[must_use]
    pub fn new(protocol_version: Version) -> Self {
        Self {
            protocol_version,
            ps_version: Version::new(2, 0),
            serialization_version: Version::new(1, 1).with_build(0).with_revision(1),
            time_zone: None,
        }
    }

    /// Reads the message's value.
    ///
    /// # Errors
    /// When a property is missing or has another type.
    pub fn from_value(value: &Value) -> Result<Self, DecodeError> {
        let references = References::of(value);
        let bag = Bag::open("SESSION_CAPABILITY", value, &references)?;
        Ok(Self {
            protocol_version: bag.version("protocolversion")?,
            ps_version: bag.version("PSVersion")?,
            serialization_version: bag.version("SerializationVersion")?,
            time_zone: bag.optional("TimeZone")?.cloned(),
        })
    }

    /// The message's value.
    #[must_use]
    pub fn to_value(&self) -> Value {
        Object::bag()
            .named("protocolversion", self.protocol_version)
            .named("PSVersion", self.ps_version)
            .named("SerializationVersion", self.serialization_version)
            .optional_property("TimeZone", self.time_zone.clone())
            .into()
    }
}
