//! An embedded PowerShell engine: parses and runs PowerShell scripts without any PowerShell installed.
//!
//! [`syntax`] reads a script, [`value`] holds what scripts compute with, [`eval`] runs it, [`command`] declares the built-in commands, and a
//! [`Runspace`] is the session in which all that happens. Everything leaves through a [`Sink`](runspace::Sink).
//!
//! ```
//! use engine::runspace::{Collected, PipelineSpec};
//! use engine::{Completion, Runspace, RunspaceOptions};
//!
//! let mut runspace = Runspace::new(RunspaceOptions::default());
//! let mut sink = Collected::default();
//! let completion = runspace.invoke(&mut PipelineSpec::script("$x = 20; function Twice($n) { $n * 2 }; Twice ($x + 1)"), &mut sink);
//! assert!(matches!(completion, Completion::Completed { had_errors: false }));
//! assert!(matches!(sink.output[..], [engine::value::Value::Int32(42)]));
//! ```

pub mod border;
pub mod command;
pub mod eval;
pub mod format;
pub mod limits;
mod provider;
pub mod runspace;
pub mod syntax;
pub mod value;

pub use limits::RunspaceLimits;
pub use runspace::{Completion, Runspace, RunspaceOptions, StopHandle};
