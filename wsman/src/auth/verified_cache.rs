//! Remembers for a while which passwords were right, so that not every request costs a hash that is slow on purpose.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hmac;

use super::Secret;

/// Accounts that were verified lately, found by a keyed hash of name and password.
///
/// The key is random and never leaves the process: what is stored is of no use to someone who reads it out, and as
/// the hash is keyed, the time of a look-up tells nothing about a password.
pub(super) struct VerifiedCache {
    key: hmac::Key,
    lifetime: Duration,
    capacity: usize,
    entries: Mutex<HashMap<[u8; 32], Verified>>,
}

struct Verified {
    account: String,
    generation: u64,
    until: Instant,
}

impl VerifiedCache {
    /// An empty cache.
    pub(super) fn new(lifetime: Duration, capacity: usize) -> Result<Self, Unspecified> {
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &aws_lc_rs::rand::SystemRandom::new())?;
        Ok(Self {
            key,
            lifetime,
            capacity,
            entries: Mutex::default(),
        })
    }

    /// Remembers that this password was right when the store was in `generation`.
    pub(super) fn insert(
        &self,
        now: Instant,
        user: &str,
        password: &Secret,
        generation: u64,
        account: &str,
    ) {
        let digest = self.digest(user, password);
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= self.capacity && !entries.contains_key(&digest) {
            entries.retain(|_, entry| entry.until > now);
        }
        if entries.len() >= self.capacity && !entries.contains_key(&digest) {
            let oldest = entries
                .iter()
                .min_by_key(|(_, entry)| entry.until)
                .map(|(digest, _)| *digest);
            if let Some(oldest) = oldest {
                entries.remove(&oldest);
            }
        }
        entries.insert(
            digest,
            Verified {
                account: account.to_owned(),
                generation,
                until: now + self.lifetime,
            },
        );
    }

    /// The account, when this password was right not long ago and the store has not changed since.
    pub(super) fn get(
        &self,
        now: Instant,
        user: &str,
        password: &Secret,
        generation: u64,
    ) -> Option<String> {
        let digest = self.digest(user, password);
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries
            .get(&digest)
            .filter(|entry| entry.until > now && entry.generation == generation)
            .map(|entry| entry.account.clone())
    }

    fn digest(&self, user: &str, password: &Secret) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.key);
        // The length keeps `ab` + `c` apart from `a` + `bc`.
        context.update(&(user.len() as u64).to_be_bytes());
        context.update(user.as_bytes());
        context.update(password.expose());
        let mut digest = [0; 32];
        digest.copy_from_slice(context.sign().as_ref());
        digest
    }
}

impl fmt::Debug for VerifiedCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedCache")
            .field("lifetime", &self.lifetime)
            .field("capacity", &self.capacity)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_lasts_its_lifetime_and_one_generation() {
        let cache = VerifiedCache::new(Duration::from_secs(60), 8).unwrap();
        let (start, password) = (Instant::now(), Secret::from("pw"));
        cache.insert(start, "anna", &password, 1, "ANNA");
        let after = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(
            cache.get(after(59), "anna", &password, 1).as_deref(),
            Some("ANNA")
        );
        assert_eq!(cache.get(after(60), "anna", &password, 1), None);
        assert_eq!(cache.get(after(1), "anna", &password, 2), None);
        assert_eq!(cache.get(after(1), "anna", &Secret::from("pW"), 1), None);
        assert_eq!(cache.get(after(1), "annap", &Secret::from("w"), 1), None);
    }

    #[test]
    fn the_oldest_entry_makes_room() {
        let cache = VerifiedCache::new(Duration::from_secs(60), 2).unwrap();
        let (start, password) = (Instant::now(), Secret::from("pw"));
        for (second, user) in ["a", "b", "c"].into_iter().enumerate() {
            let now = start + Duration::from_secs(second as u64);
            cache.insert(now, user, &password, 0, user);
        }
        let now = start + Duration::from_secs(3);
        let known: Vec<_> = ["a", "b", "c"]
            .into_iter()
            .filter(|user| cache.get(now, user, &password, 0).is_some())
            .collect();
        assert_eq!(known, ["b", "c"]);
    }
}
