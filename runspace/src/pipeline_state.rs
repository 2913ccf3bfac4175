//! What comes out of a pipeline, and how it ends.

use psrp_codec::{ErrorRecord, MessageKind};

use crate::PeerError;

/// One of the streams that a pipeline writes to.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum OutputStream {
    /// Objects.
    Output,
    /// Error records.
    Error,
    /// Warnings.
    Warning,
    /// Verbose messages.
    Verbose,
    /// Debug messages.
    Debug,
    /// Progress records.
    Progress,
    /// Information records; from protocol 2.3 on.
    Information,
}

impl OutputStream {
    /// The message that carries an item of this stream.
    #[must_use]
    pub const fn message_kind(self) -> MessageKind {
        match self {
            Self::Output => MessageKind::PipelineOutput,
            Self::Error => MessageKind::ErrorRecord,
            Self::Warning => MessageKind::WarningRecord,
            Self::Verbose => MessageKind::VerboseRecord,
            Self::Debug => MessageKind::DebugRecord,
            Self::Progress => MessageKind::ProgressRecord,
            Self::Information => MessageKind::InformationRecord,
        }
    }

    /// The stream that a message belongs to.
    #[must_use]
    pub const fn of(kind: MessageKind) -> Option<Self> {
        Some(match kind {
            MessageKind::PipelineOutput => Self::Output,
            MessageKind::ErrorRecord => Self::Error,
            MessageKind::WarningRecord => Self::Warning,
            MessageKind::VerboseRecord => Self::Verbose,
            MessageKind::DebugRecord => Self::Debug,
            MessageKind::ProgressRecord => Self::Progress,
            MessageKind::InformationRecord => Self::Information,
            _ => return None,
        })
    }
}

/// How a pipeline ended, seen from the client.
#[derive(Clone, Debug, PartialEq)]
pub enum Ending {
    /// It ran to its end.
    Completed,
    /// It was stopped, by us or by somebody else; with the server's word for it, if it came.
    Stopped(Option<Box<ErrorRecord>>),
    /// A terminating error ended it.
    Failed(Option<Box<ErrorRecord>>),
    /// What became of it is not known.
    Lost(Loss),
}

/// Why nothing more will be heard of a pipeline or a pool that had not ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Loss {
    /// The server broke the protocol.
    Peer(PeerError),
    /// The transport failed, in its own words.
    Transport(String),
    /// The server said that the pool is broken, and mostly why.
    PoolBroken(Option<Box<ErrorRecord>>),
    /// The server had no more to send and had not said how the pipeline ended.
    NoEnd,
}

impl std::fmt::Display for Loss {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Peer(error) => error.fmt(f),
            Self::Transport(error) => f.write_str(error),
            Self::PoolBroken(reason) => {
                f.write_str("the server says that the pool is broken")?;
                match reason.as_ref().and_then(|reason| reason.message()) {
                    Some(message) => write!(f, ": {message}"),
                    None => Ok(()),
                }
            }
            Self::NoEnd => f.write_str("the server closed the pipeline without a word on its end"),
        }
    }
}

impl std::error::Error for Loss {}
