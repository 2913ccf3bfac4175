//! What a server's application hears.

use psrp_codec::{
    CallId, Encoded, ErrorRecord, HostAnswer, PipelineId,
    message::{CreatePipeline, GetCommandMetadata, InitRunspacePool},
};

use crate::{PeerError, Target};

/// What happened, for the application: the one that owns runspaces and runs pipelines in them.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ServerEvent {
    /// A client wants a pool. Answer with [`opened`](super::ServerPool::opened) or
    /// [`open_failed`](super::ServerPool::open_failed).
    OpenRequested {
        /// What it wants.
        init: Box<InitRunspacePool>,
    },
    /// A client wants a pipeline to run. More of them than there are runspaces may come: they wait
    /// for their turn. Answer in the end with
    /// [`pipeline_ended`](super::ServerPool::pipeline_ended).
    PipelineCreated {
        /// The pipeline.
        pipeline: PipelineId,
        /// What to run.
        create: Box<CreatePipeline>,
    },
    /// A client wants the metadata of commands: their number and then each of them as output of
    /// this pipeline. Answer in the end with
    /// [`pipeline_ended`](super::ServerPool::pipeline_ended).
    CommandMetadataRequested {
        /// The pipeline.
        pipeline: PipelineId,
        /// Which commands.
        request: Box<GetCommandMetadata>,
    },
    /// An object for the pipeline.
    PipelineInput {
        /// The pipeline.
        pipeline: PipelineId,
        /// The object; `None` is null.
        value: Option<Encoded>,
    },
    /// No more objects for the pipeline: the client said so, or it was replaced by another.
    InputEnded {
        /// The pipeline.
        pipeline: PipelineId,
    },
    /// Stop the pipeline, and answer with
    /// [`pipeline_ended`](super::ServerPool::pipeline_ended). Its pending host calls are not
    /// answered any more.
    StopRequested {
        /// The pipeline.
        pipeline: PipelineId,
    },
    /// The client broke the protocol in the stream of this pipeline, and has been told that it
    /// failed. Stop it; nothing it writes goes out any more and its end need not be told.
    PipelineFaulted {
        /// The pipeline.
        pipeline: PipelineId,
        /// What was wrong.
        error: PeerError,
    },
    /// The pipeline did not stop in time and the client has been told that it did. Nothing it
    /// writes goes out any more.
    PipelineAbandoned {
        /// The pipeline.
        pipeline: PipelineId,
    },
    /// The host answered a call.
    HostCallAnswered {
        /// Whose call it was.
        target: Target,
        /// The call, as [`host_call`](super::ServerPool::host_call) gave it.
        call: CallId,
        /// What the host gave, or the error it ended with.
        answer: Result<HostAnswer, Box<ErrorRecord>>,
    },
    /// The client changed the size of the pool.
    RunspacesChanged {
        /// How many runspaces to keep ready.
        min: i32,
        /// How many to open at most.
        max: i32,
    },
    /// The client wants the runspace as new. Answer with
    /// [`reset_done`](super::ServerPool::reset_done).
    ResetRequested {
        /// The call to answer.
        call: CallId,
    },
    /// The client has the session key: what it encrypted can be revealed.
    SessionKeyExchanged,
    /// The client left and may come back.
    Disconnected,
    /// The same client is back.
    Reconnected,
    /// Another client took over. [`InputEnded`](Self::InputEnded) follows for every pipeline that
    /// took input.
    Connected,
    /// The pool is to be closed. [`StopRequested`](Self::StopRequested) follows for the pipelines
    /// that run.
    CloseRequested,
    /// The pool is closed. Nothing runs any more, but for what was abandoned.
    PoolClosed,
    /// The client broke the protocol. Stop everything: nothing goes out any more.
    PoolBroken {
        /// What was wrong.
        error: PeerError,
    },
}
