//! The parser: recursive descent, one method for each thing of the language.
//!
//! Where a script is wrong it goes on where PowerShell's own parser goes on, so that all errors are the same.

mod attribute;
mod class;
mod command;
mod expression;
mod function;
mod loops;
mod postfix;
mod statement;
mod type_name;

use super::ast::ScriptBlock;
use super::check::check;
use super::error::ParseError;
use super::lexer::{Lexer, Mode};
use super::limits::ParseLimits;
use super::requires::requirements;
use super::source::Extent;
use super::token::{Keyword, Payload, Token, TokenKind};

/// How often text before a statement may be read as attributes at first, inside one another.
const MAX_SPECULATION: u32 = 3;

pub(super) struct Parser<'s> {
    lexer: Lexer<'s>,
    ungot: Option<Token>,
    // In argument lists a comma parts arguments instead of joining an array.
    no_comma: bool,
    depth: u32,
    max_depth: u32,
    // How high the tree of the present expression or statement has become.
    height: u32,
    max_height: u32,
    speculation: u32,
    too_deep: bool,
}

/// What came out of a run of the parser.
pub(super) struct Outcome {
    pub(super) script: ScriptBlock,
    pub(super) errors: Vec<ParseError>,
    /// The depth was not enough.
    pub(super) too_deep: bool,
}

impl<'s> Parser<'s> {
    pub(super) fn new(text: &'s str, limits: &ParseLimits, max_depth: u32) -> Self {
        Self {
            lexer: Lexer::new(text, limits.max_errors),
            ungot: None,
            no_comma: false,
            depth: 0,
            max_depth,
            height: 0,
            max_height: limits.max_height,
            speculation: 0,
            too_deep: false,
        }
    }

    /// Parses the whole text for its tokens alone.
    pub(super) fn run_for_tokens(mut self) -> Vec<(TokenKind, Extent)> {
        self.lexer.tokens = Some(Vec::new());
        self.script_block(None, false);
        self.lexer.tokens.unwrap_or_default()
    }

    /// Parses the whole text.
    pub(super) fn run(mut self) -> Outcome {
        let mut script = self.script_block(None, false);
        let text = self.lexer.whole();
        let (required, errors) = requirements(text, &self.lexer.requires);
        script.requirements = required;
        if !self.lexer.is_halted() {
            for error in check(text, &script).into_iter().chain(errors) {
                self.lexer.report(error);
            }
        }
        Outcome {
            script,
            errors: self.lexer.errors,
            too_deep: self.too_deep,
        }
    }

    // Tokens

    fn next(&mut self) -> Token {
        match self.ungot.take() {
            Some(token) => token,
            None => self.lexer.next_token(),
        }
    }

    fn peek(&mut self) -> (TokenKind, Extent) {
        if self.ungot.is_none() {
            self.ungot = Some(self.lexer.next_token());
        }
        self.ungot
            .as_ref()
            .map_or((TokenKind::EndOfInput, Extent::default()), |token| {
                (token.kind, token.extent)
            })
    }

    fn peek_kind(&mut self) -> TokenKind {
        self.peek().0
    }

    fn skip(&mut self) {
        self.ungot = None;
    }

    fn unget(&mut self, token: Token) {
        self.ungot = Some(token);
    }

    /// Takes the next token if it is a `kind`.
    fn take(&mut self, kind: TokenKind) -> Option<Extent> {
        let (found, extent) = self.peek();
        (found == kind).then(|| {
            self.skip();
            extent
        })
    }

    fn skip_newlines(&mut self) {
        if self
            .ungot
            .as_ref()
            .is_none_or(|token| token.kind == TokenKind::NewLine)
        {
            self.ungot = None;
            self.lexer.skip_newlines(false);
        }
    }

    fn skip_newlines_and_semicolons(&mut self) {
        if self
            .ungot
            .as_ref()
            .is_none_or(|token| matches!(token.kind, TokenKind::NewLine | TokenKind::Semi))
        {
            self.ungot = None;
            self.lexer.skip_newlines(true);
        }
    }

    /// Reads on from `offset`.
    fn resync(&mut self, offset: u32) {
        self.ungot = None;
        self.lexer.resync(offset);
    }

    /// Where reading goes on: the token that was given back, or what follows the last one.
    fn offset(&self) -> u32 {
        self.ungot
            .as_ref()
            .map_or(self.lexer.offset(), |token| token.extent.start)
    }

    /// Changes the mode and hands back the one before. A token that was given back is read again in the new one.
    fn set_mode(&mut self, mode: Mode) -> Mode {
        let before = self.lexer.mode;
        if mode != before {
            if let Some(token) = &self.ungot
                && !token.kind.is_mode_invariant()
            {
                let start = token.extent.start;
                self.resync(start);
            }
            self.lexer.mode = mode;
        }
        before
    }

    fn text(&self, extent: Extent) -> &'s str {
        self.lexer.slice(extent)
    }

    /// An identifier, read as such whatever follows.
    fn simple_name(&mut self) -> Option<Extent> {
        self.lexer.want_simple_name = true;
        let (kind, extent) = self.peek();
        self.lexer.want_simple_name = false;
        (kind == TokenKind::Identifier).then(|| {
            self.skip();
            extent
        })
    }

    /// Skips to one of `kinds` that stands outside brackets, or to the bracket that closes what is open.
    fn sync(&mut self, consume_closing: bool, kinds: &[TokenKind]) {
        let wants = |kind| kinds.contains(&kind);
        let mut parens = i64::from(wants(TokenKind::RParen));
        let mut curlies = i64::from(wants(TokenKind::RCurly));
        let mut brackets = i64::from(wants(TokenKind::RBracket));
        loop {
            let token = self.next();
            let closed = match token.kind {
                TokenKind::LParen => {
                    parens += 1;
                    false
                }
                TokenKind::LCurly => {
                    curlies += 1;
                    false
                }
                TokenKind::LBracket => {
                    brackets += 1;
                    false
                }
                TokenKind::RParen => {
                    parens -= 1;
                    parens == 0 && wants(TokenKind::RParen)
                }
                TokenKind::RCurly => {
                    curlies -= 1;
                    curlies == 0 && wants(TokenKind::RCurly)
                }
                TokenKind::RBracket => {
                    brackets -= 1;
                    brackets == 0 && wants(TokenKind::RBracket)
                }
                TokenKind::EndOfInput => return self.unget(token),
                _ => false,
            };
            if closed {
                if !consume_closing {
                    self.unget(token);
                }
                return;
            }
            if wants(token.kind) && parens == 0 && curlies == 0 && brackets == 0 {
                return;
            }
        }
    }

    // Depth

    /// Goes one level deeper; `false` at the limit, where everything ends.
    fn enter(&mut self) -> bool {
        self.depth += 1;
        if self.depth > self.max_depth && !self.lexer.is_halted() {
            self.give_up();
        }
        self.depth <= self.max_depth
    }

    fn leave(&mut self) {
        self.depth -= 1;
    }

    /// The tree has become one higher.
    fn grow(&mut self) {
        self.height += 1;
        if self.height > self.max_height && !self.lexer.is_halted() {
            self.give_up();
        }
    }

    fn give_up(&mut self) {
        self.too_deep = true;
        let at = self.offset();
        self.error(
            Extent::empty(at),
            "ScriptTooComplicated",
            "Processing was stopped because the script is too complex.",
        );
        self.ungot = None;
        self.lexer.halt();
    }

    // Errors

    fn error(&mut self, extent: Extent, error_id: &'static str, message: impl Into<String>) {
        self.lexer.report(ParseError {
            error_id,
            message: message.into(),
            incomplete_input: false,
            extent,
        });
    }

    /// An error that more input may mend if the text ends at it. Tells whether it does.
    fn incomplete(
        &mut self,
        extent: Extent,
        error_id: &'static str,
        message: impl Into<String>,
    ) -> bool {
        self.incomplete_at(extent, extent, error_id, message)
    }

    /// The same where what is missing was noticed elsewhere.
    fn incomplete_at(
        &mut self,
        extent: Extent,
        noticed: Extent,
        error_id: &'static str,
        message: impl Into<String>,
    ) -> bool {
        let incomplete_input = self.lexer.is_end(noticed.end);
        self.lexer.report(ParseError {
            error_id,
            message: message.into(),
            incomplete_input,
            extent,
        });
        incomplete_input
    }

    fn unexpected(&mut self, extent: Extent) {
        let message = format!(
            "Unexpected token '{}' in expression or statement.",
            self.text(extent)
        );
        self.error(extent, "UnexpectedToken", message);
    }

    fn missing_end_curly(&mut self, extent: Extent, noticed: Extent) {
        self.incomplete_at(
            extent,
            noticed,
            "MissingEndCurlyBrace",
            "Missing closing '}' in statement block or type definition.",
        );
    }
}

/// The place behind `extent`.
fn after(extent: Extent) -> Extent {
    Extent::empty(extent.end)
}

/// The place one before `extent`, as PowerShell has it.
fn before(extent: Extent) -> Extent {
    Extent::empty(extent.start.saturating_sub(1))
}

/// The value of a string or bareword without anything to expand.
fn text_of(token: &Token, source: &str) -> Box<str> {
    match &token.payload {
        Payload::Text(text) => text.clone(),
        _ => source.into(),
    }
}

fn keyword_of(kind: TokenKind) -> Option<Keyword> {
    match kind {
        TokenKind::Keyword(keyword) => Some(keyword),
        _ => None,
    }
}
