//! Who we say we are.

use std::fmt;

use zeroize::Zeroizing;

/// A user name and a password.
///
/// The password is wiped from memory when the credential is dropped, and no formatting shows it.
#[derive(Clone)]
pub struct Credential {
    user_name: String,
    password: Zeroizing<String>,
}

impl Credential {
    /// A credential; the user name may be `user`, `DOMAIN\user` or `user@domain`.
    #[must_use]
    pub fn new(user_name: impl Into<String>, password: impl Into<String>) -> Self {
        Self {
            user_name: user_name.into(),
            password: Zeroizing::new(password.into()),
        }
    }

    /// The user name as given.
    #[must_use]
    pub fn user_name(&self) -> &str {
        &self.user_name
    }

    /// The password. Do not log it and do not keep copies.
    #[must_use]
    pub fn password(&self) -> &str {
        &self.password
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential")
            .field("user_name", &self.user_name)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_shown() {
        let shown = format!("{:?}", Credential::new("alice", "s3cret"));
        assert!(
            shown.contains("alice") && !shown.contains("s3cret"),
            "{shown}"
        );
    }
}
