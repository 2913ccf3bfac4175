//! Where connections come from.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};

use tokio::net::{TcpListener, TcpStream};

use crate::http::ServerTls;

/// A socket that the server accepts connections on, and how they are protected.
pub struct Listener {
    kind: Kind,
    /// What it listens on, for logs.
    name: String,
}

enum Kind {
    Tcp {
        listener: TcpListener,
        tls: Option<ServerTls>,
    },
    #[cfg(unix)]
    Unix {
        listener: tokio::net::UnixListener,
        peers: super::UnixPeers,
    },
}

/// A connection as the system handed it out.
pub(super) enum Accepted {
    Tcp {
        stream: TcpStream,
        peer: IpAddr,
        tls: Option<ServerTls>,
    },
    #[cfg(unix)]
    Unix {
        stream: tokio::net::UnixStream,
        /// The path of the socket.
        path: String,
        /// `None` when the account may not connect.
        identity: Option<crate::auth::Identity>,
    },
}

impl Listener {
    /// Plain HTTP. What may go over it depends on where the client is and on what the schemes encrypt.
    #[must_use]
    pub fn tcp(listener: TcpListener) -> Self {
        Self {
            name: format!("http://{}", local(listener.local_addr())),
            kind: Kind::Tcp {
                listener,
                tls: None,
            },
        }
    }

    /// HTTPS.
    #[must_use]
    pub fn tls(listener: TcpListener, tls: ServerTls) -> Self {
        Self {
            name: format!("https://{}", local(listener.local_addr())),
            kind: Kind::Tcp {
                listener,
                tls: Some(tls),
            },
        }
    }

    /// HTTP on a Unix socket. The kernel says who connects, so that no other authentication takes place.
    #[cfg(unix)]
    #[must_use]
    pub fn unix(listener: tokio::net::UnixListener, peers: super::UnixPeers) -> Self {
        Self {
            name: format!("unix:{}", path(&listener)),
            kind: Kind::Unix { listener, peers },
        }
    }

    pub(super) async fn accept(&self) -> io::Result<Accepted> {
        match &self.kind {
            Kind::Tcp { listener, tls } => {
                let (stream, peer) = listener.accept().await?;
                stream.set_nodelay(true)?;
                Ok(Accepted::Tcp {
                    stream,
                    peer: peer.ip().to_canonical(),
                    tls: tls.clone(),
                })
            }
            #[cfg(unix)]
            Kind::Unix { listener, peers } => {
                let (stream, _) = listener.accept().await?;
                let identity = peers.identify(stream.peer_cred()?.uid());
                Ok(Accepted::Unix {
                    stream,
                    path: path(listener),
                    identity,
                })
            }
        }
    }
}

impl fmt::Display for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Listener").field(&self.name).finish()
    }
}

fn local(address: io::Result<SocketAddr>) -> String {
    address.map_or_else(|_| "?".to_owned(), |address| address.to_string())
}

#[cfg(unix)]
fn path(listener: &tokio::net::UnixListener) -> String {
    listener
        .local_addr()
        .ok()
        .and_then(|address| address.as_pathname().map(|path| path.display().to_string()))
        .unwrap_or_else(|| "?".to_owned())
}
