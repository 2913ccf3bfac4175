//! Real Windows servers, and a Python client: one JSON file to a scenario, with the SOAP of both sides.
//!
//! What Windows has written must be written the same to the byte.

use std::path::Path;

use serde_json::Value;

use crate::{Tally, round_trip};

pub(crate) fn run(folder: &Path, tally: &mut Tally) {
    for path in crate::transcripts::files(folder, "json") {
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let scenario: Value = match std::fs::read(&path)
            .map_err(|e| e.to_string())
            .and_then(|bytes| serde_json::from_slice(&bytes).map_err(|error| error.to_string()))
        {
            Ok(scenario) => scenario,
            Err(error) => {
                tally.count(&name, Err(error));
                continue;
            }
        };
        for (index, step) in scenario["steps"]
            .as_array()
            .into_iter()
            .flatten()
            .enumerate()
        {
            for side in ["request", "response"] {
                let Some(text) = step[side].as_str().filter(|text| !text.is_empty()) else {
                    continue;
                };
                let case = format!("{name} {} {side}", index + 1);
                tally.count(
                    &case,
                    round_trip(text.as_bytes(), side == "response").map(drop),
                );
            }
        }
    }
}
