//! Errors as PowerShell shows them.

use super::cell::{decorated_lines, plain, width};
use super::properties::{property, type_names};
use crate::value::convert::to_text;
use crate::value::{Context, Detached, ErrorRecord, Raise, Text, Value, equal_folded};
use std::sync::PoisonError;

/// `$ErrorView`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum ErrorView {
    /// What failed, the line where that helps, and the message.
    #[default]
    Concise,
    /// The message with its position, category and id.
    Normal,
    /// The category only.
    Category,
}

impl ErrorView {
    /// The view of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [
            ("ConciseView", Self::Concise),
            ("NormalView", Self::Normal),
            ("CategoryView", Self::Category),
        ]
        .into_iter()
        .find(|(own, _)| equal_folded(own, name))
        .map(|(_, view)| view)
    }
}

const ERROR: &str = "\u{1b}[31;1m";
const ACCENT: &str = "\u{1b}[36;1m";
const RESET: &str = "\u{1b}[0m";

/// The text that PowerShell's console shows for an error, with line ends: ConciseView.
///
/// `record` is an `ErrorRecord` of this engine, or the property bag of one that came over the wire. Messages at a place in a script
/// are wrapped at `width` columns.
#[must_use]
pub fn error_text(record: &Value, width: usize, ansi: bool) -> String {
    let facts = Facts::read(record, true, &mut Detached).unwrap_or_default();
    decorate(&facts.concise(Some(width)), ansi)
}

/// The text of `value` in `view` if it is an error record.
pub(super) fn record_text(
    value: &Value,
    view: ErrorView,
    ansi: bool,
    cx: &mut dyn Context,
) -> Result<Option<String>, Raise> {
    if !matches!(value.base(), Value::Clr(_) | Value::Object(_)) {
        return Ok(None);
    }
    let names = type_names(value);
    let is_record = names.iter().any(|name| {
        matches!(
            name.as_str(),
            "System.Management.Automation.ErrorRecord"
                | "Deserialized.System.Management.Automation.ErrorRecord"
        )
    });
    if !is_record {
        return Ok(None);
    }
    // A record that a script read back as plain data has lost its category; one from a remote pipeline has not.
    let is_remote = names
        .first()
        .is_none_or(|name| !name.starts_with("Deserialized."));
    let facts = Facts::read(value, is_remote, cx)?;
    let text = match view {
        ErrorView::Concise => facts.concise(None),
        ErrorView::Normal => facts.normal(),
        ErrorView::Category => format!("{ERROR}{}{RESET}", facts.category_message),
    };
    Ok(Some(decorate(&text, ansi)))
}

fn decorate(text: &str, ansi: bool) -> String {
    let lines = if ansi {
        decorated_lines(text)
    } else {
        plain(text).lines().map(str::to_owned).collect()
    };
    let mut joined = String::new();
    for line in lines {
        joined.push_str(&line);
        joined.push('\n');
    }
    if joined.is_empty() {
        joined.push('\n');
    }
    joined
}

/// What the views need to know of a record.
#[derive(Debug, Default)]
struct Facts {
    id: String,
    message: String,
    recommended_action: String,
    category: String,
    category_message: String,
    activity: String,
    reason: String,
    thrown: bool,
    command: String,
    /// The command is a script and not one that has a name.
    command_is_script: bool,
    invocation_name: String,
    script_name: String,
    line: i64,
    position: String,
    computer: String,
}

impl Facts {
    fn read(record: &Value, with_flat_fields: bool, cx: &mut dyn Context) -> Result<Self, Raise> {
        let mut reader = Reader { cx };
        let exception = reader.value(record, "Exception")?;
        let category = reader.value(record, "CategoryInfo")?;
        let invocation = reader.value(record, "InvocationInfo")?;
        let details = reader.value(record, "ErrorDetails")?;
        let command = reader.value(&invocation, "MyCommand")?;
        let origin = reader.value(record, "OriginInfo")?;
        let mut facts = Self {
            id: reader.text(record, "FullyQualifiedErrorId")?,
            message: reader.text(&details, "Message")?,
            recommended_action: reader.text(&details, "RecommendedAction")?,
            category: reader.text(&category, "Category")?,
            category_message: if category.is_null() {
                String::new()
            } else {
                to_text(&category, reader.cx)?.as_str().to_owned()
            },
            activity: reader.text(&category, "Activity")?,
            reason: reader.text(&category, "Reason")?,
            thrown: reader.text(&exception, "WasThrownFromThrowStatement")? == "True",
            command: reader.text(&command, "Name")?,
            command_is_script: reader.text(&command, "CommandType")?.ends_with("Script"),
            invocation_name: reader.text(&invocation, "InvocationName")?,
            script_name: reader.text(&invocation, "ScriptName")?,
            line: reader.number(&invocation, "ScriptLineNumber")?,
            position: reader.text(&invocation, "PositionMessage")?,
            computer: reader.text(&origin, "PSComputerName")?,
        };
        if facts.command.is_empty() && !command.is_null() {
            facts.command = to_text(&command, reader.cx)?.as_str().to_owned();
            facts.command_is_script = true;
        }
        // On the wire category, details and place are properties of the record itself.
        if with_flat_fields && category.is_null() {
            facts.activity = reader.text(record, "ErrorCategory_Activity")?;
            facts.reason = reader.text(record, "ErrorCategory_Reason")?;
            facts.category_message = reader.text(record, "ErrorCategory_Message")?;
            facts.category = facts
                .category_message
                .split(':')
                .next()
                .unwrap_or_default()
                .to_owned();
        }
        if with_flat_fields && invocation.is_null() {
            facts.command = reader.text(record, "CommandInfo_Name")?;
            facts.invocation_name = reader.text(record, "InvocationInfo_InvocationName")?;
            facts.script_name = reader.text(record, "InvocationInfo_ScriptName")?;
            facts.line = reader.number(record, "InvocationInfo_ScriptLineNumber")?;
            facts.position = reader.text(record, "InvocationInfo_PositionMessage")?;
        }
        if facts.category_message.is_empty() {
            facts.category_message = reader.text(record, "ErrorCategory_Message")?;
        }
        if facts.message.is_empty() {
            facts.message = reader.text(record, "ErrorDetails_Message")?;
            facts.recommended_action = reader.text(record, "ErrorDetails_RecommendedAction")?;
        }
        if let Some(live) = record.as_clr::<ErrorRecord>() {
            let action = live
                .recommended_action
                .read()
                .unwrap_or_else(PoisonError::into_inner);
            facts.recommended_action = action.as_str().to_owned();
        }
        if facts.message.is_empty() {
            facts.message = reader.text(&exception, "Message")?;
        }
        if facts.message.is_empty() && exception.is_null() {
            facts.message = to_text(record, reader.cx)?.as_str().to_owned();
        }
        Ok(facts)
    }

    /// The text before the lines are taken apart, with colours.
    fn concise(&self, screen: Option<usize>) -> String {
        if matches!(
            self.id.as_str(),
            "NativeCommandError" | "NativeCommandErrorMessage"
        ) {
            return self.message.clone();
        }
        let (mut place, prefix) = self.place();
        let is_parse_error = self.category == "ParserError";
        let mut message = self.message.clone();
        if is_parse_error && let Some((_, rest)) = split_after_marks(&message) {
            message = rest.split("\n\n").next().unwrap_or_default().to_owned();
        }
        message = format!("{prefix}{message}");
        if !self.script_name.is_empty() || is_parse_error {
            message = message.replace("\r\n", " ").replace(['\n', '\t'], " ");
            if let Some(screen) = screen.filter(|screen| *screen > 0 && width(&message) > *screen) {
                message = wrap_message(&message, &prefix, screen);
            }
            message.push('\n');
        }
        if !self.recommended_action.is_empty() {
            message.push_str(&format!("\n  Recommendation: {}", self.recommended_action));
        }
        place.push_str(&format!("{ERROR}{message}"));
        format!("{ERROR}{}: {place}{RESET}", self.subject())
    }

    /// Who speaks: the command, or what the error says of itself.
    fn subject(&self) -> &str {
        // Write-Error speaks for whoever calls it.
        let named = !self.command_is_script && self.command != "Write-Error";
        let candidates = [
            if named { &self.command } else { "" },
            &self.activity,
            if named { &self.invocation_name } else { "" },
            if self.category == "NotSpecified" {
                ""
            } else {
                &self.category
            },
            &self.reason,
        ];
        if self.thrown {
            return "Exception";
        }
        candidates
            .into_iter()
            .find(|candidate| !candidate.is_empty())
            .unwrap_or("Error")
    }

    /// The line of the script, where there is more than one; and what then stands before each line of the message.
    fn place(&self) -> (String, String) {
        let is_module = self.script_name.ends_with(".psm1");
        if is_module || (self.script_name.is_empty() && self.line <= 1) {
            return (String::new(), String::new());
        }
        let mut source = self
            .position
            .lines()
            .skip(1)
            .map(|line| line.strip_prefix('+').unwrap_or(line));
        let Some(line) = source.next() else {
            return (String::new(), String::new());
        };
        let marks = source.last().unwrap_or_default();
        let number = self.line.to_string();
        let wider = " ".repeat(number.len().saturating_sub(4));
        let narrower = " ".repeat(4_usize.saturating_sub(number.len()));
        let mut text = if self.script_name.is_empty() {
            "\n".to_owned()
        } else {
            format!("{RESET}{}:{number}\n", self.script_name)
        };
        text.push_str(&format!("{ACCENT}{wider}Line |\n"));
        let start = marks.find('~').unwrap_or(0);
        let length = marks.trim().chars().count();
        text.push_str(&format!(
            "{ACCENT}{narrower}{number} | {RESET}{}\n",
            highlight(line, start, length)
        ));
        let prefix = format!("{ACCENT}{wider}     | {ERROR}");
        if !marks.is_empty() {
            text.push_str(&format!("{prefix}{marks}\n"));
        }
        (text, prefix)
    }

    fn normal(&self) -> String {
        let mut text = format!("{ERROR}{ERROR}");
        if !self.command.is_empty() && !self.thrown && self.position.is_empty() {
            text.push_str(&format!("{} : ", self.command));
        }
        text.push_str(&self.message);
        let mut line = |line: &str| {
            text.push('\n');
            text.push_str(line);
        };
        self.position.lines().for_each(&mut line);
        line(&format!(
            "+ CategoryInfo          : {}",
            self.category_message
        ));
        line(&format!("+ FullyQualifiedErrorId : {}", self.id));
        if !self.computer.is_empty() {
            line(&format!("+ PSComputerName        : {}", self.computer));
        }
        if !self.recommended_action.is_empty() {
            line(&format!("  Recommendation: {}", self.recommended_action));
        }
        text.push_str(RESET);
        text
    }
}

/// What follows the line of marks in the message of a parse error.
fn split_after_marks(message: &str) -> Option<(&str, &str)> {
    message
        .split_once("~\r\n")
        .or_else(|| message.split_once("~\n"))
}

/// The part of a source line that is meant, in the accent colour.
fn highlight(line: &str, start: usize, length: usize) -> String {
    let from = line
        .char_indices()
        .nth(start)
        .map_or(line.len(), |(index, _)| index);
    let (before, rest) = line.split_at(from);
    let to = rest
        .char_indices()
        .nth(length)
        .map_or(rest.len(), |(index, _)| index);
    let (meant, after) = rest.split_at(to);
    format!("{before}{ACCENT}{meant}{RESET}{after}")
}

/// A message beside a line number, broken between words.
fn wrap_message(message: &str, prefix: &str, screen: usize) -> String {
    let room = screen.saturating_sub(width(prefix)).max(1);
    let body = message.strip_prefix(prefix).unwrap_or(message);
    let lines = super::cell::wrap(body, room);
    let lines: Vec<String> = lines
        .iter()
        .map(|line| format!("{prefix}{}", line.trim()))
        .collect();
    lines.join("\n")
}

/// Reads properties of live objects and of property bags alike.
struct Reader<'c> {
    cx: &'c mut dyn Context,
}

impl Reader<'_> {
    fn value(&mut self, object: &Value, name: &str) -> Result<Value, Raise> {
        Ok(property(object, name, self.cx)?.unwrap_or_default())
    }

    fn text(&mut self, object: &Value, name: &str) -> Result<String, Raise> {
        let value = self.value(object, name)?;
        let text: Text = to_text(&value, self.cx)?;
        Ok(text.as_str().to_owned())
    }

    fn number(&mut self, object: &Value, name: &str) -> Result<i64, Raise> {
        let value = self.value(object, name)?;
        Ok(crate::value::number::integer_of(value.base())
            .and_then(|number| i64::try_from(number).ok())
            .unwrap_or(0))
    }
}
