//! Programs of this computer as stages of a pipeline.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

use super::binder::Arg;
use super::flow::{Flow, Run};
use super::machine::Machine;
use super::ops;
use super::out::{ERROR, Out, StreamTarget};
use super::pipeline::StageInfo;
use super::records::CommonParameters;
use super::scope::Scopes;
use super::symbol::known;
use crate::value::{ErrorCategory, Exception, Raise, TypeId, TypeRef, Value};

/// How long to wait for output before looking whether the pipeline was stopped.
const POLL: Duration = Duration::from_millis(20);

/// A program that runs, or will once its input is complete.
pub(crate) struct NativeStage {
    path: PathBuf,
    arguments: Vec<String>,
    expects_input: bool,
    input: Vec<u8>,
    child: Option<Child>,
}

enum Line {
    Output(String),
    Error(String),
}

impl NativeStage {
    pub(crate) fn new(path: PathBuf, expects_input: bool, _last: bool) -> Self {
        Self {
            path,
            arguments: Vec::new(),
            expects_input,
            input: Vec::new(),
            child: None,
        }
    }

    pub(crate) fn begin(
        &mut self,
        machine: &mut Machine<'_>,
        args: Vec<Arg>,
        _out: &Out,
        _info: &StageInfo,
    ) -> Run {
        let mut verbatim = false;
        for arg in args {
            match arg {
                Arg::Value { value, raw, .. } => {
                    if std::mem::take(&mut verbatim) {
                        let text = ops::text(machine, &value)?;
                        self.arguments
                            .extend(text.split_whitespace().map(str::to_owned));
                        continue;
                    }
                    match raw {
                        Some(raw) => self.arguments.push(raw.to_string()),
                        None => self.add(machine, &value)?,
                    }
                }
                Arg::Parameter { name, .. } if &*name == "%" => verbatim = true,
                Arg::Parameter {
                    name, value, colon, ..
                } => match value {
                    Some(value) => {
                        let text = ops::text(machine, &value)?;
                        self.arguments.push(format!("-{name}:{text}"));
                    }
                    None => self
                        .arguments
                        .push(format!("-{name}{}", if colon { ":" } else { "" })),
                },
                Arg::EndOfParameters => self.arguments.push("--".to_owned()),
            }
        }
        Ok(())
    }

    fn add(&mut self, machine: &mut Machine<'_>, value: &Value) -> Run {
        match ops::items(value) {
            Some(items) => items.iter().try_for_each(|item| self.add(machine, item)),
            None if value.is_null() => Ok(()),
            None => {
                let text = ops::text(machine, value)?;
                self.arguments.push(text.to_string());
                Ok(())
            }
        }
    }

    pub(crate) fn process(
        &mut self,
        machine: &mut Machine<'_>,
        object: Option<Value>,
        _out: &Out,
        _info: &StageInfo,
    ) -> Run {
        if let Some(object) = object {
            let text = ops::text(machine, &object)?;
            machine.charge_bytes(text.len() + 1)?;
            self.input.extend_from_slice(text.as_bytes());
            self.input.push(b'\n');
        }
        Ok(())
    }

    pub(crate) fn end(&mut self, machine: &mut Machine<'_>, out: &Out, info: &StageInfo) -> Run {
        let mut command = Command::new(&self.path);
        command
            .args(&self.arguments)
            .env_clear()
            .current_dir(&machine.session.location);
        command.envs(
            machine
                .session
                .environment
                .iter()
                .map(|(name, value)| (&**name, value.as_str())),
        );
        command
            .stdin(if self.expects_input {
                Stdio::piped()
            } else {
                Stdio::null()
            })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        #[cfg(unix)]
        {
            use std::os::unix::process::CommandExt;
            // A group of its own, so that what the program started ends with it.
            command.process_group(0);
        }
        let mut child = command.spawn().map_err(|error| {
            let message = format!(
                "Program '{}' failed to run: {error}",
                self.path.file_name().unwrap_or_default().to_string_lossy()
            );
            Flow::from(
                Raise::of(
                    TypeId::ApplicationFailedException,
                    message,
                    "NativeCommandFailed",
                )
                .category(ErrorCategory::ResourceUnavailable),
            )
        })?;
        if let Some(mut stdin) = child.stdin.take() {
            let input = std::mem::take(&mut self.input);
            // A program that does not read must not keep its output from being read.
            std::thread::spawn(move || drop(stdin.write_all(&input)));
        }
        let lines = read_lines(&mut child);
        self.child = Some(child);
        let result = self.forward(machine, out, info, &lines);
        if result.is_err() {
            self.close();
            return result;
        }
        let status = match self.child.take() {
            Some(mut child) => wait(machine, &mut child)?,
            None => None,
        };
        let code = status.unwrap_or(-1);
        machine
            .session
            .scopes
            .get_mut(Scopes::GLOBAL)
            .set(known::last_exit(), Value::Int32(code));
        info.failed.set(code != 0);
        machine.had_errors |= code != 0 && machine.calls.is_empty();
        Ok(())
    }

    fn forward(
        &mut self,
        machine: &mut Machine<'_>,
        out: &Out,
        info: &StageInfo,
        lines: &Receiver<Line>,
    ) -> Run {
        let mut errors = 0;
        loop {
            machine.checkpoint()?;
            match lines.recv_timeout(POLL) {
                Ok(Line::Output(line)) => machine.write(out, line.into())?,
                Ok(Line::Error(line)) => {
                    let id = if errors == 0 {
                        "NativeCommandError"
                    } else {
                        "NativeCommandErrorMessage"
                    };
                    errors += 1;
                    let exception =
                        Exception::new(TypeRef::of(TypeId::RemoteException), line.as_str());
                    let record = machine.command_error(
                        info,
                        Value::clr(exception),
                        id,
                        ErrorCategory::NotSpecified,
                        Value::from(line),
                    );
                    match &machine.streams.targets[ERROR] {
                        StreamTarget::Null => {}
                        _ => {
                            machine.write_error(record, &CommonParameters::default(), Some(info))?
                        }
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
        }
    }

    /// Ends the program if it still runs.
    pub(crate) fn close(&mut self) {
        let Some(mut child) = self.child.take() else {
            return;
        };
        end_group(&child);
        if let Err(error) = child.kill().and_then(|()| child.wait().map(drop)) {
            tracing::debug!(%error, "A program could not be ended");
        }
    }
}

/// Ends what the program started, too.
fn end_group(child: &Child) {
    #[cfg(unix)]
    if let Some(group) = i32::try_from(child.id())
        .ok()
        .and_then(rustix::process::Pid::from_raw)
    {
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    #[cfg(not(unix))]
    let _ = child;
}

fn wait(machine: &mut Machine<'_>, child: &mut Child) -> Run<Option<i32>> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => {
                #[cfg(unix)]
                {
                    use std::os::unix::process::ExitStatusExt;
                    return Ok(status
                        .code()
                        .or_else(|| status.signal().map(|signal| 128 + signal)));
                }
                #[cfg(not(unix))]
                return Ok(status.code());
            }
            Ok(None) => {
                if !machine.stop.sleep(Duration::from_millis(2)) {
                    end_group(child);
                    let _ = child.kill().and_then(|()| child.wait().map(drop));
                    return Err(Flow::Stopped);
                }
            }
            Err(_) => return Ok(None),
        }
    }
}

fn read_lines(child: &mut Child) -> Receiver<Line> {
    // Few lines in flight: a program that writes faster than the pipeline takes has to wait.
    let (sender, receiver) = sync_channel(64);
    let stdout = child.stdout.take().map(|stream| {
        (
            Box::new(stream) as Box<dyn std::io::Read + Send>,
            Line::Output as fn(String) -> Line,
        )
    });
    let stderr = child.stderr.take().map(|stream| {
        (
            Box::new(stream) as Box<dyn std::io::Read + Send>,
            Line::Error as fn(String) -> Line,
        )
    });
    for (stream, wrap) in stdout.into_iter().chain(stderr) {
        let sender = sender.clone();
        std::thread::spawn(move || {
            let mut reader = BufReader::new(stream);
            let mut line = Vec::new();
            while let Ok(1..) = reader.read_until(b'\n', &mut line) {
                let text = String::from_utf8_lossy(&line);
                let text = text
                    .trim_end_matches('\n')
                    .trim_end_matches('\r')
                    .to_owned();
                if sender.send(wrap(text)).is_err() {
                    return;
                }
                line.clear();
            }
        });
    }
    receiver
}
