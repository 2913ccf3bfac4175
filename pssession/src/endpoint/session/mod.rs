//! One session at the endpoint: the task that owns its pool and its runspaces.
//!
//! Transports send requests and wait for answers; runspaces send news. Nothing else touches the
//! pool. A pipeline whose outbox is full is not listened to until somebody reads: its thread then
//! waits in the channel, and the script with it.

mod handle;
mod request;
mod work;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant};

use psrp_codec::{CallId, ErrorCategory, ErrorRecord, PipelineId};
use runspace::{
    BufferMode, PoolState, Receive, ServerConfig, ServerInput, ServerPool, ServerTransmit, Target,
};
use tokio::sync::{mpsc, oneshot};

use crate::endpoint::engine::{Engine, WorkEnd};
use crate::endpoint::runspaces::{HostReply, News, Running, Runspaces};
use crate::endpoint::stdio::{MAX_PAYLOAD, Pushed};

/// Requests that may wait for a session.
const REQUESTS: usize = 32;
/// How often a pipeline that has not stopped yet is told again.
const STOP_AGAIN: Duration = Duration::from_millis(20);

/// What a transport asks of a session.
pub(crate) enum Request {
    /// The first bytes of the pool, or more bytes for it or a pipeline; answered when they are in.
    Input {
        input: ServerInput,
        reply: oneshot::Sender<Answer>,
    },
    /// Bytes for several targets, which are taken together; answered when they are in.
    Send {
        pieces: Vec<ServerInput>,
        reply: oneshot::Sender<Answer>,
    },
    /// Whatever a target has to say next; answered when there is something.
    Receive { target: Target, open: OpenRequest },
    /// What to do with output while nobody is there.
    BufferMode(BufferMode),
    /// Close the session without a client: its idle time is over, or the endpoint ends.
    Expire,
}

/// What became of an input.
#[derive(Debug)]
pub(crate) enum Answer {
    /// It was taken.
    Taken,
    /// The client is connected; this is for `connectResponseXml`.
    Connected(bytes::Bytes),
    /// It was refused; the session is as it was.
    Refused(String),
    /// The session is gone.
    Gone,
}

/// What came of a receive.
#[derive(Debug)]
pub(crate) enum Received {
    /// Something.
    Data(Receive),
    /// A later receive for the same target took its place, or the client left.
    Nothing,
}

/// How transports reach a session, and what they may know of it without asking.
#[derive(Clone, Debug)]
pub(crate) struct SessionHandle {
    requests: mpsc::Sender<Request>,
    shared: Arc<Shared>,
}

/// What can be seen of a session from outside.
#[derive(Debug, Default)]
struct Shared {
    disconnected: AtomicBool,
    closed: AtomicBool,
    pipelines: std::sync::Mutex<Vec<PipelineId>>,
}

/// Starts a session for `user` on a transport whose clients ask for output.
pub(crate) fn start(engine: Arc<dyn Engine>, user: String, config: ServerConfig) -> SessionHandle {
    spawn(engine, user, config, None)
}

/// Starts a session for `user` on a transport that takes output when there is some.
pub(super) fn start_pushing(
    engine: Arc<dyn Engine>,
    user: String,
    config: ServerConfig,
    pushed: Pushed,
) -> SessionHandle {
    spawn(engine, user, config, Some(pushed))
}

fn spawn(
    engine: Arc<dyn Engine>,
    user: String,
    config: ServerConfig,
    pushed: Option<Pushed>,
) -> SessionHandle {
    let (requests, receiver) = mpsc::channel(REQUESTS);
    let shared = Arc::new(Shared::default());
    let session = Session {
        pool: ServerPool::new(config),
        engine,
        user,
        runspaces: None,
        running: HashMap::new(),
        host_calls: HashMap::new(),
        receives: HashMap::new(),
        given: HashMap::new(),
        waiting: Waiting::default(),
        stopping: Vec::new(),
        pushed,
        blocked: false,
        shared: Arc::clone(&shared),
    };
    tokio::spawn(session.run(receiver));
    SessionHandle { requests, shared }
}

struct Session {
    pool: ServerPool,
    engine: Arc<dyn Engine>,
    user: String,
    runspaces: Option<Runspaces>,
    running: HashMap<PipelineId, Running>,
    host_calls: HashMap<(Target, CallId), HostReply>,
    receives: HashMap<Target, OpenRequest>,
    /// Whether what a target said last has reached whoever asked for it.
    given: HashMap<Target, Arc<AtomicBool>>,
    waiting: Waiting,
    /// Pipelines that were told to stop and have not ended.
    stopping: Vec<PipelineId>,
    /// Where output goes on a transport that takes it without asking.
    pushed: Option<Pushed>,
    /// There is no room there at the moment.
    blocked: bool,
    shared: Arc<Shared>,
}

/// A receive that waits for something to give.
pub(crate) struct OpenRequest {
    max_len: usize,
    reply: oneshot::Sender<Received>,
    /// Set by whoever waits, once the answer is in their hands.
    taken: Arc<AtomicBool>,
}

/// Inputs whose answer comes later.
#[derive(Default)]
struct Waiting {
    signals: HashMap<PipelineId, Vec<oneshot::Sender<Answer>>>,
    closes: HashMap<PipelineId, Vec<oneshot::Sender<Answer>>>,
    pool_closed: Vec<oneshot::Sender<Answer>>,
}

impl Session {
    async fn run(mut self, mut requests: mpsc::Receiver<Request>) {
        loop {
            self.settle();
            if self.pool.state().is_final() && self.running.is_empty() && self.receives.is_empty() {
                break;
            }
            let deadline = self.pool.poll_timeout();
            let stop_again = !self.stopping.is_empty();
            // Pipelines that have brought more than their clients have read.
            let full: Vec<PipelineId> = self
                .running
                .keys()
                .copied()
                .filter(|pipeline| self.pool.is_full(Target::Pipeline(*pipeline)))
                // One that waits for its reader has to be heard, or it cannot be stopped.
                .filter(|pipeline| !self.stopping.contains(pipeline))
                .collect();
            tokio::select! {
                request = requests.recv() => match request {
                    Some(request) => self.on_request(request),
                    // The endpoint has forgotten the session.
                    None => {
                        self.pool.close(Instant::now());
                        self.settle();
                        break;
                    }
                },
                (pipeline, news) = next_news(&mut self.running, &full) => {
                    self.on_news(pipeline, news);
                }
                () = sleep_until(deadline) => self.pool.handle_timeout(Instant::now()),
                () = tokio::time::sleep(STOP_AGAIN), if stop_again => self.stop_again(),
                () = room(self.pushed.as_ref()), if self.blocked => self.blocked = false,
                () = gone_receives(&mut self.receives) => {
                    self.receives.retain(|_, open| !open.reply.is_closed());
                }
            }
        }
        self.shared.closed.store(true, Ordering::Release);
        self.publish();
        tracing::debug!(user = self.user, pool = ?self.pool.id(), "the session has ended");
    }

    /// Does what is due until all is quiet.
    fn settle(&mut self) {
        loop {
            let mut quiet = true;
            while let Some(event) = self.pool.poll_event() {
                self.on_event(event);
                quiet = false;
            }
            quiet &= !self.answer_receives();
            while let Some(transmit) = self.next_transmit() {
                self.on_transmit(transmit);
                quiet = false;
            }
            if quiet {
                break;
            }
        }
        if self.pool.state().is_final() {
            for reply in self.waiting.pool_closed.drain(..) {
                let _client_gone = reply.send(Answer::Taken);
            }
            if let Some(runspaces) = &mut self.runspaces {
                runspaces.close();
            }
            self.running.clear();
            self.stopping.clear();
            self.host_calls.clear();
        }
        self.publish();
    }

    /// What is owed to the wire next. Data goes to the transport that takes it; while that has no
    /// room, everything waits, so that nothing overtakes.
    fn next_transmit(&mut self) -> Option<ServerTransmit> {
        let Some(pushed) = &self.pushed else {
            return self.pool.poll_transmit(usize::MAX);
        };
        loop {
            let Ok(room) = pushed.try_room() else {
                self.blocked = true;
                return None;
            };
            let transmit = self.pool.poll_transmit(MAX_PAYLOAD)?;
            match Pushed::line(&transmit) {
                Some(line) => room.send(line),
                None => return Some(transmit),
            }
        }
    }

    fn publish(&self) {
        let state = self.pool.state();
        self.shared
            .disconnected
            .store(state == PoolState::Disconnected, Ordering::Release);
        self.shared
            .closed
            .store(state.is_final(), Ordering::Release);
        let pipelines = self.pool.pipelines().map(|(id, _)| id).collect();
        *self
            .shared
            .pipelines
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner) = pipelines;
    }
}

/// The next thing that a pipeline brings whose outbox has room.
async fn next_news(
    running: &mut HashMap<PipelineId, Running>,
    full: &[PipelineId],
) -> (PipelineId, News) {
    std::future::poll_fn(|context| {
        for (pipeline, running) in running.iter_mut() {
            if full.contains(pipeline) {
                continue;
            }
            match running.news.poll_recv(context) {
                Poll::Ready(Some(news)) => return Poll::Ready((*pipeline, news)),
                // The thread died without a word; the script did something that none should.
                Poll::Ready(None) => {
                    let end = WorkEnd::Failed(Box::new(ErrorRecord::new(
                        "System.InvalidOperationException",
                        "The runspace ended unexpectedly.",
                        "RunspaceLost",
                        ErrorCategory::INVALID_OPERATION,
                    )));
                    return Poll::Ready((*pipeline, News::Ended(end)));
                }
                Poll::Pending => {}
            }
        }
        Poll::Pending
    })
    .await
}

/// Ends when a client that waited for output has gone away.
async fn gone_receives(receives: &mut HashMap<Target, OpenRequest>) {
    std::future::poll_fn(|context| {
        for open in receives.values_mut() {
            if open.reply.poll_closed(context).is_ready() {
                return Poll::Ready(());
            }
        }
        Poll::Pending
    })
    .await;
}

/// Ends when the transport can take more.
async fn room(pushed: Option<&Pushed>) {
    match pushed {
        Some(pushed) => pushed.room().await,
        None => std::future::pending().await,
    }
}

async fn sleep_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use runspace::{Carrier, ClientConfig, ClientPool, Transmit};

    use super::*;
    use crate::endpoint::BuiltInEngine;

    // One thread: the session cannot answer before the receive has been polled.
    #[tokio::test]
    async fn what_was_on_its_way_to_a_receive_that_was_dropped_is_given_to_the_next() {
        let config = ServerConfig::new(Carrier::Poll);
        let session = start(Arc::new(BuiltInEngine::default()), "me".to_owned(), config);
        let id = psrp_codec::PoolId::new(uuid::Uuid::from_u128(7)).unwrap();
        let init = psrp_codec::message::InitRunspacePool::new();
        let mut pool = ClientPool::new(ClientConfig::new(init), id);
        pool.open(Instant::now()).unwrap();
        let Some(Transmit::OpenPool { first }) = pool.poll_transmit(32_768) else {
            panic!("the pool does not open");
        };
        let opened = session.input(ServerInput::OpenPool { first }).await;
        assert!(matches!(opened, Answer::Taken));
        {
            let mut receive = std::pin::pin!(session.receive(Target::Pool, 500));
            std::future::poll_fn(|context| {
                assert!(receive.as_mut().poll(context).is_pending());
                Poll::Ready(())
            })
            .await;
            // The session answers meanwhile, and nobody takes it.
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let Some(Received::Data(again)) = session.receive(Target::Pool, 500).await else {
            panic!("nothing came");
        };
        let fragment = <psrp_codec::Fragment<'_> as psrp_codec::Decode>::decode(&again.payload);
        assert_eq!(fragment.unwrap().0.object, psrp_codec::ObjectId::FIRST);
    }
}
