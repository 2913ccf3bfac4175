//! Select-String.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::sync::Arc;

use super::encoding::Encoding;
use super::item_parameters::LITERAL_PATH_ALIASES;
use super::net_object::NetObject;
use super::object::text_of;
use super::target::existing;
use super::{Command, CommandContext, CommandSpec, InSet, Parameter, Validate};
use crate::eval::{Flow, Run};
use crate::provider::{Paths, Provider, io_failure};
use crate::value::pattern::{Match, Regex, RegexOptions, escape};
use crate::value::{ErrorCategory, Text, TypeId, TypeRef, Value};

pub(crate) static SPEC: CommandSpec = CommandSpec::new(
    "Select-String",
    "Microsoft.PowerShell.Commands.SelectStringCommand",
    || Box::new(SelectString::default()),
)
.default_set("File")
.output_types(&[
    "Microsoft.PowerShell.Commands.MatchInfo",
    "System.Boolean",
    "System.String",
])
.parameters(&[
    Parameter::new("InputObject", "object")
        .in_sets(&[
            InSet::of("Object").mandatory().pipeline(),
            InSet::of("ObjectRaw").mandatory().pipeline(),
        ])
        .validate(&[Validate::AllowNull, Validate::AllowEmptyString]),
    Parameter::new("Pattern", "string[]")
        .position(0)
        .mandatory(),
    Parameter::new("Path", "string[]").in_sets(&[
        InSet::of("File").position(1).mandatory().by_property(),
        InSet::of("FileRaw").position(1).mandatory().by_property(),
    ]),
    Parameter::new("LiteralPath", "string[]")
        .aliases(LITERAL_PATH_ALIASES)
        .in_sets(&[
            InSet::of("LiteralFile").mandatory().by_property(),
            InSet::of("LiteralFileRaw").mandatory().by_property(),
        ]),
    Parameter::switch("Raw").in_sets(&[
        InSet::of("ObjectRaw").mandatory(),
        InSet::of("FileRaw").mandatory(),
        InSet::of("LiteralFileRaw").mandatory(),
    ]),
    Parameter::switch("SimpleMatch"),
    Parameter::switch("CaseSensitive"),
    Parameter::switch("Quiet").in_sets(&[
        InSet::of("Object"),
        InSet::of("File"),
        InSet::of("LiteralFile"),
    ]),
    Parameter::switch("List"),
    Parameter::switch("NoEmphasis"),
    Parameter::new("Include", "string[]"),
    Parameter::new("Exclude", "string[]"),
    Parameter::switch("NotMatch"),
    Parameter::switch("AllMatches"),
    Parameter::new("Encoding", "object"),
    Parameter::new("Context", "int[]")
        .validate(&[Validate::Count(1, 2), Validate::Range(0, i32::MAX as i64)]),
    Parameter::new("Culture", "string"),
]);

#[derive(Default)]
struct SelectString {
    patterns: Vec<(Text, Arc<Regex>)>,
    before: usize,
    after: usize,
    tracker: Tracker,
    line_number: u64,
    done: bool,
}

/// The lines around a match.
#[derive(Default)]
struct Tracker {
    before: VecDeque<Text>,
    waiting: VecDeque<Waiting>,
}

/// A match whose lines after it are still to come.
struct Waiting {
    found: Found,
    before: Vec<Text>,
    after: Vec<Text>,
}

struct Found {
    line: Text,
    number: u64,
    path: Text,
    pattern: Text,
    matches: Vec<Value>,
}

impl Command for SelectString {
    fn begin(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        for pattern in cx.texts("Pattern") {
            let source: Text = if cx.is_set("SimpleMatch") {
                escape(&pattern).into()
            } else {
                pattern.clone()
            };
            let options = if cx.is_set("CaseSensitive") {
                RegexOptions::default()
            } else {
                RegexOptions::IGNORE_CASE
            };
            match Regex::compile(&source, options) {
                Ok(regex) => self.patterns.push((pattern, regex)),
                Err(error) => {
                    let message =
                        format!("The string {pattern} is not a valid regular expression: {error}");
                    return Err(cx.fail(
                        TypeId::ArgumentException,
                        message,
                        "InvalidRegex",
                        ErrorCategory::InvalidArgument,
                        Value::Null,
                    ));
                }
            }
        }
        let context: Vec<usize> = cx
            .items("Context")
            .iter()
            .filter_map(|count| {
                if let Value::Int32(count) = count {
                    usize::try_from(*count).ok()
                } else {
                    None
                }
            })
            .collect();
        self.before = context.first().copied().unwrap_or(0);
        self.after = context.last().copied().unwrap_or(0);
        Ok(())
    }

    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        if self.done {
            return Ok(());
        }
        if cx.has("Path") || cx.has("LiteralPath") {
            let paths = Paths::of(cx, None);
            return self.files(cx, &paths);
        }
        let Some(object) = cx.get("InputObject").cloned() else {
            return Ok(());
        };
        if let Some(file) = object.as_clr::<crate::provider::FileItem>() {
            let paths = Paths {
                given: vec![(file.path.as_str().into(), false)],
            };
            return self.files(cx, &paths);
        }
        self.line_number += 1;
        let line = text_of(&object, cx.machine)?;
        let number = self.line_number;
        self.line(cx, line, number, &"InputStream".into())
            .map(|_| ())
    }

    fn end(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        self.flush(cx)
    }
}

impl SelectString {
    fn files(&mut self, cx: &mut CommandContext<'_, '_>, paths: &Paths) -> Run {
        for place in existing(cx, paths, false)? {
            if self.done {
                break;
            }
            if place.provider != Provider::FileSystem || Path::new(&place.path).is_dir() {
                continue;
            }
            let file = match File::open(&place.path) {
                Ok(file) => file,
                Err(error) => {
                    let (exception, message) = io_failure(&error, &place.path);
                    let message = format!("The file {} cannot be read: {message}", place.path);
                    cx.error(
                        exception,
                        message,
                        "ProcessingFile",
                        ErrorCategory::InvalidArgument,
                        Value::from(place.path.as_str()),
                    )?;
                    continue;
                }
            };
            let mut reader = BufReader::with_capacity(64 * 1024, file);
            let start = reader.fill_buf().ok().and_then(Encoding::detect);
            let encoding = start.or(Encoding::of(cx)?).unwrap_or(Encoding::UTF8);
            let path: Text = place.path.as_str().into();
            let mut number = 0;
            let mut bytes = Vec::new();
            let wide = !encoding.text.extends_ascii();
            loop {
                cx.checkpoint()?;
                bytes.clear();
                let read = if wide {
                    std::io::Read::read_to_end(&mut reader, &mut bytes)
                } else {
                    reader.read_until(b'\n', &mut bytes)
                };
                if !matches!(read, Ok(length) if length > 0) {
                    break;
                }
                cx.machine
                    .charge_bytes(bytes.len() / 64)
                    .map_err(Flow::from)?;
                let text = encoding.decode(&bytes);
                let mut stop = false;
                for line in super::get_content::split(&text, None) {
                    number += 1;
                    stop = self.line(cx, line.into(), number, &path)?;
                    if stop {
                        break;
                    }
                }
                if stop {
                    break;
                }
            }
            self.flush(cx)?;
            self.tracker.before.clear();
        }
        Ok(())
    }

    /// Looks at a line; true if no more lines of its file are wanted.
    fn line(
        &mut self,
        cx: &mut CommandContext<'_, '_>,
        line: Text,
        number: u64,
        path: &Text,
    ) -> Run<bool> {
        let mut found = None;
        for (pattern, regex) in &self.patterns {
            let limit = if cx.is_set("AllMatches") && !cx.is_set("SimpleMatch") {
                usize::MAX
            } else {
                1
            };
            let matches = regex
                .find_all(&line, limit, cx.machine)
                .map_err(Flow::from)?;
            if matches.is_empty() == cx.is_set("NotMatch") {
                let matches = matches
                    .into_iter()
                    .map(|found| {
                        Value::clr(Match::new(Arc::clone(regex), line.clone(), Some(found)))
                    })
                    .collect();
                found = Some(Found {
                    line: line.clone(),
                    number,
                    path: path.clone(),
                    pattern: pattern.clone(),
                    matches,
                });
                break;
            }
        }
        for waiting in &mut self.tracker.waiting {
            waiting.after.push(line.clone());
        }
        let hit = found.is_some();
        if let Some(found) = found {
            if cx.is_set("Quiet") {
                self.done = true;
                cx.write(Value::Bool(true))?;
                return Ok(true);
            }
            let before = self.tracker.before.iter().cloned().collect();
            self.tracker.waiting.push_back(Waiting {
                found,
                before,
                after: Vec::new(),
            });
        }
        if self.before > 0 {
            self.tracker.before.push_back(line);
            if self.tracker.before.len() > self.before {
                self.tracker.before.pop_front();
            }
        }
        while self
            .tracker
            .waiting
            .front()
            .is_some_and(|waiting| waiting.after.len() >= self.after)
        {
            if let Some(waiting) = self.tracker.waiting.pop_front() {
                self.put(cx, waiting)?;
            }
        }
        Ok(hit && cx.is_set("List") && path.as_str() != "InputStream")
    }

    fn flush(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        while let Some(waiting) = self.tracker.waiting.pop_front() {
            self.put(cx, waiting)?;
        }
        Ok(())
    }

    fn put(&self, cx: &mut CommandContext<'_, '_>, waiting: Waiting) -> Run {
        let Waiting {
            found,
            before,
            after,
        } = waiting;
        if cx.is_set("Raw") {
            return cx.write(Value::String(found.line));
        }
        let from_file = found.path.as_str() != "InputStream";
        let location = cx.machine.session.location.clone();
        let shown_path = match found
            .path
            .strip_prefix(&format!("{}/", location.trim_end_matches('/')))
        {
            Some(rest) if from_file => rest.to_owned(),
            _ => found.path.as_str().to_owned(),
        };
        let numbered = |mark: &str, line: &str, number: u64| {
            if from_file {
                format!("{mark}{shown_path}:{number}:{line}")
            } else {
                format!("{mark}{line}")
            }
        };
        let has_context = cx.has("Context");
        let mut lines = Vec::new();
        let first = found
            .number
            .saturating_sub(u64::try_from(before.len()).unwrap_or(0));
        for (number, line) in (first..).zip(&before) {
            lines.push(numbered("  ", line, number));
        }
        lines.push(numbered(
            if has_context { "> " } else { "" },
            &found.line,
            found.number,
        ));
        for (number, line) in (found.number + 1..).zip(&after) {
            lines.push(numbered("  ", line, number));
        }
        let context = if has_context {
            let strings = |lines: &[Text]| Value::strings(lines.iter().cloned());
            let properties = vec![
                ("PreContext", strings(&before)),
                ("PostContext", strings(&after)),
                ("DisplayPreContext", strings(&before)),
                ("DisplayPostContext", strings(&after)),
            ];
            NetObject::new("Microsoft.PowerShell.Commands.MatchInfoContext", properties)
                .into_value()
        } else {
            Value::Null
        };
        let name = found.path.rsplit('/').next().unwrap_or_default().to_owned();
        let properties = vec![
            ("IgnoreCase", Value::Bool(!cx.is_set("CaseSensitive"))),
            ("LineNumber", Value::UInt64(found.number)),
            ("Line", Value::String(found.line)),
            ("Filename", Value::from(name)),
            ("Path", Value::String(found.path)),
            ("Pattern", Value::String(found.pattern)),
            ("Context", context),
            (
                "Matches",
                Value::typed_array(TypeRef::of(TypeId::Match), found.matches),
            ),
        ];
        cx.write(
            NetObject::new("Microsoft.PowerShell.Commands.MatchInfo", properties)
                .with_text(lines.join("\n"))
                .into_value(),
        )
    }
}
