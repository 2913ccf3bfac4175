//! Start tags and their attributes.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "positions stay below the length of the input, which fits in 32 bits"
)]

use memchr::memchr3;

use super::reference::reference;
use super::window::{WIDTH, Window, below_lowest, bytes_below, without_lowest};
use super::{Attribute, Scanner, Span, Start, cut_short, is_name, is_space, malformed, too_large};
use crate::DecodeError;
use crate::clixml::Kind;
use crate::clixml::kind::pack;
use crate::value::digit_words::places_of;

impl Scanner<'_, '_> {
    /// From `<` to behind `>`.
    #[inline]
    pub(super) fn start_tag(&mut self, depth: usize) -> Result<Start, DecodeError> {
        let at = self.at;
        let mut length = 0;
        loop {
            let byte = self.peek(1 + length);
            if matches!(byte, b'>' | b' ' | b'/' | b'\t' | b'\n' | b'\r') {
                break;
            }
            if byte == 0 {
                return Err(cut_short(at));
            }
            length += 1;
        }
        let name = Span::new(at + 1, at + 1 + length);
        self.at += 1 + length;
        let kind = kind_of(name.of(self.xml));
        let mut start = Start::without_attributes(at, kind, length);
        if kind.is_none() && !is_name(name.of(self.xml)) {
            return Err(malformed(at, "this is not the name of an element"));
        }
        self.start_tag_rest(&mut start, depth)?;
        Ok(start)
    }

    #[inline]
    fn start_tag_rest(&mut self, start: &mut Start, depth: usize) -> Result<(), DecodeError> {
        let mut declared = false;
        loop {
            match self.peek(0) {
                b'>' => {
                    self.at += 1;
                    break;
                }
                b'/' if self.peek(1) == b'>' => {
                    self.at += 2;
                    start.empty = true;
                    break;
                }
                b' ' if self.rest().starts_with(b" N=\"") && !start.n.present => {
                    self.at += 3;
                    start.n = self.attribute_value()?;
                    continue;
                }
                b' ' if self.rest().starts_with(b" RefId=\"") && !start.ref_id.present => {
                    self.at += 7;
                    start.ref_id = self.attribute_value()?;
                    continue;
                }
                byte if is_space(byte) => {}
                0 if self.at >= self.xml.len() => return Err(cut_short(start.at)),
                b'/' if self.at + 1 >= self.xml.len() => return Err(cut_short(start.at)),
                _ => return Err(malformed(self.at, "this cannot stand in a tag")),
            }
            while is_space(self.peek(0)) {
                self.at += 1;
            }
            if !matches!(self.peek(0), b'>' | b'/') {
                if !std::mem::replace(&mut start.others, true) {
                    self.scratch.attributes.clear();
                    self.scratch.stream = Attribute::default();
                    self.scratch.version = Attribute::default();
                }
                declared |= self.other_attribute(start, depth)?;
            }
        }
        if declared || start.others || start.kind.is_none() || !self.is_plain() {
            self.resolve(start)?;
        }
        if start.empty {
            self.leave(depth);
        }
        Ok(())
    }

    /// A start tag in exactly the form that PowerShell writes it in: `N`, then `RefId`, and no
    /// more than one space anywhere.
    #[inline(always)]
    pub(super) fn usual_start_tag(&mut self, window: &Window<'_>) -> Option<Start> {
        const N: u64 = u32::from_le_bytes(*b" N=\"") as u64;
        const REF_ID: u64 = u64::from_le_bytes(*b" RefId=\"");
        const EMPTY: u64 = u16::from_le_bytes(*b" /") as u64;
        let at = self.at;
        let ends = without_lowest(window.angles).trailing_zeros() as usize;
        if ends >= WIDTH || window.byte(0) != b'<' || window.byte(ends) != b'>' {
            return None;
        }
        let name = window.word(1);
        let stops = places_of(name, b' ') | places_of(name, b'>');
        // Beyond eight bytes there is no tag.
        let length = stops.trailing_zeros() as usize / 8;
        let kind = Kind::of_packed(name & bytes_below(length))?;
        let mut start = Start::without_attributes(at, Some(kind), length);
        let mut reached = 1 + length;
        let mut quotes = window.quotes & below_lowest(without_lowest(window.angles));
        if quotes != 0 && window.word(reached) & 0xFFFF_FFFF == N {
            start.n = value(at, window, &mut quotes, &mut reached, 3)?;
        }
        if quotes != 0 && window.word(reached) == REF_ID {
            start.ref_id = value(at, window, &mut quotes, &mut reached, 7)?;
        }
        start.empty = match ends.wrapping_sub(reached) {
            0 => false,
            2 if window.word(reached) & 0xFFFF == EMPTY => true,
            _ => return None,
        };
        self.at = at + ends + 1;
        Some(start)
    }

    /// From the opening quote to behind the closing one.
    #[inline]
    fn attribute_value(&mut self) -> Result<Attribute, DecodeError> {
        let quote = self.peek(0);
        let start = self.at + 1;
        self.at = start;
        let mut indirect = false;
        loop {
            let found =
                memchr3(quote, b'<', b'&', self.rest()).ok_or_else(|| cut_short(self.xml.len()))?;
            self.at += found;
            match self.peek(0) {
                b'<' => return Err(malformed(self.at, "< cannot stand in an attribute")),
                b'&' => {
                    let (_, length) = reference(self.rest()).ok_or_else(|| {
                        malformed(self.at, "this is not a reference that XML knows")
                    })?;
                    indirect = true;
                    self.at += length;
                }
                _ => break,
            }
        }
        let value = Span::new(start, self.at);
        self.at += 1;
        if self.has_controls {
            indirect |= value.of(self.xml).iter().any(|b| *b < b' ');
        }
        if value.length() > self.text_size {
            return Err(too_large(
                start,
                "text_size",
                value.length(),
                self.text_size,
            ));
        }
        Ok(Attribute {
            value,
            present: true,
            indirect,
        })
    }

    /// An attribute that is not in the form or the place that PowerShell writes it in; whether it
    /// declares a namespace.
    #[cold]
    fn other_attribute(&mut self, start: &mut Start, depth: usize) -> Result<bool, DecodeError> {
        let name_start = self.at;
        while !matches!(self.peek(0), b'=' | b'>' | b'/' | b'<' | b'"' | b'\'' | 0)
            && !is_space(self.peek(0))
        {
            self.at += 1;
        }
        let name = Span::new(name_start, self.at);
        while is_space(self.peek(0)) {
            self.at += 1;
        }
        if !is_name(name.of(self.xml)) {
            return Err(malformed(
                name_start,
                "this is not the name of an attribute",
            ));
        }
        if self.at >= self.xml.len() {
            return Err(cut_short(name_start));
        }
        if self.peek(0) != b'=' {
            return Err(malformed(self.at, "an attribute has no value"));
        }
        self.at += 1;
        while is_space(self.peek(0)) {
            self.at += 1;
        }
        if self.at >= self.xml.len() {
            return Err(cut_short(name_start));
        }
        if !matches!(self.peek(0), b'"' | b'\'') {
            return Err(malformed(
                self.at,
                "the value of an attribute is not quoted",
            ));
        }
        let value = self.attribute_value()?;
        let text = name.of(self.xml);
        let known = match text {
            b"N" => Some(&mut start.n),
            b"RefId" => Some(&mut start.ref_id),
            b"S" => Some(&mut self.scratch.stream),
            b"Version" => Some(&mut self.scratch.version),
            _ => None,
        };
        let twice = || malformed(name_start, "an attribute is there twice");
        if let Some(place) = known {
            return match std::mem::replace(place, value).present {
                true => Err(twice()),
                false => Ok(false),
            };
        }
        let mut others = self.scratch.attributes.iter();
        if others.any(|each| each.of(self.xml) == text) {
            return Err(twice());
        }
        let count = self.scratch.attributes.len() + 1;
        if count > self.attributes {
            return Err(too_large(name_start, "attributes", count, self.attributes));
        }
        self.scratch.attributes.push(name);
        self.declare(name, value, depth)
    }
}

/// The longest name that fits into eight bytes with `</` and `>` around it.
pub(in crate::clixml) const LONGEST_NAME: usize = 5;

/// Whether `word` begins with the end tag of the name of at most [`LONGEST_NAME`] bytes that `name`
/// begins with.
#[inline(always)]
pub(in crate::clixml) const fn is_end_tag(word: u64, name: u64, length: usize) -> bool {
    const OPENS: u64 = u16::from_le_bytes(*b"</") as u64;
    let name = name & bytes_below(length);
    let expected = OPENS | name << 16 | (b'>' as u64) << (16 + 8 * length);
    (word ^ expected) & bytes_below(length + 3) == 0
}

/// The start tag without attributes that `word` begins with, and the length of its name.
#[inline(always)]
pub(in crate::clixml) fn plain_start_tag(word: u64) -> Option<(Kind, usize)> {
    let ends = places_of(word, b'>').trailing_zeros() as usize / 8;
    let length = ends.wrapping_sub(1);
    if word & 0xFF != u64::from(b'<') || length > LONGEST_NAME + 1 {
        return None;
    }
    let kind = Kind::of_packed(word >> 8 & bytes_below(length))?;
    Some((kind, length))
}

impl Start {
    /// `<name>` at `at`, where the name has `length` bytes.
    #[inline(always)]
    pub(in crate::clixml) fn without_attributes(
        at: usize,
        kind: Option<Kind>,
        length: usize,
    ) -> Self {
        Self {
            at,
            kind,
            name: Span::new(at + 1, at + 1 + length),
            empty: false,
            n: Attribute::default(),
            ref_id: Attribute::default(),
            others: false,
        }
    }
}

pub(super) fn kind_of(name: &[u8]) -> Option<Kind> {
    if name.len() <= 8 {
        Kind::of_packed(pack(name))
    } else {
        None
    }
}

/// The value of an attribute of a usual tag: `quote` bytes behind the last one that was reached it
/// opens, if that is the first quote there is.
#[inline(always)]
fn value(
    at: usize,
    window: &Window<'_>,
    quotes: &mut u64,
    reached: &mut usize,
    quote: usize,
) -> Option<Attribute> {
    let opens = quotes.trailing_zeros() as usize;
    let rest = without_lowest(*quotes);
    let closes = rest.trailing_zeros() as usize;
    // There may be an `&` instead.
    if opens != *reached + quote || closes >= WIDTH || window.byte(closes) != b'"' {
        return None;
    }
    *quotes = without_lowest(rest);
    *reached = closes + 1;
    Some(Attribute {
        value: Span::new(at + opens + 1, at + closes),
        present: true,
        indirect: false,
    })
}
