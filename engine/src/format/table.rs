//! A table as lines of text.

use super::cell::{RESET, cell, split_lines, width, wrap};

/// Where a cell's text stands in its column.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Alignment {
    /// At the left edge.
    #[default]
    Left,
    /// In the middle, one column further left where it does not come out even.
    Center,
    /// At the right edge.
    Right,
}

/// One column of a table.
#[derive(Clone, Debug, Default)]
pub(super) struct Column {
    /// What stands above it.
    pub(super) header: String,
    /// Where its cells and its header stand.
    pub(super) alignment: Alignment,
    /// Its width in columns of the screen; 0 if it shares what the others leave.
    pub(super) width: usize,
    /// Whether the header is a name that the objects do not have themselves; it is then shown in italics.
    pub(super) custom_header: bool,
}

/// A table whose columns have been given their widths.
#[derive(Clone, Debug)]
pub(super) struct Table {
    columns: Vec<Column>,
    /// The width of each column; 0 hides it.
    widths: Vec<usize>,
    ansi: bool,
}

/// The narrowest screen that shows a table.
const MIN_SCREEN: usize = 5;
/// Between two columns.
const SEPARATOR: &str = " ";
const HEADER_STYLE: &str = "\u{1b}[32;1m";
const CUSTOM_HEADER_STYLE: &str = "\u{1b}[32;1;3m";

impl Table {
    /// Lays `columns` out on a screen of `screen` columns.
    ///
    /// Columns without a width share what the others leave. If the room does not suffice, columns are narrowed and then left out from
    /// the right.
    #[must_use]
    pub(super) fn new(columns: Vec<Column>, screen: usize, ansi: bool) -> Self {
        let widths = if screen < MIN_SCREEN {
            vec![0; columns.len()]
        } else {
            assign_widths(columns.iter().map(|column| column.width).collect(), screen)
        };
        Self {
            columns,
            widths,
            ansi,
        }
    }

    /// The lines of the header: the names, and a dash for each of their characters.
    #[must_use]
    pub(super) fn header(&self) -> Vec<String> {
        if self.is_hidden() {
            return Vec::new();
        }
        let names: Vec<String> = self
            .columns
            .iter()
            .map(|column| column.header.clone())
            .collect();
        let mut lines = self.stack(&names, true);
        let dashes: Vec<String> = names
            .iter()
            .zip(&self.widths)
            .map(|(name, room)| "-".repeat(width(name).min(*room)))
            .collect();
        lines.push(self.line(&dashes, true));
        lines
    }

    /// The one line of a row.
    #[must_use]
    pub(super) fn row(&self, cells: &[String]) -> Vec<String> {
        if self.is_hidden() {
            return Vec::new();
        }
        vec![self.line(cells, false)]
    }

    /// The lines of a row whose cells are wrapped.
    #[must_use]
    pub(super) fn wrapped_row(&self, cells: &[String]) -> Vec<String> {
        if self.is_hidden() {
            return Vec::new();
        }
        self.stack(cells, false)
    }

    fn is_hidden(&self) -> bool {
        self.widths.iter().all(|width| *width == 0)
    }

    /// Cells of several lines beside each other, their first lines level.
    fn stack(&self, cells: &[String], is_header: bool) -> Vec<String> {
        let visible: Vec<usize> = (0..self.columns.len())
            .filter(|index| self.widths[*index] > 0)
            .collect();
        let parts: Vec<Vec<String>> = visible
            .iter()
            .map(|index| {
                let text = cells.get(*index).map_or("", String::as_str);
                let room = self.widths[*index];
                let fill = Some(index) != visible.last();
                split_lines(text)
                    .flat_map(|line| wrap(line, room))
                    .map(|line| cell(&line, room, self.columns[*index].alignment, fill))
                    .collect()
            })
            .collect();
        let height = parts.iter().map(Vec::len).max().unwrap_or(0);
        (0..height)
            .map(|row| {
                let mut line = String::new();
                for (part, index) in parts.iter().zip(&visible) {
                    let separator = if *index == visible[0] { "" } else { SEPARATOR };
                    let blank = " ".repeat(self.widths[*index]);
                    let text = part.get(row).unwrap_or(&blank);
                    if is_header && self.ansi {
                        // What a view calls otherwise is italic, and the blank before it is not.
                        if self.columns[*index].custom_header {
                            line.extend([separator, CUSTOM_HEADER_STYLE, text, RESET]);
                        } else {
                            line.extend([HEADER_STYLE, separator, text, RESET]);
                        }
                    } else {
                        line.extend([separator, text]);
                    }
                }
                // Blanks of a header's own stay.
                let ends_in_header = is_header && parts.last().is_some_and(|part| row < part.len());
                if !ends_in_header {
                    line.truncate(line.trim_end_matches(' ').len());
                }
                line
            })
            .collect()
    }

    /// One line: each text in its column. The last of all columns is not filled up when it stands left.
    fn line(&self, texts: &[String], is_header: bool) -> String {
        let mut line = String::new();
        let last = self.columns.len().saturating_sub(1);
        let mut first = true;
        for (index, column) in self.columns.iter().enumerate() {
            if self.widths[index] == 0 {
                continue;
            }
            if !first {
                line.push_str(SEPARATOR);
            }
            first = false;
            let text = texts.get(index).map_or("", String::as_str);
            let text = cell(text, self.widths[index], column.alignment, index < last);
            if is_header && self.ansi {
                line.extend([HEADER_STYLE, &text, RESET]);
            } else {
                line.push_str(&text);
            }
        }
        line
    }
}

/// How much room columns without a width share at most: a script chooses the width of the screen, and cells are filled up with blanks.
const MAX_SHARED: usize = 100_000;

/// Gives widths to the columns that have none, and makes all of them fit.
fn assign_widths(mut widths: Vec<usize>, screen: usize) -> Vec<usize> {
    let open: Vec<usize> = (0..widths.len())
        .filter(|index| widths[*index] == 0)
        .collect();
    for index in &open {
        widths[*index] = 1;
    }
    let total = total_width(&widths);
    if total <= screen && !open.is_empty() {
        let spare = (screen - total).min(MAX_SHARED);
        for (position, index) in open.iter().enumerate() {
            let share = spare / open.len() + usize::from(position < spare % open.len());
            widths[*index] += share;
        }
        return widths;
    }
    loop {
        let excess = total_width(&widths).saturating_sub(screen);
        if excess == 0 {
            return widths;
        }
        let Some(last) = widths.iter().rposition(|width| *width > 0) else {
            return widths;
        };
        widths[last] = widths[last].saturating_sub(excess);
    }
}

/// The width of the visible columns with what stands between them.
fn total_width(widths: &[usize]) -> usize {
    let visible = widths.iter().filter(|width| **width > 0);
    let (count, sum) = visible.fold((0_usize, 0_usize), |(count, sum), width| {
        (count + 1, sum.saturating_add(*width))
    });
    sum.saturating_add(count.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_narrowed_and_left_out_from_the_right() {
        assert_eq!(assign_widths(vec![30, 0], 20), [20, 0]);
        assert_eq!(assign_widths(vec![30, 0], 80), [30, 49]);
        assert_eq!(assign_widths(vec![0, 0, 0], 40), [13, 13, 12]);
        assert_eq!(assign_widths(vec![15, 50, 10, 0], 80), [15, 50, 10, 2]);
        assert_eq!(assign_widths(vec![6, 6, 6, 8], 20), [6, 6, 6, 0]);
        assert_eq!(assign_widths(vec![], 20), [0_usize; 0]);
        assert_eq!(assign_widths(vec![0], usize::MAX), [MAX_SHARED + 1]);
    }

    #[test]
    fn a_narrow_header_takes_several_lines() {
        let column = |header: &str, width| Column {
            header: header.into(),
            width,
            ..Column::default()
        };
        let table = Table::new(
            vec![
                column("Name", 5),
                column("Value", 5),
                column("Other", 5),
                column("Last", 4),
            ],
            20,
            false,
        );
        assert_eq!(
            table.header(),
            [
                "Name  Value Other La",
                "                  st",
                "----  ----- ----- --"
            ]
        );
    }
}
