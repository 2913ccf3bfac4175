//! Send: input for a shell or a command.

use super::{StreamData, Streams};
use crate::namespaces::action;
use crate::soap::{Body, DecodeError, Envelope, Namespace, RequestBody, XmlWriter};

/// Hands over input. The answer comes when the shell has accepted it, which is how a shell holds a client back.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Send {
    /// Pieces of one or several streams, in order.
    pub streams: Streams,
}

impl Send {
    /// Input on one stream.
    #[must_use]
    pub fn new(stream: StreamData) -> Self {
        Self {
            streams: stream.into(),
        }
    }
}

impl Body for Send {
    const NAMESPACES: &'static [Namespace] = &[Namespace::Shell];

    fn size_hint(&self) -> usize {
        self.streams.size_hint()
    }

    fn write(&self, writer: &mut XmlWriter) {
        writer.start("rsp:Send");
        self.streams.write(writer);
        writer.end("rsp:Send");
    }

    fn read(envelope: &Envelope<'_, '_>) -> Result<Self, DecodeError> {
        let send = envelope.shell_body("Send")?;
        Ok(Self {
            streams: Streams::read_inside(send, drop)?,
        })
    }
}

impl RequestBody for Send {
    const ACTION: &'static str = action::SEND;
    type Response = SendResponse;
}

/// The input was accepted.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct SendResponse;

impl Body for SendResponse {
    const NAMESPACES: &'static [Namespace] = &[Namespace::Transfer, Namespace::Shell];

    fn write(&self, writer: &mut XmlWriter) {
        writer.empty("rsp:SendResponse");
    }

    fn read(_: &Envelope<'_, '_>) -> Result<Self, DecodeError> {
        Ok(Self)
    }
}
