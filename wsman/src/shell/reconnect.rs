//! Reconnect: the client that had disconnected comes back.

use super::CommandId;
use super::description::BufferMode;
use crate::namespaces::{self, action};
use crate::soap::{Body, DecodeError, Envelope, Namespace, RequestBody, XmlWriter};

/// Comes back to the shell, or to one of its commands.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Reconnect {
    /// The command; `None` for the shell.
    pub command: Option<CommandId>,
    /// What happens to output that nobody takes. Unchanged where there is none.
    pub buffer_mode: Option<BufferMode>,
}

impl Body for Reconnect {
    const NAMESPACES: &'static [Namespace] = &[Namespace::Shell];

    /// Nothing for the plain case, as recorded; else an element that says more.
    fn write(&self, writer: &mut XmlWriter) {
        if *self == Self::default() {
            return;
        }
        writer.start("rsp:Reconnect");
        writer.optional_attribute("CommandId", self.command.as_ref().map(CommandId::as_str));
        writer.optional_leaf(
            "rsp:BufferMode",
            self.buffer_mode.as_ref().map(BufferMode::as_str),
        );
        writer.end("rsp:Reconnect");
    }

    fn read(envelope: &Envelope<'_, '_>) -> Result<Self, DecodeError> {
        let Some(reconnect) = envelope.body().child(namespaces::SHELL, "Reconnect") else {
            return Ok(Self::default());
        };
        let is_id = |name: &str| name.eq_ignore_ascii_case("CommandId");
        let attribute = reconnect
            .attributes()
            .find(|(_, name, _)| is_id(name))
            .map(|(.., value)| value);
        let child = || {
            reconnect
                .children()
                .find(|child| is_id(child.name()))
                .map(|child| child.trimmed())
        };
        let mode = reconnect.child(namespaces::SHELL, "BufferMode");
        Ok(Self {
            command: attribute
                .or_else(child)
                .filter(|id| !id.is_empty())
                .map(CommandId::from),
            buffer_mode: mode.map(BufferMode::read).transpose()?,
        })
    }
}

impl RequestBody for Reconnect {
    const ACTION: &'static str = action::RECONNECT;
    type Response = ReconnectResponse;
}

/// The client is back.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct ReconnectResponse;

impl Body for ReconnectResponse {
    const NAMESPACES: &'static [Namespace] = &[];

    /// Nothing, as Windows does; other servers have an empty element there.
    fn write(&self, _: &mut XmlWriter) {}

    fn read(_: &Envelope<'_, '_>) -> Result<Self, DecodeError> {
        Ok(Self)
    }
}
