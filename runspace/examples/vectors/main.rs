//! Plays recorded conversations to both cores: `vectors pwsh/exchanges FOLDER`.
//!
//! Names what failed and why, and ends with a line `KIND: N passed, N failed`.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::disallowed_methods,
    reason = "what is wrong with a recording is found by panicking, and caught"
)]

mod as_client;
mod as_server;
mod recording;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    process::ExitCode,
};

use recording::Step;

/// Plays the steps of a recording with this name, and panics when something is not as recorded.
type Play = fn(&str, &[Step]);

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [kind, folder] = &arguments[..] else {
        eprintln!("usage: runspace-vectors KIND FOLDER");
        return ExitCode::from(2);
    };
    let (mut passed, mut failed) = (0, 0);
    if kind == "pwsh/exchanges" {
        std::panic::set_hook(Box::new(|_| {}));
        let roles: [(&str, Play); 2] = [
            ("as client", as_client::play),
            ("as server", as_server::play),
        ];
        for path in recordings(Path::new(folder)) {
            let name = path
                .strip_prefix(folder)
                .unwrap_or(&path)
                .display()
                .to_string();
            for (role, play) in roles {
                match outcome(&name, &path, play) {
                    Ok(()) => passed += 1,
                    Err(why) => {
                        failed += 1;
                        println!("{name} {role}: {why}");
                    }
                }
            }
        }
    } else {
        println!("this crate does not serve {kind}");
        failed = 1;
    }
    println!("{kind}: {passed} passed, {failed} failed");
    ExitCode::SUCCESS
}

/// Every file of a connection below `folder`, by name.
fn recordings(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let is_connection = path
                .extension()
                .is_some_and(|extension| extension == "jsonl")
                && path.file_name().is_none_or(|name| name != "events.jsonl");
            if path.is_dir() {
                folders.push(path);
            } else if is_connection {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn outcome(name: &str, path: &Path, play: Play) -> Result<(), String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let played = catch_unwind(AssertUnwindSafe(|| play(name, &recording::steps(&text))));
    played.map_err(|panic| {
        let why = panic.downcast_ref::<String>().cloned();
        let why = why.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        let why = why.unwrap_or_default().replace('\n', " ");
        why.chars().take(400).collect()
    })
}
