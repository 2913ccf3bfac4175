//! Runs recorded envelopes: `vectors KIND FOLDER`, with KIND one of `wsman`, `wsman-real` and `windows`.
//!
//! Each envelope is read into its typed form and written again, and both must say the same. Where a recording says
//! which fault a request deserves, the request goes to a dispatcher and must get it.

mod canonical;
#[path = "../../tests/support/memory_shells.rs"]
mod memory_shells;
mod transcripts;
mod windows;
mod wsman_real;

use std::path::Path;
use std::process::ExitCode;

use bytes::Bytes;
use wsman::Message;
use wsman::soap::EnvelopeLimits;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [kind, folder] = arguments.as_slice() else {
        eprintln!("usage: wsman-vectors KIND FOLDER");
        return ExitCode::from(2);
    };
    let mut tally = Tally::default();
    let folder = Path::new(folder);
    match kind.as_str() {
        "wsman" => transcripts::run(folder, &mut tally),
        "wsman-real" => wsman_real::run(folder, &mut tally),
        "windows" => windows::run(folder, &mut tally),
        other => {
            println!("{other}: no such kind here");
            tally.failed += 1;
        }
    }
    println!("{kind}: {} passed, {} failed", tally.passed, tally.failed);
    ExitCode::SUCCESS
}

/// What a run has come to.
#[derive(Default)]
struct Tally {
    passed: u64,
    failed: u64,
}

impl Tally {
    /// Counts one case, and says why if it failed.
    fn count(&mut self, name: &str, result: Result<(), String>) {
        match result {
            Ok(()) => self.passed += 1,
            Err(reason) => {
                self.failed += 1;
                println!("  {name}: {reason}");
            }
        }
    }
}

/// Reads an envelope, writes it again and compares.
fn round_trip(envelope: &[u8], must_be_bytewise: bool) -> Result<Message, String> {
    let limits = EnvelopeLimits::default();
    let message = Message::decode(&Bytes::copy_from_slice(envelope), &limits)
        .map_err(|fault| fault.to_string())?;
    let written = message.encode();
    if must_be_bytewise && written != envelope {
        let at = written
            .iter()
            .zip(envelope)
            .take_while(|(ours, theirs)| ours == theirs)
            .count();
        let around = |text: &[u8]| {
            let start = at.saturating_sub(60);
            String::from_utf8_lossy(&text[start..text.len().min(at + 60)]).into_owned()
        };
        return Err(format!(
            "differs at byte {at}: wrote {:?}, recorded {:?}",
            around(&written),
            around(envelope)
        ));
    }
    let (ours, theirs) = (canonical::lines(&written)?, canonical::lines(envelope)?);
    match ours
        .iter()
        .zip(&theirs)
        .find(|(ours, theirs)| ours != theirs)
    {
        Some((ours, theirs)) => Err(format!("wrote {ours:?}, recorded {theirs:?}")),
        None if ours.len() != theirs.len() => Err(format!(
            "wrote {} elements, recorded {}",
            ours.len(),
            theirs.len()
        )),
        None => Ok(message),
    }
}
