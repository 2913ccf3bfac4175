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

/// Prints results one by one, or collects those that only make sense together.
pub(crate) struct Printer {
    form: OutputForm,
    collected: Vec<Value>,
    formatter: Option<Formatter>,
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
        }
    }

    /// Prints a result, or keeps it until there are more.
    pub(crate) fn object(&mut self, value: &Value) {
        match (&mut self.formatter, self.form) {
            (Some(formatter), _) => print(&formatter.push(&from_wire(value))),
            (None, OutputForm::Jsonl) => print(&format!("{}\n", json(value))),
            (None, OutputForm::Text) => print(&format!("{}\n", text_of(value))),
            (None, _) => self.collected.push(value.clone()),
        }
    }

    /// Prints what is kept back to lay out a table: something else follows, or nothing does for a
    /// while.
    pub(crate) fn flush(&mut self) {
        if let Some(formatter) = &mut self.formatter {
            print(&formatter.flush());
        }
    }

    /// Prints what is left.
    pub(crate) fn finish(&mut self) {
        if let Some(formatter) = self.formatter.take() {
            print(&formatter.finish());
        }
        let collected = std::mem::take(&mut self.collected);
        match self.form {
            OutputForm::Json => {
                let values: Vec<_> = collected.iter().map(json).collect();
                print(&format!("{:#}\n", serde_json::Value::from(values)));
            }
            OutputForm::Clixml => {
                let mut xml = BytesMut::new();
                Document::from_iter(collected).write(&mut xml);
                print(&String::from_utf8_lossy(&xml));
            }
            _ => {}
        }
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
fn print(text: &str) {
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
