//! The crate from outside, one module for each subject.
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helpers as well"
)]

mod http;
#[path = "../support/memory_shells.rs"]
mod memory_shells;
mod misbehaving_client;
mod misbehaving_server;
mod operations;
mod over_http;
mod recordings;
mod soap_setup;
