//! The operations on shells, one to a file: what is asked and what is answered.
//!
//! Bytes come and go as [`Bytes`](bytes::Bytes) and are opaque here. Which streams a shell has, what rides in the
//! open content of [`Create`] and [`Connect`], and what the arguments of a [`Command`] mean, is up to the resource.

mod command;
mod compression;
mod connect;
mod create;
mod delete;
mod description;
mod disconnect;
mod enumerate;
mod get;
mod id;
mod pull;
mod receive;
mod reconnect;
mod send;
mod signal;
mod stream;
mod streams;

pub use command::{Command, CommandResponse};
pub use compression::{CompressionError, read_blocks, store_blocks};
pub use connect::{Connect, ConnectResponse};
pub use create::{Create, CreateResponse, EndpointReference};
pub use delete::{Delete, DeleteResponse};
pub use description::{BufferMode, CommandDescription, ShellDescription, ShellState};
pub use disconnect::{Disconnect, DisconnectResponse};
pub use enumerate::{
    Enumerate, EnumerateResponse, EnumerationFilter, EnumerationItem, EnumerationMode,
};
pub use get::{Get, GetResponse};
pub use id::{CommandId, ShellId};
pub use pull::{Pull, PullResponse, Release, ReleaseResponse};
pub use receive::{CommandState, CommandStatus, KEEP_ALIVE_OPTION, Receive, ReceiveResponse};
pub use reconnect::{Reconnect, ReconnectResponse};
pub use send::{Send, SendResponse};
pub use signal::{Signal, SignalCode, SignalResponse};
pub use stream::{StreamData, StreamName, StreamSet};
pub use streams::{Pieces, StreamPiece, Streams};
