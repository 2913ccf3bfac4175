//! One script on many computers at a time.

use std::sync::Arc;

use psrp_codec::{Content, Object, Value};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::invocation::Outcome;
use crate::output::Output;
use crate::script::Script;
use crate::session::Session;
use crate::session_builder::SessionBuilder;
use crate::{DisconnectOption, Error};

/// How many computers are worked on at a time unless somebody says otherwise.
pub const THROTTLE_LIMIT: usize = 32;
/// Results that may wait for the reader; the sessions wait when it is behind.
const QUEUE: usize = 64;

/// Where a result comes from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Origin {
    /// The computer, as it was named.
    pub computer_name: Arc<str>,
    /// The instance id of the session; nil when there was none.
    pub runspace_id: Uuid,
}

/// What comes of running a script on a computer.
#[derive(Debug)]
#[non_exhaustive]
pub enum Arrival {
    /// The script brought something.
    Output(Output),
    /// The script ended on this computer.
    Ended(Outcome),
    /// The computer could not be reached, or was lost on the way. The others go on.
    Failed(Error),
    /// The script was left running in this session, which is disconnected.
    Left(Session),
}

/// The results of a script on many computers, interleaved as they arrive.
///
/// Dropping it stops everything that still runs and closes the temporary sessions.
#[derive(Debug)]
pub struct FanOut {
    arrivals: mpsc::Receiver<Sent>,
    tasks: JoinSet<()>,
}

impl FanOut {
    /// Runs `script` in a temporary session on each of `targets`; at most `throttle_limit` at a
    /// time (0 means 32).
    #[must_use]
    pub fn invoke(targets: Vec<SessionBuilder>, script: &Script, throttle_limit: usize) -> Self {
        Self::each(
            targets,
            throttle_limit,
            |target, script, sink| async move {
                let session = target.open().await?;
                let result = run(&session, script, &sink).await;
                let closed = session.close().await;
                result.and(closed)
            },
            script,
        )
    }

    /// Starts `script` in a new session on each of `targets` and leaves it there at once.
    #[must_use]
    pub fn invoke_in_disconnected_sessions(
        targets: Vec<SessionBuilder>,
        script: &Script,
        throttle_limit: usize,
    ) -> Self {
        Self::each(
            targets,
            throttle_limit,
            |target, script, mut sink| async move {
                let session = target.open().await?;
                sink.origin.runspace_id = session.instance_id();
                let invocation = session.invoke(script).await?;
                session.disconnect(DisconnectOption::default()).await?;
                drop(invocation);
                sink.give(Arrival::Left(session)).await;
                Ok(())
            },
            script,
        )
    }

    /// Runs `script` in sessions that are open, and leaves them open.
    #[must_use]
    pub fn invoke_in_sessions(
        sessions: Vec<Session>,
        script: &Script,
        throttle_limit: usize,
    ) -> Self {
        Self::each(
            sessions,
            throttle_limit,
            |session, script, sink| async move { run(&session, script, &sink).await },
            script,
        )
    }

    fn each<T, F>(
        targets: Vec<T>,
        throttle_limit: usize,
        work: impl Fn(T, Script, Sink) -> F,
        script: &Script,
    ) -> Self
    where
        T: Target,
        F: Future<Output = Result<(), Error>> + Send + 'static,
    {
        let limit = if throttle_limit == 0 {
            THROTTLE_LIMIT
        } else {
            throttle_limit
        };
        let running = Arc::new(Semaphore::new(limit));
        let (arrived, arrivals) = mpsc::channel(QUEUE);
        let mut tasks = JoinSet::new();
        for target in targets {
            let origin = target.origin();
            let sink = Sink {
                origin,
                arrived: arrived.clone(),
            };
            let report = sink.clone();
            let work = work(target, script.clone(), sink);
            let running = Arc::clone(&running);
            tasks.spawn(async move {
                let _permit = running.acquire_owned().await;
                if let Err(error) = work.await {
                    report.give(Arrival::Failed(error)).await;
                }
            });
        }
        Self { arrivals, tasks }
    }

    /// What arrives next; `None` when all computers are done. Cancel-safe.
    pub async fn next(&mut self) -> Option<(Origin, Arrival)> {
        while self.tasks.try_join_next().is_some() {}
        loop {
            match self.arrivals.recv().await? {
                Sent::Arrival(origin, arrival) => return Some((origin, arrival)),
                // The reader has come back, so it has finished with all that was sent before.
                Sent::Mark(finished) => {
                    let _stopped = finished.send(());
                }
            }
        }
    }
}

/// What goes through the queue to the reader.
enum Sent {
    Arrival(Origin, Arrival),
    /// Tells its sender that the reader has got this far.
    Mark(oneshot::Sender<()>),
}

/// Something that a script can be sent to.
trait Target {
    fn origin(&self) -> Origin;
}

impl Target for SessionBuilder {
    fn origin(&self) -> Origin {
        let computer_name = self.address().computer_name().into();
        Origin {
            computer_name,
            runspace_id: Uuid::nil(),
        }
    }
}

impl Target for Session {
    fn origin(&self) -> Origin {
        Origin {
            computer_name: self.address().computer_name().into(),
            runspace_id: self.instance_id(),
        }
    }
}

/// Where one computer's results go.
#[derive(Clone)]
struct Sink {
    origin: Origin,
    arrived: mpsc::Sender<Sent>,
}

impl Sink {
    async fn give(&self, arrival: Arrival) {
        // The reader is gone when everything is being stopped.
        let sent = Sent::Arrival(self.origin.clone(), arrival);
        let _stopped = self.arrived.send(sent).await;
    }

    /// Waits until the reader has finished with everything that was given.
    async fn finished(&self) {
        let (finished, is_finished) = oneshot::channel();
        if self.arrived.send(Sent::Mark(finished)).await.is_ok() {
            let _stopped = is_finished.await;
        }
    }
}

async fn run(session: &Session, script: Script, sink: &Sink) -> Result<(), Error> {
    let mut sink = sink.clone();
    sink.origin.runspace_id = session.instance_id();
    let mut invocation = session.invoke(script).await?;
    while let Some(output) = invocation.next().await? {
        sink.give(Arrival::Output(output)).await;
        if !invocation.has_more() {
            // Asking for more makes the server forget what it gave.
            sink.finished().await;
        }
    }
    if let Some(outcome) = invocation.outcome() {
        sink.give(Arrival::Ended(outcome.clone())).await;
    }
    Ok(())
}

impl Origin {
    /// Adds what Invoke-Command adds to every object: PSComputerName, RunspaceId and whether the
    /// name is to be shown.
    #[must_use]
    pub fn mark(&self, value: Value, show_computer_name: bool) -> Value {
        let object = match value {
            Value::Null => return Value::Null,
            Value::Object(object) => *object,
            primitive => Object::wrapping(Content::Value(primitive)),
        };
        let marked = object
            .property("PSComputerName", &*self.computer_name)
            .property("RunspaceId", Value::Guid(self.runspace_id))
            .property("PSShowComputerName", show_computer_name);
        Value::Object(Box::new(marked))
    }
}
