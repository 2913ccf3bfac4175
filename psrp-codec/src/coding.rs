//! How binary layouts are read and written.

use bytes::BytesMut;

use crate::DecodeError;

/// Reads `Self` off the front of `input`, borrowing from it, and hands back what is left.
pub trait Decode<'a>: Sized {
    /// Reads one item; the second part of the result is the rest of `input`.
    ///
    /// # Errors
    /// When `input` is cut short or does not hold a valid item.
    fn decode(input: &'a [u8]) -> Result<(Self, &'a [u8]), DecodeError>;
}

/// Appends `self` to `out`: exactly `encoded_len` bytes, and it cannot fail.
pub trait Encode {
    /// How many bytes [`encode`](Self::encode) appends.
    fn encoded_len(&self) -> usize;
    /// Appends the item to `out`.
    fn encode(&self, out: &mut BytesMut);
}
