//! A value as it came, parsed where it is looked at.

use bytes::{Bytes, BytesMut};

use crate::clixml::{self, Node, Tape};
use crate::{DecodeError, Limits, Value};

/// One CLIXML value in the bare form, as received: cheap to move between tasks, and parsed where
/// it is looked at.
///
/// ```
/// use psrp_codec::{Encoded, Limits, Object, clixml::Tape};
///
/// let encoded = Encoded::from(&Object::bag().property("Name", "pwsh").into());
/// let limits = Limits::default();
///
/// let mut tape = Tape::default(); // to be used again for the next value
/// let name = encoded.get("name", &mut tape, &limits)?;
/// assert_eq!(name, Some("pwsh".into()));
/// # Ok::<(), psrp_codec::DecodeError>(())
/// ```
#[derive(Clone, Default, Eq, PartialEq)]
pub struct Encoded(Bytes);

impl Encoded {
    /// Takes `xml` as one value in the bare form. Nothing is looked at yet.
    #[must_use]
    pub const fn new(xml: Bytes) -> Self {
        Self(xml)
    }

    /// The value as XML.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The value as XML, shared.
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        self.0
    }

    /// Reads the whole value.
    ///
    /// # Errors
    /// When it is not exactly one CLIXML value, or exceeds one of the `limits`.
    pub fn decode(&self, limits: &Limits) -> Result<Value, DecodeError> {
        clixml::read(&self.0, limits)
    }

    /// Looks at the value in place, with `tape` for the structure.
    ///
    /// # Errors
    /// As [`Tape::parse`].
    pub fn view<'t>(
        &'t self,
        tape: &'t mut Tape,
        limits: &Limits,
    ) -> Result<Node<'t>, DecodeError> {
        tape.parse(&self.0, limits)
    }

    /// The property `name`, in any case, of an object: the only part that is read.
    ///
    /// Of input that is one CLIXML value this is what [`Node::get`] finds, and the same value. To be
    /// fast it does not read the structure of the rest, as [`Tape::parse`] and
    /// [`decode`](Self::decode) do, if the value is written as most writers do: then it is certain
    /// only that the object has an end, that the property itself is well-formed and keeps to the
    /// `limits`, and that the whole keeps to [`Limits::message_size`]. Not checked is whether, around
    /// the property, end tags have the names of their start tags, elements stand where they may,
    /// references have objects, text is UTF-8, and the other limits are kept. Use
    /// [`view`](Self::view) to look at a value of which not all is trusted, or at several properties.
    ///
    /// # Errors
    /// When the property is malformed, exceeds one of the `limits`, or its text is not of its type;
    /// when the rest is malformed or exceeds one of the `limits`, as far as that is seen.
    pub fn get(
        &self,
        name: &str,
        tape: &mut Tape,
        limits: &Limits,
    ) -> Result<Option<Value>, DecodeError> {
        clixml::get(&self.0, name, tape, limits)
    }
}

impl From<&Value> for Encoded {
    fn from(value: &Value) -> Self {
        let mut out = BytesMut::new();
        clixml::write(value, &mut out);
        Self(out.freeze())
    }
}

/// How long it is. What is in it may be a secret.
impl std::fmt::Debug for Encoded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Encoded({} bytes)", self.0.len())
    }
}
