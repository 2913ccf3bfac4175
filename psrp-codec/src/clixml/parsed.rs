//! A value with its structure, to be kept and moved.

use bytes::Bytes;
use bytestring::ByteString;

use super::Node;
use super::scan::malformed;
use super::tape::{Form, Tape};
use crate::{DecodeError, Limits};

/// A value as it came together with its structure: the compact owned form.
///
/// It shares the buffer that it came in and has one list beside it, however many values are
/// inside; texts are decoded when they are asked for. It keeps the whole buffer alive, so take
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
#[derive(Debug)]
pub struct Parsed {
    xml: ByteString,
    tape: Tape,
}

impl Parsed {
    /// Reads the structure of one value in the bare form.
    ///
    /// # Errors
    /// As [`Tape::parse`].
    pub fn new(xml: Bytes, limits: &Limits) -> Result<Self, DecodeError> {
        super::tape::check_length(&xml, limits)?;
        let xml = ByteString::try_from(xml)
            .map_err(|error| malformed(error.valid_up_to(), "this is not UTF-8"))?;
        let mut tape = Tape::default();
        tape.reserve_for(xml.len());
        tape.fill(&xml, Form::Bare, limits)?;
        tape.forget_scratch();
        Ok(Self { xml, tape })
    }

    /// The value.
    #[must_use]
    pub fn root(&self) -> Node<'_> {
        Node::new(&self.tape, &self.xml, 0)
    }

    /// The value as XML, shared.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        self.xml.as_bytes()
    }
}
