//! Which servers a client believes, and the certificate that it shows them.

use std::fmt;
use std::sync::Arc;

use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use zeroize::Zeroize;

use super::verifier::{ServerVerifier, Trust};
use super::{TlsSettingsError, certificates, private_key, provider};
use crate::auth::Fingerprint;

/// TLS settings of a client. By default the server needs a certificate for its name from an authority that this
/// computer trusts.
#[derive(Default)]
pub struct ClientTls {
    roots: Vec<CertificateDer<'static>>,
    pins: Vec<Fingerprint>,
    identity: Option<Identity>,
    skip_ca_check: bool,
    skip_cn_check: bool,
}

struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: Key,
}

/// A private key that is overwritten when it is not needed any more.
struct Key(PrivateKeyDer<'static>);

impl Drop for Key {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl ClientTls {
    /// The defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Trusts the authorities in this PEM text, in place of those of this computer. Adds up when called again.
    ///
    /// # Errors
    /// When the text holds no certificate.
    pub fn root_certificates(mut self, pem: &[u8]) -> Result<Self, TlsSettingsError> {
        self.roots
            .extend(certificates("the root certificates", pem)?);
        Ok(self)
    }

    /// Accepts the one certificate with this SHA-256 fingerprint (hexadecimal, colons allowed), whoever issued it and
    /// whatever name it has, and no other. Its dates still count. May be called for several.
    ///
    /// # Errors
    /// When the text is no such fingerprint.
    pub fn pin_sha256(mut self, fingerprint: &str) -> Result<Self, TlsSettingsError> {
        self.pins.push(fingerprint.parse()?);
        Ok(self)
    }

    /// Shows this certificate (PEM, the leaf first) to servers that ask for one.
    ///
    /// # Errors
    /// When a text holds no certificate or no key.
    pub fn client_certificate(
        mut self,
        chain: &[u8],
        key: &[u8],
    ) -> Result<Self, TlsSettingsError> {
        self.identity = Some(Identity {
            chain: certificates("the client certificate", chain)?,
            key: Key(private_key("the key of the client certificate", key)?),
        });
        Ok(self)
    }

    /// Accepts certificates of any issuer (`-SkipCACheck`). Anyone on the way can then pose as the server, unless
    /// the certificate is pinned.
    #[must_use]
    pub fn skip_ca_check(mut self) -> Self {
        self.skip_ca_check = true;
        self
    }

    /// Accepts certificates for any name (`-SkipCNCheck`).
    #[must_use]
    pub fn skip_cn_check(mut self) -> Self {
        self.skip_cn_check = true;
        self
    }

    pub(in crate::http) fn config(&self) -> Result<Arc<ClientConfig>, TlsSettingsError> {
        let provider = provider();
        let trust = if !self.pins.is_empty() {
            Trust::Pinned(self.pins.clone())
        } else if self.skip_ca_check {
            Trust::AnyIssuer
        } else if !self.roots.is_empty() {
            Trust::Roots(parse_roots(&self.roots)?)
        } else if self.skip_cn_check {
            // The verifier of the platform cannot leave the name alone out, so its roots are used without it.
            Trust::Roots(platform_roots()?)
        } else {
            let platform = rustls_platform_verifier::Verifier::new(Arc::clone(&provider))
                .map_err(|error| TlsSettingsError::NoPlatformRoots(Some(error)))?;
            Trust::Platform(Arc::new(platform))
        };
        let verifier = ServerVerifier::new(trust, !self.skip_cn_check, &provider);
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier));
        let config = match &self.identity {
            Some(identity) => {
                builder.with_client_auth_cert(identity.chain.clone(), identity.key.0.clone_key())?
            }
            None => builder.with_no_client_auth(),
        };
        Ok(Arc::new(config))
    }
}

impl fmt::Debug for ClientTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientTls")
            .field("roots", &self.roots.len())
            .field("pins", &self.pins.len())
            .field("client_certificate", &self.identity.is_some())
            .field("skip_ca_check", &self.skip_ca_check)
            .field("skip_cn_check", &self.skip_cn_check)
            .finish()
    }
}

fn parse_roots(
    certificates: &[CertificateDer<'static>],
) -> Result<RootCertStore, TlsSettingsError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates {
        roots.add(certificate.clone())?;
    }
    Ok(roots)
}

fn platform_roots() -> Result<RootCertStore, TlsSettingsError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err(TlsSettingsError::NoPlatformRoots(None));
    }
    Ok(roots)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_without_certificates_is_refused() {
        let error = ClientTls::new().root_certificates(b"nothing").unwrap_err();
        assert_eq!(
            error.to_string(),
            "the root certificates: there is no certificate in it"
        );
    }
}
