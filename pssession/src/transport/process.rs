//! A pool in a child process that speaks the out-of-process protocol, such as `pwsh -s`.

use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};

use psrp_codec::PipelineId;
use runspace::{Input, Transmit};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};

use super::{LineWire, Wire};
use crate::{Error, ErrorKind};

/// How much of what the process writes to its standard error is kept for an error's text.
const KEPT_STDERR: usize = 4 * 1024;

/// A child process and the pool in it.
pub(crate) struct ProcessWire {
    lines: LineWire<ChildStdout>,
    /// What the child wrote to its standard error, newest last.
    said: Arc<Mutex<String>>,
    /// Killed when it is dropped.
    _child: Child,
}

impl ProcessWire {
    /// Starts the program.
    pub(crate) fn start(program: &str, arguments: &[String]) -> Result<Self, Error> {
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // Ctrl+C stops a pipeline; the process that runs it must live on.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| {
                Error::new(
                    ErrorKind::CannotConnect,
                    format!("could not start {program}: {error}"),
                )
                .with_source(error)
            })?;
        let missing = || Error::new(ErrorKind::Io, "the process has no standard streams");
        let input = child.stdin.take().ok_or_else(missing)?;
        let output = child.stdout.take().ok_or_else(missing)?;
        let errors = child.stderr.take().ok_or_else(missing)?;
        let said = Arc::new(Mutex::new(String::new()));
        let kept = Arc::clone(&said);
        tokio::spawn(async move {
            let mut lines = BufReader::new(errors).split(b'\n');
            while let Ok(Some(line)) = lines.next_segment().await {
                let line = String::from_utf8_lossy(&line);
                tracing::warn!(line = line.trim_end(), "the process says");
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                if kept.len() + line.len() <= KEPT_STDERR {
                    kept.push_str(line.trim_end());
                    kept.push('\n');
                }
            }
        });
        Ok(Self {
            lines: LineWire::new(output, input),
            said,
            _child: child,
        })
    }
}

impl Wire for ProcessWire {
    fn max_payload(&self) -> usize {
        self.lines.max_payload()
    }

    async fn send(&mut self, transmit: Transmit) {
        self.lines.send(transmit).await;
    }

    async fn recv(&mut self) -> Input {
        self.lines.recv().await
    }

    fn keeps_until_asked(&self) -> bool {
        self.lines.keeps_until_asked()
    }

    fn ask(&mut self, pipeline: PipelineId) {
        self.lines.ask(pipeline);
    }

    fn hold(&mut self, pipeline: PipelineId) {
        self.lines.hold(pipeline);
    }

    fn take_error(&mut self) -> Option<Error> {
        let error = self.lines.take_error()?;
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if said.is_empty() {
            return Some(error);
        }
        Some(Error::new(
            error.kind(),
            format!("{error}; the process said: {}", said.trim_end()),
        ))
    }
}
