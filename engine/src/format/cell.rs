//! How wide text is on a screen, and how it is cut and wrapped there.
//!
//! Widths count as PowerShell counts them: the wide characters of East Asia take two columns, every other UTF-16 unit takes one
//! (control characters, joiners and line ends too), and escape sequences (`ESC [ … letter`) take no room and are never cut in two.

use super::table::Alignment;

/// What stands where text was cut off.
pub(super) const ELLIPSIS: char = '…';

/// What ends all colours.
pub(super) const RESET: &str = "\u{1b}[0m";

/// A piece of text that is never divided: a character with its width, or an escape sequence.
struct Piece<'t> {
    text: &'t str,
    width: usize,
}

impl Piece<'_> {
    fn is_escape(&self) -> bool {
        self.text.len() > 1 && self.text.starts_with('\u{1b}')
    }
}

/// The pieces of `text` in order.
fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let (len, width) = match escape_length(rest) {
            Some(len) => (len, 0),
            None => (first.len_utf8(), char_width(first)),
        };
        let (piece, tail) = rest.split_at(len);
        rest = tail;
        Some(Piece { text: piece, width })
    })
}

/// The length of the escape sequence at the start of `text`, if there is one.
fn escape_length(text: &str) -> Option<usize> {
    let body = text.strip_prefix("\u{1b}[")?;
    let end = body.find(|c: char| !matches!(c, '0'..='9' | ';' | ':' | '?'))?;
    body[end..]
        .starts_with(|c: char| c.is_ascii_alphabetic())
        .then_some("\u{1b}[".len() + end + 1)
}

/// Characters outside the basic plane are two UTF-16 units and count as two.
fn char_width(c: char) -> usize {
    let wide = matches!(
        u32::from(c),
        0x1100..=0x115f
            | 0x2329
            | 0x232a
            | 0x2e80..=0x303e
            | 0x3040..=0xa4cf
            | 0xac00..=0xd7a3
            | 0xf900..=0xfaff
            | 0xfe10..=0xfe19
            | 0xfe30..=0xfe6f
            | 0xff00..=0xff60
            | 0xffe0..=0xffe6
    );
    if wide { 2 } else { c.len_utf16() }
}

/// How many columns `text` takes on one line; line ends inside count as characters.
#[must_use]
pub fn width(text: &str) -> usize {
    if text.bytes().all(|byte| (b' '..0x7f).contains(&byte)) {
        return text.len();
    }
    pieces(text).map(|piece| piece.width).sum()
}

/// Without escape sequences.
#[must_use]
pub fn plain(text: &str) -> String {
    if !text.contains('\u{1b}') {
        return text.to_owned();
    }
    pieces(text)
        .filter(|piece| !piece.is_escape())
        .map(|piece| piece.text)
        .collect()
}

/// The first line of `text`, with an ellipsis if more follow.
#[must_use]
pub(super) fn first_line(text: &str) -> String {
    match text.find(['\r', '\n']) {
        Some(end) => format!("{}{ELLIPSIS}", &text[..end]),
        None => text.to_owned(),
    }
}

/// `text` as it stands in a cell of `room` columns: one line, cut with an ellipsis where something is missing, and filled up with
/// blanks; at the right edge only if `fill`.
#[must_use]
pub(super) fn cell(text: &str, room: usize, alignment: Alignment, fill: bool) -> String {
    let mut line = first_line(text);
    let length = width(&line);
    if length > room {
        line = cut(&line, length, room, alignment);
    }
    let missing = room.saturating_sub(width(&line));
    let before = match alignment {
        Alignment::Left => 0,
        Alignment::Center => missing / 2,
        Alignment::Right => missing,
    };
    let mut filled = " ".repeat(before);
    filled.push_str(&line);
    if line.contains('\u{1b}') && !line.ends_with(RESET) {
        filled.push_str(RESET);
    }
    if fill {
        filled.extend(std::iter::repeat_n(' ', missing - before));
    }
    filled
}

/// Numbers keep their end, everything else its start.
fn cut(line: &str, length: usize, room: usize, alignment: Alignment) -> String {
    // A single column has no room for a mark.
    let (kept, mark) = if room > 1 {
        (room - 1, true)
    } else {
        (room, false)
    };
    if alignment == Alignment::Right {
        let tail = tail(line, length, kept);
        return if mark {
            format!("{ELLIPSIS}{tail}")
        } else {
            tail
        };
    }
    head(line, kept, mark)
}

/// As much of the start of `line` as fits; the mark comes before the escape sequences that end colours.
fn head(line: &str, limit: usize, mark: bool) -> String {
    let mut kept = String::new();
    let mut used = 0_usize;
    let mut full = false;
    for piece in pieces(line) {
        if !full && used + piece.width > limit {
            full = true;
            if mark {
                kept.push(ELLIPSIS);
            }
        }
        if !full || piece.is_escape() {
            used += piece.width;
            kept.push_str(piece.text);
        }
    }
    kept
}

fn tail(line: &str, length: usize, limit: usize) -> String {
    let mut kept = String::new();
    let mut ahead = length;
    for piece in pieces(line) {
        if piece.is_escape() || ahead <= limit {
            kept.push_str(piece.text);
        }
        ahead -= piece.width;
    }
    kept
}

/// As much of the start of `text` as fits into `limit` columns, without a mark.
#[must_use]
pub(super) fn clip(text: &str, limit: usize) -> String {
    head(text, limit, false)
}

/// The lines that `text` takes in a column of `limit` columns, broken between words where that is possible.
///
/// A word keeps the blank after it. One that is wider than the column is broken anywhere, and starts on the line that
/// the word before it ended on.
#[must_use]
pub fn wrap(text: &str, limit: usize) -> Vec<String> {
    let limit = limit.max(1);
    let mut lines = Vec::new();
    for line in split_lines(text) {
        wrap_line(line, limit, &mut lines);
    }
    lines
}

/// The lines of `text`: CR LF, LF and CR all end one.
pub(super) fn split_lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let current = rest?;
        match current.find(['\r', '\n']) {
            Some(end) => {
                let (line, tail) = current.split_at(end);
                rest = Some(
                    tail.strip_prefix("\r\n")
                        .unwrap_or_else(|| tail.split_at(1).1),
                );
                Some(line)
            }
            None => {
                rest = None;
                Some(current)
            }
        }
    })
}

fn wrap_line(line: &str, limit: usize, lines: &mut Vec<String>) {
    let mut current = String::new();
    let mut used = 0_usize;
    for word in line.split_inclusive([' ', '\t']) {
        let needed = width(word);
        if needed > limit {
            for piece in pieces(word) {
                // A wide character has no room at all in a single column.
                let (text, width) = if piece.width > limit {
                    ("?", 1)
                } else {
                    (piece.text, piece.width)
                };
                if used + width > limit {
                    lines.push(std::mem::take(&mut current));
                    used = 0;
                }
                current.push_str(text);
                used += width;
            }
        } else {
            if used + needed > limit {
                lines.push(std::mem::take(&mut current));
                used = 0;
            }
            current.push_str(word);
            used += needed;
        }
    }
    lines.push(current);
}

/// Lines of decorated text: each starts with the escape sequences of those before it, so that every line can stand alone, and ends
/// with a reset.
#[must_use]
pub(super) fn decorated_lines(text: &str) -> Vec<String> {
    if !text.contains('\u{1b}') {
        return split_lines(text).map(str::to_owned).collect();
    }
    let mut carried = String::new();
    split_lines(text)
        .map(|line| {
            let mut whole = carried.clone();
            whole.push_str(line);
            for piece in pieces(line).filter(Piece::is_escape) {
                carried.push_str(piece.text);
            }
            if whole.contains('\u{1b}') && !whole.ends_with(RESET) {
                whole.push_str(RESET);
            }
            whole
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(text: &str, room: usize) -> String {
        cell(text, room, Alignment::Left, false)
    }

    #[test]
    fn wide_characters_take_two_columns_and_escape_sequences_none() {
        assert_eq!(width("中文"), 4);
        assert_eq!(width("\u{1b}[31mred\u{1b}[0m"), 3);
        assert_eq!(width("a\u{7}b"), 3);
        assert_eq!(width("😀"), 2);
        assert_eq!(width("👨\u{200d}👩"), 5);
    }

    #[test]
    fn what_does_not_fit_is_cut_with_an_ellipsis() {
        assert_eq!(fit("abcdefghij", 5), "abcd…");
        assert_eq!(fit("abcdefghij", 1), "a");
        assert_eq!(fit("abcde", 5), "abcde");
        assert_eq!(fit("line1\r\nline2", 12), "line1…");
        assert_eq!(fit("中文中文", 4), "中…");
        assert_eq!(
            fit("\u{1b}[31mrrrrrr\u{1b}[0m", 4),
            "\u{1b}[31mrrr…\u{1b}[0m"
        );
        assert_eq!(cell("5000000000", 6, Alignment::Right, true), "…00000");
        assert_eq!(cell("中文中文", 4, Alignment::Left, true), "中… ");
    }

    #[test]
    fn words_are_kept_whole_where_they_fit() {
        let text = "Some descriptive text that is quite long";
        assert_eq!(
            wrap(text, 6),
            [
                "Some d", "escrip", "tive ", "text ", "that ", "is ", "quite ", "long"
            ]
        );
        assert_eq!(wrap("Display Name", 6), ["Displa", "y Name"]);
        assert_eq!(wrap("l1\nl2\r\nl3", 10), ["l1", "l2", "l3"]);
        assert_eq!(wrap("", 10), [""]);
    }

    #[test]
    fn every_line_of_decorated_text_can_stand_alone() {
        assert_eq!(
            decorated_lines("\u{1b}[31ma\nb"),
            ["\u{1b}[31ma\u{1b}[0m", "\u{1b}[31mb\u{1b}[0m"]
        );
        assert_eq!(decorated_lines("a\nb"), ["a", "b"]);
    }
}
