//! Set-Content, Add-Content and Clear-Content.

use std::fs::{File, OpenOptions};
use std::io::Write;

use super::encoding::Encoding;
use super::item_parameters::{
    EXCLUDE, FILTER, FORCE, INCLUDE, LITERAL_PATH, PASS_THRU, PATH_BY_PROPERTY,
};
use super::object::text_of;
use super::session_item::report;
use super::target::{existing, resolve};
use super::{Command, CommandContext, CommandSpec, Parameter, Validate};
use crate::eval::{Flow, Run};
use crate::provider::{ItemPath, Paths, Provider, io_failure, locate, write};
use crate::value::convert::{self, elements_of};
use crate::value::pattern::Wildcard;
use crate::value::{ErrorCategory, TypeId, TypeRef, Value};

const PARAMETERS: &[Parameter] = &[
    Parameter::new("Value", "object[]")
        .position(1)
        .mandatory()
        .pipeline()
        .by_property()
        .validate(&[
            Validate::AllowNull,
            Validate::AllowEmptyCollection,
            Validate::AllowEmptyString,
        ]),
    PASS_THRU,
    PATH_BY_PROPERTY,
    LITERAL_PATH,
    FILTER,
    INCLUDE,
    EXCLUDE,
    FORCE,
    Parameter::switch("NoNewline"),
    Parameter::new("Encoding", "object"),
    Parameter::switch("AsByteStream"),
    Parameter::new("Stream", "string"),
];

pub(crate) static SET: CommandSpec = CommandSpec::new(
    "Set-Content",
    "Microsoft.PowerShell.Commands.SetContentCommand",
    || {
        Box::new(WriteContent {
            appends: false,
            ..WriteContent::default()
        })
    },
)
.module("Microsoft.PowerShell.Management")
.default_set("Path")
.should_process()
.parameters(PARAMETERS);

pub(crate) static ADD: CommandSpec = CommandSpec::new(
    "Add-Content",
    "Microsoft.PowerShell.Commands.AddContentCommand",
    || {
        Box::new(WriteContent {
            appends: true,
            ..WriteContent::default()
        })
    },
)
.module("Microsoft.PowerShell.Management")
.default_set("Path")
.should_process()
.parameters(PARAMETERS);

pub(crate) static CLEAR: CommandSpec = CommandSpec::new(
    "Clear-Content",
    "Microsoft.PowerShell.Commands.ClearContentCommand",
    || Box::new(ClearContent),
)
.module("Microsoft.PowerShell.Management")
.default_set("Path")
.should_process()
.parameters(&[
    PATH_BY_PROPERTY,
    LITERAL_PATH,
    FILTER,
    INCLUDE,
    EXCLUDE,
    FORCE,
    Parameter::new("Stream", "string"),
]);

#[derive(Default)]
struct WriteContent {
    appends: bool,
    opened: bool,
    files: Vec<(ItemPath, File)>,
    /// Places that are not files take all values at once.
    others: Vec<ItemPath>,
    values: Vec<Value>,
}

impl Command for WriteContent {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        if !self.opened {
            self.opened = true;
            self.open(cx)?;
        }
        let value = cx.value("Value");
        let items = elements_of(&value).unwrap_or_else(|| vec![value]);
        if !self.others.is_empty() {
            self.values.extend(items.iter().cloned());
        }
        let encoding = Encoding::of(cx)?.unwrap_or(Encoding::UTF8);
        let mut bytes = Vec::new();
        for item in &items {
            cx.checkpoint()?;
            if cx.is_set("AsByteStream") {
                match convert::to(item, &TypeRef::of(TypeId::Byte), cx.machine) {
                    Ok(Value::Byte(byte)) => bytes.push(byte),
                    _ => {
                        let message = "Cannot proceed with byte encoding. When using byte encoding the content must be of type byte.";
                        return Err(cx.fail(
                            TypeId::PSArgumentException,
                            message,
                            "GetContentWriterArgumentError",
                            ErrorCategory::InvalidArgument,
                            item.clone(),
                        ));
                    }
                }
                continue;
            }
            if item.is_null() {
                continue;
            }
            let text = text_of(item, cx.machine)?;
            bytes.extend_from_slice(&encoding.encode(&text));
            if !cx.is_set("NoNewline") {
                bytes.extend_from_slice(&encoding.encode("\n"));
            }
        }
        for (place, file) in &mut self.files {
            if let Err(error) = file.write_all(&bytes) {
                let path = place.path.clone();
                failed(cx, &error, &path)?;
            }
        }
        if cx.is_set("PassThru") && !self.files.is_empty() {
            for item in items {
                cx.write(item)?;
            }
        }
        Ok(())
    }

    fn end(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        if !self.opened {
            self.open(cx)?;
        }
        let mut values = std::mem::take(&mut self.values);
        let value = if values.len() == 1 {
            values.pop().unwrap_or_default()
        } else {
            Value::array(values)
        };
        for place in std::mem::take(&mut self.others) {
            let result = write(cx, &place, value.clone());
            report(cx, result)?;
        }
        Ok(())
    }
}

impl WriteContent {
    fn open(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let encoding = Encoding::of(cx)?.unwrap_or(Encoding::UTF8);
        for (text, expands) in Paths::of(cx, None).given {
            let places = match expands && Wildcard::has_wildcards(&text) {
                true => resolve(cx, &text, true, false)?,
                false => match locate(cx, &text) {
                    Ok(place) => vec![place],
                    Err(error @ Flow::Error(_)) => {
                        report(cx, Err(error))?;
                        continue;
                    }
                    Err(flow) => return Err(flow),
                },
            };
            for place in places {
                if !cx.should_process(
                    &format!("Path: {}", place.shown()),
                    if self.appends {
                        "Add Content"
                    } else {
                        "Set Content"
                    },
                )? {
                    continue;
                }
                if place.provider != Provider::FileSystem {
                    self.others.push(place);
                    continue;
                }
                match self.open_file(&place.path, encoding, cx.is_set("AsByteStream")) {
                    Ok(file) => self.files.push((place, file)),
                    Err(error) => failed(cx, &error, &place.path)?,
                }
            }
        }
        Ok(())
    }

    fn open_file(&self, path: &str, encoding: Encoding, bytes: bool) -> std::io::Result<File> {
        let mut file = OpenOptions::new()
            .create(true)
            .write(true)
            .append(self.appends)
            .truncate(!self.appends)
            .open(path)?;
        if !bytes && (!self.appends || file.metadata()?.len() == 0) {
            file.write_all(encoding.preamble())?;
        }
        Ok(file)
    }
}

fn failed(cx: &mut CommandContext<'_, '_>, error: &std::io::Error, path: &str) -> Run {
    let (exception, message) = io_failure(error, path);
    let (id, category) = match exception {
        TypeId::UnauthorizedAccessException => (
            "GetContentWriterUnauthorizedAccessError",
            ErrorCategory::PermissionDenied,
        ),
        TypeId::DirectoryNotFoundException => (
            "GetContentWriterDirectoryNotFoundError",
            ErrorCategory::ObjectNotFound,
        ),
        _ => ("GetContentWriterIOError", ErrorCategory::WriteError),
    };
    cx.error(exception, message, id, category, Value::from(path))
}

struct ClearContent;

impl Command for ClearContent {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let paths = Paths::of(cx, None);
        for place in existing(cx, &paths, true)? {
            if !cx.should_process(&format!("Item: {}", place.shown()), "Clear Content")? {
                continue;
            }
            if place.provider != Provider::FileSystem {
                let result = write(cx, &place, Value::Null);
                report(cx, result)?;
                continue;
            }
            if let Err(error) = OpenOptions::new()
                .write(true)
                .truncate(true)
                .open(&place.path)
            {
                failed(cx, &error, &place.path)?;
            }
        }
        Ok(())
    }
}
