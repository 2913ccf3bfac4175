//! Disconnect: leaves a shell running without a client.

use std::time::Duration;

use super::BufferMode;
use super::description::read_idle_timeout;
use crate::namespaces::{self, action};
use crate::soap::{Body, DecodeError, Envelope, Namespace, RequestBody, XmlWriter, write_seconds};

/// Leaves the shell. What it was waiting for is completed; what it says from now on is buffered.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Disconnect {
    /// After how long without a client the server ends it. Unchanged where there is none.
    pub idle_timeout: Option<Duration>,
    /// What happens to output meanwhile. Unchanged where there is none.
    pub buffer_mode: Option<BufferMode>,
}

impl Body for Disconnect {
    const NAMESPACES: &'static [Namespace] = &[Namespace::Shell];

    fn write(&self, writer: &mut XmlWriter) {
        if *self == Self::default() {
            writer.empty("rsp:Disconnect");
            return;
        }
        writer.start("rsp:Disconnect");
        writer.optional_leaf(
            "rsp:IdleTimeOut",
            self.idle_timeout.map(write_seconds).as_deref(),
        );
        writer.optional_leaf(
            "rsp:BufferMode",
            self.buffer_mode.as_ref().map(BufferMode::as_str),
        );
        writer.end("rsp:Disconnect");
    }

    fn read(envelope: &Envelope<'_, '_>) -> Result<Self, DecodeError> {
        let disconnect = envelope.shell_body("Disconnect")?;
        let mut read = Self::default();
        for child in disconnect
            .children()
            .filter(|child| child.namespace() == namespaces::SHELL && !child.is_nil())
        {
            if child.name().eq_ignore_ascii_case("IdleTimeOut") {
                read.idle_timeout = Some(read_idle_timeout(child)?);
            } else if child.name() == "BufferMode" {
                read.buffer_mode = Some(BufferMode::read(child)?);
            }
        }
        Ok(read)
    }
}

impl RequestBody for Disconnect {
    const ACTION: &'static str = action::DISCONNECT;
    type Response = DisconnectResponse;
}

/// The shell is disconnected.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct DisconnectResponse;

impl Body for DisconnectResponse {
    const NAMESPACES: &'static [Namespace] = &[];

    /// Nothing, as Windows does; other servers have an empty element there.
    fn write(&self, _: &mut XmlWriter) {}

    fn read(_: &Envelope<'_, '_>) -> Result<Self, DecodeError> {
        Ok(Self)
    }
}
