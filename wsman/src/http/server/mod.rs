//! The server: reads requests from its listeners, authenticates them, and hands them to the handler.

mod body;
mod connection;
mod limits;
mod listener;
mod request;
mod timed_stream;
#[cfg(unix)]
mod unix_peers;

use std::fmt;
use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tracing::{debug, error, info, warn};

use super::local_peers::LocalPeers;
use crate::auth::ServerScheme;
use crate::exchange::EnvelopeHandler;
pub use limits::ServerLimits;
pub use listener::Listener;
#[cfg(unix)]
pub use unix_peers::UnixPeers;

/// How long a listener rests when the system refuses a connection, as it does when files run out.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Listens, authenticates, and calls an [`EnvelopeHandler`].
///
/// Without a scheme only Unix sockets let anyone in. What one connection does, however slow or broken, does not
/// touch the others.
pub struct Server<H> {
    settings: Settings,
    handler: H,
    listeners: Vec<Listener>,
}

struct Settings {
    path: String,
    schemes: Vec<Arc<dyn ServerScheme>>,
    allow_unencrypted: bool,
    unauthenticated_identify: bool,
    local_peers: LocalPeers,
    limits: ServerLimits,
}

struct Shared<H> {
    settings: Settings,
    handler: H,
    slots: Arc<Semaphore>,
}

impl<H: EnvelopeHandler> Server<H> {
    /// A server without listeners and schemes that calls this handler.
    pub fn new(handler: H) -> Self {
        Self {
            settings: Settings {
                path: "/wsman".to_owned(),
                schemes: Vec::new(),
                allow_unencrypted: false,
                unauthenticated_identify: true,
                local_peers: LocalPeers::default(),
                limits: ServerLimits::default(),
            },
            handler,
            listeners: Vec::new(),
        }
    }

    /// Accepts connections there, too.
    #[must_use]
    pub fn listen(mut self, listener: Listener) -> Self {
        self.listeners.push(listener);
        self
    }

    /// Lets clients prove who they are in this way, too. Schemes are offered in the order of these calls.
    #[must_use]
    pub fn scheme(mut self, scheme: impl ServerScheme) -> Self {
        self.settings.schemes.push(Arc::new(scheme));
        self
    }

    /// The path of the service (the URL prefix). Defaults to `/wsman`. One slash after it and any query are accepted.
    #[must_use]
    pub fn path(mut self, path: &str) -> Self {
        self.settings.path = format!("/{}", path.trim_matches('/'));
        self
    }

    /// Serves envelopes over connections that others can read (`AllowUnencrypted`). By default a connection has to be
    /// TLS, sealed by the authentication, or stay on this computer. Basic needs its own permission besides this one.
    #[must_use]
    pub fn allow_unencrypted(mut self) -> Self {
        self.settings.allow_unencrypted = true;
        self
    }

    /// Whether Identify needs no credentials when the request says so. Defaults to yes, as on Windows.
    #[must_use]
    pub fn unauthenticated_identify(mut self, answered: bool) -> Self {
        self.settings.unauthenticated_identify = answered;
        self
    }

    /// Decides which clients are on this computer, where plain text is no risk. Defaults to the loopback addresses;
    /// a tunnel that encrypts by itself may be counted in.
    #[must_use]
    pub fn local_peers(mut self, decide: impl Fn(IpAddr) -> bool + Send + Sync + 'static) -> Self {
        self.settings.local_peers = LocalPeers::new(decide);
        self
    }

    /// Sets the limits.
    #[must_use]
    pub fn limits(mut self, limits: ServerLimits) -> Self {
        self.settings.limits = limits;
        self
    }

    /// Serves until `shutdown` is done, then finishes the requests in flight, as long as
    /// [`ServerLimits::shutdown_grace`] allows. New connections are refused from the first moment of a shutdown.
    ///
    /// Whoever shuts down has to see to it that long polls come to an end; this cannot know which they are. Dropping
    /// the future closes everything at once. Each connection is a task of the current tokio runtime.
    pub async fn serve(self, shutdown: impl Future<Output = ()>) {
        let shared = Arc::new(Shared {
            slots: Arc::new(Semaphore::new(
                self.settings
                    .limits
                    .connections
                    .clamp(1, Semaphore::MAX_PERMITS),
            )),
            settings: self.settings,
            handler: self.handler,
        });
        let (stop, stopping) = watch::channel(false);
        let mut listening = JoinSet::new();
        for listener in self.listeners {
            info!(%listener, "Listening");
            listening.spawn(accept_all(listener, Arc::clone(&shared), stopping.clone()));
        }
        shutdown.await;
        stop.send_replace(true);
        while let Some(ended) = listening.join_next().await {
            report(ended);
        }
    }
}

impl<H> fmt::Debug for Server<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("path", &self.settings.path)
            .field("listeners", &self.listeners)
            .field("schemes", &self.settings.schemes)
            .field("limits", &self.settings.limits)
            .finish_non_exhaustive()
    }
}

/// Accepts connections until the server stops, then waits for those that still have something to do.
async fn accept_all<H: EnvelopeHandler>(
    listener: Listener,
    shared: Arc<Shared<H>>,
    mut stopping: watch::Receiver<bool>,
) {
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = stopped(&mut stopping) => break,
            Some(ended) = connections.join_next() => {
                report(ended);
                continue;
            }
            accepted = listener.accept() => accepted,
        };
        let accepted = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                debug!(%listener, %error, "A connection was not accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        // While all places are taken this connection waits here, and those after it in the queue of the system.
        let slot = tokio::select! {
            () = stopped(&mut stopping) => break,
            slot = Arc::clone(&shared.slots).acquire_owned() => slot,
        };
        let serving = connection::serve(Arc::clone(&shared), accepted, stopping.clone());
        connections.spawn(async move {
            serving.await;
            drop(slot);
        });
    }
    drop(listener);
    let finished = async {
        while let Some(ended) = connections.join_next().await {
            report(ended);
        }
    };
    let grace = shared.settings.limits.shutdown_grace;
    if tokio::time::timeout(grace, finished).await.is_err() {
        warn!(
            left = connections.len(),
            "Closing connections that did not finish in time"
        );
        connections.shutdown().await;
    }
}

/// Waits until the server stops, and no longer than the server exists.
async fn stopped(stopping: &mut watch::Receiver<bool>) {
    // An error says that the sender is gone, and so is the server.
    let _ = stopping.wait_for(|stop| *stop).await;
}

fn report(ended: Result<(), tokio::task::JoinError>) {
    if let Err(failed) = ended
        && failed.is_panic()
    {
        error!("A connection ended in a panic");
    }
}
