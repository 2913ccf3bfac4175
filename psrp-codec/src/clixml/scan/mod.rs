//! The XML under CLIXML: tags, attributes, text, comments, and what must not be there.
//!
//! No document types and no entities but the five that XML knows: what CLIXML needs, and nothing
//! that a peer could make grow. Names are only looked at where they matter, so that one pass over
//! the bytes is enough. What "Namespaces in XML" forbids is refused as well: prefixes that nobody
//! declared, and attributes that are there twice under two prefixes of one namespace.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "positions stay below the length of the input, which fits in 32 bits"
)]

mod aside;
mod leaf;
mod namespace;
mod reference;
mod span;
mod tag;
mod window;

pub(super) use leaf::{Leaf, named_leaf, unnamed_leaf};
pub(super) use namespace::Namespace;
use namespace::{Binding, ExpandedName};
pub(super) use reference::reference;
pub(super) use span::Span;
pub(super) use tag::{LONGEST_NAME, is_end_tag, plain_start_tag};
pub(super) use window::{Tail, Window, Windows};
use window::{WIDTH, without_lowest};

use fearless_simd::prelude::*;
use fearless_simd::{Simd, u8x64};
use memchr::{memchr, memchr3, memmem};

use super::Kind;
use crate::{DecodeError, DecodeErrorKind, Limits};

/// The value of an attribute, as written.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Attribute {
    pub(super) value: Span,
    pub(super) present: bool,
    /// Holds a reference or white space that XML replaces, so it cannot be taken as it stands.
    pub(super) indirect: bool,
}

/// A start tag.
#[derive(Clone, Copy, Debug)]
pub(super) struct Start {
    pub(super) at: usize,
    /// `None`: not a tag of CLIXML, or not in its namespace.
    pub(super) kind: Option<Kind>,
    /// With the prefix, as the end tag repeats it.
    pub(super) name: Span,
    pub(super) empty: bool,
    pub(super) n: Attribute,
    pub(super) ref_id: Attribute,
    /// Has attributes beside these two.
    pub(super) others: bool,
}

/// What comes next between the tags.
pub(super) enum Token {
    Start(Start),
    /// The name in an end tag.
    End(Span),
    /// The input is over.
    Over,
}

/// The text of an element.
#[derive(Clone, Copy, Debug)]
pub(super) struct RawText {
    pub(super) span: Span,
    /// Holds a reference, a CDATA section, a comment or a carriage return.
    pub(super) indirect: bool,
}

/// What a scanner needs beside the input; kept between inputs so that it is not allocated anew.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    bindings: Vec<Binding>,
    // Names of the attributes of one element, to find one that is there twice.
    attributes: Vec<Span>,
    // The same for those that have a prefix, whatever prefix that is.
    expanded: Vec<ExpandedName>,
    // `S` and `Version` of one element, if it has attributes beside the usual two.
    stream: Attribute,
    version: Attribute,
}

pub(super) struct Scanner<'x, 's> {
    xml: &'x [u8],
    tail: &'x Tail,
    at: usize,
    namespace: Namespace,
    // Characters below U+0020 occur somewhere, so that text must be looked at for them.
    has_controls: bool,
    // What is in the form of PowerShell may be taken by it.
    shortcuts: bool,
    text_size: usize,
    attributes: usize,
    scratch: &'s mut Scratch,
}

pub(super) fn malformed(at: usize, what: &'static str) -> DecodeError {
    DecodeError::new("CLIXML", at, DecodeErrorKind::Malformed(what))
}

pub(super) fn too_large(at: usize, what: &'static str, got: usize, limit: usize) -> DecodeError {
    DecodeError::new(
        "CLIXML",
        at,
        DecodeErrorKind::TooLarge {
            what,
            got: got as u64,
            limit: limit as u64,
        },
    )
}

fn cut_short(at: usize) -> DecodeError {
    DecodeError::new("CLIXML", at, DecodeErrorKind::Truncated)
}

impl<'x, 's> Scanner<'x, 's> {
    /// Starts at `at`, behind a byte order mark if there was one.
    #[expect(clippy::too_many_arguments, reason = "each is asked for once")]
    #[inline(always)]
    pub(super) fn new(
        simd: impl Simd,
        xml: &'x str,
        tail: &'x Tail,
        at: usize,
        namespace: Namespace,
        shortcuts: bool,
        limits: &Limits,
        scratch: &'s mut Scratch,
    ) -> Result<Self, DecodeError> {
        scratch.bindings.clear();
        let xml = xml.as_bytes();
        let plain = is_plain_ascii(simd, xml);
        let has_controls = !plain && smallest(xml) < b' ';
        if !plain
            && !xml.is_ascii()
            && let Some(at) =
                memmem::find(xml, b"\xEF\xBF\xBE").or(memmem::find(xml, b"\xEF\xBF\xBF"))
        {
            return Err(malformed(
                at,
                "U+FFFE and U+FFFF must be written as references",
            ));
        }
        if has_controls
            && xml
                .iter()
                .fold(false, |any, b| any | (*b < b' ' && !is_space(*b)))
            && let Some(at) = xml.iter().position(|b| *b < b' ' && !is_space(*b))
        {
            return Err(malformed(
                at,
                "a control character must be written as a reference",
            ));
        }
        Ok(Self {
            xml,
            tail,
            at,
            namespace,
            shortcuts: shortcuts && !has_controls && limits.text_size >= WIDTH,
            has_controls,
            text_size: limits.text_size,
            attributes: limits.attributes,
            scratch,
        })
    }

    /// The attribute `S` of the element that was just read.
    pub(super) fn stream(&self, start: &Start) -> Attribute {
        if start.others {
            self.scratch.stream
        } else {
            Attribute::default()
        }
    }

    /// The attribute `Version` of the element that was just read.
    pub(super) fn version(&self, start: &Start) -> Attribute {
        if start.others {
            self.scratch.version
        } else {
            Attribute::default()
        }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// Whether what PowerShell writes may be taken by its form: there is nothing to watch for but
    /// what that form leaves open.
    #[inline]
    pub(super) fn is_usual(&self) -> bool {
        self.shortcuts && self.is_plain()
    }

    /// What is seen from anywhere in the input.
    #[inline(always)]
    pub(super) fn windows<S: Simd>(&self, simd: S) -> Windows<'x, S> {
        Windows::new(simd, self.xml, self.tail)
    }

    /// Goes on at `at`, behind the leaves.
    pub(super) fn go_on_at(&mut self, at: usize) {
        self.at = at;
    }

    fn peek(&self, ahead: usize) -> u8 {
        // NUL stands for the end: it is refused as a character before scanning begins.
        self.xml.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn rest(&self) -> &'x [u8] {
        self.xml.get(self.at..).unwrap_or_default()
    }

    /// The next tag, if it is in exactly the form that PowerShell writes it in.
    #[inline(always)]
    pub(super) fn usual(&mut self, window: &Window<'_>) -> Option<Token> {
        if !window.starts_with(b"</") {
            return self.usual_start_tag(window).map(Token::Start);
        }
        let ends = without_lowest(window.angles).trailing_zeros() as usize;
        let last = window.byte(ends.wrapping_sub(1));
        if !(4..WIDTH).contains(&ends) || window.byte(ends) != b'>' || is_space(last) {
            return None;
        }
        let name = Span::new(self.at + 2, self.at + ends);
        self.at += ends + 1;
        Some(Token::End(name))
    }

    /// The next tag, with comments, processing instructions and white space passed over.
    /// `depth` is how many elements are open; text is an error unless `text` allows it.
    #[inline]
    pub(super) fn next(&mut self, depth: usize, text: bool) -> Result<Token, DecodeError> {
        loop {
            if self.peek(0) != b'<' {
                if self.at >= self.xml.len() {
                    return Ok(Token::Over);
                }
                self.between(text)?;
                continue;
            }
            return match self.peek(1) {
                b'/' => self.end_tag().map(Token::End),
                b'!' | b'?' => {
                    self.aside(text)?;
                    continue;
                }
                _ => self.start_tag(depth).map(Token::Start),
            };
        }
    }

    /// White space between tags, or text where that is allowed.
    #[cold]
    fn between(&mut self, text: bool) -> Result<(), DecodeError> {
        while is_space(self.peek(0)) {
            self.at += 1;
        }
        match self.peek(0) {
            b'<' => Ok(()),
            _ if self.at >= self.xml.len() => Ok(()),
            _ if !text => Err(malformed(
                self.at,
                "there is text where only elements can stand",
            )),
            _ => self.text_run().map(drop),
        }
    }

    /// Up to the next `<`; whether there was a reference on the way.
    #[inline]
    fn text_run(&mut self) -> Result<bool, DecodeError> {
        let mut indirect = false;
        loop {
            let Some(found) = memchr3(b'<', b'&', b'>', self.rest()) else {
                self.at = self.xml.len();
                return Ok(indirect);
            };
            self.at += found;
            match self.peek(0) {
                b'<' => return Ok(indirect),
                b'&' => {
                    let (_, length) = reference(self.rest()).ok_or_else(|| {
                        malformed(self.at, "this is not a reference that XML knows")
                    })?;
                    indirect = true;
                    self.at += length;
                }
                _ => {
                    if self.xml.get(..self.at).unwrap_or_default().ends_with(b"]]") {
                        return Err(malformed(self.at, "]]> cannot stand in text"));
                    }
                    self.at += 1;
                }
            }
        }
    }

    #[inline]
    fn end_tag(&mut self) -> Result<Span, DecodeError> {
        let start = self.at;
        let name_start = start + 2;
        let end = memchr(b'>', self.rest()).ok_or_else(|| cut_short(start))? + start;
        let mut name_end = end;
        while name_end > name_start && self.xml.get(name_end - 1).is_some_and(|b| is_space(*b)) {
            name_end -= 1;
        }
        self.at = end + 1;
        Ok(Span::new(name_start, name_end))
    }

    /// The text of an element whose start tag was just read at `depth`, and its end tag.
    #[inline]
    pub(super) fn text(&mut self, start: &Start, depth: usize) -> Result<RawText, DecodeError> {
        if start.empty {
            return Ok(RawText {
                span: Span::new(self.at, self.at),
                indirect: false,
            });
        }
        let from = self.at;
        let mut indirect = self.text_run()?;
        let mut to = self.at;
        while self.peek(1) != b'/' {
            if self.at >= self.xml.len() {
                return Err(cut_short(self.at));
            }
            if !matches!(self.peek(1), b'!' | b'?') {
                return Err(match self.peek(1) {
                    0 => cut_short(self.at),
                    _ => malformed(self.at, "there is an element where only text can stand"),
                });
            }
            self.aside(true)?;
            self.text_run()?;
            indirect = true;
            to = self.at;
        }
        let name = start.name.of(self.xml);
        let rest = self.rest().get(2..).unwrap_or_default();
        // As PowerShell writes it; anything else goes the long way.
        if rest.starts_with(name) && rest.get(name.len()) == Some(&b'>') {
            self.at += 3 + name.len();
        } else {
            let end = self.end_tag()?;
            if end.of(self.xml) != name {
                return Err(malformed(to, "the end tag does not fit the start tag"));
            }
        }
        let span = Span::new(from, to);
        if self.has_controls {
            indirect |= memchr(b'\r', span.of(self.xml)).is_some();
        }
        if to - from > self.text_size {
            return Err(too_large(from, "text_size", to - from, self.text_size));
        }
        self.leave(depth);
        Ok(RawText { span, indirect })
    }

    /// Nothing but white space, comments and processing instructions may follow the root.
    pub(super) fn finish(&mut self) -> Result<(), DecodeError> {
        match self.next(0, false)? {
            Token::Over => Ok(()),
            Token::Start(start) => Err(malformed(start.at, "there is more than one root element")),
            Token::End(name) => Err(malformed(
                name.start as usize,
                "there is an end tag without its start tag",
            )),
        }
    }
}

/// Whether there is nothing but letters, digits and signs: most inputs.
#[inline(always)]
fn is_plain_ascii(simd: impl Simd, bytes: &[u8]) -> bool {
    const ONES: u64 = u64::MAX / 0xFF;
    let word = |word: &[u8; 8]| {
        let word = u64::from_le_bytes(*word);
        // A byte below the space borrows, and one that is no ASCII has the bit already.
        (word | word.wrapping_sub(ONES * 0x20)) & (ONES << 7) == 0
    };
    // The last ones may be looked at twice.
    if let Some(last) = bytes.last_chunk() {
        let mut most = u8x64::load_array_ref(simd, last) - b' ';
        for block in bytes.as_chunks().0 {
            most = most.max(u8x64::load_array_ref(simd, block) - b' ');
        }
        most.simd_lt(0x80 - b' ').all_true()
    } else if let Some(last) = bytes.last_chunk() {
        bytes.as_chunks().0.iter().all(word) && word(last)
    } else {
        bytes.iter().all(|byte| (b' '..0x80).contains(byte))
    }
}

/// The smallest byte.
fn smallest(bytes: &[u8]) -> u8 {
    bytes.iter().fold(u8::MAX, |least, byte| least.min(*byte))
}

/// Whether these bytes could be a name: nothing of XML's own punctuation is in it, and it does
/// not begin like a number. Which letters Unicode allows in names is left open.
fn is_name(name: &[u8]) -> bool {
    let Some(first) = name.first() else {
        return false;
    };
    let starts = first.is_ascii_alphabetic() || *first == b'_' || *first >= 0x80;
    let goes_on =
        |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b':') || *b >= 0x80;
    starts
        && name.iter().all(goes_on)
        && name.iter().filter(|b| **b == b':').count() <= 1
        && name.last() != Some(&b':')
}

/// XML's white space.
pub(super) const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// Everything that this processor can do, the most first: each way of the scanner is tested where
/// it runs.
#[cfg(any(test, feature = "fuzzing"))]
pub(in crate::clixml) fn levels() -> Vec<fearless_simd::Level> {
    let most = fearless_simd::Level::new();
    let mut levels = vec![most];
    #[cfg(target_arch = "x86_64")]
    {
        levels.extend(most.as_avx2().map(Simd::level));
        levels.extend(most.as_sse4_2().map(Simd::level));
        levels.extend(most.as_sse2().map(Simd::level));
    }
    levels
}
