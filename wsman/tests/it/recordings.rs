//! Recorded envelopes: cut short, changed, and answered.

use std::path::PathBuf;

use bytes::Bytes;
use wsman::Message;
use wsman::fuzzing::envelope_round_trip;
use wsman::message::AnyResponse;
use wsman::shell::{CommandState, EnumerationItem, ShellState};
use wsman::soap::{EnvelopeLimits, ErrorCode};

fn folder(kind: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("testdata")
        .join(kind)
}

/// The SOAP of every step of a scenario with Windows: request, response.
fn steps(scenario: &str) -> Vec<(String, String)> {
    let text = std::fs::read(folder("windows").join(format!("{scenario}.json"))).unwrap();
    let scenario: serde_json::Value = serde_json::from_slice(&text).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let steps = scenario["steps"].as_array().unwrap().iter();
    steps
        .map(|step| (text(&step["request"]), text(&step["response"])))
        .collect()
}

/// Every body that PowerShell and OMI exchanged in a scenario.
fn bodies(scenario: &str) -> Vec<String> {
    let text =
        std::fs::read_to_string(folder("wsman-real").join(format!("{scenario}.jsonl"))).unwrap();
    let messages = text
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let bodies = messages.filter_map(|message| message["body"].as_str().map(str::to_owned));
    bodies.filter(|body| !body.is_empty()).collect()
}

fn read(envelope: &str) -> Message {
    Message::decode(
        &Bytes::copy_from_slice(envelope.as_bytes()),
        &EnvelopeLimits::default(),
    )
    .unwrap()
}

#[test]
fn what_windows_has_written_is_written_the_same_to_the_byte() {
    let mut count = 0;
    for entry in std::fs::read_dir(folder("windows")).unwrap() {
        let name = entry
            .unwrap()
            .path()
            .file_stem()
            .unwrap()
            .to_string_lossy()
            .into_owned();
        for (_, response) in steps(&name) {
            assert_eq!(
                String::from_utf8(read(&response).encode().to_vec()).unwrap(),
                response,
                "{name}"
            );
            count += 1;
        }
    }
    assert!(count > 60, "{count}");
}

#[test]
fn what_powershell_and_omi_have_written_is_read_as_what_it_is() {
    let mut kinds = std::collections::BTreeMap::<_, usize>::new();
    for scenario in [
        "one_command",
        "stop",
        "ext_disconnect_running",
        "pypsrp_connect_other",
    ] {
        for body in bodies(scenario) {
            *kinds.entry(read(&body).operation()).or_default() += 1;
        }
    }
    let names: Vec<_> = kinds.keys().copied().collect();
    let expected = [
        "Command",
        "Connect",
        "Create",
        "Delete",
        "Disconnect",
        "Enumerate",
        "Fault",
        "Receive",
        "Reconnect",
        "Signal",
    ];
    assert_eq!(names, expected);
}

#[test]
fn a_shell_of_omi_is_listed_with_what_it_tells() {
    let listed = bodies("pypsrp_connect_other")
        .iter()
        .find_map(|body| match read(body) {
            Message::Response(_, AnyResponse::EnumerateResponse(listed)) => Some(listed),
            _ => None,
        });
    let listed = listed.unwrap();
    assert!(listed.end_of_sequence);
    let EnumerationItem::Shell(shell) = &listed.items[0] else {
        panic!("{listed:?}")
    };
    assert_eq!(shell.name.as_deref(), Some("Runspace1"));
    assert_eq!(shell.state, Some(ShellState::Connected));
    assert_eq!(
        (shell.idle_timeout, shell.client_ip.as_deref()),
        (None, None)
    );
}

#[test]
fn the_keep_alive_of_windows_is_known() {
    let faults: Vec<_> = steps("winrs_operation_timeout")
        .iter()
        .filter_map(|(_, response)| match read(response) {
            Message::Fault(_, fault) => Some(fault),
            _ => None,
        })
        .collect();
    assert_eq!(faults[0].error_code(), Some(ErrorCode::OPERATION_TIMED_OUT));
    assert!(
        faults[0]
            .message()
            .starts_with("The WS-Management service cannot complete the operation")
    );
}

#[test]
fn a_text_shell_ends_with_its_exit_code() {
    let last = steps("winrs_standard")
        .into_iter()
        .filter_map(|(_, response)| match read(&response) {
            Message::Response(_, AnyResponse::ReceiveResponse(received)) => received.status,
            _ => None,
        });
    let last = last.fold(None, |_, status| Some(status)).unwrap();
    assert_eq!((last.state, last.exit_code), (CommandState::Done, Some(0)));
}

#[test]
fn nothing_recorded_panics_when_it_is_cut_short_or_changed() {
    let mut samples: Vec<String> = bodies("stop")
        .into_iter()
        .chain(bodies("pypsrp_connect_other"))
        .collect();
    samples.extend(
        steps("psrp_disconnect_runspaces")
            .into_iter()
            .flat_map(|(request, response)| [request, response]),
    );
    samples.extend(
        steps("winrs_environment")
            .into_iter()
            .map(|(_, response)| response),
    );
    // One of each kind and no giants, so that every byte can be had.
    samples.retain(|sample| sample.len() < 4000);
    samples.sort_by_key(|sample| {
        (
            read(sample).operation(),
            sample.contains("Response<"),
            sample.len(),
        )
    });
    samples.dedup_by_key(|sample| (read(sample).operation(), sample.contains("Response<")));
    assert!(samples.len() > 15, "{}", samples.len());
    // A fixed sequence: the same bytes change in every run.
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    for sample in samples {
        let sample = sample.as_bytes();
        for end in (0..sample.len()).step_by(3) {
            envelope_round_trip(&sample[..end]);
        }
        for _ in 0..300 {
            let mut changed = sample.to_vec();
            for _ in 0..3 {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                let (at, byte) = (state as usize % changed.len(), (state >> 32) as u8);
                changed[at] = byte;
            }
            envelope_round_trip(&changed);
        }
    }
}
