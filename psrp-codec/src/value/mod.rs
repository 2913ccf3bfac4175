//! Values as CLIXML has them: an owned tree in which nothing of the wire form is lost.

#[cfg(any(test, feature = "proptest"))]
mod arbitrary;
mod decimal;
pub(crate) mod digit_words;
#[cfg(feature = "jiff")]
mod jiff;
mod object;
mod progress;
mod secure_string;
mod string;
mod time;
mod time_forms;
mod time_text;
mod type_names;
mod usual_time;
mod version;

use bytes::Bytes;
use uuid::Uuid;

pub use decimal::Decimal;
#[cfg(feature = "jiff")]
pub use jiff::OutOfRange;
pub use object::{ContainerKind, Content, Member, Object, Property, RefId};
pub use progress::{Progress, ProgressKind};
pub use secure_string::SecureString;
pub use string::PsString;
pub(crate) use string::{StringBuilder, eq_ignore_case};
pub use time::{DateTime, DateTimeKind, TimeSpan};
pub use time_forms::InvalidLexicalForm;
pub use type_names::TypeNames;
#[cfg(feature = "serde")]
pub(crate) use type_names::without_deserialized;
pub use version::Version;

/// One value of MS-PSRP 2.2.5: a primitive, null, an object, or a reference to one.
///
/// This is what crosses the borders between crates. It is lossless: what was decoded encodes to
/// the bytes that PowerShell wrote, and every value that can be built can be encoded.
///
/// ```
/// use psrp_codec::{Object, Value};
///
/// let value = Value::from(Object::bag().property("RunspaceState", 2));
/// assert_eq!(value.get("runspacestate").and_then(Value::as_i32), Some(2));
/// ```
///
/// Two values are equal when they are written alike; so `NaN` equals itself and `-0` is not `0`.
#[derive(Clone, Debug, Default)]
pub enum Value {
    /// `Nil`: null.
    #[default]
    Null,
    /// `S`: a string.
    String(PsString),
    /// `C`: one UTF-16 unit.
    Char(u16),
    /// `B`: a Boolean.
    Bool(bool),
    /// `DT`: a date and time.
    DateTime(DateTime),
    /// `TS`: a span of time.
    TimeSpan(TimeSpan),
    /// `By`: an unsigned byte.
    Byte(u8),
    /// `SB`: a signed byte.
    SByte(i8),
    /// `U16`: an unsigned 16-bit integer.
    UInt16(u16),
    /// `I16`: a signed 16-bit integer.
    Int16(i16),
    /// `U32`: an unsigned 32-bit integer.
    UInt32(u32),
    /// `I32`: a signed 32-bit integer.
    Int32(i32),
    /// `U64`: an unsigned 64-bit integer.
    UInt64(u64),
    /// `I64`: a signed 64-bit integer.
    Int64(i64),
    /// `Sg`: a 32-bit floating-point number.
    Single(f32),
    /// `Db`: a 64-bit floating-point number.
    Double(f64),
    /// `D`: a decimal number.
    Decimal(Decimal),
    /// `BA`: an array of bytes.
    Bytes(Bytes),
    /// `G`: a GUID.
    Guid(Uuid),
    /// `URI`: the text of a URI, not looked into.
    Uri(PsString),
    /// `Version`: a version of two to four numbers.
    Version(Version),
    /// `XD`: the text of an XML document, not looked into.
    Xml(PsString),
    /// `SBK`: the text of a script block. PowerShell reads it as a string.
    ScriptBlock(PsString),
    /// `SS`: what stands for a secret.
    SecureString(SecureString),
    /// `PR`: a progress record.
    Progress(Box<Progress>),
    /// `Obj`: a complex object.
    Object(Box<Object>),
    /// `Ref`: an object that came before, or that this stands in. Never followed by itself: a
    /// value may be part of itself.
    Reference(RefId),
}

impl Value {
    /// An `object[]` of `items`.
    pub fn list<T: Into<Self>>(items: impl IntoIterator<Item = T>) -> Self {
        const NAMES: [PsString; 3] = [
            PsString::from_static("System.Object[]"),
            PsString::from_static("System.Array"),
            PsString::from_static("System.Object"),
        ];
        Self::container(NAMES, ContainerKind::List, items)
    }

    /// A container of the .NET type `type_names` that holds `items`.
    pub fn container<N: Into<PsString>, T: Into<Self>>(
        type_names: impl IntoIterator<Item = N>,
        kind: ContainerKind,
        items: impl IntoIterator<Item = T>,
    ) -> Self {
        let items = items.into_iter().map(Into::into).collect();
        let object = Object::wrapping(Content::Items(kind, items));
        object.typed(TypeNames::of(type_names)).into()
    }

    /// A `Hashtable` of `entries`, in their order.
    pub fn hashtable<K: Into<Self>, V: Into<Self>>(
        entries: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        const NAMES: [PsString; 2] = [
            PsString::from_static("System.Collections.Hashtable"),
            PsString::from_static("System.Object"),
        ];
        Self::dictionary(NAMES, entries)
    }

    /// A dictionary of the .NET type `type_names` that holds `entries`, in their order.
    pub fn dictionary<N: Into<PsString>, K: Into<Self>, V: Into<Self>>(
        type_names: impl IntoIterator<Item = N>,
        entries: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let entries = entries
            .into_iter()
            .map(|(key, value)| (key.into(), value.into()))
            .collect();
        let object = Object::wrapping(Content::Dictionary(entries));
        object.typed(TypeNames::of(type_names)).into()
    }

    /// A value of the enumeration `type_name`: what it is called, and the integer that it is.
    ///
    /// ```
    /// # use psrp_codec::Value;
    /// let state = Value::enumeration("System.Threading.ApartmentState", "Unknown", 2);
    /// assert_eq!(state.as_i32(), Some(2));
    /// ```
    pub fn enumeration(
        type_name: impl Into<PsString>,
        name: impl Into<PsString>,
        value: impl Into<Self>,
    ) -> Self {
        const BASES: [PsString; 3] = [
            PsString::from_static("System.Enum"),
            PsString::from_static("System.ValueType"),
            PsString::from_static("System.Object"),
        ];
        let names = std::iter::once(type_name.into()).chain(BASES);
        Object::of_type(names)
            .text(name)
            .with_content(Content::Value(value.into()))
            .into()
    }

    /// The tag of the element that this is written as.
    #[must_use]
    pub const fn tag(&self) -> &'static str {
        match self {
            Self::Null => "Nil",
            Self::String(_) => "S",
            Self::Char(_) => "C",
            Self::Bool(_) => "B",
            Self::DateTime(_) => "DT",
            Self::TimeSpan(_) => "TS",
            Self::Byte(_) => "By",
            Self::SByte(_) => "SB",
            Self::UInt16(_) => "U16",
            Self::Int16(_) => "I16",
            Self::UInt32(_) => "U32",
            Self::Int32(_) => "I32",
            Self::UInt64(_) => "U64",
            Self::Int64(_) => "I64",
            Self::Single(_) => "Sg",
            Self::Double(_) => "Db",
            Self::Decimal(_) => "D",
            Self::Bytes(_) => "BA",
            Self::Guid(_) => "G",
            Self::Uri(_) => "URI",
            Self::Version(_) => "Version",
            Self::Xml(_) => "XD",
            Self::ScriptBlock(_) => "SBK",
            Self::SecureString(_) => "SS",
            Self::Progress(_) => "PR",
            Self::Object(_) => "Obj",
            Self::Reference(_) => "Ref",
        }
    }

    /// Whether this is null.
    #[must_use]
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The object, if this is one.
    #[must_use]
    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// What is wrapped when an object was put around a primitive value to add properties, a text
    /// or type names to it; anything else is itself.
    ///
    /// Two senders of the same value can differ in this, so most readers want to see through it.
    #[must_use]
    pub fn unwrapped(&self) -> &Self {
        let mut value = self;
        // Decoding bounds the nesting, and this goes down, so it ends.
        while let Self::Object(object) = value
            && let Some(inner) = object.wrapped()
        {
            value = inner;
        }
        value
    }

    /// The property `name`, in any case, if this is an object that has it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.as_object()?.get(name)
    }

    /// The items, if this is a list, stack, queue or enumerable.
    #[must_use]
    pub fn items(&self) -> Option<&[Self]> {
        self.as_object()?.items()
    }

    /// Keys and values, if this is a dictionary.
    #[must_use]
    pub fn entries(&self) -> Option<&[(Self, Self)]> {
        self.as_object()?.entries()
    }

    /// The string, if this is one, seen through an object around it.
    #[must_use]
    pub fn as_string(&self) -> Option<&PsString> {
        match self.unwrapped() {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The string, if this is one without lone surrogates, seen through an object around it.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        self.as_string()?.as_str()
    }

    /// The Boolean, if this is one, seen through an object around it.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self.unwrapped() {
            Self::Bool(truth) => Some(*truth),
            _ => None,
        }
    }

    /// The number, if this is an `I32`, seen through an object around it (an enumeration too).
    #[must_use]
    pub fn as_i32(&self) -> Option<i32> {
        match self.unwrapped() {
            Self::Int32(number) => Some(*number),
            _ => None,
        }
    }

    /// The number, if this is an integer of any width that fits, seen through an object around it.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        Some(match self.unwrapped() {
            Self::Byte(number) => (*number).into(),
            Self::SByte(number) => (*number).into(),
            Self::UInt16(number) => (*number).into(),
            Self::Int16(number) => (*number).into(),
            Self::UInt32(number) => (*number).into(),
            Self::Int32(number) => (*number).into(),
            Self::UInt64(number) => i64::try_from(*number).ok()?,
            Self::Int64(number) => *number,
            _ => return None,
        })
    }

    /// The GUID, if this is one, seen through an object around it.
    #[must_use]
    pub fn as_guid(&self) -> Option<Uuid> {
        match self.unwrapped() {
            Self::Guid(guid) => Some(*guid),
            _ => None,
        }
    }

    /// The bytes, if this is an array of bytes, seen through an object around it.
    #[must_use]
    pub fn as_bytes(&self) -> Option<&Bytes> {
        match self.unwrapped() {
            Self::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The version, if this is one, seen through an object around it.
    #[must_use]
    pub fn as_version(&self) -> Option<Version> {
        match self.unwrapped() {
            Self::Version(version) => Some(*version),
            _ => None,
        }
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::String(a), Self::String(b))
            | (Self::Uri(a), Self::Uri(b))
            | (Self::Xml(a), Self::Xml(b))
            | (Self::ScriptBlock(a), Self::ScriptBlock(b)) => a == b,
            (Self::Char(a), Self::Char(b)) | (Self::UInt16(a), Self::UInt16(b)) => a == b,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::DateTime(a), Self::DateTime(b)) => a == b,
            (Self::TimeSpan(a), Self::TimeSpan(b)) => a == b,
            (Self::Byte(a), Self::Byte(b)) => a == b,
            (Self::SByte(a), Self::SByte(b)) => a == b,
            (Self::Int16(a), Self::Int16(b)) => a == b,
            (Self::UInt32(a), Self::UInt32(b)) => a == b,
            (Self::Int32(a), Self::Int32(b)) => a == b,
            (Self::UInt64(a), Self::UInt64(b)) => a == b,
            (Self::Int64(a), Self::Int64(b)) => a == b,
            (Self::Single(a), Self::Single(b)) => {
                a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()
            }
            (Self::Double(a), Self::Double(b)) => {
                a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()
            }
            (Self::Decimal(a), Self::Decimal(b)) => a == b,
            (Self::Bytes(a), Self::Bytes(b)) => a == b,
            (Self::Guid(a), Self::Guid(b)) => a == b,
            (Self::Version(a), Self::Version(b)) => a == b,
            (Self::SecureString(a), Self::SecureString(b)) => a == b,
            (Self::Progress(a), Self::Progress(b)) => a == b,
            (Self::Object(a), Self::Object(b)) => a == b,
            (Self::Reference(a), Self::Reference(b)) => a == b,
            _ => false,
        }
    }
}

/// `From` for the types that are one variant each.
macro_rules! value_from {
    ($($type:ty => $variant:ident,)*) => {$(
        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Self::$variant(value)
            }
        }
    )*};
}

value_from! {
    PsString => String,
    bool => Bool,
    DateTime => DateTime,
    TimeSpan => TimeSpan,
    u8 => Byte,
    i8 => SByte,
    u16 => UInt16,
    i16 => Int16,
    u32 => UInt32,
    i32 => Int32,
    u64 => UInt64,
    i64 => Int64,
    f32 => Single,
    f64 => Double,
    Decimal => Decimal,
    Bytes => Bytes,
    Uuid => Guid,
    Version => Version,
    SecureString => SecureString,
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

impl From<Object> for Value {
    fn from(object: Object) -> Self {
        Self::Object(Box::new(object))
    }
}

impl From<Box<Object>> for Value {
    fn from(object: Box<Object>) -> Self {
        Self::Object(object)
    }
}

impl From<Progress> for Value {
    fn from(progress: Progress) -> Self {
        Self::Progress(Box::new(progress))
    }
}

/// `None` is null.
impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
