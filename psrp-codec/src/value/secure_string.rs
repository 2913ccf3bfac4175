//! The text in place of a secret.

use std::fmt;

use zeroize::Zeroizing;

/// The content of an `SS` element: what stands for a secret on the wire.
///
/// This is base64 of ciphertext on a session with a key, and hexadecimal in files. The codec
/// neither reads nor makes it. With some peers it is no more than an encoding of the secret
/// itself, so it is wiped when dropped and never shown by `Debug`.
#[derive(Clone, Default, Eq, PartialEq)]
pub struct SecureString(Zeroizing<Box<str>>);

/// Wiped elsewhere, so that dropping what might be a secret takes no more than a look.
impl Drop for SecureString {
    #[inline]
    fn drop(&mut self) {
        #[inline(never)]
        fn wipe(secret: Zeroizing<Box<str>>) {
            drop(secret);
        }
        if !self.0.is_empty() {
            wipe(std::mem::take(&mut self.0));
        }
    }
}

impl SecureString {
    /// Takes `text` as the content of an `SS` element.
    #[must_use]
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The content as it stands on the wire. Do not log it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecureString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecureString(…)")
    }
}
