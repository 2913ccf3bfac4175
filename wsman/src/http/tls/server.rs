//! The certificate of a server, and those it accepts from clients.

use std::fmt;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};

use super::{TlsSettingsError, certificates, private_key, provider};

/// TLS settings of a listener.
#[derive(Clone)]
pub struct ServerTls {
    config: Arc<ServerConfig>,
    certificate: CertificateDer<'static>,
}

impl ServerTls {
    /// Shows this certificate chain (PEM, the leaf first) and asks clients for none.
    ///
    /// # Errors
    /// When a text holds no certificate or no key, or they do not go together.
    pub fn new(chain: &[u8], key: &[u8]) -> Result<Self, TlsSettingsError> {
        Self::build(chain, key, None)
    }

    /// As [`new`](Self::new), and asks clients for a certificate that these authorities (PEM) issued. A client may
    /// have none; one that does not verify ends the handshake.
    ///
    /// # Errors
    /// As [`new`](Self::new), and when the authorities cannot be read.
    pub fn with_client_roots(
        chain: &[u8],
        key: &[u8],
        roots: &[u8],
    ) -> Result<Self, TlsSettingsError> {
        Self::build(chain, key, Some(roots))
    }

    fn build(chain: &[u8], key: &[u8], roots: Option<&[u8]>) -> Result<Self, TlsSettingsError> {
        let chain = certificates("the server certificate", chain)?;
        let key = private_key("the key of the server certificate", key)?;
        let missing = TlsSettingsError::Pem {
            what: "the server certificate",
            problem: "there is no certificate in it",
        };
        let certificate = chain.first().cloned().ok_or(missing)?;
        let provider = provider();
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()?;
        let builder = match roots {
            None => builder.with_no_client_auth(),
            Some(pem) => {
                let mut store = RootCertStore::empty();
                for root in certificates("the roots of client certificates", pem)? {
                    store.add(root)?;
                }
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(Arc::new(store), provider)
                        .allow_unauthenticated()
                        .build()
                        .map_err(|error| rustls::Error::General(error.to_string()))?;
                builder.with_client_cert_verifier(verifier)
            }
        };
        Ok(Self {
            config: Arc::new(builder.with_single_cert(chain, key)?),
            certificate,
        })
    }

    pub(in crate::http) fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.config)
    }

    pub(in crate::http) fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }
}

impl fmt::Debug for ServerTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerTls").finish_non_exhaustive()
    }
}
