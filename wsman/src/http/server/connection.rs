//! One connection of a server, from the handshake to its end.

use std::net::IpAddr;
use std::sync::Arc;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::{Mutex, watch};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tracing::{debug, trace};

use super::listener::Accepted;
use super::request::{Authentication, answer};
use super::timed_stream::{Activity, TimedStream};
use super::{Shared, stopped};
use crate::auth::{ConnectionSecurity, Identity};
use crate::exchange::EnvelopeHandler;
use crate::http::ServerTls;

/// What the requests of one connection have in common.
pub(super) struct Connection<H> {
    pub(super) shared: Arc<Shared<H>>,
    pub(super) security: ConnectionSecurity,
    /// See [`Caller::peer`](crate::Caller::peer).
    pub(super) peer: String,
    pub(super) admission: Admission,
    pub(super) activity: Arc<Activity>,
    /// Locked by each request for as long as it is answered; there is only ever one.
    pub(super) authentication: Mutex<Authentication>,
}

/// Whether requests have to bring a proof of who sends them.
pub(super) enum Admission {
    /// By one of the schemes.
    ByScheme,
    /// No: the kernel has told.
    Known(Identity),
    /// The kernel has told, and it is nobody who may be here.
    Refused,
}

/// Serves a connection until either side closes it.
pub(super) async fn serve<H: EnvelopeHandler>(
    shared: Arc<Shared<H>>,
    accepted: Accepted,
    stopping: watch::Receiver<bool>,
) {
    let activity = Activity::new(&shared.settings.limits);
    match accepted {
        Accepted::Tcp { stream, peer, tls } => {
            let stream = TimedStream::new(stream, Arc::clone(&activity));
            let security = ConnectionSecurity {
                local: shared.settings.local_peers.contains(peer),
                ..ConnectionSecurity::default()
            };
            let connection = Connection {
                shared,
                security,
                peer: peer.to_string(),
                admission: Admission::ByScheme,
                activity,
                authentication: Mutex::default(),
            };
            match tls {
                None => requests(connection, stream, stopping).await,
                Some(tls) => over_tls(connection, stream, &tls, peer, stopping).await,
            }
        }
        #[cfg(unix)]
        Accepted::Unix {
            stream,
            path,
            identity,
        } => {
            let stream = TimedStream::new(stream, Arc::clone(&activity));
            let connection = Connection {
                shared,
                security: ConnectionSecurity {
                    local: true,
                    ..ConnectionSecurity::default()
                },
                peer: path,
                admission: match identity {
                    Some(identity) => Admission::Known(identity),
                    None => Admission::Refused,
                },
                activity,
                authentication: Mutex::default(),
            };
            requests(connection, stream, stopping).await;
        }
    }
}

async fn over_tls<H: EnvelopeHandler>(
    mut connection: Connection<H>,
    stream: TimedStream<TcpStream>,
    tls: &ServerTls,
    peer: IpAddr,
    mut stopping: watch::Receiver<bool>,
) {
    let limit = connection.shared.settings.limits.handshake_timeout;
    let handshake = timeout(limit, TlsAcceptor::from(tls.config()).accept(stream));
    let stream = tokio::select! {
        () = stopped(&mut stopping) => return,
        done = handshake => match done {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => {
                debug!(%peer, %error, "A TLS handshake failed");
                return;
            }
            Err(_) => {
                debug!(%peer, "A TLS handshake took too long");
                return;
            }
        },
    };
    let (_, session) = stream.get_ref();
    connection.security.encrypted = true;
    connection.security.server_certificate = Some(tls.certificate().clone());
    connection.security.client_certificate = session
        .peer_certificates()
        .and_then(|chain| chain.first())
        .cloned()
        .map(rustls::pki_types::CertificateDer::into_owned);
    requests(connection, stream, stopping).await;
}

async fn requests<H: EnvelopeHandler>(
    connection: Connection<H>,
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    mut stopping: watch::Receiver<bool>,
) {
    let connection = Arc::new(connection);
    trace!(
        peer = connection.peer,
        encrypted = connection.security.encrypted,
        "A connection begins"
    );
    let service = service_fn(|request| answer(Arc::clone(&connection), request));
    let serving = http1::Builder::new()
        .max_buf_size(connection.shared.settings.limits.head_len.max(8 * 1024))
        // `TimedStream` watches over the head, in the same way for all that a connection may be doing.
        .header_read_timeout(None)
        .title_case_headers(true)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(serving);
    let ended = tokio::select! {
        ended = serving.as_mut() => ended,
        () = stopped(&mut stopping) => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    match ended {
        Ok(()) => trace!(peer = connection.peer, "A connection ended"),
        Err(error) => debug!(peer = connection.peer, %error, "A connection broke"),
    }
}
