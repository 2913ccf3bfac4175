//! Out-Null.

use super::{Command, CommandSpec, Parameter};

pub(crate) static SPEC: CommandSpec = CommandSpec::new(
    "Out-Null",
    "Microsoft.PowerShell.Commands.OutNullCommand",
    || Box::new(OutNull),
)
.module("Microsoft.PowerShell.Core")
.parameters(&[Parameter::new("InputObject", "object").pipeline()]);

struct OutNull;

impl Command for OutNull {}
