//! Who is calling: the authentication schemes of the HTTP binding, tokens in and tokens out, without I/O.
//!
//! A scheme is a pair of traits on each side. The [`ClientScheme`] or [`ServerScheme`] is what an application
//! configures once; it starts a [`ClientContext`] or [`ServerContext`] for every connection, because the schemes that
//! take several legs authenticate the connection and keep their keys with it. A context takes the decoded token of an
//! `Authorization` or `WWW-Authenticate` field and gives the next one; where it can encrypt messages it also hands out
//! a [`BodySealer`]. [`http`](crate::http) carries the tokens and knows no scheme by name, so a new scheme is a new
//! file here and nothing else.
//!
//! - [`BasicClient`] and [`BasicServer`]: user name and password, against a [`UserStore`] such as [`UsersFile`].
//! - [`CertificateClient`] and [`CertificateServer`]: TLS client certificates.
//! - `NegotiateClient` (feature `negotiate`): NTLM inside SPNEGO, with sealed bodies.

mod basic;
mod certificate;
mod challenge;
#[cfg(feature = "negotiate")]
mod channel_binding;
mod connection_security;
mod error;
mod fingerprint;
#[cfg(feature = "negotiate")]
mod negotiate;
#[cfg(all(test, feature = "negotiate"))]
mod ntlm_reference;
mod password_entry;
mod scheme;
#[cfg(feature = "negotiate")]
mod sealed_body;
mod secret;
mod user_store;
mod users_file;
mod verified_cache;

pub use basic::{BasicClient, BasicServer};
pub use certificate::{CertificateClient, CertificateServer};
pub(crate) use challenge::{Authorization, Challenge, format_token};
pub use connection_security::ConnectionSecurity;
pub use error::{AuthError, AuthErrorKind};
pub use fingerprint::{Fingerprint, FingerprintError};
#[cfg(feature = "negotiate")]
pub use negotiate::NegotiateClient;
pub use password_entry::{HashCost, PasswordEntry, PasswordEntryError};
pub use scheme::{
    AuthFuture, BodySealer, ClientContext, ClientScheme, ClientStep, Identity, Scope, SealedBody,
    ServerContext, ServerScheme, ServerStep,
};
pub use secret::Secret;
pub use user_store::UserStore;
pub use users_file::{UsersFile, UsersFileError};
