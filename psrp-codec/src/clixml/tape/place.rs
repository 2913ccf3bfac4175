//! What may stand where.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "positions stay below the length of the input, which fits in 32 bits"
)]

use fearless_simd::Simd;

use super::Slot;
use super::parser::{MOST_NESTING, Parser};
use crate::clixml::scan::{Attribute, Span, Start, malformed, too_large};
use crate::clixml::{Kind, text};
use crate::value::eq_ignore_case;
use crate::{DecodeError, DecodeErrorKind};

/// What may stand inside an open element.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Place {
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

impl Place {
    /// What the inside of a part of an object is, if there are elements in it and nothing else is
    /// to be said about it.
    #[inline(always)]
    pub(super) const fn of_part(kind: Kind) -> Option<Self> {
        Some(match kind {
            Kind::Properties => Self::Properties,
            Kind::Members => Self::Members,
            Kind::List | Kind::Stack | Kind::Queue | Kind::Enumerable => Self::Items,
            Kind::Dictionary => Self::Dictionary,
            _ => return None,
        })
    }
}

impl<S: Simd> Parser<'_, '_, S> {
    #[inline]
    pub(super) fn child(
        &mut self,
        place: Place,
        level: u32,
        start: &Start,
    ) -> Result<(), DecodeError> {
        match place {
            Place::Items => self.value(start, level + 1, Attribute::default()),
            Place::Document => self.value(start, level + 1, self.scan.stream(start)),
            Place::Properties | Place::Members => {
                self.count_property(start.at)?;
                if !start.n.present {
                    return Err(malformed(start.at, "a property has no name"));
                }
                if place == Place::Members {
                    if start.n.value.start == start.n.value.end {
                        return Err(malformed(start.at, "the name of a property is empty"));
                    }
                    if start.kind == Some(Kind::Members) {
                        let slot = self.push(Kind::Members, start.n, Span::default(), 0)?;
                        return self.open(start, Place::Members, slot, level);
                    }
                }
                self.value(start, level + 1, start.n)
            }
            Place::Object => self.part_of_object(level, start),
            Place::TypeNames if start.kind == Some(Kind::TypeName) => {
                self.text(Kind::TypeName, Attribute::default(), start)
            }
            Place::Dictionary if start.kind == Some(Kind::Entry) => {
                self.open(start, Place::Entry, self.innermost(), level)
            }
            Place::Entry => self.part_of_entry(level, start),
            Place::Progress => self.part_of_progress(level, start),
            Place::Skipped => self.open(start, Place::Skipped, self.innermost(), level),
            Place::TypeNames | Place::Dictionary => Err(self.unknown(start)),
        }
    }

    fn unknown(&self, start: &Start) -> DecodeError {
        let name: String = self.slice(start.name).chars().take(40).collect();
        DecodeError::new("CLIXML", start.at, DecodeErrorKind::UnexpectedElement(name))
    }

    /// A value at nesting level `level`.
    #[inline]
    pub(super) fn value(
        &mut self,
        start: &Start,
        level: u32,
        name: Attribute,
    ) -> Result<(), DecodeError> {
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
    fn part_of_object(&mut self, level: u32, start: &Start) -> Result<(), DecodeError> {
        let Some(kind) = start.kind else {
            if self.skips_unknown {
                return self.open(start, Place::Skipped, self.innermost(), level);
            }
            return Err(self.unknown(start));
        };
        if let Some(place) = Place::of_part(kind) {
            return self.plain_part(kind, place, level, start);
        }
        match kind {
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
                self.open(start, Place::TypeNames, slot, level)?;
                self.type_names
                    .define(self.xml, start.ref_id, slot, start.at, self.limits)
            }
            Kind::TypeNamesReference => {
                let target = self
                    .type_names
                    .find(self.xml, start.ref_id)
                    .ok_or_else(|| {
                        malformed(start.at, "a TNRef names a list that has not come yet")
                    })?;
                let slot = self.push(kind, Attribute::default(), start.ref_id.value, 0)?;
                self.open(start, Place::Skipped, slot, level)?;
                self.refer(slot, target);
                Ok(())
            }
            Kind::ToString => self.text(kind, Attribute::default(), start),
            // A primitive value inside an object is on the object's own level.
            kind if kind.is_primitive() => self.text(kind, Attribute::default(), start),
            Kind::Object | Kind::Progress => self.value(start, level + 1, Attribute::default()),
            _ if self.skips_unknown && !matches!(kind, Kind::Nil | Kind::Reference) => {
                self.open(start, Place::Skipped, self.innermost(), level)
            }
            _ => Err(self.unknown(start)),
        }
    }

    /// A part of an object with elements in it.
    #[inline]
    pub(super) fn plain_part(
        &mut self,
        kind: Kind,
        place: Place,
        level: u32,
        start: &Start,
    ) -> Result<(), DecodeError> {
        let slot = self.push(kind, Attribute::default(), Span::default(), 0)?;
        self.open(start, place, slot, level)
    }

    /// A key, then a value.
    fn part_of_entry(&mut self, level: u32, start: &Start) -> Result<(), DecodeError> {
        let seen = self.parts_seen();
        let (expected, missing) = match seen {
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
        if seen == 0 && start.kind == Some(Kind::Nil) {
            return Err(malformed(start.at, "a dictionary key is null"));
        }
        if let Some(frame) = self.frames.last_mut() {
            frame.count += 1;
        }
        self.value(start, level + 1, Attribute::default())
    }

    /// The eight parts of a progress record, in their order.
    fn part_of_progress(&mut self, level: u32, start: &Start) -> Result<(), DecodeError> {
        let expected = PROGRESS.get(self.parts_seen() as usize).copied();
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
            return self.open(start, Place::Skipped, slot, level);
        }
        self.text(kind, Attribute::default(), start)
    }
}

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
