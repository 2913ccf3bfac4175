//! Leaving a pool, coming back to it, and taking over another client's.

use std::time::Instant;

use bytes::{Bytes, BytesMut};
use psrp_codec::{
    Destination, Encode, MessageKind, OwnedMessage, PipelineId, PipelineState,
    message::{ConnectRunspacePool, RunspacePoolInitData, SessionCapability},
    split,
};

use super::{
    ClientEvent, ClientPool, Phase, Timer,
    pipeline::{Pipeline, Wire},
};
use crate::{
    Loss, MisuseError, PeerError, PoolState, ProtocolVersion, Transmit, inbox::Inbox, wire,
};

impl ClientPool {
    /// Connects to a pool that another client left, and to these of its pipelines.
    /// [`ClientEvent::PoolOpened`] follows, then [`ClientEvent::PipelineConnected`] for each.
    ///
    /// The pool must have been made with the id that the server has for it. Every client has to
    /// exchange the session key for itself.
    ///
    /// # Errors
    /// When the pool was opened or connected before, the transport cannot connect, or there are
    /// too many pipelines.
    pub fn connect(
        &mut self,
        now: Instant,
        pipelines: impl IntoIterator<Item = PipelineId>,
    ) -> Result<(), MisuseError> {
        self.must_be(PoolState::BeforeOpen)?;
        self.transport_must_disconnect()?;
        let limits = self.pipeline_limits();
        let mut entries = Vec::new();
        for pipeline in pipelines {
            entries.push((pipeline, Pipeline::foreign(&limits)));
        }
        let limit = self.config.limits.pipelines;
        if entries.len() > limit {
            return Err(MisuseError::TooMany {
                what: "pipelines",
                limit,
            });
        }
        self.pipelines.extend(entries);
        // The stream of the pool may begin in the middle of a message.
        self.inbox = Inbox::joined(&self.config.limits.codec);
        let capability = SessionCapability::new(self.config.protocol.into()).to_value();
        let connect = ConnectRunspacePool::default().to_value();
        let messages = [
            self.header(MessageKind::SessionCapability, None)
                .with_value(&capability),
            self.header(MessageKind::ConnectRunspacePool, None)
                .with_value(&connect),
        ];
        let mut payload = BytesMut::new();
        for message in messages {
            let object = self.take_object();
            for fragment in split(object, &message, usize::MAX) {
                fragment.encode(&mut payload);
            }
        }
        self.control.push_back(Transmit::ConnectPool {
            payload: payload.freeze(),
        });
        self.is_on_wire = true;
        self.enter(Phase::Connecting { negotiated: false });
        self.set_timer(now, Timer::Open, self.config.timeouts.open);
        Ok(())
    }

    /// Connects to one more pipeline that another client started.
    /// [`ClientEvent::PipelineConnected`] follows.
    ///
    /// # Errors
    /// When the pool is not open, the transport cannot connect, the id is in use or there are too
    /// many pipelines.
    pub fn connect_pipeline(&mut self, pipeline: PipelineId) -> Result<(), MisuseError> {
        self.must_be(PoolState::Opened)?;
        self.transport_must_disconnect()?;
        self.check_new(pipeline)?;
        let entry = Pipeline::foreign(&self.pipeline_limits());
        self.pipelines.insert(pipeline, entry);
        Ok(())
    }

    /// Leaves the pool. What runs goes on running. [`ClientEvent::PoolDisconnected`] follows, once
    /// what is on its way has been accepted and a session key under way has come; what is not on
    /// its way yet waits for [`reconnect`](Self::reconnect).
    ///
    /// # Errors
    /// When the pool is not open, the transport cannot disconnect, or the server speaks a protocol
    /// before 2.2.
    pub fn disconnect(&mut self, now: Instant) -> Result<(), MisuseError> {
        self.must_be(PoolState::Opened)?;
        self.transport_must_disconnect()?;
        self.needs_version(ProtocolVersion::V2_2)?;
        self.enter(Phase::Disconnecting { told: false });
        self.set_timer(now, Timer::Open, self.config.timeouts.open);
        Ok(())
    }

    /// Comes back to the pool that this client left. [`ClientEvent::PoolReconnected`] follows.
    ///
    /// # Errors
    /// When the pool is not disconnected.
    pub fn reconnect(&mut self, now: Instant) -> Result<(), MisuseError> {
        self.must_be(PoolState::Disconnected)?;
        self.control.push_back(Transmit::Reconnect);
        self.enter(Phase::Reconnecting);
        self.set_timer(now, Timer::Open, self.config.timeouts.open);
        Ok(())
    }

    fn transport_must_disconnect(&self) -> Result<(), MisuseError> {
        if self.config.can_disconnect {
            Ok(())
        } else {
            Err(MisuseError::Transport("disconnect and connect"))
        }
    }

    /// Disconnect goes out when nothing else is on its way.
    pub(super) fn disconnect_when_idle(&mut self, max_len: usize) -> Option<Transmit> {
        // The answer to an exchange may hang on what is still queued for the pool.
        if self.key.is_sent() {
            return self.pool_data(max_len);
        }
        let in_flight = self.lane.in_flight
            || self.pipelines.values().any(|entry| {
                entry.lane.in_flight || matches!(entry.wire, Wire::Opening | Wire::Closing)
            });
        if in_flight {
            return None;
        }
        self.phase = Phase::Disconnecting { told: true };
        Some(Transmit::Disconnect)
    }

    pub(super) fn on_pool_connected(&mut self, now: Instant, payload: Bytes) {
        if self.phase != (Phase::Connecting { negotiated: false }) {
            return;
        }
        match self.read_connect_response(payload) {
            Ok((capability, data)) => match self.on_connect_response(&capability, data) {
                Ok(()) => self.enter(Phase::Connecting { negotiated: true }),
                Err(error) => self.break_off(now, Loss::Peer(error)),
            },
            Err(error) => self.break_off(now, Loss::Peer(error)),
        }
    }

    /// The response holds its two messages and nothing else. Their ids may be those of messages
    /// that come later, so they do not go through the pool's own stream.
    fn read_connect_response(
        &self,
        payload: Bytes,
    ) -> Result<(OwnedMessage, OwnedMessage), PeerError> {
        let mut inbox = Inbox::new(&self.config.limits.codec);
        inbox.put(payload);
        let mut next = |kind: MessageKind| {
            let message = inbox.next().map_err(PeerError::Fragments)?;
            match message {
                Some(message) if message.kind != kind => {
                    Err(PeerError::ConnectPayload(kind.name()))
                }
                Some(message) if message.destination != Destination::Client => {
                    Err(PeerError::WrongDestination { got: kind })
                }
                Some(message) => Ok(message),
                None => Err(PeerError::ConnectPayload(kind.name())),
            }
        };
        Ok((
            next(MessageKind::SessionCapability)?,
            next(MessageKind::RunspacePoolInitData)?,
        ))
    }

    fn on_connect_response(
        &mut self,
        capability: &OwnedMessage,
        data: OwnedMessage,
    ) -> Result<(), PeerError> {
        let limits = self.config.limits.codec;
        let capability = wire::body(capability, &limits, SessionCapability::from_value)?;
        let data = wire::body(&data, &limits, RunspacePoolInitData::from_value)?;
        self.on_capability(&capability)?;
        match self.agreed {
            Some(agreed) if !agreed.can_disconnect() => Err(PeerError::CannotConnect(agreed)),
            _ => {
                self.size = data.size();
                Ok(())
            }
        }
    }

    /// Asked for or not: the server has no client now.
    pub(super) fn on_disconnected(&mut self) {
        if !matches!(
            self.phase,
            Phase::Opened | Phase::Disconnecting { .. } | Phase::Reconnecting
        ) {
            return;
        }
        self.timers.cancel(Timer::Open);
        self.lane.in_flight = false;
        for entry in self.pipelines.values_mut() {
            entry.lane.in_flight = false;
            if entry.state == PipelineState::Running {
                entry.state = PipelineState::Disconnected;
            }
        }
        self.enter(Phase::Disconnected);
        self.events.push_back(ClientEvent::PoolDisconnected);
    }

    pub(super) fn on_reconnected(&mut self) {
        if self.phase != Phase::Reconnecting {
            return;
        }
        self.timers.cancel(Timer::Open);
        self.inbox.expect_repeats();
        for entry in self.pipelines.values_mut() {
            entry.inbox.expect_repeats();
            // A foreign one that is not connected yet will be.
            let is_ours = !entry.foreign || entry.wire == Wire::Open;
            if entry.state == PipelineState::Disconnected && is_ours {
                entry.state = PipelineState::Running;
            }
        }
        self.enter(Phase::Opened);
        self.events.push_back(ClientEvent::PoolReconnected);
    }
}
