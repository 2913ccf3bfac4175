//! PowerShell sessions on other computers and on this one.

mod address;
mod credential;
mod error;
mod session_option;
mod transport;

pub use address::{
    APPLICATION_NAME, Address, HTTP_PORT, HTTPS_PORT, WsManAddress, is_this_computer,
};
pub use credential::Credential;
pub use error::{Error, ErrorKind};
pub use session_option::{
    MINIMUM_IDLE_TIMEOUT, OutputBufferingMode, SessionOption, check_idle_timeout,
};
pub use transport::{endpoint_socket, ensure_endpoint};
