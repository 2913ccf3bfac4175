//! Named byte streams.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;

use super::CommandId;
use crate::namespaces;
use crate::soap::{DecodeError, DecodeErrorKind, Element, XmlWriter, decode_base64, is_true};

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
#[derive(Clone, Debug, Eq, PartialEq)]
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

    /// What pieces take in an envelope at most.
    pub(crate) fn size_hint(pieces: &[Self]) -> usize {
        let sizes = pieces
            .iter()
            .map(|piece| piece.data.len().div_ceil(3) * 4 + Self::OVERHEAD);
        sizes.sum()
    }

    pub(crate) fn write(&self, writer: &mut XmlWriter) {
        writer
            .start("rsp:Stream")
            .attribute("Name", self.name.as_str());
        writer.optional_attribute("CommandId", self.command.as_ref().map(CommandId::as_str));
        if self.end {
            writer.attribute("End", "true");
        }
        writer.base64(&self.data).end("rsp:Stream");
    }

    /// Reads the `rsp:Stream` elements inside `parent` and shows `other` what else is there. What they hold shares one
    /// buffer.
    pub(crate) fn read_inside<'t, 'x>(
        parent: Element<'t, 'x>,
        mut other: impl FnMut(Element<'t, 'x>),
    ) -> Result<Vec<Self>, DecodeError> {
        let children = parent.children();
        let mut read = Vec::with_capacity(children.size_hint().1.unwrap_or_default());
        let mut before: Option<Described<'t, 'x>> = None;
        for child in children {
            // Streams come in runs that one and the same tag describes.
            let described = match before.take() {
                Some(before) if before.element.shares_tag(child) => before,
                _ if child.is(namespaces::SHELL, "Stream") => Described::read(child)?,
                _ => {
                    other(child);
                    continue;
                }
            };
            read.push(described.with_content(child)?);
            before = Some(described);
        }
        Ok(read)
    }
}

/// What the attributes of an `rsp:Stream` say.
struct Described<'t, 'x> {
    element: Element<'t, 'x>,
    name: StreamName,
    command: Option<CommandId>,
    end: bool,
    nil: bool,
}

impl<'t, 'x> Described<'t, 'x> {
    fn read(element: Element<'t, 'x>) -> Result<Self, DecodeError> {
        let missing = DecodeErrorKind::Missing("Name");
        let name = element
            .attribute("Name")
            .ok_or_else(|| DecodeError::new("Stream", element.offset(), missing))?;
        Ok(Self {
            element,
            name: StreamName::new(name),
            command: element.attribute("CommandId").map(CommandId::from),
            end: element.attribute("End").is_some_and(is_true),
            nil: element.is_nil(),
        })
    }

    fn with_content(&self, element: Element<'_, '_>) -> Result<StreamData, DecodeError> {
        let data = match element.decoded_base64() {
            _ if self.nil => Bytes::new(),
            Some(data) => data,
            // Nothing, or the rare text that holds more than base64: wrapped lines.
            None => decode_base64(element.text(), "Stream", element.offset())?.into(),
        };
        Ok(StreamData {
            name: self.name.clone(),
            command: self.command.clone(),
            end: self.end,
            data,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::soap::{EnvelopeLimits, Tree};

    fn read(text: &str) -> Result<StreamData, String> {
        let xml = format!(
            "<r xmlns:rsp='{}'><rsp:Stream Name='stdout'>{text}</rsp:Stream></r>",
            namespaces::SHELL
        );
        let tree = Tree::parse(xml.as_bytes(), &EnvelopeLimits::default())
            .map_err(|error| error.to_string())?;
        let read = StreamData::read_inside(tree.root(), drop);
        let read = read.map_err(|error| error.to_string())?;
        // What was decoded on the way is still there to be read as text.
        assert_eq!(tree.root().children().count(), 1);
        Ok(read.into_iter().next().unwrap())
    }

    #[test]
    fn base64_is_read_however_it_stands_in_its_element() {
        for text in [
            "aGVsbG8=",
            " aGVsbG8=\n",
            "aGVs\r\nbG8=",
            "aGVs<!-- on -->bG8=",
            "<![CDATA[aGVsbG8=]]>",
            "aGVs<![CDATA[bG8=]]>",
            "aGVsbG8&#61;",
            "aGVsbG8=<x/>",
            "<x/>aGVsbG8=",
        ] {
            assert_eq!(read(text).unwrap().data, "hello", "{text}");
        }
        assert!(read("").unwrap().data.is_empty());
    }

    #[test]
    fn what_is_no_base64_is_refused_as_in_any_other_text() {
        for (text, reason) in [
            ("aGVsbG8", "the text is not base64"),
            ("aGVs&bG8=", "Envelope at byte"),
            ("aGVs\u{1}bG8=", "a control character is not allowed"),
            ("aGVsbG8=\u{c}", "a control character is not allowed"),
            ("aGVsbG8=</rsp:stream>", "expected `</rsp:Stream>`"),
            ("aGVsbG8=<x>", "expected `</x>`"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_named_before_other_mistakes() {
        let xml = [
            format!("<r xmlns:rsp='{}'><rsp:Stream>", namespaces::SHELL).as_bytes(),
            b"aGVs\xffbG8=</rsp:Stream></x>",
        ]
        .concat();
        let error = Tree::parse(&xml, &EnvelopeLimits::default()).unwrap_err();
        let at = xml.iter().position(|byte| *byte == 0xff).unwrap();
        assert_eq!(
            error.to_string(),
            format!("Envelope at byte {at}: the text is not valid UTF-8")
        );
    }

    #[test]
    fn what_reading_streams_allocates_does_not_grow_with_what_they_hold() {
        let allocations = |len: usize, count: usize| {
            let text = base64_simd::STANDARD.encode_to_string(vec![7; len]);
            let stream = format!("<rsp:Stream Name='stdout'>{text}</rsp:Stream>");
            let xml = format!(
                "<r xmlns:rsp='{}'>{}</r>",
                namespaces::SHELL,
                stream.repeat(count)
            );
            let info = allocation_counter::measure(|| {
                let tree = Tree::parse(xml.as_bytes(), &EnvelopeLimits::default()).unwrap();
                let read = StreamData::read_inside(tree.root(), drop).unwrap();
                assert!(read.iter().all(|stream| stream.data.len() == len));
                assert_eq!(read.len(), count);
            });
            info.count_total
        };
        let one = allocations(10, 1);
        assert_eq!(allocations(100_000, 1), one);
        assert_eq!(allocations(10, 32), one);
        assert_eq!(allocations(20_000, 32), one);
    }
}
