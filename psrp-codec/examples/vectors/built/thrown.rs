//! Errors that a script throws and catches: what PowerShell says of where it was.

use psrp_codec::{ErrorCategory, ErrorRecord, PsString, Value};

use super::evaluate::Session;
use super::source::{Expression, Source, Statement, Type};

/// The longest line that is quoted as a whole.
const QUOTED: usize = 69;

impl Source<'_> {
    /// `try { throw value } catch { $_ }`
    pub(super) fn caught(&mut self) -> Option<Statement> {
        self.takes("try {").then_some(())?;
        let before = self.0.trim_start();
        self.takes("throw").then_some(())?;
        let value = match self.0.trim_start().starts_with('}') {
            true => None,
            false => Some(self.expression()?),
        };
        let statement = before.get(..before.len() - self.0.len())?.trim_end();
        self.takes("} catch { $_ }").then_some(())?;
        Some(Statement::Caught(statement.to_owned(), value))
    }
}

impl Session {
    /// The error that is caught when `statement` throws `value`.
    pub(super) fn thrown(&mut self, statement: &str, value: Option<&Expression>) -> Option<Value> {
        let value = match value {
            Some(value) => self.value(value)?,
            None => Value::Null,
        };
        let is_exception = match &value {
            Value::Reference(id) => self.object(*id)?.is("System.Exception"),
            _ => false,
        };
        let (exception, target) = match is_exception {
            true => (value, Value::Null),
            false => {
                let text = match value {
                    Value::Null => "ScriptHalted".into(),
                    _ => self.text_of(&value)?,
                };
                let of = "System.Management.Automation.RuntimeException";
                (self.exception(of, &[text.into()])?, value)
            }
        };
        let message = self.property(&exception, "Message")?;
        let message = message.as_string()?.clone();
        let category = ErrorCategory::OPERATION_STOPPED;
        let mut record = self.error_record(&exception, message, category, &target)?;
        record.invocation_info = Some(self.invocation(statement)?);
        record.script_stack_trace = Some("at <ScriptBlock>, <No file>: line 1".into());
        self.kept_error(record)
    }

    /// The `InvocationInfo` of a statement in a script of one line.
    fn invocation(&mut self, statement: &str) -> Option<Value> {
        let line = self.source.clone();
        let start = line.find(statement)?;
        (line.is_ascii() && line.len() <= QUOTED).then_some(())?;
        let (indent, mark) = (" ".repeat(start), "~".repeat(statement.len()));
        let column = i32::try_from(start).ok()?.checked_add(1)?;
        let position = format!("At line:1 char:{column}\n+ {line}\n+ {indent}{mark}");
        let bound = self.empty("Dictionary", &["string", "object"])?;
        let unbound = self.empty("List", &["object"])?;
        let origin = Type::plain("Management.Automation.CommandOrigin".into());
        let origin = self.enumeration(&origin, &"Internal".into())?;
        let empty = || Value::String(PsString::EMPTY);
        let own = vec![
            ("MyCommand", Value::Null),
            ("BoundParameters", bound),
            ("UnboundArguments", unbound),
            ("ScriptLineNumber", Value::Int32(1)),
            ("OffsetInLine", Value::Int32(column)),
            ("HistoryId", Value::Int64(1)),
            ("ScriptName", empty()),
            ("Line", line.as_str().into()),
            ("Statement", statement.into()),
            ("PositionMessage", position.as_str().into()),
            ("PSScriptRoot", empty()),
            ("PSCommandPath", Value::Null),
            ("InvocationName", empty()),
            ("PipelineLength", Value::Int32(0)),
            ("PipelinePosition", Value::Int32(0)),
            ("ExpectingInput", Value::Bool(false)),
            ("CommandOrigin", origin),
            ("DisplayScriptPosition", Value::Null),
        ];
        let of = "System.Management.Automation.InvocationInfo";
        Some(self.structure(of, false, of.into(), own))
    }

    /// A generic collection with nothing in it.
    fn empty(&mut self, name: &str, arguments: &[&str]) -> Option<Value> {
        let mut of = Type::plain(format!("Collections.Generic.{name}"));
        of.arguments = arguments
            .iter()
            .map(|each| Type::plain((*each).into()))
            .collect();
        self.call_static(&of, "new", &[])
    }

    pub(super) fn kept_error(&mut self, record: ErrorRecord) -> Option<Value> {
        let Value::Object(object) = record.to_value() else {
            return None;
        };
        let kept = self.kept(*object);
        if let Value::Reference(id) = kept {
            self.errors.insert(id);
        }
        Some(kept)
    }
}
