//! Addresses of computers and people, and values of types that have only one.

use std::net::IpAddr;

use crate::value::clr::{ClrLike, PropertyInfo};
use crate::value::convert;
use crate::value::error::Raise;
use crate::value::number::integer_of;
use crate::value::types::{TypeId, TypeRef};
use crate::value::{Text, Value};

/// `System.Net.IPAddress`.
#[derive(Debug)]
pub struct IpAddress(pub IpAddr);

/// `System.Net.Mail.MailAddress`.
#[derive(Debug)]
pub struct MailAddress {
    display_name: Text,
    user: Text,
    host: Text,
}

/// The one value of `DBNull` or `NullString`.
#[derive(Debug)]
pub struct Singleton(pub TypeId);

pub(super) fn convert(value: &Value, ty: &TypeRef, id: TypeId) -> Result<Value, Raise> {
    match value {
        Value::Bool(_) | Value::DateTime(_) | Value::Enum(_) => {
            return Err(convert::invalid_cast(value, ty, true));
        }
        Value::Char(unit) if id == TypeId::IPAddress => {
            return Ok(Value::clr(IpAddress(
                std::net::Ipv4Addr::from(u32::from(*unit).swap_bytes()).into(),
            )));
        }
        Value::String(_)
        | Value::Char(_)
        | Value::Double(_)
        | Value::Single(_)
        | Value::Decimal(_) => {}
        other if integer_of(other).is_some() => {}
        other => return Err(convert::not_convertible(other, ty)),
    }
    let text = convert::invariant_text(value);
    if id == TypeId::IPAddress {
        // A number is the address itself, its bytes in the order of the wire.
        if let Some(number) = integer_of(value).and_then(|number| u32::try_from(number).ok()) {
            return Ok(Value::clr(IpAddress(
                std::net::Ipv4Addr::from(number.swap_bytes()).into(),
            )));
        }
        return match text.parse() {
            Ok(address) => Ok(Value::clr(IpAddress(address))),
            Err(_) => Err(convert::parse_failed(
                value,
                ty,
                "An invalid IP address was specified.",
                false,
            )),
        };
    }
    match MailAddress::parse(&text) {
        Some(address) => Ok(Value::clr(address)),
        None => Err(convert::constructor_failed(
            value,
            ty,
            "The specified string is not in the form required for an e-mail address.",
        )),
    }
}

impl MailAddress {
    /// Reads `name@host` or `Display Name <name@host>`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (display_name, address) = match text
            .strip_suffix('>')
            .and_then(|rest| rest.rsplit_once('<'))
        {
            Some((display_name, address)) => (display_name.trim().trim_matches('"'), address),
            None => ("", text),
        };
        let (user, host) = address.rsplit_once('@')?;
        let valid = !user.is_empty() && !host.is_empty() && !address.contains(char::is_whitespace);
        valid.then(|| Self {
            display_name: display_name.into(),
            user: user.into(),
            host: host.into(),
        })
    }

    fn address(&self) -> String {
        format!("{}@{}", self.user, self.host)
    }
}

impl ClrLike for IpAddress {
    fn type_ref(&self) -> TypeRef {
        TypeRef::of(TypeId::IPAddress)
    }

    fn properties(&self) -> Vec<PropertyInfo> {
        [
            ("AddressFamily", "System.Net.Sockets.AddressFamily"),
            ("ScopeId", "System.Int64"),
            ("IsIPv6Multicast", "System.Boolean"),
            ("IsIPv6LinkLocal", "System.Boolean"),
            ("IsIPv6SiteLocal", "System.Boolean"),
            ("IsIPv6Teredo", "System.Boolean"),
            ("IsIPv6UniqueLocal", "System.Boolean"),
            ("IsIPv4MappedToIPv6", "System.Boolean"),
            ("Address", "System.Int64"),
            ("IPAddressToString", "System.String"),
        ]
        .map(|(name, type_name)| PropertyInfo {
            name,
            type_name,
            settable: false,
        })
        .into()
    }

    fn property(&self, name: &str) -> Option<Result<Value, Raise>> {
        let six = match self.0 {
            IpAddr::V4(_) => None,
            IpAddr::V6(six) => Some(six),
        };
        let starts =
            |prefix: u16, mask: u16| six.is_some_and(|six| six.segments()[0] & mask == prefix);
        Some(Ok(match name.to_ascii_lowercase().as_str() {
            "addressfamily" => Value::enumeration(
                "System.Net.Sockets.AddressFamily",
                if six.is_some() { 23 } else { 2 },
            )
            .unwrap_or_default(),
            "scopeid" => six.map_or(Value::Null, |_| Value::Int64(0)),
            "isipv6multicast" => Value::Bool(starts(0xff00, 0xff00)),
            "isipv6linklocal" => Value::Bool(starts(0xfe80, 0xffc0)),
            "isipv6sitelocal" => Value::Bool(starts(0xfec0, 0xffc0)),
            "isipv6uniquelocal" => Value::Bool(starts(0xfc00, 0xfe00)),
            "isipv6teredo" => {
                Value::Bool(six.is_some_and(|six| six.segments()[..2] == [0x2001, 0]))
            }
            "isipv4mappedtoipv6" => {
                Value::Bool(six.is_some_and(|six| six.to_ipv4_mapped().is_some()))
            }
            "address" => match self.0 {
                IpAddr::V4(four) => Value::Int64(i64::from(u32::from(four).swap_bytes())),
                IpAddr::V6(_) => Value::Null,
            },
            "ipaddresstostring" => self.0.to_string().into(),
            _ => return None,
        }))
    }

    fn methods(&self) -> &'static [&'static str] {
        &["GetAddressBytes", "MapToIPv4", "MapToIPv6"]
    }

    fn invoke(
        &self,
        _this: &Value,
        name: &str,
        _arguments: &[Value],
        _cx: &mut dyn crate::value::Context,
    ) -> Option<Result<Value, Raise>> {
        match name.to_ascii_lowercase().as_str() {
            "getaddressbytes" => {
                let bytes = match self.0 {
                    IpAddr::V4(four) => four.octets().to_vec(),
                    IpAddr::V6(six) => six.octets().to_vec(),
                };
                Some(Ok(Value::typed_array(
                    TypeRef::of(TypeId::Byte),
                    bytes.into_iter().map(Value::Byte).collect(),
                )))
            }
            "maptoipv6" => Some(Ok(Value::clr(Self(match self.0 {
                IpAddr::V4(four) => four.to_ipv6_mapped().into(),
                six => six,
            })))),
            "maptoipv4" => Some(Ok(Value::clr(Self(self.0.to_canonical())))),
            _ => None,
        }
    }

    fn text(&self) -> Text {
        self.0.to_string().into()
    }

    fn equals(&self, other: &dyn ClrLike) -> Option<bool> {
        other.downcast::<Self>().map(|other| other.0 == self.0)
    }
}

impl ClrLike for MailAddress {
    fn type_ref(&self) -> TypeRef {
        TypeRef::of(TypeId::MailAddress)
    }

    fn properties(&self) -> Vec<PropertyInfo> {
        ["DisplayName", "User", "Host", "Address"]
            .map(|name| PropertyInfo {
                name,
                type_name: "System.String",
                settable: false,
            })
            .into()
    }

    fn property(&self, name: &str) -> Option<Result<Value, Raise>> {
        Some(Ok(match name.to_ascii_lowercase().as_str() {
            "displayname" => Value::String(self.display_name.clone()),
            "user" => Value::String(self.user.clone()),
            "host" => Value::String(self.host.clone()),
            "address" => self.address().into(),
            _ => return None,
        }))
    }

    fn text(&self) -> Text {
        if self.display_name.is_empty() {
            self.address().into()
        } else {
            format!("\"{}\" <{}>", self.display_name, self.address()).into()
        }
    }

    fn equals(&self, other: &dyn ClrLike) -> Option<bool> {
        other
            .downcast::<Self>()
            .map(|other| crate::value::equal_folded(&self.address(), &other.address()))
    }
}

impl ClrLike for Singleton {
    fn type_ref(&self) -> TypeRef {
        TypeRef::of(self.0)
    }

    fn text(&self) -> Text {
        Text::default()
    }

    fn equals(&self, other: &dyn ClrLike) -> Option<bool> {
        other.downcast::<Self>().map(|other| other.0 == self.0)
    }
}
