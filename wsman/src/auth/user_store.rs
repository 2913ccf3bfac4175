//! Where a server looks accounts up.

use super::{AuthError, Secret};

/// Knows which password belongs to which account.
///
/// Called on a thread that may block, as verifying is slow on purpose; how many run at once is bounded by the caller.
pub trait UserStore: Send + Sync + 'static {
    /// Verifies a password; gives the account as the store spells it.
    ///
    /// An unknown account must take as long as a wrong password, or the time tells which accounts exist.
    ///
    /// # Errors
    /// [`AuthErrorKind::Refused`](super::AuthErrorKind::Refused) for any mismatch,
    /// [`Unavailable`](super::AuthErrorKind::Unavailable) when the store cannot answer.
    fn verify(&self, user: &str, password: &Secret) -> Result<String, AuthError>;

    /// Changes whenever an account may have changed; what was verified before is verified again then.
    fn generation(&self) -> u64 {
        0
    }
}
