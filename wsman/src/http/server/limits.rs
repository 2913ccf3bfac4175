//! What clients may use up.

use std::time::Duration;

/// The limits of a server. All have defaults; set what differs and take the rest from [`Default`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ServerLimits {
    /// Connections at once, over all listeners; further ones wait. Defaults to 300, as on Windows (`MaxConnections`).
    pub connections: usize,
    /// The longest request line with its fields, in bytes, at least 8 KiB. Defaults to 128 KiB: a Kerberos token may
    /// take 64 KiB before base64. Longer ones are answered 431.
    pub head_len: usize,
    /// The longest body, in bytes as they come. Defaults to the envelopes of Windows (500 KiB) and 16 KiB for what
    /// encryption adds. Longer ones are answered 413.
    pub body_len: usize,
    /// How long a TLS handshake may take. Defaults to 10 s.
    pub handshake_timeout: Duration,
    /// How long the request line and the fields may take from their first byte, and how long a connection that has
    /// never been authenticated may wait before it. Defaults to 20 s.
    pub head_timeout: Duration,
    /// How long a body may take. Defaults to 120 s, as on Windows (`MaxPacketRetrievalTimeSeconds`). Slower ones are
    /// answered 408.
    pub body_timeout: Duration,
    /// How long an authenticated connection may wait for its next request. Defaults to 180 s.
    pub idle_timeout: Duration,
    /// How long a client may leave an answer untouched while it is being sent. Defaults to 60 s.
    pub write_timeout: Duration,
    /// How many authentications may fail on a connection before it is closed. Defaults to 3.
    pub failed_authentications: u32,
    /// How many tokens one authentication may take. Defaults to 8.
    pub authentication_legs: u32,
    /// How long requests in flight may take to finish when the server stops. Defaults to 30 s.
    pub shutdown_grace: Duration,
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self {
            connections: 300,
            head_len: 128 * 1024,
            body_len: 500 * 1024 + 16 * 1024,
            handshake_timeout: Duration::from_secs(10),
            head_timeout: Duration::from_secs(20),
            body_timeout: Duration::from_secs(120),
            idle_timeout: Duration::from_secs(180),
            write_timeout: Duration::from_secs(60),
            failed_authentications: 3,
            authentication_legs: 8,
            shutdown_grace: Duration::from_secs(30),
        }
    }
}
