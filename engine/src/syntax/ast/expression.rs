//! Expressions.

use std::sync::Arc;

use num_bigint::BigInt;
use rust_decimal::Decimal;

use super::super::source::Extent;
use super::definition::AttributeOrType;
use super::statement::{ScriptBlock, Statement, StatementBlock};

/// An expression.
#[derive(Clone, Debug)]
pub struct Expr {
    /// Where it stands.
    pub extent: Extent,
    /// What it is.
    pub kind: ExprKind,
}

impl Expr {
    /// Joins the two.
    #[must_use]
    pub fn new(extent: Extent, kind: ExprKind) -> Self {
        Self { extent, kind }
    }

    /// The text of a string without anything to expand.
    #[must_use]
    pub fn as_string(&self) -> Option<&str> {
        match &self.kind {
            ExprKind::String { value, .. } => Some(value),
            _ => None,
        }
    }

    /// The variable, if it is nothing else.
    #[must_use]
    pub fn as_variable(&self) -> Option<&Variable> {
        match &self.kind {
            ExprKind::Variable(variable) => Some(variable),
            _ => None,
        }
    }
}

/// What an expression is.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// A number with its value as PowerShell reads it.
    Number(Number),
    /// Text without anything to expand.
    String {
        /// Escapes done, quotes gone.
        value: Box<str>,
        /// How it was written.
        kind: StringKind,
    },
    /// Text with variables or sub-expressions in it.
    Expandable {
        /// In order.
        parts: Vec<StringPart>,
        /// How it was written.
        kind: StringKind,
    },
    /// `$x`, or `@x` as an argument.
    Variable(Box<Variable>),
    /// `$using:x`, `$using:x.y[1]`: the whole is taken from the caller of `Invoke-Command`.
    Using(Box<Expr>),
    /// `[type]`
    Type(Box<TypeName>),
    /// `[type] $x` or `[Attribute()] $x`.
    Attributed {
        /// What stands in brackets.
        attribute: Box<AttributeOrType>,
        /// What it is put on.
        target: Box<Expr>,
    },
    /// An operator with one operand.
    Unary {
        /// Which.
        operator: UnaryOperator,
        /// Where it stands.
        operator_extent: Extent,
        /// The operand.
        operand: Box<Expr>,
    },
    /// An operator with two operands.
    Binary {
        /// Which.
        operator: BinaryOperator,
        /// Where it stands.
        operator_extent: Extent,
        /// The left and the right operand.
        operands: Box<(Expr, Expr)>,
    },
    /// `condition ? if_true : if_false`, in this order.
    Ternary(Box<(Expr, Expr, Expr)>),
    /// `a, b`
    Array(Vec<Expr>),
    /// `@( … )`
    ArrayExpression(Box<StatementBlock>),
    /// `$( … )`
    SubExpression(Box<StatementBlock>),
    /// `( … )`: one pipeline, chain or assignment.
    Paren(Box<Statement>),
    /// `@{ … }`
    Hashtable(Vec<HashEntry>),
    /// `{ … }`
    ScriptBlock(Arc<ScriptBlock>),
    /// `a.b`, `a::b`
    Member(Box<MemberExpression>),
    /// `a.b( … )`, `a::b( … )`
    Invoke(Box<InvokeExpression>),
    /// `a[b]`
    Index(Box<IndexExpression>),
    /// What could not be understood; only beside an error.
    Error,
}

/// One `key = value` of a hashtable.
#[derive(Clone, Debug)]
pub struct HashEntry {
    /// A bareword key is a string.
    pub key: Expr,
    /// Any statement.
    pub value: Statement,
}

/// The value of a number: the type is the one that PowerShell chooses.
#[derive(Clone, Debug, PartialEq)]
pub enum Number {
    /// `[sbyte]`: suffix `y`
    SByte(i8),
    /// `[byte]`: suffix `uy`
    Byte(u8),
    /// `[short]`: suffix `s`
    Int16(i16),
    /// `[ushort]`: suffix `us`
    UInt16(u16),
    /// `[int]`
    Int32(i32),
    /// `[uint]`: suffix `u`
    UInt32(u32),
    /// `[long]`
    Int64(i64),
    /// `[ulong]`
    UInt64(u64),
    /// `[double]`
    Double(f64),
    /// `[decimal]`
    Decimal(Decimal),
    /// `[bigint]`: suffix `n`
    BigInt(Box<BigInt>),
}

/// How a string was written.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum StringKind {
    /// Without quotes: a command name, argument, key or member name.
    BareWord,
    /// `'…'`
    SingleQuoted,
    /// `"…"`
    DoubleQuoted,
    /// `@'…'@`
    SingleQuotedHere,
    /// `@"…"@`
    DoubleQuotedHere,
}

/// A piece of an expandable string.
#[derive(Clone, Debug)]
pub enum StringPart {
    /// Text, escapes done.
    Text(Box<str>),
    /// A variable or a sub-expression.
    Expression(Expr),
}

/// A variable.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Variable {
    /// What stands before the colon.
    pub scope: VariableScope,
    /// What stands after it.
    pub name: Box<str>,
    /// `@name`
    pub splatted: bool,
}

/// What stands before the colon of a variable.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum VariableScope {
    /// Nothing, or `variable:`.
    Unscoped,
    /// `local:`
    Local,
    /// `private:`
    Private,
    /// `script:`
    Script,
    /// `global:`
    Global,
    /// `using:`; the variable stands inside [`ExprKind::Using`].
    Using,
    /// A drive, as in `$env:PATH`; what names the drive.
    Drive(Box<str>),
}

/// The name of a type.
#[derive(Clone, Debug)]
pub struct TypeName {
    /// Without the outer brackets.
    pub extent: Extent,
    /// What it is.
    pub kind: TypeNameKind,
}

/// What the name of a type is.
#[derive(Clone, Debug)]
pub enum TypeNameKind {
    /// `System.Int32`, `int`, with the assembly after a comma if there is one.
    Name {
        /// With namespace and nesting (`+`).
        name: Box<str>,
        /// After the comma.
        assembly: Option<Box<str>>,
    },
    /// `List[int]`
    Generic {
        /// What stands before the bracket.
        definition: Box<TypeName>,
        /// What stands in it.
        arguments: Vec<TypeName>,
    },
    /// `int[]`, `int[,]`
    Array {
        /// What stands before the brackets.
        element: Box<TypeName>,
        /// One, and one more for each comma.
        rank: ArrayDimensions,
    },
}

/// How many dimensions an array type has.
pub type ArrayDimensions = u32;

/// Operators with one operand.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum UnaryOperator {
    /// `!`, `-not`
    Not,
    /// `-bnot`
    BitwiseNot,
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `,`
    Comma,
    /// `-split`
    Split,
    /// `-csplit`
    CaseSensitiveSplit,
    /// `-join`
    Join,
    /// `++x`
    PreIncrement,
    /// `--x`
    PreDecrement,
    /// `x++`
    PostIncrement,
    /// `x--`
    PostDecrement,
}

/// Operators with two operands. Those that compare text come in a variant that minds case (`-ceq`) and one that does not (`-eq`, `-ieq`).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(missing_docs, reason = "each is named after the operator")]
pub enum BinaryOperator {
    And,
    Or,
    Xor,
    BitwiseAnd,
    BitwiseOr,
    BitwiseXor,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Format,
    Range,
    Join,
    Is,
    IsNot,
    As,
    ShiftLeft,
    ShiftRight,
    NullCoalesce,
    Equal { case_sensitive: bool },
    NotEqual { case_sensitive: bool },
    GreaterOrEqual { case_sensitive: bool },
    GreaterThan { case_sensitive: bool },
    LessThan { case_sensitive: bool },
    LessOrEqual { case_sensitive: bool },
    Like { case_sensitive: bool },
    NotLike { case_sensitive: bool },
    Match { case_sensitive: bool },
    NotMatch { case_sensitive: bool },
    Replace { case_sensitive: bool },
    Contains { case_sensitive: bool },
    NotContains { case_sensitive: bool },
    In { case_sensitive: bool },
    NotIn { case_sensitive: bool },
    Split { case_sensitive: bool },
}

/// `target.member`, `target?.member`, `target::member`.
#[derive(Clone, Debug)]
pub struct MemberExpression {
    /// What has the member.
    pub target: Expr,
    /// A string or any expression.
    pub member: Expr,
    /// `::`
    pub is_static: bool,
    /// `?.`
    pub null_conditional: bool,
}

/// `target.member(arguments)`.
#[derive(Clone, Debug)]
pub struct InvokeExpression {
    /// What has the method.
    pub target: Expr,
    /// A string or any expression.
    pub member: Expr,
    /// `::`
    pub is_static: bool,
    /// `?.`
    pub null_conditional: bool,
    /// `method[type]( … )`
    pub generic_arguments: Vec<TypeName>,
    /// In order. `$x.where{ … }` has one.
    pub arguments: Vec<Expr>,
}

/// `target[index]`, `target?[index]`.
#[derive(Clone, Debug)]
pub struct IndexExpression {
    /// What is looked into.
    pub target: Expr,
    /// One value, or an array literal of several.
    pub index: Expr,
    /// `?[`
    pub null_conditional: bool,
}
