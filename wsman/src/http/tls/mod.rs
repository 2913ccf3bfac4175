//! TLS settings of both sides: rustls with the aws-lc-rs provider, TLS 1.2 and 1.3.

mod client;
mod server;
mod verifier;

use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::auth::FingerprintError;

pub use client::ClientTls;
pub use server::ServerTls;

/// Why TLS settings are not usable.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsSettingsError {
    /// A text that should hold certificates or a key in PEM form.
    #[error("{what}: {problem}")]
    Pem {
        /// What the text was for.
        what: &'static str,
        /// What is wrong with it. Shows nothing of the text.
        problem: &'static str,
    },
    /// A fingerprint that is none.
    #[error(transparent)]
    Fingerprint(#[from] FingerprintError),
    /// The certificates of this computer cannot be read.
    #[error("this computer has no root certificates that can be read")]
    NoPlatformRoots(#[source] Option<rustls::Error>),
    /// The certificate and the key do not go together, or rustls refuses them.
    #[error("{0}")]
    Refused(#[from] rustls::Error),
}

/// Named at every use, so that no process-wide default decides and none has to be installed.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

fn certificates(
    what: &'static str,
    pem: &[u8],
) -> Result<Vec<CertificateDer<'static>>, TlsSettingsError> {
    let certificates = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| TlsSettingsError::Pem {
            what,
            problem: "not in PEM form",
        })?;
    if certificates.is_empty() {
        return Err(TlsSettingsError::Pem {
            what,
            problem: "there is no certificate in it",
        });
    }
    Ok(certificates)
}

fn private_key(what: &'static str, pem: &[u8]) -> Result<PrivateKeyDer<'static>, TlsSettingsError> {
    PrivateKeyDer::from_pem_slice(pem).map_err(|_| TlsSettingsError::Pem {
        what,
        problem: "there is no private key in it (encrypted keys are not read)",
    })
}
