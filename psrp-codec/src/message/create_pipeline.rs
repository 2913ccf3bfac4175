//! CREATE_PIPELINE: the client starts a pipeline.

use crate::{
    ApartmentState, Command, DecodeError, HostInfo, Object, PowerShell, PsString, References,
    RemoteStreamOptions, Value, Version,
    property::{Bag, OptionalProperty},
};

/// [2.2.2.10] CREATE_PIPELINE.
#[derive(Clone, Debug, PartialEq)]
pub struct CreatePipeline {
    /// What to run.
    pub power_shell: PowerShell,
    /// There will be no input: the server ignores what comes as such.
    pub no_input: bool,
    /// The COM apartment.
    pub apartment_state: ApartmentState,
    /// Which records carry the invocation they come from.
    pub remote_stream_options: RemoteStreamOptions,
    /// The pipeline gets a place in the history.
    pub add_to_history: bool,
    /// The host of the pipeline, or that of the pool.
    pub host_info: HostInfo,
    /// Runs within another pipeline; clients of protocol version 2.1 leave it out.
    pub is_nested: Option<bool>,
}

impl CreatePipeline {
    /// A pipeline without input that uses the pool's host, as Invoke-Command makes it.
    #[must_use]
    pub fn new(power_shell: PowerShell) -> Self {
        Self {
            power_shell,
            no_input: true,
            apartment_state: ApartmentState::UNKNOWN,
            remote_stream_options: RemoteStreamOptions::new(0),
            add_to_history: true,
            host_info: HostInfo::of_runspace(),
            is_nested: Some(false),
        }
    }

    /// A pipeline of one script.
    #[must_use]
    pub fn script(text: impl Into<PsString>) -> Self {
        Self::new(PowerShell::script(text))
    }

    /// The same pipeline in the form that a server of this protocol version reads; `None` when
    /// that version cannot say it: merged streams, or several statements before 2.2.
    #[must_use]
    pub fn for_version(mut self, version: Version) -> Option<Self> {
        if version < Version::new(2, 2) && self.power_shell.statements.len() > 1 {
            return None;
        }
        let commands = self.power_shell.statements.iter_mut().flatten();
        for command in commands {
            let Command { merges, .. } = command;
            *merges = merges.for_version(version)?;
        }
        Some(self)
    }

    /// Reads the message's value.
    ///
    /// # Errors
    /// When a property is missing or has another type.
    pub fn from_value(value: &Value) -> Result<Self, DecodeError> {
        let references = References::of(value);
        let bag = Bag::open("CREATE_PIPELINE", value, &references)?;
        Ok(Self {
            power_shell: PowerShell::read(bag.required("PowerShell")?, &references)?,
            no_input: bag.bool("NoInput")?,
            apartment_state: bag
                .enumeration("ApartmentState", &ApartmentState::TYPE)?
                .into(),
            remote_stream_options: bag
                .enumeration("RemoteStreamOptions", &RemoteStreamOptions::TYPE)?
                .into(),
            add_to_history: bag.bool("AddToHistory")?,
            host_info: HostInfo::read(bag.required("HostInfo")?, &references)?,
            is_nested: bag.optional_bool("IsNested")?,
        })
    }

    /// The message's value.
    #[must_use]
    pub fn to_value(&self) -> Value {
        Object::bag()
            .named("PowerShell", self.power_shell.to_value())
            .named("NoInput", self.no_input)
            .named("ApartmentState", self.apartment_state)
            .named("RemoteStreamOptions", self.remote_stream_options)
            .named("AddToHistory", self.add_to_history)
            .named("HostInfo", self.host_info.to_value())
            .optional_property("IsNested", self.is_nested)
            .into()
    }
}
