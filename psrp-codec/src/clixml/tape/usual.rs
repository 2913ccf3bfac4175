//! Runs of elements in exactly the form that PowerShell writes them in.
//!
//! Whatever is wrong or unusual is left where it stands, for the rules in `place` to judge.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "positions stay below the length of the input, which fits in 32 bits"
)]

use fearless_simd::Simd;

use super::Slot;
use super::parser::{Frame, MOST_DEPTH, MOST_NESTING, Parser};
use super::place::Place;
use crate::DecodeError;
use crate::clixml::Kind;
use crate::clixml::scan::{
    LONGEST_NAME, Leaf, Span, Start, Window, Windows, is_end_tag, named_leaf, plain_start_tag,
    unnamed_leaf,
};

impl<S: Simd> Parser<'_, '_, S> {
    /// Takes as many elements as there are that have nothing but text in them.
    #[inline(always)]
    pub(super) fn leaves(&mut self, place: Place, level: u32) {
        let deep_enough = (level as usize) < self.limits.nesting.min(MOST_NESTING);
        match place {
            Place::Properties | Place::Members if deep_enough => self.properties(),
            Place::Items if deep_enough => {
                self.parts(
                    #[inline(always)]
                    |kind| kind.is_primitive() || kind == Kind::Nil,
                );
            }
            Place::Dictionary if deep_enough => self.entries(level),
            Place::TypeNames => self.parts(
                #[inline(always)]
                |kind| kind == Kind::TypeName,
            ),
            // A primitive value inside an object is on the object's own level.
            Place::Object if self.may_be_leaf() => {
                self.parts(
                    #[inline(always)]
                    |kind| kind.is_primitive() || kind == Kind::ToString,
                );
            }
            _ => {}
        }
    }

    /// Whether the next part of an object is none of those that have elements in them.
    #[inline]
    fn may_be_leaf(&self) -> bool {
        let at = self.scan.at();
        let start = self.xml.as_bytes().get(at..at + 3);
        !matches!(
            start,
            Some(b"<TN" | b"<Pr" | b"<MS" | b"</O" | b"<LS" | b"<DC" | b"<Ob")
        )
    }

    /// Takes the end tag of the innermost element, if that is what comes.
    #[inline(always)]
    pub(super) fn end_as_written(&mut self) -> Result<bool, DecodeError> {
        let Some(name) = self.frames.last().map(|frame| frame.name) else {
            return Ok(false);
        };
        let (at, length) = (self.scan.at(), name.length());
        let windows = self.scan.windows(self.simd);
        let name = windows.word(name.start as usize);
        if length > LONGEST_NAME || !is_end_tag(windows.word(at), name, length) {
            return Ok(false);
        }
        self.scan.go_on_at(at + length + 3);
        self.closed(at + 2)?;
        Ok(true)
    }

    /// Takes the start tag of a part of an object that has no attributes and elements in it.
    #[inline(always)]
    pub(super) fn part_as_written(
        &mut self,
        around: Place,
        level: u32,
    ) -> Result<bool, DecodeError> {
        if around != Place::Object {
            return Ok(false);
        }
        let at = self.scan.at();
        let Some((kind, length)) = plain_start_tag(self.scan.windows(self.simd).word(at)) else {
            return Ok(false);
        };
        let Some(place) = Place::of_part(kind) else {
            return Ok(false);
        };
        let start = Start::without_attributes(at, Some(kind), length);
        self.scan.go_on_at(at + length + 2);
        self.plain_part(kind, place, level, &start)?;
        Ok(true)
    }

    /// Properties, which have a name.
    fn properties(&mut self) {
        self.simd.vectorize(
            #[inline(always)]
            || self.take_properties(),
        );
    }

    #[inline(always)]
    fn take_properties(&mut self) {
        let before = match self.frames.as_slice() {
            [.., outer, _] => outer.count,
            _ => 0,
        };
        let used = self.parts_seen().saturating_add(before) as usize;
        let room = self.limits.properties.saturating_sub(used);
        let (windows, text_size) = (self.scan.windows(self.simd), self.limits.text_size);
        let taken = self.run(
            room,
            true,
            #[inline(always)]
            |at, window| {
                let leaf = named_leaf(windows, at, window, text_size)?;
                let fits = leaf.kind.is_primitive() || leaf.kind == Kind::Nil;
                // The name of an extended property must not be empty.
                (fits && leaf.name.length() > 0).then_some(leaf)
            },
        );
        if let Some(frame) = self.frames.last_mut() {
            frame.count = frame
                .count
                .saturating_add(u32::try_from(taken).unwrap_or(u32::MAX));
        }
    }

    /// Items of a list, names of a type, or what belongs to an object itself.
    fn parts(&mut self, fits: impl Fn(Kind) -> bool) {
        let (windows, text_size) = (self.scan.windows(self.simd), self.limits.text_size);
        self.simd.vectorize(
            #[inline(always)]
            || {
                self.run(
                    usize::MAX,
                    false,
                    #[inline(always)]
                    |at, window| {
                        let leaf = unnamed_leaf(windows, at, window, text_size)?;
                        fits(leaf.kind).then_some(leaf)
                    },
                );
            },
        );
    }

    /// At most `room` elements as `next` finds them; how many there are.
    #[inline(always)]
    fn run(
        &mut self,
        room: usize,
        named: bool,
        next: impl Fn(usize, &Window<'_>) -> Option<Leaf>,
    ) -> usize {
        let windows = self.scan.windows(self.simd);
        let mut at = self.scan.at();
        // Taken out for the while, so that the compiler sees that nobody else writes to it.
        let mut slots = std::mem::take(self.slots);
        let first = slots.len();
        let most = first.saturating_add(room).min(self.limits.nodes);
        let mut region = windows.whole();
        loop {
            // Counted from where the region begins: the next window waits for no sum but this.
            let mut inside = at - region.start();
            while slots.len() < most
                && let Some(window) = region.window(inside)
                && let Some(leaf) = next(region.start() + inside, &window)
            {
                inside += leaf.size;
                slots.push(Slot::of_leaf(&leaf, named, slots.len() + 1));
            }
            at = region.start() + inside;
            // The last ones, if the input ends before their windows do. (Twice through the same
            // loop and not two loops, so that the compiler keeps the leaf in registers.)
            if region.is_end() || region.window(inside).is_some() {
                break;
            }
            region = windows.end();
        }
        let taken = slots.len() - first;
        *self.slots = slots;
        self.scan.go_on_at(at);
        taken
    }

    /// Entries of a dictionary; of one whose value has elements in it, no more than the key.
    fn entries(&mut self, level: u32) {
        self.simd.vectorize(
            #[inline(always)]
            || self.take_entries(level),
        );
    }

    #[inline(always)]
    fn take_entries(&mut self, level: u32) {
        let (windows, text_size) = (self.scan.windows(self.simd), self.limits.text_size);
        let xml = self.xml.as_bytes();
        let may_open = self.frames.len() < self.limits.depth.min(MOST_DEPTH);
        loop {
            let at = self.scan.at();
            let window = windows.at(at);
            let room = self.limits.nodes.saturating_sub(self.slots.len()) >= 2;
            if !may_open || !room || !window.starts_with(b"<En>") {
                return;
            }
            let key = part_of_entry(windows, at + 4, &windows.at(at + 4), text_size, b"Key");
            let Some(key) = key.filter(|key| key.kind.is_primitive()) else {
                return;
            };
            let key_end = at + 4 + key.size;
            let inside = windows.at(key_end);
            let value = part_of_entry(windows, key_end, &inside, text_size, b"Value")
                .filter(|value| value.kind.is_primitive() || value.kind == Kind::Nil)
                .filter(|value| {
                    let end = key_end + value.size;
                    xml.get(end..end + 5) == Some(b"</En>")
                });
            let next = self.slots.len() + 1;
            self.slots.push(Slot::of_leaf(&key, false, next));
            let Some(value) = value else {
                self.scan.go_on_at(key_end);
                self.frames.push(Frame {
                    place: Place::Entry,
                    name: Span::new(at + 1, at + 3),
                    slot: self.innermost(),
                    level,
                    count: 1,
                });
                return;
            };
            self.slots.push(Slot::of_leaf(&value, false, next + 1));
            self.scan.go_on_at(key_end + value.size + 5);
        }
    }
}

/// The leaf at `at`, if its attribute says that it is this part of an entry.
#[inline(always)]
fn part_of_entry<S: Simd>(
    windows: Windows<'_, S>,
    at: usize,
    window: &Window<'_>,
    text_size: usize,
    part: &[u8],
) -> Option<Leaf> {
    let leaf = named_leaf(windows, at, window, text_size)?;
    (leaf.name.of(windows.xml) == part).then(|| leaf.without_name())
}
