//! What an object shows: its type names, and its properties in order.

pub(super) use crate::value::members::type_names;
use crate::value::members::{get_property, properties};
use crate::value::pattern::Wildcard;
use crate::value::{Context, HashKind, ListKind, Member, Raise, Text, Value, equal_folded};

/// What stands before the type names of objects that came over the wire.
const DESERIALIZED: &str = "Deserialized.";

/// A type name without what says that the object came over the wire.
pub(super) fn live_name(name: &str) -> &str {
    name.strip_prefix(DESERIALIZED).unwrap_or(name)
}

/// The names of the properties in the order in which they are shown: those that were added, then those of the type.
pub(super) fn property_names(value: &Value) -> Vec<Text> {
    if let Value::Object(object) = value
        && object.class().is_some()
    {
        return properties(value)
            .into_iter()
            .map(|property| property.name)
            .collect();
    }
    let mut names: Vec<Text> = Vec::new();
    if let Some(members) = value.extended().and_then(|extended| extended.members()) {
        for (name, member) in members.iter() {
            if matches!(
                member,
                Member::Note(_) | Member::Script { .. } | Member::Alias { .. }
            ) {
                names.push(name.into());
            }
        }
    }
    for name in type_property_names(value) {
        if !names.iter().any(|own| equal_folded(own, &name)) {
            names.push(name);
        }
    }
    names
}

fn type_property_names(value: &Value) -> Vec<Text> {
    let names: &[&str] = match value {
        Value::Clr(object) => {
            return object
                .type_data()
                .iter()
                .chain(&object.properties())
                .map(|property| property.name.into())
                .collect();
        }
        Value::Object(object) if !object.base().is_null() => {
            return property_names(object.base());
        }
        Value::String(_) => &["Length"],
        Value::Array(_) => &[
            "Length",
            "LongLength",
            "Rank",
            "SyncRoot",
            "IsReadOnly",
            "IsFixedSize",
            "IsSynchronized",
            "Count",
        ],
        Value::List(list) => match list.kind() {
            ListKind::ArrayList => &[
                "Capacity",
                "Count",
                "IsFixedSize",
                "IsReadOnly",
                "IsSynchronized",
                "SyncRoot",
            ],
            ListKind::Collection(_) => &["Count"],
            _ => &["Capacity", "Count"],
        },
        Value::Hash(table) => match table.kind() {
            HashKind::Hashtable => &[
                "IsReadOnly",
                "IsFixedSize",
                "IsSynchronized",
                "Keys",
                "Values",
                "SyncRoot",
                "Count",
            ],
            HashKind::Ordered => &[
                "Count",
                "IsReadOnly",
                "Keys",
                "Values",
                "IsFixedSize",
                "SyncRoot",
                "IsSynchronized",
            ],
            HashKind::Generic { .. } => &[
                "Comparer",
                "Count",
                "Capacity",
                "Keys",
                "Values",
                "IsReadOnly",
                "IsFixedSize",
                "SyncRoot",
                "IsSynchronized",
            ],
        },
        Value::DateTime(_) => &[
            "Date",
            "Day",
            "DayOfWeek",
            "DayOfYear",
            "Hour",
            "Kind",
            "Millisecond",
            "Microsecond",
            "Nanosecond",
            "Minute",
            "Month",
            "Second",
            "Ticks",
            "TimeOfDay",
            "Year",
            "DateTime",
        ],
        Value::TimeSpan(_) => &[
            "Ticks",
            "Days",
            "Hours",
            "Milliseconds",
            "Microseconds",
            "Nanoseconds",
            "Minutes",
            "Seconds",
            "TotalDays",
            "TotalHours",
            "TotalMilliseconds",
            "TotalMicroseconds",
            "TotalNanoseconds",
            "TotalMinutes",
            "TotalSeconds",
        ],
        Value::Version(_) => &[
            "Major",
            "Minor",
            "Build",
            "Revision",
            "MajorRevision",
            "MinorRevision",
        ],
        Value::Guid(_) => &["Variant", "Version", "Guid"],
        Value::Type(_) => &[
            "IsCollectible",
            "FullName",
            "AssemblyQualifiedName",
            "Namespace",
            "Name",
            "IsPublic",
            "BaseType",
            "IsEnum",
            "IsValueType",
            "IsClass",
            "IsInterface",
            "IsArray",
            "IsAbstract",
            "IsSealed",
            "IsGenericType",
            "IsPrimitive",
            "GenericTypeArguments",
            "UnderlyingSystemType",
        ],
        Value::ScriptBlock(_) => &[
            "Attributes",
            "File",
            "IsFilter",
            "IsConfiguration",
            "Module",
            "StartPosition",
            "DebuggerHidden",
            "Id",
            "Ast",
        ],
        _ => &[],
    };
    names.iter().map(|name| (*name).into()).collect()
}

/// The value of a property; `None` if the object has no such property, or if reading it fails.
///
/// # Errors
/// Only what ends the script: errors of a script property make it empty.
pub(super) fn property(
    value: &Value,
    name: &str,
    cx: &mut dyn Context,
) -> Result<Option<Value>, Raise> {
    if let Value::Guid(guid) = value.base()
        && equal_folded(name, "Variant")
    {
        return Ok(guid
            .as_bytes()
            .get(8)
            .map(|byte| Value::Int32(i32::from(byte >> 4))));
    }
    if !has_property(value, name) {
        return Ok(None);
    }
    let found = get_property(value, name, cx);
    survive(found, cx).map(Option::flatten)
}

fn has_property(value: &Value, name: &str) -> bool {
    let added = value.extended().is_some_and(|extended| {
        extended
            .members()
            .is_some_and(|members| members.get(name).is_some())
    });
    if added {
        return true;
    }
    match value {
        Value::Clr(object) => object.property(name).is_some(),
        Value::Object(object) => !object.base().is_null() && has_property(object.base(), name),
        other => type_property_names(other)
            .iter()
            .any(|own| equal_folded(own, name)),
    }
}

/// An error becomes nothing; what ends the script stays.
pub(super) fn survive<T>(result: Result<T, Raise>, cx: &dyn Context) -> Result<Option<T>, Raise> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(raise) if cx.is_error(&raise) => Ok(None),
        Err(flow) => Err(flow),
    }
}

/// The names of the properties that `pattern` means; none if there is no such property.
pub(super) fn matching_names(value: &Value, pattern: &str) -> Vec<Text> {
    if !Wildcard::has_wildcards(pattern) {
        let names = property_names(value);
        let own = names.into_iter().find(|name| equal_folded(name, pattern));
        return match own {
            Some(name) => vec![name],
            None if has_property(value, pattern) => vec![pattern.into()],
            None => Vec::new(),
        };
    }
    let Some(wildcard) = Wildcard::new(pattern, true) else {
        return Vec::new();
    };
    property_names(value)
        .into_iter()
        .filter(|name| wildcard.is_match(name))
        .collect()
}

/// The properties that the object's type data names as those to show, if it does.
pub(super) fn default_set(value: &Value) -> Option<Vec<Text>> {
    if let Some(Member::MemberSet(set)) = value
        .extended()
        .and_then(|extended| extended.member("PSStandardMembers"))
        && let Some(Member::PropertySet(names)) = set.get("DefaultDisplayPropertySet")
    {
        return Some(names.clone());
    }
    let names = type_names(value);
    DEFAULT_SETS
        .iter()
        .find(|(ty, _)| names.iter().any(|name| live_name(name) == *ty))
        .map(|(_, set)| set.iter().map(|name| (*name).into()).collect())
}

/// Types whose objects have too many properties to show all of them.
const DEFAULT_SETS: &[(&str, &[&str])] = &[
    (
        "System.Diagnostics.Process",
        &["Id", "Handles", "CPU", "SI", "Name"],
    ),
    (
        "System.ServiceProcess.ServiceController",
        &["Status", "Name", "DisplayName"],
    ),
    (
        "System.TimeZoneInfo",
        &[
            "Id",
            "HasIanaId",
            "DisplayName",
            "StandardName",
            "DaylightName",
            "BaseUtcOffset",
            "SupportsDaylightSavingTime",
        ],
    ),
];
