//! What a core owes the wire and what the wire tells a core, in words that every transport has.
//!
//! | here | WS-Management | stream transports |
//! | --- | --- | --- |
//! | `OpenPool` | Create, `first` in `creationXml` | `Data` of the session |
//! | `ConnectPool` | Connect, `payload` in `connectXml` | – |
//! | `OpenPipeline` | Command, `first` in `Arguments` | `Command`, and after `CommandAck` `first` as `Data` |
//! | `ConnectPipeline` | Connect with a CommandId | – |
//! | `Data` | Send on `stdin` or `pr` | `Data` on `Default` or `PromptResponse` |
//! | `Accepted` | the response to any of the above | `DataAck` |
//! | `Signal` | Signal `powershell/signal/crtl_c` | `Signal` |
//! | `ClosePipeline` | Signal `terminate` | `Close` |
//! | `ClosePool` | Delete | `Close` of the session |
//! | `Disconnect`, `Reconnect` | the operations of these names | – |
//!
//! A payload holds whole fragments: none of them goes on in the next payload.

use bytes::Bytes;
use psrp_codec::PipelineId;

use crate::PeerError;

/// Whom bytes are for: the pool itself or one of its pipelines. Each has its own streams of
/// fragments and its own window.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Target {
    /// The runspace pool: a WS-Management shell, the PSGuid of zeros.
    Pool,
    /// One pipeline: a WS-Management command, a PSGuid.
    Pipeline(PipelineId),
}

impl Target {
    /// The pipeline, if it is one.
    #[must_use]
    pub const fn pipeline(self) -> Option<PipelineId> {
        match self {
            Self::Pool => None,
            Self::Pipeline(pipeline) => Some(pipeline),
        }
    }
}

impl From<Option<PipelineId>> for Target {
    fn from(pipeline: Option<PipelineId>) -> Self {
        pipeline.map_or(Self::Pool, Self::Pipeline)
    }
}

/// Which of a target's two streams from client to server bytes belong to. From server to client
/// there is one.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Stream {
    /// Everything but the answers to host calls: `stdin`, `Default`.
    Default,
    /// The answers to host calls, which must not wait behind input: `pr`, `PromptResponse`.
    PromptResponse,
}

/// What a client owes the wire.
///
/// `OpenPool`, `ConnectPool`, `OpenPipeline` and `Data` close the window of their target:
/// [`poll_transmit`](crate::ClientPool::poll_transmit) gives no more of these for it until
/// [`Input::Accepted`] says that the peer took them over. The rest may overtake.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Transmit {
    /// Open the pool; `first` begins the byte stream of the pool.
    OpenPool {
        /// SESSION_CAPABILITY and INIT_RUNSPACEPOOL, as much of them as fits.
        first: Bytes,
    },
    /// Connect to a pool that another client left; answered by [`Input::PoolConnected`].
    ConnectPool {
        /// SESSION_CAPABILITY and CONNECT_RUNSPACEPOOL, one whole fragment each, whatever
        /// `max_len` was.
        payload: Bytes,
    },
    /// Start a pipeline; `first` begins its byte stream.
    OpenPipeline {
        /// The pipeline's id.
        pipeline: PipelineId,
        /// CREATE_PIPELINE or GET_COMMAND_METADATA, as much of it as fits.
        first: Bytes,
    },
    /// Attach to a pipeline that another client started; answered by
    /// [`Input::PipelineConnected`].
    ConnectPipeline {
        /// The pipeline's id.
        pipeline: PipelineId,
    },
    /// More bytes.
    Data {
        /// Whom they are for.
        target: Target,
        /// Which stream they belong to.
        stream: Stream,
        /// Whole fragments.
        payload: Bytes,
    },
    /// Stop the pipeline; answered by [`Input::Signalled`].
    Signal {
        /// The pipeline's id.
        pipeline: PipelineId,
    },
    /// Free the pipeline, stopping it if need be; answered by [`Input::PipelineClosed`].
    ClosePipeline {
        /// The pipeline's id.
        pipeline: PipelineId,
    },
    /// Close the pool; answered by [`Input::PoolClosed`].
    ClosePool,
    /// Leave the pool to whoever connects next; answered by [`Input::Disconnected`]. Nothing is
    /// on its way to the server when this is given. What the server has sent so far must be
    /// handed in before the answer is: a server takes a Disconnect as proof that it arrived.
    Disconnect,
    /// Come back to the pool that this same client left; answered by [`Input::Reconnected`].
    Reconnect,
}

/// What the wire tells a client.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Input {
    /// The peer took over what was last given for this target.
    Accepted {
        /// Whose window opens.
        target: Target,
    },
    /// Bytes from the server, cut anywhere.
    Data {
        /// Whom they are from.
        target: Target,
        /// A piece of the stream of fragments.
        payload: Bytes,
    },
    /// The server let us connect.
    PoolConnected {
        /// `connectResponseXml`: SESSION_CAPABILITY and RUNSPACEPOOL_INIT_DATA.
        payload: Bytes,
    },
    /// The server attached us to this pipeline.
    PipelineConnected {
        /// The pipeline's id.
        pipeline: PipelineId,
    },
    /// The server has nothing more to send for this pipeline: CommandState `Done`.
    PipelineDone {
        /// The pipeline's id.
        pipeline: PipelineId,
    },
    /// The server has stopped the pipeline. Its state may still be on the way.
    Signalled {
        /// The pipeline's id.
        pipeline: PipelineId,
    },
    /// The server has freed the pipeline.
    PipelineClosed {
        /// The pipeline's id.
        pipeline: PipelineId,
    },
    /// The pipeline could not be started, connected or fed; the pool goes on.
    PipelineFailed {
        /// The pipeline's id.
        pipeline: PipelineId,
        /// What the transport said.
        error: String,
    },
    /// The pool is closed.
    PoolClosed,
    /// The pool is disconnected; also unasked, when the transport gave up on a connection or
    /// somebody else disconnected the session.
    Disconnected,
    /// The pool is connected again. The server may repeat the last of what it sent.
    Reconnected,
    /// The transport lost the pool, or could not open it.
    Failed {
        /// What the transport said.
        error: String,
    },
}

/// What the wire tells a server: a client's [`Transmit`], and how the transport fares.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ServerInput {
    /// A client opens the pool. Stream transports have no packet for it and may hand in the first
    /// bytes as `Data`.
    OpenPool {
        /// The first bytes of the pool's stream.
        first: Bytes,
    },
    /// A client connects to the pool; answered by [`ServerTransmit::PoolConnected`] or
    /// [`ServerTransmit::ConnectRefused`].
    ///
    /// That the client before it is gone is for the endpoint to decide; the core lets a new one
    /// in whether or not the old one has disconnected.
    ConnectPool {
        /// `connectXml`.
        payload: Bytes,
    },
    /// A client starts a pipeline. Refused by [`ServerTransmit::PipelineRefused`].
    OpenPipeline {
        /// The pipeline's id.
        pipeline: PipelineId,
        /// The first bytes of its stream; none on stream transports.
        first: Bytes,
    },
    /// More bytes, cut anywhere.
    Data {
        /// Whom they are for.
        target: Target,
        /// Which stream they belong to.
        stream: Stream,
        /// A piece of the stream of fragments.
        payload: Bytes,
    },
    /// Stop the pipeline; answered by [`ServerTransmit::Signalled`].
    Signal {
        /// The pipeline's id.
        pipeline: PipelineId,
    },
    /// Free the pipeline; answered by [`ServerTransmit::PipelineClosed`].
    ClosePipeline {
        /// The pipeline's id.
        pipeline: PipelineId,
    },
    /// Close the pool; answered by [`ServerTransmit::PoolClosed`].
    ClosePool,
    /// The client leaves and may come back. It has read all that was given for it.
    Disconnect,
    /// The client went without a word, and the endpoint no longer waits for it. What it has not
    /// confirmed stays for whoever comes next.
    ClientLost,
    /// The same client is back. What it has not confirmed is given again, fragment by fragment.
    Reconnect,
    /// The stream ended: there is no client any more and there will be none. Everything stops.
    EndOfStream,
}

/// What a server owes the wire.
#[derive(Clone, Debug, PartialEq)]
pub enum ServerTransmit {
    /// Bytes for the client. Only with [`Carrier::Push`].
    Data {
        /// Whom they are from.
        target: Target,
        /// Whole fragments.
        payload: Bytes,
    },
    /// The answer to [`ServerInput::ConnectPool`].
    PoolConnected {
        /// `connectResponseXml`.
        payload: Bytes,
    },
    /// The client may not connect. The pool is as it was.
    ConnectRefused {
        /// Why.
        error: PeerError,
    },
    /// The pipeline is not started. The pool is as it was.
    PipelineRefused {
        /// The pipeline's id.
        pipeline: PipelineId,
        /// Why.
        error: PeerError,
    },
    /// The answer to [`ServerInput::Signal`]: the pipeline is not running any more. With
    /// [`Carrier::Push`] its state has gone before.
    Signalled {
        /// The pipeline's id.
        pipeline: PipelineId,
    },
    /// The answer to [`ServerInput::ClosePipeline`].
    PipelineClosed {
        /// The pipeline's id.
        pipeline: PipelineId,
    },
    /// The pool is closed: the answer to [`ServerInput::ClosePool`]; with [`Carrier::Push`] also
    /// the last word of a pool that closed by itself or broke.
    PoolClosed,
}

/// How a transport takes bytes from a server.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Carrier {
    /// The server writes when it has something, and what it wrote arrives or the transport is
    /// gone: stream transports. Everything is in
    /// [`poll_transmit`](crate::ServerPool::poll_transmit).
    Push,
    /// The client asks, for the pool and for each pipeline apart, and answers can get lost:
    /// WS-Management. Bytes are in [`poll_receive`](crate::ServerPool::poll_receive).
    Poll,
}

/// What a server has for a client that asks: the content of a ReceiveResponse.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Receive {
    /// Whole fragments; may be empty when `done`.
    pub payload: Bytes,
    /// Nothing follows: CommandState `Done`. For the pool: it is closed.
    pub done: bool,
}
