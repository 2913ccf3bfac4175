//! The lexer: the parser sets its mode, and asks for one token after the other.

mod bracket;
mod comment;
mod cursor;
mod number;
mod operator;
mod report;
mod string;
mod variable;
mod word;

use super::ast::RedirectionStream;
use super::chars::is_space;
use super::error::ParseError;
use super::source::Extent;
use super::token::{Payload, Token, TokenKind};

/// How text is read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Mode {
    /// The start of a statement, and the arguments of a command.
    Command,
    /// Expressions: dashes begin operators, and words have no other meaning.
    Expression,
    /// The names of types.
    TypeName,
    /// The heads of classes, enums and their members.
    Signature,
}

/// A cursor over the text of a script.
pub(super) struct Lexer<'s> {
    text: &'s str,
    pos: usize,
    // INVARIANT: a character boundary; the end of the text, or of the sub-expression that is read now.
    end: usize,
    // Sorted offsets of characters to pass over: in `"$("")"` the first quote of each pair.
    skips: Vec<u32>,
    token_start: usize,
    pub(super) mode: Mode,
    /// Words are identifiers whatever follows them.
    pub(super) want_simple_name: bool,
    /// A sign before digits belongs to the number.
    pub(super) allow_signed_numbers: bool,
    /// `?` and `:` end a number.
    pub(super) end_number_on_ternary: bool,
    pub(super) errors: Vec<ParseError>,
    /// Every token as it was read last, comments among them, if someone wants to know.
    pub(super) tokens: Option<Vec<(TokenKind, Extent)>>,
    /// Comments that begin with `#requires`.
    pub(super) requires: Vec<Extent>,
    max_errors: usize,
    // Once set there are only ends of input, and errors are not taken any more.
    halted: bool,
}

/// Where a lexer stood before it went into a sub-expression.
pub(super) struct Saved {
    pos: usize,
    end: usize,
    skips: Vec<u32>,
    mode: Mode,
    // An expandable string is one token, whatever is in it.
    tokens: Option<Vec<(TokenKind, Extent)>>,
}

impl<'s> Lexer<'s> {
    pub(super) fn new(text: &'s str, max_errors: usize) -> Self {
        Self {
            text,
            pos: 0,
            end: text.len(),
            skips: Vec::new(),
            token_start: 0,
            mode: Mode::Command,
            want_simple_name: false,
            allow_signed_numbers: false,
            end_number_on_ternary: false,
            errors: Vec::new(),
            tokens: None,
            requires: Vec::new(),
            max_errors,
            halted: false,
        }
    }

    /// The next token in the present mode.
    pub(super) fn next_token(&mut self) -> Token {
        let token = self.scan_token();
        self.note(token.kind, token.extent);
        token
    }

    /// Takes a token down. Text that is read again gives its token anew.
    pub(super) fn note(&mut self, kind: TokenKind, extent: Extent) {
        let Some(tokens) = &mut self.tokens else {
            return;
        };
        while tokens
            .last()
            .is_some_and(|(_, last)| last.start >= extent.start)
        {
            tokens.pop();
        }
        if kind != TokenKind::EndOfInput {
            tokens.push((kind, extent));
        }
    }

    fn scan_token(&mut self) -> Token {
        loop {
            self.token_start = self.pos;
            let c = self.bump();
            match c {
                ' ' | '\t' | '\u{b}' | '\u{c}' | '\u{a0}' | '\u{85}' => self.skip_spaces(),
                '\'' | '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}' => {
                    return self.string_literal();
                }
                '"' | '\u{201c}' | '\u{201d}' | '\u{201e}' => return self.string_expandable(),
                '@' => return self.at_sign(),
                '#' => self.line_comment(),
                '\n' => return self.token(TokenKind::NewLine),
                '\r' => {
                    self.eat('\n');
                    return self.token(TokenKind::NewLine);
                }
                '`' => {
                    if let Some(token) = self.backtick_word() {
                        return token;
                    }
                }
                'a'..='z' | 'A'..='Z' | '_' => return self.identifier(),
                '0'..='9' => return self.digit(c),
                '$' => {
                    if self.eat('(') {
                        return self.token(TokenKind::DollarParen);
                    }
                    return self.variable(false, false);
                }
                '(' => return self.token(TokenKind::LParen),
                ')' => return self.token(TokenKind::RParen),
                '{' => return self.token(TokenKind::LCurly),
                '}' => return self.token(TokenKind::RCurly),
                ']' => return self.token(TokenKind::RBracket),
                ';' => return self.token(TokenKind::Semi),
                ',' => return self.token(TokenKind::Comma),
                '[' => {
                    if self.mode == Mode::Command && !self.at_word_end() {
                        return self.generic(None);
                    }
                    return self.token(TokenKind::LBracket);
                }
                '<' => {
                    if self.peek() != '#' {
                        return self.token(TokenKind::RedirectInStd);
                    }
                    self.block_comment();
                }
                '\0' if self.at_end() && self.token_start >= self.end => {
                    return self.end_of_input();
                }
                _ if is_space(c) => self.skip_spaces(),
                _ if c.is_alphabetic() => return self.identifier(),
                _ => return self.operator(c),
            }
        }
    }

    /// Passes over ends of lines, white space and comments, and over semicolons if asked to.
    pub(super) fn skip_newlines(&mut self, semicolons: bool) {
        loop {
            let start = self.pos;
            let c = self.bump();
            match c {
                '\r' | '\n' => {}
                ';' if semicolons => {}
                '#' => {
                    self.token_start = start;
                    self.line_comment();
                }
                '<' if self.peek() == '#' => {
                    self.token_start = start;
                    self.block_comment();
                }
                '`' => {
                    let next = self.peek();
                    if next == '\r' || next == '\n' {
                        self.bump();
                        if next == '\r' {
                            self.eat('\n');
                        }
                    } else if is_space(next) {
                        self.skip_spaces();
                    } else {
                        self.pos = start;
                        return;
                    }
                }
                _ if is_space(c) => self.skip_spaces(),
                _ => {
                    self.pos = start;
                    return;
                }
            }
        }
    }

    /// Reads on from `offset`.
    pub(super) fn resync(&mut self, offset: u32) {
        if !self.halted {
            self.pos = (offset as usize).min(self.end);
        }
    }

    /// Goes into `$( … )` of an expandable string.
    pub(super) fn enter(&mut self, extent: Extent, skips: &[u32]) -> Saved {
        let saved = Saved {
            pos: self.pos,
            end: self.end,
            skips: std::mem::take(&mut self.skips),
            mode: self.mode,
            tokens: self.tokens.take(),
        };
        self.end = (extent.end as usize)
            .min(saved.end.max(extent.end as usize))
            .min(self.text.len());
        self.pos = if self.halted {
            self.end
        } else {
            extent.start as usize
        };
        self.skips = skips.to_vec();
        self.mode = Mode::Expression;
        saved
    }

    /// Comes back from it.
    pub(super) fn leave(&mut self, saved: Saved) {
        self.end = saved.end;
        self.pos = if self.halted { saved.end } else { saved.pos };
        self.skips = saved.skips;
        self.mode = saved.mode;
        self.tokens = saved.tokens;
    }

    /// Whether the first thing after the end of a line, comments apart, is `|`, so that the pipeline goes on.
    pub(super) fn is_pipe_continuation(&self, offset: u32) -> bool {
        let mut at = offset as usize;
        let mut fresh_line = true;
        while let Some(rest) = self.text.get(at..self.end) {
            let Some(c) = rest.chars().next() else {
                return false;
            };
            if is_space(c) {
                at += c.len_utf8();
            } else if c == '\n' || c == '\r' {
                if fresh_line {
                    return false;
                }
                fresh_line = true;
                at += if rest.starts_with("\r\n") { 2 } else { 1 };
            } else if c == '#' {
                fresh_line = false;
                at += rest.find(['\r', '\n']).unwrap_or(rest.len());
            } else if let Some(comment) = rest.strip_prefix("<#") {
                fresh_line = false;
                at += comment.find("#>").map_or(rest.len(), |found| found + 4);
            } else {
                return c == '|';
            }
        }
        false
    }

    fn noted(&mut self, kind: TokenKind) -> Token {
        let token = self.token(kind);
        self.note(token.kind, token.extent);
        token
    }

    fn token(&self, kind: TokenKind) -> Token {
        self.token_with(kind, Payload::None)
    }

    fn token_with(&self, kind: TokenKind, payload: Payload) -> Token {
        Token {
            kind,
            extent: Extent::new(self.token_start as u32, self.pos as u32),
            payload,
        }
    }
}

fn stream(digit: char) -> RedirectionStream {
    match digit {
        '1' => RedirectionStream::Output,
        '2' => RedirectionStream::Error,
        '3' => RedirectionStream::Warning,
        '4' => RedirectionStream::Verbose,
        '5' => RedirectionStream::Debug,
        _ => RedirectionStream::Information,
    }
}
