//! Join-String and ConvertFrom-StringData.

use std::sync::Arc;

use super::object::text_of;
use super::property_expression::PropertyExpression;
use super::{Command, CommandContext, CommandSpec, InSet, Parameter, Validate};
use crate::eval::{Flow, Run};
use crate::value::{ErrorCategory, Hashtable, Text, TypeId, Value, ops};

pub(crate) static JOIN: CommandSpec = CommandSpec::new(
    "Join-String",
    "Microsoft.PowerShell.Commands.JoinStringCommand",
    || Box::new(JoinString::default()),
)
.default_set("default")
.output_types(&["System.String"])
.parameters(&[
    Parameter::new("Property", "object").position(0),
    Parameter::new("Separator", "string")
        .position(1)
        .validate(&[Validate::AllowEmptyString]),
    Parameter::new("OutputPrefix", "string").aliases(&["op"]),
    Parameter::new("OutputSuffix", "string").aliases(&["os"]),
    Parameter::switch("SingleQuote").in_sets(&[InSet::of("SingleQuote")]),
    Parameter::switch("DoubleQuote").in_sets(&[InSet::of("DoubleQuote")]),
    Parameter::new("FormatString", "string").in_sets(&[InSet::of("Format")]),
    Parameter::switch("UseCulture"),
    Parameter::new("InputObject", "object[]").pipeline(),
]);

pub(crate) static STRING_DATA: CommandSpec = CommandSpec::new(
    "ConvertFrom-StringData",
    "Microsoft.PowerShell.Commands.ConvertFromStringDataCommand",
    || Box::new(FromStringData),
)
.output_types(&["System.Collections.Hashtable"])
.parameters(&[
    Parameter::new("StringData", "string")
        .position(0)
        .mandatory()
        .pipeline()
        .validate(&[Validate::AllowEmptyString]),
    Parameter::new("Delimiter", "char").position(1),
]);

#[derive(Default)]
struct JoinString {
    text: String,
    any: bool,
    property: Option<PropertyExpression>,
    separator: Text,
}

impl Command for JoinString {
    fn begin(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        if let Some(property) = cx.get("Property").cloned() {
            self.property = PropertyExpression::read(cx, &[property], &["Expression"])?.pop();
        }
        self.separator = match cx.text("Separator") {
            Some(separator) => separator,
            // `$OFS` joins here as well, but nothing does where it is not set.
            None => match cx.machine.variable("OFS") {
                Some(value) => text_of(&value, cx.machine)?,
                None => Text::default(),
            },
        };
        Ok(())
    }

    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        for object in cx.items("InputObject") {
            cx.checkpoint()?;
            if object.is_null() {
                continue;
            }
            let value = match &self.property {
                Some(property) => property.value(cx, &object)?.unwrap_or_default(),
                None => object,
            };
            let text = match (
                cx.text("FormatString"),
                cx.is_set("SingleQuote"),
                cx.is_set("DoubleQuote"),
            ) {
                (Some(format), ..) => {
                    let formatted = ops::format(
                        &Value::String(format),
                        &Value::array(vec![value]),
                        cx.machine,
                    )
                    .map_err(Flow::from)?;
                    text_of(&formatted, cx.machine)?
                }
                (None, true, _) => format!("'{}'", text_of(&value, cx.machine)?).into(),
                (None, _, true) => format!("\"{}\"", text_of(&value, cx.machine)?).into(),
                _ => text_of(&value, cx.machine)?,
            };
            if std::mem::replace(&mut self.any, true) {
                self.text.push_str(&self.separator);
            }
            cx.machine.charge_bytes(text.len()).map_err(Flow::from)?;
            self.text.push_str(&text);
        }
        Ok(())
    }

    fn end(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let (prefix, suffix) = (
            cx.text("OutputPrefix").unwrap_or_default(),
            cx.text("OutputSuffix").unwrap_or_default(),
        );
        cx.write(Value::from(format!("{prefix}{}{suffix}", self.text)))
    }
}

struct FromStringData;

impl Command for FromStringData {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let text = cx.text("StringData").unwrap_or_default();
        let delimiter = match cx.get("Delimiter").map(Value::base) {
            Some(Value::Char(unit)) => char::from_u32(u32::from(*unit)).unwrap_or('='),
            _ => '=',
        };
        let table = Hashtable::new();
        for line in text.split('\n') {
            cx.checkpoint()?;
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let Some((name, value)) = line.split_once(delimiter) else {
                let message = format!("Data line '{line}' is not in 'name=value' format. ");
                return Err(cx.fail(
                    TypeId::PSInvalidOperationException,
                    message,
                    "InvalidOperation",
                    ErrorCategory::InvalidOperation,
                    Value::Null,
                ));
            };
            let name = Value::from(name.trim());
            if table.contains(&name) {
                let message = format!(
                    "Data item '{}' in line '{line}' is already defined. ",
                    name.as_text().map_or("", Text::as_str)
                );
                return Err(cx.fail(
                    TypeId::PSInvalidOperationException,
                    message,
                    "InvalidOperation",
                    ErrorCategory::InvalidOperation,
                    Value::Null,
                ));
            }
            table.insert(
                name,
                Value::from(crate::value::pattern::unescape(value.trim())),
            );
        }
        cx.write(Value::Hash(Arc::new(table)))
    }
}
