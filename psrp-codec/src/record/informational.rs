//! WARNING_RECORD, VERBOSE_RECORD and DEBUG_RECORD: messages of three kinds.

use super::RecordInvocation;
use crate::{
    DecodeError, MessageKind, Object, PsString, References, TypeNames, Value,
    property::{Bag, OptionalProperty},
};

/// Which of the three streams a message is for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum InformationalKind {
    /// [2.2.2.22] DEBUG_RECORD.
    Debug,
    /// [2.2.2.23] VERBOSE_RECORD.
    Verbose,
    /// [2.2.2.24] WARNING_RECORD.
    Warning,
}

impl InformationalKind {
    /// The message that carries it.
    #[must_use]
    pub const fn message_kind(self) -> MessageKind {
        match self {
            Self::Debug => MessageKind::DebugRecord,
            Self::Verbose => MessageKind::VerboseRecord,
            Self::Warning => MessageKind::WarningRecord,
        }
    }

    /// The types of the record.
    fn type_names(self) -> TypeNames {
        let name = match self {
            Self::Debug => "System.Management.Automation.DebugRecord",
            Self::Verbose => "System.Management.Automation.VerboseRecord",
            Self::Warning => "System.Management.Automation.WarningRecord",
        };
        TypeNames::of([
            PsString::from_static(name),
            PsString::from_static("System.Management.Automation.InformationalRecord"),
            PsString::from_static("System.Object"),
        ])
    }
}

/// [2.2.3.16] InformationalRecord: a warning, a verbose or a debug message.
#[derive(Clone, Debug, PartialEq)]
pub struct InformationalRecord {
    /// The message.
    pub message: Option<PsString>,
    /// What ran when it was written, if the client asked for that.
    pub invocation: Option<Box<RecordInvocation>>,
    /// How often each command of the pipeline had run by then; goes with `invocation`.
    pub pipeline_iteration_info: Vec<i32>,
    /// The type names, where they are not PowerShell's own for the kind.
    pub type_names: Option<TypeNames>,
    /// The text of the object, where it is not the message.
    pub text: Option<PsString>,
}

impl InformationalRecord {
    /// A message without the invocation it comes from.
    pub fn new(message: impl Into<PsString>) -> Self {
        Self {
            message: Some(message.into()),
            invocation: None,
            pipeline_iteration_info: Vec::new(),
            type_names: None,
            text: None,
        }
    }

    /// Reads the value of the message that carries `kind`.
    ///
    /// # Errors
    /// When a property is missing or has another type.
    pub fn from_value(kind: InformationalKind, value: &Value) -> Result<Self, DecodeError> {
        let references = References::of(value);
        let bag = Bag::open(kind.message_kind().name(), value, &references)?;
        let message = bag.string_or_null("InformationalRecord_Message")?;
        let enriched = bag.bool("InformationalRecord_SerializeInvocationInfo")?;
        let (mut invocation, mut iteration) = (None, Vec::new());
        if enriched {
            let (read, counts) = RecordInvocation::read(&bag, ITERATION)?;
            (invocation, iteration) = (Some(Box::new(read)), counts);
        }
        let object = bag.object();
        Ok(Self {
            type_names: object
                .type_names
                .clone()
                .filter(|names| *names != kind.type_names()),
            text: object
                .to_string
                .clone()
                .filter(|text| Some(text) != message.as_ref()),
            message,
            invocation,
            pipeline_iteration_info: iteration,
        })
    }

    /// The value of the message that carries `kind`.
    #[must_use]
    pub fn to_value(&self, kind: InformationalKind) -> Value {
        let type_names = self.type_names.clone();
        let text = self.text.clone().or_else(|| self.message.clone());
        let mut record = Object::bag()
            .typed(type_names.unwrap_or_else(|| kind.type_names()))
            .text(text.unwrap_or_default())
            .named("InformationalRecord_Message", self.message.clone())
            .named(
                "InformationalRecord_SerializeInvocationInfo",
                self.invocation.is_some(),
            );
        if let Some(invocation) = &self.invocation {
            record = invocation.write(record, ITERATION, &self.pipeline_iteration_info);
        }
        record.into()
    }
}

const ITERATION: &str = "InformationalRecord_PipelineIterationInfo";
