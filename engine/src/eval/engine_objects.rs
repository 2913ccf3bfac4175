//! `$Host` and `$ExecutionContext`: objects that speak of the engine itself.

use std::sync::Arc;

use crate::runspace::RunspaceOptions;
use crate::value::{Members, PsObj, Text, Value, Version};

/// `$Host`, as far as scripts read it; calls of its methods go through the machine.
pub(crate) fn host(options: &RunspaceOptions) -> Value {
    let version = Version::parse(env!("CARGO_PKG_VERSION")).unwrap_or(Version::new(0, 1));
    let notes: Members = [
        ("Name", Value::from(options.host_name.as_str())),
        ("Version", Value::Version(version)),
        ("InstanceId", Value::Guid(uuid::Uuid::new_v4())),
        (
            "UI",
            object(
                "System.Management.Automation.Internal.Host.InternalHostUserInterface",
                [
                    ("RawUI", Value::Null),
                    ("SupportsVirtualTerminal", Value::Bool(false)),
                ],
            ),
        ),
        ("CurrentCulture", Value::from("en-US")),
        ("CurrentUICulture", Value::from("en-US")),
        ("PrivateData", Value::Null),
        ("DebuggerEnabled", Value::Bool(true)),
        ("IsRunspacePushed", Value::Bool(false)),
        ("Runspace", Value::Null),
    ]
    .into_iter()
    .collect();
    named(
        "System.Management.Automation.Internal.Host.InternalHost",
        notes,
    )
}

/// `$ExecutionContext`.
pub(crate) fn execution_context() -> Value {
    let language = Value::enumeration("System.Management.Automation.PSLanguageMode", 0)
        .unwrap_or_else(|| "FullLanguage".into());
    let state = object(
        "System.Management.Automation.SessionState",
        [
            ("LanguageMode", language),
            ("UseFullLanguageModeInDebugger", Value::Bool(false)),
        ],
    );
    object(
        "System.Management.Automation.EngineIntrinsics",
        [("SessionState", state), ("Host", Value::Null)],
    )
}

fn object<const N: usize>(type_name: &str, notes: [(&str, Value); N]) -> Value {
    named(type_name, notes.into_iter().collect())
}

fn named(type_name: &str, notes: Members) -> Value {
    let object = PsObj::custom(notes);
    object
        .extended()
        .set_type_names(vec![Text::from(type_name), "System.Object".into()]);
    Value::Object(Arc::new(object))
}

/// A record of a stream as an object with its text.
pub(crate) fn with_text(type_name: &str, members: Members, text: Text) -> Value {
    Value::clr(Record {
        type_name: type_name.into(),
        members,
        text,
        extended: crate::value::Extended::default(),
    })
}

/// An object of a .NET type whose properties are plain values.
#[derive(Debug)]
pub(crate) struct Record {
    type_name: Text,
    members: Members,
    text: Text,
    extended: crate::value::Extended,
}

impl crate::value::ClrLike for Record {
    fn type_ref(&self) -> crate::value::TypeRef {
        crate::value::TypeRef::find(&self.type_name)
            .unwrap_or_else(|| crate::value::TypeRef::of(crate::value::TypeId::Object))
    }

    fn property(&self, name: &str) -> Option<Result<Value, crate::value::Raise>> {
        self.members.note(name).cloned().map(Ok)
    }

    fn text(&self) -> Text {
        self.text.clone()
    }

    fn extended(&self) -> Option<&crate::value::Extended> {
        Some(&self.extended)
    }
}

/// `$PWD`.
pub(crate) fn path_info(location: &str) -> Value {
    let members = [
        ("Drive", Value::from("/")),
        (
            "Provider",
            Value::from("Microsoft.PowerShell.Core\\FileSystem"),
        ),
        ("ProviderPath", Value::from(location)),
        ("Path", Value::from(location)),
    ];
    with_text(
        "System.Management.Automation.PathInfo",
        members.into_iter().collect(),
        location.into(),
    )
}
