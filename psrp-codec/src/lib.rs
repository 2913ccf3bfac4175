//! Reads and writes the bytes of PowerShell remoting: no sockets, no clocks, no session state.

mod coding;
mod error;
mod limits;

pub use coding::{Decode, Encode};
pub use error::{DecodeError, DecodeErrorKind};
pub use limits::Limits;
