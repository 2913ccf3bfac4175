//! Exit-PSSession: asks the host to leave the session.

use super::{Command, CommandContext, CommandSpec};
use crate::eval::{Flow, Run};
use crate::runspace::HostCall;

pub(crate) static SPEC: CommandSpec = CommandSpec::new(
    "Exit-PSSession",
    "Microsoft.PowerShell.Commands.ExitPSSessionCommand",
    || Box::new(ExitPsSession),
)
.module("Microsoft.PowerShell.Core");

struct ExitPsSession;

impl Command for ExitPsSession {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let call = HostCall {
            method: "PopRunspace",
            arguments: Vec::new(),
        };
        cx.machine
            .sink()
            .host_call(call)
            .map(drop)
            .map_err(|_| Flow::Stopped)
    }
}
