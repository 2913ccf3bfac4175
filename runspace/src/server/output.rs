//! What the application of a server has to say.

use std::time::Instant;

use psrp_codec::{
    CallId, Encoded, ErrorRecord, HostCall, HostRequest, MessageKind, PipelineId,
    RunspacePoolState, SecureString, Value,
    message::{
        ApplicationPrivateData, AvailabilityResponse, PublicKeyRequest, RunspaceAvailability,
        RunspacePoolStateInfo, UserEvent,
    },
};
use zeroize::Zeroizing;

use super::{
    Phase, ServerEvent, ServerPool, Timer,
    pipeline::{InputSide, PendingHostCall, Stage, Work},
};
use crate::{MisuseError, OutputStream, PoolState, ProtocolVersion, Target, session_key::Secrecy};

impl ServerPool {
    /// The runspaces are there: answers [`ServerEvent::OpenRequested`]. `private_data` should hold
    /// a `PSVersionTable` whose `PSRemotingProtocolVersion` is [`protocol`](Self::protocol), since
    /// clients decide by it what they may ask for.
    ///
    /// # Errors
    /// When the pool is not being opened.
    pub fn opened(&mut self, private_data: ApplicationPrivateData) -> Result<(), MisuseError> {
        self.must_be_opening()?;
        let kind = MessageKind::ApplicationPrivateData;
        self.queue(Target::Pool, kind, &private_data.to_value());
        self.private_data = Some(private_data);
        let info = RunspacePoolStateInfo::new(RunspacePoolState::Opened);
        self.queue(
            Target::Pool,
            MessageKind::RunspacePoolState,
            &info.to_value(),
        );
        self.enter(Phase::Opened);
        let held: Vec<_> = self.pipelines.keys().copied().collect();
        for pipeline in held {
            if let Some(entry) = self.pipelines.get_mut(&pipeline)
                && matches!(entry.stage, Stage::Held(_))
                && let Stage::Held(work) = std::mem::replace(&mut entry.stage, Stage::Awaiting)
            {
                self.begin(pipeline, work);
            }
        }
        Ok(())
    }

    /// The runspaces could not be made: answers [`ServerEvent::OpenRequested`]. The pool is
    /// broken, and the client hears why.
    ///
    /// # Errors
    /// When the pool is not being opened.
    pub fn open_failed(&mut self, reason: ErrorRecord) -> Result<(), MisuseError> {
        self.must_be_opening()?;
        self.fail(reason);
        Ok(())
    }

    /// Sends an object or record that the pipeline wrote. Wait while [`is_full`](Self::is_full)
    /// says so.
    ///
    /// Information records are passed over when the client speaks a protocol before 2.3.
    ///
    /// # Errors
    /// When the pipeline is not running (any more), or its outbox is full.
    pub fn output(
        &mut self,
        pipeline: PipelineId,
        stream: OutputStream,
        value: &Value,
    ) -> Result<(), MisuseError> {
        if self.may_write(pipeline, stream)? {
            let header = self.header(stream.message_kind(), Some(pipeline));
            self.push(Target::Pipeline(pipeline), header.with_value(value), true);
        }
        Ok(())
    }

    /// Sends what the pipeline wrote and is encoded already; `None` is null.
    ///
    /// # Errors
    /// As [`output`](Self::output).
    pub fn encoded_output(
        &mut self,
        pipeline: PipelineId,
        stream: OutputStream,
        value: Option<&Encoded>,
    ) -> Result<(), MisuseError> {
        if self.may_write(pipeline, stream)? {
            let header = self.header(stream.message_kind(), Some(pipeline));
            self.push(Target::Pipeline(pipeline), header.with_encoded(value), true);
        }
        Ok(())
    }

    /// Calls the host of the client, for a pipeline or for the pool. The answer comes as
    /// [`ServerEvent::HostCallAnswered`] with the id that this gives; a method that gives nothing
    /// has no id and no answer. A pipeline that is stopped or ends gets no answers any more.
    ///
    /// # Errors
    /// When the pool is not open, the pipeline is not running, or too many calls wait for their
    /// answer.
    pub fn host_call(
        &mut self,
        target: Target,
        request: HostRequest,
    ) -> Result<Option<CallId>, MisuseError> {
        let kind = match target {
            Target::Pool => {
                self.must_be_open()?;
                MessageKind::RunspacePoolHostCall
            }
            Target::Pipeline(pipeline) => {
                self.must_run(pipeline)?;
                MessageKind::PipelineHostCall
            }
        };
        if request.is_void() {
            let message = self.header(kind, target.pipeline());
            let message = message.with_value(&HostCall::void(request).to_value());
            self.push(target, message, true);
            return Ok(None);
        }
        let limit = self.config.limits.host_calls;
        let Some(channel) = self.channel_mut(target) else {
            return Ok(None);
        };
        if channel.host_calls.len() >= limit {
            return Err(MisuseError::TooMany {
                what: "host calls at once",
                limit,
            });
        }
        let call = channel.take_call();
        let header = self.header(kind, target.pipeline());
        let message = header.with_value(&HostCall { call, request }.to_value());
        let object = self.push(target, message.clone(), false);
        if let Some(channel) = self.channel_mut(target) {
            let pending = PendingHostCall { object, message };
            channel.host_calls.insert(call, pending);
        }
        Ok(Some(call))
    }

    /// Forwards an event that the script raised.
    ///
    /// # Errors
    /// When the pool is not open, or its outbox is full.
    pub fn user_event(&mut self, event: &UserEvent) -> Result<(), MisuseError> {
        self.must_be_open()?;
        if self.is_full(Target::Pool) {
            return Err(MisuseError::OutboxFull);
        }
        let header = self.header(MessageKind::UserEvent, None);
        self.push(Target::Pool, header.with_value(&event.to_value()), true);
        Ok(())
    }

    /// Whether the runspace was reset: answers [`ServerEvent::ResetRequested`].
    ///
    /// # Errors
    /// When nobody waits for the answer.
    pub fn reset_done(&mut self, call: CallId, done: bool) -> Result<(), MisuseError> {
        if !self.resets.remove(&call) {
            return Err(MisuseError::UnknownCall(call));
        }
        self.answer_pool_call(call, AvailabilityResponse::Done(done));
        Ok(())
    }

    /// Asks the client for its public key. Only a client that speaks a protocol before 2.2 needs
    /// to be asked before a secret is sent to it; one that speaks 2.2 or 2.3 has to be asked when
    /// it sent a secret without asking for the key first.
    /// [`ServerEvent::SessionKeyExchanged`] follows.
    ///
    /// # Errors
    /// When the pool is not open, there are no keys, or the protocol has no session key (2.4).
    pub fn request_public_key(&mut self, now: Instant) -> Result<(), MisuseError> {
        self.must_be_open()?;
        if self.agreed.is_some_and(ProtocolVersion::has_plain_secrets) || self.config.keys.is_none()
        {
            return Err(MisuseError::NoSessionKey);
        }
        let kind = MessageKind::PublicKeyRequest;
        self.queue(Target::Pool, kind, &PublicKeyRequest.to_value());
        self.set_timer(now, Timer::PublicKey, self.config.timeouts.public_key);
        Ok(())
    }

    /// What stands for a secret, UTF-16, on this connection. The client may ask for the key after
    /// it got the secret.
    ///
    /// # Errors
    /// When there are no keys, or the cipher fails.
    pub fn protect(&self, secret: &[u16]) -> Result<SecureString, MisuseError> {
        self.secrecy().protect(secret)
    }

    /// The secret, UTF-16, that the client sent.
    ///
    /// # Errors
    /// When there are no keys, or this was not encrypted with the session key.
    pub fn reveal(&self, secret: &SecureString) -> Result<Zeroizing<Vec<u16>>, MisuseError> {
        self.secrecy().reveal(secret)
    }

    fn secrecy(&self) -> Secrecy<'_> {
        let cipher = self.config.keys.as_ref().map(|keys| keys.cipher());
        Secrecy::of(self.agreed, cipher)
    }

    /// The application gets the pipeline.
    pub(super) fn begin(&mut self, pipeline: PipelineId, work: Work) {
        let Some(entry) = self.pipelines.get_mut(&pipeline) else {
            return;
        };
        entry.stage = Stage::Running;
        self.events.push_back(match work {
            Work::Run(create) => {
                entry.input = if create.no_input {
                    InputSide::None
                } else {
                    InputSide::Open
                };
                ServerEvent::PipelineCreated { pipeline, create }
            }
            Work::Metadata(request) => ServerEvent::CommandMetadataRequested { pipeline, request },
        });
    }

    pub(super) fn answer_pool_call(&mut self, call: CallId, response: AvailabilityResponse) {
        let answer = RunspaceAvailability { response, call };
        let kind = MessageKind::RunspaceAvailability;
        self.queue(Target::Pool, kind, &answer.to_value());
    }

    /// Whether what the pipeline writes to `stream` goes out.
    fn may_write(&self, pipeline: PipelineId, stream: OutputStream) -> Result<bool, MisuseError> {
        self.must_run(pipeline)?;
        if self.is_full(Target::Pipeline(pipeline)) {
            return Err(MisuseError::OutboxFull);
        }
        let knows_information = self.agreed >= Some(ProtocolVersion::V2_3);
        Ok(knows_information || stream != OutputStream::Information)
    }

    fn must_run(&self, pipeline: PipelineId) -> Result<(), MisuseError> {
        match self.pipelines.get(&pipeline) {
            None => Err(MisuseError::UnknownPipeline(pipeline)),
            Some(entry) if !entry.is_running() => Err(MisuseError::PipelineEnded(pipeline)),
            Some(_) => Ok(()),
        }
    }

    fn must_be_opening(&self) -> Result<(), MisuseError> {
        match self.phase {
            Phase::Opening => Ok(()),
            _ => Err(MisuseError::PoolState {
                must_be: PoolState::Opening,
                is: self.state(),
            }),
        }
    }

    /// Output goes on while the client is away and while pipelines end.
    fn must_be_open(&self) -> Result<(), MisuseError> {
        match self.phase {
            Phase::Opened | Phase::Disconnected | Phase::Closing { .. } => Ok(()),
            _ => Err(MisuseError::PoolState {
                must_be: PoolState::Opened,
                is: self.state(),
            }),
        }
    }
}
