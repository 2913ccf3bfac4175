//! One request, as a service sees it beside the operation's own part.

use std::time::Duration;

use crate::exchange::Caller;
use crate::soap::{OptionSet, RequestHeaders};

/// Who asks, on what, how and for how long.
#[derive(Clone, Debug)]
pub struct Call {
    /// The authenticated peer. Nothing of it comes out of the envelope.
    pub caller: Caller,
    /// The headers of the request.
    pub headers: RequestHeaders,
    /// How long the request may wait: what the client asks for and the server allows.
    pub timeout: Duration,
    /// How many bytes the envelope of the answer may have: what the client takes and the server allows.
    pub max_envelope_size: usize,
}

impl Call {
    /// What an answer takes beside its streams: all headers, with room for long ids.
    const ENVELOPE_OVERHEAD: usize = 2048;

    /// The resource URI.
    #[must_use]
    pub fn resource_uri(&self) -> &str {
        &self.headers.resource_uri
    }

    /// The options.
    #[must_use]
    pub fn options(&self) -> &OptionSet {
        &self.headers.options
    }

    /// What is constant for one client session. Some clients have none, which is one more value.
    #[must_use]
    pub fn session_id(&self) -> Option<&str> {
        self.headers.session_id.as_deref()
    }

    /// How many bytes of stream data fit into the answer, if they are cut into `pieces`
    /// [`StreamData`](crate::shell::StreamData).
    #[must_use]
    pub fn stream_capacity(&self, pieces: usize) -> usize {
        let overhead = Self::ENVELOPE_OVERHEAD + pieces * crate::shell::StreamData::OVERHEAD;
        self.max_envelope_size.saturating_sub(overhead) / 4 * 3
    }
}
