//! One look at the next 64 bytes: where the marks are that decide what they are.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "a window has four parts of sixteen bytes"
)]

use fearless_simd::prelude::*;
use fearless_simd::{Simd, u8x64};
use memchr::memchr3;

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
    /// `_` with an `x` behind it, with which an escape begins; the last byte may be mistaken.
    pub(super) escapes: u64,
}

/// How many bytes a window marks.
pub(super) const WIDTH: usize = 64;
/// How many bytes can be read from it: eight from each that it marks.
const SEEN: usize = WIDTH + 8;

/// All windows of an input, as seen with the instructions of `S`.
#[derive(Clone, Copy, Debug)]
pub(in crate::clixml) struct Windows<'x, S> {
    pub(super) simd: S,
    pub(in crate::clixml) xml: &'x [u8],
    pub(super) tail: &'x Tail,
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
        let mut bytes = [0; 2 * SEEN];
        // Of known length where it can be, so that nobody has to be called for it.
        if let (Some(last), Some(place)) = (xml.last_chunk::<SEEN>(), bytes.first_chunk_mut()) {
            *place = *last;
        } else if let Some(place) = bytes.get_mut(..xml.len()) {
            place.copy_from_slice(xml);
        }
        Self { bytes, start }
    }

    /// The `N` bytes from `at` on, which are at most as many as a window shows.
    #[inline(always)]
    fn bytes<const N: usize>(&self, at: usize) -> &[u8; N] {
        let rest = self.bytes.get(at.saturating_sub(self.start)..);
        rest.and_then(<[u8]>::first_chunk).unwrap_or(&[0; N])
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
        Window::of(self.simd, self.bytes(at))
    }

    /// The `N` bytes from `at` on, which are at most as many as a window shows.
    #[inline(always)]
    fn bytes<const N: usize>(self, at: usize) -> &'x [u8; N] {
        let rest = self.xml.get(at..).and_then(<[u8]>::first_chunk);
        rest.unwrap_or_else(|| self.tail.bytes(at))
    }

    /// The eight bytes at `at`, the first lowest.
    #[inline(always)]
    pub(in crate::clixml) fn word(self, at: usize) -> u64 {
        u64::from_le_bytes(*self.bytes(at))
    }

    /// The next `<`, `>` or `&` from `at` on, and whether there may be an escape before it.
    pub(super) fn end_of_text(self, at: usize) -> Option<(usize, bool)> {
        // Most texts end soon. One that does not is searched by what needs longer to begin with.
        const SOON: usize = 4;
        let far = at.saturating_add(SOON * WIDTH);
        let near = self.simd.vectorize(
            #[inline(always)]
            || {
                let mut may_escape = false;
                for at in (at..far.min(self.xml.len())).step_by(WIDTH) {
                    let seen = u8x64::load_array_ref(self.simd, self.bytes(at));
                    let ends = (seen | 2).simd_eq(b'>') | seen.simd_eq(b'&');
                    let ends = ends.to_bitmask();
                    may_escape |= escapes(seen) & below_lowest(ends) != 0;
                    if ends != 0 {
                        return Some((at + ends.trailing_zeros() as usize, may_escape));
                    }
                }
                None
            },
        );
        near.or_else(|| Some((far + memchr3(b'<', b'>', b'&', self.xml.get(far..)?)?, true)))
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
    /// Where it begins in the input.
    #[inline(always)]
    pub(in crate::clixml) const fn start(self) -> usize {
        self.start
    }

    /// The window that begins `inside` bytes behind its start, if it is in here.
    #[inline(always)]
    pub(in crate::clixml) fn window(self, inside: usize) -> Option<Window<'x>> {
        let rest = self.bytes.get(inside..);
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
        Self {
            bytes,
            angles: angles.to_bitmask(),
            quotes: quotes.to_bitmask(),
            escapes: escapes(seen),
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

/// Each `_` with an `x` behind it, and one at the end, whatever is behind that.
#[inline(always)]
fn escapes(seen: u8x64<impl Simd>) -> u64 {
    let underscores = seen.simd_eq(b'_').to_bitmask();
    let letters = (seen | 0x20).simd_eq(b'x').to_bitmask();
    underscores & (letters >> 1 | 1 << (WIDTH - 1))
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
    use fearless_simd::dispatch;

    use super::*;
    use crate::clixml::scan::levels;

    /// The same, byte by byte.
    fn plain(bytes: &[u8], marks: &[u8]) -> u64 {
        let bytes = bytes.iter().take(WIDTH).enumerate();
        bytes
            .filter(|(_, byte)| marks.contains(byte))
            .fold(0, |bits, (index, _)| bits | 1 << index)
    }

    /// Where an escape may begin, byte by byte.
    fn plain_escapes(bytes: &[u8]) -> u64 {
        let pairs = bytes.windows(2).take(WIDTH).enumerate();
        pairs
            .filter(|(_, pair)| matches!(pair, [b'_', b'x' | b'X']))
            .fold(0, |bits, (index, _)| bits | 1 << index)
    }

    fn shows_each_mark(simd: impl Simd) {
        let text: Vec<u8> = (0..=255)
            .chain(*b"<S N=\"a_b_x_X_\">x&gt;y_x</S>")
            .collect();
        for end in 0..=text.len() {
            let tail = Tail::of(&text[..end]);
            let windows = Windows::new(simd, &text[..end], &tail);
            for at in 0..=end {
                let rest = &text[at..end];
                let window = windows.at(at);
                assert_eq!(window.angles, plain(rest, b"<>"), "{at}..{end}");
                assert_eq!(window.quotes, plain(rest, b"\"&"), "{at}..{end}");
                let at_the_end = plain(rest, b"_") & 1 << (WIDTH - 1);
                let escapes = plain_escapes(rest) | at_the_end;
                assert_eq!(window.escapes, escapes, "{at}..{end}");
                let byte = |index: usize| u64::from(rest.get(index).copied().unwrap_or(0));
                for index in 0..WIDTH {
                    assert_eq!(u64::from(window.byte(index)), byte(index));
                    let word = (0..8).map(|part| byte(index + part) << (8 * part));
                    assert_eq!(window.word(index), word.sum());
                }
            }
        }
    }

    #[test]
    fn a_window_shows_each_mark_where_it_is_however_much_is_left() {
        for level in levels() {
            dispatch!(level, simd => shows_each_mark(simd));
        }
    }

    fn finds_the_end(simd: impl Simd) {
        for length in (0..200).chain(250..270).chain([1000]) {
            for mark in ["<", ">", "&", ""] {
                for (before, may_escape) in [("", false), ("_", false), ("_x", true), ("x_", false)]
                {
                    let text = format!("{:a<length$}{before}{mark}_xy<", "");
                    let xml = if mark.is_empty() {
                        &text[..length]
                    } else {
                        &text[..]
                    };
                    let tail = Tail::of(xml.as_bytes());
                    let found = Windows::new(simd, xml.as_bytes(), &tail).end_of_text(0);
                    if mark.is_empty() {
                        assert_eq!(found, None, "{xml}");
                        continue;
                    }
                    let (at, may) = found.unwrap();
                    assert_eq!(at, length + before.len(), "{xml}");
                    assert!(may || !may_escape, "{xml}");
                    // A `_` at the end of a block may be mistaken, and nobody looks far away.
                    let last = before.find('_').map(|at| at + length).unwrap_or_default();
                    let mistaken = last % WIDTH == WIDTH - 1 || at >= 4 * WIDTH;
                    assert!(!may || may_escape || mistaken, "{xml}");
                }
            }
        }
    }

    #[test]
    fn a_text_ends_at_the_next_mark_however_far_that_is() {
        for level in levels() {
            dispatch!(level, simd => finds_the_end(simd));
        }
    }
}
