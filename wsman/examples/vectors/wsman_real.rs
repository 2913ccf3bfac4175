//! Real PowerShell on Linux against OMI: one JSON line to an HTTP message.

use std::path::Path;

use serde_json::Value;

use crate::{Tally, round_trip};

pub(crate) fn run(folder: &Path, tally: &mut Tally) {
    for path in crate::transcripts::files(folder, "jsonl") {
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        for line in text.lines().filter(|line| !line.is_empty()) {
            let message: Value = match serde_json::from_str(line) {
                Ok(message) => message,
                Err(error) => {
                    tally.count(&name, Err(error.to_string()));
                    continue;
                }
            };
            let case = format!("{name} {}", message["n"]);
            let body = message["plain_body"]
                .as_str()
                .or_else(|| message["body"].as_str())
                .unwrap_or_default();
            // The padding of sealed bodies is not part of the XML; reading takes it, comparing need not.
            let body = body.trim_end_matches('\0');
            if body.is_empty() {
                // Handshakes and refusals: HTTP without SOAP.
                if message.get("body_base64").is_some() {
                    tally.count(
                        &case,
                        Err("a sealed body that nothing here opens".to_owned()),
                    );
                }
                continue;
            }
            tally.count(&case, round_trip(body.as_bytes(), false).map(drop));
        }
    }
}
