//! One look at the next 64 bytes: where the marks are that decide what they are.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "a window has four parts of sixteen bytes"
)]

use fearless_simd::prelude::*;
use fearless_simd::{Simd, u8x64};

/// The marks among the next 64 bytes, a bit for each byte, the first byte lowest. Behind the end of
/// the input there is NUL, and no mark.
///
/// Most elements fit in, so that one look finds all of their parts, and no branch depends on how
/// long each part is.
#[derive(Clone, Copy, Debug)]
pub(in crate::clixml) struct Window<'x> {
    bytes: &'x [u8; SEEN],
    /// `<` and `>`
    pub(super) angles: u64,
    /// `"` and `&`
    pub(super) quotes: u64,
    /// `_`
    pub(super) underscores: u64,
}

/// How many bytes a window marks.
pub(super) const WIDTH: usize = 64;
/// How many bytes can be read from it: eight from each that it marks.
const SEEN: usize = WIDTH + 8;

/// All windows of an input, as seen with the instructions of `S`.
#[derive(Clone, Copy, Debug)]
pub(in crate::clixml) struct Windows<'x, S> {
    simd: S,
    xml: &'x [u8],
    tail: &'x Tail,
}

/// The end of an input with NUL behind it, so that no window ends too early.
#[derive(Debug)]
pub(in crate::clixml) struct Tail {
    bytes: [u8; 2 * SEEN],
    /// Where it begins in the input.
    start: usize,
}

impl Tail {
    #[inline]
    pub(in crate::clixml) fn of(xml: &[u8]) -> Self {
        let start = xml.len().saturating_sub(SEEN);
        let last = xml.get(start..).unwrap_or_default();
        let mut bytes = [0; 2 * SEEN];
        if let Some(place) = bytes.get_mut(..last.len()) {
            place.copy_from_slice(last);
        }
        Self { bytes, start }
    }

    /// What is seen from `at`.
    #[inline(always)]
    fn seen(&self, at: usize) -> &[u8; SEEN] {
        let rest = self.bytes.get(at.saturating_sub(self.start)..);
        rest.and_then(<[u8]>::first_chunk).unwrap_or(&[0; SEEN])
    }
}

impl<'x, S: Simd> Windows<'x, S> {
    /// `tail` is that of `xml`.
    #[inline(always)]
    pub(super) const fn new(simd: S, xml: &'x [u8], tail: &'x Tail) -> Self {
        Self { simd, xml, tail }
    }

    /// The input as it is.
    #[inline(always)]
    pub(in crate::clixml) const fn whole(self) -> Region<'x, S> {
        Region {
            simd: self.simd,
            bytes: self.xml,
            start: 0,
            is_end: false,
        }
    }

    /// The end of the input with what is behind it.
    #[inline(always)]
    pub(in crate::clixml) const fn end(self) -> Region<'x, S> {
        Region {
            simd: self.simd,
            bytes: &self.tail.bytes,
            start: self.tail.start,
            is_end: true,
        }
    }

    /// The window that begins at `at`.
    #[inline(always)]
    pub(in crate::clixml) fn at(self, at: usize) -> Window<'x> {
        let rest = self.xml.get(at..).and_then(<[u8]>::first_chunk);
        Window::of(self.simd, rest.unwrap_or_else(|| self.tail.seen(at)))
    }
}

/// A stretch of the input in which windows are whole.
#[derive(Clone, Copy, Debug)]
pub(in crate::clixml) struct Region<'x, S> {
    simd: S,
    bytes: &'x [u8],
    start: usize,
    is_end: bool,
}

impl<'x, S: Simd> Region<'x, S> {
    /// The window that begins at `at`, if it is in here.
    #[inline(always)]
    pub(in crate::clixml) fn window(self, at: usize) -> Option<Window<'x>> {
        let rest = self.bytes.get(at.wrapping_sub(self.start)..);
        Some(Window::of(self.simd, rest.and_then(<[u8]>::first_chunk)?))
    }

    #[inline(always)]
    pub(in crate::clixml) const fn is_end(self) -> bool {
        self.is_end
    }
}

impl<'x> Window<'x> {
    #[inline(always)]
    fn of(simd: impl Simd, bytes: &'x [u8; SEEN]) -> Self {
        let marked = bytes.first_chunk().unwrap_or(&[0; WIDTH]);
        let seen = u8x64::load_array_ref(simd, marked);
        // `<` and `>` differ in one bit, and so do `"` and `&`.
        let angles = (seen | 2).simd_eq(b'>');
        let quotes = (seen | 4).simd_eq(b'&');
        let underscores = seen.simd_eq(b'_');
        Self {
            bytes,
            angles: angles.to_bitmask(),
            quotes: quotes.to_bitmask(),
            underscores: underscores.to_bitmask(),
        }
    }

    /// Whether it begins with these bytes.
    #[inline(always)]
    pub(in crate::clixml) fn starts_with<const N: usize>(&self, bytes: &[u8; N]) -> bool {
        self.bytes.first_chunk() == Some(bytes)
    }

    /// The byte at `index`, which is below 64.
    #[inline(always)]
    pub(super) const fn byte(&self, index: usize) -> u8 {
        #[expect(clippy::indexing_slicing, reason = "the index is below 64")]
        self.bytes[index % WIDTH]
    }

    /// Eight bytes from `index` on, which is below 64; the first is the lowest.
    #[inline(always)]
    pub(super) fn word(&self, index: usize) -> u64 {
        let rest = self.bytes.get(index % WIDTH..);
        let word = rest.and_then(<[u8]>::first_chunk).unwrap_or(&[0; 8]);
        u64::from_le_bytes(*word)
    }
}

/// The bits below the lowest one of `bits`; all of them if there is none.
#[inline(always)]
pub(super) const fn below_lowest(bits: u64) -> u64 {
    bits.wrapping_sub(1) & !bits
}

/// `bits` but for the lowest one.
#[inline(always)]
pub(super) const fn without_lowest(bits: u64) -> u64 {
    bits & bits.wrapping_sub(1)
}

/// The `count` lowest bytes, which are at most eight.
#[inline(always)]
pub(super) const fn bytes_below(count: usize) -> u64 {
    if count < 8 {
        (1 << (8 * count)) - 1
    } else {
        u64::MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same, byte by byte.
    fn plain(bytes: &[u8], marks: &[u8]) -> u64 {
        let bytes = bytes.iter().take(WIDTH).enumerate();
        bytes
            .filter(|(_, byte)| marks.contains(byte))
            .fold(0, |bits, (index, _)| bits | 1 << index)
    }

    #[test]
    fn a_window_shows_each_mark_where_it_is_however_much_is_left() {
        let text: Vec<u8> = (0..=255).chain(*b"<S N=\"a_b\">x&gt;y</S>").collect();
        for end in 0..=text.len() {
            let tail = Tail::of(&text[..end]);
            let windows = Windows::new(simd, &text[..end], &tail);
            for at in 0..=end {
                let rest = &text[at..end];
                let window = windows.at(at);
                assert_eq!(window.angles, plain(rest, b"<>"), "{at}..{end}");
                assert_eq!(window.quotes, plain(rest, b"\"&"), "{at}..{end}");
                assert_eq!(window.underscores, plain(rest, b"_"), "{at}..{end}");
                let byte = |index: usize| u64::from(rest.get(index).copied().unwrap_or(0));
                for index in 0..WIDTH {
                    assert_eq!(u64::from(window.byte(index)), byte(index));
                    let word = (0..8).map(|part| byte(index + part) << (8 * part));
                    assert_eq!(window.word(index), word.sum());
                }
            }
        }
    }
}
