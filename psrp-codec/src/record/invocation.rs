//! What ran when a record was written: the properties of an enriched record.

use crate::{
    CommandOrigin, CommandTypes, ContainerKind, DecodeError, Object, PsString,
    SessionStateEntryVisibility, TypeNames, Value,
    property::{Bag, OptionalProperty},
};

/// [2.2.3.15.1] InvocationInfo-specific Extended Properties: what ran, and where in the script.
///
/// They stand among the properties of the record itself. Values that the record refers to and
/// holds elsewhere ([`Value::Reference`]) are found with [`References`](crate::References) of the
/// whole record.
///
/// As to PowerShell, a text or an object that is missing is null, and an extent that nothing is
/// said of is none: servers before PowerShell 5 have fewer of these.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RecordInvocation {
    /// The parameters that were bound, by name.
    pub bound_parameters: Value,
    /// Who asked for the command.
    pub command_origin: CommandOrigin,
    /// The command takes input from the pipeline.
    pub expecting_input: bool,
    /// The name the command was called by.
    pub invocation_name: Option<PsString>,
    /// The line of the script.
    pub line: Option<PsString>,
    /// The column in that line, from 1.
    pub offset_in_line: i32,
    /// The number of the pipeline in the history.
    pub history_id: i64,
    /// How often each command of the pipeline had run; `None` for null.
    pub pipeline_iteration_info: Option<Vec<i32>>,
    /// How many commands the pipeline has.
    pub pipeline_length: i32,
    /// Which of them this is, from 1.
    pub pipeline_position: i32,
    /// The folder of the script.
    pub ps_script_root: Option<PsString>,
    /// The file of the script.
    pub ps_command_path: Option<PsString>,
    /// The place in words, with the line quoted.
    pub position_message: Option<PsString>,
    /// The line's number, from 1.
    pub script_line_number: i32,
    /// The file that holds the line.
    pub script_name: Option<PsString>,
    /// The arguments that were not bound.
    pub unbound_arguments: Value,
    /// Where the statement begins and ends.
    pub extent: Option<ScriptExtent>,
    /// The command.
    pub command: Option<CommandInfo>,
    /// What .NET calls the collection of the record's own `pipeline_iteration_info` where the
    /// record comes from; `None` for PowerShell 7's.
    pub iteration_type: Option<TypeNames>,
}

/// Where a statement begins and ends.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ScriptExtent {
    /// The file.
    pub file: Option<PsString>,
    /// The first line, from 1.
    pub start_line_number: i32,
    /// The first column, from 1.
    pub start_column_number: i32,
    /// The last line.
    pub end_line_number: i32,
    /// The column after the last.
    pub end_column_number: i32,
}

/// What a command is.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CommandInfo {
    /// Its kind.
    pub command_type: CommandTypes,
    /// How it is defined: the text of a script.
    pub definition: Option<PsString>,
    /// Its name.
    pub name: Option<PsString>,
    /// Whether clients may see it.
    pub visibility: SessionStateEntryVisibility,
}

impl RecordInvocation {
    /// Reads the properties of an enriched record, and the record's own `iteration`.
    pub(crate) fn read(
        bag: &Bag<'_, '_>,
        iteration: &'static str,
    ) -> Result<(Self, Vec<i32>), DecodeError> {
        let counts = match bag.list_or_null(iteration)? {
            Some(items) => bag.int32s(iteration, items)?,
            None => Vec::new(),
        };
        let names = bag.type_names(iteration);
        let read = Self {
            iteration_type: names.filter(|names| names[..] != INT32_COLLECTION),
            ..Self::read_own(bag)?
        };
        Ok((read, counts))
    }

    fn read_own(bag: &Bag<'_, '_>) -> Result<Self, DecodeError> {
        const ITERATION: &str = "InvocationInfo_PipelineIterationInfo";
        let extent = match bag.optional_bool("SerializeExtent")? {
            Some(true) => Some(ScriptExtent::read(bag)?),
            Some(false) | None => None,
        };
        let command = match bag.present("CommandInfo_CommandType")? {
            Some(_) => Some(CommandInfo::read(bag)?),
            None => None,
        };
        let iteration = match bag.list_or_missing(ITERATION)? {
            Some(items) => Some(bag.int32s(ITERATION, items)?),
            None => None,
        };
        Ok(Self {
            bound_parameters: bag.kept_or_null("InvocationInfo_BoundParameters"),
            command_origin: bag
                .enumeration("InvocationInfo_CommandOrigin", &CommandOrigin::TYPE)?
                .into(),
            expecting_input: bag.bool("InvocationInfo_ExpectingInput")?,
            invocation_name: bag.optional_string("InvocationInfo_InvocationName")?,
            line: bag.optional_string("InvocationInfo_Line")?,
            offset_in_line: bag.int32("InvocationInfo_OffsetInLine")?,
            history_id: bag.int64("InvocationInfo_HistoryId")?,
            pipeline_iteration_info: iteration,
            pipeline_length: bag.int32("InvocationInfo_PipelineLength")?,
            pipeline_position: bag.int32("InvocationInfo_PipelinePosition")?,
            ps_script_root: bag.optional_string("InvocationInfo_PSScriptRoot")?,
            ps_command_path: bag.optional_string("InvocationInfo_PSCommandPath")?,
            position_message: bag.optional_string("InvocationInfo_PositionMessage")?,
            script_line_number: bag.int32("InvocationInfo_ScriptLineNumber")?,
            script_name: bag.optional_string("InvocationInfo_ScriptName")?,
            unbound_arguments: bag.kept_or_null("InvocationInfo_UnboundArguments"),
            extent,
            command,
            iteration_type: None,
        })
    }

    /// Adds the properties to `record`, and the record's own `iteration`.
    pub(crate) fn write(&self, record: Object, iteration: &'static str, counts: &[i32]) -> Object {
        let names = self.iteration_type.as_deref();
        let counts = list_of(names.unwrap_or(&INT32_COLLECTION), counts);
        self.write_own(record).named(iteration, counts)
    }

    fn write_own(&self, record: Object) -> Object {
        let record = record
            .named(
                "InvocationInfo_BoundParameters",
                self.bound_parameters.clone(),
            )
            .named("InvocationInfo_CommandOrigin", self.command_origin)
            .named("InvocationInfo_ExpectingInput", self.expecting_input)
            .named(
                "InvocationInfo_InvocationName",
                self.invocation_name.clone(),
            )
            .named("InvocationInfo_Line", self.line.clone())
            .named("InvocationInfo_OffsetInLine", self.offset_in_line)
            .named("InvocationInfo_HistoryId", self.history_id)
            .named(
                "InvocationInfo_PipelineIterationInfo",
                self.pipeline_iteration_info
                    .as_ref()
                    .map(|counts| list_of(&INT32_ARRAY, counts)),
            )
            .named("InvocationInfo_PipelineLength", self.pipeline_length)
            .named("InvocationInfo_PipelinePosition", self.pipeline_position)
            .named("InvocationInfo_PSScriptRoot", self.ps_script_root.clone())
            .named("InvocationInfo_PSCommandPath", self.ps_command_path.clone())
            .named(
                "InvocationInfo_PositionMessage",
                self.position_message.clone(),
            )
            .named("InvocationInfo_ScriptLineNumber", self.script_line_number)
            .named("InvocationInfo_ScriptName", self.script_name.clone())
            .named(
                "InvocationInfo_UnboundArguments",
                self.unbound_arguments.clone(),
            );
        let record = match &self.extent {
            Some(extent) => extent.write(record),
            None => record,
        };
        let record = record.named("SerializeExtent", self.extent.is_some());
        match &self.command {
            Some(command) => command.write(record),
            None => record,
        }
    }
}

impl ScriptExtent {
    fn read(bag: &Bag<'_, '_>) -> Result<Self, DecodeError> {
        Ok(Self {
            file: bag.optional_string("ScriptExtent_File")?,
            start_line_number: bag.int32("ScriptExtent_StartLineNumber")?,
            start_column_number: bag.int32("ScriptExtent_StartColumnNumber")?,
            end_line_number: bag.int32("ScriptExtent_EndLineNumber")?,
            end_column_number: bag.int32("ScriptExtent_EndColumnNumber")?,
        })
    }

    fn write(&self, record: Object) -> Object {
        record
            .named("ScriptExtent_File", self.file.clone())
            .named("ScriptExtent_StartLineNumber", self.start_line_number)
            .named("ScriptExtent_StartColumnNumber", self.start_column_number)
            .named("ScriptExtent_EndLineNumber", self.end_line_number)
            .named("ScriptExtent_EndColumnNumber", self.end_column_number)
    }
}

impl CommandInfo {
    fn read(bag: &Bag<'_, '_>) -> Result<Self, DecodeError> {
        Ok(Self {
            command_type: bag
                .enumeration("CommandInfo_CommandType", &CommandTypes::TYPE)?
                .into(),
            definition: bag.optional_string("CommandInfo_Definition")?,
            name: bag.optional_string("CommandInfo_Name")?,
            visibility: bag
                .enumeration("CommandInfo_Visibility", &SessionStateEntryVisibility::TYPE)?
                .into(),
        })
    }

    fn write(&self, record: Object) -> Object {
        record
            .named("CommandInfo_CommandType", self.command_type)
            .named("CommandInfo_Definition", self.definition.clone())
            .named("CommandInfo_Name", self.name.clone())
            .named("CommandInfo_Visibility", self.visibility)
    }
}

fn list_of(type_names: &[PsString], numbers: &[i32]) -> Value {
    Value::container(
        type_names.iter().cloned(),
        ContainerKind::List,
        numbers.iter().copied(),
    )
}

const INT32_ARRAY: [PsString; 3] = [
    PsString::from_static("System.Int32[]"),
    PsString::from_static("System.Array"),
    PsString::from_static("System.Object"),
];
/// A read-only collection of integers in .NET 10, which PowerShell 7.5 and 7.6 were recorded on.
const INT32_COLLECTION: [PsString; 2] = [
    PsString::from_static(
        "System.Collections.ObjectModel.ReadOnlyCollection`1[[System.Int32, \
         System.Private.CoreLib, Version=10.0.0.0, Culture=neutral, \
         PublicKeyToken=7cec85d7bea7798e]]",
    ),
    PsString::from_static("System.Object"),
];
