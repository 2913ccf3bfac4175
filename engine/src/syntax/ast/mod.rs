//! The tree that a script parses to: the names are those of PowerShell's own tree, without `Ast`.
//!
//! Every node knows its [`Extent`](super::Extent); [`SourceText::text`](super::SourceText::text) gives the words back.
//! Names keep the letters of the script; comparing them without regard to case is the reader's part.

mod command;
mod definition;
mod expression;
mod statement;

pub use command::{
    Command, CommandElement, CommandExpression, CommandParameter, InvocationOperator, Pipeline,
    PipelineElement, Redirection, RedirectionStream, RedirectionTarget,
};
pub use definition::{
    Attribute, AttributeOrType, EnumMember, FunctionDefinition, FunctionKind, FunctionMember,
    MemberModifiers, NamedArgument, Parameter, PropertyMember, TypeConstraint, TypeDefinition,
    TypeKind, TypeMember, UsingKind, UsingStatement,
};
pub use expression::{
    ArrayDimensions, BinaryOperator, Expr, ExprKind, HashEntry, IndexExpression, InvokeExpression,
    MemberExpression, Number, StringKind, StringPart, TypeName, TypeNameKind, UnaryOperator,
    Variable, VariableScope,
};
pub use statement::{
    Assignment, AssignmentOperator, BlockKind, CatchClause, ChainOperator, DataStatement,
    DoStatement, ForEachStatement, ForStatement, IfStatement, Jump, NamedBlock, ParamBlock,
    PipelineChain, ScriptBlock, ScriptRequirements, Statement, StatementBlock, SwitchMatching,
    SwitchStatement, TrapStatement, TryStatement, WhileStatement,
};
