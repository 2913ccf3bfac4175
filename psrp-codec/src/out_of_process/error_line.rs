//! Lines on which a server says what went wrong.

use std::fmt;

/// A line that is an error report of the server and not a packet.
///
/// Lines after it that are no packets belong to it: a stack trace.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ErrorLine<'a> {
    /// What the server says, without the prefix and the line end.
    pub text: &'a [u8],
}

impl<'a> ErrorLine<'a> {
    /// The text when `line` is an error line of SSH and named pipes or of Hyper-V sockets.
    #[must_use]
    pub fn parse(line: &'a [u8]) -> Option<Self> {
        let text = [NAMED_PIPE_ERROR, HYPER_V_SOCKET_ERROR]
            .iter()
            .find_map(|prefix| line.strip_prefix(prefix.as_bytes()))?;
        let text = text.strip_suffix(b"\n").unwrap_or(text);
        Some(Self {
            text: text.strip_suffix(b"\r").unwrap_or(text),
        })
    }

    /// Appends the line. Line ends in the text become spaces: they would break the framing.
    pub fn write(&self, prefix: &str, out: &mut Vec<u8>) {
        out.extend_from_slice(prefix.as_bytes());
        out.extend(self.text.iter().map(|byte| match byte {
            b'\r' | b'\n' => b' ',
            other => *other,
        }));
        out.push(b'\n');
    }
}

impl fmt::Display for ErrorLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(self.text))
    }
}

/// What stands before an error on the standard output of an SSH subsystem, and on named pipes.
pub const NAMED_PIPE_ERROR: &str = "__NamedPipeError__:";
/// What stands before an error on a Hyper-V socket.
pub const HYPER_V_SOCKET_ERROR: &str = "__HyperVSocketError__:";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_line_is_not_a_packet() {
        let line = b"__NamedPipeError__:An unknown element \"\" was received.\r\n";
        let error = ErrorLine::parse(line).unwrap();
        assert_eq!(error.to_string(), "An unknown element \"\" was received.");
        assert_eq!(ErrorLine::parse(b"<Close />"), None);
        let mut out = Vec::new();
        ErrorLine {
            text: b"two\r\nlines",
        }
        .write(NAMED_PIPE_ERROR, &mut out);
        assert_eq!(out, b"__NamedPipeError__:two  lines\n");
    }
}
