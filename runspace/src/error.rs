//! Whose fault it was: the peer's, or the caller's.

use psrp_codec::{CallId, DecodeError, MessageKind, PipelineId, PoolId};

use crate::{PoolState, ProtocolVersion, session_key::CryptoError};

/// The peer broke the protocol, or does not speak a version of it that we do.
///
/// It comes up as an event and never as the result of a call. When it concerns the pool, the pool
/// is [`Broken`](PoolState::Broken) from there on, whatever the caller does, and a last word to
/// the peer is waiting to be transmitted.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PeerError {
    /// A message that must not come now.
    #[error("{got} is not valid while the pool is {state}")]
    OutOfOrder {
        /// The message.
        got: MessageKind,
        /// The state it came in.
        state: PoolState,
    },
    /// Bytes that are no fragments, or no message.
    #[error("the stream of fragments is broken: {0}")]
    Fragments(#[source] DecodeError),
    /// A message whose content is not what its type demands.
    #[error("{got} cannot be read: {source}")]
    Undecodable {
        /// The message.
        got: MessageKind,
        /// What is wrong with it.
        source: DecodeError,
    },
    /// A message for the other side.
    #[error("{got} is not for this side")]
    WrongDestination {
        /// The message.
        got: MessageKind,
    },
    /// A message for another pool.
    #[error("{got} is for another pool, {pool:?}")]
    WrongPool {
        /// The message.
        got: MessageKind,
        /// The pool that it names.
        pool: Option<PoolId>,
    },
    /// A message for another pipeline than the one whose stream it came on.
    #[error("{got} is for another pipeline than the one it came for")]
    WrongPipeline {
        /// The message.
        got: MessageKind,
    },
    /// The two sides have no version in common.
    #[error("the peer has {what} {theirs}, which does not go with {ours}")]
    Version {
        /// Which of the three versions: `protocolversion`, `PSVersion`, `SerializationVersion`.
        what: &'static str,
        /// What we have.
        ours: String,
        /// What the peer has.
        theirs: String,
    },
    /// Disconnect and connect need a later version of the protocol.
    #[error("protocol {0} cannot connect to a pool that is there")]
    CannotConnect(ProtocolVersion),
    /// The numbers of runspaces make no sense, or are not the pool's.
    #[error("a pool of {min} to {max} runspaces cannot be")]
    Runspaces {
        /// MinRunspaces.
        min: i32,
        /// MaxRunspaces.
        max: i32,
    },
    /// A pipeline with this id exists.
    #[error("there is a pipeline {0} already")]
    DuplicatePipeline(PipelineId),
    /// There is no pipeline with this id.
    #[error("there is no pipeline {0}")]
    UnknownPipeline(PipelineId),
    /// The pool cannot take this now.
    #[error("the pool is {0}")]
    NotReady(PoolState),
    /// Input after the end of input.
    #[error("input came after its end")]
    InputAfterEnd,
    /// Something that is counted has become too much.
    #[error("more than {limit} {what}")]
    TooMany {
        /// What is counted.
        what: &'static str,
        /// How many are allowed.
        limit: usize,
    },
    /// The payload of a connect request or response is not the two messages that it must be.
    #[error("the connect payload is not {0}")]
    ConnectPayload(&'static str),
    /// The session key could not be exchanged.
    #[error("the session key exchange failed: {0}")]
    SessionKey(#[source] CryptoError),
    /// The peer asked for the session to end.
    #[error("the peer sent {0}")]
    ClosedByPeer(MessageKind),
    /// The peer did not answer in time.
    #[error("the peer did not {0} in time")]
    TimedOut(&'static str),
}

/// The caller asked too early, too late, or for something that is not there. Nothing was queued
/// and nothing changed.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MisuseError {
    /// The pool is not in a state for this.
    #[error("the pool is {is}, not {must_be}")]
    PoolState {
        /// What it must be.
        must_be: PoolState,
        /// What it is.
        is: PoolState,
    },
    /// There is no such pipeline (any more).
    #[error("there is no pipeline {0}")]
    UnknownPipeline(PipelineId),
    /// There is such a pipeline already.
    #[error("there is a pipeline {0} already")]
    DuplicatePipeline(PipelineId),
    /// The pipeline has ended, or is being stopped.
    #[error("the pipeline {0} has ended")]
    PipelineEnded(PipelineId),
    /// The pipeline was created without input, or its input has been closed.
    #[error("the pipeline {0} takes no input")]
    NoInput(PipelineId),
    /// Nobody waits for the answer to this call.
    #[error("nobody waits for call {0}")]
    UnknownCall(CallId),
    /// The queue for this target is full; wait until some of it has gone.
    #[error("the outbox is full")]
    OutboxFull,
    /// Too many of something are under way.
    #[error("more than {limit} {what}")]
    TooMany {
        /// What is counted.
        what: &'static str,
        /// How many are allowed.
        limit: usize,
    },
    /// The transport cannot do this.
    #[error("this transport cannot {0}")]
    Transport(&'static str),
    /// The agreed version of the protocol cannot do this.
    #[error("this takes protocol {needs}, and {agreed} is what the two sides agreed on")]
    NeedsVersion {
        /// The first version that can.
        needs: ProtocolVersion,
        /// What was agreed on.
        agreed: ProtocolVersion,
    },
    /// There is no session key yet, or nobody gave the means to make one.
    #[error("there is no session key")]
    NoSessionKey,
    /// The cipher failed.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// A state that does not end a pipeline was given as its end.
    #[error("that state is no end")]
    NotAnEnd,
}
