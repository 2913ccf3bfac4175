//! The session key: who has it, and what it is good for.
//!
//! Until protocol 2.3 a secret travels encrypted with a key that the server makes and gives to
//! its client, wrapped with the client's RSA key. From 2.4 on there is no key and a secret is only
//! as safe as the transport. The cryptography itself is handed in from outside, by the three
//! traits here.

use std::fmt;

use base64_simd::STANDARD as BASE64;
use psrp_codec::{
    SecureString,
    message::{EncryptedSessionKey, PublicKey},
};
use zeroize::Zeroizing;

use crate::{MisuseError, ProtocolVersion};

/// The cryptography behind one of the traits failed. Says no more, so that it tells an attacker
/// nothing.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct CryptoError(pub &'static str);

/// AES-256-CBC as MS-PSRP has it: an initialization vector of zeros and PKCS #7 padding.
pub trait SessionCipher: Send + Sync {
    /// Encrypts UTF-16LE text.
    ///
    /// # Errors
    /// When the implementation fails.
    fn encrypt(&self, plain: &[u8]) -> Result<Vec<u8>, CryptoError>;

    /// Decrypts what [`encrypt`](Self::encrypt) made.
    ///
    /// # Errors
    /// When it is not something that this key encrypted.
    fn decrypt(&self, encrypted: &[u8]) -> Result<Zeroizing<Vec<u8>>, CryptoError>;
}

/// The client's half: an RSA key, made when it is first asked for.
pub trait ClientKeys: Send {
    /// The public part.
    ///
    /// # Errors
    /// When no key can be made.
    fn public_key(&mut self) -> Result<PublicKey, CryptoError>;

    /// Unwraps the session key. Must take the same time for every key that it refuses.
    ///
    /// # Errors
    /// When it was not wrapped for this key.
    fn unwrap_session_key(
        &mut self,
        wrapped: &EncryptedSessionKey,
    ) -> Result<Box<dyn SessionCipher>, CryptoError>;
}

/// The server's half: one session key, the same for every client that comes.
pub trait ServerKeys: Send {
    /// Wraps the session key for this client.
    ///
    /// # Errors
    /// When the client's key cannot be used.
    fn wrap_session_key(&mut self, client: &PublicKey) -> Result<EncryptedSessionKey, CryptoError>;

    /// The cipher with the session key.
    fn cipher(&self) -> &dyn SessionCipher;
}

/// How secrets travel now.
#[derive(Clone, Copy)]
pub(crate) enum Secrecy<'a> {
    /// As base64 of UTF-16LE: protocol 2.4.
    Plain,
    /// Encrypted.
    Encrypted(&'a dyn SessionCipher),
    /// Not at all: there is no key.
    Locked,
}

impl<'a> Secrecy<'a> {
    pub(crate) fn of(
        version: Option<ProtocolVersion>,
        cipher: Option<&'a dyn SessionCipher>,
    ) -> Self {
        match (version, cipher) {
            (Some(version), _) if version.has_plain_secrets() => Self::Plain,
            (_, Some(cipher)) => Self::Encrypted(cipher),
            (_, None) => Self::Locked,
        }
    }

    /// What stands for `secret` on the wire.
    pub(crate) fn protect(self, secret: &[u16]) -> Result<SecureString, MisuseError> {
        let mut plain = Zeroizing::new(Vec::with_capacity(secret.len().saturating_mul(2)));
        plain.extend(secret.iter().flat_map(|unit| unit.to_le_bytes()));
        let text = match self {
            Self::Plain => BASE64.encode_to_string(&plain[..]),
            Self::Encrypted(cipher) => BASE64.encode_to_string(cipher.encrypt(&plain)?),
            Self::Locked => return Err(MisuseError::NoSessionKey),
        };
        Ok(SecureString::new(text))
    }

    /// The secret that `text` stands for.
    pub(crate) fn reveal(self, text: &SecureString) -> Result<Zeroizing<Vec<u16>>, MisuseError> {
        const NOT_BASE64: CryptoError = CryptoError("the secure string is not base64");
        const ODD: CryptoError = CryptoError("the secure string is not UTF-16");
        let bytes = BASE64
            .decode_to_vec(text.expose())
            .map(Zeroizing::new)
            .map_err(|_| NOT_BASE64);
        let plain = match self {
            Self::Plain => bytes?,
            Self::Encrypted(cipher) => cipher.decrypt(&bytes?)?,
            Self::Locked => return Err(MisuseError::NoSessionKey),
        };
        let (units, rest) = plain.as_chunks::<2>();
        if !rest.is_empty() {
            return Err(ODD.into());
        }
        Ok(Zeroizing::new(
            units.iter().map(|unit| u16::from_le_bytes(*unit)).collect(),
        ))
    }
}

/// Where a client stands in the exchange.
pub(crate) enum ClientKeyState {
    /// Nobody has asked.
    None,
    /// PUBLIC_KEY is out; its answer is waited for.
    Sent,
    /// There is a key.
    Ready(Box<dyn SessionCipher>),
}

impl ClientKeyState {
    pub(crate) fn cipher(&self) -> Option<&dyn SessionCipher> {
        match self {
            Self::Ready(cipher) => Some(&**cipher),
            Self::None | Self::Sent => None,
        }
    }

    pub(crate) const fn is_sent(&self) -> bool {
        matches!(self, Self::Sent)
    }
}

impl fmt::Debug for ClientKeyState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Sent => "Sent",
            Self::Ready(_) => "Ready(…)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(text: &str) -> Vec<u16> {
        text.encode_utf16().collect()
    }

    #[test]
    fn in_protocol_2_4_a_secret_is_base64() {
        let plain = Secrecy::of(Some(ProtocolVersion::V2_4), None);
        for (text, wire) in [("", ""), ("abc", "YQBiAGMA"), ("\u{1f600}", "PdgA3g==")] {
            let protected = plain.protect(&units(text)).unwrap();
            assert_eq!(protected.expose(), wire);
            assert_eq!(*plain.reveal(&protected).unwrap(), units(text));
        }
        assert!(plain.reveal(&SecureString::new("YQ==")).is_err());
        assert!(plain.reveal(&SecureString::new("?")).is_err());
    }

    #[test]
    fn without_a_key_nothing_is_protected_or_revealed() {
        let locked = Secrecy::of(Some(ProtocolVersion::V2_3), None);
        assert_eq!(locked.protect(&units("a")), Err(MisuseError::NoSessionKey));
        assert!(locked.reveal(&SecureString::new("YQBiAGMA")).is_err());
    }
}
