//! A value with its structure, to be kept and moved.

use std::fmt;

use bytes::Bytes;
use bytestring::ByteString;

use super::Node;
use super::scan::malformed;
use super::tape::{Form, Slot, Tape};
use crate::{DecodeError, Limits, unseen::Unseen};

/// A value as it came together with its structure: the compact owned form.
///
/// It shares the buffer that it came in and has one list beside it, of exactly the length that it
/// needs, however many values are inside; texts are decoded when they are asked for. It keeps the whole buffer alive, so take
/// [`Value`](crate::Value) for parts that live long.
///
/// ```
/// use bytes::Bytes;
/// use psrp_codec::{Limits, clixml::Parsed};
///
/// let xml = Bytes::from_static(br#"<Obj RefId="0"><MS><S N="Name">pwsh</S></MS></Obj>"#);
/// let parsed = Parsed::new(xml, &Limits::default())?;
/// let name = parsed.root().get("Name").expect("it is there");
/// assert_eq!(name.text().as_str(), Some("pwsh"));
/// # Ok::<(), psrp_codec::DecodeError>(())
/// ```
#[derive(Clone)]
pub struct Parsed {
    xml: ByteString,
    elements: Elements,
}

/// All elements of a value; a primitive value is one, and needs no list.
#[derive(Clone)]
enum Elements {
    One([Slot; 1]),
    Many(Box<[Slot]>),
}

impl Parsed {
    /// Reads the structure of one value in the bare form. For many values, one after the other,
    /// [`Reader::keep`](super::Reader::keep) is faster.
    ///
    /// # Errors
    /// As [`Tape::parse`].
    pub fn new(xml: Bytes, limits: &Limits) -> Result<Self, DecodeError> {
        let mut tape = Tape::default();
        tape.reserve_for(xml.len());
        Self::with(&mut tape, xml, limits)
    }

    /// The same, with a tape to work on.
    pub(super) fn with(tape: &mut Tape, xml: Bytes, limits: &Limits) -> Result<Self, DecodeError> {
        super::tape::check_length(&xml, limits)?;
        let xml = ByteString::try_from(xml)
            .map_err(|error| malformed(error.valid_up_to(), "this is not UTF-8"))?;
        tape.fill(&xml, Form::Bare, limits)?;
        let elements = match tape.slots.as_slice() {
            [one] => Elements::One([*one]),
            many => Elements::Many(many.into()),
        };
        Ok(Self { xml, elements })
    }

    /// The value.
    #[must_use]
    pub fn root(&self) -> Node<'_> {
        let elements = match &self.elements {
            Elements::One(one) => one.as_slice(),
            Elements::Many(many) => many,
        };
        Node::of(elements, &self.xml, 0)
    }

    /// The value as XML, shared.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        self.xml.as_bytes()
    }
}

/// What its root is, and how long it is.
impl fmt::Debug for Parsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parsed")
            .field("root", &self.root())
            .field("xml", &Unseen(self.bytes()))
            .finish()
    }
}
