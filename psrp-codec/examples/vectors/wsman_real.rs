//! Kind `wsman-real`: the PSRP that travels inside recorded WS-Management envelopes.

use std::collections::HashMap;
use std::path::Path;

use base64_simd::STANDARD as BASE64;
use bytes::Bytes;
use psrp_codec::Reassembler;
use quick_xml::{Reader, events::Event};
use serde_json::Value as Json;

use super::messages::report_payload;
use super::report::{Report, files};
use super::writers::{Origin, Ways, Writer};

pub(crate) fn run(folder: &Path, report: &mut Report) -> Ways {
    let mut ways = Ways::default();
    let recordings = files(folder, ".jsonl");
    if recordings.is_empty() {
        report.fail(folder.display(), "there is no recording");
    }
    for path in recordings {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        match std::fs::read_to_string(&path) {
            Ok(text) => check_recording(&name, &text, &mut ways, report),
            Err(error) => report.fail(name, error),
        }
    }
    ways
}

fn check_recording(name: &str, text: &str, ways: &mut Ways, report: &mut Report) {
    // The client gives the recording its name; the server is always PowerShell.
    let client = if name.starts_with("pypsrp_") {
        Writer::Pypsrp
    } else {
        Writer::PowerShell
    };
    // By direction, shell or command, and stream.
    let mut contexts: HashMap<(bool, String, String), Reassembler> = HashMap::new();
    for line in text.lines() {
        let Ok(exchange) = serde_json::from_str::<Json>(line) else {
            report.fail(name, "a line is not JSON");
            continue;
        };
        let name = format!("{name}:{}", exchange["n"]);
        let from_client = exchange["direction"] == "client->server";
        let origin = Origin {
            name: &name,
            writer: if from_client {
                client
            } else {
                Writer::PowerShell
            },
        };
        let body = exchange["plain_body"]
            .as_str()
            .or(exchange["body"].as_str());
        let Some(body) = body.filter(|body| body.contains("<")) else {
            continue;
        };
        for part in parts(body.trim_end_matches('\0')) {
            let bytes = match BASE64.decode_to_vec(part.base64.as_bytes()) {
                Ok(bytes) => Bytes::from(bytes),
                Err(error) => {
                    report.fail(&name, format!("{}: {error}", part.element));
                    continue;
                }
            };
            let key = match part.element.as_str() {
                // Payloads of their own: a whole number of fragments.
                "connectXml" | "connectResponseXml" => None,
                _ => Some((from_client, part.command, part.stream)),
            };
            let mut own = Reassembler::default();
            let context = match key {
                Some(key) => contexts.entry(key).or_default(),
                None => &mut own,
            };
            report_payload(&origin, context, bytes, ways, report);
        }
    }
}

/// One piece of PSRP in an envelope.
struct Part {
    element: String,
    command: String,
    stream: String,
    base64: String,
}

/// The elements of an envelope that carry PSRP.
fn parts(envelope: &str) -> Vec<Part> {
    let mut reader = Reader::from_str(envelope);
    let mut parts: Vec<Part> = Vec::new();
    let mut open = false;
    let mut command_of_send = String::new();
    while let Ok(event) = reader.read_event() {
        match event {
            Event::Start(start) => {
                let local = start.local_name().as_ref().to_owned();
                let attribute = |wanted: &str| {
                    start
                        .attributes()
                        .flatten()
                        .find(|each| each.key.local_name().as_ref() == wanted)
                        .map(|each| each.value.to_lowercase())
                };
                if local == "CommandLine" {
                    command_of_send = attribute("CommandId").unwrap_or_default();
                }
                open = matches!(
                    local.as_str(),
                    "Stream" | "creationXml" | "connectXml" | "connectResponseXml" | "Arguments"
                );
                if open {
                    let creation = local != "Stream" && local != "Arguments";
                    let command = attribute("CommandId").unwrap_or_default();
                    parts.push(Part {
                        command: if local == "Arguments" {
                            command_of_send.clone()
                        } else {
                            command
                        },
                        stream: match attribute("Name") {
                            Some(name) => name,
                            None if creation || local == "Arguments" => "stdin".to_owned(),
                            None => String::new(),
                        },
                        element: local,
                        base64: String::new(),
                    });
                }
            }
            Event::Text(text) if open => {
                if let Some(part) = parts.last_mut() {
                    let text: &str = &text;
                    part.base64
                        .extend(text.chars().filter(|c| !c.is_whitespace()));
                }
            }
            Event::End(_) => open = false,
            Event::Eof => break,
            _ => {}
        }
    }
    parts.retain(|part| !part.base64.is_empty());
    parts
}
