//! Where a pool stands.

use std::fmt;

/// The state of a pool, in the words of PowerShell's `RunspaceState`.
///
/// MS-PSRP numbers some of them differently; none of these numbers travel
/// (see [`RunspacePoolState`](psrp_codec::RunspacePoolState) for those that do).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum PoolState {
    /// Nothing has been asked for.
    BeforeOpen,
    /// Versions are being agreed on, or the runspaces are being made.
    Opening,
    /// Pipelines can run.
    Opened,
    /// On the way to disconnected (client only).
    Disconnecting,
    /// No client is there. What runs goes on running.
    Disconnected,
    /// A client comes back to a pool that exists (client only).
    Connecting,
    /// On the way to closed.
    Closing,
    /// Gone, as was asked. Final.
    Closed,
    /// Gone because something went wrong. Final.
    Broken,
}

impl PoolState {
    /// Whether nothing can happen any more.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Closed | Self::Broken)
    }
}

impl fmt::Display for PoolState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BeforeOpen => "not open yet",
            Self::Opening => "opening",
            Self::Opened => "open",
            Self::Disconnecting => "disconnecting",
            Self::Disconnected => "disconnected",
            Self::Connecting => "connecting",
            Self::Closing => "closing",
            Self::Closed => "closed",
            Self::Broken => "broken",
        })
    }
}
