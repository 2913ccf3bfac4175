//! [2.2.9.1] Encrypted Message: a sealed envelope as the one part that counts of a `multipart/encrypted` body.
//!
//! It looks like MIME and is not: no blank line ends the fields of a part, and the binary part ends where its length
//! says, as it may hold anything. So it is read by lengths and never by searching.
//!
//! [2.2.9.1]: https://learn.microsoft.com/openspecs/windows_protocols/ms-wsmv/8fd43bd6-0a3c-4cd4-b9d0-5cf3e4ee6bb2

use std::fmt;

use bytes::{BufMut, Bytes, BytesMut};

use super::{AuthError, AuthErrorKind};

/// The boundary that Windows, OMI and we write. Others are read, too.
const BOUNDARY: &str = "Encrypted Boundary";
/// The longest signature in front of a ciphertext. NTLM has 16 bytes, Kerberos about 60.
const MAX_SIGNATURE_LEN: usize = 1024;

/// What sealed the body; each mechanism has a media type of its own.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum SealedBy {
    /// Negotiate, whatever it negotiated.
    Spnego,
}

impl SealedBy {
    fn protocol(self) -> &'static str {
        match self {
            Self::Spnego => "application/HTTP-SPNEGO-session-encrypted",
        }
    }

    /// The `Content-Type` of a body that [`SealedMessage::write`] has made.
    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Spnego => {
                "multipart/encrypted;protocol=\"application/HTTP-SPNEGO-session-encrypted\";boundary=\"Encrypted Boundary\""
            }
        }
    }
}

/// A sealed envelope, seen in place.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct SealedMessage<'a> {
    /// What the mechanism put in front: signature, checksum, sequence number.
    pub(super) signature: &'a [u8],
    /// As many bytes as there were before sealing.
    pub(super) ciphertext: &'a [u8],
}

impl<'a> SealedMessage<'a> {
    /// Finds the message in a body.
    pub(super) fn read(
        sealed_by: SealedBy,
        content_type: &'a str,
        body: &'a [u8],
    ) -> Result<Self, AuthError> {
        let boundary = check_content_type(sealed_by, content_type)?;
        let mut input = Input { rest: body };
        input.delimiter(boundary)?;
        let length = input.original_length(boundary)?;
        let media_type = input.line("the fields of the sealed part")?;
        if !is_field(media_type, "content-type") {
            return Err(malformed(
                "the sealed part does not begin with Content-Type",
            ));
        }
        let signature_len = input.u32("the length of the signature")?;
        if signature_len > MAX_SIGNATURE_LEN {
            return Err(malformed("the signature is too long"));
        }
        let signature = input.take(signature_len, "the signature")?;
        let ciphertext = input.take(length, "the ciphertext")?;
        input.end(boundary)?;
        Ok(Self {
            signature,
            ciphertext,
        })
    }

    /// Writes the body around the message, byte for byte as Windows does.
    pub(super) fn write(&self, sealed_by: SealedBy) -> Bytes {
        let mut out = BytesMut::with_capacity(256 + self.signature.len() + self.ciphertext.len());
        out.put_slice(b"--");
        out.put_slice(BOUNDARY.as_bytes());
        out.put_slice(b"\r\n\tContent-Type: ");
        out.put_slice(sealed_by.protocol().as_bytes());
        out.put_slice(b"\r\n\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length=");
        out.put_slice(self.ciphertext.len().to_string().as_bytes());
        out.put_slice(b"\r\n--");
        out.put_slice(BOUNDARY.as_bytes());
        out.put_slice(b"\r\n\tContent-Type: application/octet-stream\r\n");
        // A signature comes from our own mechanism, which has 16 or 60 bytes of it.
        out.put_u32_le(u32::try_from(self.signature.len()).unwrap_or(u32::MAX));
        out.put_slice(self.signature);
        out.put_slice(self.ciphertext);
        out.put_slice(b"--");
        out.put_slice(BOUNDARY.as_bytes());
        out.put_slice(b"--\r\n");
        out.freeze()
    }
}

/// What is left of a body.
struct Input<'a> {
    rest: &'a [u8],
}

impl<'a> Input<'a> {
    /// A line without its end.
    fn line(&mut self, what: &'static str) -> Result<&'a [u8], AuthError> {
        let end = self
            .rest
            .iter()
            .position(|&byte| byte == b'\n')
            .ok_or_else(|| ends_in(what))?;
        let (line, rest) = self.rest.split_at(end);
        self.rest = rest.get(1..).unwrap_or_default();
        Ok(line.strip_suffix(b"\r").unwrap_or(line))
    }

    fn delimiter(&mut self, boundary: &str) -> Result<(), AuthError> {
        let line = self.line("a delimiter")?;
        if is_delimiter(line, boundary) {
            Ok(())
        } else {
            Err(malformed("a part does not begin with the boundary"))
        }
    }

    /// The fields of the first part, up to the delimiter of the second; gives the length before sealing.
    fn original_length(&mut self, boundary: &str) -> Result<usize, AuthError> {
        let mut length = None;
        loop {
            let line = self.line("the fields of the first part")?;
            if is_delimiter(line, boundary) {
                return length.ok_or_else(|| malformed("OriginalContent has no Length"));
            }
            if is_field(line, "originalcontent") {
                length = String::from_utf8_lossy(line)
                    .split([':', ';'])
                    .filter_map(|parameter| parameter.trim().split_once('='))
                    .find(|(name, _)| name.eq_ignore_ascii_case("length"))
                    .and_then(|(_, value)| value.trim().parse().ok());
            }
        }
    }

    fn u32(&mut self, what: &'static str) -> Result<usize, AuthError> {
        let (bytes, rest) = self.rest.split_first_chunk().ok_or_else(|| ends_in(what))?;
        self.rest = rest;
        usize::try_from(u32::from_le_bytes(*bytes)).map_err(|_| ends_in(what))
    }

    fn take(&mut self, len: usize, what: &'static str) -> Result<&'a [u8], AuthError> {
        let (taken, rest) = self
            .rest
            .split_at_checked(len)
            .ok_or_else(|| ends_in(what))?;
        self.rest = rest;
        Ok(taken)
    }

    /// The closing delimiter, with line ends before and after it, and nothing else.
    fn end(&mut self, boundary: &str) -> Result<(), AuthError> {
        let text = self.rest.trim_ascii();
        let closing = text
            .strip_suffix(b"--")
            .is_some_and(|line| is_delimiter(line, boundary));
        if closing {
            Ok(())
        } else {
            Err(malformed(
                "the sealed part does not end where its length says",
            ))
        }
    }
}

/// Checks the media type and gives the boundary.
fn check_content_type(sealed_by: SealedBy, content_type: &str) -> Result<&str, AuthError> {
    let mut parameters = content_type.split(';').map(str::trim);
    let media_type = parameters.next().unwrap_or_default();
    if !media_type.eq_ignore_ascii_case("multipart/encrypted") {
        return Err(malformed("a sealed body is multipart/encrypted"));
    }
    let mut boundary = BOUNDARY;
    for (name, value) in parameters.filter_map(|parameter| parameter.split_once('=')) {
        let value = value.trim().trim_matches('"');
        if name.trim().eq_ignore_ascii_case("boundary") {
            boundary = value;
        } else if name.trim().eq_ignore_ascii_case("protocol")
            && !value.eq_ignore_ascii_case(sealed_by.protocol())
        {
            return Err(malformed("the body was sealed by another mechanism"));
        }
    }
    Ok(boundary)
}

/// `--` and the boundary; Exchange writes a space between them.
fn is_delimiter(line: &[u8], boundary: &str) -> bool {
    line.strip_prefix(b"--")
        .is_some_and(|name| name.trim_ascii() == boundary.as_bytes())
}

/// Whether a line is this field. Windows puts a tab in front, OMI does not.
fn is_field(line: &[u8], name: &str) -> bool {
    let line = line.trim_ascii_start();
    line.get(..name.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(name.as_bytes()))
        && line.get(name.len()) == Some(&b':')
}

fn malformed(what: impl fmt::Display) -> AuthError {
    AuthError::new(
        AuthErrorKind::Malformed,
        format!("not a sealed body: {what}"),
    )
}

fn ends_in(what: &'static str) -> AuthError {
    malformed(format_args!("it ends in {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::ntlm_reference::{Direction, Keys};

    const WINDOWS_TYPE: &str = "multipart/encrypted;protocol=\"application/HTTP-SPNEGO-session-encrypted\";boundary=\"Encrypted Boundary\"";

    fn read(body: &[u8]) -> Result<SealedMessage<'_>, AuthError> {
        SealedMessage::read(SealedBy::Spnego, WINDOWS_TYPE, body)
    }

    fn testdata(name: &str) -> Vec<u8> {
        let path = format!("{}/testdata/sealed/{name}", env!("CARGO_MANIFEST_DIR"));
        std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    fn body_of(http: &[u8]) -> &[u8] {
        let at = http
            .windows(4)
            .position(|window| window == b"\r\n\r\n")
            .unwrap();
        &http[at + 4..]
    }

    /// The conversation of pypsrp with a scripted server: each body opens to the plain text beside it, its signature
    /// verifies, and what we write around it is what was recorded.
    #[test]
    fn a_recorded_conversation_opens_and_is_written_again_byte_for_byte() {
        let keys = Keys::from_hex("06a11d1f966894eda1385c22c2e70206");
        let (mut client, mut server) = (
            keys.stream(Direction::ToServer),
            keys.stream(Direction::ToClient),
        );
        for number in 4..=8 {
            for (side, stream) in [("request", &mut client), ("response", &mut server)] {
                let http = testdata(&format!("ntlm/{number:02}-{side}.http"));
                let plain = testdata(&format!("ntlm/{number:02}-{side}.xml"));
                let body = body_of(&http);
                let message = read(body).unwrap();
                assert_eq!(stream.open(&message), plain, "{number} {side}");
                assert_eq!(message.write(SealedBy::Spnego), body, "{number} {side}");
            }
        }
    }

    /// PowerShell's own client library against OMI's server: no tabs, an extra line end, SPNEGO's sequence numbers.
    #[test]
    fn what_microsofts_unix_stack_sends_opens() {
        let keys = Keys::from_hex("c73e71ad105eea0f9318bede71134c45");
        for (side, direction) in [
            ("request", Direction::ToServer),
            ("response", Direction::ToClient),
        ] {
            let body = testdata(&format!("omi/{side}.body"));
            let plain = testdata(&format!("omi/{side}.xml"));
            let message = read(&body).unwrap();
            assert_eq!(message.signature[12..], [1, 0, 0, 0]);
            assert_eq!(keys.stream(direction).open(&message), plain, "{side}");
        }
    }

    #[test]
    fn the_length_that_windows_gave_is_the_length_that_we_write() {
        // Recorded from Windows: Content-Length 2420 for 2162 bytes of plain text.
        let message = SealedMessage {
            signature: &[0; 16],
            ciphertext: &[0; 2162],
        };
        assert_eq!(message.write(SealedBy::Spnego).len(), 2420);
    }

    #[test]
    fn a_body_is_read_by_lengths_whatever_is_inside() {
        let ciphertext = b"--Encrypted Boundary--\r\n--Encrypted Boundary\r\n";
        let message = SealedMessage {
            signature: b"\r\n--Encrypted B",
            ciphertext,
        };
        assert_eq!(read(&message.write(SealedBy::Spnego)).unwrap(), message);
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_is_read_whatever_it_holds(signature: Vec<u8>, ciphertext: Vec<u8>) {
            let message = SealedMessage { signature: &signature, ciphertext: &ciphertext };
            let body = message.write(SealedBy::Spnego);
            proptest::prop_assert_eq!(read(&body).unwrap(), message);
        }

        #[test]
        fn any_body_of_any_type_is_read_or_refused(content_type: String, body: Vec<u8>) {
            drop(SealedMessage::read(SealedBy::Spnego, &content_type, &body));
            drop(read(&body));
        }
    }

    #[test]
    fn other_spellings_are_read() {
        let body = b"-- x\r\nCONTENT-TYPE: application/HTTP-SPNEGO-session-encrypted\r\n  originalcontent: type=application/soap+xml; charset=UTF-16; length=3\r\n-- x\r\nContent-Type: application/octet-stream\r\n\x02\0\0\0sgabc\r\n-- x--\r\n\r\n";
        let message =
            SealedMessage::read(SealedBy::Spnego, "multipart/encrypted; boundary=x", body);
        let message = message.unwrap();
        assert_eq!(
            (message.signature, message.ciphertext),
            (&b"sg"[..], &b"abc"[..])
        );
    }

    #[test]
    fn a_body_cut_short_or_changed_anywhere_is_an_error_and_no_panic() {
        let body = SealedMessage {
            signature: &[7; 16],
            ciphertext: &[9; 40],
        }
        .write(SealedBy::Spnego);
        // The last line end may be missing.
        for len in 0..body.len() - 2 {
            assert!(read(&body[..len]).is_err(), "cut at {len}");
        }
        for at in 0..body.len() {
            for value in [0, b'\n', b'9', 0xff] {
                let mut changed = body.to_vec();
                changed[at] = value;
                drop(read(&changed));
            }
        }
    }

    #[test]
    fn errors_say_what_is_wrong() {
        let wrong = |content_type: &str| {
            SealedMessage::read(SealedBy::Spnego, content_type, b"")
                .unwrap_err()
                .to_string()
        };
        assert_eq!(
            wrong("text/xml"),
            "not a sealed body: a sealed body is multipart/encrypted"
        );
        assert_eq!(
            wrong("multipart/encrypted;protocol=\"application/HTTP-CredSSP-session-encrypted\""),
            "not a sealed body: the body was sealed by another mechanism"
        );
        assert_eq!(
            wrong("multipart/encrypted"),
            "not a sealed body: it ends in a delimiter"
        );
        let long = b"--Encrypted Boundary\r\nOriginalContent: Length=99999999\r\n--Encrypted Boundary\r\nContent-Type: x\r\n\x10\0\0\0";
        assert_eq!(
            read(long).unwrap_err().to_string(),
            "not a sealed body: it ends in the signature"
        );
    }
}
