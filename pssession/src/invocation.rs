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
/// that is slow makes the server wait: nothing piles up here. One that does not read at all does
/// not hear how the pipeline ended either. Dropping an invocation before its end stops the
/// pipeline.
///
/// # What is lost when this process dies
/// Nothing that its reader had not finished with. A server keeps what it gave until it is asked
/// for more, and it is asked when everything that has come was taken and `next` is called again:
/// that call says that the reader has finished with all that came before. So write out what you
/// have made of the results before you call it, at the latest when
/// [`has_more`](Self::has_more) says that nothing is in hand. Whoever connects to the session
/// next and [receives](crate::Session::receive) then gets everything from the first object that
/// was not finished with, or from a little before: a server gives its last answer again whole,
/// with the objects in it that had been finished with. So each object is read at least once, in
/// order, and twice only those of the last answer; what was half written when the process died
/// is given again whole.
///
/// This holds for sessions that outlive their clients, that is over WS-Management, unless
/// [`SessionOption::read_ahead`](crate::SessionOption::read_ahead) is set, until the pipeline is
/// [stopped](Self::stop), and until the session is
/// [disconnected](crate::Session::disconnect): what has come by then is given out here only.
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
    /// Calling it says that what it gave before is finished with: when nothing more is in hand,
    /// the server is asked for the next and forgets the last.
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

    /// Whether there is something in hand that [`next`](Self::next) gives at once. If not, it
    /// asks the server, which then forgets what it gave so far.
    #[must_use]
    pub fn has_more(&self) -> bool {
        self.outlet.has_items()
    }

    /// Whether the pipeline has ended and everything that it brought has been taken:
    /// [`next`](Self::next) then gives `None`, and the server forgets the last of it.
    #[must_use]
    pub fn is_at_end(&self) -> bool {
        self.outcome.is_some() || self.outlet.is_at_end()
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

    /// Takes everything until the end. What has been collected is in memory alone.
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
