//! Remove-Item.

use std::fs;
use std::path::Path;

use super::item_parameters::{EXCLUDE, FILTER, FORCE, INCLUDE, LITERAL_PATH, PATH};
use super::session_item::report;
use super::target::existing;
use super::{Command, CommandContext, CommandSpec, Parameter};
use crate::eval::{Flow, Run};
use crate::provider::{ItemPath, Paths, Provider, io_failure, remove};
use crate::value::{ErrorCategory, TypeId, Value};

pub(crate) static SPEC: CommandSpec = CommandSpec::new(
    "Remove-Item",
    "Microsoft.PowerShell.Commands.RemoveItemCommand",
    || Box::new(RemoveItem),
)
.module("Microsoft.PowerShell.Management")
.default_set("Path")
.should_process()
.parameters(&[
    PATH,
    LITERAL_PATH,
    FILTER,
    INCLUDE,
    EXCLUDE,
    Parameter::switch("Recurse"),
    FORCE,
    Parameter::new("Stream", "string[]"),
]);

struct RemoveItem;

impl Command for RemoveItem {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let paths = Paths::of(cx, None);
        let force = cx.is_set("Force");
        for place in existing(cx, &paths, force)? {
            cx.checkpoint()?;
            if place.provider == Provider::FileSystem {
                remove_file(cx, &place)?;
                continue;
            }
            if cx.should_process(
                &format!("Item: {}", place.path),
                &format!("Remove {}", place.provider.name()),
            )? {
                let result = remove(cx, &place, force).map(|_| ());
                report(cx, result)?;
            }
        }
        Ok(())
    }
}

fn remove_file(cx: &mut CommandContext<'_, '_>, place: &ItemPath) -> Run {
    let path = Path::new(&place.path);
    let is_directory = path.is_dir() && !path.is_symlink();
    let here = cx.machine.session.location.clone();
    if is_directory
        && (here == place.path
            || here.starts_with(&format!("{}/", place.path.trim_end_matches('/'))))
    {
        let message = format!(
            "Cannot remove item at '{}', because it is in use.",
            place.path
        );
        return cx.error(
            TypeId::PSInvalidOperationException,
            message,
            "InvalidOperation",
            ErrorCategory::InvalidOperation,
            Value::from(place.path.as_str()),
        );
    }
    let what = if is_directory {
        "Remove Directory"
    } else {
        "Remove File"
    };
    if !cx.should_process(&place.path, what)? {
        return Ok(());
    }
    let removed = if is_directory {
        let is_empty = fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none());
        if is_empty {
            fs::remove_dir(path)
        } else if cx.is_set("Recurse") {
            return remove_tree(cx, &place.path);
        } else {
            let message = format!(
                "Directory {} cannot be removed because it is not empty.",
                place.path
            );
            return cx.error(
                TypeId::IOException,
                message,
                "DirectoryNotEmpty",
                ErrorCategory::WriteError,
                Value::from(place.path.as_str()),
            );
        }
    } else {
        let read_only = path
            .symlink_metadata()
            .is_ok_and(|metadata| !metadata.is_symlink() && metadata.permissions().readonly());
        if read_only && !cx.is_set("Force") {
            let message = format!(
                "You do not have sufficient access rights to perform this operation or the item is hidden, system, or read only. : '{}'",
                place.path
            );
            return cx.error(
                TypeId::IOException,
                message,
                "RemoveFileSystemItemUnAuthorizedAccess",
                ErrorCategory::PermissionDenied,
                Value::from(place.path.as_str()),
            );
        }
        fs::remove_file(path)
    };
    removed.or_else(|error| failed(cx, &error, &place.path))
}

/// Removes a folder with all that is in it, deepest first, without following links.
fn remove_tree(cx: &mut CommandContext<'_, '_>, root: &str) -> Run {
    let mut pending = vec![(root.to_owned(), false)];
    while let Some((path, emptied)) = pending.pop() {
        cx.checkpoint()?;
        if emptied {
            if let Err(error) = fs::remove_dir(&path) {
                failed(cx, &error, &path)?;
            }
            continue;
        }
        pending.push((path.clone(), true));
        let entries = match fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(error) => {
                failed(cx, &error, &path)?;
                continue;
            }
        };
        for entry in entries.flatten() {
            cx.machine.checkpoint()?;
            let child = entry.path().to_string_lossy().into_owned();
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                pending.push((child, false));
            } else if let Err(error) = fs::remove_file(&child) {
                failed(cx, &error, &child)?;
            }
        }
    }
    Ok(())
}

fn failed(cx: &mut CommandContext<'_, '_>, error: &std::io::Error, path: &str) -> Result<(), Flow> {
    let (exception, message) = io_failure(error, path);
    let (id, category) = match exception {
        TypeId::UnauthorizedAccessException => (
            "RemoveItemUnauthorizedAccessError",
            ErrorCategory::PermissionDenied,
        ),
        _ => ("RemoveItemIOError", ErrorCategory::WriteError),
    };
    cx.error(exception, message, id, category, Value::from(path))
}
