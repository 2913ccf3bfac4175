//! The three messages of the session key exchange, and the two blobs in them.

use base64_simd::STANDARD as BASE64;

use crate::{
    DecodeError, DecodeErrorKind, Object, PsString, References, Value,
    property::{Bag, OptionalProperty},
};

/// [2.2.2.3] PUBLIC_KEY: the client's RSA key, for the server to encrypt the session key with.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PublicKey {
    /// A CAPI PUBLICKEYBLOB.
    pub blob: Vec<u8>,
}

impl PublicKey {
    /// The key with this modulus and exponent, both big endian. The modulus is padded to a
    /// multiple of eight bytes.
    #[must_use]
    pub fn from_rsa(modulus: &[u8], exponent: u32) -> Self {
        let modulus = trim_zeros(modulus);
        let len = modulus.len().next_multiple_of(8);
        let bits = u32::try_from(len.saturating_mul(8)).unwrap_or(u32::MAX);
        let mut blob = PUBLIC_KEY_START.to_vec();
        blob.extend_from_slice(&bits.to_le_bytes());
        blob.extend_from_slice(&exponent.to_le_bytes());
        blob.extend(modulus.iter().rev());
        blob.resize(RSA_HEADER_LEN.saturating_add(len), 0);
        Self { blob }
    }

    /// Modulus and exponent, the modulus big endian.
    ///
    /// # Errors
    /// When the blob is no PUBLICKEYBLOB of an RSA key.
    pub fn to_rsa(&self) -> Result<(Vec<u8>, u32), DecodeError> {
        let bad = |why| DecodeError::in_value("PUBLIC_KEY", DecodeErrorKind::Malformed(why));
        let (start, rest) = self
            .blob
            .split_at_checked(PUBLIC_KEY_START.len())
            .ok_or_else(|| bad("the key blob is cut short"))?;
        if start != PUBLIC_KEY_START {
            return Err(bad("the blob is not a PUBLICKEYBLOB of an RSA key"));
        }
        let (bits, rest) = rest
            .split_first_chunk::<4>()
            .ok_or_else(|| bad("the key blob is cut short"))?;
        let (exponent, modulus) = rest
            .split_first_chunk::<4>()
            .ok_or_else(|| bad("the key blob is cut short"))?;
        let bits = u64::from(u32::from_le_bytes(*bits));
        if bits != (modulus.len() as u64).saturating_mul(8) || modulus.is_empty() {
            return Err(bad("the modulus has another length than the blob says"));
        }
        Ok((
            modulus.iter().rev().copied().collect(),
            u32::from_le_bytes(*exponent),
        ))
    }

    /// Reads the message's value.
    ///
    /// # Errors
    /// When the property is missing or not base64.
    pub fn from_value(value: &Value) -> Result<Self, DecodeError> {
        let blob = blob_property("PUBLIC_KEY", "PublicKey", value)?;
        Ok(Self { blob })
    }

    /// The message's value.
    #[must_use]
    pub fn to_value(&self) -> Value {
        Object::bag()
            .named(
                "PublicKey",
                PsString::from(BASE64.encode_to_string(&self.blob)),
            )
            .into()
    }
}

/// [2.2.2.4] ENCRYPTED_SESSION_KEY: an AES-256 key, encrypted with the client's RSA key by
/// RSAES-PKCS1-v1_5.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EncryptedSessionKey {
    /// A CAPI SIMPLEBLOB.
    pub blob: Vec<u8>,
}

impl EncryptedSessionKey {
    /// The blob for a big-endian RSA ciphertext.
    #[must_use]
    pub fn from_ciphertext(ciphertext: &[u8]) -> Self {
        let mut blob = SESSION_KEY_START.to_vec();
        blob.extend(ciphertext.iter().rev());
        Self { blob }
    }

    /// The RSA ciphertext, big endian.
    ///
    /// # Errors
    /// When the blob is no SIMPLEBLOB of an AES-256 key.
    pub fn ciphertext(&self) -> Result<Vec<u8>, DecodeError> {
        match self.blob.strip_prefix(&SESSION_KEY_START) {
            Some(ciphertext) if !ciphertext.is_empty() => {
                Ok(ciphertext.iter().rev().copied().collect())
            }
            _ => Err(DecodeError::in_value(
                "ENCRYPTED_SESSION_KEY",
                DecodeErrorKind::Malformed("the blob is not a SIMPLEBLOB of an AES-256 key"),
            )),
        }
    }

    /// Reads the message's value.
    ///
    /// # Errors
    /// When the property is missing or not base64.
    pub fn from_value(value: &Value) -> Result<Self, DecodeError> {
        let blob = blob_property("ENCRYPTED_SESSION_KEY", "EncryptedSessionKey", value)?;
        Ok(Self { blob })
    }

    /// The message's value.
    #[must_use]
    pub fn to_value(&self) -> Value {
        Object::bag()
            .named(
                "EncryptedSessionKey",
                PsString::from(BASE64.encode_to_string(&self.blob)),
            )
            .into()
    }
}

/// [2.2.2.5] PUBLIC_KEY_REQUEST: the server asks for the client's key. It says nothing more.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct PublicKeyRequest;

impl PublicKeyRequest {
    /// Reads the message's value: an empty string.
    ///
    /// # Errors
    /// When it is no string.
    pub fn from_value(value: &Value) -> Result<Self, DecodeError> {
        if value.as_string().is_some() {
            Ok(Self)
        } else {
            Err(DecodeError::in_value(
                "PUBLIC_KEY_REQUEST",
                DecodeErrorKind::Malformed("the value is no string"),
            ))
        }
    }

    /// The message's value.
    #[must_use]
    pub fn to_value(&self) -> Value {
        Value::String(PsString::default())
    }
}

fn blob_property(
    item: &'static str,
    name: &'static str,
    value: &Value,
) -> Result<Vec<u8>, DecodeError> {
    let references = References::of(value);
    let text = Bag::open(item, value, &references)?.string(name)?;
    text.as_str()
        .and_then(|text| BASE64.decode_to_vec(text).ok())
        .ok_or_else(|| {
            DecodeError::in_value(item, DecodeErrorKind::Malformed("the blob is not base64"))
        })
}

fn trim_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}

/// bType PUBLICKEYBLOB, bVersion 2, reserved; CALG_RSA_KEYX; "RSA1".
const PUBLIC_KEY_START: [u8; 12] = *b"\x06\x02\0\0\0\xa4\0\0RSA1";
const RSA_HEADER_LEN: usize = 12 /* up to "RSA1" */ + 4 /* bits */ + 4 /* exponent */;
/// bType SIMPLEBLOB, bVersion 2, reserved; CALG_AES_256; wrapped with CALG_RSA_KEYX.
const SESSION_KEY_START: [u8; 12] = *b"\x01\x02\0\0\x10\x66\0\0\0\xa4\0\0";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_comes_back_from_its_blob() {
        let modulus: Vec<u8> = (1..=255).chain([7]).collect();
        let key = PublicKey::from_rsa(&modulus, 65537);
        assert_eq!(key.blob.len(), 276);
        assert_eq!(key.blob[16..20], [1, 0, 1, 0]);
        assert_eq!(key.to_rsa().unwrap(), (modulus, 65537));
    }

    #[test]
    fn a_short_modulus_is_padded() {
        let mut modulus = vec![0, 0];
        modulus.extend([9; 255]);
        let (read, _) = PublicKey::from_rsa(&modulus, 3).to_rsa().unwrap();
        assert_eq!((read.len(), read[0], read[1]), (256, 0, 9));
    }

    #[test]
    fn blobs_of_another_kind_are_errors() {
        let mut key = PublicKey::from_rsa(&[1; 256], 3);
        for len in 0..key.blob.len() {
            let cut = PublicKey {
                blob: key.blob[..len].to_vec(),
            };
            assert!(cut.to_rsa().is_err());
        }
        key.blob[8] = b'D';
        assert!(key.to_rsa().is_err());
        let mut session = EncryptedSessionKey::from_ciphertext(&[3; 256]);
        assert_eq!(session.blob.len(), 268);
        assert_eq!(session.ciphertext().unwrap(), [3; 256]);
        session.blob[5] = 0;
        assert!(session.ciphertext().is_err());
    }
}
