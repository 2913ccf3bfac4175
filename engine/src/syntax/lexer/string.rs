//! Strings and here-strings, with what is expanded in them.

use super::super::chars::{is_double_quote, is_single_quote, is_space, is_variable_start};
use super::super::source::Extent;
use super::super::token::{Part, Payload, Token, TokenKind};
use super::{Lexer, Mode};

/// `u{…}` holds at most this many digits.
const MAX_UNICODE_DIGITS: usize = 6;

impl Lexer<'_> {
    /// After its opening quote.
    pub(super) fn string_literal(&mut self) -> Token {
        let mut value = String::new();
        self.literal_body(&mut value);
        self.token_with(TokenKind::StringLiteral, Payload::Text(value.into()))
    }

    /// After its opening quote.
    pub(super) fn string_expandable(&mut self) -> Token {
        let (mut value, mut parts) = (String::new(), Vec::new());
        self.expandable_body(&mut value, &mut parts);
        self.finish_text(TokenKind::StringExpandable, Some(value), parts)
    }

    /// Reads up to and with the closing quote.
    pub(super) fn literal_body(&mut self, value: &mut String) {
        let start = self.pos.saturating_sub(1);
        while !self.at_end() {
            value.push_str(self.run(|byte| byte != b'\''));
            if self.at_end() {
                break;
            }
            let c = self.bump();
            if is_single_quote(c) {
                if !is_single_quote(self.peek()) {
                    return;
                }
                value.push(self.bump());
                continue;
            }
            value.push(c);
        }
        let start = self.floor(start);
        self.incomplete(
            start,
            "TerminatorExpectedAtEndOfString",
            "The string is missing the terminator: '.",
        );
    }

    /// Reads up to and with the closing quote.
    pub(super) fn expandable_body(&mut self, value: &mut String, parts: &mut Vec<Part>) {
        let start = self.pos.saturating_sub(1);
        while !self.at_end() {
            value.push_str(self.run(|byte| !matches!(byte, b'"' | b'$' | b'`')));
            if self.at_end() {
                break;
            }
            let c = self.bump();
            if is_double_quote(c) {
                if !is_double_quote(self.peek()) {
                    return;
                }
                value.push(self.bump());
            } else if c == '$' {
                if !self.dollar(value, parts, false) {
                    value.push(c);
                }
            } else if c == '`' {
                if !self.at_end() {
                    self.escape(value);
                }
            } else {
                value.push(c);
            }
        }
        let start = self.floor(start);
        self.incomplete(
            start,
            "TerminatorExpectedAtEndOfString",
            "The string is missing the terminator: \".",
        );
    }

    /// After a dollar sign: takes a variable or sub-expression. Otherwise the sign is only a sign.
    pub(super) fn dollar(&mut self, value: &mut String, parts: &mut Vec<Part>, here: bool) -> bool {
        let next = self.peek();
        let (start, mode) = (self.token_start, self.mode);
        let part = if next == '(' {
            self.token_start = self.pos - 1;
            self.bump();
            self.sub_expression(here)
        } else if next == '{' || is_variable_start(next) {
            self.token_start = self.pos - 1;
            self.mode = Mode::Expression;
            let token = self.variable(false, true);
            let Payload::Variable(variable) = token.payload else {
                (self.token_start, self.mode) = (start, mode);
                return false;
            };
            Part::Variable(variable, token.extent)
        } else {
            return false;
        };
        (self.token_start, self.mode) = (start, mode);
        if !value.is_empty() {
            parts.push(Part::Text(std::mem::take(value).into()));
        }
        parts.push(part);
        true
    }

    // Only looks for the closing parenthesis; what stands inside is parsed later.
    fn sub_expression(&mut self, here: bool) -> Part {
        let start = self.token_start;
        let mut skips = self.skips.clone();
        let inherited = skips.len();
        let mut depth = 1_usize;
        while depth > 0 {
            if self.at_end() {
                self.incomplete(
                    start,
                    "IncompleteDollarSubexpressionReference",
                    "$(subexpression) is missing the closing ')'.",
                );
                break;
            }
            let at = self.pos;
            let c = self.bump();
            match c {
                '(' => depth += 1,
                ')' => depth -= 1,
                _ if !here && (c == '`' || is_double_quote(c)) && is_double_quote(self.peek()) => {
                    self.bump();
                    skips.push(at as u32);
                }
                _ => {}
            }
        }
        if skips.len() > inherited && inherited > 0 {
            skips.sort_unstable();
        }
        let extent = Extent::new(start as u32, self.pos as u32);
        skips.retain(|skip| (extent.start..extent.end).contains(skip));
        Part::SubExpression { extent, skips }
    }

    /// After a backtick: what the next character stands for.
    pub(super) fn escape(&mut self, value: &mut String) {
        let c = self.bump();
        value.push(match c {
            '0' => '\0',
            'a' => '\u{7}',
            'b' => '\u{8}',
            'e' => '\u{1b}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\u{b}',
            'u' => return self.unicode_escape(value),
            _ => c,
        });
    }

    fn unicode_escape(&mut self, value: &mut String) {
        const INVALID: &str = "The Unicode escape sequence is not valid. A valid sequence is `u{ followed by one to six hex digits and a closing '}'.";
        let start = self.pos - 2;
        let here = |lexer: &Self| Extent::new(start as u32, lexer.pos as u32);
        if !self.eat('{') {
            return self.error(here(self), "InvalidUnicodeEscapeSequence", INVALID);
        }
        let digits = self.pos;
        while self.peek().is_ascii_hexdigit() && self.pos - digits < MAX_UNICODE_DIGITS {
            self.bump();
        }
        let count = self.pos - digits;
        let at = Extent::new(self.pos as u32, self.pos as u32 + 1);
        if self.peek() != '}' {
            return if self.peek().is_ascii_hexdigit() {
                self.error(
                    at,
                    "TooManyDigitsInUnicodeEscapeSequence",
                    "The Unicode escape sequence contains more than the maximum of six hex digits between braces.",
                );
            } else if count < MAX_UNICODE_DIGITS {
                self.error(at, "InvalidUnicodeEscapeSequence", INVALID);
            } else {
                self.error(
                    at,
                    "MissingUnicodeEscapeSequenceTerminator",
                    "The Unicode escape sequence is missing the closing '}'.",
                );
            };
        }
        self.bump();
        if count == 0 {
            return self.error(here(self), "InvalidUnicodeEscapeSequence", INVALID);
        }
        let code = u32::from_str_radix(&self.text[digits..digits + count], 16).unwrap_or(0);
        if code > 0x10_ffff {
            return self.error(
                Extent::new(digits as u32, (digits + count) as u32),
                "InvalidUnicodeEscapeSequenceValue",
                "The Unicode escape sequence value is out of range. The maximum value is 0x10FFFF.",
            );
        }
        // A lone surrogate cannot stand in UTF-8 text.
        value.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
    }

    /// After `@'`.
    pub(super) fn here_string_literal(&mut self) -> Token {
        let value = self.here_string('\'', |lexer, c, value, _| {
            let _ = lexer;
            value.push(c);
        });
        self.finish_text(TokenKind::HereStringLiteral, Some(value.0), value.1)
    }

    /// After `@"`.
    pub(super) fn here_string_expandable(&mut self) -> Token {
        let value = self.here_string('"', |lexer, c, value, parts| match c {
            '$' => {
                if !lexer.dollar(value, parts, true) {
                    value.push(c);
                }
            }
            '`' => {
                if !lexer.at_end() {
                    lexer.escape(value);
                }
            }
            _ => value.push(c),
        });
        self.finish_text(TokenKind::HereStringExpandable, Some(value.0), value.1)
    }

    fn here_string(
        &mut self,
        quote: char,
        mut take: impl FnMut(&mut Self, char, &mut String, &mut Vec<Part>),
    ) -> (String, Vec<Part>) {
        let header = self.token_start;
        let (mut value, mut parts) = (String::new(), Vec::new());
        if !self.here_string_header(header, quote) {
            return (value, parts);
        }
        let mut false_footer = None;
        if self.here_string_footer(quote, &mut value, &mut false_footer) {
            return (value, parts);
        }
        while !self.at_end() {
            value.push_str(self.run(|byte| !matches!(byte, b'\r' | b'\n' | b'$' | b'`')));
            if self.at_end() {
                break;
            }
            let c = self.bump();
            if c != '\r' && c != '\n' {
                take(self, c, &mut value, &mut parts);
                continue;
            }
            let length = value.len();
            value.push(c);
            if c == '\r' && self.eat('\n') {
                value.push('\n');
            }
            if self.here_string_footer(quote, &mut value, &mut false_footer) {
                // The last end of line belongs to the footer.
                value.truncate(length);
                return (value, parts);
            }
        }
        match false_footer {
            Some(at) => self.incomplete(
                at,
                "WhitespaceBeforeHereStringFooter",
                "White space is not allowed before the string terminator.",
            ),
            None => self.incomplete(
                header,
                "TerminatorExpectedAtEndOfString",
                format!("The string is missing the terminator: {quote}@."),
            ),
        }
        (value, parts)
    }

    // Up to the end of the line.
    fn here_string_header(&mut self, header: usize, quote: char) -> bool {
        self.skip_spaces();
        if self.eat('\n') {
            return true;
        }
        if self.eat('\r') {
            self.eat('\n');
            return true;
        }
        if self.at_end() {
            self.incomplete(
                header,
                "TerminatorExpectedAtEndOfString",
                format!("The string is missing the terminator: {quote}@."),
            );
            return false;
        }
        let at = self.pos as u32;
        self.error(
            Extent::new(at, at + 1),
            "UnexpectedCharactersAfterHereStringHeader",
            "No characters are allowed after a here-string header but before the end of the line.",
        );
        while !self.at_end() {
            let c = self.peek();
            if c == '\r' || c == '\n' {
                break;
            }
            self.bump();
            if c == quote && self.eat('@') {
                break;
            }
        }
        false
    }

    // At the start of a line: takes `'@`. White space before it makes it text, which is worth a word if nothing else follows.
    fn here_string_footer(
        &mut self,
        quote: char,
        value: &mut String,
        false_footer: &mut Option<usize>,
    ) -> bool {
        let same = |c: char| {
            if quote == '"' {
                is_double_quote(c)
            } else {
                is_single_quote(c)
            }
        };
        let start = self.pos;
        if same(self.peek()) {
            self.bump();
            if self.eat('@') {
                return true;
            }
            self.pos = start;
            return false;
        }
        while is_space(self.peek()) {
            value.push(self.bump());
        }
        let quote_at = self.pos;
        if same(self.peek()) {
            let c = self.bump();
            if self.eat('@') {
                value.push(c);
                value.push('@');
                false_footer.get_or_insert(quote_at);
            } else {
                self.pos = quote_at;
            }
        }
        false
    }

    fn floor(&self, mut at: usize) -> usize {
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }
}
