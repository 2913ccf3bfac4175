//! Who may use a Unix socket: the kernel tells which account the process at the other end runs under.

use std::collections::BTreeSet;

use nix::unistd::{Uid, User};

use crate::auth::Identity;
use crate::exchange::AuthenticationKind;

/// The accounts that may connect to a Unix socket.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UnixPeers {
    allowed: BTreeSet<u32>,
}

impl UnixPeers {
    /// Only the account that this process runs under. Not even root besides, unless it is that account.
    #[must_use]
    pub fn same_user() -> Self {
        Self::only([Uid::effective().as_raw()])
    }

    /// Only these accounts, by user id.
    pub fn only(uids: impl IntoIterator<Item = u32>) -> Self {
        Self {
            allowed: uids.into_iter().collect(),
        }
    }

    /// This account, too.
    #[must_use]
    pub fn allow(mut self, uid: u32) -> Self {
        self.allowed.insert(uid);
        self
    }

    /// Who a peer is, when it is allowed in: the account's name, or `uid:1000` when it has none.
    pub(super) fn identify(&self, uid: u32) -> Option<Identity> {
        if !self.allowed.contains(&uid) {
            return None;
        }
        let user = match User::from_uid(Uid::from_raw(uid)) {
            Ok(Some(user)) => user.name,
            Ok(None) | Err(_) => format!("uid:{uid}"),
        };
        Some(Identity {
            user,
            authenticated_by: AuthenticationKind::PeerCredentials,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_accounts_that_were_named_get_in() {
        let own = Uid::effective().as_raw();
        let other = own.wrapping_add(54_321);
        let peers = UnixPeers::same_user();
        assert!(peers.identify(own).is_some());
        assert_eq!(peers.identify(other), None);
        assert!(UnixPeers::only([other]).identify(own).is_none());
        let identity = peers.allow(4_000_000_000).identify(4_000_000_000).unwrap();
        assert_eq!(identity.user, "uid:4000000000");
        assert_eq!(
            identity.authenticated_by,
            AuthenticationKind::PeerCredentials
        );
    }
}
