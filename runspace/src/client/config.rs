//! What a client can choose.

use std::{fmt, time::Duration};

use psrp_codec::message::InitRunspacePool;

use crate::{PoolLimits, ProtocolVersion, session_key::ClientKeys};

/// How a [`ClientPool`](super::ClientPool) behaves.
pub struct ClientConfig {
    pub(super) protocol: ProtocolVersion,
    pub(super) init: InitRunspacePool,
    pub(super) can_disconnect: bool,
    pub(super) limits: PoolLimits,
    pub(super) timeouts: ClientTimeouts,
    pub(super) keys: Option<Box<dyn ClientKeys>>,
}

/// How long a client waits. The defaults are PowerShell's.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ClientTimeouts {
    /// For the pool to open, connect, disconnect or reconnect: 180 s. Then it is broken.
    pub open: Duration,
    /// For the session key: 180 s. Then the pool is broken.
    pub session_key: Duration,
    /// For a pipeline to stop: 60 s. Then it is taken for stopped and closed.
    pub cancel: Duration,
    /// For the state of a pipeline after the server said that it was stopped: 5 s. The two come
    /// on different ways over WS-Management.
    pub stopped_state: Duration,
    /// For a pipeline or the pool to close: 60 s. Then it is taken for closed.
    pub close: Duration,
}

impl Default for ClientTimeouts {
    fn default() -> Self {
        Self {
            open: Duration::from_secs(180),
            session_key: Duration::from_secs(180),
            cancel: Duration::from_secs(60),
            stopped_state: Duration::from_secs(5),
            close: Duration::from_secs(60),
        }
    }
}

impl ClientConfig {
    /// Opens a pool with `init`, the size and host of the pool and the caller's arguments.
    #[must_use]
    pub fn new(init: InitRunspacePool) -> Self {
        Self {
            protocol: ProtocolVersion::V2_3,
            init,
            can_disconnect: false,
            limits: PoolLimits::for_client(),
            timeouts: ClientTimeouts::default(),
            keys: None,
        }
    }

    /// The version to announce. Defaults to 2.3, which every server speaks; choose 2.4 only over
    /// a transport that is encrypted and authenticated, since secrets travel plainly with it.
    #[must_use]
    pub fn protocol(mut self, version: ProtocolVersion) -> Self {
        self.protocol = version;
        self
    }

    /// Whether the transport can disconnect, reconnect and connect. Defaults to no; WS-Management
    /// can, no stream transport can.
    #[must_use]
    pub fn transport_can_disconnect(mut self, can: bool) -> Self {
        self.can_disconnect = can;
        self
    }

    /// The ceilings. Defaults to [`PoolLimits::for_client`].
    #[must_use]
    pub fn limits(mut self, limits: PoolLimits) -> Self {
        self.limits = limits;
        self
    }

    /// How long to wait. Defaults to [`ClientTimeouts::default`].
    #[must_use]
    pub fn timeouts(mut self, timeouts: ClientTimeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// The means to get a session key. Defaults to none: secrets can then neither be sent nor
    /// read before protocol 2.4.
    #[must_use]
    pub fn keys(mut self, keys: Box<dyn ClientKeys>) -> Self {
        self.keys = Some(keys);
        self
    }
}

impl Default for ClientConfig {
    fn default() -> Self {
        Self::new(InitRunspacePool::new())
    }
}

impl fmt::Debug for ClientConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientConfig")
            .field("protocol", &self.protocol)
            .field("init", &self.init)
            .field("can_disconnect", &self.can_disconnect)
            .field("limits", &self.limits)
            .field("timeouts", &self.timeouts)
            .field("keys", &self.keys.is_some())
            .finish()
    }
}
