//! Patterns: .NET's regular expressions on top of another engine's, and PowerShell's wildcards.

mod matched;
mod regex;
mod replacement;
mod translate;
mod wildcard;

pub use matched::{Found, Group, Match};
pub(crate) use regex::{Apply, replace_by};
pub use regex::{Regex, RegexOptions, escape, unescape};
pub use replacement::Replacement;
pub use wildcard::Wildcard;

/// A pattern that is none: the message of .NET's RegexParseException.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("Invalid pattern '{pattern}' at offset {offset}. {reason}")]
pub struct PatternError {
    pattern: String,
    offset: usize,
    reason: String,
}
