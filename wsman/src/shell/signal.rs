//! Signal: interrupts a command, or frees one that has ended.

use super::CommandId;
use crate::namespaces::{self, SIGNAL_PREFIX, action};
use crate::soap::{
    Body, DecodeError, DecodeErrorKind, Envelope, Namespace, RequestBody, XmlWriter,
};

/// Sends a signal to a command.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Signal {
    /// The command; `None` for the shell itself, where signals have no effect.
    pub command: Option<CommandId>,
    /// Which signal.
    pub code: SignalCode,
}

/// Which signal.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum SignalCode {
    /// Ends the command and frees it. Sent after its last output too.
    Terminate,
    /// Interrupts a text command as the keys do.
    CtrlC,
    /// Interrupts a text command harder.
    CtrlBreak,
    /// Stops a command gracefully: `powershell/signal/crtl_c`, misspelt on the wire.
    Stop,
    /// Any other, as it stands.
    Other(String),
}

impl SignalCode {
    const STOP: &'static str = "powershell/signal/crtl_c";

    /// The text on the wire.
    #[must_use]
    pub fn to_text(&self) -> String {
        match self {
            Self::Terminate => format!("{SIGNAL_PREFIX}terminate"),
            Self::CtrlC => format!("{SIGNAL_PREFIX}ctrl_c"),
            Self::CtrlBreak => format!("{SIGNAL_PREFIX}ctrl_break"),
            Self::Stop => Self::STOP.to_owned(),
            Self::Other(text) => text.clone(),
        }
    }

    /// The signal that a text means. Stop is compared exactly, as servers do.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        if text == Self::STOP {
            return Self::Stop;
        }
        match text.strip_prefix(SIGNAL_PREFIX).unwrap_or_default() {
            "terminate" | "Terminate" => Self::Terminate,
            "ctrl_c" => Self::CtrlC,
            "ctrl_break" => Self::CtrlBreak,
            _ => Self::Other(text.to_owned()),
        }
    }
}

impl Body for Signal {
    const NAMESPACES: &'static [Namespace] = &[Namespace::Shell];

    fn write(&self, writer: &mut XmlWriter) {
        writer.start("rsp:Signal");
        writer.optional_attribute("CommandId", self.command.as_ref().map(CommandId::as_str));
        writer
            .leaf("rsp:Code", &self.code.to_text())
            .end("rsp:Signal");
    }

    fn read(envelope: &Envelope<'_, '_>) -> Result<Self, DecodeError> {
        let signal = envelope.shell_body("Signal")?;
        let missing =
            || DecodeError::new("Signal", signal.offset(), DecodeErrorKind::Missing("Code"));
        let code = signal
            .child(namespaces::SHELL, "Code")
            .ok_or_else(missing)?;
        Ok(Self {
            command: signal.attribute("CommandId").map(CommandId::from),
            code: SignalCode::parse(code.trimmed()),
        })
    }
}

impl RequestBody for Signal {
    const ACTION: &'static str = action::SIGNAL;
    type Response = SignalResponse;
}

/// The signal was delivered, or there was nothing left to deliver it to.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct SignalResponse;

impl Body for SignalResponse {
    const NAMESPACES: &'static [Namespace] = &[Namespace::Transfer, Namespace::Shell];

    fn write(&self, writer: &mut XmlWriter) {
        writer.empty("rsp:SignalResponse");
    }

    fn read(_: &Envelope<'_, '_>) -> Result<Self, DecodeError> {
        Ok(Self)
    }
}
