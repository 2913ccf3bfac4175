//! A client and a dispatcher that meet in memory.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use wsman::service::DispatcherConfig;
use wsman::{
    AuthenticationKind, Caller, Dispatcher, EnvelopeHandler, Exchange, ExchangeError,
    ExchangeErrorKind, ExchangeReply, ShellClient,
};

use crate::memory_shells::{MemoryShells, RESOURCE};

/// Hands each envelope to the dispatcher, as that caller.
pub(crate) struct InMemory {
    pub(crate) dispatcher: Arc<Dispatcher<MemoryShells>>,
    pub(crate) caller: Caller,
}

impl Exchange for InMemory {
    async fn exchange(
        &self,
        envelope: Bytes,
        timeout: Duration,
    ) -> Result<ExchangeReply, ExchangeError> {
        let answer = self.dispatcher.handle(self.caller.clone(), envelope);
        match tokio::time::timeout(timeout, answer).await {
            Ok(reply) => Ok(ExchangeReply {
                status: reply.status,
                body: reply.body,
            }),
            Err(_) => Err(ExchangeError::new(
                ExchangeErrorKind::Timeout,
                "no answer in time",
            )),
        }
    }

    fn endpoint(&self) -> &str {
        "http://srv01:5985/wsman"
    }
}

pub(crate) fn caller(user: &str) -> Caller {
    Caller {
        user: user.to_owned(),
        authenticated_by: AuthenticationKind::Basic,
        peer: "10.0.0.7".to_owned(),
        secure: true,
    }
}

pub(crate) fn server() -> Arc<Dispatcher<MemoryShells>> {
    server_with(DispatcherConfig::new())
}

pub(crate) fn server_with(config: DispatcherConfig) -> Arc<Dispatcher<MemoryShells>> {
    Arc::new(Dispatcher::with_config(MemoryShells::default(), config))
}

pub(crate) fn client(server: &Arc<Dispatcher<MemoryShells>>, user: &str) -> ShellClient<InMemory> {
    let exchange = InMemory {
        dispatcher: Arc::clone(server),
        caller: caller(user),
    };
    ShellClient::new(exchange, RESOURCE)
}
