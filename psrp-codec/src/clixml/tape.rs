//! The tape: a value as a flat list of its elements, each a few positions in the input.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "positions stay below the length of the input, which fits in 32 bits"
)]

use std::collections::HashMap;

use super::scan::{
    Attribute, Namespace, RawText, Scanner, Scratch, Span, Start, Token, leaf, malformed, too_large,
};
use super::text;
use super::{Kind, Node};
use crate::value::eq_ignore_case;
use crate::{DecodeError, DecodeErrorKind, Limits, Version};

/// A value as a flat list of its elements, to be used again and again.
///
/// [`parse`](Self::parse) checks the structure in one pass over the bytes and leaves every text
/// where it is; a [`Node`] reads it when asked. Once a tape has grown to the size of the values
/// that it sees, parsing allocates nothing.
///
/// ```
/// use psrp_codec::{Limits, clixml::Tape};
///
/// let mut tape = Tape::default();
/// let xml = br#"<Obj RefId="0"><MS><I32 N="RunspaceState">2</I32></MS></Obj>"#;
/// let root = tape.parse(xml, &Limits::default())?;
/// let state = root.get("RunspaceState").expect("it is there");
/// assert_eq!(state.to_value()?.as_i32(), Some(2));
/// # Ok::<(), psrp_codec::DecodeError>(())
/// ```
#[derive(Debug, Default)]
pub struct Tape {
    pub(super) slots: Vec<Slot>,
    frames: Vec<Frame>,
    objects: References,
    type_names: References,
    scratch: Scratch,
}

/// One element.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    pub(super) kind: Kind,
    pub(super) flags: u8,
    /// The attribute `N`; in a document the attribute `S` of a value at the top. In a list of type
    /// names, `start` says which list it is.
    pub(super) name: Span,
    /// The text; the `RefId` of an object; what is inside a list of type names.
    pub(super) text: Span,
    /// The slot after the last one that is inside this element. In a reference, the slot that it
    /// refers to.
    pub(super) next: u32,
}

impl Slot {
    /// Stands for an element that is not there.
    pub(super) const NOTHING: Self = Self {
        kind: Kind::Nil,
        flags: 0,
        name: Span { start: 0, end: 0 },
        text: Span { start: 0, end: 0 },
        next: 0,
    };
    pub(super) const HAS_NAME: u8 = 1;
    /// The name holds a reference or white space that XML replaces.
    pub(super) const INDIRECT_NAME: u8 = 2;
    /// The text holds a reference, a CDATA section, a comment or a carriage return.
    pub(super) const INDIRECT_TEXT: u8 = 4;
    /// An object with a `RefId`.
    pub(super) const HAS_REF_ID: u8 = 8;
    /// There may be an escape in the name.
    pub(super) const MAY_ESCAPE_NAME: u8 = 32;
    /// There may be an escape in the text.
    pub(super) const MAY_ESCAPE_TEXT: u8 = 64;
    /// An object that something refers to.
    pub(super) const REFERRED_TO: u8 = 16;

    /// Whether it has one of these flags.
    pub(super) const fn has(self, flags: u8) -> bool {
        self.flags & flags != 0
    }

    /// What the name means; `raw` is how it is written.
    #[inline]
    pub(super) fn name(self, raw: &str) -> text::Text<'_> {
        if !self.has(Self::INDIRECT_NAME | Self::MAY_ESCAPE_NAME) {
            return text::Text::borrowed(raw);
        }
        text::unescape(text::attribute(raw, self.has(Self::INDIRECT_NAME)))
    }

    /// What the text means; `raw` is how it is written.
    #[inline]
    pub(super) fn text(self, raw: &str) -> text::Text<'_> {
        if !self.has(Self::INDIRECT_TEXT | Self::MAY_ESCAPE_TEXT) {
            return text::Text::borrowed(raw);
        }
        let content = text::content(raw, self.has(Self::INDIRECT_TEXT));
        if self.kind.is_string() {
            text::unescape(content)
        } else {
            content
        }
    }
}

/// An element that is still open.
#[derive(Clone, Copy, Debug)]
struct Frame {
    place: Place,
    name: Span,
    slot: u32,
    /// The nesting level of the object that the element belongs to.
    level: u32,
    /// What has been seen: properties, parts of an entry or of a progress record.
    count: u32,
}

/// What may stand inside an open element.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Place {
    Document,
    Object,
    TypeNames,
    Properties,
    Members,
    Items,
    Dictionary,
    Entry,
    Progress,
    /// Anything that is well-formed; it is passed over.
    Skipped,
}

impl Tape {
    /// Reads the bare form: one value, as it stands in a message. A byte order mark may come
    /// first.
    ///
    /// What is checked here is the structure, with all references. That the text of a number is a
    /// number is seen when it is read.
    ///
    /// # Errors
    /// When `xml` is not one CLIXML value or exceeds one of the `limits`.
    pub fn parse<'t>(
        &'t mut self,
        xml: &'t [u8],
        limits: &Limits,
    ) -> Result<Node<'t>, DecodeError> {
        let text = utf8(xml, limits)?;
        self.fill(text, Form::Bare, limits)?;
        Ok(Node::new(self, text, 0))
    }

    /// Reads a document: `Objs` with any number of values in it, its [`items`](Node::items).
    ///
    /// # Errors
    /// When `xml` is not a CLIXML document or exceeds one of the `limits`.
    pub fn parse_document<'t>(
        &'t mut self,
        xml: &'t [u8],
        limits: &Limits,
    ) -> Result<Node<'t>, DecodeError> {
        let text = utf8(xml, limits)?;
        self.fill(text, Form::Document, limits)?;
        Ok(Node::new(self, text, 0))
    }

    pub(super) fn fill(
        &mut self,
        xml: &str,
        form: Form,
        limits: &Limits,
    ) -> Result<(), DecodeError> {
        let Self {
            slots,
            frames,
            objects,
            type_names,
            scratch,
        } = self;
        slots.clear();
        frames.clear();
        objects.clear();
        type_names.clear();
        const BYTE_ORDER_MARK: &str = "\u{FEFF}";
        let start = if xml.starts_with(BYTE_ORDER_MARK) {
            BYTE_ORDER_MARK.len()
        } else {
            0
        };
        let namespace = match form {
            Form::Bare => Namespace::None,
            Form::Document => Namespace::Document,
        };
        let scan = Scanner::new(xml, start, namespace, limits, scratch)?;
        let mut parser = Parser {
            xml,
            scan,
            slots,
            frames,
            objects,
            type_names,
            limits,
            skips_unknown: false,
            lists: 0,
        };
        match form {
            Form::Bare => parser.bare(),
            Form::Document => parser.document(),
        }
    }

    /// Makes room for an input of `length` bytes, as most are.
    pub(super) fn reserve_for(&mut self, length: usize) {
        self.slots.reserve((length / 24).min(4096));
        self.frames.reserve(16);
    }

    /// How many elements the value that was parsed last consists of.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether nothing has been parsed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }
}

/// The two ways in which values stand in XML.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Form {
    Bare,
    Document,
}

/// The input as text, if it is not too long.
pub(super) fn utf8<'x>(xml: &'x [u8], limits: &Limits) -> Result<&'x str, DecodeError> {
    check_length(xml, limits)?;
    simdutf8::basic::from_utf8(xml).map_err(|_| {
        let at = str::from_utf8(xml).map_or_else(|error| error.valid_up_to(), str::len);
        malformed(at, "this is not UTF-8")
    })
}

/// Whether the input is within its limit and its positions fit in 32 bits.
pub(super) fn check_length(xml: &[u8], limits: &Limits) -> Result<(), DecodeError> {
    if xml.len() > limits.message_size {
        return Err(too_large(0, "message_size", xml.len(), limits.message_size));
    }
    if u32::try_from(xml.len()).is_err() {
        return Err(malformed(0, "the input has 4 GiB or more"));
    }
    Ok(())
}

struct Parser<'x, 't> {
    xml: &'x str,
    scan: Scanner<'x, 't>,
    slots: &'t mut Vec<Slot>,
    frames: &'t mut Vec<Frame>,
    objects: &'t mut References,
    type_names: &'t mut References,
    limits: &'t Limits,
    /// A document of a version after 1.1: unknown elements in objects are passed over.
    skips_unknown: bool,
    /// How many lists of type names there are so far.
    lists: u32,
}

impl Parser<'_, '_> {
    fn bare(&mut self) -> Result<(), DecodeError> {
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
        match self.scan.next(0, false)? {
            Token::Start(start) => self.value(&start, 1, Attribute::default())?,
            other => return Err(self.no_root(&other)),
        }
        self.inside()?;
        self.scan.finish()
    }

    fn document(&mut self) -> Result<(), DecodeError> {
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
    fn inside(&mut self) -> Result<(), DecodeError> {
        while let Some(&frame) = self.frames.last() {
            if self.leaves(frame) {
                continue;
            }
            match self
                .scan
                .next(self.frames.len(), frame.place == Place::Skipped)?
            {
                Token::Start(start) => self.child(frame, &start)?,
                Token::End(name) => self.close(frame, name)?,
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

    /// Takes as many elements as have nothing but text in them and are just as PowerShell writes
    /// them; whether there was any. Whatever is wrong is left for the long way to find.
    #[inline]
    fn leaves(&mut self, frame: Frame) -> bool {
        let (named, counted, room) = match frame.place {
            Place::Properties | Place::Members => {
                let before = match self.frames.as_slice() {
                    [.., outer, _] => outer.count,
                    _ => 0,
                };
                let used = frame.count.saturating_add(before) as usize;
                (true, true, self.limits.properties.saturating_sub(used))
            }
            Place::Items => (false, true, usize::MAX),
            Place::TypeNames | Place::Object => (false, false, usize::MAX),
            _ => return false,
        };
        if counted && frame.level as usize >= self.limits.nesting.min(MOST_NESTING) {
            return false;
        }
        if !self.scan.takes_leaves() {
            return false;
        }
        let mut at = self.scan.at();
        let (xml, text_size) = (self.xml.as_bytes(), self.limits.text_size);
        // Taken out for the while, so that the compiler sees that nobody else writes to it.
        let mut slots = std::mem::take(self.slots);
        let first = slots.len();
        let room = room.min(self.limits.nodes.saturating_sub(first));
        let mut taken = 0;
        while taken < room
            && let Some(leaf) = leaf(xml, at, text_size)
        {
            let fits = match frame.place {
                Place::TypeNames => leaf.kind == Kind::TypeName,
                Place::Object => leaf.kind.is_primitive() || leaf.kind == Kind::ToString,
                // The name of an extended property must not be empty.
                _ => {
                    (leaf.kind.is_primitive() || leaf.kind == Kind::Nil)
                        && (!named || leaf.name.length() > 0)
                }
            };
            if !fits {
                break;
            }
            let has = |flag: u8, set: bool| if set { flag } else { 0 };
            let flags = has(Slot::HAS_NAME, named)
                | has(Slot::MAY_ESCAPE_NAME, leaf.name_may_escape)
                | has(Slot::MAY_ESCAPE_TEXT, leaf.text_may_escape);
            taken += 1;
            let next = u32::try_from(first + taken).unwrap_or(u32::MAX);
            slots.push(Slot {
                kind: leaf.kind,
                flags,
                name: leaf.name,
                text: leaf.text,
                next,
            });
            at = leaf.end;
        }
        *self.slots = slots;
        self.scan.go_on_at(at);
        if named && let Some(frame) = self.frames.last_mut() {
            frame.count = frame
                .count
                .saturating_add(u32::try_from(taken).unwrap_or(u32::MAX));
        }
        taken > 0
    }

    #[inline]
    fn child(&mut self, frame: Frame, start: &Start) -> Result<(), DecodeError> {
        match frame.place {
            Place::Items => self.value(start, frame.level + 1, Attribute::default()),
            Place::Document => self.value(start, frame.level + 1, self.scan.stream(start)),
            Place::Properties | Place::Members => {
                self.count_property(start.at)?;
                if !start.n.present {
                    return Err(malformed(start.at, "a property has no name"));
                }
                if frame.place == Place::Members {
                    if start.n.value.start == start.n.value.end {
                        return Err(malformed(start.at, "the name of a property is empty"));
                    }
                    if start.kind == Some(Kind::Members) {
                        let slot = self.push(Kind::Members, start.n, Span::default(), 0)?;
                        return self.open(start, Place::Members, slot, frame.level);
                    }
                }
                self.value(start, frame.level + 1, start.n)
            }
            Place::Object => self.part_of_object(frame, start),
            Place::TypeNames if start.kind == Some(Kind::TypeName) => {
                self.text(Kind::TypeName, Attribute::default(), start)
            }
            Place::Dictionary if start.kind == Some(Kind::Entry) => {
                self.open(start, Place::Entry, frame.slot, frame.level)
            }
            Place::Entry => self.part_of_entry(frame, start),
            Place::Progress => self.part_of_progress(frame, start),
            Place::Skipped => self.open(start, Place::Skipped, frame.slot, frame.level),
            Place::TypeNames | Place::Dictionary => Err(self.unknown(start)),
        }
    }

    fn unknown(&self, start: &Start) -> DecodeError {
        let name: String = self.slice(start.name).chars().take(40).collect();
        DecodeError::new("CLIXML", start.at, DecodeErrorKind::UnexpectedElement(name))
    }

    /// A value at nesting level `level`.
    #[inline]
    fn value(&mut self, start: &Start, level: u32, name: Attribute) -> Result<(), DecodeError> {
        if level as usize > self.limits.nesting.min(MOST_NESTING) {
            return Err(too_large(
                start.at,
                "nesting",
                level as usize,
                self.limits.nesting,
            ));
        }
        match start.kind {
            Some(kind) if kind.is_primitive() => self.text(kind, name, start),
            Some(Kind::Nil) => {
                let slot = self.push(Kind::Nil, name, Span::default(), 0)?;
                self.open(start, Place::Skipped, slot, level)
            }
            Some(Kind::Object) => {
                let flags = if start.ref_id.present {
                    Slot::HAS_REF_ID
                } else {
                    0
                };
                let slot = self.push(Kind::Object, name, start.ref_id.value, flags)?;
                self.objects
                    .define(self.xml, start.ref_id, slot, start.at, self.limits)?;
                self.open(start, Place::Object, slot, level)
            }
            Some(Kind::Reference) => {
                if !start.ref_id.present {
                    return Err(malformed(start.at, "a Ref has no RefId"));
                }
                let target = self.objects.find(self.xml, start.ref_id).ok_or_else(|| {
                    malformed(start.at, "a Ref names an object that has not come yet")
                })?;
                if let Some(object) = self.slots.get_mut(target as usize) {
                    object.flags |= Slot::REFERRED_TO;
                }
                let slot = self.push(Kind::Reference, name, start.ref_id.value, 0)?;
                self.open(start, Place::Skipped, slot, level)?;
                self.refer(slot, target);
                Ok(())
            }
            Some(Kind::Progress) => {
                let slot = self.push(Kind::Progress, name, Span::default(), 0)?;
                if start.empty {
                    return Err(malformed(start.at, "a progress record has nothing in it"));
                }
                self.open(start, Place::Progress, slot, level)
            }
            _ => Err(self.unknown(start)),
        }
    }

    /// A child of `Obj`, in any order.
    fn part_of_object(&mut self, frame: Frame, start: &Start) -> Result<(), DecodeError> {
        let Some(kind) = start.kind else {
            if self.skips_unknown {
                return self.open(start, Place::Skipped, frame.slot, frame.level);
            }
            return Err(self.unknown(start));
        };
        let place = match kind {
            Kind::TypeNames => {
                let inside = u32::try_from(self.scan.at()).unwrap_or(u32::MAX);
                let span = Span {
                    start: inside,
                    end: inside,
                };
                let slot = self.push(kind, Attribute::default(), span, 0)?;
                self.lists += 1;
                if let Some(slot) = self.slots.get_mut(slot as usize) {
                    slot.name.start = self.lists - 1;
                }
                self.open(start, Place::TypeNames, slot, frame.level)?;
                return self
                    .type_names
                    .define(self.xml, start.ref_id, slot, start.at, self.limits);
            }
            Kind::TypeNamesReference => {
                let target = self
                    .type_names
                    .find(self.xml, start.ref_id)
                    .ok_or_else(|| {
                        malformed(start.at, "a TNRef names a list that has not come yet")
                    })?;
                let slot = self.push(kind, Attribute::default(), start.ref_id.value, 0)?;
                self.open(start, Place::Skipped, slot, frame.level)?;
                self.refer(slot, target);
                return Ok(());
            }
            Kind::ToString => return self.text(kind, Attribute::default(), start),
            Kind::Properties => Place::Properties,
            Kind::Members => Place::Members,
            Kind::List | Kind::Stack | Kind::Queue | Kind::Enumerable => Place::Items,
            Kind::Dictionary => Place::Dictionary,
            // A primitive value inside an object is on the object's own level.
            kind if kind.is_primitive() => return self.text(kind, Attribute::default(), start),
            Kind::Object | Kind::Progress => {
                return self.value(start, frame.level + 1, Attribute::default());
            }
            _ if self.skips_unknown && !matches!(kind, Kind::Nil | Kind::Reference) => {
                return self.open(start, Place::Skipped, frame.slot, frame.level);
            }
            _ => return Err(self.unknown(start)),
        };
        let slot = self.push(kind, Attribute::default(), Span::default(), 0)?;
        self.open(start, place, slot, frame.level)
    }

    /// A key, then a value.
    fn part_of_entry(&mut self, frame: Frame, start: &Start) -> Result<(), DecodeError> {
        let (expected, missing) = match frame.count {
            0 => ("Key", "the name of a dictionary key is not Key"),
            1 => ("Value", "the name of a dictionary value is not Value"),
            _ => return Err(self.unknown(start)),
        };
        let name = self.slice(start.n.value);
        if name != expected {
            let name = text::unescape_owned(text::attribute(name, start.n.indirect));
            if !start.n.present
                || !name
                    .as_str()
                    .is_some_and(|name| eq_ignore_case(name, expected))
            {
                return Err(malformed(start.at, missing));
            }
        }
        if frame.count == 0 && start.kind == Some(Kind::Nil) {
            return Err(malformed(start.at, "a dictionary key is null"));
        }
        if let Some(frame) = self.frames.last_mut() {
            frame.count += 1;
        }
        self.value(start, frame.level + 1, Attribute::default())
    }

    /// The eight parts of a progress record, in their order.
    fn part_of_progress(&mut self, frame: Frame, start: &Start) -> Result<(), DecodeError> {
        let expected = PROGRESS.get(frame.count as usize).copied();
        let kind = start.kind.filter(|kind| {
            Some(*kind) == expected
                // The operation that is going on has no tag of its own.
                || expected == Some(Kind::Nil) && *kind == Kind::String
        });
        let Some(kind) = kind else {
            return Err(self.unknown(start));
        };
        if let Some(frame) = self.frames.last_mut() {
            frame.count += 1;
        }
        if kind == Kind::Nil {
            let slot = self.push(kind, Attribute::default(), Span::default(), 0)?;
            return self.open(start, Place::Skipped, slot, frame.level);
        }
        self.text(kind, Attribute::default(), start)
    }

    #[inline]
    fn text(&mut self, kind: Kind, name: Attribute, start: &Start) -> Result<(), DecodeError> {
        let RawText { span, indirect } = self.scan.text(start, self.frames.len())?;
        let flags = if indirect { Slot::INDIRECT_TEXT } else { 0 };
        self.push(kind, name, span, flags).map(drop)
    }

    #[inline]
    fn push(
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
    fn open(
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

    fn refer(&mut self, slot: u32, target: u32) {
        if let Some(slot) = self.slots.get_mut(slot as usize) {
            slot.next = target;
        }
    }

    #[inline]
    fn close(&mut self, frame: Frame, name: Span) -> Result<(), DecodeError> {
        let at = name.start as usize;
        if name != frame.name && self.slice(name) != self.slice(frame.name) {
            return Err(malformed(at, "the end tag does not fit the start tag"));
        }
        self.frames.pop();
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
                slot.text.end = name.start.saturating_sub(2);
            }
        }
        Ok(())
    }

    #[inline]
    fn count_property(&mut self, at: usize) -> Result<(), DecodeError> {
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

    fn slice(&self, span: Span) -> &str {
        self.xml
            .get(span.start as usize..span.end as usize)
            .unwrap_or_default()
    }
}

/// Beyond these, limits do not go: the owned tree is built by functions that call themselves.
const MOST_NESTING: usize = 128;
const MOST_DEPTH: usize = 512;

/// What a progress record consists of.
pub(super) const PROGRESS: [Kind; 8] = [
    Kind::Activity,
    Kind::ActivityId,
    Kind::Nil,
    Kind::ParentActivityId,
    Kind::PercentComplete,
    Kind::TypeName,
    Kind::SecondsRemaining,
    Kind::StatusDescription,
];

/// Which slot a `RefId` names.
///
/// Ids are texts. Those that a writer makes are small numbers, and have a table of their own; a
/// peer's fancies are hashed.
#[derive(Debug, Default)]
struct References {
    numbered: Vec<u32>,
    others: HashMap<Box<str>, u32>,
    count: usize,
}

impl References {
    const ABSENT: u32 = u32::MAX;

    fn clear(&mut self) {
        self.numbered.clear();
        self.others.clear();
        self.count = 0;
    }

    #[inline]
    fn define(
        &mut self,
        xml: &str,
        id: Attribute,
        slot: u32,
        at: usize,
        limits: &Limits,
    ) -> Result<(), DecodeError> {
        if !id.present {
            return Ok(());
        }
        self.count += 1;
        if self.count > limits.references {
            return Err(too_large(at, "references", self.count, limits.references));
        }
        match small_number(id.value.of(xml.as_bytes())) {
            // No larger than the number of ids so far, but for a start that is a little off.
            Some(number) if number < 2 * self.count + 64 => {
                if self.numbered.len() <= number {
                    self.numbered.resize(number + 1, Self::ABSENT);
                }
                if let Some(place) = self.numbered.get_mut(number) {
                    *place = slot;
                }
                // It may have been far off when it came first.
                if !self.others.is_empty() {
                    self.others.remove(id.value_of(xml));
                }
            }
            _ => {
                let text = text::attribute(id.value_of(xml), id.indirect);
                // A lone surrogate cannot be told from U+FFFD here; only strange peers would see.
                let text = text.to_string_lossy();
                if let Some(place) =
                    small_number(text.as_bytes()).and_then(|n| self.numbered.get_mut(n))
                {
                    *place = Self::ABSENT;
                }
                self.others.insert(text.into(), slot);
            }
        }
        Ok(())
    }

    #[inline]
    fn find(&self, xml: &str, id: Attribute) -> Option<u32> {
        if !id.present {
            return None;
        }
        let value = id.value_of(xml);
        let found = small_number(value.as_bytes()).and_then(|number| self.numbered.get(number));
        match found {
            Some(slot) if *slot != Self::ABSENT => return Some(*slot),
            _ if self.others.is_empty() && !id.indirect => return None,
            _ => {}
        }
        let text = text::attribute(value, id.indirect);
        let text = text.to_string_lossy();
        let numbered = small_number(text.as_bytes()).and_then(|number| self.numbered.get(number));
        numbered
            .copied()
            .filter(|slot| *slot != Self::ABSENT)
            .or_else(|| self.others.get(&*text).copied())
    }
}

impl Attribute {
    fn value_of(self, xml: &str) -> &str {
        xml.get(self.value.start as usize..self.value.end as usize)
            .unwrap_or_default()
    }
}

/// The number that these digits are, if they are how it would be written and it is small.
pub(super) fn small_number(digits: &[u8]) -> Option<usize> {
    if digits.is_empty() || digits.len() > 9 || digits.len() > 1 && digits.first() == Some(&b'0') {
        return None;
    }
    let mut number = 0;
    for digit in digits {
        number = number * 10 + usize::from(digit.checked_sub(b'0').filter(|digit| *digit < 10)?);
    }
    Some(number)
}
