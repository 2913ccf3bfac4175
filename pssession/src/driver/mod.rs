//! The loop that owns a client's pool: one task for each session.
//!
//! Handles send commands and read outlets; the core says what is owed to the wire and what has
//! happened; the wire carries it. Nothing else touches the pool, so nothing needs a lock.

mod handle;
mod pipelines;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use psrp_codec::{CallId, ErrorRecord, PipelineId};
use runspace::{ClientEvent, ClientPool, Input, MisuseError, PoolState, Target, Transmit};
use tokio::sync::{mpsc, oneshot, watch};

use crate::host::Host;
use crate::outlet::{Brought, End, Inlet, Wish};
use crate::transport::Wire;
use crate::{Error, ErrorKind};
pub(crate) use handle::{Command, Handle, Status};
use pipelines::{PendingInput, Pipeline};

/// Commands of handles that may wait for the driver.
const COMMANDS: usize = 32;
/// Events handled before the wire gets its turn again.
const ANSWERS: usize = 64;

/// How a session begins.
pub(crate) enum Beginning {
    /// As a new pool.
    Open,
    /// By connecting to a pool that is there, with these pipelines in it.
    Connect(Vec<PipelineId>),
}

/// Starts the driver of `pool` over `wire`; the handle comes when the pool is open.
pub(crate) async fn start(
    mut pool: ClientPool,
    wire: impl Wire,
    host: Arc<dyn Host>,
    read_ahead: bool,
    beginning: Beginning,
) -> Result<Handle, Error> {
    let read_ahead = read_ahead || !wire.keeps_until_asked();
    let now = Instant::now();
    let there = match beginning {
        Beginning::Open => {
            pool.open(now).map_err(misuse)?;
            Vec::new()
        }
        Beginning::Connect(pipelines) => {
            // Its pipelines are left alone until somebody wants to read them: what they brought
            // would be taken from the server, and lost if we left again.
            pool.connect(now, []).map_err(misuse)?;
            pipelines
        }
    };
    let (commands, receiver) = mpsc::channel(COMMANDS);
    let (status, watched) = watch::channel(Status {
        state: pool.state(),
        running: Vec::new(),
        private_data: None,
        error: None,
    });
    let (wishes, wished) = mpsc::unbounded_channel();
    let (answers, answered) = mpsc::channel(ANSWERS);
    let (opened, is_open) = oneshot::channel();
    let driver = Driver {
        pool,
        wire,
        host,
        status,
        wishes,
        answers,
        opening: Some(opened),
        waiting: Waiting::default(),
        leaving: None,
        asked_to_leave: false,
        read_ahead,
        answered: None,
        pipelines: HashMap::new(),
        ended: HashMap::new(),
        closes: Vec::new(),
        unread: there,
        inputs: HashMap::new(),
    };
    tokio::spawn(driver.run(receiver, wished, answered));
    let handle = Handle {
        commands,
        status: watched,
    };
    // Dropping the handle in the middle of this closes whatever had been opened.
    is_open.await.map_err(|_| handle.gone())??;
    Ok(handle)
}

struct Driver<W> {
    pool: ClientPool,
    wire: W,
    host: Arc<dyn Host>,
    status: watch::Sender<Status>,
    wishes: mpsc::UnboundedSender<Wish>,
    answers: mpsc::Sender<HostReply>,
    opening: Option<oneshot::Sender<Result<(), Error>>>,
    waiting: Waiting,
    /// Who asked to disconnect, while there are still things to send before.
    leaving: Option<oneshot::Sender<Result<(), Error>>>,
    /// The pool is being disconnected because a handle wants it.
    asked_to_leave: bool,
    /// Output is fetched before its reader has taken what came before.
    read_ahead: bool,
    /// The pipeline that the last input brought something for.
    answered: Option<PipelineId>,
    pipelines: HashMap<PipelineId, Pipeline>,
    /// Pipelines that have ended, which their readers do not know yet.
    ended: HashMap<PipelineId, Inlet>,
    /// Pipelines to be closed at the server, which forgets what they brought when they are.
    closes: Vec<PipelineId>,
    /// Pipelines that run at the server and whose output stays there until somebody reads it.
    unread: Vec<PipelineId>,
    /// Objects that wait for room in the pool, in order.
    inputs: HashMap<PipelineId, Vec<PendingInput>>,
}

/// Handles that wait for the session to change its state.
#[derive(Default)]
struct Waiting {
    disconnected: Vec<oneshot::Sender<Result<(), Error>>>,
    reconnected: Vec<oneshot::Sender<Result<(), Error>>>,
    closed: Vec<oneshot::Sender<Result<(), Error>>>,
}

/// What the host gave for a call.
struct HostReply {
    target: Target,
    call: CallId,
    answer: Result<Option<psrp_codec::host::HostAnswer>, String>,
}

impl<W: Wire> Driver<W> {
    async fn run(
        mut self,
        mut commands: mpsc::Receiver<Command>,
        mut wished: mpsc::UnboundedReceiver<Wish>,
        mut answered: mpsc::Receiver<HostReply>,
    ) {
        let mut handles = true;
        loop {
            self.settle().await;
            let state = self.pool.state();
            if state.is_final() || !handles && state == PoolState::Disconnected {
                return self.finish();
            }
            let deadline = self.pool.poll_timeout();
            tokio::select! {
                input = self.wire.recv() => {
                    if let Input::Data { target, .. } = &input {
                        self.answered = target.pipeline();
                    }
                    self.pool.handle_input(Instant::now(), input);
                }
                command = commands.recv(), if handles => match command {
                    Some(command) => self.on_command(command),
                    None => {
                        // Nobody can use the session any more, so it must not stay open.
                        handles = false;
                        self.on_last_handle_gone();
                    }
                },
                Some(wish) = wished.recv() => self.on_wish(wish),
                Some(reply) = answered.recv() => self.on_host_reply(reply),
                () = sleep_until(deadline) => self.pool.handle_timeout(Instant::now()),
            }
        }
    }

    /// Carries out everything that is due until all is quiet: what happened first, because whether
    /// a pipeline may be closed depends on what it brought.
    async fn settle(&mut self) {
        loop {
            self.feed_inputs();
            self.disconnect_when_sent();
            let mut quiet = true;
            while let Some(event) = self.pool.poll_event() {
                self.on_event(event);
                quiet = false;
            }
            while let Some(transmit) = self.pool.poll_transmit(self.wire.max_payload()) {
                match transmit {
                    Transmit::ClosePipeline { pipeline } if self.is_unread(pipeline) => {
                        self.closes.push(pipeline);
                    }
                    other => self.wire.send(other).await,
                }
                quiet = false;
            }
            if quiet {
                break;
            }
        }
        self.close_pipelines().await;
        self.ask_for_more();
        self.publish();
    }

    fn publish(&self) {
        let state = self.pool.state();
        let running: Vec<PipelineId> = self
            .pool
            .pipelines()
            .filter(|(id, state)| !state.is_terminal() && !self.unread.contains(id))
            .map(|(id, _)| id)
            .chain(self.unread.iter().copied())
            .collect();
        self.status.send_if_modified(|status| {
            let changed = status.state != state || status.running != running;
            status.state = state;
            status.running = running;
            changed
        });
    }

    fn on_command(&mut self, command: Command) {
        match command {
            Command::Start {
                pipeline,
                create,
                reply,
            } => {
                let started = self
                    .pool
                    .create_pipeline(pipeline, &create)
                    .map_err(misuse)
                    .map(|()| self.add_pipeline(pipeline));
                // Whoever asked is gone: its outlet is dropped here, which abandons the pipeline.
                let _dropped = reply.send(started);
            }
            Command::Attach { reply } => {
                let attached = self.attach();
                // Whoever asked is gone: outlets are dropped here, which abandons the pipelines.
                let _dropped = reply.send(attached);
            }
            Command::Input {
                pipeline,
                value,
                reply,
            } => {
                self.inputs
                    .entry(pipeline)
                    .or_default()
                    .push((value, reply));
            }
            Command::CloseInput { pipeline } => {
                if self
                    .inputs
                    .get(&pipeline)
                    .is_some_and(|waiting| !waiting.is_empty())
                {
                    if let Some(known) = self.pipelines.get_mut(&pipeline) {
                        known.close_input_after = true;
                    }
                } else {
                    self.close_input(pipeline);
                }
            }
            Command::Stop { pipeline } => {
                self.stop(pipeline);
                // How it ended stands behind its output, and must be heard in time.
                if let Some(known) = self.pipelines.get(&pipeline)
                    && known.inlet.read_ahead()
                {
                    self.wire.ask(pipeline);
                }
            }
            Command::Disconnect { leave, reply } => {
                self.wire.set_leave(leave);
                self.leaving = Some(reply);
            }
            Command::Reconnect { reply } => match self.pool.reconnect(Instant::now()) {
                Ok(()) => self.waiting.reconnected.push(reply),
                Err(error) => {
                    let _dropped = reply.send(Err(misuse(error)));
                }
            },
            Command::Close { reply } => {
                self.waiting.closed.push(reply);
                self.pool.close(Instant::now());
            }
        }
    }

    /// A session that nobody holds is closed, unless it was left at the server on purpose.
    fn on_last_handle_gone(&mut self) {
        if !matches!(
            self.pool.state(),
            PoolState::Disconnected | PoolState::Disconnecting
        ) {
            self.pool.close(Instant::now());
        }
    }

    /// Tells the pool to disconnect once all that was asked for before has been taken over: a
    /// pipeline that has only half arrived would do nothing at the server.
    fn disconnect_when_sent(&mut self) {
        if self.leaving.is_none() || !self.inputs.is_empty() {
            return;
        }
        let running: Vec<PipelineId> = self.pool.pipelines().map(|(id, _)| id).collect();
        let waits = |pipeline| self.pool.outbox_len(Target::Pipeline(pipeline)).0 > 0;
        if running.into_iter().any(waits) && self.pool.state() == PoolState::Opened {
            return;
        }
        let Some(reply) = self.leaving.take() else {
            return;
        };
        match self.pool.disconnect(Instant::now()) {
            Ok(()) => {
                self.asked_to_leave = true;
                self.waiting.disconnected.push(reply);
            }
            Err(error) => {
                let _dropped = reply.send(Err(misuse(error)));
            }
        }
    }

    fn on_event(&mut self, event: ClientEvent) {
        match event {
            ClientEvent::PoolOpened => {
                let private_data = self
                    .pool
                    .application_private_data()
                    .map(|data| Arc::new(data.data.clone()));
                self.status
                    .send_modify(|status| status.private_data = private_data);
                self.publish();
                if let Some(opening) = self.opening.take() {
                    let _dropped = opening.send(Ok(()));
                }
            }
            ClientEvent::PoolDisconnected if !self.asked_to_leave => {
                // The network did it. Pipelines go on at the server, their readers wait here.
                self.publish();
                if let Err(error) = self.pool.reconnect(Instant::now()) {
                    tracing::warn!(%error, "the session cannot be connected again");
                }
            }
            ClientEvent::PoolDisconnected => {
                self.asked_to_leave = false;
                self.publish();
                answer_all(&mut self.waiting.disconnected);
                for (_, known) in self.pipelines.drain() {
                    known.inlet.end(End::Disconnected);
                }
            }
            ClientEvent::PoolReconnected => {
                // The wire asks for nothing by itself. Those whose readers waited here go on; the
                // readers of others were told that they were left, and new ones may attach.
                let running: Vec<PipelineId> = self
                    .pool
                    .pipelines()
                    .filter(|(_, state)| !state.is_terminal())
                    .map(|(id, _)| id)
                    .collect();
                for pipeline in running {
                    match self.pipelines.get(&pipeline) {
                        Some(known) if known.inlet.is_asked() => self.wire.ask(pipeline),
                        Some(_) => {}
                        None if !self.unread.contains(&pipeline) => self.unread.push(pipeline),
                        None => {}
                    }
                }
                self.publish();
                answer_all(&mut self.waiting.reconnected);
            }
            ClientEvent::PoolClosed => {
                self.publish();
                answer_all(&mut self.waiting.closed);
            }
            ClientEvent::PoolBroken { loss } => {
                let error = self
                    .wire
                    .take_error()
                    .unwrap_or_else(|| Error::new(ErrorKind::Protocol, loss.to_string()));
                self.status.send_modify(|status| {
                    status.error = Some((error.kind(), error.to_string().into()))
                });
                if let Some(opening) = self.opening.take() {
                    let _dropped = opening.send(Err(error));
                }
            }
            ClientEvent::PipelineOutput {
                pipeline,
                stream,
                value,
            } => {
                if let Some(known) = self.pipelines.get(&pipeline) {
                    known.inlet.put(Brought { stream, value });
                }
            }
            ClientEvent::PipelineEnded { pipeline, how } => self.on_ended(pipeline, how),
            ClientEvent::HostCall {
                target,
                call,
                request,
            } => {
                let host = Arc::clone(&self.host);
                let answers = self.answers.clone();
                tokio::spawn(async move {
                    let answer = host.call(*request).await;
                    if let Some(call) = call {
                        let _session_gone = answers
                            .send(HostReply {
                                target,
                                call,
                                answer,
                            })
                            .await;
                    }
                });
            }
            other => tracing::trace!(event = ?other, "nobody asked for this"),
        }
    }

    fn on_host_reply(&mut self, reply: HostReply) {
        let answer = match reply.answer {
            Ok(answer) => Ok(answer.unwrap_or(psrp_codec::host::HostAnswer::Null)),
            Err(message) => Err(Box::new(ErrorRecord::new(
                "System.Management.Automation.Host.HostException",
                message,
                "InvalidOperation",
                psrp_codec::ErrorCategory::INVALID_OPERATION,
            ))),
        };
        if let Err(error) = self.pool.answer_host_call(reply.target, reply.call, answer) {
            tracing::debug!(%error, "nobody waits for that host call any more");
        }
    }

    /// The session is over: whoever waits is told.
    fn finish(mut self) {
        self.publish();
        let broken = self.status.borrow().error.clone();
        let result = || match &broken {
            Some((kind, error)) => Err(Error::new(*kind, error.to_string())),
            None => Ok(()),
        };
        let waiting = std::mem::take(&mut self.waiting);
        for reply in waiting.disconnected.into_iter().chain(waiting.reconnected) {
            let _dropped = reply.send(match result() {
                Ok(()) => Err(Error::new(
                    ErrorKind::InvalidState,
                    "the session was closed",
                )),
                error => error,
            });
        }
        for reply in waiting.closed {
            let _dropped = reply.send(result());
        }
        if let Some(opening) = self.opening.take() {
            let closed = Error::new(ErrorKind::Refused, "the server closed the session at once");
            let _dropped = opening.send(Err(closed));
        }
    }
}

fn answer_all(waiting: &mut Vec<oneshot::Sender<Result<(), Error>>>) {
    for reply in waiting.drain(..) {
        // Who asked may have stopped waiting.
        let _dropped = reply.send(Ok(()));
    }
}

fn misuse(error: MisuseError) -> Error {
    Error::new(ErrorKind::InvalidState, error.to_string()).with_source(error)
}

/// Sleeps until then, or for ever.
async fn sleep_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
        None => std::future::pending().await,
    }
}
