//! Kind `pwsh/exchanges`: line by line what two sides of a session said.

use std::collections::HashMap;
use std::path::Path;

use bytes::Bytes;
use psrp_codec::{
    Limits, PipelineId, Reassembler,
    out_of_process::{LinePacket, LinePacketKind, LineStream},
};
use serde_json::Value as Json;

use super::messages::report_payload;
use super::report::{Report, files};
use super::writers::{Origin, Ways, Writer};

pub(crate) fn run(folder: &Path, report: &mut Report) -> Ways {
    let mut found = false;
    let mut ways = Ways::default();
    for versions in files(folder, "") {
        // The client gives the folder its name; the server is always PowerShell.
        let named = versions.file_name().unwrap_or_default().to_string_lossy();
        let client = if named.starts_with("psrpcore-") {
            Writer::Psrpcore
        } else {
            Writer::PowerShell
        };
        for scenario in files(&versions, "") {
            for transcript in files(&scenario, ".jsonl") {
                let file = transcript.file_name().unwrap_or_default().to_string_lossy();
                if !file.starts_with("transcript-") {
                    continue;
                }
                found = true;
                let name = transcript.strip_prefix(folder).unwrap_or(&transcript);
                match std::fs::read_to_string(&transcript) {
                    Ok(text) => {
                        let name = name.display().to_string();
                        check_transcript(&name, &text, client, &mut ways, report);
                    }
                    Err(error) => report.fail(name.display(), error),
                }
            }
        }
    }
    if !found {
        report.fail(folder.display(), "there is no transcript");
    }
    ways
}

/// One direction of one stream of one pipeline or session.
type Context = (bool, Option<PipelineId>, LineStream);

fn check_transcript(name: &str, text: &str, client: Writer, ways: &mut Ways, report: &mut Report) {
    let mut contexts: HashMap<Context, Reassembler> = HashMap::new();
    for (number, line) in (1..).zip(text.lines()) {
        let name = format!("{name}:{number}");
        let Ok(line) = serde_json::from_str::<Json>(line) else {
            report.fail(name, "the line is not JSON");
            continue;
        };
        let from_client = match line["from"].as_str() {
            Some("client") => true,
            Some("server") => false,
            // Standard error, arguments, exit codes.
            _ => continue,
        };
        let said = line["line"].as_str().unwrap_or_default();
        // A banner, an error line or what follows one, and the recorder's mark for the end.
        if !said.starts_with('<') || said == "<end of file>" {
            continue;
        }
        match payload(said) {
            Err(reason) => report.fail(name, reason),
            Ok(None) => {}
            Ok(Some((pipeline, stream, bytes))) => {
                let context = contexts.entry((from_client, pipeline, stream)).or_default();
                let writer = if from_client {
                    client
                } else {
                    Writer::PowerShell
                };
                let origin = Origin {
                    name: &name,
                    writer,
                };
                report_payload(&origin, context, bytes, ways, report);
            }
        }
    }
}

type Payload = (Option<PipelineId>, LineStream, Bytes);

fn payload(said: &str) -> Result<Option<Payload>, String> {
    let packet = LinePacket::parse(said.as_bytes(), &Limits::default());
    let packet = packet.map_err(|error| error.to_string())?;
    let mut written = Vec::new();
    packet.write(&mut written);
    if written.strip_suffix(b"\n") != Some(said.as_bytes()) {
        return Err("the packet changes".to_owned());
    }
    let LinePacketKind::Data { stream, payload } = packet.kind else {
        return Ok(None);
    };
    let bytes = payload.decode().map_err(|error| error.to_string())?;
    Ok(Some((packet.pipeline, stream, bytes.into())))
}
