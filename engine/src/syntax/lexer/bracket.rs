//! What stands right behind an expression: members, calls, indices.

use super::{Lexer, Mode};
use crate::syntax::chars::{is_double_quote, is_space};
use crate::syntax::token::{Token, TokenKind};

impl<'s> Lexer<'s> {
    /// `.`, `::`, `?.` or, if allowed, `[` and `?[` right after an expression.
    pub(in crate::syntax) fn member_access(&mut self, brackets: bool) -> Option<Token> {
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
    pub(in crate::syntax) fn invoke_open(&mut self) -> Option<Token> {
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
    pub(in crate::syntax) fn left_bracket(&mut self) -> Option<Token> {
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
    pub(in crate::syntax) fn verbatim_argument(&mut self) -> Token {
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
}
