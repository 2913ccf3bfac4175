//! Select-Object: properties of objects, and some of the objects.

use std::collections::VecDeque;
use std::sync::Arc;

use super::object::{self, text_of};
use super::property_expression::{Expression, PropertyExpression};
use super::{Command, CommandContext, CommandSpec, InSet, Parameter, Validate};
use crate::eval::{Flow, Run};
use crate::value::convert::elements_of;
use crate::value::ops::equals;
use crate::value::pattern::Wildcard;
use crate::value::{ErrorCategory, Member, Members, PsObj, Text, TypeId, Value, equal_folded};

pub(crate) static SPEC: CommandSpec = CommandSpec::new(
    "Select-Object",
    "Microsoft.PowerShell.Commands.SelectObjectCommand",
    || Box::new(SelectObject::default()),
)
.default_set(DEFAULT)
.output_types(&["System.Management.Automation.PSObject"])
.parameters(&[
    Parameter::new("InputObject", "object").pipeline(),
    Parameter::new("Property", "object[]").in_sets(&[
        InSet::of(DEFAULT).position(0),
        InSet::of(SKIP_LAST).position(0),
    ]),
    Parameter::new("ExcludeProperty", "string[]")
        .in_sets(&[InSet::of(DEFAULT), InSet::of(SKIP_LAST)]),
    Parameter::new("ExpandProperty", "string").in_sets(&[InSet::of(DEFAULT), InSet::of(SKIP_LAST)]),
    Parameter::switch("Unique"),
    Parameter::switch("CaseInsensitive"),
    Parameter::new("Last", "int")
        .in_sets(&[InSet::of(DEFAULT)])
        .validate(&[Validate::Range(0, i32::MAX as i64)]),
    Parameter::new("First", "int")
        .in_sets(&[InSet::of(DEFAULT)])
        .validate(&[Validate::Range(0, i32::MAX as i64)]),
    Parameter::new("Skip", "int")
        .in_sets(&[InSet::of(DEFAULT), InSet::of(SKIP_LAST)])
        .validate(&[Validate::Range(0, i32::MAX as i64)]),
    Parameter::new("SkipLast", "int")
        .in_sets(&[InSet::of(SKIP_LAST)])
        .validate(&[Validate::Range(0, i32::MAX as i64)]),
    Parameter::switch("Wait").in_sets(&[InSet::of(DEFAULT), InSet::of(INDEX)]),
    Parameter::new("Index", "int[]")
        .in_sets(&[InSet::of(INDEX)])
        .validate(&[Validate::Range(0, i32::MAX as i64)]),
    Parameter::new("SkipIndex", "int[]")
        .in_sets(&[InSet::of(SKIP_INDEX)])
        .validate(&[Validate::Range(0, i32::MAX as i64)]),
]);

const DEFAULT: &str = "DefaultParameter";
const SKIP_LAST: &str = "SkipLastParameter";
const INDEX: &str = "IndexParameter";
const SKIP_INDEX: &str = "SkipIndexParameter";

#[derive(Default)]
struct SelectObject {
    properties: Vec<PropertyExpression>,
    exclude: Vec<Wildcard>,
    expand: Option<PropertyExpression>,
    unique: bool,
    seen: Vec<Value>,
    /// Waiting because the last ones are wanted, or not wanted.
    held: VecDeque<Value>,
    count: i64,
    taken: i64,
    indexes: Vec<i64>,
}

impl Command for SelectObject {
    fn begin(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let arguments = cx.items("Property");
        self.properties =
            PropertyExpression::read(cx, &arguments, &["Expression", "Name", "Label"])?;
        self.exclude = cx
            .texts("ExcludeProperty")
            .iter()
            .filter_map(|name| Wildcard::new(name, true))
            .collect();
        if !self.exclude.is_empty() && self.properties.is_empty() && !cx.has("ExpandProperty") {
            self.properties = PropertyExpression::read(cx, &["*".into()], &[])?;
        }
        if let Some(name) = cx.text("ExpandProperty").filter(|name| !name.is_empty()) {
            self.expand = PropertyExpression::read(cx, &[Value::String(name)], &[])?.pop();
        }
        self.unique = cx.is_set("Unique");
        let wanted = if cx.parameter_set() == SKIP_INDEX || cx.has("SkipIndex") {
            "SkipIndex"
        } else {
            "Index"
        };
        self.indexes = cx
            .items(wanted)
            .iter()
            .filter_map(|index| {
                if let Value::Int32(index) = index {
                    Some(i64::from(*index))
                } else {
                    None
                }
            })
            .collect();
        self.indexes.sort_unstable();
        self.indexes.dedup();
        Ok(())
    }

    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let Some(object) = cx.get("InputObject").cloned() else {
            return Ok(());
        };
        let position = self.count;
        self.count += 1;
        if cx.has("Index") || cx.has("SkipIndex") {
            let named = self.indexes.binary_search(&position).is_ok();
            if named != cx.has("SkipIndex") {
                self.select(cx, &object)?;
            }
            let past = self.indexes.last().is_none_or(|last| position >= *last);
            if past && cx.has("Index") && !cx.is_set("Wait") {
                return Err(cx.stop_upstream());
            }
            return Ok(());
        }
        let (first, last, skip) = (
            cx.integer("First"),
            cx.integer("Last"),
            cx.integer("Skip").unwrap_or(0),
        );
        if let Some(hold_back) = cx.integer("SkipLast") {
            if position < skip {
                return Ok(());
            }
            self.held.push_back(object);
            if i64::try_from(self.held.len()).unwrap_or(i64::MAX) > hold_back
                && let Some(object) = self.held.pop_front()
            {
                self.select(cx, &object)?;
            }
            return Ok(());
        }
        match (first, last) {
            (None, None) => {
                if position >= skip {
                    self.select(cx, &object)?;
                }
                Ok(())
            }
            (first, Some(last)) => {
                // With both, the first ones go out at once and the last of the others at the end.
                if let Some(first) = first
                    && self.taken < first
                    && position >= skip
                {
                    self.taken += 1;
                    return self.select(cx, &object);
                }
                if first.is_some() && position < skip {
                    return Ok(());
                }
                self.held.push_back(object);
                let keep = last.saturating_add(if first.is_none() { skip } else { 0 });
                if i64::try_from(self.held.len()).unwrap_or(i64::MAX) > keep {
                    self.held.pop_front();
                }
                Ok(())
            }
            (Some(first), None) => {
                if position >= skip && self.taken < first {
                    self.taken += 1;
                    self.select(cx, &object)?;
                }
                if self.taken >= first && !cx.is_set("Wait") {
                    return Err(cx.stop_upstream());
                }
                Ok(())
            }
        }
    }

    fn end(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        if cx.has("Last") {
            let skip = if cx.has("First") {
                0
            } else {
                usize::try_from(cx.integer("Skip").unwrap_or(0)).unwrap_or(0)
            };
            let keep = self.held.len().saturating_sub(skip);
            let held = std::mem::take(&mut self.held);
            for object in held.into_iter().take(keep) {
                cx.checkpoint()?;
                self.select(cx, &object)?;
            }
        }
        Ok(())
    }
}

impl SelectObject {
    fn select(&mut self, cx: &mut CommandContext<'_, '_>, object: &Value) -> Run {
        let Some(expand) = self.expand.clone() else {
            if self.properties.is_empty() {
                // PowerShell marks custom objects as selected even where it takes no properties.
                if let Value::Object(bag) = object
                    && bag.is_bag()
                {
                    let mut names = object::type_names(object);
                    let first = selected_name(object);
                    if names.first() != Some(&first) {
                        names.insert(0, first);
                        bag.extended().set_type_names(names);
                    }
                }
                return self.put(cx, object.clone());
            }
            let notes = self.notes(cx, object)?;
            let made = selected(object, notes);
            return self.put(cx, made);
        };
        let notes = if self.properties.is_empty() {
            Vec::new()
        } else {
            self.notes(cx, object)?
        };
        let found = expand.resolve(object);
        let mut values = Vec::new();
        for expression in found {
            if let Some(value) = expression.value(cx, object)? {
                values.push(value);
            }
        }
        let [value] = &values[..] else {
            let name = expand.text();
            if values.is_empty() {
                let message = format!("Property \"{name}\" cannot be found.");
                return cx.error(
                    TypeId::PSArgumentException,
                    message,
                    "ExpandPropertyNotFound",
                    ErrorCategory::InvalidArgument,
                    object.clone(),
                );
            }
            let message = format!(
                "Multiple properties cannot be expanded. Only one property can be expanded at a time: \"{name}\"."
            );
            return cx.error(
                TypeId::PSArgumentException,
                message,
                "MutlipleExpandProperties",
                ErrorCategory::InvalidArgument,
                object.clone(),
            );
        };
        match elements_of(value) {
            Some(items) => {
                for item in items {
                    cx.checkpoint()?;
                    self.put_expanded(cx, item, &notes, object)?;
                }
                Ok(())
            }
            None if value.is_null() => Ok(()),
            None => self.put_expanded(cx, value.clone(), &notes, object),
        }
    }

    fn put_expanded(
        &mut self,
        cx: &mut CommandContext<'_, '_>,
        value: Value,
        notes: &[(Text, Value)],
        source: &Value,
    ) -> Run {
        if notes.is_empty() || value.is_null() {
            return self.put(cx, value);
        }
        let value = match &value {
            Value::Object(bag) if bag.is_bag() => Value::Object(Arc::new(bag.copy())),
            _ => object::extensible(value),
        };
        let ty = selected_name(&value);
        for (name, note) in notes {
            if object::property_names(&value)
                .iter()
                .any(|own| equal_folded(own, name))
            {
                let message = format!(
                    "The property cannot be processed because the property \"{name}\" already exists."
                );
                cx.error(
                    TypeId::PSArgumentException,
                    message,
                    "AlreadyExistingUserSpecifiedPropertyExpand",
                    ErrorCategory::InvalidOperation,
                    source.clone(),
                )?;
                continue;
            }
            if let Some(extended) = value.extended() {
                extended
                    .members_mut()
                    .set_note(name.to_name(), note.clone());
            }
        }
        if let (Value::Object(bag), Some(extended)) = (&value, value.extended())
            && bag.is_bag()
        {
            let mut names = vec![ty];
            names.extend(
                object::type_names(&value)
                    .into_iter()
                    .filter(|name| !name.starts_with("Selected.")),
            );
            extended.set_type_names(names);
        }
        self.put(cx, value)
    }

    /// The selected properties of an object.
    fn notes(&self, cx: &mut CommandContext<'_, '_>, object: &Value) -> Run<Vec<(Text, Value)>> {
        let mut notes: Vec<(Text, Value)> = Vec::new();
        for property in &self.properties {
            let wildcard = matches!(&property.expression, Expression::Name(name) if Wildcard::has_wildcards(name));
            for expression in property.resolve(object) {
                let name = match (&property.label, &expression) {
                    (Some(label), _) => label.clone(),
                    (None, Expression::Name(name)) => own_spelling(object, name),
                    (None, Expression::Block(block)) => block.text().into(),
                };
                if self.exclude.iter().any(|pattern| pattern.is_match(&name)) {
                    continue;
                }
                let value = expression.value(cx, object)?.unwrap_or_default();
                if notes.iter().any(|(own, _)| equal_folded(own, &name)) {
                    if !wildcard {
                        let message = format!(
                            "The property cannot be processed because the property \"{name}\" already exists."
                        );
                        cx.error(
                            TypeId::PSArgumentException,
                            message,
                            "AlreadyExistingUserSpecifiedPropertyNoExpand",
                            ErrorCategory::InvalidOperation,
                            object.clone(),
                        )?;
                    }
                    continue;
                }
                notes.push((name, value));
            }
        }
        Ok(notes)
    }

    fn put(&mut self, cx: &mut CommandContext<'_, '_>, value: Value) -> Run {
        if !self.unique {
            return cx.write(value);
        }
        let ignore_case = cx.is_set("CaseInsensitive");
        for seen in &self.seen {
            cx.machine.checkpoint()?;
            if same(cx, seen, &value, ignore_case)? {
                return Ok(());
            }
        }
        cx.machine
            .charge_bytes(size_of::<Value>())
            .map_err(Flow::from)?;
        self.seen.push(value.clone());
        cx.write(value)
    }
}

/// Whether `-Unique` takes two objects for the same.
fn same(cx: &mut CommandContext<'_, '_>, a: &Value, b: &Value, ignore_case: bool) -> Run<bool> {
    let bag = |value: &Value| {
        if let Value::Object(object) = value
            && object.is_bag()
        {
            Some(Arc::clone(object))
        } else {
            None
        }
    };
    match (bag(a), bag(b)) {
        (Some(one), Some(other)) => {
            let notes = |object: &PsObj| -> Vec<(Text, Value)> {
                object
                    .extended()
                    .members()
                    .map_or_else(Vec::new, |members| {
                        members
                            .iter()
                            .filter_map(|(name, member)| {
                                if let Member::Note(value) = member {
                                    Some((name.as_str().into(), value.clone()))
                                } else {
                                    None
                                }
                            })
                            .collect()
                    })
            };
            let (one, other) = (notes(&one), notes(&other));
            if one.len() != other.len() {
                return Ok(false);
            }
            for ((name, a), (other_name, b)) in one.iter().zip(&other) {
                if !equal_folded(name, other_name) || !equals_or_text(cx, a, b, ignore_case)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        (None, None) => {
            let alike = match (a.type_ref(), b.type_ref()) {
                (Some(a), Some(b)) => a == b,
                (None, None) => true,
                _ => false,
            };
            if !(alike || a.is_number() && b.is_number()) {
                return equals_or_text(cx, a, b, ignore_case);
            }
            equals_or_text(cx, a, b, ignore_case)
        }
        _ => Ok(false),
    }
}

fn equals_or_text(
    cx: &mut CommandContext<'_, '_>,
    a: &Value,
    b: &Value,
    ignore_case: bool,
) -> Run<bool> {
    if let (Some(_), Some(_)) = (elements_of(a), elements_of(b)) {
        return Ok(a.same_reference(b) || text_of(a, cx.machine)? == text_of(b, cx.machine)?);
    }
    Ok(equals(a, b, ignore_case, cx.machine)?)
}

/// The name as the object spells it.
fn own_spelling(object: &Value, name: &Text) -> Text {
    if matches!(object.base(), Value::Hash(_)) {
        return name.clone();
    }
    object::property_names(object)
        .into_iter()
        .find(|own| equal_folded(own, name))
        .unwrap_or_else(|| name.clone())
}

fn selected_name(object: &Value) -> Text {
    let first = object::type_names(object)
        .into_iter()
        .next()
        .unwrap_or_else(|| "System.Management.Automation.PSCustomObject".into());
    if first.starts_with("Selected.") {
        first
    } else {
        format!("Selected.{first}").into()
    }
}

fn selected(source: &Value, notes: Vec<(Text, Value)>) -> Value {
    let members: Members = notes
        .into_iter()
        .map(|(name, value)| (name.to_name(), value))
        .collect();
    let made = PsObj::custom(members);
    made.extended().set_type_names(vec![
        selected_name(source),
        "System.Management.Automation.PSCustomObject".into(),
        "System.Object".into(),
    ]);
    Value::Object(Arc::new(made))
}
