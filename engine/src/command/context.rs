//! What a running command sees of the pipeline and the session.

use std::sync::Arc;

use crate::eval::{CommonParameters, Flow, Machine, Out, Run};
use crate::value::{
    ErrorCategory, ErrorRecord, Exception, Raise, ScriptBlock, Text, TypeId, Value,
};

/// The arguments of one command, converted and checked.
#[derive(Debug, Default)]
pub struct Bound {
    pub(crate) values: Vec<(&'static str, Value)>,
    /// The parameter set that was chosen; empty while several are left.
    pub(crate) set: Text,
}

/// The surroundings of a running command.
pub struct CommandContext<'a, 'm> {
    /// The interpreter, for whatever the methods below do not cover.
    pub machine: &'a mut Machine<'m>,
    pub(crate) bound: &'a Bound,
    pub(crate) common: &'a CommonParameters,
    pub(crate) out: &'a Out,
    pub(crate) stage: &'a crate::eval::StageInfo,
}

impl Bound {
    /// The argument of a parameter, if one was bound.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.values
            .iter()
            .find(|(own, _)| *own == name)
            .map(|(_, value)| value)
    }
}

impl<'m> CommandContext<'_, 'm> {
    /// The argument of `parameter` (spelt as declared), if one was bound.
    #[must_use]
    pub fn get(&self, parameter: &str) -> Option<&Value> {
        self.bound.get(parameter)
    }

    /// The argument, or `$null`.
    #[must_use]
    pub fn value(&self, parameter: &str) -> Value {
        self.get(parameter).cloned().unwrap_or_default()
    }

    /// Whether an argument was bound.
    #[must_use]
    pub fn has(&self, parameter: &str) -> bool {
        self.get(parameter).is_some()
    }

    /// Whether a switch is on.
    #[must_use]
    pub fn is_set(&self, parameter: &str) -> bool {
        self.get(parameter).is_some_and(crate::eval::is_true)
    }

    /// The argument of a `string` parameter.
    #[must_use]
    pub fn text(&self, parameter: &str) -> Option<Text> {
        self.get(parameter)
            .and_then(|value| value.as_text().cloned())
    }

    /// The argument of a `string[]` parameter.
    #[must_use]
    pub fn texts(&self, parameter: &str) -> Vec<Text> {
        match self.get(parameter).map(Value::base) {
            Some(Value::Array(array)) => array
                .read()
                .iter()
                .map(|item| item.as_text().cloned().unwrap_or_default())
                .collect(),
            Some(other) => other.as_text().cloned().into_iter().collect(),
            None => Vec::new(),
        }
    }

    /// The items of an argument that is an array; one item if it is not.
    #[must_use]
    pub fn items(&self, parameter: &str) -> Vec<Value> {
        match self.get(parameter) {
            Some(Value::Array(array)) => array.snapshot(),
            Some(other) => vec![other.clone()],
            None => Vec::new(),
        }
    }

    /// The argument of an `int` or `long` parameter.
    #[must_use]
    pub fn integer(&self, parameter: &str) -> Option<i64> {
        match self.get(parameter)?.base() {
            Value::Int32(number) => Some(i64::from(*number)),
            Value::Int64(number) => Some(*number),
            Value::UInt32(number) => Some(i64::from(*number)),
            Value::Byte(number) => Some(i64::from(*number)),
            Value::Int16(number) => Some(i64::from(*number)),
            Value::UInt64(number) => i64::try_from(*number).ok(),
            Value::Enum(value) => Some(value.bits),
            _ => None,
        }
    }

    /// The argument of a `scriptblock` parameter.
    #[must_use]
    pub fn block(&self, parameter: &str) -> Option<Arc<ScriptBlock>> {
        match self.get(parameter)?.base() {
            Value::ScriptBlock(block) => Some(Arc::clone(block)),
            _ => None,
        }
    }

    /// The name of the parameter set.
    #[must_use]
    pub fn parameter_set(&self) -> &str {
        &self.bound.set
    }

    /// The object that came down the pipeline, if this is a call of `process` with one.
    #[must_use]
    pub fn pipeline_object(&self) -> Option<Value> {
        self.stage.current.borrow().clone()
    }

    /// Whether objects come down the pipeline to this command.
    #[must_use]
    pub fn expects_input(&self) -> bool {
        self.stage.expects_input
    }

    /// Where this command's output goes, for handing on to script blocks.
    #[must_use]
    pub fn out(&self) -> Out {
        self.out.clone()
    }

    /// Writes one object, as it is: a collection is not taken apart.
    ///
    /// # Errors
    /// When the pipeline ends.
    pub fn write(&mut self, value: impl Into<Value>) -> Run {
        self.machine.write(self.out, value.into())
    }

    /// Writes an object, or the items of a collection.
    ///
    /// # Errors
    /// When the pipeline ends.
    pub fn write_items(&mut self, value: Value) -> Run {
        self.machine.write_enumerated(self.out, value)
    }

    /// Makes a record of this command: `id` gets the command's class behind it.
    #[must_use]
    pub fn error_record(
        &self,
        exception: Exception,
        id: &str,
        category: ErrorCategory,
        target: Value,
    ) -> Arc<ErrorRecord> {
        self.machine
            .command_error(self.stage, Value::clr(exception), id, category, target)
    }

    /// Writes a non-terminating error.
    ///
    /// # Errors
    /// When a preference makes it terminating, or the pipeline ends.
    pub fn write_error(&mut self, record: Arc<ErrorRecord>) -> Run {
        self.stage.failed.set(true);
        self.machine
            .write_error(record, self.common, Some(self.stage))
    }

    /// Writes a non-terminating error with an exception of a known type.
    ///
    /// # Errors
    /// When a preference makes it terminating, or the pipeline ends.
    pub fn error(
        &mut self,
        exception: TypeId,
        message: impl Into<Text>,
        id: &str,
        category: ErrorCategory,
        target: Value,
    ) -> Run {
        let record = self.error_record(
            Exception::new(crate::value::TypeRef::of(exception), message),
            id,
            category,
            target,
        );
        self.write_error(record)
    }

    /// A terminating error of this command, to be returned as `Err`.
    #[must_use]
    pub fn fail(
        &self,
        exception: TypeId,
        message: impl Into<Text>,
        id: &str,
        category: ErrorCategory,
        target: Value,
    ) -> Flow {
        Flow::record(self.error_record(
            Exception::new(crate::value::TypeRef::of(exception), message),
            id,
            category,
            target,
        ))
    }

    /// Makes this command's own record of what a value operation raised, and writes it as a non-terminating error.
    ///
    /// # Errors
    /// When a preference makes it terminating, or the pipeline ends.
    pub fn write_raised(&mut self, raise: Raise) -> Run {
        let failure = match Flow::from(raise) {
            Flow::Error(failure) => failure,
            other => return Err(other),
        };
        let record = self.machine.locate_in_command(failure, self.stage);
        self.write_error(record)
    }

    /// Writes to the warning stream.
    ///
    /// # Errors
    /// When a preference makes it terminating, or the pipeline ends.
    pub fn warning(&mut self, message: impl Into<Text>) -> Run {
        self.machine
            .write_warning(message.into(), self.common, Some(self.stage))
    }

    /// Writes to the verbose stream.
    ///
    /// # Errors
    /// When a preference makes it terminating, or the pipeline ends.
    pub fn verbose(&mut self, message: impl Into<Text>) -> Run {
        self.machine
            .write_verbose(message.into(), self.common, Some(self.stage))
    }

    /// Writes to the debug stream.
    ///
    /// # Errors
    /// When a preference makes it terminating, or the pipeline ends.
    pub fn debug(&mut self, message: impl Into<Text>) -> Run {
        self.machine
            .write_debug(message.into(), self.common, Some(self.stage))
    }

    /// Writes to the information stream.
    ///
    /// # Errors
    /// When a preference makes it terminating, or the pipeline ends.
    pub fn information(&mut self, message: Value, tags: Vec<Text>) -> Run {
        self.machine
            .write_information(message, tags, self.common, Some(self.stage))
    }

    /// Runs a script block in the caller's scope with `$_` set; its output goes on to the next command.
    ///
    /// # Errors
    /// Whatever ends the block.
    pub fn run_block(
        &mut self,
        block: &Arc<ScriptBlock>,
        underscore: Value,
        arguments: &[Value],
    ) -> Run {
        let out = self.out.clone();
        self.machine
            .run_inline(block, Some(underscore), arguments, &out)
    }

    /// Runs a script block in the caller's scope with `$_` set and gives what it wrote: nothing, one value, or an array.
    ///
    /// # Errors
    /// Whatever ends the block.
    pub fn value_of_block(&mut self, block: &Arc<ScriptBlock>, underscore: Value) -> Run<Value> {
        self.machine.value_of_inline(block, Some(underscore), &[])
    }

    /// Ends the commands before this one: it has all it wants. To be returned as `Err`.
    #[must_use]
    pub fn stop_upstream(&self) -> Flow {
        Flow::StopUpstream(self.stage.number)
    }

    /// To be called in every loop that may run long.
    ///
    /// # Errors
    /// When the invocation was told to stop, or used up what it may use.
    pub fn checkpoint(&mut self) -> Run {
        self.machine.checkpoint()
    }

    /// `-WhatIf` and `-Confirm`: whether to go on.
    ///
    /// # Errors
    /// When the user chose to stop.
    pub fn should_process(&mut self, target: &str, action: &str) -> Run<bool> {
        self.machine
            .should_process(target, action, self.common, self.stage)
    }
}
