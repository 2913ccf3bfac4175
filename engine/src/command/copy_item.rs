//! Copy-Item, Move-Item and Rename-Item.

use std::fs;
use std::path::Path;

use super::get_child_item::item_at;
use super::item_parameters::{
    EXCLUDE, FILTER, FORCE, INCLUDE, LITERAL_PATH, LITERAL_PATH_ALIASES, PASS_THRU, PATH,
};
use super::session_item::report;
use super::target::{existing, exists};
use super::{Command, CommandContext, CommandSpec, InSet, Parameter};
use crate::eval::{Flow, Run};
use crate::provider::{
    ItemPath, Paths, Provider, io_failure, locate, not_found, read, remove, write,
};
use crate::value::{ErrorCategory, TypeId, Value};

const DESTINATION: Parameter = Parameter::new("Destination", "string")
    .position(1)
    .by_property();

pub(crate) static COPY: CommandSpec = CommandSpec::new(
    "Copy-Item",
    "Microsoft.PowerShell.Commands.CopyItemCommand",
    || Box::new(CopyItem),
)
.module("Microsoft.PowerShell.Management")
.default_set("Path")
.should_process()
.parameters(&[
    PATH,
    LITERAL_PATH,
    DESTINATION,
    Parameter::switch("Container"),
    FORCE,
    FILTER,
    INCLUDE,
    EXCLUDE,
    Parameter::switch("Recurse"),
    PASS_THRU,
]);

pub(crate) static MOVE: CommandSpec = CommandSpec::new(
    "Move-Item",
    "Microsoft.PowerShell.Commands.MoveItemCommand",
    || Box::new(MoveItem),
)
.module("Microsoft.PowerShell.Management")
.default_set("Path")
.should_process()
.parameters(&[
    PATH,
    LITERAL_PATH,
    DESTINATION,
    FORCE,
    FILTER,
    INCLUDE,
    EXCLUDE,
    PASS_THRU,
]);

pub(crate) static RENAME: CommandSpec = CommandSpec::new(
    "Rename-Item",
    "Microsoft.PowerShell.Commands.RenameItemCommand",
    || Box::new(RenameItem),
)
.module("Microsoft.PowerShell.Management")
.default_set("ByPath")
.should_process()
.parameters(&[
    Parameter::new("Path", "string").in_sets(&[InSet::of("ByPath")
        .position(0)
        .mandatory()
        .pipeline()
        .by_property()]),
    Parameter::new("LiteralPath", "string")
        .aliases(LITERAL_PATH_ALIASES)
        .in_sets(&[InSet::of("ByLiteralPath").mandatory().by_property()]),
    Parameter::new("NewName", "string")
        .position(1)
        .mandatory()
        .by_property(),
    FORCE,
    PASS_THRU,
]);

struct CopyItem;

impl Command for CopyItem {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        each_place(cx, copy, copy_entry)
    }
}

/// What is done with a place and the target that it is for.
type Step = fn(&mut CommandContext<'_, '_>, &ItemPath, &ItemPath) -> Run;

/// Takes the items that the command names to its destination: files in one way, and the entries of
/// a session in another.
fn each_place(cx: &mut CommandContext<'_, '_>, file: Step, entry: Step) -> Run {
    let paths = Paths::of(cx, None);
    let destination = cx.text("Destination").unwrap_or_else(|| ".".into());
    let force = cx.is_set("Force");
    for place in existing(cx, &paths, force)? {
        cx.checkpoint()?;
        let target = locate(cx, &destination)?;
        if place.provider == Provider::FileSystem {
            file(cx, &place, &target)?;
        } else {
            let result = entry(cx, &place, &target);
            report(cx, result)?;
        }
    }
    Ok(())
}

/// Gives a variable, function or alias a second name.
fn copy_entry(cx: &mut CommandContext<'_, '_>, place: &ItemPath, target: &ItemPath) -> Run {
    let value = read(cx, place).unwrap_or_default();
    write(cx, target, value)
}

/// Where something goes: into a folder that is there, or to the very path.
fn inside(source: &ItemPath, target: &ItemPath) -> ItemPath {
    if Path::new(&target.path).is_dir() {
        return ItemPath::file(format!(
            "{}/{}",
            target.path.trim_end_matches('/'),
            source.leaf()
        ));
    }
    target.clone()
}

fn copy(cx: &mut CommandContext<'_, '_>, source: &ItemPath, target: &ItemPath) -> Run {
    let is_directory = Path::new(&source.path).is_dir();
    let goal = inside(source, target);
    let what = if is_directory {
        "Copy Directory"
    } else {
        "Copy File"
    };
    if !cx.should_process(
        &format!("Item: {} Destination: {}", source.path, goal.path),
        what,
    )? {
        return Ok(());
    }
    if goal.path == source.path {
        let message = format!("Cannot overwrite the item {} with itself.", source.path);
        return cx.error(
            TypeId::IOException,
            message,
            "CopyError",
            ErrorCategory::WriteError,
            Value::from(source.path.as_str()),
        );
    }
    let mut pending = vec![(source.path.clone(), goal.path.clone())];
    let recurse = cx.is_set("Recurse");
    while let Some((from, to)) = pending.pop() {
        cx.checkpoint()?;
        let done = if Path::new(&from).is_dir() {
            match fs::create_dir_all(&to) {
                Ok(()) if recurse => children(&from, &to).map(|below| {
                    pending.extend(below.into_iter().filter(|(child, _)| *child != goal.path))
                }),
                other => other,
            }
        } else {
            copy_file(cx, &from, &to)
        };
        if let Err(error) = done {
            let (exception, message) = copy_failure(&error, &from, &to);
            let (id, category) = match exception {
                TypeId::UnauthorizedAccessException => (
                    "CopyFileInfoItemUnauthorizedAccessError",
                    ErrorCategory::PermissionDenied,
                ),
                _ => ("CopyFileInfoItemIOError", ErrorCategory::WriteError),
            };
            cx.error(exception, message, id, category, Value::from(from.as_str()))?;
            return Ok(());
        }
    }
    if cx.is_set("PassThru")
        && let Some(item) = item_at(cx, &goal)?
    {
        cx.write(item)?;
    }
    Ok(())
}

/// Copies in chunks, so that a stop is noticed.
fn copy_file(cx: &CommandContext<'_, '_>, from: &str, to: &str) -> std::io::Result<()> {
    use std::io::{Read, Write};
    if cx.is_set("Force") && Path::new(to).is_file() {
        let _ = fs::remove_file(to);
    }
    let stop = cx.machine.stop_signal();
    let mut source = fs::File::open(from)?;
    let mut target = fs::File::create(to)?;
    let mut chunk = vec![0; 256 * 1024];
    loop {
        if stop.is_set() {
            return Err(std::io::ErrorKind::Interrupted.into());
        }
        match source.read(&mut chunk)? {
            0 => break,
            length => target.write_all(&chunk[..length])?,
        }
    }
    target.set_permissions(source.metadata()?.permissions())
}

fn children(from: &str, to: &str) -> std::io::Result<Vec<(String, String)>> {
    let entries = fs::read_dir(from)?;
    entries
        .map(|entry| {
            let name = entry?.file_name().to_string_lossy().into_owned();
            Ok((format!("{from}/{name}"), format!("{to}/{name}")))
        })
        .collect()
}

fn copy_failure(error: &std::io::Error, from: &str, to: &str) -> (TypeId, String) {
    let blamed = if Path::new(from).exists() { to } else { from };
    match error.kind() {
        std::io::ErrorKind::NotFound => (
            TypeId::DirectoryNotFoundException,
            format!("Could not find a part of the path '{blamed}'."),
        ),
        _ => io_failure(error, blamed),
    }
}

struct MoveItem;

impl Command for MoveItem {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let file: Step = |cx, place, target| move_to(cx, place, &inside(place, target), "Move");
        each_place(cx, file, rename_entry)
    }
}

/// Gives a variable, function or alias another name.
fn rename_entry(cx: &mut CommandContext<'_, '_>, place: &ItemPath, target: &ItemPath) -> Run {
    copy_entry(cx, place, target)?;
    let force = cx.is_set("Force");
    remove(cx, place, force)?;
    Ok(())
}

fn move_to(cx: &mut CommandContext<'_, '_>, place: &ItemPath, goal: &ItemPath, verb: &str) -> Run {
    let is_directory = Path::new(&place.path).is_dir();
    let what = format!("{verb} {}", if is_directory { "Directory" } else { "File" });
    if !cx.should_process(
        &format!("Item: {} Destination: {}", place.path, goal.path),
        &what,
    )? {
        return Ok(());
    }
    let id = match (verb, is_directory) {
        ("Move", true) => "MoveDirectoryItemIOError",
        ("Move", false) => "MoveFileInfoItemIOError",
        _ => "RenameItemIOError",
    };
    if Path::new(&goal.path).symlink_metadata().is_ok()
        && !(cx.is_set("Force") && !is_directory && verb == "Move")
    {
        let message = match is_directory {
            true => format!(
                "Cannot create '{}' because a file or directory with the same name already exists.",
                goal.path
            ),
            false => format!("The file '{}' already exists.", goal.path),
        };
        return cx.error(
            TypeId::IOException,
            message,
            id,
            ErrorCategory::WriteError,
            Value::from(place.path.as_str()),
        );
    }
    let moved = match fs::rename(&place.path, &goal.path) {
        // Onto another file system there is only copying.
        Err(error) if error.kind() == std::io::ErrorKind::CrossesDevices && !is_directory => {
            copy_file(cx, &place.path, &goal.path).and_then(|()| fs::remove_file(&place.path))
        }
        other => other,
    };
    if let Err(error) = moved {
        let (exception, message) = copy_failure(&error, &place.path, &goal.path);
        return cx.error(
            exception,
            message,
            id,
            ErrorCategory::WriteError,
            Value::from(place.path.as_str()),
        );
    }
    if cx.is_set("PassThru")
        && let Some(item) = item_at(cx, goal)?
    {
        cx.write(item)?;
    }
    Ok(())
}

struct RenameItem;

impl Command for RenameItem {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let text = cx
            .text("Path")
            .or_else(|| cx.text("LiteralPath"))
            .unwrap_or_default();
        let place = locate(cx, &text)?;
        if !exists(cx, &place) {
            let error = not_found(cx, &place);
            return report(cx, Err(error));
        }
        let name = cx.text("NewName").unwrap_or_default();
        if place.provider != Provider::FileSystem {
            let target = ItemPath {
                provider: place.provider,
                path: name.as_str().to_owned(),
            };
            if !cx.should_process(
                &format!("Item: {} Destination: {name}", place.path),
                "Rename Item",
            )? {
                return Ok(());
            }
            let result = rename_entry(cx, &place, &target);
            return report(cx, result);
        }
        let plain = name.strip_prefix("./").unwrap_or(&name);
        let same_folder = locate(cx, &name)
            .is_ok_and(|target| target.parent() == place.parent() && name.starts_with('/'));
        if plain.contains(['/', '\\']) && !same_folder {
            let message =
                "Cannot rename the specified target, because it represents a path or device name.";
            let failure: Flow = cx.fail(
                TypeId::PSArgumentException,
                message,
                "Argument",
                ErrorCategory::InvalidArgument,
                Value::Null,
            );
            return report(cx, Err(failure));
        }
        let leaf = plain.rsplit('/').next().unwrap_or(plain);
        let goal = ItemPath::file(format!("{}/{leaf}", place.parent().trim_end_matches('/')));
        move_to(cx, &place, &goal, "Rename")
    }
}
