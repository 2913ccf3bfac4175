//! Get: reads one shell, or the configuration of the service.

use super::ShellDescription;
use crate::namespaces::{self, action};
use crate::soap::{
    Body, DecodeError, DecodeErrorKind, Envelope, Namespace, RequestBody, XmlElement, XmlWriter,
};

/// Reads the resource that resource URI and selectors name.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Get;

impl Body for Get {
    const NAMESPACES: &'static [Namespace] = &[];

    fn write(&self, _: &mut XmlWriter) {}

    fn read(_: &Envelope<'_, '_>) -> Result<Self, DecodeError> {
        Ok(Self)
    }
}

impl RequestBody for Get {
    const ACTION: &'static str = action::GET;
    type Response = GetResponse;
}

/// The resource.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum GetResponse {
    /// A shell.
    Shell(Box<ShellDescription>),
    /// Anything else, as it stands.
    Other(XmlElement),
}

impl GetResponse {
    /// The largest envelope that the service takes, if this is its configuration.
    #[must_use]
    pub fn max_envelope_size(&self) -> Option<u64> {
        match self {
            Self::Other(config) if config.namespace == namespaces::CONFIG => config
                .child("MaxEnvelopeSizekb")?
                .text
                .trim()
                .parse::<u64>()
                .ok()?
                .checked_mul(1024),
            _ => None,
        }
    }
}

impl Body for GetResponse {
    const NAMESPACES: &'static [Namespace] = &[Namespace::Transfer];

    fn write(&self, writer: &mut XmlWriter) {
        match self {
            Self::Shell(shell) => shell.write(writer),
            Self::Other(element) => {
                writer.element(element);
            }
        }
    }

    fn read(envelope: &Envelope<'_, '_>) -> Result<Self, DecodeError> {
        let missing = || {
            DecodeError::new(
                "Body",
                envelope.body().offset(),
                DecodeErrorKind::Missing("the resource"),
            )
        };
        let resource = envelope.body().children().next().ok_or_else(missing)?;
        let is_shell = matches!(
            resource.namespace(),
            namespaces::SHELL | namespaces::SHELL_CIM
        );
        if is_shell && resource.name() == "Shell" {
            return Ok(Self::Shell(Box::new(ShellDescription::read(resource)?)));
        }
        Ok(Self::Other(resource.to_owned_element()))
    }
}
