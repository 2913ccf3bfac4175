//! What a server can choose.

use std::{fmt, time::Duration};

use crate::{Carrier, PoolLimits, ProtocolVersion, session_key::ServerKeys};

/// How a [`ServerPool`](super::ServerPool) behaves.
pub struct ServerConfig {
    pub(super) carrier: Carrier,
    pub(super) protocol: ProtocolVersion,
    pub(super) buffer_mode: BufferMode,
    pub(super) limits: PoolLimits,
    pub(super) timeouts: ServerTimeouts,
    pub(super) keys: Option<Box<dyn ServerKeys>>,
}

/// What happens to output when no client takes it and the outbox is full.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum BufferMode {
    /// The pipeline waits.
    #[default]
    Block,
    /// While the pool is disconnected, the oldest output is dropped. States and host calls are
    /// kept.
    Drop,
}

/// How long a server waits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ServerTimeouts {
    /// For a public key that it asked for: 240 s. Then the pool is broken.
    pub public_key: Duration,
    /// For a pipeline to stop: 30 s. Then it is given up.
    pub stop: Duration,
    /// For a client that closes the pool to close its pipelines first, on a transport where it
    /// must: 10 s. Then they are stopped.
    pub pipelines_close: Duration,
}

impl Default for ServerTimeouts {
    fn default() -> Self {
        Self {
            public_key: Duration::from_secs(240),
            stop: Duration::from_secs(30),
            pipelines_close: Duration::from_secs(10),
        }
    }
}

impl ServerConfig {
    /// A pool on a transport of this kind.
    #[must_use]
    pub fn new(carrier: Carrier) -> Self {
        Self {
            carrier,
            protocol: ProtocolVersion::V2_3,
            buffer_mode: BufferMode::Block,
            limits: PoolLimits::default(),
            timeouts: ServerTimeouts::default(),
            keys: None,
        }
    }

    /// The latest version to speak. Defaults to 2.3; choose 2.4 only over a transport that is
    /// encrypted and authenticated, since secrets travel plainly with it.
    #[must_use]
    pub fn protocol(mut self, version: ProtocolVersion) -> Self {
        self.protocol = version;
        self
    }

    /// What happens to output of a disconnected pool. Defaults to [`BufferMode::Block`]; a client
    /// can ask for another when it opens, disconnects and reconnects
    /// ([`set_buffer_mode`](super::ServerPool::set_buffer_mode)).
    #[must_use]
    pub fn buffer_mode(mut self, mode: BufferMode) -> Self {
        self.buffer_mode = mode;
        self
    }

    /// The ceilings. Defaults to [`PoolLimits::default`].
    #[must_use]
    pub fn limits(mut self, limits: PoolLimits) -> Self {
        self.limits = limits;
        self
    }

    /// How long to wait. Defaults to [`ServerTimeouts::default`].
    #[must_use]
    pub fn timeouts(mut self, timeouts: ServerTimeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// The session key and the means to wrap it for a client. Defaults to none: secrets can then
    /// neither be sent nor read before protocol 2.4.
    #[must_use]
    pub fn keys(mut self, keys: Box<dyn ServerKeys>) -> Self {
        self.keys = Some(keys);
        self
    }
}

impl fmt::Debug for ServerConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerConfig")
            .field("carrier", &self.carrier)
            .field("protocol", &self.protocol)
            .field("buffer_mode", &self.buffer_mode)
            .field("limits", &self.limits)
            .field("timeouts", &self.timeouts)
            .field("keys", &self.keys.is_some())
            .finish()
    }
}
