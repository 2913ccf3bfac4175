//! Write-Warning, Write-Verbose, Write-Debug, Write-Information, Write-Host and Write-Progress: one stream each.

use super::net_object::NetObject;
use super::object::text_of;
use super::{Command, CommandContext, CommandSpec, Parameter, Validate};
use crate::eval::Run;
use crate::runspace::ProgressRecord;
use crate::value::convert::elements_of;
use crate::value::{Text, Value};

const MESSAGE: Parameter = Parameter::new("Message", "string")
    .aliases(&["Msg"])
    .position(0)
    .mandatory()
    .pipeline()
    .validate(&[Validate::AllowEmptyString]);

pub(crate) static WARNING: CommandSpec = CommandSpec::new(
    "Write-Warning",
    "Microsoft.PowerShell.Commands.WriteWarningCommand",
    || Box::new(WriteWarning),
)
.parameters(&[MESSAGE]);

pub(crate) static VERBOSE: CommandSpec = CommandSpec::new(
    "Write-Verbose",
    "Microsoft.PowerShell.Commands.WriteVerboseCommand",
    || Box::new(WriteVerbose),
)
.parameters(&[MESSAGE]);

pub(crate) static DEBUG: CommandSpec = CommandSpec::new(
    "Write-Debug",
    "Microsoft.PowerShell.Commands.WriteDebugCommand",
    || Box::new(WriteDebug),
)
.parameters(&[MESSAGE]);

pub(crate) static INFORMATION: CommandSpec = CommandSpec::new(
    "Write-Information",
    "Microsoft.PowerShell.Commands.WriteInformationCommand",
    || Box::new(WriteInformation),
)
.parameters(&[
    Parameter::new("MessageData", "object")
        .aliases(&["Msg", "Message"])
        .position(0)
        .mandatory()
        .pipeline(),
    Parameter::new("Tags", "string[]").position(1),
]);

pub(crate) static HOST: CommandSpec = CommandSpec::new(
    "Write-Host",
    "Microsoft.PowerShell.Commands.WriteHostCommand",
    || Box::new(WriteHost),
)
.parameters(&[
    Parameter::new("Object", "object")
        .aliases(&["Msg", "Message"])
        .position(0)
        .pipeline()
        .remaining(),
    Parameter::switch("NoNewline"),
    Parameter::new("Separator", "object"),
    Parameter::new("ForegroundColor", "System.ConsoleColor"),
    Parameter::new("BackgroundColor", "System.ConsoleColor"),
]);

pub(crate) static PROGRESS: CommandSpec = CommandSpec::new(
    "Write-Progress",
    "Microsoft.PowerShell.Commands.WriteProgressCommand",
    || Box::new(WriteProgress),
)
.parameters(&[
    Parameter::new("Activity", "string").position(0),
    Parameter::new("Status", "string")
        .position(1)
        .validate(&[Validate::NotNullOrEmpty]),
    Parameter::new("Id", "int")
        .position(2)
        .validate(&[Validate::Range(0, i32::MAX as i64)]),
    Parameter::new("PercentComplete", "int").validate(&[Validate::Range(-1, 100)]),
    Parameter::new("SecondsRemaining", "int"),
    Parameter::new("CurrentOperation", "string"),
    Parameter::new("ParentId", "int").validate(&[Validate::Range(-1, i32::MAX as i64)]),
    Parameter::switch("Completed"),
    Parameter::new("SourceId", "int"),
]);

struct WriteWarning;

impl Command for WriteWarning {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let message = cx.text("Message").unwrap_or_default();
        cx.warning(message)
    }
}

struct WriteVerbose;

impl Command for WriteVerbose {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let message = cx.text("Message").unwrap_or_default();
        cx.verbose(message)
    }
}

struct WriteDebug;

impl Command for WriteDebug {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let message = cx.text("Message").unwrap_or_default();
        cx.debug(message)
    }
}

struct WriteInformation;

impl Command for WriteInformation {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let (message, tags) = (cx.value("MessageData"), cx.texts("Tags"));
        cx.information(message, tags)
    }
}

struct WriteHost;

impl Command for WriteHost {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let separator = match cx.get("Separator").cloned() {
            Some(separator) => text_of(&separator, cx.machine)?,
            None => " ".into(),
        };
        let mut text = String::new();
        let object = cx.value("Object");
        append(cx, &mut text, &object, &separator, 0)?;
        let colour = |name: &str| cx.get(name).cloned().unwrap_or_default();
        let properties = vec![
            ("Message", Value::from(text.as_str())),
            ("NoNewLine", Value::Bool(cx.is_set("NoNewline"))),
            ("ForegroundColor", colour("ForegroundColor")),
            ("BackgroundColor", colour("BackgroundColor")),
        ];
        let message = NetObject::new(
            "System.Management.Automation.HostInformationMessage",
            properties,
        )
        .with_text(text)
        .into_value();
        cx.information(message, vec![Text::from("PSHOST")])
    }
}

/// Texts of collections within collections are joined just the same; what holds itself comes to an end.
const MAX_DEPTH: usize = 64;

fn append(
    cx: &mut CommandContext<'_, '_>,
    text: &mut String,
    object: &Value,
    separator: &str,
    depth: usize,
) -> Run {
    if object.is_null() {
        return Ok(());
    }
    if depth < MAX_DEPTH
        && let Some(items) = elements_of(object)
    {
        for (index, item) in items.iter().enumerate() {
            cx.checkpoint()?;
            if index > 0 {
                text.push_str(separator);
            }
            append(cx, text, item, separator, depth + 1)?;
        }
        return Ok(());
    }
    if let Value::Hash(table) = object.base() {
        let texts = vec!["System.Collections.DictionaryEntry"; table.len()];
        text.push_str(&texts.join(separator));
        return Ok(());
    }
    text.push_str(&text_of(object, cx.machine)?);
    cx.machine.charge_bytes(text.len()).map_err(Into::into)
}

struct WriteProgress;

impl Command for WriteProgress {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let number = |name: &str, default: i32| {
            cx.integer(name)
                .and_then(|number| i32::try_from(number).ok())
                .unwrap_or(default)
        };
        let record = ProgressRecord {
            activity_id: number("Id", 0),
            parent_activity_id: number("ParentId", -1),
            activity: cx.text("Activity").unwrap_or_default(),
            status: cx.text("Status").unwrap_or_else(|| "Processing".into()),
            current_operation: cx.text("CurrentOperation"),
            percent_complete: number("PercentComplete", -1),
            seconds_remaining: number("SecondsRemaining", -1),
            completed: cx.is_set("Completed"),
        };
        cx.machine.write_progress(record, cx.common)
    }
}
