//! What handles hold of a driver, and what they ask of it.

use std::sync::Arc;

use psrp_codec::message::CreatePipeline;
use psrp_codec::{PipelineId, Value};
use runspace::PoolState;
use tokio::sync::{mpsc, oneshot, watch};

use crate::outlet::Outlet;
use crate::transport::ShellOptions;
use crate::{Error, ErrorKind};

/// What a handle asks of the driver.
pub(crate) enum Command {
    /// Start a pipeline.
    Start {
        pipeline: PipelineId,
        create: Box<CreatePipeline>,
        reply: oneshot::Sender<Result<Outlet, Error>>,
    },
    /// Read the pipelines that were there when we connected or came back.
    Attach {
        reply: oneshot::Sender<Result<Vec<Outlet>, Error>>,
    },
    /// Give a pipeline an object; answered when there was room for it.
    Input {
        pipeline: PipelineId,
        value: Value,
        reply: oneshot::Sender<Result<(), Error>>,
    },
    /// End a pipeline's input.
    CloseInput { pipeline: PipelineId },
    /// Stop a pipeline.
    Stop { pipeline: PipelineId },
    /// Leave the session at the server.
    Disconnect {
        leave: ShellOptions,
        reply: oneshot::Sender<Result<(), Error>>,
    },
    /// Come back.
    Reconnect {
        reply: oneshot::Sender<Result<(), Error>>,
    },
    /// End the session.
    Close {
        reply: oneshot::Sender<Result<(), Error>>,
    },
}

/// How handles reach a driver. When the last is gone, the driver closes what is open.
#[derive(Clone, Debug)]
pub(crate) struct Handle {
    pub(super) commands: mpsc::Sender<Command>,
    pub(super) status: watch::Receiver<Status>,
}

/// Where a session stands, as its handles see it.
#[derive(Clone, Debug)]
pub(crate) struct Status {
    pub(crate) state: PoolState,
    /// Pipelines that have not ended.
    pub(crate) running: Vec<PipelineId>,
    /// What the server said about itself when the pool was opened.
    pub(crate) private_data: Option<Arc<Value>>,
    /// Why the session broke.
    pub(crate) error: Option<(ErrorKind, Arc<str>)>,
}

impl Handle {
    pub(crate) fn status(&self) -> Status {
        self.status.borrow().clone()
    }

    /// Asks for something and waits for the answer.
    pub(crate) async fn ask<T>(
        &self,
        command: impl FnOnce(oneshot::Sender<Result<T, Error>>) -> Command,
    ) -> Result<T, Error> {
        let (reply, answer) = oneshot::channel();
        self.commands
            .send(command(reply))
            .await
            .map_err(|_| self.gone())?;
        answer.await.map_err(|_| self.gone())?
    }

    /// Asks for something that needs no answer.
    pub(crate) async fn tell(&self, command: Command) {
        // A session that is gone has nothing left to stop.
        let _gone = self.commands.send(command).await;
    }

    pub(super) fn gone(&self) -> Error {
        let status = self.status.borrow();
        match &status.error {
            Some((kind, error)) => Error::new(*kind, format!("the session broke: {error}")),
            None => Error::new(ErrorKind::InvalidState, "the session is closed"),
        }
    }
}
