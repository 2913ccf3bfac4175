//! Reading `WWW-Authenticate` and `Authorization` fields (RFC 9110, 11.3 and 11.4).

use base64_simd::{STANDARD, forgiving_decode_to_vec};

use super::{AuthError, AuthErrorKind, Secret};

/// The longest token that is looked at, decoded. A Kerberos ticket with many groups has 48 KiB at most.
pub(crate) const MAX_TOKEN_LEN: usize = 64 * 1024;

/// One scheme that a server offers.
#[derive(Debug)]
pub(crate) struct Challenge {
    /// The scheme name as the server spells it.
    pub(crate) scheme: String,
    /// The token of a leg that goes on; `None` for a bare offer.
    pub(crate) token: Option<Vec<u8>>,
}

impl Challenge {
    /// Reads one field, which may list several schemes. What cannot be read is left out: a server may offer schemes
    /// that nobody here has heard of.
    pub(crate) fn read_field(value: &str) -> Vec<Self> {
        let mut challenges: Vec<Self> = Vec::new();
        for item in split_outside_quotes(value) {
            let (first, rest) = match item.split_once([' ', '\t']) {
                Some((first, rest)) => (first, rest.trim()),
                None => (item, ""),
            };
            // `name=value` continues the parameters of the scheme before it; anything else begins a scheme.
            if !is_scheme_name(first) {
                continue;
            }
            let token = (!rest.is_empty() && !is_parameter(rest))
                .then(|| decode_token(rest))
                .flatten();
            challenges.push(Self {
                scheme: first.to_owned(),
                token,
            });
        }
        challenges
    }
}

/// The `Authorization` field of a request.
#[derive(Debug)]
pub(crate) struct Authorization<'a> {
    /// The scheme name as the client spells it.
    pub(crate) scheme: &'a str,
    /// The decoded token, empty when the client sent the name alone.
    pub(crate) token: Secret,
}

impl<'a> Authorization<'a> {
    /// Reads the field.
    pub(crate) fn read(value: &'a str) -> Result<Self, AuthError> {
        let malformed = |what: &str| AuthError::new(AuthErrorKind::Malformed, what);
        let (scheme, rest) = match value.trim().split_once([' ', '\t']) {
            Some((scheme, rest)) => (scheme, rest.trim()),
            None => (value.trim(), ""),
        };
        if scheme.is_empty() {
            return Err(malformed("the Authorization field is empty"));
        }
        let token = decode_token(rest)
            .ok_or_else(|| malformed("the token of the Authorization field is not base64"))?;
        Ok(Self {
            scheme,
            token: Secret::new(token),
        })
    }
}

/// The value of a field with a token in it: the scheme name, a space, and base64.
pub(crate) fn format_token(scheme: &str, token: &[u8]) -> Secret {
    let mut value =
        Vec::with_capacity(scheme.len() + 1 /* space */ + STANDARD.encoded_length(token.len()));
    value.extend_from_slice(scheme.as_bytes());
    value.push(b' ');
    STANDARD.encode_append(token, &mut value);
    Secret::new(value)
}

fn decode_token(text: &str) -> Option<Vec<u8>> {
    if text.len() > MAX_TOKEN_LEN.div_ceil(3) * 4 {
        return None;
    }
    // Forgiving, as some clients leave the padding out.
    forgiving_decode_to_vec(text.as_bytes()).ok()
}

/// The name of a scheme: a token of RFC 9110, or the URI that stands for client certificates.
fn is_scheme_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/:!#$%&'*^`|".contains(&byte))
}

/// Whether `rest`, what follows a scheme name, is `name=value` and not a token with padding.
fn is_parameter(rest: &str) -> bool {
    rest.split_once('=')
        .is_some_and(|(_, value)| !value.trim_matches('=').is_empty())
}

fn split_outside_quotes(value: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    let mut escaped = false;
    value
        .split(move |c: char| {
            match c {
                _ if escaped => escaped = false,
                '\\' if quoted => escaped = true,
                '"' => quoted = !quoted,
                ',' => return !quoted,
                _ => {}
            }
            false
        })
        .map(str::trim)
        .filter(|item| !item.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schemes(value: &str) -> Vec<(String, Option<Vec<u8>>)> {
        Challenge::read_field(value)
            .into_iter()
            .map(|challenge| (challenge.scheme, challenge.token))
            .collect()
    }

    #[test]
    fn a_field_lists_schemes_with_tokens_parameters_or_nothing() {
        let none = |name: &str| (name.to_owned(), None);
        assert_eq!(schemes("Negotiate"), [none("Negotiate")]);
        assert_eq!(schemes("Basic realm=\"WSMAN\""), [none("Basic")]);
        assert_eq!(
            schemes("Basic realm=\"a, b \\\" Digest\", charset=\"UTF-8\", Negotiate, Kerberos"),
            [none("Basic"), none("Negotiate"), none("Kerberos")]
        );
        assert_eq!(
            schemes("negotiate TlRMTQ=="),
            [("negotiate".to_owned(), Some(b"NTLM".to_vec()))]
        );
        assert_eq!(
            schemes("Negotiate TlRMTQ, Basic realm=x"),
            [
                ("Negotiate".to_owned(), Some(b"NTLM".to_vec())),
                none("Basic")
            ]
        );
        assert_eq!(schemes(""), []);
        assert_eq!(schemes(",, ,"), []);
    }

    #[test]
    fn an_authorization_is_a_scheme_and_a_token() {
        let read = Authorization::read("bAsIc dXNlcjpwYXNz").unwrap();
        assert_eq!(read.scheme, "bAsIc");
        assert_eq!(read.token.expose(), b"user:pass");
        let bare = Authorization::read(
            "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/mutual",
        )
        .unwrap();
        assert!(bare.token.expose().is_empty());
        assert!(Authorization::read("").is_err());
        assert!(Authorization::read("Basic ***").is_err());
        assert!(Authorization::read(&format!("Basic {}", "A".repeat(90_000))).is_err());
    }

    proptest::proptest! {
        #[test]
        fn any_field_is_read_or_refused(field: String) {
            drop(Authorization::read(&field));
            for challenge in Challenge::read_field(&field) {
                proptest::prop_assert!(is_scheme_name(&challenge.scheme));
            }
        }

        #[test]
        fn any_token_survives_the_way(token: Vec<u8>) {
            let value = format_token("Negotiate", &token);
            let text = std::str::from_utf8(value.expose()).unwrap();
            let read = Authorization::read(text).unwrap();
            proptest::prop_assert_eq!(read.token.expose(), &token[..]);
            if !token.is_empty() {
                let [challenge] = &Challenge::read_field(text)[..] else {
                    panic!("one challenge was written");
                };
                proptest::prop_assert_eq!(challenge.token.as_deref(), Some(&token[..]));
            }
        }
    }

    #[test]
    fn a_token_is_written_as_it_is_read() {
        let value = format_token("Negotiate", &[0, 1, 2, 255]);
        let text = std::str::from_utf8(value.expose()).unwrap();
        assert_eq!(text, "Negotiate AAEC/w==");
        assert_eq!(
            Authorization::read(text).unwrap().token.expose(),
            [0, 1, 2, 255]
        );
    }
}
