//! The operations on shells as a client calls them.

mod error;

use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

pub use error::ClientError;

use crate::exchange::Exchange;
use crate::identify::Identity;
use crate::namespaces::{RESOURCE_COMMANDS, RESOURCE_CONFIG, RESOURCE_SHELLS};
use crate::shell::{
    Command, CommandDescription, CommandId, Connect, ConnectResponse, Create, CreateResponse,
    Delete, Disconnect, Enumerate, EnumerationItem, Get, GetResponse, KEEP_ALIVE_OPTION, Pull,
    Receive, ReceiveResponse, Reconnect, Send, ShellDescription, ShellId, Signal, SignalCode,
    StreamData, StreamSet,
};
use crate::soap::{
    DecodeError, DecodeErrorKind, EnvelopeLimits, OptionSet, Request, RequestBody, RequestHeaders,
    Response, SelectorSet, uuid_uri,
};

/// Works with the shells of one resource at one server.
///
/// Cheap to clone; clones share the [`Exchange`], and calls run side by side. Each operation waits no longer than its
/// time: the server is asked to answer within the OperationTimeout, and [`network_delay`](Self::network_delay) later
/// the client gives up by itself.
#[derive(Debug)]
pub struct ShellClient<X> {
    exchange: Arc<X>,
    settings: Arc<Settings>,
    within: Option<Duration>,
}

#[derive(Clone, Debug)]
struct Settings {
    resource_uri: String,
    session_id: String,
    operation_timeout: Duration,
    network_delay: Duration,
    max_envelope_size: u64,
    locale: String,
    data_locale: String,
    limits: EnvelopeLimits,
}

impl<X> Clone for ShellClient<X> {
    fn clone(&self) -> Self {
        Self {
            exchange: Arc::clone(&self.exchange),
            settings: Arc::clone(&self.settings),
            within: self.within,
        }
    }
}

impl<X: Exchange> ShellClient<X> {
    /// What a Send takes beside its streams: all headers, with room for long URLs.
    const ENVELOPE_OVERHEAD: usize = 4096;

    /// A client for shells of that resource, with a session of its own.
    pub fn new(exchange: X, resource_uri: impl Into<String>) -> Self {
        Self {
            exchange: Arc::new(exchange),
            settings: Arc::new(Settings {
                resource_uri: resource_uri.into(),
                session_id: uuid_uri(Uuid::new_v4()),
                operation_timeout: Duration::from_secs(180),
                network_delay: Duration::from_secs(10),
                max_envelope_size: 500 * 1024,
                locale: "en-US".to_owned(),
                data_locale: "en-US".to_owned(),
                limits: EnvelopeLimits::default(),
            }),
            within: None,
        }
    }

    /// Continues an earlier session, whose shells this client may then reconnect. Defaults to a new one.
    #[must_use]
    pub fn session_id(self, id: Uuid) -> Self {
        self.set(|settings| settings.session_id = uuid_uri(id))
    }

    /// How long the server may take for an operation. Defaults to 180 seconds.
    #[must_use]
    pub fn operation_timeout(self, timeout: Duration) -> Self {
        self.set(|settings| settings.operation_timeout = timeout)
    }

    /// How much longer than the server the client waits. Defaults to 10 seconds.
    #[must_use]
    pub fn network_delay(self, delay: Duration) -> Self {
        self.set(|settings| settings.network_delay = delay)
    }

    /// The largest envelope, sent or received, in bytes. Defaults to 500 KiB; servers take no less than 8192.
    #[must_use]
    pub fn max_envelope_size(self, size: u64) -> Self {
        self.set(|settings| settings.max_envelope_size = size.max(8192))
    }

    /// The language of messages, and the culture in which data is formatted. Both default to `en-US`.
    #[must_use]
    pub fn locales(self, locale: &str, data_locale: &str) -> Self {
        self.set(|settings| {
            locale.clone_into(&mut settings.locale);
            data_locale.clone_into(&mut settings.data_locale);
        })
    }

    /// What an answer may cost before it is refused.
    #[must_use]
    pub fn limits(self, limits: EnvelopeLimits) -> Self {
        self.set(|settings| settings.limits = limits)
    }

    /// The same client, whose operations take no longer than that.
    #[must_use]
    pub fn within(&self, timeout: Duration) -> Self {
        Self {
            within: Some(timeout),
            ..self.clone()
        }
    }

    /// What carries the envelopes.
    pub fn exchange(&self) -> &X {
        &self.exchange
    }

    /// The resource URI.
    #[must_use]
    pub fn resource_uri(&self) -> &str {
        &self.settings.resource_uri
    }

    /// How many bytes fit into one [`send`](Self::send), cut into `pieces`, or into the first bytes of a shell or
    /// command.
    #[must_use]
    pub fn send_capacity(&self, pieces: usize) -> usize {
        let size = usize::try_from(self.settings.max_envelope_size).unwrap_or(usize::MAX);
        size.saturating_sub(Self::ENVELOPE_OVERHEAD + pieces * StreamData::OVERHEAD) / 4 * 3
    }

    /// Asks what kind of service is there.
    pub async fn identify(&self) -> Result<Identity, ClientError> {
        let timeout = self.timeout() + self.settings.network_delay;
        let reply = self.exchange.exchange(Identity::request(), timeout).await;
        let reply = reply.map_err(|error| ClientError::exchange("Identify", error))?;
        match Identity::decode(&reply.body, &self.settings.limits) {
            Ok(Ok(identity)) => Ok(identity),
            Ok(Err(fault)) => Err(ClientError::fault_in("Identify", *fault)),
            Err(error) => Err(ClientError::answer("Identify", reply.status, error)),
        }
    }

    /// Makes a shell. Its id is [`CreateResponse::shell_id`], which need not be the one proposed.
    pub async fn create(
        &self,
        create: Create,
        options: OptionSet,
    ) -> Result<CreateResponse, ClientError> {
        let mut headers = self.headers::<Create>(&self.settings.resource_uri, SelectorSet::new());
        headers.options = options;
        self.call("Create", headers, create).await
    }

    /// Starts a command. The id in the answer is the one to use from now on.
    pub async fn command(
        &self,
        shell: &ShellId,
        command: Command,
        options: OptionSet,
    ) -> Result<CommandId, ClientError> {
        let mut headers = self.shell_headers::<Command>(shell);
        headers.options = options;
        Ok(self.call("Command", headers, command).await?.command_id)
    }

    /// Sends input, and returns when the shell has taken it. One at a time for each command keeps the order.
    pub async fn send(&self, shell: &ShellId, streams: Vec<StreamData>) -> Result<(), ClientError> {
        let headers = self.shell_headers::<Send>(shell);
        let streams = streams.into();
        self.call("Send", headers, Send { streams }).await.map(drop)
    }

    /// Takes output, waiting for it up to the OperationTimeout. When there was none the answer is empty: ask again.
    pub async fn receive(
        &self,
        shell: &ShellId,
        command: Option<CommandId>,
        streams: StreamSet,
    ) -> Result<ReceiveResponse, ClientError> {
        let mut headers = self.shell_headers::<Receive>(shell);
        headers.options = OptionSet::new().with(KEEP_ALIVE_OPTION, "TRUE");
        match self
            .call("Receive", headers, Receive { command, streams })
            .await
        {
            Err(error) if error.is_operation_timeout() => Ok(ReceiveResponse::default()),
            other => other,
        }
    }

    /// Interrupts a command, or frees one that has ended with [`SignalCode::Terminate`].
    pub async fn signal(
        &self,
        shell: &ShellId,
        command: Option<CommandId>,
        code: SignalCode,
    ) -> Result<(), ClientError> {
        let headers = self.shell_headers::<Signal>(shell);
        self.call("Signal", headers, Signal { command, code })
            .await
            .map(drop)
    }

    /// Ends a shell. One that is gone already is no error.
    pub async fn delete(&self, shell: &ShellId) -> Result<(), ClientError> {
        match self
            .call("Delete", self.shell_headers::<Delete>(shell), Delete)
            .await
        {
            Err(error) if error.is_not_found() => Ok(()),
            other => other.map(drop),
        }
    }

    /// Leaves a shell running. Every Receive that waits is answered, possibly with a fault.
    pub async fn disconnect(
        &self,
        shell: &ShellId,
        disconnect: Disconnect,
    ) -> Result<(), ClientError> {
        self.call(
            "Disconnect",
            self.shell_headers::<Disconnect>(shell),
            disconnect,
        )
        .await
        .map(drop)
    }

    /// Comes back to a shell that this session has disconnected, or to one of its commands.
    pub async fn reconnect(
        &self,
        shell: &ShellId,
        reconnect: Reconnect,
    ) -> Result<(), ClientError> {
        self.call(
            "Reconnect",
            self.shell_headers::<Reconnect>(shell),
            reconnect,
        )
        .await
        .map(drop)
    }

    /// Takes over a shell that any client of the same user has disconnected, or one of its commands.
    pub async fn connect(
        &self,
        shell: &ShellId,
        connect: Connect,
        options: OptionSet,
    ) -> Result<ConnectResponse, ClientError> {
        let mut headers = self.shell_headers::<Connect>(shell);
        headers.options = options;
        self.call("Connect", headers, connect).await
    }

    /// Describes a shell.
    pub async fn get(&self, shell: &ShellId) -> Result<ShellDescription, ClientError> {
        let headers = self.headers::<Get>(RESOURCE_SHELLS, SelectorSet::shell(shell.as_str()));
        match self.call("Get", headers, Get).await? {
            GetResponse::Shell(shell) => Ok(*shell),
            GetResponse::Other(other) => Err(unexpected("Get", other.name)),
        }
    }

    /// Reads the service configuration, which takes an administrator on most servers.
    pub async fn configuration(&self) -> Result<GetResponse, ClientError> {
        self.call(
            "Get",
            self.headers::<Get>(RESOURCE_CONFIG, SelectorSet::new()),
            Get,
        )
        .await
    }

    /// Lists the shells that the user may see, of all resources.
    pub async fn enumerate_shells(&self) -> Result<Vec<ShellDescription>, ClientError> {
        let items = self.enumerate(RESOURCE_SHELLS, Enumerate::shells()).await?;
        let shells = items.into_iter().filter_map(|item| match item {
            EnumerationItem::Shell(shell) | EnumerationItem::ShellAndReference(shell, _) => {
                Some(*shell)
            }
            _ => None,
        });
        Ok(shells.collect())
    }

    /// Lists the commands of a shell.
    pub async fn enumerate_commands(
        &self,
        shell: &ShellId,
    ) -> Result<Vec<CommandDescription>, ClientError> {
        let items = self
            .enumerate(RESOURCE_COMMANDS, Enumerate::commands_of(shell))
            .await?;
        let commands = items.into_iter().filter_map(|item| match item {
            EnumerationItem::Command(command) => Some(command),
            _ => None,
        });
        Ok(commands.collect())
    }

    /// Takes a listing to its end, however many parts the server gives it in.
    async fn enumerate(
        &self,
        resource: &str,
        enumerate: Enumerate,
    ) -> Result<Vec<EnumerationItem>, ClientError> {
        /// More than this is no listing of shells but a server that does not come to an end.
        const MAX_ITEMS: usize = 100_000;
        let headers = self.headers::<Enumerate>(resource, SelectorSet::new());
        let page = self.call("Enumerate", headers, enumerate).await?;
        let (mut items, mut context, mut is_last) =
            (page.items, page.context, page.end_of_sequence);
        while !is_last && !context.is_empty() {
            let headers = self.headers::<Pull>(resource, SelectorSet::new());
            let pull = Pull {
                context: context.clone(),
                max_elements: Some(32_000),
            };
            let page = self.call("Pull", headers, pull).await?;
            if items.len() + page.items.len() > MAX_ITEMS
                || (page.items.is_empty() && !page.end_of_sequence)
            {
                return Err(unexpected("Pull", "a listing without end".to_owned()));
            }
            items.extend(page.items);
            is_last = page.end_of_sequence;
            if !page.context.is_empty() {
                context = page.context;
            }
        }
        Ok(items)
    }

    /// Sends one request and reads its answer.
    async fn call<B: RequestBody>(
        &self,
        operation: &'static str,
        headers: RequestHeaders,
        body: B,
    ) -> Result<B::Response, ClientError> {
        let message_id = headers.message_id.clone();
        let timeout = self.timeout() + self.settings.network_delay;
        let envelope = Request { headers, body }.encode();
        let reply = self.exchange.exchange(envelope, timeout).await;
        let reply = reply.map_err(|error| ClientError::exchange(operation, error))?;
        let wrong = |error| ClientError::answer(operation, reply.status, error);
        let response = match Response::<B::Response>::decode(&reply.body, &self.settings.limits)
            .map_err(wrong)?
        {
            Ok(response) => response,
            Err(fault) => return Err(ClientError::fault_in(operation, fault.body)),
        };
        let action = response.headers.action;
        // Without regard to case: one server answers some clients with `Shell` in the URI.
        let operation_of = action.strip_suffix("Response");
        if !operation_of.is_some_and(|answered| answered.eq_ignore_ascii_case(B::ACTION)) {
            return Err(wrong(DecodeError::new(
                "Action",
                0,
                DecodeErrorKind::Action(action),
            )));
        }
        let relates_to = response.headers.relates_to.unwrap_or_default();
        if relates_to != message_id {
            return Err(wrong(DecodeError::new(
                "RelatesTo",
                0,
                DecodeErrorKind::RelatesTo(relates_to),
            )));
        }
        Ok(response.body)
    }

    fn shell_headers<B: RequestBody>(&self, shell: &ShellId) -> RequestHeaders {
        self.headers::<B>(
            &self.settings.resource_uri,
            SelectorSet::shell(shell.as_str()),
        )
    }

    fn headers<B: RequestBody>(
        &self,
        resource_uri: &str,
        selectors: SelectorSet,
    ) -> RequestHeaders {
        RequestHeaders {
            to: self.exchange.endpoint().to_owned(),
            resource_uri: resource_uri.to_owned(),
            action: B::ACTION.to_owned(),
            message_id: uuid_uri(Uuid::new_v4()),
            max_envelope_size: Some(self.settings.max_envelope_size),
            operation_timeout: Some(self.timeout()),
            locale: Some(self.settings.locale.clone()),
            data_locale: Some(self.settings.data_locale.clone()),
            session_id: Some(self.settings.session_id.clone()),
            selectors,
            ..RequestHeaders::default()
        }
    }

    fn timeout(&self) -> Duration {
        // Zero is not a timeout that a server accepts.
        self.within
            .unwrap_or(self.settings.operation_timeout)
            .max(Duration::from_millis(1))
    }

    fn set(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(Arc::make_mut(&mut self.settings));
        self
    }
}

fn unexpected(operation: &'static str, what: String) -> ClientError {
    ClientError::answer(
        operation,
        200,
        DecodeError::new("Body", 0, DecodeErrorKind::Unexpected(what)),
    )
}
