//! Export-Csv.

use std::fs::OpenOptions;
use std::io::Write;

use super::csv::{
    DELIMITER, INCLUDE_TYPE_INFORMATION, NO_HEADER, NO_TYPE_INFORMATION, QUOTE_FIELDS, Table,
    USE_CULTURE, USE_QUOTES, columns, delimiter, read_file,
};
use super::csv_text::Reader;
use super::encoding::Encoding;
use super::item_parameters::{FORCE, LITERAL_PATH_ALIASES};
use super::session_item::report;
use super::{Command, CommandContext, CommandSpec, Parameter, Validate};
use crate::eval::{Flow, Run};
use crate::provider::{ItemPath, io_failure, locate_file};
use crate::value::{ErrorCategory, TypeId, Value, equal_folded};

pub(crate) static EXPORT: CommandSpec = CommandSpec::new(
    "Export-Csv",
    "Microsoft.PowerShell.Commands.ExportCsvCommand",
    || Box::new(Export::default()),
)
.should_process()
.parameters(&[
    Parameter::new("InputObject", "object")
        .mandatory()
        .pipeline()
        .validate(&[Validate::AllowNull]),
    Parameter::new("Path", "string").position(0),
    Parameter::new("LiteralPath", "string").aliases(LITERAL_PATH_ALIASES),
    FORCE,
    Parameter::switch("NoClobber").aliases(&["NoOverwrite"]),
    Parameter::new("Encoding", "object"),
    Parameter::switch("Append"),
    DELIMITER,
    USE_CULTURE,
    INCLUDE_TYPE_INFORMATION,
    NO_TYPE_INFORMATION,
    QUOTE_FIELDS,
    USE_QUOTES,
    NO_HEADER,
]);

#[derive(Default)]
struct Export {
    table: Table,
    file: Option<Output>,
    skipped: bool,
}

struct Output {
    path: ItemPath,
    writer: std::io::BufWriter<std::fs::File>,
    encoding: Encoding,
    /// The file has lines already.
    headed: bool,
}

impl Export {
    fn open(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let Some(text) = cx.text("LiteralPath").or_else(|| cx.text("Path")) else {
            return Err(cx.fail(
                TypeId::ArgumentException,
                "You must specify either the -Path or -LiteralPath parameters, but not both.",
                "CannotSpecifyPathAndLiteralPath",
                ErrorCategory::InvalidData,
                Value::Null,
            ));
        };
        let path = locate_file(cx, &text)?;
        if !cx.should_process(&path.shown(), "Export-Csv")? {
            self.skipped = true;
            return Ok(());
        }
        let append = cx.is_set("Append");
        let mut encoding = Encoding::of(cx)?.unwrap_or(Encoding::UTF8);
        let mut headed = false;
        if append && let Ok(bytes) = read_file(cx, &path)? {
            encoding = Encoding::detect(&bytes).unwrap_or(encoding);
            let old = encoding.decode(&bytes);
            let mut reader = Reader::new(&old, delimiter(cx));
            reader.type_line();
            if let Some(header) = reader.record() {
                headed = true;
                self.table.columns = Some(header);
            }
        }
        let mut options = OpenOptions::new();
        options.write(true);
        if cx.is_set("NoClobber") && !append {
            options.create_new(true);
        } else {
            options.create(true);
        }
        if append {
            options.append(true);
        } else {
            options.truncate(true);
        }
        let opened = options.open(&path.path).and_then(|mut file| {
            if !headed {
                file.write_all(encoding.preamble())?;
            }
            Ok(file)
        });
        match opened {
            Ok(file) => {
                self.file = Some(Output {
                    path,
                    writer: std::io::BufWriter::new(file),
                    encoding,
                    headed,
                });
                Ok(())
            }
            Err(error) => {
                let (ty, message) = io_failure(&error, &path.path);
                let (id, category) = match error.kind() {
                    std::io::ErrorKind::AlreadyExists => {
                        ("NoClobber", ErrorCategory::ResourceExists)
                    }
                    _ => ("FileOpenFailure", ErrorCategory::OpenError),
                };
                Err(cx.fail(ty, message, id, category, Value::from(path.path)))
            }
        }
    }

    /// What is appended has to have the columns that are there.
    fn check(&self, cx: &CommandContext<'_, '_>, object: &Value) -> Run {
        let headed = self.file.as_ref().is_some_and(|file| file.headed);
        if !headed || cx.is_set("Force") {
            return Ok(());
        }
        let own = columns(object);
        let missing = self
            .table
            .columns
            .iter()
            .flatten()
            .find(|name| !own.iter().any(|own| equal_folded(own, name)));
        let Some(missing) = missing else {
            return Ok(());
        };
        let path = cx
            .text("Path")
            .or_else(|| cx.text("LiteralPath"))
            .unwrap_or_default();
        let message = format!(
            "Cannot append CSV content to the following file: {path}. The appended object does not have a property that corresponds to the following column: {missing}. To continue with mismatched properties, add the -Force parameter, and then retry the command."
        );
        Err(cx.fail(
            TypeId::InvalidOperationException,
            message,
            "CannotAppendCsvWithMismatchedPropertyNames",
            ErrorCategory::InvalidData,
            Value::String(missing.clone()),
        ))
    }
}

impl Command for Export {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let object = cx.value("InputObject");
        if object.is_null() || self.skipped {
            return Ok(());
        }
        if self.file.is_none() {
            self.open(cx)?;
        }
        self.check(cx, &object)?;
        let headed = self.file.as_ref().is_some_and(|file| file.headed);
        let lines = self.table.lines(cx, &object, headed)?;
        let Some(file) = &mut self.file else {
            return Ok(());
        };
        for line in lines {
            let bytes = file.encoding.encode(&format!("{line}\n"));
            if let Err(error) = file.writer.write_all(&bytes) {
                let path = file.path.path.clone();
                return Err(failed(cx, &error, path));
            }
        }
        Ok(())
    }

    fn end(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        if let Some(mut file) = self.file.take()
            && let Err(error) = file.writer.flush()
        {
            let flow = failed(cx, &error, file.path.path);
            return report(cx, Err(flow));
        }
        Ok(())
    }
}

fn failed(cx: &CommandContext<'_, '_>, error: &std::io::Error, path: String) -> Flow {
    let (ty, message) = io_failure(error, &path);
    cx.fail(
        ty,
        message,
        "FileWriteFailure",
        ErrorCategory::WriteError,
        Value::from(path),
    )
}
