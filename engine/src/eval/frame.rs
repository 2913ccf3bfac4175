//! A call of a function or script block as scripts see it: `$MyInvocation`, `$args`, `$PSBoundParameters`, `$PSCmdlet`.

use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use super::source::Position;
use crate::value::{ClrLike, Hashtable, PropertyInfo, Raise, Text, TypeId, TypeRef, Value};

/// What a scope knows of the call that it belongs to.
#[derive(Debug, Default)]
pub(crate) struct Frame {
    /// `$args`: what no parameter took.
    pub(crate) rest: RwLock<Vec<Value>>,
    /// Arguments by parameter name.
    pub(crate) bound: Arc<Hashtable>,
    pub(crate) invocation: Arc<InvocationInfo>,
    /// `$input`
    pub(crate) input: RwLock<Vec<Value>>,
    /// `$PSCmdlet`, for advanced functions.
    pub(crate) cmdlet: OnceLock<Value>,
}

impl Frame {
    pub(crate) fn set_input(&self, items: Vec<Value>) {
        *self.input.write().unwrap_or_else(PoisonError::into_inner) = items;
    }

    pub(crate) fn input(&self) -> Vec<Value> {
        self.input
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn rest(&self) -> Vec<Value> {
        self.rest
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// `System.Management.Automation.InvocationInfo`.
#[derive(Debug, Default)]
pub struct InvocationInfo {
    /// The command; null where no command is to blame.
    pub(crate) command: Value,
    pub(crate) name: Text,
    pub(crate) position: Option<Position>,
    pub(crate) pipeline_length: i32,
    pub(crate) pipeline_position: i32,
    pub(crate) expects_input: bool,
    pub(crate) bound: OnceLock<Arc<Hashtable>>,
    pub(crate) unbound: OnceLock<Vec<Value>>,
    pub(crate) script_path: Option<Text>,
}

impl InvocationInfo {
    /// ScriptLineNumber; 0 without a position.
    #[must_use]
    pub fn line_number(&self) -> u32 {
        self.position.as_ref().map_or(0, Position::line_number)
    }

    /// OffsetInLine; 0 without a position.
    #[must_use]
    pub fn offset_in_line(&self) -> u32 {
        self.position.as_ref().map_or(0, Position::column)
    }

    /// The same invocation with another place to blame.
    pub(crate) fn at(&self, position: Option<Position>) -> Self {
        Self {
            command: self.command.clone(),
            name: self.name.clone(),
            position,
            pipeline_length: self.pipeline_length,
            pipeline_position: self.pipeline_position,
            expects_input: self.expects_input,
            bound: self.bound.clone(),
            unbound: self.unbound.clone(),
            script_path: self.script_path.clone(),
        }
    }

    /// PositionMessage; empty without a position.
    #[must_use]
    pub fn position_message(&self) -> Text {
        self.position
            .as_ref()
            .map_or_else(Text::default, |position| position.message().into())
    }
}

impl ClrLike for InvocationInfo {
    fn type_ref(&self) -> TypeRef {
        TypeRef::of(TypeId::InvocationInfo)
    }

    fn properties(&self) -> Vec<PropertyInfo> {
        [
            (
                "MyCommand",
                "System.Management.Automation.CommandInfo",
                false,
            ),
            (
                "BoundParameters",
                "System.Collections.Generic.Dictionary[string,Object]",
                false,
            ),
            (
                "UnboundArguments",
                "System.Collections.Generic.List[Object]",
                false,
            ),
            ("ScriptLineNumber", "System.Int32", false),
            ("OffsetInLine", "System.Int32", false),
            ("HistoryId", "System.Int64", false),
            ("ScriptName", "System.String", false),
            ("Line", "System.String", false),
            ("Statement", "System.String", false),
            ("PositionMessage", "System.String", false),
            ("PSScriptRoot", "System.String", false),
            ("PSCommandPath", "System.String", false),
            ("InvocationName", "System.String", false),
            ("PipelineLength", "System.Int32", false),
            ("PipelinePosition", "System.Int32", false),
            ("ExpectingInput", "System.Boolean", false),
            (
                "CommandOrigin",
                "System.Management.Automation.CommandOrigin",
                false,
            ),
            (
                "DisplayScriptPosition",
                "System.Management.Automation.Language.IScriptExtent",
                true,
            ),
        ]
        .map(|(name, type_name, settable)| PropertyInfo {
            name,
            type_name,
            settable,
        })
        .into()
    }

    fn property(&self, name: &str) -> Option<Result<Value, Raise>> {
        let number = |number: u32| Value::Int32(i32::try_from(number).unwrap_or(i32::MAX));
        let value = match name.to_ascii_lowercase().as_str() {
            "mycommand" => self.command.clone(),
            "boundparameters" => self.bound.get().map_or_else(
                || Value::Hash(Arc::new(Hashtable::new())),
                |bound| Value::Hash(Arc::clone(bound)),
            ),
            "unboundarguments" => {
                Value::array_list(self.unbound.get().cloned().unwrap_or_default())
            }
            "scriptlinenumber" => number(self.line_number()),
            "offsetinline" => number(self.offset_in_line()),
            "historyid" => Value::Int64(1),
            "scriptname" => self
                .position
                .as_ref()
                .and_then(|position| position.source.file().map(Value::from))
                .unwrap_or_else(|| "".into()),
            "line" => self
                .position
                .as_ref()
                .map_or_else(|| "".into(), |position| position.line().into()),
            "statement" => self
                .position
                .as_ref()
                .map_or_else(|| "".into(), |position| position.text().into()),
            "positionmessage" => Value::String(self.position_message()),
            "psscriptroot" => Value::String(
                self.script_path
                    .as_ref()
                    .map_or_else(Text::default, |path| {
                        path.rsplit_once('/').map_or("", |(root, _)| root).into()
                    }),
            ),
            "pscommandpath" => self.script_path.clone().map_or(Value::Null, Value::String),
            "invocationname" => Value::String(self.name.clone()),
            "pipelinelength" => Value::Int32(self.pipeline_length),
            "pipelineposition" => Value::Int32(self.pipeline_position),
            "expectinginput" => Value::Bool(self.expects_input),
            "commandorigin" => Value::enumeration("System.Management.Automation.CommandOrigin", 1)
                .unwrap_or_default(),
            "displayscriptposition" => Value::Null,
            _ => return None,
        };
        Some(Ok(value))
    }
}
