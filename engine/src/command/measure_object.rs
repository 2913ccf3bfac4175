//! Measure-Object: counts, sums and extremes; lines, words and characters of texts.

use std::cmp::Ordering;

use super::net_object::NetObject;
use super::object::text_of;
use super::property_expression::{Expression, PropertyExpression};
use super::{Command, CommandContext, CommandSpec, InSet, Parameter};
use crate::eval::{Flow, Run};
use crate::value::ops::sort_order;
use crate::value::pattern::Wildcard;
use crate::value::{ErrorCategory, Text, TypeId, TypeRef, Value, convert, equal_folded};

pub(crate) static SPEC: CommandSpec = CommandSpec::new(
    "Measure-Object",
    "Microsoft.PowerShell.Commands.MeasureObjectCommand",
    || Box::new(MeasureObject::default()),
)
.default_set(GENERIC)
.output_types(&[
    "Microsoft.PowerShell.Commands.GenericMeasureInfo",
    "Microsoft.PowerShell.Commands.TextMeasureInfo",
    "Microsoft.PowerShell.Commands.GenericObjectMeasureInfo",
])
.parameters(&[
    Parameter::new("InputObject", "object").pipeline(),
    Parameter::new("Property", "object[]").position(0),
    Parameter::switch("StandardDeviation").in_sets(&[InSet::of(GENERIC)]),
    Parameter::switch("Sum").in_sets(&[InSet::of(GENERIC)]),
    Parameter::switch("AllStats").in_sets(&[InSet::of(GENERIC)]),
    Parameter::switch("Average").in_sets(&[InSet::of(GENERIC)]),
    Parameter::switch("Maximum").in_sets(&[InSet::of(GENERIC)]),
    Parameter::switch("Minimum").in_sets(&[InSet::of(GENERIC)]),
    Parameter::switch("Line").in_sets(&[InSet::of(TEXT)]),
    Parameter::switch("Word").in_sets(&[InSet::of(TEXT)]),
    Parameter::switch("Character").in_sets(&[InSet::of(TEXT)]),
    Parameter::switch("IgnoreWhiteSpace").in_sets(&[InSet::of(TEXT)]),
]);

const GENERIC: &str = "GenericMeasure";
const TEXT: &str = "TextMeasure";

#[derive(Default)]
struct MeasureObject {
    properties: Vec<PropertyExpression>,
    statistics: Vec<Statistics>,
    seen: i32,
    not_numeric: bool,
}

#[derive(Default)]
struct Statistics {
    property: Text,
    count: i32,
    sum: f64,
    /// Of the squares of the distances from the mean, by Welford's method.
    squares: f64,
    mean: f64,
    maximum: Option<Value>,
    minimum: Option<Value>,
    lines: i32,
    words: i32,
    characters: i32,
}

impl Command for MeasureObject {
    fn begin(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let arguments = cx.items("Property");
        self.properties = PropertyExpression::read(cx, &arguments, &["Expression"])?;
        Ok(())
    }

    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let object = cx.value("InputObject");
        if object.is_null() {
            return Ok(());
        }
        self.seen = self.seen.saturating_add(1);
        if self.properties.is_empty() {
            return self.take(cx, Text::default(), &object, &object);
        }
        let properties = std::mem::take(&mut self.properties);
        let result = properties
            .iter()
            .try_for_each(|property| self.measure(cx, property, &object));
        self.properties = properties;
        result
    }

    fn end(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        if self.statistics.is_empty() && self.properties.is_empty() {
            self.statistics.push(Statistics::default());
        }
        let is_text = cx.parameter_set() == TEXT;
        for statistics in std::mem::take(&mut self.statistics) {
            let made = if is_text {
                statistics.text_info(cx)
            } else {
                statistics.generic_info(cx, !self.not_numeric)
            };
            cx.write(made)?;
        }
        Ok(())
    }
}

impl MeasureObject {
    fn measure(
        &mut self,
        cx: &mut CommandContext<'_, '_>,
        property: &PropertyExpression,
        object: &Value,
    ) -> Run {
        for expression in property.resolve(object) {
            let name = match &expression {
                Expression::Name(name) if matches!(&property.expression, Expression::Name(own) if Wildcard::has_wildcards(own)) => {
                    name.clone()
                }
                _ => property.text(),
            };
            if let Some(value) = expression.value(cx, object)? {
                self.take(cx, name, &value, object)?;
            }
        }
        Ok(())
    }

    fn take(
        &mut self,
        cx: &mut CommandContext<'_, '_>,
        property: Text,
        value: &Value,
        object: &Value,
    ) -> Run {
        let index = match self
            .statistics
            .iter()
            .position(|own| equal_folded(&own.property, &property))
        {
            Some(index) => index,
            None => {
                self.statistics.push(Statistics {
                    property,
                    ..Statistics::default()
                });
                self.statistics.len() - 1
            }
        };
        if value.is_null() {
            // What is there and empty counts, but adds nothing.
            let statistics = &mut self.statistics[index];
            statistics.count = statistics.count.saturating_add(1);
            return Ok(());
        }
        let wants = |name: &str| cx.is_set(name) || cx.is_set("AllStats");
        let wants_numbers = wants("Sum") || wants("Average") || wants("StandardDeviation");
        let (wants_maximum, wants_minimum) = (wants("Maximum"), wants("Minimum"));
        let statistics = &mut self.statistics[index];
        statistics.count = statistics.count.saturating_add(1);
        if cx.parameter_set() == TEXT {
            let text = text_of(value, cx.machine)?;
            statistics.count_text(&text, cx);
            return Ok(());
        }
        if wants_numbers {
            match number(value, cx) {
                Some(number) => statistics.add(number),
                None => {
                    self.not_numeric = true;
                    let text = text_of(value, cx.machine)?;
                    let message = format!("Input object \"{text}\" is not numeric.");
                    return cx.error(
                        TypeId::PSInvalidOperationException,
                        message,
                        "NonNumericInputObject",
                        ErrorCategory::InvalidType,
                        object.clone(),
                    );
                }
            }
        }
        let comparable = match value.base() {
            Value::String(text) => number(value, cx)
                .filter(|_| !text.is_empty())
                .map_or_else(|| value.base().clone(), Value::Double),
            other => other.clone(),
        };
        if wants_maximum {
            keep(cx, &mut statistics.maximum, &comparable, Ordering::Greater)?;
        }
        if wants_minimum {
            keep(cx, &mut statistics.minimum, &comparable, Ordering::Less)?;
        }
        Ok(())
    }
}

/// Keeps `value` if it is on the wanted side of what was kept.
fn keep(
    cx: &mut CommandContext<'_, '_>,
    kept: &mut Option<Value>,
    value: &Value,
    wanted: Ordering,
) -> Run {
    let better = match kept {
        Some(kept) => sort_order(value, kept, true, cx.machine).map_err(Flow::from)? == wanted,
        None => true,
    };
    if better {
        *kept = Some(value.clone());
    }
    Ok(())
}

/// Numbers, and texts that read as numbers.
fn number(value: &Value, cx: &mut CommandContext<'_, '_>) -> Option<f64> {
    match value.base() {
        Value::String(text) if text.trim().is_empty() => None,
        Value::Bool(_) | Value::DateTime(_) | Value::Char(_) => None,
        other => match convert::to(other, &TypeRef::of(TypeId::Double), cx.machine) {
            Ok(Value::Double(number)) => Some(number),
            _ => None,
        },
    }
}

impl Statistics {
    fn add(&mut self, number: f64) {
        self.sum += number;
        let distance = number - self.mean;
        self.mean += distance / f64::from(self.count.max(1));
        self.squares += distance * (number - self.mean);
    }

    fn count_text(&mut self, text: &str, cx: &CommandContext<'_, '_>) {
        let bare = cx.is_set("IgnoreWhiteSpace");
        let characters = text
            .chars()
            .filter(|unit| !(bare && unit.is_whitespace()))
            .map(char::len_utf16)
            .sum::<usize>();
        self.characters = self
            .characters
            .saturating_add(i32::try_from(characters).unwrap_or(i32::MAX));
        let words = text.split_whitespace().count();
        self.words = self
            .words
            .saturating_add(i32::try_from(words).unwrap_or(i32::MAX));
        let lines = match text {
            "" => 0,
            text => text.matches('\n').count() + usize::from(!text.ends_with('\n')),
        };
        self.lines = self
            .lines
            .saturating_add(i32::try_from(lines).unwrap_or(i32::MAX));
    }

    fn text_info(&self, cx: &CommandContext<'_, '_>) -> Value {
        let wanted = |name: &str, number: i32| {
            if cx.is_set(name) {
                Value::Int32(number)
            } else {
                Value::Null
            }
        };
        let properties = vec![
            ("Lines", wanted("Line", self.lines)),
            ("Words", wanted("Word", self.words)),
            ("Characters", wanted("Character", self.characters)),
            ("Property", self.property_value()),
        ];
        NetObject::new("Microsoft.PowerShell.Commands.TextMeasureInfo", properties).into_value()
    }

    /// `numeric` is false once anything was no number: then nothing is said of sums.
    fn generic_info(&self, cx: &mut CommandContext<'_, '_>, numeric: bool) -> Value {
        let wants = |name: &str| cx.is_set(name) || cx.is_set("AllStats");
        let count = f64::from(self.count);
        let double = |wanted: bool, number: f64| {
            if wanted && numeric && self.count > 0 {
                Value::Double(number)
            } else {
                Value::Null
            }
        };
        let average = double(wants("Average"), self.sum / count);
        let sum = double(wants("Sum"), self.sum);
        let deviation = double(
            wants("StandardDeviation"),
            if self.count > 1 {
                (self.squares / (count - 1.0)).sqrt()
            } else {
                0.0
            },
        );
        let is_number = |value: &Option<Value>| value.as_ref().is_none_or(Value::is_number);
        let all_numeric = is_number(&self.maximum) && is_number(&self.minimum);
        let mut extreme = |value: &Option<Value>| match value {
            Some(value) if all_numeric => number(value, cx).map_or(Value::Null, Value::Double),
            Some(value) => value.clone(),
            None => Value::Null,
        };
        let (maximum, minimum) = (extreme(&self.maximum), extreme(&self.minimum));
        let properties = vec![
            ("Count", Value::Int32(self.count)),
            ("Average", average),
            ("Sum", sum),
            ("Maximum", maximum),
            ("Minimum", minimum),
            ("StandardDeviation", deviation),
            ("Property", self.property_value()),
        ];
        let type_name = if all_numeric {
            "Microsoft.PowerShell.Commands.GenericMeasureInfo"
        } else {
            "Microsoft.PowerShell.Commands.GenericObjectMeasureInfo"
        };
        NetObject::new(type_name, properties).into_value()
    }

    fn property_value(&self) -> Value {
        if self.property.is_empty() {
            Value::Null
        } else {
            Value::String(self.property.clone())
        }
    }
}
