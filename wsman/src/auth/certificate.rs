//! Client certificates: the proof is in the TLS handshake, the field only says to use it.

use std::collections::HashMap;
use std::sync::Arc;

use super::{
    AuthError, AuthErrorKind, AuthFuture, ClientContext, ClientScheme, ClientStep,
    ConnectionSecurity, Fingerprint, Identity, Scope, ServerContext, ServerScheme, ServerStep,
};
use crate::exchange::AuthenticationKind;

/// The scheme name that stands for a client certificate (DSP0226, C.3.5).
const NAME: &str = "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/mutual";

/// Authenticates by the client certificate of the TLS settings.
#[derive(Clone, Copy, Debug, Default)]
pub struct CertificateClient;

impl ClientScheme for CertificateClient {
    fn name(&self) -> &'static str {
        NAME
    }

    fn start(&self, connection: &ConnectionSecurity) -> Result<Box<dyn ClientContext>, AuthError> {
        if connection.encrypted {
            Ok(Box::new(CertificateContext))
        } else {
            Err(AuthError::new(
                AuthErrorKind::NotAllowed,
                "a client certificate needs https",
            ))
        }
    }
}

struct CertificateContext;

impl ClientContext for CertificateContext {
    fn scope(&self) -> Scope {
        Scope::Request
    }

    fn is_complete(&self) -> bool {
        true
    }

    fn next_token<'a>(&'a mut self, challenge: Option<&'a [u8]>) -> AuthFuture<'a, ClientStep> {
        Box::pin(async move {
            match challenge {
                None => Ok(ClientStep::NameOnly),
                Some(_) => Err(AuthError::new(
                    AuthErrorKind::Malformed,
                    "the server answered a client certificate with a token",
                )),
            }
        })
    }
}

/// Knows accounts by the certificate that their client shows in the TLS handshake.
///
/// The listener has verified the certificate against its client roots before; this says whose it is. As the proof is
/// the handshake, the scheme is available only on connections where a certificate was shown.
#[derive(Clone, Debug, Default)]
pub struct CertificateServer {
    accounts: Arc<HashMap<Fingerprint, String>>,
}

impl CertificateServer {
    /// These certificates belong to these accounts. One account may have several.
    pub fn new(accounts: impl IntoIterator<Item = (Fingerprint, String)>) -> Self {
        Self {
            accounts: Arc::new(accounts.into_iter().collect()),
        }
    }
}

impl ServerScheme for CertificateServer {
    fn name(&self) -> &'static str {
        NAME
    }

    fn is_available(&self, connection: &ConnectionSecurity) -> bool {
        connection.encrypted && connection.client_certificate.is_some()
    }

    fn start(&self, connection: &ConnectionSecurity) -> Box<dyn ServerContext> {
        let account = connection
            .client_certificate
            .as_ref()
            .and_then(|certificate| self.accounts.get(&Fingerprint::of(certificate)));
        Box::new(CertificateServerContext {
            account: account.cloned(),
        })
    }
}

struct CertificateServerContext {
    account: Option<String>,
}

impl ServerContext for CertificateServerContext {
    fn scope(&self) -> Scope {
        Scope::Request
    }

    fn accept<'a>(&'a mut self, token: &'a [u8]) -> AuthFuture<'a, ServerStep> {
        Box::pin(async move {
            if !token.is_empty() {
                return Err(AuthError::new(
                    AuthErrorKind::Malformed,
                    "a token beside a client certificate",
                ));
            }
            let user = self.account.clone().ok_or_else(|| {
                AuthError::new(
                    AuthErrorKind::Refused,
                    "the client certificate belongs to no account",
                )
            })?;
            Ok(ServerStep::Done {
                identity: Identity {
                    user,
                    authenticated_by: AuthenticationKind::Certificate,
                },
                token: None,
            })
        })
    }
}
