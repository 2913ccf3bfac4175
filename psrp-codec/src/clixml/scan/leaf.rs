//! Elements with nothing but text in them, in exactly the form that PowerShell writes them in.
//!
//! Whatever is not in that form goes the long way, which is the measure of what is right: what is
//! taken here is what would be taken there.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "positions stay below the length of the input, and bits below 64"
)]

use fearless_simd::Simd;
use memchr::memchr;

use super::Span;
use super::window::{Tail, WIDTH, Window, Windows, below_lowest, bytes_below, without_lowest};
use crate::clixml::Kind;

/// An element with text in it, or `Nil`.
#[derive(Clone, Copy, Debug)]
pub(in crate::clixml) struct Leaf {
    pub(in crate::clixml) kind: Kind,
    /// The attribute `N`.
    pub(in crate::clixml) name: Span,
    pub(in crate::clixml) text: Span,
    pub(in crate::clixml) name_may_escape: bool,
    pub(in crate::clixml) text_may_escape: bool,
    /// How many bytes it takes, tags included.
    pub(in crate::clixml) size: usize,
}

impl Leaf {
    /// The same, where the attribute only says which part of something it is.
    #[inline(always)]
    pub(in crate::clixml) const fn without_name(mut self) -> Self {
        self.name = Span { start: 0, end: 0 };
        self.name_may_escape = false;
        self
    }
}

/// The leaf at `at` with the attribute `N` and no other. `window` is what is seen from there, one
/// of `windows`.
///
/// A text that is longer than the window is at most `text_size` long; nobody asks for leaves who
/// wants less than that.
#[inline(always)]
pub(in crate::clixml) fn named_leaf(
    windows: Windows<'_, impl Simd>,
    at: usize,
    window: &Window<'_>,
    text_size: usize,
) -> Option<Leaf> {
    const ATTRIBUTE: u64 = u32::from_le_bytes(*b" N=\"") as u64;
    // `"`, `"` and what follows; `<`, `>`, `<` and what follows.
    let opens = window.quotes.trailing_zeros() as usize;
    let quotes = without_lowest(window.quotes);
    let closes = quotes.trailing_zeros() as usize;
    let angles = without_lowest(window.angles);
    let length = opens.wrapping_sub(4);
    if length.wrapping_sub(1) >= LONGEST_TAG || closes >= WIDTH || window.byte(0) != b'<' {
        return None;
    }
    let (first, shift) = (window.word(1), 8 * length);
    let key = first & !(u64::MAX << shift);
    let kind = Kind::of_packed(key)?;
    if (first >> shift & 0xFFFF_FFFF) != ATTRIBUTE || window.byte(closes) != b'"' {
        return None;
    }
    let mut leaf = Leaf {
        kind,
        name: Span::new(at + opens + 1, at + closes),
        text: Span::default(),
        name_may_escape: window.escapes & below_lowest(quotes) != 0,
        text_may_escape: false,
        size: 0,
    };
    let ends = angles.trailing_zeros() as usize;
    if ends == closes + 1 && window.byte(ends) == b'>' {
        let quotes = without_lowest(quotes);
        text_and_end(
            windows,
            at,
            window,
            (angles, quotes),
            (key, length),
            &mut leaf,
            text_size,
        )
        .then_some(leaf)
    } else {
        // `<S N="a" />`
        const EMPTY: u64 = u32::from_le_bytes(*b"\" />") as u64;
        if ends != closes + 3 || window.word(closes) & 0xFFFF_FFFF != EMPTY {
            return None;
        }
        leaf.size = closes + 4;
        empty(at, &mut leaf).then_some(leaf)
    }
}

/// The leaf at `at` without attributes. `window` is what is seen from there, one of `windows`.
#[inline(always)]
pub(in crate::clixml) fn unnamed_leaf(
    windows: Windows<'_, impl Simd>,
    at: usize,
    window: &Window<'_>,
    text_size: usize,
) -> Option<Leaf> {
    let angles = without_lowest(window.angles);
    let ends = angles.trailing_zeros() as usize;
    let length = ends.wrapping_sub(1);
    if length.wrapping_sub(1) >= 8 || window.byte(0) != b'<' || window.byte(ends) != b'>' {
        return None;
    }
    let key = window.word(1) & bytes_below(length);
    let mut leaf = Leaf {
        kind: Kind::Nil,
        name: Span::default(),
        text: Span::default(),
        name_may_escape: false,
        text_may_escape: false,
        size: ends + 1,
    };
    match Kind::of_packed(key) {
        Some(kind) => {
            leaf.kind = kind;
            let marks = (angles, window.quotes);
            text_and_end(
                windows,
                at,
                window,
                marks,
                (key, length),
                &mut leaf,
                text_size,
            )
            .then_some(leaf)
        }
        // `<S />`
        None => {
            let length = length.checked_sub(2).filter(|length| *length > 0)?;
            let found = key >> (8 * length) == u64::from(u16::from_le_bytes(*b" /"));
            leaf.kind = Kind::of_packed(key & bytes_below(length)).filter(|_| found)?;
            empty(at, &mut leaf).then_some(leaf)
        }
    }
}

/// An empty element: its text is where the long way would see it.
#[inline(always)]
fn empty(at: usize, leaf: &mut Leaf) -> bool {
    if leaf.kind.is_text() {
        leaf.text = Span::new(at + leaf.size, at + leaf.size);
    }
    leaf.kind.is_text() || leaf.kind == Kind::Nil
}

/// Reads the text behind the start tag, and the end tag of `key`. The marks are those of the
/// window: angles from the `>` of the start tag on, and quotes behind its own.
#[inline(always)]
fn text_and_end(
    windows: Windows<'_, impl Simd>,
    at: usize,
    window: &Window<'_>,
    (angles, quotes): (u64, u64),
    (key, length): (u64, usize),
    leaf: &mut Leaf,
    text_size: usize,
) -> bool {
    let from = angles.trailing_zeros() as usize + 1;
    let before = below_lowest(angles);
    let angles = without_lowest(angles);
    if !leaf.kind.is_text() {
        return false;
    }
    if angles == 0 {
        let place = (at + from, at + WIDTH, quotes != 0);
        let Windows { xml, tail, simd } = windows;
        let Some((to, may_escape)) = long_text(simd, xml, tail, place, text_size) else {
            return false;
        };
        leaf.text_may_escape = may_escape || window.escapes & !before != 0;
        leaf.text = Span::new(at + from, to);
        leaf.size = to - at + length + 3;
        return long_closes(windows.xml, to, key, length);
    }
    let to = angles.trailing_zeros() as usize;
    let inside = below_lowest(angles) & !before;
    leaf.text_may_escape = window.escapes & inside != 0;
    leaf.text = Span::new(at + from, at + to);
    leaf.size = to + length + 3;
    // Quotes may stand in a text; references need a closer look.
    if quotes & inside != 0 && has_references(windows.xml, leaf.text) {
        return false;
    }
    let end = leaf.kind.end_tag();
    (window.word(to) ^ end.word) & end.mask == 0
        && (length <= 5 || long_closes(windows.xml, at + to, key, length))
}

/// Where the text ends that begins at `from` and goes on at `seen`, and whether there may be an
/// escape in what comes after that. There is no reference in it.
#[cold]
#[inline(never)]
fn long_text(
    simd: impl Simd,
    xml: &[u8],
    tail: &Tail,
    (from, seen, quotes): (usize, usize, bool),
    text_size: usize,
) -> Option<(usize, bool)> {
    if quotes && has_references(xml, Span::new(from, seen)) {
        return None;
    }
    let (to, may_escape) = Windows::new(simd, xml, tail).end_of_text(seen)?;
    (xml.get(to) == Some(&b'<') && to - from <= text_size).then_some((to, may_escape))
}

/// Whether the end tag of `key` stands at `at`.
#[cold]
#[inline(never)]
fn long_closes(xml: &[u8], at: usize, key: u64, length: usize) -> bool {
    let tail = xml.get(at..).unwrap_or_default();
    if let Some(tag) = tail.first_chunk() {
        let expected = 0x2F3C | u128::from(key) << 16 | u128::from(b'>') << (16 + 8 * length);
        return (u128::from_le_bytes(*tag) ^ expected) << (104 - 8 * length) == 0;
    }
    tail.starts_with(b"</")
        && tail.get(2..2 + length) == key.to_le_bytes().get(..length)
        && tail.get(2 + length) == Some(&b'>')
}

#[cold]
#[inline(never)]
fn has_references(xml: &[u8], text: Span) -> bool {
    memchr(b'&', text.of(xml)).is_some()
}

/// The longest tag with an attribute that is taken: eight bytes show both.
const LONGEST_TAG: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clixml::kind::pack;

    #[test]
    fn a_long_end_tag_is_told_from_others_wherever_the_input_ends() {
        for name in ["Version", "ToString", "S"] {
            let key = pack(name.as_bytes());
            let tag = format!("</{name}>");
            for after in 0..20 {
                let xml = format!("text{tag}{}", "x".repeat(after));
                assert!(long_closes(xml.as_bytes(), 4, key, name.len()), "{xml}");
                for at in 4..4 + tag.len() {
                    let mut other = xml.clone().into_bytes();
                    other[at] ^= 1;
                    assert!(!long_closes(&other, 4, key, name.len()), "{xml} at {at}");
                    let cut = &xml.as_bytes()[..at];
                    assert!(!long_closes(cut, 4, key, name.len()), "{xml} until {at}");
                }
            }
        }
    }
}
