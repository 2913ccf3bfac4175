//! The commands that a client's debugger sends by itself: `__Set-PSDebugMode` and `__Set-PSUnhandledBreakpointMode`.
//!
//! They are answered by nothing but their success; there are no breakpoints here that a mode could be for.

use super::{Command, CommandSpec, Parameter};

pub(crate) static DEBUG_MODE: CommandSpec = CommandSpec::new(
    "__Set-PSDebugMode",
    "Microsoft.PowerShell.Commands.SetPSDebugModeCommand",
    || Box::new(SetMode),
)
.parameters(&[Parameter::new("Mode", "object").position(0)]);

pub(crate) static UNHANDLED_BREAKPOINT_MODE: CommandSpec = CommandSpec::new(
    "__Set-PSUnhandledBreakpointMode",
    "Microsoft.PowerShell.Commands.SetPSUnhandledBreakpointModeCommand",
    || Box::new(SetMode),
)
.parameters(&[Parameter::new("UnhandledBreakpointMode", "object").position(0)]);

struct SetMode;

impl Command for SetMode {}
