//! The lines of an account: indented, colored, and no more than were asked for.

use std::fmt::Write;

use super::ExplainOptions;
use crate::PsString;

/// What a part of a line is, which decides its color.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Style {
    /// What was found: a packet, a message.
    Heading,
    /// Where it was found.
    Place,
    /// A name that the capture gives to something.
    Name,
    /// What is wrong.
    Trouble,
}

/// An account as it is written.
#[derive(Debug)]
pub(super) struct Account {
    options: ExplainOptions,
    text: String,
    indent: usize,
    left: usize,
    dropped: usize,
}

impl Account {
    pub(super) fn new(options: ExplainOptions) -> Self {
        Self {
            options,
            text: String::new(),
            indent: 0,
            left: options.lines,
            dropped: 0,
        }
    }

    /// Adds a line.
    pub(super) fn line(&mut self, style: Style, text: &str) {
        self.named_line(style, text, "");
    }

    /// Adds a line that begins in `style` and goes on plainly.
    pub(super) fn named_line(&mut self, style: Style, start: &str, rest: &str) {
        if self.left == 0 {
            self.dropped = self.dropped.saturating_add(1);
            return;
        }
        self.left = self.left.saturating_sub(1);
        for _ in 0..self.indent {
            self.text.push_str("  ");
        }
        if self.options.color {
            let color = match style {
                Style::Heading => "\x1b[1;36m",
                Style::Place => "\x1b[2m",
                Style::Name => "\x1b[32m",
                Style::Trouble => "\x1b[1;31m",
            };
            self.text.extend([color, start, "\x1b[0m", rest]);
        } else {
            self.text.extend([start, rest]);
        }
        self.text.push('\n');
    }

    /// Adds what is wrong.
    pub(super) fn trouble(&mut self, what: impl std::fmt::Display) {
        // An error may quote what the peer wrote.
        let mut text = String::from("trouble: ");
        push_harmless(&what.to_string(), &mut text);
        self.line(Style::Trouble, &text);
    }

    /// Runs `lines` one step further to the right.
    pub(super) fn indented(&mut self, lines: impl FnOnce(&mut Self)) {
        self.indent = self.indent.saturating_add(1);
        lines(self);
        self.indent = self.indent.saturating_sub(1);
    }

    /// Whether no more lines are taken, so that finding them would be for nothing.
    pub(super) const fn is_full(&self) -> bool {
        self.left == 0
    }

    pub(super) const fn options(&self) -> &ExplainOptions {
        &self.options
    }

    /// A text in quotes, in one line, without anything that would move a terminal's cursor, and
    /// not longer than was asked for.
    ///
    /// What is hidden is not looked at: many objects may share one text.
    pub(super) fn quoted(&self, text: &PsString) -> String {
        match text.as_str() {
            Some(text) => self.quoted_str(text),
            None => {
                let units = text.encode_utf16();
                let mut characters = char::decode_utf16(units)
                    .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER));
                let shown = self.quoted_characters(characters.by_ref());
                match characters.next() {
                    Some(_) => shown + " and more",
                    None => shown,
                }
            }
        }
    }

    pub(super) fn quoted_str(&self, text: &str) -> String {
        let mut characters = text.chars();
        let mut shown = self.quoted_characters(characters.by_ref());
        let hidden = characters.as_str().len();
        if hidden > 0 {
            // Writing to a string does not fail.
            let _ = write!(shown, " and {hidden} bytes more");
        }
        shown
    }

    fn quoted_characters(&self, characters: impl Iterator<Item = char>) -> String {
        let mut shown = String::from("\"");
        for character in characters.take(self.options.text) {
            push_character(character, &mut shown);
        }
        shown.push('"');
        shown
    }

    pub(super) fn finish(mut self) -> String {
        if self.dropped > 0 {
            self.text
                .push_str("… and more than fits the limit of lines\n");
        }
        self.text
    }
}

fn push_harmless(text: &str, out: &mut String) {
    text.chars().for_each(|each| push_character(each, out));
}

/// Appends a character, or its escape when it would do something else than be seen.
fn push_character(character: char, out: &mut String) {
    match character {
        '"' | '\'' | '\\' => out.push(character),
        other => out.extend(other.escape_debug()),
    }
}
