//! What a pipeline reports beside its output: errors, messages, progress, information.

mod error_record;
mod information;
mod informational;
mod invocation;
mod progress;

pub use error_record::{ErrorDetails, ErrorRecord};
pub use information::InformationRecord;
pub use informational::{InformationalKind, InformationalRecord};
pub use invocation::{CommandInfo, RecordInvocation, ScriptExtent};
pub use progress::ProgressRecord;
