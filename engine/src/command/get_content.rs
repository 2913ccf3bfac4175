//! Get-Content.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use super::encoding::Encoding;
use super::item_parameters::{EXCLUDE, FILTER, FORCE, INCLUDE, LITERAL_PATH, PATH};
use super::target::existing;
use super::{Command, CommandContext, CommandSpec, Parameter, Validate};
use crate::eval::{Flow, Run};
use crate::provider::{ItemPath, Paths, Provider, io_failure, read};
use crate::value::{ErrorCategory, Text, TypeId, TypeRef, Value};

pub(crate) static SPEC: CommandSpec = CommandSpec::new(
    "Get-Content",
    "Microsoft.PowerShell.Commands.GetContentCommand",
    || Box::new(GetContent),
)
.module("Microsoft.PowerShell.Management")
.default_set("Path")
.output_types(&["System.Byte", "System.String"])
.parameters(&[
    Parameter::new("ReadCount", "long").by_property(),
    Parameter::new("TotalCount", "long")
        .aliases(&["First", "Head"])
        .by_property(),
    Parameter::new("Tail", "int")
        .aliases(&["Last"])
        .by_property()
        .validate(&[Validate::Range(0, i32::MAX as i64)]),
    PATH,
    LITERAL_PATH,
    FILTER,
    INCLUDE,
    EXCLUDE,
    FORCE,
    Parameter::new("Delimiter", "string"),
    Parameter::switch("Wait"),
    Parameter::switch("Raw"),
    Parameter::new("Encoding", "object"),
    Parameter::switch("AsByteStream"),
    Parameter::new("Stream", "string"),
]);

/// How much is read from a file at once.
const CHUNK: usize = 64 * 1024;

struct GetContent;

impl Command for GetContent {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        if cx.has("TotalCount") && cx.has("Tail") {
            let message = "The parameters TotalCount and Tail cannot be used together. Please specify only one parameter.";
            return Err(cx.fail(
                TypeId::InvalidOperationException,
                message,
                "TailAndHeadCannotCoexist",
                ErrorCategory::InvalidOperation,
                Value::Null,
            ));
        }
        let paths = Paths::of(cx, None);
        let hidden = cx.is_set("Force");
        for place in existing(cx, &paths, hidden)? {
            if place.provider != Provider::FileSystem {
                if let Some(value) = read(cx, &place) {
                    cx.write_items(value)?;
                }
                continue;
            }
            if Path::new(&place.path).is_dir() {
                let message = format!(
                    "Unable to get content because it is a directory: '{}'. Please use 'Get-ChildItem' instead.",
                    place.path
                );
                cx.error(
                    TypeId::InvalidOperationException,
                    message,
                    "GetContainerContentException",
                    ErrorCategory::InvalidOperation,
                    Value::from(place.path.as_str()),
                )?;
                continue;
            }
            match File::open(&place.path) {
                Ok(file) => read_file(cx, &place, file)?,
                Err(error) => report(cx, &error, &place)?,
            }
        }
        Ok(())
    }
}

fn report(cx: &mut CommandContext<'_, '_>, error: &std::io::Error, place: &ItemPath) -> Run {
    let (exception, message) = io_failure(error, &place.path);
    let (id, category) = match exception {
        TypeId::UnauthorizedAccessException => (
            "GetContentReaderUnauthorizedAccessError",
            ErrorCategory::PermissionDenied,
        ),
        TypeId::FileNotFoundException => (
            "GetContentReaderFileNotFoundError",
            ErrorCategory::ObjectNotFound,
        ),
        TypeId::DirectoryNotFoundException => (
            "GetContentReaderDirectoryNotFoundError",
            ErrorCategory::ObjectNotFound,
        ),
        _ => ("GetContentReaderIOError", ErrorCategory::ReadError),
    };
    cx.error(
        exception,
        message,
        id,
        category,
        Value::from(place.path.as_str()),
    )
}

/// Gathers items until there are `-ReadCount` of them, and gives them on.
struct Batch {
    size: i64,
    items: Vec<Value>,
}

impl Batch {
    fn push(&mut self, cx: &mut CommandContext<'_, '_>, item: Value) -> Run {
        if self.size == 1 {
            return cx.write(item);
        }
        cx.machine
            .charge_bytes(size_of::<Value>())
            .map_err(Flow::from)?;
        self.items.push(item);
        if self.size > 0 && i64::try_from(self.items.len()).unwrap_or(i64::MAX) >= self.size {
            self.flush(cx)
        } else {
            Ok(())
        }
    }

    fn flush(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        match self.items.len() {
            0 => Ok(()),
            _ => cx.write(Value::array(std::mem::take(&mut self.items))),
        }
    }
}

fn read_file(cx: &mut CommandContext<'_, '_>, place: &ItemPath, file: File) -> Run {
    let (head, tail) = (
        cx.integer("TotalCount").filter(|count| *count >= 0),
        cx.integer("Tail"),
    );
    let mut batch = Batch {
        size: cx.integer("ReadCount").unwrap_or(1).max(0),
        items: Vec::new(),
    };
    let asked = Encoding::of(cx)?;
    let mut reader = BufReader::with_capacity(CHUNK, file);
    if cx.is_set("AsByteStream") {
        return read_bytes(cx, place, reader, head, tail, batch);
    }
    let start = match reader.fill_buf() {
        Ok(start) => Encoding::detect(start),
        Err(error) => return report(cx, &error, place),
    };
    let encoding = start.or(asked).unwrap_or(Encoding::UTF8);
    let delimiter = cx.text("Delimiter");
    let whole = cx.is_set("Raw") || delimiter.is_some() || !encoding.text.extends_ascii();
    let mut last: VecDeque<Value> = VecDeque::new();
    let mut written = 0_i64;
    let mut take = |cx: &mut CommandContext<'_, '_>, text: &str| -> Run<bool> {
        cx.checkpoint()?;
        let item = Value::from(text);
        if let Some(limit) = tail {
            last.push_back(item);
            if i64::try_from(last.len()).unwrap_or(i64::MAX) > limit {
                last.pop_front();
            } else {
                cx.machine
                    .charge_bytes(text.len() + size_of::<Value>())
                    .map_err(Flow::from)?;
            }
            return Ok(true);
        }
        if head.is_some_and(|head| written >= head) {
            return Ok(false);
        }
        written += 1;
        batch.push(cx, item)?;
        Ok(head.is_none_or(|head| written < head))
    };
    if head == Some(0) {
        return Ok(());
    }
    if whole {
        let Some(bytes) = read_all(cx, place, &mut reader)? else {
            return Ok(());
        };
        let text = encoding.decode(&bytes);
        if cx.is_set("Raw") {
            return if text.is_empty() && bytes.is_empty() {
                Ok(())
            } else {
                cx.write(Value::from(text))
            };
        }
        for line in split(&text, delimiter.as_ref()) {
            if !take(cx, line)? {
                break;
            }
        }
    } else {
        let mut line = Vec::new();
        let mut first = true;
        loop {
            line.clear();
            match reader.read_until(b'\n', &mut line) {
                Ok(0) => break,
                Ok(length) => cx.machine.charge_bytes(length / 64).map_err(Flow::from)?,
                Err(error) => return report(cx, &error, place),
            }
            let mut bytes = &line[..];
            if std::mem::take(&mut first) {
                bytes = bytes.strip_prefix(encoding.preamble()).unwrap_or(bytes);
            }
            let text = encoding.decode(bytes);
            // A lone carriage return ends a line as well.
            let mut more = true;
            for line in split(&text, None) {
                more = take(cx, line)?;
                if !more {
                    break;
                }
            }
            if !more {
                break;
            }
        }
    }
    for item in last {
        batch.push(cx, item)?;
    }
    batch.flush(cx)
}

fn read_all(
    cx: &mut CommandContext<'_, '_>,
    place: &ItemPath,
    reader: &mut impl Read,
) -> Run<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    let mut chunk = vec![0; CHUNK];
    loop {
        cx.checkpoint()?;
        match reader.read(&mut chunk) {
            Ok(0) => return Ok(Some(bytes)),
            Ok(length) => {
                cx.machine.charge_bytes(length * 2).map_err(Flow::from)?;
                bytes.extend_from_slice(&chunk[..length]);
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => {
                report(cx, &error, place)?;
                return Ok(None);
            }
        }
    }
}

fn read_bytes(
    cx: &mut CommandContext<'_, '_>,
    place: &ItemPath,
    mut reader: impl Read,
    head: Option<i64>,
    tail: Option<i64>,
    mut batch: Batch,
) -> Run {
    let Some(bytes) = read_all(cx, place, &mut reader)? else {
        return Ok(());
    };
    if cx.is_set("Raw") || batch.size == 0 {
        let items = bytes.into_iter().map(Value::Byte).collect();
        return cx.write(Value::typed_array(TypeRef::of(TypeId::Byte), items));
    }
    let limit = |count: i64| {
        usize::try_from(count)
            .unwrap_or(usize::MAX)
            .min(bytes.len())
    };
    let bytes = match (head, tail) {
        (Some(head), _) => &bytes[..limit(head)],
        (None, Some(tail)) => &bytes[bytes.len() - limit(tail)..],
        (None, None) => &bytes[..],
    };
    for byte in bytes {
        cx.checkpoint()?;
        batch.push(cx, Value::Byte(*byte))?;
    }
    batch.flush(cx)
}

/// The lines of a text, or its parts between delimiters; nothing after the last line end.
pub(crate) fn split<'t>(text: &'t str, delimiter: Option<&Text>) -> Vec<&'t str> {
    if let Some(delimiter) = delimiter.filter(|delimiter| !delimiter.is_empty()) {
        let mut parts: Vec<&str> = text.split(delimiter.as_str()).collect();
        if parts.last().is_some_and(|last| last.is_empty()) {
            parts.pop();
        }
        return parts;
    }
    let mut lines = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        match rest.find(['\n', '\r']) {
            Some(end) => {
                lines.push(&rest[..end]);
                let width = if rest[end..].starts_with("\r\n") {
                    2
                } else {
                    1
                };
                rest = &rest[end + width..];
            }
            None => {
                lines.push(rest);
                break;
            }
        }
    }
    lines
}
