//! Drives, and drives and providers as objects.

use std::sync::{Arc, LazyLock};

use super::{ItemPath, Provider};
use crate::command::CommandContext;
use crate::command::net_object::NetObject;
use crate::eval::Session;
use crate::value::{List, ListKind, Text, TypeId, TypeRef, Value};

/// A drive of a session.
#[derive(Clone, Debug)]
pub(crate) struct Drive {
    pub(crate) name: Text,
    pub(crate) provider: Provider,
    pub(crate) root: String,
    pub(crate) description: Text,
}

/// Where a session keeps the drives that New-PSDrive made.
const KEY: &str = "drives";

/// All drives, those that the session made last.
pub(crate) fn drives(session: &Session) -> Vec<Drive> {
    let own = |provider: Provider, root: &str, description: &str| Drive {
        name: provider.drive().into(),
        provider,
        root: root.to_owned(),
        description: description.into(),
    };
    let mut all = vec![
        own(Provider::FileSystem, "/", ""),
        own(
            Provider::Alias,
            "",
            "Drive that contains a view of the aliases stored in a session state",
        ),
        own(
            Provider::Environment,
            "",
            "Drive that contains a view of the environment variables for the process",
        ),
        own(
            Provider::Function,
            "",
            "Drive that contains a view of the functions stored in a session state",
        ),
        own(
            Provider::Variable,
            "",
            "Drive that contains a view of those variables stored in a session state",
        ),
        Drive {
            name: "Temp".into(),
            provider: Provider::FileSystem,
            root: temporary_folder(),
            description: "Drive that maps to the temporary directory path for the current user"
                .into(),
        },
    ];
    all.extend(made(session).iter().cloned());
    all
}

/// The folder for temporary files.
pub(crate) fn temporary_folder() -> String {
    let mut path = std::env::temp_dir().to_string_lossy().into_owned();
    if !path.ends_with('/') {
        path.push('/');
    }
    path
}

fn made(session: &Session) -> &[Drive] {
    session
        .extensions
        .get(KEY)
        .and_then(|drives| drives.downcast_ref::<Vec<Drive>>())
        .map_or(&[], Vec::as_slice)
}

impl Drive {
    /// Adds the drive to a session.
    pub(crate) fn add(self, session: &mut Session) {
        let mut drives = made(session).to_vec();
        drives.push(self);
        session.extensions.insert(KEY, Box::new(drives));
    }

    /// Takes a drive out of a session again; false if it was not made there.
    pub(crate) fn remove(session: &mut Session, name: &str) -> bool {
        let mut drives = made(session).to_vec();
        let before = drives.len();
        drives.retain(|drive| !crate::value::equal_folded(&drive.name, name));
        let removed = drives.len() < before;
        session.extensions.insert(KEY, Box::new(drives));
        removed
    }

    /// As a `PSDriveInfo`.
    pub(crate) fn into_value(self, location: &str) -> Value {
        let properties = vec![
            (
                "CurrentLocation",
                Value::from(if self.provider == Provider::FileSystem {
                    location
                } else {
                    ""
                }),
            ),
            ("Name", Value::String(self.name.clone())),
            ("Provider", provider_object(self.provider)),
            ("Root", Value::from(self.root)),
            ("Description", Value::String(self.description)),
            ("MaximumSize", Value::Null),
            ("Credential", Value::Null),
            ("DisplayRoot", Value::Null),
            (
                "VolumeSeparatedByColon",
                Value::Bool(self.name.as_str() != "/"),
            ),
        ];
        NetObject::new("System.Management.Automation.PSDriveInfo", properties)
            .with_text(self.name)
            .into_value()
    }
}

/// The `PSDriveInfo` of the drive on which a place is.
pub(crate) fn drive_object(cx: &CommandContext<'_, '_>, path: &ItemPath) -> Value {
    let name = path.provider.drive();
    let drive = Drive {
        name: name.into(),
        provider: path.provider,
        root: if name == "/" {
            "/".to_owned()
        } else {
            String::new()
        },
        description: Text::default(),
    };
    drive.into_value(cx.machine.session.location.trim_start_matches('/'))
}

static PROVIDERS: LazyLock<Vec<(Provider, Value)>> = LazyLock::new(|| {
    Provider::ALL
        .into_iter()
        .map(|provider| (provider, make_provider(provider)))
        .collect()
});

/// The `ProviderInfo` of a provider: one object for the whole process.
pub(crate) fn provider_object(provider: Provider) -> Value {
    PROVIDERS
        .iter()
        .find(|(own, _)| *own == provider)
        .map_or(Value::Null, |(_, value)| value.clone())
}

fn make_provider(provider: Provider) -> Value {
    let name = provider.name();
    let capabilities = match provider {
        Provider::FileSystem => "Filter, ShouldProcess, Credentials",
        _ => "ShouldProcess",
    };
    let drives = Value::List(Arc::new(List::new(
        ListKind::Collection(TypeRef::of(TypeId::Object)),
        vec![Value::from(provider.drive())],
    )));
    let properties = vec![
        (
            "ImplementingType",
            Value::from(format!("Microsoft.PowerShell.Commands.{name}Provider")),
        ),
        (
            "HelpFile",
            "System.Management.Automation.dll-Help.xml".into(),
        ),
        ("Name", Value::from(name)),
        ("PSSnapIn", "Microsoft.PowerShell.Core".into()),
        ("ModuleName", "Microsoft.PowerShell.Core".into()),
        ("Module", Value::Null),
        ("Description", "".into()),
        ("Capabilities", capabilities.into()),
        ("Home", "".into()),
        ("Drives", drives),
        ("VolumeSeparatedByColon", Value::Bool(false)),
        ("ItemSeparator", Value::Char(47)),
        ("AltItemSeparator", Value::Char(92)),
    ];
    NetObject::new("System.Management.Automation.ProviderInfo", properties)
        .with_text(format!("Microsoft.PowerShell.Core\\{name}"))
        .into_value()
}
