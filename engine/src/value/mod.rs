//! The values that scripts work on, and everything that can be done to them without running a script.
//!
//! [`Value`] is cheap to clone and `Send + Sync`. Scalars are copied; strings and containers are counted, so that two variables
//! that hold the same array, hashtable or object see each other's changes, as in PowerShell.
//!
//! What needs the evaluator (calling a script block, looking up a class made by a script, charging memory, noticing a stop
//! request) is asked of a [`Context`]. What goes wrong is a [`Raise`], from which the evaluator makes an error record.

mod array;
mod burial;
mod clr;
pub mod clr_types;
pub mod collation;
pub mod composite;
mod context;
pub mod convert;
pub mod date;
mod date_time;
mod enumeration;
mod error;
mod exception;
mod fold;
mod hashtable;
mod known_enumerations;
mod known_types;
pub mod members;
pub mod number;
mod object;
pub mod ops;
pub mod pattern;
mod script_block;
pub mod statics;
mod text;
pub mod text_encoding;
mod type_names;
mod types;

use std::fmt;
use std::sync::Arc;

use num_bigint::BigInt;
use rust_decimal::Decimal;
use uuid::Uuid;

pub use array::{Array, List, ListKind};
pub use clr::{ClrLike, PropertyInfo};
pub use context::{Context, Detached};
pub(crate) use date_time::UNIX_EPOCH_TICKS;
pub use date_time::{
    DateTime, DateTimeKind, TICKS_PER_DAY, TICKS_PER_HOUR, TICKS_PER_MILLISECOND, TICKS_PER_MINUTE,
    TICKS_PER_SECOND, TimeSpan,
};
pub use enumeration::{EnumInfo, EnumValue};
pub use error::{ErrorCategory, Raise, RaisedError};
pub use exception::{ErrorRecord, Exception};
pub use fold::{FoldedStr, Name, compare_folded, equal_folded};
pub use hashtable::{HashKey, HashKind, Hashtable};
pub use object::{Extended, Member, Members, MethodGroup, PsObj};
pub use script_block::{Code, ScriptBlock};
pub use text::Text;
pub use types::{FieldInfo, GenericType, KnownType, Shape, TypeId, TypeRef, UserType};

/// A version of two to four components; the missing ones are `-1`, as in `System.Version`.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Version {
    /// Major, minor, build and revision.
    pub components: [i32; 4],
}

/// One PowerShell value.
///
/// Containers and objects have reference identity: cloning shares them.
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum Value {
    /// `$null`.
    #[default]
    Null,
    /// What a command without output gives: like `$null`, except that a pipeline treats it as no objects at all.
    Nothing,
    /// `System.Boolean`.
    Bool(bool),
    /// `System.Byte`.
    Byte(u8),
    /// `System.SByte`.
    SByte(i8),
    /// `System.Int16`.
    Int16(i16),
    /// `System.UInt16`.
    UInt16(u16),
    /// `System.Int32`.
    Int32(i32),
    /// `System.UInt32`.
    UInt32(u32),
    /// `System.Int64`.
    Int64(i64),
    /// `System.UInt64`.
    UInt64(u64),
    /// `System.Single`.
    Single(f32),
    /// `System.Double`.
    Double(f64),
    /// `System.Decimal`.
    Decimal(Decimal),
    /// `System.Numerics.BigInteger`.
    BigInt(Arc<BigInt>),
    /// `System.Char`: one UTF-16 unit, a lone surrogate included.
    Char(u16),
    /// `System.String`.
    String(Text),
    /// `System.DateTime`.
    DateTime(DateTime),
    /// `System.TimeSpan`.
    TimeSpan(TimeSpan),
    /// `System.Guid`.
    Guid(Uuid),
    /// `System.Version`.
    Version(Version),
    /// A value of a .NET enumeration or of an `enum` of a script.
    Enum(Arc<EnumValue>),
    /// An array of fixed length: `object[]`, `int[]`, `byte[]` …
    Array(Arc<Array>),
    /// A list that grows: `ArrayList`, `List<T>`, `Collection<T>`.
    List(Arc<List>),
    /// `Hashtable`, `OrderedDictionary`, `Dictionary<K,V>`.
    Hash(Arc<Hashtable>),
    /// A script block.
    ScriptBlock(Arc<ScriptBlock>),
    /// A type, as `[int]` gives it.
    Type(TypeRef),
    /// A custom object, an object of a script's class, or a scalar that carries extra members.
    Object(Arc<PsObj>),
    /// An object of a .NET type that the engine knows.
    Clr(Arc<dyn ClrLike>),
}

// Scripts shift millions of values around; growing beyond three words should be a decision and not an accident.
const _: () = assert!(size_of::<Value>() <= 24);

impl Value {
    /// A string value.
    #[must_use]
    pub fn string(text: impl Into<Text>) -> Self {
        Self::String(text.into())
    }

    /// A new `object[]` with `items`.
    #[must_use]
    pub fn array(items: Vec<Self>) -> Self {
        Self::Array(Arc::new(Array::of_objects(items)))
    }

    /// A new array of `element` type; the caller has converted `items` already.
    #[must_use]
    pub fn typed_array(element: TypeRef, items: Vec<Self>) -> Self {
        Self::Array(Arc::new(Array::new(element, items)))
    }

    /// A new `string[]`.
    #[must_use]
    pub fn strings<S: Into<Text>>(items: impl IntoIterator<Item = S>) -> Self {
        Self::typed_array(
            TypeRef::of(TypeId::String),
            items
                .into_iter()
                .map(|item| Self::String(item.into()))
                .collect(),
        )
    }

    /// A new `ArrayList` with `items`.
    #[must_use]
    pub fn array_list(items: Vec<Self>) -> Self {
        Self::List(Arc::new(List::new(ListKind::ArrayList, items)))
    }

    /// A counted .NET-like object.
    #[must_use]
    pub fn clr(object: impl ClrLike) -> Self {
        Self::Clr(Arc::new(object))
    }

    /// A value of the known enumeration `full_name` (such as `System.DayOfWeek`); `None` if there is no such enumeration.
    #[must_use]
    pub fn enumeration(full_name: &str, bits: i64) -> Option<Self> {
        let ty = TypeRef::find(full_name)?;
        ty.enum_info()?;
        Some(Self::Enum(Arc::new(EnumValue { ty, bits })))
    }

    /// Whether this is `$null` (or the nothing that an empty command leaves).
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null | Self::Nothing)
    }

    /// The text, if this is a string (also one that carries extra members).
    #[must_use]
    pub fn as_text(&self) -> Option<&Text> {
        match self {
            Self::String(text) => Some(text),
            Self::Object(object) => object.base().as_text(),
            _ => None,
        }
    }

    /// What a wrapper wraps; everything else is itself.
    #[must_use]
    pub fn base(&self) -> &Self {
        match self {
            Self::Object(object) if !object.is_custom() => object.base().base(),
            other => other,
        }
    }

    /// Whether it is of one of the numeric types, wrapped or not. Truth values, characters and
    /// enumerations are not, though they convert to numbers.
    #[must_use]
    pub fn is_number(&self) -> bool {
        matches!(
            self.base(),
            Self::Byte(_)
                | Self::SByte(_)
                | Self::Int16(_)
                | Self::UInt16(_)
                | Self::Int32(_)
                | Self::UInt32(_)
                | Self::Int64(_)
                | Self::UInt64(_)
                | Self::Single(_)
                | Self::Double(_)
                | Self::Decimal(_)
                | Self::BigInt(_)
        )
    }

    /// The .NET-like object of type `T`, if this is one.
    #[must_use]
    pub fn as_clr<T: ClrLike>(&self) -> Option<&T> {
        match self.base() {
            Self::Clr(object) => (object.as_ref() as &dyn std::any::Any).downcast_ref(),
            _ => None,
        }
    }

    /// Whether both are the same container or object, not only equal ones.
    #[must_use]
    pub fn same_reference(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Array(a), Self::Array(b)) => Arc::ptr_eq(a, b),
            (Self::List(a), Self::List(b)) => Arc::ptr_eq(a, b),
            (Self::Hash(a), Self::Hash(b)) => Arc::ptr_eq(a, b),
            (Self::ScriptBlock(a), Self::ScriptBlock(b)) => Arc::ptr_eq(a, b),
            (Self::Object(a), Self::Object(b)) => Arc::ptr_eq(a, b),
            (Self::Clr(a), Self::Clr(b)) => std::ptr::addr_eq(Arc::as_ptr(a), Arc::as_ptr(b)),
            _ => false,
        }
    }

    /// The .NET type, as `GetType()` gives it; `None` for `$null`.
    #[must_use]
    pub fn type_ref(&self) -> Option<TypeRef> {
        let id = match self {
            Self::Null | Self::Nothing => return None,
            Self::Bool(_) => TypeId::Boolean,
            Self::Byte(_) => TypeId::Byte,
            Self::SByte(_) => TypeId::SByte,
            Self::Int16(_) => TypeId::Int16,
            Self::UInt16(_) => TypeId::UInt16,
            Self::Int32(_) => TypeId::Int32,
            Self::UInt32(_) => TypeId::UInt32,
            Self::Int64(_) => TypeId::Int64,
            Self::UInt64(_) => TypeId::UInt64,
            Self::Single(_) => TypeId::Single,
            Self::Double(_) => TypeId::Double,
            Self::Decimal(_) => TypeId::Decimal,
            Self::BigInt(_) => TypeId::BigInteger,
            Self::Char(_) => TypeId::Char,
            Self::String(_) => TypeId::String,
            Self::DateTime(_) => TypeId::DateTime,
            Self::TimeSpan(_) => TypeId::TimeSpan,
            Self::Guid(_) => TypeId::Guid,
            Self::Version(_) => TypeId::Version,
            Self::ScriptBlock(_) => TypeId::ScriptBlock,
            Self::Type(_) => TypeId::RuntimeType,
            Self::Enum(value) => return Some(value.ty.clone()),
            Self::Array(array) => return Some(array.type_ref()),
            Self::List(list) => return Some(list.type_ref()),
            Self::Hash(table) => return Some(table.type_ref()),
            Self::Object(object) => return object.type_ref(),
            Self::Clr(object) => return Some(object.type_ref()),
        };
        Some(TypeRef::of(id))
    }

    /// The full name of the .NET type; empty for `$null`.
    #[must_use]
    pub fn type_name(&self) -> Text {
        self.type_ref()
            .map_or_else(Text::default, |ty| ty.full_name())
    }

    /// The members that a script added, where this value can carry any.
    #[must_use]
    pub fn extended(&self) -> Option<&Extended> {
        match self {
            Self::Array(array) => Some(array.extended()),
            Self::List(list) => Some(list.extended()),
            Self::Hash(table) => Some(table.extended()),
            Self::ScriptBlock(block) => Some(block.extended()),
            Self::Object(object) => Some(object.extended()),
            Self::Clr(object) => object.extended(),
            _ => None,
        }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("Null"),
            Self::Nothing => f.write_str("Nothing"),
            Self::Bool(value) => write!(f, "Bool({value})"),
            Self::Byte(value) => write!(f, "Byte({value})"),
            Self::SByte(value) => write!(f, "SByte({value})"),
            Self::Int16(value) => write!(f, "Int16({value})"),
            Self::UInt16(value) => write!(f, "UInt16({value})"),
            Self::Int32(value) => write!(f, "Int32({value})"),
            Self::UInt32(value) => write!(f, "UInt32({value})"),
            Self::Int64(value) => write!(f, "Int64({value})"),
            Self::UInt64(value) => write!(f, "UInt64({value})"),
            Self::Single(value) => write!(f, "Single({value:?})"),
            Self::Double(value) => write!(f, "Double({value:?})"),
            Self::Decimal(value) => write!(f, "Decimal({value})"),
            Self::BigInt(value) => write!(f, "BigInt({value})"),
            Self::Char(unit) => write!(f, "Char({unit:#06x})"),
            Self::String(text) => write!(f, "String({:?})", text.as_str()),
            Self::DateTime(value) => write!(f, "{value:?}"),
            Self::TimeSpan(value) => write!(f, "{value:?}"),
            Self::Guid(value) => write!(f, "Guid({value})"),
            Self::Version(value) => write!(f, "Version({:?})", value.components),
            Self::Enum(value) => write!(f, "Enum({} {})", value.ty.full_name(), value.bits),
            // Containers may hold themselves, so only their outside is shown.
            Self::Array(array) => write!(f, "Array(len {})", array.len()),
            Self::List(list) => write!(f, "List(len {})", list.len()),
            Self::Hash(table) => write!(f, "Hash(len {})", table.len()),
            Self::ScriptBlock(block) => write!(f, "ScriptBlock({:?})", block.text()),
            Self::Type(ty) => write!(f, "Type({})", ty.full_name()),
            Self::Object(_) => f.write_str("Object(..)"),
            Self::Clr(object) => write!(f, "Clr({})", object.type_ref().full_name()),
        }
    }
}

macro_rules! from_scalar {
    ($($source:ty => $variant:ident),* $(,)?) => {
        $(impl From<$source> for Value {
            fn from(value: $source) -> Self {
                Self::$variant(value)
            }
        })*
    };
}

from_scalar! {
    bool => Bool, u8 => Byte, i16 => Int16, u16 => UInt16, i32 => Int32, u32 => UInt32, i64 => Int64, u64 => UInt64, f32 => Single,
    f64 => Double, Decimal => Decimal, Text => String, DateTime => DateTime, TimeSpan => TimeSpan, Uuid => Guid, Version => Version,
    TypeRef => Type,
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text.into())
    }
}

impl From<BigInt> for Value {
    fn from(value: BigInt) -> Self {
        Self::BigInt(Arc::new(value))
    }
}

impl Version {
    /// A version of two components.
    #[must_use]
    pub fn new(major: i32, minor: i32) -> Self {
        Self {
            components: [major, minor, -1, -1],
        }
    }

    /// Reads `1.2`, `1.2.3` or `1.2.3.4`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut components = [-1; 4];
        let mut count = 0;
        for part in text.split('.') {
            let part = part.trim();
            let number: i32 = part.parse().ok()?;
            if number < 0 {
                return None;
            }
            *components.get_mut(count)? = number;
            count += 1;
        }
        (count >= 2).then_some(Self { components })
    }

    /// How many components are there.
    #[must_use]
    pub fn count(&self) -> usize {
        self.components
            .iter()
            .take_while(|part| **part >= 0)
            .count()
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, part) in self.components.iter().take(self.count()).enumerate() {
            if index > 0 {
                f.write_str(".")?;
            }
            write!(f, "{part}")?;
        }
        Ok(())
    }
}
