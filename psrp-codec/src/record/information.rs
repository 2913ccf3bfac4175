//! INFORMATION_RECORD: what Write-Information and Write-Host make.

use crate::{
    ContainerKind, DateTime, DecodeError, Object, PsString, References, TypeNames, Value,
    property::{Bag, OptionalProperty},
};

/// [2.2.2.26] INFORMATION_RECORD, from protocol version 2.3 on.
#[derive(Clone, Debug, PartialEq)]
pub struct InformationRecord {
    /// The message; of Write-Host an object with text and colors.
    pub message_data: Value,
    /// The command or script that made it.
    pub source: Option<PsString>,
    /// When.
    pub time_generated: DateTime,
    /// The tags; Write-Host gives `PSHOST`.
    pub tags: Vec<PsString>,
    /// What .NET calls a list of strings where the record comes from; `None` for PowerShell 7's.
    pub tags_type: Option<TypeNames>,
    /// Who ran it.
    pub user: Option<PsString>,
    /// On which computer.
    pub computer: Option<PsString>,
    /// In which process.
    pub process_id: u32,
    /// On which thread of the operating system.
    pub native_thread_id: u32,
    /// On which thread of .NET.
    pub managed_thread_id: u32,
}

impl InformationRecord {
    /// A record of `message_data`, about whose origin nothing is known but the time.
    pub fn new(message_data: impl Into<Value>, time_generated: DateTime) -> Self {
        Self {
            message_data: message_data.into(),
            source: None,
            time_generated,
            tags: Vec::new(),
            tags_type: None,
            user: None,
            computer: None,
            process_id: 0,
            native_thread_id: 0,
            managed_thread_id: 0,
        }
    }

    /// Reads the message's value.
    ///
    /// # Errors
    /// When a property is missing or has another type.
    pub fn from_value(value: &Value) -> Result<Self, DecodeError> {
        let references = References::of(value);
        let bag = Bag::open("INFORMATION_RECORD", value, &references)?;
        let tags = bag.list_or_null("Tags")?.unwrap_or_default();
        let tags_type = bag.type_names("Tags");
        Ok(Self {
            message_data: bag.kept("MessageData")?,
            source: bag.string_or_null("Source")?,
            time_generated: bag.date_time("TimeGenerated")?,
            tags: bag.strings("Tags", tags)?,
            tags_type: tags_type.filter(|names| names[..] != STRING_LIST),
            user: bag.string_or_null("User")?,
            computer: bag.string_or_null("Computer")?,
            process_id: bag.uint32("ProcessId")?,
            native_thread_id: bag.uint32("NativeThreadId")?,
            managed_thread_id: bag.uint32("ManagedThreadId")?,
        })
    }

    /// The message's value.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let names = match &self.tags_type {
            Some(names) => names.to_vec(),
            None => STRING_LIST.to_vec(),
        };
        let tags = self.tags.iter().cloned();
        Object::bag()
            .named("MessageData", self.message_data.clone())
            .named("Source", self.source.clone())
            .named("TimeGenerated", self.time_generated)
            .named("Tags", Value::container(names, ContainerKind::List, tags))
            .named("User", self.user.clone())
            .named("Computer", self.computer.clone())
            .named("ProcessId", self.process_id)
            .named("NativeThreadId", self.native_thread_id)
            .named("ManagedThreadId", self.managed_thread_id)
            .into()
    }
}

/// A list of strings in .NET 10, which PowerShell 7.5 and 7.6 were recorded on.
const STRING_LIST: [PsString; 2] = [
    PsString::from_static(
        "System.Collections.Generic.List`1[[System.String, System.Private.CoreLib, \
         Version=10.0.0.0, Culture=neutral, PublicKeyToken=7cec85d7bea7798e]]",
    ),
    PsString::from_static("System.Object"),
];
