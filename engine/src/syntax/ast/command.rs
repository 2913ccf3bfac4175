//! Pipelines, commands and redirections.

use super::super::source::Extent;
use super::expression::Expr;

/// Elements joined with `|`.
#[derive(Clone, Debug)]
pub struct Pipeline {
    /// The whole pipeline.
    pub extent: Extent,
    /// At least one, but for a pipeline beside an error.
    pub elements: Vec<PipelineElement>,
    /// Whether `&` follows: it runs as a job.
    pub background: bool,
}

impl Pipeline {
    /// The expression, if the pipeline is nothing else: one element, no redirection, not in the background.
    #[must_use]
    pub fn as_expression(&self) -> Option<&Expr> {
        match self.elements.as_slice() {
            [PipelineElement::Expression(only)]
                if only.redirections.is_empty() && !self.background =>
            {
                Some(&only.expression)
            }
            _ => None,
        }
    }
}

/// One stage of a pipeline. An expression can only be the first.
#[derive(Clone, Debug)]
pub enum PipelineElement {
    /// A command with its arguments.
    Command(Command),
    /// An expression.
    Expression(CommandExpression),
}

impl PipelineElement {
    /// Where it stands.
    #[must_use]
    pub fn extent(&self) -> Extent {
        match self {
            Self::Command(it) => it.extent,
            Self::Expression(it) => it.extent,
        }
    }
}

/// An expression as a stage of a pipeline.
#[derive(Clone, Debug)]
pub struct CommandExpression {
    /// With its redirections.
    pub extent: Extent,
    /// The expression.
    pub expression: Expr,
    /// `> file` and such.
    pub redirections: Vec<Redirection>,
}

/// A command with its arguments.
#[derive(Clone, Debug)]
pub struct Command {
    /// The whole command.
    pub extent: Extent,
    /// `&`, `.` or nothing before the name.
    pub invocation: InvocationOperator,
    /// The name (a string of kind [`BareWord`](super::StringKind::BareWord) or any expression after `&` or `.`), then the arguments.
    pub elements: Vec<CommandElement>,
    /// `> file` and such, in order.
    pub redirections: Vec<Redirection>,
}

impl Command {
    /// The name if it stands there as it is: a bareword or a string in quotes without anything to expand.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self.elements.first() {
            Some(CommandElement::Argument(expr)) => expr.as_string(),
            _ => None,
        }
    }
}

/// What stands before the name of a command.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum InvocationOperator {
    /// Nothing.
    #[default]
    None,
    /// `&`: in a new scope.
    Call,
    /// `.`: in the scope of the caller.
    Dot,
}

/// A word of a command.
#[derive(Clone, Debug)]
pub enum CommandElement {
    /// `-name` or `-name:value`.
    Parameter(CommandParameter),
    /// The name of the command or an argument. A bareword is a string of kind [`BareWord`](super::StringKind::BareWord);
    /// `@name` is a variable that is splatted; `a,b` an array literal.
    Argument(Expr),
    /// The first `--`: what follows are arguments even if they look like parameters.
    EndOfParameters(Extent),
    /// `--%`: the rest of the line, if any, follows as one bareword and is not looked at.
    StopParsing(Extent),
}

impl CommandElement {
    /// Where it stands.
    #[must_use]
    pub fn extent(&self) -> Extent {
        match self {
            Self::Parameter(it) => it.extent,
            Self::Argument(it) => it.extent,
            Self::EndOfParameters(extent) | Self::StopParsing(extent) => *extent,
        }
    }
}

/// `-name` or `-name:value`.
#[derive(Clone, Debug)]
pub struct CommandParameter {
    /// With the value.
    pub extent: Extent,
    /// Dash, name and colon.
    pub name_extent: Extent,
    /// Without dash and colon.
    pub name: Box<str>,
    /// What follows the colon. Native commands want to know whether white space was between: compare the extents.
    pub argument: Option<Expr>,
}

/// `> file`, `2>> file`, `2>&1`.
#[derive(Clone, Debug)]
pub struct Redirection {
    /// The whole redirection.
    pub extent: Extent,
    /// Which stream.
    pub from: RedirectionStream,
    /// Where it goes.
    pub target: RedirectionTarget,
}

/// Where a redirected stream goes.
#[derive(Clone, Debug)]
pub enum RedirectionTarget {
    /// Into a file.
    File {
        /// Whether `>>` adds to it.
        append: bool,
        /// Its name.
        location: Expr,
    },
    /// Into another stream.
    Merge(RedirectionStream),
}

/// The streams of a command.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum RedirectionStream {
    /// `*`
    All,
    /// `1`
    Output,
    /// `2`
    Error,
    /// `3`
    Warning,
    /// `4`
    Verbose,
    /// `5`
    Debug,
    /// `6`
    Information,
}
