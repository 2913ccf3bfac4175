//! What carries the bytes of a pool.
//!
//! A [`Wire`] carries out what the client core wants sent and brings what happened. It knows
//! nothing of messages: `runspace` says what, a wire only how.

mod line;
mod local;
mod process;
mod shells;
mod wsman;

use std::future::Future;

use psrp_codec::PipelineId;
use runspace::{Input, Transmit};

pub(crate) use line::LineWire;
pub use local::{endpoint_socket, ensure_endpoint};
pub(crate) use process::ProcessWire;
pub(crate) use shells::{CONFIGURATION_PREFIX, Shells};
pub(crate) use wsman::{ShellOptions, WsManWire};

use crate::Error;

/// Carries out a core's transmits and brings its inputs.
///
/// Dropping a wire ends everything that it has under way on this side; what is open at the server
/// stays there until its idle timeout, unless `ClosePool` went out before.
pub(crate) trait Wire: Send + 'static {
    /// The most bytes that one transmit may carry.
    fn max_payload(&self) -> usize;

    /// Starts to carry out `transmit`. Never waits for the peer: what comes of it is an input.
    fn send(&mut self, transmit: Transmit) -> impl Future<Output = ()> + Send;

    /// What happens next. Cancel-safe: an input is given or kept, never lost.
    fn recv(&mut self) -> impl Future<Output = Input> + Send;

    /// Whether a server keeps what it gave for a pipeline until it is asked for more. Such a wire
    /// never asks by itself, or what was lost on this side could not be had again.
    fn keeps_until_asked(&self) -> bool;

    /// Asks for what `pipeline` brings next: where the server [waits for
    /// it](Self::keeps_until_asked) for one answer, elsewhere for all from now on.
    fn ask(&mut self, pipeline: PipelineId);

    /// Stops taking what `pipeline` brings where it comes unasked. What has arrived already may
    /// still be given.
    fn hold(&mut self, _pipeline: PipelineId) {}

    /// What the next `Disconnect` says about idle time and buffer, where a transport can say it.
    fn set_leave(&mut self, _options: ShellOptions) {}

    /// Why the last `Failed` or `PipelineFailed` came, with its cause; taken once.
    fn take_error(&mut self) -> Option<Error>;
}
