//! Format-List.

use std::sync::Arc;

use super::format_entry::{FormatCommand, LAYOUT_PARAMETERS};
use super::{Command, CommandContext, CommandSpec, Parameter};
use crate::eval::Run;
use crate::format::Shape;

pub(crate) static SPEC: CommandSpec = CommandSpec::new(
    "Format-List",
    "Microsoft.PowerShell.Commands.FormatListCommand",
    || Box::new(FormatList::default()),
)
.parameters(&[
    Parameter::new("Property", "object[]").position(0),
    LAYOUT_PARAMETERS[0],
    LAYOUT_PARAMETERS[1],
    LAYOUT_PARAMETERS[2],
    LAYOUT_PARAMETERS[3],
    LAYOUT_PARAMETERS[4],
    LAYOUT_PARAMETERS[5],
]);

#[derive(Default)]
struct FormatList(FormatCommand);

impl Command for FormatList {
    fn begin(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        self.0
            .begin(Arc::new(FormatCommand::layout(Shape::List, cx)?));
        Ok(())
    }

    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        self.0.process(cx)
    }

    fn end(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        self.0.end(cx)
    }
}
