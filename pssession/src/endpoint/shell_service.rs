//! Where shells become pools: the endpoint as a service of WS-Management.

use std::sync::Arc;
use std::time::{Duration, Instant};

use psrp_codec::{Decode, Fragment, PipelineId};
use runspace::{BufferMode as PoolBufferMode, Carrier, ServerInput, Stream, Target};
use uuid::Uuid;
use wsman::exchange::Caller;
use wsman::service::{Call, ShellService};
use wsman::shell::{
    BufferMode, Command, CommandDescription, CommandId, CommandResponse, CommandState,
    CommandStatus, Connect, ConnectResponse, Create, CreateResponse, Disconnect, Receive,
    ReceiveResponse, Reconnect, Send as SendInput, ShellDescription, ShellId, ShellState, Signal,
    SignalCode, StreamData, StreamName, StreamSet, Streams,
};
use wsman::soap::{ErrorCode, Fault};

use super::Inner;
use super::registry::{Entry, Refusal, Visit};
use super::session::{self, Answer, Received};
use crate::transport::CONFIGURATION_PREFIX;

/// The most bytes of output in one answer; a client's MaxEnvelopeSize may make it fewer.
const MAX_OUTPUT: usize = 1024 * 1024;
/// How often a client that wants a session looks whether the one before it is gone.
const TAKEOVER_PAUSE: Duration = Duration::from_millis(25);

type Answered<T> = Result<T, Box<Fault>>;

/// The endpoint's sessions as shells: what a [`Dispatcher`](wsman::service::Dispatcher) serves.
pub struct Shells {
    pub(super) endpoint: Arc<Inner>,
}

impl Shells {
    /// The caller's session. Those of others are not there.
    fn visit(&self, call: &Call, shell: &ShellId) -> Answered<Visit> {
        let id = shell.to_uuid().ok_or_else(not_found)?;
        let entry = self
            .endpoint
            .registry
            .find(id, &call.caller.user)
            .ok_or_else(not_found)?;
        if entry.resource_uri != call.resource_uri() {
            return Err(not_found());
        }
        Ok(Visit::begin(entry))
    }

    /// The same for operations that only the connected client may use.
    fn connected(&self, call: &Call, shell: &ShellId) -> Answered<Visit> {
        let visit = self.visit(call, shell)?;
        if visit.entry().handle.is_disconnected() {
            visit.answered();
            return Err(fault(
                ErrorCode::SHELL_DISCONNECTED,
                "The shell is disconnected.",
            ));
        }
        Ok(visit)
    }

    fn describe(&self, entry: &Entry) -> ShellDescription {
        let mut shell = ShellDescription::new(entry.shell_id.clone());
        let contact = entry.contact().clone();
        shell.name = Some(entry.name.clone().unwrap_or_default());
        shell.resource_uri = Some(entry.resource_uri.clone());
        shell.owner = Some(entry.owner.clone());
        shell.client_ip = Some(contact.client);
        shell.process_id = Some(u64::from(std::process::id()));
        shell.idle_timeout = Some(contact.idle_timeout);
        shell.max_idle_timeout = Some(self.endpoint.config.max_idle_timeout);
        shell.input_streams = StreamSet::parse("stdin pr");
        shell.output_streams = StreamSet::parse("stdout");
        shell.locale = entry.locale.clone();
        shell.data_locale = entry.data_locale.clone();
        shell.compression_mode = Some("NoCompression".to_owned());
        shell.profile_loaded = Some(false);
        shell.encoding = Some("UTF8".to_owned());
        shell.buffer_mode = Some(contact.buffer_mode);
        shell.state = Some(if entry.is_connected(&self.endpoint.config) {
            ShellState::Connected
        } else {
            ShellState::Disconnected
        });
        shell.run_time = Some(whole_seconds(entry.created.elapsed()));
        shell.inactivity = Some(whole_seconds(entry.inactivity()));
        shell
    }

    /// What a client may ask for as its idle time.
    fn idle_timeout(&self, asked: Option<Duration>) -> Answered<Duration> {
        let config = &self.endpoint.config;
        let Some(asked) = asked else {
            return Ok(config.idle_timeout);
        };
        if asked < config.min_idle_timeout || asked > config.max_idle_timeout {
            return Err(fault(
                ErrorCode::IDLE_TIMEOUT_OUT_OF_BOUNDS,
                &format!(
                    "The IdleTimeOut of {} s is not within the allowed bounds of {} s and {} s.",
                    asked.as_secs_f64(),
                    config.min_idle_timeout.as_secs_f64(),
                    config.max_idle_timeout.as_secs_f64()
                ),
            ));
        }
        Ok(asked)
    }

    /// Waits for the client that holds the session to be given up; `false` when it lives.
    async fn await_takeover(&self, entry: &Entry) -> bool {
        let config = &self.endpoint.config;
        let deadline = Instant::now() + config.takeover_after * 2;
        while entry.is_connected(config) {
            if Instant::now() > deadline {
                return false;
            }
            tokio::time::sleep(TAKEOVER_PAUSE).await;
        }
        true
    }
}

impl ShellService for Shells {
    fn serves(&self, _caller: &Caller, resource_uri: &str) -> bool {
        let name = resource_uri.strip_prefix(CONFIGURATION_PREFIX);
        name.is_some_and(|name| name.eq_ignore_ascii_case(crate::CONFIGURATION_NAME))
    }

    fn understands_option(&self, _resource_uri: &str, name: &str) -> bool {
        // The version of PSRP that the client would like; the pool agrees on one by itself.
        name.eq_ignore_ascii_case("protocolversion")
    }

    async fn create(&self, call: &Call, create: Create) -> Answered<CreateResponse> {
        let Some(first) = create.creation.filter(|first| !first.is_empty()) else {
            return Err(fault(
                ErrorCode::INVALID_OPERATION_PARAMETER,
                "There is no creationXml.",
            ));
        };
        if create.input_streams.is_empty() || create.output_streams.is_empty() {
            return Err(fault(
                ErrorCode::INVALID_OPERATION_PARAMETER,
                "The shell has no streams.",
            ));
        }
        check_fragments(&first)?;
        let idle_timeout = self.idle_timeout(create.idle_timeout)?;
        let shell_id = create
            .shell_id
            .unwrap_or_else(|| ShellId::from_uuid(Uuid::new_v4()));
        let id = shell_id.to_uuid().ok_or_else(|| {
            fault(
                ErrorCode::SHELL_CLIENT_ID_NOT_VALID,
                "The ShellId is no GUID.",
            )
        })?;
        let buffer_mode = create.buffer_mode.unwrap_or(BufferMode::Block);
        let config = &self.endpoint.config;
        let pool = config
            .server_config(Carrier::Poll)
            .buffer_mode(pool_buffer_mode(buffer_mode));
        let user = call.caller.user.clone();
        let handle = session::start(Arc::clone(&self.endpoint.engine), user.clone(), pool);
        let session_id = call.session_id().map(str::to_owned);
        let contact = (
            session_id,
            call.caller.peer.clone(),
            idle_timeout,
            buffer_mode,
        );
        let mut entry = Entry::new(
            shell_id,
            call.resource_uri().to_owned(),
            user,
            handle.clone(),
            contact,
        );
        entry.name = create.name;
        entry.locale.clone_from(&call.headers.locale);
        entry.data_locale.clone_from(&call.headers.data_locale);
        let entry = self
            .endpoint
            .registry
            .add(id, entry, config)
            .map_err(refusal)?;
        match handle.input(ServerInput::OpenPool { first }).await {
            Answer::Taken => {}
            answer => {
                self.endpoint.registry.remove(id);
                return Err(refused(answer));
            }
        }
        tracing::info!(user = entry.owner, session = %id, "a session was made");
        Ok(CreateResponse::new(
            call.headers.to.as_str(),
            self.describe(&entry),
        ))
    }

    async fn command(
        &self,
        call: &Call,
        shell: &ShellId,
        command: Command,
    ) -> Answered<CommandResponse> {
        let visit = self.connected(call, shell)?;
        let first = command
            .bytes()
            .map_err(|error| fault(ErrorCode::INVALID_OPERATION_PARAMETER, &error.to_string()))?;
        check_fragments(&first)?;
        let command_id = command
            .command_id
            .unwrap_or_else(|| CommandId::from_uuid(Uuid::new_v4()));
        let pipeline = pipeline_of(&command_id).ok_or_else(|| {
            fault(
                ErrorCode::COMMAND_CLIENT_ID_NOT_VALID,
                "The CommandId is no GUID.",
            )
        })?;
        let limit = self.endpoint.config.max_concurrent_commands_per_session;
        if visit.entry().handle.pipelines().len() >= limit {
            return Err(fault(
                ErrorCode::QUOTA_MAX_COMMANDS_PER_SHELL_PPQ,
                &format!("The shell has {limit} commands, which is all that it may have."),
            ));
        }
        match visit
            .entry()
            .handle
            .input(ServerInput::OpenPipeline { pipeline, first })
            .await
        {
            Answer::Taken => visit.answered(),
            answer => return Err(refused(answer)),
        }
        Ok(CommandResponse { command_id })
    }

    async fn send(&self, call: &Call, shell: &ShellId, input: SendInput) -> Answered<()> {
        let visit = self.connected(call, shell)?;
        // All or nothing: what is refused has left no half behind that a repetition would double.
        let mut pieces = Vec::with_capacity(input.streams.len());
        for stream in input.streams {
            let name = match stream.name.as_str() {
                "stdin" => Stream::Default,
                "pr" => Stream::PromptResponse,
                other => {
                    let text = format!("There is no input stream {other}.");
                    return Err(fault(ErrorCode::INVALID_OPERATION_PARAMETER, &text));
                }
            };
            let target = target_of(stream.command.as_ref())?;
            if let Target::Pipeline(pipeline) = target
                && !visit.entry().handle.pipelines().contains(&pipeline)
            {
                return Err(Box::new(Fault::command_not_found()));
            }
            check_fragments(&stream.data)?;
            pieces.push(ServerInput::Data {
                target,
                stream: name,
                payload: stream.data,
            });
        }
        let answer = visit.entry().handle.send(pieces).await;
        visit.answered();
        match answer {
            Answer::Taken => Ok(()),
            answer => Err(refused(answer)),
        }
    }

    async fn receive(
        &self,
        call: &Call,
        shell: &ShellId,
        receive: Receive,
    ) -> Answered<ReceiveResponse> {
        let visit = self.connected(call, shell)?;
        if !receive.streams.contains(&StreamName::STDOUT) {
            let text = "The only output stream is stdout.";
            return Err(fault(ErrorCode::INVALID_OPERATION_PARAMETER, text));
        }
        let target = target_of(receive.command.as_ref())?;
        let max_len = call.stream_capacity(1).min(MAX_OUTPUT);
        let received = visit.entry().handle.receive(target, max_len).await;
        visit.answered();
        let Some(Received::Data(received)) = received else {
            return Ok(ReceiveResponse::default());
        };
        let mut streams = Streams::new();
        if !received.payload.is_empty() {
            let mut data = StreamData::new(StreamName::STDOUT, received.payload);
            if let Some(command) = &receive.command {
                data = data.of_command(command.clone());
            }
            streams.push(data);
        }
        let status = received.done.then(|| CommandStatus {
            command: receive.command.clone(),
            state: CommandState::Done,
            exit_code: receive.command.is_some().then_some(0),
        });
        Ok(ReceiveResponse { streams, status })
    }

    async fn signal(&self, call: &Call, shell: &ShellId, signal: Signal) -> Answered<()> {
        let visit = self.connected(call, shell)?;
        // A signal for the shell as a whole means nothing here, as at Windows.
        if let Some(command) = &signal.command {
            let pipeline =
                pipeline_of(command).ok_or_else(|| Box::new(Fault::command_not_found()))?;
            let input = match signal.code {
                SignalCode::Stop => ServerInput::Signal { pipeline },
                _ => ServerInput::ClosePipeline { pipeline },
            };
            match visit.entry().handle.input(input).await {
                Answer::Taken | Answer::Gone => {}
                answer => return Err(refused(answer)),
            }
        }
        visit.answered();
        Ok(())
    }

    async fn delete(&self, call: &Call, shell: &ShellId) -> Answered<()> {
        let visit = self.visit(call, shell)?;
        // It is gone for everybody from now on, however long its pipelines take to stop.
        if let Some(id) = shell.to_uuid() {
            self.endpoint.registry.remove(id);
        }
        let closed = visit.entry().handle.input(ServerInput::ClosePool).await;
        tracing::info!(user = visit.entry().owner, session = %shell.as_str(), "a session was removed");
        visit.answered();
        match closed {
            Answer::Taken | Answer::Gone => Ok(()),
            answer => Err(refused(answer)),
        }
    }

    async fn disconnect(
        &self,
        call: &Call,
        shell: &ShellId,
        disconnect: Disconnect,
    ) -> Answered<()> {
        let visit = self.visit(call, shell)?;
        if visit.entry().handle.is_disconnected() {
            let text = "The shell is disconnected already.";
            return Err(fault(ErrorCode::SHELL_DISCONNECT_OPERATION_NOT_VALID, text));
        }
        let idle = disconnect
            .idle_timeout
            .map(|asked| self.idle_timeout(Some(asked)));
        let idle = idle.transpose()?;
        if let Some(mode) = disconnect.buffer_mode {
            visit.entry().contact().buffer_mode = mode;
            visit
                .entry()
                .handle
                .set_buffer_mode(pool_buffer_mode(mode))
                .await;
        }
        match visit.entry().handle.input(ServerInput::Disconnect).await {
            Answer::Taken => {}
            answer => return Err(refused(answer)),
        }
        if let Some(idle) = idle {
            visit.entry().contact().idle_timeout = idle;
        }
        visit.answered();
        Ok(())
    }

    async fn reconnect(&self, call: &Call, shell: &ShellId, reconnect: Reconnect) -> Answered<()> {
        let visit = self.visit(call, shell)?;
        let same = visit.entry().contact().session_id.as_deref() == call.session_id();
        if !same {
            let text = "The shell was disconnected by another client.";
            return Err(fault(ErrorCode::SHELL_CLIENT_SESSION_ID_MISMATCH, text));
        }
        // Reconnecting the shell has brought its commands back too.
        if reconnect.command.is_none() {
            match visit.entry().handle.input(ServerInput::Reconnect).await {
                Answer::Taken => {}
                answer => return Err(refused(answer)),
            }
        }
        visit.answered();
        Ok(())
    }

    async fn connect(
        &self,
        call: &Call,
        shell: &ShellId,
        connect: Connect,
    ) -> Answered<ConnectResponse> {
        let id = shell.to_uuid().ok_or_else(not_found)?;
        let entry = self
            .endpoint
            .registry
            .find(id, &call.caller.user)
            .ok_or_else(not_found)?;
        if entry.resource_uri != call.resource_uri() {
            return Err(not_found());
        }
        if let Some(command) = &connect.command {
            let known = pipeline_of(command)
                .is_some_and(|pipeline| entry.handle.pipelines().contains(&pipeline));
            return match known {
                true => {
                    Visit::begin(entry).answered();
                    Ok(ConnectResponse::default())
                }
                false => Err(Box::new(Fault::command_not_found())),
            };
        }
        let Some(payload) = connect.connection else {
            return Err(fault(
                ErrorCode::INVALID_OPERATION_PARAMETER,
                "There is no connectXml.",
            ));
        };
        if !self.await_takeover(&entry).await {
            let text = "The shell is connected to a different client.";
            return Err(fault(ErrorCode::SHELL_CONNECTED_TO_DIFFERENT_CLIENT, text));
        }
        let visit = Visit::begin(entry);
        let payload = match visit
            .entry()
            .handle
            .input(ServerInput::ConnectPool { payload })
            .await
        {
            Answer::Connected(payload) => payload,
            answer => return Err(refused(answer)),
        };
        {
            let mut contact = visit.entry().contact();
            contact.session_id = call.session_id().map(str::to_owned);
            contact.client.clone_from(&call.caller.peer);
        }
        visit.answered();
        Ok(ConnectResponse {
            input_streams: StreamSet::parse("stdin pr"),
            output_streams: StreamSet::parse("stdout"),
            connection: Some(payload),
        })
    }

    async fn get(&self, call: &Call, shell: &ShellId) -> Answered<ShellDescription> {
        let id = shell.to_uuid().ok_or_else(not_found)?;
        let entry = self
            .endpoint
            .registry
            .find(id, &call.caller.user)
            .ok_or_else(not_found)?;
        Ok(self.describe(&entry))
    }

    async fn enumerate_shells(&self, call: &Call) -> Answered<Vec<ShellDescription>> {
        let entries = self.endpoint.registry.of_user(&call.caller.user);
        let there = entries.iter().filter(|entry| !entry.handle.is_closed());
        Ok(there.map(|entry| self.describe(entry)).collect())
    }

    async fn enumerate_commands(
        &self,
        call: &Call,
        shell: &ShellId,
    ) -> Answered<Vec<CommandDescription>> {
        let id = shell.to_uuid().ok_or_else(not_found)?;
        let entry = self
            .endpoint
            .registry
            .find(id, &call.caller.user)
            .ok_or_else(not_found)?;
        let commands = entry
            .handle
            .pipelines()
            .into_iter()
            .map(|pipeline| CommandDescription {
                command_id: CommandId::from_uuid(pipeline.as_uuid()),
                command_line: Some(String::new()),
                state: None,
            });
        Ok(commands.collect())
    }
}

fn pipeline_of(command: &CommandId) -> Option<PipelineId> {
    PipelineId::new(command.to_uuid()?)
}

fn target_of(command: Option<&CommandId>) -> Answered<Target> {
    match command {
        None => Ok(Target::Pool),
        Some(command) => pipeline_of(command)
            .map(Target::Pipeline)
            .ok_or_else(|| Box::new(Fault::command_not_found())),
    }
}

/// What one operation carries is whole fragments. Anything else is refused before any of it is
/// taken, so that the shell is as it was.
fn check_fragments(mut payload: &[u8]) -> Answered<()> {
    while !payload.is_empty() {
        match Fragment::decode(payload) {
            Ok((_, rest)) => payload = rest,
            Err(error) => {
                return Err(fault(
                    ErrorCode::INVALID_OPERATION_PARAMETER,
                    &format!("The payload is not made of whole fragments: {error}."),
                ));
            }
        }
    }
    Ok(())
}

fn pool_buffer_mode(mode: BufferMode) -> PoolBufferMode {
    match mode {
        BufferMode::Drop => PoolBufferMode::Drop,
        BufferMode::Block => PoolBufferMode::Block,
    }
}

fn fault(code: ErrorCode, text: &str) -> Box<Fault> {
    Box::new(Fault::new(code, text))
}

fn not_found() -> Box<Fault> {
    Box::new(Fault::shell_not_found())
}

fn refusal(refusal: Refusal) -> Box<Fault> {
    match refusal {
        Refusal::Exists => fault(
            ErrorCode::SHELL_CLIENT_ID_RESOURCE_CONFLICT,
            "There is such a shell already.",
        ),
        Refusal::UserQuota => fault(
            ErrorCode::QUOTA_MAX_SHELLS_PPQ,
            "The user has as many shells as are allowed.",
        ),
        Refusal::Quota => fault(
            ErrorCode::QUOTA_SYSTEM,
            "The service has as many shells as are allowed.",
        ),
    }
}

fn refused(answer: Answer) -> Box<Fault> {
    match answer {
        Answer::Refused(error) => fault(ErrorCode::INVALID_OPERATION_PARAMETER, &error),
        Answer::Gone => not_found(),
        Answer::Taken | Answer::Connected(_) => Box::new(Fault::internal(
            "The session gave an answer that was not asked for.",
        )),
    }
}

fn whole_seconds(time: Duration) -> Duration {
    Duration::from_secs(time.as_secs())
}
