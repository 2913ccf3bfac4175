//! One pass over a value: opens, fills and closes elements on the tape.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "positions stay below the length of the input, which fits in 32 bits"
)]

use fearless_simd::Simd;

use super::Slot;
use super::place::{PROGRESS, Place};
use super::references::References;
use crate::clixml::scan::{
    Attribute, RawText, Scanner, Span, Start, Token, Window, malformed, too_large, unnamed_leaf,
};
use crate::clixml::{Kind, text};
use crate::{DecodeError, DecodeErrorKind, Limits, Version};

pub(super) struct Parser<'x, 't, S> {
    /// The instructions that there are.
    pub(super) simd: S,
    pub(super) xml: &'x str,
    pub(super) scan: Scanner<'x, 't>,
    pub(super) slots: &'t mut Vec<Slot>,
    pub(super) frames: &'t mut Vec<Frame>,
    pub(super) objects: &'t mut References,
    pub(super) type_names: &'t mut References,
    pub(super) limits: &'t Limits,
    /// A document of a version after 1.1: unknown elements in objects are passed over.
    pub(super) skips_unknown: bool,
    /// How many lists of type names there are so far.
    pub(super) lists: u32,
}

/// An element that is still open.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub(super) place: Place,
    pub(super) name: Span,
    pub(super) slot: u32,
    /// The nesting level of the object that the element belongs to.
    pub(super) level: u32,
    /// What has been seen: properties, parts of an entry or of a progress record.
    pub(super) count: u32,
}

impl<S: Simd> Parser<'_, '_, S> {
    #[inline(always)]
    pub(super) fn bare(&mut self) -> Result<(), DecodeError> {
        if self
            .xml
            .as_bytes()
            .get(self.scan.at())
            .is_some_and(u8::is_ascii_whitespace)
        {
            return Err(malformed(
                self.scan.at(),
                "there is white space before the value",
            ));
        }
        let root = if self.scan.is_usual() {
            let window = self.scan.windows(self.simd).at(self.scan.at());
            if self.only_a_leaf(&window) {
                return Ok(());
            }
            self.scan.usual(&window)
        } else {
            None
        };
        let root = match root {
            Some(root) => root,
            None => self.scan.next(0, false)?,
        };
        match root {
            Token::Start(start) => self.value(&start, 1, Attribute::default())?,
            other => return Err(self.no_root(&other)),
        }
        self.inside()?;
        self.scan.finish()
    }

    /// Takes a whole input that is one leaf.
    #[inline(always)]
    fn only_a_leaf(&mut self, window: &Window<'_>) -> bool {
        let windows = self.scan.windows(self.simd);
        let allowed = self.limits.nesting > 0 && self.limits.nodes > 0;
        let leaf = unnamed_leaf(windows, self.scan.at(), window, self.limits.text_size);
        match leaf {
            Some(leaf)
                if allowed
                    && self.scan.at() + leaf.size == self.xml.len()
                    && (leaf.kind.is_primitive() || leaf.kind == Kind::Nil) =>
            {
                self.slots.push(Slot::of_leaf(&leaf, false, 1));
                true
            }
            _ => false,
        }
    }

    #[inline(always)]
    pub(super) fn document(&mut self) -> Result<(), DecodeError> {
        self.scan.declaration()?;
        let start = match self.scan.next(0, false)? {
            Token::Start(start) => start,
            other => return Err(self.no_root(&other)),
        };
        if start.kind != Some(Kind::Document) {
            return Err(malformed(
                start.at,
                "the root is not Objs in the namespace of CLIXML",
            ));
        }
        if self.scan.version(&start).present {
            let version = self.scan.version(&start);
            let text = text::attribute(self.slice(version.value), version.indirect);
            let version = Version::parse(&text.to_string_lossy())
                .ok_or_else(|| malformed(start.at, "the version of Objs is not a version"))?;
            if version.major() != 1 {
                return Err(malformed(start.at, "the version of Objs is not 1.x"));
            }
            self.skips_unknown = version.minor() > 1;
        }
        let slot = self.push(Kind::Document, Attribute::default(), Span::default(), 0)?;
        self.open(&start, Place::Document, slot, 0)?;
        self.inside()?;
        self.scan.finish()
    }

    fn no_root(&self, token: &Token) -> DecodeError {
        match token {
            Token::End(name) => malformed(
                name.start as usize,
                "there is an end tag without its start tag",
            ),
            _ => DecodeError::new("CLIXML", self.scan.at(), DecodeErrorKind::Truncated),
        }
    }

    /// Everything until the root is closed.
    #[inline(always)]
    fn inside(&mut self) -> Result<(), DecodeError> {
        while let Some(frame) = self.frames.last() {
            // Never as a whole: parts of it were stored just now, and the processor would wait.
            let (place, level) = (frame.place, frame.level);
            let mut token = None;
            if self.scan.is_usual() {
                self.leaves(place, level);
                if self.end_as_written()? || self.part_as_written(place, level)? {
                    continue;
                }
                token = self
                    .scan
                    .usual(&self.scan.windows(self.simd).at(self.scan.at()));
            }
            let token = match token {
                Some(token) => token,
                None => {
                    let in_text = place == Place::Skipped;
                    self.scan.next(self.frames.len(), in_text)?
                }
            };
            // With the leaves, an entry may have begun.
            let innermost = self.frames.last();
            let (place, level) =
                innermost.map_or((place, level), |frame| (frame.place, frame.level));
            match token {
                Token::Start(start) => self.child(place, level, &start)?,
                Token::End(name) => self.close(name)?,
                Token::Over => {
                    return Err(DecodeError::new(
                        "CLIXML",
                        self.scan.at(),
                        DecodeErrorKind::Truncated,
                    ));
                }
            }
        }
        Ok(())
    }
    #[inline]
    pub(super) fn text(
        &mut self,
        kind: Kind,
        name: Attribute,
        start: &Start,
    ) -> Result<(), DecodeError> {
        let RawText { span, indirect } = self.scan.text(start, self.frames.len())?;
        let flags = if indirect { Slot::INDIRECT_TEXT } else { 0 };
        self.push(kind, name, span, flags).map(drop)
    }

    #[inline]
    pub(super) fn push(
        &mut self,
        kind: Kind,
        name: Attribute,
        text: Span,
        flags: u8,
    ) -> Result<u32, DecodeError> {
        let index = self.slots.len();
        if index >= self.limits.nodes {
            return Err(too_large(
                self.scan.at(),
                "nodes",
                index + 1,
                self.limits.nodes,
            ));
        }
        // There are fewer elements than bytes, and those are counted in 32 bits.
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        let flags = flags
            | Slot::MAY_ESCAPE_NAME
            | Slot::MAY_ESCAPE_TEXT
            | if name.present { Slot::HAS_NAME } else { 0 }
            | if name.indirect {
                Slot::INDIRECT_NAME
            } else {
                0
            };
        self.slots.push(Slot {
            kind,
            flags,
            name: name.value,
            text,
            next: index + 1,
        });
        Ok(index)
    }

    /// Waits for the end tag, unless the element is empty.
    #[inline]
    pub(super) fn open(
        &mut self,
        start: &Start,
        place: Place,
        slot: u32,
        level: u32,
    ) -> Result<(), DecodeError> {
        if start.empty {
            return match place {
                Place::Entry => Err(malformed(start.at, "a dictionary entry is empty")),
                _ => Ok(()),
            };
        }
        if self.frames.len() >= self.limits.depth.min(MOST_DEPTH) {
            return Err(too_large(
                start.at,
                "depth",
                self.frames.len() + 1,
                self.limits.depth,
            ));
        }
        self.frames.push(Frame {
            place,
            name: start.name,
            slot,
            level,
            count: 0,
        });
        Ok(())
    }

    pub(super) fn refer(&mut self, slot: u32, target: u32) {
        if let Some(slot) = self.slots.get_mut(slot as usize) {
            slot.next = target;
        }
    }

    #[inline]
    fn close(&mut self, name: Span) -> Result<(), DecodeError> {
        let at = name.start as usize;
        let opened = self.frames.last().map_or(name, |frame| frame.name);
        if name != opened && self.slice(name) != self.slice(opened) {
            return Err(malformed(at, "the end tag does not fit the start tag"));
        }
        self.closed(at)
    }

    /// The innermost element has ended; the name in its end tag is at `at`.
    #[inline]
    pub(super) fn closed(&mut self, at: usize) -> Result<(), DecodeError> {
        let Some(frame) = self.frames.pop() else {
            return Ok(());
        };
        self.scan.leave(self.frames.len());
        let next = u32::try_from(self.slots.len()).unwrap_or(u32::MAX);
        match frame.place {
            // Nothing in it was kept; a reference keeps its target here.
            Place::Skipped => return Ok(()),
            Place::Entry if frame.count == 0 => {
                return Err(malformed(at, "a dictionary entry has no key"));
            }
            Place::Entry if frame.count == 1 => {
                return Err(malformed(at, "a dictionary entry has no value"));
            }
            Place::Entry => return Ok(()),
            Place::Progress if (frame.count as usize) < PROGRESS.len() => {
                return Err(malformed(at, "a progress record ends too early"));
            }
            Place::Properties | Place::Members => {
                // Sets and repeated lists count for the object that they are part of.
                if let Some(outer) = self.frames.last_mut() {
                    outer.count = outer.count.saturating_add(frame.count);
                }
            }
            _ => {}
        }
        if let Some(slot) = self.slots.get_mut(frame.slot as usize) {
            slot.next = next;
            if frame.place == Place::TypeNames {
                slot.text.end = u32::try_from(at).unwrap_or(u32::MAX).saturating_sub(2);
            }
        }
        Ok(())
    }

    /// The slot of the innermost element.
    #[inline]
    pub(super) fn innermost(&self) -> u32 {
        self.frames.last().map_or(0, |frame| frame.slot)
    }

    /// How many parts of the innermost element have been seen.
    #[inline]
    pub(super) fn parts_seen(&self) -> u32 {
        self.frames.last().map_or(0, |frame| frame.count)
    }

    #[inline]
    pub(super) fn count_property(&mut self, at: usize) -> Result<(), DecodeError> {
        let before = match self.frames.as_slice() {
            [.., outer, _] => outer.count,
            _ => 0,
        };
        if let Some(frame) = self.frames.last_mut() {
            frame.count += 1;
            let count = frame.count.saturating_add(before) as usize;
            if count > self.limits.properties {
                return Err(too_large(at, "properties", count, self.limits.properties));
            }
        }
        Ok(())
    }

    pub(super) fn slice(&self, span: Span) -> &str {
        self.xml
            .get(span.start as usize..span.end as usize)
            .unwrap_or_default()
    }
}

/// Beyond these, limits do not go: the owned tree is built by functions that call themselves.
pub(super) const MOST_NESTING: usize = 128;
pub(super) const MOST_DEPTH: usize = 512;
