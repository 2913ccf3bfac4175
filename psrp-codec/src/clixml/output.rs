//! Where the writer writes.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "`room` gives as many bytes as it is asked for, and positions stay within memory"
)]

use bytes::BytesMut;

use crate::digits::{LONGEST, Room};

/// The end of a buffer, with room behind it that is always ready.
///
/// Most of what the writer appends has a few bytes. To copy exactly so many of them is a call
/// each time; here they are stored as whole words into room that is there, and the next ones go
/// over what was too much.
pub(super) struct Output<'o> {
    // INVARIANT: at least `at` bytes long. What is behind is cut off in the end.
    buffer: &'o mut BytesMut,
    start: usize,
    at: usize,
}

/// How much is appended at a time.
const PORTION: usize = 4096;
/// How much room is made ready at a time: so little that it is still in the nearest cache when it
/// is written to, and that not much is left over of what each value made ready.
const READY: usize = 1024;

impl<'o> Output<'o> {
    pub(super) fn new(buffer: &'o mut BytesMut) -> Self {
        let at = buffer.len();
        Self {
            buffer,
            start: at,
            at,
        }
    }

    /// What comes next goes into the first bytes of this, which is `count` bytes long or longer.
    #[inline(always)]
    pub(super) fn room(&mut self, count: usize) -> &mut [u8] {
        if self.buffer.len() - self.at < count {
            self.grow(count);
        }
        &mut self.buffer[self.at..]
    }

    /// Keeps the first `count` bytes of what [`room`](Self::room) gave.
    #[inline(always)]
    pub(super) fn keep(&mut self, count: usize) {
        debug_assert!(count <= self.buffer.len() - self.at);
        self.at += count;
    }

    #[inline(always)]
    pub(super) fn piece(&mut self, piece: &Piece) {
        self.room(Piece::LONGEST)[..Piece::LONGEST].copy_from_slice(&piece.bytes);
        self.keep(piece.len());
    }

    #[inline]
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        for portion in bytes.chunks(PORTION) {
            self.room(portion.len())[..portion.len()].copy_from_slice(portion);
            self.keep(portion.len());
        }
    }

    pub(super) fn byte(&mut self, byte: u8) {
        self.room(1)[0] = byte;
        self.keep(1);
    }

    pub(super) fn blanks(&mut self, count: usize) {
        self.room(count)[..count].fill(b' ');
        self.keep(count);
    }

    /// Appends what `write` stores, as many bytes as it says.
    #[inline(always)]
    pub(super) fn short(&mut self, write: impl FnOnce(&mut Room) -> usize) {
        if let Some(room) = self.room(LONGEST).first_chunk_mut() {
            let count = write(room);
            self.keep(count);
        }
    }

    pub(super) fn base64(&mut self, bytes: &[u8]) {
        let end = self.at + bytes.len().div_ceil(3) * 4;
        self.buffer.reserve(end.saturating_sub(self.buffer.len()));
        // Portions that encode without padding between them.
        for portion in bytes.chunks(PORTION / 4 * 3) {
            let place = base64_simd::Out::from_slice(self.room(portion.len().div_ceil(3) * 4));
            let count = base64_simd::STANDARD.encode(portion, place).len();
            self.keep(count);
        }
    }

    /// Whether nothing has been appended.
    pub(super) fn is_empty(&self) -> bool {
        self.at == self.start
    }

    /// The place where the next byte goes.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// Takes back what was appended from `position` on.
    pub(super) fn take_back(&mut self, position: usize) {
        self.at = position.clamp(self.start, self.at);
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, count: usize) {
        // The first room is small, as many values are.
        let ready = (self.at - self.start).clamp(256, READY).max(count);
        let spare = self.buffer.capacity() - self.at;
        // No more memory than the text needs, where the caller has reserved that.
        let ready = if count <= spare {
            ready.min(spare)
        } else {
            ready
        };
        self.buffer.resize(self.at + ready, 0);
    }
}

impl Drop for Output<'_> {
    fn drop(&mut self) {
        self.buffer.truncate(self.at);
    }
}

/// A short text that is stored whole, with zeros behind it.
#[derive(Debug)]
pub(super) struct Piece {
    bytes: [u8; Self::LONGEST],
    len: u8,
}

impl Piece {
    pub(super) const LONGEST: usize = 16;

    pub(super) const EMPTY: Self = Self::of("");

    /// A text of at most sixteen bytes, known to the compiler.
    pub(super) const fn of(text: &str) -> Self {
        let text = text.as_bytes();
        let mut bytes = [0; Self::LONGEST];
        let mut len = 0;
        while len < text.len() {
            bytes[len] = text[len];
            len += 1;
        }
        #[expect(clippy::cast_possible_truncation, reason = "at most sixteen")]
        Self {
            bytes,
            len: len as u8,
        }
    }

    #[inline]
    pub(super) const fn len(&self) -> usize {
        self.len as usize
    }

    /// Stores it at `at` in `room`, which sixteen bytes have to follow; gives the place behind it.
    #[inline(always)]
    pub(super) fn store(&self, room: &mut [u8], at: usize) -> usize {
        room[at..at + Self::LONGEST].copy_from_slice(&self.bytes);
        at + self.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_there_stays_and_what_was_too_much_goes() {
        for capacity in [0, 7, 300, 100_000] {
            let mut buffer = BytesMut::with_capacity(capacity);
            buffer.extend_from_slice(b"before");
            let mut out = Output::new(&mut buffer);
            assert!(out.is_empty());
            out.piece(&Piece::of("<I32>"));
            out.short(|room| crate::digits::integer(room, 0, 42));
            let position = out.position();
            out.bytes(&[b'x'; 10_000]);
            out.take_back(position);
            out.piece(&Piece::of("</I32>"));
            out.base64(&[0xFF; 10_000]);
            drop(out);
            let (head, base64) = buffer.split_at(19);
            assert_eq!(head, b"before<I32>42</I32>");
            assert_eq!(base64.len(), 13_336);
            assert!(base64.starts_with(b"////") && base64.ends_with(b"/w=="));
        }
    }

    #[test]
    fn room_that_is_reserved_is_not_reserved_again() {
        let mut buffer = BytesMut::with_capacity(1000);
        let before = buffer.as_ptr();
        let mut out = Output::new(&mut buffer);
        for _ in 0..61 {
            out.piece(&Piece::of("0123456789abcdef"));
        }
        drop(out);
        assert_eq!((buffer.len(), buffer.as_ptr()), (976, before));
    }
}
