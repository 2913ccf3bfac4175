//! Tee-Object.

use std::fs::{File, OpenOptions};
use std::io::Write;

use super::encoding::Encoding;
use super::item_parameters::LITERAL_PATH_ALIASES;
use super::object::text_of;
use super::{Command, CommandContext, CommandSpec, InSet, Parameter};
use crate::eval::{Run, Symbol};
use crate::provider::{io_failure, locate_file};
use crate::value::{ErrorCategory, Value};

pub(crate) static SPEC: CommandSpec = CommandSpec::new(
    "Tee-Object",
    "Microsoft.PowerShell.Commands.TeeObjectCommand",
    || Box::new(TeeObject::default()),
)
.default_set("File")
.parameters(&[
    Parameter::new("InputObject", "object").pipeline(),
    Parameter::new("FilePath", "string")
        .aliases(&["Path"])
        .in_sets(&[InSet::of("File").position(0).mandatory()]),
    Parameter::new("LiteralPath", "string")
        .aliases(LITERAL_PATH_ALIASES)
        .in_sets(&[InSet::of("LiteralFile").mandatory()]),
    Parameter::switch("Append").in_sets(&[InSet::of("File"), InSet::of("Variable")]),
    Parameter::new("Encoding", "object").in_sets(&[InSet::of("File"), InSet::of("LiteralFile")]),
    Parameter::new("Variable", "string").in_sets(&[InSet::of("Variable").mandatory()]),
]);

#[derive(Default)]
struct TeeObject {
    kept: Vec<Value>,
    file: Option<File>,
}

impl Command for TeeObject {
    fn begin(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let Some(path) = cx.text("FilePath").or_else(|| cx.text("LiteralPath")) else {
            return Ok(());
        };
        let place = locate_file(cx, &path)?;
        let appends = cx.is_set("Append");
        match OpenOptions::new()
            .create(true)
            .write(true)
            .append(appends)
            .truncate(!appends)
            .open(&place.path)
        {
            Ok(file) => self.file = Some(file),
            Err(error) => {
                let (exception, message) = io_failure(&error, &place.path);
                return Err(cx.fail(
                    exception,
                    message,
                    "FileOpenFailure",
                    ErrorCategory::OpenError,
                    Value::Null,
                ));
            }
        }
        Ok(())
    }

    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let Some(object) = cx.get("InputObject").cloned() else {
            return Ok(());
        };
        match &mut self.file {
            Some(file) => {
                let encoding = Encoding::of(cx)?.unwrap_or(Encoding::UTF8);
                let text = text_of(&object, cx.machine)?;
                if let Err(error) = file.write_all(&encoding.encode(&format!("{text}\n"))) {
                    let (exception, message) = io_failure(&error, "");
                    return Err(cx.fail(
                        exception,
                        message,
                        "FileWriteFailure",
                        ErrorCategory::WriteError,
                        Value::Null,
                    ));
                }
            }
            None => {
                cx.machine.charge_bytes(size_of::<Value>())?;
                self.kept.push(object.clone());
            }
        }
        cx.write(object)
    }

    fn end(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let Some(name) = cx.text("Variable") else {
            return Ok(());
        };
        let mut kept = std::mem::take(&mut self.kept);
        let scope = cx.machine.scope;
        if cx.is_set("Append")
            && let Some(old) = cx.machine.variable(&name)
        {
            let mut all = crate::value::convert::elements_of(&old).unwrap_or_else(|| vec![old]);
            all.append(&mut kept);
            kept = all;
        }
        let value = if kept.len() == 1 {
            kept.pop().unwrap_or_default()
        } else {
            Value::array(kept)
        };
        cx.machine.assign(scope, Symbol::of(&name), value)
    }
}
