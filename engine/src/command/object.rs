//! Looking into the objects that come down a pipeline: which properties they have, and what these hold.

use crate::eval::Flow;
use crate::value::{
    Context, HashKind, Member, Raise, Text, TypeId, TypeRef, Value, convert, equal_folded, members,
};

/// How a property got onto an object, in the words of `PSMemberTypes`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum PropertyKind {
    Alias,
    Note,
    Script,
    /// A property of the .NET type.
    Property,
}

/// A property of an object, without its value.
#[derive(Clone, Debug)]
pub(crate) struct PropertyEntry {
    pub(crate) name: Text,
    pub(crate) kind: PropertyKind,
    /// The .NET type of the value, where the property tells it.
    pub(crate) type_name: Text,
    pub(crate) settable: bool,
}

impl PropertyKind {
    /// The name in `PSMemberTypes`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Alias => "AliasProperty",
            Self::Note => "NoteProperty",
            Self::Script => "ScriptProperty",
            Self::Property => "Property",
        }
    }
}

/// The properties of an object in the order in which PowerShell lists them: those that a script added, then those of its type.
pub(crate) fn properties(value: &Value) -> Vec<PropertyEntry> {
    let mut found: Vec<PropertyEntry> = Vec::new();
    if let Some(extended) = value.extended()
        && let Some(own) = extended.members()
    {
        for (name, member) in own.iter() {
            let (kind, type_name, settable) = match member {
                Member::Note(value) => (PropertyKind::Note, value.type_name(), true),
                Member::Script { setter, .. } => (
                    PropertyKind::Script,
                    "System.Object".into(),
                    setter.is_some(),
                ),
                Member::Alias { target, .. } => (PropertyKind::Alias, target.clone(), true),
                _ => continue,
            };
            let name = name.as_str().into();
            found.push(PropertyEntry {
                name,
                kind,
                type_name,
                settable,
            });
        }
    }
    if let Value::Clr(object) = value.base() {
        for info in object.type_data() {
            if !found.iter().any(|own| equal_folded(&own.name, info.name)) {
                found.push(PropertyEntry {
                    name: info.name.into(),
                    kind: PropertyKind::Script,
                    type_name: info.type_name.into(),
                    settable: info.settable,
                });
            }
        }
    }
    for entry in type_properties(value.base()) {
        if !found.iter().any(|own| equal_folded(&own.name, &entry.name)) {
            found.push(entry);
        }
    }
    found
}

/// The names of the properties of an object.
pub(crate) fn property_names(value: &Value) -> Vec<Text> {
    properties(value)
        .into_iter()
        .map(|entry| entry.name)
        .collect()
}

/// What the .NET type of a value has.
fn type_properties(value: &Value) -> Vec<PropertyEntry> {
    if let Value::Clr(object) = value {
        return object
            .properties()
            .into_iter()
            .map(|info| PropertyEntry {
                name: info.name.into(),
                kind: PropertyKind::Property,
                type_name: info.type_name.into(),
                settable: info.settable,
            })
            .collect();
    }
    if let Value::Object(object) = value
        && !object.base().is_null()
    {
        return type_properties(object.base());
    }
    let table: &[(&str, &str)] = match value {
        Value::String(_) => &[("Length", "int")],
        Value::Array(_) => ARRAY,
        Value::List(_) => LIST,
        Value::Hash(table) => match table.kind() {
            HashKind::Hashtable => HASHTABLE,
            HashKind::Ordered => ORDERED,
            _ => DICTIONARY,
        },
        Value::DateTime(_) => DATE_TIME,
        Value::TimeSpan(_) => TIME_SPAN,
        Value::Version(_) => VERSION,
        Value::Guid(_) => &[("Variant", "int"), ("Version", "int")],
        _ => &[],
    };
    table
        .iter()
        .map(|(name, ty)| PropertyEntry {
            name: (*name).into(),
            kind: match *ty {
                "alias" => PropertyKind::Alias,
                "script" => PropertyKind::Script,
                _ => PropertyKind::Property,
            },
            type_name: match *ty {
                "alias" => "Length".into(),
                "script" => "System.Object".into(),
                ty => ty.into(),
            },
            settable: matches!(*ty, "alias"),
        })
        .collect()
}

/// The value of a property, or `None` if there is none of that name. Entries of dictionaries count as properties.
pub(crate) fn property(
    value: &Value,
    name: &str,
    cx: &mut dyn Context,
) -> Result<Option<Value>, Raise> {
    // Every scalar answers Count and Length in expressions, but neither is a property of it.
    let is_count = equal_folded(name, "Count") || equal_folded(name, "Length");
    if is_count
        && convert::elements_of(value).is_none()
        && !matches!(value.base(), Value::Hash(_))
        && !properties(value)
            .iter()
            .any(|own| equal_folded(&own.name, name))
    {
        return Ok(None);
    }
    members::get_property(value, name, cx)
}

/// The value of a property; null where there is none or it cannot be read.
///
/// # Errors
/// What is not an error but control: a stop, `exit` …
pub(crate) fn property_or_null(
    value: &Value,
    name: &str,
    cx: &mut dyn Context,
) -> Result<Value, Flow> {
    match property(value, name, cx) {
        Ok(found) => Ok(found.unwrap_or_default()),
        Err(raise) => swallow(raise),
    }
}

/// Null for an error; anything else goes on up.
pub(crate) fn swallow(raise: Raise) -> Result<Value, Flow> {
    match Flow::from(raise) {
        Flow::Error(_) => Ok(Value::Null),
        other => Err(other),
    }
}

/// `PSTypeNames` of an object.
pub(crate) fn type_names(value: &Value) -> Vec<Text> {
    if let Some(names) = value
        .extended()
        .and_then(crate::value::Extended::type_names)
    {
        return names;
    }
    match value.base().type_ref() {
        Some(ty) => ty.chain().map(|ty| ty.full_name()).collect(),
        None => Vec::new(),
    }
}

/// A custom object with these properties.
pub(crate) fn custom<N: Into<crate::value::Name>>(
    notes: impl IntoIterator<Item = (N, Value)>,
) -> Value {
    Value::Object(std::sync::Arc::new(crate::value::PsObj::custom(
        notes.into_iter().collect(),
    )))
}

/// The value with room for members: as it is where it has room, wrapped where it has none.
pub(crate) fn extensible(value: Value) -> Value {
    if value.extended().is_some() {
        return value;
    }
    Value::Object(std::sync::Arc::new(crate::value::PsObj::wrapping(
        value,
        crate::value::Members::default(),
    )))
}

/// The text of a value as `ToString()` through PowerShell gives it; errors of scripts within are swallowed.
pub(crate) fn text_of(value: &Value, cx: &mut dyn Context) -> Result<Text, Flow> {
    Ok(convert::to_text(value, cx)?)
}

/// A number as a double; `None` if it does not convert.
pub(crate) fn to_double(value: &Value, cx: &mut dyn Context) -> Option<f64> {
    match convert::to(value, &TypeRef::of(TypeId::Double), cx) {
        Ok(Value::Double(number)) => Some(number),
        _ => None,
    }
}

const ARRAY: &[(&str, &str)] = &[
    ("Count", "alias"),
    ("Length", "int"),
    ("LongLength", "long"),
    ("Rank", "int"),
    ("SyncRoot", "System.Object"),
    ("IsReadOnly", "bool"),
    ("IsFixedSize", "bool"),
    ("IsSynchronized", "bool"),
];

const LIST: &[(&str, &str)] = &[
    ("Capacity", "int"),
    ("Count", "int"),
    ("IsFixedSize", "bool"),
    ("IsReadOnly", "bool"),
    ("IsSynchronized", "bool"),
    ("SyncRoot", "System.Object"),
];

const HASHTABLE: &[(&str, &str)] = &[
    ("IsReadOnly", "bool"),
    ("IsFixedSize", "bool"),
    ("IsSynchronized", "bool"),
    ("Keys", "System.Collections.ICollection"),
    ("Values", "System.Collections.ICollection"),
    ("SyncRoot", "System.Object"),
    ("Count", "int"),
];

const ORDERED: &[(&str, &str)] = &[
    ("Count", "int"),
    ("IsReadOnly", "bool"),
    ("Keys", "System.Collections.ICollection"),
    ("Values", "System.Collections.ICollection"),
    ("IsFixedSize", "bool"),
    ("SyncRoot", "System.Object"),
    ("IsSynchronized", "bool"),
];

const DICTIONARY: &[(&str, &str)] = &[
    ("Comparer", "System.Object"),
    ("Count", "int"),
    ("Capacity", "int"),
    ("Keys", "System.Collections.ICollection"),
    ("Values", "System.Collections.ICollection"),
    ("IsReadOnly", "bool"),
    ("IsFixedSize", "bool"),
    ("SyncRoot", "System.Object"),
    ("IsSynchronized", "bool"),
];

const DATE_TIME: &[(&str, &str)] = &[
    ("DateTime", "script"),
    ("Date", "datetime"),
    ("Day", "int"),
    ("DayOfWeek", "System.DayOfWeek"),
    ("DayOfYear", "int"),
    ("Hour", "int"),
    ("Kind", "System.DateTimeKind"),
    ("Millisecond", "int"),
    ("Microsecond", "int"),
    ("Nanosecond", "int"),
    ("Minute", "int"),
    ("Month", "int"),
    ("Second", "int"),
    ("Ticks", "long"),
    ("TimeOfDay", "timespan"),
    ("Year", "int"),
];

const TIME_SPAN: &[(&str, &str)] = &[
    ("Ticks", "long"),
    ("Days", "int"),
    ("Hours", "int"),
    ("Milliseconds", "int"),
    ("Microseconds", "int"),
    ("Nanoseconds", "int"),
    ("Minutes", "int"),
    ("Seconds", "int"),
    ("TotalDays", "double"),
    ("TotalHours", "double"),
    ("TotalMilliseconds", "double"),
    ("TotalMicroseconds", "double"),
    ("TotalNanoseconds", "double"),
    ("TotalMinutes", "double"),
    ("TotalSeconds", "double"),
];

const VERSION: &[(&str, &str)] = &[
    ("Major", "int"),
    ("Minor", "int"),
    ("Build", "int"),
    ("Revision", "int"),
    ("MajorRevision", "int16"),
    ("MinorRevision", "int16"),
];
