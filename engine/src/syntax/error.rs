//! What is wrong with a script, in PowerShell's words.

use super::source::Extent;

/// An error that keeps a script from running, as `[System.Management.Automation.Language.ParseError]` reports it.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct ParseError {
    /// PowerShell's name for it, which becomes the `FullyQualifiedErrorId`.
    pub error_id: &'static str,
    /// The sentence that PowerShell shows.
    pub message: String,
    /// Whether more text could mend it: an interactive session then asks for another line.
    pub incomplete_input: bool,
    /// Where it is.
    pub extent: Extent,
}
