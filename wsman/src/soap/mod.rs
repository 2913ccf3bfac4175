//! SOAP envelopes as WS-Management uses them: reading, writing, headers and faults.
//!
//! [`Tree`] is an envelope as received, with names and text borrowed from the buffer. [`Envelope`] finds header and
//! body in it. [`RequestHeaders`] and [`ResponseHeaders`] are the headers in typed form, [`Fault`] is the body that
//! says no, and [`Body`] is what the bodies of the operations have in common.

mod attributes;
mod base64;
mod body;
mod duration;
mod element;
mod encoding;
mod envelope;
mod error;
mod error_code;
mod fault;
mod header;
mod limits;
mod parser;
mod selector;
mod streams;
mod tree;
mod writer;

pub use body::{Body, Request, RequestBody, Response};
pub use duration::{parse_duration, write_long_duration, write_seconds};
pub use element::{XmlAttribute, XmlElement};
pub use envelope::Envelope;
pub use error::{DecodeError, DecodeErrorKind};
pub use error_code::{ErrorCode, Reaction, SubcodeName};
pub use fault::{Fault, FaultCode, ProviderFault, QualifiedName, Subcode, WsManFault};
pub use header::{RequestHeaders, ResponseHeaders, is_uuid_uri, uuid_uri};
pub use limits::EnvelopeLimits;
pub use selector::{OptionSet, SelectorSet, WsManOption};
pub use tree::{Attributes, Children, Element, Tree};
pub use writer::{Namespace, XmlWriter};

pub(crate) use base64::decode_base64;
pub(crate) use encoding::to_utf8;
pub(crate) use header::must_understand;
pub(crate) use tree::is_true;
