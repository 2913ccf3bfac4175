//! Both sides of a pool, joined in memory on a clock that the tests wind.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::disallowed_methods,
    reason = "a test that fails may panic, and winds a clock of its own"
)]

mod closing;
mod disconnecting;
mod host_calls;
mod misbehaving_peer;
mod mutations;
mod opening;
mod pair;
mod pipelines;
mod properties;
mod session_keys;
mod timeouts;
mod transcripts;
