//! RUNSPACEPOOL_HOST_CALL and PIPELINE_HOST_CALL, and their answers.

use crate::{
    CallId, DecodeError, ErrorRecord, HostAnswer, HostMethod, HostRequest, Object, References,
    Value,
    host::array_list,
    property::{Bag, OptionalProperty},
};

/// [2.2.2.15] RUNSPACEPOOL_HOST_CALL and [2.2.2.27] PIPELINE_HOST_CALL: a call to the host of the
/// client.
#[derive(Clone, Debug, PartialEq)]
pub struct HostCall {
    /// Names the call among those of its pool or its pipeline; −100 for calls that are not
    /// answered.
    pub call: CallId,
    /// What is asked for.
    pub request: HostRequest,
}

impl HostCall {
    /// A call for a method that gives nothing.
    #[must_use]
    pub const fn void(request: HostRequest) -> Self {
        Self {
            call: CallId::VOID,
            request,
        }
    }

    /// Reads the message's value.
    ///
    /// # Errors
    /// When a property is missing or has another type, or the method has other parameters.
    pub fn from_value(value: &Value) -> Result<Self, DecodeError> {
        let references = References::of(value);
        let bag = Bag::open("host call", value, &references)?;
        let call = CallId::new(bag.int64("ci")?);
        let method = bag.enumeration("mi", &HostMethod::TYPE)?;
        let request = HostRequest::read(method, bag.list("mp")?, &references)?;
        Ok(Self { call, request })
    }

    /// The message's value.
    #[must_use]
    pub fn to_value(&self) -> Value {
        Object::bag()
            .named("ci", self.call.get())
            .named("mi", method_value(self.request.method_number()))
            .named("mp", array_list(self.request.parameters()))
            .into()
    }
}

/// [2.2.2.16] RUNSPACEPOOL_HOST_RESPONSE and [2.2.2.28] PIPELINE_HOST_RESPONSE: what the host
/// gave, or why it could not.
#[derive(Clone, Debug, PartialEq)]
pub struct HostResponse {
    /// The call that is answered.
    pub call: CallId,
    /// The number of its method.
    pub method: i32,
    /// What the method gave, or the error that it ended with.
    pub answer: Result<HostAnswer, Box<ErrorRecord>>,
}

impl HostResponse {
    /// Reads the message's value.
    ///
    /// # Errors
    /// When a property is missing or has another type, or the answer is not what the method
    /// gives.
    pub fn from_value(value: &Value) -> Result<Self, DecodeError> {
        let references = References::of(value);
        let bag = Bag::open("host response", value, &references)?;
        let method = bag.enumeration("mi", &HostMethod::TYPE)?;
        let answer = match bag.present("me")? {
            Some(error) => Err(Box::new(ErrorRecord::read(error, &references)?)),
            None => Ok(match bag.optional("mr")? {
                Some(value) => HostAnswer::read(method, value, &references)?,
                None => HostAnswer::Null,
            }),
        };
        Ok(Self {
            call: CallId::new(bag.int64("ci")?),
            method,
            answer,
        })
    }

    /// The message's value.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let bag = match &self.answer {
            Ok(answer) => Object::bag().optional_property("mr", answer.to_value()),
            // Properties alone, without type names and text, whatever the record has.
            Err(error) => Object::bag().named("me", error.to_property_bag()),
        };
        bag.named("ci", self.call.get())
            .named("mi", method_value(self.method))
            .into()
    }
}

fn method_value(number: i32) -> Value {
    crate::property::enumeration_value(&HostMethod::TYPE, number)
}
