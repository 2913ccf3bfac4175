//! Runs recorded cases against the engine: `vectors KIND DIR [--category NAME] [--id TEXT] [--show] [--lenient]`.

mod canonical;
mod case;
mod format;
mod language;

use std::path::PathBuf;
use std::process::ExitCode;

/// What to run and what to print.
struct Options {
    kind: String,
    dir: PathBuf,
    category: Option<String>,
    id: Option<String>,
    show: bool,
    /// Leaves the formatted text out of the comparison.
    lenient: bool,
}

fn main() -> ExitCode {
    let Some(options) = options() else {
        eprintln!(
            "usage: engine-vectors KIND DIR [--category NAME] [--id TEXT] [--show] [--lenient]"
        );
        return ExitCode::from(2);
    };
    match options.kind.as_str() {
        "pwsh/format" => format::run(&options),
        "pwsh/language" => language::run(&options),
        kind => {
            println!("{kind}: no code serves this kind yet");
            println!("{kind}: 0 passed, 1 failed");
            ExitCode::SUCCESS
        }
    }
}

fn options() -> Option<Options> {
    let mut arguments = std::env::args().skip(1);
    let mut options = Options {
        kind: arguments.next()?,
        dir: arguments.next()?.into(),
        category: None,
        id: None,
        show: false,
        lenient: false,
    };
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--category" => options.category = Some(arguments.next()?),
            "--id" => options.id = Some(arguments.next()?),
            "--show" => options.show = true,
            "--lenient" => options.lenient = true,
            _ => return None,
        }
    }
    Some(options)
}
