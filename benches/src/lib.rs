//! What the benches measure, built once for every harness and the same on every machine.

pub mod answers;
pub mod compare;
pub mod inputs;
pub mod limits;
pub mod objects;
pub mod paths;
