//! `decode`: an account of a capture, for a person who looks for what went wrong.

use std::io::{IsTerminal, Read, Write};

use psrp_codec::explain::{ExplainOptions, explain};
use pssession::{Error, ErrorKind};

use crate::Status;
use crate::arguments::Decode;

/// The largest capture that is read: what is larger is not for a person.
const MAX_CAPTURE: u64 = 256 * 1024 * 1024;

/// Prints what the capture holds: fragments in binary, base64 or hexadecimal (a dump with offsets
/// too), lines of a stream transport, WS-Management envelopes, files of values.
pub(crate) fn decode(arguments: &Decode) -> Result<Status, Error> {
    let mut capture = Vec::new();
    match arguments.file.as_deref() {
        None => std::io::stdin()
            .take(MAX_CAPTURE)
            .read_to_end(&mut capture)?,
        Some(path) if path.as_os_str() == "-" => std::io::stdin()
            .take(MAX_CAPTURE)
            .read_to_end(&mut capture)?,
        Some(path) => {
            let opened = std::fs::File::open(path).and_then(|file| {
                let mut limited = file.take(MAX_CAPTURE);
                limited.read_to_end(&mut capture)
            });
            opened.map_err(|error| {
                Error::new(ErrorKind::Usage, format!("{}: {error}", path.display()))
                    .with_source(error)
            })?
        }
    };
    let mut options = ExplainOptions::default();
    options.color = std::io::stdout().is_terminal();
    options.lines = arguments.lines;
    let account = explain(&capture, &options);
    // A reader that has seen enough goes away.
    let _gone = std::io::stdout().write_all(account.as_bytes());
    Ok(Status::Success)
}
