//! The text of a script and where things are in it.

use std::fmt;
use std::sync::{Arc, OnceLock};

/// A stretch of a script: byte offsets into its UTF-8 text, `end` not included.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Extent {
    /// The first byte.
    pub start: u32,
    /// The byte after the last one.
    pub end: u32,
}

impl Extent {
    /// The bytes from `start` up to but not including `end`.
    #[must_use]
    pub const fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// The place between two characters.
    #[must_use]
    pub const fn empty(at: u32) -> Self {
        Self { start: at, end: at }
    }

    /// From the start of `self` to the end of `last`.
    #[must_use]
    pub const fn to(self, last: Extent) -> Self {
        Self {
            start: self.start,
            end: last.end,
        }
    }

    /// Whether nothing is in it.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.end <= self.start
    }
}

/// A place as PowerShell shows it: line and column from 1, offset from 0, columns and offset in UTF-16 code units.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Position {
    /// The line, from 1.
    pub line: u32,
    /// The column in UTF-16 code units, from 1.
    pub column: u32,
    /// UTF-16 code units before it in the whole text.
    pub offset: u32,
}

/// The text of one script, cheap to clone, with what is needed to turn byte offsets into lines and columns.
#[derive(Clone)]
pub struct SourceText {
    inner: Arc<Inner>,
}

struct Inner {
    text: Box<str>,
    file: Option<Box<str>>,
    // Only errors and `InvocationInfo` ask for lines, so most scripts never pay for this index.
    lines: OnceLock<Vec<Line>>,
}

#[derive(Clone, Copy)]
struct Line {
    start: u32,
    utf16_start: u32,
}

impl SourceText {
    /// The text of a script that comes from no file.
    #[must_use]
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self {
            inner: Arc::new(Inner {
                text: text.into(),
                file: None,
                lines: OnceLock::new(),
            }),
        }
    }

    /// The text of the script file `file`.
    #[must_use]
    pub fn from_file(text: impl Into<Box<str>>, file: impl Into<Box<str>>) -> Self {
        Self {
            inner: Arc::new(Inner {
                text: text.into(),
                file: Some(file.into()),
                lines: OnceLock::new(),
            }),
        }
    }

    /// The whole text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.inner.text
    }

    /// The file that the text was read from.
    #[must_use]
    pub fn file(&self) -> Option<&str> {
        self.inner.file.as_deref()
    }

    /// What the script says at `extent`; empty if that lies outside the text.
    #[must_use]
    pub fn text(&self, extent: Extent) -> &str {
        self.inner
            .text
            .get(extent.start as usize..extent.end as usize)
            .unwrap_or("")
    }

    /// Line, column and UTF-16 offset of the byte `offset`.
    #[must_use]
    pub fn position(&self, offset: u32) -> Position {
        let lines = self.lines();
        let index = lines
            .partition_point(|line| line.start <= offset)
            .saturating_sub(1);
        let line = lines[index];
        let end = self.floor(offset).max(line.start as usize);
        // PowerShell's end of input is one behind the last character, and its errors show it there.
        let behind = offset.saturating_sub(self.inner.text.len() as u32).min(1);
        let units = utf16_len(&self.inner.text[line.start as usize..end]) + behind;
        Position {
            line: index as u32 + 1,
            column: units + 1,
            offset: line.utf16_start + units,
        }
    }

    /// The text of a line (counted from 1) without its line end; empty if there is no such line.
    #[must_use]
    pub fn line(&self, number: u32) -> &str {
        let lines = self.lines();
        let index = number.wrapping_sub(1) as usize;
        let Some(line) = lines.get(index) else {
            return "";
        };
        let end = lines
            .get(index + 1)
            .map_or(self.inner.text.len(), |next| next.start as usize);
        self.inner.text[line.start as usize..end].trim_end_matches(['\r', '\n'])
    }

    fn floor(&self, offset: u32) -> usize {
        let mut at = (offset as usize).min(self.inner.text.len());
        while !self.inner.text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }

    // INVARIANT: never empty; the first line starts at 0. Lines end with LF, CRLF or a lone CR.
    fn lines(&self) -> &[Line] {
        self.inner.lines.get_or_init(|| {
            let text = &self.inner.text;
            let bytes = text.as_bytes();
            let mut lines = vec![Line {
                start: 0,
                utf16_start: 0,
            }];
            let (mut from, mut utf16) = (0, 0);
            for at in memchr_line_ends(bytes) {
                utf16 += utf16_len(&text[from..at]);
                from = at;
                lines.push(Line {
                    start: at as u32,
                    utf16_start: utf16,
                });
            }
            lines
        })
    }
}

impl fmt::Debug for SourceText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Scripts carry passwords: a log line that holds a syntax tree must not show them.
        f.debug_struct("SourceText")
            .field("len", &self.inner.text.len())
            .finish_non_exhaustive()
    }
}

/// The byte after each line end.
fn memchr_line_ends(bytes: &[u8]) -> impl Iterator<Item = usize> + '_ {
    bytes
        .iter()
        .enumerate()
        .filter_map(move |(at, byte)| match byte {
            b'\n' => Some(at + 1),
            b'\r' if bytes.get(at + 1) != Some(&b'\n') => Some(at + 1),
            _ => None,
        })
}

fn utf16_len(text: &str) -> u32 {
    if text.is_ascii() {
        text.len() as u32
    } else {
        text.encode_utf16().count() as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_and_offsets_count_utf16_units() {
        let source = SourceText::new("é😀x\r\nb\rc");
        let at = |offset| {
            let Position {
                line,
                column,
                offset,
            } = source.position(offset);
            (line, column, offset)
        };
        assert_eq!(at(0), (1, 1, 0));
        assert_eq!(at(2), (1, 2, 1));
        assert_eq!(at(6), (1, 4, 3));
        assert_eq!(at(9), (2, 1, 6));
        assert_eq!(at(11), (3, 1, 8));
        assert_eq!(at(12), (3, 2, 9));
        assert_eq!(at(13), (3, 3, 10));
        assert_eq!(at(99), (3, 3, 10));
        assert_eq!(source.line(1), "é😀x");
        assert_eq!(source.line(3), "c");
        assert_eq!(source.line(4), "");
    }
}
