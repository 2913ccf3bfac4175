//! The interpreter of one invocation: where it stands, what it may still use, and whom it answers to.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use super::flow::{Flow, Run};
use super::ops;
use super::out::{Out, Streams};
use super::scope::{ScopeId, Scopes};
use super::session::Session;
use super::source::Position;
use super::stop::StopSignal;
use super::symbol::Symbol;
use crate::runspace::Sink;
use crate::syntax::{Extent, SourceText};
use crate::value::{
    Context, ErrorCategory, ErrorRecord, Exception, Raise, ScriptBlock, Text, TypeId, TypeRef,
    Value,
};

/// Runs statements and commands. One exists for each invocation of a runspace and borrows its session.
pub struct Machine<'m> {
    /// What lasts from one invocation to the next.
    pub session: &'m mut Session,
    pub(crate) sink: &'m mut dyn Sink,
    pub(crate) stop: Arc<StopSignal>,
    pub(crate) scope: ScopeId,
    pub(crate) streams: Rc<Streams>,
    pub(crate) source: SourceText,
    /// The statement that runs now.
    pub(crate) at: Extent,
    pub(crate) depth: usize,
    /// Inside a `try` (of any caller) or a block with traps: errors go up instead of being written.
    pub(crate) guarded: bool,
    /// `$?`
    pub(crate) succeeded: bool,
    pub(crate) had_errors: bool,
    /// The errors of the `catch` blocks that run, for a bare `throw`.
    pub(crate) catching: Vec<Arc<ErrorRecord>>,
    /// What `[ref]` made, with the variables that follow.
    pub(crate) references: Vec<(Value, ScopeId, Symbol)>,
    /// Inside a `finally` of a stopped script, which may still run.
    pub(crate) finishing: u32,
    /// The functions that run with `-ErrorVariable` and the like, outermost first.
    pub(crate) collecting: Vec<Arc<super::records::CommonParameters>>,
    /// What the method that returns now gives back.
    pub(crate) returned: Option<Value>,
    fuel: Option<u64>,
    deadline: Option<Instant>,
    charged: usize,
    steps: u32,
    stages: u64,
    /// The calls that run, outermost first.
    pub(crate) calls: Vec<CallSite>,
    /// Makes lines of what Format commands write.
    formatter: Option<crate::format::Formatter>,
}

/// A call on the stack, for Get-PSCallStack and ScriptStackTrace.
#[derive(Clone, Debug)]
pub(crate) struct CallSite {
    pub(crate) name: Text,
    pub(crate) called_from: Option<Position>,
    pub(crate) file: Option<Text>,
}

impl<'m> Machine<'m> {
    pub(crate) fn new(
        session: &'m mut Session,
        sink: &'m mut dyn Sink,
        stop: Arc<StopSignal>,
    ) -> Self {
        let limits = &session.limits;
        let (fuel, deadline) = (
            limits.fuel,
            limits.deadline.map(|time| Instant::now() + time),
        );
        Self {
            session,
            sink,
            stop,
            scope: Scopes::GLOBAL,
            streams: Rc::default(),
            source: SourceText::new(""),
            at: Extent::default(),
            depth: 0,
            guarded: false,
            succeeded: true,
            had_errors: false,
            catching: Vec::new(),
            references: Vec::new(),
            finishing: 0,
            returned: None,
            collecting: Vec::new(),
            fuel,
            deadline,
            charged: 0,
            steps: 0,
            stages: 0,
            calls: Vec::new(),
            formatter: None,
        }
    }

    /// To be called at every statement, iteration and pipeline item, and in every loop that may run long.
    ///
    /// # Errors
    /// When the invocation was told to stop, or used up its fuel or time.
    #[inline]
    pub fn checkpoint(&mut self) -> Run {
        if self.stop.is_set() && self.finishing == 0 {
            return Err(Flow::Stopped);
        }
        if let Some(fuel) = &mut self.fuel {
            if *fuel == 0 {
                return Err(
                    self.exhausted("The script has used up the number of steps that it may take.")
                );
            }
            *fuel -= 1;
        }
        self.steps = self.steps.wrapping_add(1);
        // Reading the clock costs more than a statement, so it is done now and then.
        if self.steps & 0xff == 0
            && let Some(deadline) = self.deadline
            && Instant::now() >= deadline
        {
            return Err(self.exhausted("The script has used up the time that it may take."));
        }
        Ok(())
    }

    /// Accounts for memory that a script is about to use.
    ///
    /// # Errors
    /// When the limit of the runspace is reached.
    pub fn charge_bytes(&mut self, bytes: usize) -> Result<(), Raise> {
        self.charged = self.charged.saturating_add(bytes);
        if self.charged > self.session.limits.charged_bytes
            || bytes
                > self
                    .session
                    .limits
                    .string_bytes
                    .max(self.session.limits.collection_items)
        {
            // What is freed in between is not counted back, so the count starts again once a script was told.
            self.charged = 0;
            return Err(Raise::of(
                TypeId::OutOfMemoryException,
                "Exception of type 'System.OutOfMemoryException' was thrown.",
                "System.OutOfMemoryException",
            )
            .category(ErrorCategory::OperationStopped));
        }
        Ok(())
    }

    fn exhausted(&mut self, message: &str) -> Flow {
        self.fuel = None;
        self.deadline = None;
        tracing::info!(message, "An invocation reached a limit");
        let raise = Raise::of(TypeId::RuntimeException, message, "InvocationLimitReached")
            .category(ErrorCategory::LimitsExceeded);
        match Flow::from(raise) {
            Flow::Error(mut failure) => {
                failure.by_preference = true;
                Flow::Error(failure)
            }
            other => other,
        }
    }

    pub(crate) fn next_number(&mut self) -> u64 {
        self.stages += 1;
        self.stages
    }

    /// The session's host and sink.
    pub fn sink(&mut self) -> &mut dyn Sink {
        self.sink
    }

    /// The signal that ends this invocation.
    #[must_use]
    pub fn stop_signal(&self) -> Arc<StopSignal> {
        Arc::clone(&self.stop)
    }

    pub(crate) fn here(&self) -> Position {
        Position {
            source: self.source.clone(),
            extent: self.at,
        }
    }

    /// Runs something one call deeper.
    pub(crate) fn deeper<T>(&mut self, run: impl FnOnce(&mut Self) -> Run<T>) -> Run<T> {
        if self.depth >= self.session.limits.call_depth {
            let message = "The script failed due to call depth overflow.";
            return Err(Raise::of(
                TypeId::ScriptCallDepthException,
                message,
                "CallDepthOverflow",
            )
            .category(ErrorCategory::InvalidOperation)
            .into());
        }
        self.depth += 1;
        let result = run(self);
        self.depth -= 1;
        result
    }

    /// Writes one object to a place.
    ///
    /// # Errors
    /// When the pipeline ends.
    #[inline]
    pub fn write(&mut self, out: &Out, value: Value) -> Run {
        match out {
            Out::Null => Ok(()),
            Out::Host => {
                self.checkpoint()?;
                if value.as_clr::<crate::format::FormatEntry>().is_some() {
                    return self.write_formatted(&value);
                }
                self.sink
                    .output(if matches!(value, Value::Nothing) {
                        Value::Null
                    } else {
                        value
                    })
                    .map_err(|_| Flow::Stopped)
            }
            Out::Capture(buffer) => {
                let length = {
                    let mut buffer = buffer.borrow_mut();
                    buffer.push(if matches!(value, Value::Nothing) {
                        Value::Null
                    } else {
                        value
                    });
                    buffer.len()
                };
                if length & 0xfff == 0 {
                    self.charge_bytes(0x1000 * size_of::<Value>())?;
                }
                Ok(())
            }
            Out::Stage(stage) => self.push(stage, value),
            Out::Tee(both) => {
                both.1.borrow_mut().push(value.clone());
                self.write(&both.0, value)
            }
            Out::Named(named) => {
                self.session
                    .scopes
                    .get_mut(named.2)
                    .set(named.1, value.clone());
                self.write(&named.0, value)
            }
        }
    }

    /// Writes an object, or the items of a collection one by one.
    ///
    /// # Errors
    /// When the pipeline ends.
    pub fn write_enumerated(&mut self, out: &Out, value: Value) -> Run {
        match &value {
            Value::Nothing => Ok(()),
            Value::Array(array) => {
                // By position, as the array may change on the way and must not be locked meanwhile.
                let mut index = 0;
                while let Some(item) = array.get(index) {
                    self.checkpoint()?;
                    self.write(out, item)?;
                    index += 1;
                }
                Ok(())
            }
            Value::List(list) => {
                let (changes, mut index) = (list.changes(), 0);
                while let Some(item) = list.get(index) {
                    self.checkpoint()?;
                    self.write(out, item)?;
                    index += 1;
                    if list.changes() != changes {
                        return Err(ops::collection_changed().into());
                    }
                }
                Ok(())
            }
            Value::Null
            | Value::Bool(_)
            | Value::Int32(_)
            | Value::Int64(_)
            | Value::Double(_)
            | Value::String(_)
            | Value::Hash(_)
            | Value::ScriptBlock(_) => self.write(out, value),
            _ => match ops::items(&value) {
                Some(items) => {
                    for item in items {
                        self.checkpoint()?;
                        self.write(out, item)?;
                    }
                    Ok(())
                }
                None => self.write(out, value),
            },
        }
    }

    /// Runs `run` with its output collected.
    pub(crate) fn capture(&mut self, run: impl FnOnce(&mut Self, &Out) -> Run) -> Run<Vec<Value>> {
        let (out, buffer) = Out::capture();
        run(self, &out)?;
        Ok(super::out::drain(&buffer))
    }

    /// A type by name: a built-in one, or a class or enumeration of the session.
    #[must_use]
    pub fn type_named(&self, name: &str) -> Option<TypeRef> {
        if self.session.types.is_empty() {
            return TypeRef::find(name);
        }
        TypeRef::find_with(name, &mut |part| {
            self.session
                .types
                .get(&crate::value::FoldedStr(part))
                .cloned()
        })
    }

    /// `$OFS`, or a blank.
    pub(crate) fn separator(&mut self) -> Text {
        match self.lookup(super::symbol::known::ofs()) {
            Some(value) if !value.is_null() => ops::text(self, &value).unwrap_or_default(),
            _ => " ".into(),
        }
    }

    /// What a Format command wrote leaves as lines of text: nobody outside knows the layout.
    fn write_formatted(&mut self, entry: &Value) -> Run {
        let mut formatter = self
            .formatter
            .take()
            .unwrap_or_else(|| crate::format::Formatter::new(crate::format::session_options(self)));
        let text = formatter.push_in(entry, self)?;
        self.formatter = Some(formatter);
        for line in text.lines() {
            self.sink
                .output(crate::format::format_line(line))
                .map_err(|_| Flow::Stopped)?;
        }
        Ok(())
    }

    /// A variable by name, for commands.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<Value> {
        self.lookup(Symbol::find(name)?)
    }
}

impl Context for Machine<'_> {
    fn charge(&mut self, bytes: usize) -> Result<(), Raise> {
        self.charge_bytes(bytes)
    }

    fn checkpoint(&mut self) -> Result<(), Raise> {
        Machine::checkpoint(self).map_err(Raise::from)
    }

    fn call_block(
        &mut self,
        block: &Arc<ScriptBlock>,
        arguments: &[Value],
        underscore: Option<&Value>,
        this: Option<&Value>,
    ) -> Result<Value, Raise> {
        self.call_for_value(block, arguments, underscore, this)
            .map_err(Raise::from)
    }

    fn is_error(&self, raise: &Raise) -> bool {
        match raise {
            Raise::Error(_) => true,
            Raise::Flow(flow) => matches!(flow.downcast_ref::<Flow>(), Some(Flow::Error(_))),
        }
    }

    fn find_type(&mut self, name: &str) -> Option<TypeRef> {
        self.session
            .types
            .get(&crate::value::FoldedStr(name))
            .cloned()
    }

    fn construct(&mut self, class: &TypeRef, arguments: &[Value]) -> Option<Result<Value, Raise>> {
        super::class::of(class)?;
        Some(self.construct_class(class, arguments).map_err(Raise::from))
    }

    fn call_class_method(
        &mut self,
        this: &Value,
        name: &str,
        arguments: &[Value],
    ) -> Option<Result<Value, Raise>> {
        let Value::Object(object) = this else {
            return None;
        };
        let class = object.class()?.clone();
        Some(
            self.class_method(&class, Some(this), name, arguments)?
                .map_err(Raise::from),
        )
    }

    fn call_static_method(
        &mut self,
        class: &TypeRef,
        name: &str,
        arguments: &[Value],
    ) -> Option<Result<Value, Raise>> {
        Some(
            self.class_method(class, None, name, arguments)?
                .map_err(Raise::from),
        )
    }

    fn static_field(&mut self, class: &TypeRef, name: &str) -> Option<Result<Value, Raise>> {
        Some(self.read_static(class, name)?.map_err(Raise::from))
    }

    fn field_value(&mut self, class: &TypeRef, name: &str, value: &Value) -> Result<Value, Raise> {
        self.checked_field(class, name, value).map_err(Raise::from)
    }

    fn compile(&mut self, text: &Text) -> Result<Value, Raise> {
        self.compile_block(text).map_err(Raise::from)
    }

    fn output_field_separator(&mut self) -> Text {
        self.separator()
    }

    fn set_matches(&mut self, matches: Arc<crate::value::Hashtable>) {
        drop(self.set_local(super::symbol::known::matches(), Value::Hash(matches)));
    }

    fn current_directory(&self) -> String {
        self.session.location.clone()
    }
}

/// What stands in an exception that only the evaluator makes.
pub(crate) fn exception(id: TypeId, message: impl Into<Text>) -> Exception {
    Exception::new(TypeRef::of(id), message)
}
