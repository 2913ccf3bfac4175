//! From the text of a script to its tree.

pub mod ast;
mod error;
mod limits;
mod source;

pub use error::ParseError;
pub use limits::ParseLimits;
pub use source::{Extent, Position, SourceText};

use std::sync::Arc;

/// What [`parse`] makes of a script.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The text that the extents point into.
    pub source: SourceText,
    /// The tree; complete if there are no errors.
    pub script: Arc<ast::ScriptBlock>,
    /// In the order in which PowerShell reports them.
    pub errors: Vec<ParseError>,
}

impl Parsed {
    /// Whether the script breaks off and could go on: every interactive prompt asks for more then.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        self.errors.iter().any(|error| error.incomplete_input)
    }
}
