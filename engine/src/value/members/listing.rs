//! What properties and type names a value has: for formatting, Get-Member, Select-Object and `.psobject`.

use crate::value::clr_types::PsObjectView;
use crate::value::{HashKind, ListKind, Member, Text, TypeRef, Value};

/// What kind of property it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PropertyKind {
    /// Of the .NET type.
    Property,
    /// A value that a script added.
    Note,
    /// Computed by a script.
    Script,
    /// Another name of a property.
    Alias,
}

/// A property of a value.
#[derive(Clone, Debug)]
pub struct Property {
    /// The name.
    pub name: Text,
    /// The kind.
    pub kind: PropertyKind,
    /// The .NET type of the value, as far as it is known.
    pub type_name: Text,
    /// Whether it can be set.
    pub settable: bool,
}

impl PropertyKind {
    /// The number in `PSMemberTypes`.
    #[must_use]
    pub fn bits(self) -> i64 {
        match self {
            Self::Alias => 1,
            Self::Property => 4,
            Self::Note => 8,
            Self::Script => 16,
        }
    }
}

/// The properties in the order in which they are shown: those of the .NET type, then those that scripts added.
#[must_use]
pub fn properties(value: &Value) -> Vec<Property> {
    let mut all: Vec<Property> = Vec::new();
    let own = match value {
        Value::Object(object) if object.is_bag() => Vec::new(),
        Value::Object(object) => {
            let inner = properties(object.base());
            let Some(TypeRef::User(class)) = object.class() else {
                return with_added(inner, value);
            };
            let fields = class.fields();
            let hidden: Vec<Text> = fields
                .iter()
                .filter(|field| field.hidden)
                .map(|field| field.name.clone())
                .collect();
            all.extend(
                fields
                    .into_iter()
                    .filter(|field| !field.hidden)
                    .map(|field| Property {
                        name: field.name,
                        kind: PropertyKind::Property,
                        type_name: field.type_name,
                        settable: true,
                    }),
            );
            all.extend(inner);
            let listed = all.len();
            let mut all = with_added(all, value);
            // The fields are kept as notes, which makes them neither added nor visible.
            let mut index = 0;
            all.retain_mut(|property| {
                index += 1;
                if index <= listed {
                    property.kind = PropertyKind::Property;
                    return true;
                }
                !hidden
                    .iter()
                    .any(|name| name.eq_ignore_ascii_case(&property.name))
            });
            return all;
        }
        Value::Clr(object) => object
            .properties()
            .into_iter()
            .map(|info| (info.name.into(), Text::from(info.type_name), info.settable))
            .collect(),
        other => built_in(other),
    };
    all.extend(own.into_iter().map(|(name, type_name, settable)| Property {
        name,
        kind: PropertyKind::Property,
        type_name,
        settable,
    }));
    with_added(all, value)
}

fn with_added(mut all: Vec<Property>, value: &Value) -> Vec<Property> {
    add_members(&mut all, value);
    if let Value::Clr(object) = value {
        for info in object.type_data() {
            if !all
                .iter()
                .any(|own| own.name.eq_ignore_ascii_case(info.name))
            {
                all.push(Property {
                    name: info.name.into(),
                    kind: PropertyKind::Script,
                    type_name: info.type_name.into(),
                    settable: info.settable,
                });
            }
        }
    }
    all
}

fn add_members(all: &mut Vec<Property>, value: &Value) {
    let Some(members) = value.extended().and_then(crate::value::Extended::members) else {
        return;
    };
    for (name, member) in members.iter() {
        let (kind, type_name, settable) = match member {
            Member::Note(value) => (
                PropertyKind::Note,
                value
                    .type_ref()
                    .map_or_else(|| "System.Object".into(), |ty| ty.full_name()),
                true,
            ),
            Member::Script { setter, .. } => (
                PropertyKind::Script,
                "System.Object".into(),
                setter.is_some(),
            ),
            Member::Alias { .. } => (PropertyKind::Alias, "System.Object".into(), true),
            _ => continue,
        };
        let property = Property {
            name: Text::from(name),
            kind,
            type_name,
            settable,
        };
        // An added property hides one of the same name.
        match all
            .iter_mut()
            .find(|own| own.name.eq_ignore_ascii_case(name.as_str()))
        {
            Some(own) => *own = property,
            None => all.push(property),
        }
    }
}

fn built_in(value: &Value) -> Vec<(Text, Text, bool)> {
    let int = "System.Int32";
    let (double, long, boolean) = ("System.Double", "System.Int64", "System.Boolean");
    let list: &[(&str, &str)] = match value {
        Value::String(_) => &[("Length", int)],
        Value::Array(_) => &[
            ("Length", int),
            ("LongLength", long),
            ("Rank", int),
            ("SyncRoot", "System.Object"),
            ("IsReadOnly", boolean),
            ("IsFixedSize", boolean),
            ("IsSynchronized", boolean),
            ("Count", int),
        ],
        Value::List(list) => match list.kind() {
            ListKind::ArrayList => &[
                ("Capacity", int),
                ("Count", int),
                ("IsFixedSize", boolean),
                ("IsReadOnly", boolean),
                ("IsSynchronized", boolean),
                ("SyncRoot", "System.Object"),
            ],
            ListKind::Generic(_) => &[("Capacity", int), ("Count", int)],
            ListKind::Collection(_) => &[("Count", int)],
        },
        Value::Hash(table) => match table.kind() {
            HashKind::Hashtable => &[
                ("IsReadOnly", boolean),
                ("IsFixedSize", boolean),
                ("IsSynchronized", boolean),
                ("Keys", "System.Collections.ICollection"),
                ("Values", "System.Collections.ICollection"),
                ("SyncRoot", "System.Object"),
                ("Count", int),
            ],
            HashKind::Ordered => &[
                ("Count", int),
                ("IsReadOnly", boolean),
                ("Keys", "System.Collections.ICollection"),
                ("Values", "System.Collections.ICollection"),
                ("IsFixedSize", boolean),
                ("SyncRoot", "System.Object"),
                ("IsSynchronized", boolean),
            ],
            HashKind::Generic { .. } => &[
                ("Comparer", "System.Object"),
                ("Count", int),
                ("Keys", "System.Object"),
                ("Values", "System.Object"),
            ],
        },
        Value::DateTime(_) => &[
            ("DateTime", "System.Object"),
            ("Date", "System.DateTime"),
            ("Day", int),
            ("DayOfWeek", "System.DayOfWeek"),
            ("DayOfYear", int),
            ("Hour", int),
            ("Kind", "System.DateTimeKind"),
            ("Millisecond", int),
            ("Microsecond", int),
            ("Nanosecond", int),
            ("Minute", int),
            ("Month", int),
            ("Second", int),
            ("Ticks", long),
            ("TimeOfDay", "System.TimeSpan"),
            ("Year", int),
        ],
        Value::TimeSpan(_) => &[
            ("Ticks", long),
            ("Days", int),
            ("Hours", int),
            ("Milliseconds", int),
            ("Microseconds", int),
            ("Nanoseconds", int),
            ("Minutes", int),
            ("Seconds", int),
            ("TotalDays", double),
            ("TotalHours", double),
            ("TotalMilliseconds", double),
            ("TotalMicroseconds", double),
            ("TotalNanoseconds", double),
            ("TotalMinutes", double),
            ("TotalSeconds", double),
        ],
        Value::Version(_) => &[
            ("Major", int),
            ("Minor", int),
            ("Build", int),
            ("Revision", int),
            ("MajorRevision", "System.Int16"),
            ("MinorRevision", "System.Int16"),
        ],
        Value::Guid(_) => &[
            ("Guid", "System.String"),
            ("Variant", int),
            ("Version", int),
        ],
        Value::Enum(_) => &[("value__", int)],
        Value::BigInt(_) => &[
            ("IsPowerOfTwo", boolean),
            ("IsZero", boolean),
            ("IsOne", boolean),
            ("IsEven", boolean),
            ("Sign", int),
        ],
        Value::Decimal(_) => &[("Scale", "System.Byte")],
        Value::Type(_) => &[
            ("Name", "System.String"),
            ("FullName", "System.String"),
            ("Namespace", "System.String"),
            ("BaseType", "System.Type"),
            ("IsEnum", boolean),
            ("IsValueType", boolean),
            ("IsArray", boolean),
        ],
        _ => &[],
    };
    let settable = |name: &str| name == "Capacity";
    list.iter()
        .map(|(name, type_name)| (Text::from(*name), Text::from(*type_name), settable(name)))
        .collect()
}

/// `PSTypeNames`: what scripts set, or the .NET type and its bases.
#[must_use]
pub fn type_names(value: &Value) -> Vec<Text> {
    if let Some(names) = value
        .extended()
        .and_then(crate::value::Extended::type_names)
    {
        return names;
    }
    if let Value::Object(object) = value
        && !object.is_custom()
    {
        return type_names(object.base());
    }
    value.type_ref().map_or_else(Vec::new, |ty| {
        ty.chain()
            .map(|ty| ty.full_name())
            .filter(|name| {
                name.as_str() != "System.RuntimeType" || !matches!(value, Value::Type(_))
            })
            .collect()
    })
}

/// `.psobject`, `.pstypenames` and `.psbase`, which everything has.
pub(super) fn shell_member(target: &Value, name: &str) -> Option<Value> {
    if !name
        .get(..2)
        .is_some_and(|start| start.eq_ignore_ascii_case("ps"))
        || target.is_null()
    {
        return None;
    }
    match name.to_ascii_lowercase().as_str() {
        "psobject" => Some(Value::clr(PsObjectView::new(target.clone()))),
        "pstypenames" => Some(PsObjectView::new(target.clone()).type_names()),
        "psbase" => Some(target.base().clone()),
        _ => None,
    }
}
