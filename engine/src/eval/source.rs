//! The words in which PowerShell tells where something happened.

use crate::syntax::{Extent, SourceText};

/// A stretch of a script.
#[derive(Clone, Debug)]
pub(crate) struct Position {
    pub(crate) source: SourceText,
    pub(crate) extent: Extent,
}

impl Position {
    pub(crate) fn text(&self) -> &str {
        self.source.text(self.extent)
    }

    /// Counted from 1.
    pub(crate) fn line_number(&self) -> u32 {
        self.source.position(self.extent.start).line
    }

    /// Counted from 1, in UTF-16 units.
    pub(crate) fn column(&self) -> u32 {
        self.source.position(self.extent.start).column
    }

    /// The whole line, without its end.
    pub(crate) fn line(&self) -> &str {
        self.source.line(self.line_number())
    }

    /// `At line:1 char:5` with the line and the part of it underlined.
    pub(crate) fn message(&self) -> String {
        let start = self.source.position(self.extent.start);
        let line = self.source.line(start.line).trim_end();
        let place = match self.source.file() {
            Some(file) => format!("At {file}:{} char:{}", start.line, start.column),
            None => format!("At line:{} char:{}", start.line, start.column),
        };
        if line.is_empty() {
            return place;
        }
        let before = start.column as usize - 1;
        let inside = self.source.position(self.extent.end).line == start.line;
        let (shown, marked) = underline(
            line,
            before,
            if inside {
                Some(self.text().chars().map(char::len_utf16).sum())
            } else {
                None
            },
        );
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
    let shown = format!(
        "{}{shown}{}",
        if cut_before { "… " } else { "" },
        if cut_after { " …" } else { "" }
    );
    let marks = format!(
        "{}{}",
        " ".repeat(start + if cut_before { 2 } else { 0 }),
        "~".repeat(length.max(1))
    );
    (shown, marks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_cut_around_the_marked_part() {
        let text = "function f { [CmdletBinding()]param($a) }; $e = f -b 2 2>&1; $e.FullyQualifiedErrorId; \"$e\"; $e.Exception.ErrorId";
        let position = Position {
            source: SourceText::new(text),
            extent: Extent::new(50, 52),
        };
        let expected = "At line:1 char:51\n+ function f { [CmdletBinding()]param($a) }; $e = f -b 2 2>&1; $e.Fully …\n+                                                   ~~";
        assert_eq!(position.message(), expected);
    }
}
