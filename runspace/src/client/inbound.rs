//! What happens on the wire, message by message.

use std::time::Instant;

use bytes::Bytes;
use psrp_codec::{
    CallId, Destination, ErrorRecord, HostCall, HostMethod, MessageKind, MessageTarget,
    OwnedMessage, PipelineId, PipelineState, RunspacePoolState,
    message::{
        ApplicationPrivateData, PipelineStateInfo, RunspaceAvailability, RunspacePoolInitData,
        RunspacePoolStateInfo, SessionCapability, UserEvent,
    },
};
use tracing::{debug, trace, warn};

use super::{
    ClientEvent, ClientPool, Phase, Timer,
    legality::{Column, legality},
    pipeline::Wire,
};
use crate::{
    Ending, Input, Loss, OutputStream, PeerError, Target, legality::Legality,
    negotiation::client_agree, wire,
};

impl ClientPool {
    /// Takes what the wire tells. Nothing comes back: what follows is polled.
    pub fn handle_input(&mut self, now: Instant, input: Input) {
        if self.state().is_final() {
            return;
        }
        match input {
            Input::Accepted { target } => self.on_accepted(target),
            Input::Data { target, payload } => self.on_data(now, target, payload),
            Input::PoolConnected { payload } => self.on_pool_connected(now, payload),
            Input::PipelineConnected { pipeline } => self.on_pipeline_connected(pipeline),
            Input::PipelineDone { pipeline } => {
                self.end_pipeline(now, pipeline, Ending::Lost(Loss::NoEnd));
            }
            Input::Signalled { pipeline } => self.on_signalled(now, pipeline),
            Input::PipelineClosed { pipeline } => self.on_pipeline_closed(now, pipeline),
            Input::PipelineFailed { pipeline, error } => {
                self.end_pipeline(now, pipeline, Ending::Lost(Loss::Transport(error)));
                // It may never have come to be; closing it costs little and leaves nothing behind.
                if let Some(entry) = self.pipelines.get_mut(&pipeline) {
                    entry.lane.in_flight = false;
                    if entry.wire == Wire::Opening {
                        entry.wire = Wire::Open;
                    }
                }
            }
            Input::PoolClosed => self.on_pool_closed(now),
            Input::Disconnected => self.on_disconnected(),
            Input::Reconnected => self.on_reconnected(),
            Input::Failed { error } => match self.phase {
                Phase::Closing { .. } => self.on_pool_closed(now),
                _ => self.break_off(now, Loss::Transport(error)),
            },
        }
    }

    fn on_accepted(&mut self, target: Target) {
        match target {
            Target::Pool => self.lane.in_flight = false,
            Target::Pipeline(pipeline) => {
                if let Some(entry) = self.pipelines.get_mut(&pipeline) {
                    entry.lane.in_flight = false;
                    if entry.wire == Wire::Opening && !entry.foreign {
                        entry.wire = Wire::Open;
                    }
                }
            }
        }
    }

    fn on_data(&mut self, now: Instant, target: Target, payload: Bytes) {
        match target {
            Target::Pool => self.inbox.put(payload),
            Target::Pipeline(pipeline) => match self.pipelines.get_mut(&pipeline) {
                Some(entry) if !entry.has_ended() => entry.inbox.put(payload),
                _ => return,
            },
        }
        loop {
            let next = match target {
                Target::Pool => self.inbox.next(),
                Target::Pipeline(pipeline) => match self.pipelines.get_mut(&pipeline) {
                    Some(entry) => entry.inbox.next(),
                    None => return,
                },
            };
            let result = match next {
                Ok(None) => return,
                Ok(Some(message)) => self.on_message(now, &message),
                Err(error) => Err(PeerError::Fragments(error)),
            };
            if let Err(error) = result {
                // What is wrong in a pipeline's stream costs the pipeline, not the pool.
                match target {
                    Target::Pipeline(pipeline) if !is_fatal(&error) => {
                        debug!(pool = %self.id, %pipeline, %error, "Pipeline lost");
                        self.end_pipeline(now, pipeline, Ending::Lost(Loss::Peer(error)));
                    }
                    _ => self.break_off(now, Loss::Peer(error)),
                }
                return;
            }
            if self.state().is_final() {
                return;
            }
        }
    }

    fn on_message(&mut self, now: Instant, message: &OwnedMessage) -> Result<(), PeerError> {
        let kind = message.kind;
        trace!(pool = %self.id, %kind, len = message.data.len(), "Received");
        if message.destination != Destination::Client {
            return Err(PeerError::WrongDestination { got: kind });
        }
        match legality(kind, self.column()) {
            Legality::Process => {}
            Legality::Ignore => {
                debug!(pool = %self.id, %kind, state = %self.state(), "Message ignored");
                return Ok(());
            }
            Legality::Fatal => {
                return Err(PeerError::OutOfOrder {
                    got: kind,
                    state: self.state(),
                });
            }
        }
        match kind.target() {
            Some(MessageTarget::Pipeline) => self.on_pipeline_message(now, message),
            // A server leaves the pool out of what it sends for the session.
            Some(MessageTarget::RunspacePool) if message.pool != Some(self.id) => {
                debug!(pool = %self.id, %kind, "Message for another pool ignored");
                Ok(())
            }
            _ => self.on_pool_message(now, message),
        }
    }

    fn column(&self) -> Column {
        match self.phase {
            Phase::Opening { negotiated: false } | Phase::Connecting { negotiated: false } => {
                Column::NegotiationSent
            }
            Phase::Opening { negotiated: true } => Column::Opening,
            Phase::Connecting { negotiated: true } => Column::Connecting,
            Phase::Opened => Column::Opened,
            Phase::Disconnecting { .. } | Phase::Disconnected | Phase::Reconnecting => {
                Column::Disconnected
            }
            Phase::Closing { .. } => Column::Closing,
            Phase::BeforeOpen | Phase::Closed | Phase::Broken => Column::Over,
        }
    }

    fn on_pool_message(&mut self, now: Instant, message: &OwnedMessage) -> Result<(), PeerError> {
        let limits = self.config.limits.codec;
        match message.kind {
            MessageKind::SessionCapability => {
                let theirs = wire::body(message, &limits, SessionCapability::from_value)?;
                self.on_capability(&theirs)?;
                self.enter(Phase::Opening { negotiated: true });
                Ok(())
            }
            MessageKind::ApplicationPrivateData => {
                let data = wire::body(message, &limits, ApplicationPrivateData::from_value)?;
                self.private_data.get_or_insert(data);
                if self.phase == (Phase::Connecting { negotiated: true }) {
                    self.on_opened();
                }
                Ok(())
            }
            MessageKind::RunspacePoolInitData => {
                let data = wire::body(message, &limits, RunspacePoolInitData::from_value)?;
                self.size = data.size();
                Ok(())
            }
            MessageKind::RunspacePoolState => {
                let info = wire::body(message, &limits, RunspacePoolStateInfo::from_value)?;
                self.on_pool_state(now, info.state, info.reason);
                Ok(())
            }
            MessageKind::RunspaceAvailability => {
                let answer = wire::body(message, &limits, RunspaceAvailability::from_value)?;
                self.on_availability(&answer);
                Ok(())
            }
            MessageKind::UserEvent => {
                let event = wire::body(message, &limits, UserEvent::from_value)?;
                self.events
                    .push_back(ClientEvent::UserEvent(Box::new(event)));
                Ok(())
            }
            MessageKind::RunspacePoolHostCall => self.on_host_call(Target::Pool, message),
            MessageKind::PublicKeyRequest => {
                self.on_public_key_request(now);
                Ok(())
            }
            MessageKind::EncryptedSessionKey => self.on_session_key(message),
            // The table lets nothing else through.
            _ => Ok(()),
        }
    }

    /// The versions of the server: what both can do is what holds from here on.
    pub(super) fn on_capability(&mut self, theirs: &SessionCapability) -> Result<(), PeerError> {
        let agreed = client_agree(self.config.protocol, theirs)?;
        debug!(pool = %self.id, protocol = %agreed, "Versions agreed on");
        self.agreed = Some(agreed);
        Ok(())
    }

    fn on_pool_state(
        &mut self,
        now: Instant,
        state: RunspacePoolState,
        reason: Option<Box<ErrorRecord>>,
    ) {
        match state {
            RunspacePoolState::Opened if matches!(self.phase, Phase::Opening { .. }) => {
                self.on_opened();
            }
            RunspacePoolState::Closed => match self.phase {
                Phase::Opening { .. } => self.break_off(now, Loss::PoolBroken(reason)),
                // The transport may still want its own close; to whoever listens, this is it.
                _ => {
                    let close = self.last_close();
                    self.finish(now, Phase::Closed, ClientEvent::PoolClosed, None);
                    self.control.extend(close);
                }
            },
            RunspacePoolState::Broken if matches!(self.phase, Phase::Closing { .. }) => {
                self.on_pool_closed(now);
            }
            RunspacePoolState::Broken => self.break_off(now, Loss::PoolBroken(reason)),
            // Closing is announced and then comes Closed; the others do not travel.
            _ => {}
        }
    }

    pub(super) fn on_opened(&mut self) {
        self.timers.cancel(Timer::Open);
        self.enter(Phase::Opened);
        self.events.push_back(ClientEvent::PoolOpened);
    }

    fn on_pool_closed(&mut self, now: Instant) {
        self.finish(now, Phase::Closed, ClientEvent::PoolClosed, None);
    }

    /// What is left to close on the wire when the server closed the pool by itself.
    fn last_close(&self) -> Option<crate::Transmit> {
        (!matches!(self.phase, Phase::Closing { .. })).then_some(crate::Transmit::ClosePool)
    }

    fn on_pipeline_message(
        &mut self,
        now: Instant,
        message: &OwnedMessage,
    ) -> Result<(), PeerError> {
        // Pipelines that nobody knows: those that the server runs by itself, and late words.
        let Some(pipeline) = message.pipeline else {
            return Ok(());
        };
        let Some(entry) = self
            .pipelines
            .get(&pipeline)
            .filter(|entry| !entry.has_ended())
        else {
            return Ok(());
        };
        if message.pool != Some(self.id) {
            return Ok(());
        }
        let stop_asked = entry.stop_asked;
        match message.kind {
            MessageKind::PipelineState => {
                let limits = self.config.limits.codec;
                let info = wire::body(message, &limits, PipelineStateInfo::from_value)?;
                let how = match info.state {
                    PipelineState::Completed => Ending::Completed,
                    PipelineState::Stopped => Ending::Stopped(info.reason),
                    PipelineState::Failed => Ending::Failed(info.reason),
                    // No server sends these.
                    _ => return Ok(()),
                };
                self.end_pipeline(now, pipeline, how);
                Ok(())
            }
            MessageKind::PipelineHostCall if stop_asked => Ok(()),
            MessageKind::PipelineHostCall => self.on_host_call(Target::Pipeline(pipeline), message),
            kind => {
                if let Some(stream) = OutputStream::of(kind) {
                    let value = wire::encoded(message)?;
                    self.events.push_back(ClientEvent::PipelineOutput {
                        pipeline,
                        stream,
                        value,
                    });
                } else {
                    debug!(pool = %self.id, %kind, "Message ignored");
                }
                Ok(())
            }
        }
    }

    fn on_host_call(&mut self, target: Target, message: &OwnedMessage) -> Result<(), PeerError> {
        let HostCall { call, request } =
            wire::body(message, &self.config.limits.codec, HostCall::from_value)?;
        let number = request.method_number();
        // The table says what is answered, not the call's id.
        let is_void =
            HostMethod::from_i32(number).map_or(call == CallId::VOID, HostMethod::is_void);
        if !is_void {
            let limit = self.config.limits.host_calls;
            let waiting = match target {
                Target::Pool => &mut self.host_calls,
                Target::Pipeline(pipeline) => match self.pipelines.get_mut(&pipeline) {
                    Some(entry) => &mut entry.host_calls,
                    None => return Ok(()),
                },
            };
            if waiting.len() >= limit {
                return Err(PeerError::TooMany {
                    what: "host calls at once",
                    limit,
                });
            }
            waiting.insert(call, number);
        }
        self.events.push_back(ClientEvent::HostCall {
            target,
            call: (!is_void).then_some(call),
            request: Box::new(request),
        });
        Ok(())
    }

    fn on_signalled(&mut self, now: Instant, pipeline: PipelineId) {
        let Some(entry) = self.pipelines.get(&pipeline) else {
            return;
        };
        if !entry.has_ended() {
            if entry.stop_asked {
                self.set_timer(
                    now,
                    Timer::Stop(pipeline),
                    self.config.timeouts.stopped_state,
                );
            } else {
                warn!(pool = %self.id, %pipeline, "Signalled without a signal");
            }
        }
    }

    fn on_pipeline_closed(&mut self, now: Instant, pipeline: PipelineId) {
        self.end_pipeline(now, pipeline, Ending::Lost(Loss::NoEnd));
        self.forget_pipeline(pipeline);
    }

    fn on_pipeline_connected(&mut self, pipeline: PipelineId) {
        let Some(entry) = self.pipelines.get_mut(&pipeline) else {
            return;
        };
        if entry.foreign && entry.wire == Wire::Opening {
            entry.wire = Wire::Open;
            if !entry.has_ended() {
                entry.state = PipelineState::Running;
                self.events
                    .push_back(ClientEvent::PipelineConnected { pipeline });
            }
        }
    }
}

/// Whether an error that came on a pipeline's stream is the whole pool's.
fn is_fatal(error: &PeerError) -> bool {
    matches!(error, PeerError::OutOfOrder { .. })
}
