//! The client: one request in flight on a connection, and as many connections as there are requests in flight.

mod builder;
mod connection;
mod connector;
mod conversation;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tracing::{debug, trace};

use super::Address;
use crate::auth::ClientScheme;
use crate::exchange::{Exchange, ExchangeError, ExchangeErrorKind, ExchangeReply};
pub use builder::ClientBuilder;
use connection::Connection;
use connector::Connector;
use conversation::Failure;

/// Sends envelopes to one address. Cheap to clone; clones share their connections.
///
/// A connection that has answered is kept for the next request. Nothing runs in the background: the future of a
/// request drives its connection, and dropping it closes the connection.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

struct Shared {
    address: Address,
    connector: Connector,
    scheme: Option<Arc<dyn ClientScheme>>,
    allow_unencrypted: bool,
    user_agent: String,
    max_response_len: usize,
    idle: Mutex<Vec<Idle>>,
    max_idle: usize,
    idle_timeout: Duration,
}

/// A connection between two requests.
struct Idle {
    connection: Connection,
    since: Instant,
}

impl Client {
    /// Starts the settings of a client for an address such as `http://srv01:5985/wsman`.
    ///
    /// # Errors
    /// When the text is no [`Address`].
    pub fn builder(address: &str) -> Result<ClientBuilder, super::AddressError> {
        Ok(ClientBuilder::new(address.parse()?))
    }

    /// Where the client connects to.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.shared.address
    }

    /// Closes the connections that wait for a request. Those with a request in flight stay.
    pub fn close_idle(&self) {
        self.shared.idle().clear();
    }
}

impl Exchange for Client {
    async fn exchange(
        &self,
        envelope: Bytes,
        timeout: Duration,
    ) -> Result<ExchangeReply, ExchangeError> {
        match tokio::time::timeout(timeout, self.shared.exchange(envelope)).await {
            Ok(result) => result,
            Err(_) => Err(ExchangeError::new(
                ExchangeErrorKind::Timeout,
                format!("no answer from {} within {timeout:?}", self.shared.address),
            )),
        }
    }

    fn endpoint(&self) -> &str {
        self.shared.address.url()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("address", &self.shared.address)
            .field("scheme", &self.shared.scheme)
            .field("idle", &self.shared.idle().len())
            .finish_non_exhaustive()
    }
}

impl Shared {
    async fn exchange(&self, envelope: Bytes) -> Result<ExchangeReply, ExchangeError> {
        loop {
            let (mut connection, reused) = match self.take_idle().await {
                Some(connection) => (connection, true),
                None => (self.connect().await?, false),
            };
            match self.converse(&mut connection, &envelope).await {
                Ok(reply) => {
                    self.keep(connection).await;
                    return Ok(reply);
                }
                // The server closed a kept connection, or forgot who uses it, before it looked at the envelope. Each
                // turn uses up a kept connection, so this ends.
                Err(Failure::NotExecuted(error)) if reused => {
                    debug!(address = %self.address, %error, "A kept connection is of no use any more");
                }
                Err(Failure::NotExecuted(error) | Failure::Final(error)) => return Err(error),
            }
        }
    }

    async fn connect(&self) -> Result<Connection, ExchangeError> {
        let (stream, security) = self.connector.connect(&self.address).await?;
        debug!(address = %self.address, encrypted = security.encrypted, "Connected");
        Connection::open(stream, security).await
    }

    /// The connection that was used last, as it is the least likely to have been closed meanwhile.
    async fn take_idle(&self) -> Option<Connection> {
        loop {
            let idle = {
                let mut pool = self.idle();
                let now = Instant::now();
                pool.retain(|idle| now.duration_since(idle.since) < self.idle_timeout);
                pool.pop()?
            };
            let mut connection = idle.connection;
            if connection.is_ready().await {
                return Some(connection);
            }
            trace!(address = %self.address, "A kept connection was closed by the server");
        }
    }

    async fn keep(&self, mut connection: Connection) {
        if !connection.is_ready().await {
            return;
        }
        let mut pool = self.idle();
        if pool.len() >= self.max_idle {
            pool.remove(0);
        }
        pool.push(Idle {
            connection,
            since: Instant::now(),
        });
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Idle>> {
        // Nothing is left half done under this lock.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
