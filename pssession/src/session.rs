//! A PSSession: a PowerShell environment that lives at a computer.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use psrp_codec::message::CreatePipeline;
use psrp_codec::{Limits, PipelineId, PoolId, Value};
use runspace::PoolState;
use uuid::Uuid;
use wsman::shell::BufferMode;

use crate::address::Address;
use crate::driver::{Command, Handle};
use crate::invocation::Invocation;
use crate::script::Script;
use crate::session_option::{OutputBufferingMode, check_idle_timeout};
use crate::transport::ShellOptions;
use crate::{Error, ErrorKind};

/// A PowerShell environment that lives at a computer, and our connection to it.
///
/// Commands that run in it share variables, functions and aliases. Made by a
/// [`SessionBuilder`](crate::SessionBuilder). Dropping the last handle of a session closes it at
/// the server, unless it has been [disconnected](Self::disconnect).
#[derive(Clone)]
pub struct Session {
    handle: Handle,
    inner: Arc<Inner>,
}

struct Inner {
    pool: PoolId,
    name: String,
    address: Address,
    configuration_name: String,
    limits: Limits,
}

/// `State` of a session.
pub use runspace::PoolState as RunspaceState;

/// `Availability` of a session.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RunspaceAvailability {
    /// Nothing can run.
    None,
    /// A command can run at once.
    Available,
    /// A command runs.
    Busy,
}

impl fmt::Display for RunspaceAvailability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Available => "Available",
            Self::Busy => "Busy",
        })
    }
}

/// What a session is told when it is left at the server.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct DisconnectOption {
    /// How long it may stay without contact; as when it was made if `None`. At least a minute.
    pub idle_timeout: Option<Duration>,
    /// What it does when its buffer is full; as when it was made by default.
    pub output_buffering_mode: OutputBufferingMode,
}

impl Session {
    pub(crate) fn new(
        handle: Handle,
        pool: PoolId,
        name: String,
        address: Address,
        configuration_name: String,
        limits: Limits,
    ) -> Self {
        let inner = Inner {
            pool,
            name,
            address,
            configuration_name,
            limits,
        };
        Self {
            handle,
            inner: Arc::new(inner),
        }
    }

    /// The instance id: names the session for as long as it lives, at the server too.
    #[must_use]
    pub fn instance_id(&self) -> Uuid {
        self.inner.pool.as_uuid()
    }

    /// The name, as the server was told when the session was made.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// Where it lives.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.inner.address
    }

    /// The configuration of the endpoint, without its schema prefix.
    #[must_use]
    pub fn configuration_name(&self) -> &str {
        &self.inner.configuration_name
    }

    /// Where the connection to it stands.
    #[must_use]
    pub fn state(&self) -> RunspaceState {
        self.handle.status().state
    }

    /// Whether a command could run at once.
    #[must_use]
    pub fn availability(&self) -> RunspaceAvailability {
        let status = self.handle.status();
        match (status.state, status.running.is_empty()) {
            (PoolState::Opened, true) => RunspaceAvailability::Available,
            (PoolState::Opened, false) => RunspaceAvailability::Busy,
            _ => RunspaceAvailability::None,
        }
    }

    /// What the server says it is: `PSVersionTable` and its like.
    #[must_use]
    pub fn application_private_data(&self) -> Option<Arc<Value>> {
        self.handle.status().private_data
    }

    /// Runs a script and gives what it brings, as it comes. It takes no input.
    ///
    /// # Errors
    /// When the session is not open.
    pub async fn invoke(&self, script: impl Into<Script>) -> Result<Invocation, Error> {
        self.start(script.into(), true).await
    }

    /// Runs a script that gets objects as input, by
    /// [`Invocation::send_input`] and [`Invocation::close_input`].
    ///
    /// # Errors
    /// When the session is not open.
    pub async fn invoke_with_input(&self, script: impl Into<Script>) -> Result<Invocation, Error> {
        self.start(script.into(), false).await
    }

    async fn start(&self, script: Script, no_input: bool) -> Result<Invocation, Error> {
        let mut create = CreatePipeline::new(script.power_shell);
        create.no_input = no_input;
        create.add_to_history = script.add_to_history;
        create.is_nested = Some(script.is_nested);
        let pipeline = new_pipeline_id()?;
        let create = Box::new(create);
        let outlet = self
            .handle
            .ask(|reply| Command::Start {
                pipeline,
                create,
                reply,
            })
            .await?;
        Ok(Invocation::new(
            self.handle.clone(),
            outlet,
            self.inner.limits,
        ))
    }

    /// The pipelines that ran in the session when this client connected to it or came back to it,
    /// each to be read once: what they have brought since the last client left, and what they
    /// bring from now on. Until then it waits at the server.
    ///
    /// # Errors
    /// When the session is not open.
    pub async fn receive(&self) -> Result<Vec<Invocation>, Error> {
        let outlets = self.handle.ask(|reply| Command::Attach { reply }).await?;
        let invocation = |outlet| Invocation::new(self.handle.clone(), outlet, self.inner.limits);
        Ok(outlets.into_iter().map(invocation).collect())
    }

    /// Leaves the session at the server. What runs in it goes on, and what that brings waits
    /// there for whoever connects next. Invocations end as disconnected, once they have given out
    /// what had come before: that is not at the server any more.
    ///
    /// # Errors
    /// When the session is not open, its transport cannot do this, or the idle timeout is not one
    /// that a server takes.
    pub async fn disconnect(&self, option: DisconnectOption) -> Result<(), Error> {
        if let Some(idle) = option.idle_timeout {
            check_idle_timeout(idle)?;
        }
        let leave = ShellOptions {
            name: None,
            idle_timeout: option.idle_timeout,
            buffer_mode: buffer_mode(option.output_buffering_mode),
        };
        self.handle
            .ask(|reply| Command::Disconnect { leave, reply })
            .await
    }

    /// Comes back to a session that this object has disconnected.
    ///
    /// # Errors
    /// When it is not disconnected, or not at the server any more.
    pub async fn reconnect(&self) -> Result<(), Error> {
        self.handle.ask(|reply| Command::Reconnect { reply }).await
    }

    /// Ends the session and everything that runs in it.
    ///
    /// # Errors
    /// When the session was lost before.
    pub async fn close(&self) -> Result<(), Error> {
        if self.state().is_final() {
            return Ok(());
        }
        self.handle.ask(|reply| Command::Close { reply }).await
    }
}

impl fmt::Display for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[PSSession]{}", self.inner.name)
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("name", &self.inner.name)
            .field("instance_id", &self.instance_id())
            .field("address", &self.inner.address)
            .field("state", &self.state())
            .finish_non_exhaustive()
    }
}

/// What the wire says for a buffering mode.
pub(crate) fn buffer_mode(mode: OutputBufferingMode) -> Option<BufferMode> {
    match mode {
        OutputBufferingMode::None => None,
        OutputBufferingMode::Drop => Some(BufferMode::Drop),
        OutputBufferingMode::Block => Some(BufferMode::Block),
    }
}

fn new_pipeline_id() -> Result<PipelineId, Error> {
    PipelineId::new(Uuid::new_v4())
        .ok_or_else(|| Error::new(ErrorKind::Io, "the random number generator gave nothing"))
}
