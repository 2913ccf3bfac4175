//! Connect: another client takes over a disconnected shell.

use bytes::Bytes;

use super::create::write_open_content;
use super::{CommandId, StreamSet};
use crate::namespaces::{self, action};
use crate::soap::{
    Body, DecodeError, DecodeErrorKind, Envelope, Namespace, RequestBody, XmlWriter, decode_base64,
};

/// Takes over the shell, or one of its commands.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Connect {
    /// The command; `None` for the shell.
    pub command: Option<CommandId>,
    /// What the client has to say first, from the open content `connectXml`.
    pub connection: Option<Bytes>,
}

impl Body for Connect {
    const NAMESPACES: &'static [Namespace] = &[Namespace::Shell];

    fn write(&self, writer: &mut XmlWriter) {
        writer.start("rsp:Connect");
        writer.optional_attribute("CommandId", self.command.as_ref().map(CommandId::as_str));
        match &self.connection {
            Some(connection) => {
                write_open_content("connectXml", connection, writer);
                writer.end("rsp:Connect");
            }
            None => {
                writer.end_empty();
            }
        }
    }

    fn read(envelope: &Envelope<'_, '_>) -> Result<Self, DecodeError> {
        let connect = envelope.shell_body("Connect")?;
        let content = connect.child(namespaces::OPEN_CONTENT, "connectXml");
        if let Some(other) = connect
            .children()
            .find(|child| child.name() == "connectXml" && content.is_none())
        {
            let kind = DecodeErrorKind::Unexpected("connectXml".to_owned());
            return Err(DecodeError::new("Connect", other.offset(), kind));
        }
        let connection =
            content.map(|content| decode_base64(content.text(), "connectXml", content.offset()));
        Ok(Self {
            command: connect.attribute("CommandId").map(CommandId::from),
            connection: connection.transpose()?.map(Bytes::from),
        })
    }
}

impl RequestBody for Connect {
    const ACTION: &'static str = action::CONNECT;
    type Response = ConnectResponse;
}

/// The shell is the new client's.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ConnectResponse {
    /// The shell's input streams; empty for a command.
    pub input_streams: StreamSet,
    /// The shell's output streams; empty for a command.
    pub output_streams: StreamSet,
    /// What the shell answers, from the open content `connectResponseXml`.
    pub connection: Option<Bytes>,
}

impl Body for ConnectResponse {
    const NAMESPACES: &'static [Namespace] = &[Namespace::Transfer, Namespace::Shell];

    fn write(&self, writer: &mut XmlWriter) {
        if *self == Self::default() {
            writer.empty("rsp:ConnectResponse");
            return;
        }
        writer.start("rsp:ConnectResponse");
        if !self.input_streams.is_empty() {
            writer.leaf("rsp:InputStreams", &self.input_streams.to_string());
        }
        if !self.output_streams.is_empty() {
            writer.leaf("rsp:OutputStreams", &self.output_streams.to_string());
        }
        if let Some(connection) = &self.connection {
            write_open_content("connectResponseXml", connection, writer);
        }
        writer.end("rsp:ConnectResponse");
    }

    fn read(envelope: &Envelope<'_, '_>) -> Result<Self, DecodeError> {
        let response = envelope.shell_body("ConnectResponse")?;
        let streams = |name| {
            let set = response
                .child(namespaces::SHELL, name)
                .map(|streams| StreamSet::parse(streams.text()));
            set.unwrap_or_default()
        };
        let content = response.child(namespaces::OPEN_CONTENT, "connectResponseXml");
        let connection = content
            .map(|content| decode_base64(content.text(), "connectResponseXml", content.offset()));
        Ok(Self {
            input_streams: streams("InputStreams"),
            output_streams: streams("OutputStreams"),
            connection: connection.transpose()?.map(Bytes::from),
        })
    }
}
