//! What can be wrong with bytes that came from a peer.

use std::fmt;

/// Why bytes could not be read: which item, at which byte, what was wrong.
///
/// The offset counts from the start of the slice that was handed to the decoder; there is none
/// when the bytes were good CLIXML and the value in them is not what the message demands.
/// The text has no capital and no full stop, so that it reads well after a colon.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub struct DecodeError(Box<Fault>);

/// What a [`DecodeError`] says. It lies behind a pointer so that every result on the way of what is
/// in order is small.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Fault {
    item: &'static str,
    offset: Option<usize>,
    kind: DecodeErrorKind,
}

impl DecodeError {
    /// An error of `kind`, found while reading `item` at byte `offset`.
    #[must_use]
    #[cold]
    pub fn new(item: &'static str, offset: usize, kind: DecodeErrorKind) -> Self {
        Self(Box::new(Fault {
            item,
            offset: Some(offset),
            kind,
        }))
    }

    /// An error of `kind` in a value that has been read already: its bytes were in order.
    #[must_use]
    #[cold]
    pub fn in_value(item: &'static str, kind: DecodeErrorKind) -> Self {
        Self(Box::new(Fault {
            item,
            offset: None,
            kind,
        }))
    }

    /// What was being read: the name that MS-PSRP has for it.
    #[must_use]
    pub fn item(&self) -> &'static str {
        self.0.item
    }

    /// The byte at which the trouble was seen, counted from the start of the input; `None` when
    /// it lies in the meaning of a value and not in its bytes.
    #[must_use]
    pub fn offset(&self) -> Option<usize> {
        self.0.offset
    }

    /// What was wrong.
    #[must_use]
    pub fn kind(&self) -> &DecodeErrorKind {
        &self.0.kind
    }

    /// The same error as seen from a larger slice that holds the input `by` bytes further in.
    #[must_use]
    pub fn shifted(mut self, by: usize) -> Self {
        if let Some(offset) = &mut self.0.offset {
            *offset = offset.saturating_add(by);
        }
        self
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Fault { item, offset, kind } = &*self.0;
        match offset {
            Some(offset) => write!(f, "{item} at byte {offset}: {kind}"),
            None => write!(f, "{item}: {kind}"),
        }
    }
}

/// The ways in which bytes can be wrong.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// The input ended inside the item.
    #[error("the input ends too early")]
    Truncated,
    /// The item is larger than a limit allows; see [`Limits`](crate::Limits).
    #[error("{got} is over the limit of {limit} ({what})")]
    TooLarge {
        /// The field of [`Limits`](crate::Limits) that was exceeded.
        what: &'static str,
        /// What the input asked for.
        got: u64,
        /// What is allowed.
        limit: u64,
    },
    /// A number or a name that the protocol does not define here.
    #[error("{0} is not a value this can have")]
    InvalidValue(String),
    /// The item does not have the shape that the protocol demands.
    #[error("{0}")]
    Malformed(&'static str),
    /// A number that must follow from what came before is another one.
    #[error("{what} is {got} where {expected} is due")]
    OutOfOrder {
        /// What is counted.
        what: &'static str,
        /// What the protocol demands.
        expected: u64,
        /// What came.
        got: u64,
    },
    /// An element that has no meaning where it stands.
    #[error("an element {0} cannot stand here")]
    UnexpectedElement(String),
    /// A property that must be there is missing.
    #[error("the property {0} is missing")]
    MissingProperty(&'static str),
    /// A property has another type than the protocol demands.
    #[error("the property {name} is a {got}, not a {expected}")]
    WrongType {
        /// The property's name.
        name: &'static str,
        /// What the protocol demands.
        expected: &'static str,
        /// What came.
        got: &'static str,
    },
}
