//! One property of an object, without the structure of all the others.
//!
//! Names of properties stand in quotes, so the value is gone through for that name in quotes, and
//! on the way only those marks are counted that say how deep an element is. Where something is not
//! as every writer has it, nothing is said here, and the whole structure has to be read.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "positions stay below the length of the input, and bits below 64"
)]

use std::ops::Range;

use fearless_simd::prelude::*;
use fearless_simd::{Level, Simd, dispatch, u8x64};
use memchr::{memchr, memmem, memrchr};

use super::build::Builder;
use super::intern::Interner;
use super::scan::is_space;
use super::tape::{Form, Tape, check_length, utf8};
use crate::{DecodeError, Limits, Value};

/// The property `name` of the object that `xml` is.
pub(crate) fn get(
    xml: &[u8],
    name: &str,
    tape: &mut Tape,
    limits: &Limits,
) -> Result<Option<Value>, DecodeError> {
    check_length(xml, limits)?;
    if is_tag(xml, b"<Obj")
        && let Some(found) = alone(xml, name, tape, limits)
    {
        return Ok(found);
    }
    match tape.parse(xml, limits)?.get(name) {
        Some(node) => node.to_value_with(limits).map(Some),
        None => Ok(None),
    }
}

/// The same from the property alone; `None` when the whole structure has to be read to know what
/// it is, or what is wrong.
#[inline(never)]
fn alone(xml: &[u8], name: &str, tape: &mut Tape, limits: &Limits) -> Option<Option<Value>> {
    let Some(place) = property(xml, name)? else {
        return Some(None);
    };
    // Where it is by itself, there is an object and a set of properties less around it.
    let inside = Limits {
        nesting: limits.nesting.saturating_sub(1),
        depth: limits.depth.saturating_sub(2),
        ..*limits
    };
    taken_out(xml.get(place)?, tape, &inside).ok().map(Some)
}

/// The value of one element of the whole.
fn taken_out(xml: &[u8], tape: &mut Tape, limits: &Limits) -> Result<Value, DecodeError> {
    let text = utf8(xml, limits)?;
    tape.fill(text, Form::Bare, limits)?;
    let mut interner = Interner::for_elements(tape.slots.len());
    Builder::new(text, &tape.slots, &mut interner, limits).taken_out(0)
}

/// Where the element of the property `name` is that counts, of the object that `xml` is; `None`
/// within when it has no such property. `None` when the whole structure has to be read to know.
///
/// For input that is well-formed this is the property that `Node::get` gives. Of other input
/// nothing is said but that as many elements end as begin.
fn property(xml: &[u8], name: &str) -> Option<Option<Range<usize>>> {
    if !is_plain(name) {
        return None;
    }
    let found = dispatch!(Level::new(), simd => Search::new(simd, xml, name).run());
    let Some(start) = found? else {
        return Some(None);
    };
    let end = element_end(xml, start)?;
    // What refers to an object gives it a label.
    let rest = xml.get(end..)?;
    if is_tag(xml.get(start..)?, b"<Obj") && memmem::find(rest, b"<Ref").is_some() {
        return None;
    }
    Some(Some(start..end))
}

/// The name that is looked for, if it is written in one way only, but for the case.
fn is_plain(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_graphic() && !b"\"&'<>".contains(&byte);
    let escapes = |pair: &[u8]| matches!(pair, b"_x" | b"_X");
    // Shorter than a block, so that its quotes are in neighbouring ones.
    (1..WIDTH - 1).contains(&name.len())
        && name.bytes().all(plain)
        && !name.as_bytes().windows(2).any(escapes)
}

/// What the properties inside an element of the object are to it.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Part {
    Adapted,
    Extended,
    Other,
}

struct Search<'x, S> {
    /// The instructions that there are.
    simd: S,
    xml: &'x [u8],
    name: &'x str,
    /// How many elements are open.
    depth: u32,
    part: Part,
    adapted: Option<usize>,
    extended: Option<usize>,
    /// The last tag that was looked at.
    looked_at: Option<usize>,
}

/// What there is to say after a block.
enum Outcome {
    /// It goes on.
    Open,
    /// The object has ended; where its property begins, if it has it.
    Ended(Option<usize>),
    /// The whole structure has to be read.
    Unsure,
}

impl<'x, S: Simd> Search<'x, S> {
    const fn new(simd: S, xml: &'x [u8], name: &'x str) -> Self {
        Self {
            simd,
            xml,
            name,
            depth: 0,
            part: Part::Other,
            adapted: None,
            extended: None,
            looked_at: None,
        }
    }

    /// Where the property begins; `None` when that cannot be said.
    #[inline(always)]
    fn run(mut self) -> Option<Option<usize>> {
        let mut before = Before::default();
        let (blocks, last) = self.xml.as_chunks::<WIDTH>();
        for (block, at) in blocks.iter().zip((0..).step_by(WIDTH)) {
            match self.block(at, block, &mut before) {
                Outcome::Open => {}
                Outcome::Ended(found) => return Some(found),
                Outcome::Unsure => return None,
            }
        }
        let mut block = [0; WIDTH];
        block.get_mut(..last.len())?.copy_from_slice(last);
        match self.block(self.xml.len() - last.len(), &block, &mut before) {
            Outcome::Ended(found) => Some(found),
            // It is cut short.
            Outcome::Open | Outcome::Unsure => None,
        }
    }

    #[inline(always)]
    fn block(&mut self, at: usize, block: &[u8; WIDTH], before: &mut Before) -> Outcome {
        let mut events = before.events(&Marks::of(self.simd, block), self.name.len());
        if !events.in_order || events.odd != 0 && self.is_odd(at, events.odd) {
            return Outcome::Unsure;
        }
        if events.named != 0 {
            self.keep_names(at, &mut events.named);
        }
        if self.stays_inside(&events) {
            self.depth = self.depth + events.up.count_ones() - events.down.count_ones();
            return Outcome::Open;
        }
        self.step(at, &events)
    }

    /// Whether something in tags is not what it seems to be.
    #[inline(never)]
    fn is_odd(&self, at: usize, odd: u64) -> bool {
        bits(at, odd).any(|at| match self.xml.get(at) {
            Some(b'_') => matches!(self.xml.get(at + 1), Some(b'x' | b'X')),
            Some(b'!' | b'?') => self.xml.get(at.wrapping_sub(1)) == Some(&b'<'),
            _ => true,
        })
    }

    /// Of the places where something of the right length is in quotes, keeps those with the name.
    #[inline(never)]
    fn keep_names(&self, at: usize, named: &mut u64) {
        for closes in bits(at, *named) {
            let text = self.xml.get(closes.saturating_sub(self.name.len())..closes);
            if !text.is_some_and(|text| text.eq_ignore_ascii_case(self.name.as_bytes())) {
                *named &= !(1 << (closes - at));
            }
        }
    }

    /// Whether nothing in a block matters: no name, and no part of the object begins or ends.
    #[inline]
    fn stays_inside(&self, events: &Events) -> bool {
        if events.named != 0 || self.depth < 2 {
            return false;
        }
        if self.depth >= 2 + events.down.count_ones() {
            return true;
        }
        // Properties without others in them: one begins, it ends, the next begins.
        let all = events.up | events.down;
        let begins = match self.depth {
            2 => prefix_xor(all),
            3 => !prefix_xor(all),
            _ => return false,
        };
        begins & all == events.up
    }

    /// What happens in the block at `at`, one after the other.
    #[inline(never)]
    fn step(&mut self, at: usize, events: &Events) -> Outcome {
        for here in bits(at, events.up | events.down | events.named) {
            let bit = 1 << (here - at);
            if events.named & bit != 0 {
                if self.look_at_name(here).is_none() {
                    return Outcome::Unsure;
                }
            } else if events.up & bit != 0 {
                self.depth += 1;
                if self.depth == 2 {
                    self.open_part(here - 1);
                }
            } else if self.depth > 1 {
                self.depth -= 1;
            } else {
                return Outcome::Ended(self.extended.or(self.adapted));
            }
        }
        Outcome::Open
    }

    fn open_part(&mut self, at: usize) {
        let tag = self.xml.get(at..).unwrap_or_default();
        self.part = if is_tag(tag, b"<Props") {
            // A second one replaces the first.
            self.adapted = None;
            Part::Adapted
        } else if is_tag(tag, b"<MS") {
            Part::Extended
        } else {
            Part::Other
        };
    }

    /// The name is in quotes here, in a tag; `at` is the closing one. `None` where it cannot be
    /// said whether it is that of a property.
    fn look_at_name(&mut self, at: usize) -> Option<()> {
        let found = match self.part {
            Part::Adapted if self.depth == 3 => &mut self.adapted,
            Part::Extended if self.depth == 3 => &mut self.extended,
            _ => return Some(()),
        };
        let start = memrchr(b'<', self.xml.get(..at)?)?;
        // A tag that has it twice is looked at once.
        if self.looked_at.replace(start) == Some(start) {
            return None;
        }
        let tag = Tag::read(self.xml, start)?;
        if tag.name != b"MS" && tag.n?.eq_ignore_ascii_case(self.name.as_bytes()) {
            *found = Some(start);
        }
        Some(())
    }
}

/// What is known from the block before.
#[derive(Default)]
struct Before {
    /// All ones inside a tag.
    in_tag: u64,
    /// Whether the last byte was `<`, or `/`.
    lt: u64,
    slash: u64,
    quotes: u64,
}

/// What happens in a block, a bit for each byte.
struct Events {
    /// Each `<` has its `>`, and there are no others.
    in_order: bool,
    /// An element begins: at the first letter of its tag.
    up: u64,
    /// An element ends: at the `/` of `</`, or the `>` of `/>`.
    down: u64,
    /// Something as long as the name is in quotes, in a tag: at the closing one.
    named: u64,
    /// See [`Marks::odd`]; in tags.
    odd: u64,
}

impl Before {
    #[inline(always)]
    fn events(&mut self, marks: &Marks, length: usize) -> Events {
        let angles = marks.lt | marks.gt;
        let in_tag = prefix_xor(angles) ^ self.in_tag;
        let after_lt = marks.lt << 1 | self.lt;
        let after_slash = marks.slash << 1 | self.slash;
        let apart = length + 1;
        let opened = marks.quotes << apart | self.quotes >> (WIDTH - apart);
        self.in_tag = 0_u64.wrapping_sub(in_tag >> 63);
        (self.lt, self.slash) = (marks.lt >> 63, marks.slash >> 63);
        self.quotes = marks.quotes;
        Events {
            in_order: in_tag & angles == marks.lt,
            up: after_lt & !marks.slash,
            down: after_lt & marks.slash | marks.gt & after_slash,
            named: marks.quotes & opened & in_tag,
            odd: marks.odd & in_tag,
        }
    }
}

/// Where the marks are in a block, a bit for each byte, the first byte lowest.
struct Marks {
    lt: u64,
    gt: u64,
    slash: u64,
    /// `"`
    quotes: u64,
    /// What may make something else of a name than is written, or of a tag: `'`, `&`, letters
    /// beyond ASCII, `_`, `!` and `?`; also some control characters.
    odd: u64,
}

/// Bytes of a block.
const WIDTH: usize = 64;

impl Marks {
    #[inline(always)]
    fn of(simd: impl Simd, block: &[u8; WIDTH]) -> Self {
        let bytes = u8x64::load_array_ref(simd, block);
        // `&` and `'` differ in one bit, `?` and `_` in two.
        let odd = (bytes | 1).simd_eq(b'\'')
            | (bytes | 0x60).simd_eq(0x7F)
            | bytes.simd_eq(b'!')
            | bytes.simd_ge(0x80);
        Self {
            lt: bytes.simd_eq(b'<').to_bitmask(),
            gt: bytes.simd_eq(b'>').to_bitmask(),
            slash: bytes.simd_eq(b'/').to_bitmask(),
            quotes: bytes.simd_eq(b'"').to_bitmask(),
            odd: odd.to_bitmask(),
        }
    }
}

/// The places of these bits in the block at `at`.
fn bits(at: usize, mut bits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let here = at + bits.trailing_zeros() as usize;
        (bits != 0).then(|| {
            bits &= bits - 1;
            here
        })
    })
}

/// For each bit whether there is an odd number of bits up to it, itself included.
#[inline(always)]
const fn prefix_xor(bits: u64) -> u64 {
    let bits = bits ^ bits << 1;
    let bits = bits ^ bits << 2;
    let bits = bits ^ bits << 4;
    let bits = bits ^ bits << 8;
    let bits = bits ^ bits << 16;
    bits ^ bits << 32
}

/// A start tag.
struct Tag<'x> {
    name: &'x [u8],
    /// The attribute `N`, as written.
    n: Option<&'x [u8]>,
    empty: bool,
    /// Where what follows it begins.
    end: usize,
}

impl<'x> Tag<'x> {
    /// The tag that begins at `start`; `None` if it is not as every writer has it.
    fn read(xml: &'x [u8], start: usize) -> Option<Self> {
        let space = |byte: u8| is_space(byte);
        let mut at = start + 1;
        let name_end = next(xml, at, |byte| {
            space(byte) || matches!(byte, b'>' | b'/' | b':')
        })?;
        let mut tag = Self {
            name: xml.get(at..name_end)?,
            n: None,
            empty: false,
            end: 0,
        };
        at = name_end;
        loop {
            at = next(xml, at, |byte| !space(byte))?;
            match xml.get(at)? {
                b'>' => tag.end = at + 1,
                b'/' if xml.get(at + 1) == Some(&b'>') => {
                    tag.empty = true;
                    tag.end = at + 2;
                }
                byte if byte.is_ascii_alphabetic() => {
                    let key_end = next(xml, at, |byte| space(byte) || byte == b'=')?;
                    let opens = next(xml, key_end, |byte| !space(byte) && byte != b'=')?;
                    let quoted = xml
                        .get(opens + 1..)
                        .filter(|_| xml.get(opens) == Some(&b'"'))?;
                    let closes = opens + 1 + memchr(b'"', quoted)?;
                    if xml.get(at..key_end) == Some(b"N") {
                        tag.n = xml.get(opens + 1..closes);
                    }
                    at = closes + 1;
                    continue;
                }
                _ => return None,
            }
            return Some(tag);
        }
    }
}

/// Where the next byte is that `fits`.
#[inline(always)]
fn next(xml: &[u8], from: usize, fits: impl Fn(u8) -> bool) -> Option<usize> {
    let rest = xml.get(from..)?;
    Some(from + rest.iter().position(|byte| fits(*byte))?)
}

/// Where the element ends that begins at `start`.
fn element_end(xml: &[u8], start: usize) -> Option<usize> {
    let (mut at, mut depth) = (start, 0_usize);
    loop {
        if xml.get(at + 1) == Some(&b'/') {
            at += memchr(b'>', xml.get(at..)?)? + 1;
            depth -= 1;
        } else {
            let tag = Tag::read(xml, at)?;
            at = tag.end;
            depth += usize::from(!tag.empty);
        }
        if depth == 0 {
            return Some(at);
        }
        at += memchr(b'<', xml.get(at..)?)?;
    }
}

/// Whether a start tag of this name stands here.
fn is_tag(xml: &[u8], tag: &[u8]) -> bool {
    let rest = xml.strip_prefix(tag).and_then(<[u8]>::first);
    rest.is_some_and(|byte| is_space(*byte) || matches!(byte, b'>' | b'/'))
}
