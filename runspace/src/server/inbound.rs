//! What happens on the wire, message by message.

use std::time::Instant;

use bytes::Bytes;
use psrp_codec::{
    Destination, HostResponse, MessageKind, MessageTarget, OwnedMessage, PipelineId,
    message::{
        AvailabilityResponse, CreatePipeline, GetAvailableRunspaces, GetCommandMetadata,
        InitRunspacePool, PublicKey, ResetRunspaceState, SessionCapability, SetMaxRunspaces,
        SetMinRunspaces,
    },
};
use tracing::{debug, trace};

use super::{
    Phase, ServerEvent, ServerPool, Timer,
    legality::{Column, legality},
    pipeline::{InputSide, Pipeline, Stage, Work},
};
use crate::{
    PeerError, ServerInput, ServerTransmit, Stream, Target, legality::Legality,
    negotiation::server_agree, session_key::CryptoError, wire,
};

impl ServerPool {
    /// Takes what the wire tells. Nothing comes back: what follows is polled.
    pub fn handle_input(&mut self, now: Instant, input: ServerInput) {
        match input {
            ServerInput::OpenPool { first } => {
                self.on_data(now, Target::Pool, Stream::Default, first);
            }
            ServerInput::ConnectPool { payload } => self.on_connect(payload),
            ServerInput::OpenPipeline { pipeline, first } => {
                self.on_open_pipeline(now, pipeline, first);
            }
            ServerInput::Data {
                target,
                stream,
                payload,
            } => self.on_data(now, target, stream, payload),
            ServerInput::Signal { pipeline } => self.on_signal(now, pipeline),
            ServerInput::ClosePipeline { pipeline } => self.on_close_pipeline(now, pipeline),
            ServerInput::ClosePool => self.on_close_pool(now),
            ServerInput::Disconnect => self.on_disconnect(),
            ServerInput::ClientLost => self.on_client_lost(),
            ServerInput::Reconnect => self.on_reconnect(),
            ServerInput::EndOfStream => self.end_of_stream(now),
        }
    }

    fn on_open_pipeline(&mut self, now: Instant, pipeline: PipelineId, first: Bytes) {
        let limit = self.config.limits.pipelines;
        let refusal = if !matches!(self.phase, Phase::Opening | Phase::Opened) {
            Some(PeerError::NotReady(self.state()))
        } else if self.pipelines.contains_key(&pipeline) {
            Some(PeerError::DuplicatePipeline(pipeline))
        } else if self.pipelines.len() >= limit {
            Some(PeerError::TooMany {
                what: "pipelines",
                limit,
            })
        } else {
            None
        };
        if let Some(error) = refusal {
            self.replies
                .push_back(ServerTransmit::PipelineRefused { pipeline, error });
            return;
        }
        let entry = Pipeline::new(&self.pipeline_limits());
        self.pipelines.insert(pipeline, entry);
        if !first.is_empty() {
            self.on_data(now, Target::Pipeline(pipeline), Stream::Default, first);
        }
    }

    fn on_data(&mut self, now: Instant, target: Target, stream: Stream, payload: Bytes) {
        if self.state().is_final() {
            return;
        }
        // For a pipeline that is gone: the client could not know.
        let Some(channel) = self.channel_mut(target) else {
            return;
        };
        channel.inbox(stream).put(payload);
        loop {
            let Some(channel) = self.channel_mut(target) else {
                return;
            };
            let result = match channel.inbox(stream).next() {
                Ok(None) => return,
                Ok(Some(message)) => self.on_message(now, target, &message),
                Err(error) => Err(PeerError::Fragments(error)),
            };
            if let Err(error) = result {
                // What is wrong in a pipeline's stream costs the pipeline, not the pool.
                match target {
                    Target::Pipeline(pipeline) if !is_fatal(&error) => {
                        debug!(pool = ?self.id, %pipeline, %error, "Pipeline failed");
                        self.fault_pipeline(pipeline, error);
                    }
                    _ => {
                        debug!(pool = ?self.id, %error, "Pool broken");
                        self.break_off(error);
                    }
                }
                return;
            }
            if self.state().is_final() {
                return;
            }
        }
    }

    fn on_message(
        &mut self,
        now: Instant,
        target: Target,
        message: &OwnedMessage,
    ) -> Result<(), PeerError> {
        let kind = message.kind;
        trace!(pool = ?self.id, %kind, len = message.data.len(), "Received");
        if message.destination != Destination::Server {
            return Err(PeerError::WrongDestination { got: kind });
        }
        match legality(kind, self.column()) {
            Legality::Process => {}
            Legality::Ignore => {
                debug!(pool = ?self.id, %kind, state = %self.state(), "Message ignored");
                return Ok(());
            }
            Legality::Fatal => {
                return Err(PeerError::OutOfOrder {
                    got: kind,
                    state: self.state(),
                });
            }
        }
        let is_for_session = kind.target() == Some(MessageTarget::Session);
        if !is_for_session && message.pool != self.id {
            return Err(PeerError::WrongPool {
                got: kind,
                pool: message.pool,
            });
        }
        match kind {
            MessageKind::CreatePipeline | MessageKind::GetCommandMetadata => {
                self.on_work(target, message)
            }
            _ if kind.target() == Some(MessageTarget::Pipeline) => {
                self.on_pipeline_message(now, target, message)
            }
            _ => self.on_pool_message(message),
        }
    }

    const fn column(&self) -> Column {
        match self.phase {
            Phase::NegotiationPending => Column::NegotiationPending,
            Phase::Established => Column::Established,
            Phase::Opening => Column::Opening,
            // Pipelines that end may still get input; what else comes is too late.
            Phase::Opened
            | Phase::Closing {
                wait_for_client: true,
            } => Column::Opened,
            Phase::Disconnected => Column::Disconnected,
            Phase::Closing { .. } | Phase::Closed | Phase::Broken => Column::Over,
        }
    }

    fn on_pool_message(&mut self, message: &OwnedMessage) -> Result<(), PeerError> {
        let limits = self.config.limits.codec;
        match message.kind {
            MessageKind::SessionCapability => {
                let theirs = wire::body(message, &limits, SessionCapability::from_value)?;
                self.on_capability(&theirs)
            }
            MessageKind::InitRunspacePool => {
                let init = wire::body(message, &limits, InitRunspacePool::from_value)?;
                self.on_init(message, init)
            }
            MessageKind::CloseSession => Err(PeerError::ClosedByPeer(message.kind)),
            MessageKind::PublicKey => {
                let key = wire::body(message, &limits, PublicKey::from_value)?;
                self.on_public_key(&key)
            }
            MessageKind::SetMaxRunspaces => {
                let call = wire::body(message, &limits, SetMaxRunspaces::from_value)?;
                let (min, max) = self.size;
                let wanted = call.max_runspaces;
                let done = wanted != max && wanted >= min.max(1);
                self.on_size_call(done, (min, wanted), call.call);
                Ok(())
            }
            MessageKind::SetMinRunspaces => {
                let call = wire::body(message, &limits, SetMinRunspaces::from_value)?;
                let (min, max) = self.size;
                let wanted = call.min_runspaces;
                let done = wanted != min && (1..=max).contains(&wanted);
                self.on_size_call(done, (wanted, max), call.call);
                Ok(())
            }
            MessageKind::GetAvailableRunspaces => {
                let call = wire::body(message, &limits, GetAvailableRunspaces::from_value)?.call;
                let busy = self
                    .pipelines
                    .values()
                    .filter(|entry| entry.is_running())
                    .count();
                let busy = i64::try_from(busy).unwrap_or(i64::MAX);
                let free = i64::from(self.size.1).saturating_sub(busy).max(0);
                self.answer_pool_call(call, AvailabilityResponse::Available(free));
                Ok(())
            }
            MessageKind::ResetRunspaceState => {
                let call = wire::body(message, &limits, ResetRunspaceState::from_value)?.call;
                let limit = self.config.limits.pool_calls;
                if self.resets.len() >= limit {
                    return Err(PeerError::TooMany {
                        what: "resets at once",
                        limit,
                    });
                }
                // Only the runspace of a pool of one can be meant.
                if self.size.1 == 1 && self.phase == Phase::Opened {
                    self.resets.insert(call);
                    self.events.push_back(ServerEvent::ResetRequested { call });
                } else {
                    self.answer_pool_call(call, AvailabilityResponse::Done(false));
                }
                Ok(())
            }
            MessageKind::RunspacePoolHostResponse => self.on_host_response(Target::Pool, message),
            // The table lets nothing else through.
            _ => Ok(()),
        }
    }

    /// Our version goes out even when it is no use.
    fn on_capability(&mut self, theirs: &SessionCapability) -> Result<(), PeerError> {
        let (announced, agreed) = server_agree(self.config.protocol, theirs);
        let ours = SessionCapability::new(announced.into());
        let kind = MessageKind::SessionCapability;
        self.queue(Target::Pool, kind, &ours.to_value());
        self.agreed = Some(agreed?);
        self.enter(Phase::Established);
        Ok(())
    }

    fn on_init(&mut self, message: &OwnedMessage, init: InitRunspacePool) -> Result<(), PeerError> {
        let (min, max) = (init.min_runspaces, init.max_runspaces);
        if min < 1 || max < min {
            return Err(PeerError::Runspaces { min, max });
        }
        let Some(id) = message.pool else {
            return Err(PeerError::WrongPool {
                got: message.kind,
                pool: None,
            });
        };
        self.id = Some(id);
        self.size = (min, max);
        self.enter(Phase::Opening);
        self.events.push_back(ServerEvent::OpenRequested {
            init: Box::new(init),
        });
        Ok(())
    }

    fn on_size_call(&mut self, done: bool, size: (i32, i32), call: psrp_codec::CallId) {
        if done {
            self.size = size;
            let (min, max) = size;
            self.events
                .push_back(ServerEvent::RunspacesChanged { min, max });
        }
        self.answer_pool_call(call, AvailabilityResponse::Done(done));
    }

    /// Every client that asks gets the same session key, as often as it asks.
    fn on_public_key(&mut self, key: &PublicKey) -> Result<(), PeerError> {
        if self.agreed.is_some_and(|agreed| agreed.has_plain_secrets()) {
            return Ok(());
        }
        let keys = self.config.keys.as_mut();
        let wrapped = keys
            .ok_or(CryptoError("this server has no keys"))
            .and_then(|keys| keys.wrap_session_key(key))
            .map_err(PeerError::SessionKey)?;
        let kind = MessageKind::EncryptedSessionKey;
        self.queue(Target::Pool, kind, &wrapped.to_value());
        self.timers.cancel(Timer::PublicKey);
        self.events.push_back(ServerEvent::SessionKeyExchanged);
        Ok(())
    }

    /// CREATE_PIPELINE or GET_COMMAND_METADATA: the first message of a pipeline's stream.
    fn on_work(&mut self, target: Target, message: &OwnedMessage) -> Result<(), PeerError> {
        let kind = message.kind;
        let (Target::Pipeline(pipeline), Some(named)) = (target, message.pipeline) else {
            return Err(PeerError::WrongPipeline { got: kind });
        };
        if pipeline != named {
            return Err(PeerError::WrongPipeline { got: kind });
        }
        let limits = self.config.limits.codec;
        let Some(entry) = self.pipelines.get(&pipeline) else {
            return Ok(());
        };
        match entry.stage {
            Stage::Awaiting => {}
            // Stopped before it began.
            Stage::Ended => return Ok(()),
            _ => return Err(PeerError::DuplicatePipeline(pipeline)),
        }
        let work = if kind == MessageKind::CreatePipeline {
            Work::Run(Box::new(wire::body(
                message,
                &limits,
                CreatePipeline::from_value,
            )?))
        } else {
            let read = GetCommandMetadata::from_value;
            Work::Metadata(Box::new(wire::body(message, &limits, read)?))
        };
        if self.phase == Phase::Opening {
            if let Some(entry) = self.pipelines.get_mut(&pipeline) {
                entry.stage = Stage::Held(work);
            }
        } else {
            self.begin(pipeline, work);
        }
        Ok(())
    }

    fn on_pipeline_message(
        &mut self,
        now: Instant,
        target: Target,
        message: &OwnedMessage,
    ) -> Result<(), PeerError> {
        let kind = message.kind;
        let Some(pipeline) = message.pipeline else {
            return Ok(());
        };
        // A pipeline may be spoken of on its own stream only.
        if target != Target::Pipeline(pipeline) {
            return Err(PeerError::WrongPipeline { got: kind });
        }
        let Some(entry) = self.pipelines.get_mut(&pipeline) else {
            return Ok(());
        };
        match kind {
            // Late words to a pipeline that has ended.
            _ if entry.has_ended() => Ok(()),
            MessageKind::PipelineInput => match entry.input {
                InputSide::None => Ok(()),
                InputSide::Ended if matches!(entry.stage, Stage::Stopping) => Ok(()),
                InputSide::Ended => Err(PeerError::InputAfterEnd),
                InputSide::Open => {
                    let value = wire::encoded(message)?;
                    self.events
                        .push_back(ServerEvent::PipelineInput { pipeline, value });
                    Ok(())
                }
            },
            MessageKind::EndOfPipelineInput => {
                if entry.input == InputSide::Open {
                    entry.input = InputSide::Ended;
                    self.events.push_back(ServerEvent::InputEnded { pipeline });
                }
                Ok(())
            }
            MessageKind::StopPipeline => {
                self.request_stop(now, pipeline);
                Ok(())
            }
            MessageKind::PipelineHostResponse => self.on_host_response(target, message),
            _ => Ok(()),
        }
    }

    /// An answer that nobody waits for is passed over.
    fn on_host_response(
        &mut self,
        target: Target,
        message: &OwnedMessage,
    ) -> Result<(), PeerError> {
        let response = wire::body(message, &self.config.limits.codec, HostResponse::from_value)?;
        let Some(channel) = self.channel_mut(target) else {
            return Ok(());
        };
        if channel.host_calls.remove(&response.call).is_some() {
            self.events.push_back(ServerEvent::HostCallAnswered {
                target,
                call: response.call,
                answer: response.answer,
            });
        }
        Ok(())
    }
}

/// Whether an error that came on a pipeline's stream is the whole pool's.
fn is_fatal(error: &PeerError) -> bool {
    matches!(
        error,
        PeerError::OutOfOrder { .. }
            | PeerError::WrongPool { .. }
            | PeerError::ClosedByPeer(_)
            | PeerError::Runspaces { .. }
            | PeerError::SessionKey(_)
    )
}
