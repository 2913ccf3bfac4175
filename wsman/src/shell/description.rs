//! What a server says about shells and commands.

use std::time::Duration;

use super::{CommandId, ShellId, StreamSet};
use crate::namespaces;
use crate::soap::{
    DecodeError, DecodeErrorKind, Element, XmlElement, XmlWriter, parse_duration,
    write_long_duration, write_seconds,
};

/// `rsp:Shell` in answers: a shell with its effective settings and its state.
///
/// Everything but the id may be missing, as servers and kinds of shells differ in what they tell.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ShellDescription {
    /// Its id.
    pub shell_id: ShellId,
    /// Its name for people.
    pub name: Option<String>,
    /// The resource URI that it was created with.
    pub resource_uri: Option<String>,
    /// The account it belongs to.
    pub owner: Option<String>,
    /// The address of the client that created it.
    pub client_ip: Option<String>,
    /// The process that hosts it.
    pub process_id: Option<u64>,
    /// Environment variables, in order.
    pub environment: Vec<(String, String)>,
    /// The working directory.
    pub working_directory: Option<String>,
    /// How long it lives at most.
    pub lifetime: Option<Duration>,
    /// After how much silence it is ended.
    pub idle_timeout: Option<Duration>,
    /// Its input streams.
    pub input_streams: StreamSet,
    /// Its output streams.
    pub output_streams: StreamSet,
    /// The longest idle timeout that the server grants.
    pub max_idle_timeout: Option<Duration>,
    /// The language of messages.
    pub locale: Option<String>,
    /// The culture in which data is formatted.
    pub data_locale: Option<String>,
    /// `NoCompression`, or the name of the compression in use.
    pub compression_mode: Option<String>,
    /// Whether the user's profile was loaded.
    pub profile_loaded: Option<bool>,
    /// `UTF8` or `UTF16`.
    pub encoding: Option<String>,
    /// What happens to output while nobody takes it.
    pub buffer_mode: Option<BufferMode>,
    /// Whether a client is there.
    pub state: Option<ShellState>,
    /// How long it has been there.
    pub run_time: Option<Duration>,
    /// How long ago a client was last heard of.
    pub inactivity: Option<Duration>,
    /// As in `46MB`.
    pub memory_used: Option<String>,
    /// How many processes it has started.
    pub child_processes: Option<u64>,
    /// Elements that have no field here.
    pub other: Vec<XmlElement>,
}

impl ShellDescription {
    /// A description that says nothing but the id.
    pub fn new(shell_id: impl Into<ShellId>) -> Self {
        Self {
            shell_id: shell_id.into(),
            name: None,
            resource_uri: None,
            owner: None,
            client_ip: None,
            process_id: None,
            environment: Vec::new(),
            working_directory: None,
            lifetime: None,
            idle_timeout: None,
            input_streams: StreamSet::default(),
            output_streams: StreamSet::default(),
            max_idle_timeout: None,
            locale: None,
            data_locale: None,
            compression_mode: None,
            profile_loaded: None,
            encoding: None,
            buffer_mode: None,
            state: None,
            run_time: None,
            inactivity: None,
            memory_used: None,
            child_processes: None,
            other: Vec::new(),
        }
    }

    pub(crate) fn write(&self, writer: &mut XmlWriter) {
        let number = |number: Option<u64>| number.map(|number| number.to_string());
        let seconds = |duration: Option<Duration>| duration.map(write_seconds);
        let long = |duration: Option<Duration>| duration.map(write_long_duration);
        let streams =
            |streams: &StreamSet| Some(streams.to_string()).filter(|text| !text.is_empty());
        writer
            .start("rsp:Shell")
            .attribute("xmlns:rsp", namespaces::SHELL);
        writer.leaf("rsp:ShellId", self.shell_id.as_str());
        writer.optional_leaf("rsp:Name", self.name.as_deref());
        writer.optional_leaf("rsp:ResourceUri", self.resource_uri.as_deref());
        writer.optional_leaf("rsp:Owner", self.owner.as_deref());
        writer.optional_leaf("rsp:ClientIP", self.client_ip.as_deref());
        writer.optional_leaf("rsp:ProcessId", number(self.process_id).as_deref());
        write_environment(&self.environment, writer);
        writer.optional_leaf("rsp:WorkingDirectory", self.working_directory.as_deref());
        writer.optional_leaf("rsp:Lifetime", seconds(self.lifetime).as_deref());
        writer.optional_leaf("rsp:IdleTimeOut", seconds(self.idle_timeout).as_deref());
        writer.optional_leaf("rsp:InputStreams", streams(&self.input_streams).as_deref());
        writer.optional_leaf(
            "rsp:OutputStreams",
            streams(&self.output_streams).as_deref(),
        );
        writer.optional_leaf(
            "rsp:MaxIdleTimeOut",
            seconds(self.max_idle_timeout).as_deref(),
        );
        writer.optional_leaf("rsp:Locale", self.locale.as_deref());
        writer.optional_leaf("rsp:DataLocale", self.data_locale.as_deref());
        writer.optional_leaf("rsp:CompressionMode", self.compression_mode.as_deref());
        let profile = self
            .profile_loaded
            .map(|loaded| if loaded { "Yes" } else { "No" });
        writer.optional_leaf("rsp:ProfileLoaded", profile);
        writer.optional_leaf("rsp:Encoding", self.encoding.as_deref());
        writer.optional_leaf(
            "rsp:BufferMode",
            self.buffer_mode.as_ref().map(BufferMode::as_str),
        );
        writer.optional_leaf("rsp:State", self.state.as_ref().map(ShellState::as_str));
        writer.optional_leaf("rsp:ShellRunTime", long(self.run_time).as_deref());
        writer.optional_leaf("rsp:ShellInactivity", long(self.inactivity).as_deref());
        writer.optional_leaf("rsp:MemoryUsed", self.memory_used.as_deref());
        writer.optional_leaf(
            "rsp:ChildProcesses",
            number(self.child_processes).as_deref(),
        );
        for other in &self.other {
            writer.element(other);
        }
        writer.end("rsp:Shell");
    }

    /// Reads it with names in any case and in either of the two namespaces that servers use.
    pub(crate) fn read(shell: Element<'_, '_>) -> Result<Self, DecodeError> {
        let attribute = shell.attribute("ShellId").map(ShellId::from);
        let mut read = Self::new(attribute.unwrap_or_else(|| ShellId::new("")));
        for child in shell.children().filter(|child| !child.is_nil()) {
            let text = || Some(child.trimmed().to_owned());
            let duration = || parse_duration(child.trimmed());
            let number = || child.trimmed().parse().ok();
            if !matches!(child.namespace(), namespaces::SHELL | namespaces::SHELL_CIM) {
                read.other.push(child.to_owned_element());
                continue;
            }
            match child.name().to_ascii_lowercase().as_str() {
                "shellid" => read.shell_id = ShellId::from(child.trimmed()),
                "name" => read.name = text(),
                "resourceuri" => read.resource_uri = text(),
                "owner" => read.owner = text(),
                "clientip" => read.client_ip = text(),
                "processid" => read.process_id = number(),
                "environment" => read.environment = read_environment(child)?,
                "workingdirectory" => read.working_directory = text(),
                "lifetime" => read.lifetime = duration(),
                "idletimeout" => read.idle_timeout = duration(),
                "inputstreams" => read.input_streams = StreamSet::parse(child.text()),
                "outputstreams" => read.output_streams = StreamSet::parse(child.text()),
                "maxidletimeout" => read.max_idle_timeout = duration(),
                "locale" => read.locale = text(),
                "datalocale" => read.data_locale = text(),
                "compressionmode" => read.compression_mode = text(),
                "profileloaded" => {
                    read.profile_loaded = Some(child.trimmed().eq_ignore_ascii_case("yes"))
                }
                "encoding" => read.encoding = text(),
                "buffermode" => read.buffer_mode = BufferMode::parse(child.trimmed()),
                "state" => read.state = Some(ShellState::parse(child.trimmed())),
                "shellruntime" => read.run_time = duration(),
                "shellinactivity" => read.inactivity = duration(),
                "memoryused" => read.memory_used = text(),
                "childprocesses" => read.child_processes = number(),
                _ => read.other.push(child.to_owned_element()),
            }
        }
        if read.shell_id.as_str().is_empty() {
            return Err(DecodeError::new(
                "Shell",
                shell.offset(),
                DecodeErrorKind::Missing("ShellId"),
            ));
        }
        Ok(read)
    }
}

/// `rsp:Command` in the answer to an enumeration of a shell's commands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CommandDescription {
    /// Its id.
    pub command_id: CommandId,
    /// What was started, for people.
    pub command_line: Option<String>,
    /// A plain word such as `Running`.
    pub state: Option<String>,
}

impl CommandDescription {
    pub(crate) fn write(&self, writer: &mut XmlWriter) {
        writer
            .start("rsp:Command")
            .attribute("xmlns:rsp", namespaces::SHELL);
        writer.leaf("rsp:CommandId", self.command_id.as_str());
        writer.optional_leaf("rsp:CommandLine", self.command_line.as_deref());
        writer
            .optional_leaf("rsp:CommandState", self.state.as_deref())
            .end("rsp:Command");
    }

    pub(crate) fn read(command: Element<'_, '_>) -> Result<Self, DecodeError> {
        let find = |name: &str| {
            let children = command.children().filter(|child| !child.is_nil());
            let mut matching = children.filter(|child| child.name().eq_ignore_ascii_case(name));
            matching.next().map(Element::trimmed)
        };
        let id = find("CommandId").or_else(|| command.attribute("CommandId"));
        let missing = || {
            DecodeError::new(
                "Command",
                command.offset(),
                DecodeErrorKind::Missing("CommandId"),
            )
        };
        Ok(Self {
            command_id: id.map(CommandId::from).ok_or_else(missing)?,
            command_line: find("CommandLine").map(str::to_owned),
            state: find("CommandState")
                .or_else(|| find("State"))
                .map(str::to_owned),
        })
    }
}

/// What happens to output that nobody takes.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum BufferMode {
    /// When the buffer is full, whoever writes waits.
    Block,
    /// When the buffer is full, the oldest is dropped.
    Drop,
}

impl BufferMode {
    /// The word on the wire.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Block => "Block",
            Self::Drop => "Drop",
        }
    }

    /// The mode that a word means, whatever its case.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Block, Self::Drop]
            .into_iter()
            .find(|mode| mode.as_str().eq_ignore_ascii_case(text))
    }

    pub(crate) fn read(element: Element<'_, '_>) -> Result<Self, DecodeError> {
        let kind = || DecodeErrorKind::value("Block or Drop", element.trimmed());
        Self::parse(element.trimmed())
            .ok_or_else(|| DecodeError::new("BufferMode", element.offset(), kind()))
    }
}

/// Whether a client is there.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum ShellState {
    /// A client uses the shell.
    Connected,
    /// Nobody does; it can be taken over.
    Disconnected,
    /// Any other word.
    Other(String),
}

impl ShellState {
    /// The word on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Connected => "Connected",
            Self::Disconnected => "Disconnected",
            Self::Other(word) => word,
        }
    }

    /// The state that a word means, whatever its case.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let known = [Self::Connected, Self::Disconnected]
            .into_iter()
            .find(|s| s.as_str().eq_ignore_ascii_case(text));
        known.unwrap_or_else(|| Self::Other(text.to_owned()))
    }
}

pub(crate) fn write_environment(environment: &[(String, String)], writer: &mut XmlWriter) {
    if environment.is_empty() {
        return;
    }
    writer.start("rsp:Environment");
    for (name, value) in environment {
        writer
            .start("rsp:Variable")
            .attribute("Name", name)
            .text(value)
            .end("rsp:Variable");
    }
    writer.end("rsp:Environment");
}

pub(crate) fn read_environment(
    environment: Element<'_, '_>,
) -> Result<Vec<(String, String)>, DecodeError> {
    let variables = environment
        .children()
        .filter(|child| child.name() == "Variable");
    variables
        .map(|variable| {
            let missing = || {
                DecodeError::new(
                    "Variable",
                    variable.offset(),
                    DecodeErrorKind::Missing("Name"),
                )
            };
            let name = variable.attribute("Name").ok_or_else(missing)?;
            Ok((name.to_owned(), variable.text().to_owned()))
        })
        .collect()
}

/// An idle timeout has a fault of its own where it is wrong.
pub(crate) fn read_idle_timeout(element: Element<'_, '_>) -> Result<Duration, DecodeError> {
    let kind = || DecodeErrorKind::value("a duration", element.trimmed());
    parse_duration(element.trimmed())
        .ok_or_else(|| DecodeError::new("IdleTimeOut", element.offset(), kind()))
}
