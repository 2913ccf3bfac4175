//! Variables.

use super::super::ast::{Variable, VariableScope};
use super::super::chars::{ends_word, is_double_quote, is_variable_start};
use super::super::source::Extent;
use super::super::token::{Payload, Token, TokenKind};
use super::{Lexer, Mode};

impl Lexer<'_> {
    /// After `$` or `@`. In a command, what is not a whole argument is a bareword: `$x-y`.
    pub(super) fn variable(&mut self, splatted: bool, in_string: bool) -> Token {
        let after_sign = self.pos;
        let first = self.peek();
        if first == '{' {
            return self.braced_variable(after_sign, in_string);
        }
        if !is_variable_start(first) {
            return self.generic(None);
        }
        self.bump();
        if matches!(first, '$' | '?' | '^') {
            if self.mode == Mode::Command && !self.ends_variable() {
                self.pos = after_sign;
                return self.variable_as_word();
            }
        } else {
            loop {
                self.run(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
                let c = self.peek();
                match c {
                    ':' => {
                        let before = self.pos;
                        self.bump();
                        if self.peek() == ':' {
                            self.pos = before;
                            break;
                        }
                    }
                    '_' | '?' => {
                        self.bump();
                    }
                    '\0' | '\t' | '\r' | '\n' | ' ' | '&' | '(' | ')' | ',' | ';' | '{' | '}'
                    | '|' | '.' | '[' | '=' => break,
                    _ if c.is_alphanumeric() => {
                        self.bump();
                    }
                    _ if self.mode == Mode::Command && !ends_word(c) => {
                        return self.variable_as_word();
                    }
                    _ => break,
                }
            }
        }
        let name = self.text[after_sign..self.pos].to_owned();
        self.variable_token(&name, splatted, false)
    }

    fn braced_variable(&mut self, after_sign: usize, in_string: bool) -> Token {
        self.bump();
        let mut name = String::new();
        let mut closed = false;
        while !self.at_end() {
            let c = self.bump();
            match c {
                '}' => {
                    closed = true;
                    break;
                }
                '`' => {
                    if self.at_end() {
                        break;
                    }
                    self.escape(&mut name);
                    continue;
                }
                '{' => {
                    let at = self.pos as u32;
                    self.error(
                        Extent::new(at, at + 1),
                        "OpenBraceNeedsToBeBackTickedInVariableName",
                        "Use `{ instead of { in variable names.",
                    );
                }
                _ if in_string && is_double_quote(c) && is_double_quote(self.peek()) => {
                    self.bump();
                }
                _ => {}
            }
            name.push(c);
        }
        if !closed {
            // The braces are doubled in PowerShell's own text.
            self.incomplete(
                after_sign,
                "IncompleteDollarVariableReference",
                "${{variable}} reference starting is missing the closing '}}'.",
            );
        }
        if name.is_empty() {
            if closed {
                let at = self.pos as u32;
                self.error(
                    Extent::new(at - 1, at),
                    "EmptyVariableReference",
                    "An empty ${} variable reference was found. A name is required inside the braces.",
                );
            }
            name.push_str(":Error:");
        }
        if self.mode == Mode::Command && !self.ends_variable() {
            self.pos = after_sign;
            return self.variable_as_word();
        }
        self.variable_token(&name, false, true)
    }

    fn ends_variable(&self) -> bool {
        let c = self.peek();
        ends_word(c) || c == '.' || c == '['
    }

    // The whole word is read again, as a bareword with a variable in it.
    fn variable_as_word(&mut self) -> Token {
        self.pos = self.token_start;
        self.generic(Some(String::new()))
    }

    fn variable_token(&mut self, path: &str, splatted: bool, braced: bool) -> Token {
        let variable = Variable::from_path(path, splatted);
        if variable.name.is_empty() {
            let extent = Extent::new(self.token_start as u32, self.pos as u32);
            if braced {
                self.error(
                    extent,
                    "InvalidBracedVariableReference",
                    "Variable reference is not valid. The variable name is missing.",
                );
            } else if matches!(
                variable.scope,
                VariableScope::Drive(_) | VariableScope::Using
            ) {
                self.error(
                    extent,
                    "InvalidVariableReferenceWithDrive",
                    "Variable reference is not valid. ':' was not followed by a valid variable name character. Consider using ${} to delimit the name.",
                );
            } else {
                self.error(
                    extent,
                    "InvalidVariableReference",
                    "Variable reference is not valid. '$' was not followed by a valid variable name character. Consider using ${} to delimit the name.",
                );
            }
        }
        let kind = if splatted {
            TokenKind::SplattedVariable
        } else {
            TokenKind::Variable
        };
        self.token_with(kind, Payload::Variable(Box::new(variable)))
    }
}

impl Variable {
    /// Takes `scope:name` apart.
    #[must_use]
    pub fn from_path(path: &str, splatted: bool) -> Self {
        let (scope, name) = match path.split_once(':') {
            Some((scope, name)) if !scope.is_empty() => {
                let known = |word: &str| scope.eq_ignore_ascii_case(word);
                let scope = if known("global") {
                    VariableScope::Global
                } else if known("local") {
                    VariableScope::Local
                } else if known("script") {
                    VariableScope::Script
                } else if known("private") {
                    VariableScope::Private
                } else if known("variable") {
                    VariableScope::Unscoped
                } else if known("using") {
                    VariableScope::Using
                } else {
                    VariableScope::Drive(scope.into())
                };
                (scope, name)
            }
            _ => (VariableScope::Unscoped, path),
        };
        Self {
            scope,
            name: name.into(),
            splatted,
        }
    }
}
