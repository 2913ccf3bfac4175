//! Client certificates: the proof is in the TLS handshake, the field only says to use it.

use super::{
    AuthError, AuthErrorKind, AuthFuture, ClientContext, ClientScheme, ClientStep,
    ConnectionSecurity, Scope,
};

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
