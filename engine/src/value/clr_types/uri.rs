//! `System.Uri`.

use crate::value::clr::{ClrLike, PropertyInfo};
use crate::value::error::Raise;
use crate::value::types::{TypeId, TypeRef};
use crate::value::{Text, Value};

/// A URI, absolute or relative.
#[derive(Debug)]
pub struct Uri {
    original: Text,
    parts: Option<Parts>,
}

#[derive(Debug)]
struct Parts {
    scheme: String,
    user_info: String,
    host: String,
    port: i32,
    default_port: bool,
    path: String,
    query: String,
    fragment: String,
}

impl Uri {
    /// Takes the text apart.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self {
            original: text.into(),
            parts: Parts::read(text),
        }
    }
}

impl Parts {
    fn read(text: &str) -> Option<Self> {
        let (scheme, rest) = text.trim().split_once(':')?;
        let valid = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
        if !valid || rest.is_empty() {
            return None;
        }
        let scheme = scheme.to_ascii_lowercase();
        let (rest, fragment) = rest.split_at(rest.find('#').unwrap_or(rest.len()));
        let (rest, query) = rest.split_at(rest.find('?').unwrap_or(rest.len()));
        let (authority, path) = match rest.strip_prefix("//") {
            Some(rest) => rest.split_at(rest.find('/').unwrap_or(rest.len())),
            None => ("", rest),
        };
        let (user_info, host) = authority.rsplit_once('@').unwrap_or(("", authority));
        let default = match scheme.as_str() {
            "http" | "ws" => 80,
            "https" | "wss" => 443,
            "ftp" => 21,
            "ssh" | "sftp" => 22,
            _ => -1,
        };
        let (host, port) = match host.rsplit_once(':') {
            Some((name, port))
                if !port.is_empty()
                    && !name.ends_with(':')
                    && port.bytes().all(|byte| byte.is_ascii_digit()) =>
            {
                (name, port.parse().ok()?)
            }
            _ => (host, default),
        };
        let path = if path.is_empty() && !authority.is_empty() {
            "/"
        } else {
            path
        };
        Some(Self {
            scheme,
            user_info: user_info.to_owned(),
            host: host.to_ascii_lowercase(),
            port,
            default_port: port == default,
            path: path.replace(' ', "%20"),
            query: query.replace(' ', "%20"),
            fragment: fragment.to_owned(),
        })
    }

    fn authority(&self) -> String {
        if self.default_port {
            self.host.clone()
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    fn absolute(&self) -> String {
        let user = if self.user_info.is_empty() {
            String::new()
        } else {
            format!("{}@", self.user_info)
        };
        let slashes = if self.host.is_empty() && self.scheme != "file" {
            ""
        } else {
            "//"
        };
        format!(
            "{}:{slashes}{user}{}{}{}{}",
            self.scheme,
            if slashes.is_empty() {
                String::new()
            } else {
                self.authority()
            },
            self.path,
            self.query,
            self.fragment
        )
    }
}

impl ClrLike for Uri {
    fn type_ref(&self) -> TypeRef {
        TypeRef::of(TypeId::Uri)
    }

    fn properties(&self) -> Vec<PropertyInfo> {
        [
            ("AbsolutePath", "System.String"),
            ("AbsoluteUri", "System.String"),
            ("LocalPath", "System.String"),
            ("Authority", "System.String"),
            ("HostNameType", "System.UriHostNameType"),
            ("IsDefaultPort", "System.Boolean"),
            ("IsFile", "System.Boolean"),
            ("IsLoopback", "System.Boolean"),
            ("PathAndQuery", "System.String"),
            ("Segments", "System.String[]"),
            ("IsUnc", "System.Boolean"),
            ("Host", "System.String"),
            ("Port", "System.Int32"),
            ("Query", "System.String"),
            ("Fragment", "System.String"),
            ("Scheme", "System.String"),
            ("OriginalString", "System.String"),
            ("DnsSafeHost", "System.String"),
            ("IdnHost", "System.String"),
            ("IsAbsoluteUri", "System.Boolean"),
            ("UserEscaped", "System.Boolean"),
            ("UserInfo", "System.String"),
        ]
        .map(|(name, type_name)| PropertyInfo {
            name,
            type_name,
            settable: false,
        })
        .into()
    }

    fn property(&self, name: &str) -> Option<Result<Value, Raise>> {
        let lower = name.to_ascii_lowercase();
        match lower.as_str() {
            "originalstring" => return Some(Ok(Value::String(self.original.clone()))),
            "isabsoluteuri" => return Some(Ok(Value::Bool(self.parts.is_some()))),
            "userescaped" => return Some(Ok(Value::Bool(false))),
            _ => {}
        }
        let Some(parts) = &self.parts else {
            // A relative one has the others by name, but cannot tell them.
            return self
                .properties()
                .iter()
                .any(|own| own.name.eq_ignore_ascii_case(name))
                .then_some(Ok(Value::Null));
        };
        Some(Ok(match lower.as_str() {
            "scheme" => parts.scheme.as_str().into(),
            "host" | "dnssafehost" | "idnhost" => parts.host.as_str().into(),
            "port" => Value::Int32(parts.port),
            "isdefaultport" => Value::Bool(parts.default_port),
            "absolutepath" => parts.path.as_str().into(),
            "localpath" => parts.path.replace("%20", " ").into(),
            "query" => parts.query.as_str().into(),
            "fragment" => parts.fragment.as_str().into(),
            "userinfo" => parts.user_info.as_str().into(),
            "pathandquery" => format!("{}{}", parts.path, parts.query).into(),
            "authority" => parts.authority().into(),
            "absoluteuri" => parts.absolute().into(),
            "isfile" => Value::Bool(parts.scheme == "file"),
            "isunc" => Value::Bool(false),
            "isloopback" => Value::Bool(
                matches!(parts.host.as_str(), "localhost" | "127.0.0.1" | "[::1]")
                    || parts.scheme == "file",
            ),
            "segments" => {
                let mut segments: Vec<Text> = Vec::new();
                let mut rest = parts.path.as_str();
                while !rest.is_empty() {
                    let end = rest.find('/').map_or(rest.len(), |at| at + 1);
                    segments.push(rest[..end].into());
                    rest = &rest[end..];
                }
                Value::strings(segments)
            }
            _ => return None,
        }))
    }

    fn text(&self) -> Text {
        match &self.parts {
            Some(parts) => parts.absolute().replace("%20", " ").into(),
            None => self.original.clone(),
        }
    }

    fn equals(&self, other: &dyn ClrLike) -> Option<bool> {
        other
            .downcast::<Self>()
            .map(|other| self.text() == other.text())
    }
}
