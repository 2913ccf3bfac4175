//! Format-Wide.

use std::sync::Arc;

use super::format_entry::{FormatCommand, LAYOUT_PARAMETERS};
use super::{Command, CommandContext, CommandSpec, Parameter, Validate};
use crate::eval::Run;
use crate::format::{Layout, Shape};

pub(crate) static SPEC: CommandSpec = CommandSpec::new(
    "Format-Wide",
    "Microsoft.PowerShell.Commands.FormatWideCommand",
    || Box::new(FormatWide::default()),
)
.parameters(&[
    Parameter::new("Property", "object").position(0),
    Parameter::switch("AutoSize"),
    Parameter::new("Column", "int").validate(&[Validate::Range(1, i32::MAX as i64)]),
    LAYOUT_PARAMETERS[0],
    LAYOUT_PARAMETERS[1],
    LAYOUT_PARAMETERS[2],
    LAYOUT_PARAMETERS[3],
    LAYOUT_PARAMETERS[4],
    LAYOUT_PARAMETERS[5],
]);

#[derive(Default)]
struct FormatWide(FormatCommand);

impl Command for FormatWide {
    fn begin(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let columns = cx
            .integer("Column")
            .and_then(|count| usize::try_from(count).ok());
        let layout = Layout {
            columns,
            auto_size: cx.is_set("AutoSize"),
            ..FormatCommand::layout(Shape::Wide, cx)?
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
