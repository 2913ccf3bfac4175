//! USER_EVENT: an event that a script forwards.

use uuid::Uuid;

use crate::{
    DateTime, DecodeError, Object, PsString, References, Value,
    property::{Bag, OptionalProperty},
};

/// [2.2.2.12] USER_EVENT.
///
/// Sender and arguments may refer to one another ([`Value::Reference`]); [`References::within`]
/// finds what is meant.
#[derive(Clone, Debug, PartialEq)]
pub struct UserEvent {
    /// Counts the events of the runspace.
    pub event_identifier: i32,
    /// The name that the script subscribed to.
    pub source_identifier: PsString,
    /// When.
    pub time_generated: DateTime,
    /// Who raised it.
    pub sender: Value,
    /// What came with it: a list.
    pub source_args: Value,
    /// What the subscriber attached.
    pub message_data: Value,
    /// The computer, when it is not the server itself.
    pub computer_name: Option<PsString>,
    /// The runspace of the server; not the pool's id.
    pub runspace_id: Uuid,
}

impl UserEvent {
    /// Reads the message's value.
    ///
    /// # Errors
    /// When a property is missing or has another type.
    pub fn from_value(value: &Value) -> Result<Self, DecodeError> {
        let references = References::of(value);
        let bag = Bag::open("USER_EVENT", value, &references)?;
        bag.list("PSEventArgs.SourceArgs")?;
        Ok(Self {
            event_identifier: bag.int32("PSEventArgs.EventIdentifier")?,
            source_identifier: bag.string("PSEventArgs.SourceIdentifier")?,
            time_generated: bag.date_time("PSEventArgs.TimeGenerated")?,
            sender: bag.kept("PSEventArgs.Sender")?,
            source_args: bag.kept("PSEventArgs.SourceArgs")?,
            message_data: bag.kept("PSEventArgs.MessageData")?,
            computer_name: bag.string_or_null("PSEventArgs.ComputerName")?,
            runspace_id: bag.guid("PSEventArgs.RunspaceId")?,
        })
    }

    /// The message's value.
    #[must_use]
    pub fn to_value(&self) -> Value {
        Object::bag()
            .named("PSEventArgs.EventIdentifier", self.event_identifier)
            .named(
                "PSEventArgs.SourceIdentifier",
                self.source_identifier.clone(),
            )
            .named("PSEventArgs.TimeGenerated", self.time_generated)
            .named("PSEventArgs.Sender", self.sender.clone())
            .named("PSEventArgs.SourceArgs", self.source_args.clone())
            .named("PSEventArgs.MessageData", self.message_data.clone())
            .named("PSEventArgs.ComputerName", self.computer_name.clone())
            .named("PSEventArgs.RunspaceId", self.runspace_id)
            .into()
    }
}
