//! Writes what the fuzz targets begin with: `wsman-fuzz-seeds FOLDER` makes a folder there for each
//! target and fills it from the recordings in `testdata`.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::Value as Json;

/// What is longer costs the search more than it teaches.
const LONGEST: usize = 8 * 1024;

fn main() -> ExitCode {
    let Some(folder) = std::env::args().nth(1) else {
        eprintln!("usage: wsman-fuzz-seeds FOLDER");
        return ExitCode::from(2);
    };
    match write_envelopes(&Path::new(&folder).join("envelope")) {
        Ok(count) => {
            println!("{count} seeds");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn write_envelopes(folder: &Path) -> io::Result<usize> {
    let mut envelopes = HashSet::new();
    let recordings = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    for path in files(&recordings)? {
        // What is no text is a sealed body, of which no envelope can be made.
        if let Ok(text) = std::fs::read_to_string(&path) {
            collect(&path, &text, &mut envelopes)?;
        }
    }
    envelopes.retain(|envelope| envelope.len() <= LONGEST);
    std::fs::create_dir_all(folder)?;
    for (number, envelope) in envelopes.iter().enumerate() {
        std::fs::write(folder.join(format!("{number:05}")), envelope)?;
    }
    Ok(envelopes.len())
}

fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    Ok(found)
}

/// The envelopes of one recording: it is one itself, or they are strings in its JSON.
fn collect(path: &Path, text: &str, envelopes: &mut HashSet<String>) -> io::Result<()> {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("xml") => {
            envelopes.insert(text.to_owned());
        }
        Some("json") => collect_json(&serde_json::from_str(text)?, envelopes),
        Some("jsonl") => {
            for line in text.lines() {
                collect_json(&serde_json::from_str(line)?, envelopes);
            }
        }
        _ => {}
    }
    Ok(())
}

fn collect_json(json: &Json, envelopes: &mut HashSet<String>) {
    match json {
        Json::String(text) if text.contains(":Envelope") => {
            envelopes.insert(text.clone());
        }
        Json::Array(items) => items.iter().for_each(|item| collect_json(item, envelopes)),
        Json::Object(members) => members
            .values()
            .for_each(|member| collect_json(member, envelopes)),
        _ => {}
    }
}
