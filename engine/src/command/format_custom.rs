//! Format-Custom.

use std::sync::Arc;

use super::format_entry::{FormatCommand, LAYOUT_PARAMETERS};
use super::{Command, CommandContext, CommandSpec, Parameter, Validate};
use crate::eval::Run;
use crate::format::{Layout, Shape};

pub(crate) static SPEC: CommandSpec = CommandSpec::new(
    "Format-Custom",
    "Microsoft.PowerShell.Commands.FormatCustomCommand",
    || Box::new(FormatCustom::default()),
)
.parameters(&[
    Parameter::new("Property", "object[]").position(0),
    Parameter::new("Depth", "int").validate(&[Validate::Range(1, i32::MAX as i64)]),
    LAYOUT_PARAMETERS[0],
    LAYOUT_PARAMETERS[1],
    LAYOUT_PARAMETERS[2],
    LAYOUT_PARAMETERS[3],
    LAYOUT_PARAMETERS[4],
    LAYOUT_PARAMETERS[5],
]);

#[derive(Default)]
struct FormatCustom(FormatCommand);

impl Command for FormatCustom {
    fn begin(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let depth = cx
            .integer("Depth")
            .and_then(|depth| usize::try_from(depth).ok());
        let layout = Layout {
            depth,
            ..FormatCommand::layout(Shape::Custom, cx)?
        };
        self.0.begin(Arc::new(layout));
        Ok(())
    }

    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        self.0.process(cx)
    }

    fn end(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        self.0.end(cx)
    }
}
