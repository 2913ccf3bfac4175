//! Where a session lives: which computer, and over which transport.

use std::fmt;
use std::path::PathBuf;

use crate::Error;

/// The port of WS-Management over HTTP.
pub const HTTP_PORT: u16 = 5985;
/// The port of WS-Management over HTTPS.
pub const HTTPS_PORT: u16 = 5986;
/// The URL path that stands when no application name is given (`$PSSessionApplicationName`).
pub const APPLICATION_NAME: &str = "wsman";

/// Where a session lives.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Address {
    /// This computer: the endpoint that runs in the background for this user, over its socket.
    Local {
        /// The socket; `None` for the user's own endpoint, which is started when it is missing.
        socket: Option<PathBuf>,
    },
    /// Another computer (or a port of this one) over WS-Management.
    WsMan(WsManAddress),
    /// A child process that speaks the out-of-process protocol, such as `pwsh -s`.
    Process {
        /// The program.
        program: String,
        /// Its arguments.
        arguments: Vec<String>,
    },
}

/// The parts of a WS-Management URL.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct WsManAddress {
    /// Whether TLS is used. Default: not.
    pub use_ssl: bool,
    /// The host name or IP address, without brackets.
    pub host: String,
    /// The port; 5985, with TLS 5986, unless given.
    pub port: u16,
    /// The path without its leading slash. Default `wsman`.
    pub application_name: String,
}

impl WsManAddress {
    /// The address of a computer, with the defaults of New-PSSession.
    #[must_use]
    pub fn new(host: impl Into<String>) -> Self {
        Self {
            use_ssl: false,
            host: host.into(),
            port: HTTP_PORT,
            application_name: APPLICATION_NAME.to_owned(),
        }
    }

    /// Uses TLS; the port changes with it unless it was set.
    #[must_use]
    pub fn use_ssl(mut self, use_ssl: bool) -> Self {
        match (use_ssl, self.port) {
            (true, HTTP_PORT) => self.port = HTTPS_PORT,
            (false, HTTPS_PORT) => self.port = HTTP_PORT,
            _ => {}
        }
        self.use_ssl = use_ssl;
        self
    }

    /// Sets the port.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Sets the URL path.
    #[must_use]
    pub fn application_name(mut self, name: impl Into<String>) -> Self {
        self.application_name = name.into().trim_start_matches('/').to_owned();
        self
    }

    /// Reads a connection URI such as `https://server01:5986/wsman`.
    ///
    /// # Errors
    /// When the scheme is neither `http` nor `https`, the host is missing or the port is no port.
    pub fn from_connection_uri(uri: &str) -> Result<Self, Error> {
        let wrong = |why: &str| Error::usage(format!("the connection URI {uri} {why}"));
        let (scheme, rest) = uri
            .split_once("://")
            .ok_or_else(|| wrong("has no scheme (http or https)"))?;
        let use_ssl = match scheme.to_ascii_lowercase().as_str() {
            "http" => false,
            "https" => true,
            _ => return Err(wrong("is neither http nor https")),
        };
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        if authority.contains('@') {
            return Err(wrong("holds a user name; give it apart from the URI"));
        }
        let (host, port) = split_port(authority).ok_or_else(|| wrong("has a bad port"))?;
        if host.is_empty() {
            return Err(wrong("names no host"));
        }
        // A port that the scheme implies is WinRM's, not the web's, as PowerShell has it.
        let port = port.unwrap_or(if use_ssl { HTTPS_PORT } else { HTTP_PORT });
        let path = if path.is_empty() {
            APPLICATION_NAME
        } else {
            path
        };
        Ok(Self {
            use_ssl,
            host: host.to_owned(),
            port,
            application_name: path.to_owned(),
        })
    }

    /// The URL.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.use_ssl { "https" } else { "http" };
        if self.host.contains(':') {
            format!(
                "{scheme}://[{}]:{}/{}",
                self.host, self.port, self.application_name
            )
        } else {
            format!(
                "{scheme}://{}:{}/{}",
                self.host, self.port, self.application_name
            )
        }
    }

    /// Whether the host is this computer's loopback interface, where nobody else listens.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.host.eq_ignore_ascii_case("localhost")
            || self
                .host
                .parse::<std::net::IpAddr>()
                .is_ok_and(|address| address.is_loopback())
    }
}

impl Address {
    /// This computer, by way of the user's own endpoint.
    #[must_use]
    pub const fn local() -> Self {
        Self::Local { socket: None }
    }

    /// A computer by name, as `-ComputerName` takes it: `localhost` and `.` are this computer.
    #[must_use]
    pub fn computer(name: &str) -> Self {
        if is_this_computer(name) {
            Self::local()
        } else {
            Self::WsMan(WsManAddress::new(name))
        }
    }

    /// What the ComputerName column of a session table shows.
    #[must_use]
    pub fn computer_name(&self) -> &str {
        match self {
            Self::Local { .. } | Self::Process { .. } => "localhost",
            Self::WsMan(address) => &address.host,
        }
    }

    /// What the Transport column of a session table shows.
    #[must_use]
    pub const fn transport_name(&self) -> &'static str {
        match self {
            Self::Local { .. } | Self::WsMan(_) => "WSMan",
            Self::Process { .. } => "Process",
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local { socket: None } => f.write_str("this computer"),
            Self::Local { socket: Some(path) } => write!(f, "this computer at {}", path.display()),
            Self::WsMan(address) => f.write_str(&address.url()),
            Self::Process { program, .. } => write!(f, "the process {program}"),
        }
    }
}

/// The names that mean "here" to `-ComputerName`.
#[must_use]
pub fn is_this_computer(name: &str) -> bool {
    name == "." || name.eq_ignore_ascii_case("localhost")
}

/// `host`, `host:port`, `[v6]`, `[v6]:port`; a bare IPv6 address has no port.
fn split_port(authority: &str) -> Option<(&str, Option<u16>)> {
    if let Some(rest) = authority.strip_prefix('[') {
        let (host, rest) = rest.split_once(']')?;
        return match rest.strip_prefix(':') {
            Some(port) => Some((host, Some(port.parse().ok()?))),
            None => rest.is_empty().then_some((host, None)),
        };
    }
    match authority.split_once(':') {
        Some((_, port)) if port.contains(':') => Some((authority, None)),
        Some((host, port)) => {
            let port: u16 = port.parse().ok()?;
            (port != 0).then_some((host, Some(port)))
        }
        None => Some((authority, None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_uri_is_taken_apart_with_winrm_s_defaults() {
        for (uri, url) in [
            ("http://server01", "http://server01:5985/wsman"),
            ("https://server01", "https://server01:5986/wsman"),
            (
                "HTTPS://server01:443/PowerShell",
                "https://server01:443/PowerShell",
            ),
            ("http://[::1]:15985/wsman", "http://[::1]:15985/wsman"),
        ] {
            assert_eq!(
                WsManAddress::from_connection_uri(uri).unwrap().url(),
                url,
                "{uri}"
            );
        }
    }

    #[test]
    fn a_bad_connection_uri_is_refused_with_the_reason() {
        for (uri, why) in [
            ("server01", "has no scheme"),
            ("ftp://server01", "neither http nor https"),
            ("http://", "names no host"),
            ("http://a:0", "bad port"),
            ("http://a:x", "bad port"),
            ("http://u@a", "holds a user name"),
        ] {
            let error = WsManAddress::from_connection_uri(uri)
                .unwrap_err()
                .to_string();
            assert!(error.contains(why), "{uri}: {error}");
        }
    }

    #[test]
    fn tls_changes_the_port_only_when_nobody_set_it() {
        assert_eq!(WsManAddress::new("a").use_ssl(true).port, 5986);
        assert_eq!(WsManAddress::new("a").port(1).use_ssl(true).port, 1);
    }

    #[test]
    fn localhost_is_this_computer_and_its_address_is_not() {
        assert_eq!(Address::computer("LocalHost"), Address::local());
        assert!(matches!(Address::computer("127.0.0.1"), Address::WsMan(_)));
    }
}
