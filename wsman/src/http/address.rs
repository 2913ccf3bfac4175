//! Where a client connects to.

use std::fmt;
use std::str::FromStr;

use hyper::Uri;

/// The path of requests when an address has none: the URL prefix that Windows and OMI listen on.
const DEFAULT_PATH: &str = "/wsman";

/// The address of a WS-Management service: `http://host:port/path`, `https://host:port/path` or `unix:/path/to/socket`.
///
/// Without a port it is 80 or 443, as in any URL; 5985 and 5986 have to be written. Without a path it is `/wsman`.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Address {
    place: Place,
    /// Path and query, as requests carry it.
    target: String,
    /// The whole as a URL.
    url: String,
}

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) enum Place {
    Tcp {
        /// Without the brackets of an IPv6 address.
        host: String,
        port: u16,
        tls: bool,
    },
    #[cfg(unix)]
    Unix(std::path::PathBuf),
}

impl Address {
    /// The URL that goes into `a:To`. A Unix socket has none; `http://localhost/wsman` stands for it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Whether requests go over TLS.
    #[must_use]
    pub fn is_tls(&self) -> bool {
        matches!(self.place, Place::Tcp { tls: true, .. })
    }

    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    pub(super) fn target(&self) -> &str {
        &self.target
    }

    /// The value of the `Host` field.
    pub(super) fn host_field(&self) -> String {
        match &self.place {
            Place::Tcp { host, port, tls } => {
                let host = bracketed(host);
                if *port == default_port(*tls) {
                    host
                } else {
                    format!("{host}:{port}")
                }
            }
            #[cfg(unix)]
            Place::Unix(_) => "localhost".to_owned(),
        }
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let wrong = |problem| AddressError { problem };
        if let Some(path) = text.strip_prefix("unix:") {
            return unix(path);
        }
        let uri: Uri = text.parse().map_err(|_| wrong("it is not a URL"))?;
        let tls = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return Err(wrong("it begins with neither http://, https:// nor unix:")),
        };
        let authority = uri.authority().ok_or(wrong("it has no host"))?;
        if authority.as_str().contains('@') {
            return Err(wrong("credentials do not belong into a URL"));
        }
        let host = authority.host();
        let host = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'))
            .unwrap_or(host);
        if host.is_empty() {
            return Err(wrong("it has no host"));
        }
        let port = match authority.as_str().rsplit_once(':') {
            // `Uri` leaves a port that does not fit out, and the request would go to the default port.
            Some((_, port)) if !port.ends_with(']') => port
                .parse()
                .ok()
                .filter(|&port| port != 0)
                .ok_or(wrong("its port is not a number from 1 to 65535"))?,
            _ => default_port(tls),
        };
        let target = match uri.path_and_query() {
            Some(target) if target.as_str() != "/" => target.as_str(),
            _ => DEFAULT_PATH,
        };
        let scheme = if tls { "https" } else { "http" };
        let host = host.to_owned();
        Ok(Self {
            url: format!("{scheme}://{}:{port}{target}", bracketed(&host)),
            target: target.to_owned(),
            place: Place::Tcp { host, port, tls },
        })
    }
}

#[cfg(unix)]
fn unix(path: &str) -> Result<Address, AddressError> {
    // `unix:///run/x` and `unix:/run/x` name the same socket.
    let path = path.strip_prefix("//").unwrap_or(path);
    if !path.starts_with('/') {
        return Err(AddressError {
            problem: "the path of a Unix socket begins with /",
        });
    }
    Ok(Address {
        place: Place::Unix(path.into()),
        target: DEFAULT_PATH.to_owned(),
        url: format!("http://localhost{DEFAULT_PATH}"),
    })
}

#[cfg(not(unix))]
fn unix(_: &str) -> Result<Address, AddressError> {
    Err(AddressError {
        problem: "this system has no Unix sockets",
    })
}

fn default_port(tls: bool) -> u16 {
    if tls { 443 } else { 80 }
}

fn bracketed(host: &str) -> String {
    if host.contains(':') {
        format!("[{host}]")
    } else {
        host.to_owned()
    }
}

/// As people write it; for messages.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Tcp { .. } => f.write_str(&self.url),
            #[cfg(unix)]
            Place::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

/// A text that is no [`Address`].
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not an address to connect to: {problem}")]
pub struct AddressError {
    problem: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_gives_url_host_field_and_target() {
        let rows = [
            (
                "http://srv01:5985/wsman",
                "http://srv01:5985/wsman",
                "srv01:5985",
                "/wsman",
            ),
            (
                "https://srv01",
                "https://srv01:443/wsman",
                "srv01",
                "/wsman",
            ),
            ("HTTP://srv01/", "http://srv01:80/wsman", "srv01", "/wsman"),
            (
                "https://[::1]:5986/wsman?PSVersion=7.6.5",
                "https://[::1]:5986/wsman?PSVersion=7.6.5",
                "[::1]:5986",
                "/wsman?PSVersion=7.6.5",
            ),
            ("http://[::1]", "http://[::1]:80/wsman", "[::1]", "/wsman"),
            (
                "http://srv01/other",
                "http://srv01:80/other",
                "srv01",
                "/other",
            ),
        ];
        for (text, url, host, target) in rows {
            let address: Address = text.parse().unwrap();
            assert_eq!(address.url(), url, "{text}");
            assert_eq!(address.host_field(), host, "{text}");
            assert_eq!(address.target(), target, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_an_address_or_none_and_an_address_names_itself(
            text in "(https?://|unix:)?[a-z0-9.:@/?#\\[\\]-]{0,40}|.*",
        ) {
            if let Ok(address) = text.parse::<Address>()
                && !address.to_string().starts_with("unix:")
            {
                let again: Address = address.url().parse().unwrap();
                proptest::prop_assert_eq!(again, address);
            }
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_unix_socket_is_a_path() {
        for text in ["unix:/run/wsman", "unix:///run/wsman"] {
            let address: Address = text.parse().unwrap();
            assert_eq!(*address.place(), Place::Unix("/run/wsman".into()));
            assert_eq!(address.to_string(), "unix:/run/wsman");
            assert_eq!(address.url(), "http://localhost/wsman");
        }
    }

    #[test]
    fn what_is_no_address_says_why() {
        let rows = [
            ("", "it is not a URL"),
            (
                "srv01",
                "it begins with neither http://, https:// nor unix:",
            ),
            (
                "ftp://srv01",
                "it begins with neither http://, https:// nor unix:",
            ),
            (
                "http://srv01:99999/",
                "its port is not a number from 1 to 65535",
            ),
            (
                "http://srv01:0/",
                "its port is not a number from 1 to 65535",
            ),
            (
                "http://anna:pw@srv01/",
                "credentials do not belong into a URL",
            ),
            ("unix:relative", "the path of a Unix socket begins with /"),
        ];
        for (text, problem) in rows {
            let error = text.parse::<Address>().unwrap_err();
            assert_eq!(error.problem, problem, "{text}");
        }
    }
}
