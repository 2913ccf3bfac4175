//! Certificates by their hash, as people compare and write them down.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::digest::{SHA256, digest};

/// The SHA-256 of a whole certificate (DER). Reads and writes as 64 hexadecimal digits; colons between are allowed.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The fingerprint of a certificate in DER form.
    #[must_use]
    pub fn of(certificate: &[u8]) -> Self {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, certificate).as_ref());
        Self(hash)
    }
}

impl FromStr for Fingerprint {
    type Err = FingerprintError;

    fn from_str(text: &str) -> Result<Self, FingerprintError> {
        let mut digits = text.chars().filter(|&c| c != ':').map(|c| c.to_digit(16));
        let mut hash = [0_u8; 32];
        for byte in &mut hash {
            for _ in 0..2 {
                let digit = digits.next().flatten().ok_or(FingerprintError)?;
                // A hexadecimal digit fits into four bits.
                *byte = *byte << 4 | digit as u8;
            }
        }
        match digits.next() {
            None => Ok(Self(hash)),
            Some(_) => Err(FingerprintError),
        }
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A text that is no SHA-256 fingerprint.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a SHA-256 fingerprint has 64 hexadecimal digits")]
pub struct FingerprintError;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_64_digits_with_or_without_colons() {
        let plain = "00ff".repeat(16);
        let read: Fingerprint = plain.parse().unwrap();
        assert_eq!(read.0[..4], [0x00, 0xff, 0x00, 0xff]);
        assert_eq!(read.to_string(), plain);
        let colons = ["AB"; 32].join(":");
        assert_eq!(colons.parse(), Ok(Fingerprint([0xab; 32])));
        for wrong in [
            "",
            "ab",
            &"0".repeat(63),
            &"0".repeat(65),
            &"g".repeat(64),
            &"é".repeat(64),
        ] {
            assert_eq!(
                wrong.parse::<Fingerprint>(),
                Err(FingerprintError),
                "{wrong}"
            );
        }
    }

    #[test]
    fn it_is_the_hash_of_the_bytes() {
        assert_eq!(
            Fingerprint::of(b"abc").to_string(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
