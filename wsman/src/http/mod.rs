//! SOAP envelopes over HTTP/1.1, client and server: MS-WSMV's binding on TCP, TLS and Unix sockets.
//!
//! [`Client`] is an [`Exchange`](crate::Exchange): it keeps connections open and gives every request in flight one of
//! its own, so that a long poll holds up nothing. [`Server`] reads requests from any number of [`Listener`]s,
//! authenticates them and calls an [`EnvelopeHandler`](crate::EnvelopeHandler). What both know about encryption is in
//! [`ClientTls`] and [`ServerTls`]; what they know about credentials is behind the traits of [`auth`](crate::auth).
//!
//! ```
//! use std::time::Duration;
//! use bytes::Bytes;
//! use tokio::net::TcpListener;
//! use wsman::auth::{BasicClient, BasicServer, HashCost, Secret, UsersFile};
//! use wsman::http::{Client, Listener, Server};
//! use wsman::{Caller, EnvelopeHandler, Exchange, HandlerReply};
//!
//! struct Greeter;
//!
//! impl EnvelopeHandler for Greeter {
//!     async fn handle(&self, caller: Caller, _envelope: Bytes) -> HandlerReply {
//!         HandlerReply { status: 200, body: format!("<hello>{}</hello>", caller.user).into() }
//!     }
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! # let cost = HashCost { memory_kib: 64, passes: 1 };
//! let password = Secret::from("Passw0rd!");
//! let users = UsersFile::parse(&UsersFile::line("operator", &password, cost)?)?;
//! let listener = TcpListener::bind("127.0.0.1:0").await?;
//! let address = listener.local_addr()?;
//! let server = Server::new(Greeter)
//!     .scheme(BasicServer::new(users)?)
//!     .listen(Listener::tcp(listener));
//! let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
//! let serving = tokio::spawn(server.serve(async { drop(stopped.await) }));
//!
//! let client = Client::builder(&format!("http://{address}/wsman"))?
//!     .scheme(BasicClient::new("operator", &password)?)
//!     .build()?;
//! let reply = client.exchange("<greet/>".into(), Duration::from_secs(10)).await?;
//! assert_eq!(reply.body, "<hello>operator</hello>");
//!
//! drop(stop);
//! serving.await?;
//! # Ok(()) })
//! # }
//! ```

mod address;
mod client;
mod local_peers;
mod media_type;
mod server;
mod tls;

pub use address::{Address, AddressError};
pub use client::{Client, ClientBuilder};
#[cfg(unix)]
pub use server::UnixPeers;
pub use server::{Listener, Server, ServerLimits};
pub use tls::{ClientTls, ServerTls, TlsSettingsError};
