//! Why an authentication did not come to an end.

use std::fmt;

/// An authentication that failed. The text is for the log or the user at this end and is never sent to the peer.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct AuthError {
    kind: AuthErrorKind,
    message: String,
}

impl AuthError {
    /// An error of this kind, with a text that reads well after a colon.
    pub fn new(kind: AuthErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
        }
    }

    /// What kind of failure this is.
    #[must_use]
    pub fn kind(&self) -> AuthErrorKind {
        self.kind
    }
}

/// What stopped an authentication.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum AuthErrorKind {
    /// The peer does not accept the credentials, or they are wrong. Which of both stays untold on purpose.
    Refused,
    /// The settings at this end forbid it, such as a password in clear text.
    NotAllowed,
    /// A token that is not what the scheme defines: the peer's fault.
    Malformed,
    /// A message whose signature does not match: the connection has to go.
    Tampered,
    /// Something needed is out of reach for now: a key distribution centre, the store of accounts.
    Unavailable,
}

impl fmt::Display for AuthErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Refused => "refused",
            Self::NotAllowed => "not allowed",
            Self::Malformed => "malformed",
            Self::Tampered => "tampered with",
            Self::Unavailable => "unavailable",
        })
    }
}
