//! What can go wrong with a session, as its user asks about it.

use std::error::Error as StdError;
use std::fmt;

/// Why something about a session failed.
///
/// The type is opaque: ask it questions ([`is_timeout`](Self::is_timeout) and its like) and follow
/// [`source`](StdError::source) for the cause.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// The kinds of failure that callers treat differently.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The caller asked for something that cannot be: contradictory options, a bad address.
    Usage,
    /// The computer could not be reached.
    CannotConnect,
    /// The computer did not accept who we are, or does not let us do this.
    AccessDenied,
    /// A deadline passed.
    Timeout,
    /// The session is not (or no longer) at the computer.
    SessionNotFound,
    /// The session is connected to another client.
    SessionInUse,
    /// The session is not in a state in which this can be done.
    InvalidState,
    /// The peer broke the protocol, or the connection ended in the middle.
    Protocol,
    /// The computer refused, with a fault of its own.
    Refused,
    /// Something on this computer: a file, a socket, a process.
    Io,
}

impl Error {
    /// An error of `kind` that reads as `message`: lowercase, no full stop.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            source: None,
        }))
    }

    /// The same error with its cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Usage, message)
    }

    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether a deadline passed.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        self.0.kind == ErrorKind::Timeout
    }

    /// Whether the computer did not accept who we are.
    #[must_use]
    pub fn is_access_denied(&self) -> bool {
        self.0.kind == ErrorKind::AccessDenied
    }

    /// Whether the computer could not be reached, or was and did not let us in.
    #[must_use]
    pub fn is_connection_failure(&self) -> bool {
        matches!(
            self.0.kind,
            ErrorKind::CannotConnect | ErrorKind::AccessDenied
        )
    }

    /// Whether the session is not at the computer.
    #[must_use]
    pub fn is_session_not_found(&self) -> bool {
        self.0.kind == ErrorKind::SessionNotFound
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Error");
        shown
            .field("kind", &self.0.kind)
            .field("message", &self.0.message);
        if let Some(source) = &self.0.source {
            shown.field("source", source);
        }
        shown.finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0
            .source
            .as_deref()
            .map(|source| source as &(dyn StdError + 'static))
    }
}

impl From<std::io::Error> for Error {
    fn from(source: std::io::Error) -> Self {
        Self::new(ErrorKind::Io, source.to_string()).with_source(source)
    }
}
