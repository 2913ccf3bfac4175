//! From what a script writes to the item that is meant.

use super::drive::drives;
use super::{Provider, drive_object, provider_object};
use crate::command::CommandContext;
use crate::command::net_object::NetObject;
use crate::eval::{Flow, Run, Session};
use crate::value::{ErrorCategory, Text, TypeId, Value, equal_folded};

/// A place, fully spelt out.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct ItemPath {
    pub(crate) provider: Provider,
    /// In the file system an absolute path; otherwise the name, empty for the drive itself.
    pub(crate) path: String,
}

/// The paths that a command was given.
pub(crate) struct Paths {
    /// As written, with whether wildcards count.
    pub(crate) given: Vec<(Text, bool)>,
}

impl ItemPath {
    /// A place in the file system.
    pub(crate) fn file(path: impl Into<String>) -> Self {
        Self {
            provider: Provider::FileSystem,
            path: path.into(),
        }
    }

    /// As messages show it.
    pub(crate) fn shown(&self) -> String {
        match self.provider {
            Provider::FileSystem => self.path.clone(),
            provider => format!("{}:/{}", provider.drive(), self.path),
        }
    }

    /// The last part.
    pub(crate) fn leaf(&self) -> &str {
        match self.path.trim_end_matches('/').rsplit('/').next() {
            Some("") | None => &self.path,
            Some(leaf) => leaf,
        }
    }

    /// The folder around; empty at the root.
    pub(crate) fn parent(&self) -> String {
        match self.path.trim_end_matches('/').rsplit_once('/') {
            Some(("", leaf)) if !leaf.is_empty() => "/".to_owned(),
            Some((parent, _)) => parent.to_owned(),
            None => String::new(),
        }
    }

    /// `PSPath`.
    pub(crate) fn provider_path(&self) -> String {
        match self.provider {
            Provider::FileSystem => format!("Microsoft.PowerShell.Core\\FileSystem::{}", self.path),
            provider => format!(
                "Microsoft.PowerShell.Core\\{}::{}",
                provider.name(),
                self.path
            ),
        }
    }
}

impl Paths {
    /// `-Path` and `-LiteralPath`; `default` where neither is given.
    pub(crate) fn of(cx: &CommandContext<'_, '_>, default: Option<&str>) -> Self {
        let mut given: Vec<(Text, bool)> = cx
            .texts("Path")
            .into_iter()
            .map(|path| (path, true))
            .collect();
        given.extend(
            cx.texts("LiteralPath")
                .into_iter()
                .map(|path| (path, false)),
        );
        if let (true, Some(default)) = (given.is_empty(), default) {
            given.push((default.into(), true));
        }
        Self { given }
    }
}

/// Takes `.`, `..` and doubled slashes out of an absolute path.
pub(crate) fn normalize(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    format!("/{}", parts.join("/"))
}

/// The path of the file that `text` means.
///
/// # Errors
/// When there is no such drive, or what is on it is not files.
pub(crate) fn locate_file(cx: &CommandContext<'_, '_>, text: &str) -> Run<ItemPath> {
    let place = locate(cx, text)?;
    if place.provider == Provider::FileSystem {
        return Ok(place);
    }
    let message = format!(
        "Cannot open file because the current provider (Microsoft.PowerShell.Core\\{}) cannot open a file.",
        place.provider.name()
    );
    Err(cx.fail(
        TypeId::PSInvalidOperationException,
        message,
        "ReadWriteFileNotFileSystemProvider",
        ErrorCategory::InvalidArgument,
        Value::Null,
    ))
}

/// The place that `text` means, wildcards untouched.
///
/// # Errors
/// When there is no such drive.
pub(crate) fn locate(cx: &CommandContext<'_, '_>, text: &str) -> Run<ItemPath> {
    if let Some((provider, rest)) = text.split_once("::") {
        return match Provider::named(provider) {
            Some(Provider::FileSystem) => {
                Ok(ItemPath::file(absolute(&cx.machine.session.location, rest)))
            }
            Some(provider) => Ok(ItemPath {
                provider,
                path: rest.trim_start_matches(['/', '\\']).to_owned(),
            }),
            None => {
                let message = format!("Cannot find a provider with the name '{provider}'.");
                Err(cx.fail(
                    TypeId::ProviderNotFoundException,
                    message,
                    "ProviderNotFound",
                    ErrorCategory::ObjectNotFound,
                    Value::from(provider),
                ))
            }
        };
    }
    if let Some((drive, rest)) = text.split_once(':')
        && !drive.is_empty()
        && !drive.contains(['/', '\\'])
        && !drive.starts_with('.')
    {
        return match drives(cx.machine.session)
            .into_iter()
            .find(|own| equal_folded(&own.name, drive))
        {
            Some(own) if own.provider == Provider::FileSystem => {
                Ok(ItemPath::file(normalize(&format!("{}/{rest}", own.root))))
            }
            Some(own) => Ok(ItemPath {
                provider: own.provider,
                path: rest.trim_matches(['/', '\\']).to_owned(),
            }),
            None => {
                let message =
                    format!("Cannot find drive. A drive with the name '{drive}' does not exist.");
                Err(cx.fail(
                    TypeId::DriveNotFoundException,
                    message,
                    "DriveNotFound",
                    ErrorCategory::ObjectNotFound,
                    Value::from(drive),
                ))
            }
        };
    }
    let location = &cx.machine.session.location;
    // A session may stand on a drive that is not one of files.
    if let Some((drive, rest)) = location.split_once(":/")
        && let Some(provider) = Provider::ALL
            .into_iter()
            .find(|provider| equal_folded(provider.drive(), drive))
        && !text.starts_with('/')
        && !text.starts_with('~')
    {
        let path = if text == "." || text.is_empty() {
            rest.to_owned()
        } else {
            text.trim_start_matches("./").to_owned()
        };
        return Ok(ItemPath { provider, path });
    }
    if text == "~" || text.starts_with("~/") || text.starts_with("~\\") {
        return Ok(ItemPath::file(normalize(&format!(
            "{}{}",
            home(cx.machine.session),
            &text[1..]
        ))));
    }
    Ok(ItemPath::file(absolute(location, text)))
}

fn absolute(location: &str, text: &str) -> String {
    if text.starts_with(['/', '\\']) {
        normalize(text)
    } else {
        normalize(&format!("{location}/{text}"))
    }
}

fn home(session: &Session) -> String {
    session
        .environment
        .get("HOME")
        .map_or_else(|| "/".to_owned(), |home| home.as_str().to_owned())
}

/// Nothing is there.
pub(crate) fn not_found(cx: &CommandContext<'_, '_>, path: &ItemPath) -> Flow {
    let shown = path.shown();
    let message = format!("Cannot find path '{shown}' because it does not exist.");
    cx.fail(
        TypeId::ItemNotFoundException,
        message,
        "PathNotFound",
        ErrorCategory::ObjectNotFound,
        Value::from(shown),
    )
}

/// A `PathInfo`.
pub(crate) fn path_info(cx: &CommandContext<'_, '_>, path: &ItemPath) -> Value {
    let shown = path.shown();
    let properties = vec![
        ("Drive", drive_object(cx, path)),
        ("Provider", provider_object(path.provider)),
        ("ProviderPath", Value::from(path.path.as_str())),
        ("Path", Value::from(shown.as_str())),
    ];
    NetObject::new("System.Management.Automation.PathInfo", properties)
        .with_text(shown)
        .into_value()
}
