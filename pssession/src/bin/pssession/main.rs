//! `pssession`: PowerShell sessions from the command line.
//!
//! Results go to standard output, everything else to standard error. Exit status: 0 success, 1 the
//! pipeline failed or wrote errors, 2 usage, 3 could not connect or authenticate, 130 interrupted.

mod arguments;
mod chosen;
mod connect;
mod decode;
mod disconnect;
mod get;
mod hash_password;
mod interrupt;
mod invoke;
mod json;
mod new;
mod password;
mod print;
mod receive;
mod remove;
mod results;
mod serve;
mod state;
mod table;
mod target;

use std::process::ExitCode;

use arguments::{Arguments, Verb};
use clap::Parser;
use pssession::{Error, ErrorKind};
use tracing_subscriber::filter::LevelFilter;

/// How a verb ended, when it did not fail.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Status {
    /// All went well.
    Success,
    /// The pipeline failed, or wrote errors.
    Failed,
    /// What was asked for cannot be.
    Usage,
    /// Somebody could not be reached, or did not let us in.
    Unreachable,
    /// Ctrl+C.
    Interrupted,
}

impl Status {
    /// What an error means for the exit status.
    pub(crate) fn of(error: &Error) -> Self {
        match error.kind() {
            ErrorKind::Usage => Self::Usage,
            ErrorKind::CannotConnect | ErrorKind::AccessDenied => Self::Unreachable,
            _ => Self::Failed,
        }
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(match status {
            Status::Success => 0,
            Status::Failed => 1,
            Status::Usage => 2,
            Status::Unreachable => 3,
            Status::Interrupted => 130,
        })
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let level = match arguments.verbose {
        0 => LevelFilter::ERROR,
        1 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(std::io::stderr)
        .init();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("pssession: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(arguments.verb)) {
        Ok(status) => status.into(),
        Err(error) => {
            report(&error);
            Status::of(&error).into()
        }
    }
}

async fn run(verb: Verb) -> Result<Status, Error> {
    match verb {
        Verb::New(arguments) => new::new(arguments).await,
        Verb::Get(arguments) => get::get(arguments).await,
        Verb::Invoke(arguments) => invoke::invoke(arguments).await,
        Verb::Disconnect(arguments) => disconnect::disconnect(arguments).await,
        Verb::Connect(arguments) => connect::connect(arguments).await,
        Verb::Receive(arguments) => receive::receive(arguments).await,
        Verb::Remove(arguments) => remove::remove(arguments).await,
        Verb::Serve(arguments) => serve::serve(arguments).await,
        Verb::Decode(arguments) => decode::decode(&arguments),
        Verb::HashPassword { user } => hash_password::hash_password(&user),
    }
}

/// The error and what led to it, as far as the causes add something.
pub(crate) fn report(error: &Error) {
    let text = error.to_string();
    eprintln!("pssession: {text}");
    let mut cause = std::error::Error::source(error);
    let mut shown = text;
    while let Some(source) = cause {
        let text = source.to_string();
        if !shown.contains(&text) {
            eprintln!("  because: {text}");
            shown = text;
        }
        cause = source.source();
    }
}
