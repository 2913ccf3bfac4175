//! A pipeline that runs in a session: what it brings, as it comes.

use psrp_codec::{ErrorRecord, Limits, PipelineId, Value};

use crate::driver::{Command, Handle};
use crate::outlet::{End, Outlet};
use crate::output::Output;
use crate::{Error, ErrorKind};

/// A pipeline that runs in a session.
///
/// Take what it brings with [`next`](Self::next) until that gives `None`, then ask
/// [`outcome`](Self::outcome) how it ended; or let [`collect`](Self::collect) do both. A reader
/// that is slow makes the server wait: nothing piles up here. Dropping an invocation before its
/// end stops the pipeline.
#[derive(Debug)]
pub struct Invocation {
    handle: Handle,
    outlet: Outlet,
    limits: Limits,
    outcome: Option<Outcome>,
}

/// How a pipeline ended.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Outcome {
    /// It ran to its end. Errors may have been written nevertheless.
    Completed,
    /// It was stopped.
    Stopped,
    /// A terminating error ended it: a `throw`, a script that cannot be parsed.
    Failed(Option<Box<ErrorRecord>>),
    /// The session was disconnected; the pipeline goes on at the server, and its results wait
    /// there for [`Session::receive`](crate::Session::receive).
    Disconnected,
}

/// All that a pipeline brought.
#[derive(Clone, Debug)]
pub struct Collected {
    /// The output stream.
    pub objects: Vec<Value>,
    /// The error stream.
    pub errors: Vec<ErrorRecord>,
    /// The other streams, in order.
    pub others: Vec<Output>,
    /// How it ended.
    pub outcome: Outcome,
}

impl Invocation {
    pub(crate) fn new(handle: Handle, outlet: Outlet, limits: Limits) -> Self {
        Self {
            handle,
            outlet,
            limits,
            outcome: None,
        }
    }

    /// The id of the pipeline.
    #[must_use]
    pub fn pipeline(&self) -> PipelineId {
        self.outlet.pipeline()
    }

    /// The next thing that the pipeline brings; `None` when it has ended. Cancel-safe.
    ///
    /// # Errors
    /// When the session is lost before the pipeline has ended, or the server sends what cannot be
    /// read.
    pub async fn next(&mut self) -> Result<Option<Output>, Error> {
        if self.outcome.is_some() {
            return Ok(None);
        }
        let end = match self.outlet.take().await {
            Ok(brought) => return Output::decode(&brought, &self.limits).map(Some),
            Err(end) => end,
        };
        self.outcome = Some(match end {
            End::Completed => Outcome::Completed,
            End::Stopped => Outcome::Stopped,
            End::Failed(record) => Outcome::Failed(record),
            End::Disconnected => Outcome::Disconnected,
            End::Lost(error) => {
                self.outcome = Some(Outcome::Failed(None));
                return Err(error);
            }
        });
        Ok(None)
    }

    /// How the pipeline ended; `None` while [`next`](Self::next) has not given `None`.
    #[must_use]
    pub const fn outcome(&self) -> Option<&Outcome> {
        self.outcome.as_ref()
    }

    /// Gives the pipeline an object as input, when there is room for it. Only for invocations that
    /// were started [with input](crate::Session::invoke_with_input).
    ///
    /// # Errors
    /// When the pipeline takes no input or has ended.
    pub async fn send_input(&self, value: impl Into<Value>) -> Result<(), Error> {
        let (pipeline, value) = (self.pipeline(), value.into());
        self.handle
            .ask(|reply| Command::Input {
                pipeline,
                value,
                reply,
            })
            .await
    }

    /// Ends the input.
    pub async fn close_input(&self) {
        self.handle
            .tell(Command::CloseInput {
                pipeline: self.pipeline(),
            })
            .await;
    }

    /// Stops the pipeline. What it has brought by then can still be taken.
    pub async fn stop(&self) {
        self.handle
            .tell(Command::Stop {
                pipeline: self.pipeline(),
            })
            .await;
    }

    /// Something that can stop the pipeline while this is being read.
    #[must_use]
    pub fn stopper(&self) -> Stopper {
        Stopper {
            handle: self.handle.clone(),
            pipeline: self.pipeline(),
        }
    }

    /// Takes everything until the end.
    ///
    /// # Errors
    /// As [`next`](Self::next).
    pub async fn collect(mut self) -> Result<Collected, Error> {
        let (mut objects, mut errors, mut others) = (Vec::new(), Vec::new(), Vec::new());
        while let Some(output) = self.next().await? {
            match output {
                Output::Object(value) => objects.push(value),
                Output::Error(record) => errors.push(*record),
                other => others.push(other),
            }
        }
        let outcome = self
            .outcome
            .take()
            .ok_or_else(|| Error::new(ErrorKind::InvalidState, "the pipeline has no end"))?;
        Ok(Collected {
            objects,
            errors,
            others,
            outcome,
        })
    }
}

/// Stops one pipeline.
#[derive(Clone, Debug)]
pub struct Stopper {
    handle: Handle,
    pipeline: PipelineId,
}

impl Stopper {
    /// Stops the pipeline. One that has ended is left alone.
    pub async fn stop(&self) {
        self.handle
            .tell(Command::Stop {
                pipeline: self.pipeline,
            })
            .await;
    }
}
