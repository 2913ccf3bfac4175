//! Shells over WS-Management: SOAP envelopes, the operations on shells, and HTTP to carry them.
//!
//! A *shell* is a resource on a server that runs *commands*; both exchange named byte streams with the client. The
//! resource URI says what kind of shell it is. This crate carries the bytes and does not look into them, so the same
//! code serves text shells, remoting sessions and whatever else a resource URI may name.
//!
//! From the ground up:
//!
//! - [`exchange`]: the seam between SOAP and HTTP, two small traits.
//! - [`http`]: the binding to HTTP/1.1 over TCP, TLS and Unix sockets, client and server.
//! - [`auth`]: who is calling, as tokens in and tokens out.
//! - [`soap`]: envelopes, headers and faults.
//! - [`shell`]: the operations on shells, one to a file.
//! - [`identify`]: what kind of service is this?
//! - [`message`]: any of them, recognised by its action.
//! - [`client`]: the operations as a client calls them.
//! - [`service`]: what a server must answer.

pub mod auth;
pub mod client;
pub mod exchange;
pub mod fuzzing;
pub mod http;
pub mod identify;
pub mod message;
pub mod namespaces;
pub mod service;
pub mod shell;
pub mod soap;

pub use client::{ClientError, ShellClient};
pub use exchange::{
    AuthenticationKind, Caller, EnvelopeHandler, Exchange, ExchangeError, ExchangeErrorKind,
    ExchangeReply, HandlerReply,
};
pub use message::Message;
pub use service::{Call, Dispatcher, DispatcherConfig, ShellService};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
