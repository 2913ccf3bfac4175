//! Sessions from one end to the other: client, transports and endpoint.

#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

mod command_line;
mod computers;
mod dying_clients;
mod hostile;
mod interleavings;
mod program;
mod scripted_engine;
mod sessions;
mod transcripts;
