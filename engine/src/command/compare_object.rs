//! Compare-Object and Get-Unique.

use std::cmp::Ordering;
use std::collections::VecDeque;

use super::object::{custom, extensible, text_of};
use super::ordering::{Entry, KeyOrder};
use super::property_expression::PropertyExpression;
use super::{Command, CommandContext, CommandSpec, InSet, Parameter, Validate};
use crate::eval::{Flow, Run};
use crate::value::convert::elements_of;
use crate::value::ops::equals;
use crate::value::{Text, Value, collation};

pub(crate) static COMPARE: CommandSpec = CommandSpec::new(
    "Compare-Object",
    "Microsoft.PowerShell.Commands.CompareObjectCommand",
    || Box::new(CompareObject::default()),
)
.parameters(&[
    Parameter::new("ReferenceObject", "object[]")
        .position(0)
        .mandatory()
        .validate(&[Validate::AllowEmptyCollection]),
    Parameter::new("DifferenceObject", "object[]")
        .position(1)
        .mandatory()
        .pipeline()
        .validate(&[Validate::AllowEmptyCollection]),
    Parameter::new("SyncWindow", "int").validate(&[Validate::Range(0, i32::MAX as i64)]),
    Parameter::new("Property", "object[]"),
    Parameter::switch("ExcludeDifferent"),
    Parameter::switch("IncludeEqual"),
    Parameter::switch("PassThru"),
    Parameter::new("Culture", "string"),
    Parameter::switch("CaseSensitive"),
]);

pub(crate) static UNIQUE: CommandSpec = CommandSpec::new(
    "Get-Unique",
    "Microsoft.PowerShell.Commands.GetUniqueCommand",
    || Box::new(GetUnique::default()),
)
.default_set("AsString")
.parameters(&[
    Parameter::new("InputObject", "object")
        .pipeline()
        .validate(&[Validate::AllowNull]),
    Parameter::switch("AsString").in_sets(&[InSet::of("AsString")]),
    Parameter::switch("OnType").in_sets(&[InSet::of("UniqueByType")]),
    Parameter::switch("CaseInsensitive"),
]);

#[derive(Default)]
struct CompareObject {
    properties: Vec<PropertyExpression>,
    order: KeyOrder,
    reference: VecDeque<Entry>,
    /// Those of either side that have found no counterpart yet.
    waiting_reference: VecDeque<Entry>,
    waiting_difference: VecDeque<Entry>,
    window: usize,
}

impl Command for CompareObject {
    fn begin(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let arguments = cx.items("Property");
        self.properties = PropertyExpression::read(cx, &arguments, &["Expression"])?;
        self.order.case_sensitive = cx.is_set("CaseSensitive");
        self.window = cx
            .integer("SyncWindow")
            .and_then(|window| usize::try_from(window).ok())
            .unwrap_or(usize::MAX);
        for object in cx.items("ReferenceObject") {
            let entry = Entry::of(cx, object, &self.properties)?;
            self.reference.push_back(entry);
        }
        Ok(())
    }

    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        for object in cx.items("DifferenceObject") {
            let entry = Entry::of(cx, object, &self.properties)?;
            self.step(cx, Some(entry))?;
        }
        Ok(())
    }

    fn end(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        while !self.reference.is_empty() {
            self.step(cx, None)?;
        }
        for entry in std::mem::take(&mut self.waiting_difference) {
            self.different(cx, &entry, "=>")?;
        }
        for entry in std::mem::take(&mut self.waiting_reference) {
            self.different(cx, &entry, "<=")?;
        }
        Ok(())
    }
}

impl CompareObject {
    /// Takes the next of each side.
    fn step(&mut self, cx: &mut CommandContext<'_, '_>, difference: Option<Entry>) -> Run {
        cx.checkpoint()?;
        let reference = self.reference.pop_front();
        if let (Some(reference), Some(difference)) = (&reference, &difference)
            && self.order.compare(cx, reference, difference)? == Ordering::Equal
        {
            return self.equal(cx, reference);
        }
        if let Some(difference) = difference {
            match self.counterpart(cx, &self.waiting_reference, &difference)? {
                Some(index) => {
                    if let Some(found) = self.waiting_reference.remove(index) {
                        self.equal(cx, &found)?;
                    }
                }
                None if self.window == 0 => self.different(cx, &difference, "=>")?,
                None => {
                    if self.waiting_difference.len() >= self.window
                        && let Some(oldest) = self.waiting_difference.pop_front()
                    {
                        self.different(cx, &oldest, "=>")?;
                    }
                    self.waiting_difference.push_back(difference);
                }
            }
        }
        if let Some(reference) = reference {
            match self.counterpart(cx, &self.waiting_difference, &reference)? {
                Some(index) => {
                    self.waiting_difference.remove(index);
                    self.equal(cx, &reference)?;
                }
                None if self.window == 0 => self.different(cx, &reference, "<=")?,
                None => {
                    if self.waiting_reference.len() >= self.window
                        && let Some(oldest) = self.waiting_reference.pop_front()
                    {
                        self.different(cx, &oldest, "<=")?;
                    }
                    self.waiting_reference.push_back(reference);
                }
            }
        }
        Ok(())
    }

    fn counterpart(
        &self,
        cx: &mut CommandContext<'_, '_>,
        waiting: &VecDeque<Entry>,
        entry: &Entry,
    ) -> Run<Option<usize>> {
        for (index, other) in waiting.iter().enumerate() {
            if self.order.compare(cx, other, entry)? == Ordering::Equal {
                return Ok(Some(index));
            }
        }
        Ok(None)
    }

    fn equal(&self, cx: &mut CommandContext<'_, '_>, entry: &Entry) -> Run {
        let wanted =
            cx.is_set("IncludeEqual") || (cx.is_set("ExcludeDifferent") && !cx.has("IncludeEqual"));
        if wanted {
            self.put(cx, entry, "==")
        } else {
            Ok(())
        }
    }

    fn different(&self, cx: &mut CommandContext<'_, '_>, entry: &Entry, side: &str) -> Run {
        if cx.is_set("ExcludeDifferent") {
            Ok(())
        } else {
            self.put(cx, entry, side)
        }
    }

    fn put(&self, cx: &mut CommandContext<'_, '_>, entry: &Entry, side: &str) -> Run {
        if cx.is_set("PassThru") {
            let object = extensible(entry.object.clone());
            if let Some(extended) = object.extended() {
                extended
                    .members_mut()
                    .set_note("SideIndicator", Value::from(side));
            }
            return cx.write(object);
        }
        let mut notes: Vec<(Text, Value)> = Vec::new();
        if self.properties.is_empty() {
            notes.push(("InputObject".into(), entry.object.clone()));
        }
        for (property, key) in self.properties.iter().zip(&entry.keys) {
            notes.push((property.text(), key.clone().unwrap_or_default()));
        }
        notes.push(("SideIndicator".into(), Value::from(side)));
        cx.write(custom(
            notes
                .into_iter()
                .map(|(name, value)| (name.to_name(), value)),
        ))
    }
}

#[derive(Default)]
struct GetUnique {
    last: Option<Value>,
}

impl Command for GetUnique {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let object = cx.value("InputObject");
        let ignore_case = cx.is_set("CaseInsensitive");
        let is_new = match &self.last {
            None => true,
            Some(last) if cx.is_set("OnType") => {
                super::object::type_names(last).first()
                    != super::object::type_names(&object).first()
            }
            Some(last) if cx.is_set("AsString") => {
                let (a, b) = (text_of(last, cx.machine)?, text_of(&object, cx.machine)?);
                collation::compare(&a, &b, ignore_case) != Ordering::Equal
            }
            // Objects without an order of their own are compared by what they are.
            Some(last) if elements_of(last).is_some() || matches!(last.base(), Value::Hash(_)) => {
                !last.same_reference(&object)
            }
            Some(last) if matches!(last, Value::Object(bag) if bag.is_bag()) => {
                let (a, b) = (text_of(last, cx.machine)?, text_of(&object, cx.machine)?);
                a != b
            }
            Some(last) => !equals(last, &object, ignore_case, cx.machine).map_err(Flow::from)?,
        };
        if !is_new {
            return Ok(());
        }
        self.last = Some(object.clone());
        cx.write(object)
    }
}
