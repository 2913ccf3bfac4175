//! The seam between SOAP and what carries it.
//!
//! Above the seam everything is envelopes; below it everything is connections, authentication and encryption. A
//! client hands an envelope to an [`Exchange`] and gets the answer; a server's listener hands what it received to an
//! [`EnvelopeHandler`], together with the [`Caller`] that it has authenticated.

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

/// Carries one envelope to the server and brings its answer back.
///
/// Calls on one value run side by side: a long poll must not hold up the requests beside it, so an implementation
/// needs as many connections as there are calls in flight.
pub trait Exchange: Send + Sync {
    /// Sends `envelope` (UTF-8 XML) and waits up to `timeout` for the whole answer.
    ///
    /// A status that reports failure is an answer as long as it has a SOAP body: faults travel as HTTP 500. What
    /// has none is an [`ExchangeError`]. Dropping the future abandons the request; the server may have executed it.
    fn exchange(
        &self,
        envelope: Bytes,
        timeout: Duration,
    ) -> impl Future<Output = Result<ExchangeReply, ExchangeError>> + Send;

    /// The URL that requests put into their `a:To` header.
    fn endpoint(&self) -> &str;
}

impl<X: Exchange + ?Sized> Exchange for Arc<X> {
    fn exchange(
        &self,
        envelope: Bytes,
        timeout: Duration,
    ) -> impl Future<Output = Result<ExchangeReply, ExchangeError>> + Send {
        (**self).exchange(envelope, timeout)
    }

    fn endpoint(&self) -> &str {
        (**self).endpoint()
    }
}

/// What came back for one envelope.
#[derive(Clone, Debug)]
pub struct ExchangeReply {
    /// The HTTP status, 200 or 500 as a rule.
    pub status: u16,
    /// The SOAP envelope as received, decrypted. UTF-8, or UTF-16 with or without a byte order mark.
    pub body: Bytes,
}

/// Why no envelope came back.
///
/// The message is for people; programs ask [`kind`](Self::kind).
#[derive(Clone)]
pub struct ExchangeError {
    kind: ExchangeErrorKind,
    message: String,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl ExchangeError {
    /// An error of this kind, with a text that reads well after a colon.
    pub fn new(kind: ExchangeErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            source: None,
        }
    }

    /// Attaches the error that led to this one.
    #[must_use]
    pub fn with_source(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// What went wrong, in terms of what a caller can do about it.
    #[must_use]
    pub fn kind(&self) -> ExchangeErrorKind {
        self.kind
    }

    /// Whether the same request may be sent again without being executed twice: the server has not seen it.
    #[must_use]
    pub fn was_not_sent(&self) -> bool {
        matches!(
            self.kind,
            ExchangeErrorKind::NameNotResolved
                | ExchangeErrorKind::Connect
                | ExchangeErrorKind::Tls
        )
    }
}

impl fmt::Display for ExchangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for ExchangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExchangeError")
            .field("kind", &self.kind)
            .field("message", &self.message)
            .field("source", &self.source)
            .finish()
    }
}

impl StdError for ExchangeError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source
            .as_deref()
            .map(|source| source as &(dyn StdError + 'static))
    }
}

/// What kind of thing stopped an envelope on its way.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum ExchangeErrorKind {
    /// The host name has no address.
    NameNotResolved,
    /// No connection: refused, unreachable, or nothing listens on the socket.
    Connect,
    /// The TLS handshake failed, the certificate was not accepted among others.
    Tls,
    /// The server did not accept the credentials (HTTP 401), or offers no scheme that the client may use.
    Authentication,
    /// The caller's own settings forbid it: credentials in clear text, an unencrypted body.
    NotAllowed,
    /// The whole answer was not there in time.
    Timeout,
    /// The connection broke after the request had been sent: it may or may not have been executed.
    ConnectionLost,
    /// The server sent the client elsewhere; [`ExchangeError`]'s text holds the location.
    Redirect,
    /// An HTTP status without a SOAP body: 400, 404, 405, 413, 415, 503 and others.
    Status(u16),
    /// The answer is larger than the client accepts.
    TooLarge,
    /// The answer is not HTTP, or its content type or encryption is not what was agreed.
    Protocol,
}

/// Answers envelopes. What a listener calls for each request that it has read and authenticated.
pub trait EnvelopeHandler: Send + Sync + 'static {
    /// Answers one request.
    ///
    /// `body` is what came in, decrypted but not decoded: UTF-8 or UTF-16 XML. Faults are answers too. A listener
    /// calls this for requests of several connections side by side and must not wait for one before the next; when
    /// the connection goes away it may drop the future, and the handler has to stand that.
    fn handle(&self, caller: Caller, body: Bytes) -> impl Future<Output = HandlerReply> + Send;
}

impl<H: EnvelopeHandler> EnvelopeHandler for Arc<H> {
    fn handle(&self, caller: Caller, body: Bytes) -> impl Future<Output = HandlerReply> + Send {
        (**self).handle(caller, body)
    }
}

/// The answer to one request.
#[derive(Clone, Debug)]
pub struct HandlerReply {
    /// 200, or 500 for a fault.
    pub status: u16,
    /// A UTF-8 envelope.
    pub body: Bytes,
}

/// Who sent a request, as the connection knows it. Nothing here comes out of the envelope.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Caller {
    /// The authenticated account, the owner of what it creates; compared as it stands. Empty for an unauthenticated
    /// Identify, which is the only operation that [`AuthenticationKind::Anonymous`] may use.
    pub user: String,
    /// How the account was proven.
    pub authenticated_by: AuthenticationKind,
    /// The textual address of the peer: an IP address without port, or the path of a Unix socket.
    pub peer: String,
    /// Whether nobody else can read what goes over the connection: TLS, message encryption, a Unix socket.
    pub secure: bool,
}

/// How a [`Caller`] proved who it is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum AuthenticationKind {
    /// Not at all. Only Identify is answered.
    Anonymous,
    /// User name and password (HTTP Basic).
    Basic,
    /// The kernel vouches for the process at the other end of a Unix socket.
    PeerCredentials,
    /// A TLS client certificate.
    Certificate,
    /// SPNEGO: Kerberos or NTLM.
    Negotiate,
    /// Kerberos without SPNEGO.
    Kerberos,
    /// CredSSP.
    CredSsp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exchange_error_keeps_its_cause() {
        let io = std::io::Error::other("refused");
        let error = ExchangeError::new(ExchangeErrorKind::Connect, "cannot connect to srv01:5985")
            .with_source(io);
        assert_eq!(error.to_string(), "cannot connect to srv01:5985");
        assert_eq!(error.source().unwrap().to_string(), "refused");
        assert!(error.was_not_sent());
    }
}
