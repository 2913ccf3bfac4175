//! Hashed passwords as a users file stores them.

use std::fmt;
use std::str::FromStr;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{CustomizedPasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};

use super::Secret;

/// A password under Argon2id, with its own salt and cost: `$argon2id$v=19$m=19456,t=2,p=1$…$…`.
#[derive(Clone)]
pub struct PasswordEntry {
    hash: PasswordHash,
    cost: HashCost,
}

impl PasswordEntry {
    /// Hashes a password with a fresh salt. Takes as long as a verification, which is slow on purpose.
    ///
    /// # Errors
    /// When the cost is out of range or the system has no randomness.
    pub fn new(password: &Secret, cost: HashCost) -> Result<Self, PasswordEntryError> {
        let salt = argon2::password_hash::try_generate_salt()
            .map_err(|error| PasswordEntryError::Hashing(error.to_string()))?;
        let hash = Argon2::default()
            .hash_password_customized(
                password.expose(),
                &salt,
                Some(Algorithm::Argon2id.as_str()),
                Some(Version::V0x13.into()),
                cost.params()?,
            )
            .map_err(|error| PasswordEntryError::Hashing(error.to_string()))?;
        Ok(Self { hash, cost })
    }

    /// Whether this is the password. Compares in constant time.
    #[must_use]
    pub fn matches(&self, password: &Secret) -> bool {
        Argon2::default()
            .verify_password(password.expose(), &self.hash)
            .is_ok()
    }

    /// What one verification costs.
    #[must_use]
    pub fn cost(&self) -> HashCost {
        self.cost
    }
}

impl FromStr for PasswordEntry {
    type Err = PasswordEntryError;

    fn from_str(text: &str) -> Result<Self, PasswordEntryError> {
        let hash = PasswordHash::new(text).map_err(|_| PasswordEntryError::Syntax)?;
        if hash.algorithm.as_str() != Algorithm::Argon2id.as_str() {
            return Err(PasswordEntryError::Algorithm(hash.algorithm.to_string()));
        }
        if hash.hash.is_none() || hash.salt.is_none() {
            return Err(PasswordEntryError::Syntax);
        }
        let parameter = |name| {
            hash.params
                .get_decimal(name)
                .ok_or(PasswordEntryError::Syntax)
        };
        let cost = HashCost {
            memory_kib: parameter("m")?,
            passes: parameter("t")?,
        };
        cost.params()?;
        Ok(Self { hash, cost })
    }
}

impl fmt::Display for PasswordEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.hash.fmt(f)
    }
}

impl fmt::Debug for PasswordEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasswordEntry")
            .field("cost", &self.cost)
            .finish_non_exhaustive()
    }
}

/// What a guess costs an attacker, and a verification the server. Defaults to 19 MiB and 2 passes, the least that
/// OWASP's Password Storage Cheat Sheet advises for Argon2id.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct HashCost {
    /// Memory for each verification, in KiB. At most 1 GiB.
    pub memory_kib: u32,
    /// Passes over that memory. At most 1000.
    pub passes: u32,
}

impl HashCost {
    const MAX_MEMORY_KIB: u32 = 1024 * 1024;
    const MAX_PASSES: u32 = 1000;

    fn params(self) -> Result<Params, PasswordEntryError> {
        if self.memory_kib > Self::MAX_MEMORY_KIB || self.passes > Self::MAX_PASSES {
            return Err(PasswordEntryError::Cost(self));
        }
        Params::new(self.memory_kib, self.passes, 1, None)
            .map_err(|_| PasswordEntryError::Cost(self))
    }
}

impl Default for HashCost {
    fn default() -> Self {
        Self {
            memory_kib: 19 * 1024,
            passes: 2,
        }
    }
}

/// Why a hashed password cannot be made or read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PasswordEntryError {
    /// Not a hash in PHC form.
    #[error("not a password hash of the form $argon2id$v=19$m=..,t=..,p=1$salt$hash")]
    Syntax,
    /// A hash, but of an algorithm that is not used here.
    #[error("the algorithm is {0}, only argon2id is accepted")]
    Algorithm(String),
    /// A cost that would stop the server or protect nothing.
    #[error("{} KiB and {} passes are out of range", .0.memory_kib, .0.passes)]
    Cost(HashCost),
    /// The system could not hash.
    #[error("cannot hash: {0}")]
    Hashing(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: HashCost = HashCost {
        memory_kib: 64,
        passes: 1,
    };

    #[test]
    fn an_entry_matches_its_password_after_it_was_written_and_read() {
        let entry = PasswordEntry::new(&Secret::from("pässword"), CHEAP).unwrap();
        let text = entry.to_string();
        assert!(text.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{text}");
        let read: PasswordEntry = text.parse().unwrap();
        assert_eq!(read.cost(), CHEAP);
        assert!(read.matches(&Secret::from("pässword")));
        assert!(!read.matches(&Secret::from("passwort")));
        assert!(!read.matches(&Secret::default()));
    }

    #[test]
    fn two_entries_of_one_password_differ() {
        let password = Secret::from("same");
        let one = PasswordEntry::new(&password, CHEAP).unwrap().to_string();
        let other = PasswordEntry::new(&password, CHEAP).unwrap().to_string();
        assert_ne!(one, other);
    }

    #[test]
    fn what_is_no_argon2id_hash_is_refused() {
        let reason = |text: &str| text.parse::<PasswordEntry>().unwrap_err();
        assert!(matches!(reason("plain"), PasswordEntryError::Syntax));
        assert!(matches!(
            reason("$argon2id$v=19$m=64,t=1,p=1"),
            PasswordEntryError::Syntax
        ));
        assert_eq!(
            reason("$pbkdf2-sha256$i=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA").to_string(),
            "the algorithm is pbkdf2-sha256, only argon2id is accepted"
        );
        assert_eq!(
            reason("$argon2id$v=19$m=4000000000,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA")
                .to_string(),
            "4000000000 KiB and 1 passes are out of range"
        );
    }

    #[test]
    fn debug_output_holds_no_hash() {
        let entry = PasswordEntry::new(&Secret::from("pw"), CHEAP).unwrap();
        assert!(!format!("{entry:?}").contains("argon2id"));
    }
}
