//! Documents: `Objs` files and the streams of child processes.

use bytes::{BufMut, BytesMut};
use memchr::memmem;

use super::build::Builder;
use super::intern::Interner;
use super::scan::malformed;
use super::tape::{Form, Tape, check_length, utf8};
use super::write::{WriteOptions, write_document_with};
use crate::{DecodeError, Limits, PsString, Value};

pub(super) const DOCUMENT_START: &[u8] =
    b"<Objs Version=\"1.1.0.1\" xmlns=\"http://schemas.microsoft.com/powershell/2004/04\"";
pub(super) const DOCUMENT_END: &[u8] = b"</Objs>";
const HEADER: &[u8] = b"#< CLIXML";

/// The values of an `Objs` element: an `Export-Clixml` file, what `PSSerializer` gives, or one
/// stream of a child process.
///
/// References reach across the whole document.
///
/// ```
/// use psrp_codec::{Limits, Value, clixml::Document};
///
/// let document = Document::from_iter([Value::from("a"), Value::from(1)]);
/// let mut file = bytes::BytesMut::new();
/// document.write(&mut file);
/// assert_eq!(Document::read(&file, &Limits::default())?, document);
/// # Ok::<(), psrp_codec::DecodeError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    /// The values, in order.
    pub values: Vec<DocumentValue>,
}

/// One value of a [`Document`].
#[derive(Clone, Debug, PartialEq)]
pub struct DocumentValue {
    /// The stream that the value came from: the attribute `S`, in the spelling of the writer.
    /// See [`Stream`].
    pub stream: Option<PsString>,
    /// The value.
    pub value: Value,
}

/// The streams of a pipeline, as a child process names them.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Stream {
    /// Output, and whatever has no name or an unknown one.
    Output,
    /// Errors.
    Error,
    /// Warnings.
    Warning,
    /// Verbose messages.
    Verbose,
    /// Debug messages.
    Debug,
    /// Progress records.
    Progress,
    /// Information records.
    Information,
}

impl Stream {
    /// The name that PowerShell 7 writes.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Output => "Output",
            Self::Error => "Error",
            Self::Warning => "warning",
            Self::Verbose => "verbose",
            Self::Debug => "debug",
            Self::Progress => "progress",
            Self::Information => "information",
        }
    }
}

impl DocumentValue {
    /// Which stream the value belongs to. Names are compared in any case.
    #[must_use]
    pub fn stream(&self) -> Stream {
        const NAMED: [Stream; 6] = [
            Stream::Error,
            Stream::Warning,
            Stream::Verbose,
            Stream::Debug,
            Stream::Progress,
            Stream::Information,
        ];
        let name = self
            .stream
            .as_ref()
            .and_then(PsString::as_str)
            .unwrap_or_default();
        let found = NAMED
            .into_iter()
            .find(|stream| stream.name().eq_ignore_ascii_case(name));
        found.unwrap_or(Stream::Output)
    }
}

impl Document {
    /// Reads a document as `Import-Clixml` does: in UTF-8, with a byte order mark or without, or in
    /// UTF-16 with one, which is what Windows PowerShell's `Export-Clixml` writes. An XML declaration
    /// may come first.
    ///
    /// # Errors
    /// When `xml` is not a document of version 1.x, is malformed or exceeds one of the `limits`.
    /// Offsets count in the document as UTF-8.
    pub fn read(xml: &[u8], limits: &Limits) -> Result<Self, DecodeError> {
        check_length(xml, limits)?;
        match utf16_to_utf8(xml)? {
            Some(text) => Self::read_utf8(text.as_bytes(), limits),
            None => Self::read_utf8(xml, limits),
        }
    }

    fn read_utf8(xml: &[u8], limits: &Limits) -> Result<Self, DecodeError> {
        let mut tape = Tape::default();
        let text = utf8(xml, limits)?;
        tape.fill(text, Form::Document, limits)?;
        let mut interner = Interner::for_elements(tape.len());
        // One builder for all values, as references and lists reach across.
        let mut builder = Builder::new(text, &tape.slots, &mut interner, limits);
        let root = super::Node::new(&tape, text, 0);
        let values = root.items().map(|node| {
            let stream = node.stream().map(super::Text::into_string);
            Ok(DocumentValue {
                stream,
                value: builder.value(node.index())?,
            })
        });
        Ok(Self {
            values: values.collect::<Result<_, DecodeError>>()?,
        })
    }

    /// Reads what a child process wrote with `-OutputFormat XML`: a line `#< CLIXML`, then a
    /// document in UTF-8. Children of the child may have written lines and documents of their own
    /// to the same stream: the values of all are given, in their order.
    ///
    /// # Errors
    /// When the line is missing, or as [`read`](Self::read).
    pub fn read_stream(bytes: &[u8], limits: &Limits) -> Result<Self, DecodeError> {
        check_length(bytes, limits)?;
        let mut rest = Self::after_header(bytes)
            .ok_or_else(|| malformed(0, "the first line is not #< CLIXML"))?;
        let mut all = Self::default();
        loop {
            while let Some(after) = Self::after_header(rest.trim_ascii_start()) {
                rest = after;
            }
            let skipped = bytes.len().saturating_sub(rest.len());
            // The name of the element is nowhere else: in texts the bracket is escaped.
            let second = memmem::find_iter(rest, DOCUMENT).nth(1);
            let (document, next) = second
                .and_then(|at| rest.split_at_checked(at))
                .unwrap_or((rest, &[]));
            let document = Self::before_header(document);
            let read = Self::read_utf8(document, limits);
            all.values
                .append(&mut read.map_err(|error| error.shifted(skipped))?.values);
            if next.is_empty() {
                return Ok(all);
            }
            rest = next;
        }
    }

    /// `bytes` without the line that stands before the next document.
    fn before_header(bytes: &[u8]) -> &[u8] {
        let mut before = bytes.trim_ascii_end();
        while let Some((rest, header)) = before
            .len()
            .checked_sub(HEADER.len())
            .and_then(|at| before.split_at_checked(at))
            && header.eq_ignore_ascii_case(HEADER)
        {
            before = rest.trim_ascii_end();
        }
        before
    }

    /// What follows the line `#< CLIXML`, if that is the first one.
    #[must_use]
    pub fn after_header(bytes: &[u8]) -> Option<&[u8]> {
        let (header, rest) = bytes.split_at_checked(HEADER.len())?;
        let rest = rest.strip_prefix(b"\r").unwrap_or(rest);
        if header.eq_ignore_ascii_case(HEADER) {
            rest.strip_prefix(b"\n")
        } else {
            None
        }
    }

    /// Appends the document, indented, byte for byte as `PSSerializer` and `Export-Clixml` write
    /// it on Unix. (On Windows lines end in CR LF.)
    pub fn write(&self, out: &mut BytesMut) {
        self.write_with(
            &WriteOptions {
                indented: true,
                ..WriteOptions::default()
            },
            out,
        );
    }

    /// Appends the document as `options` say.
    pub fn write_with(&self, options: &WriteOptions, out: &mut BytesMut) {
        write_document_with(self, options, out);
    }

    /// Appends a line `#< CLIXML` and the document on one line, as a child process does.
    pub fn write_stream(&self, out: &mut BytesMut) {
        out.put_slice(HEADER);
        out.put_slice(b"\n");
        self.write_with(&WriteOptions::default(), out);
    }
}

/// The text of a file that begins with a byte order mark of UTF-16. Its declaration, if it has one,
/// may name that encoding, and names the one that the text is in from here on.
fn utf16_to_utf8(bytes: &[u8]) -> Result<Option<String>, DecodeError> {
    let text = match crate::utf16::decode(bytes) {
        None => return Ok(None),
        Some(None) => return Err(malformed(0, "this is not UTF-16")),
        Some(Some(text)) => text,
    };
    let declaration = text.split_inclusive("?>").next().unwrap_or_default();
    if declaration.len() > LONGEST_DECLARATION || !declaration.starts_with("<?xml") {
        return Ok(Some(text));
    }
    let document = text.get(declaration.len()..).unwrap_or_default();
    let declaration = declaration
        .replacen("utf-16", "utf-8", 1)
        .replacen("UTF-16", "utf-8", 1);
    Ok(Some(declaration + document))
}

/// How the element of a document begins.
const DOCUMENT: &[u8] = b"<Objs";
/// More than any declaration has.
const LONGEST_DECLARATION: usize = 256;

impl FromIterator<Value> for Document {
    fn from_iter<I: IntoIterator<Item = Value>>(values: I) -> Self {
        let values = values.into_iter().map(|value| DocumentValue {
            stream: None,
            value,
        });
        Self {
            values: values.collect(),
        }
    }
}
