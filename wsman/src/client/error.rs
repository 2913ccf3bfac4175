//! Why an operation of a client failed.

use std::error::Error as StdError;
use std::fmt;

use crate::exchange::{ExchangeError, ExchangeErrorKind};
use crate::soap::{DecodeError, ErrorCode, Fault, Reaction, SubcodeName};

/// An operation failed: on the way, at the server, or because its answer makes no sense.
///
/// Programs ask the predicates; [`fault`](Self::fault) has what the server said.
#[derive(Clone, Debug)]
pub struct ClientError {
    operation: &'static str,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Exchange(ExchangeError),
    Fault(Box<Fault>),
    Answer { status: u16, error: DecodeError },
}

impl ClientError {
    pub(super) fn exchange(operation: &'static str, error: ExchangeError) -> Self {
        Self {
            operation,
            kind: Kind::Exchange(error),
        }
    }

    pub(super) fn fault_in(operation: &'static str, fault: Fault) -> Self {
        Self {
            operation,
            kind: Kind::Fault(Box::new(fault)),
        }
    }

    pub(super) fn answer(operation: &'static str, status: u16, error: DecodeError) -> Self {
        Self {
            operation,
            kind: Kind::Answer { status, error },
        }
    }

    /// The operation that failed: `Create`, `Receive` …
    #[must_use]
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// What the server answered, if it answered with a fault.
    #[must_use]
    pub fn fault(&self) -> Option<&Fault> {
        match &self.kind {
            Kind::Fault(fault) => Some(fault),
            _ => None,
        }
    }

    /// What went wrong on the way, if nothing came back.
    #[must_use]
    pub fn exchange_error(&self) -> Option<&ExchangeError> {
        match &self.kind {
            Kind::Exchange(error) => Some(error),
            _ => None,
        }
    }

    /// The error code of the fault.
    #[must_use]
    pub fn error_code(&self) -> Option<ErrorCode> {
        self.fault()?.error_code()
    }

    /// The server did not finish the operation in its time, or nothing came back in ours.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        self.is_operation_timeout() || self.exchange_kind() == Some(ExchangeErrorKind::Timeout)
    }

    /// The server says that the OperationTimeout has passed. In answer to Receive this is only a sign of life.
    #[must_use]
    pub fn is_operation_timeout(&self) -> bool {
        match (self.error_code(), self.subcode()) {
            (Some(code), _) => code == ErrorCode::OPERATION_TIMED_OUT,
            (None, subcode) => subcode == Some(SubcodeName::TimedOut),
        }
    }

    /// The credentials were not accepted, or do not allow this.
    #[must_use]
    pub fn is_access_denied(&self) -> bool {
        self.exchange_kind() == Some(ExchangeErrorKind::Authentication)
            || self.subcode() == Some(SubcodeName::AccessDenied)
            || self.reaction() == Some(Reaction::Authenticate)
    }

    /// There is no such shell or command, at least not for this user.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        match self.error_code() {
            Some(code) => matches!(
                code,
                ErrorCode::UNEXPECTED_SELECTORS
                    | ErrorCode::SHELL_ALREADY_CLOSED
                    | ErrorCode::COMMAND_ALREADY_CLOSED
            ),
            // Servers that have no codes of their own say so with the subcode.
            None => matches!(
                self.subcode(),
                Some(SubcodeName::InvalidSelectors | SubcodeName::DestinationUnreachable)
            ),
        }
    }

    /// The shell or command is gone, was closed while the operation ran, or was disconnected under it.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.is_not_found() || self.reaction() == Some(Reaction::Gone)
    }

    /// The resource URI names nothing at that server.
    #[must_use]
    pub fn is_unknown_resource(&self) -> bool {
        matches!(
            self.error_code(),
            Some(
                ErrorCode::INVALID_RESOURCE_URI
                    | ErrorCode::INVALID_URI
                    | ErrorCode::RESOURCE_NOT_FOUND
            )
        )
    }

    /// Another client uses the shell.
    #[must_use]
    pub fn is_in_use(&self) -> bool {
        self.error_code() == Some(ErrorCode::SHELL_CONNECTED_TO_DIFFERENT_CLIENT)
    }

    /// Another client has disconnected the shell, so that it has to be connected instead of reconnected.
    #[must_use]
    pub fn is_other_session(&self) -> bool {
        self.error_code() == Some(ErrorCode::SHELL_CLIENT_SESSION_ID_MISMATCH)
    }

    /// The shell is disconnected.
    #[must_use]
    pub fn is_disconnected(&self) -> bool {
        matches!(
            self.error_code(),
            Some(ErrorCode::SHELL_DISCONNECTED | ErrorCode::SERVICE_STREAM_DISCONNECTED)
        )
    }

    /// The proposed id is in use.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        matches!(
            self.error_code(),
            Some(
                ErrorCode::SHELL_CLIENT_ID_RESOURCE_CONFLICT
                    | ErrorCode::COMMAND_CLIENT_ID_RESOURCE_CONFLICT
                    | ErrorCode::ALREADY_EXISTS
            )
        )
    }

    /// A quota is used up.
    #[must_use]
    pub fn is_quota(&self) -> bool {
        self.subcode() == Some(SubcodeName::QuotaLimit)
            || self
                .error_code()
                .is_some_and(|code| code.subcode() == SubcodeName::QuotaLimit)
    }

    /// The same may work later, after a pause: the service is busy, stopping, or was not reached at all.
    #[must_use]
    pub fn may_retry(&self) -> bool {
        match &self.kind {
            Kind::Exchange(error) => {
                error.was_not_sent() && error.kind() != ExchangeErrorKind::Tls
                    || matches!(error.kind(), ExchangeErrorKind::Status(425 | 429 | 503))
            }
            Kind::Fault(_) => self.reaction() == Some(Reaction::Retry),
            Kind::Answer { .. } => false,
        }
    }

    /// The connection broke with the request under way: nobody knows whether it was carried out.
    #[must_use]
    pub fn is_connection_lost(&self) -> bool {
        self.exchange_kind() == Some(ExchangeErrorKind::ConnectionLost)
    }

    fn reaction(&self) -> Option<Reaction> {
        self.error_code().map(ErrorCode::reaction)
    }

    fn subcode(&self) -> Option<SubcodeName> {
        self.fault()?.known_subcode()
    }

    fn exchange_kind(&self) -> Option<ExchangeErrorKind> {
        self.exchange_error().map(ExchangeError::kind)
    }
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Exchange(error) => write!(f, "{}: {error}", self.operation),
            Kind::Fault(fault) => write!(f, "{}: the server answered: {fault}", self.operation),
            Kind::Answer { status, error } => {
                write!(
                    f,
                    "{}: the answer (HTTP {status}) cannot be understood: {error}",
                    self.operation
                )
            }
        }
    }
}

impl StdError for ClientError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.kind {
            Kind::Exchange(error) => error.source(),
            _ => None,
        }
    }
}
