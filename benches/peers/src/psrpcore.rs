//! psrpcore, in a Python beside us that is told when to run and says how long it took.

use std::cell::RefCell;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use benches::compare::{Race, name};
use bytes::Bytes;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/psrpcore_passes.py");

/// About as much CLIXML as it is given: it takes seconds for a megabyte.
const SHARE: usize = 32 << 10;

pub(crate) struct Psrpcore(RefCell<Pipes>);

struct Pipes {
    child: Child,
    // `None` once it has been closed, which ends the script.
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Psrpcore {
    /// # Panics
    /// When Python does not start.
    pub(crate) fn start(python: &Path) -> Self {
        let mut child = Command::new(python)
            .args(["-B", SCRIPT])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python starts");
        let commands = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().expect("it is piped"));
        Self(RefCell::new(Pipes {
            child,
            commands,
            answers,
        }))
    }

    pub(crate) fn reassemble<'a>(&'a self, packets: &[Bytes], race: &mut Race<'a>) {
        self.load(packets);
        race.enter_told(name::PSRPCORE, || self.ask("reassemble"));
    }

    pub(crate) fn decode<'a>(&'a self, messages: &[Bytes], race: &mut Race<'a>) {
        let scale = self.load_share(messages);
        race.enter_told(name::PSRPCORE, move || self.ask("decode") * scale);
    }

    pub(crate) fn encode<'a>(&'a self, messages: &[Bytes], race: &mut Race<'a>) {
        let scale = self.load_share(messages);
        race.enter_told(name::PSRPCORE, move || self.ask("encode") * scale);
    }

    /// Hands over every n-th message, and says how many times as many bytes there are in all.
    fn load_share(&self, messages: &[Bytes]) -> f64 {
        let total: usize = messages.iter().map(Bytes::len).sum();
        let step = total.div_ceil(SHARE).max(1);
        let share: Vec<Bytes> = messages.iter().step_by(step).cloned().collect();
        self.load(&share);
        total as f64 / share.iter().map(Bytes::len).sum::<usize>() as f64
    }

    fn load(&self, inputs: &[Bytes]) {
        let mut command = format!("load {}\n", inputs.len()).into_bytes();
        for input in inputs {
            let len = u32::try_from(input.len()).expect("inputs are a few megabytes");
            command.extend(len.to_be_bytes());
            command.extend_from_slice(input);
        }
        self.command(&command);
    }

    /// Nanoseconds for one pass.
    fn ask(&self, pass: &str) -> f64 {
        let answer = self.command(format!("{pass}\n").as_bytes());
        answer.trim().parse().expect("the script answers a number")
    }

    fn command(&self, bytes: &[u8]) -> String {
        let mut pipes = self.0.borrow_mut();
        let commands = pipes.commands.as_mut().expect("it is not closed");
        commands.write_all(bytes).expect("the script reads");
        commands.flush().expect("the script reads");
        let mut line = String::new();
        let read = pipes.answers.read_line(&mut line);
        assert!(read.is_ok_and(|len| len > 0), "the script ended");
        line
    }
}

impl Drop for Pipes {
    fn drop(&mut self) {
        self.commands = None;
        // It ends with its input; how does not matter any more.
        let _ = self.child.wait();
    }
}
