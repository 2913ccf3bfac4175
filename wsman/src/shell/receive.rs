//! Receive: takes the output of a shell or of a command, waiting until there is some.

use super::{CommandId, StreamSet, Streams};
use crate::namespaces::{self, COMMAND_STATE_PREFIX, action};
use crate::soap::{
    Body, DecodeError, DecodeErrorKind, Envelope, Namespace, RequestBody, XmlWriter,
};

/// The option that says that a client knows the keep-alive fault for what it is.
pub const KEEP_ALIVE_OPTION: &str = "WSMAN_CMDSHELL_OPTION_KEEPALIVE";

/// Asks for output. When there is none within the OperationTimeout, the answer is a fault that only means "ask
/// again".
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Receive {
    /// The command whose output is wanted; `None` for that of the shell.
    pub command: Option<CommandId>,
    /// The streams that are wanted.
    pub streams: StreamSet,
}

impl Body for Receive {
    const NAMESPACES: &'static [Namespace] = &[Namespace::Shell];

    fn write(&self, writer: &mut XmlWriter) {
        writer.start("rsp:Receive").start("rsp:DesiredStream");
        writer.optional_attribute("CommandId", self.command.as_ref().map(CommandId::as_str));
        writer
            .text(&self.streams.to_string())
            .end("rsp:DesiredStream")
            .end("rsp:Receive");
    }

    fn read(envelope: &Envelope<'_, '_>) -> Result<Self, DecodeError> {
        let receive = envelope.shell_body("Receive")?;
        let missing = || {
            DecodeError::new(
                "Receive",
                receive.offset(),
                DecodeErrorKind::Missing("DesiredStream"),
            )
        };
        let desired = receive
            .child(namespaces::SHELL, "DesiredStream")
            .ok_or_else(missing)?;
        Ok(Self {
            command: desired.attribute("CommandId").map(CommandId::from),
            streams: StreamSet::parse(desired.text()),
        })
    }
}

impl RequestBody for Receive {
    const ACTION: &'static str = action::RECEIVE;
    type Response = ReceiveResponse;
}

/// Output, and how the command is doing.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ReceiveResponse {
    /// Pieces of streams in order. May be empty: then ask again.
    pub streams: Streams,
    /// The state of the command. Only [`CommandState::Done`] has a meaning that all servers share.
    pub status: Option<CommandStatus>,
}

impl ReceiveResponse {
    /// Whether the command has ended and everything of it has been received.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.status
            .as_ref()
            .is_some_and(|status| status.state == CommandState::Done)
    }
}

/// `rsp:CommandState`
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CommandStatus {
    /// Of which command. Some servers leave it out.
    pub command: Option<CommandId>,
    /// How it is doing.
    pub state: CommandState,
    /// What it ended with; only with [`CommandState::Done`].
    pub exit_code: Option<u32>,
}

/// How a command is doing.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum CommandState {
    /// It runs.
    Running,
    /// It waits for an answer of the client.
    Pending,
    /// It has ended.
    Done,
    /// Any other word.
    Other(String),
}

impl CommandState {
    /// The word at the end of the URI.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Running => "Running",
            Self::Pending => "Pending",
            Self::Done => "Done",
            Self::Other(word) => word,
        }
    }

    fn parse(text: &str) -> Self {
        let word = text.strip_prefix(COMMAND_STATE_PREFIX).unwrap_or(text);
        let known = [Self::Running, Self::Pending, Self::Done]
            .into_iter()
            .find(|state| state.as_str() == word);
        known.unwrap_or_else(|| Self::Other(word.to_owned()))
    }
}

impl Body for ReceiveResponse {
    const NAMESPACES: &'static [Namespace] = &[Namespace::Shell];

    fn size_hint(&self) -> usize {
        self.streams.size_hint()
    }

    fn write(&self, writer: &mut XmlWriter) {
        writer.start("rsp:ReceiveResponse");
        self.streams.write(writer);
        if let Some(status) = &self.status {
            writer.start("rsp:CommandState");
            writer.optional_attribute("CommandId", status.command.as_ref().map(CommandId::as_str));
            writer.attribute(
                "State",
                &format!("{COMMAND_STATE_PREFIX}{}", status.state.as_str()),
            );
            let code = status.exit_code.map(|code| code.to_string());
            writer
                .optional_leaf("rsp:ExitCode", code.as_deref())
                .end("rsp:CommandState");
        }
        writer.end("rsp:ReceiveResponse");
    }

    fn read(envelope: &Envelope<'_, '_>) -> Result<Self, DecodeError> {
        let response = envelope.shell_body("ReceiveResponse")?;
        let mut state = None;
        let streams = Streams::read_inside(response, |child| {
            if state.is_none() && child.is(namespaces::SHELL, "CommandState") {
                state = Some(child);
            }
        })?;
        let status = match state {
            Some(state) => {
                let missing = || {
                    DecodeError::new(
                        "CommandState",
                        state.offset(),
                        DecodeErrorKind::Missing("State"),
                    )
                };
                // Printed as signed by some and as unsigned by others.
                let code = state
                    .child(namespaces::SHELL, "ExitCode")
                    .and_then(|code| code.trimmed().parse().ok());
                Some(CommandStatus {
                    command: state.attribute("CommandId").map(CommandId::from),
                    state: CommandState::parse(state.attribute("State").ok_or_else(missing)?),
                    exit_code: code.map(|code: i64| (code & i64::from(u32::MAX)) as u32),
                })
            }
            None => None,
        };
        Ok(Self { streams, status })
    }
}
