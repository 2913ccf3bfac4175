//! Operators, redirections, and signs that begin more than one thing.

use super::{Lexer, Mode, stream};
use crate::syntax::ast::{AssignmentOperator, RedirectionStream};
use crate::syntax::chars::{
    is_dash, is_double_quote, is_identifier_start, is_single_quote, is_variable_start,
};
use crate::syntax::token::{Payload, Token, TokenKind};

impl<'s> Lexer<'s> {
    pub(super) fn at_sign(&mut self) -> Token {
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

    pub(super) fn digit(&mut self, c: char) -> Token {
        if ('1'..='6').contains(&c) && self.peek() == '>' {
            self.bump();
            return self.redirection(stream(c));
        }
        self.number(c)
    }

    pub(super) fn operator(&mut self, c: char) -> Token {
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
    pub(super) fn redirection(&mut self, from: RedirectionStream) -> Token {
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

    pub(super) fn dot(&mut self) -> Token {
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
    pub(super) fn word_or(&mut self, kind: TokenKind) -> Token {
        if self.mode == Mode::Command && !self.at_word_end() {
            return self.generic(None);
        }
        self.token(kind)
    }

    pub(super) fn pair(&mut self, kind: TokenKind) -> Token {
        self.bump();
        self.word_or(kind)
    }

    pub(super) fn two(&mut self, kind: TokenKind) -> Token {
        self.bump();
        self.token(kind)
    }
}
