//! The client's side of a pool.

mod calls;
mod config;
mod event;
mod inbound;
mod legality;
mod pipeline;
mod reconnect;
mod session_key;

pub use calls::SizeChange;
pub use config::{ClientConfig, ClientTimeouts};
pub use event::ClientEvent;

use std::{
    collections::{BTreeMap, VecDeque},
    ops::Bound,
    time::{Duration, Instant},
};

use bytes::Bytes;
use psrp_codec::{
    CallId, Destination, Encoded, MessageKind, ObjectId, PipelineId, PipelineState, PoolId, Value,
    message::{ApplicationPrivateData, CreatePipeline, GetCommandMetadata, SessionCapability},
};
use tracing::{debug, trace};

use crate::{
    Ending, Loss, MisuseError, PeerError, PoolState, ProtocolVersion, Stream, Target, Transmit,
    inbox::Inbox, session_key::ClientKeyState, timers::Timers, wire::Header,
};
use pipeline::{InputSide, Lane, Pipeline, Wire};

/// The client's side of one runspace pool, without any I/O.
///
/// Commands queue and never send. After every command and every input, call
/// [`poll_transmit`](Self::poll_transmit), [`poll_event`](Self::poll_event) and
/// [`poll_timeout`](Self::poll_timeout) until they give nothing new.
///
/// What the pool holds is bounded by [`PoolLimits`](crate::PoolLimits), but for the events: they
/// are as many as the inputs that were handed in hold messages, so a driver that takes the events
/// before it reads on bounds them too.
#[derive(Debug)]
pub struct ClientPool {
    id: PoolId,
    config: ClientConfig,
    phase: Phase,
    /// The version that both sides speak, once it is agreed on.
    agreed: Option<ProtocolVersion>,
    private_data: Option<ApplicationPrivateData>,
    /// How many runspaces the pool has at least and at most, as far as this client knows.
    size: (i32, i32),
    next_object: ObjectId,
    next_call: CallId,
    /// Calls about the pool that wait for their answer.
    calls: BTreeMap<CallId, calls::PoolCall>,
    lane: Lane,
    inbox: Inbox,
    /// Host calls of the pool that wait for their answer, with the number of their method.
    host_calls: BTreeMap<CallId, i32>,
    pipelines: BTreeMap<PipelineId, Pipeline>,
    /// The pipeline that transmitted last: the others come first next time.
    turn: Option<PipelineId>,
    /// What has no target and waits for nothing.
    control: VecDeque<Transmit>,
    events: VecDeque<ClientEvent>,
    timers: Timers<Timer>,
    key: ClientKeyState,
    /// The transport has been told to open or connect the pool, so it has to be told to close it.
    is_on_wire: bool,
}

/// Where the pool stands, more finely than [`PoolState`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Phase {
    BeforeOpen,
    /// INIT_RUNSPACEPOOL is queued; `negotiated` once the server's SESSION_CAPABILITY is in.
    Opening {
        negotiated: bool,
    },
    /// CONNECT_RUNSPACEPOOL is queued; `negotiated` once the server let us in and its private
    /// data is all that is missing.
    Connecting {
        negotiated: bool,
    },
    Opened,
    /// `told` once the transport has been told.
    Disconnecting {
        told: bool,
    },
    Disconnected,
    Reconnecting,
    /// `told` once the transport has been told.
    Closing {
        told: bool,
    },
    Closed,
    Broken,
}

/// What a client waits for.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Timer {
    /// Opening, connecting, disconnecting, reconnecting.
    Open,
    SessionKey,
    Close,
    Stop(PipelineId),
    ClosePipeline(PipelineId),
}

impl ClientPool {
    /// A pool that nobody has heard of yet. `id` must be new, or, to
    /// [`connect`](Self::connect), that of the pool at the server.
    #[must_use]
    pub fn new(config: ClientConfig, id: PoolId) -> Self {
        Self {
            id,
            phase: Phase::BeforeOpen,
            agreed: None,
            private_data: None,
            size: (config.init.min_runspaces, config.init.max_runspaces),
            next_object: ObjectId::FIRST,
            next_call: CallId::FIRST,
            calls: BTreeMap::new(),
            lane: Lane::default(),
            inbox: Inbox::new(&config.limits.codec),
            host_calls: BTreeMap::new(),
            pipelines: BTreeMap::new(),
            turn: None,
            control: VecDeque::new(),
            events: VecDeque::new(),
            timers: Timers::new(),
            key: ClientKeyState::None,
            is_on_wire: false,
            config,
        }
    }

    // ---- Commands ----

    /// Opens the pool. [`ClientEvent::PoolOpened`] follows.
    ///
    /// # Errors
    /// When it was opened or connected before.
    pub fn open(&mut self, now: Instant) -> Result<(), MisuseError> {
        self.must_be(PoolState::BeforeOpen)?;
        let capability = SessionCapability::new(self.config.protocol.into()).to_value();
        self.queue_for_pool(MessageKind::SessionCapability, &capability);
        let mut init = self.config.init.clone();
        (init.min_runspaces, init.max_runspaces) = self.size;
        self.queue_for_pool(MessageKind::InitRunspacePool, &init.to_value());
        self.enter(Phase::Opening { negotiated: false });
        self.set_timer(now, Timer::Open, self.config.timeouts.open);
        Ok(())
    }

    /// Starts a pipeline. Its id must be new.
    ///
    /// The pipeline is opened on the wire with the first bytes of the message; there may be any
    /// number of pipelines at once.
    ///
    /// # Errors
    /// When the pool is not open, the id is in use or there are too many pipelines.
    pub fn create_pipeline(
        &mut self,
        pipeline: PipelineId,
        create: &CreatePipeline,
    ) -> Result<(), MisuseError> {
        let input = if create.no_input {
            InputSide::None
        } else {
            InputSide::Open
        };
        self.start(
            pipeline,
            MessageKind::CreatePipeline,
            &create.to_value(),
            input,
        )
    }

    /// Asks for the metadata of commands: a pipeline whose first output is their number, and the
    /// others the commands.
    ///
    /// # Errors
    /// As [`create_pipeline`](Self::create_pipeline); and when the server speaks protocol 2.0.
    pub fn get_command_metadata(
        &mut self,
        pipeline: PipelineId,
        request: &GetCommandMetadata,
    ) -> Result<(), MisuseError> {
        self.needs_version(ProtocolVersion::V2_1)?;
        self.start(
            pipeline,
            MessageKind::GetCommandMetadata,
            &request.to_value(),
            InputSide::None,
        )
    }

    /// Gives the pipeline an object. Wait while [`is_full`](Self::is_full) says so.
    ///
    /// # Errors
    /// When the pipeline takes no input, has ended, or its outbox is full.
    pub fn send_input(&mut self, pipeline: PipelineId, value: &Value) -> Result<(), MisuseError> {
        self.check_input(pipeline)?;
        let header = self.header(MessageKind::PipelineInput, Some(pipeline));
        self.queue(
            Target::Pipeline(pipeline),
            Stream::Default,
            header.with_value(value),
        );
        Ok(())
    }

    /// Gives the pipeline an object that is encoded already; `None` is null.
    ///
    /// # Errors
    /// As [`send_input`](Self::send_input).
    pub fn send_encoded_input(
        &mut self,
        pipeline: PipelineId,
        value: Option<&Encoded>,
    ) -> Result<(), MisuseError> {
        self.check_input(pipeline)?;
        let header = self.header(MessageKind::PipelineInput, Some(pipeline));
        self.queue(
            Target::Pipeline(pipeline),
            Stream::Default,
            header.with_encoded(value),
        );
        Ok(())
    }

    /// Ends the input of the pipeline. A second time it does nothing.
    ///
    /// # Errors
    /// When the pipeline takes no input or does not exist.
    pub fn close_input(&mut self, pipeline: PipelineId) -> Result<(), MisuseError> {
        let entry = self.pipeline_mut(pipeline)?;
        match entry.input {
            InputSide::None => Err(MisuseError::NoInput(pipeline)),
            InputSide::Ended => Ok(()),
            InputSide::Open => {
                entry.input = InputSide::Ended;
                let header = self.header(MessageKind::EndOfPipelineInput, Some(pipeline));
                let message = header.with_value(&Value::Null);
                self.queue(Target::Pipeline(pipeline), Stream::Default, message);
                Ok(())
            }
        }
    }

    /// Stops the pipeline. [`ClientEvent::PipelineEnded`] follows, with
    /// [`Ending::Stopped`] whatever the server says. Input that waits is dropped. A pipeline that
    /// is being stopped is left alone.
    ///
    /// # Errors
    /// When there is no such pipeline, it has ended, or the pool is disconnected.
    pub fn stop(&mut self, now: Instant, pipeline: PipelineId) -> Result<(), MisuseError> {
        if !matches!(self.phase, Phase::Opened | Phase::Disconnecting { .. }) {
            return Err(self.not(PoolState::Opened));
        }
        let timeout = self.config.timeouts.cancel;
        let entry = self.pipeline_mut(pipeline)?;
        if entry.has_ended() {
            return Err(MisuseError::PipelineEnded(pipeline));
        }
        if entry.wire == Wire::Unsent && !entry.foreign {
            self.end_pipeline(now, pipeline, Ending::Stopped(None));
            return Ok(());
        }
        if !entry.stop_asked {
            entry.stop_asked = true;
            entry.signal_wanted = true;
            entry.input = InputSide::Ended;
            entry.state = PipelineState::Stopping;
            entry.lane.clear();
            self.set_timer(now, Timer::Stop(pipeline), timeout);
        }
        Ok(())
    }

    /// Closes the pool and every pipeline in it. [`ClientEvent::PoolClosed`] follows; for a pool
    /// that had not been opened, at once. A pool that is closed, closing or broken stays as it is.
    ///
    /// A disconnected pool is closed too: it is deleted at the server without connecting to it.
    pub fn close(&mut self, now: Instant) {
        match self.phase {
            Phase::Closing { .. } | Phase::Closed | Phase::Broken => return,
            _ if !self.is_on_wire => {
                self.finish(now, Phase::Closed, ClientEvent::PoolClosed, None);
                return;
            }
            _ => {}
        }
        self.end_all_pipelines(now, None);
        self.control.clear();
        self.lane.clear();
        self.timers.clear();
        self.enter(Phase::Closing { told: false });
        self.set_timer(now, Timer::Close, self.config.timeouts.close);
    }

    // ---- Inputs: `handle_input` is in `inbound` ----

    /// What time does: answers that did not come.
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some(timer) = self.timers.take_expired(now) {
            debug!(pool = %self.id, ?timer, "Timer expired");
            match timer {
                Timer::Open => self.break_off(
                    now,
                    Loss::Peer(PeerError::TimedOut(match self.phase {
                        Phase::Disconnecting { .. } => "disconnect",
                        Phase::Reconnecting | Phase::Connecting { .. } => "connect",
                        _ => "open the pool",
                    })),
                ),
                Timer::SessionKey => {
                    let loss = Loss::Peer(PeerError::TimedOut("send the session key"));
                    self.break_off(now, loss);
                }
                Timer::Close => self.finish(now, Phase::Closed, ClientEvent::PoolClosed, None),
                Timer::Stop(pipeline) => self.end_pipeline(now, pipeline, Ending::Stopped(None)),
                // Until the transport has been told (it may be away), the pipeline is kept.
                Timer::ClosePipeline(pipeline) => match self.pipelines.get(&pipeline) {
                    Some(entry) if entry.wire != Wire::Closing => {
                        self.set_timer(now, timer, self.config.timeouts.close);
                    }
                    _ => self.forget_pipeline(pipeline),
                },
            }
        }
    }

    // ---- Outputs ----

    /// What is owed to the wire next, with payloads of at most `max_len` bytes.
    ///
    /// A target whose last bytes have not been
    /// [accepted](crate::Input::Accepted) waits; answers to host calls go before input; pipelines
    /// take turns. A `max_len` below [`MIN_TRANSMIT`](crate::MIN_TRANSMIT) moves no bytes.
    #[must_use]
    pub fn poll_transmit(&mut self, max_len: usize) -> Option<Transmit> {
        let transmit = self.next_transmit(max_len);
        if let Some(transmit) = &transmit {
            trace!(pool = %self.id, what = name_of(transmit), "Transmit");
        }
        transmit
    }

    /// When [`handle_timeout`](Self::handle_timeout) has to be called, if nothing happens before.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.timers.next()
    }

    /// What happened, oldest first.
    #[must_use]
    pub fn poll_event(&mut self) -> Option<ClientEvent> {
        self.events.pop_front()
    }

    // ---- Getters ----

    /// The pool's id.
    #[must_use]
    pub const fn id(&self) -> PoolId {
        self.id
    }

    /// Where the pool stands.
    #[must_use]
    pub const fn state(&self) -> PoolState {
        match self.phase {
            Phase::BeforeOpen => PoolState::BeforeOpen,
            Phase::Opening { .. } => PoolState::Opening,
            Phase::Connecting { .. } | Phase::Reconnecting => PoolState::Connecting,
            Phase::Opened => PoolState::Opened,
            Phase::Disconnecting { .. } => PoolState::Disconnecting,
            Phase::Disconnected => PoolState::Disconnected,
            Phase::Closing { .. } => PoolState::Closing,
            Phase::Closed => PoolState::Closed,
            Phase::Broken => PoolState::Broken,
        }
    }

    /// The version that both sides speak, once it is agreed on.
    #[must_use]
    pub const fn protocol(&self) -> Option<ProtocolVersion> {
        self.agreed
    }

    /// What the server says of itself, once it has.
    #[must_use]
    pub const fn application_private_data(&self) -> Option<&ApplicationPrivateData> {
        self.private_data.as_ref()
    }

    /// How many runspaces the pool has at least and at most, as far as this client knows.
    #[must_use]
    pub const fn runspaces(&self) -> (i32, i32) {
        self.size
    }

    /// The pipelines that have not been closed yet, with their states.
    pub fn pipelines(&self) -> impl Iterator<Item = (PipelineId, PipelineState)> {
        self.pipelines.iter().map(|(id, entry)| (*id, entry.state))
    }

    /// Where a pipeline stands; `None` when it is closed or never was.
    #[must_use]
    pub fn pipeline_state(&self, pipeline: PipelineId) -> Option<PipelineState> {
        Some(self.pipelines.get(&pipeline)?.state)
    }

    /// Messages and bytes that wait to be transmitted for `target`.
    #[must_use]
    pub fn outbox_len(&self, target: Target) -> (usize, usize) {
        match target {
            Target::Pool => self.lane.len(),
            Target::Pipeline(pipeline) => self
                .pipelines
                .get(&pipeline)
                .map_or((0, 0), |entry| entry.lane.len()),
        }
    }

    /// Whether [`send_input`](Self::send_input) would find the outbox full.
    #[must_use]
    pub fn is_full(&self, pipeline: PipelineId) -> bool {
        let (messages, bytes) = self.outbox_len(Target::Pipeline(pipeline));
        messages >= self.config.limits.outbox_messages || bytes >= self.config.limits.outbox_bytes
    }

    // ---- What the parts of the client share ----

    fn must_be(&self, state: PoolState) -> Result<(), MisuseError> {
        if self.state() == state {
            Ok(())
        } else {
            Err(self.not(state))
        }
    }

    fn not(&self, must_be: PoolState) -> MisuseError {
        MisuseError::PoolState {
            must_be,
            is: self.state(),
        }
    }

    fn needs_version(&self, needs: ProtocolVersion) -> Result<(), MisuseError> {
        match self.agreed {
            Some(agreed) if agreed < needs => Err(MisuseError::NeedsVersion { needs, agreed }),
            _ => Ok(()),
        }
    }

    fn pipeline_mut(&mut self, pipeline: PipelineId) -> Result<&mut Pipeline, MisuseError> {
        self.pipelines
            .get_mut(&pipeline)
            .ok_or(MisuseError::UnknownPipeline(pipeline))
    }

    fn header(&self, kind: MessageKind, pipeline: Option<PipelineId>) -> Header {
        Header {
            destination: Destination::Server,
            kind,
            pool: Some(self.id),
            pipeline,
        }
    }

    fn queue_for_pool(&mut self, kind: MessageKind, value: &Value) {
        let message = self.header(kind, None).with_value(value);
        self.queue(Target::Pool, Stream::Default, message);
    }

    fn queue(&mut self, target: Target, stream: Stream, message: Bytes) {
        let object = self.take_object();
        match target {
            Target::Pool => self.lane.push(stream, object, message),
            Target::Pipeline(pipeline) => {
                if let Some(entry) = self.pipelines.get_mut(&pipeline) {
                    entry.lane.push(stream, object, message);
                }
            }
        }
    }

    fn take_object(&mut self) -> ObjectId {
        let object = self.next_object;
        self.next_object = object.next();
        object
    }

    fn start(
        &mut self,
        pipeline: PipelineId,
        kind: MessageKind,
        body: &Value,
        input: InputSide,
    ) -> Result<(), MisuseError> {
        self.must_be(PoolState::Opened)?;
        self.check_new(pipeline)?;
        self.pipelines
            .insert(pipeline, Pipeline::new(&self.pipeline_limits(), input));
        let message = self.header(kind, Some(pipeline)).with_value(body);
        self.queue(Target::Pipeline(pipeline), Stream::Default, message);
        Ok(())
    }

    fn check_new(&self, pipeline: PipelineId) -> Result<(), MisuseError> {
        if self.pipelines.contains_key(&pipeline) {
            return Err(MisuseError::DuplicatePipeline(pipeline));
        }
        let limit = self.config.limits.pipelines;
        if self.pipelines.len() >= limit {
            return Err(MisuseError::TooMany {
                what: "pipelines",
                limit,
            });
        }
        Ok(())
    }

    fn pipeline_limits(&self) -> psrp_codec::Limits {
        let mut limits = self.config.limits.codec;
        limits.total_size = self.config.limits.pipeline_total;
        limits
    }

    fn check_input(&mut self, pipeline: PipelineId) -> Result<(), MisuseError> {
        let is_full = self.is_full(pipeline);
        let entry = self.pipeline_mut(pipeline)?;
        if entry.has_ended() || entry.stop_asked {
            return Err(MisuseError::PipelineEnded(pipeline));
        }
        match entry.input {
            InputSide::None | InputSide::Ended => Err(MisuseError::NoInput(pipeline)),
            InputSide::Open if is_full => Err(MisuseError::OutboxFull),
            InputSide::Open => Ok(()),
        }
    }

    fn set_timer(&mut self, now: Instant, timer: Timer, after: Duration) {
        self.timers.set(timer, now.checked_add(after));
    }

    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        debug!(pool = %self.id, state = %self.state(), "Pool changed state");
    }

    /// The pipeline is over: its one `PipelineEnded`, and it will be closed on the wire.
    fn end_pipeline(&mut self, now: Instant, pipeline: PipelineId, how: Ending) {
        let Some(entry) = self
            .pipelines
            .get_mut(&pipeline)
            .filter(|entry| !entry.has_ended())
        else {
            return;
        };
        // Whatever the server says of a pipeline that was stopped, it was stopped.
        let how = match how {
            Ending::Completed if entry.stop_asked => Ending::Stopped(None),
            Ending::Failed(reason) if entry.stop_asked => Ending::Stopped(reason),
            Ending::Lost(_) if entry.stop_asked => Ending::Stopped(None),
            how => how,
        };
        entry.end(match &how {
            Ending::Completed => PipelineState::Completed,
            Ending::Stopped(_) => PipelineState::Stopped,
            Ending::Failed(_) | Ending::Lost(_) => PipelineState::Failed,
        });
        if entry.wire == Wire::Unsent {
            self.forget_pipeline(pipeline);
        } else {
            self.timers.cancel(Timer::Stop(pipeline));
            self.set_timer(
                now,
                Timer::ClosePipeline(pipeline),
                self.config.timeouts.close,
            );
        }
        self.events
            .push_back(ClientEvent::PipelineEnded { pipeline, how });
    }

    /// Ends every pipeline, because the pool is closed (`None`) or lost.
    fn end_all_pipelines(&mut self, now: Instant, loss: Option<&Loss>) {
        let pipelines: Vec<_> = self.pipelines.keys().copied().collect();
        for pipeline in pipelines {
            let how = loss.map_or(Ending::Stopped(None), |loss| Ending::Lost(loss.clone()));
            self.end_pipeline(now, pipeline, how);
        }
    }

    fn forget_pipeline(&mut self, pipeline: PipelineId) {
        self.pipelines.remove(&pipeline);
        self.timers.cancel(Timer::Stop(pipeline));
        self.timers.cancel(Timer::ClosePipeline(pipeline));
    }

    /// The pool is lost. The last word to the peer is to close what is left, unless it is the
    /// transport that failed.
    fn break_off(&mut self, now: Instant, loss: Loss) {
        if self.state().is_final() {
            return;
        }
        let mut last_words = Vec::new();
        if self.is_on_wire && !matches!(loss, Loss::Transport(_)) {
            let open = |wire| matches!(wire, Wire::Opening | Wire::Open);
            let open = self.pipelines.iter().filter(|(_, entry)| open(entry.wire));
            last_words.extend(open.map(|(pipeline, _)| Transmit::ClosePipeline {
                pipeline: *pipeline,
            }));
            last_words.push(Transmit::ClosePool);
        }
        self.finish(
            now,
            Phase::Broken,
            ClientEvent::PoolBroken { loss: loss.clone() },
            Some(&loss),
        );
        self.control.extend(last_words);
    }

    fn finish(&mut self, now: Instant, phase: Phase, event: ClientEvent, loss: Option<&Loss>) {
        self.end_all_pipelines(now, loss);
        self.pipelines.clear();
        self.calls.clear();
        self.host_calls.clear();
        self.control.clear();
        self.lane = Lane::default();
        self.timers.clear();
        self.enter(phase);
        self.events.push_back(event);
    }

    fn next_transmit(&mut self, max_len: usize) -> Option<Transmit> {
        if let Some(transmit) = self.control.pop_front() {
            return Some(transmit);
        }
        match self.phase {
            Phase::BeforeOpen
            | Phase::Disconnected
            | Phase::Reconnecting
            | Phase::Disconnecting { told: true }
            | Phase::Closing { told: true }
            | Phase::Closed
            | Phase::Broken => None,
            Phase::Opening { .. } if !self.is_on_wire => {
                let first = self.lane.take_first(max_len)?;
                self.is_on_wire = true;
                Some(Transmit::OpenPool { first })
            }
            Phase::Opening { .. } | Phase::Connecting { .. } => self.pool_data(max_len),
            Phase::Opened => self
                .pool_data(max_len)
                .or_else(|| self.pipeline_transmit(max_len)),
            Phase::Disconnecting { told: false } => self.disconnect_when_idle(max_len),
            Phase::Closing { told: false } => Some(self.close_transmit()),
        }
    }

    fn pool_data(&mut self, max_len: usize) -> Option<Transmit> {
        let (stream, payload) = self.lane.take(max_len)?;
        Some(Transmit::Data {
            target: Target::Pool,
            stream,
            payload,
        })
    }

    /// What one of the pipelines owes; they take turns.
    fn pipeline_transmit(&mut self, max_len: usize) -> Option<Transmit> {
        let last = self.turn;
        for _ in 0..self.pipelines.len() {
            let after = self.turn.map_or(Bound::Unbounded, Bound::Excluded);
            let next = self.pipelines.range((after, Bound::Unbounded)).next();
            let (pipeline, _) = next.or_else(|| self.pipelines.iter().next())?;
            let pipeline = *pipeline;
            self.turn = Some(pipeline);
            if let Some(transmit) = self.transmit_of(pipeline, max_len) {
                return Some(transmit);
            }
        }
        self.turn = last;
        None
    }

    fn transmit_of(&mut self, pipeline: PipelineId, max_len: usize) -> Option<Transmit> {
        let entry = self.pipelines.get_mut(&pipeline)?;
        match entry.wire {
            Wire::Unsent if entry.foreign => {
                entry.wire = Wire::Opening;
                Some(Transmit::ConnectPipeline { pipeline })
            }
            Wire::Unsent => {
                let first = entry.lane.take_first(max_len)?;
                entry.wire = Wire::Opening;
                Some(Transmit::OpenPipeline { pipeline, first })
            }
            // Signal and close wait until the pipeline is there.
            Wire::Opening | Wire::Closing => None,
            Wire::Open if entry.signal_wanted => {
                entry.signal_wanted = false;
                Some(Transmit::Signal { pipeline })
            }
            Wire::Open if entry.close_wanted => {
                entry.wire = Wire::Closing;
                Some(Transmit::ClosePipeline { pipeline })
            }
            Wire::Open => {
                let (stream, payload) = entry.lane.take(max_len)?;
                Some(Transmit::Data {
                    target: Target::Pipeline(pipeline),
                    stream,
                    payload,
                })
            }
        }
    }

    /// Every pipeline that the server may know, then the pool.
    fn close_transmit(&mut self) -> Transmit {
        let open = self
            .pipelines
            .iter_mut()
            .find(|(_, entry)| entry.wire != Wire::Closing);
        match open {
            Some((pipeline, entry)) => {
                entry.wire = Wire::Closing;
                Transmit::ClosePipeline {
                    pipeline: *pipeline,
                }
            }
            None => {
                self.phase = Phase::Closing { told: true };
                Transmit::ClosePool
            }
        }
    }
}

fn name_of(transmit: &Transmit) -> &'static str {
    match transmit {
        Transmit::OpenPool { .. } => "OpenPool",
        Transmit::ConnectPool { .. } => "ConnectPool",
        Transmit::OpenPipeline { .. } => "OpenPipeline",
        Transmit::ConnectPipeline { .. } => "ConnectPipeline",
        Transmit::Data { .. } => "Data",
        Transmit::Signal { .. } => "Signal",
        Transmit::ClosePipeline { .. } => "ClosePipeline",
        Transmit::ClosePool => "ClosePool",
        Transmit::Disconnect => "Disconnect",
        Transmit::Reconnect => "Reconnect",
    }
}
