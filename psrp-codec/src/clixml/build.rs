//! From the tape to the owned tree.

use std::collections::BTreeMap;

use super::Kind;
use super::digits::short_signed;
use super::intern::Interner;
use super::scalar;
use super::scan::Span;
use super::tape::{Slot, small_number};
use super::text;
use crate::{
    Content, DateTime, DecodeError, DecodeErrorKind, Limits, Member, Object, Progress,
    ProgressKind, Property, PsString, RefId, TimeSpan, TypeNames, Value,
};

pub(super) struct Builder<'t> {
    xml: &'t str,
    slots: &'t [Slot],
    memory: &'t mut Interner,
    limits: &'t Limits,
    /// What the writer will number the next object.
    next_id: u32,
    /// The labels of objects that are referred to by an id that is no small number, by slot.
    labels: BTreeMap<u32, RefId>,
}

impl<'t> Builder<'t> {
    pub(super) fn new(
        xml: &'t str,
        slots: &'t [Slot],
        memory: &'t mut Interner,
        limits: &'t Limits,
    ) -> Self {
        memory.numbered.clear();
        Self {
            xml,
            slots,
            memory,
            limits,
            next_id: 0,
            labels: BTreeMap::new(),
        }
    }

    /// A value that may stand inside others.
    pub(super) fn part(&mut self, index: usize) -> Result<Value, DecodeError> {
        if index > 0 {
            self.taken_out(index)
        } else {
            self.value(index)
        }
    }

    /// A value that stands inside others and is taken out of them: it begins with its own number.
    pub(super) fn taken_out(&mut self, index: usize) -> Result<Value, DecodeError> {
        let own = self.slots.get(index).and_then(|slot| self.small_id(slot));
        self.next_id = own.unwrap_or(0);
        self.value(index)
    }

    /// The value at `index`.
    pub(super) fn value(&mut self, index: usize) -> Result<Value, DecodeError> {
        let mut value = Value::Null;
        let slot = self.slots.get(index).unwrap_or(&Slot::NOTHING);
        self.fill(index, slot, &mut value)?;
        Ok(value)
    }

    /// Lays the value at `index` down where it is to stay, in a `place` that is null so far: a
    /// value that is passed from one function to the next is copied each time, and that would
    /// take longer than to read it. The tape is no deeper than the limits allow, so this may
    /// recurse.
    fn fill(&mut self, index: usize, slot: &'t Slot, place: &mut Value) -> Result<(), DecodeError> {
        match slot.kind {
            Kind::String if !slot.has(Slot::INDIRECT_TEXT | Slot::MAY_ESCAPE_TEXT) => {
                set(place, Value::String(self.slice(slot.text).into()));
            }
            Kind::String => self.escaped_string(slot, place),
            Kind::Nil => {}
            Kind::Int32 => match self.signed(slot.text).map(i32::try_from) {
                Some(Ok(number)) => set(place, Value::Int32(number)),
                _ => self.scalar(slot, place)?,
            },
            Kind::Int64 => match self.signed(slot.text) {
                Some(number) => set(place, Value::Int64(number)),
                None => self.scalar(slot, place)?,
            },
            Kind::Bool => match slot.text.of(self.xml.as_bytes()) {
                b"true" => set(place, Value::Bool(true)),
                b"false" => set(place, Value::Bool(false)),
                _ => self.scalar(slot, place)?,
            },
            Kind::DateTime => match DateTime::parse(self.slice(slot.text)) {
                Some(time) => set(place, Value::DateTime(time)),
                None => self.scalar(slot, place)?,
            },
            Kind::TimeSpan => match TimeSpan::parse(self.slice(slot.text)) {
                Some(span) => set(place, Value::TimeSpan(span)),
                None => self.scalar(slot, place)?,
            },
            Kind::Object => set(place, Value::Object(self.object(index, slot)?)),
            Kind::Reference => set(place, Value::Reference(self.label(slot.next))),
            Kind::Progress => self.progress_record(index, place)?,
            Kind::Document => {
                if let Some((first, slot)) = self.children(index, slot).next() {
                    self.fill(first, slot, place)?;
                }
            }
            _ => self.scalar(slot, place)?,
        }
        Ok(())
    }

    #[inline(always)]
    fn signed(&self, span: Span) -> Option<i64> {
        let xml = self.xml.as_bytes();
        short_signed(xml, span).or_else(|| scalar::signed(span.of(xml)))
    }

    #[inline(never)]
    fn progress_record(&self, index: usize, place: &mut Value) -> Result<(), DecodeError> {
        *place = self.progress(index)?.into();
        Ok(())
    }

    #[inline(never)]
    fn scalar(&self, slot: &Slot, place: &mut Value) -> Result<(), DecodeError> {
        if let Some(scalar) = scalar::read(slot, self.xml, self.limits)? {
            *place = scalar.into();
        }
        Ok(())
    }

    #[inline(never)]
    fn escaped_string(&mut self, slot: &Slot, place: &mut Value) {
        *place = Value::String(self.text(slot));
    }

    #[inline(never)]
    fn object(&mut self, index: usize, slot: &'t Slot) -> Result<Box<Object>, DecodeError> {
        // Filled where it stays, as a value is.
        let mut object = Box::new(Object::bag());
        object.ref_id = self.number(index, slot);
        for (child, part) in self.children(index, slot) {
            match part.kind {
                Kind::TypeNames => object.type_names = Some(self.type_names(child)),
                Kind::TypeNamesReference => {
                    object.type_names = Some(self.type_names(part.next as usize));
                }
                Kind::ToString => object.to_string = Some(self.text(part)),
                Kind::Properties => {
                    let mut properties = Vec::new();
                    properties.resize_with(self.count(child, part), || Property::EMPTY);
                    let parts = self.children(child, part);
                    for (property, (at, slot)) in properties.iter_mut().zip(parts) {
                        self.property(at, slot, property)?;
                    }
                    object.adapted = Some(properties);
                }
                Kind::Members => {
                    let more = self.members(child, part)?;
                    match &mut object.extended {
                        Some(members) => members.extend(more),
                        None => object.extended = Some(more),
                    }
                }
                Kind::Dictionary => {
                    let mut entries = Vec::new();
                    let count = self.count(child, part) / 2;
                    entries.resize_with(count, || (Value::Null, Value::Null));
                    let mut parts = self.children(child, part);
                    for (key, value) in &mut entries {
                        for place in [key, value] {
                            if let Some((at, slot)) = parts.next() {
                                self.fill(at, slot, place)?;
                            }
                        }
                    }
                    object.content = Some(Content::Dictionary(entries));
                }
                kind => match kind.container() {
                    Some(kind) => {
                        let mut items = Vec::new();
                        items.resize_with(self.count(child, part), || Value::Null);
                        let parts = self.children(child, part);
                        for (item, (at, slot)) in items.iter_mut().zip(parts) {
                            self.fill(at, slot, item)?;
                        }
                        object.content = Some(Content::Items(kind, items));
                    }
                    None => object.content = Some(Content::Value(self.value(child)?)),
                },
            }
        }
        Ok(object)
    }

    fn members(&mut self, index: usize, slot: &'t Slot) -> Result<Vec<Member>, DecodeError> {
        let mut members = Vec::new();
        members.resize_with(self.count(index, slot), || {
            Member::Property(Property::EMPTY)
        });
        for (member, (at, part)) in members.iter_mut().zip(self.children(index, slot)) {
            if part.kind == Kind::Members {
                let mut name = PsString::EMPTY;
                self.name(part, &mut name);
                *member = Member::Set(name, self.members(at, part)?);
            } else if let Member::Property(property) = member {
                self.property(at, part, property)?;
            }
        }
        Ok(members)
    }

    /// The property at `index`, laid down in a `place` that is empty so far.
    #[inline(always)]
    fn property(
        &mut self,
        index: usize,
        slot: &'t Slot,
        place: &mut Property,
    ) -> Result<(), DecodeError> {
        self.name(slot, &mut place.name);
        self.fill(index, slot, &mut place.value)
    }

    #[inline(always)]
    fn name(&mut self, slot: &Slot, place: &mut PsString) {
        if slot.has(Slot::INDIRECT_NAME | Slot::MAY_ESCAPE_NAME) {
            return self.escaped_name(slot, place);
        }
        self.memory.name(self.xml, slot.name, place);
    }

    #[inline(never)]
    fn escaped_name(&mut self, slot: &Slot, place: &mut PsString) {
        let text = slot.name(self.slice(slot.name));
        match text.as_str() {
            Some(text) => self.memory.name_apart(text, place),
            None => *place = text.into_string(),
        }
    }

    fn text(&mut self, slot: &Slot) -> PsString {
        let indirect = slot.has(Slot::INDIRECT_TEXT);
        let escapes =
            slot.kind.is_string() && slot.has(Slot::MAY_ESCAPE_TEXT | Slot::INDIRECT_TEXT);
        let raw = self.slice(slot.text);
        text::decode(raw, indirect, escapes, &mut self.memory.room)
    }

    /// The list at `index`; every object that refers to it shares it.
    fn type_names(&mut self, index: usize) -> TypeNames {
        let Some(slot) = self.slots.get(index).copied() else {
            return TypeNames::from(Vec::new());
        };
        let number = slot.name.start as usize;
        if let Some(Some(list)) = self.memory.numbered.get(number) {
            return list.clone();
        }
        let raw = self.slice(slot.text);
        let (xml, slots) = (self.xml, self.slots);
        let list = self.memory.list(raw, number, || {
            let names = slots
                .get(index.saturating_add(1)..slot.next as usize)
                .unwrap_or_default();
            let names = names.iter().map(|name| {
                let span = name.text.start as usize..name.text.end as usize;
                let raw = xml.get(span).unwrap_or_default();
                name.text(raw).into_string()
            });
            // PowerShell passes over names that are empty.
            TypeNames::from(names.filter(|name| !name.is_empty()).collect::<Vec<_>>())
        });
        // There are no more lists than elements.
        let numbered = &mut self.memory.numbered;
        if numbered.len() <= number && number < self.slots.len() {
            numbered.resize(number.saturating_add(1), None);
        }
        if let Some(place) = numbered.get_mut(number) {
            *place = Some(list.clone());
        }
        list
    }

    fn progress(&self, index: usize) -> Result<Progress, DecodeError> {
        let part = |number: usize| {
            let slot = self
                .slots
                .get(index.saturating_add(1).saturating_add(number));
            slot.copied().unwrap_or(Slot::NOTHING)
        };
        let filled = |number| match self.part_text(part(number)) {
            text if text.is_empty() => Err(wrong(part(number), "the text is empty")),
            text => Ok(text),
        };
        let number = |number| -> Result<i32, DecodeError> {
            let text = self.part_text(part(number));
            let digits = text.to_string_lossy();
            let read = scalar::signed(digits.trim_ascii().as_bytes());
            read.and_then(|number| number.try_into().ok())
                .ok_or_else(|| wrong(part(number), "this is not a number of 32 bits"))
        };
        let kind = filled(5)?;
        let kind = match kind.as_str().map(str::trim) {
            Some(text) if text.eq_ignore_ascii_case("Processing") || text == "0" => {
                ProgressKind::Processing
            }
            Some(text) if text.eq_ignore_ascii_case("Completed") || text == "1" => {
                ProgressKind::Completed
            }
            // The two names of an enumeration of 0 and 1, joined: 1.
            Some(text) if is_both(text) => ProgressKind::Completed,
            _ => return Err(wrong(part(5), "this is not a type of progress record")),
        };
        let progress = Progress {
            activity: filled(0)?,
            activity_id: number(1)?,
            current_operation: Some(self.part_text(part(2))).filter(|text| !text.is_empty()),
            parent_activity_id: number(3)?,
            percent_complete: number(4)?,
            kind,
            seconds_remaining: number(6)?,
            status: filled(7)?,
        };
        if progress.activity_id < 0 {
            return Err(wrong(part(1), "the number of an activity is below zero"));
        }
        if progress.parent_activity_id == progress.activity_id {
            return Err(wrong(part(3), "an activity is part of itself"));
        }
        if progress.percent_complete > 100 {
            return Err(wrong(part(4), "more than 100 percent are complete"));
        }
        Ok(progress)
    }

    /// A text of a progress record, of which there are few.
    fn part_text(&self, slot: Slot) -> PsString {
        slot.text(self.slice(slot.text)).into_string()
    }

    /// The label of the object at `index`: only where it is needed to write the same numbers, or
    /// to find the object again.
    fn number(&mut self, index: usize, slot: &Slot) -> Option<RefId> {
        let number = self.small_id(slot);
        let next = self.next_id;
        let jumps = number.is_some_and(|number| number > next);
        let own = if jumps { number.unwrap_or(next) } else { next };
        self.next_id = own.saturating_add(1);
        if slot.has(Slot::REFERRED_TO) {
            return Some(self.label(u32::try_from(index).unwrap_or(u32::MAX)));
        }
        number.filter(|_| jumps).map(RefId)
    }

    /// The label of the object at `index`, which something refers to.
    fn label(&mut self, index: u32) -> RefId {
        let slot = self.slots.get(index as usize).unwrap_or(&Slot::NOTHING);
        if let Some(number) = self.small_id(slot) {
            return RefId(number);
        }
        let free = u32::try_from(self.labels.len()).unwrap_or(0);
        *self
            .labels
            .entry(index)
            .or_insert(RefId(u32::MAX.saturating_sub(free)))
    }

    fn small_id(&self, slot: &Slot) -> Option<u32> {
        if !slot.has(Slot::HAS_REF_ID) {
            return None;
        }
        small_number(self.slice(slot.text).as_bytes()).and_then(|number| number.try_into().ok())
    }

    /// The slots right inside the one at `index`.
    fn children(&self, index: usize, slot: &Slot) -> Children<'t> {
        Children {
            slots: self.slots,
            at: index.saturating_add(1),
            end: slot.next as usize,
        }
    }

    /// How many slots are right inside the one at `index`.
    fn count(&self, index: usize, slot: &Slot) -> usize {
        self.children(index, slot).count()
    }

    fn slice(&self, span: Span) -> &'t str {
        self.xml
            .get(span.start as usize..span.end as usize)
            .unwrap_or_default()
    }
}

/// Puts `value` where there was null, which needs no dropping.
#[inline(always)]
fn set(place: &mut Value, value: Value) {
    std::mem::forget(std::mem::replace(place, value));
}

fn wrong(slot: Slot, what: &'static str) -> DecodeError {
    DecodeError::new(
        slot.kind.tag(),
        slot.text.start as usize,
        DecodeErrorKind::Malformed(what),
    )
}

/// `Processing, Completed` and the like: how .NET writes a combination of names.
fn is_both(text: &str) -> bool {
    let known = |name: &str| {
        let name = name.trim();
        name.eq_ignore_ascii_case("Processing") || name.eq_ignore_ascii_case("Completed")
    };
    text.split(',').all(known)
}

struct Children<'t> {
    slots: &'t [Slot],
    at: usize,
    end: usize,
}

impl<'t> Iterator for Children<'t> {
    type Item = (usize, &'t Slot);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.end {
            return None;
        }
        let at = self.at;
        let slot = self.slots.get(at)?;
        let after = at.saturating_add(1);
        self.at = if slot.next as usize <= after {
            after
        } else {
            behind(slot, after)
        };
        Some((at, slot))
    }
}

/// Where an element ends that has others inside. A function of its own makes it a branch, and most
/// often a right guess, where an element has none: otherwise each would wait for the one before.
#[cold]
#[inline(never)]
fn behind(slot: &Slot, after: usize) -> usize {
    match slot.kind {
        Kind::Reference | Kind::TypeNamesReference => after,
        _ => slot.next as usize,
    }
}
