//! The pieces of streams that one envelope holds.

use std::fmt;
use std::ops::Range;

use bytes::Bytes;

use super::{CommandId, StreamData, StreamName};
use crate::namespaces;
use crate::soap::{DecodeError, DecodeErrorKind, Element, XmlWriter, decode_base64, is_true};

/// Pieces of streams, in the order in which they stand in an envelope.
///
/// A server puts every fragment into an `rsp:Stream` of its own, so an answer may hold thousands of them. What was
/// read from an envelope lies in one buffer, and what pieces in a row have in common is kept once:
/// [`iter`](Self::iter) looks at each of them where it lies, and [`joined`](Self::joined) gives all as one.
///
/// ```
/// use bytes::Bytes;
/// use wsman::shell::{StreamData, StreamName, Streams};
///
/// let pieces = [&b"first "[..], b"second"].map(Bytes::from_static);
/// let streams: Streams = pieces
///     .into_iter()
///     .map(|data| StreamData::new(StreamName::STDOUT, data))
///     .collect();
/// let lengths: Vec<_> = streams.iter().map(|piece| piece.data.len()).collect();
/// assert_eq!(lengths, [6, 6]);
/// assert_eq!(streams.joined(), "first second");
/// ```
#[derive(Clone, Default)]
pub struct Streams {
    runs: Vec<Run>,
    /// Where each piece ends within its run, for those that are not alone in it.
    ends: Vec<usize>,
}

/// Pieces in a row that differ only in their bytes.
#[derive(Clone)]
struct Run {
    name: StreamName,
    command: Option<CommandId>,
    end: bool,
    /// The bytes of all of them.
    data: Bytes,
    // INVARIANT: at least one.
    pieces: usize,
}

/// A look at one of the [`Streams`] of an envelope.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct StreamPiece<'a> {
    /// Which stream.
    pub name: &'a StreamName,
    /// Of which command; see [`StreamData::command`].
    pub command: Option<&'a CommandId>,
    /// Whether nothing more comes on this stream.
    pub end: bool,
    /// The bytes, decoded.
    pub data: &'a [u8],
}

impl Streams {
    /// No pieces.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            runs: Vec::new(),
            ends: Vec::new(),
        }
    }

    /// Adds a piece behind the others.
    pub fn push(&mut self, piece: StreamData) {
        self.runs.push(Run {
            name: piece.name,
            command: piece.command,
            end: piece.end,
            data: piece.data,
            pieces: 1,
        });
    }

    /// How many pieces there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.runs.iter().map(|run| run.pieces).sum()
    }

    /// Whether there is no piece, not even one without bytes.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// The pieces in order.
    #[must_use]
    pub fn iter(&self) -> Pieces<'_> {
        Pieces {
            runs: self.runs.as_slice(),
            ends: self.ends.as_slice(),
            taken: 0,
            start: 0,
            left: self.len(),
        }
    }

    /// Whether any piece has bytes.
    #[must_use]
    pub fn has_data(&self) -> bool {
        self.runs.iter().any(|run| !run.data.is_empty())
    }

    /// The bytes of all pieces, one after the other: for those who asked for one stream, where it does not matter how
    /// it was cut.
    ///
    /// Nothing is copied where all the bytes were in `rsp:Stream` elements in a row that are alike.
    #[must_use]
    pub fn joined(&self) -> Bytes {
        let data = self.runs.iter().map(|run| &run.data);
        let mut with_data = data.filter(|data| !data.is_empty());
        match (with_data.next(), with_data.next()) {
            (None, _) => Bytes::new(),
            (Some(only), None) => only.clone(),
            _ => {
                let all: Vec<&[u8]> = self.runs.iter().map(|run| &run.data[..]).collect();
                all.concat().into()
            }
        }
    }

    /// What they take in an envelope at most.
    pub(crate) fn size_hint(&self) -> usize {
        let sizes = self
            .iter()
            .map(|piece| piece.data.len().div_ceil(3) * 4 + StreamData::OVERHEAD);
        sizes.sum()
    }

    pub(crate) fn write(&self, writer: &mut XmlWriter) {
        for piece in self {
            writer
                .start("rsp:Stream")
                .attribute("Name", piece.name.as_str());
            writer.optional_attribute("CommandId", piece.command.map(CommandId::as_str));
            if piece.end {
                writer.attribute("End", "true");
            }
            writer.base64(piece.data).end("rsp:Stream");
        }
    }

    /// Reads the `rsp:Stream` elements inside `parent` and shows `other` what else is there.
    pub(crate) fn read_inside<'t, 'x>(
        parent: Element<'t, 'x>,
        mut other: impl FnMut(Element<'t, 'x>),
    ) -> Result<Self, DecodeError> {
        let mut read = Self::new();
        for child in parent.distinct_children() {
            if child.is(namespaces::SHELL, "Stream") {
                read.read(child)?;
            } else {
                other(child);
            }
        }
        Ok(read)
    }

    /// Reads a stream, and those behind it that are alike but for their text.
    fn read(&mut self, element: Element<'_, '_>) -> Result<(), DecodeError> {
        let missing = DecodeErrorKind::Missing("Name");
        let name = element
            .attribute("Name")
            .ok_or_else(|| DecodeError::new("Stream", element.offset(), missing))?;
        let nil = element.is_nil();
        let (data, pieces) = match element.decoded_streams() {
            Some((data, ends)) => {
                let pieces = ends.len();
                if pieces > 1 {
                    self.ends.extend(ends.map(|end| if nil { 0 } else { end }));
                }
                (if nil { Bytes::new() } else { data }, pieces)
            }
            None if nil => (Bytes::new(), 1),
            // Nothing, or the rare text that holds more than base64: wrapped lines.
            None => {
                let data = decode_base64(element.text(), "Stream", element.offset())?;
                (data.into(), 1)
            }
        };
        self.runs.push(Run {
            name: StreamName::new(name),
            command: element.attribute("CommandId").map(CommandId::from),
            end: element.attribute("End").is_some_and(is_true),
            data,
            pieces,
        });
        Ok(())
    }

    /// Every piece with a name, a command and bytes that it owns. Bytes are shared and not copied.
    fn to_vec(&self) -> Vec<StreamData> {
        let mut owned = Vec::with_capacity(self.len());
        let mut pieces = self.iter();
        while let Some((run, range)) = pieces.next_range() {
            owned.push(StreamData {
                name: run.name.clone(),
                command: run.command.clone(),
                end: run.end,
                data: run.data.slice(range),
            });
        }
        owned
    }
}

/// How many bytes there are, not which: they may hold a secret, and what is printed ends in a log.
impl fmt::Debug for StreamPiece<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamPiece")
            .field("name", &self.name)
            .field("command", &self.command)
            .field("end", &self.end)
            .field("data", &format_args!("{} bytes", self.data.len()))
            .finish()
    }
}

impl fmt::Debug for Pieces<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

impl fmt::Debug for Streams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self).finish()
    }
}

/// The same pieces, wherever they lie.
impl PartialEq for Streams {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other)
    }
}

impl Eq for Streams {}

impl Extend<StreamData> for Streams {
    fn extend<I: IntoIterator<Item = StreamData>>(&mut self, pieces: I) {
        for piece in pieces {
            self.push(piece);
        }
    }
}

impl FromIterator<StreamData> for Streams {
    fn from_iter<I: IntoIterator<Item = StreamData>>(pieces: I) -> Self {
        let mut streams = Self::new();
        streams.extend(pieces);
        streams
    }
}

impl From<Vec<StreamData>> for Streams {
    fn from(pieces: Vec<StreamData>) -> Self {
        pieces.into_iter().collect()
    }
}

impl From<StreamData> for Streams {
    fn from(piece: StreamData) -> Self {
        [piece].into_iter().collect()
    }
}

/// Every piece by itself, to be kept. Bytes are shared and not copied.
impl IntoIterator for Streams {
    type Item = StreamData;
    type IntoIter = std::vec::IntoIter<StreamData>;

    fn into_iter(self) -> Self::IntoIter {
        self.to_vec().into_iter()
    }
}

impl<'a> IntoIterator for &'a Streams {
    type Item = StreamPiece<'a>;
    type IntoIter = Pieces<'a>;

    fn into_iter(self) -> Pieces<'a> {
        self.iter()
    }
}

/// The pieces of [`Streams`] in order.
#[derive(Clone)]
pub struct Pieces<'a> {
    /// What is left; of the first, `taken` pieces are gone.
    runs: &'a [Run],
    ends: &'a [usize],
    taken: usize,
    /// Where in the first run the next piece begins.
    start: usize,
    /// How many pieces are left.
    left: usize,
}

impl<'a> Pieces<'a> {
    /// The next piece: in which run it is, and which bytes of it.
    fn next_range(&mut self) -> Option<(&'a Run, Range<usize>)> {
        let (run, runs) = self.runs.split_first()?;
        let mut end = run.data.len();
        if run.pieces > 1 {
            (end, self.ends) = self.ends.split_first().map(|(end, rest)| (*end, rest))?;
        }
        let range = self.start..end;
        (self.taken, self.start) = (self.taken + 1, end);
        if self.taken == run.pieces {
            (self.runs, self.taken, self.start) = (runs, 0, 0);
        }
        self.left -= 1;
        Some((run, range))
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = StreamPiece<'a>;

    fn next(&mut self) -> Option<StreamPiece<'a>> {
        let (run, range) = self.next_range()?;
        Some(StreamPiece {
            name: &run.name,
            command: run.command.as_ref(),
            end: run.end,
            data: run.data.get(range)?,
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Pieces<'_> {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::soap::{EnvelopeLimits, Tree};

    fn piece(name: &str, command: Option<&str>, data: &'static [u8]) -> StreamData {
        let piece = StreamData::new(name.into(), Bytes::from_static(data));
        match command {
            Some(command) => piece.of_command(command.into()),
            None => piece,
        }
    }

    fn several() -> Vec<StreamData> {
        let mut last = piece("stdout", Some("1"), b"");
        last.end = true;
        vec![
            piece("stdout", Some("1"), b"first "),
            piece("stdout", Some("1"), b"second "),
            piece("stderr", None, b"third"),
            last,
        ]
    }

    fn written(streams: &Streams) -> Vec<u8> {
        let mut writer = XmlWriter::with_capacity(0);
        writer.start("r").attribute("xmlns:rsp", namespaces::SHELL);
        streams.write(&mut writer);
        writer.end("r");
        writer.into_bytes()
    }

    #[test]
    fn pieces_are_the_same_however_they_came_together() {
        let pushed = Streams::from(several());
        let xml = written(&pushed);
        let tree = Tree::parse(&xml, &EnvelopeLimits::default()).unwrap();
        let read = Streams::read_inside(tree.root(), drop).unwrap();
        assert_eq!((pushed.runs.len(), read.runs.len()), (4, 3));
        assert_eq!(read, pushed);
        assert_eq!(written(&read), xml);
        assert_eq!((read.len(), read.iter().len()), (4, 4));
        assert_eq!(format!("{read:?}"), format!("{pushed:?}"));
        for streams in [read, pushed] {
            assert_eq!(streams.joined(), "first second third");
            assert!(streams.has_data());
            let seen = streams.iter().map(|piece| StreamData {
                name: piece.name.clone(),
                command: piece.command.cloned(),
                end: piece.end,
                data: Bytes::copy_from_slice(piece.data),
            });
            assert_eq!(seen.collect::<Vec<_>>(), several());
            assert_eq!(streams.into_iter().collect::<Vec<_>>(), several());
        }
    }

    #[test]
    fn other_bytes_and_other_ends_are_other_pieces() {
        let [one, other] = [[6, 0], [5, 1]].map(|lengths| {
            let data = Bytes::from_static(b"second");
            let mut start = 0;
            let pieces = lengths.map(|len| {
                let end = start + len;
                let data = data.slice(start..end);
                start = end;
                StreamData::new(StreamName::STDOUT, data)
            });
            Streams::from_iter(pieces)
        });
        assert_ne!(one, other);
        assert_eq!(one.joined(), other.joined());
        assert_ne!(one, Streams::from_iter(one.clone().into_iter().take(1)));
    }

    #[test]
    fn pieces_that_are_alike_are_joined_where_they_lie() {
        let streams = "<rsp:Stream Name='stdout'>YWJj</rsp:Stream>".repeat(3);
        let xml = format!(
            "<r xmlns:rsp='{}'>{streams}<rsp:Stream Name='stdout' End='true'/></r>",
            namespaces::SHELL
        );
        let tree = Tree::parse(xml.as_bytes(), &EnvelopeLimits::default()).unwrap();
        let read = Streams::read_inside(tree.root(), drop).unwrap();
        let joined = read.joined();
        assert_eq!(joined, "abcabcabc");
        assert_eq!(joined.as_ptr(), read.iter().next().unwrap().data.as_ptr());
        assert!(read.iter().last().unwrap().end);
        let none = Streams::new();
        assert!(none.is_empty() && !none.has_data() && none.joined().is_empty());
    }

    #[test]
    fn debug_counts_bytes_and_does_not_show_them() {
        let streams = Streams::from(piece("stdout", None, b"secret"));
        for printed in [
            format!("{streams:?}"),
            format!("{:?}", streams.iter()),
            format!("{:?}", streams.into_iter().next().unwrap()),
        ] {
            assert!(printed.contains("data: 6 bytes"), "{printed}");
            assert!(!printed.contains("secret"), "{printed}");
        }
    }

    #[test]
    fn streams_that_are_nil_are_empty_whatever_is_in_them() {
        let nil = "<rsp:Stream Name='stdout' xsi:nil='true'>YWJj</rsp:Stream>".repeat(2);
        let xml = format!(
            "<r xmlns:rsp='{}' xmlns:xsi='{}'>{nil}</r>",
            namespaces::SHELL,
            namespaces::SCHEMA_INSTANCE
        );
        let tree = Tree::parse(xml.as_bytes(), &EnvelopeLimits::default()).unwrap();
        let read = Streams::read_inside(tree.root(), drop).unwrap();
        assert_eq!(read, vec![piece("stdout", None, b""); 2].into());
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
                let read = Streams::read_inside(tree.root(), drop).unwrap();
                assert!(read.iter().all(|stream| stream.data.len() == len));
                assert_eq!(read.len(), count);
            });
            info.count_total
        };
        let one = allocations(10, 1);
        assert_eq!(allocations(100_000, 1), one);
        // Where each of several ends.
        assert_eq!(allocations(10, 2), one + 1);
        assert_eq!(allocations(10, 32), one + 1);
        assert_eq!(allocations(20_000, 32), one + 1);
    }
}
