//! Content types, as far as the binding looks at them.

/// What both sides write on a plain envelope. Windows writes it so, without a space.
pub(super) const SOAP_UTF8: &str = "application/soap+xml;charset=UTF-8";

/// What a body is, by its `Content-Type`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum MediaType {
    /// A SOAP envelope in UTF-8 or UTF-16.
    Soap,
    /// A sealed envelope in one part or several.
    Sealed,
    /// Anything else.
    Other,
}

impl MediaType {
    /// Reads the value of `Content-Type`.
    pub(super) fn read(value: &str) -> Self {
        let mut parts = value.split(';').map(str::trim);
        let essence = parts.next().unwrap_or_default();
        if essence.eq_ignore_ascii_case("application/soap+xml") {
            let charset = parts.find_map(|parameter| {
                let (name, value) = parameter.split_once('=')?;
                name.trim()
                    .eq_ignore_ascii_case("charset")
                    .then(|| value.trim().trim_matches('"'))
            });
            let readable = charset.is_none_or(|charset| {
                [
                    "utf-8", "utf8", "utf-16", "utf-16le", "utf-16be", "us-ascii",
                ]
                .iter()
                .any(|known| charset.eq_ignore_ascii_case(known))
            });
            if readable { Self::Soap } else { Self::Other }
        } else if essence.eq_ignore_ascii_case("multipart/encrypted")
            || essence.eq_ignore_ascii_case("multipart/x-multi-encrypted")
        {
            Self::Sealed
        } else {
            Self::Other
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_content_type_is_read_however_it_is_spelled() {
        let rows = [
            ("application/soap+xml;charset=UTF-8", MediaType::Soap),
            ("Application/SOAP+xml; Charset=\"utf-8\"", MediaType::Soap),
            ("application/soap+xml", MediaType::Soap),
            (
                "application/soap+xml; action=x; charset=UTF-16",
                MediaType::Soap,
            ),
            ("application/soap+xml;charset=EBCDIC", MediaType::Other),
            (
                "multipart/encrypted;protocol=\"application/HTTP-SPNEGO-session-encrypted\";boundary=\"Encrypted Boundary\"",
                MediaType::Sealed,
            ),
            ("multipart/x-multi-encrypted;boundary=x", MediaType::Sealed),
            ("text/xml", MediaType::Other),
            ("text/html; charset=UTF-8", MediaType::Other),
            ("", MediaType::Other),
        ];
        for (value, expected) in rows {
            assert_eq!(MediaType::read(value), expected, "{value}");
        }
    }
}
