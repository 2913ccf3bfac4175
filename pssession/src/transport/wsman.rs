//! Pools as shells of WS-Management.
//!
//! Every operation is a task of its own that ends in an input; for the shell and for each command
//! there is one more that sends its Receives. That of the shell keeps one outstanding, so that the
//! server knows that we are there; that of a command sends one when it is asked to, as each
//! Receive tells the server that the answer before it is not needed any more. The core sees to it
//! that there is one Send for each target at a time, so the number of tasks is bounded by the
//! number of pipelines.

use std::collections::HashMap;
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use psrp_codec::{PipelineId, PoolId};
use runspace::{Input, Stream, Target, Transmit};
use tokio::sync::{mpsc, watch};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{Instant, sleep};
use wsman::shell::{
    BufferMode, Command, CommandId, Create, Disconnect, ReceiveResponse, ShellId, SignalCode,
    StreamData, StreamName, StreamSet,
};

use super::Wire;
use super::shells::{Shells, is_of_network, session_error};
use crate::Error;

/// Bytes of one Create, Command or Send: what every server takes.
const MAX_PAYLOAD: usize = 32_768;
/// Inputs that may wait; the tasks that bring them wait too when the driver is behind.
const QUEUE: usize = 64;
/// How long a broken network is tried again before the session counts as disconnected: what
/// Windows does, where it cannot be set either.
const NETWORK_RETRY: Duration = Duration::from_secs(240);
/// How long to wait before the network is tried again.
const RETRY_PAUSE: Duration = Duration::from_millis(500);
/// How long outstanding Receives may take to end once the shell is disconnected.
const SETTLE: Duration = Duration::from_secs(5);

/// What is said about a shell when it is created or left.
#[derive(Clone, Debug, Default)]
pub(crate) struct ShellOptions {
    pub(crate) name: Option<String>,
    pub(crate) idle_timeout: Option<Duration>,
    pub(crate) buffer_mode: Option<BufferMode>,
}

/// One pool: a shell, its commands, and what is under way.
pub(crate) struct WsManWire {
    shared: Arc<Shared>,
    inputs: mpsc::Receiver<Input>,
    tasks: JoinSet<()>,
    receivers: HashMap<Target, Receiver>,
}

/// The task that asks for what a target sends, once there is something to ask.
struct Receiver {
    pace: Arc<watch::Sender<Pace>>,
    task: Option<AbortHandle>,
}

impl Receiver {
    fn new(target: Target) -> Self {
        let pace = match target {
            Target::Pool => Pace::Ask,
            Target::Pipeline(_) => Pace::Wait,
        };
        Self {
            pace: Arc::new(watch::Sender::new(pace)),
            task: None,
        }
    }
}

/// What the task that asks for output is to do next.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Pace {
    /// Ask until something comes.
    Ask,
    /// Wait: what came last may be needed again.
    Wait,
    /// End: the shell is being left.
    Leave,
}

/// What the tasks have in common.
struct Shared {
    shells: Shells,
    shell: ShellId,
    options: ShellOptions,
    /// What the next Disconnect says.
    leave: Mutex<ShellOptions>,
    inputs: mpsc::Sender<Input>,
    error: Mutex<Option<Error>>,
    /// While this is set, a Receive that ends with a fault is no trouble.
    leaving: AtomicBool,
}

impl WsManWire {
    /// The wire of a pool that is to be opened or connected through `shells`.
    pub(crate) fn new(shells: Shells, pool: PoolId, options: ShellOptions) -> Self {
        let (sender, inputs) = mpsc::channel(QUEUE);
        let shared = Shared {
            shells,
            shell: ShellId::from_uuid(pool.as_uuid()),
            leave: Mutex::new(ShellOptions::default()),
            options,
            inputs: sender,
            error: Mutex::new(None),
            leaving: AtomicBool::new(false),
        };
        Self {
            shared: Arc::new(shared),
            inputs,
            tasks: JoinSet::new(),
            receivers: HashMap::new(),
        }
    }

    /// Runs one operation and gives what comes of it as an input.
    fn operate<F>(&mut self, operation: impl FnOnce(Arc<Shared>) -> F)
    where
        F: Future<Output = Input> + Send + 'static,
    {
        while self.tasks.try_join_next().is_some() {}
        let shared = Arc::clone(&self.shared);
        let operation = operation(Arc::clone(&self.shared));
        self.tasks.spawn(async move {
            let input = operation.await;
            shared.give(input).await;
        });
    }

    /// A pipeline is on its way to the server: what is asked meanwhile is asked when it is there.
    fn expect(&mut self, pipeline: PipelineId) {
        let target = Target::Pipeline(pipeline);
        self.receivers.insert(target, Receiver::new(target));
    }

    /// There is something at the server that can be asked for what `target` sends.
    fn receive(&mut self, target: Target) {
        let receiver = self
            .receivers
            .entry(target)
            .or_insert_with(|| Receiver::new(target));
        if receiver.task.is_none() {
            let pace = Arc::clone(&receiver.pace);
            let shared = Arc::clone(&self.shared);
            let receive = async move { shared.receive(target, &pace).await };
            receiver.task = Some(self.tasks.spawn(receive));
        }
    }

    /// The shell is left: Receives end by themselves, with their last data or with a fault.
    fn disconnect(&mut self) {
        self.shared.leaving.store(true, Ordering::Release);
        for receiver in self.receivers.values() {
            receiver.pace.send_replace(Pace::Leave);
        }
        let receivers: Vec<AbortHandle> = self
            .receivers
            .values()
            .filter_map(|receiver| receiver.task.clone())
            .collect();
        self.operate(|shared| async move {
            let leave = lock(&shared.leave).clone();
            let request = Disconnect {
                idle_timeout: leave.idle_timeout,
                buffer_mode: leave.buffer_mode,
            };
            if let Err(error) = shared.shells.disconnect(&shared.shell, request).await {
                shared.leaving.store(false, Ordering::Release);
                return shared.failed(error);
            }
            let deadline = Instant::now() + SETTLE;
            // What they still bring counts as read, so it has to be handed in before the answer.
            while receivers.iter().any(|task| !task.is_finished()) && Instant::now() < deadline {
                sleep(Duration::from_millis(2)).await;
            }
            receivers.iter().for_each(AbortHandle::abort);
            Input::Disconnected
        });
    }

    /// Comes back. What Receives of before might still bring, the server gives again.
    fn reconnect(&mut self) {
        for receiver in self.receivers.values_mut() {
            if let Some(task) = receiver.task.take() {
                task.abort();
            }
        }
        self.operate(|shared| async move {
            let deadline = Instant::now() + NETWORK_RETRY;
            loop {
                match shared.shells.reconnect(&shared.shell).await {
                    Ok(()) => return Input::Reconnected,
                    Err(error) if is_of_network(&error) && Instant::now() < deadline => {
                        tracing::warn!(%error, "the connection is interrupted, trying again");
                        sleep(RETRY_PAUSE).await;
                    }
                    Err(error) => return shared.failed(session_error(error)),
                }
            }
        });
    }
}

impl Wire for WsManWire {
    fn max_payload(&self) -> usize {
        MAX_PAYLOAD
    }

    async fn send(&mut self, transmit: Transmit) {
        match transmit {
            Transmit::OpenPool { first } => self.operate(|shared| async move {
                let create = Create {
                    shell_id: Some(shared.shell.clone()),
                    name: shared.options.name.clone(),
                    idle_timeout: shared.options.idle_timeout,
                    buffer_mode: shared.options.buffer_mode,
                    input_streams: StreamSet::parse("stdin pr"),
                    output_streams: StreamSet::parse("stdout"),
                    creation: Some(first),
                    ..Create::default()
                };
                match shared.shells.create(create).await {
                    Ok(()) => Input::Accepted {
                        target: Target::Pool,
                    },
                    Err(error) => shared.failed(error),
                }
            }),
            Transmit::ConnectPool { payload } => self.operate(|shared| async move {
                match shared.shells.connect(&shared.shell, payload).await {
                    Ok(payload) => Input::PoolConnected { payload },
                    Err(error) => shared.failed(error),
                }
            }),
            Transmit::OpenPipeline { pipeline, first } => {
                self.expect(pipeline);
                self.operate(|shared| async move {
                    let request = Command::with_bytes(command_id(pipeline), " ", &first);
                    match shared.shells.command(&shared.shell, request).await {
                        Ok(()) => Input::Accepted {
                            target: Target::Pipeline(pipeline),
                        },
                        Err(error) => shared.pipeline_failed(pipeline, error),
                    }
                });
            }
            Transmit::ConnectPipeline { pipeline } => {
                self.expect(pipeline);
                self.operate(|shared| async move {
                    let id = command_id(pipeline);
                    match shared.shells.connect_command(&shared.shell, id).await {
                        Ok(()) => Input::PipelineConnected { pipeline },
                        Err(error) => shared.pipeline_failed(pipeline, error),
                    }
                });
            }
            Transmit::Data {
                target,
                stream,
                payload,
            } => self.operate(move |shared| async move {
                let name = match stream {
                    Stream::Default => StreamName::STDIN,
                    Stream::PromptResponse => StreamName::PR,
                };
                let mut data = StreamData::new(name, payload);
                if let Target::Pipeline(pipeline) = target {
                    data = data.of_command(command_id(pipeline));
                }
                match (shared.shells.send(&shared.shell, data).await, target) {
                    (Ok(()), _) => Input::Accepted { target },
                    (Err(error), Target::Pipeline(pipeline)) => {
                        shared.pipeline_failed(pipeline, error)
                    }
                    (Err(error), Target::Pool) => shared.failed(error),
                }
            }),
            Transmit::Signal { pipeline } => self.operate(|shared| async move {
                let code = SignalCode::Stop;
                let stopped = shared
                    .shells
                    .signal(&shared.shell, command_id(pipeline), code)
                    .await;
                if let Err(error) = stopped {
                    // It may have ended by itself meanwhile; its state says how.
                    tracing::debug!(%pipeline, %error, "the stop signal was refused");
                }
                Input::Signalled { pipeline }
            }),
            Transmit::ClosePipeline { pipeline } => {
                let receiver = self.receivers.remove(&Target::Pipeline(pipeline));
                self.operate(move |shared| async move {
                    let code = SignalCode::Terminate;
                    let closed = shared
                        .shells
                        .signal(&shared.shell, command_id(pipeline), code)
                        .await;
                    if let Err(error) = closed {
                        tracing::debug!(%pipeline, %error, "the command was not there to close");
                    }
                    if let Some(task) = receiver.and_then(|receiver| receiver.task) {
                        task.abort();
                    }
                    Input::PipelineClosed { pipeline }
                });
            }
            Transmit::ClosePool => {
                self.shared.leaving.store(true, Ordering::Release);
                self.operate(|shared| async move {
                    if let Err(error) = shared.shells.delete(&shared.shell).await {
                        tracing::debug!(%error, "the shell was not there to delete");
                    }
                    Input::PoolClosed
                });
            }
            Transmit::Disconnect => self.disconnect(),
            Transmit::Reconnect => self.reconnect(),
        }
    }

    async fn recv(&mut self) -> Input {
        // The sender lives as long as `self.shared`, so there is always a next one to wait for.
        let Some(input) = self.inputs.recv().await else {
            return std::future::pending().await;
        };
        match &input {
            Input::Accepted { target } => self.receive(*target),
            Input::PoolConnected { .. } => self.receive(Target::Pool),
            Input::PipelineConnected { pipeline } => self.receive(Target::Pipeline(*pipeline)),
            Input::Reconnected => {
                self.shared.leaving.store(false, Ordering::Release);
                let targets: Vec<Target> =
                    self.receivers.drain().map(|(target, _)| target).collect();
                for target in targets {
                    self.receive(target);
                }
            }
            Input::PipelineClosed { pipeline } => {
                self.receivers.remove(&Target::Pipeline(*pipeline));
            }
            _ => {}
        }
        input
    }

    fn keeps_until_asked(&self) -> bool {
        true
    }

    fn ask(&mut self, pipeline: PipelineId) {
        if let Some(receiver) = self.receivers.get(&Target::Pipeline(pipeline)) {
            change(&receiver.pace, Pace::Wait, Pace::Ask);
        }
    }

    fn take_error(&mut self) -> Option<Error> {
        lock(&self.shared.error).take()
    }

    fn set_leave(&mut self, options: ShellOptions) {
        *lock(&self.shared.leave) = options;
    }
}

impl Shared {
    async fn give(&self, input: Input) {
        // Nobody takes it when the wire is being dropped.
        let _dropped = self.inputs.send(input).await;
    }

    fn failed(&self, error: Error) -> Input {
        let input = Input::Failed {
            error: error.to_string(),
        };
        *lock(&self.error) = Some(error);
        input
    }

    fn pipeline_failed(&self, pipeline: PipelineId, error: Error) -> Input {
        let input = Input::PipelineFailed {
            pipeline,
            error: error.to_string(),
        };
        *lock(&self.error) = Some(error);
        input
    }

    /// Sends Receives as it is told to, until the target is done, the shell is left, or all is
    /// lost.
    async fn receive(&self, target: Target, pace: &watch::Sender<Pace>) {
        let command = target.pipeline().map(command_id);
        let mut paces = pace.subscribe();
        loop {
            match paces.wait_for(|pace| *pace != Pace::Wait).await.as_deref() {
                Ok(Pace::Ask) => {}
                _ => return,
            }
            match self.shells.receive(&self.shell, command.clone()).await {
                Ok(response) => {
                    // Before it is handed in, as the reader may want more at once.
                    if target != Target::Pool && response.streams.has_data() {
                        change(pace, Pace::Ask, Pace::Wait);
                    }
                    if self.deliver(target, response).await {
                        return;
                    }
                }
                Err(_) if self.leaving.load(Ordering::Acquire) => return,
                Err(error) if is_of_network(&error) => {
                    // Answers may be lost on the way: the session has to be connected again, so
                    // that the server repeats them. One target says so for all.
                    tracing::warn!(%error, "the connection is interrupted");
                    if !self.leaving.swap(true, Ordering::AcqRel) {
                        self.give(Input::Disconnected).await;
                    }
                    return;
                }
                Err(error) => {
                    let error = session_error(error);
                    let input = match target {
                        Target::Pool => self.failed(error),
                        Target::Pipeline(pipeline) => self.pipeline_failed(pipeline, error),
                    };
                    return self.give(input).await;
                }
            }
        }
    }

    /// Hands in what came; tells whether nothing more will.
    async fn deliver(&self, target: Target, response: ReceiveResponse) -> bool {
        let done = response.is_done();
        // As one payload: the reader may be through with the first piece before the last is in.
        let payload = response.streams.joined();
        if !payload.is_empty() {
            self.give(Input::Data { target, payload }).await;
        }
        if done {
            let input = match target {
                Target::Pool => Input::PoolClosed,
                Target::Pipeline(pipeline) => Input::PipelineDone { pipeline },
            };
            self.give(input).await;
        }
        done
    }
}

/// Changes a pace that is `from`; one that is to leave stays so.
fn change(pace: &watch::Sender<Pace>, from: Pace, to: Pace) {
    pace.send_if_modified(|pace| {
        let changes = *pace == from;
        if changes {
            *pace = to;
        }
        changes
    });
}

fn command_id(pipeline: PipelineId) -> CommandId {
    CommandId::from_uuid(pipeline.as_uuid())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
