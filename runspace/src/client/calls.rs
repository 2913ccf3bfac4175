//! Calls about the pool, and answers to the server's calls.

use psrp_codec::{
    CallId, ErrorRecord, HostAnswer, HostResponse, MessageKind, Value,
    message::{
        AvailabilityResponse, GetAvailableRunspaces, ResetRunspaceState, RunspaceAvailability,
        SetMaxRunspaces, SetMinRunspaces,
    },
};

use super::{ClientEvent, ClientPool, Phase};
use crate::{MisuseError, PoolState, ProtocolVersion, Stream, Target};

/// A call that waits for its answer: the answer does not say what it answers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum PoolCall {
    SetMax(i32),
    SetMin(i32),
    GetAvailable,
    Reset,
}

/// What became of the wish to change the size of a pool.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SizeChange {
    /// The server has been asked; [`ClientEvent::PoolCallAnswered`] follows with this id.
    Asked(CallId),
    /// There was no need to ask the server: whether the size is as wished.
    Settled(bool),
}

impl ClientPool {
    /// Sets how many runspaces the pool may open. As PowerShell's client does, asks the server
    /// only while the pool is open and when the wish makes sense.
    ///
    /// # Errors
    /// When the pool is not in a state for it, or too many calls wait for their answer.
    pub fn set_max_runspaces(&mut self, max: i32) -> Result<SizeChange, MisuseError> {
        let (min, now) = self.size;
        self.change_size(max == now, max >= min.max(1), PoolCall::SetMax(max))
    }

    /// Sets how many runspaces the pool keeps ready, likewise.
    ///
    /// # Errors
    /// As [`set_max_runspaces`](Self::set_max_runspaces).
    pub fn set_min_runspaces(&mut self, min: i32) -> Result<SizeChange, MisuseError> {
        let (now, max) = self.size;
        self.change_size(min == now, (1..=max).contains(&min), PoolCall::SetMin(min))
    }

    /// Asks how many runspaces are free or could be opened.
    ///
    /// # Errors
    /// When the pool is not open or too many calls wait for their answer.
    pub fn get_available_runspaces(&mut self) -> Result<CallId, MisuseError> {
        self.must_be(PoolState::Opened)?;
        self.call(PoolCall::GetAvailable)
    }

    /// Makes the runspace of a pool of one as it was when it was new.
    ///
    /// # Errors
    /// When the pool is not open, the server speaks a protocol before 2.3, or too many calls wait
    /// for their answer.
    pub fn reset_runspace_state(&mut self) -> Result<CallId, MisuseError> {
        self.must_be(PoolState::Opened)?;
        self.needs_version(ProtocolVersion::V2_3)?;
        self.call(PoolCall::Reset)
    }

    /// Answers a host call with what the host gave, or the error it ended with.
    ///
    /// # Errors
    /// When nobody waits for the answer: it was given, or the pipeline has ended.
    pub fn answer_host_call(
        &mut self,
        target: Target,
        call: CallId,
        answer: Result<HostAnswer, Box<ErrorRecord>>,
    ) -> Result<(), MisuseError> {
        let (waiting, kind) = match target {
            Target::Pool => (&mut self.host_calls, MessageKind::RunspacePoolHostResponse),
            Target::Pipeline(pipeline) => {
                let entry = self
                    .pipelines
                    .get_mut(&pipeline)
                    .ok_or(MisuseError::UnknownPipeline(pipeline))?;
                if entry.stop_asked || entry.has_ended() {
                    return Err(MisuseError::PipelineEnded(pipeline));
                }
                (&mut entry.host_calls, MessageKind::PipelineHostResponse)
            }
        };
        let method = waiting
            .remove(&call)
            .ok_or(MisuseError::UnknownCall(call))?;
        let response = HostResponse {
            call,
            method,
            answer,
        };
        let header = self.header(kind, target.pipeline());
        let message = header.with_value(&response.to_value());
        self.queue(target, Stream::PromptResponse, message);
        Ok(())
    }

    fn change_size(
        &mut self,
        is_so: bool,
        makes_sense: bool,
        call: PoolCall,
    ) -> Result<SizeChange, MisuseError> {
        match self.phase {
            _ if is_so || !makes_sense => Ok(SizeChange::Settled(is_so)),
            Phase::BeforeOpen | Phase::Disconnected => {
                self.apply(call);
                Ok(SizeChange::Settled(true))
            }
            Phase::Opened => self.call(call).map(SizeChange::Asked),
            _ => Err(self.not(PoolState::Opened)),
        }
    }

    fn call(&mut self, what: PoolCall) -> Result<CallId, MisuseError> {
        let limit = self.config.limits.pool_calls;
        if self.calls.len() >= limit {
            return Err(MisuseError::TooMany {
                what: "pool calls at once",
                limit,
            });
        }
        let call = self.next_call;
        self.next_call = call.next();
        let (kind, body): (_, Value) = match what {
            PoolCall::SetMax(max_runspaces) => (
                MessageKind::SetMaxRunspaces,
                SetMaxRunspaces {
                    max_runspaces,
                    call,
                }
                .to_value(),
            ),
            PoolCall::SetMin(min_runspaces) => (
                MessageKind::SetMinRunspaces,
                SetMinRunspaces {
                    min_runspaces,
                    call,
                }
                .to_value(),
            ),
            PoolCall::GetAvailable => (
                MessageKind::GetAvailableRunspaces,
                GetAvailableRunspaces { call }.to_value(),
            ),
            PoolCall::Reset => (
                MessageKind::ResetRunspaceState,
                ResetRunspaceState { call }.to_value(),
            ),
        };
        self.calls.insert(call, what);
        self.queue_for_pool(kind, &body);
        Ok(call)
    }

    /// An answer to a call that nobody made is passed over.
    pub(super) fn on_availability(&mut self, answer: &RunspaceAvailability) {
        let Some(what) = self.calls.remove(&answer.call) else {
            return;
        };
        if answer.response == AvailabilityResponse::Done(true) {
            self.apply(what);
        }
        self.events.push_back(ClientEvent::PoolCallAnswered {
            call: answer.call,
            answer: answer.response,
        });
    }

    const fn apply(&mut self, call: PoolCall) {
        match call {
            PoolCall::SetMax(max) => self.size.1 = max,
            PoolCall::SetMin(min) => self.size.0 = min,
            PoolCall::GetAvailable | PoolCall::Reset => {}
        }
    }
}
