//! Exceptions and error records as objects that scripts look into.

use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use super::clr::{ClrLike, PropertyInfo};
use super::context::Context;
use super::error::{ErrorCategory, Raise};
use super::fold::equal_folded;
use super::hashtable::Hashtable;
use super::object::Extended;
use super::types::{TypeId, TypeRef};
use super::{Text, Value};

/// An exception: its type (whose bases `catch` looks through), its message, and what caused it.
#[derive(Clone, Debug)]
pub struct Exception {
    /// The .NET type.
    pub ty: TypeRef,
    message: Text,
    /// InnerException.
    pub inner: Option<Arc<Exception>>,
    /// Further properties of this type, such as `ParamName` or `CommandName`, in order.
    pub details: Vec<(&'static str, Value)>,
    /// The record that this exception came with, for `$_.Exception.ErrorRecord`.
    pub record: OnceLock<Box<Value>>,
    data: OnceLock<Arc<Hashtable>>,
}

impl Exception {
    /// An exception of type `ty`.
    #[must_use]
    pub fn new(ty: TypeRef, message: impl Into<Text>) -> Self {
        Self {
            ty,
            message: message.into(),
            inner: None,
            details: Vec::new(),
            record: OnceLock::new(),
            data: OnceLock::new(),
        }
    }

    /// The message.
    #[must_use]
    pub fn message(&self) -> &Text {
        &self.message
    }

    /// Adds the exception that caused this one.
    #[must_use]
    pub fn caused_by(mut self, inner: Arc<Self>) -> Self {
        self.inner = Some(inner);
        self
    }

    /// Adds a property of its own.
    #[must_use]
    pub fn detail(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.details.push((name, value.into()));
        self
    }
}

impl ClrLike for Exception {
    fn type_ref(&self) -> TypeRef {
        self.ty.clone()
    }

    fn properties(&self) -> Vec<PropertyInfo> {
        let own = self.details.iter().map(|(name, value)| PropertyInfo {
            name,
            type_name: value
                .type_ref()
                .map_or("System.Object", |ty| ty.static_name()),
            settable: false,
        });
        let common = [
            ("TargetSite", "System.Reflection.MethodBase", false),
            ("Message", "System.String", false),
            ("Data", "System.Collections.IDictionary", false),
            ("InnerException", "System.Exception", false),
            ("HelpLink", "System.String", true),
            ("Source", "System.String", true),
            ("HResult", "System.Int32", true),
            ("StackTrace", "System.String", false),
        ];
        own.chain(common.map(|(name, type_name, settable)| PropertyInfo {
            name,
            type_name,
            settable,
        }))
        .collect()
    }

    fn property(&self, name: &str) -> Option<Result<Value, Raise>> {
        if let Some((_, value)) = self.details.iter().find(|(own, _)| equal_folded(own, name)) {
            return Some(Ok(value.clone()));
        }
        let value = match name.to_ascii_lowercase().as_str() {
            "message" => Value::String(self.message.clone()),
            "innerexception" => self
                .inner
                .clone()
                .map_or(Value::Null, |inner| Value::Clr(inner)),
            "errorrecord" => self
                .record
                .get()
                .map_or(Value::Null, |record| (**record).clone()),
            "data" => Value::Hash(Arc::clone(
                self.data.get_or_init(|| Arc::new(Hashtable::new())),
            )),
            "hresult" => Value::Int32(hresult(&self.ty)),
            "helplink" | "source" | "stacktrace" | "targetsite" => Value::Null,
            _ => return None,
        };
        Some(Ok(value))
    }

    fn methods(&self) -> &'static [&'static str] {
        &["GetBaseException"]
    }

    fn invoke(
        &self,
        this: &Value,
        name: &str,
        arguments: &[Value],
        _cx: &mut dyn Context,
    ) -> Option<Result<Value, Raise>> {
        if !(equal_folded(name, "GetBaseException") && arguments.is_empty()) {
            return None;
        }
        let Some(mut deepest) = self.inner.as_ref() else {
            return Some(Ok(this.clone()));
        };
        while let Some(inner) = &deepest.inner {
            deepest = inner;
        }
        let deepest: Arc<dyn ClrLike> = Arc::clone(deepest) as Arc<dyn ClrLike>;
        Some(Ok(Value::Clr(deepest)))
    }

    fn text(&self) -> Text {
        match &self.inner {
            Some(inner) => format!(
                "{}: {}\n ---> {}\n   --- End of inner exception stack trace ---",
                self.ty.full_name(),
                self.message,
                inner.text()
            )
            .into(),
            None => format!("{}: {}", self.ty.full_name(), self.message).into(),
        }
    }
}

/// `HResult` of an exception that nothing else gave one: that of its type, or of the nearest base that has one.
fn hresult(ty: &TypeRef) -> i32 {
    ty.chain()
        .find_map(|ty| {
            let name = ty.full_name();
            HRESULTS.iter().find(|(own, _)| *own == name.as_str())
        })
        .map_or(-2_146_233_088, |(_, code)| *code)
}

const HRESULTS: &[(&str, i32)] = &[
    ("System.SystemException", -2_146_233_087),
    ("System.ArgumentException", -2_147_024_809),
    ("System.ArgumentNullException", -2_147_467_261),
    ("System.ArgumentOutOfRangeException", -2_146_233_086),
    ("System.ArithmeticException", -2_147_024_362),
    ("System.DivideByZeroException", -2_147_352_558),
    ("System.OverflowException", -2_146_233_066),
    ("System.FormatException", -2_146_233_033),
    ("System.InvalidCastException", -2_147_467_262),
    ("System.InvalidOperationException", -2_146_233_079),
    ("System.NotSupportedException", -2_146_233_067),
    ("System.NotImplementedException", -2_147_467_263),
    ("System.NullReferenceException", -2_147_467_261),
    ("System.IndexOutOfRangeException", -2_146_233_080),
    ("System.OutOfMemoryException", -2_147_024_882),
    ("System.TimeoutException", -2_146_233_083),
    ("System.OperationCanceledException", -2_146_233_029),
    ("System.UnauthorizedAccessException", -2_147_024_891),
    (
        "System.Collections.Generic.KeyNotFoundException",
        -2_146_232_969,
    ),
    ("System.IO.IOException", -2_146_232_800),
    ("System.IO.FileNotFoundException", -2_147_024_894),
    ("System.IO.DirectoryNotFoundException", -2_147_024_893),
];

/// `System.Management.Automation.ErrorRecord`.
#[derive(Debug)]
pub struct ErrorRecord {
    /// The exception: an [`Exception`], or an object of a script's class that derives from one.
    pub exception: Value,
    /// TargetObject.
    pub target: Value,
    /// FullyQualifiedErrorId, complete.
    pub fully_qualified_error_id: Text,
    /// CategoryInfo.Category.
    pub category: ErrorCategory,
    /// CategoryInfo.Activity, Reason, TargetName and TargetType.
    pub category_texts: RwLock<[Text; 4]>,
    /// ErrorDetails.Message, which replaces the exception's message in the text.
    pub details: RwLock<Option<Text>>,
    /// ErrorDetails.RecommendedAction.
    pub recommended_action: RwLock<Text>,
    /// InvocationInfo, which the evaluator makes.
    pub invocation_info: RwLock<Value>,
    /// ScriptStackTrace.
    pub script_stack_trace: RwLock<Value>,
    extended: Extended,
}

impl ErrorRecord {
    /// A record of `exception`.
    #[must_use]
    pub fn new(
        exception: Value,
        fully_qualified_error_id: impl Into<Text>,
        category: ErrorCategory,
        target: Value,
    ) -> Self {
        let type_name = |value: &Value| value.type_ref().map_or_else(Text::default, |ty| ty.name());
        let category_texts = [
            Text::default(),
            type_name(&exception),
            super::convert::invariant_text(&target),
            type_name(&target),
        ];
        Self {
            exception,
            target,
            fully_qualified_error_id: fully_qualified_error_id.into(),
            category,
            category_texts: RwLock::new(category_texts),
            details: RwLock::default(),
            recommended_action: RwLock::default(),
            invocation_info: RwLock::default(),
            script_stack_trace: RwLock::default(),
            extended: Extended::default(),
        }
    }

    /// The exception as the engine's own exception; `None` if it is an object of a script's class.
    #[must_use]
    pub fn exception(&self) -> Option<&Exception> {
        self.exception.as_clr()
    }

    /// What the record says: its details, or else the exception's message.
    #[must_use]
    pub fn message(&self) -> Text {
        if let Some(details) = &*self.details.read().unwrap_or_else(PoisonError::into_inner) {
            return details.clone();
        }
        self.exception()
            .map_or_else(Text::default, |exception| exception.message().clone())
    }
}

impl ClrLike for ErrorRecord {
    fn type_ref(&self) -> TypeRef {
        TypeRef::of(TypeId::ErrorRecord)
    }

    fn properties(&self) -> Vec<PropertyInfo> {
        [
            ("Exception", "System.Exception", false),
            ("TargetObject", "System.Object", false),
            (
                "CategoryInfo",
                "System.Management.Automation.ErrorCategoryInfo",
                false,
            ),
            ("FullyQualifiedErrorId", "System.String", false),
            (
                "ErrorDetails",
                "System.Management.Automation.ErrorDetails",
                true,
            ),
            (
                "InvocationInfo",
                "System.Management.Automation.InvocationInfo",
                false,
            ),
            ("ScriptStackTrace", "System.String", false),
            (
                "PipelineIterationInfo",
                "System.Collections.ObjectModel.ReadOnlyCollection[int]",
                false,
            ),
        ]
        .map(|(name, type_name, settable)| PropertyInfo {
            name,
            type_name,
            settable,
        })
        .into()
    }

    fn property(&self, name: &str) -> Option<Result<Value, Raise>> {
        let value = match name.to_ascii_lowercase().as_str() {
            "exception" => self.exception.clone(),
            "targetobject" => self.target.clone(),
            "categoryinfo" => {
                let texts = self
                    .category_texts
                    .read()
                    .unwrap_or_else(PoisonError::into_inner)
                    .clone();
                Value::clr(ErrorCategoryInfo {
                    category: self.category,
                    texts,
                })
            }
            "fullyqualifiederrorid" => Value::String(self.fully_qualified_error_id.clone()),
            "errordetails" => {
                let details = self
                    .details
                    .read()
                    .unwrap_or_else(PoisonError::into_inner)
                    .clone();
                let action = self
                    .recommended_action
                    .read()
                    .unwrap_or_else(PoisonError::into_inner)
                    .clone();
                details.map_or(Value::Null, |message| {
                    Value::clr(ErrorDetails {
                        message,
                        recommended_action: RwLock::new(action),
                    })
                })
            }
            "invocationinfo" => self
                .invocation_info
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .clone(),
            "scriptstacktrace" => self
                .script_stack_trace
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .clone(),
            "pipelineiterationinfo" => Value::array(Vec::new()),
            _ => return None,
        };
        Some(Ok(value))
    }

    fn set_property(
        &self,
        name: &str,
        value: &Value,
        _cx: &mut dyn Context,
    ) -> Option<Result<(), Raise>> {
        if !equal_folded(name, "ErrorDetails") {
            return None;
        }
        let details = match value.as_clr::<ErrorDetails>() {
            Some(details) => Some(details.message.clone()),
            None => value.as_text().cloned(),
        };
        *self.details.write().unwrap_or_else(PoisonError::into_inner) = details;
        Some(Ok(()))
    }

    fn text(&self) -> Text {
        self.message()
    }

    fn extended(&self) -> Option<&Extended> {
        Some(&self.extended)
    }
}

/// `System.Management.Automation.ErrorCategoryInfo`, as it was when asked for.
#[derive(Debug)]
pub(crate) struct ErrorCategoryInfo {
    category: ErrorCategory,
    texts: [Text; 4],
}

impl ClrLike for ErrorCategoryInfo {
    fn type_ref(&self) -> TypeRef {
        TypeRef::of(TypeId::ErrorCategoryInfo)
    }

    fn properties(&self) -> Vec<PropertyInfo> {
        [
            (
                "Category",
                "System.Management.Automation.ErrorCategory",
                false,
            ),
            ("Activity", "System.String", true),
            ("Reason", "System.String", true),
            ("TargetName", "System.String", true),
            ("TargetType", "System.String", true),
        ]
        .map(|(name, type_name, settable)| PropertyInfo {
            name,
            type_name,
            settable,
        })
        .into()
    }

    fn property(&self, name: &str) -> Option<Result<Value, Raise>> {
        let index = match name.to_ascii_lowercase().as_str() {
            "category" => {
                return Some(Ok(Value::enumeration(
                    "System.Management.Automation.ErrorCategory",
                    self.category as i64,
                )
                .unwrap_or_default()));
            }
            "activity" => 0,
            "reason" => 1,
            "targetname" => 2,
            "targettype" => 3,
            _ => return None,
        };
        Some(Ok(Value::String(self.texts[index].clone())))
    }

    fn methods(&self) -> &'static [&'static str] {
        &["GetMessage"]
    }

    fn invoke(
        &self,
        _this: &Value,
        name: &str,
        _arguments: &[Value],
        _cx: &mut dyn Context,
    ) -> Option<Result<Value, Raise>> {
        equal_folded(name, "GetMessage").then(|| Ok(Value::String(self.text())))
    }

    fn text(&self) -> Text {
        let [activity, reason, target_name, target_type] = &self.texts;
        format!(
            "{:?}: ({target_name}:{target_type}) [{activity}], {reason}",
            self.category
        )
        .into()
    }
}

/// `System.Management.Automation.ErrorDetails`.
#[derive(Debug)]
pub(crate) struct ErrorDetails {
    pub(crate) message: Text,
    pub(crate) recommended_action: RwLock<Text>,
}

impl ClrLike for ErrorDetails {
    fn type_ref(&self) -> TypeRef {
        TypeRef::of(TypeId::ErrorDetails)
    }

    fn properties(&self) -> Vec<PropertyInfo> {
        vec![
            PropertyInfo {
                name: "Message",
                type_name: "System.String",
                settable: false,
            },
            PropertyInfo {
                name: "RecommendedAction",
                type_name: "System.String",
                settable: true,
            },
        ]
    }

    fn property(&self, name: &str) -> Option<Result<Value, Raise>> {
        let text = match name.to_ascii_lowercase().as_str() {
            "message" => self.message.clone(),
            "recommendedaction" => self
                .recommended_action
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .clone(),
            _ => return None,
        };
        Some(Ok(Value::String(text)))
    }

    fn set_property(
        &self,
        name: &str,
        value: &Value,
        _cx: &mut dyn Context,
    ) -> Option<Result<(), Raise>> {
        if !equal_folded(name, "RecommendedAction") {
            return None;
        }
        *self
            .recommended_action
            .write()
            .unwrap_or_else(PoisonError::into_inner) = value.as_text().cloned().unwrap_or_default();
        Some(Ok(()))
    }

    fn text(&self) -> Text {
        self.message.clone()
    }
}
