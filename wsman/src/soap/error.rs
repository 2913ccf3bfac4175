//! Why an envelope could not be read.

use std::fmt;

/// An envelope, or a part of it, is not what the protocol asks for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DecodeError {
    item: &'static str,
    offset: usize,
    kind: DecodeErrorKind,
}

impl DecodeError {
    pub(crate) fn new(item: &'static str, offset: usize, kind: DecodeErrorKind) -> Self {
        Self { item, offset, kind }
    }

    /// What was being read, as the protocol calls it.
    #[must_use]
    pub fn item(&self) -> &'static str {
        self.item
    }

    /// The byte of the UTF-8 envelope at which the trouble begins.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// What was wrong.
    #[must_use]
    pub fn kind(&self) -> &DecodeErrorKind {
        &self.kind
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}: {}", self.item, self.offset, self.kind)
    }
}

impl std::error::Error for DecodeError {}

/// What is wrong with an envelope.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// Neither UTF-8 nor UTF-16, or broken.
    #[error("the text is not valid {0}")]
    Encoding(&'static str),
    /// Not well-formed XML.
    #[error("not well-formed XML: {0}")]
    Xml(String),
    /// A document type, which is never read.
    #[error("a document type declaration is not allowed")]
    DocumentType,
    /// A processing instruction, which SOAP does not allow.
    #[error("a processing instruction is not allowed")]
    ProcessingInstruction,
    /// A prefix without a namespace.
    #[error("the prefix {0:?} is not bound to a namespace")]
    UnboundPrefix(String),
    /// A ceiling of [`EnvelopeLimits`](super::EnvelopeLimits).
    #[error("{what} exceed the limit of {limit}")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How much is allowed.
        limit: usize,
    },
    /// The envelope is of SOAP 1.1 or of something else.
    #[error("the envelope namespace {0:?} is not that of SOAP 1.2")]
    SoapVersion(String),
    /// A required element or attribute is not there.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// An element that has no place there.
    #[error("the element {0:?} is not expected")]
    Unexpected(String),
    /// A text that does not have the form of its type.
    #[error("{value:?} is not {expected}")]
    Value {
        /// What the type is.
        expected: &'static str,
        /// The beginning of what stands there instead.
        value: String,
    },
    /// Text that is not base64.
    #[error("the text is not base64")]
    Base64,
    /// The body is that of another operation.
    #[error("the action {0:?} is not the one expected")]
    Action(String),
    /// The answer belongs to another request.
    #[error("it relates to the message {0:?}, not to the one that was sent")]
    RelatesTo(String),
}

impl DecodeErrorKind {
    /// A [`Value`](Self::Value) that quotes no more than a line of what stands there.
    pub(crate) fn value(expected: &'static str, value: &str) -> Self {
        Self::Value {
            expected,
            value: value.chars().take(80).collect(),
        }
    }
}
