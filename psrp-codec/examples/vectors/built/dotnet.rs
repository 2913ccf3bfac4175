//! What .NET calls its types, and which of them hold others.

use psrp_codec::{ContainerKind, Value};

use super::source::Type;

/// How values of a type hold others.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Holds {
    Items(ContainerKind),
    Entries,
    /// The same, in the order of their keys.
    SortedEntries,
}

/// What PowerShell calls a type, what .NET calls it, and how many arguments it takes.
const NAMES: &[(&str, &str)] = &[
    ("bool", "System.Boolean"),
    ("byte", "System.Byte"),
    ("sbyte", "System.SByte"),
    ("int16", "System.Int16"),
    ("short", "System.Int16"),
    ("uint16", "System.UInt16"),
    ("ushort", "System.UInt16"),
    ("int", "System.Int32"),
    ("int32", "System.Int32"),
    ("uint32", "System.UInt32"),
    ("uint", "System.UInt32"),
    ("long", "System.Int64"),
    ("int64", "System.Int64"),
    ("uint64", "System.UInt64"),
    ("ulong", "System.UInt64"),
    ("single", "System.Single"),
    ("float", "System.Single"),
    ("double", "System.Double"),
    ("decimal", "System.Decimal"),
    ("char", "System.Char"),
    ("string", "System.String"),
    ("object", "System.Object"),
    ("guid", "System.Guid"),
    ("version", "System.Version"),
    ("uri", "System.Uri"),
    ("xml", "System.Xml.XmlDocument"),
    ("datetime", "System.DateTime"),
    ("timespan", "System.TimeSpan"),
    ("scriptblock", "System.Management.Automation.ScriptBlock"),
    ("psobject", "System.Management.Automation.PSObject"),
    ("pscustomobject", "System.Management.Automation.PSObject"),
    ("nullable", "System.Nullable"),
    ("hashtable", "System.Collections.Hashtable"),
    (
        "ordered",
        "System.Collections.Specialized.OrderedDictionary",
    ),
    ("bitconverter", "System.BitConverter"),
    ("enum", "System.Enum"),
    ("securestring", "System.Security.SecureString"),
    ("switch", "System.Management.Automation.SwitchParameter"),
    ("pscredential", "System.Management.Automation.PSCredential"),
];

/// The containers that are written as such, and what else they are beside objects.
const CONTAINERS: &[(&str, Holds, &[&str])] = &[
    ("ArrayList", Holds::Items(ContainerKind::List), &[]),
    ("Stack", Holds::Items(ContainerKind::Stack), &[]),
    ("Queue", Holds::Items(ContainerKind::Queue), &[]),
    ("Generic.List", Holds::Items(ContainerKind::List), &[]),
    ("Generic.Stack", Holds::Items(ContainerKind::Stack), &[]),
    ("Generic.Queue", Holds::Items(ContainerKind::Queue), &[]),
    (
        "ObjectModel.Collection",
        Holds::Items(ContainerKind::List),
        &[],
    ),
    (
        "ObjectModel.ObservableCollection",
        Holds::Items(ContainerKind::List),
        &["ObjectModel.Collection"],
    ),
    (
        "Specialized.StringCollection",
        Holds::Items(ContainerKind::List),
        &[],
    ),
    (
        "Concurrent.ConcurrentStack",
        Holds::Items(ContainerKind::Enumerable),
        &[],
    ),
    (
        "Concurrent.ConcurrentQueue",
        Holds::Items(ContainerKind::Enumerable),
        &[],
    ),
    (
        "Concurrent.ConcurrentBag",
        Holds::Items(ContainerKind::Enumerable),
        &[],
    ),
    ("Hashtable", Holds::Entries, &[]),
    ("Specialized.OrderedDictionary", Holds::Entries, &[]),
    ("Specialized.HybridDictionary", Holds::Entries, &[]),
    ("Specialized.ListDictionary", Holds::Entries, &[]),
    ("SortedList", Holds::SortedEntries, &[]),
    ("Generic.Dictionary", Holds::Entries, &[]),
    ("Generic.OrderedDictionary", Holds::Entries, &[]),
    ("Generic.SortedDictionary", Holds::SortedEntries, &[]),
];

const CORE: &str =
    ", System.Private.CoreLib, Version=10.0.0.0, Culture=neutral, PublicKeyToken=7cec85d7bea7798e";
const POWERSHELL: &str = ", System.Management.Automation, Version=7.6.0.500, Culture=neutral, PublicKeyToken=31bf3856ad364e35";

/// The values that a type can have.
#[derive(Clone)]
pub(super) struct Enumeration {
    /// What its numbers are; `int` unless it says so.
    pub(super) base: Option<Type>,
    /// Whether its values can be put together.
    pub(super) flags: bool,
    pub(super) members: Vec<(String, i128)>,
}

/// A name, whether values can be put together, and some of them.
type Known = (&'static str, bool, &'static [(&'static str, i128)]);

const ENUMERATIONS: &[Known] = &[
    (
        "System.DayOfWeek",
        false,
        &[
            ("Sunday", 0),
            ("Monday", 1),
            ("Tuesday", 2),
            ("Wednesday", 3),
            ("Thursday", 4),
            ("Friday", 5),
            ("Saturday", 6),
        ],
    ),
    (
        "System.ConsoleColor",
        false,
        &[
            ("Black", 0),
            ("Blue", 9),
            ("Green", 10),
            ("Red", 12),
            ("White", 15),
        ],
    ),
    (
        "System.IO.FileAttributes",
        true,
        &[
            ("None", 0),
            ("ReadOnly", 1),
            ("Hidden", 2),
            ("System", 4),
            ("Directory", 16),
            ("Archive", 32),
        ],
    ),
    (
        "System.Reflection.BindingFlags",
        true,
        &[
            ("Default", 0),
            ("IgnoreCase", 1),
            ("DeclaredOnly", 2),
            ("Instance", 4),
            ("Static", 8),
            ("Public", 16),
            ("NonPublic", 32),
        ],
    ),
    (
        "System.Text.RegularExpressions.RegexOptions",
        true,
        &[("None", 0), ("IgnoreCase", 1), ("Multiline", 2)],
    ),
    (
        "System.Management.Automation.ErrorCategory",
        false,
        &[
            ("NotSpecified", 0),
            ("OpenError", 1),
            ("ObjectNotFound", 13),
            ("SecurityError", 25),
        ],
    ),
    (
        "System.Management.Automation.Host.ControlKeyStates",
        true,
        &[("ShiftPressed", 16)],
    ),
    ("System.UriKind", false, &[("Absolute", 1), ("Relative", 2)]),
    (
        "System.Management.Automation.CommandOrigin",
        false,
        &[("Runspace", 0), ("Internal", 1)],
    ),
    (
        "System.Management.Automation.JobState",
        false,
        &[
            ("NotStarted", 0),
            ("Running", 1),
            ("Completed", 2),
            ("Failed", 3),
        ],
    ),
    (
        "System.Runtime.InteropServices.GCHandleType",
        false,
        &[("Weak", 0), ("Normal", 2), ("Pinned", 3)],
    ),
];

impl Type {
    /// The name without arguments, as .NET has it.
    pub(super) fn base_name(&self) -> String {
        let known = NAMES
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(&self.name));
        match known {
            Some((_, full)) => (*full).into(),
            None if self.name.starts_with("System.") => self.name.clone(),
            None => format!("System.{}", self.name),
        }
    }

    /// The name that stands in lists of type names.
    pub(super) fn full_name(&self) -> String {
        let mut name = self.base_name();
        if !self.arguments.is_empty() {
            let arguments: Vec<_> = self
                .arguments
                .iter()
                .map(|each| format!("[{}]", each.qualified()))
                .collect();
            name = format!("{name}`{}[{}]", arguments.len(), arguments.join(","));
        }
        self.ranks.iter().fold(name, |name, rank| name + rank)
    }

    fn qualified(&self) -> String {
        let name = self.full_name();
        let assembly = if name.starts_with("System.Management.Automation.") {
            POWERSHELL
        } else {
            CORE
        };
        name + assembly
    }

    /// Whether it is the type of this name, without arguments.
    pub(super) fn is(&self, name: &str) -> bool {
        self.arguments.is_empty() && self.ranks.is_empty() && self.base_name() == name
    }

    /// What it is an array of.
    pub(super) fn element(&self) -> Option<Self> {
        let mut element = self.clone();
        // `int[][]` is written as it is read: an array of `int[]`.
        (element.ranks.pop()? == "[]").then_some(element)
    }

    /// How it holds others, with all its names.
    pub(super) fn container(&self) -> Option<(Holds, Vec<String>)> {
        const OBJECT: &str = "System.Object";
        if !self.ranks.is_empty() {
            let names = vec![self.full_name(), "System.Array".into(), OBJECT.into()];
            return Some((Holds::Items(ContainerKind::List), names));
        }
        let base = self.base_name();
        if base == "System.Management.Automation.PSPrimitiveDictionary" {
            let names = vec![base, "System.Collections.Hashtable".into(), OBJECT.into()];
            return Some((Holds::Entries, names));
        }
        if base == "System.Management.Automation.PSDataCollection" {
            let names = vec![self.full_name(), OBJECT.into()];
            return Some((Holds::Items(ContainerKind::List), names));
        }
        let short = base.strip_prefix("System.Collections.")?;
        let (_, holds, more) = CONTAINERS.iter().find(|(name, ..)| *name == short)?;
        let mut names = vec![self.full_name()];
        for name in *more {
            let mut other = self.clone();
            other.name = format!("System.Collections.{name}");
            names.push(other.full_name());
        }
        names.push(OBJECT.into());
        Some((*holds, names))
    }

    /// What a variable of the type holds at first.
    pub(super) fn default_value(&self) -> Option<Value> {
        match self.base_name().strip_prefix("System.")? {
            "Int32" => Some(Value::Int32(0)),
            "Boolean" => Some(Value::Bool(false)),
            "String" | "Object" | "Nullable" => Some(Value::Null),
            _ => None,
        }
    }

    /// The enumeration that it is.
    pub(super) fn enumeration(&self) -> Option<Enumeration> {
        let base = self.base_name();
        let (_, flags, members) = ENUMERATIONS.iter().find(|(name, ..)| *name == base)?;
        let members = members
            .iter()
            .map(|(name, number)| ((*name).to_owned(), *number));
        Some(Enumeration {
            base: None,
            flags: *flags,
            members: members.collect(),
        })
    }
}
