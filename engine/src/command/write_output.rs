//! Write-Output.

use super::{Command, CommandContext, CommandSpec, Parameter, Validate};
use crate::eval::Run;

pub(crate) static SPEC: CommandSpec = CommandSpec::new(
    "Write-Output",
    "Microsoft.PowerShell.Commands.WriteOutputCommand",
    || Box::new(WriteOutput),
)
.parameters(&[
    Parameter::new("InputObject", "object")
        .position(0)
        .mandatory()
        .pipeline()
        .remaining()
        .validate(&[
            Validate::AllowNull,
            Validate::AllowEmptyCollection,
            Validate::AllowEmptyString,
        ]),
    Parameter::switch("NoEnumerate"),
]);

struct WriteOutput;

impl Command for WriteOutput {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let value = cx.value("InputObject");
        if cx.is_set("NoEnumerate") {
            cx.write(value)
        } else {
            cx.write_items(value)
        }
    }
}
