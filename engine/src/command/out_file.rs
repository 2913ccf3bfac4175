//! Out-File.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;

use super::encoding::Encoding;
use super::item_parameters::LITERAL_PATH_ALIASES;
use super::{Command, CommandContext, CommandSpec, InSet, Parameter, Validate};
use crate::eval::{Flow, Run};
use crate::format::{Formatter, session_options};
use crate::provider::{io_failure, locate_file};
use crate::value::{ErrorCategory, TypeId, Value};

pub(crate) static SPEC: CommandSpec = CommandSpec::new(
    "Out-File",
    "Microsoft.PowerShell.Commands.OutFileCommand",
    || Box::new(OutFile::default()),
)
.default_set("ByPath")
.should_process()
.parameters(&[
    Parameter::new("FilePath", "string")
        .aliases(&["Path"])
        .in_sets(&[InSet::of("ByPath").position(0).mandatory()]),
    Parameter::new("LiteralPath", "string")
        .aliases(LITERAL_PATH_ALIASES)
        .in_sets(&[InSet::of("ByLiteralPath").mandatory().by_property()]),
    Parameter::new("Encoding", "object").position(1),
    Parameter::switch("Append"),
    Parameter::switch("Force"),
    Parameter::switch("NoClobber").aliases(&["NoOverwrite"]),
    Parameter::new("Width", "int").validate(&[Validate::Range(2, i32::MAX as i64)]),
    Parameter::switch("NoNewline"),
    Parameter::new("InputObject", "object").pipeline(),
]);

/// How wide lines are where nobody looks at them: never cut.
const WIDTH: usize = i32::MAX as usize;

#[derive(Default)]
struct OutFile {
    formatter: Option<Formatter>,
    file: Option<(File, String)>,
    encoding: Option<Encoding>,
}

impl Command for OutFile {
    fn begin(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let path = cx
            .text("FilePath")
            .or_else(|| cx.text("LiteralPath"))
            .unwrap_or_default();
        let place = locate_file(cx, &path)?;
        if !cx.should_process(&place.path, "Output to File")? {
            return Ok(());
        }
        let appends = cx.is_set("Append");
        if cx.is_set("NoClobber") && Path::new(&place.path).exists() && !appends {
            let message = format!("The file '{}' already exists.", place.path);
            return Err(cx.fail(
                TypeId::IOException,
                message,
                "NoClobber",
                ErrorCategory::ResourceExists,
                Value::from(place.path),
            ));
        }
        let encoding = Encoding::of(cx)?.unwrap_or(Encoding::UTF8);
        let opened = OpenOptions::new()
            .create(true)
            .write(true)
            .append(appends)
            .truncate(!appends)
            .open(&place.path)
            .and_then(|mut file| {
                if !appends || file.metadata()?.len() == 0 {
                    file.write_all(encoding.preamble())?;
                }
                Ok(file)
            });
        match opened {
            Ok(file) => {
                self.encoding = Some(encoding);
                self.file = Some((file, place.path));
                Ok(())
            }
            Err(error) => {
                let (exception, message) = io_failure(&error, &place.path);
                Err(cx.fail(
                    exception,
                    message,
                    "FileOpenFailure",
                    ErrorCategory::OpenError,
                    Value::Null,
                ))
            }
        }
    }

    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        if cx.pipeline_object().is_none() && !cx.has("InputObject") {
            return Ok(());
        }
        let value = cx.value("InputObject");
        let mut formatter = match self.formatter.take() {
            Some(formatter) => formatter,
            None => {
                let mut options = session_options(cx.machine);
                options.width = cx
                    .integer("Width")
                    .and_then(|width| usize::try_from(width).ok())
                    .unwrap_or(WIDTH);
                Formatter::new(options)
            }
        };
        let text = formatter.push_in(&value, cx.machine).map_err(Flow::from)?;
        self.formatter = Some(formatter);
        self.put(cx, &text)
    }

    fn end(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let rest = self
            .formatter
            .take()
            .map(Formatter::finish)
            .unwrap_or_default();
        self.put(cx, &rest)
    }
}

impl OutFile {
    fn put(&mut self, cx: &mut CommandContext<'_, '_>, text: &str) -> Run {
        let (Some((file, path)), Some(encoding)) = (&mut self.file, self.encoding) else {
            return Ok(());
        };
        let bytes = if cx.is_set("NoNewline") {
            encoding.encode(&text.replace('\n', ""))
        } else {
            encoding.encode(text)
        };
        match file.write_all(&bytes) {
            Ok(()) => Ok(()),
            Err(error) => {
                let (exception, message) = io_failure(&error, path);
                Err(cx.fail(
                    exception,
                    message,
                    "FileWriteFailure",
                    ErrorCategory::WriteError,
                    Value::Null,
                ))
            }
        }
    }
}
