//! How a session is made, found and connected.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use psrp_codec::message::InitRunspacePool;
use psrp_codec::{Limits, PipelineId, PoolId, Value, Version};
use runspace::{ClientConfig, ClientPool, ClientTimeouts, PoolLimits};
use uuid::Uuid;
use wsman::auth::{BasicClient, Secret};
use wsman::client::ShellClient;
use wsman::http::{Client, ClientTls};
use wsman::shell::{ShellDescription, ShellId, ShellState};

use crate::address::{Address, WsManAddress};
use crate::credential::Credential;
use crate::driver::{self, Beginning, Handle};
use crate::host::{Host, NoHost};
use crate::session::{RunspaceAvailability, Session, buffer_mode};
use crate::session_option::{OutputBufferingMode, SessionOption};
use crate::transport::{
    CONFIGURATION_PREFIX, ProcessWire, ShellOptions, Shells, WsManWire, ensure_endpoint,
};
use crate::{Error, ErrorKind};

/// The configuration that a session gets when none is named.
pub const CONFIGURATION_NAME: &str = "Microsoft.PowerShell";

/// How a user proves who they are.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum AuthenticationMechanism {
    /// What is safe on the connection: the kernel's word on a Unix socket, a password over TLS or
    /// on this computer.
    #[default]
    Default,
    /// User name and password in the HTTP header. In plain text to another computer only when
    /// [`SessionOption::no_encryption`] says so.
    Basic,
}

/// Makes sessions at one computer, and finds and connects those that are there.
///
/// ```no_run
/// # async fn example() -> Result<(), pssession::Error> {
/// use pssession::{Address, Credential, SessionBuilder};
///
/// let session = SessionBuilder::new(Address::computer("server01"))
///     .credential(Credential::new("operator", "secret"))
///     .name("build")
///     .open()
///     .await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct SessionBuilder {
    address: Address,
    credential: Option<Credential>,
    authentication: AuthenticationMechanism,
    root_certificates: Vec<Vec<u8>>,
    name: Option<String>,
    configuration_name: String,
    option: SessionOption,
    host: Arc<dyn Host>,
    runspaces: (i32, i32),
}

/// A session as the computer describes it, whoever made it.
#[derive(Clone, Debug)]
pub struct SessionInfo {
    /// The instance id.
    pub instance_id: Uuid,
    /// The name it was given when it was made.
    pub name: String,
    /// Where it lives.
    pub address: Address,
    /// The configuration, without its schema prefix.
    pub configuration_name: String,
    /// `Disconnected`: a session that this client does not hold is never anything else.
    pub state: runspace::PoolState,
    /// `Busy` when another client is connected to it.
    pub availability: RunspaceAvailability,
    /// Who made it.
    pub owner: Option<String>,
    /// When its client left, by this computer's clock.
    pub disconnected_on: Option<SystemTime>,
    /// When it will be removed unless somebody connects.
    pub expires_on: Option<SystemTime>,
    /// How long it lives without contact.
    pub idle_timeout: Option<Duration>,
    /// What it does when its buffer is full.
    pub output_buffering_mode: OutputBufferingMode,
    /// The pipelines that are in it.
    pub pipelines: Vec<PipelineId>,
}

impl SessionBuilder {
    /// A builder for sessions at `address`, with the defaults of New-PSSession.
    #[must_use]
    pub fn new(address: Address) -> Self {
        Self {
            address,
            credential: None,
            authentication: AuthenticationMechanism::Default,
            root_certificates: Vec::new(),
            name: None,
            configuration_name: CONFIGURATION_NAME.to_owned(),
            option: SessionOption::default(),
            host: Arc::new(NoHost),
            runspaces: (1, 1),
        }
    }

    /// Who we say we are. Default: nobody but, on a Unix socket, the user of this process.
    #[must_use]
    pub fn credential(mut self, credential: Credential) -> Self {
        self.credential = Some(credential);
        self
    }

    /// How that is proven. Default: [`AuthenticationMechanism::Default`].
    #[must_use]
    pub fn authentication(mut self, mechanism: AuthenticationMechanism) -> Self {
        self.authentication = mechanism;
        self
    }

    /// Trusts the certificates in `pem`, besides the system's.
    #[must_use]
    pub fn root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.root_certificates.push(pem.into());
        self
    }

    /// The session's name. Default: `Runspace` and a number.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The endpoint's configuration; a name without `/` gets PowerShell's schema prefix.
    /// Default: `Microsoft.PowerShell`.
    #[must_use]
    pub fn configuration_name(mut self, name: impl Into<String>) -> Self {
        self.configuration_name = name.into();
        self
    }

    /// The session options.
    #[must_use]
    pub fn option(mut self, option: SessionOption) -> Self {
        self.option = option;
        self
    }

    /// What answers when a script asks the user something. Default: [`NoHost`].
    #[must_use]
    pub fn host(mut self, host: impl Host) -> Self {
        self.host = Arc::new(host);
        self
    }

    /// How many pipelines may run at a time: a session has one runspace, a pool several.
    /// Default 1 to 1.
    #[must_use]
    pub fn runspaces(mut self, min: i32, max: i32) -> Self {
        self.runspaces = (min, max);
        self
    }

    /// Where the sessions live.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Makes a session.
    ///
    /// Failures to connect are tried again at once, as often as
    /// [`SessionOption::max_connection_retry_count`] says.
    ///
    /// # Errors
    /// When the options contradict each other, or the computer cannot be reached, does not let us
    /// in, or cannot make the session.
    pub async fn open(&self) -> Result<Session, Error> {
        self.option.check()?;
        let mut retries = self.option.max_connection_retry_count;
        loop {
            match self.open_once().await {
                Err(error) if error.kind() == ErrorKind::CannotConnect && retries > 0 => {
                    tracing::debug!(%error, retries, "trying to connect again");
                    retries -= 1;
                }
                other => return other,
            }
        }
    }

    async fn open_once(&self) -> Result<Session, Error> {
        let pool = new_pool_id()?;
        let name = self.name.clone().unwrap_or_else(next_name);
        let handle = self.start(pool, &name, Beginning::Open).await?;
        Ok(self.session(handle, pool, name))
    }

    /// Connects to a session that is at the computer, whichever client of this user made it.
    ///
    /// # Errors
    /// When there is no such session, or another client is connected to it.
    pub async fn connect(&self, instance_id: Uuid) -> Result<Session, Error> {
        let found = self.find(instance_id).await?;
        let pool = PoolId::new(instance_id)
            .ok_or_else(|| Error::usage("an instance id of zeros names no session"))?;
        let beginning = Beginning::Connect(found.pipelines);
        let handle = self.start(pool, &found.name, beginning).await?;
        Ok(self.session(handle, pool, found.name))
    }

    /// The sessions of this user at the computer.
    ///
    /// # Errors
    /// When the computer cannot be asked.
    pub async fn list(&self) -> Result<Vec<SessionInfo>, Error> {
        let shells = self.shells().await?;
        let mut found = Vec::new();
        for shell in shells.list().await? {
            if let Some(info) = self.describe(&shells, shell).await {
                found.push(info);
            }
        }
        Ok(found)
    }

    async fn find(&self, instance_id: Uuid) -> Result<SessionInfo, Error> {
        let found = self
            .list()
            .await?
            .into_iter()
            .find(|info| info.instance_id == instance_id);
        found.ok_or_else(|| {
            let message = format!("{} has no session {instance_id}", self.address);
            Error::new(ErrorKind::SessionNotFound, message)
        })
    }

    /// What the computer says about one shell; `None` for shells that are no PowerShell sessions.
    async fn describe(&self, shells: &Shells, shell: ShellDescription) -> Option<SessionInfo> {
        let instance_id = shell.shell_id.to_uuid()?;
        let resource = shell.resource_uri.as_deref().unwrap_or_default();
        let configuration_name = resource.strip_prefix(CONFIGURATION_PREFIX)?.to_owned();
        let commands = match shells.commands(&ShellId::from_uuid(instance_id)).await {
            Ok(commands) => commands,
            Err(error) => {
                tracing::debug!(%instance_id, %error, "a shell does not say what runs in it");
                return None;
            }
        };
        let pipelines = commands
            .iter()
            .filter_map(|command| PipelineId::new(command.command_id.to_uuid()?))
            .collect();
        let connected = shell.state == Some(ShellState::Connected);
        let left = (!connected).then_some(shell.inactivity).flatten();
        let disconnected_on = left.and_then(|ago| SystemTime::now().checked_sub(ago));
        let expires_on = match (disconnected_on, shell.idle_timeout, left) {
            (Some(since), Some(idle), Some(ago)) if idle > ago => since.checked_add(idle),
            _ => None,
        };
        Some(SessionInfo {
            instance_id,
            name: shell.name.unwrap_or_default(),
            address: self.address.clone(),
            configuration_name,
            state: runspace::PoolState::Disconnected,
            availability: if connected {
                RunspaceAvailability::Busy
            } else {
                RunspaceAvailability::None
            },
            owner: shell.owner,
            disconnected_on,
            expires_on,
            idle_timeout: shell.idle_timeout,
            output_buffering_mode: match shell.buffer_mode {
                Some(wsman::shell::BufferMode::Drop) => OutputBufferingMode::Drop,
                Some(_) => OutputBufferingMode::Block,
                None => OutputBufferingMode::None,
            },
            pipelines,
        })
    }

    /// Opens or connects the pool over whatever leads to the address.
    async fn start(&self, pool: PoolId, name: &str, beginning: Beginning) -> Result<Handle, Error> {
        let host = Arc::clone(&self.host);
        match &self.address {
            Address::Process { program, arguments } => {
                let wire = ProcessWire::start(program, arguments)?;
                let pool = ClientPool::new(self.config(false), pool);
                driver::start(pool, wire, host, self.option.read_ahead, beginning).await
            }
            Address::Local { .. } | Address::WsMan(_) => {
                let options = ShellOptions {
                    name: Some(name.to_owned()),
                    idle_timeout: self.option.idle_timeout,
                    buffer_mode: buffer_mode(self.option.output_buffering_mode),
                };
                let wire = WsManWire::new(self.shells().await?, pool, options);
                let pool = ClientPool::new(self.config(true), pool);
                driver::start(pool, wire, host, self.option.read_ahead, beginning).await
            }
        }
    }

    fn session(&self, handle: Handle, pool: PoolId, name: String) -> Session {
        Session::new(
            handle,
            pool,
            name,
            self.address.clone(),
            self.configuration_name.clone(),
            self.limits(),
        )
    }

    fn limits(&self) -> Limits {
        let mut limits = Limits::default();
        limits.message_size = self.option.maximum_received_object_size;
        limits
    }

    fn config(&self, can_disconnect: bool) -> ClientConfig {
        let mut init = InitRunspacePool::new();
        (init.min_runspaces, init.max_runspaces) = self.runspaces;
        init.host_info = self.host.info();
        init.application_arguments = self.application_arguments();
        let mut limits = PoolLimits::for_client();
        limits.codec = self.limits();
        limits.pipeline_total = self.option.maximum_received_data_size_per_command;
        let mut timeouts = ClientTimeouts::default();
        const WITHOUT_LIMIT: Duration = Duration::from_secs(365 * 24 * 3600);
        timeouts.open = self.option.open_timeout.unwrap_or(WITHOUT_LIMIT);
        timeouts.cancel = self.option.cancel_timeout.unwrap_or(WITHOUT_LIMIT);
        timeouts.close = timeouts.cancel;
        ClientConfig::new(init)
            .transport_can_disconnect(can_disconnect)
            .limits(limits)
            .timeouts(timeouts)
    }

    /// What PowerShell clients send of themselves, and what the caller added.
    fn application_arguments(&self) -> Value {
        let version = |major, minor| Value::Version(Version::new(major, minor));
        let table = primitive_dictionary([
            ("PSVersion", version(7, 4)),
            ("PSEdition", Value::from("Core")),
            ("PSRemotingProtocolVersion", version(2, 3)),
            (
                "SerializationVersion",
                Value::Version(Version::new(1, 1).with_build(0).with_revision(1)),
            ),
            ("WSManStackVersion", version(3, 0)),
        ]);
        let given = self.option.application_arguments.iter();
        primitive_dictionary(
            [("PSVersionTable", table)]
                .into_iter()
                .chain(given.map(|(name, value)| (name.as_str(), value.clone()))),
        )
    }

    /// The shells at the address, with the credentials that its transport takes.
    async fn shells(&self) -> Result<Shells, Error> {
        let exchange = match &self.address {
            Address::Local { socket } => {
                let socket = match socket {
                    Some(socket) => socket.clone(),
                    None => ensure_endpoint().await?,
                };
                let builder = Client::builder(&format!("unix:{}", socket.display()));
                builder.map_err(usage)?.build().map_err(usage)?
            }
            Address::WsMan(address) => self.http_client(address)?,
            Address::Process { .. } => {
                return Err(Error::usage("sessions in a child process cannot be listed"));
            }
        };
        let culture = self.option.culture.as_deref().unwrap_or("en-US");
        let ui_culture = self.option.ui_culture.as_deref().unwrap_or("en-US");
        let mut client =
            ShellClient::new(exchange, self.resource_uri()).locales(ui_culture, culture);
        if let Some(timeout) = self.option.operation_timeout {
            client = client.operation_timeout(timeout);
        }
        Ok(Shells::new(client, self.option.cancel_timeout))
    }

    fn http_client(&self, address: &WsManAddress) -> Result<Client, Error> {
        let mut builder = Client::builder(&address.url()).map_err(usage)?;
        if address.use_ssl {
            let mut tls = ClientTls::new();
            for pem in &self.root_certificates {
                tls = tls.root_certificates(pem).map_err(usage)?;
            }
            if self.option.skip_ca_check {
                tls = tls.skip_ca_check();
            }
            if self.option.skip_cn_check {
                tls = tls.skip_cn_check();
            }
            builder = builder.tls(tls);
        }
        if self.option.no_encryption {
            builder = builder.allow_unencrypted();
        }
        let Some(credential) = &self.credential else {
            return Err(Error::usage(format!(
                "a session at {address:?} needs a user",
                address = address.host
            )));
        };
        let safe = address.use_ssl || address.is_loopback() || self.option.no_encryption;
        if self.authentication == AuthenticationMechanism::Default && !safe {
            return Err(Error::usage(format!(
                "there is no safe way to prove who we are to {} over plain HTTP; use TLS, or ask \
                 for Basic and for unencrypted traffic by name",
                address.host
            )));
        }
        let password = Secret::new(credential.password());
        let mut basic = BasicClient::new(credential.user_name(), &password).map_err(usage)?;
        if self.option.no_encryption {
            basic = basic.allow_plaintext();
        }
        builder.scheme(basic).build().map_err(usage)
    }

    fn resource_uri(&self) -> String {
        if self.configuration_name.contains('/') {
            self.configuration_name.clone()
        } else {
            format!("{CONFIGURATION_PREFIX}{}", self.configuration_name)
        }
    }
}

fn primitive_dictionary<'a>(entries: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    Value::dictionary(
        [
            "System.Management.Automation.PSPrimitiveDictionary",
            "System.Collections.Hashtable",
            "System.Object",
        ],
        entries
            .into_iter()
            .map(|(name, value)| (Value::from(name), value)),
    )
}

fn usage(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::usage(error.to_string()).with_source(error)
}

fn next_name() -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static LAST: AtomicU32 = AtomicU32::new(0);
    format!("Runspace{}", LAST.fetch_add(1, Ordering::Relaxed) + 1)
}

fn new_pool_id() -> Result<PoolId, Error> {
    PoolId::new(Uuid::new_v4())
        .ok_or_else(|| Error::new(ErrorKind::Io, "the random number generator gave nothing"))
}
