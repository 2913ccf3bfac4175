//! Script blocks and statements.

use super::super::source::Extent;
use super::command::Pipeline;
use super::definition::{
    Attribute, FunctionDefinition, Parameter, TypeConstraint, TypeDefinition, UsingStatement,
};
use super::expression::{Expr, Variable};

/// A whole script, the body of a function, or what stands in `{ … }`.
#[derive(Clone, Debug, Default)]
pub struct ScriptBlock {
    /// For `{ … }` with the braces.
    pub extent: Extent,
    /// `using` lines; only a whole script has them.
    pub using: Vec<UsingStatement>,
    /// `#requires` lines; only a whole script has them.
    pub requirements: Option<Box<ScriptRequirements>>,
    /// `param( … )` and the attributes before it.
    pub param_block: Option<Box<ParamBlock>>,
    /// `dynamicparam { … }`.
    pub dynamic_param: Option<NamedBlock>,
    /// `begin { … }`.
    pub begin: Option<NamedBlock>,
    /// `process { … }`, or the whole body of a filter.
    pub process: Option<NamedBlock>,
    /// `end { … }`, or a body without named blocks.
    pub end: Option<NamedBlock>,
    /// `clean { … }`.
    pub clean: Option<NamedBlock>,
}

/// What `#requires` lines ask for.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ScriptRequirements {
    /// `-Version`.
    pub version: Option<Box<str>>,
    /// `-PSEdition`.
    pub editions: Vec<Box<str>>,
    /// `-Modules`, by name.
    pub modules: Vec<Box<str>>,
    /// `-RunAsAdministrator`.
    pub run_as_administrator: bool,
}

/// `param( … )` with the attributes before it, `[CmdletBinding()]` among them.
#[derive(Clone, Debug, Default)]
pub struct ParamBlock {
    /// From `param` to the closing parenthesis.
    pub extent: Extent,
    /// `[CmdletBinding()]`, `[OutputType()]` and such, in order.
    pub attributes: Vec<Attribute>,
    /// The parameters in order.
    pub parameters: Vec<Parameter>,
}

/// Which of the blocks of a script block it is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum BlockKind {
    /// `dynamicparam`.
    DynamicParam,
    /// `begin`.
    Begin,
    /// `process`.
    Process,
    /// `end`.
    End,
    /// `clean`.
    Clean,
}

/// One of the blocks that a script block consists of.
#[derive(Clone, Debug)]
pub struct NamedBlock {
    /// From the keyword; for an unnamed block, its statements.
    pub extent: Extent,
    /// Which one.
    pub kind: BlockKind,
    /// Whether the keyword was left out, as in most scripts.
    pub unnamed: bool,
    /// What it does.
    pub body: StatementBlock,
}

/// Statements one after the other, and the traps that guard them.
#[derive(Clone, Debug, Default)]
pub struct StatementBlock {
    /// With the braces or parentheses, if there are any.
    pub extent: Extent,
    /// In order; `trap` statements are not among them.
    pub statements: Vec<Statement>,
    /// `trap` statements, which guard the whole block wherever they stand in it.
    pub traps: Vec<TrapStatement>,
}

/// A statement.
#[derive(Clone, Debug)]
pub enum Statement {
    /// One pipeline, which may be a mere expression.
    Pipeline(Box<Pipeline>),
    /// `a && b || c`.
    Chain(Box<PipelineChain>),
    /// `$x = …`.
    Assignment(Box<Assignment>),
    /// `if`.
    If(Box<IfStatement>),
    /// `switch`.
    Switch(Box<SwitchStatement>),
    /// `for`.
    For(Box<ForStatement>),
    /// `foreach`.
    ForEach(Box<ForEachStatement>),
    /// `while`.
    While(Box<WhileStatement>),
    /// `do … while` and `do … until`.
    Do(Box<DoStatement>),
    /// `try`.
    Try(Box<TryStatement>),
    /// `throw`, with what is thrown.
    Throw(Box<Jump>),
    /// `return`, with its value.
    Return(Box<Jump>),
    /// `exit`, with its code.
    Exit(Box<Jump>),
    /// `break`; the value is the label: a bareword or any expression.
    Break(Box<Jump>),
    /// `continue`; the value is the label.
    Continue(Box<Jump>),
    /// `function`, `filter`.
    Function(Box<FunctionDefinition>),
    /// `class`, `enum`.
    Type(Box<TypeDefinition>),
    /// `data`.
    Data(Box<DataStatement>),
    /// What could not be understood; only beside an error.
    Error(Extent),
}

impl Statement {
    /// Where it stands.
    #[must_use]
    pub fn extent(&self) -> Extent {
        match self {
            Self::Pipeline(it) => it.extent,
            Self::Chain(it) => it.extent,
            Self::Assignment(it) => it.extent,
            Self::If(it) => it.extent,
            Self::Switch(it) => it.extent,
            Self::For(it) => it.extent,
            Self::ForEach(it) => it.extent,
            Self::While(it) => it.extent,
            Self::Do(it) => it.extent,
            Self::Try(it) => it.extent,
            Self::Throw(it)
            | Self::Return(it)
            | Self::Exit(it)
            | Self::Break(it)
            | Self::Continue(it) => it.extent,
            Self::Function(it) => it.extent,
            Self::Type(it) => it.extent,
            Self::Data(it) => it.extent,
            Self::Error(extent) => *extent,
        }
    }

    /// The expression, if the statement is nothing else: one element, no redirection, not in the background.
    #[must_use]
    pub fn as_expression(&self) -> Option<&Expr> {
        match self {
            Self::Pipeline(pipeline) => pipeline.as_expression(),
            _ => None,
        }
    }
}

/// `first && second || third`, or a single pipeline with `&` after such a chain.
#[derive(Clone, Debug)]
pub struct PipelineChain {
    /// The whole chain.
    pub extent: Extent,
    /// The first pipeline.
    pub first: Pipeline,
    /// The others, each with the operator before it.
    pub rest: Vec<(ChainOperator, Pipeline)>,
    /// Whether `&` follows: the chain runs as a job.
    pub background: bool,
}

/// What stands between two pipelines of a chain.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ChainOperator {
    /// `&&`: go on after success.
    And,
    /// `||`: go on after failure.
    Or,
}

/// `left operator right`.
#[derive(Clone, Debug)]
pub struct Assignment {
    /// The whole statement.
    pub extent: Extent,
    /// A variable, property, element, list of these, or one of these with types before it.
    pub left: Expr,
    /// How the value is joined with the old one.
    pub operator: AssignmentOperator,
    /// Where the operator stands.
    pub operator_extent: Extent,
    /// Any statement: `$x = if (…) { … }` is one.
    pub right: Statement,
}

/// The assignment operators.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum AssignmentOperator {
    /// `=`
    Assign,
    /// `+=`
    Add,
    /// `-=`
    Subtract,
    /// `*=`
    Multiply,
    /// `/=`
    Divide,
    /// `%=`
    Remainder,
    /// `??=`
    NullCoalesce,
}

/// `if`, `elseif`, `else`.
#[derive(Clone, Debug)]
pub struct IfStatement {
    /// The whole statement.
    pub extent: Extent,
    /// Condition and body of `if` and of each `elseif`.
    pub clauses: Vec<(Statement, StatementBlock)>,
    /// The body of `else`.
    pub otherwise: Option<StatementBlock>,
}

/// How `switch` compares.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum SwitchMatching {
    /// Equal; also `-exact`.
    #[default]
    Exact,
    /// `-wildcard`
    Wildcard,
    /// `-regex`
    Regex,
}

/// `switch`.
#[derive(Clone, Debug)]
pub struct SwitchStatement {
    /// With the label.
    pub extent: Extent,
    /// `:name` before it, without the colon.
    pub label: Option<Box<str>>,
    /// `-regex`, `-wildcard`, `-exact`.
    pub matching: SwitchMatching,
    /// `-casesensitive`
    pub case_sensitive: bool,
    /// `-file`: the condition names a file whose lines are the input.
    pub file: bool,
    /// What is looked at.
    pub condition: Statement,
    /// Each pattern and what it does.
    pub clauses: Vec<(Expr, StatementBlock)>,
    /// `default`.
    pub default: Option<StatementBlock>,
}

/// `for`.
#[derive(Clone, Debug)]
pub struct ForStatement {
    /// With the label.
    pub extent: Extent,
    /// `:name` before it, without the colon.
    pub label: Option<Box<str>>,
    /// Once, before the loop.
    pub initializer: Option<Statement>,
    /// Before each turn.
    pub condition: Option<Statement>,
    /// After each turn.
    pub iterator: Option<Statement>,
    /// The loop.
    pub body: StatementBlock,
}

/// `foreach`.
#[derive(Clone, Debug)]
pub struct ForEachStatement {
    /// With the label.
    pub extent: Extent,
    /// `:name` before it, without the colon.
    pub label: Option<Box<str>>,
    /// The loop variable.
    pub variable: Variable,
    /// What is gone through.
    pub collection: Statement,
    /// The loop.
    pub body: StatementBlock,
}

/// `while`.
#[derive(Clone, Debug)]
pub struct WhileStatement {
    /// With the label.
    pub extent: Extent,
    /// `:name` before it, without the colon.
    pub label: Option<Box<str>>,
    /// Before each turn.
    pub condition: Statement,
    /// The loop.
    pub body: StatementBlock,
}

/// `do { } while ()` and `do { } until ()`.
#[derive(Clone, Debug)]
pub struct DoStatement {
    /// With the label.
    pub extent: Extent,
    /// `:name` before it, without the colon.
    pub label: Option<Box<str>>,
    /// The loop.
    pub body: StatementBlock,
    /// `until`: the loop ends when the condition holds.
    pub until: bool,
    /// After each turn.
    pub condition: Statement,
}

/// `try`, `catch`, `finally`.
#[derive(Clone, Debug)]
pub struct TryStatement {
    /// The whole statement.
    pub extent: Extent,
    /// What is guarded.
    pub body: StatementBlock,
    /// In order.
    pub catches: Vec<CatchClause>,
    /// What always runs.
    pub finally: Option<StatementBlock>,
}

/// `catch [type], [type] { … }`.
#[derive(Clone, Debug)]
pub struct CatchClause {
    /// From `catch`.
    pub extent: Extent,
    /// None for a catch-all.
    pub types: Vec<TypeConstraint>,
    /// The handler.
    pub body: StatementBlock,
}

/// `trap [type] { … }`.
#[derive(Clone, Debug)]
pub struct TrapStatement {
    /// From `trap`.
    pub extent: Extent,
    /// What it traps; everything if left out.
    pub exception: Option<TypeConstraint>,
    /// The handler.
    pub body: StatementBlock,
}

/// A statement that leaves where it stands: `throw`, `return`, `exit`, `break`, `continue`.
#[derive(Clone, Debug)]
pub struct Jump {
    /// The whole statement.
    pub extent: Extent,
    /// The value, exit code or label. Labels are always expressions.
    pub value: Option<Statement>,
}

/// `data name -SupportedCommand a, b { … }`.
#[derive(Clone, Debug)]
pub struct DataStatement {
    /// The whole statement.
    pub extent: Extent,
    /// The variable that takes the result, if named.
    pub variable: Option<Box<str>>,
    /// After `-SupportedCommand`.
    pub supported_commands: Vec<Expr>,
    /// Statements of the restricted language.
    pub body: StatementBlock,
}
