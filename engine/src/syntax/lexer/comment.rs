//! Comments, and what ends a text.

use super::Lexer;
use crate::syntax::source::Extent;
use crate::syntax::token::{Payload, Token, TokenKind};

impl<'s> Lexer<'s> {
    pub(super) fn line_comment(&mut self) {
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
    pub(super) fn block_comment(&mut self) {
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

    pub(super) fn end_of_input(&self) -> Token {
        // PowerShell's end of input stands one character behind the last one, and its errors show it there.
        let at = self.end as u32 + 1;
        Token {
            kind: TokenKind::EndOfInput,
            extent: Extent::empty(at),
            payload: Payload::None,
        }
    }
}
