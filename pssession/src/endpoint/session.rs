//! One session at the endpoint: the task that owns its pool and its runspaces.
//!
//! Transports send requests and wait for answers; runspaces send news. Nothing else touches the
//! pool. A pipeline whose outbox is full is not listened to until somebody reads: its thread then
//! waits in the channel, and the script with it.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant};

use psrp_codec::message::PipelineStateInfo;
use psrp_codec::{CallId, ErrorCategory, ErrorRecord, PipelineId, PipelineState, Version};
use runspace::{
    BufferMode, PoolState, Receive, ServerConfig, ServerEvent, ServerInput, ServerPool,
    ServerTransmit, Target,
};
use tokio::sync::{mpsc, oneshot};

use super::engine::{Engine, RunspaceRequest, WorkEnd};
use super::private_data::private_data;
use super::runspaces::{HostReply, Job, News, Running, Runspaces};
use super::stdio::{MAX_PAYLOAD, Pushed};

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

impl SessionHandle {
    /// Hands the session an input and waits for what becomes of it.
    pub(crate) async fn input(&self, input: ServerInput) -> Answer {
        let (reply, answer) = oneshot::channel();
        if self
            .requests
            .send(Request::Input { input, reply })
            .await
            .is_err()
        {
            return Answer::Gone;
        }
        answer.await.unwrap_or(Answer::Gone)
    }

    /// Hands the session all of `pieces` or, when this is dropped before they are in its queue,
    /// none of them.
    pub(crate) async fn send(&self, pieces: Vec<ServerInput>) -> Answer {
        let (reply, answer) = oneshot::channel();
        let request = Request::Send { pieces, reply };
        if self.requests.send(request).await.is_err() {
            return Answer::Gone;
        }
        answer.await.unwrap_or(Answer::Gone)
    }

    /// Waits for what a target has to say. Nothing is taken when this is dropped: not even what
    /// was on its way here already.
    pub(crate) async fn receive(&self, target: Target, max_len: usize) -> Option<Received> {
        let (reply, answer) = oneshot::channel();
        let taken = Arc::new(AtomicBool::new(false));
        let open = OpenRequest {
            max_len,
            reply,
            taken: Arc::clone(&taken),
        };
        self.requests
            .send(Request::Receive { target, open })
            .await
            .ok()?;
        let received = answer.await.ok();
        taken.store(true, Ordering::Release);
        received
    }

    pub(crate) async fn set_buffer_mode(&self, mode: BufferMode) {
        // A session that is gone buffers nothing.
        let _gone = self.requests.send(Request::BufferMode(mode)).await;
    }

    pub(crate) async fn expire(&self) {
        let _gone = self.requests.send(Request::Expire).await;
    }

    pub(crate) fn is_disconnected(&self) -> bool {
        self.shared.disconnected.load(Ordering::Acquire)
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.shared.closed.load(Ordering::Acquire) || self.requests.is_closed()
    }

    /// The pipelines that are in it.
    pub(crate) fn pipelines(&self) -> Vec<PipelineId> {
        self.shared
            .pipelines
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone()
    }
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

    /// Gives open receives what there is; tells whether there was anything.
    fn answer_receives(&mut self) -> bool {
        let mut answered = false;
        let targets: Vec<Target> = self.receives.keys().copied().collect();
        for target in targets {
            let Some(open) = self.receives.remove(&target) else {
                continue;
            };
            // Asking confirms what was given before, so ask only for a client that is there.
            if open.reply.is_closed() {
                continue;
            }
            // Nor is what was given confirmed when it never left this process.
            if let Some(taken) = self.given.remove(&target)
                && !taken.load(Ordering::Acquire)
            {
                self.pool.rewind(target);
            }
            match self.pool.poll_receive(target, open.max_len) {
                None => {
                    self.receives.insert(target, open);
                }
                Some(receive) => {
                    answered = true;
                    if open.reply.send(Received::Data(receive)).is_err() {
                        self.pool.rewind(target);
                    } else {
                        self.given.insert(target, open.taken);
                    }
                }
            }
        }
        answered
    }

    fn on_request(&mut self, request: Request) {
        let now = Instant::now();
        match request {
            Request::Input { input, reply } => self.on_input(now, input, reply),
            Request::Send { pieces, reply } => self.on_send(now, pieces, reply),
            Request::Receive { target, open } => {
                if let Some(older) = self.receives.insert(target, open) {
                    let _client_gone = older.reply.send(Received::Nothing);
                }
            }
            Request::BufferMode(mode) => self.pool.set_buffer_mode(mode),
            Request::Expire => self.pool.close(now),
        }
    }

    fn on_input(&mut self, now: Instant, input: ServerInput, reply: oneshot::Sender<Answer>) {
        match &input {
            ServerInput::Signal { pipeline } => {
                self.waiting
                    .signals
                    .entry(*pipeline)
                    .or_default()
                    .push(reply);
                return self.pool.handle_input(now, input);
            }
            ServerInput::ClosePipeline { pipeline } => {
                self.waiting
                    .closes
                    .entry(*pipeline)
                    .or_default()
                    .push(reply);
                return self.pool.handle_input(now, input);
            }
            ServerInput::ClosePool => {
                self.waiting.pool_closed.push(reply);
                return self.pool.handle_input(now, input);
            }
            ServerInput::Disconnect => {
                // Receives end with what there is; a client that leaves has read its answers.
                self.answer_receives();
                for (_, open) in self.receives.drain() {
                    let _client_gone = open.reply.send(Received::Nothing);
                }
            }
            // Nobody takes the answers to what was asked before; what they would hold is given to
            // whoever asks from now on.
            ServerInput::ConnectPool { .. } | ServerInput::Reconnect => {
                for (_, open) in self.receives.drain() {
                    let _client_gone = open.reply.send(Received::Nothing);
                }
            }
            _ => {}
        }
        let opened = match &input {
            ServerInput::OpenPipeline { pipeline, .. } => Some(*pipeline),
            _ => None,
        };
        self.pool.handle_input(now, input);
        let mut answer = self.heed(opened);
        while let Some(transmit) = self.next_transmit() {
            match transmit {
                ServerTransmit::PoolConnected { payload } => answer = Answer::Connected(payload),
                ServerTransmit::ConnectRefused { error } => {
                    answer = Answer::Refused(error.to_string());
                }
                ServerTransmit::PipelineRefused { pipeline, error } if opened == Some(pipeline) => {
                    answer = Answer::Refused(error.to_string());
                }
                other => self.on_transmit(other),
            }
        }
        // What the client asks next may hang on what this has changed.
        self.publish();
        let _client_gone = reply.send(answer);
    }

    /// Data for several targets. The first that breaks the pool is the answer to all.
    fn on_send(&mut self, now: Instant, pieces: Vec<ServerInput>, reply: oneshot::Sender<Answer>) {
        let mut answer = Answer::Taken;
        for piece in pieces {
            self.pool.handle_input(now, piece);
            if let Answer::Refused(error) = self.heed(None) {
                answer = Answer::Refused(error);
            }
        }
        self.publish();
        let _client_gone = reply.send(answer);
    }

    /// Takes in what an input has led to. What breaks the pool, or the pipeline that it was to
    /// open, is the fault of whoever sent it, who is waiting for the answer.
    fn heed(&mut self, opened: Option<PipelineId>) -> Answer {
        let mut answer = Answer::Taken;
        while let Some(event) = self.pool.poll_event() {
            match &event {
                ServerEvent::PoolBroken { error } => answer = Answer::Refused(error.to_string()),
                ServerEvent::PipelineFaulted { pipeline, error } if opened == Some(*pipeline) => {
                    answer = Answer::Refused(error.to_string());
                    let pipeline = *pipeline;
                    self.on_event(event);
                    // It was never opened as far as the client knows, so nobody else closes it.
                    let close = ServerInput::ClosePipeline { pipeline };
                    self.pool.handle_input(Instant::now(), close);
                    continue;
                }
                _ => {}
            }
            self.on_event(event);
        }
        answer
    }

    fn on_transmit(&mut self, transmit: ServerTransmit) {
        let (waiting, answer) = match transmit {
            ServerTransmit::Signalled { pipeline } => {
                (self.waiting.signals.remove(&pipeline), Answer::Taken)
            }
            ServerTransmit::PipelineClosed { pipeline } => {
                self.given.remove(&Target::Pipeline(pipeline));
                if let Some(open) = self.receives.remove(&Target::Pipeline(pipeline)) {
                    let done = Receive {
                        payload: bytes::Bytes::new(),
                        done: true,
                    };
                    let _client_gone = open.reply.send(Received::Data(done));
                }
                (self.waiting.closes.remove(&pipeline), Answer::Taken)
            }
            ServerTransmit::PoolClosed => (
                Some(std::mem::take(&mut self.waiting.pool_closed)),
                Answer::Taken,
            ),
            _ => return,
        };
        let mut waiting = waiting.unwrap_or_default().into_iter();
        if let Some(first) = waiting.next() {
            let _client_gone = first.send(answer);
        }
        for other in waiting {
            let _client_gone = other.send(Answer::Taken);
        }
    }

    fn on_event(&mut self, event: ServerEvent) {
        match event {
            ServerEvent::OpenRequested { init } => self.open(&init),
            ServerEvent::PipelineCreated { pipeline, create } => {
                let with_input = !create.no_input;
                self.begin(pipeline, Job::Pipeline(create), with_input);
            }
            ServerEvent::CommandMetadataRequested { pipeline, request } => {
                self.begin(pipeline, Job::Metadata(request), false);
            }
            ServerEvent::PipelineInput { pipeline, value } => {
                let input = self
                    .running
                    .get(&pipeline)
                    .and_then(|running| running.input.as_ref());
                if let Some(input) = input {
                    // The pipeline may have ended before its input: the rest is for nobody.
                    let _ended = input.send(value);
                }
            }
            ServerEvent::InputEnded { pipeline } => {
                if let Some(running) = self.running.get_mut(&pipeline) {
                    running.input = None;
                }
            }
            ServerEvent::StopRequested { pipeline } => self.stop(pipeline),
            ServerEvent::PipelineFaulted { pipeline, .. }
            | ServerEvent::PipelineAbandoned { pipeline } => {
                self.stop(pipeline);
                // What it still brings is for nobody; its runspace is free when it ends.
                if let Some(running) = self.running.get_mut(&pipeline) {
                    running.input = None;
                }
            }
            ServerEvent::HostCallAnswered {
                target,
                call,
                answer,
            } => {
                if let Some(reply) = self.host_calls.remove(&(target, call)) {
                    let _ended = reply.send(answer);
                }
            }
            ServerEvent::RunspacesChanged { max, .. } => {
                if let Some(runspaces) = &mut self.runspaces {
                    runspaces.set_most(max);
                }
            }
            ServerEvent::ResetRequested { call } => self.reset(call),
            ServerEvent::PoolBroken { error } => {
                tracing::warn!(user = self.user, %error, "the client broke the protocol");
            }
            _ => {}
        }
    }

    fn open(&mut self, init: &psrp_codec::message::InitRunspacePool) {
        let request = RunspaceRequest {
            user: self.user.clone(),
            application_arguments: init.application_arguments.clone(),
            host_info: init.host_info.clone(),
        };
        let mut runspaces = Runspaces::new(Arc::clone(&self.engine), request, init.max_runspaces);
        let opened = match runspaces.start() {
            Ok(()) => {
                let protocol = self
                    .pool
                    .protocol()
                    .map_or(Version::new(2, 3), Version::from);
                self.runspaces = Some(runspaces);
                self.pool.opened(private_data(&*self.engine, protocol))
            }
            Err(error) => self.pool.open_failed(ErrorRecord::new(
                "System.InvalidOperationException",
                error,
                "RunspaceOpenFailed",
                ErrorCategory::OPEN_ERROR,
            )),
        };
        if let Err(error) = opened {
            tracing::debug!(%error, "nobody waits for the pool any more");
        }
    }

    fn begin(&mut self, pipeline: PipelineId, job: Job, with_input: bool) {
        let Some(runspaces) = &mut self.runspaces else {
            return;
        };
        let running = runspaces.run(pipeline, job, with_input);
        self.running.insert(pipeline, running);
    }

    fn stop(&mut self, pipeline: PipelineId) {
        let Some(running) = self.running.get_mut(&pipeline) else {
            return;
        };
        // A script that waits for input or for the host waits no more.
        running.input = None;
        self.host_calls
            .retain(|(target, _), _| *target != Target::Pipeline(pipeline));
        let Some(runspaces) = &mut self.runspaces else {
            return;
        };
        if runspaces.stop(pipeline) {
            self.running.remove(&pipeline);
            self.end(pipeline, &PipelineStateInfo::new(PipelineState::Stopped));
        } else if !self.stopping.contains(&pipeline) {
            self.stopping.push(pipeline);
        }
    }

    /// A stop that came before the script had begun is told again until it takes.
    fn stop_again(&mut self) {
        if let Some(runspaces) = &mut self.runspaces {
            for pipeline in &self.stopping {
                runspaces.stop(*pipeline);
            }
        }
    }

    fn reset(&mut self, call: CallId) {
        let done = match &mut self.runspaces {
            // As PowerShell: only a session of one runspace, and only while nothing runs.
            Some(runspaces) if self.pool.runspaces().1 == 1 && runspaces.is_idle() => {
                runspaces.reset().is_ok()
            }
            _ => false,
        };
        if let Err(error) = self.pool.reset_done(call, done) {
            tracing::debug!(%error, "nobody waits for the reset any more");
        }
    }

    fn on_news(&mut self, pipeline: PipelineId, news: News) {
        match news {
            News::Output { stream, value } => {
                if self.is_superfluous(pipeline) {
                    return;
                }
                let put = self.pool.encoded_output(pipeline, stream, value.as_ref());
                if let Err(error) = put {
                    tracing::trace!(%pipeline, %error, "output for nobody");
                }
            }
            News::HostCall { request, reply } => {
                match self.pool.host_call(Target::Pipeline(pipeline), *request) {
                    Ok(Some(call)) => {
                        self.host_calls
                            .insert((Target::Pipeline(pipeline), call), reply);
                    }
                    Ok(None) => {}
                    // Dropping the reply tells the script that nobody will answer.
                    Err(error) => tracing::debug!(%pipeline, %error, "no host call possible"),
                }
            }
            News::Ended(end) => {
                self.running.remove(&pipeline);
                self.stopping.retain(|stopping| *stopping != pipeline);
                if let Some(runspaces) = &mut self.runspaces {
                    runspaces.ended(pipeline);
                }
                let info = match end {
                    WorkEnd::Completed => PipelineStateInfo::new(PipelineState::Completed),
                    WorkEnd::Stopped(None) => {
                        PipelineStateInfo::because(PipelineState::Stopped, pipeline_stopped())
                    }
                    WorkEnd::Stopped(Some(record)) => {
                        PipelineStateInfo::because(PipelineState::Stopped, *record)
                    }
                    WorkEnd::Failed(record) => {
                        PipelineStateInfo::because(PipelineState::Failed, *record)
                    }
                };
                self.end(pipeline, &info);
            }
        }
    }

    /// Whether output comes from a pipeline that is being stopped and whose reader is behind: from
    /// the first such thing on, all of it is dropped, so that what is read has no gap.
    fn is_superfluous(&mut self, pipeline: PipelineId) -> bool {
        let is_full = self.pool.is_full(Target::Pipeline(pipeline));
        let is_stopping = self.stopping.contains(&pipeline);
        self.running.get_mut(&pipeline).is_some_and(|running| {
            running.is_superfluous |= is_full && is_stopping;
            running.is_superfluous
        })
    }

    fn end(&mut self, pipeline: PipelineId, info: &PipelineStateInfo) {
        if let Err(error) = self.pool.pipeline_ended(pipeline, info) {
            tracing::trace!(%pipeline, %error, "nobody waits for that end");
        }
    }
}

/// The record that PowerShell gives a pipeline that was stopped.
fn pipeline_stopped() -> ErrorRecord {
    ErrorRecord::new(
        "System.Management.Automation.PipelineStoppedException",
        "The pipeline has been stopped.",
        "PipelineStopped",
        ErrorCategory::OPERATION_STOPPED,
    )
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
