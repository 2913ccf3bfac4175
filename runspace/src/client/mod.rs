//! The client's side of a pool.

mod calls;
mod closing;
mod config;
mod event;
mod inbound;
mod legality;
mod outbound;
mod pipeline;
mod pipeline_commands;
mod reconnect;
mod session_key;

pub use calls::SizeChange;
pub use config::{ClientConfig, ClientTimeouts};
pub use event::ClientEvent;

use std::{
    collections::{BTreeMap, VecDeque},
    time::{Duration, Instant},
};

use bytes::Bytes;
use psrp_codec::{
    CallId, Destination, MessageKind, ObjectId, PipelineId, PipelineState, PoolId, Value,
    message::{ApplicationPrivateData, SessionCapability},
};
use tracing::{debug, trace};

use crate::{
    Ending, Loss, MisuseError, PeerError, PoolState, ProtocolVersion, Stream, Target, Transmit,
    inbox::Inbox, session_key::ClientKeyState, timers::Timers, wire::Header,
};
use pipeline::{Lane, Pipeline, Wire};

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

    // ---- Commands; the others stand in the files named after what they are about ----

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

    // ---- Inputs; `handle_input` is in `inbound` ----

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
            trace!(pool = %self.id, what = outbound::name_of(transmit), "Transmit");
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

    fn pipeline_limits(&self) -> psrp_codec::Limits {
        let mut limits = self.config.limits.codec;
        limits.total_size = self.config.limits.pipeline_total;
        limits
    }

    fn set_timer(&mut self, now: Instant, timer: Timer, after: Duration) {
        self.timers.set(timer, now.checked_add(after));
    }

    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        debug!(pool = %self.id, state = %self.state(), "Pool changed state");
    }
}
