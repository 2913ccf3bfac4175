//! Functions, parameters, attributes, classes, enums and `using`.

use std::sync::Arc;

use super::super::source::Extent;
use super::expression::{Expr, TypeName, Variable};
use super::statement::ScriptBlock;

/// `function name(parameters) { body }`.
#[derive(Clone, Debug)]
pub struct FunctionDefinition {
    /// From the keyword.
    pub extent: Extent,
    /// Which keyword.
    pub kind: FunctionKind,
    /// With its scope, as in `global:f`.
    pub name: Box<str>,
    /// Where the name stands.
    pub name_extent: Extent,
    /// Those in parentheses after the name; those of a `param` block are in the body.
    pub parameters: Option<Vec<Parameter>>,
    /// What stands in braces.
    pub body: Arc<ScriptBlock>,
}

/// The keyword that defines a function.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum FunctionKind {
    /// `function`
    Function,
    /// `filter`: the body is a process block.
    Filter,
    /// `workflow`; always beside an error.
    Workflow,
}

/// A formal parameter.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// With attributes and default.
    pub extent: Extent,
    /// Attributes and types in order.
    pub attributes: Vec<AttributeOrType>,
    /// The variable that takes the argument.
    pub variable: Variable,
    /// Where the variable stands.
    pub variable_extent: Extent,
    /// The value if there is no argument.
    pub default: Option<Expr>,
}

/// What may stand in brackets before a parameter or property.
#[derive(Clone, Debug)]
pub enum AttributeOrType {
    /// `[Parameter(Mandatory)]`
    Attribute(Attribute),
    /// `[int]`
    Type(TypeConstraint),
}

impl AttributeOrType {
    /// Where it stands, with the brackets.
    #[must_use]
    pub fn extent(&self) -> Extent {
        match self {
            Self::Attribute(it) => it.extent,
            Self::Type(it) => it.extent,
        }
    }
}

/// `[Name(1, Key = value)]`.
#[derive(Clone, Debug)]
pub struct Attribute {
    /// With the brackets.
    pub extent: Extent,
    /// The name of the attribute; `Attribute` at the end may be left out.
    pub name: TypeName,
    /// Arguments without a name.
    pub positional: Vec<Expr>,
    /// Arguments with a name.
    pub named: Vec<NamedArgument>,
}

/// `Key = value`, or `Key` alone, which means `$true`.
#[derive(Clone, Debug)]
pub struct NamedArgument {
    /// With the value.
    pub extent: Extent,
    /// The key.
    pub name: Box<str>,
    /// `None` stands for `$true`.
    pub value: Option<Expr>,
}

/// `[type]` where it constrains something.
#[derive(Clone, Debug)]
pub struct TypeConstraint {
    /// With the brackets.
    pub extent: Extent,
    /// What stands in them.
    pub name: TypeName,
}

/// `class` or `enum`.
#[derive(Clone, Debug)]
pub struct TypeDefinition {
    /// From the keyword, or from the first attribute.
    pub extent: Extent,
    /// Which keyword, with what only it has.
    pub kind: TypeKind,
    /// The name.
    pub name: Box<str>,
    /// Where the name stands.
    pub name_extent: Extent,
    /// In order.
    pub attributes: Vec<Attribute>,
    /// After the colon: base class and interfaces, or the underlying type of an enum.
    pub bases: Vec<TypeConstraint>,
    /// In order.
    pub members: Vec<TypeMember>,
}

/// The keyword that defines a type.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum TypeKind {
    /// `class`
    Class,
    /// `enum`
    Enum,
}

/// A member of a class or enum.
#[derive(Clone, Debug)]
pub enum TypeMember {
    /// `[int] $x = 1`
    Property(PropertyMember),
    /// `[int] F() { … }`, or a constructor.
    Method(FunctionMember),
    /// `A = 1`
    EnumValue(EnumMember),
}

/// `static` and `hidden`.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct MemberModifiers {
    /// `static`
    pub is_static: bool,
    /// `hidden`
    pub is_hidden: bool,
}

/// A property of a class.
#[derive(Clone, Debug)]
pub struct PropertyMember {
    /// With attributes and initial value.
    pub extent: Extent,
    /// The name without the dollar sign.
    pub name: Box<str>,
    /// `static`, `hidden`.
    pub modifiers: MemberModifiers,
    /// Its type.
    pub property_type: Option<TypeConstraint>,
    /// In order.
    pub attributes: Vec<Attribute>,
    /// The value it starts with.
    pub initial: Option<Expr>,
}

/// A method or constructor of a class.
#[derive(Clone, Debug)]
pub struct FunctionMember {
    /// With attributes.
    pub extent: Extent,
    /// The name; for a constructor that of the class.
    pub name: Box<str>,
    /// Where the name stands.
    pub name_extent: Extent,
    /// Whether it bears the name of its class.
    pub is_constructor: bool,
    /// `static`, `hidden`.
    pub modifiers: MemberModifiers,
    /// What it returns; nothing (`[void]`) if left out.
    pub return_type: Option<TypeConstraint>,
    /// In order.
    pub attributes: Vec<Attribute>,
    /// The parameters.
    pub parameters: Vec<Parameter>,
    /// The arguments of `: base(…)`.
    pub base_arguments: Option<Vec<Expr>>,
    /// What stands in braces.
    pub body: Arc<ScriptBlock>,
}

/// A label of an enum.
#[derive(Clone, Debug)]
pub struct EnumMember {
    /// With its value.
    pub extent: Extent,
    /// The label.
    pub name: Box<str>,
    /// One more than the label before, if left out.
    pub value: Option<Expr>,
}

/// `using namespace X` and such.
#[derive(Clone, Debug)]
pub struct UsingStatement {
    /// The whole line.
    pub extent: Extent,
    /// What it brings in.
    pub kind: UsingKind,
    /// Its name.
    pub name: Expr,
    /// After `=`: what the name is short for.
    pub alias_for: Option<Expr>,
}

/// What a `using` line brings in.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum UsingKind {
    /// `using assembly`
    Assembly,
    /// `using command`
    Command,
    /// `using module`
    Module,
    /// `using namespace`
    Namespace,
    /// `using type`
    Type,
}
