//! What a script brings, on its way to the person: results to standard output, the rest to
//! standard error.

use std::io::{IsTerminal, Write};

use psrp_codec::{ErrorRecord, PsString};
use pssession::{Error, Origin, Outcome, Output};

use crate::arguments::OutputForm;
use crate::print::Printer;

/// Prints what arrives.
pub(crate) struct Results {
    printer: Printer,
    show_computer_name: bool,
    /// Progress is for people who watch.
    progress: bool,
}

impl Results {
    pub(crate) fn new(form: OutputForm, show_computer_name: bool) -> Self {
        Self {
            printer: Printer::new(form),
            show_computer_name,
            progress: std::io::stderr().is_terminal(),
        }
    }

    /// Prints one thing; tells whether it was an error.
    pub(crate) fn output(&mut self, output: Output, origin: Option<&Origin>) -> bool {
        match output {
            Output::Object(value) => {
                let value = match origin {
                    Some(origin) => origin.mark(value, self.show_computer_name),
                    None => value,
                };
                self.printer.object(&value);
                false
            }
            Output::Error(record) => {
                self.error(&record, origin);
                true
            }
            Output::Warning(record) => self.line("WARNING: ", record.message.as_ref()),
            Output::Verbose(record) => self.line("VERBOSE: ", record.message.as_ref()),
            Output::Debug(record) => self.line("DEBUG: ", record.message.as_ref()),
            Output::Information(record) => {
                self.printer.flush();
                eprintln!("{}", crate::print::text_of(&record.message_data));
                false
            }
            Output::Progress(record) => {
                if self.progress {
                    self.printer.flush();
                    let activity = record.activity.to_string_lossy();
                    let mut error = std::io::stderr();
                    // Progress that cannot be shown is no reason to stop.
                    let _closed = match record.percent_complete {
                        percent if percent >= 0 => writeln!(error, "{activity}: {percent} %"),
                        _ => writeln!(error, "{activity}"),
                    };
                }
                false
            }
            _ => false,
        }
    }

    /// Says how a pipeline ended, where that is worth a word; tells whether it failed.
    pub(crate) fn outcome(&mut self, outcome: &Outcome) -> bool {
        match outcome {
            Outcome::Failed(Some(record)) => {
                self.error(record, None);
                true
            }
            Outcome::Failed(None) => {
                self.printer.flush();
                eprintln!("pssession: the pipeline failed");
                true
            }
            _ => false,
        }
    }

    /// A computer that could not be worked with.
    pub(crate) fn failure(&mut self, origin: &Origin, error: &Error) {
        self.printer.flush();
        eprintln!("[{}] {error}", origin.computer_name);
    }

    /// Writes what has been printed: the server forgets it when it is asked for more.
    pub(crate) fn write_out(&mut self) {
        self.printer.write_out();
    }

    /// Nothing has come for a while: what is kept back to lay out a table is shown as it is.
    pub(crate) fn pause(&mut self) {
        self.printer.flush();
    }

    /// Prints what is still being collected.
    pub(crate) fn finish(mut self) {
        self.printer.finish();
    }

    fn error(&mut self, record: &ErrorRecord, origin: Option<&Origin>) {
        self.printer.flush();
        let computer = match origin {
            Some(origin) if self.show_computer_name => format!("[{}] ", origin.computer_name),
            _ => String::new(),
        };
        let text = crate::print::error_text(record);
        eprintln!("{computer}{text}");
    }

    fn line(&mut self, prefix: &str, message: Option<&PsString>) -> bool {
        self.printer.flush();
        let message = message.map(PsString::to_string_lossy).unwrap_or_default();
        eprintln!("{prefix}{message}");
        false
    }
}
