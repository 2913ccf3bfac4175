//! Every ceiling of a runspace, in one place.

use std::time::Duration;

/// What a script may use up before it is ended with an error. All of it can be caught by the host, none of it ends the process.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RunspaceLimits {
    /// How deep functions and script blocks may call each other. Defaults to 1,000.
    pub call_depth: usize,
    /// How deep expressions, statements and blocks may nest in a text. Defaults to 400.
    pub parse_depth: usize,
    /// How many bytes results of script-chosen size may take, summed up over one invocation. Defaults to 2 GiB.
    pub charged_bytes: usize,
    /// The longest string, in bytes. Defaults to 512 MiB.
    pub string_bytes: usize,
    /// The most items that a collection may hold. Defaults to 64 Mi.
    pub collection_items: usize,
    /// How many statements, iterations and pipeline items one invocation may take; `None` (the default) for any number.
    pub fuel: Option<u64>,
    /// How long one invocation may take; `None` (the default) for any time.
    pub deadline: Option<Duration>,
    /// How many records `$Error` keeps. Defaults to 256, as in PowerShell.
    pub error_history: usize,
    /// How many lines the history keeps. Defaults to 4,096, as in PowerShell.
    pub history: usize,
}

impl Default for RunspaceLimits {
    fn default() -> Self {
        Self {
            call_depth: 1_000,
            parse_depth: 400,
            charged_bytes: 2 << 30,
            string_bytes: 512 << 20,
            collection_items: 64 << 20,
            fuel: None,
            deadline: None,
            error_history: 256,
            history: 4_096,
        }
    }
}
