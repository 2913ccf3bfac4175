//! Words: identifiers, keywords, barewords, parameters, labels and the names of types.

use super::super::chars::{
    ends_assembly_name, ends_word, is_double_quote, is_identifier_part, is_identifier_start,
    is_single_quote, is_space,
};
use super::super::source::Extent;
use super::super::token::{Keyword, Part, Payload, Token, TokenKind, dash_operator};
use super::{Lexer, Mode};

impl Lexer<'_> {
    /// After its first character.
    pub(super) fn identifier(&mut self) -> Token {
        self.run(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        while is_identifier_part(self.peek()) {
            self.bump();
        }
        if self.mode == Mode::TypeName {
            while matches!(self.peek(), '.' | '`' | '_' | '+' | '#' | '\\')
                || self.peek().is_alphanumeric()
            {
                self.bump();
            }
            return self.token(TokenKind::Identifier);
        }
        if self.want_simple_name {
            return self.token(TokenKind::Identifier);
        }
        if self.mode == Mode::Command && !self.at_word_end() {
            return self.generic(None);
        }
        if matches!(self.mode, Mode::Command | Mode::Signature) {
            let word = &self.text[self.token_start..self.pos];
            if let Some(keyword) = Keyword::find(word) {
                return self.token(TokenKind::Keyword(keyword));
            }
        }
        self.token(TokenKind::Identifier)
    }

    /// A bareword; `start` is what has been read of it if that is not what the text says.
    pub(super) fn generic(&mut self, start: Option<String>) -> Token {
        let mut value = start;
        if value.is_none() && !self.skips.is_empty() {
            value =
                Some(self.slice_unescaped(Extent::new(self.token_start as u32, self.pos as u32)));
        }
        let mut parts = Vec::new();
        loop {
            let run = self.run(|byte| {
                !ends_word(byte as char) && !matches!(byte, b'`' | b'$' | b'\'' | b'"')
            });
            if let Some(value) = &mut value {
                value.push_str(run);
            }
            let c = self.peek();
            if ends_word(c) {
                break;
            }
            let special = c == '`' || c == '$' || is_single_quote(c) || is_double_quote(c);
            if !special {
                self.bump();
                if let Some(value) = &mut value {
                    value.push(c);
                }
                continue;
            }
            let text = &self.text[self.token_start..self.pos];
            let value = value.get_or_insert_with(|| text.to_owned());
            self.bump();
            if c == '`' {
                self.escape(value);
            } else if c == '$' {
                if !self.dollar(value, &mut parts, false) {
                    value.push(c);
                }
            } else if is_single_quote(c) {
                self.literal_body(value);
            } else {
                self.expandable_body(value, &mut parts);
            }
        }
        self.finish_text(TokenKind::Generic, value, parts)
    }

    /// Joins what was read to a token.
    pub(super) fn finish_text(
        &self,
        kind: TokenKind,
        value: Option<String>,
        mut parts: Vec<Part>,
    ) -> Token {
        if parts.is_empty() {
            return self.token_with(
                kind,
                value.map_or(Payload::None, |value| Payload::Text(value.into())),
            );
        }
        if let Some(rest) = value.filter(|rest| !rest.is_empty()) {
            parts.push(Part::Text(rest.into()));
        }
        self.token_with(kind, Payload::Parts(parts))
    }

    /// After a backtick outside strings: a bareword, or nothing if it only hides an end of line or white space.
    pub(super) fn backtick_word(&mut self) -> Option<Token> {
        let next = self.peek();
        if next == '\r' || next == '\n' {
            self.bump();
            if next == '\r' {
                self.eat('\n');
            }
            return None;
        }
        if is_space(next) {
            self.skip_spaces();
            return None;
        }
        if self.at_end() {
            // One behind the end, as PowerShell counts.
            let extent = Extent::empty(self.end as u32 + 1);
            self.report(super::ParseError {
                error_id: "IncompleteString",
                message: "Incomplete string token.".to_owned(),
                incomplete_input: true,
                extent,
            });
            return None;
        }
        let mut value = String::new();
        self.escape(&mut value);
        Some(self.generic(Some(value)))
    }

    /// After a dash that a letter follows: an operator in expressions, otherwise a parameter.
    pub(super) fn parameter(&mut self) -> Token {
        let command = self.mode == Mode::Command;
        let name_start = self.pos;
        let mut name_end = self.pos;
        let mut colon = false;
        loop {
            let c = self.peek();
            match c {
                '{' | '}' | '(' | ')' | ';' | ',' | '|' | '&' | '.' | '[' | '\r' | '\n' | '\0' => {
                    break;
                }
                ':' => {
                    colon = true;
                    if command {
                        self.bump();
                    }
                    break;
                }
                _ if is_space(c) => break,
                _ if is_single_quote(c) || is_double_quote(c) => {
                    if command {
                        return self.generic(None);
                    }
                    break;
                }
                _ if c.is_ascii_alphabetic() || command => {
                    self.bump();
                    name_end = self.pos;
                }
                _ => break,
            }
        }
        let name = &self.text[name_start..name_end];
        if self.mode == Mode::Expression
            && let Some(kind) = dash_operator(name)
        {
            return self.token(kind);
        }
        if name.is_empty() {
            return self.token(TokenKind::Minus);
        }
        self.token_with(
            TokenKind::Parameter,
            Payload::Parameter {
                name: name.into(),
                colon,
            },
        )
    }

    /// After a colon at the start of a word.
    pub(super) fn label(&mut self) -> Token {
        if !is_identifier_start(self.peek()) {
            return self.generic(None);
        }
        let start = self.pos;
        while is_identifier_part(self.peek()) {
            self.bump();
        }
        if self.mode == Mode::Command && !self.at_word_end() {
            return self.generic(None);
        }
        let name = self.text[start..self.pos].into();
        self.token_with(TokenKind::Label, Payload::Text(name))
    }

    /// After the comma behind the name of a type.
    pub(in super::super) fn assembly_name(&mut self) -> String {
        let mut name = String::new();
        self.assembly_word(&mut name);
        while self.eat(',') {
            name.push_str(", ");
            self.assembly_word(&mut name);
            if self.eat('=') {
                name.push('=');
                self.assembly_word(&mut name);
            }
        }
        name
    }

    fn assembly_word(&mut self, name: &mut String) {
        self.skip_spaces();
        while !ends_assembly_name(self.peek()) {
            name.push(self.bump());
        }
        self.skip_spaces();
    }
}
