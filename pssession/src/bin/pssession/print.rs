//! Results on standard output, in the form that was asked for.

use std::io::{IsTerminal, Write};

use bytes::BytesMut;
use engine::border::{error_record_from_wire, from_wire};
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
}

impl Printer {
    pub(crate) fn new(form: OutputForm) -> Self {
        Self {
            form,
            collected: Vec::new(),
        }
    }

    /// Prints a result, or keeps it until there are more.
    pub(crate) fn object(&mut self, value: &Value) {
        match self.form {
            OutputForm::Json | OutputForm::Clixml => self.collected.push(value.clone()),
            OutputForm::Jsonl => print(&format!("{}\n", json(value))),
            OutputForm::Text => print(&format!("{}\n", text_of(value))),
            OutputForm::Auto | OutputForm::Table | OutputForm::List => {
                print(&format!("{}\n", json(value)));
            }
        }
    }

    /// Prints what is being collected and can be printed already: something else is to follow.
    pub(crate) fn flush(&mut self) {}

    /// Prints what is left.
    pub(crate) fn finish(&mut self) {
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
            _ => self.flush(),
        }
    }
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
    let record = error_record_from_wire(record);
    record.message().as_str().to_owned()
}
