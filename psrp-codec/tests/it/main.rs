//! What the crate promises, a module for each subject.
#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

mod clixml;
mod convert;
mod explain;
mod fragment;
mod fuzzing;
mod growth;
mod host;
mod limits;
mod line_packet;
mod message;
mod pipeline;
mod record;
mod recorded;
#[path = "../../examples/vectors/report.rs"]
mod report;
mod sample;
mod testdata;
