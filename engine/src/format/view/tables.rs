//! Views that are tables, and the lists that belong to the same types.

use super::{Body, Group, View, ViewColumn};
use crate::format::properties::property;
use crate::value::composite::{Culture, format_value};
use crate::value::convert::to_text;
use crate::value::number::{self, integer_of};
use crate::value::{Context, Raise, Value, equal_folded};

const fn table(types: &'static [&'static str], columns: &'static [ViewColumn]) -> View {
    View {
        types,
        body: Body::Table {
            columns,
            auto_size: false,
        },
        group: None,
    }
}

const fn list(types: &'static [&'static str], columns: &'static [ViewColumn]) -> View {
    View {
        types,
        body: Body::List(columns),
        group: None,
    }
}

const SESSION: &[&str] = &["System.Management.Automation.Runspaces.PSSession"];
const ENTRY: &[&str] = &["System.Collections.DictionaryEntry"];
const FILE_SYSTEM: &[&str] = &["System.IO.FileInfo", "System.IO.DirectoryInfo"];

pub(super) static VIEWS: &[View] = &[
    table(
        ENTRY,
        &[
            ViewColumn {
                width: 30,
                ..ViewColumn::plain("Name")
            }
            .native(entry_name),
            ViewColumn::plain("Value"),
        ],
    ),
    list(
        ENTRY,
        &[
            ViewColumn::plain("Name").native(entry_name),
            ViewColumn::plain("Value"),
        ],
    ),
    table(
        &["System.Management.Automation.PSVariable"],
        &[ViewColumn::left("Name", 30), ViewColumn::left("Value", 0)],
    ),
    table(
        &["System.Version"],
        &[
            ViewColumn::left("Major", 6),
            ViewColumn::left("Minor", 6),
            ViewColumn::left("Build", 6),
            ViewColumn::left("Revision", 8),
        ],
    ),
    table(
        &["System.Management.Automation.SemanticVersion"],
        &[
            ViewColumn::left("Major", 6),
            ViewColumn::left("Minor", 6),
            ViewColumn::left("Patch", 6),
            ViewColumn::left("PreReleaseLabel", 15),
            ViewColumn::left("BuildLabel", 10),
        ],
    ),
    table(&["System.Guid"], &[ViewColumn::left("Guid", 0)]),
    table(
        &["System.RuntimeType", "System.Type"],
        &[
            ViewColumn::left("IsPublic", 8),
            ViewColumn::left("IsSerial", 8).native(is_serializable),
            ViewColumn::left("Name", 40),
            ViewColumn::left("BaseType", 0),
        ],
    ),
    table(
        &["System.Globalization.CultureInfo"],
        &[
            ViewColumn::left("LCID", 16),
            ViewColumn::left("Name", 16),
            ViewColumn::left("DisplayName", 0),
        ],
    ),
    View {
        types: FILE_SYSTEM,
        body: Body::Table {
            columns: &[
                ViewColumn::left("UnixMode", 10),
                ViewColumn::right("User", 10),
                ViewColumn::left("Group", 10),
                ViewColumn::right("LastWriteTime", 16).native(write_time),
                ViewColumn::right("Size", 12),
                ViewColumn::left("Name", 0).native(file_name),
            ],
            auto_size: false,
        },
        group: Some(Group {
            label: "Directory",
            indent: 4,
            value: parent_directory,
        }),
    },
    View {
        types: FILE_SYSTEM,
        body: Body::Wide("Name"),
        group: Some(Group {
            label: "Directory",
            indent: 4,
            value: parent_directory,
        }),
    },
    table(
        &["System.Diagnostics.Process"],
        &[
            ViewColumn::right("NPM(K)", 7).native(non_paged_memory),
            ViewColumn::right("PM(M)", 8).native(paged_memory),
            ViewColumn::right("WS(M)", 10).native(working_set),
            ViewColumn::right("CPU(s)", 10).native(processor_time),
            ViewColumn::right("Id", 7),
            ViewColumn::right("SI", 3),
            ViewColumn::left("ProcessName", 0),
        ],
    ),
    table(
        &["System.ServiceProcess.ServiceController"],
        &[
            ViewColumn::left("Status", 8),
            ViewColumn::left("Name", 18),
            ViewColumn::left("DisplayName", 38),
        ],
    ),
    table(
        SESSION,
        &[
            ViewColumn::right("Id", 3),
            ViewColumn::left("Name", 15),
            ViewColumn::left("Transport", 9),
            ViewColumn::left("ComputerName", 15),
            ViewColumn::left("ComputerType", 15),
            ViewColumn::left("State", 13),
            ViewColumn::left("ConfigurationName", 20),
            ViewColumn::right("Availability", 13),
        ],
    ),
    list(
        SESSION,
        &[
            ViewColumn::plain("Id"),
            ViewColumn::plain("Name"),
            ViewColumn::plain("Transport"),
            ViewColumn::plain("ComputerName"),
            ViewColumn::plain("ComputerType"),
            ViewColumn::plain("State"),
            ViewColumn::plain("ConfigurationName"),
            ViewColumn::plain("Availability"),
            ViewColumn::plain("IdleTimeout"),
            ViewColumn::plain("OutputBufferingMode"),
            ViewColumn::plain("DisconnectedOn"),
            ViewColumn::plain("ExpiresOn"),
        ],
    ),
    table(
        &["System.Management.Automation.Job"],
        &[
            ViewColumn::left("Id", 6),
            ViewColumn::left("Name", 15),
            ViewColumn::left("PSJobTypeName", 15),
            ViewColumn::left("State", 13),
            ViewColumn::left("HasMoreData", 15),
            ViewColumn::left("Location", 20),
            ViewColumn::left("Command", 25),
        ],
    ),
    table(
        &[
            "System.Management.Automation.CommandInfo",
            "System.Management.Automation.AliasInfo",
            "System.Management.Automation.ApplicationInfo",
            "System.Management.Automation.CmdletInfo",
            "System.Management.Automation.ExternalScriptInfo",
            "System.Management.Automation.FilterInfo",
            "System.Management.Automation.FunctionInfo",
            "System.Management.Automation.ScriptInfo",
        ],
        &[
            ViewColumn::left("CommandType", 15),
            ViewColumn::left("Name", 50).native(command_name),
            ViewColumn::left("Version", 10),
            ViewColumn::left("Source", 0),
        ],
    ),
    table(
        &["System.Management.Automation.PSModuleInfo"],
        &[
            ViewColumn::left("ModuleType", 10),
            ViewColumn::left("Version", 10),
            ViewColumn::left("PreRelease", 10).native(pre_release),
            ViewColumn::left("Name", 35),
            ViewColumn::left("ExportedCommands", 0).native(exported_commands),
        ],
    ),
    table(
        &["System.Management.Automation.PSDriveInfo"],
        &[
            ViewColumn::left("Name", 10),
            ViewColumn::right("Used (GB)", 13).native(used_gigabytes),
            ViewColumn::right("Free (GB)", 13).native(free_gigabytes),
            ViewColumn::left("Provider", 13).native(provider_name),
            ViewColumn::left("Root", 35),
            ViewColumn::right("CurrentLocation", 0),
        ],
    ),
    table(
        &["System.Management.ManagementObject#root\\cimv2\\Win32_QuickFixEngineering"],
        &[
            ViewColumn::left("Source", 13).of("__SERVER"),
            ViewColumn::left("Description", 16),
            ViewColumn::left("HotFixID", 13),
            ViewColumn::left("InstalledBy", 20),
            ViewColumn::left("InstalledOn", 0),
        ],
    ),
    table(
        &["Microsoft.PowerShell.Commands.GroupInfoNoElement"],
        &[ViewColumn::right("Count", 5), ViewColumn::left("Name", 25)],
    ),
    table(
        &["Microsoft.PowerShell.Commands.GroupInfo"],
        &[
            ViewColumn::right("Count", 5),
            ViewColumn::left("Name", 25),
            ViewColumn::left("Group", 0),
        ],
    ),
    View {
        types: &["Microsoft.PowerShell.Commands.MemberDefinition"],
        body: Body::Table {
            columns: &[
                ViewColumn::plain("Name"),
                ViewColumn::plain("MemberType"),
                ViewColumn::plain("Definition"),
            ],
            auto_size: true,
        },
        group: Some(Group {
            label: "TypeName",
            indent: 3,
            value: member_type_name,
        }),
    },
    table(
        &["Microsoft.PowerShell.Commands.HistoryInfo"],
        &[
            ViewColumn::right("Id", 4),
            ViewColumn::right("Duration", 12).native(duration),
            ViewColumn::left("CommandLine", 0),
        ],
    ),
    table(
        &["System.Management.Automation.PathInfo"],
        &[ViewColumn::left("Path", 0)],
    ),
];

fn get(value: &Value, name: &str, cx: &mut dyn Context) -> Result<Value, Raise> {
    Ok(property(value, name, cx)?.unwrap_or_default())
}

/// The key, whatever it is called on this object.
fn entry_name(value: &Value, cx: &mut dyn Context) -> Result<Value, Raise> {
    match property(value, "Name", cx)? {
        Some(name) => Ok(name),
        None => get(value, "Key", cx),
    }
}

fn is_serializable(value: &Value, _cx: &mut dyn Context) -> Result<Value, Raise> {
    let of_script = matches!(value.base(), Value::Type(crate::value::TypeRef::User(_)));
    Ok(Value::Bool(!of_script))
}

fn write_time(value: &Value, cx: &mut dyn Context) -> Result<Value, Raise> {
    let time = get(value, "LastWriteTime", cx)?;
    if time.is_null() {
        return Ok(Value::Null);
    }
    Ok(
        match format_value(&time, "M/d/yyyy HH:mm", Culture::EnUs, cx)? {
            Ok(text) => Value::String(text),
            Err(_) => time,
        },
    )
}

/// Objects that came over the wire carry no coloured name, and the view shows nothing else.
fn file_name(value: &Value, cx: &mut dyn Context) -> Result<Value, Raise> {
    if let Some(name) = property(value, "NameString", cx)? {
        return Ok(name);
    }
    // PowerShell's type data adds NameString to what it sends; objects of our own endpoint come without it.
    get(value, "Name", cx)
}

fn parent_directory(value: &Value, cx: &mut dyn Context) -> Result<Value, Raise> {
    let parent = get(value, "PSParentPath", cx)?;
    let text = to_text(&parent, cx)?;
    Ok(text
        .replace("Microsoft.PowerShell.Core\\FileSystem::", "")
        .into())
}

fn number_of(value: &Value) -> f64 {
    match value.base() {
        Value::Double(number) => *number,
        Value::Single(number) => f64::from(*number),
        other => integer_of(other).map_or(0.0, |number| number as f64),
    }
}

fn two_digits(number: f64) -> Value {
    match number::format(&Value::Double(number), "N2", &number::EN_US) {
        Some(Some(text)) => text.into(),
        _ => Value::Null,
    }
}

const MEBIBYTE: f64 = 1_048_576.0;
const GIBIBYTE: f64 = 1_073_741_824.0;

fn non_paged_memory(value: &Value, cx: &mut dyn Context) -> Result<Value, Raise> {
    let bytes = get(value, "NPM", cx)?;
    Ok(Value::Int64(
        i64::try_from(integer_of(bytes.base()).unwrap_or(0) / 1024).unwrap_or(0),
    ))
}

fn paged_memory(value: &Value, cx: &mut dyn Context) -> Result<Value, Raise> {
    Ok(two_digits(number_of(&get(value, "PM", cx)?) / MEBIBYTE))
}

fn working_set(value: &Value, cx: &mut dyn Context) -> Result<Value, Raise> {
    Ok(two_digits(number_of(&get(value, "WS", cx)?) / MEBIBYTE))
}

fn processor_time(value: &Value, cx: &mut dyn Context) -> Result<Value, Raise> {
    Ok(two_digits(number_of(&get(value, "CPU", cx)?)))
}

/// An alias is shown with what it stands for.
fn command_name(value: &Value, cx: &mut dyn Context) -> Result<Value, Raise> {
    let kind = get(value, "CommandType", cx)?;
    if equal_folded(&to_text(&kind, cx)?, "Alias")
        && let Some(name) = property(value, "DisplayName", cx)?
    {
        return Ok(name);
    }
    get(value, "Name", cx)
}

fn pre_release(value: &Value, cx: &mut dyn Context) -> Result<Value, Raise> {
    let private = get(value, "PrivateData", cx)?;
    let data = get(&private, "PSData", cx)?;
    get(&data, "Prerelease", cx)
}

fn exported_commands(value: &Value, cx: &mut dyn Context) -> Result<Value, Raise> {
    let commands = get(value, "ExportedCommands", cx)?;
    let Value::Hash(table) = commands.base() else {
        return Ok(Value::Null);
    };
    let names = table.keys();
    Ok(if names.is_empty() {
        Value::Null
    } else {
        Value::array(names)
    })
}

fn gigabytes(value: &Value, name: &str, cx: &mut dyn Context) -> Result<Value, Raise> {
    let bytes = get(value, name, cx)?;
    Ok(if bytes.is_null() {
        Value::Null
    } else {
        two_digits(number_of(&bytes) / GIBIBYTE)
    })
}

fn used_gigabytes(value: &Value, cx: &mut dyn Context) -> Result<Value, Raise> {
    gigabytes(value, "Used", cx)
}

fn free_gigabytes(value: &Value, cx: &mut dyn Context) -> Result<Value, Raise> {
    gigabytes(value, "Free", cx)
}

fn provider_name(value: &Value, cx: &mut dyn Context) -> Result<Value, Raise> {
    let provider = get(value, "Provider", cx)?;
    get(&provider, "Name", cx)
}

fn member_type_name(value: &Value, cx: &mut dyn Context) -> Result<Value, Raise> {
    get(value, "TypeName", cx)
}

/// Seconds with three digits; minutes and hours only where there are any.
fn duration(value: &Value, cx: &mut dyn Context) -> Result<Value, Raise> {
    let span = get(value, "Duration", cx)?;
    let Value::TimeSpan(span) = span.base() else {
        return Ok(Value::Null);
    };
    let milliseconds = span.ticks / crate::value::TICKS_PER_MILLISECOND;
    let (seconds, fraction) = (milliseconds / 1000 % 60, milliseconds % 1000);
    let (minutes, hours) = (milliseconds / 60_000 % 60, milliseconds / 3_600_000);
    let text = if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}.{fraction:03}")
    } else if minutes > 0 {
        format!("{minutes}:{seconds:02}.{fraction:03}")
    } else {
        format!("{seconds}.{fraction:03}")
    };
    Ok(text.into())
}
