//! The ceilings of every queue that a peer, or a slow peer, can make grow.

use psrp_codec::Limits;

/// How much one pool may hold on behalf of its peer and of its application.
///
/// [`PoolLimits::default`] gives the values of a server; a client is usually less strict and takes
/// [`PoolLimits::for_client`].
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct PoolLimits {
    /// What a decoder may read, hold and nest, for each stream of fragments.
    pub codec: Limits,
    /// Bytes that one pipeline may be sent in its life; `None` for no ceiling. Default 50 MiB, as
    /// PowerShell's servers have it. A pool itself has none.
    pub pipeline_total: Option<u64>,
    /// Pipelines of one pool at one time, those included whose last word is still to be read.
    /// Default 1,000.
    pub pipelines: usize,
    /// Bytes that wait for one target. Reaching it makes the outbox full; the message that reached
    /// it is kept, so a queue holds at most this and one message. Default 4 MiB.
    pub outbox_bytes: usize,
    /// Messages that wait for one target. Default 16,384.
    pub outbox_messages: usize,
    /// Host calls of one target that wait for their answer. Default 64.
    pub host_calls: usize,
    /// Calls about the pool (sizes, reset) that wait for their answer. Default 1,024.
    pub pool_calls: usize,
}

impl PoolLimits {
    /// The limits of a client: what it asked for itself has no ceiling in total.
    #[must_use]
    pub fn for_client() -> Self {
        Self {
            pipeline_total: None,
            ..Self::default()
        }
    }
}

impl Default for PoolLimits {
    fn default() -> Self {
        const MIB: usize = 1024 * 1024;
        Self {
            codec: Limits::default(),
            pipeline_total: Some(50 * 1024 * 1024),
            pipelines: 1_000,
            outbox_bytes: 4 * MIB,
            outbox_messages: 16_384,
            host_calls: 64,
            pool_calls: 1_024,
        }
    }
}

/// The least `max_len` that moves anything: a fragment's header and one byte.
pub const MIN_TRANSMIT: usize = 22;

/// The size of a fragment on stream transports, and one that every WS-Management peer takes.
pub const DEFAULT_TRANSMIT: usize = 32_768;

/// How many fragments a receiver remembers besides those of the last payload, to know them when
/// they come again after a reconnect.
pub(crate) const REMEMBERED_FRAGMENTS: usize = 1_024;
