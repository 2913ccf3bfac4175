//! Shells in memory that give back what they are sent: enough of a service to hold client and dispatcher to the
//! protocol.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Notify;
use uuid::Uuid;
use wsman::namespaces::RESOURCE_TEXT_SHELL;
use wsman::shell::{
    Command, CommandDescription, CommandId, CommandResponse, CommandState, CommandStatus, Connect,
    ConnectResponse, Create, CreateResponse, Disconnect, Receive, ReceiveResponse, Reconnect,
    Send as SendInput, ShellDescription, ShellId, ShellState, Signal, SignalCode, StreamData,
    StreamName, Streams,
};
use wsman::soap::{ErrorCode, Fault, OptionSet};
use wsman::{Call, Caller, ShellService};

/// The resource of the shells that take bytes.
pub(crate) const RESOURCE: &str = "http://schemas.microsoft.com/powershell/Microsoft.PowerShell";

/// What a service may think of bytes that come for a shell.
pub(crate) type CheckInput = fn(&[u8]) -> Result<(), Box<Fault>>;

/// The service: a shell says its first bytes back, a command those of its arguments and its input. A command ends
/// when its input does, or at once if its text is empty.
pub(crate) struct MemoryShells {
    state: Mutex<BTreeMap<ShellId, Shell>>,
    changed: Notify,
    max_shells: usize,
    check_options: fn(&OptionSet) -> Result<(), Box<Fault>>,
    check_input: CheckInput,
    /// Whether a command is forgotten with its last output.
    pub(crate) close_when_done: bool,
}

struct Shell {
    description: ShellDescription,
    session: Option<String>,
    output: VecDeque<Bytes>,
    commands: BTreeMap<CommandId, Running>,
}

#[derive(Default)]
struct Running {
    text: String,
    output: VecDeque<Bytes>,
    done: bool,
}

impl Default for MemoryShells {
    fn default() -> Self {
        Self::new(25, |_| Ok(()), |_| Ok(()))
    }
}

impl MemoryShells {
    /// At most so many shells for a user, with checks of what is opaque to the protocol.
    pub(crate) fn new(
        max_shells: usize,
        check_options: fn(&OptionSet) -> Result<(), Box<Fault>>,
        check_input: CheckInput,
    ) -> Self {
        Self {
            state: Mutex::default(),
            changed: Notify::new(),
            max_shells,
            check_options,
            check_input,
            close_when_done: false,
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<ShellId, Shell>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `act` on a shell of the caller. Those of others are not there.
    fn look<T>(
        &self,
        call: &Call,
        shell: &ShellId,
        act: impl FnOnce(&mut Shell) -> Result<T, Box<Fault>>,
    ) -> Result<T, Box<Fault>> {
        let mut shells = self.lock();
        let is_theirs =
            |shell: &&mut Shell| shell.description.owner.as_deref() == Some(&call.caller.user);
        act(shells
            .get_mut(shell)
            .filter(is_theirs)
            .ok_or_else(|| Box::new(Fault::shell_not_found()))?)
    }

    /// The same, and whoever waits looks again.
    fn with<T>(
        &self,
        call: &Call,
        shell: &ShellId,
        act: impl FnOnce(&mut Shell) -> Result<T, Box<Fault>>,
    ) -> Result<T, Box<Fault>> {
        let result = self.look(call, shell, act);
        self.changed.notify_waiters();
        result
    }

    /// The same for a shell that has to be connected.
    fn with_connected<T>(
        &self,
        call: &Call,
        shell: &ShellId,
        act: impl FnOnce(&mut Shell) -> Result<T, Box<Fault>>,
    ) -> Result<T, Box<Fault>> {
        self.with(call, shell, |shell| act(shell.connected()?))
    }

    /// What a Receive gets now, if there is anything to get.
    fn take(
        &self,
        call: &Call,
        shell: &ShellId,
        receive: &Receive,
    ) -> Result<Option<ReceiveResponse>, Box<Fault>> {
        let close_when_done = self.close_when_done;
        self.look(call, shell, |shell| {
            let shell = shell.connected()?;
            let mut capacity = call.stream_capacity(16);
            let (output, command) = match &receive.command {
                Some(id) => (
                    &mut shell.commands.get_mut(id).ok_or_else(no_command)?.output,
                    Some(id),
                ),
                None => (&mut shell.output, None),
            };
            let mut streams = Streams::new();
            while streams.len() < 16 && capacity > 0 {
                let Some(mut data) = output.pop_front() else {
                    break;
                };
                if data.len() > capacity {
                    output.push_front(data.split_off(capacity));
                }
                capacity -= data.len();
                let stream = StreamData::new(StreamName::STDOUT, data);
                streams.push(match command {
                    Some(id) => stream.of_command(id.clone()),
                    None => stream,
                });
            }
            let is_empty = output.is_empty();
            let is_done = command.is_some_and(|id| shell.commands[id].done && is_empty);
            if is_done && close_when_done {
                shell.commands.retain(|id, _| Some(id) != command);
            }
            let status = is_done.then(|| CommandStatus {
                command: command.cloned(),
                state: CommandState::Done,
                exit_code: Some(0),
            });
            Ok((!streams.is_empty() || is_done).then_some(ReceiveResponse { streams, status }))
        })
    }
}

impl Shell {
    fn connected(&mut self) -> Result<&mut Self, Box<Fault>> {
        if self.description.state == Some(ShellState::Disconnected) {
            return Err(fault(
                ErrorCode::SHELL_DISCONNECTED,
                "The shell is disconnected. ",
            ));
        }
        Ok(self)
    }
}

fn fault(code: ErrorCode, reason: &str) -> Box<Fault> {
    Box::new(Fault::new(code, reason))
}

fn no_command() -> Box<Fault> {
    Box::new(Fault::command_not_found())
}

impl ShellService for MemoryShells {
    fn serves(&self, _: &Caller, resource_uri: &str) -> bool {
        [RESOURCE, RESOURCE_TEXT_SHELL]
            .iter()
            .any(|known| known.eq_ignore_ascii_case(resource_uri))
    }

    fn understands_option(&self, _: &str, name: &str) -> bool {
        name == "protocolversion"
    }

    async fn create(&self, call: &Call, create: Create) -> Result<CreateResponse, Box<Fault>> {
        (self.check_options)(call.options())?;
        if call.resource_uri() == RESOURCE && create.output_streams.to_string() != "stdout" {
            return Err(fault(
                ErrorCode(0x8054_0BC0),
                "The output streams are not exactly stdout. ",
            ));
        }
        if create
            .idle_timeout
            .is_some_and(|idle| idle < Duration::from_secs(60))
        {
            return Err(fault(
                ErrorCode::IDLE_TIMEOUT_OUT_OF_BOUNDS,
                "The idle timeout is too short. ",
            ));
        }
        let first = create.creation.unwrap_or_default();
        (self.check_input)(&first)?;
        let id = create
            .shell_id
            .unwrap_or_else(|| ShellId::from_uuid(Uuid::new_v4()));
        let mut shells = self.lock();
        if shells.contains_key(&id) {
            return Err(fault(
                ErrorCode::SHELL_CLIENT_ID_RESOURCE_CONFLICT,
                "The ShellId is in use. ",
            ));
        }
        if shells.len() >= self.max_shells {
            return Err(fault(
                ErrorCode::QUOTA_MAX_SHELLS_PPQ,
                "The user has too many shells. ",
            ));
        }
        let description = ShellDescription {
            name: create.name,
            resource_uri: Some(call.resource_uri().to_owned()),
            owner: Some(call.caller.user.clone()),
            client_ip: Some(call.caller.peer.clone()),
            idle_timeout: create.idle_timeout.or(Some(Duration::from_secs(7200))),
            input_streams: create.input_streams,
            output_streams: create.output_streams,
            state: Some(ShellState::Connected),
            ..ShellDescription::new(id.clone())
        };
        let response = CreateResponse::new("", description.clone());
        let session = call.session_id().map(str::to_owned);
        let output = VecDeque::from_iter([first].into_iter().filter(|first| !first.is_empty()));
        shells.insert(
            id,
            Shell {
                description,
                session,
                output,
                commands: BTreeMap::new(),
            },
        );
        Ok(response)
    }

    async fn command(
        &self,
        call: &Call,
        shell: &ShellId,
        command: Command,
    ) -> Result<CommandResponse, Box<Fault>> {
        let first = if call.resource_uri() == RESOURCE {
            command
                .bytes()
                .map_err(|error| Box::new(Fault::from(&error)))?
        } else {
            Bytes::from(command.arguments.join(" "))
        };
        let id = command
            .command_id
            .clone()
            .unwrap_or_else(|| CommandId::from_uuid(Uuid::new_v4()));
        self.with_connected(call, shell, |shell| {
            if shell.commands.contains_key(&id) {
                return Err(fault(
                    ErrorCode::COMMAND_CLIENT_ID_RESOURCE_CONFLICT,
                    "The CommandId is in use. ",
                ));
            }
            let running = Running {
                done: command.command.is_empty(),
                text: command.command,
                output: [first].into(),
            };
            shell.commands.insert(id.clone(), running);
            Ok(CommandResponse { command_id: id })
        })
    }

    async fn send(&self, call: &Call, shell: &ShellId, input: SendInput) -> Result<(), Box<Fault>> {
        self.with_connected(call, shell, |shell| {
            for stream in input.streams {
                if !shell.description.input_streams.contains(&stream.name) {
                    return Err(fault(
                        ErrorCode(0x8054_0BBE),
                        "There is no input stream of that name. ",
                    ));
                }
                (self.check_input)(&stream.data)?;
                let output = match &stream.command {
                    Some(id) => {
                        let command = shell.commands.get_mut(id).ok_or_else(no_command)?;
                        command.done |= stream.end;
                        &mut command.output
                    }
                    None => &mut shell.output,
                };
                output.push_back(stream.data);
            }
            Ok(())
        })
    }

    async fn receive(
        &self,
        call: &Call,
        shell: &ShellId,
        receive: Receive,
    ) -> Result<ReceiveResponse, Box<Fault>> {
        loop {
            let changed = self.changed.notified();
            if let Some(response) = self.take(call, shell, &receive)? {
                return Ok(response);
            }
            changed.await;
        }
    }

    async fn signal(&self, call: &Call, shell: &ShellId, signal: Signal) -> Result<(), Box<Fault>> {
        self.with(call, shell, |shell| {
            let Some(id) = signal.command else {
                return Ok(());
            };
            let command = shell.commands.get_mut(&id).ok_or_else(no_command)?;
            command.done = true;
            if signal.code != SignalCode::Stop {
                shell.commands.remove(&id);
            }
            Ok(())
        })
    }

    async fn delete(&self, call: &Call, shell: &ShellId) -> Result<(), Box<Fault>> {
        self.with(call, shell, |_| Ok(()))?;
        self.lock().remove(shell);
        self.changed.notify_waiters();
        Ok(())
    }

    async fn disconnect(
        &self,
        call: &Call,
        shell: &ShellId,
        disconnect: Disconnect,
    ) -> Result<(), Box<Fault>> {
        self.with_connected(call, shell, |shell| {
            shell.description.state = Some(ShellState::Disconnected);
            shell.description.idle_timeout =
                disconnect.idle_timeout.or(shell.description.idle_timeout);
            Ok(())
        })
    }

    async fn reconnect(
        &self,
        call: &Call,
        shell: &ShellId,
        _: Reconnect,
    ) -> Result<(), Box<Fault>> {
        self.with(call, shell, |shell| {
            if shell.session.as_deref() != call.session_id() {
                return Err(fault(
                    ErrorCode::SHELL_CLIENT_SESSION_ID_MISMATCH,
                    "Another client has disconnected it. ",
                ));
            }
            shell.description.state = Some(ShellState::Connected);
            Ok(())
        })
    }

    async fn connect(
        &self,
        call: &Call,
        shell: &ShellId,
        connect: Connect,
    ) -> Result<ConnectResponse, Box<Fault>> {
        self.with(call, shell, |shell| {
            if let Some(id) = &connect.command {
                shell.commands.get(id).ok_or_else(no_command)?;
                return Ok(ConnectResponse::default());
            }
            if shell.description.state == Some(ShellState::Connected) {
                return Err(fault(
                    ErrorCode::SHELL_CONNECTED_TO_DIFFERENT_CLIENT,
                    "Another client uses the shell. ",
                ));
            }
            shell.description.state = Some(ShellState::Connected);
            shell.session = call.session_id().map(str::to_owned);
            Ok(ConnectResponse {
                input_streams: shell.description.input_streams.clone(),
                output_streams: shell.description.output_streams.clone(),
                connection: connect.connection,
            })
        })
    }

    async fn get(&self, call: &Call, shell: &ShellId) -> Result<ShellDescription, Box<Fault>> {
        self.with(call, shell, |shell| Ok(shell.description.clone()))
    }

    async fn enumerate_shells(&self, call: &Call) -> Result<Vec<ShellDescription>, Box<Fault>> {
        let shells = self.lock();
        let mine = shells
            .values()
            .filter(|shell| shell.description.owner.as_deref() == Some(&call.caller.user));
        Ok(mine.map(|shell| shell.description.clone()).collect())
    }

    async fn enumerate_commands(
        &self,
        call: &Call,
        shell: &ShellId,
    ) -> Result<Vec<CommandDescription>, Box<Fault>> {
        self.with(call, shell, |shell| {
            let commands = shell
                .commands
                .iter()
                .map(|(id, command)| CommandDescription {
                    command_id: id.clone(),
                    command_line: Some(command.text.clone()),
                    state: Some("Running".to_owned()),
                });
            Ok(commands.collect())
        })
    }
}
