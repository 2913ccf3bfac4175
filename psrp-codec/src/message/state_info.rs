//! RUNSPACEPOOL_STATE and PIPELINE_STATE: where a pool or a pipeline stands, and why.

use crate::{
    DecodeError, ErrorRecord, Object, PipelineState, References, RunspacePoolState, Value,
    property::{Bag, OptionalProperty},
};

macro_rules! state_infos {
    ($($(#[$doc:meta])* $name:ident, $state:ident, $item:literal, $property:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name {
            /// The state.
            pub state: $state,
            /// Why, when something went wrong or was stopped.
            pub reason: Option<Box<ErrorRecord>>,
        }

        impl $name {
            /// The state without a reason.
            #[must_use]
            pub const fn new(state: $state) -> Self {
                Self { state, reason: None }
            }

            /// The state with the error that led to it.
            #[must_use]
            pub fn because(state: $state, reason: ErrorRecord) -> Self {
                Self { state, reason: Some(Box::new(reason)) }
            }

            /// Reads the message's value.
            ///
            /// # Errors
            /// When a property is missing or has another type.
            pub fn from_value(value: &Value) -> Result<Self, DecodeError> {
                let references = References::of(value);
                let bag = Bag::open($item, value, &references)?;
                let reason = match bag.optional("ExceptionAsErrorRecord")? {
                    None | Some(Value::Null) => None,
                    Some(record) => Some(Box::new(ErrorRecord::read(record, &references)?)),
                };
                Ok(Self {
                    state: $state::from_i32(bag.int32($property)?),
                    reason,
                })
            }

            /// The message's value.
            #[must_use]
            pub fn to_value(&self) -> Value {
                Object::bag()
                    .named($property, self.state.as_i32())
                    .optional_property(
                        "ExceptionAsErrorRecord",
                        self.reason.as_ref().map(|record| record.to_value()),
                    )
                    .into()
            }
        }
    )*};
}

state_infos! {
    /// [2.2.2.9] RUNSPACEPOOL_STATE: where the pool stands.
    RunspacePoolStateInfo, RunspacePoolState, "RUNSPACEPOOL_STATE", "RunspaceState";
    /// [2.2.2.21] PIPELINE_STATE: where the pipeline stands.
    ///
    /// An error that ended the pipeline comes here alone; no ERROR_RECORD precedes it.
    PipelineStateInfo, PipelineState, "PIPELINE_STATE", "PipelineState";
}
