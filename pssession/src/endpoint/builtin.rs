//! The embedded engine as the endpoint's engine.

use std::sync::Arc;

use engine::border;
use engine::command::{CommandSpec, Registry};
use engine::runspace::{
    Argument as EngineArgument, Closed, CommandInvocation, HostCall, InputSource, Merge,
    MessageRecord, PipelineSpec, Sink,
};
use engine::value::pattern::Wildcard;
use engine::value::{self, Detached, Text};
use engine::{Completion, Runspace, RunspaceOptions};
use psrp_codec::host::{ChoiceDescription, FieldDescription, HostAnswer, HostMethod, HostRequest};
use psrp_codec::message::{CommandMetadata, CreatePipeline, GetCommandMetadata, ParameterMetadata};
use psrp_codec::record::{InformationalKind, InformationalRecord};
use psrp_codec::{
    Command, CommandTypes, ConsoleColor, ErrorRecord, InformationRecord, Limits,
    PipelineResultTypes, ProgressRecord, ProgressRecordType, PsString, Value, Version,
};
use runspace::OutputStream;

use super::engine::{Engine, EngineRunspace, Input, RunspaceRequest, Unwanted, WorkEnd, WorkSink};
use super::runspaces::encode;

/// How the embedded engine's runspaces are made.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct BuiltInOptions {
    /// Whether aliases such as `ls` and `sort` exist, which hide the system's own tools elsewhere than on Windows.
    /// Default: yes.
    pub windows_aliases: bool,
    /// Whether scripts may start programs of this computer. Default: yes, as whoever may use a session is who runs it.
    pub native_commands: bool,
}

impl Default for BuiltInOptions {
    fn default() -> Self {
        Self {
            windows_aliases: true,
            native_commands: true,
        }
    }
}

/// The embedded engine: PowerShell without a PowerShell.
#[derive(Clone, Debug, Default)]
pub struct BuiltInEngine {
    options: BuiltInOptions,
}

impl BuiltInEngine {
    /// An engine that makes runspaces so.
    #[must_use]
    pub const fn new(options: BuiltInOptions) -> Self {
        Self { options }
    }
}

impl Engine for BuiltInEngine {
    fn open(&self, request: &RunspaceRequest) -> Result<Box<dyn EngineRunspace>, String> {
        let mut options = RunspaceOptions::default();
        options.windows_aliases = self.options.windows_aliases;
        options.native_commands = self.options.native_commands;
        options.host_name = "ServerRemoteHost".to_owned();
        Ok(Box::new(BuiltInRunspace {
            runspace: Runspace::new(options),
            has_ui: !request.host_info.is_host_null && !request.host_info.is_host_ui_null,
        }))
    }

    fn version_table(&self) -> Vec<(String, Value)> {
        let text = |text: &str| Value::from(text);
        let versions = ["1.0", "2.0", "3.0", "4.0", "5.0", "5.1", "6.0", "7.0"];
        let versions = versions
            .iter()
            .filter_map(|text| Version::parse(text))
            .map(Value::Version);
        vec![
            (
                "PSVersion".to_owned(),
                Value::Version(Version::new(7, 6).with_build(5)),
            ),
            ("PSEdition".to_owned(), text("Core")),
            (
                "GitCommitId".to_owned(),
                text(concat!("pssession ", env!("CARGO_PKG_VERSION"))),
            ),
            ("OS".to_owned(), text(std::env::consts::OS)),
            ("Platform".to_owned(), text("Unix")),
            ("PSCompatibleVersions".to_owned(), Value::list(versions)),
        ]
    }
}

struct BuiltInRunspace {
    runspace: Runspace,
    /// Whether the client that opened the session has a host that can show and ask.
    has_ui: bool,
}

impl EngineRunspace for BuiltInRunspace {
    fn stopper(&self) -> Arc<dyn Fn() + Send + Sync> {
        let stop = self.runspace.stop_handle();
        Arc::new(move || stop.stop())
    }

    fn run(&mut self, create: &CreatePipeline, input: Input, sink: &mut dyn WorkSink) -> WorkEnd {
        let mut spec = spec_of(create);
        if input.is_expected() {
            spec.input = Some(Box::new(Objects { input }));
        }
        let has_ui = if create.host_info.use_runspace_host {
            self.has_ui
        } else {
            !create.host_info.is_host_null && !create.host_info.is_host_ui_null
        };
        match self
            .runspace
            .invoke(&mut spec, &mut Border { sink, has_ui })
        {
            Completion::Stopped => WorkEnd::Stopped(None),
            Completion::Failed(record) => WorkEnd::Failed(Box::new(border::error_record_to_wire(
                &record,
                &mut Detached,
            ))),
            _ => WorkEnd::Completed,
        }
    }

    fn command_metadata(
        &mut self,
        request: &GetCommandMetadata,
    ) -> Result<Vec<CommandMetadata>, Box<ErrorRecord>> {
        let patterns: Vec<Wildcard> = match &request.names {
            Some(names) => names
                .iter()
                .filter_map(|name| Wildcard::new(&name.to_string_lossy(), true))
                .collect(),
            None => Wildcard::new("*", true).into_iter().collect(),
        };
        let wanted =
            |spec: &&CommandSpec| patterns.iter().any(|pattern| pattern.is_match(spec.name));
        Ok(Registry::global()
            .iter()
            .filter(wanted)
            .map(metadata)
            .collect())
    }
}

/// What a client needs to know of a command to offer it as its own.
fn metadata(spec: &CommandSpec) -> CommandMetadata {
    let mut metadata = CommandMetadata::new(spec.name, CommandTypes::CMDLET);
    metadata.namespace = Some(PsString::from(spec.module));
    metadata.output_types = Some(
        spec.output_types
            .iter()
            .copied()
            .map(PsString::from)
            .collect(),
    );
    let parameters = spec.parameters.iter().map(|parameter| {
        let mut wire = ParameterMetadata::new(parameter.name, parameter.ty);
        wire.aliases = parameter
            .aliases
            .iter()
            .copied()
            .map(PsString::from)
            .collect();
        wire
    });
    metadata.parameters = Some(parameters.collect());
    metadata
}

/// What the client wants run, in the engine's words.
fn spec_of(create: &CreatePipeline) -> PipelineSpec {
    let mut spec = PipelineSpec::script("");
    spec.statements = create
        .power_shell
        .statements
        .iter()
        .map(|commands| commands.iter().map(invocation_of).collect())
        .collect();
    spec.history = create.add_to_history.then(|| {
        let given = create.power_shell.history.as_ref();
        let first = create
            .power_shell
            .statements
            .first()
            .and_then(|commands| commands.first());
        given
            .or_else(|| first.map(|command| &command.text))
            .map(text)
            .unwrap_or_default()
    });
    spec.is_nested = create.is_nested.unwrap_or(create.power_shell.is_nested);
    for argument in create
        .power_shell
        .statements
        .iter()
        .flatten()
        .flat_map(|command| &command.arguments)
    {
        for (name, value) in argument.using_values().into_iter().flatten() {
            spec.using.push((text(&name), border::from_wire(value)));
        }
    }
    spec
}

fn invocation_of(command: &Command) -> CommandInvocation {
    let mut invocation = CommandInvocation {
        command: text(&command.text),
        is_script: command.is_script,
        use_local_scope: command.use_local_scope,
        ..CommandInvocation::default()
    };
    for argument in &command.arguments {
        if argument.using_values().is_some() {
            continue;
        }
        let name = argument.parameter_name().map(Text::from);
        // A parameter with a null value may be a switch: the binder knows.
        let value = match (&argument.value, &name) {
            (Value::Null, Some(_)) => None,
            (value, _) => Some(border::from_wire(value)),
        };
        invocation.arguments.push(EngineArgument { name, value });
    }
    let merges = &command.merges;
    if merges.my_result == PipelineResultTypes::ERROR
        && merges.to_result == PipelineResultTypes::OUTPUT
    {
        invocation.merges[2] = Merge::Output;
    }
    if let Some(streams) = &merges.streams {
        let given = [
            streams.error,
            streams.warning,
            streams.verbose,
            streams.debug,
        ];
        for (slot, merge) in invocation.merges.iter_mut().skip(2).zip(given) {
            set_merge(slot, merge);
        }
    }
    if let (Some(information), Some(slot)) = (merges.information, invocation.merges.get_mut(6)) {
        set_merge(slot, information);
    }
    invocation.merge_previous = merges.previous_results != PipelineResultTypes::NONE;
    invocation
}

fn set_merge(slot: &mut Merge, merge: PipelineResultTypes) {
    if merge == PipelineResultTypes::OUTPUT {
        *slot = Merge::Output;
    } else if merge == PipelineResultTypes::NULL {
        *slot = Merge::Null;
    }
}

fn text(text: &PsString) -> Text {
    Text::from(text.to_string_lossy().as_ref())
}

/// The client's objects as the engine's input.
struct Objects {
    input: Input,
}

impl InputSource for Objects {
    fn next(&mut self) -> Option<value::Value> {
        let object = self.input.next()?;
        // What cannot be read is passed over: the codec has checked its shape, only limits are left.
        let value = object.and_then(|object| object.decode(&Limits::default()).ok());
        Some(value.as_ref().map_or(value::Value::Null, border::from_wire))
    }
}

/// What the engine's pipelines bring, on its way to the wire.
struct Border<'s> {
    sink: &'s mut dyn WorkSink,
    has_ui: bool,
}

impl Border<'_> {
    fn put(&mut self, stream: OutputStream, value: &Value) -> Result<(), Closed> {
        self.sink.put(stream, Some(encode(value))).map_err(closed)
    }

    fn message(&mut self, kind: InformationalKind, record: &MessageRecord) -> Result<(), Closed> {
        let stream = match kind {
            InformationalKind::Warning => OutputStream::Warning,
            InformationalKind::Verbose => OutputStream::Verbose,
            InformationalKind::Debug => OutputStream::Debug,
        };
        let message = record.message.as_str();
        self.put(stream, &InformationalRecord::new(message).to_value(kind))?;
        let line = PsString::from(message);
        self.show(match kind {
            InformationalKind::Warning => HostRequest::WriteWarningLine { message: line },
            InformationalKind::Verbose => HostRequest::WriteVerboseLine { message: line },
            InformationalKind::Debug => HostRequest::WriteDebugLine { message: line },
        })
    }

    /// PowerShell tells a host with a screen everything twice: as a record and as a call.
    fn show(&mut self, request: HostRequest) -> Result<(), Closed> {
        if self.has_ui {
            self.sink.host_call(request).map(drop).map_err(closed)?;
        }
        Ok(())
    }
}

fn closed(_unwanted: Unwanted) -> Closed {
    Closed
}

impl Sink for Border<'_> {
    fn output(&mut self, value: value::Value) -> Result<(), Closed> {
        match border::to_wire(&value, border::REMOTING_DEPTH, &mut Detached) {
            Value::Null => self.sink.put(OutputStream::Output, None).map_err(closed),
            value => self.put(OutputStream::Output, &value),
        }
    }

    fn error(&mut self, record: Arc<value::ErrorRecord>) -> Result<(), Closed> {
        let record = border::error_record_to_wire(&record, &mut Detached);
        self.put(OutputStream::Error, &record.to_value())
    }

    fn warning(&mut self, record: MessageRecord) -> Result<(), Closed> {
        self.message(InformationalKind::Warning, &record)
    }

    fn verbose(&mut self, record: MessageRecord) -> Result<(), Closed> {
        self.message(InformationalKind::Verbose, &record)
    }

    fn debug(&mut self, record: MessageRecord) -> Result<(), Closed> {
        self.message(InformationalKind::Debug, &record)
    }

    fn information(&mut self, record: engine::runspace::InformationRecord) -> Result<(), Closed> {
        let message = border::to_wire(&record.message, border::REMOTING_DEPTH, &mut Detached);
        let time = record.time.unwrap_or_else(value::DateTime::now);
        let Value::DateTime(time) =
            border::to_wire(&value::Value::DateTime(time), 1, &mut Detached)
        else {
            return Ok(());
        };
        let mut wire = InformationRecord::new(message, time);
        wire.source = Some(PsString::from(record.source.as_str()));
        wire.tags = record
            .tags
            .iter()
            .map(|tag| PsString::from(tag.as_str()))
            .collect();
        wire.user = std::env::var("USER").ok().map(PsString::from);
        wire.computer = Some(PsString::from("localhost"));
        wire.process_id = std::process::id();
        self.put(OutputStream::Information, &wire.to_value())?;
        if record.tags.iter().any(|tag| tag.as_str() == "PSHOST") {
            // Write-Host: the record is for those who collect, the call for those who watch.
            let text = value::convert::invariant_text(&record.message);
            let value = PsString::from(text.as_str());
            let no_new_line =
                value::members::get_property(&record.message, "NoNewLine", &mut Detached);
            return self.show(match no_new_line {
                Ok(Some(value::Value::Bool(true))) => HostRequest::Write1 { value },
                _ => HostRequest::WriteLine2 { value },
            });
        }
        Ok(())
    }

    fn progress(&mut self, record: engine::runspace::ProgressRecord) -> Result<(), Closed> {
        // A reader refuses an empty text; PowerShell sends a blank.
        let filled = |text: &Text| match text.as_str() {
            "" => PsString::from(" "),
            text => PsString::from(text),
        };
        let mut wire = ProgressRecord::new(
            filled(&record.activity),
            record.activity_id,
            filled(&record.status),
        );
        wire.current_operation = record
            .current_operation
            .as_ref()
            .map(|text| PsString::from(text.as_str()));
        wire.parent_activity_id = record.parent_activity_id;
        wire.percent_complete = record.percent_complete;
        wire.seconds_remaining = record.seconds_remaining;
        if record.completed {
            wire.kind = ProgressRecordType::COMPLETED;
        }
        self.put(OutputStream::Progress, &wire.to_value())?;
        self.show(HostRequest::WriteProgress {
            source_id: 0,
            record: Box::new(wire),
        })
    }

    fn host_call(&mut self, call: HostCall) -> Result<Option<value::Value>, Closed> {
        let Some(request) = request_of(&call) else {
            return Ok(None);
        };
        match self.sink.host_call(request).map_err(closed)? {
            Ok(answer) => Ok(answer_value(&answer)),
            // The client's host refused: for a script that is the same as no host.
            Err(_) => Ok(None),
        }
    }

    fn is_interactive(&self) -> bool {
        self.has_ui
    }
}

/// The engine's call in the words of the protocol; `None` for a method that the protocol does not have.
fn request_of(call: &HostCall) -> Option<HostRequest> {
    let mut arguments = call.arguments.iter();
    let mut next_text = || {
        let value = arguments.next()?;
        Some(PsString::from(
            value::convert::invariant_text(value).as_str(),
        ))
    };
    Some(match call.method {
        "Write" | "Write1" => HostRequest::Write1 {
            value: next_text()?,
        },
        "WriteLine" | "WriteLine2" => HostRequest::WriteLine2 {
            value: next_text().unwrap_or_default(),
        },
        "WriteErrorLine" => HostRequest::WriteErrorLine {
            value: next_text()?,
        },
        "ReadLine" => HostRequest::Plain(HostMethod::ReadLine),
        "ReadLineAsSecureString" => HostRequest::Plain(HostMethod::ReadLineAsSecureString),
        "SetShouldExit" => HostRequest::SetShouldExit {
            exit_code: number(call.arguments.first()?)?,
        },
        "PopRunspace" => HostRequest::Plain(HostMethod::PopRunspace),
        "Write2" | "WriteLine3" => {
            let [foreground, background, text] = call.arguments.as_slice() else {
                return None;
            };
            let foreground = ConsoleColor::new(number(foreground)?);
            let background = ConsoleColor::new(number(background)?);
            let value = PsString::from(value::convert::invariant_text(text).as_str());
            if call.method == "Write2" {
                HostRequest::Write2 {
                    foreground,
                    background,
                    value,
                }
            } else {
                HostRequest::WriteLine3 {
                    foreground,
                    background,
                    value,
                }
            }
        }
        // Read-Host with a prompt: one field to fill in.
        "Prompt" => {
            let caption = next_text()?;
            let message = next_text()?;
            let mut fields = Vec::new();
            while let Some(name) = next_text() {
                fields.push(FieldDescription::new(name, "String", "System.String"));
            }
            HostRequest::Prompt {
                caption,
                message,
                fields,
            }
        }
        "PromptForChoice" => {
            let caption = next_text()?;
            let message = next_text()?;
            let choices = call.arguments.get(2).map(choices_of).unwrap_or_default();
            let default_choice = call.arguments.get(3).and_then(number).unwrap_or(-1);
            HostRequest::PromptForChoice {
                caption,
                message,
                choices,
                default_choice,
            }
        }
        _ => return None,
    })
}

fn choices_of(value: &value::Value) -> Vec<ChoiceDescription> {
    let items = match value {
        value::Value::Array(items) => items.snapshot(),
        value::Value::List(items) => items.snapshot(),
        _ => Vec::new(),
    };
    let label = |item: &value::Value| PsString::from(value::convert::invariant_text(item).as_str());
    items
        .iter()
        .map(|item| ChoiceDescription {
            label: label(item),
            help_message: PsString::EMPTY,
        })
        .collect()
}

fn number(value: &value::Value) -> Option<i32> {
    match value {
        value::Value::Int32(number) => Some(*number),
        value::Value::Enum(value) => i32::try_from(value.bits).ok(),
        _ => None,
    }
}

/// What the host gave, as a value for the script.
fn answer_value(answer: &HostAnswer) -> Option<value::Value> {
    Some(match answer {
        HostAnswer::Null => value::Value::Null,
        HostAnswer::String(text) => value::Value::string(text.to_string_lossy().as_ref()),
        HostAnswer::Int32(number) => value::Value::Int32(*number),
        HostAnswer::Bool(flag) => value::Value::Bool(*flag),
        HostAnswer::Fields(fields) => border::from_wire(&fields.first()?.1),
        HostAnswer::Other(value) => border::from_wire(value),
        _ => return None,
    })
}
