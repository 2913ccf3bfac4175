//! Get-Process and Stop-Process.

use super::{Command, CommandContext, CommandSpec, InSet, Parameter, Validate};
use crate::eval::{Run, wildcard_match};
use crate::provider::{Process, process_error, process_ids};
use crate::value::{ErrorCategory, TypeId, Value, collation};

pub(crate) static GET: CommandSpec = CommandSpec::new(
    "Get-Process",
    "Microsoft.PowerShell.Commands.GetProcessCommand",
    || Box::new(GetProcess),
)
.module("Microsoft.PowerShell.Management")
.default_set("Name")
.output_types(&["System.Diagnostics.Process"])
.parameters(&[
    Parameter::new("Name", "string[]")
        .aliases(&["ProcessName"])
        .in_sets(&[InSet::of("Name").position(0).by_property()])
        .validate(&[Validate::NotNullOrEmpty]),
    Parameter::new("Id", "int[]")
        .aliases(&["PID"])
        .in_sets(&[InSet::of("Id").mandatory().by_property()]),
    Parameter::new("InputObject", "object[]")
        .in_sets(&[InSet::of("InputObject").mandatory().pipeline()]),
]);

pub(crate) static STOP: CommandSpec = CommandSpec::new(
    "Stop-Process",
    "Microsoft.PowerShell.Commands.StopProcessCommand",
    || Box::new(StopProcess),
)
.module("Microsoft.PowerShell.Management")
.default_set("Id")
.should_process()
.output_types(&["System.Diagnostics.Process"])
.parameters(&[
    Parameter::new("Name", "string[]")
        .aliases(&["ProcessName"])
        .in_sets(&[InSet::of("Name").mandatory().by_property()]),
    Parameter::new("Id", "int[]").in_sets(&[InSet::of("Id").position(0).mandatory().by_property()]),
    Parameter::new("InputObject", "object[]")
        .in_sets(&[InSet::of("InputObject").position(0).mandatory().pipeline()]),
    Parameter::switch("PassThru"),
    Parameter::switch("Force"),
]);

struct GetProcess;

impl Command for GetProcess {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        for process in asked_for(cx)? {
            cx.write(process)?;
        }
        Ok(())
    }
}

struct StopProcess;

impl Command for StopProcess {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        for value in asked_for(cx)? {
            let Some(process) = value.as_clr::<Process>() else {
                continue;
            };
            let shown = format!("{} ({})", process.name(), process.id());
            if !cx.should_process(&shown, "Stop-Process")? {
                continue;
            }
            if let Err(error) = process.kill() {
                let message = format!(
                    "Cannot stop process \"{shown}\" because of the following error: {}",
                    process_error(&error)
                );
                cx.error(
                    TypeId::ProcessCommandException,
                    message,
                    "CouldNotStopProcess",
                    ErrorCategory::CloseError,
                    value.clone(),
                )?;
                continue;
            }
            if cx.is_set("PassThru") {
                cx.write(value)?;
            }
        }
        Ok(())
    }
}

/// The processes that the parameters name, by name and number; what is not there is an error of the command.
fn asked_for(cx: &mut CommandContext<'_, '_>) -> Run<Vec<Value>> {
    let mut found = Vec::new();
    match cx.parameter_set() {
        "Id" => {
            for number in cx.items("Id") {
                let Value::Int32(id) = number.base() else {
                    continue;
                };
                match Process::read(*id) {
                    Some(process) => add(&mut found, process),
                    None => {
                        let message =
                            format!("Cannot find a process with the process identifier {id}.");
                        cx.error(
                            TypeId::ProcessCommandException,
                            message,
                            "NoProcessFoundForGivenId",
                            ErrorCategory::ObjectNotFound,
                            number.clone(),
                        )?;
                    }
                }
            }
        }
        "InputObject" => {
            for given in cx.items("InputObject") {
                match given.as_clr::<Process>().map(Process::id) {
                    Some(id) => found.extend(Process::read(id)),
                    None => {
                        return Err(cx.fail(
                            TypeId::InvalidCastException,
                            format!(
                                "Cannot convert a value of type \"{}\" to type \"System.Diagnostics.Process\".",
                                given.type_name()
                            ),
                            "InvalidCast",
                            ErrorCategory::InvalidArgument,
                            given,
                        ));
                    }
                }
            }
        }
        _ => {
            let mut all = Vec::new();
            for id in process_ids() {
                cx.checkpoint()?;
                all.extend(Process::read(id));
            }
            let patterns = cx.texts("Name");
            for pattern in &patterns {
                let mut any = pattern.contains(['*', '?', '[']);
                for process in &all {
                    if wildcard_match(pattern, process.name()) {
                        any = true;
                        if let Some(process) = Process::read(process.id()) {
                            add(&mut found, process);
                        }
                    }
                }
                if !any {
                    let message = format!(
                        "Cannot find a process with the name \"{pattern}\". Verify the process name and call the cmdlet again."
                    );
                    cx.error(
                        TypeId::ProcessCommandException,
                        message,
                        "NoProcessFoundForGivenName",
                        ErrorCategory::ObjectNotFound,
                        Value::String(pattern.clone()),
                    )?;
                }
            }
            if patterns.is_empty() {
                found = all;
            }
        }
    }
    found.sort_by(|a, b| {
        collation::compare(a.name(), b.name(), true).then_with(|| a.id().cmp(&b.id()))
    });
    Ok(found.into_iter().map(Value::clr).collect())
}

/// Adds a process unless it is there already.
fn add(found: &mut Vec<Process>, process: Process) {
    if found.iter().all(|own| own.id() != process.id()) {
        found.push(process);
    }
}
