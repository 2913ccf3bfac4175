//! INIT_RUNSPACEPOOL, CONNECT_RUNSPACEPOOL and RUNSPACEPOOL_INIT_DATA: how a client comes to a
//! pool.

use crate::{
    ApartmentState, DecodeError, HostInfo, Object, PSThreadOptions, PsString, References, Value,
    property::{Bag, OptionalProperty},
};

/// [2.2.2.2] INIT_RUNSPACEPOOL: the client opens a new pool.
#[derive(Clone, Debug, PartialEq)]
pub struct InitRunspacePool {
    /// How many runspaces the server keeps ready. At least 1.
    pub min_runspaces: i32,
    /// How many it opens at most. At least `min_runspaces`.
    pub max_runspaces: i32,
    /// On which thread pipelines run.
    pub thread_options: PSThreadOptions,
    /// The COM apartment they run in.
    pub apartment_state: ApartmentState,
    /// What scripts find in `$PSSenderInfo.ApplicationArguments`: a primitive dictionary or null.
    ///
    /// A PowerShell server offers its debugger only to clients that say in it, under
    /// `PSVersionTable`, that they are PowerShell 4 or later.
    pub application_arguments: Value,
    /// The client's host.
    pub host_info: HostInfo,
}

impl InitRunspacePool {
    /// A pool of one runspace, without application arguments and without a host.
    #[must_use]
    pub fn new() -> Self {
        Self {
            min_runspaces: 1,
            max_runspaces: 1,
            thread_options: PSThreadOptions::DEFAULT,
            apartment_state: ApartmentState::UNKNOWN,
            application_arguments: Value::Null,
            host_info: HostInfo::none(),
        }
    }

    /// Reads the message's value.
    ///
    /// # Errors
    /// When a property is missing or has another type.
    pub fn from_value(value: &Value) -> Result<Self, DecodeError> {
        let references = References::of(value);
        let bag = Bag::open("INIT_RUNSPACEPOOL", value, &references)?;
        Ok(Self {
            min_runspaces: bag.int32("MinRunspaces")?,
            max_runspaces: bag.int32("MaxRunspaces")?,
            thread_options: bag
                .enumeration("PSThreadOptions", &PSThreadOptions::TYPE)?
                .into(),
            apartment_state: bag
                .enumeration("ApartmentState", &ApartmentState::TYPE)?
                .into(),
            application_arguments: bag.primitive_dictionary("ApplicationArguments")?,
            host_info: HostInfo::read(bag.required("HostInfo")?, &references)?,
        })
    }

    /// The message's value.
    #[must_use]
    pub fn to_value(&self) -> Value {
        Object::bag()
            .named("MinRunspaces", self.min_runspaces)
            .named("MaxRunspaces", self.max_runspaces)
            .named("PSThreadOptions", self.thread_options)
            .named("ApartmentState", self.apartment_state)
            .named("ApplicationArguments", self.application_arguments.clone())
            .named("HostInfo", self.host_info.to_value())
            .into()
    }
}

impl Default for InitRunspacePool {
    fn default() -> Self {
        Self::new()
    }
}

/// [2.2.2.29] CONNECT_RUNSPACEPOOL: a client takes over a disconnected pool.
///
/// Travels with a SESSION_CAPABILITY in the payload of the transport's connect operation.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct ConnectRunspacePool {
    /// The smallest size that the client believes the pool to have; `None` when it does not care.
    pub min_runspaces: Option<i32>,
    /// The largest size likewise.
    pub max_runspaces: Option<i32>,
}

impl ConnectRunspacePool {
    /// Reads the message's value: a bag, or an empty string when no size is given.
    ///
    /// # Errors
    /// When it is something else, or a size is no 32-bit integer.
    pub fn from_value(value: &Value) -> Result<Self, DecodeError> {
        if value.as_string().is_some() {
            return Ok(Self::default());
        }
        let references = References::of(value);
        let bag = Bag::open("CONNECT_RUNSPACEPOOL", value, &references)?;
        Ok(Self {
            min_runspaces: bag.optional_int32("MinRunspaces")?,
            max_runspaces: bag.optional_int32("MaxRunspaces")?,
        })
    }

    /// The message's value.
    #[must_use]
    pub fn to_value(&self) -> Value {
        if *self == Self::default() {
            return Value::String(PsString::default());
        }
        Object::bag()
            .optional_property("MinRunspaces", self.min_runspaces)
            .optional_property("MaxRunspaces", self.max_runspaces)
            .into()
    }
}

/// [2.2.2.30] RUNSPACEPOOL_INIT_DATA: the size of the pool that a client has connected to.
///
/// PowerShell servers up to 7.6 swap the two numbers; [`size`](Self::size) puts them in order.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RunspacePoolInitData {
    /// How many runspaces the pool keeps ready, as the server says it.
    pub min_runspaces: i32,
    /// How many it opens at most, as the server says it.
    pub max_runspaces: i32,
}

impl RunspacePoolInitData {
    /// Smallest and largest size, in this order whichever way the server sent them.
    #[must_use]
    pub fn size(&self) -> (i32, i32) {
        (
            self.min_runspaces.min(self.max_runspaces),
            self.min_runspaces.max(self.max_runspaces),
        )
    }

    /// Reads the message's value.
    ///
    /// # Errors
    /// When a property is missing or has another type.
    pub fn from_value(value: &Value) -> Result<Self, DecodeError> {
        let references = References::of(value);
        let bag = Bag::open("RUNSPACEPOOL_INIT_DATA", value, &references)?;
        Ok(Self {
            min_runspaces: bag.int32("MinRunspaces")?,
            max_runspaces: bag.int32("MaxRunspaces")?,
        })
    }

    /// The message's value.
    #[must_use]
    pub fn to_value(&self) -> Value {
        Object::bag()
            .named("MinRunspaces", self.min_runspaces)
            .named("MaxRunspaces", self.max_runspaces)
            .into()
    }
}
