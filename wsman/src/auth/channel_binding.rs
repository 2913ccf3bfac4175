//! Ties an authentication to the TLS connection around it, so that nobody in between can pass it on (RFC 5929).

use aws_lc_rs::digest::{Algorithm, SHA256, SHA384, SHA512, digest};
use rustls::pki_types::CertificateDer;
use x509_cert::Certificate;
use x509_cert::der::Decode;

/// `tls-server-end-point:` and the hash of the server's certificate, by the hash function of its signature.
///
/// MD5 and SHA-1 are replaced by SHA-256, and a certificate that cannot be read is hashed with it, too.
pub(super) fn tls_server_end_point(certificate: &CertificateDer<'_>) -> Vec<u8> {
    let algorithm = Certificate::from_der(certificate)
        .map(|certificate| hash_of(&certificate))
        .unwrap_or(&SHA256);
    let mut binding = b"tls-server-end-point:".to_vec();
    binding.extend_from_slice(digest(algorithm, certificate).as_ref());
    binding
}

fn hash_of(certificate: &Certificate) -> &'static Algorithm {
    let signature = certificate.signature_algorithm();
    match signature.oid.to_string().as_str() {
        // sha384WithRSAEncryption, ecdsa-with-SHA384
        "1.2.840.113549.1.1.12" | "1.2.840.10045.4.3.3" => &SHA384,
        // sha512WithRSAEncryption, ecdsa-with-SHA512, Ed25519 (which hashes with SHA-512 inside)
        "1.2.840.113549.1.1.13" | "1.2.840.10045.4.3.4" | "1.3.101.112" => &SHA512,
        // RSASSA-PSS names its hash function in the parameters, where it comes first.
        "1.2.840.113549.1.1.10" => {
            let parameters = signature
                .parameters
                .as_ref()
                .map(|parameters| parameters.value())
                .unwrap_or_default();
            // 2.16.840.1.101.3.4.2 is the arc of the SHA-2 functions: 2 is SHA-384, 3 is SHA-512.
            const SHA2: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02];
            let function = parameters
                .windows(SHA2.len() + 1)
                .find_map(|window| window.strip_prefix(SHA2));
            match function {
                Some([2]) => &SHA384,
                Some([3]) => &SHA512,
                _ => &SHA256,
            }
        }
        _ => &SHA256,
    }
}

/// [SEC_CHANNEL_BINDINGS]: the binding as security packages take it, without addresses.
///
/// [SEC_CHANNEL_BINDINGS]: https://learn.microsoft.com/windows/win32/api/sspi/ns-sspi-sec_channel_bindings
pub(super) fn sec_channel_bindings(application_data: &[u8]) -> Vec<u8> {
    /// Eight 32-bit numbers.
    const HEADER_LEN: u32 = 32;
    let len = u32::try_from(application_data.len()).unwrap_or(u32::MAX);
    let mut buffer: Vec<u8> = [0, 0, 0, 0, 0, 0, len, HEADER_LEN]
        .into_iter()
        .flat_map(u32::to_le_bytes)
        .collect();
    buffer.extend_from_slice(application_data);
    buffer
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, SignatureAlgorithm};

    use super::*;

    fn certificate(algorithm: &'static SignatureAlgorithm) -> CertificateDer<'static> {
        let key = KeyPair::generate_for(algorithm).unwrap();
        let params = CertificateParams::new(["srv01".to_owned()]).unwrap();
        params.self_signed(&key).unwrap().der().clone()
    }

    #[test]
    fn the_hash_is_that_of_the_certificates_signature() {
        let rows = [
            (&rcgen::PKCS_ECDSA_P256_SHA256, &SHA256),
            (&rcgen::PKCS_ECDSA_P384_SHA384, &SHA384),
            (&rcgen::PKCS_ED25519, &SHA512),
        ];
        for (signature, hash) in rows {
            let certificate = certificate(signature);
            let binding = tls_server_end_point(&certificate);
            let (prefix, value) = binding.split_at(21);
            assert_eq!(prefix, b"tls-server-end-point:");
            assert_eq!(value, digest(hash, &certificate).as_ref());
        }
        let unreadable = CertificateDer::from(vec![1, 2, 3]);
        assert_eq!(tls_server_end_point(&unreadable).len(), 21 + 32);
    }

    #[test]
    fn the_buffer_has_a_header_and_the_data() {
        let buffer = sec_channel_bindings(b"abc");
        assert_eq!(buffer.len(), 35);
        assert_eq!(buffer[..24], [0; 24]);
        assert_eq!(buffer[24..], *b"\x03\0\0\0\x20\0\0\0abc");
    }
}
