//! What stands in for the screen and the keyboard when a script wants them.

use std::future::Future;
use std::pin::Pin;

use psrp_codec::HostInfo;
use psrp_codec::host::{HostAnswer, HostRequest};

/// What a script may ask of the computer that it was sent from: lines to show, questions to ask.
///
/// The server is told once, by [`info`](Self::info), what there is; it sends no calls to a host
/// that is null. Output that a script writes with `Write-Host` arrives as information records too:
/// show one of the two.
pub trait Host: Send + Sync + 'static {
    /// What the server is told about this host. Default: that there is none.
    fn info(&self) -> HostInfo {
        HostInfo::none()
    }

    /// Does what is asked. `pipeline` calls of one session come one after the other.
    fn call(&self, request: HostRequest) -> HostFuture<'_>;
}

/// The answer to come: `Err` holds the text of the exception that the script sees.
pub type HostFuture<'h> =
    Pin<Box<dyn Future<Output = Result<Option<HostAnswer>, String>> + Send + 'h>>;

/// No host: whatever a script asks fails there with an error that says so.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoHost;

impl Host for NoHost {
    fn call(&self, request: HostRequest) -> HostFuture<'_> {
        let method = request.method_number();
        let name = request
            .method()
            .map_or("an unknown method", |method| method.name());
        let message = format!(
            "A command that prompts the user failed because the host program does not support \
             user interaction ({name}, method {method})."
        );
        Box::pin(async move { Err(message) })
    }
}
