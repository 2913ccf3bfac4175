//! ConvertFrom-Json.

use super::json_reader::{Json, Reader};
use super::object::custom;
use super::{Command, CommandContext, CommandSpec, Parameter, Validate};
use crate::eval::{Flow, Run};
use crate::value::{ErrorCategory, Hashtable, Text, TypeId, Value, equal_folded};

pub(crate) static SPEC: CommandSpec = CommandSpec::new(
    "ConvertFrom-Json",
    "Microsoft.PowerShell.Commands.ConvertFromJsonCommand",
    || Box::new(ConvertFromJson::default()),
)
.output_types(&[
    "System.Management.Automation.PSObject",
    "System.Collections.Hashtable",
])
.parameters(&[
    Parameter::new("InputObject", "string")
        .position(0)
        .mandatory()
        .pipeline()
        .validate(&[Validate::AllowEmptyString]),
    Parameter::switch("AsHashtable"),
    Parameter::new("Depth", "int").validate(&[Validate::Range(1, i32::MAX as i64)]),
    Parameter::switch("NoEnumerate"),
    Parameter::new("DateKind", "string").validate(&[Validate::Set(&[
        "Default", "Local", "Utc", "Offset", "String",
    ])]),
]);

/// How deep a text may nest without `-Depth`.
const DEFAULT_DEPTH: usize = 1024;

#[derive(Default)]
struct ConvertFromJson {
    texts: Vec<Text>,
}

impl Command for ConvertFromJson {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        self.texts.push(cx.text("InputObject").unwrap_or_default());
        Ok(())
    }

    fn end(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let texts = std::mem::take(&mut self.texts);
        // Either each line is a whole of its own, or all lines together are one.
        let separate = texts.len() > 1
            && texts
                .first()
                .is_some_and(|first| Reader::new(first, DEFAULT_DEPTH, true).read().is_ok());
        if separate {
            for text in &texts {
                self.convert(cx, text)?;
            }
            return Ok(());
        }
        let lines: Vec<&str> = texts.iter().map(Text::as_str).collect();
        self.convert(cx, &lines.join("\n"))
    }
}

impl ConvertFromJson {
    fn convert(&self, cx: &mut CommandContext<'_, '_>, text: &str) -> Run {
        if text.trim().is_empty() {
            return cx.write(Value::Null);
        }
        cx.machine
            .charge_bytes(text.len().saturating_mul(2))
            .map_err(Flow::from)?;
        let depth = cx
            .integer("Depth")
            .and_then(|depth| usize::try_from(depth).ok())
            .unwrap_or(DEFAULT_DEPTH);
        let dates = !cx
            .text("DateKind")
            .is_some_and(|kind| kind.eq_ignore_ascii_case("String"));
        let json = match Reader::new(text, depth.min(DEFAULT_DEPTH * 8), dates).read() {
            Ok(json) => json,
            Err(message) => {
                let message = format!("Conversion from JSON failed with error: {message}");
                return Err(cx.fail(
                    TypeId::ArgumentException,
                    message,
                    "System.ArgumentException",
                    ErrorCategory::NotSpecified,
                    Value::Null,
                ));
            }
        };
        let as_table = cx.is_set("AsHashtable");
        let value = build(cx, json, as_table)?;
        match value {
            Value::Null => cx.write(Value::Null),
            value if cx.is_set("NoEnumerate") => cx.write(value),
            value => cx.write_items(value),
        }
    }
}

fn build(cx: &mut CommandContext<'_, '_>, json: Json, as_table: bool) -> Run<Value> {
    cx.checkpoint()?;
    Ok(match json {
        Json::Value(value) => value,
        Json::List(items) => {
            let mut values = Vec::with_capacity(items.len());
            for item in items {
                values.push(build(cx, item, as_table)?);
            }
            Value::array(values)
        }
        Json::Object(entries) if as_table => {
            let table = Hashtable::of_kind(crate::value::HashKind::Ordered, false);
            for (name, item) in entries {
                let item = build(cx, item, true)?;
                table.insert(Value::String(name), item);
            }
            Value::Hash(std::sync::Arc::new(table))
        }
        Json::Object(entries) => {
            let mut notes: Vec<(Text, Value)> = Vec::with_capacity(entries.len());
            for (name, item) in entries {
                if name.is_empty() {
                    let message = "The provided JSON includes a property whose name is an empty string, this is only supported using the -AsHashTable switch.";
                    return Err(cx.fail(
                        TypeId::InvalidOperationException,
                        message,
                        "EmptyKeyInJsonString",
                        ErrorCategory::InvalidOperation,
                        Value::Null,
                    ));
                }
                let item = build(cx, item, false)?;
                if let Some(own) = notes.iter().position(|(own, _)| equal_folded(own, &name)) {
                    if notes[own].0.as_str() == name.as_str() {
                        notes[own].1 = item;
                        continue;
                    }
                    let message = format!(
                        "Cannot convert the JSON string because it contains keys with different casing. Please use the -AsHashTable switch instead. The key that was attempted to be added to the existing key '{}' was '{name}'.",
                        notes[own].0
                    );
                    return Err(cx.fail(
                        TypeId::InvalidOperationException,
                        message,
                        "KeysWithDifferentCasingInJsonString",
                        ErrorCategory::InvalidOperation,
                        Value::Null,
                    ));
                }
                notes.push((name, item));
            }
            custom(
                notes
                    .into_iter()
                    .map(|(name, value)| (name.to_name(), value)),
            )
        }
    })
}
