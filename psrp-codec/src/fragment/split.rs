//! Cutting messages into fragments.

use std::fmt;

use bytes::{Bytes, BytesMut};

use super::Fragment;
use crate::{Encode, ObjectId, unseen::Unseen};

/// Cuts `message` into fragments of at most `max_len` bytes each, headers included.
///
/// Every fragment but the last is exactly `max_len` long, as PowerShell cuts. Nothing is copied.
/// A message of no bytes has no fragments: the protocol knows no empty ones.
///
/// # Panics
/// When `max_len` leaves no room for a byte after the header of 21.
#[must_use]
pub fn split(object: ObjectId, message: &[u8], max_len: usize) -> Fragments<'_> {
    assert!(
        max_len > Fragment::HEADER_LEN,
        "a fragment needs room for its header and a byte"
    );
    Fragments {
        object,
        index: 0,
        rest: message,
        max_blob: max_len.saturating_sub(Fragment::HEADER_LEN),
    }
}

/// The fragments of one message, first to last. See [`split`].
#[derive(Clone)]
pub struct Fragments<'a> {
    object: ObjectId,
    index: u64,
    rest: &'a [u8],
    max_blob: usize,
}

impl<'a> Iterator for Fragments<'a> {
    type Item = Fragment<'a>;

    fn next(&mut self) -> Option<Fragment<'a>> {
        let fragment = cut(self.object, self.index, self.rest, self.max_blob)?;
        self.rest = self.rest.get(fragment.blob.len()..).unwrap_or_default();
        self.index = self.index.saturating_add(1);
        Some(fragment)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.rest.len().div_ceil(self.max_blob);
        (left, Some(left))
    }
}

impl ExactSizeIterator for Fragments<'_> {}

/// A message on its way out, cut where each packet ends: for senders that learn only packet by
/// packet how much room there is.
#[derive(Clone)]
pub struct UnsentMessage {
    object: ObjectId,
    index: u64,
    rest: Bytes,
}

impl UnsentMessage {
    /// The whole of `message`, which will travel as `object`.
    #[must_use]
    pub const fn new(object: ObjectId, message: Bytes) -> Self {
        Self {
            object,
            index: 0,
            rest: message,
        }
    }

    /// Appends the next fragment to `packet`, in at most `room` bytes; gives whether it did.
    ///
    /// Nothing is written when all has been sent, or when `room` does not hold the header and a
    /// byte.
    pub fn write_fragment(&mut self, room: usize, packet: &mut BytesMut) -> bool {
        let max_blob = room.saturating_sub(Fragment::HEADER_LEN);
        if max_blob == 0 {
            return false;
        }
        let Some(fragment) = cut(self.object, self.index, &self.rest, max_blob) else {
            return false;
        };
        fragment.encode(packet);
        let sent = fragment.blob.len();
        self.rest = self.rest.slice(sent..);
        self.index = self.index.saturating_add(1);
        true
    }

    /// The message's id.
    #[must_use]
    pub const fn object(&self) -> ObjectId {
        self.object
    }

    /// Whether no fragment has been written yet.
    #[must_use]
    pub const fn is_untouched(&self) -> bool {
        self.index == 0
    }

    /// Bytes of the message that no fragment has taken yet.
    #[must_use]
    pub const fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// Whether every byte is in a fragment.
    #[must_use]
    pub const fn is_sent(&self) -> bool {
        self.rest.is_empty()
    }
}

impl fmt::Debug for Fragments<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fragments")
            .field("object", &self.object)
            .field("index", &self.index)
            .field("rest", &Unseen(self.rest))
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for UnsentMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnsentMessage")
            .field("object", &self.object)
            .field("index", &self.index)
            .field("rest", &Unseen(&self.rest))
            .finish()
    }
}

/// The fragment that comes next when `rest` is what the earlier ones left over.
fn cut(object: ObjectId, index: u64, rest: &[u8], max_blob: usize) -> Option<Fragment<'_>> {
    if rest.is_empty() {
        return None;
    }
    // BlobLength has 31 bits.
    let len = max_blob.min(rest.len()).min(i32::MAX as usize);
    Some(Fragment {
        object,
        index,
        start: index == 0,
        end: len == rest.len(),
        blob: rest.get(..len)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fragments_are_filled_and_the_last_holds_the_rest() {
        let message = [7_u8; 202];
        let lengths: Vec<_> = split(ObjectId::FIRST, &message, 100)
            .map(|f| (f.index, f.start, f.end, f.blob.len()))
            .collect();
        assert_eq!(
            lengths,
            [
                (0, true, false, 79),
                (1, false, false, 79),
                (2, false, true, 44)
            ]
        );
    }

    #[test]
    fn what_fits_exactly_is_one_fragment() {
        let message = [7_u8; 79];
        let mut fragments = split(ObjectId::FIRST, &message, 100);
        assert_eq!(fragments.len(), 1);
        let only = fragments.next().unwrap();
        assert!(only.start && only.end);
        assert_eq!(fragments.next(), None);
    }

    #[test]
    fn a_message_of_no_bytes_has_no_fragments() {
        assert_eq!(split(ObjectId::FIRST, b"", 100).count(), 0);
    }

    #[test]
    fn an_unsent_message_is_cut_to_the_room_of_each_packet() {
        let mut unsent = UnsentMessage::new(ObjectId::FIRST, Bytes::from_static(b"0123456789"));
        let mut packet = BytesMut::new();
        assert!(!unsent.write_fragment(21, &mut packet));
        assert!(packet.is_empty() && unsent.is_untouched());
        assert!(unsent.write_fragment(25, &mut packet));
        assert_eq!((packet.len(), unsent.remaining()), (25, 6));
        assert!(unsent.write_fragment(100, &mut packet));
        assert!(unsent.is_sent());
        assert!(!unsent.write_fragment(100, &mut packet));
    }
}
