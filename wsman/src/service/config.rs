//! The settings of a dispatcher.

use std::time::Duration;

use crate::identify::Identity;
use crate::soap::EnvelopeLimits;

/// The settings of a [`Dispatcher`](super::Dispatcher).
#[derive(Clone, Debug)]
pub struct DispatcherConfig {
    pub(super) limits: EnvelopeLimits,
    pub(super) max_timeout: Duration,
    pub(super) max_envelope_size: usize,
    pub(super) enumeration_timeout: Duration,
    pub(super) enumerations_per_user: usize,
    pub(super) compression: bool,
    pub(super) max_expanded_size: usize,
    pub(super) identity: Identity,
    pub(super) anonymous_identity: Option<Identity>,
}

impl Default for DispatcherConfig {
    fn default() -> Self {
        Self::new()
    }
}

impl DispatcherConfig {
    /// The defaults of a Windows service of today.
    #[must_use]
    pub fn new() -> Self {
        let identity = Identity::new("wsman", "OS: 0.0.0 SP: 0.0 Stack: 3.0");
        Self {
            limits: EnvelopeLimits::default(),
            max_timeout: Duration::from_secs(60),
            max_envelope_size: 500 * 1024,
            enumeration_timeout: Duration::from_secs(240),
            enumerations_per_user: 16,
            compression: true,
            max_expanded_size: 8 * 1024 * 1024,
            anonymous_identity: Some(identity.clone()),
            identity,
        }
    }

    /// What a request may cost before it is refused.
    #[must_use]
    pub fn limits(mut self, limits: EnvelopeLimits) -> Self {
        self.limits = limits;
        self
    }

    /// The longest that a request may wait, whatever its OperationTimeout says. Defaults to 60 seconds.
    #[must_use]
    pub fn max_timeout(mut self, timeout: Duration) -> Self {
        self.max_timeout = timeout;
        self
    }

    /// The largest envelope that is answered, whatever the request allows. Defaults to 500 KiB.
    #[must_use]
    pub fn max_envelope_size(mut self, size: usize) -> Self {
        self.max_envelope_size = size;
        self
    }

    /// After how much silence a listing is forgotten. Defaults to 240 seconds.
    #[must_use]
    pub fn enumeration_timeout(mut self, timeout: Duration) -> Self {
        self.enumeration_timeout = timeout;
        self
    }

    /// Whether clients may compress their streams. Defaults to true, as those of Windows insist on it.
    #[must_use]
    pub fn compression(mut self, allowed: bool) -> Self {
        self.compression = allowed;
        self
    }

    /// How large the compressed streams of one request may become. Defaults to 8 MiB.
    #[must_use]
    pub fn max_expanded_size(mut self, size: usize) -> Self {
        self.max_expanded_size = size;
        self
    }

    /// What authenticated callers are told by Identify.
    #[must_use]
    pub fn identity(mut self, identity: Identity) -> Self {
        self.identity = identity;
        self
    }

    /// What others are told by Identify; `None` refuses them. Defaults to a text that says nothing about the system.
    #[must_use]
    pub fn anonymous_identity(mut self, identity: Option<Identity>) -> Self {
        self.anonymous_identity = identity;
        self
    }
}
