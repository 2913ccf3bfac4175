//! What a scheme may know of the connection that it authenticates.

use rustls::pki_types::CertificateDer;

/// The connection under an authentication: whether others can listen, and what binds to it.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ConnectionSecurity {
    /// The name that the client asked for, without port; service principal names are made of it. Empty at the server.
    pub host: String,
    /// TLS protects the connection.
    pub encrypted: bool,
    /// The connection does not leave this computer: a Unix socket, or a loopback address.
    pub local: bool,
    /// The certificate that the server showed in the TLS handshake, for channel bindings.
    pub server_certificate: Option<CertificateDer<'static>>,
    /// The certificate that the client showed in the TLS handshake, verified against the server's roots.
    pub client_certificate: Option<CertificateDer<'static>>,
}

impl ConnectionSecurity {
    /// Whether nobody outside the two computers can read what goes over the connection.
    #[must_use]
    pub fn is_private(&self) -> bool {
        self.encrypted || self.local
    }
}
