//! The client's calls about the pool's size, its reset, and their answer.

use crate::{
    CallId, DecodeError, Object, References, Value,
    property::{Bag, OptionalProperty},
};

macro_rules! size_calls {
    ($($(#[$doc:meta])* $name:ident, $item:literal, $field:ident, $property:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub struct $name {
            /// The wanted number of runspaces.
            pub $field: i32,
            /// Names the call; the answer repeats it.
            pub call: CallId,
        }

        impl $name {
            /// Reads the message's value.
            ///
            /// # Errors
            /// When a property is missing or has another type.
            pub fn from_value(value: &Value) -> Result<Self, DecodeError> {
                let references = References::of(value);
                let bag = Bag::open($item, value, &references)?;
                Ok(Self {
                    $field: bag.int32($property)?,
                    call: CallId::new(bag.int64("ci")?),
                })
            }

            /// The message's value.
            #[must_use]
            pub fn to_value(&self) -> Value {
                Object::bag()
                    .named($property, self.$field)
                    .named("ci", self.call.get())
                    .into()
            }
        }
    )*};
}

macro_rules! plain_calls {
    ($($(#[$doc:meta])* $name:ident, $item:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub struct $name {
            /// Names the call; the answer repeats it.
            pub call: CallId,
        }

        impl $name {
            /// Reads the message's value.
            ///
            /// # Errors
            /// When the property is missing or has another type.
            pub fn from_value(value: &Value) -> Result<Self, DecodeError> {
                let references = References::of(value);
                let bag = Bag::open($item, value, &references)?;
                Ok(Self { call: CallId::new(bag.int64("ci")?) })
            }

            /// The message's value.
            #[must_use]
            pub fn to_value(&self) -> Value {
                Object::bag().named("ci", self.call.get()).into()
            }
        }
    )*};
}

size_calls! {
    /// [2.2.2.6] SET_MAX_RUNSPACES: how many runspaces the pool may open.
    SetMaxRunspaces, "SET_MAX_RUNSPACES", max_runspaces, "MaxRunspaces";
    /// [2.2.2.7] SET_MIN_RUNSPACES: how many runspaces the pool keeps ready.
    SetMinRunspaces, "SET_MIN_RUNSPACES", min_runspaces, "MinRunspaces";
}

plain_calls! {
    /// [2.2.2.11] GET_AVAILABLE_RUNSPACES: how many runspaces are free?
    GetAvailableRunspaces, "GET_AVAILABLE_RUNSPACES";
    /// [2.2.2.31] RESET_RUNSPACE_STATE: makes the runspace of a pool of one as it was when new.
    ResetRunspaceState, "RESET_RUNSPACE_STATE";
}

/// [2.2.2.8] RUNSPACE_AVAILABILITY: the answer to the four calls.
///
/// It does not say which of them it answers: the client has to remember.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RunspaceAvailability {
    /// What the server says.
    pub response: AvailabilityResponse,
    /// The call that is answered.
    pub call: CallId,
}

/// What a RUNSPACE_AVAILABILITY says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AvailabilityResponse {
    /// Whether the size was set or the state reset.
    Done(bool),
    /// How many runspaces are free, or could be opened.
    Available(i64),
}

impl RunspaceAvailability {
    /// Reads the message's value.
    ///
    /// # Errors
    /// When a property is missing or has another type.
    pub fn from_value(value: &Value) -> Result<Self, DecodeError> {
        let references = References::of(value);
        let bag = Bag::open("RUNSPACE_AVAILABILITY", value, &references)?;
        const RESPONSE: &str = "SetMinMaxRunspacesResponse";
        let value = bag.required(RESPONSE)?;
        let response = match value.unwrapped() {
            Value::Bool(done) => AvailabilityResponse::Done(*done),
            Value::Int32(available) => AvailabilityResponse::Available((*available).into()),
            Value::Int64(available) => AvailabilityResponse::Available(*available),
            _ => return Err(bag.wrong(RESPONSE, "B, I32 or I64", value)),
        };
        Ok(Self {
            response,
            call: CallId::new(bag.int64("ci")?),
        })
    }

    /// The message's value.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let response = match self.response {
            AvailabilityResponse::Done(done) => Value::Bool(done),
            // PowerShell sends 32 bits; MS-PSRP has 64.
            AvailabilityResponse::Available(count) => match i32::try_from(count) {
                Ok(count) => Value::Int32(count),
                Err(_) => Value::Int64(count),
            },
        };
        Object::bag()
            .named("SetMinMaxRunspacesResponse", response)
            .named("ci", self.call.get())
            .into()
    }
}
