//! CLIXML: values as XML, read in one pass and written as PowerShell writes them.
//!
//! [`read`] and [`write()`] are all that most callers need. Who reads much keeps a [`Reader`], which
//! remembers names from value to value; who looks at a value without keeping it uses a [`Tape`],
//! which allocates nothing once it is warm. [`Document`] is the form of files and of child
//! processes.
//!
//! ```
//! use psrp_codec::{Limits, Object, Value, clixml};
//!
//! let xml = br#"<Obj RefId="0"><MS><I32 N="RunspaceState">2</I32></MS></Obj>"#;
//! let value = clixml::read(xml, &Limits::default())?;
//! assert_eq!(value, Object::bag().property("RunspaceState", 2).into());
//!
//! let mut out = bytes::BytesMut::new();
//! clixml::write(&value, &mut out);
//! assert_eq!(out, &xml[..]);
//! # Ok::<(), psrp_codec::DecodeError>(())
//! ```
//!
//! # Where this differs from PowerShell
//!
//! What PowerShell 7.6 reads is read, and what it refuses is refused, but for these:
//!
//! | input | PowerShell | here | why |
//! | --- | --- | --- | --- |
//! | elements in a namespace other than the one of the form | taken for some elements | refused | it is an accident which; a peer that needs it has not been seen |
//! | UTF-32 and other encodings, and UTF-16 but for files with a byte order mark | read | refused | no peer sends them, and one scanner is enough |
//! | `_xHHHHHHHH_` from 80000000 on | the low 16 bits | stays text | overflow, not a rule |
//! | times with an offset beyond ±14:00 | applied | refused | there is no such zone, and no form to write it in |
//! | a time, a month or a day alone | completed from the clock | refused | a codec has no clock |
//! | a GUID with `+` or `0x` in a group | taken | refused | an accident of number parsing |
//! | `URI` | parsed and normalised, may fail | opaque text | two parsers would disagree |
//! | `XD` | parsed with its DTD | opaque text | nothing is gained by expanding what a peer sent |
//! | `SS` | decoded with the user's key | opaque text | the key is the session's business |
//! | elements over 256 deep, attributes over 64 | read | refused | [`Limits`]: memory is bounded |
//! | values over 49 levels deep | written, not read | not written | what is written must be readable |

mod blob;
mod build;
mod digits;
mod document;
mod element;
mod escape;
mod intern;
mod kind;
mod known_names;
mod lookup;
mod node;
mod number;
mod output;
mod parsed;
mod scalar;
mod scan;
mod special;
mod tape;
mod text;
mod type_lists;
mod write;

use document::{DOCUMENT_END, DOCUMENT_START};
pub use document::{Document, DocumentValue, Stream};
pub use kind::Kind;
pub use node::{Items, Node};
pub use parsed::Parsed;
pub use scalar::Scalar;
pub use tape::Tape;
pub use text::Text;
pub use write::{WriteOptions, write, write_with};

use crate::{DecodeError, Limits, Value};
use bytes::Bytes;
use intern::Interner;
pub(crate) use lookup::get;

/// Reads the bare form: one value, as it stands in a message. A byte order mark may come first.
///
/// # Errors
/// When `xml` is not exactly one CLIXML value, or exceeds one of the `limits`.
pub fn read(xml: &[u8], limits: &Limits) -> Result<Value, DecodeError> {
    let mut tape = Tape::default();
    tape.reserve_for(xml.len());
    let root = tape.parse(xml, limits)?;
    root.build(&mut Interner::for_elements(root.elements()), limits)
}

/// Reads one value after the other: keeps its memory, and remembers the names of properties and
/// types, so that the values share them.
///
/// ```
/// use psrp_codec::{Limits, Value, clixml::Reader};
///
/// let mut reader = Reader::new(Limits::default());
/// assert_eq!(reader.read(b"<I32>1</I32>")?, Value::from(1));
/// assert_eq!(reader.read(b"<S>a</S>")?, Value::from("a"));
/// # Ok::<(), psrp_codec::DecodeError>(())
/// ```
#[derive(Debug)]
pub struct Reader {
    tape: Tape,
    interner: Interner,
    limits: Limits,
}

impl Reader {
    /// A reader that keeps to `limits`.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            tape: Tape::default(),
            interner: Interner::lasting(),
            limits,
        }
    }

    /// Reads the bare form, as [`read`] does.
    ///
    /// # Errors
    /// When `xml` is not exactly one CLIXML value, or exceeds one of the limits.
    pub fn read(&mut self, xml: &[u8]) -> Result<Value, DecodeError> {
        let root = self.tape.parse(xml, &self.limits)?;
        root.build(&mut self.interner, &self.limits)
    }

    /// Reads the structure of a value that is to be kept: the compact owned form. It takes one
    /// allocation, and none for a primitive value.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use psrp_codec::{Limits, clixml::Reader};
    ///
    /// let mut reader = Reader::new(Limits::default());
    /// let kept = reader.keep(Bytes::from_static(b"<S>pwsh</S>"))?;
    /// assert_eq!(kept.root().text().as_str(), Some("pwsh"));
    /// # Ok::<(), psrp_codec::DecodeError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Parsed::new`].
    pub fn keep(&mut self, xml: Bytes) -> Result<Parsed, DecodeError> {
        Parsed::with(&mut self.tape, xml, &self.limits)
    }

    /// Looks at a value without making a tree of it.
    ///
    /// # Errors
    /// As [`Tape::parse`].
    pub fn view<'t>(&'t mut self, xml: &'t [u8]) -> Result<Node<'t>, DecodeError> {
        self.tape.parse(xml, &self.limits)
    }
}
