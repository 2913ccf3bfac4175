//! The operations on shells that PowerShell sessions need, with failures as session errors.

use std::time::Duration;

use bytes::Bytes;
use wsman::client::{ClientError, ShellClient};
use wsman::exchange::ExchangeErrorKind;
use wsman::shell::{
    Command, CommandDescription, CommandId, Connect, Create, Disconnect, ReceiveResponse,
    Reconnect, ShellDescription, ShellId, SignalCode, StreamData, StreamName, StreamSet,
};
use wsman::soap::OptionSet;

use crate::{Error, ErrorKind};

/// The name space of the configurations of PowerShell endpoints.
pub(crate) const CONFIGURATION_PREFIX: &str = "http://schemas.microsoft.com/powershell/";

/// The shells of one computer and configuration, as one user sees them.
#[derive(Clone)]
pub(crate) struct Shells {
    client: ShellClient<wsman::http::Client>,
    cancel_timeout: Duration,
}

impl Shells {
    /// `cancel_timeout` bounds Signal and Delete, everything else has the client's own.
    pub(crate) fn new(
        client: ShellClient<wsman::http::Client>,
        cancel_timeout: Option<Duration>,
    ) -> Self {
        const WITHOUT_LIMIT: Duration = Duration::from_secs(24 * 3600);
        Self {
            client,
            cancel_timeout: cancel_timeout.unwrap_or(WITHOUT_LIMIT),
        }
    }

    pub(crate) async fn create(&self, create: Create) -> Result<(), Error> {
        let proposed = create.shell_id.clone();
        let created = self
            .client
            .create(create, version_option())
            .await
            .map_err(session_error)?;
        let given = created.shell_id();
        if given.is_some() && given != proposed {
            // The id of the pool is in every message: a session under another name is not ours.
            return Err(Error::new(
                ErrorKind::Protocol,
                "the server gave the session another id than it was asked for",
            ));
        }
        Ok(())
    }

    pub(crate) async fn command(&self, shell: &ShellId, command: Command) -> Result<(), Error> {
        let started = self.client.command(shell, command, OptionSet::new()).await;
        started.map(drop).map_err(session_error)
    }

    pub(crate) async fn send(&self, shell: &ShellId, data: StreamData) -> Result<(), Error> {
        self.client
            .send(shell, vec![data])
            .await
            .map_err(session_error)
    }

    pub(crate) async fn receive(
        &self,
        shell: &ShellId,
        command: Option<CommandId>,
    ) -> Result<ReceiveResponse, ClientError> {
        let streams: StreamSet = [StreamName::STDOUT].into_iter().collect();
        self.client.receive(shell, command, streams).await
    }

    pub(crate) async fn signal(
        &self,
        shell: &ShellId,
        command: CommandId,
        code: SignalCode,
    ) -> Result<(), Error> {
        let client = self.client.within(self.cancel_timeout);
        client
            .signal(shell, Some(command), code)
            .await
            .map_err(session_error)
    }

    pub(crate) async fn delete(&self, shell: &ShellId) -> Result<(), Error> {
        self.client
            .within(self.cancel_timeout)
            .delete(shell)
            .await
            .map_err(session_error)
    }

    pub(crate) async fn disconnect(
        &self,
        shell: &ShellId,
        request: Disconnect,
    ) -> Result<(), Error> {
        self.client
            .disconnect(shell, request)
            .await
            .map_err(session_error)
    }

    pub(crate) async fn reconnect(&self, shell: &ShellId) -> Result<(), ClientError> {
        self.client.reconnect(shell, Reconnect::default()).await
    }

    /// Takes the shell over; gives what the pool at the server has to say to that.
    pub(crate) async fn connect(&self, shell: &ShellId, payload: Bytes) -> Result<Bytes, Error> {
        let request = Connect {
            command: None,
            connection: Some(payload),
        };
        let answer = self
            .client
            .connect(shell, request, version_option())
            .await
            .map_err(session_error)?;
        answer.connection.ok_or_else(|| {
            Error::new(
                ErrorKind::Protocol,
                "the server connected us without a word of the pool",
            )
        })
    }

    pub(crate) async fn connect_command(
        &self,
        shell: &ShellId,
        command: CommandId,
    ) -> Result<(), Error> {
        let request = Connect {
            command: Some(command),
            connection: None,
        };
        let answer = self.client.connect(shell, request, OptionSet::new()).await;
        answer.map(drop).map_err(session_error)
    }

    pub(crate) async fn list(&self) -> Result<Vec<ShellDescription>, Error> {
        self.client.enumerate_shells().await.map_err(session_error)
    }

    pub(crate) async fn commands(&self, shell: &ShellId) -> Result<Vec<CommandDescription>, Error> {
        self.client
            .enumerate_commands(shell)
            .await
            .map_err(session_error)
    }
}

/// The version of the protocol above WS-Management that a PowerShell client says it speaks.
fn version_option() -> OptionSet {
    OptionSet::new().with_mandatory("protocolversion", "2.3")
}

/// Whether the way to the server was the trouble, so that the same may work in a moment.
pub(crate) fn is_of_network(error: &ClientError) -> bool {
    let Some(exchange) = error.exchange_error() else {
        return false;
    };
    matches!(
        exchange.kind(),
        ExchangeErrorKind::Connect
            | ExchangeErrorKind::NameNotResolved
            | ExchangeErrorKind::ConnectionLost
            | ExchangeErrorKind::Timeout
            | ExchangeErrorKind::Status(503)
    )
}

/// What the failure of an operation means to the user of a session.
pub(crate) fn session_error(error: ClientError) -> Error {
    let kind = if error.is_access_denied() {
        ErrorKind::AccessDenied
    } else if error.is_timeout() {
        ErrorKind::Timeout
    } else if error.is_in_use() {
        ErrorKind::SessionInUse
    } else if error.is_gone() {
        ErrorKind::SessionNotFound
    } else if let Some(exchange) = error.exchange_error() {
        match exchange.kind() {
            ExchangeErrorKind::NotAllowed => ErrorKind::Usage,
            ExchangeErrorKind::Protocol | ExchangeErrorKind::TooLarge => ErrorKind::Protocol,
            _ => ErrorKind::CannotConnect,
        }
    } else if error.fault().is_some() {
        ErrorKind::Refused
    } else {
        ErrorKind::Protocol
    };
    Error::new(kind, error.to_string()).with_source(error)
}
