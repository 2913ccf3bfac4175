//! What a client's application hears.

use psrp_codec::{
    CallId, Encoded, HostRequest, PipelineId,
    message::{AvailabilityResponse, UserEvent},
};

use crate::{Ending, Loss, OutputStream, Target};

/// What happened, for the application.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ClientEvent {
    /// The pool is open, for the first time or for this client: versions are agreed on and the
    /// server has said what it is
    /// ([`application_private_data`](super::ClientPool::application_private_data)).
    PoolOpened,
    /// The pool is disconnected, and so is every pipeline that has not ended.
    PoolDisconnected,
    /// The pool is connected again, and its pipelines go on.
    PoolReconnected,
    /// The pool is closed.
    PoolClosed,
    /// The pool is lost. Every pipeline has got its `PipelineEnded` before.
    PoolBroken {
        /// Why.
        loss: Loss,
    },
    /// A call about the pool has its answer.
    PoolCallAnswered {
        /// The call, as the method that made it gave it.
        call: CallId,
        /// The answer.
        answer: AvailabilityResponse,
    },
    /// The script raised an event that it forwards.
    UserEvent(Box<UserEvent>),
    /// There is a session key: secrets can be protected and revealed.
    SessionKeyReady,
    /// We are attached to a pipeline that another client started.
    PipelineConnected {
        /// The pipeline.
        pipeline: PipelineId,
    },
    /// The pipeline wrote something.
    PipelineOutput {
        /// The pipeline.
        pipeline: PipelineId,
        /// Where to.
        stream: OutputStream,
        /// What; `None` is null.
        value: Option<Encoded>,
    },
    /// The pipeline has ended, and nothing more comes of it.
    PipelineEnded {
        /// The pipeline.
        pipeline: PipelineId,
        /// How.
        how: Ending,
    },
    /// The server wants something of the host.
    HostCall {
        /// The pipeline it comes from, or the pool.
        target: Target,
        /// What to answer to with [`answer_host_call`](super::ClientPool::answer_host_call);
        /// `None` for a call that is not answered.
        call: Option<CallId>,
        /// What is wanted.
        request: Box<HostRequest>,
    },
}
