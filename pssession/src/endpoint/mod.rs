//! The endpoint: where sessions live.
//!
//! [`Endpoint`] keeps the sessions and offers them as shells of WS-Management to any number of
//! listeners; [`serve_stdio`] offers one session after the other on a pair of byte streams.

mod builtin;
mod config;
mod engine;
mod private_data;
mod registry;
mod runspaces;
mod session;
mod shell_service;
mod stdio;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use wsman::http::Server;
use wsman::service::Dispatcher;

pub use builtin::{BuiltInEngine, BuiltInOptions};
pub use config::EndpointConfig;
pub use engine::{Engine, EngineRunspace, Input, RunspaceRequest, Unwanted, WorkEnd, WorkSink};
pub use stdio::serve_stdio;

use registry::Registry;
pub use shell_service::Shells;

/// How often sessions are looked at for the end of their idle time.
const REAP: Duration = Duration::from_millis(500);

/// Sessions, and what they are made of.
#[derive(Clone)]
pub struct Endpoint {
    inner: Arc<Inner>,
}

/// What all listeners share.
pub(crate) struct Inner {
    registry: Registry,
    config: EndpointConfig,
    engine: Arc<dyn Engine>,
}

impl Endpoint {
    /// An endpoint without sessions.
    #[must_use]
    pub fn new(engine: impl Engine, config: EndpointConfig) -> Self {
        let inner = Inner {
            registry: Registry::default(),
            config,
            engine: Arc::new(engine),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// Serves until `shutdown` is ready: `listen` adds listeners and schemes to the server.
    /// Sessions end with it.
    pub async fn serve(
        &self,
        listen: impl FnOnce(Server<Dispatcher<Shells>>) -> Server<Dispatcher<Shells>>,
        shutdown: impl Future<Output = ()>,
    ) {
        let service = Shells {
            endpoint: Arc::clone(&self.inner),
        };
        let server = listen(Server::new(Dispatcher::new(service)));
        let reaper = tokio::spawn(reap(Arc::clone(&self.inner)));
        server.serve(shutdown).await;
        reaper.abort();
        for entry in self.inner.registry.take_all() {
            entry.handle.expire().await;
        }
    }

    /// How many sessions there are.
    #[must_use]
    pub fn session_count(&self) -> usize {
        self.inner.registry.len()
    }

    /// Waits until there has been no session for `time`.
    pub async fn idle_for(&self, time: Duration) {
        let mut since = tokio::time::Instant::now();
        while since.elapsed() < time {
            tokio::time::sleep(REAP.min(time)).await;
            if self.session_count() > 0 {
                since = tokio::time::Instant::now();
            }
        }
    }
}

/// Ends sessions that nobody has contacted for longer than their idle time.
async fn reap(endpoint: Arc<Inner>) {
    let mut ticks = tokio::time::interval(REAP);
    loop {
        ticks.tick().await;
        for entry in endpoint.registry.take_over_due() {
            tracing::info!(
                user = entry.owner,
                session = entry.shell_id.as_str(),
                "idle time over"
            );
            entry.handle.expire().await;
        }
    }
}
