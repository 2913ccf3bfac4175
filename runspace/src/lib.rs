//! What each side of a runspace pool does.
#![warn(clippy::indexing_slicing, clippy::arithmetic_side_effects)]
#![cfg_attr(
    test,
    allow(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::unwrap_used,
        reason = "a test that fails may panic"
    )
)]

pub mod client;
mod error;
mod inbox;
mod limits;
mod negotiation;
mod outbox;
mod pipeline_state;
mod pool_state;
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
pub use transmit::{
    Carrier, Input, Receive, ServerInput, ServerTransmit, Stream, Target, Transmit,
};
