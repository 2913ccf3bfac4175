//! From the text of a script to its tree.
//!
//! [`parse`] reads everything that PowerShell 7 reads, and reports what is wrong with PowerShell's own error ids,
//! messages and places. Nothing here runs a script or knows of values.
//!
//! ```
//! use engine::syntax::{ParseLimits, parse};
//!
//! let parsed = parse("1 +", &ParseLimits::default());
//! assert_eq!(parsed.errors[0].error_id, "ExpectedValueExpression");
//! assert!(parsed.is_incomplete());
//! ```

pub mod ast;
mod chars;
mod check;
mod error;
mod lexer;
mod limits;
mod parser;
mod requires;
mod source;
mod token;

pub use check::definition_errors;
pub use error::ParseError;
pub use limits::ParseLimits;
pub use source::{Extent, Position, SourceText};
pub use token::{Keyword, TokenKind};

use std::sync::Arc;

/// How deep the parser goes on the stack that it is called on. Few scripts ever need more.
const SHALLOW_DEPTH: u32 = 48;
/// The stack for those that do: the parser needs some kilobytes a level without optimization.
const DEEP_STACK: usize = 64 << 20;
/// Each thing that nests (a parenthesis, a block) takes about this many of the parser's own levels.
const LEVELS_PER_NESTING: u32 = 2;

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
    /// Whether the script breaks off and could go on: an interactive prompt asks for more then.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        self.errors.iter().any(|error| error.incomplete_input)
    }
}

/// Parses a script that comes from no file.
#[must_use]
pub fn parse(text: &str, limits: &ParseLimits) -> Parsed {
    parse_source(SourceText::new(text), limits)
}

/// Parses a script.
#[must_use]
pub fn parse_source(source: SourceText, limits: &ParseLimits) -> Parsed {
    let text = source.as_str();
    let most = limits.max_bytes.min(u32::MAX as usize / 2);
    if text.len() > most {
        let errors = vec![too_complex()];
        return Parsed {
            source,
            script: Arc::default(),
            errors,
        };
    }
    let max_depth = limits.max_depth.saturating_mul(LEVELS_PER_NESTING);
    let mut outcome = parser::Parser::new(text, limits, SHALLOW_DEPTH.min(max_depth)).run();
    if outcome.too_deep && max_depth > SHALLOW_DEPTH {
        outcome = parse_deep(text, limits, max_depth).unwrap_or(outcome);
    }
    Parsed {
        script: Arc::new(outcome.script),
        errors: outcome.errors,
        source,
    }
}

/// The tokens of a script in order, comments among them, each with the kind that it has where it stands: what colours and
/// completes a command line goes by them. Strings are one token, whatever is expanded in them. Ends where a script
/// nests too deep for a command line.
#[must_use]
pub fn tokens(text: &str, limits: &ParseLimits) -> Vec<(TokenKind, Extent)> {
    if text.len() > limits.max_bytes.min(u32::MAX as usize / 2) {
        return Vec::new();
    }
    parser::Parser::new(text, limits, SHALLOW_DEPTH).run_for_tokens()
}

// On a stack that is large enough for the depth. Without one the error of the shallow run stands.
fn parse_deep(text: &str, limits: &ParseLimits, max_depth: u32) -> Option<parser::Outcome> {
    std::thread::scope(|scope| {
        let run = || parser::Parser::new(text, limits, max_depth).run();
        let thread = std::thread::Builder::new()
            .name("parser".to_owned())
            .stack_size(DEEP_STACK)
            .spawn_scoped(scope, run);
        thread.ok()?.join().ok()
    })
}

fn too_complex() -> ParseError {
    ParseError {
        error_id: "ScriptTooComplicated",
        message: "Processing was stopped because the script is too complex.".to_owned(),
        incomplete_input: false,
        extent: Extent::default(),
    }
}
