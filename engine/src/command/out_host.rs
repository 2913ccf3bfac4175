//! Out-Host and Out-Default: text for the user, through the host.

use super::{Command, CommandContext, CommandSpec, Parameter};
use crate::eval::{Flow, Run};
use crate::format::{Formatter, session_options};
use crate::runspace::HostCall;

pub(crate) static HOST: CommandSpec = CommandSpec::new(
    "Out-Host",
    "Microsoft.PowerShell.Commands.OutHostCommand",
    || Box::new(OutHost::default()),
)
.module("Microsoft.PowerShell.Core")
.parameters(&[
    Parameter::switch("Paging"),
    Parameter::new("InputObject", "object").pipeline(),
]);

pub(crate) static DEFAULT: CommandSpec = CommandSpec::new(
    "Out-Default",
    "Microsoft.PowerShell.Commands.OutDefaultCommand",
    || Box::new(OutHost::default()),
)
.module("Microsoft.PowerShell.Core")
.parameters(&[
    Parameter::switch("Transcript"),
    Parameter::new("InputObject", "object").pipeline(),
]);

#[derive(Default)]
struct OutHost {
    formatter: Option<Formatter>,
}

impl Command for OutHost {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let value = cx.value("InputObject");
        let mut formatter = match self.formatter.take() {
            Some(formatter) => formatter,
            None => Formatter::new(session_options(cx.machine)),
        };
        let text = formatter.push_in(&value, cx.machine).map_err(Flow::from)?;
        self.formatter = Some(formatter);
        show(&text, cx)
    }

    fn end(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let rest = self
            .formatter
            .take()
            .map(Formatter::finish)
            .unwrap_or_default();
        show(&rest, cx)
    }
}

fn show(text: &str, cx: &mut CommandContext<'_, '_>) -> Run {
    for line in text.lines() {
        let call = HostCall {
            method: "WriteLine2",
            arguments: vec![line.into()],
        };
        cx.machine
            .sink()
            .host_call(call)
            .map_err(|_| Flow::Stopped)?;
    }
    Ok(())
}
