//! Clients that leave, come back, and take over.

use bytes::{Bytes, BytesMut};
use psrp_codec::{
    Decode, Destination, Encode, Fragment, MessageKind, OwnedMessage, PipelineId, PipelineState,
    message::{ConnectRunspacePool, PipelineStateInfo, RunspacePoolInitData, SessionCapability},
    split,
};

use super::{
    Phase, ServerEvent, ServerPool,
    pipeline::{InputSide, Stage},
};
use crate::{PeerError, ProtocolVersion, ServerTransmit, Target, negotiation::server_agree, wire};

impl ServerPool {
    /// The client has read everything before it left.
    pub(super) fn on_disconnect(&mut self) {
        if self.phase != Phase::Opened {
            return;
        }
        self.channel.outbox.confirm();
        for entry in self.pipelines.values_mut() {
            entry.channel.outbox.confirm();
        }
        self.on_client_lost();
    }

    /// Nobody knows what the client has read.
    pub(super) fn on_client_lost(&mut self) {
        if self.phase == Phase::Opened {
            self.enter(Phase::Disconnected);
            self.events.push_back(ServerEvent::Disconnected);
        }
    }

    /// The client has kept what it got: it gets the rest, from the first fragment that it has not
    /// confirmed.
    pub(super) fn on_reconnect(&mut self) {
        if !matches!(self.phase, Phase::Disconnected | Phase::Opened) {
            return;
        }
        self.channel.outbox.rewind();
        for entry in self.pipelines.values_mut() {
            entry.channel.outbox.rewind();
        }
        if self.phase == Phase::Disconnected {
            self.enter(Phase::Opened);
            self.events.push_back(ServerEvent::Reconnected);
        }
    }

    pub(super) fn on_connect(&mut self, payload: Bytes) {
        let reply = match self.connect(&payload) {
            Ok(payload) => ServerTransmit::PoolConnected { payload },
            Err(error) => ServerTransmit::ConnectRefused { error },
        };
        self.replies.push_back(reply);
    }

    /// Checks the request and only then changes anything: a refused client leaves no trace.
    fn connect(&mut self, payload: &Bytes) -> Result<Bytes, PeerError> {
        if !matches!(self.phase, Phase::Opened | Phase::Disconnected) {
            return Err(PeerError::NotReady(self.state()));
        }
        let limits = self.config.limits.codec;
        if payload.len() > limits.message_size {
            return Err(PeerError::ConnectPayload("of reasonable size"));
        }
        let (capability, rest) = single_fragment(payload, MessageKind::SessionCapability)?;
        let (connect, rest) = single_fragment(&rest, MessageKind::ConnectRunspacePool)?;
        if !rest.is_empty() {
            return Err(PeerError::ConnectPayload("two messages and nothing more"));
        }
        if connect.pool != self.id {
            return Err(PeerError::WrongPool {
                got: connect.kind,
                pool: connect.pool,
            });
        }
        let theirs = wire::body(&capability, &limits, SessionCapability::from_value)?;
        let sizes = wire::body(&connect, &limits, ConnectRunspacePool::from_value)?;
        let (announced, agreed) = server_agree(self.config.protocol, &theirs);
        let agreed = agreed?;
        if !agreed.can_disconnect() {
            return Err(PeerError::CannotConnect(agreed));
        }
        self.check_sizes(sizes)?;
        Ok(self.change_client(announced, agreed))
    }

    /// A client that says how large it believes the pool to be must be right about one of the two
    /// numbers at least.
    const fn check_sizes(&self, sizes: ConnectRunspacePool) -> Result<(), PeerError> {
        if let (Some(min), Some(max)) = (sizes.min_runspaces, sizes.max_runspaces)
            && (min < 1 || max < min || (min != self.size.0 && max != self.size.1))
        {
            return Err(PeerError::Runspaces { min, max });
        }
        Ok(())
    }

    fn change_client(&mut self, announced: ProtocolVersion, agreed: ProtocolVersion) -> Bytes {
        self.agreed = Some(agreed);
        let payload = self.connect_response(announced);
        self.channel.change_client(&self.config.limits.codec);
        let limits = self.pipeline_limits();
        let pipelines: Vec<PipelineId> = self.pipelines.keys().copied().collect();
        for pipeline in &pipelines {
            if let Some(entry) = self.pipelines.get_mut(pipeline) {
                entry.channel.change_client(&limits);
            }
        }
        if let Some(data) = &self.private_data {
            let value = data.to_value();
            self.queue(Target::Pool, MessageKind::ApplicationPrivateData, &value);
        }
        self.enter(Phase::Opened);
        self.events.push_back(ServerEvent::Connected);
        self.repeat_host_calls(Target::Pool);
        for pipeline in pipelines {
            self.repeat_host_calls(Target::Pipeline(pipeline));
            // Of what the old client was about to start, the new one does not have the rest.
            if self
                .pipelines
                .get(&pipeline)
                .is_some_and(|entry| matches!(entry.stage, Stage::Awaiting))
            {
                let info = PipelineStateInfo::new(PipelineState::Stopped);
                self.end_pipeline(pipeline, &info);
            }
            // Nor does it know what the old one had in mind to send.
            if let Some(entry) = self.pipelines.get_mut(&pipeline)
                && entry.input == InputSide::Open
            {
                entry.input = InputSide::Ended;
                self.events.push_back(ServerEvent::InputEnded { pipeline });
            }
        }
        payload
    }

    /// SESSION_CAPABILITY and RUNSPACEPOOL_INIT_DATA, both with the pool's id. PowerShell's server
    /// swaps the two sizes; its client takes them as they stand, so they are right here.
    fn connect_response(&mut self, announced: ProtocolVersion) -> Bytes {
        let (min_runspaces, max_runspaces) = self.size;
        let data = RunspacePoolInitData {
            min_runspaces,
            max_runspaces,
        };
        let messages = [
            (
                MessageKind::SessionCapability,
                SessionCapability::new(announced.into()).to_value(),
            ),
            (MessageKind::RunspacePoolInitData, data.to_value()),
        ];
        let mut payload = BytesMut::new();
        for (kind, value) in messages {
            let mut header = self.header(kind, None);
            header.pool = self.id;
            let object = self.take_object();
            for fragment in split(object, &header.with_value(&value), usize::MAX) {
                fragment.encode(&mut payload);
            }
        }
        payload.freeze()
    }

    /// Puts to the new client what the old one was asked and did not answer.
    fn repeat_host_calls(&mut self, target: Target) {
        let Some(channel) = self.channel_mut(target) else {
            return;
        };
        for call in channel.calls_to_repeat() {
            let message = self
                .channel_mut(target)
                .and_then(|channel| Some(channel.host_calls.get(&call)?.message.clone()));
            if let Some(message) = message {
                let object = self.push(target, message, false);
                if let Some(channel) = self.channel_mut(target)
                    && let Some(pending) = channel.host_calls.get_mut(&call)
                {
                    pending.object = object;
                }
            }
        }
    }
}

/// The first fragment of a connect request: a whole message, of this kind, for a server.
fn single_fragment(payload: &Bytes, kind: MessageKind) -> Result<(OwnedMessage, Bytes), PeerError> {
    let (fragment, rest) = Fragment::decode(payload).map_err(PeerError::Fragments)?;
    if !fragment.start || !fragment.end || fragment.index != 0 {
        return Err(PeerError::ConnectPayload("of single fragments"));
    }
    let message = payload.slice_ref(fragment.blob);
    let message = OwnedMessage::decode(&message).map_err(PeerError::Fragments)?;
    if message.kind != kind {
        return Err(PeerError::ConnectPayload(kind.name()));
    }
    if message.destination != Destination::Server {
        return Err(PeerError::WrongDestination { got: kind });
    }
    Ok((message, payload.slice_ref(rest)))
}
