//! The lexer: the parser sets its mode, and asks for one token after the other.

mod number;
mod string;
mod variable;
mod word;

use super::ast::{AssignmentOperator, RedirectionStream};
use super::chars::{
    ends_word, is_dash, is_double_quote, is_identifier_start, is_single_quote, is_space,
    is_variable_start,
};
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

    /// `.`, `::`, `?.` or, if allowed, `[` and `?[` right after an expression.
    pub(super) fn member_access(&mut self, brackets: bool) -> Option<Token> {
        while self.peek() == '<' {
            self.token_start = self.pos;
            self.bump();
            if self.peek() != '#' {
                self.pos = self.token_start;
                return None;
            }
            self.block_comment();
        }
        let start = self.pos;
        self.token_start = start;
        // Before the end of a word an argument ends instead: `echo $x. y`.
        let blank = |lexer: &Self| {
            let next = lexer.peek();
            lexer.mode == Mode::Command && (is_space(next) || matches!(next, '\0' | '\r' | '\n'))
        };
        let kind = match self.peek() {
            '.' => {
                self.bump();
                (self.peek() != '.' && !blank(self)).then_some(TokenKind::Dot)
            }
            ':' => {
                self.bump();
                (self.eat(':') && !blank(self)).then_some(TokenKind::ColonColon)
            }
            '[' if brackets => {
                self.bump();
                Some(TokenKind::LBracket)
            }
            '?' => {
                self.bump();
                if self.eat('.') {
                    Some(TokenKind::QuestionDot)
                } else if brackets && self.eat('[') {
                    Some(TokenKind::QuestionLBracket)
                } else {
                    None
                }
            }
            _ => None,
        };
        if kind.is_none() {
            self.pos = start;
        }
        kind.map(|kind| self.noted(kind))
    }

    /// `(` or `{` right after the name of a method.
    pub(super) fn invoke_open(&mut self) -> Option<Token> {
        self.token_start = self.pos;
        match self.peek() {
            '(' => {
                self.bump();
                Some(self.noted(TokenKind::LParen))
            }
            '{' => {
                self.bump();
                Some(self.noted(TokenKind::LCurly))
            }
            _ => None,
        }
    }

    /// `[` after white space and comments, whatever the mode.
    pub(super) fn left_bracket(&mut self) -> Option<Token> {
        let restore = self.pos;
        let mut spaced = false;
        loop {
            self.token_start = self.pos;
            let c = self.bump();
            match c {
                '#' => {
                    spaced = true;
                    self.line_comment();
                }
                '<' if self.peek() == '#' => {
                    spaced = false;
                    self.block_comment();
                }
                '[' => return Some(self.noted(TokenKind::LBracket)),
                // White space before a dot matters to whoever looks for a member next.
                '.' | ':' if spaced => {
                    self.pos = restore;
                    return None;
                }
                _ if is_space(c) => {
                    spaced = true;
                    self.skip_spaces();
                }
                _ => {
                    self.pos = self.token_start;
                    return None;
                }
            }
        }
    }

    /// What follows `--%`, up to the end of the line, a pipe or `&&`.
    pub(super) fn verbatim_argument(&mut self) -> Token {
        self.skip_spaces();
        self.token_start = self.pos;
        let mut quoted = false;
        while !self.at_end() {
            let before = self.pos;
            let c = self.bump();
            if matches!(c, '\r' | '\n')
                || (!quoted && (c == '|' || (c == '&' && self.peek() == '&')))
            {
                self.pos = before;
                break;
            }
            if is_double_quote(c) {
                quoted = !quoted;
            }
        }
        self.noted(TokenKind::Generic)
    }

    /// Reads on from `offset`.
    pub(super) fn resync(&mut self, offset: u32) {
        if !self.halted {
            self.pos = (offset as usize).min(self.end);
        }
    }

    /// Where the next token is looked for.
    pub(super) fn offset(&self) -> u32 {
        self.pos as u32
    }

    /// Where the text ends that is read now.
    pub(super) fn end_offset(&self) -> u32 {
        self.end as u32
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

    /// The whole text.
    pub(super) fn whole(&self) -> &'s str {
        self.text
    }

    /// What the script says at `extent`.
    pub(super) fn slice(&self, extent: Extent) -> &'s str {
        self.text
            .get(extent.start as usize..extent.end as usize)
            .unwrap_or("")
    }

    /// The same without the characters that only escape the next one.
    pub(super) fn slice_unescaped(&self, extent: Extent) -> String {
        self.slice(extent)
            .char_indices()
            .filter(|(at, _)| {
                self.skips
                    .binary_search(&(extent.start + *at as u32))
                    .is_err()
            })
            .map(|(_, c)| c)
            .collect()
    }

    /// Whether the text ends at `offset`, white space and comments apart: more input could mend an error there.
    pub(super) fn is_end(&self, offset: u32) -> bool {
        let mut at = offset as usize;
        while at < self.end {
            let Some(rest) = self.text.get(at..self.end) else {
                return false;
            };
            let Some(c) = rest.chars().next() else {
                return true;
            };
            if c == '#' {
                at += rest.find(['\r', '\n']).unwrap_or(rest.len());
                if at < self.end {
                    return false;
                }
            } else if let Some(comment) = rest.strip_prefix("<#") {
                at += comment.find("#>").map_or(rest.len(), |found| found + 4);
            } else if is_space(c) {
                at += c.len_utf8();
            } else {
                return false;
            }
        }
        true
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

    /// Takes an error down, unless the same is known already: text is sometimes read twice.
    pub(super) fn report(&mut self, error: ParseError) {
        if self.halted
            || self
                .errors
                .iter()
                .any(|known| known.error_id == error.error_id && known.extent == error.extent)
        {
            return;
        }
        self.errors.push(error);
        if self.errors.len() >= self.max_errors {
            self.halt();
        }
    }

    /// Gives up: from here on there are only ends of input.
    pub(super) fn halt(&mut self) {
        self.halted = true;
        self.pos = self.end;
    }

    pub(super) fn is_halted(&self) -> bool {
        self.halted
    }

    fn error(&mut self, extent: Extent, error_id: &'static str, message: impl Into<String>) {
        self.report(ParseError {
            error_id,
            message: message.into(),
            incomplete_input: false,
            extent,
        });
    }

    // The end of the input is where such an error is noticed, and its extent runs up to there.
    fn incomplete(&mut self, start: usize, error_id: &'static str, message: impl Into<String>) {
        let extent = Extent::new(start as u32, self.pos as u32);
        self.report(ParseError {
            error_id,
            message: message.into(),
            incomplete_input: true,
            extent,
        });
    }

    fn at_sign(&mut self) -> Token {
        let next = self.peek();
        match next {
            '{' => {
                self.bump();
                self.token(TokenKind::AtCurly)
            }
            '(' => {
                self.bump();
                self.token(TokenKind::AtParen)
            }
            _ if is_single_quote(next) => {
                self.bump();
                self.here_string_literal()
            }
            _ if is_double_quote(next) => {
                self.bump();
                self.here_string_expandable()
            }
            _ if is_variable_start(next) => self.variable(true, false),
            _ => {
                let token = self.token(TokenKind::Unknown);
                self.error(
                    token.extent,
                    "UnrecognizedToken",
                    "Unrecognized token in source text.",
                );
                token
            }
        }
    }

    fn digit(&mut self, c: char) -> Token {
        if ('1'..='6').contains(&c) && self.peek() == '>' {
            self.bump();
            return self.redirection(stream(c));
        }
        self.number(c)
    }

    fn operator(&mut self, c: char) -> Token {
        let next = self.peek();
        match c {
            '=' => self.word_or(TokenKind::Assign(AssignmentOperator::Assign)),
            '+' => match next {
                '+' => self.pair(TokenKind::PlusPlus),
                '=' => self.pair(TokenKind::Assign(AssignmentOperator::Add)),
                _ if self.allow_signed_numbers && (next.is_ascii_digit() || next == '.') => {
                    self.number(c)
                }
                _ => self.word_or(TokenKind::Plus),
            },
            _ if is_dash(c) => {
                if is_dash(next) {
                    self.pair(TokenKind::MinusMinus)
                } else if next == '=' {
                    self.pair(TokenKind::Assign(AssignmentOperator::Subtract))
                } else if next.is_alphabetic() || next == '_' || next == '?' {
                    self.parameter()
                } else if self.allow_signed_numbers && (next.is_ascii_digit() || next == '.') {
                    self.number('-')
                } else {
                    self.word_or(TokenKind::Minus)
                }
            }
            '*' if next == '>' => {
                self.bump();
                self.redirection(RedirectionStream::All)
            }
            '*' if next == '=' => self.pair(TokenKind::Assign(AssignmentOperator::Multiply)),
            '*' => self.word_or(TokenKind::Multiply),
            '/' if next == '=' => self.pair(TokenKind::Assign(AssignmentOperator::Divide)),
            '/' => self.word_or(TokenKind::Divide),
            '%' if next == '=' => self.pair(TokenKind::Assign(AssignmentOperator::Remainder)),
            '%' => self.word_or(TokenKind::Rem),
            '>' => {
                let append = self.eat('>');
                self.token_with(
                    TokenKind::Redirection,
                    Payload::File {
                        from: RedirectionStream::Output,
                        append,
                    },
                )
            }
            '.' => self.dot(),
            '&' if next == '&' => self.two(TokenKind::AndAnd),
            '&' => self.token(TokenKind::Ampersand),
            '|' if next == '|' => self.two(TokenKind::OrOr),
            '|' => self.token(TokenKind::Pipe),
            '!' => {
                let word = match self.mode {
                    Mode::Command => !self.at_word_end(),
                    Mode::Expression => is_identifier_start(next),
                    _ => false,
                };
                if word {
                    self.generic(None)
                } else {
                    self.token(TokenKind::Exclaim)
                }
            }
            ':' if next == ':' => {
                self.bump();
                if self.mode == Mode::Command && !self.want_simple_name && !self.at_word_end() {
                    return self.generic(None);
                }
                self.token(TokenKind::ColonColon)
            }
            ':' if self.mode == Mode::Command => self.label(),
            ':' => self.token(TokenKind::Colon),
            '?' if self.mode == Mode::Expression => {
                if !self.eat('?') {
                    self.token(TokenKind::QuestionMark)
                } else if self.eat('=') {
                    self.token(TokenKind::Assign(AssignmentOperator::NullCoalesce))
                } else {
                    self.token(TokenKind::QuestionQuestion)
                }
            }
            _ => self.generic(None),
        }
    }

    // After the stream number and `>`.
    fn redirection(&mut self, from: RedirectionStream) -> Token {
        if self.eat('>') {
            return self.token_with(TokenKind::Redirection, Payload::File { from, append: true });
        }
        let before = self.pos;
        if self.eat('&') {
            let c = self.peek();
            if c == '1' || (c == '2' && from != RedirectionStream::All) {
                self.bump();
                return self.token_with(
                    TokenKind::Redirection,
                    Payload::Merge {
                        from,
                        to: stream(c),
                    },
                );
            }
            self.pos = before;
        }
        self.token_with(
            TokenKind::Redirection,
            Payload::File {
                from,
                append: false,
            },
        )
    }

    fn dot(&mut self) -> Token {
        let next = self.peek();
        if next == '.' {
            let before = self.pos;
            self.bump();
            if self.mode == Mode::Command && !self.at_word_end() {
                self.pos = before;
                return self.generic(None);
            }
            return self.token(TokenKind::DotDot);
        }
        if next.is_ascii_digit() {
            return self.number('.');
        }
        if self.mode == Mode::Command && !self.at_word_end() && !matches!(next, '$' | '"' | '\'') {
            return self.generic(None);
        }
        self.token(TokenKind::Dot)
    }

    // In a command an operator that is not by itself belongs to a bareword.
    fn word_or(&mut self, kind: TokenKind) -> Token {
        if self.mode == Mode::Command && !self.at_word_end() {
            return self.generic(None);
        }
        self.token(kind)
    }

    fn pair(&mut self, kind: TokenKind) -> Token {
        self.bump();
        self.word_or(kind)
    }

    fn two(&mut self, kind: TokenKind) -> Token {
        self.bump();
        self.token(kind)
    }

    fn line_comment(&mut self) {
        let bytes = &self.text.as_bytes()[self.pos..self.end];
        let length = bytes
            .iter()
            .position(|byte| matches!(byte, b'\r' | b'\n'))
            .unwrap_or(bytes.len());
        let start = self.token_start;
        self.pos += length;
        let comment = Extent::new(start as u32, self.pos as u32);
        self.note(TokenKind::Comment, comment);
        if self
            .slice(comment)
            .get(..9)
            .is_some_and(|head| head.eq_ignore_ascii_case("#requires"))
            && !self.requires.contains(&comment)
        {
            self.requires.push(comment);
        }
    }

    // With the cursor on the `#`.
    fn block_comment(&mut self) {
        let from = (self.pos + 1).min(self.end);
        match self.text[from..self.end].find("#>") {
            Some(found) => self.pos = from + found + 2,
            None => {
                self.pos = self.end;
                self.incomplete(
                    self.token_start,
                    "MissingTerminatorMultiLineComment",
                    "The terminator '#>' is missing from the multiline comment.",
                );
            }
        }
        let comment = Extent::new(self.token_start as u32, self.pos as u32);
        self.note(TokenKind::Comment, comment);
    }

    fn end_of_input(&self) -> Token {
        // PowerShell's end of input stands one character behind the last one, and its errors show it there.
        let at = self.end as u32 + 1;
        Token {
            kind: TokenKind::EndOfInput,
            extent: Extent::empty(at),
            payload: Payload::None,
        }
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

    /// Passes over ASCII characters that are `wanted`, all at once.
    fn run(&mut self, wanted: impl Fn(u8) -> bool) -> &'s str {
        let start = self.pos;
        if self.skips.is_empty() {
            let rest = &self.text.as_bytes()[start..self.end];
            self.pos += rest
                .iter()
                .position(|byte| !(byte.is_ascii() && wanted(*byte)))
                .unwrap_or(rest.len());
        }
        &self.text[start..self.pos]
    }

    fn skip_spaces(&mut self) {
        self.run(|byte| byte == b' ' || byte == b'\t');
        while is_space(self.peek()) {
            self.bump();
        }
    }

    fn at_end(&self) -> bool {
        self.pos >= self.end
    }

    fn at_word_end(&self) -> bool {
        ends_word(self.peek())
    }

    fn peek(&self) -> char {
        if self.pos >= self.end {
            return '\0';
        }
        let byte = self.text.as_bytes()[self.pos];
        if byte < 0x80 {
            byte as char
        } else {
            self.text[self.pos..].chars().next().unwrap_or('\0')
        }
    }

    fn bump(&mut self) -> char {
        let c = self.peek();
        if self.pos < self.end {
            self.pos += c.len_utf8();
            while !self.skips.is_empty()
                && self.pos < self.end
                && self.skips.binary_search(&(self.pos as u32)).is_ok()
            {
                self.pos += self.peek().len_utf8();
            }
        }
        c
    }

    fn eat(&mut self, wanted: char) -> bool {
        let found = !self.at_end() && self.peek() == wanted;
        if found {
            self.bump();
        }
        found
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
