//! Read-Host: a line, or a secret, from whoever sits at the host.

use super::{Command, CommandContext, CommandSpec, Parameter};
use crate::eval::{Flow, Run};
use crate::runspace::HostCall;
use crate::value::{ErrorCategory, TypeId, Value};

pub(crate) static SPEC: CommandSpec = CommandSpec::new(
    "Read-Host",
    "Microsoft.PowerShell.Commands.ReadHostCommand",
    || Box::new(ReadHost),
)
.default_set("AsString")
.output_types(&["System.String", "System.Security.SecureString"])
.parameters(&[
    Parameter::new("Prompt", "object").position(0).remaining(),
    Parameter::switch("AsSecureString"),
    Parameter::switch("MaskInput"),
]);

struct ReadHost;

impl Command for ReadHost {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let secret = cx.is_set("AsSecureString") || cx.is_set("MaskInput");
        let call = if cx.has("Prompt") {
            let prompt: Vec<String> = cx
                .items("Prompt")
                .iter()
                .map(|item| crate::value::convert::invariant_text(item).to_string())
                .collect();
            let name = Value::string(prompt.join(" "));
            HostCall {
                method: "Prompt",
                arguments: vec![Value::string(""), Value::string(""), name],
            }
        } else if secret {
            HostCall {
                method: "ReadLineAsSecureString",
                arguments: Vec::new(),
            }
        } else {
            HostCall {
                method: "ReadLine",
                arguments: Vec::new(),
            }
        };
        let answer = cx
            .machine
            .sink()
            .host_call(call)
            .map_err(|_| Flow::Stopped)?;
        match answer {
            Some(answer) => cx.write(answer),
            None => Err(cx.fail(
                TypeId::InvalidOperationException,
                "Windows PowerShell is in NonInteractive mode. Read and Prompt functionality is not available.",
                "InvalidOperation",
                ErrorCategory::InvalidOperation,
                Value::Null,
            )),
        }
    }
}
