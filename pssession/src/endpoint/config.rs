//! What an endpoint allows.

use std::time::Duration;

use runspace::{PoolLimits, ServerConfig};

/// How an endpoint treats sessions: the options of New-PSTransportOption, with Windows' defaults.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct EndpointConfig {
    /// How long a session lives without contact unless it asks for another time. Default 2 hours.
    pub idle_timeout: Duration,
    /// The longest idle timeout that a session may ask for. Default 2,147,483.647 s.
    pub max_idle_timeout: Duration,
    /// The shortest. Default 1 minute.
    pub min_idle_timeout: Duration,
    /// Sessions at a time, of all users. Default 200.
    pub max_sessions: usize,
    /// Sessions of one user at a time. Default 25.
    pub max_sessions_per_user: usize,
    /// Pipelines of one session at a time. Default 1,000.
    pub max_concurrent_commands_per_session: usize,
    /// How long a client whose connection broke has to come back before another client of the
    /// same user may take its session. Default half a second.
    pub takeover_after: Duration,
    /// How long a client that asks for nothing, over whole connections, keeps others away from
    /// its session. Default 10 seconds.
    pub silence_after: Duration,
    /// What one session may hold for its client. The defaults are PowerShell's.
    pub pool_limits: PoolLimits,
}

impl Default for EndpointConfig {
    fn default() -> Self {
        Self {
            idle_timeout: Duration::from_secs(7200),
            max_idle_timeout: Duration::from_millis(i32::MAX.unsigned_abs().into()),
            min_idle_timeout: Duration::from_secs(60),
            max_sessions: 200,
            max_sessions_per_user: 25,
            max_concurrent_commands_per_session: 1_000,
            takeover_after: Duration::from_millis(500),
            silence_after: Duration::from_secs(10),
            pool_limits: PoolLimits::default(),
        }
    }
}

impl EndpointConfig {
    /// The configuration of one pool.
    pub(super) fn server_config(&self, carrier: runspace::Carrier) -> ServerConfig {
        let mut limits = self.pool_limits.clone();
        limits.pipelines = self.max_concurrent_commands_per_session;
        ServerConfig::new(carrier).limits(limits)
    }
}
