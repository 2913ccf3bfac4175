//! Prints what a capture holds: `explain [--color] [--lines N] [FILE]`, standard input without a
//! file.
//!
//! Takes fragments in binary, base64 or hexadecimal, a dump with offsets among them, lines of a
//! stream transport, text that holds WS-Management envelopes, such as an HTTP log, files of values,
//! and what child processes wrote.

use std::io::{self, IsTerminal, Read, Write};
use std::process::ExitCode;

use psrp_codec::explain::{ExplainOptions, explain};

fn main() -> io::Result<ExitCode> {
    let mut options = ExplainOptions::default();
    options.color = io::stdout().is_terminal();
    let mut file = None;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--color" => options.color = true,
            "--lines" => match arguments.next().and_then(|count| count.parse().ok()) {
                Some(lines) => options.lines = lines,
                None => return Ok(usage()),
            },
            "--help" | "-h" => return Ok(usage()),
            _ if file.is_none() => file = Some(argument),
            _ => return Ok(usage()),
        }
    }
    let mut capture = Vec::new();
    match file {
        Some(path) => capture = std::fs::read(path)?,
        None => {
            io::stdin().read_to_end(&mut capture)?;
        }
    }
    io::stdout().write_all(explain(&capture, &options).as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn usage() -> ExitCode {
    eprintln!("usage: explain [--color] [--lines N] [FILE]");
    ExitCode::from(2)
}
