//! Walking the file system: folders in order, patterns to paths, and errors of the system in .NET's words.

use std::fs;
use std::io::{Error, ErrorKind};
use std::path::Path;

use super::ItemPath;
use crate::command::CommandContext;
use crate::eval::Run;
use crate::value::TypeId;
use crate::value::collation;
use crate::value::pattern::Wildcard;

/// The names in a folder with whether each is a folder (or leads to one): folders and files as PowerShell orders them.
///
/// # Errors
/// When the folder cannot be read.
pub(crate) fn sorted_entries(folder: &Path) -> std::io::Result<Vec<(String, bool)>> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        let is_directory = kind.is_dir() || (kind.is_symlink() && entry.path().is_dir());
        entries.push((
            entry.file_name().to_string_lossy().into_owned(),
            is_directory,
        ));
    }
    entries.sort_by(|a, b| collation::compare(&a.0, &b.0, true).then_with(|| a.0.cmp(&b.0)));
    Ok(entries)
}

/// Whether a name is one of those that are not listed without `-Force`.
pub(crate) fn is_hidden(name: &str) -> bool {
    name.starts_with('.')
}

/// The existing paths that match an absolute path with wildcards.
///
/// # Errors
/// When the invocation is stopped.
pub(crate) fn expand(
    cx: &mut CommandContext<'_, '_>,
    pattern: &str,
    hidden: bool,
) -> Run<Vec<ItemPath>> {
    let mut found = vec![String::new()];
    for part in pattern.split('/').filter(|part| !part.is_empty()) {
        let mut next = Vec::new();
        if !Wildcard::has_wildcards(part) {
            let part = Wildcard::unescape(part);
            for folder in found {
                let path = format!("{folder}/{part}");
                if Path::new(&path).symlink_metadata().is_ok() {
                    next.push(path);
                }
            }
            found = next;
            continue;
        }
        // PowerShell matches names without regard to case, on every system.
        let Some(wanted) = Wildcard::new(part, true) else {
            return Ok(Vec::new());
        };
        for folder in found {
            cx.checkpoint()?;
            let root = if folder.is_empty() { "/" } else { &folder };
            let Ok(entries) = sorted_entries(Path::new(root)) else {
                continue;
            };
            for (name, _) in entries {
                cx.checkpoint()?;
                if wanted.is_match(&name) && (hidden || !is_hidden(&name) || part.starts_with('.'))
                {
                    next.push(format!("{folder}/{name}"));
                }
            }
        }
        found = next;
    }
    Ok(found
        .into_iter()
        .map(|path| {
            ItemPath::file(if path.is_empty() {
                "/".to_owned()
            } else {
                path
            })
        })
        .collect())
}

/// The exception and message that .NET has for an error of the system.
pub(crate) fn io_failure(error: &Error, path: &str) -> (TypeId, String) {
    match error.kind() {
        ErrorKind::NotFound => match Path::new(path).parent().is_some_and(Path::exists) {
            true => (
                TypeId::FileNotFoundException,
                format!("Could not find file '{path}'."),
            ),
            false => (
                TypeId::DirectoryNotFoundException,
                format!("Could not find a part of the path '{path}'."),
            ),
        },
        ErrorKind::PermissionDenied => (
            TypeId::UnauthorizedAccessException,
            format!("Access to the path '{path}' is denied."),
        ),
        ErrorKind::AlreadyExists => (
            TypeId::IOException,
            format!("The file '{path}' already exists."),
        ),
        ErrorKind::IsADirectory => (
            TypeId::UnauthorizedAccessException,
            format!("Access to the path '{path}' is denied."),
        ),
        ErrorKind::NotADirectory => (
            TypeId::DirectoryNotFoundException,
            format!("Could not find a part of the path '{path}'."),
        ),
        ErrorKind::DirectoryNotEmpty => (
            TypeId::IOException,
            format!("Directory not empty : '{path}'"),
        ),
        _ => (
            TypeId::IOException,
            format!("{} : '{path}'", system_text(error)),
        ),
    }
}

fn system_text(error: &Error) -> String {
    let text = error.to_string();
    match text.find(" (os error") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}
