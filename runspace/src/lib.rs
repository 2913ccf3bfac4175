//! What each side of a runspace pool does: opening, pipelines, host calls, keys, disconnecting.
//! No sockets, no clocks, no randomness, no async: time, ids, keys and bytes are arguments.
//!
//! [`ClientPool`] and [`ServerPool`] are state machines that a driver of yours moves. Four kinds of
//! method make one up, and the prefix tells which: commands (plain verbs) queue what the
//! application wants; `handle_…` takes in what happened outside; `poll_…` gives what is owed to
//! the outside; the rest are getters.
//!
//! ```
//! use std::time::Instant;
//!
//! use psrp_codec::{
//!     ApplicationPrivateData, CreatePipeline, PipelineId, PipelineState, PipelineStateInfo, PoolId,
//!     Value,
//! };
//! use runspace::{
//!     Carrier, ClientConfig, ClientEvent, ClientPool, DEFAULT_TRANSMIT, Ending, Input,
//!     OutputStream, ServerConfig, ServerEvent, ServerInput, ServerPool, ServerTransmit, Target,
//!     Transmit,
//! };
//! use uuid::Uuid;
//!
//! let id = |number| Uuid::from_u128(number);
//! let mut client = ClientPool::new(ClientConfig::default(), PoolId::new(id(1)).unwrap());
//! let mut server = ServerPool::new(ServerConfig::new(Carrier::Push));
//!
//! // A driver of a few lines: what one side owes is what the other gets.
//! fn carry(client: &mut ClientPool, server: &mut ServerPool, now: Instant) {
//!     loop {
//!         let (input, accepted) = match client.poll_transmit(DEFAULT_TRANSMIT) {
//!             Some(Transmit::OpenPool { first }) => {
//!                 (ServerInput::OpenPool { first }, Some(Target::Pool))
//!             }
//!             Some(Transmit::OpenPipeline { pipeline, first }) => {
//!                 let target = Target::Pipeline(pipeline);
//!                 (ServerInput::OpenPipeline { pipeline, first }, Some(target))
//!             }
//!             Some(Transmit::ClosePipeline { pipeline }) => {
//!                 (ServerInput::ClosePipeline { pipeline }, None)
//!             }
//!             Some(other) => unreachable!("not in this example: {other:?}"),
//!             None => break,
//!         };
//!         server.handle_input(now, input);
//!         if let Some(target) = accepted {
//!             client.handle_input(now, Input::Accepted { target });
//!         }
//!     }
//!     while let Some(transmit) = server.poll_transmit(DEFAULT_TRANSMIT) {
//!         client.handle_input(now, match transmit {
//!             ServerTransmit::Data { target, payload } => Input::Data { target, payload },
//!             ServerTransmit::PipelineClosed { pipeline } => Input::PipelineClosed { pipeline },
//!             other => unreachable!("not in this example: {other:?}"),
//!         });
//!     }
//! }
//!
//! let now = Instant::now();
//! client.open(now)?;
//! carry(&mut client, &mut server, now);
//! assert!(matches!(server.poll_event(), Some(ServerEvent::OpenRequested { .. })));
//! server.opened(ApplicationPrivateData { data: Value::Null })?;
//! carry(&mut client, &mut server, now);
//! assert_eq!(client.poll_event(), Some(ClientEvent::PoolOpened));
//!
//! let pipeline = PipelineId::new(id(2)).unwrap();
//! client.create_pipeline(pipeline, &CreatePipeline::script("40 + 2"))?;
//! carry(&mut client, &mut server, now);
//! assert!(matches!(server.poll_event(), Some(ServerEvent::PipelineCreated { .. })));
//! server.output(pipeline, OutputStream::Output, &Value::from(42))?;
//! server.pipeline_ended(pipeline, &PipelineStateInfo::new(PipelineState::Completed))?;
//! carry(&mut client, &mut server, now);
//! let Some(ClientEvent::PipelineOutput { value: Some(value), .. }) = client.poll_event() else {
//!     unreachable!("the output comes first")
//! };
//! assert_eq!(value.as_bytes(), b"<I32>42</I32>");
//! let ended = ClientEvent::PipelineEnded { pipeline, how: Ending::Completed };
//! assert_eq!(client.poll_event(), Some(ended));
//! # Ok::<(), runspace::MisuseError>(())
//! ```
//!
//! The same words serve every transport; [`Transmit`] says what they are on WS-Management and on
//! streams. What is delivered, and what a client that dies can take with it, stands at
//! [`ServerPool`]. A peer that breaks the protocol is a [`PeerError`], which comes up as an event;
//! a caller that asks too early or too late gets a [`MisuseError`], and nothing has changed.
#![warn(clippy::indexing_slicing, clippy::arithmetic_side_effects)]
#![cfg_attr(
    test,
    allow(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::unwrap_used,
        clippy::disallowed_methods,
        reason = "a test that fails may panic, and winds a clock of its own"
    )
)]

pub mod client;
mod error;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
mod inbox;
mod legality;
mod limits;
mod negotiation;
mod outbox;
mod pipeline_state;
mod pool_state;
pub mod server;
pub mod session_key;
mod timers;
mod transmit;
mod wire;

pub use client::{ClientConfig, ClientEvent, ClientPool, ClientTimeouts, SizeChange};
pub use error::{MisuseError, PeerError};
pub use limits::{DEFAULT_TRANSMIT, MIN_TRANSMIT, PoolLimits};
pub use negotiation::ProtocolVersion;
pub use pipeline_state::{Ending, Loss, OutputStream};
pub use pool_state::PoolState;
pub use server::{BufferMode, ServerConfig, ServerEvent, ServerPool, ServerTimeouts};
pub use transmit::{
    Carrier, Input, Receive, ServerInput, ServerTransmit, Stream, Target, Transmit,
};

/// The examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
