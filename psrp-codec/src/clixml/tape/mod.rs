//! The tape: a value as a flat list of its elements, each a few positions in the input.

mod parser;
mod place;
mod references;
mod slot;
mod usual;

use parser::{Frame, Parser};
use references::References;
pub(super) use references::small_number;
pub(super) use slot::Slot;

use fearless_simd::{Level, dispatch};

use super::Node;
#[cfg(feature = "fuzzing")]
use super::scan::levels;
use super::scan::{Namespace, Scanner, Scratch, Tail, malformed, too_large};
use crate::{DecodeError, Limits};

/// A value as a flat list of its elements, to be used again and again.
///
/// [`parse`](Self::parse) checks the structure in one pass over the bytes and leaves every text
/// where it is; a [`Node`] reads it when asked. Once a tape has grown to the size of the values
/// that it sees, parsing allocates nothing.
///
/// ```
/// use psrp_codec::{Limits, clixml::Tape};
///
/// let mut tape = Tape::default();
/// let xml = br#"<Obj RefId="0"><MS><I32 N="RunspaceState">2</I32></MS></Obj>"#;
/// let root = tape.parse(xml, &Limits::default())?;
/// let state = root.get("RunspaceState").expect("it is there");
/// assert_eq!(state.to_value()?.as_i32(), Some(2));
/// # Ok::<(), psrp_codec::DecodeError>(())
/// ```
#[derive(Debug, Default)]
pub struct Tape {
    pub(super) slots: Vec<Slot>,
    frames: Vec<Frame>,
    objects: References,
    type_names: References,
    scratch: Scratch,
}

impl Tape {
    /// Reads the bare form: one value, as it stands in a message. A byte order mark may come
    /// first.
    ///
    /// What is checked here is the structure, with all references. That the text of a number is a
    /// number is seen when it is read.
    ///
    /// # Errors
    /// When `xml` is not one CLIXML value or exceeds one of the `limits`.
    pub fn parse<'t>(
        &'t mut self,
        xml: &'t [u8],
        limits: &Limits,
    ) -> Result<Node<'t>, DecodeError> {
        let text = utf8(xml, limits)?;
        self.fill(text, Form::Bare, limits)?;
        Ok(Node::new(self, text, 0))
    }

    /// Reads a document: `Objs` with any number of values in it, its [`items`](Node::items).
    ///
    /// # Errors
    /// When `xml` is not a CLIXML document or exceeds one of the `limits`.
    pub fn parse_document<'t>(
        &'t mut self,
        xml: &'t [u8],
        limits: &Limits,
    ) -> Result<Node<'t>, DecodeError> {
        let text = utf8(xml, limits)?;
        self.fill(text, Form::Document, limits)?;
        Ok(Node::new(self, text, 0))
    }

    pub(super) fn fill(
        &mut self,
        xml: &str,
        form: Form,
        limits: &Limits,
    ) -> Result<(), DecodeError> {
        self.fill_by(Level::new(), xml, form, true, limits)
    }

    /// The same with the instructions of `level`; without `shortcuts` nothing is taken by the form
    /// that PowerShell writes it in, and all the rules are asked for each tag.
    pub(in crate::clixml) fn fill_by(
        &mut self,
        level: Level,
        xml: &str,
        form: Form,
        shortcuts: bool,
        limits: &Limits,
    ) -> Result<(), DecodeError> {
        let Self {
            slots,
            frames,
            objects,
            type_names,
            scratch,
        } = self;
        slots.clear();
        frames.clear();
        objects.clear();
        type_names.clear();
        const BYTE_ORDER_MARK: &str = "\u{FEFF}";
        let start = if xml.starts_with(BYTE_ORDER_MARK) {
            BYTE_ORDER_MARK.len()
        } else {
            0
        };
        let namespace = match form {
            Form::Bare => Namespace::None,
            Form::Document => Namespace::Document,
        };
        let tail = Tail::of(xml.as_bytes());
        dispatch!(level, simd => {
            let scan = Scanner::new(simd, xml, &tail, start, namespace, shortcuts, limits, scratch)?;
            let mut parser = Parser {
                simd,
                xml,
                scan,
                slots,
                frames,
                objects,
                type_names,
                limits,
                skips_unknown: false,
                lists: 0,
            };
            match form {
                Form::Bare => parser.bare(),
                Form::Document => parser.document(),
            }
        })
    }

    /// Makes room for an input of `length` bytes, as most are.
    pub(super) fn reserve_for(&mut self, length: usize) {
        self.slots.reserve((length / 24).min(4096));
        self.frames.reserve(16);
    }

    /// How many elements the value that was parsed last consists of.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether nothing has been parsed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }
}

/// The two ways in which values stand in XML.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Form {
    Bare,
    Document,
}

/// The input as text, if it is not too long.
pub(super) fn utf8<'x>(xml: &'x [u8], limits: &Limits) -> Result<&'x str, DecodeError> {
    check_length(xml, limits)?;
    simdutf8::basic::from_utf8(xml).map_err(|_| {
        let at = str::from_utf8(xml).map_or_else(|error| error.valid_up_to(), str::len);
        malformed(at, "this is not UTF-8")
    })
}

/// Whether the input is within its limit and its positions fit in 32 bits.
pub(super) fn check_length(xml: &[u8], limits: &Limits) -> Result<(), DecodeError> {
    if xml.len() > limits.message_size {
        return Err(too_large(0, "message_size", xml.len(), limits.message_size));
    }
    if u32::try_from(xml.len()).is_err() {
        return Err(malformed(0, "the input has 4 GiB or more"));
    }
    Ok(())
}

#[cfg(feature = "fuzzing")]
impl Tape {
    /// Reads `xml` with and without shortcuts, with all instructions that there are and with fewer:
    /// every way sees the same, errors included.
    ///
    /// # Panics
    /// When one does not.
    pub(crate) fn read_every_way(xml: &[u8], limits: &Limits) {
        let Ok(xml) = utf8(xml, limits) else { return };
        for form in [Form::Bare, Form::Document] {
            let mut long = Self::default();
            let read = long.fill_by(Level::new(), xml, form, false, limits);
            for level in levels() {
                let mut short = Self::default();
                assert_eq!(short.fill_by(level, xml, form, true, limits), read);
                if read.is_err() {
                    continue;
                }
                assert_eq!(short.len(), long.len());
                for (short, long) in short.slots.iter().zip(&long.slots) {
                    short.assert_means(*long, xml);
                }
            }
        }
    }
}
