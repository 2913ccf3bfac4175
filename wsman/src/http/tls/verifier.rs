//! Decides whether a server is the one that was asked for.

use std::sync::Arc;
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use x509_cert::Certificate;
use x509_cert::der::Decode;

use crate::auth::Fingerprint;

/// Whom to believe that a certificate is genuine.
#[derive(Debug)]
pub(super) enum Trust {
    /// The verifier of this computer, name check included.
    Platform(Arc<dyn ServerCertVerifier>),
    /// These authorities.
    Roots(RootCertStore),
    /// Nobody has to vouch for it.
    AnyIssuer,
    /// It is one of these, by the SHA-256 of the whole certificate.
    Pinned(Vec<Fingerprint>),
}

/// Checks a server's certificate step by step, so that each step can be left out by itself.
///
/// The signature of the handshake is checked whatever is left out: the server always has to own the key of the
/// certificate that it shows.
#[derive(Debug)]
pub(super) struct ServerVerifier {
    trust: Trust,
    check_name: bool,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerVerifier {
    pub(super) fn new(trust: Trust, check_name: bool, provider: &CryptoProvider) -> Self {
        Self {
            trust,
            check_name,
            algorithms: provider.signature_verification_algorithms,
        }
    }
}

impl ServerCertVerifier for ServerVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match &self.trust {
            Trust::Platform(platform) => {
                return platform.verify_server_cert(
                    end_entity,
                    intermediates,
                    server_name,
                    ocsp_response,
                    now,
                );
            }
            Trust::Roots(roots) => {
                verify_server_cert_signed_by_trust_anchor(
                    &ParsedCertificate::try_from(end_entity)?,
                    roots,
                    intermediates,
                    now,
                    self.algorithms.all,
                )?;
            }
            Trust::AnyIssuer => check_dates(end_entity, now)?,
            Trust::Pinned(pins) => {
                if !pins.contains(&Fingerprint::of(end_entity)) {
                    return Err(CertificateError::ApplicationVerificationFailure.into());
                }
                check_dates(end_entity, now)?;
                return Ok(ServerCertVerified::assertion());
            }
        }
        if self.check_name {
            verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// An unknown issuer is one thing, an expired certificate another: Windows checks the dates under `-SkipCACheck`, too.
fn check_dates(certificate: &CertificateDer<'_>, now: UnixTime) -> Result<(), Error> {
    let certificate = Certificate::from_der(certificate)
        .map_err(|_| Error::InvalidCertificate(CertificateError::BadEncoding))?;
    let validity = certificate.tbs_certificate().validity();
    let now = Duration::from_secs(now.as_secs());
    if now < validity.not_before.to_unix_duration() {
        Err(CertificateError::NotValidYet.into())
    } else if now > validity.not_after.to_unix_duration() {
        Err(CertificateError::Expired.into())
    } else {
        Ok(())
    }
}
