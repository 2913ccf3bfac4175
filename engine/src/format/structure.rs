//! An object with everything in it, as Format-Custom shows it.

use super::cell::split_lines;
use super::field::Field;
use super::properties::{property, property_names, type_names};
use super::text::{TextRules, enumerated};
use crate::value::{Context, Raise, Value};

const INDENT: &str = "  ";
/// What a line takes besides its indentation.
const LINE_COST: usize = 64;

/// The lines of an object, `depth` levels deep; of `fields` only, if there are any.
pub(super) fn structure_lines(
    value: &Value,
    fields: &[Field],
    depth: usize,
    rules: &TextRules,
    cx: &mut dyn Context,
) -> Result<Vec<String>, Raise> {
    let mut lines = Vec::new();
    let mut members = Vec::new();
    for field in fields {
        members.push((field.label.clone(), field.value(value, cx)?));
    }
    if fields.is_empty() {
        members = own_members(value, cx)?;
    }
    class_lines(value, &members, "", depth, rules, &mut lines, cx)?;
    Ok(lines)
}

fn own_members(
    value: &Value,
    cx: &mut dyn Context,
) -> Result<Vec<(crate::value::Text, Value)>, Raise> {
    let mut members = Vec::new();
    for name in property_names(value) {
        let member = property(value, &name, cx)?.unwrap_or_default();
        members.push((name, member));
    }
    Ok(members)
}

fn class_lines(
    value: &Value,
    members: &[(crate::value::Text, Value)],
    indent: &str,
    depth: usize,
    rules: &TextRules,
    lines: &mut Vec<String>,
    cx: &mut dyn Context,
) -> Result<(), Raise> {
    cx.checkpoint()?;
    // Objects that hold each other are shown again at every level.
    cx.charge(members.len().saturating_mul(indent.len() + LINE_COST))?;
    let names = type_names(value);
    let full = names.first().map_or("Object", |name| name.as_str());
    let name = full.rsplit('.').next().unwrap_or(full);
    lines.push(format!("{indent}class {name}"));
    lines.push(format!("{indent}{{"));
    let inner = format!("{indent}{INDENT}");
    for (name, member) in members {
        member_lines(name, member, &inner, depth, rules, lines, cx)?;
    }
    lines.push(format!("{indent}}}"));
    Ok(())
}

fn member_lines(
    name: &str,
    value: &Value,
    indent: &str,
    depth: usize,
    rules: &TextRules,
    lines: &mut Vec<String>,
    cx: &mut dyn Context,
) -> Result<(), Raise> {
    let inner = format!("{indent}{INDENT}");
    if depth > 0
        && let Some(items) = enumerated(value)
    {
        lines.push(format!("{indent}{name} = "));
        lines.push(format!("{inner}["));
        let item_indent = format!("{inner}{INDENT}");
        for (index, item) in items.iter().enumerate() {
            if rules.enumeration_limit == Some(index) {
                lines.push(format!("{item_indent}…"));
                break;
            }
            if is_deep(item) && depth > 1 {
                let members = own_members(item, cx)?;
                class_lines(item, &members, &item_indent, depth - 1, rules, lines, cx)?;
            } else {
                text_lines(&item_indent, "", item, rules, lines, cx)?;
            }
        }
        lines.push(format!("{inner}]"));
        lines.push(inner);
        return Ok(());
    }
    if depth > 0 && is_deep(value) {
        lines.push(format!("{indent}{name} = "));
        let members = own_members(value, cx)?;
        return class_lines(value, &members, &inner, depth - 1, rules, lines, cx);
    }
    text_lines(indent, &format!("{name} = "), value, rules, lines, cx)
}

fn text_lines(
    indent: &str,
    label: &str,
    value: &Value,
    rules: &TextRules,
    lines: &mut Vec<String>,
    cx: &mut dyn Context,
) -> Result<(), Raise> {
    let text = rules.property_text(value, None, false, cx)?;
    for (index, line) in split_lines(&text).enumerate() {
        let label = if index == 0 { label } else { "" };
        lines.push(format!("{indent}{label}{line}"));
    }
    Ok(())
}

/// Whether there is anything inside to show.
fn is_deep(value: &Value) -> bool {
    matches!(
        value.base(),
        Value::Object(_)
            | Value::Clr(_)
            | Value::DateTime(_)
            | Value::TimeSpan(_)
            | Value::Version(_)
    ) && !property_names(value).is_empty()
}
