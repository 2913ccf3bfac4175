//! An object of a .NET type that came over the wire: its text and its properties are all that is left of it.

use crate::value::{ClrLike, Text, TypeId, TypeRef};

/// What an object said of itself with `ToString()` before it was sent. Its properties are notes of the object around it.
#[derive(Clone, Debug)]
pub struct Deserialized {
    text: Text,
}

impl Deserialized {
    /// An object whose text is this.
    #[must_use]
    pub fn new(text: impl Into<Text>) -> Self {
        Self { text: text.into() }
    }
}

impl ClrLike for Deserialized {
    fn type_ref(&self) -> TypeRef {
        TypeRef::of(TypeId::PSObject)
    }

    fn text(&self) -> Text {
        self.text.clone()
    }
}
