//! What the benches measure, built once for every harness and the same on every machine.

pub mod inputs;
pub mod objects;
