//! Sessions from one end to the other: client, transports and endpoint.

#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

mod scripted_engine;
mod sessions;
mod transcripts;
