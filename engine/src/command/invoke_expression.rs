//! Invoke-Expression: runs text in the scope of whoever calls.

use super::{Command, CommandContext, CommandSpec, Parameter};
use crate::eval::Run;

pub(crate) static SPEC: CommandSpec = CommandSpec::new(
    "Invoke-Expression",
    "Microsoft.PowerShell.Commands.InvokeExpressionCommand",
    || Box::new(InvokeExpression),
)
.parameters(&[Parameter::new("Command", "string")
    .position(0)
    .mandatory()
    .pipeline()]);

struct InvokeExpression;

impl Command for InvokeExpression {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let text = cx.text("Command").unwrap_or_default();
        let out = cx.out();
        cx.machine.run_text(&text, &out)
    }
}
