//! From the tape to the owned tree.

use std::collections::HashMap;

use super::Kind;
use super::intern::Interner;
use super::scalar;
use super::scan::Span;
use super::tape::{Slot, small_number};
use crate::{
    Content, DecodeError, DecodeErrorKind, Limits, Member, Object, Progress, ProgressKind,
    Property, PsString, RefId, TypeNames, Value,
};

pub(super) struct Builder<'t> {
    xml: &'t str,
    slots: &'t [Slot],
    interner: &'t mut Interner,
    limits: &'t Limits,
    /// The lists of type names that have been built, by their number.
    lists: Vec<Option<TypeNames>>,
    /// What the writer will number the next object.
    next_id: u32,
    /// The labels of objects that are referred to by an id that is no small number, by slot.
    labels: HashMap<u32, RefId>,
}

impl<'t> Builder<'t> {
    pub(super) fn new(
        xml: &'t str,
        slots: &'t [Slot],
        interner: &'t mut Interner,
        limits: &'t Limits,
    ) -> Self {
        Self {
            xml,
            slots,
            interner,
            limits,
            lists: Vec::new(),
            next_id: 0,
            labels: HashMap::new(),
        }
    }

    /// A value that stands inside others and is taken out of them: it begins with its own number.
    pub(super) fn part(&mut self, index: usize) -> Result<Value, DecodeError> {
        if index > 0 {
            let own = self.slots.get(index).and_then(|slot| self.small_id(*slot));
            self.next_id = own.unwrap_or(0);
        }
        self.value(index)
    }

    /// The value at `index`. The tape is no deeper than the limits allow, so this may recurse.
    pub(super) fn value(&mut self, index: usize) -> Result<Value, DecodeError> {
        let Some(slot) = self.slots.get(index).copied() else {
            return Ok(Value::Null);
        };
        match slot.kind {
            Kind::Nil => Ok(Value::Null),
            Kind::Object => Ok(Value::from(self.object(index, slot)?)),
            Kind::Reference => Ok(Value::Reference(self.label(slot.next))),
            Kind::Progress => Ok(self.progress(index)?.into()),
            Kind::Document => match self.children(index, slot).next() {
                Some(first) => self.value(first),
                None => Ok(Value::Null),
            },
            _ => self.scalar(slot),
        }
    }

    #[inline]
    fn scalar(&self, slot: Slot) -> Result<Value, DecodeError> {
        // What is seen most, without a step in between.
        if slot.kind == Kind::String && !slot.has(Slot::INDIRECT_TEXT | Slot::MAY_ESCAPE_TEXT) {
            return Ok(Value::String(self.slice(slot.text).into()));
        }
        self.other_scalar(slot)
    }

    fn other_scalar(&self, slot: Slot) -> Result<Value, DecodeError> {
        let read = scalar::read(slot, self.slice(slot.text), self.limits)?;
        Ok(read.map_or(Value::Null, Value::from))
    }

    fn object(&mut self, index: usize, slot: Slot) -> Result<Object, DecodeError> {
        let mut object = Object::bag();
        object.ref_id = self.number(index, slot);
        for child in self.children(index, slot) {
            let Some(part) = self.slots.get(child).copied() else {
                break;
            };
            match part.kind {
                Kind::TypeNames => object.type_names = Some(self.type_names(child)),
                Kind::TypeNamesReference => {
                    object.type_names = Some(self.type_names(part.next as usize));
                }
                Kind::ToString => object.to_string = Some(self.text(part)),
                Kind::Properties => {
                    let mut properties = Vec::with_capacity(self.count(child, part));
                    for at in self.children(child, part) {
                        properties.push(self.property(at)?);
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
                    let mut entries = Vec::with_capacity(self.count(child, part) / 2);
                    let mut parts = self.children(child, part);
                    while let (Some(key), Some(value)) = (parts.next(), parts.next()) {
                        entries.push((self.value(key)?, self.value(value)?));
                    }
                    object.content = Some(Content::Dictionary(entries));
                }
                kind => match kind.container() {
                    Some(kind) => {
                        let mut items = Vec::with_capacity(self.count(child, part));
                        for at in self.children(child, part) {
                            items.push(self.value(at)?);
                        }
                        object.content = Some(Content::Items(kind, items));
                    }
                    None => object.content = Some(Content::Value(self.value(child)?)),
                },
            }
        }
        Ok(object)
    }

    fn members(&mut self, index: usize, slot: Slot) -> Result<Vec<Member>, DecodeError> {
        let mut members = Vec::with_capacity(self.count(index, slot));
        for at in self.children(index, slot) {
            let Some(part) = self.slots.get(at).copied() else {
                break;
            };
            members.push(if part.kind == Kind::Members {
                Member::Set(self.name(part), self.members(at, part)?)
            } else {
                Member::Property(self.property(at)?)
            });
        }
        Ok(members)
    }

    #[inline(always)]
    fn property(&mut self, index: usize) -> Result<Property, DecodeError> {
        let slot = self.slots.get(index).copied().unwrap_or(Slot::NOTHING);
        let value = if slot.kind.is_primitive() {
            self.scalar(slot)?
        } else {
            self.value(index)?
        };
        Ok(Property {
            name: self.name(slot),
            value,
        })
    }

    #[inline]
    fn name(&mut self, slot: Slot) -> PsString {
        let text = slot.name(self.slice(slot.name));
        match text.as_str() {
            Some(text) => self.interner.name(text),
            None => text.into_string(),
        }
    }

    fn text(&self, slot: Slot) -> PsString {
        slot.text(self.slice(slot.text)).into_string()
    }

    /// The list at `index`; every object that refers to it shares it.
    fn type_names(&mut self, index: usize) -> TypeNames {
        let Some(slot) = self.slots.get(index).copied() else {
            return TypeNames::from(Vec::new());
        };
        let number = slot.name.start as usize;
        if let Some(Some(list)) = self.lists.get(number) {
            return list.clone();
        }
        let raw = self.slice(slot.text);
        let (xml, slots) = (self.xml, self.slots);
        let list = self.interner.list(raw, || {
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
        if self.lists.len() <= number && number < self.slots.len() {
            self.lists.resize(number.saturating_add(1), None);
        }
        if let Some(place) = self.lists.get_mut(number) {
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
        let filled = |number| match self.text(part(number)) {
            text if text.is_empty() => Err(wrong(part(number), "the text is empty")),
            text => Ok(text),
        };
        let number = |number| -> Result<i32, DecodeError> {
            let text = self.text(part(number));
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
            current_operation: Some(self.text(part(2))).filter(|text| !text.is_empty()),
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

    /// The label of the object at `index`: only where it is needed to write the same numbers, or
    /// to find the object again.
    fn number(&mut self, index: usize, slot: Slot) -> Option<RefId> {
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
        let slot = self
            .slots
            .get(index as usize)
            .copied()
            .unwrap_or(Slot::NOTHING);
        if let Some(number) = self.small_id(slot) {
            return RefId(number);
        }
        let free = u32::try_from(self.labels.len()).unwrap_or(0);
        *self
            .labels
            .entry(index)
            .or_insert(RefId(u32::MAX.saturating_sub(free)))
    }

    fn small_id(&self, slot: Slot) -> Option<u32> {
        if !slot.has(Slot::HAS_REF_ID) {
            return None;
        }
        small_number(self.slice(slot.text).as_bytes()).and_then(|number| number.try_into().ok())
    }

    /// The slots right inside the one at `index`.
    fn children(&self, index: usize, slot: Slot) -> Children<'t> {
        Children {
            slots: self.slots,
            at: index.saturating_add(1),
            end: slot.next as usize,
        }
    }

    /// How many slots are right inside the one at `index`.
    fn count(&self, index: usize, slot: Slot) -> usize {
        self.children(index, slot).count()
    }

    fn slice(&self, span: Span) -> &'t str {
        self.xml
            .get(span.start as usize..span.end as usize)
            .unwrap_or_default()
    }
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

impl Iterator for Children<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        if self.at >= self.end {
            return None;
        }
        let at = self.at;
        let slot = self.slots.get(at)?;
        let after = at.saturating_add(1);
        self.at = match slot.kind {
            Kind::Reference | Kind::TypeNamesReference => after,
            _ => (slot.next as usize).max(after),
        };
        Some(at)
    }
}
