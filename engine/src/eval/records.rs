//! Error records and the other streams: made, placed, remembered, and sent where they belong.

use std::sync::{Arc, PoisonError};

use super::flow::{Failure, Flow, Run, reason};
use super::frame::InvocationInfo;
use super::machine::Machine;
use super::ops;
use super::out::{DEBUG, ERROR, INFORMATION, StreamTarget, VERBOSE, WARNING};
use super::pipeline::StageInfo;
use super::source::Position;
use super::symbol::{Symbol, known};
use crate::runspace::{InformationRecord, MessageRecord, ProgressRecord};
use crate::value::{
    DateTime, ErrorCategory, ErrorRecord, Exception, List, ListKind, RaisedError, Text, TypeId,
    TypeRef, Value,
};

/// What `-ErrorAction` and the like say, and `-OutVariable` and its like name.
#[derive(Clone, Debug, Default)]
pub struct CommonParameters {
    pub(crate) error_action: Option<Preference>,
    pub(crate) warning_action: Option<Preference>,
    pub(crate) information_action: Option<Preference>,
    pub(crate) progress_action: Option<Preference>,
    pub(crate) verbose: Option<bool>,
    pub(crate) debug: Option<bool>,
    pub(crate) error_variable: Option<Text>,
    pub(crate) warning_variable: Option<Text>,
    pub(crate) information_variable: Option<Text>,
    pub(crate) out_variable: Option<Text>,
    pub(crate) pipeline_variable: Option<Text>,
    pub(crate) what_if: Option<bool>,
    pub(crate) confirm: Option<bool>,
}

/// `ActionPreference`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Preference {
    SilentlyContinue,
    Stop,
    Continue,
    Inquire,
    Ignore,
    Suspend,
    Break,
}

impl Preference {
    pub(crate) fn of(value: &Value) -> Option<Self> {
        let bits = match value.base() {
            Value::Enum(value) => value.bits,
            Value::Int32(number) => i64::from(*number),
            Value::String(text) => TypeRef::of(TypeId::ActionPreference)
                .enum_info()?
                .number(text)?,
            _ => return None,
        };
        [
            Self::SilentlyContinue,
            Self::Stop,
            Self::Continue,
            Self::Inquire,
            Self::Ignore,
            Self::Suspend,
            Self::Break,
        ]
        .get(usize::try_from(bits).ok()?)
        .copied()
    }

    pub(crate) fn value(self) -> Value {
        Value::enumeration("System.Management.Automation.ActionPreference", self as i64)
            .unwrap_or_default()
    }

    fn is_silent(self) -> bool {
        matches!(self, Self::SilentlyContinue | Self::Ignore)
    }
}

impl CommonParameters {
    /// Whether records go into variables as well.
    pub(crate) fn collects(&self) -> bool {
        self.error_variable.is_some()
            || self.warning_variable.is_some()
            || self.information_variable.is_some()
    }
}

impl Machine<'_> {
    /// Whether any error was written.
    pub(crate) fn had_errors(&self) -> bool {
        self.had_errors
    }

    fn preference(&self, name: Symbol, missing: Preference) -> Preference {
        self.lookup(name)
            .and_then(|value| Preference::of(&value))
            .unwrap_or(missing)
    }

    pub(crate) fn error_preference(&self) -> Preference {
        self.preference(known::error_action(), Preference::Continue)
    }

    /// The record of an error that an expression or statement raised.
    pub(crate) fn record_at(&self, error: RaisedError, position: Position) -> Arc<ErrorRecord> {
        let info = InvocationInfo {
            position: Some(position),
            ..InvocationInfo::default()
        };
        let target = ops::plain_text(&error.target);
        let exception: Arc<Exception> = error.exception;
        let record = ErrorRecord::new(
            Value::Clr(exception),
            error.fqid.into_owned(),
            error.category,
            error.target,
        );
        self.fill_record(&record, Text::default(), target, Arc::new(info));
        Arc::new(record)
    }

    pub(crate) fn fill_record(
        &self,
        record: &ErrorRecord,
        activity: Text,
        target: Text,
        info: Arc<InvocationInfo>,
    ) {
        let target_type = record
            .target
            .type_ref()
            .map_or_else(Text::default, |ty| ty.name());
        *record
            .category_texts
            .write()
            .unwrap_or_else(PoisonError::into_inner) =
            [activity, reason(&record.exception), target, target_type];
        *record
            .script_stack_trace
            .write()
            .unwrap_or_else(PoisonError::into_inner) =
            Value::String(self.stack_trace(info.position.as_ref()));
        *record
            .invocation_info
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Value::Clr(info);
    }

    /// The record of an error of a command: its class goes behind the id, its name becomes the activity.
    pub(crate) fn command_error(
        &self,
        stage: &StageInfo,
        exception: Value,
        id: &str,
        category: ErrorCategory,
        target: Value,
    ) -> Arc<ErrorRecord> {
        let fqid = if stage.id.is_empty() {
            id.to_owned()
        } else {
            format!("{id},{}", stage.id)
        };
        let target_text = ops::plain_text(&target);
        let record = ErrorRecord::new(exception, fqid, category, target);
        self.fill_record(
            &record,
            stage.name.clone(),
            target_text,
            Arc::clone(&stage.invocation),
        );
        Arc::new(record)
    }

    /// Gives a finished record of an expression's error a command as its origin.
    #[expect(
        clippy::boxed_local,
        reason = "failures travel boxed, and this takes one as it comes"
    )]
    pub(crate) fn locate_in_command(
        &self,
        failure: Box<Failure>,
        stage: &StageInfo,
    ) -> Arc<ErrorRecord> {
        failure.into_record(|error| {
            let exception: Arc<Exception> = error.exception;
            self.command_error(
                stage,
                Value::Clr(exception),
                &error.fqid,
                error.category,
                error.target,
            )
        })
    }

    /// Places a failure where this machine stands, if it has no place yet.
    pub(crate) fn place(&self, flow: Flow, position: impl FnOnce() -> Position) -> Flow {
        match flow {
            Flow::Error(failure) => {
                Flow::Error(failure.located(|error| self.record_at(error, position())))
            }
            other => other,
        }
    }

    /// The last word on an error that ended the invocation.
    #[expect(
        clippy::boxed_local,
        reason = "failures travel boxed, and this takes one as it comes"
    )]
    pub(crate) fn finish_failure(&mut self, failure: Box<Failure>) -> Arc<ErrorRecord> {
        let here = self.here();
        let record = failure.into_record(|error| self.record_at(error, here));
        self.remember(&record);
        record
    }

    /// The record of an error that something else takes up.
    #[expect(
        clippy::boxed_local,
        reason = "failures travel boxed, and this takes one as it comes"
    )]
    pub(crate) fn finish_quietly(&mut self, failure: Box<Failure>) -> Arc<ErrorRecord> {
        let here = self.here();
        failure.into_record(|error| self.record_at(error, here))
    }

    /// Gives a record without a place one.
    pub(crate) fn placed_record(
        &self,
        record: ErrorRecord,
        position: Position,
    ) -> Arc<ErrorRecord> {
        let info = InvocationInfo {
            position: Some(position),
            ..InvocationInfo::default()
        };
        self.fill_record(&record, Text::default(), Text::default(), Arc::new(info));
        Arc::new(record)
    }

    /// Puts a record into `$Error`, newest first, once.
    pub(crate) fn remember(&mut self, record: &Arc<ErrorRecord>) {
        let value: Value = Value::Clr(Arc::clone(record) as Arc<dyn crate::value::ClrLike>);
        let limit = self.session.limits.error_history;
        let mut errors = self.session.errors.write();
        if errors
            .first()
            .is_some_and(|first| first.same_reference(&value))
        {
            return;
        }
        errors.insert(0, value);
        let dropped = if errors.len() > limit {
            errors.split_off(limit)
        } else {
            Vec::new()
        };
        drop(errors);
        drop(dropped);
    }

    /// Writes a non-terminating error.
    ///
    /// # Errors
    /// When a preference makes it terminating, or the pipeline ends.
    pub fn write_error(
        &mut self,
        record: Arc<ErrorRecord>,
        common: &CommonParameters,
        stage: Option<&StageInfo>,
    ) -> Run {
        let preference = common
            .error_action
            .unwrap_or_else(|| self.error_preference());
        // Errors that somebody further out takes are not this pipeline's.
        self.had_errors |= stage.is_none_or(|stage| !stage.redirected_outside);
        for name in self.collectors(common, |common| common.error_variable.as_ref()) {
            self.add_to_variable(
                &name,
                Value::Clr(Arc::clone(&record) as Arc<dyn crate::value::ClrLike>),
            );
        }
        if preference != Preference::Ignore {
            self.remember(&record);
        }
        match preference {
            Preference::Stop => {
                let mut failure = Failure::record(record);
                failure.by_preference = true;
                Err(Flow::Error(Box::new(failure)))
            }
            preference if preference.is_silent() => Ok(()),
            _ => self.send_error(record, stage),
        }
    }

    /// Sends a record down the error stream, wherever that goes.
    pub(crate) fn send_error(
        &mut self,
        record: Arc<ErrorRecord>,
        stage: Option<&StageInfo>,
    ) -> Run {
        self.had_errors |=
            stage.is_none() && matches!(self.streams.targets[ERROR], StreamTarget::Host);
        match self.stream(ERROR, stage) {
            StreamTarget::Host => self.sink.error(record).map_err(|_| Flow::Stopped),
            StreamTarget::Null => Ok(()),
            StreamTarget::To(out) => self.write(&out, Value::Clr(record)),
        }
    }

    fn stream(&self, number: usize, _stage: Option<&StageInfo>) -> StreamTarget {
        self.streams.targets[number].clone()
    }

    fn message(&self, message: Text, stage: Option<&StageInfo>) -> MessageRecord {
        let invocation = match stage {
            Some(stage) => {
                Value::Clr(Arc::clone(&stage.invocation) as Arc<dyn crate::value::ClrLike>)
            }
            None => Value::Null,
        };
        MessageRecord {
            message,
            invocation,
        }
    }

    fn stopped_by(&self, variable: &str, message: &str, stage: Option<&StageInfo>) -> Flow {
        let text = format!(
            "The running command stopped because the preference variable \"{variable}\" or common parameter is set to Stop: {message}"
        );
        let exception = super::machine::exception(TypeId::ParentContainsErrorRecordException, text);
        let record = match stage {
            Some(stage) => self.command_error(
                stage,
                Value::clr(exception),
                "ActionPreferenceStop",
                ErrorCategory::OperationStopped,
                Value::Null,
            ),
            None => {
                let record = ErrorRecord::new(
                    Value::clr(exception),
                    "ActionPreferenceStop",
                    ErrorCategory::OperationStopped,
                    Value::Null,
                );
                self.fill_record(
                    &record,
                    Text::default(),
                    Text::default(),
                    Arc::new(InvocationInfo {
                        position: Some(self.here()),
                        ..InvocationInfo::default()
                    }),
                );
                Arc::new(record)
            }
        };
        let mut failure = Failure::record(record);
        failure.by_preference = true;
        Flow::Error(Box::new(failure))
    }

    /// Writes to the warning stream.
    ///
    /// # Errors
    /// When a preference makes it terminating, or the pipeline ends.
    pub fn write_warning(
        &mut self,
        message: Text,
        common: &CommonParameters,
        stage: Option<&StageInfo>,
    ) -> Run {
        let preference = common
            .warning_action
            .unwrap_or_else(|| self.preference(known::warning(), Preference::Continue));
        for name in self.collectors(common, |common| common.warning_variable.as_ref()) {
            self.add_to_variable(
                &name,
                record_object("System.Management.Automation.WarningRecord", &message),
            );
        }
        if preference.is_silent() {
            return Ok(());
        }
        let record = self.message(message.clone(), stage);
        match self.stream(WARNING, stage) {
            StreamTarget::Host => self.sink.warning(record).map_err(|_| Flow::Stopped)?,
            StreamTarget::Null => {}
            StreamTarget::To(out) => self.write(
                &out,
                record_object("System.Management.Automation.WarningRecord", &message),
            )?,
        }
        if preference == Preference::Stop {
            return Err(self.stopped_by("WarningPreference", &message, stage));
        }
        Ok(())
    }

    /// Writes to the verbose stream.
    ///
    /// # Errors
    /// When a preference makes it terminating, or the pipeline ends.
    pub fn write_verbose(
        &mut self,
        message: Text,
        common: &CommonParameters,
        stage: Option<&StageInfo>,
    ) -> Run {
        let preference = match common.verbose {
            Some(true) => Preference::Continue,
            Some(false) => Preference::SilentlyContinue,
            None => self.preference(known::verbose(), Preference::SilentlyContinue),
        };
        if preference.is_silent() {
            return Ok(());
        }
        let record = self.message(message.clone(), stage);
        match self.stream(VERBOSE, stage) {
            StreamTarget::Host => self.sink.verbose(record).map_err(|_| Flow::Stopped)?,
            StreamTarget::Null => {}
            StreamTarget::To(out) => self.write(
                &out,
                record_object("System.Management.Automation.VerboseRecord", &message),
            )?,
        }
        if preference == Preference::Stop {
            return Err(self.stopped_by("VerbosePreference", &message, stage));
        }
        Ok(())
    }

    /// Writes to the debug stream.
    ///
    /// # Errors
    /// When a preference makes it terminating, or the pipeline ends.
    pub fn write_debug(
        &mut self,
        message: Text,
        common: &CommonParameters,
        stage: Option<&StageInfo>,
    ) -> Run {
        let preference = match common.debug {
            Some(true) => Preference::Continue,
            Some(false) => Preference::SilentlyContinue,
            None => self.preference(known::debug(), Preference::SilentlyContinue),
        };
        if preference.is_silent() {
            return Ok(());
        }
        let record = self.message(message.clone(), stage);
        match self.stream(DEBUG, stage) {
            StreamTarget::Host => self.sink.debug(record).map_err(|_| Flow::Stopped)?,
            StreamTarget::Null => {}
            StreamTarget::To(out) => self.write(
                &out,
                record_object("System.Management.Automation.DebugRecord", &message),
            )?,
        }
        if preference == Preference::Stop {
            return Err(self.stopped_by("DebugPreference", &message, stage));
        }
        Ok(())
    }

    /// Writes to the information stream. What a preference silences is still in the stream, only not shown by a host.
    ///
    /// # Errors
    /// When a preference makes it terminating, or the pipeline ends.
    pub fn write_information(
        &mut self,
        message: Value,
        tags: Vec<Text>,
        common: &CommonParameters,
        stage: Option<&StageInfo>,
    ) -> Run {
        let preference = common
            .information_action
            .unwrap_or_else(|| self.preference(known::information(), Preference::SilentlyContinue));
        for name in self.collectors(common, |common| common.information_variable.as_ref()) {
            self.add_to_variable(&name, information_object(&message, &tags, stage));
        }
        if preference == Preference::Ignore {
            return Ok(());
        }
        let text = ops::plain_text(&message);
        match self.stream(INFORMATION, stage) {
            StreamTarget::Host => {
                let source = stage.map_or_else(Text::default, |stage| stage.name.clone());
                let record = InformationRecord {
                    message,
                    source,
                    tags,
                    time: Some(DateTime::now()),
                };
                self.sink.information(record).map_err(|_| Flow::Stopped)?;
            }
            StreamTarget::Null => {}
            StreamTarget::To(out) => {
                self.write(&out, information_object(&message, &tags, stage))?
            }
        }
        if preference == Preference::Stop {
            return Err(self.stopped_by("InformationPreference", &text, stage));
        }
        Ok(())
    }

    /// Reports progress.
    ///
    /// # Errors
    /// When the pipeline ends.
    pub fn write_progress(&mut self, record: ProgressRecord, common: &CommonParameters) -> Run {
        let preference = common
            .progress_action
            .unwrap_or_else(|| self.preference(known::progress(), Preference::Continue));
        if preference.is_silent() {
            Ok(())
        } else {
            self.sink.progress(record).map_err(|_| Flow::Stopped)
        }
    }

    /// The variables that a record goes into: the command's own, and those of the functions that it was called from.
    fn collectors(
        &self,
        common: &CommonParameters,
        variable: impl Fn(&CommonParameters) -> Option<&Text>,
    ) -> Vec<Text> {
        self.collecting
            .iter()
            .map(|outer| &**outer)
            .chain(std::iter::once(common))
            .filter_map(|common| variable(common).cloned())
            .collect()
    }

    /// Adds to a variable that `-ErrorVariable` or the like names; `+name` keeps what is there.
    pub(crate) fn add_to_variable(&mut self, name: &str, value: Value) {
        let symbol = Symbol::of(name.trim_start_matches('+'));
        if let Some(Value::List(list)) = self.lookup(symbol) {
            list.write().push(value);
            return;
        }
        let list = Value::List(Arc::new(List::new(ListKind::ArrayList, vec![value])));
        let scope = self.scope;
        self.session.scopes.get_mut(scope).set(symbol, list);
    }

    fn stack_trace(&self, position: Option<&Position>) -> Text {
        let Some(position) = position else {
            return Text::default();
        };
        let mut lines = Vec::new();
        let mut at = Some(position);
        for call in self.calls.iter().rev() {
            let Some(position) = at else { break };
            let file = call.file.as_deref().unwrap_or("<No file>");
            lines.push(format!(
                "at {}, {file}: line {}",
                call.name,
                position.line_number()
            ));
            at = call.called_from.as_ref();
        }
        if let Some(position) = at {
            lines.push(format!(
                "at <ScriptBlock>, {}: line {}",
                position.source.file().unwrap_or("<No file>"),
                position.line_number()
            ));
        }
        lines.join("\n").into()
    }
}

/// A warning, verbose or debug record as an object.
fn record_object(type_name: &str, message: &Text) -> Value {
    let members = [
        ("Message", Value::String(message.clone())),
        ("InvocationInfo", Value::Null),
        ("PipelineIterationInfo", Value::array(Vec::new())),
    ];
    super::engine_objects::with_text(type_name, members.into_iter().collect(), message.clone())
}

fn information_object(message: &Value, tags: &[Text], stage: Option<&StageInfo>) -> Value {
    let members = [
        ("MessageData", message.clone()),
        (
            "Source",
            Value::String(stage.map_or_else(Text::default, |stage| stage.name.clone())),
        ),
        ("TimeGenerated", Value::DateTime(DateTime::now())),
        ("Tags", Value::strings(tags.iter().cloned())),
        ("User", Value::Null),
        ("Computer", Value::Null),
        ("ProcessId", Value::UInt32(std::process::id())),
        ("NativeThreadId", Value::UInt32(0)),
        ("ManagedThreadId", Value::UInt32(0)),
    ];
    super::engine_objects::with_text(
        "System.Management.Automation.InformationRecord",
        members.into_iter().collect(),
        ops::plain_text(message),
    )
}
