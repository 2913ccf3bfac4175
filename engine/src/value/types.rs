//! .NET types as values.

use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, LazyLock};

use indexmap::IndexMap;

use super::Text;
use super::enumeration::EnumInfo;
use super::fold::{FoldedStr, Name, equal_folded};
use super::known_types::KNOWN_TYPES;
pub use super::known_types::TypeId;

/// What kind of type it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Shape {
    /// A class.
    Class,
    /// A value type.
    Struct,
    /// An enumeration.
    Enum,
    /// An interface.
    Interface,
    /// A delegate.
    Delegate,
}

/// A type that the engine knows.
#[derive(Debug)]
pub struct KnownType {
    /// Its id.
    pub id: TypeId,
    /// Namespace and name, such as ``System.Collections.Generic.List`1``.
    pub full_name: &'static str,
    /// The base type; `Object` for `Object` itself.
    pub base: TypeId,
    /// What kind of type it is.
    pub shape: Shape,
    /// The short names that PowerShell knows it by; the first one is what `[string]` makes of the type.
    pub accelerators: &'static [&'static str],
}

/// A class or enumeration that a script declared. The evaluator implements it.
pub trait UserType: Any + fmt::Debug + Send + Sync {
    /// The name.
    fn name(&self) -> &str;

    /// The base type.
    fn base(&self) -> TypeRef;

    /// The members, for an enumeration.
    fn enum_info(&self) -> Option<&EnumInfo> {
        None
    }

    /// The properties of its objects, its own before those of its base classes.
    fn fields(&self) -> Vec<FieldInfo> {
        Vec::new()
    }

    /// The interfaces it names.
    fn interfaces(&self) -> Vec<TypeRef> {
        Vec::new()
    }
}

/// A property of a script's class.
#[derive(Clone, Debug)]
pub struct FieldInfo {
    /// The name.
    pub name: Text,
    /// The full name of its type.
    pub type_name: Text,
    /// Declared `hidden`: there, but not listed.
    pub hidden: bool,
}

/// A type: a known one, an array or an instance of a generic type, or a script's own.
#[derive(Clone)]
pub enum TypeRef {
    /// A type of the table.
    Known(&'static KnownType),
    /// An array of some element type and number of dimensions.
    Array(Arc<TypeRef>, u8),
    /// A generic type with its arguments.
    Generic(Arc<GenericType>),
    /// A class or enumeration of a script.
    User(Arc<Box<dyn UserType>>),
}

/// A generic type with its arguments.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct GenericType {
    /// The generic type.
    pub definition: &'static KnownType,
    /// What it is made of.
    pub arguments: Vec<TypeRef>,
}

static BY_NAME: LazyLock<IndexMap<Name, &'static KnownType>> = LazyLock::new(|| {
    let mut names = IndexMap::new();
    for known in KNOWN_TYPES {
        names.insert(Name::from(known.full_name), known);
        // PowerShell looks in namespace System without being told.
        if let Some(rest) = known.full_name.strip_prefix("System.") {
            names.entry(Name::from(rest)).or_insert(known);
        }
    }
    for known in KNOWN_TYPES {
        for accelerator in known.accelerators {
            names.insert(Name::from(*accelerator), known);
        }
    }
    // `[pscustomobject]` as a type is PSObject; the cast is special.
    if let Some(object) = KNOWN_TYPES
        .iter()
        .find(|known| known.id == TypeId::PSObject)
    {
        names.insert(Name::from("pscustomobject"), object);
    }
    names
});

static ENUMERATIONS: LazyLock<HashMap<TypeId, EnumInfo>> =
    LazyLock::new(|| super::known_enumerations::read().into_iter().collect());

impl TypeRef {
    /// The known type of that id.
    #[must_use]
    pub fn of(id: TypeId) -> Self {
        Self::Known(&KNOWN_TYPES[id as usize])
    }

    /// A generic type with arguments.
    #[must_use]
    pub fn generic(definition: TypeId, arguments: Vec<Self>) -> Self {
        Self::Generic(Arc::new(GenericType {
            definition: &KNOWN_TYPES[definition as usize],
            arguments,
        }))
    }

    /// The array type with this element type.
    #[must_use]
    pub fn array_of(&self) -> Self {
        Self::Array(Arc::new(self.clone()), 1)
    }

    /// The type of that name: an accelerator, a full name, or one without `System.`; with `[]` and generic arguments. Case does not count.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::find_with(name, &mut |_| None)
    }

    /// As [`TypeRef::find`], asking `others` first for each simple name.
    pub fn find_with(name: &str, others: &mut dyn FnMut(&str) -> Option<Self>) -> Option<Self> {
        super::type_names::parse(name, others)
    }

    pub(super) fn find_simple(name: &str) -> Option<&'static KnownType> {
        BY_NAME.get(&FoldedStr(name)).copied()
    }

    /// The known type, or the generic type that this is an instance of.
    #[must_use]
    pub fn known(&self) -> Option<&'static KnownType> {
        match self {
            Self::Known(known) => Some(known),
            Self::Generic(generic) => Some(generic.definition),
            Self::Array(..) | Self::User(_) => None,
        }
    }

    /// The id of a known type that is neither array nor generic instance.
    #[must_use]
    pub fn id(&self) -> Option<TypeId> {
        match self {
            Self::Known(known) => Some(known.id),
            _ => None,
        }
    }

    /// Whether this is exactly the known type `id`.
    #[must_use]
    pub fn is(&self, id: TypeId) -> bool {
        self.id() == Some(id)
    }

    /// The id of a known type or of the definition of a generic instance.
    #[must_use]
    pub fn definition_id(&self) -> Option<TypeId> {
        self.known().map(|known| known.id)
    }

    /// The generic arguments.
    #[must_use]
    pub fn arguments(&self) -> &[Self] {
        match self {
            Self::Generic(generic) => &generic.arguments,
            _ => &[],
        }
    }

    /// The element type of an array type.
    #[must_use]
    pub fn element(&self) -> Option<&Self> {
        match self {
            Self::Array(element, _) => Some(element),
            _ => None,
        }
    }

    /// The underlying type of `Nullable<T>`.
    #[must_use]
    pub fn nullable_of(&self) -> Option<&Self> {
        match self {
            Self::Generic(generic) if generic.definition.id == TypeId::Nullable => {
                generic.arguments.first()
            }
            _ => None,
        }
    }

    /// `FullName`, as .NET gives it; generic arguments with their assemblies.
    #[must_use]
    pub fn full_name(&self) -> Text {
        match self {
            Self::Known(known) => known.full_name.into(),
            _ => super::type_names::full_name(self).into(),
        }
    }

    /// `Name`: the last part.
    #[must_use]
    pub fn name(&self) -> Text {
        super::type_names::name(self).into()
    }

    /// `ToString()`: generic arguments in brackets, without assemblies.
    #[must_use]
    pub fn display_name(&self) -> Text {
        super::type_names::display_name(self).into()
    }

    /// What `[string][type]` and error texts make of it: the accelerator, if there is one.
    #[must_use]
    pub fn short_name(&self) -> Text {
        super::type_names::short_name(self).into()
    }

    /// The name of the known type behind this, where only a borrowed name will do.
    #[must_use]
    pub fn static_name(&self) -> &'static str {
        match self {
            Self::Known(known) => known.full_name,
            Self::Generic(generic) => generic.definition.full_name,
            Self::Array(..) => "System.Array",
            Self::User(_) => "System.Object",
        }
    }

    /// The base type; `None` for `Object` and interfaces.
    #[must_use]
    pub fn base(&self) -> Option<Self> {
        match self {
            Self::Known(known) => known.base_type(),
            Self::Generic(generic) => generic.definition.base_type(),
            Self::Array(..) => Some(Self::of(TypeId::Array)),
            Self::User(user) => Some(user.base()),
        }
    }

    /// This type and its bases, nearest first: what `PSTypeNames` starts from and `catch` looks through.
    pub fn chain(&self) -> impl Iterator<Item = Self> + use<> {
        std::iter::successors(Some(self.clone()), Self::base).take(64) // no real chain is as long; a script's class cannot make it endless
    }

    /// Whether a value of this type is also one of `other`: the same, a derived type, or one that implements the interface.
    #[must_use]
    pub fn is_assignable_to(&self, other: &Self) -> bool {
        self.chain().any(|ty| ty == *other) || super::type_names::implements(self, other)
    }

    /// What kind of type it is.
    #[must_use]
    pub fn shape(&self) -> Shape {
        match self {
            Self::Known(known) => known.shape,
            Self::Generic(generic) => generic.definition.shape,
            Self::Array(..) => Shape::Class,
            Self::User(user) if user.enum_info().is_some() => Shape::Enum,
            Self::User(_) => Shape::Class,
        }
    }

    /// The members, for an enumeration.
    #[must_use]
    pub fn enum_info(&self) -> Option<&EnumInfo> {
        match self {
            Self::Known(known) if known.shape == Shape::Enum => ENUMERATIONS.get(&known.id),
            Self::User(user) => user.enum_info(),
            _ => None,
        }
    }
}

impl KnownType {
    fn base_type(&self) -> Option<TypeRef> {
        (self.id != TypeId::Object && self.shape != Shape::Interface)
            .then(|| TypeRef::of(self.base))
    }
}

impl PartialEq for KnownType {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for KnownType {}

impl PartialEq for TypeRef {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Known(a), Self::Known(b)) => a.id == b.id,
            (Self::Array(a, rank), Self::Array(b, other_rank)) => rank == other_rank && a == b,
            (Self::Generic(a), Self::Generic(b)) => a == b,
            (Self::User(a), Self::User(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }
}

impl Eq for TypeRef {}

impl fmt::Debug for TypeRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TypeRef({})", self.full_name())
    }
}

impl PartialEq<&str> for TypeRef {
    fn eq(&self, other: &&str) -> bool {
        equal_folded(&self.full_name(), other)
    }
}
