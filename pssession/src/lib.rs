#![doc = include_str!("../README.md")]

mod address;
mod credential;
mod driver;
pub mod endpoint;
mod error;
mod fan_out;
pub mod host;
mod invocation;
mod outlet;
mod output;
mod script;
mod session;
mod session_builder;
mod session_option;
mod transport;

pub use address::{
    APPLICATION_NAME, Address, HTTP_PORT, HTTPS_PORT, WsManAddress, is_this_computer,
};
pub use credential::Credential;
pub use error::{Error, ErrorKind};
pub use fan_out::{Arrival, FanOut, Origin, THROTTLE_LIMIT};
pub use invocation::{Collected, Invocation, Outcome, Stopper};
pub use output::Output;
pub use script::Script;
pub use session::{DisconnectOption, RunspaceAvailability, RunspaceState, Session};
pub use session_builder::{
    AuthenticationMechanism, CONFIGURATION_NAME, SessionBuilder, SessionInfo,
};
pub use session_option::{
    MINIMUM_IDLE_TIMEOUT, OutputBufferingMode, SessionOption, check_idle_timeout,
};
pub use transport::{endpoint_socket, ensure_endpoint};
