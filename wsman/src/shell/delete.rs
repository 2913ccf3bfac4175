//! Delete: ends a shell and everything in it.

use crate::namespaces::action;
use crate::soap::{Body, DecodeError, Envelope, Namespace, RequestBody, XmlWriter};

/// Ends the shell that the selector names.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Delete;

impl Body for Delete {
    const NAMESPACES: &'static [Namespace] = &[];

    fn write(&self, _: &mut XmlWriter) {}

    fn read(_: &Envelope<'_, '_>) -> Result<Self, DecodeError> {
        Ok(Self)
    }
}

impl RequestBody for Delete {
    const ACTION: &'static str = action::DELETE;
    type Response = DeleteResponse;
}

/// The shell is gone.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct DeleteResponse;

impl Body for DeleteResponse {
    const NAMESPACES: &'static [Namespace] = &[];

    fn write(&self, _: &mut XmlWriter) {}

    fn read(_: &Envelope<'_, '_>) -> Result<Self, DecodeError> {
        Ok(Self)
    }
}
