//! Invoke-Command with a local block, and Measure-Command.

use std::time::{Duration, Instant};

use super::{Command, CommandContext, CommandSpec, InSet, Parameter};
use crate::eval::{Flow, Out, Run};
use crate::value::{ErrorCategory, TimeSpan, TypeId, Value};

pub(crate) static COMMAND: CommandSpec = CommandSpec::new(
    "Invoke-Command",
    "Microsoft.PowerShell.Commands.InvokeCommandCommand",
    || Box::new(InvokeCommand::default()),
)
.module("Microsoft.PowerShell.Core")
.default_set("InProcess")
.parameters(&[
    Parameter::new("ScriptBlock", "scriptblock")
        .aliases(&["Command"])
        .in_sets(&[
            InSet::of("InProcess").position(0).mandatory(),
            InSet::of("ComputerName").position(1).mandatory(),
        ]),
    Parameter::switch("NoNewScope").in_sets(&[InSet::of("InProcess")]),
    Parameter::new("InputObject", "object").pipeline(),
    Parameter::new("ArgumentList", "object[]").aliases(&["Args"]),
    Parameter::new("ComputerName", "string[]")
        .aliases(&["Cn"])
        .in_sets(&[InSet::of("ComputerName").position(0).mandatory()]),
]);

pub(crate) static MEASURE: CommandSpec = CommandSpec::new(
    "Measure-Command",
    "Microsoft.PowerShell.Commands.MeasureCommandCommand",
    || Box::new(MeasureCommand::default()),
)
.output_types(&["System.TimeSpan"])
.parameters(&[
    Parameter::new("InputObject", "object").pipeline(),
    Parameter::new("Expression", "scriptblock")
        .position(0)
        .mandatory(),
]);

#[derive(Default)]
struct InvokeCommand {
    input: Vec<Value>,
}

impl Command for InvokeCommand {
    fn begin(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        if let Some(names) = cx.get("ComputerName") {
            let message = "This engine does not open connections of its own. Run the command through a session with the computer instead.";
            return Err(cx.fail(
                TypeId::PSNotSupportedException,
                message,
                "RemotingNotSupported",
                ErrorCategory::NotImplemented,
                names.clone(),
            ));
        }
        Ok(())
    }

    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        if let Some(object) = cx.get("InputObject") {
            self.input.push(object.clone());
            cx.machine
                .charge_bytes(size_of::<Value>())
                .map_err(Flow::from)?;
        }
        Ok(())
    }

    fn end(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let Some(block) = cx.block("ScriptBlock") else {
            return Ok(());
        };
        let arguments = cx.items("ArgumentList");
        let out = cx.out();
        if cx.is_set("NoNewScope") {
            return cx.machine.run_inline(&block, None, &arguments, &out);
        }
        let code = cx.machine.code_of(&block)?;
        cx.machine.call_code(&code, &arguments, None, None, &out)
    }
}

#[derive(Default)]
struct MeasureCommand {
    taken: Duration,
}

impl Command for MeasureCommand {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let Some(block) = cx.block("Expression") else {
            return Ok(());
        };
        let underscore = cx.get("InputObject").cloned();
        let start = Instant::now();
        let result = cx.machine.run_inline(&block, underscore, &[], &Out::Null);
        self.taken += start.elapsed();
        result
    }

    fn end(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let ticks = i64::try_from(self.taken.as_nanos() / 100).unwrap_or(i64::MAX);
        cx.write(Value::TimeSpan(TimeSpan { ticks }))
    }
}
