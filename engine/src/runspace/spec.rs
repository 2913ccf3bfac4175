//! What a runspace is asked to run: a pipeline in the structure that a client sent, never glued to text.

use crate::value::{Text, Value};

/// A request to run something.
pub struct PipelineSpec {
    /// The statements, each a pipeline of commands.
    pub statements: Vec<Vec<CommandInvocation>>,
    /// The line to put into the history, if any.
    pub history: Option<Text>,
    /// Whether this runs while another pipeline of the runspace waits.
    pub is_nested: bool,
    /// What comes down the first pipeline.
    pub input: Option<Box<dyn InputSource>>,
    /// Values that the client sent for `$using:` expressions, by the text of the expression in lower case.
    pub using: Vec<(Text, Value)>,
}

/// A command or script of a pipeline.
#[derive(Clone, Debug, Default)]
pub struct CommandInvocation {
    /// The name of a command, or the text of a script.
    pub command: Text,
    /// Whether `command` is the text of a script.
    pub is_script: bool,
    /// Whether a script gets a scope of its own.
    pub use_local_scope: Option<bool>,
    /// The arguments in order.
    pub arguments: Vec<Argument>,
    /// Where the streams go: index 2 for errors to 6 for information.
    pub merges: [Merge; 7],
    /// Whether errors of the commands before this one flow into its input.
    pub merge_previous: bool,
}

/// An argument: named, positional, or a switch.
#[derive(Clone, Debug)]
pub struct Argument {
    /// The parameter, without dash and colon; `None` for a positional argument.
    pub name: Option<Text>,
    /// The value; `None` for a parameter that stands alone.
    pub value: Option<Value>,
}

/// Where a stream of a command goes.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Merge {
    /// Where it goes by itself.
    #[default]
    None,
    /// Into the output.
    Output,
    /// Nowhere.
    Null,
}

/// Objects that come from outside while the pipeline runs.
pub trait InputSource: Send {
    /// Waits for the next object; `None` at the end, or when the wait was broken off because the pipeline stops.
    fn next(&mut self) -> Option<Value>;
}

/// An input without objects, for pipelines whose first command should nevertheless expect input.
#[derive(Clone, Copy, Debug)]
pub struct NoInput;

impl InputSource for NoInput {
    fn next(&mut self) -> Option<Value> {
        None
    }
}

impl PipelineSpec {
    /// A pipeline that is one script without arguments, as `AddScript` makes it.
    #[must_use]
    pub fn script(text: impl Into<Text>) -> Self {
        let command = CommandInvocation {
            command: text.into(),
            is_script: true,
            ..CommandInvocation::default()
        };
        Self {
            statements: vec![vec![command]],
            history: None,
            is_nested: false,
            input: None,
            using: Vec::new(),
        }
    }
}

impl CommandInvocation {
    /// A command by name.
    #[must_use]
    pub fn named(name: impl Into<Text>) -> Self {
        Self {
            command: name.into(),
            ..Self::default()
        }
    }

    /// Adds a named argument.
    #[must_use]
    pub fn parameter(mut self, name: impl Into<Text>, value: impl Into<Value>) -> Self {
        self.arguments.push(Argument {
            name: Some(name.into()),
            value: Some(value.into()),
        });
        self
    }

    /// Adds a positional argument.
    #[must_use]
    pub fn argument(mut self, value: impl Into<Value>) -> Self {
        self.arguments.push(Argument {
            name: None,
            value: Some(value.into()),
        });
        self
    }
}

impl std::fmt::Debug for PipelineSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PipelineSpec")
            .field("statements", &self.statements)
            .field("is_nested", &self.is_nested)
            .finish_non_exhaustive()
    }
}
