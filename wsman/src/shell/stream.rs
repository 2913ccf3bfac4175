//! Named byte streams.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;

use super::CommandId;

/// The name of a stream of a shell.
#[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct StreamName(Cow<'static, str>);

impl StreamName {
    /// Input.
    pub const STDIN: Self = Self(Cow::Borrowed("stdin"));
    /// Output.
    pub const STDOUT: Self = Self(Cow::Borrowed("stdout"));
    /// Error output of text shells.
    pub const STDERR: Self = Self(Cow::Borrowed("stderr"));
    /// Answers to prompts, the second input stream of some shells.
    pub const PR: Self = Self(Cow::Borrowed("pr"));

    /// The stream of that name.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let known = [Self::STDIN, Self::STDOUT, Self::STDERR, Self::PR];
        known
            .into_iter()
            .find(|known| known.as_str() == name)
            .unwrap_or_else(|| Self(Cow::Owned(name.to_owned())))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StreamName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for StreamName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl From<&str> for StreamName {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

/// Names of streams in one text, separated by spaces: `stdin pr`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct StreamSet(Vec<StreamName>);

impl StreamSet {
    /// The streams named in `text`.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self(text.split_ascii_whitespace().map(StreamName::new).collect())
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a stream is among them.
    #[must_use]
    pub fn contains(&self, name: &StreamName) -> bool {
        self.0.contains(name)
    }

    /// The streams in order.
    pub fn iter(&self) -> std::slice::Iter<'_, StreamName> {
        self.0.iter()
    }
}

impl fmt::Display for StreamSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, name) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            f.write_str(name.as_str())?;
        }
        Ok(())
    }
}

impl From<&str> for StreamSet {
    fn from(text: &str) -> Self {
        Self::parse(text)
    }
}

impl FromIterator<StreamName> for StreamSet {
    fn from_iter<I: IntoIterator<Item = StreamName>>(names: I) -> Self {
        Self(names.into_iter().collect())
    }
}

/// `rsp:Stream`: some bytes of one stream.
#[derive(Clone, Eq, PartialEq)]
pub struct StreamData {
    /// Which stream.
    pub name: StreamName,
    /// Of which command; `None` for the streams of the shell. Some servers leave it out in answers, so a client goes
    /// by what it asked for.
    pub command: Option<CommandId>,
    /// Whether nothing more comes on this stream. Streams of the shell never end so.
    pub end: bool,
    /// The bytes, decoded.
    pub data: Bytes,
}

impl StreamData {
    /// Bytes of a stream of the shell, or of a command with [`of_command`](Self::of_command).
    #[must_use]
    pub fn new(name: StreamName, data: Bytes) -> Self {
        Self {
            name,
            command: None,
            end: false,
            data,
        }
    }

    /// Says that they belong to a command.
    #[must_use]
    pub fn of_command(mut self, command: CommandId) -> Self {
        self.command = Some(command);
        self
    }

    /// How many bytes the element takes in an envelope at most, beside what the base64 takes.
    pub const OVERHEAD: usize = 160;
}

/// As [`StreamPiece`](super::StreamPiece) prints itself: how many bytes there are, not which.
impl fmt::Debug for StreamData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamData")
            .field("name", &self.name)
            .field("command", &self.command)
            .field("end", &self.end)
            .field("data", &format_args!("{} bytes", self.data.len()))
            .finish()
    }
}
