//! New-TimeSpan and New-TemporaryFile.

use super::{Command, CommandContext, CommandSpec, InSet, Parameter};
use crate::eval::Run;
use crate::provider::{file_value, io_failure};
use crate::value::{
    DateTime, ErrorCategory, TICKS_PER_DAY, TICKS_PER_HOUR, TICKS_PER_MILLISECOND,
    TICKS_PER_MINUTE, TICKS_PER_SECOND, TimeSpan, TypeId, Value,
};

pub(crate) static TIME_SPAN: CommandSpec = CommandSpec::new(
    "New-TimeSpan",
    "Microsoft.PowerShell.Commands.NewTimeSpanCommand",
    || Box::new(NewTimeSpan),
)
.default_set("Date")
.output_types(&["System.TimeSpan"])
.parameters(&[
    Parameter::new("Start", "datetime")
        .aliases(&["LastWriteTime"])
        .in_sets(&[InSet::of("Date").position(0).pipeline().by_property()]),
    Parameter::new("End", "datetime").in_sets(&[InSet::of("Date").position(1).by_property()]),
    Parameter::new("Days", "int").in_sets(&[InSet::of("Time")]),
    Parameter::new("Hours", "int").in_sets(&[InSet::of("Time")]),
    Parameter::new("Minutes", "int").in_sets(&[InSet::of("Time")]),
    Parameter::new("Seconds", "int").in_sets(&[InSet::of("Time")]),
    Parameter::new("Milliseconds", "int").in_sets(&[InSet::of("Time")]),
]);

pub(crate) static TEMPORARY_FILE: CommandSpec = CommandSpec::new(
    "New-TemporaryFile",
    "Microsoft.PowerShell.Commands.NewTemporaryFileCommand",
    || Box::new(NewTemporaryFile),
)
.should_process()
.output_types(&["System.IO.FileInfo"]);

struct NewTimeSpan;

impl Command for NewTimeSpan {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let date = |name: &str| {
            if let Some(Value::DateTime(date)) = cx.get(name).map(Value::base) {
                *date
            } else {
                DateTime::now()
            }
        };
        let units = [
            ("Days", TICKS_PER_DAY),
            ("Hours", TICKS_PER_HOUR),
            ("Minutes", TICKS_PER_MINUTE),
            ("Seconds", TICKS_PER_SECOND),
            ("Milliseconds", TICKS_PER_MILLISECOND),
        ];
        let ticks = if units.iter().any(|(name, _)| cx.has(name)) {
            units.iter().try_fold(0_i64, |sum, (name, unit)| {
                sum.checked_add(cx.integer(name).unwrap_or(0).checked_mul(*unit)?)
            })
        } else {
            let (start, end) = (date("Start"), date("End"));
            Some(end.ticks - start.ticks)
        };
        match ticks {
            Some(ticks) => cx.write(Value::TimeSpan(TimeSpan { ticks })),
            None => Err(cx.fail(
                TypeId::OverflowException,
                "TimeSpan overflowed because the duration is too long.",
                "System.OverflowException",
                ErrorCategory::NotSpecified,
                Value::Null,
            )),
        }
    }
}

struct NewTemporaryFile;

impl Command for NewTemporaryFile {
    fn end(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let folder = std::env::temp_dir();
        if !cx.should_process(&folder.to_string_lossy(), "New-TemporaryFile")? {
            return Ok(());
        }
        let name = uuid::Uuid::new_v4().simple().to_string();
        let path = folder
            .join(format!("tmp{}.tmp", &name[..6]))
            .to_string_lossy()
            .into_owned();
        match std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&path)
        {
            Ok(_) => {
                let item = file_value(cx, &path);
                cx.write(item)
            }
            Err(error) => {
                let (exception, message) = io_failure(&error, &path);
                Err(cx.fail(
                    exception,
                    message,
                    "NewTemporaryFileWriteError",
                    ErrorCategory::WriteError,
                    Value::from(path),
                ))
            }
        }
    }
}
