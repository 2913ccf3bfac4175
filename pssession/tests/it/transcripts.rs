//! What a real PowerShell client said, said again to `pssession serve --stdio`: the answers have to
//! be of the kinds that a real PowerShell server gave, for each pipeline in their order.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use bytes::Bytes;
use psrp_codec::out_of_process::{LinePacket, LinePacketKind};
use psrp_codec::{Limits, MessageKind, OwnedMessage, PipelineId, Reassembler};

/// How long one answer may take. Scenarios sleep for a second themselves.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a server sent: acknowledgements, and messages by the pipeline they are for.
#[derive(Default)]
struct Heard {
    acknowledgements: BTreeMap<(Option<PipelineId>, &'static str), usize>,
    messages: BTreeMap<Option<PipelineId>, Vec<MessageKind>>,
    streams: BTreeMap<Option<PipelineId>, Reassembler>,
}

impl Heard {
    fn line(&mut self, line: &str) {
        let packet = LinePacket::parse(line.as_bytes(), &Limits::default())
            .unwrap_or_else(|error| panic!("{error}: {line}"));
        let LinePacketKind::Data { payload, .. } = packet.kind else {
            *self
                .acknowledgements
                .entry((packet.pipeline, packet.kind.name()))
                .or_default() += 1;
            return;
        };
        let limits = Limits::default();
        let stream = self
            .streams
            .entry(packet.pipeline)
            .or_insert_with(|| Reassembler::new(&limits));
        let mut received = Bytes::from(payload.decode().unwrap());
        while !received.is_empty() {
            if let Some(message) = stream.push(&mut received).unwrap() {
                let message = OwnedMessage::decode(&message).unwrap();
                self.messages
                    .entry(packet.pipeline)
                    .or_default()
                    .push(message.kind);
            }
        }
    }

    /// Whether everything is there that the client waited for before it went on: acknowledgements,
    /// ends of pipelines, and calls of its host.
    fn has_all_of(&self, other: &Self) -> bool {
        let count = |heard: &Self, pipeline: &Option<PipelineId>, kind: MessageKind| {
            let messages = heard.messages.get(pipeline).map_or(&[][..], Vec::as_slice);
            messages.iter().filter(|message| **message == kind).count()
        };
        let acknowledged = other
            .acknowledgements
            .iter()
            .all(|(key, wanted)| self.acknowledgements.get(key).copied().unwrap_or(0) >= *wanted);
        acknowledged
            && other.messages.keys().all(|pipeline| {
                // The answer to a call must not come before the call, and what stops a script that
                // has written something must not stop it before.
                [MessageKind::PipelineHostCall, MessageKind::PipelineOutput]
                    .iter()
                    .all(|kind| {
                        count(self, pipeline, *kind) >= count(other, pipeline, *kind).min(1)
                    })
            })
            && other.messages.keys().all(|pipeline| {
                [MessageKind::PipelineState, MessageKind::RunspacePoolState]
                    .iter()
                    .all(|kind| count(self, pipeline, *kind) >= count(other, pipeline, *kind))
            })
    }

    /// The kinds for each pipeline in order, runs of the same kind as one: how many objects a
    /// value is, and how many lines a text, is not what is compared here.
    fn kinds(&self) -> BTreeMap<Option<PipelineId>, Vec<MessageKind>> {
        let mut kinds = self.messages.clone();
        kinds.values_mut().for_each(Vec::dedup);
        kinds
    }
}

struct Server {
    child: Child,
    input: ChildStdin,
    lines: Receiver<String>,
    heard: Heard,
}

impl Server {
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_pssession"))
            .args(["serve", "--stdio"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Self {
            input: child.stdin.take().unwrap(),
            child,
            lines,
            heard: Heard::default(),
        }
    }

    fn say(&mut self, line: &str) {
        writeln!(self.input, "{line}").unwrap();
    }

    /// Waits until the server has said all that the recorded one had said by then.
    fn catch_up(&mut self, recorded: &Heard) -> Result<(), String> {
        let deadline = Instant::now() + PATIENCE;
        while !self.heard.has_all_of(recorded) {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(line) => self.heard.line(&line),
                Err(RecvTimeoutError::Timeout) => return Err("no answer in time".to_owned()),
                Err(RecvTimeoutError::Disconnected) => return Err("the server ended".to_owned()),
            }
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// Plays a transcript; gives what was said by the recorded server and by ours.
fn play(path: &Path) -> Result<(Heard, Heard), String> {
    let mut server = Server::start();
    let mut recorded = Heard::default();
    let text = std::fs::read_to_string(path).unwrap();
    for (number, line) in text.lines().enumerate() {
        let entry: serde_json::Value = serde_json::from_str(line).unwrap();
        let said = entry["line"].as_str().unwrap_or_default();
        match entry["from"].as_str().unwrap() {
            "client" => {
                let behind = server.catch_up(&recorded);
                behind.map_err(|why| format!("before line {}: {why}", number + 1))?;
                server.say(said);
            }
            "server" => recorded.line(said),
            _ => {}
        }
    }
    server
        .catch_up(&recorded)
        .map_err(|why| format!("at the end: {why}"))?;
    // What PowerShell's server sent last may have had company.
    while let Ok(line) = server.lines.recv_timeout(Duration::from_millis(200)) {
        server.heard.line(&line);
    }
    Ok((recorded, std::mem::take(&mut server.heard)))
}

fn answers_like_powershell(scenario: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/exchanges");
    let (recorded, heard) = play(&folder.join(format!("{scenario}.jsonl"))).unwrap();
    let (recorded, heard) = (recorded.kinds(), heard.kinds());
    for (pipeline, kinds) in &recorded {
        assert_eq!(
            heard.get(pipeline),
            Some(kinds),
            "{scenario}, pipeline {pipeline:?}"
        );
    }
    assert_eq!(
        heard.len(),
        recorded.len(),
        "{scenario}: something was said unasked"
    );
}

macro_rules! scenarios {
    ($($name:ident $file:literal,)*) => {
        $(#[test]
        fn $name() {
            answers_like_powershell($file);
        })*
    };
}

scenarios! {
    a_session_that_is_only_opened_is_answered_like_powershell "open-close",
    commands_that_share_state_are_answered_like_powershell "state-shared",
    every_stream_is_answered_like_powershell "streams",
    errors_are_answered_like_powershell "errors",
    a_script_that_cannot_be_parsed_is_answered_like_powershell "parse-error",
    a_stopped_script_is_answered_like_powershell "stop",
    an_interactive_session_is_answered_like_powershell "enter-session",
}
