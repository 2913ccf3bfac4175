//! The text that a tree came from, and the words in which PowerShell tells where something happened.

use std::sync::Arc;

/// A stretch of a source text, in bytes.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Span {
    /// The first byte.
    pub(crate) start: u32,
    /// The byte after the last.
    pub(crate) end: u32,
}

/// The text of one parse.
#[derive(Debug)]
pub(crate) struct Source {
    text: Arc<str>,
    file: Option<Arc<str>>,
    /// The byte position at which each line starts.
    lines: Vec<u32>,
}

/// A position as people see it.
#[derive(Clone, Debug)]
pub(crate) struct Position {
    pub(crate) source: Arc<Source>,
    pub(crate) span: Span,
}

impl Source {
    pub(crate) fn new(text: Arc<str>, file: Option<Arc<str>>) -> Arc<Self> {
        let bytes = text.as_bytes();
        let mut lines = vec![0];
        for (at, byte) in bytes.iter().enumerate() {
            let ends = *byte == b'\n' || (*byte == b'\r' && bytes.get(at + 1) != Some(&b'\n'));
            if ends {
                lines.push(u32::try_from(at + 1).unwrap_or(u32::MAX));
            }
        }
        Arc::new(Self { text, file, lines })
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn file(&self) -> Option<&Arc<str>> {
        self.file.as_ref()
    }

    pub(crate) fn slice(&self, span: Span) -> &str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or("")
    }

    /// The line of a byte position, counted from 0.
    fn line_index(&self, at: u32) -> usize {
        self.lines.partition_point(|start| *start <= at).saturating_sub(1)
    }

    fn line_text(&self, index: usize) -> &str {
        let start = self.lines.get(index).copied().unwrap_or(0) as usize;
        let end = self.lines.get(index + 1).map_or(self.text.len(), |next| *next as usize);
        self.text.get(start..end).unwrap_or("").trim_end_matches(['\n', '\r'])
    }
}

impl Position {
    pub(crate) fn text(&self) -> &str {
        self.source.slice(self.span)
    }

    /// Counted from 1.
    pub(crate) fn line_number(&self) -> usize {
        self.source.line_index(self.span.start) + 1
    }

    /// Counted from 1, in UTF-16 units.
    pub(crate) fn column(&self) -> usize {
        let index = self.source.line_index(self.span.start);
        let start = self.source.lines.get(index).copied().unwrap_or(0) as usize;
        let head = self.source.text.get(start..self.span.start as usize).unwrap_or("");
        head.chars().map(char::len_utf16).sum::<usize>() + 1
    }

    /// The whole line, without its end.
    pub(crate) fn line(&self) -> &str {
        self.source.line_text(self.source.line_index(self.span.start))
    }

    /// `At line:1 char:5` with the line and the part of it underlined.
    pub(crate) fn message(&self) -> String {
        let index = self.source.line_index(self.span.start);
        let line = self.source.line_text(index).trim_end();
        let place = match &self.source.file {
            Some(file) => format!("At {file}:{} char:{}", index + 1, self.column()),
            None => format!("At line:{} char:{}", index + 1, self.column()),
        };
        if line.is_empty() {
            return place;
        }
        let before = self.column() - 1;
        let inside = self.source.line_index(self.span.end) == index;
        let (shown, marked) = underline(line, before, if inside { Some(self.text().chars().map(char::len_utf16).sum()) } else { None });
        format!("{place}\n+ {shown}\n+ {marked}")
    }
}

/// The line and the marks under it, cut to 69 columns around the marked part. `marked` is `None` if the part goes on in the next line.
fn underline(line: &str, before: usize, marked: Option<usize>) -> (String, String) {
    const WIDEST: usize = 69;
    let mut units: Vec<u16> = Vec::with_capacity(line.len());
    let mut start = before;
    let mut length = marked.unwrap_or(usize::MAX);
    length = length.min(line.encode_utf16().count().saturating_sub(before));
    let end = before + length;
    for (at, unit) in line.encode_utf16().enumerate() {
        if unit == u16::from(b'\t') {
            units.extend([u16::from(b' '); 4]);
            if at < before {
                start += 3;
            } else if at < end {
                length += 3;
            }
        } else {
            units.push(unit);
        }
    }
    let (mut cut_before, mut cut_after) = (false, false);
    if units.len() > WIDEST {
        let all_before = start;
        let mut prefix = all_before.min(12);
        let all_after = units.len().saturating_sub(length + start);
        let suffix = all_after.min(8);
        let wanted = prefix + length + suffix;
        if wanted >= WIDEST {
            length = length.min(WIDEST - prefix);
            cut_after = true;
        } else {
            prefix += (all_before - prefix).min(WIDEST - wanted);
            let suffix = suffix + (WIDEST - prefix - length - suffix);
            cut_after = suffix < all_after;
        }
        cut_before = prefix < all_before;
        let from = (start - prefix).min(units.len() - WIDEST);
        units = units.get(from..from + WIDEST).unwrap_or_default().to_vec();
        start = start.min(prefix);
        length = length.min(WIDEST - start);
    }
    let shown = String::from_utf16_lossy(&units);
    let shown = format!("{}{shown}{}", if cut_before { "… " } else { "" }, if cut_after { " …" } else { "" });
    let marks = format!("{}{}", " ".repeat(start + if cut_before { 2 } else { 0 }), "~".repeat(length.max(1)));
    (shown, marks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_cut_around_the_marked_part() {
        let text = "function f { [CmdletBinding()]param($a) }; $e = f -b 2 2>&1; $e.FullyQualifiedErrorId; \"$e\"; $e.Exception.ErrorId";
        let position = Position { source: Source::new(text.into(), None), span: Span { start: 50, end: 52 } };
        let expected = "At line:1 char:51\n+ function f { [CmdletBinding()]param($a) }; $e = f -b 2 2>&1; $e.Fully …\n+                                                   ~~";
        assert_eq!(position.message(), expected);
    }
}
