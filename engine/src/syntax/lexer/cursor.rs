//! Where the lexer stands, and what is there.

use super::Lexer;
use crate::syntax::chars::{ends_word, is_space};
use crate::syntax::source::Extent;

impl<'s> Lexer<'s> {
    /// Where the next token is looked for.
    pub(in crate::syntax) fn offset(&self) -> u32 {
        self.pos as u32
    }

    /// Where the text ends that is read now.
    pub(in crate::syntax) fn end_offset(&self) -> u32 {
        self.end as u32
    }

    /// The whole text.
    pub(in crate::syntax) fn whole(&self) -> &'s str {
        self.text
    }

    /// What the script says at `extent`.
    pub(in crate::syntax) fn slice(&self, extent: Extent) -> &'s str {
        self.text
            .get(extent.start as usize..extent.end as usize)
            .unwrap_or("")
    }

    /// The same without the characters that only escape the next one.
    pub(in crate::syntax) fn slice_unescaped(&self, extent: Extent) -> String {
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
    pub(in crate::syntax) fn is_end(&self, offset: u32) -> bool {
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

    /// Passes over ASCII characters that are `wanted`, all at once.
    pub(super) fn run(&mut self, wanted: impl Fn(u8) -> bool) -> &'s str {
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

    pub(super) fn skip_spaces(&mut self) {
        self.run(|byte| byte == b' ' || byte == b'\t');
        while is_space(self.peek()) {
            self.bump();
        }
    }

    pub(super) fn at_end(&self) -> bool {
        self.pos >= self.end
    }

    pub(super) fn at_word_end(&self) -> bool {
        ends_word(self.peek())
    }

    pub(super) fn peek(&self) -> char {
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

    pub(super) fn bump(&mut self) -> char {
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

    pub(super) fn eat(&mut self, wanted: char) -> bool {
        let found = !self.at_end() && self.peek() == wanted;
        if found {
            self.bump();
        }
        found
    }
}
