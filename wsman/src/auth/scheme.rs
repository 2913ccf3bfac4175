//! The traits that every authentication scheme implements, client and server.

use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;

use super::{AuthError, ConnectionSecurity, Secret};
use crate::exchange::AuthenticationKind;

/// What the steps of a context return: some ask a key distribution centre or hash a password, and so take a while.
pub type AuthFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, AuthError>> + Send + 'a>>;

/// How long one authentication lasts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Scope {
    /// Every request carries its own token.
    Request,
    /// The connection stays authenticated until it is closed; later requests carry no token.
    Connection,
}

/// Credentials of a client, and how they are proven.
pub trait ClientScheme: fmt::Debug + Send + Sync + 'static {
    /// The first word of `Authorization` and `WWW-Authenticate`, as it is sent. Compared without regard to case.
    fn name(&self) -> &'static str;

    /// Begins an authentication on a new connection.
    ///
    /// # Errors
    /// [`AuthErrorKind::NotAllowed`](super::AuthErrorKind::NotAllowed) when the credentials must not go over such a
    /// connection. Nothing has been sent then.
    fn start(&self, connection: &ConnectionSecurity) -> Result<Box<dyn ClientContext>, AuthError>;
}

/// The client's end of an authentication on one connection.
pub trait ClientContext: Send {
    /// How long the authentication lasts.
    fn scope(&self) -> Scope;

    /// Whether the context needs nothing more from the server. One that waits for a last token, which proves the
    /// server or the negotiation, must not be used before.
    fn is_complete(&self) -> bool;

    /// Takes the server's last token (`None` at the start, or when it sent the bare scheme name) and gives the next.
    fn next_token<'a>(&'a mut self, challenge: Option<&'a [u8]>) -> AuthFuture<'a, ClientStep>;

    /// Encrypts bodies, when this context does. Then the legs of the authentication travel with empty bodies, as
    /// there is no key yet, and everything after them is sealed.
    fn sealer(&mut self) -> Option<&mut dyn BodySealer> {
        None
    }
}

/// What a client does next.
#[derive(Debug)]
pub enum ClientStep {
    /// Send `Authorization` with this token.
    Token(Secret),
    /// Send `Authorization` with the scheme name alone.
    NameOnly,
    /// Nothing more to send: the server's last token completed the context.
    Done,
}

/// One way in which a server lets clients prove who they are.
pub trait ServerScheme: fmt::Debug + Send + Sync + 'static {
    /// The first word of `Authorization`. Compared without regard to case.
    fn name(&self) -> &'static str;

    /// The value of the `WWW-Authenticate` field that offers the scheme.
    fn offer(&self) -> Cow<'static, str> {
        Cow::Borrowed(self.name())
    }

    /// Whether the scheme may be used on such a connection. Where not, it is neither offered nor accepted.
    fn is_available(&self, connection: &ConnectionSecurity) -> bool;

    /// Begins an authentication.
    fn start(&self, connection: &ConnectionSecurity) -> Box<dyn ServerContext>;
}

/// The server's end of an authentication on one connection.
pub trait ServerContext: Send {
    /// How long the authentication lasts.
    fn scope(&self) -> Scope;

    /// Takes the client's next token; an error refuses the client.
    fn accept<'a>(&'a mut self, token: &'a [u8]) -> AuthFuture<'a, ServerStep>;

    /// Decrypts requests and encrypts answers, when this context does and once it is complete.
    fn sealer(&mut self) -> Option<&mut dyn BodySealer> {
        None
    }
}

/// What a server answers to a token.
#[derive(Debug)]
pub enum ServerStep {
    /// 401 with this token: the client has to go on.
    Continue(Vec<u8>),
    /// The client is who it says; the token, if there is one, goes with the answer.
    Done {
        /// Who it is.
        identity: Identity,
        /// A last token for the client, which proves the server or the negotiation.
        token: Option<Vec<u8>>,
    },
}

/// An authenticated account.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Identity {
    /// The account as the store spells it, not as the client did.
    pub user: String,
    /// How it was proven.
    pub authenticated_by: AuthenticationKind,
}

/// Encrypts and signs whole bodies, in the order in which they go over one connection.
pub trait BodySealer: Send {
    /// Seals one envelope.
    ///
    /// # Errors
    /// When the context is not complete or its keys are used up.
    fn seal(&mut self, plain: &[u8]) -> Result<SealedBody, AuthError>;

    /// Opens a body of the content type that came with it.
    ///
    /// # Errors
    /// [`AuthErrorKind::Tampered`](super::AuthErrorKind::Tampered) or
    /// [`Malformed`](super::AuthErrorKind::Malformed); the connection must be closed after either.
    fn unseal(&mut self, content_type: &str, body: &[u8]) -> Result<Bytes, AuthError>;
}

/// A sealed body and how it is labelled.
#[derive(Clone, Debug)]
pub struct SealedBody {
    /// The value of `Content-Type`.
    pub content_type: Cow<'static, str>,
    /// The bytes that travel.
    pub body: Bytes,
}
