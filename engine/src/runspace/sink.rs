//! Who receives what a pipeline gives, and answers what it asks.

use std::sync::Arc;

use crate::value::{DateTime, ErrorRecord, Text, Value};

/// The receiver is gone: the pipeline has to stop.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Closed;

/// Receives the streams of an invocation and answers host calls.
///
/// Each method may block, which makes the pipeline wait. `Err(Closed)` ends the pipeline.
#[expect(
    clippy::missing_errors_doc,
    reason = "every method gives `Closed` for the one reason told above"
)]
pub trait Sink {
    /// An object of the output stream.
    fn output(&mut self, value: Value) -> Result<(), Closed>;

    /// A record of the error stream.
    fn error(&mut self, record: Arc<ErrorRecord>) -> Result<(), Closed>;

    /// A record of the warning stream.
    fn warning(&mut self, record: MessageRecord) -> Result<(), Closed>;

    /// A record of the verbose stream.
    fn verbose(&mut self, record: MessageRecord) -> Result<(), Closed>;

    /// A record of the debug stream.
    fn debug(&mut self, record: MessageRecord) -> Result<(), Closed>;

    /// A record of the information stream; Write-Host writes here too, with the tag `PSHOST`.
    fn information(&mut self, record: InformationRecord) -> Result<(), Closed>;

    /// Progress.
    fn progress(&mut self, record: ProgressRecord) -> Result<(), Closed>;

    /// A call of the host. `Ok(None)` means that there is no host that could answer.
    fn host_call(&mut self, call: HostCall) -> Result<Option<Value>, Closed> {
        let _ = call;
        Ok(None)
    }

    /// Whether there is a host that can ask a user something.
    fn is_interactive(&self) -> bool {
        false
    }
}

/// A warning, verbose or debug record.
#[derive(Clone, Debug)]
pub struct MessageRecord {
    /// The text.
    pub message: Text,
    /// InvocationInfo of who wrote it; null if unknown.
    pub invocation: Value,
}

/// A record of the information stream.
#[derive(Clone, Debug)]
pub struct InformationRecord {
    /// MessageData.
    pub message: Value,
    /// The command that wrote it.
    pub source: Text,
    /// Tags.
    pub tags: Vec<Text>,
    /// When it was written.
    pub time: Option<DateTime>,
}

/// A record of the progress stream.
#[derive(Clone, Debug)]
pub struct ProgressRecord {
    /// Which activity.
    pub activity_id: i32,
    /// The activity that this one is part of; -1 for none.
    pub parent_activity_id: i32,
    /// What is done.
    pub activity: Text,
    /// How it stands.
    pub status: Text,
    /// What is done right now.
    pub current_operation: Option<Text>,
    /// -1 if unknown.
    pub percent_complete: i32,
    /// -1 if unknown.
    pub seconds_remaining: i32,
    /// Whether it has ended.
    pub completed: bool,
}

/// A call of the host, by the name and with the arguments of `PSHost` and its user interface.
#[derive(Clone, Debug)]
pub struct HostCall {
    /// The method, such as `ReadLine`, `Write2` or `PromptForChoice`.
    pub method: &'static str,
    /// Its arguments.
    pub arguments: Vec<Value>,
}

/// A sink that keeps everything.
#[derive(Debug, Default)]
pub struct Collected {
    /// The output stream.
    pub output: Vec<Value>,
    /// The error stream.
    pub errors: Vec<Arc<ErrorRecord>>,
    /// The warning stream.
    pub warnings: Vec<MessageRecord>,
    /// The verbose stream.
    pub verbose: Vec<MessageRecord>,
    /// The debug stream.
    pub debug: Vec<MessageRecord>,
    /// The information stream.
    pub information: Vec<InformationRecord>,
    /// The progress stream.
    pub progress: Vec<ProgressRecord>,
}

impl Sink for Collected {
    fn output(&mut self, value: Value) -> Result<(), Closed> {
        self.output.push(value);
        Ok(())
    }

    fn error(&mut self, record: Arc<ErrorRecord>) -> Result<(), Closed> {
        self.errors.push(record);
        Ok(())
    }

    fn warning(&mut self, record: MessageRecord) -> Result<(), Closed> {
        self.warnings.push(record);
        Ok(())
    }

    fn verbose(&mut self, record: MessageRecord) -> Result<(), Closed> {
        self.verbose.push(record);
        Ok(())
    }

    fn debug(&mut self, record: MessageRecord) -> Result<(), Closed> {
        self.debug.push(record);
        Ok(())
    }

    fn information(&mut self, record: InformationRecord) -> Result<(), Closed> {
        self.information.push(record);
        Ok(())
    }

    fn progress(&mut self, record: ProgressRecord) -> Result<(), Closed> {
        self.progress.push(record);
        Ok(())
    }
}
