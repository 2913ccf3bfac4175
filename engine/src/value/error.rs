//! What an operation returns when it fails.

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::exception::Exception;
use super::types::{TypeId, TypeRef};
use super::{Text, Value};

/// [System.Management.Automation.ErrorCategory]
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[expect(
    missing_docs,
    reason = "the names are PowerShell's and say what they mean"
)]
#[repr(u8)]
pub enum ErrorCategory {
    #[default]
    NotSpecified,
    OpenError,
    CloseError,
    DeviceError,
    DeadlockDetected,
    InvalidArgument,
    InvalidData,
    InvalidOperation,
    InvalidResult,
    InvalidType,
    MetadataError,
    NotImplemented,
    NotInstalled,
    ObjectNotFound,
    OperationStopped,
    OperationTimeout,
    SyntaxError,
    ParserError,
    PermissionDenied,
    ResourceBusy,
    ResourceExists,
    ResourceUnavailable,
    ReadError,
    WriteError,
    FromStdErr,
    SecurityError,
    ProtocolError,
    ConnectionError,
    AuthenticationError,
    LimitsExceeded,
    QuotaExceeded,
    NotEnabled,
}

impl ErrorCategory {
    /// The category of that number; `NotSpecified` for numbers that have none.
    #[must_use]
    pub fn from_number(number: i64) -> Self {
        use ErrorCategory as C;
        const ALL: [ErrorCategory; 32] = [
            C::NotSpecified,
            C::OpenError,
            C::CloseError,
            C::DeviceError,
            C::DeadlockDetected,
            C::InvalidArgument,
            C::InvalidData,
            C::InvalidOperation,
            C::InvalidResult,
            C::InvalidType,
            C::MetadataError,
            C::NotImplemented,
            C::NotInstalled,
            C::ObjectNotFound,
            C::OperationStopped,
            C::OperationTimeout,
            C::SyntaxError,
            C::ParserError,
            C::PermissionDenied,
            C::ResourceBusy,
            C::ResourceExists,
            C::ResourceUnavailable,
            C::ReadError,
            C::WriteError,
            C::FromStdErr,
            C::SecurityError,
            C::ProtocolError,
            C::ConnectionError,
            C::AuthenticationError,
            C::LimitsExceeded,
            C::QuotaExceeded,
            C::NotEnabled,
        ];
        usize::try_from(number)
            .ok()
            .and_then(|index| ALL.get(index))
            .copied()
            .unwrap_or_default()
    }
}

/// Why an operation did not give a value.
#[derive(Debug)]
pub enum Raise {
    /// An error, from which an error record is made.
    Error(Box<RaisedError>),
    /// What the evaluator sent through a value operation that called back into a script: `exit`, a stop, a loop's `break` …
    Flow(Box<dyn Any + Send>),
}

/// The makings of an error record.
#[derive(Clone, Debug)]
pub struct RaisedError {
    /// The exception.
    pub exception: Arc<Exception>,
    /// The first part of FullyQualifiedErrorId.
    pub fqid: Cow<'static, str>,
    /// The category.
    pub category: ErrorCategory,
    /// TargetObject.
    pub target: Value,
}

impl Raise {
    /// An error of a known exception type, in category `NotSpecified`.
    #[must_use]
    pub fn of(
        exception: TypeId,
        message: impl Into<Text>,
        fqid: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::from_exception(Exception::new(TypeRef::of(exception), message), fqid)
    }

    /// A `RuntimeException` in category `InvalidOperation`: what most operators raise.
    #[must_use]
    pub fn runtime(message: impl Into<Text>, fqid: impl Into<Cow<'static, str>>) -> Self {
        Self::of(TypeId::RuntimeException, message, fqid).category(ErrorCategory::InvalidOperation)
    }

    /// An exception as a .NET method throws it; the id is the name of its type.
    #[must_use]
    pub fn thrown(exception: TypeId, message: impl Into<Text>) -> Self {
        let ty = TypeRef::of(exception);
        let name = ty.name().to_string();
        Self::from_exception(Exception::new(ty, message), name)
    }

    /// An error with `exception`.
    #[must_use]
    pub fn from_exception(exception: Exception, fqid: impl Into<Cow<'static, str>>) -> Self {
        Self::Error(Box::new(RaisedError {
            exception: Arc::new(exception),
            fqid: fqid.into(),
            category: ErrorCategory::NotSpecified,
            target: Value::Null,
        }))
    }

    /// Sets the category.
    #[must_use]
    pub fn category(mut self, category: ErrorCategory) -> Self {
        if let Self::Error(error) = &mut self {
            error.category = category;
        }
        self
    }

    /// Sets the target object.
    #[must_use]
    pub fn target(mut self, target: Value) -> Self {
        if let Self::Error(error) = &mut self {
            error.target = target;
        }
        self
    }

    /// Sets the inner exception.
    #[must_use]
    pub fn caused_by(mut self, inner: Arc<Exception>) -> Self {
        if let Self::Error(error) = &mut self {
            let mut exception = (*error.exception).clone();
            exception.inner = Some(inner);
            error.exception = Arc::new(exception);
        }
        self
    }

    /// The message, if this is an error.
    #[must_use]
    pub fn message(&self) -> &str {
        match self {
            Self::Error(error) => error.exception.message(),
            Self::Flow(_) => "",
        }
    }

    /// The error, if this is one.
    #[must_use]
    pub fn error(&self) -> Option<&RaisedError> {
        match self {
            Self::Error(error) => Some(error),
            Self::Flow(_) => None,
        }
    }
}

impl fmt::Display for Raise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl std::error::Error for Raise {}
