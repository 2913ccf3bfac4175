//! Command: starts a command in a shell.

use bytes::Bytes;

use super::CommandId;
use crate::namespaces::{self, action};
use crate::soap::{
    Body, DecodeError, DecodeErrorKind, Envelope, Namespace, RequestBody, XmlWriter, decode_base64,
};

/// Asks a shell to start a command.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Command {
    /// The id that the client proposes. Without one the server invents it.
    pub command_id: Option<CommandId>,
    /// What to run. Shells that take it from the arguments put here what people may read.
    pub command: String,
    /// The arguments as text. For shells that take bytes see [`with_bytes`](Self::with_bytes).
    pub arguments: Vec<String>,
}

impl Command {
    /// A command whose one argument is the base64 of `first`, the first bytes of its input.
    #[must_use]
    pub fn with_bytes(command_id: CommandId, command: impl Into<String>, first: &[u8]) -> Self {
        Self {
            command_id: Some(command_id),
            command: command.into(),
            arguments: vec![base64_simd::STANDARD.encode_to_string(first)],
        }
    }

    /// The bytes of the one argument. It is an error if there is not exactly one, or if it is not base64.
    pub fn bytes(&self) -> Result<Bytes, DecodeError> {
        match self.arguments.as_slice() {
            [argument] => Ok(decode_base64(argument, "Arguments", 0)?.into()),
            arguments => {
                let kind = DecodeErrorKind::value(
                    "exactly one argument",
                    &format!("{} arguments", arguments.len()),
                );
                Err(DecodeError::new("Arguments", 0, kind))
            }
        }
    }
}

impl Body for Command {
    const NAMESPACES: &'static [Namespace] = &[Namespace::Shell];

    fn write(&self, writer: &mut XmlWriter) {
        writer.start("rsp:CommandLine");
        writer.optional_attribute("CommandId", self.command_id.as_ref().map(CommandId::as_str));
        writer.leaf("rsp:Command", &self.command);
        for argument in &self.arguments {
            writer.leaf("rsp:Arguments", argument);
        }
        writer.end("rsp:CommandLine");
    }

    fn read(envelope: &Envelope<'_, '_>) -> Result<Self, DecodeError> {
        let line = envelope.shell_body("CommandLine")?;
        let command = line.child(namespaces::SHELL, "Command");
        let arguments = line
            .children()
            .filter(|child| child.is(namespaces::SHELL, "Arguments"));
        Ok(Self {
            command_id: line.attribute("CommandId").map(CommandId::from),
            command: command
                .map(|command| command.text().to_owned())
                .unwrap_or_default(),
            arguments: arguments
                .map(|argument| argument.text().to_owned())
                .collect(),
        })
    }
}

impl RequestBody for Command {
    const ACTION: &'static str = action::COMMAND;
    type Response = CommandResponse;
}

/// Says which command was started.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CommandResponse {
    /// The proposed id, or one that the server invented.
    pub command_id: CommandId,
}

impl Body for CommandResponse {
    const NAMESPACES: &'static [Namespace] = &[Namespace::Transfer, Namespace::Shell];

    fn write(&self, writer: &mut XmlWriter) {
        writer
            .start("rsp:CommandResponse")
            .leaf("rsp:CommandId", self.command_id.as_str());
        writer.end("rsp:CommandResponse");
    }

    fn read(envelope: &Envelope<'_, '_>) -> Result<Self, DecodeError> {
        let response = envelope.shell_body("CommandResponse")?;
        let id = response
            .child(namespaces::SHELL, "CommandId")
            .map(|id| id.trimmed())
            .filter(|id| !id.is_empty());
        let missing = || {
            DecodeError::new(
                "CommandResponse",
                response.offset(),
                DecodeErrorKind::Missing("CommandId"),
            )
        };
        Ok(Self {
            command_id: id.map(CommandId::from).ok_or_else(missing)?,
        })
    }
}
