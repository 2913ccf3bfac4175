//! Out-String.

use super::{Command, CommandContext, CommandSpec, InSet, Parameter, Validate};
use crate::eval::{Flow, Run};
use crate::format::{FormatOptions, Formatter, session_options};

pub(crate) static SPEC: CommandSpec = CommandSpec::new(
    "Out-String",
    "Microsoft.PowerShell.Commands.OutStringCommand",
    || Box::new(OutString::default()),
)
.default_set("NoNewLineFormatting")
.parameters(&[
    Parameter::switch("Stream").in_sets(&[InSet::of("StreamFormatting")]),
    Parameter::new("Width", "int").validate(&[Validate::Range(2, i32::MAX as i64)]),
    Parameter::switch("NoNewline").in_sets(&[InSet::of("NoNewLineFormatting")]),
    Parameter::new("InputObject", "object").pipeline(),
])
.output_types(&["System.String"]);

#[derive(Default)]
struct OutString {
    formatter: Option<Formatter>,
    text: String,
}

impl Command for OutString {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let value = cx.value("InputObject");
        // Not before there is something to show: the script before it may change how that is done.
        let mut formatter = match self.formatter.take() {
            Some(formatter) => formatter,
            None => Formatter::new(options(cx)),
        };
        let text = formatter.push_in(&value, cx.machine).map_err(Flow::from)?;
        self.formatter = Some(formatter);
        self.take(&text, cx)
    }

    fn end(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let rest = self
            .formatter
            .take()
            .map(Formatter::finish)
            .unwrap_or_default();
        self.take(&rest, cx)?;
        if cx.is_set("Stream") {
            return Ok(());
        }
        if cx.is_set("NoNewline") {
            self.text = self.text.replace('\n', "");
        }
        let text = std::mem::take(&mut self.text);
        cx.write(text)
    }
}

fn options(cx: &CommandContext<'_, '_>) -> FormatOptions {
    let mut options = session_options(cx.machine);
    if let Some(width) = cx
        .integer("Width")
        .and_then(|width| usize::try_from(width).ok())
    {
        options.width = width;
    }
    options
}

impl OutString {
    /// Keeps text for the end, or writes its lines at once.
    fn take(&mut self, text: &str, cx: &mut CommandContext<'_, '_>) -> Run {
        if !cx.is_set("Stream") {
            crate::value::Context::charge(cx.machine, text.len()).map_err(Flow::from)?;
            self.text.push_str(text);
            return Ok(());
        }
        for line in text.lines() {
            cx.write(line)?;
        }
        Ok(())
    }
}
