//! Format-Table.

use std::sync::Arc;

use super::format_entry::{FormatCommand, LAYOUT_PARAMETERS};
use super::{Command, CommandContext, CommandSpec, Parameter};
use crate::eval::Run;
use crate::format::{Layout, Shape};

pub(crate) static SPEC: CommandSpec = CommandSpec::new(
    "Format-Table",
    "Microsoft.PowerShell.Commands.FormatTableCommand",
    || Box::new(FormatTable::default()),
)
.parameters(&[
    Parameter::switch("AutoSize"),
    Parameter::switch("RepeatHeader"),
    Parameter::switch("HideTableHeaders"),
    Parameter::switch("Wrap"),
    Parameter::new("Property", "object[]").position(0),
    LAYOUT_PARAMETERS[0],
    LAYOUT_PARAMETERS[1],
    LAYOUT_PARAMETERS[2],
    LAYOUT_PARAMETERS[3],
    LAYOUT_PARAMETERS[4],
    LAYOUT_PARAMETERS[5],
]);

#[derive(Default)]
struct FormatTable(FormatCommand);

impl Command for FormatTable {
    fn begin(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let layout = Layout {
            auto_size: cx.is_set("AutoSize"),
            wrap: cx.is_set("Wrap"),
            hide_headers: cx.is_set("HideTableHeaders"),
            ..FormatCommand::layout(Shape::Table, cx)?
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
