//! ERROR_RECORD: an error, what it is about and where it happened.

use super::RecordInvocation;
use crate::{
    DecodeError, ErrorCategory, Member, Object, Property, PsString, RefId, References, TypeNames,
    Value,
    property::{Bag, OptionalProperty},
};

/// [2.2.3.15] ErrorRecord: the message ERROR_RECORD, the reason of a state, and the error of a
/// host response.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ErrorRecord {
    /// The label by which something in the record refers to the record itself.
    pub ref_id: Option<RefId>,
    /// `TN`; `None` in host responses, which carry the properties alone.
    pub type_names: Option<TypeNames>,
    /// `ToString`: the error's message; `None` in host responses.
    pub text: Option<PsString>,
    /// What somebody has added to the record with Add-Member, which PowerShell writes first.
    pub notes: Vec<Property>,
    /// The exception, as properties: what a consumer needs of it is `Message`.
    pub exception: Value,
    /// What the error is about.
    pub target_object: Value,
    /// The error's id, and what it came from after a comma.
    pub fully_qualified_error_id: Option<PsString>,
    /// A copy of the invocation as an ordinary object; `None` when the property is missing.
    pub invocation_info: Option<Value>,
    /// What sort of error it is.
    pub category: ErrorCategory,
    /// What was being done.
    pub category_activity: Option<PsString>,
    /// The name of the exception.
    pub category_reason: Option<PsString>,
    /// The name of the target.
    pub category_target_name: Option<PsString>,
    /// The type of the target.
    pub category_target_type: Option<PsString>,
    /// The category in words: `ObjectNotFound: (x:String) [Get-Item], ItemNotFoundException`.
    pub category_message: Option<PsString>,
    /// Words that replace those of the exception.
    pub details: Option<ErrorDetails>,
    /// What ran, if the client asked for that.
    pub invocation: Option<Box<RecordInvocation>>,
    /// How often each command of the pipeline had run by then; goes with `invocation`.
    pub pipeline_iteration_info: Vec<i32>,
    /// `ErrorDetails_ScriptStackTrace`: the calls that led to it.
    pub script_stack_trace: Option<PsString>,
    /// What else the record carries, in its order: `PSMessageDetails`, `writeErrorStream`.
    pub others: Vec<Property>,
}

/// Words that replace those of the exception.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ErrorDetails {
    /// The message to show.
    pub message: Option<PsString>,
    /// What to do about it.
    pub recommended_action: Option<PsString>,
}

impl ErrorRecord {
    /// A record for an exception of the .NET type `exception_type`, such as
    /// `System.Management.Automation.RuntimeException`, with what PowerShell derives from it.
    pub fn new(
        exception_type: &str,
        message: impl Into<PsString>,
        fully_qualified_error_id: impl Into<PsString>,
        category: ErrorCategory,
    ) -> Self {
        let message = message.into();
        let reason = exception_type.rsplit('.').next().unwrap_or(exception_type);
        let mut names = vec![PsString::from(exception_type)];
        if exception_type != "System.Exception" {
            names.push(PsString::from_static("System.Exception"));
        }
        names.push(PsString::from_static("System.Object"));
        let exception = Object::of_type(names)
            .text(format!("{exception_type}: {}", message.to_string_lossy()))
            .adapted_property("Message", message.clone());
        Self {
            type_names: Some(Self::own_type_names()),
            text: Some(message),
            exception: exception.into(),
            fully_qualified_error_id: Some(fully_qualified_error_id.into()),
            invocation_info: Some(Value::Null),
            category,
            category_activity: Some(PsString::EMPTY),
            category_reason: Some(reason.into()),
            category_target_name: Some(PsString::EMPTY),
            category_target_type: Some(PsString::EMPTY),
            category_message: Some(format!("{category}: (:) [], {reason}").into()),
            ..Self::default()
        }
    }

    /// What a person should read: the details' message, else the exception's, else the category.
    #[must_use]
    pub fn message(&self) -> Option<&PsString> {
        let details = self.details.as_ref().and_then(|each| each.message.as_ref());
        let not_blank = |text: &&PsString| !text.to_string_lossy().trim().is_empty();
        let exception = self.exception.get("Message").and_then(Value::as_string);
        details
            .filter(not_blank)
            .or_else(|| exception.filter(not_blank))
            .or(self.category_message.as_ref())
    }

    /// Reads the message's value.
    ///
    /// # Errors
    /// When a property is missing or has another type.
    pub fn from_value(value: &Value) -> Result<Self, DecodeError> {
        Self::read(value, &References::of(value))
    }

    pub(crate) fn read<'v>(
        value: &'v Value,
        references: &References<'v>,
    ) -> Result<Self, DecodeError> {
        let bag = Bag::open("ERROR_RECORD", value, references)?;
        let (mut invocation, mut iteration) = (None, Vec::new());
        if bag.bool("SerializeExtendedInfo")? {
            let (read, counts) = RecordInvocation::read(&bag, ITERATION)?;
            (invocation, iteration) = (Some(Box::new(read)), counts);
        }
        const DETAILS: [&str; 2] = ["ErrorDetails_Message", "ErrorDetails_RecommendedAction"];
        let [message, recommended_action] = DETAILS;
        let details = match DETAILS.iter().any(|name| bag.raw(name).is_some()) {
            false => None,
            true => Some(ErrorDetails {
                message: bag.optional_string(message)?,
                recommended_action: bag.optional_string(recommended_action)?,
            }),
        };
        let (notes, others) = others(bag.object());
        Ok(Self {
            ref_id: bag.object().ref_id,
            notes,
            type_names: bag.object().type_names.clone(),
            text: bag.object().to_string.clone(),
            exception: bag.kept("Exception")?,
            target_object: bag.kept("TargetObject")?,
            fully_qualified_error_id: bag.string_or_null("FullyQualifiedErrorId")?,
            invocation_info: bag.raw("InvocationInfo").cloned(),
            category: bag
                .enumeration("ErrorCategory_Category", &ErrorCategory::TYPE)?
                .into(),
            category_activity: bag.string_or_null("ErrorCategory_Activity")?,
            category_reason: bag.string_or_null("ErrorCategory_Reason")?,
            category_target_name: bag.string_or_null("ErrorCategory_TargetName")?,
            category_target_type: bag.string_or_null("ErrorCategory_TargetType")?,
            category_message: bag.string_or_null("ErrorCategory_Message")?,
            details,
            invocation,
            pipeline_iteration_info: iteration,
            script_stack_trace: bag.optional_string("ErrorDetails_ScriptStackTrace")?,
            others,
        })
    }

    /// The message's value.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut record = Object::bag().typed_if(self.type_names.clone());
        record.to_string = self.text.clone();
        self.write(record).into()
    }

    /// The properties alone, as a host response carries them.
    pub(crate) fn to_property_bag(&self) -> Value {
        self.write(Object::bag()).into()
    }

    fn write(&self, mut record: Object) -> Object {
        record.ref_id = self.ref_id;
        for note in &self.notes {
            record = record.property(note.name.clone(), note.value.clone());
        }
        let mut record = record
            .named("Exception", self.exception.clone())
            .named("TargetObject", self.target_object.clone())
            .named(
                "FullyQualifiedErrorId",
                self.fully_qualified_error_id.clone(),
            )
            .optional_property("InvocationInfo", self.invocation_info.clone())
            .named("ErrorCategory_Category", self.category.get())
            .named("ErrorCategory_Activity", self.category_activity.clone())
            .named("ErrorCategory_Reason", self.category_reason.clone())
            .named(
                "ErrorCategory_TargetName",
                self.category_target_name.clone(),
            )
            .named(
                "ErrorCategory_TargetType",
                self.category_target_type.clone(),
            )
            .named("ErrorCategory_Message", self.category_message.clone());
        if let Some(details) = &self.details {
            record = record
                .named("ErrorDetails_Message", details.message.clone())
                .named(
                    "ErrorDetails_RecommendedAction",
                    details.recommended_action.clone(),
                );
        }
        record = record.named("SerializeExtendedInfo", self.invocation.is_some());
        if let Some(invocation) = &self.invocation {
            record = invocation.write(record, ITERATION, &self.pipeline_iteration_info);
        }
        record = record.optional_property(
            "ErrorDetails_ScriptStackTrace",
            self.script_stack_trace.clone(),
        );
        for other in &self.others {
            record = record.property(other.name.clone(), other.value.clone());
        }
        record
    }

    /// The type names of a record that PowerShell itself makes.
    #[must_use]
    pub fn own_type_names() -> TypeNames {
        TypeNames::of([
            PsString::from_static("System.Management.Automation.ErrorRecord"),
            PsString::from_static("System.Object"),
        ])
    }
}

const ITERATION: &str = "PipelineIterationInfo";

/// The properties that have no field of their own: those before the exception, and the others.
fn others(object: &Object) -> (Vec<Property>, Vec<Property>) {
    const PREFIXES: [&str; 3] = ["InvocationInfo_", "ScriptExtent_", "CommandInfo_"];
    const NAMES: [&str; 15] = [
        "Exception",
        "TargetObject",
        "FullyQualifiedErrorId",
        "InvocationInfo",
        "ErrorCategory_Category",
        "ErrorCategory_Activity",
        "ErrorCategory_Reason",
        "ErrorCategory_TargetName",
        "ErrorCategory_TargetType",
        "ErrorCategory_Message",
        "ErrorDetails_Message",
        "ErrorDetails_RecommendedAction",
        "SerializeExtendedInfo",
        "PipelineIterationInfo",
        "ErrorDetails_ScriptStackTrace",
    ];
    let known = |name: &PsString| {
        NAMES.iter().any(|known| name.eq_ignore_case(known))
            || name.eq_ignore_case("SerializeExtent")
            || name.as_str().is_some_and(|name| {
                PREFIXES.iter().any(|prefix| {
                    name.get(..prefix.len())
                        .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
                })
            })
    };
    let is_exception = |member: &Member| match member {
        Member::Property(property) => property.name.eq_ignore_case("Exception"),
        Member::Set(..) => false,
    };
    let members = object.extended.as_deref().unwrap_or_default();
    let before = members.iter().position(is_exception).unwrap_or(0);
    let (before, after) = members.split_at_checked(before).unwrap_or_default();
    let unknown = |members: &[Member]| {
        let unknown = members.iter().filter_map(|member| match member {
            Member::Property(property) if !known(&property.name) => Some(property.clone()),
            _ => None,
        });
        unknown.collect()
    };
    (unknown(before), unknown(after))
}
