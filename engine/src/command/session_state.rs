//! Get-Host, Get-History, Clear-History and Set-StrictMode: what a session is and remembers.

use super::net_object::NetObject;
use super::{Command, CommandContext, CommandSpec, InSet, Parameter, Validate};
use crate::eval::Run;
use crate::value::{ErrorCategory, TypeId, Value, Version};

pub(crate) static HOST: CommandSpec = CommandSpec::new(
    "Get-Host",
    "Microsoft.PowerShell.Commands.GetHostCommand",
    || Box::new(GetHost),
)
.output_types(&["System.Management.Automation.Host.PSHost"]);

pub(crate) static GET_HISTORY: CommandSpec = CommandSpec::new(
    "Get-History",
    "Microsoft.PowerShell.Commands.GetHistoryCommand",
    || Box::new(GetHistory),
)
.module("Microsoft.PowerShell.Core")
.output_types(&["Microsoft.PowerShell.Commands.HistoryInfo"])
.parameters(&[
    Parameter::new("Id", "long[]").position(0).pipeline(),
    Parameter::new("Count", "int")
        .position(1)
        .validate(&[Validate::Range(0, i16::MAX as i64)]),
]);

pub(crate) static CLEAR_HISTORY: CommandSpec = CommandSpec::new(
    "Clear-History",
    "Microsoft.PowerShell.Commands.ClearHistoryCommand",
    || Box::new(ClearHistory),
)
.module("Microsoft.PowerShell.Core")
.should_process()
.parameters(&[
    Parameter::new("Count", "int").position(1),
    Parameter::switch("Newest"),
]);

pub(crate) static STRICT_MODE: CommandSpec = CommandSpec::new(
    "Set-StrictMode",
    "Microsoft.PowerShell.Commands.SetStrictModeCommand",
    || Box::new(SetStrictMode),
)
.module("Microsoft.PowerShell.Core")
.default_set("Version")
.parameters(&[
    Parameter::switch("Off").in_sets(&[InSet::of("Off").mandatory()]),
    Parameter::new("Version", "string")
        .aliases(&["v"])
        .in_sets(&[InSet::of("Version").mandatory()]),
]);

struct GetHost;

impl Command for GetHost {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let host = cx.machine.variable("Host").unwrap_or_default();
        cx.write(host)
    }
}

struct GetHistory;

impl Command for GetHistory {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let lines: Vec<_> = cx.machine.session.history.iter().cloned().collect();
        let wanted: Vec<i64> = cx
            .items("Id")
            .iter()
            .filter_map(|id| {
                if let Value::Int64(id) = id {
                    Some(*id)
                } else {
                    None
                }
            })
            .collect();
        let count = cx
            .integer("Count")
            .and_then(|count| usize::try_from(count).ok())
            .unwrap_or(usize::MAX);
        let skip = lines.len().saturating_sub(count);
        for (id, line) in (1_i64..).zip(lines).skip(skip) {
            if !wanted.is_empty() && !wanted.contains(&id) {
                continue;
            }
            let properties = vec![
                ("Id", Value::Int64(id)),
                ("CommandLine", Value::String(line.clone())),
            ];
            cx.write(
                NetObject::new("Microsoft.PowerShell.Commands.HistoryInfo", properties)
                    .with_text(line)
                    .into_value(),
            )?;
        }
        Ok(())
    }
}

struct ClearHistory;

impl Command for ClearHistory {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        if cx.should_process("history", "Clear")? {
            cx.machine.session.history.clear();
        }
        Ok(())
    }
}

struct SetStrictMode;

impl Command for SetStrictMode {
    fn end(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let level = if cx.is_set("Off") {
            0
        } else {
            let text = cx.text("Version").unwrap_or_default();
            let version = if text.eq_ignore_ascii_case("latest") {
                Some(3)
            } else if text.contains('.') {
                Version::parse(&text).map(|version| version.components[0])
            } else {
                text.parse().ok()
            };
            match version {
                Some(level @ 0..=7) => u8::try_from(level).unwrap_or(3),
                _ => {
                    let message = format!("The version number '{text}' is not valid.");
                    return Err(cx.fail(
                        TypeId::ParameterBindingException,
                        message,
                        "ParameterArgumentValidationError",
                        ErrorCategory::InvalidArgument,
                        Value::String(text),
                    ));
                }
            }
        };
        let scope = cx.machine.scope;
        cx.machine.session.scopes.get_mut(scope).strict = Some(level);
        Ok(())
    }
}
