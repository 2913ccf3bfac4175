//! Sort-Object.

use std::cmp::Ordering;

use super::ordering::{Entry, KeyOrder};
use super::property_expression::PropertyExpression;
use super::{Command, CommandContext, CommandSpec, InSet, Parameter, Validate};
use crate::eval::Run;
use crate::value::Value;

pub(crate) static SPEC: CommandSpec = CommandSpec::new(
    "Sort-Object",
    "Microsoft.PowerShell.Commands.SortObjectCommand",
    || Box::new(SortObject::default()),
)
.default_set("Default")
.output_types(&["System.Object"])
.parameters(&[
    Parameter::switch("Stable").in_sets(&[InSet::of("Default")]),
    Parameter::switch("Descending"),
    Parameter::switch("Unique"),
    Parameter::new("Top", "int")
        .in_sets(&[InSet::of("Top").mandatory()])
        .validate(&[Validate::Range(1, i32::MAX as i64)]),
    Parameter::new("Bottom", "int")
        .in_sets(&[InSet::of("Bottom").mandatory()])
        .validate(&[Validate::Range(1, i32::MAX as i64)]),
    Parameter::new("InputObject", "object").pipeline(),
    Parameter::new("Culture", "string"),
    Parameter::switch("CaseSensitive"),
    Parameter::new("Property", "object[]").position(0),
]);

#[derive(Default)]
struct SortObject {
    properties: Vec<PropertyExpression>,
    order: KeyOrder,
    entries: Vec<Entry>,
}

impl Command for SortObject {
    fn begin(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let arguments = cx.items("Property");
        self.properties =
            PropertyExpression::read(cx, &arguments, &["Expression", "Ascending", "Descending"])?;
        let descending = cx.is_set("Descending");
        self.order.case_sensitive = cx.is_set("CaseSensitive");
        self.order.descending = match self.properties.len() {
            0 => vec![descending],
            _ => self
                .properties
                .iter()
                .map(|property| match (property.ascending, property.descending) {
                    (Some(ascending), _) => !ascending,
                    (None, Some(own)) => own,
                    (None, None) => descending,
                })
                .collect(),
        };
        Ok(())
    }

    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        Entry::collect(cx, &self.properties, &mut self.entries)
    }

    fn end(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let mut entries = std::mem::take(&mut self.entries);
        let (top, bottom) = (cx.integer("Top"), cx.integer("Bottom"));
        if cx.is_set("Stable") || top.is_some() || bottom.is_some() {
            self.order.sort_stable(cx, &mut entries)?;
        } else {
            self.order.sort(cx, &mut entries)?;
        }
        if cx.is_set("Unique") {
            let mut kept: Vec<Entry> = Vec::with_capacity(entries.len());
            for entry in entries {
                match kept.last() {
                    Some(last) if self.order.compare(cx, last, &entry)? == Ordering::Equal => {}
                    _ => kept.push(entry),
                }
            }
            entries = kept;
        }
        let limit = |wanted: Option<i64>| {
            wanted.map_or(entries.len(), |wanted| {
                usize::try_from(wanted)
                    .unwrap_or(usize::MAX)
                    .min(entries.len())
            })
        };
        let (take, skip) = match bottom {
            Some(_) => (entries.len(), entries.len() - limit(bottom)),
            None => (limit(top), 0),
        };
        for entry in entries.into_iter().skip(skip).take(take) {
            cx.checkpoint()?;
            let object: Value = entry.object;
            cx.write(object)?;
        }
        Ok(())
    }
}
