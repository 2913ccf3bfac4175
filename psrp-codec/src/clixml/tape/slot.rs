//! One element on the tape.

use crate::clixml::scan::{Leaf, Span};
use crate::clixml::{Kind, text};

/// One element.
#[derive(Clone, Copy, Debug)]
pub(in crate::clixml) struct Slot {
    pub(in crate::clixml) kind: Kind,
    pub(in crate::clixml) flags: u8,
    /// The attribute `N`; in a document the attribute `S` of a value at the top. In a list of type
    /// names, `start` says which list it is.
    pub(in crate::clixml) name: Span,
    /// The text; the `RefId` of an object; what is inside a list of type names.
    pub(in crate::clixml) text: Span,
    /// The slot after the last one that is inside this element. In a reference, the slot that it
    /// refers to.
    pub(in crate::clixml) next: u32,
}

impl Slot {
    /// Stands for an element that is not there.
    pub(in crate::clixml) const NOTHING: Self = Self {
        kind: Kind::Nil,
        flags: 0,
        name: Span { start: 0, end: 0 },
        text: Span { start: 0, end: 0 },
        next: 0,
    };
    pub(in crate::clixml) const HAS_NAME: u8 = 1;
    /// The name holds a reference or white space that XML replaces.
    pub(in crate::clixml) const INDIRECT_NAME: u8 = 2;
    /// The text holds a reference, a CDATA section, a comment or a carriage return.
    pub(in crate::clixml) const INDIRECT_TEXT: u8 = 4;
    /// An object with a `RefId`.
    pub(in crate::clixml) const HAS_REF_ID: u8 = 8;
    /// There may be an escape in the name.
    pub(in crate::clixml) const MAY_ESCAPE_NAME: u8 = 32;
    /// There may be an escape in the text.
    pub(in crate::clixml) const MAY_ESCAPE_TEXT: u8 = 64;
    /// An object that something refers to.
    pub(in crate::clixml) const REFERRED_TO: u8 = 16;

    /// The element that `leaf` is, with `next` right behind it.
    #[inline(always)]
    pub(super) fn of_leaf(leaf: &Leaf, named: bool, next: usize) -> Self {
        let has = |flag: u8, set: bool| if set { flag } else { 0 };
        let flags = has(Self::HAS_NAME, named)
            | has(Self::MAY_ESCAPE_NAME, leaf.name_may_escape)
            | has(Self::MAY_ESCAPE_TEXT, leaf.text_may_escape);
        Self {
            kind: leaf.kind,
            flags,
            name: leaf.name,
            text: leaf.text,
            #[expect(
                clippy::cast_possible_truncation,
                reason = "there are fewer elements than bytes, and those are counted in 32 bits"
            )]
            next: next as u32,
        }
    }

    /// Whether it has one of these flags.
    pub(in crate::clixml) const fn has(&self, flags: u8) -> bool {
        self.flags & flags != 0
    }

    /// What the name means; `raw` is how it is written.
    #[inline(always)]
    pub(in crate::clixml) fn name<'x>(&self, raw: &'x str) -> text::Text<'x> {
        if !self.has(Self::INDIRECT_NAME | Self::MAY_ESCAPE_NAME) {
            return text::Text::borrowed(raw);
        }
        self.other_name(raw)
    }

    #[inline(never)]
    fn other_name<'x>(&self, raw: &'x str) -> text::Text<'x> {
        text::unescape(if self.has(Self::INDIRECT_NAME) {
            text::attribute(raw, true)
        } else {
            text::Text::borrowed(raw)
        })
    }

    /// What the text means; `raw` is how it is written.
    #[inline(always)]
    pub(in crate::clixml) fn text<'x>(&self, raw: &'x str) -> text::Text<'x> {
        if !self.has(Self::INDIRECT_TEXT | Self::MAY_ESCAPE_TEXT) {
            return text::Text::borrowed(raw);
        }
        self.other_text(raw)
    }

    #[inline(never)]
    fn other_text<'x>(&self, raw: &'x str) -> text::Text<'x> {
        let content = if self.has(Self::INDIRECT_TEXT) {
            text::content(raw, true)
        } else {
            text::Text::borrowed(raw)
        };
        if self.kind.is_string() {
            text::unescape(content)
        } else {
            content
        }
    }
}

#[cfg(feature = "fuzzing")]
impl Slot {
    /// Both are the same, but that only one of them may know that nothing is escaped.
    pub(super) fn assert_means(self, other: Self, xml: &str) {
        let may_escape = Self::MAY_ESCAPE_NAME | Self::MAY_ESCAPE_TEXT;
        let places = |slot: Self| (slot.kind, slot.flags | may_escape, slot.name, slot.text);
        assert_eq!(places(self), places(other));
        assert_eq!(self.next, other.next);
        let meant = |slot: Self| {
            let name = if slot.has(Self::HAS_NAME) {
                slot.name.of_str(xml)
            } else {
                ""
            };
            let text = if slot.kind.is_text() {
                slot.text.of_str(xml)
            } else {
                ""
            };
            (slot.name(name).into_string(), slot.text(text).into_string())
        };
        assert_eq!(meant(self), meant(other));
    }
}
