//! The settings of a client.

use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::connector::Connector;
use super::{Client, Shared};
use crate::auth::ClientScheme;
use crate::http::local_peers::LocalPeers;
use crate::http::{Address, ClientTls, TlsSettingsError};

/// Settings of a [`Client`]. Everything but the address has a default.
#[derive(Debug)]
pub struct ClientBuilder {
    address: Address,
    scheme: Option<Arc<dyn ClientScheme>>,
    tls: ClientTls,
    allow_unencrypted: bool,
    local_peers: LocalPeers,
    connect_timeout: Duration,
    idle_timeout: Duration,
    max_idle: usize,
    max_response_len: usize,
    user_agent: String,
}

impl ClientBuilder {
    pub(super) fn new(address: Address) -> Self {
        Self {
            address,
            scheme: None,
            tls: ClientTls::new(),
            allow_unencrypted: false,
            local_peers: LocalPeers::default(),
            connect_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_secs(60),
            max_idle: 8,
            max_response_len: 1024 * 1024,
            user_agent: concat!("wsman/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }

    /// How the client proves who it is. By default it does not, which is enough where the kernel tells the server
    /// who calls: on a Unix socket.
    #[must_use]
    pub fn scheme(mut self, scheme: impl ClientScheme) -> Self {
        self.scheme = Some(Arc::new(scheme));
        self
    }

    /// Which servers to believe over https. Defaults to what this computer trusts.
    #[must_use]
    pub fn tls(mut self, tls: ClientTls) -> Self {
        self.tls = tls;
        self
    }

    /// Sends envelopes over connections that others can read (`-AllowUnencrypted`). By default a connection has to be
    /// TLS, sealed by the authentication, or stay on this computer. A password in clear text needs the scheme's own
    /// permission besides this one.
    #[must_use]
    pub fn allow_unencrypted(mut self) -> Self {
        self.allow_unencrypted = true;
        self
    }

    /// Decides which addresses are this computer, where plain text is no risk. Defaults to the loopback addresses;
    /// a tunnel that encrypts by itself may be counted in.
    #[must_use]
    pub fn local_peers(mut self, decide: impl Fn(IpAddr) -> bool + Send + Sync + 'static) -> Self {
        self.local_peers = LocalPeers::new(decide);
        self
    }

    /// How long the name, the connection and the TLS handshake may take together. Defaults to 30 s.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// How long a connection is kept for the next request. Defaults to 60 s, less than what servers wait.
    #[must_use]
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = timeout;
        self
    }

    /// How many connections are kept for later requests. Defaults to 8; those with a request in flight do not count.
    #[must_use]
    pub fn max_idle(mut self, count: usize) -> Self {
        self.max_idle = count;
        self
    }

    /// The largest answer that is read, in bytes as they come. Defaults to 1 MiB, twice what Windows sends.
    #[must_use]
    pub fn max_response_len(mut self, len: usize) -> Self {
        self.max_response_len = len;
        self
    }

    /// What requests say in `User-Agent`. What is not printable ASCII is left out. Defaults to the name of this library.
    #[must_use]
    pub fn user_agent(mut self, text: &str) -> Self {
        self.user_agent = text
            .chars()
            .filter(|c| *c == ' ' || c.is_ascii_graphic())
            .collect();
        self
    }

    /// Makes the client. It connects when the first request is sent.
    ///
    /// # Errors
    /// When the TLS settings are not usable and the address needs them.
    pub fn build(self) -> Result<Client, TlsSettingsError> {
        let tls = self
            .address
            .is_tls()
            .then(|| self.tls.config())
            .transpose()?;
        Ok(Client {
            shared: Arc::new(Shared {
                connector: Connector::new(tls, self.local_peers, self.connect_timeout),
                address: self.address,
                scheme: self.scheme,
                allow_unencrypted: self.allow_unencrypted,
                user_agent: self.user_agent,
                max_response_len: self.max_response_len,
                idle: Mutex::default(),
                max_idle: self.max_idle.max(1),
                idle_timeout: self.idle_timeout,
            }),
        })
    }
}
