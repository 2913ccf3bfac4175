//! From an address to a stream of bytes: name, TCP or Unix socket, TLS.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use rustls::{CertificateError, ClientConfig};
use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsConnector;

use crate::auth::ConnectionSecurity;
use crate::exchange::{ExchangeError, ExchangeErrorKind};
use crate::http::address::{Address, Place};
use crate::http::local_peers::LocalPeers;

/// A long poll is silent for minutes; without probes a connection that a router forgot would look alive for hours.
const KEEP_ALIVE_AFTER: Duration = Duration::from_secs(30);

/// Bytes both ways, whatever carries them.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Opens connections.
pub(super) struct Connector {
    tls: Option<Arc<ClientConfig>>,
    local_peers: LocalPeers,
    timeout: Duration,
}

impl Connector {
    pub(super) fn new(
        tls: Option<Arc<ClientConfig>>,
        local_peers: LocalPeers,
        timeout: Duration,
    ) -> Self {
        Self {
            tls,
            local_peers,
            timeout,
        }
    }

    /// Opens one connection and says how safe it is.
    pub(super) async fn connect(
        &self,
        address: &Address,
    ) -> Result<(Box<dyn Stream>, ConnectionSecurity), ExchangeError> {
        let deadline = Instant::now() + self.timeout;
        match address.place() {
            Place::Tcp { host, port, .. } => {
                let (stream, peer) = self.connect_tcp(address, host, *port, deadline).await?;
                let mut security = ConnectionSecurity {
                    host: host.clone(),
                    local: self.local_peers.contains(peer.ip()),
                    ..ConnectionSecurity::default()
                };
                match &self.tls {
                    None => Ok((Box::new(stream), security)),
                    Some(config) => {
                        let handshake = handshake(Arc::clone(config), host, address, stream);
                        let stream = timeout_at(deadline, handshake).await.map_err(|_| {
                            too_slow(ExchangeErrorKind::Tls, address, self.timeout)
                        })??;
                        security.encrypted = true;
                        let (_, session) = stream.get_ref();
                        security.server_certificate = session
                            .peer_certificates()
                            .and_then(|chain| chain.first())
                            .cloned()
                            .map(rustls::pki_types::CertificateDer::into_owned);
                        Ok((Box::new(stream), security))
                    }
                }
            }
            #[cfg(unix)]
            Place::Unix(path) => {
                let stream = timeout_at(deadline, tokio::net::UnixStream::connect(path))
                    .await
                    .map_err(|_| too_slow(ExchangeErrorKind::Connect, address, self.timeout))?
                    .map_err(|error| unreachable_address(address, error))?;
                let security = ConnectionSecurity {
                    host: "localhost".to_owned(),
                    local: true,
                    ..ConnectionSecurity::default()
                };
                Ok((Box::new(stream), security))
            }
        }
    }

    async fn connect_tcp(
        &self,
        address: &Address,
        host: &str,
        port: u16,
        deadline: Instant,
    ) -> Result<(TcpStream, SocketAddr), ExchangeError> {
        let late = || too_slow(ExchangeErrorKind::Connect, address, self.timeout);
        let candidates: Vec<SocketAddr> =
            timeout_at(deadline, tokio::net::lookup_host((host, port)))
                .await
                .map_err(|_| late())?
                .map_err(|error| not_resolved(host).with_source(error))?
                .collect();
        let mut last = not_resolved(host);
        for (tried, candidate) in candidates.iter().enumerate() {
            // An address that swallows packets must not use up the time of the ones after it.
            let left = candidates.len() - tried;
            let share = deadline.saturating_duration_since(Instant::now())
                / u32::try_from(left).unwrap_or(u32::MAX);
            match timeout(share, TcpStream::connect(candidate)).await {
                Ok(Ok(stream)) => {
                    prepare(&stream).map_err(|error| unreachable_address(address, error))?;
                    return Ok((stream, *candidate));
                }
                Ok(Err(error)) => last = unreachable_address(address, error),
                Err(_) => last = late(),
            }
        }
        Err(last)
    }
}

/// Small requests go out at once, and a dead peer is noticed.
fn prepare(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let keep_alive = TcpKeepalive::new().with_time(KEEP_ALIVE_AFTER);
    SockRef::from(stream).set_tcp_keepalive(&keep_alive)
}

async fn handshake(
    config: Arc<ClientConfig>,
    host: &str,
    address: &Address,
    stream: TcpStream,
) -> Result<tokio_rustls::client::TlsStream<TcpStream>, ExchangeError> {
    let name = ServerName::try_from(host.to_owned()).map_err(|error| {
        ExchangeError::new(
            ExchangeErrorKind::Tls,
            format!("{host} is not a name that a certificate can have"),
        )
        .with_source(error)
    })?;
    TlsConnector::from(config)
        .connect(name, stream)
        .await
        .map_err(|error| {
            ExchangeError::new(
                ExchangeErrorKind::Tls,
                format!("no TLS with {address}: {}", reason(&error)),
            )
            .with_source(error)
        })
}

/// What went wrong in a handshake, with the setting that mends it where there is one.
fn reason(error: &io::Error) -> String {
    let tls = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>());
    let Some(rustls::Error::InvalidCertificate(certificate)) = tls else {
        return error.to_string();
    };
    match certificate {
        CertificateError::UnknownIssuer => {
            "the certificate is from an authority that is not trusted here".to_owned()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "the certificate is for another name".to_owned()
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "the certificate has expired".to_owned()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "the certificate is not valid yet".to_owned()
        }
        CertificateError::ApplicationVerificationFailure => {
            "the certificate is not the one that was pinned".to_owned()
        }
        other => format!("the certificate is not accepted: {other}"),
    }
}

fn not_resolved(host: &str) -> ExchangeError {
    ExchangeError::new(
        ExchangeErrorKind::NameNotResolved,
        format!("the name {host} has no address"),
    )
}

fn unreachable_address(address: &Address, error: io::Error) -> ExchangeError {
    ExchangeError::new(
        ExchangeErrorKind::Connect,
        format!("cannot connect to {address}: {error}"),
    )
    .with_source(error)
}

fn too_slow(kind: ExchangeErrorKind, address: &Address, limit: Duration) -> ExchangeError {
    ExchangeError::new(kind, format!("no connection to {address} within {limit:?}"))
}
