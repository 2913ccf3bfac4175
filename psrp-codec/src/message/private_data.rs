//! APPLICATION_PRIVATE_DATA: what the server says of itself.

use crate::{
    DecodeError, Object, References, Value, Version,
    property::{Bag, OptionalProperty, dictionary_get},
};

/// [2.2.2.13] APPLICATION_PRIVATE_DATA: a primitive dictionary, or null.
///
/// Clients read from it which version was agreed, and whether the server has a debugger
/// (`DebugMode`), in which case a PowerShell client sets it up with commands of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct ApplicationPrivateData {
    /// The dictionary.
    pub data: Value,
}

impl ApplicationPrivateData {
    /// `PSVersionTable.PSRemotingProtocolVersion`: the version that the two sides agreed on, by
    /// which clients decide whether they may disconnect, merge and reset.
    #[must_use]
    pub fn protocol_version(&self) -> Option<Version> {
        let table = dictionary_get(&self.data, "PSVersionTable")?;
        dictionary_get(table, "PSRemotingProtocolVersion")?.as_version()
    }

    /// The entry `key` of the dictionary, whatever the case of its letters.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        dictionary_get(&self.data, key)
    }

    /// Reads the message's value.
    ///
    /// # Errors
    /// When the property is missing.
    pub fn from_value(value: &Value) -> Result<Self, DecodeError> {
        let references = References::of(value);
        let bag = Bag::open("APPLICATION_PRIVATE_DATA", value, &references)?;
        Ok(Self {
            data: bag.primitive_dictionary("ApplicationPrivateData")?,
        })
    }

    /// The message's value.
    #[must_use]
    pub fn to_value(&self) -> Value {
        Object::bag()
            .named("ApplicationPrivateData", self.data.clone())
            .into()
    }
}
