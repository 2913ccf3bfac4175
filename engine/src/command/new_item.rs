//! New-Item.

use std::fs;
use std::path::Path;

use super::get_child_item::item_at;
use super::object::text_of;
use super::session_item::report;
use super::{Command, CommandContext, CommandSpec, InSet, Parameter};
use crate::eval::{Flow, Run};
use crate::provider::{ItemPath, Provider, io_failure, locate, read, write};
use crate::value::{ErrorCategory, TypeId, Value};

pub(crate) static SPEC: CommandSpec = CommandSpec::new(
    "New-Item",
    "Microsoft.PowerShell.Commands.NewItemCommand",
    || Box::new(NewItem),
)
.module("Microsoft.PowerShell.Management")
.default_set("pathSet")
.should_process()
.parameters(&[
    Parameter::new("Path", "string[]").in_sets(&[
        InSet::of("pathSet").position(0).mandatory().by_property(),
        InSet::of("nameSet").position(0).by_property(),
    ]),
    Parameter::new("Name", "string").in_sets(&[InSet::of("nameSet").mandatory().by_property()]),
    Parameter::new("ItemType", "string")
        .aliases(&["Type"])
        .by_property(),
    Parameter::new("Value", "object")
        .aliases(&["Target"])
        .pipeline()
        .by_property(),
    Parameter::switch("Force"),
]);

struct NewItem;

enum Kind {
    File,
    Directory,
    SymbolicLink,
    HardLink,
}

impl Command for NewItem {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let mut paths: Vec<String> = cx
            .texts("Path")
            .iter()
            .map(|path| path.as_str().to_owned())
            .collect();
        if let Some(name) = cx.text("Name") {
            if paths.is_empty() {
                paths.push(".".to_owned());
            }
            for path in &mut paths {
                *path = format!("{}/{name}", path.trim_end_matches('/'));
            }
        }
        for path in paths {
            let place = match locate(cx, &path) {
                Ok(place) => place,
                Err(error @ Flow::Error(_)) => {
                    report(cx, Err(error))?;
                    continue;
                }
                Err(flow) => return Err(flow),
            };
            match place.provider {
                Provider::FileSystem => new_file(cx, &place)?,
                _ => new_entry(cx, &place)?,
            }
        }
        Ok(())
    }
}

/// A variable, function, alias or environment variable.
fn new_entry(cx: &mut CommandContext<'_, '_>, place: &ItemPath) -> Run {
    if read(cx, place).is_some() && !cx.is_set("Force") && place.provider != Provider::Environment {
        let message = format!(
            "A {} with name '{}' already exists.",
            place.provider.name().to_ascii_lowercase(),
            place.path
        );
        return cx.error(
            TypeId::PSArgumentException,
            message,
            "Argument",
            ErrorCategory::InvalidArgument,
            Value::Null,
        );
    }
    if !cx.should_process(&format!("Item: {}", place.path), "New Item")? {
        return Ok(());
    }
    let value = cx.value("Value");
    let result = write(cx, place, value);
    report(cx, result)?;
    match item_at(cx, place)? {
        Some(item) => cx.write(item),
        None => Ok(()),
    }
}

fn new_file(cx: &mut CommandContext<'_, '_>, place: &ItemPath) -> Run {
    let path = place.path.as_str();
    let wanted = cx.text("ItemType").unwrap_or_default().to_ascii_lowercase();
    let fits = |full: &str| !wanted.is_empty() && full.starts_with(&wanted);
    let kind = match wanted.as_str() {
        "" => Kind::File,
        _ if fits("directory") || wanted == "container" => Kind::Directory,
        _ if fits("file") || wanted == "leaf" => Kind::File,
        _ if fits("symboliclink") || fits("junction") => Kind::SymbolicLink,
        _ if fits("hardlink") => Kind::HardLink,
        _ => {
            let message = "The type is not a known type for the file system. Only \"file\",\"directory\" or \"symboliclink\" can be specified.";
            return Err(cx.fail(
                TypeId::PSArgumentException,
                message,
                "Argument",
                ErrorCategory::InvalidArgument,
                Value::Null,
            ));
        }
    };
    let what = match kind {
        Kind::File => "Create File",
        Kind::Directory => "Create Directory",
        Kind::SymbolicLink => "Create Symbolic Link",
        Kind::HardLink => "Create Hard Link",
    };
    if !cx.should_process(&format!("Destination: {path}"), what)? {
        return Ok(());
    }
    let force = cx.is_set("Force");
    let made = match kind {
        Kind::Directory => {
            if Path::new(path).is_dir() && !force || Path::new(path).is_file() {
                let message = format!("An item with the specified name {path} already exists.");
                return cx.error(
                    TypeId::IOException,
                    message,
                    "DirectoryExist",
                    ErrorCategory::ResourceExists,
                    Value::from(path),
                );
            }
            fs::create_dir_all(path)
        }
        Kind::File => {
            if Path::new(path).exists() && !force {
                let message = format!("The file '{path}' already exists.");
                return cx.error(
                    TypeId::IOException,
                    message,
                    "NewItemIOError",
                    ErrorCategory::WriteError,
                    Value::from(path),
                );
            }
            if Path::new(path).is_dir() {
                let message = format!("Access to the path '{path}' is denied.");
                return cx.error(
                    TypeId::UnauthorizedAccessException,
                    message,
                    "NewItemUnauthorizedAccessError",
                    ErrorCategory::PermissionDenied,
                    Value::from(path),
                );
            }
            if force && let Some(folder) = Path::new(path).parent() {
                let _ = fs::create_dir_all(folder);
            }
            let text = match cx.get("Value").cloned() {
                Some(value) => text_of(&value, cx.machine)?,
                None => "".into(),
            };
            fs::write(path, text.as_str())
        }
        Kind::SymbolicLink | Kind::HardLink => {
            let value = cx.value("Value");
            let target = text_of(&value, cx.machine)?;
            if Path::new(path).symlink_metadata().is_ok() {
                if !force {
                    let message = format!("An item with the specified name {path} already exists.");
                    return cx.error(
                        TypeId::IOException,
                        message,
                        "NewItemIOError",
                        ErrorCategory::ResourceExists,
                        Value::from(path),
                    );
                }
                let _ = fs::remove_file(path);
            }
            if matches!(kind, Kind::HardLink) {
                fs::hard_link(locate(cx, &target)?.path, path)
            } else {
                link(&target, path)
            }
        }
    };
    if let Err(error) = made {
        let (exception, message) = io_failure(&error, path);
        let (id, category) = match exception {
            TypeId::UnauthorizedAccessException => (
                "NewItemUnauthorizedAccessError",
                ErrorCategory::PermissionDenied,
            ),
            _ => ("NewItemIOError", ErrorCategory::WriteError),
        };
        return cx.error(exception, message, id, category, Value::from(path));
    }
    match item_at(cx, place)? {
        Some(item) => cx.write(item),
        None => Ok(()),
    }
}

#[cfg(unix)]
fn link(target: &str, path: &str) -> std::io::Result<()> {
    std::os::unix::fs::symlink(target, path)
}

#[cfg(not(unix))]
fn link(_target: &str, _path: &str) -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}
