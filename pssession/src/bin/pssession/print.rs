//! Results on standard output, in the form that was asked for.

use std::io::{IsTerminal, Write};

use bytes::BytesMut;
use engine::border::{error_record_from_wire, from_wire};
use engine::format::{FormatOptions, Formatter, Shape, error_text as shown_error};
use engine::value::Value as EngineValue;
use engine::value::convert::invariant_text;
use psrp_codec::clixml::Document;
use psrp_codec::{ErrorRecord, Value};

use crate::arguments::OutputForm;
use crate::json::json;

/// The width when standard output is no terminal: PowerShell's.
const WIDTH: usize = 120;

/// How much text is kept before it is written.
const BUFFER: usize = 64 * 1024;

/// Prints results one by one, or collects those that only make sense together.
pub(crate) struct Printer {
    form: OutputForm,
    collected: Vec<Value>,
    formatter: Option<Formatter>,
    /// Whether an array of JSON has been begun.
    is_begun: bool,
    /// What is to be written.
    text: String,
}

impl Printer {
    pub(crate) fn new(form: OutputForm) -> Self {
        let shape = match form {
            OutputForm::Auto => Some(Shape::Auto),
            OutputForm::Table => Some(Shape::Table),
            OutputForm::List => Some(Shape::List),
            _ => None,
        };
        let options = |shape| FormatOptions::new(width()).ansi(colors()).shape(shape);
        let formatter = shape.map(|shape| Formatter::new(options(shape)));
        Self {
            form,
            collected: Vec::new(),
            formatter,
            is_begun: false,
            text: String::new(),
        }
    }

    /// Prints a result, or keeps it until there are more. What is printed may be written by
    /// [`write_out`](Self::write_out) only.
    pub(crate) fn object(&mut self, value: &Value) {
        match (&mut self.formatter, self.form) {
            (Some(formatter), _) => self.text += &formatter.push(&from_wire(value)),
            (None, OutputForm::Json) => self.item(value),
            (None, OutputForm::Jsonl) => self.text += &format!("{}\n", json(value)),
            (None, OutputForm::Text) => self.text += &format!("{}\n", text_of(value)),
            (None, _) => self.collected.push(value.clone()),
        }
        if self.text.len() >= BUFFER {
            self.write_out();
        }
    }

    /// Writes what has been printed.
    pub(crate) fn write_out(&mut self) {
        if !self.text.is_empty() {
            write(&self.text);
            self.text.clear();
        }
    }

    /// Prints what is kept back to lay out a table, and writes everything: something else follows,
    /// or nothing does for a while.
    pub(crate) fn flush(&mut self) {
        if let Some(formatter) = &mut self.formatter {
            self.text += &formatter.flush();
        }
        self.write_out();
    }

    /// Prints what is left, and writes everything.
    pub(crate) fn finish(&mut self) {
        if let Some(formatter) = self.formatter.take() {
            self.text += &formatter.finish();
        }
        match self.form {
            OutputForm::Json if self.is_begun => self.text += "\n]\n",
            OutputForm::Json => self.text += "[]\n",
            OutputForm::Clixml => {
                let mut xml = BytesMut::new();
                Document::from_iter(std::mem::take(&mut self.collected)).write(&mut xml);
                self.text += &String::from_utf8_lossy(&xml);
            }
            _ => {}
        }
        self.write_out();
    }

    /// One item of an array of JSON: indented, as the whole would be.
    fn item(&mut self, value: &Value) {
        self.text += if self.is_begun { ",\n  " } else { "[\n  " };
        self.is_begun = true;
        // No string has a line break in it: JSON writes them as escapes.
        self.text += &format!("{:#}", json(value)).replace('\n', "\n  ");
    }
}

/// The width of the terminal, if there is one.
fn width() -> usize {
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok();
    size.map(|size| usize::from(size.ws_col))
        .filter(|width| *width > 0)
        .unwrap_or(WIDTH)
}

/// Colors are for people who have not asked for none.
fn colors() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}

/// Writes to standard output; a reader that has gone away (`| head`) ends the program quietly.
fn write(text: &str) {
    let mut out = std::io::stdout().lock();
    if out
        .write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .is_err()
    {
        std::process::exit(0);
    }
}

/// The value as text, as PowerShell's cast to string gives it.
pub(crate) fn text_of(value: &Value) -> String {
    invariant_text(&from_wire(value)).as_str().to_owned()
}

/// An error as PowerShell shows it.
pub(crate) fn error_text(record: &ErrorRecord) -> String {
    let colors = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let record = EngineValue::Clr(error_record_from_wire(record));
    shown_error(&record, width(), colors).trim_end().to_owned()
}
