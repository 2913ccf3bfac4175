//! Which peers are this computer itself, so that plain text to them shows nothing to anybody.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

/// Decides whether what goes to an address stays on this computer. By default only loopback addresses do.
#[derive(Clone)]
pub(super) struct LocalPeers(Arc<dyn Fn(IpAddr) -> bool + Send + Sync>);

impl LocalPeers {
    pub(super) fn new(decide: impl Fn(IpAddr) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(decide))
    }

    pub(super) fn contains(&self, peer: IpAddr) -> bool {
        // `::ffff:127.0.0.1` is what a listener on both families sees of an IPv4 client.
        (self.0)(peer.to_canonical())
    }
}

impl Default for LocalPeers {
    fn default() -> Self {
        Self::new(|peer| peer.is_loopback())
    }
}

impl fmt::Debug for LocalPeers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LocalPeers(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_is_local_by_default() {
        let local = LocalPeers::default();
        for peer in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
            assert!(local.contains(peer.parse().unwrap()), "{peer}");
        }
        for peer in [
            "192.0.2.1",
            "10.0.0.1",
            "0.0.0.0",
            "::ffff:192.0.2.1",
            "fe80::1",
        ] {
            assert!(!local.contains(peer.parse().unwrap()), "{peer}");
        }
    }
}
