//! A runspace: the session of one user of the engine, and what it is asked to run.

mod sink;
mod spec;

use std::sync::Arc;

pub use sink::{
    Closed, Collected, HostCall, InformationRecord, MessageRecord, ProgressRecord, Sink,
};
pub use spec::{Argument, CommandInvocation, InputSource, Merge, NoInput, PipelineSpec};

use crate::eval::{Flow, Machine, Out, Session, StopSignal};
use crate::limits::RunspaceLimits;
use crate::value::{ErrorRecord, Value};

/// How a runspace is made.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RunspaceOptions {
    /// What scripts may use up.
    pub limits: RunspaceLimits,
    /// Whether aliases such as `ls` and `sort` exist, which hide native tools elsewhere than on Windows. Defaults to true.
    pub windows_aliases: bool,
    /// Whether programs of this computer may be run. Defaults to true.
    pub native_commands: bool,
    /// The folder to start in. Defaults to that of the process.
    pub location: Option<String>,
    /// `$Host.Name`. Defaults to `Default Host`.
    pub host_name: String,
    /// `$PSHOME`.
    pub home: String,
}

impl Default for RunspaceOptions {
    fn default() -> Self {
        let home = std::env::current_exe().ok().and_then(|path| {
            path.parent()
                .map(|folder| folder.to_string_lossy().into_owned())
        });
        Self {
            limits: RunspaceLimits::default(),
            windows_aliases: true,
            native_commands: true,
            location: None,
            host_name: "Default Host".to_owned(),
            home: home.unwrap_or_default(),
        }
    }
}

/// A session in which pipelines run one after the other and share variables, functions and everything else.
///
/// Deep recursion of scripts takes stack: run a runspace on a thread made by [`Runspace::thread`].
pub struct Runspace {
    session: Session,
    stop: Arc<StopSignal>,
}

/// Ends what a runspace runs, from any thread.
#[derive(Clone, Debug)]
pub struct StopHandle(Arc<StopSignal>);

/// How an invocation ended.
#[derive(Debug)]
#[non_exhaustive]
pub enum Completion {
    /// It came to its end.
    Completed {
        /// Whether any error was written.
        had_errors: bool,
    },
    /// It was stopped.
    Stopped,
    /// A terminating error ended it.
    Failed(Arc<ErrorRecord>),
}

impl Runspace {
    /// A new session.
    #[must_use]
    pub fn new(options: RunspaceOptions) -> Self {
        Self {
            session: Session::new(options),
            stop: Arc::default(),
        }
    }

    /// A thread builder with a stack that is deep enough for scripts; only what is touched takes memory.
    pub fn thread(name: &str) -> std::thread::Builder {
        std::thread::Builder::new()
            .name(name.to_owned())
            .stack_size(256 << 20)
    }

    /// What stops this runspace from another thread.
    #[must_use]
    pub fn stop_handle(&self) -> StopHandle {
        StopHandle(Arc::clone(&self.stop))
    }

    /// Runs a pipeline to its end. Output and records go to `sink` as they arise.
    pub fn invoke(&mut self, spec: &mut PipelineSpec, sink: &mut dyn Sink) -> Completion {
        if !spec.is_nested {
            self.stop.reset();
        }
        let mut machine = Machine::new(&mut self.session, sink, Arc::clone(&self.stop));
        let result = machine.run_spec(spec);
        let had_errors = machine.had_errors();
        match result {
            Ok(())
            | Err(
                Flow::Exit(_)
                | Flow::Return
                | Flow::Break(_)
                | Flow::Continue(_)
                | Flow::StopUpstream(_),
            ) => Completion::Completed { had_errors },
            Err(Flow::Stopped) => Completion::Stopped,
            Err(Flow::Error(failure)) => Completion::Failed(machine.finish_failure(failure)),
        }
    }

    /// Sets a variable of the global scope.
    pub fn set_variable(&mut self, name: &str, value: Value) {
        self.session.set_global(name, value);
    }

    /// Objects as Out-String shows them; `None` if there is no such command.
    #[must_use]
    pub fn formatted(&mut self, objects: Vec<Value>, width: i32) -> Option<String> {
        self.session.registry.find("Out-String")?;
        let mut sink = Collected::default();
        let mut machine = Machine::new(&mut self.session, &mut sink, Arc::clone(&self.stop));
        let command =
            CommandInvocation::named("Out-String").parameter("Width", Value::Int32(width));
        if objects.is_empty() {
            return Some(String::new());
        }
        machine.run_command(&command, objects, &Out::Host).ok()?;
        Some(
            sink.output
                .iter()
                .filter_map(|text| text.as_text().map(|text| text.to_string()))
                .collect(),
        )
    }

    /// The session, for hosts that look into it between invocations.
    pub fn session(&mut self) -> &mut Session {
        &mut self.session
    }
}

impl Drop for Runspace {
    /// Variables may hold containers that hold each other: emptying them lets the memory go.
    fn drop(&mut self) {
        self.session.clear();
    }
}

impl StopHandle {
    /// Ends what runs now; nothing happens if nothing runs.
    pub fn stop(&self) {
        self.0.set();
    }
}
