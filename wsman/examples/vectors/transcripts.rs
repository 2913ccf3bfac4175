//! Transcripts of third-party libraries: a folder to a scenario, a file to an envelope.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use serde_json::Value;
use wsman::soap::{EnvelopeLimits, ErrorCode, Fault, OptionSet};
use wsman::{AuthenticationKind, Caller, Dispatcher, DispatcherConfig, EnvelopeHandler, Message};

use crate::memory_shells::MemoryShells;
use crate::{Tally, round_trip};

pub(crate) fn run(folder: &Path, tally: &mut Tally) {
    let mut scenarios: Vec<_> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.join("scenario.json").is_file())
        .collect();
    scenarios.sort();
    for path in scenarios {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let scenario = std::fs::read(path.join("scenario.json")).unwrap_or_default();
        let scenario: Value = match serde_json::from_slice(&scenario) {
            Ok(scenario) => scenario,
            Err(error) => {
                tally.count(&name, Err(error.to_string()));
                continue;
            }
        };
        if name == "faults-strict" || name == "faults-operations" {
            replay(&name, &path, &scenario, tally);
        } else {
            read_all(&name, &path, &scenario, tally);
        }
    }
}

/// The files of a folder that end so, in order.
pub(crate) fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut files: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|it| it == extension))
        .collect();
    files.sort();
    files
}

fn read_all(name: &str, path: &Path, scenario: &Value, tally: &mut Tally) {
    for exchange in scenario["exchanges"].as_array().into_iter().flatten() {
        for side in ["request", "response"] {
            let case = format!("{name} {} {side}", exchange["n"]);
            match exchange[side].as_str() {
                Some(file) => {
                    let envelope =
                        std::fs::read(path.join(file)).map_err(|error| error.to_string());
                    tally.count(
                        &case,
                        envelope.and_then(|envelope| round_trip(&envelope, false).map(drop)),
                    );
                }
                None => {
                    read_plain(&case, path, &exchange[side], tally);
                    let reason = "raw HTTP with a sealed body: nothing here opens it yet";
                    tally.count(&case, Err(reason.to_owned()));
                }
            }
        }
    }
}

/// Beside a sealed body lies what is inside.
fn read_plain(case: &str, path: &Path, sealed: &Value, tally: &mut Tally) {
    let Some(file) = sealed["file"].as_str() else {
        return;
    };
    if let Ok(envelope) = std::fs::read(path.join(file).with_extension("xml")) {
        let result = round_trip(&envelope, false).map(drop);
        tally.count(&format!("{case}, plain"), result);
    }
}

/// Gives each request to a dispatcher and compares the kind of its answer. The answers must be read, too.
fn replay(name: &str, path: &Path, scenario: &Value, tally: &mut Tally) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build();
    let runtime = runtime.expect("a runtime without I/O has nothing to fail at");
    let mut shells = MemoryShells::new(3, check_options, check_fragment);
    shells.close_when_done = true;
    // The recorded server has no compression.
    let config = DispatcherConfig::new().compression(false);
    let dispatcher = Dispatcher::with_config(shells, config);
    for exchange in scenario["exchanges"].as_array().into_iter().flatten() {
        let case = format!(
            "{name} {} ({})",
            exchange["n"],
            exchange["what"].as_str().unwrap_or("nothing wrong")
        );
        let read = |side: &str| {
            let file = exchange[side]
                .as_str()
                .ok_or_else(|| "no file".to_owned())?;
            std::fs::read(path.join(file)).map_err(|error| format!("{file}: {error}"))
        };
        let answered = read("request").and_then(|request| {
            let caller = Caller {
                user: "user".to_owned(),
                authenticated_by: AuthenticationKind::Basic,
                peer: "127.0.0.1".to_owned(),
                secure: false,
            };
            let reply = runtime.block_on(dispatcher.handle(caller, Bytes::from(request)));
            compare(exchange, reply.status, &reply.body)
        });
        tally.count(&format!("{case}, answered"), answered);
        tally.count(
            &format!("{case}, response"),
            read("response").and_then(|it| round_trip(&it, false).map(drop)),
        );
    }
}

fn compare(exchange: &Value, status: u16, body: &Bytes) -> Result<(), String> {
    let message =
        Message::decode(body, &EnvelopeLimits::default()).map_err(|fault| fault.to_string())?;
    let code = match &message {
        Message::Fault(_, fault) => fault.error_code().map(|code| u64::from(code.value())),
        _ => None,
    };
    if code != exchange["fault"].as_u64()
        || u64::from(status) != exchange["http_status"].as_u64().unwrap_or(200)
    {
        let got = match message {
            Message::Fault(_, fault) => fault.to_string(),
            other => other.operation().to_owned(),
        };
        return Err(format!(
            "recorded {} {}, answered {status} {got}",
            exchange["http_status"], exchange["fault"]
        ));
    }
    Ok(())
}

/// What the recorded server wants to hear about the protocol inside.
fn check_options(options: &OptionSet) -> Result<(), Box<Fault>> {
    match options.get("protocolversion") {
        None => Err(Box::new(Fault::new(
            ErrorCode(0x8054_0BC7),
            "The option protocolversion is missing. ",
        ))),
        Some(version) if !version.value.starts_with("2.") => Err(Box::new(Fault::new(
            ErrorCode(0x8054_0BC5),
            "The protocol version is not supported. ",
        ))),
        Some(_) => Ok(()),
    }
}

/// The recorded server refuses bytes that are no fragments: object id, fragment id, flags and length, then the blob.
fn check_fragment(mut data: &[u8]) -> Result<(), Box<Fault>> {
    while !data.is_empty() {
        let wrong = || {
            Box::new(Fault::new(
                ErrorCode(0x8054_0FA0),
                "The data is not a fragment. ",
            ))
        };
        let (header, rest) = data.split_at_checked(21).ok_or_else(wrong)?;
        let length = u32::from_be_bytes(header[17..].try_into().map_err(|_| wrong())?);
        if header[..8] == [0; 8] || header[16] > 3 || length as usize > rest.len() {
            return Err(wrong());
        }
        data = &rest[length as usize..];
    }
    Ok(())
}
