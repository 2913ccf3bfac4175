//! Client and server of the HTTP binding against each other, and each against peers that misbehave.

mod client_against_raw_server;
mod exchange;
#[cfg(feature = "negotiate")]
mod negotiate;
mod schemes;
mod secrets;
mod server_against_raw_client;
mod setup;
mod shells;
mod shutdown;
mod tls;
#[cfg(unix)]
mod unix_socket;
