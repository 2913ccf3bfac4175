//! The commands of a pipeline, as a client puts them together.

use base64_simd::STANDARD as BASE64;

use crate::{
    ContainerKind, Content, DecodeError, DecodeErrorKind, Object, PipelineResultTypes, PsString,
    References, TypeNames, Value, Version,
    property::{Bag, OptionalProperty},
};

/// [2.2.3.11] PowerShell: the statements that a pipeline runs one after another.
#[derive(Clone, Debug, PartialEq)]
pub struct PowerShell {
    /// The statements, each a pipeline of commands. At least one, as is each of them.
    pub statements: Vec<Vec<Command>>,
    /// Runs within another pipeline of the same runspace.
    pub is_nested: bool,
    /// What the history shows for it.
    pub history: Option<PsString>,
    /// Errors of the last command's output pipe go to the error stream.
    pub redirect_shell_error_output_pipe: bool,
    /// What .NET calls the lists of commands and arguments where they come from; it carries the
    /// version of PowerShell.
    pub list_type_names: Option<TypeNames>,
}

impl PowerShell {
    /// One statement of `commands`.
    #[must_use]
    pub fn pipeline(commands: Vec<Command>) -> Self {
        Self {
            statements: vec![commands],
            is_nested: false,
            history: None,
            redirect_shell_error_output_pipe: true,
            list_type_names: Some(TypeNames::of(COMMAND_LIST)),
        }
    }

    /// One script.
    #[must_use]
    pub fn script(text: impl Into<PsString>) -> Self {
        Self::pipeline(vec![Command::script(text)])
    }

    pub(crate) fn read<'v>(
        value: &'v Value,
        references: &References<'v>,
    ) -> Result<Self, DecodeError> {
        let bag = Bag::open(ITEM, value, references)?;
        let first = Command::read_all(bag.list("Cmds")?, references)?;
        let extra = bag.list_or_missing("ExtraCmds")?;
        // The extra commands hold every statement, the first one again.
        let statements = match extra {
            None | Some([]) => vec![first],
            Some(extra) => extra
                .iter()
                .map(|statement| {
                    let statement = Bag::open(ITEM, statement, references)?;
                    Command::read_all(statement.list("Cmds")?, references)
                })
                .collect::<Result<_, _>>()?,
        };
        if statements.iter().any(Vec::is_empty) {
            return Err(DecodeError::in_value(
                ITEM,
                DecodeErrorKind::Malformed("a statement has no commands"),
            ));
        }
        Ok(Self {
            statements,
            is_nested: bag.bool("IsNested")?,
            history: bag.string_or_null("History")?,
            redirect_shell_error_output_pipe: bag.bool("RedirectShellErrorOutputPipe")?,
            list_type_names: bag.type_names("Cmds"),
        })
    }

    pub(crate) fn to_value(&self) -> Value {
        let list = |commands: &[Command]| {
            self.list(commands.iter().map(|each| each.to_value(self)).collect())
        };
        let extra = (self.statements.len() > 1).then(|| {
            let statements = self.statements.iter();
            self.list(
                statements
                    .map(|statement| Object::bag().named("Cmds", list(statement)).into())
                    .collect(),
            )
        });
        let first = self.statements.first().map(Vec::as_slice);
        Object::bag()
            .optional_property("ExtraCmds", extra)
            .named("Cmds", list(first.unwrap_or_default()))
            .named("IsNested", self.is_nested)
            .named("History", self.history.clone())
            .named(
                "RedirectShellErrorOutputPipe",
                self.redirect_shell_error_output_pipe,
            )
            .into()
    }

    fn list(&self, items: Vec<Value>) -> Value {
        Object::wrapping(Content::Items(ContainerKind::List, items))
            .typed_if(self.list_type_names.clone())
            .into()
    }
}

/// [2.2.3.12] Command: a command by name, or a script.
#[derive(Clone, Debug, PartialEq)]
pub struct Command {
    /// The name of the command, or the text of the script.
    pub text: PsString,
    /// A script, not a name.
    pub is_script: bool,
    /// The script gets a scope of its own; `None` leaves that to the server.
    pub use_local_scope: Option<bool>,
    /// Which streams go where.
    pub merges: CommandMerges,
    /// The arguments, in their order.
    pub arguments: Vec<Argument>,
}

impl Command {
    /// The command `name`.
    #[must_use]
    pub fn new(name: impl Into<PsString>) -> Self {
        Self {
            text: name.into(),
            is_script: false,
            use_local_scope: None,
            merges: CommandMerges::default(),
            arguments: Vec::new(),
        }
    }

    /// The script `text`.
    #[must_use]
    pub fn script(text: impl Into<PsString>) -> Self {
        Self {
            is_script: true,
            ..Self::new(text)
        }
    }

    /// The same command with one more argument without a name.
    #[must_use]
    pub fn argument(mut self, value: impl Into<Value>) -> Self {
        self.arguments.push(Argument {
            name: None,
            value: value.into(),
        });
        self
    }

    /// The same command with one more named parameter.
    #[must_use]
    pub fn parameter(mut self, name: impl Into<PsString>, value: impl Into<Value>) -> Self {
        self.arguments.push(Argument {
            name: Some(name.into()),
            value: value.into(),
        });
        self
    }

    /// The same command with a switch set.
    #[must_use]
    pub fn switch(self, name: impl Into<PsString>) -> Self {
        self.parameter(name, true)
    }

    fn read_all<'v>(
        commands: &'v [Value],
        references: &References<'v>,
    ) -> Result<Vec<Self>, DecodeError> {
        let commands = commands.iter();
        commands.map(|each| Self::read(each, references)).collect()
    }

    fn read<'v>(value: &'v Value, references: &References<'v>) -> Result<Self, DecodeError> {
        let bag = Bag::open("Command", value, references)?;
        let arguments = bag.list("Args")?.iter();
        Ok(Self {
            text: bag.string("Cmd")?,
            is_script: bag.bool("IsScript")?,
            use_local_scope: bag.bool_or_null("UseLocalScope")?,
            merges: CommandMerges::read(&bag)?,
            arguments: arguments
                .map(|each| Argument::read(each, references))
                .collect::<Result<_, _>>()?,
        })
    }

    fn to_value(&self, within: &PowerShell) -> Value {
        let bag = Object::bag()
            .named("Cmd", self.text.clone())
            .named("IsScript", self.is_script)
            .named("UseLocalScope", self.use_local_scope);
        let arguments = self.arguments.iter().map(Argument::to_value).collect();
        self.merges
            .write(bag)
            .named("Args", within.list(arguments))
            .into()
    }
}

/// Which streams of a command go where.
///
/// Version 2 of PowerShell can only send errors to the output; that is the first pair. Later
/// peers have a target for each stream, which counts instead.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CommandMerges {
    /// `MergeMyResult`: the stream that goes elsewhere; errors or none.
    pub my_result: PipelineResultTypes,
    /// `MergeToResult`: where it goes; output or none.
    pub to_result: PipelineResultTypes,
    /// `MergePreviousResults`: what the commands before this one hand on to it.
    pub previous_results: PipelineResultTypes,
    /// The targets of four streams; `None` towards peers before protocol version 2.2.
    pub streams: Option<StreamMerges>,
    /// The target of information records; `None` towards peers before 2.3.
    pub information: Option<PipelineResultTypes>,
}

/// Where four streams of a command go: nowhere else, to the output, or away.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct StreamMerges {
    /// Errors.
    pub error: PipelineResultTypes,
    /// Warnings.
    pub warning: PipelineResultTypes,
    /// Verbose messages.
    pub verbose: PipelineResultTypes,
    /// Debug messages.
    pub debug: PipelineResultTypes,
}

/// Nothing is merged, said as PowerShell says it from protocol version 2.3 on.
impl Default for CommandMerges {
    fn default() -> Self {
        Self {
            my_result: PipelineResultTypes::NONE,
            to_result: PipelineResultTypes::NONE,
            previous_results: PipelineResultTypes::NONE,
            streams: Some(StreamMerges::default()),
            information: Some(PipelineResultTypes::NONE),
        }
    }
}

impl CommandMerges {
    /// Errors go to the output.
    #[must_use]
    pub fn error_to_output() -> Self {
        Self {
            my_result: PipelineResultTypes::ERROR,
            to_result: PipelineResultTypes::OUTPUT,
            streams: Some(StreamMerges {
                error: PipelineResultTypes::OUTPUT,
                ..StreamMerges::default()
            }),
            ..Self::default()
        }
    }

    /// The same merges in the form that a peer of this protocol version reads; `None` when that
    /// version cannot say them.
    #[must_use]
    pub fn for_version(mut self, version: Version) -> Option<Self> {
        if version < Version::new(2, 3) {
            let information = self.information.take();
            if information.is_some_and(|target| target != PipelineResultTypes::NONE) {
                return None;
            }
        }
        if version < Version::new(2, 2) {
            let streams = self.streams.take().unwrap_or_default();
            let sayable = StreamMerges {
                error: streams.error,
                ..StreamMerges::default()
            };
            let error = self.my_result == PipelineResultTypes::ERROR;
            let same_error = streams.error == PipelineResultTypes::NONE
                || streams.error == self.to_result && error;
            if streams != sayable || !same_error {
                return None;
            }
        }
        Some(self)
    }

    fn read(bag: &Bag<'_, '_>) -> Result<Self, DecodeError> {
        let required = |name| -> Result<PipelineResultTypes, DecodeError> {
            Ok(bag.enumeration(name, &PipelineResultTypes::TYPE)?.into())
        };
        let optional = |name| -> Result<Option<PipelineResultTypes>, DecodeError> {
            let number = bag.optional_enumeration(name, &PipelineResultTypes::TYPE)?;
            Ok(number.map(PipelineResultTypes::new))
        };
        let streams = [
            optional("MergeError")?,
            optional("MergeWarning")?,
            optional("MergeVerbose")?,
            optional("MergeDebug")?,
        ];
        let none = PipelineResultTypes::NONE;
        let streams = streams.iter().any(Option::is_some).then(|| {
            let [error, warning, verbose, debug] = streams.map(|each| each.unwrap_or(none));
            StreamMerges {
                error,
                warning,
                verbose,
                debug,
            }
        });
        let read = Self {
            my_result: required("MergeMyResult")?,
            to_result: required("MergeToResult")?,
            previous_results: required("MergePreviousResults")?,
            streams,
            information: optional("MergeInformation")?,
        };
        read.check()
    }

    /// PowerShell refuses pairs that it could not carry out.
    fn check(self) -> Result<Self, DecodeError> {
        use PipelineResultTypes as T;
        let pair_is_possible = match (self.my_result, self.to_result) {
            (T::NONE, T::NONE) => true,
            (T::NONE | T::OUTPUT, _) => false,
            (T::ERROR, to) => to == T::OUTPUT,
            (_, to) => to == T::OUTPUT || to == T::NULL,
        };
        if pair_is_possible {
            Ok(self)
        } else {
            Err(DecodeError::in_value(
                "Command",
                DecodeErrorKind::InvalidValue(format!(
                    "merging {} to {}",
                    self.my_result, self.to_result
                )),
            ))
        }
    }

    fn write(&self, command: Object) -> Object {
        let mut command = command
            .named("MergeMyResult", self.my_result)
            .named("MergeToResult", self.to_result)
            .named("MergePreviousResults", self.previous_results);
        if let Some(streams) = &self.streams {
            command = command
                .named("MergeError", streams.error)
                .named("MergeWarning", streams.warning)
                .named("MergeVerbose", streams.verbose)
                .named("MergeDebug", streams.debug);
        }
        command.optional_property("MergeInformation", self.information)
    }
}

/// [2.2.3.13] Command Parameter: an argument, with a name or without.
///
/// A client may send an object once and refer to it from further arguments
/// ([`Value::Reference`]); [`References::within`] finds it among them.
#[derive(Clone, Debug, PartialEq)]
pub struct Argument {
    /// The name as the client wrote it: `Year`, `-Year` or `-Year:`. See
    /// [`parameter_name`](Self::parameter_name).
    pub name: Option<PsString>,
    /// The value; null for a name alone.
    pub value: Value,
}

impl Argument {
    /// The values of the `$using:` expressions of a script, by the text of the expression, such
    /// as `$using:path`, in lower case.
    #[must_use]
    pub fn using<'a>(values: impl IntoIterator<Item = (&'a str, Value)>) -> Self {
        const DICTIONARY: [PsString; 2] = [
            PsString::from_static(
                "System.Collections.Generic.Dictionary`2[[System.String, System.Private.CoreLib, \
                 Version=10.0.0.0, Culture=neutral, PublicKeyToken=7cec85d7bea7798e],\
                 [System.Object, System.Private.CoreLib, Version=10.0.0.0, Culture=neutral, \
                 PublicKeyToken=7cec85d7bea7798e]]",
            ),
            PsString::from_static("System.Object"),
        ];
        let entries = values.into_iter().map(|(expression, value)| {
            let units = expression.encode_utf16();
            let bytes: Vec<u8> = units.flat_map(u16::to_le_bytes).collect();
            (BASE64.encode_to_string(bytes), value)
        });
        Self {
            name: Some(PsString::from_static(USING)),
            value: Value::dictionary(DICTIONARY, entries),
        }
    }

    /// The values of the script's `$using:` expressions, by the text of the expression, if that
    /// is what this argument carries. A key that is no such text is passed over.
    #[must_use]
    pub fn using_values(&self) -> Option<Vec<(PsString, &Value)>> {
        let name = self.name.as_ref()?;
        let entries = self.value.entries().filter(|_| *name == USING)?;
        Some(
            entries
                .iter()
                .filter_map(|(key, value)| {
                    let bytes = BASE64.decode_to_vec(key.as_str()?).ok()?;
                    let (pairs, []) = bytes.as_chunks::<2>() else {
                        return None;
                    };
                    let units: Vec<u16> =
                        pairs.iter().map(|pair| u16::from_le_bytes(*pair)).collect();
                    Some((PsString::from_utf16(&units), value))
                })
                .collect(),
        )
    }

    /// The name of the parameter without the dash and the colon that a client may send with it.
    #[must_use]
    pub fn parameter_name(&self) -> Option<&str> {
        let name = self.name.as_ref()?.as_str()?;
        let name = name.strip_prefix('-').unwrap_or(name);
        Some(name.strip_suffix(':').unwrap_or(name))
    }

    fn read<'v>(value: &'v Value, references: &References<'v>) -> Result<Self, DecodeError> {
        let bag = Bag::open("Command Parameter", value, references)?;
        Ok(Self {
            name: bag.string_or_null("N")?,
            value: bag.kept("V")?,
        })
    }

    fn to_value(&self) -> Value {
        Object::bag()
            .named("N", self.name.clone())
            .named("V", self.value.clone())
            .into()
    }
}

const ITEM: &str = "PowerShell";
/// The name of the argument that carries the values of `$using:` expressions.
const USING: &str = "--%";
/// What PowerShell 7.6 calls a list of commands.
const COMMAND_LIST: [PsString; 2] = [
    PsString::from_static(
        "System.Collections.Generic.List`1[[System.Management.Automation.PSObject, \
         System.Management.Automation, Version=7.6.0.500, Culture=neutral, \
         PublicKeyToken=31bf3856ad364e35]]",
    ),
    PsString::from_static("System.Object"),
];
