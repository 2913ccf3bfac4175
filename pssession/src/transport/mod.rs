//! What carries the bytes of a pool.

mod local;

pub use local::{endpoint_socket, ensure_endpoint};
