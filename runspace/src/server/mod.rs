//! The server's side of a pool.

mod closing;
mod config;
mod connect;
mod event;
mod inbound;
mod legality;
mod output;
mod pipeline;

pub use config::{BufferMode, ServerConfig, ServerTimeouts};
pub use event::ServerEvent;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    ops::Bound,
    time::{Duration, Instant},
};

use bytes::{Bytes, BytesMut};
use psrp_codec::{
    CallId, Destination, MessageKind, ObjectId, PipelineId, PoolId, Value,
    message::ApplicationPrivateData,
};
use tracing::debug;

use crate::{
    Carrier, PeerError, PoolState, ProtocolVersion, Receive, ServerTransmit, Target,
    timers::Timers, wire::Header,
};
use pipeline::{Channel, Pipeline};

/// The server's side of one runspace pool, without any I/O.
///
/// After every command and every input, poll what is owed to the wire, the events, and the time of
/// the next timeout. On a transport that [pushes](Carrier::Push), everything is in
/// [`poll_transmit`](Self::poll_transmit). On one that is [polled](Carrier::Poll), first see with
/// [`poll_receive`](Self::poll_receive) whether there is something for the receives that clients
/// have open, and then take the answers from [`poll_transmit`](Self::poll_transmit).
///
/// # What is delivered
///
/// A message stays in its outbox until it is confirmed. On a transport that pushes, handing out
/// confirms. On one that is polled, what [`poll_receive`](Self::poll_receive) handed out for a
/// target is confirmed by the next call for the same target (a client asks again only after it
/// has read the last answer), by an orderly [`Disconnect`](crate::ServerInput::Disconnect), and by
/// closing the pipeline; not by [`ClientLost`](crate::ServerInput::ClientLost). Until then:
///
/// - [`Reconnect`](crate::ServerInput::Reconnect) and [`rewind`](Self::rewind) give exactly the
///   unconfirmed fragments again. The client keeps what it had and drops fragments that it has
///   seen, so it gets every message once.
/// - [`ConnectPool`](crate::ServerInput::ConnectPool) gives the new client every message again of
///   which any part is unconfirmed, from its start. What the client before it has confirmed is
///   not repeated; a client that dies while it reads an answer takes nothing with it.
///
/// A host call that a client confirmed and never answered is put to the next client again.
#[derive(Debug)]
pub struct ServerPool {
    config: ServerConfig,
    phase: Phase,
    /// Adopted from INIT_RUNSPACEPOOL.
    id: Option<PoolId>,
    /// The version that both sides speak, once it is agreed on.
    agreed: Option<ProtocolVersion>,
    private_data: Option<ApplicationPrivateData>,
    /// How many runspaces the pool has at least and at most.
    size: (i32, i32),
    next_object: ObjectId,
    channel: Channel,
    pipelines: BTreeMap<PipelineId, Pipeline>,
    /// Resets that the application has to answer.
    resets: BTreeSet<CallId>,
    /// The pipeline that transmitted last: the others come first next time.
    turn: Option<PipelineId>,
    /// What waits for nothing.
    replies: VecDeque<ServerTransmit>,
    events: VecDeque<ServerEvent>,
    timers: Timers<Timer>,
    /// A close that is to be answered once everything has gone out.
    pool_closed_owed: bool,
}

/// Where the pool stands, more finely than [`PoolState`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Phase {
    /// The client's SESSION_CAPABILITY is not in.
    NegotiationPending,
    /// It is, and INIT_RUNSPACEPOOL is not.
    Established,
    /// The application makes the runspaces.
    Opening,
    Opened,
    Disconnected,
    /// Pipelines are ending. With `wait_for_client` they are left alone for now, since the client
    /// has to close them first.
    Closing {
        wait_for_client: bool,
    },
    Closed,
    Broken,
}

/// What a server waits for.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Timer {
    PublicKey,
    PipelinesClose,
    Stop(PipelineId),
}

impl ServerPool {
    /// A pool that no client has asked for yet.
    #[must_use]
    pub fn new(config: ServerConfig) -> Self {
        Self {
            phase: Phase::NegotiationPending,
            id: None,
            agreed: None,
            private_data: None,
            size: (1, 1),
            next_object: ObjectId::FIRST,
            channel: Channel::new(&config.limits.codec),
            pipelines: BTreeMap::new(),
            resets: BTreeSet::new(),
            turn: None,
            replies: VecDeque::new(),
            events: VecDeque::new(),
            timers: Timers::new(),
            pool_closed_owed: false,
            config,
        }
    }

    // ---- Commands are in `output` and `closing`, inputs in `inbound` ----

    /// What time does: clients that did not answer, pipelines that did not stop.
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some(timer) = self.timers.take_expired(now) {
            debug!(pool = ?self.id, ?timer, "Timer expired");
            match timer {
                Timer::PublicKey => self.break_off(PeerError::TimedOut("send its public key")),
                Timer::PipelinesClose => self.stop_all(now),
                Timer::Stop(pipeline) => self.abandon(pipeline),
            }
        }
    }

    // ---- Outputs ----

    /// What is owed to the wire next, with payloads of at most `max_len` bytes: answers, and, on
    /// a transport that pushes, data. Pipelines take turns.
    #[must_use]
    pub fn poll_transmit(&mut self, max_len: usize) -> Option<ServerTransmit> {
        if let Some(reply) = self.replies.pop_front() {
            return Some(reply);
        }
        // The last words of pipelines before those of the pool.
        let is_over = self.state().is_final();
        let data = if is_over {
            let data = self.pipeline_transmit(max_len);
            data.or_else(|| self.push_data(Target::Pool, max_len))
        } else {
            let data = self.push_data(Target::Pool, max_len);
            data.or_else(|| self.pipeline_transmit(max_len))
        };
        data.or_else(|| {
            let owed = is_over && std::mem::take(&mut self.pool_closed_owed);
            owed.then_some(ServerTransmit::PoolClosed)
        })
    }

    /// What there is for a client that asks for this target, at most `max_len` bytes of it; `None`
    /// when it has to wait.
    ///
    /// Call it once for every receive that a client sends, and again for a receive that had to
    /// wait, when something has changed: each call confirms what the one before it for the same
    /// target gave.
    #[must_use]
    pub fn poll_receive(&mut self, target: Target, max_len: usize) -> Option<Receive> {
        let is_over = self.state().is_final();
        let (channel, may_be_done) = match target {
            Target::Pool => (&mut self.channel, is_over),
            Target::Pipeline(pipeline) => match self.pipelines.get_mut(&pipeline) {
                Some(entry) => {
                    let has_ended = entry.has_ended();
                    (&mut entry.channel, has_ended)
                }
                // Closed, or never there: nothing more will come.
                None => {
                    return Some(Receive {
                        payload: Bytes::new(),
                        done: true,
                    });
                }
            },
        };
        channel.outbox.confirm();
        let mut packet = BytesMut::new();
        channel.outbox.fill(max_len, &mut packet);
        let done = may_be_done && channel.outbox.is_drained();
        (done || !packet.is_empty()).then(|| Receive {
            payload: packet.freeze(),
            done,
        })
    }

    /// The answer that [`poll_receive`](Self::poll_receive) last gave for this target did not
    /// reach the client, which is still there: it is given again.
    pub fn rewind(&mut self, target: Target) {
        if let Some(channel) = self.channel_mut(target) {
            channel.outbox.rewind();
        }
    }

    /// When [`handle_timeout`](Self::handle_timeout) has to be called, if nothing happens before.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.timers.next()
    }

    /// What happened, oldest first.
    #[must_use]
    pub fn poll_event(&mut self) -> Option<ServerEvent> {
        self.events.pop_front()
    }

    // ---- Getters ----

    /// The pool's id, once a client has given it.
    #[must_use]
    pub const fn id(&self) -> Option<PoolId> {
        self.id
    }

    /// Where the pool stands.
    #[must_use]
    pub const fn state(&self) -> PoolState {
        match self.phase {
            Phase::NegotiationPending | Phase::Established => PoolState::BeforeOpen,
            Phase::Opening => PoolState::Opening,
            Phase::Opened => PoolState::Opened,
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

    /// How many runspaces the client wants at least and at most.
    #[must_use]
    pub const fn runspaces(&self) -> (i32, i32) {
        self.size
    }

    /// The pipelines that the client has not closed, and whether each has ended.
    pub fn pipelines(&self) -> impl Iterator<Item = (PipelineId, bool)> {
        self.pipelines
            .iter()
            .map(|(id, entry)| (*id, entry.has_ended()))
    }

    /// Messages and bytes that wait for `target`, those included that have been handed out and not
    /// confirmed.
    #[must_use]
    pub fn outbox_len(&self, target: Target) -> (usize, usize) {
        let outbox = match target {
            Target::Pool => &self.channel.outbox,
            Target::Pipeline(pipeline) => match self.pipelines.get(&pipeline) {
                Some(entry) => &entry.channel.outbox,
                None => return (0, 0),
            },
        };
        (outbox.len(), outbox.bytes())
    }

    /// Whether output for `target` has to wait. Never while a disconnected pool drops output.
    #[must_use]
    pub fn is_full(&self, target: Target) -> bool {
        let (messages, bytes) = self.outbox_len(target);
        let limits = &self.config.limits;
        !self.drops() && (messages >= limits.outbox_messages || bytes >= limits.outbox_bytes)
    }

    /// How many messages for `target` were dropped while the pool was disconnected.
    #[must_use]
    pub fn dropped(&self, target: Target) -> u64 {
        match target {
            Target::Pool => self.channel.dropped,
            Target::Pipeline(pipeline) => self
                .pipelines
                .get(&pipeline)
                .map_or(0, |entry| entry.channel.dropped),
        }
    }

    /// What happens from now on to output of a disconnected pool.
    pub const fn set_buffer_mode(&mut self, mode: BufferMode) {
        self.config.buffer_mode = mode;
    }

    // ---- What the parts of the server share ----

    fn drops(&self) -> bool {
        self.phase == Phase::Disconnected && self.config.buffer_mode == BufferMode::Drop
    }

    fn channel_mut(&mut self, target: Target) -> Option<&mut Channel> {
        match target {
            Target::Pool => Some(&mut self.channel),
            Target::Pipeline(pipeline) => Some(&mut self.pipelines.get_mut(&pipeline)?.channel),
        }
    }

    fn pipeline_limits(&self) -> psrp_codec::Limits {
        let mut limits = self.config.limits.codec;
        limits.total_size = self.config.limits.pipeline_total;
        limits
    }

    fn header(&self, kind: MessageKind, pipeline: Option<PipelineId>) -> Header {
        // What a server sends for the session goes without the pool's id, but in the answer to a
        // connect.
        let is_for_session = matches!(
            kind,
            MessageKind::SessionCapability
                | MessageKind::PublicKeyRequest
                | MessageKind::EncryptedSessionKey
        );
        Header {
            destination: Destination::Client,
            kind,
            pool: self.id.filter(|_| !is_for_session),
            pipeline,
        }
    }

    /// Queues a message that is never dropped.
    fn queue(&mut self, target: Target, kind: MessageKind, value: &Value) {
        let message = self.header(kind, target.pipeline()).with_value(value);
        self.push(target, message, false);
    }

    fn push(&mut self, target: Target, message: Bytes, droppable: bool) -> ObjectId {
        let object = self.take_object();
        let drops = self.drops();
        let (bytes, messages) = (
            self.config.limits.outbox_bytes,
            self.config.limits.outbox_messages,
        );
        if let Some(channel) = self.channel_mut(target) {
            channel.outbox.push(object, message, droppable);
            if drops {
                let dropped = channel.outbox.drop_oldest(bytes, messages);
                channel.dropped = channel.dropped.saturating_add(dropped as u64);
            }
        }
        object
    }

    fn take_object(&mut self) -> ObjectId {
        let object = self.next_object;
        self.next_object = object.next();
        object
    }

    fn set_timer(&mut self, now: Instant, timer: Timer, after: Duration) {
        self.timers.set(timer, now.checked_add(after));
    }

    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        debug!(pool = ?self.id, state = %self.state(), "Pool changed state");
    }

    /// Data, on a transport that pushes: handed out is delivered.
    fn push_data(&mut self, target: Target, max_len: usize) -> Option<ServerTransmit> {
        if self.config.carrier != Carrier::Push {
            return None;
        }
        let channel = self.channel_mut(target)?;
        let mut packet = BytesMut::new();
        channel.outbox.fill(max_len, &mut packet);
        channel.outbox.confirm();
        (!packet.is_empty()).then(|| ServerTransmit::Data {
            target,
            payload: packet.freeze(),
        })
    }

    /// What one of the pipelines owes; they take turns.
    fn pipeline_transmit(&mut self, max_len: usize) -> Option<ServerTransmit> {
        let last = self.turn;
        for _ in 0..self.pipelines.len() {
            let after = self.turn.map_or(Bound::Unbounded, Bound::Excluded);
            let next = self.pipelines.range((after, Bound::Unbounded)).next();
            let (pipeline, _) = next.or_else(|| self.pipelines.iter().next())?;
            let pipeline = *pipeline;
            self.turn = Some(pipeline);
            let transmit = self
                .push_data(Target::Pipeline(pipeline), max_len)
                .or_else(|| self.answer_of(pipeline));
            if transmit.is_some() {
                return transmit;
            }
        }
        self.turn = last;
        None
    }
}
