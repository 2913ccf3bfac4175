//! The lowered tree: what the evaluator walks. Names are symbols, constants are values, arguments are classified.

#![expect(
    dead_code,
    reason = "the tree keeps what was written; classes, jobs and dynamic parameters will read the rest"
)]

use std::sync::{Arc, OnceLock};

use super::source::Position;
use super::symbol::Symbol;
use crate::syntax::ast::BinaryOperator;
use crate::syntax::{Extent, SourceText};
use crate::value::{Text, TypeRef, Value};

/// A script block, function body or whole script.
#[derive(Debug)]
pub(crate) struct Block {
    pub(crate) source: SourceText,
    /// From brace to brace, or the whole text.
    pub(crate) span: Extent,
    /// What stands between the braces.
    pub(crate) inner: Extent,
    pub(crate) parameters: Vec<ParameterNode>,
    /// `[CmdletBinding()]`, or implied by a `[Parameter()]`.
    pub(crate) binding: Option<BindingNode>,
    pub(crate) has_parameter_block: bool,
    pub(crate) dynamic: Option<Body>,
    pub(crate) begin: Option<Body>,
    pub(crate) process: Option<Body>,
    pub(crate) end: Option<Body>,
    pub(crate) clean: Option<Body>,
    /// `[OutputType()]` and the like, kept for metadata.
    pub(crate) attributes: Vec<AttributeNode>,
    /// Whether any of the named blocks was written out.
    pub(crate) named_blocks: bool,
    /// What the binder knows, worked out at the first call.
    pub(crate) meta: OnceLock<Arc<super::meta::CommandMeta>>,
}

/// What `[CmdletBinding()]` says.
#[derive(Clone, Debug)]
pub(crate) struct BindingNode {
    pub(crate) default_set: Option<Text>,
    pub(crate) positional: bool,
    pub(crate) should_process: bool,
    pub(crate) confirm_impact: Option<Text>,
}

/// A parameter of a function or script block.
#[derive(Debug)]
pub(crate) struct ParameterNode {
    pub(crate) name: Symbol,
    pub(crate) text: Text,
    pub(crate) span: Extent,
    /// The innermost type constraint.
    pub(crate) ty: Option<Arc<TypeNode>>,
    /// All type constraints and attributes, outermost first.
    pub(crate) attributes: Vec<AttributeNode>,
    pub(crate) default: Option<Expr>,
}

/// `[Parameter(Mandatory, Position = 0)]`, `[ValidateRange(1, 5)]`, `[int]` before a variable …
#[derive(Debug)]
pub(crate) struct AttributeNode {
    /// Without a closing `Attribute`, as it was written otherwise.
    pub(crate) name: Text,
    pub(crate) span: Extent,
    /// Set for a plain type.
    pub(crate) ty: Option<Arc<TypeNode>>,
    pub(crate) positional: Vec<Expr>,
    /// Name and value; no value means true.
    pub(crate) named: Vec<(Text, Option<Expr>)>,
}

/// The name of a type, resolved at its first use.
#[derive(Debug)]
pub(crate) struct TypeNode {
    pub(crate) name: Text,
    pub(crate) span: Extent,
    pub(crate) resolved: OnceLock<TypeRef>,
}

/// Statements with the traps of their block.
#[derive(Debug, Default)]
pub(crate) struct Body {
    pub(crate) span: Extent,
    pub(crate) statements: Vec<Stmt>,
    pub(crate) traps: Vec<CatchNode>,
}

#[derive(Debug)]
pub(crate) struct Stmt {
    pub(crate) span: Extent,
    pub(crate) kind: StmtKind,
}

#[derive(Debug)]
pub(crate) enum StmtKind {
    Pipeline(PipelineNode),
    Chain(ChainNode),
    Assign(Box<AssignNode>),
    If {
        clauses: Vec<(Stmt, Body)>,
        otherwise: Option<Body>,
    },
    Loop(Box<LoopNode>),
    For(Box<ForNode>),
    ForEach(Box<ForEachNode>),
    Switch(Box<SwitchNode>),
    Try(Box<TryNode>),
    Throw(Option<Box<Stmt>>),
    Return(Option<Box<Stmt>>),
    /// `return` in a method: its value is the method's result.
    GiveBack(Option<Box<Stmt>>),
    Exit(Option<Box<Stmt>>),
    Break(Option<Box<Expr>>),
    Continue(Option<Box<Expr>>),
    Function(Arc<FunctionNode>),
    /// `data { … }` or a nested block of statements.
    Data {
        variable: Option<Symbol>,
        body: Body,
    },
    Class(Arc<ClassNode>),
    Enum(Arc<EnumNode>),
    /// A statement that does nothing when it runs: `using namespace …`.
    Nothing,
    /// What this evaluator cannot run says so when it is reached.
    /// Beside a parse error only.
    Broken,
}

#[derive(Debug)]
pub(crate) struct FunctionNode {
    pub(crate) name: Text,
    pub(crate) block: Arc<Block>,
    pub(crate) filter: bool,
}

#[derive(Debug)]
pub(crate) struct PipelineNode {
    pub(crate) span: Extent,
    pub(crate) elements: Vec<Element>,
    pub(crate) background: bool,
}

#[derive(Debug)]
pub(crate) enum Element {
    Expression {
        expr: Expr,
        redirections: Vec<RedirectionNode>,
    },
    Command(Box<CommandNode>),
}

#[derive(Debug)]
pub(crate) struct CommandNode {
    pub(crate) span: Extent,
    pub(crate) operator: CallOperator,
    pub(crate) name: Expr,
    pub(crate) arguments: Vec<ArgumentNode>,
    pub(crate) redirections: Vec<RedirectionNode>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum CallOperator {
    None,
    /// `&`
    Call,
    /// `.`
    Dot,
}

#[derive(Debug)]
pub(crate) enum ArgumentNode {
    /// `raw` is what a native command gets for a constant.
    Value { expr: Expr, raw: Option<Text> },
    /// `-Name`, `-Name:` with its value.
    Parameter {
        name: Text,
        span: Extent,
        raw: Text,
        value: Option<Expr>,
        colon: bool,
    },
    /// `@name`
    Splat { expr: Expr },
    /// `--`: what follows is positional.
    EndOfParameters { span: Extent },
    /// `--%` and the rest of the line.
    Verbatim { text: Text, span: Extent },
}

/// The streams by number: 1 to 6, 0 for `*`.
#[derive(Debug)]
pub(crate) enum RedirectionNode {
    Merge {
        from: u8,
        to: u8,
    },
    File {
        from: u8,
        append: bool,
        target: Expr,
    },
}

#[derive(Debug)]
pub(crate) struct ChainNode {
    pub(crate) first: PipelineNode,
    /// True for `&&`.
    pub(crate) rest: Vec<(bool, PipelineNode)>,
    pub(crate) background: bool,
}

#[derive(Debug)]
pub(crate) struct AssignNode {
    pub(crate) target: Target,
    /// The operator of `+=` and its like; `??=` is [`AssignOp::Coalesce`].
    pub(crate) op: AssignOp,
    pub(crate) value: Stmt,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum AssignOp {
    Set,
    Binary(BinaryOperator),
    Coalesce,
}

#[derive(Debug)]
pub(crate) enum Target {
    Variable {
        variable: VariableNode,
        attributes: Vec<AttributeNode>,
        span: Extent,
    },
    Member {
        target: Expr,
        name: Expr,
        is_static: bool,
        span: Extent,
        attributes: Vec<AttributeNode>,
    },
    Index {
        target: Expr,
        index: Expr,
        span: Extent,
    },
    List(Vec<Target>),
}

/// `$name`, `$global:name`, `$env:PATH`.
#[derive(Clone, Debug)]
pub(crate) struct VariableNode {
    pub(crate) place: Place,
    pub(crate) name: Symbol,
    /// As it was written, with the qualifier.
    pub(crate) path: Text,
}

/// Where a variable is looked for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Place {
    /// Anywhere up the chain of scopes.
    Any,
    Global,
    Script,
    Local,
    Private,
    /// Sent along by a client.
    Using,
    Environment,
    /// `$function:name` and other drives.
    Drive(Text),
}

#[derive(Debug)]
pub(crate) struct LoopNode {
    pub(crate) label: Option<Symbol>,
    pub(crate) condition: Option<Stmt>,
    pub(crate) body: Body,
    /// `do`: the condition comes after the body.
    pub(crate) after: bool,
    /// `until`: the loop ends when the condition is true.
    pub(crate) until: bool,
}

#[derive(Debug)]
pub(crate) struct ForNode {
    pub(crate) label: Option<Symbol>,
    pub(crate) first: Option<Stmt>,
    pub(crate) condition: Option<Stmt>,
    pub(crate) step: Option<Stmt>,
    pub(crate) body: Body,
}

#[derive(Debug)]
pub(crate) struct ForEachNode {
    pub(crate) label: Option<Symbol>,
    pub(crate) variable: VariableNode,
    pub(crate) items: Stmt,
    pub(crate) body: Body,
}

#[derive(Debug)]
pub(crate) struct SwitchNode {
    pub(crate) label: Option<Symbol>,
    pub(crate) matching: SwitchMatch,
    pub(crate) case_sensitive: bool,
    pub(crate) file: bool,
    pub(crate) subject: Stmt,
    pub(crate) clauses: Vec<(Expr, Body)>,
    pub(crate) default: Option<Body>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum SwitchMatch {
    Equal,
    Wildcard,
    Regex,
}

#[derive(Debug)]
pub(crate) struct TryNode {
    pub(crate) body: Body,
    pub(crate) catches: Vec<CatchNode>,
    pub(crate) finally: Option<Body>,
}

/// A `catch` clause or a `trap`.
#[derive(Debug)]
pub(crate) struct CatchNode {
    /// No types: everything.
    pub(crate) types: Vec<Arc<TypeNode>>,
    pub(crate) body: Body,
}

#[derive(Debug)]
pub(crate) struct Expr {
    pub(crate) span: Extent,
    pub(crate) kind: ExprKind,
}

#[derive(Debug)]
pub(crate) enum ExprKind {
    Constant(Value),
    /// An expandable string.
    Template(Vec<Part>),
    Variable(VariableNode),
    Unary(UnaryKind, Box<Expr>),
    Binary(BinaryOperator, Box<(Expr, Expr)>),
    Logical(Logical, Box<(Expr, Expr)>),
    Coalesce(Box<(Expr, Expr)>),
    Ternary(Box<(Expr, Expr, Expr)>),
    /// `a, b`
    List(Vec<Expr>),
    /// `@( … )`
    ArrayOf(Body),
    /// `$( … )`
    Sub(Body),
    /// `( … )`
    Paren(Box<Stmt>),
    Hash {
        entries: Vec<(Expr, Stmt)>,
        ordered: bool,
    },
    Block(Arc<Block>),
    Type(Arc<TypeNode>),
    Cast(Arc<TypeNode>, Box<Expr>),
    /// `[pscustomobject]@{ … }`
    Custom(Vec<(Expr, Stmt)>),
    /// A cast with an attribute that is not a type.
    Attributed(Box<AttributeNode>, Box<Expr>),
    Index {
        target: Box<Expr>,
        index: Box<Expr>,
        conditional: bool,
    },
    Member {
        target: Box<Expr>,
        name: Box<Expr>,
        is_static: bool,
        conditional: bool,
    },
    Invoke {
        target: Box<Expr>,
        name: Box<Expr>,
        arguments: Vec<Expr>,
        is_static: bool,
        conditional: bool,
    },
    /// `++$x`, `$x--` …
    Step {
        target: Box<Target>,
        by: i32,
        prefix: bool,
    },
    /// `$using:name`
    Using(Box<Expr>, Text),
    /// Beside a parse error only.
    Broken,
}

#[derive(Debug)]
pub(crate) enum Part {
    Text(Text),
    Expr(Expr),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum UnaryKind {
    Not,
    BinaryNot,
    Plus,
    Minus,
    /// `,x`
    Comma,
    Split {
        case_sensitive: bool,
    },
    Join,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Logical {
    And,
    Or,
    Xor,
}

#[derive(Debug)]
pub(crate) struct ClassNode {
    pub(crate) name: Text,
    pub(crate) span: Extent,
    pub(crate) bases: Vec<Arc<TypeNode>>,
    pub(crate) properties: Vec<PropertyNode>,
    pub(crate) methods: Vec<MethodNode>,
    pub(crate) source: SourceText,
}

#[derive(Debug)]
pub(crate) struct PropertyNode {
    pub(crate) name: Text,
    pub(crate) ty: Option<Arc<TypeNode>>,
    pub(crate) attributes: Vec<AttributeNode>,
    pub(crate) default: Option<Expr>,
    pub(crate) is_static: bool,
    pub(crate) is_hidden: bool,
}

#[derive(Debug)]
pub(crate) struct MethodNode {
    pub(crate) name: Text,
    pub(crate) returns: Option<Arc<TypeNode>>,
    pub(crate) block: Arc<Block>,
    pub(crate) is_static: bool,
    pub(crate) is_hidden: bool,
    pub(crate) is_constructor: bool,
    /// `: base(…)`
    pub(crate) base_arguments: Option<Vec<Expr>>,
}

#[derive(Debug)]
pub(crate) struct EnumNode {
    pub(crate) name: Text,
    pub(crate) span: Extent,
    pub(crate) flags: bool,
    pub(crate) underlying: Option<Arc<TypeNode>>,
    pub(crate) members: Vec<(Text, Option<Expr>)>,
}

impl Block {
    /// The text between the braces.
    pub(crate) fn text(&self) -> &str {
        self.source.text(self.inner)
    }

    pub(crate) fn position(&self, span: Extent) -> Position {
        Position {
            source: self.source.clone(),
            extent: span,
        }
    }

    /// Whether parameters are bound as a cmdlet's are: unknown ones are errors and there are common parameters.
    pub(crate) fn is_advanced(&self) -> bool {
        self.binding.is_some()
    }
}
