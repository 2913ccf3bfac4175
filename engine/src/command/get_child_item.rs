//! Get-ChildItem and Get-Item.

use std::path::Path;

use super::item_parameters::{
    EXCLUDE, FILTER, FORCE, INCLUDE, LITERAL_PATH, LITERAL_PATH_ALIASES, PATH,
};
use super::session_item::report;
use super::target::{NameFilter, existing, resolve};
use super::{Command, CommandContext, CommandSpec, InSet, Parameter};
use crate::eval::{Flow, Run};
use crate::provider::{
    ItemPath, Paths, Provider, file_value, io_failure, is_hidden, list, locate, sorted_entries,
};
use crate::value::pattern::Wildcard;
use crate::value::{ErrorCategory, Text, Value};

const PATH_SETS: &[InSet] = &[InSet::of("Items").position(0).pipeline().by_property()];
const LITERAL_SETS: &[InSet] = &[InSet::of("LiteralItems").mandatory().by_property()];

pub(crate) static CHILDREN: CommandSpec = CommandSpec::new(
    "Get-ChildItem",
    "Microsoft.PowerShell.Commands.GetChildItemCommand",
    || Box::new(GetChildItem),
)
.module("Microsoft.PowerShell.Management")
.default_set("Items")
.output_types(&["System.IO.FileInfo", "System.IO.DirectoryInfo"])
.parameters(&[
    Parameter::new("Path", "string[]").in_sets(PATH_SETS),
    Parameter::new("LiteralPath", "string[]")
        .aliases(LITERAL_PATH_ALIASES)
        .in_sets(LITERAL_SETS),
    Parameter::new("Filter", "string").position(1),
    INCLUDE,
    EXCLUDE,
    Parameter::switch("Recurse").aliases(&["s", "r"]),
    Parameter::new("Depth", "uint32"),
    FORCE,
    Parameter::switch("Name"),
    Parameter::new("Attributes", "string"),
    Parameter::switch("FollowSymlink"),
    Parameter::switch("Directory").aliases(&["ad"]),
    Parameter::switch("File").aliases(&["af"]),
    Parameter::switch("Hidden").aliases(&["ah", "h"]),
    Parameter::switch("ReadOnly").aliases(&["ar"]),
    Parameter::switch("System").aliases(&["as"]),
]);

pub(crate) static ITEM: CommandSpec = CommandSpec::new(
    "Get-Item",
    "Microsoft.PowerShell.Commands.GetItemCommand",
    || Box::new(GetItem),
)
.module("Microsoft.PowerShell.Management")
.default_set("Path")
.output_types(&[
    "System.IO.FileInfo",
    "System.IO.DirectoryInfo",
    "System.Boolean",
    "System.String",
])
.parameters(&[
    PATH,
    LITERAL_PATH,
    FILTER,
    INCLUDE,
    EXCLUDE,
    FORCE,
    Parameter::new("Stream", "string[]"),
]);

struct GetItem;

impl Command for GetItem {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let paths = Paths::of(cx, None);
        let hidden = cx.is_set("Force");
        for place in existing(cx, &paths, hidden)? {
            cx.checkpoint()?;
            if let Some(item) = item_at(cx, &place)? {
                cx.write(item)?;
            }
        }
        Ok(())
    }
}

/// The item at a place.
pub(crate) fn item_at(cx: &mut CommandContext<'_, '_>, place: &ItemPath) -> Run<Option<Value>> {
    match place.provider {
        Provider::FileSystem => Ok(Some(file_value(cx, &place.path))),
        provider if place.path.is_empty() => {
            let items = list(cx, provider, "")?
                .into_iter()
                .map(|(_, item)| item)
                .collect();
            Ok(Some(Value::array(items)))
        }
        provider => Ok(list(cx, provider, &Wildcard::escape(&place.path))?
            .pop()
            .map(|(_, item)| item)
            .or(list(cx, provider, &place.path)?.pop().map(|(_, item)| item))),
    }
}

struct GetChildItem;

/// What a walk is after.
struct Walk {
    filter: NameFilter,
    depth: Option<u64>,
    hidden: bool,
    only_hidden: bool,
    directories: bool,
    files: bool,
    read_only: bool,
    attributes: Option<Text>,
    names: bool,
    follows: bool,
}

impl Command for GetChildItem {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let paths = Paths::of(cx, Some("."));
        for (text, expands) in &paths.given {
            match children(cx, text, *expands) {
                Err(error @ Flow::Error(_)) => report(cx, Err(error))?,
                other => other?,
            }
        }
        Ok(())
    }
}

fn children(cx: &mut CommandContext<'_, '_>, text: &str, expands: bool) -> Run {
    let recurse = cx.is_set("Recurse") || cx.has("Depth");
    let mut walk = Walk {
        filter: NameFilter::of(cx),
        depth: recurse.then(|| {
            cx.integer("Depth")
                .and_then(|depth| u64::try_from(depth).ok())
                .unwrap_or(u64::MAX)
        }),
        hidden: cx.is_set("Force") || cx.is_set("Hidden"),
        only_hidden: cx.is_set("Hidden"),
        directories: !cx.is_set("File"),
        files: !cx.is_set("Directory"),
        read_only: cx.is_set("ReadOnly"),
        attributes: cx.text("Attributes"),
        names: cx.is_set("Name"),
        follows: cx.is_set("FollowSymlink"),
    };
    let mut text = text.to_owned();
    let place = locate(cx, &text)?;
    if place.provider != Provider::FileSystem {
        let pattern = if expands {
            place.path.clone()
        } else {
            Wildcard::escape(&place.path)
        };
        let found = list(cx, place.provider, &pattern)?;
        if found.is_empty() && !place.path.is_empty() && !Wildcard::has_wildcards(&place.path) {
            return Err(crate::provider::not_found(cx, &place));
        }
        for (name, item) in found {
            cx.checkpoint()?;
            if walk.filter.keep(&name) {
                cx.write(if walk.names {
                    Value::String(name)
                } else {
                    item
                })?;
            }
        }
        return Ok(());
    }
    let mut globs = expands && Wildcard::has_wildcards(&text);
    // With -Recurse the last part of the path says which items are wanted below its folder.
    if recurse && !Path::new(&place.path).is_dir() {
        let leaf = place.leaf().to_owned();
        if globs || !Path::new(&place.path).exists() {
            walk.filter.add_include(&leaf);
            text = place.parent();
            globs = expands && Wildcard::has_wildcards(&text);
        }
    }
    for place in resolve(cx, &text, expands, walk.hidden)? {
        let path = Path::new(&place.path);
        if path.is_dir() && (!globs || recurse) {
            if walk.filter.has_include() && !recurse {
                continue;
            }
            walk.folder(cx, &place.path)?;
        } else if walk.wants(&place.path, place.leaf(), path.is_dir()) {
            let item = if walk.names {
                Value::from(place.leaf())
            } else {
                file_value(cx, &place.path)
            };
            cx.write(item)?;
        }
    }
    Ok(())
}

impl Walk {
    /// Writes what is in a folder, and what is in the folders within; deep trees take no stack.
    fn folder(&self, cx: &mut CommandContext<'_, '_>, root: &str) -> Run {
        let mut pending = vec![(root.trim_end_matches('/').to_owned(), 0_u64)];
        let mut visited = std::collections::HashSet::new();
        while let Some((folder, depth)) = pending.pop() {
            cx.checkpoint()?;
            let shown = if folder.is_empty() {
                "/"
            } else {
                folder.as_str()
            };
            // A link may lead back up; the place itself tells.
            if self.follows && !std::fs::canonicalize(shown).is_ok_and(|real| visited.insert(real))
            {
                continue;
            }
            let entries = match sorted_entries(Path::new(shown)) {
                Ok(entries) => entries,
                Err(error) => {
                    let (exception, message) = io_failure(&error, shown);
                    cx.error(
                        exception,
                        message,
                        "DirUnauthorizedAccessError",
                        ErrorCategory::PermissionDenied,
                        Value::from(shown),
                    )?;
                    continue;
                }
            };
            let (directories, files): (Vec<_>, Vec<_>) = entries
                .into_iter()
                .partition(|(_, is_directory)| *is_directory);
            for (name, is_directory) in directories.iter().chain(&files) {
                cx.checkpoint()?;
                let path = format!("{folder}/{name}");
                if self.wants(&path, name, *is_directory) {
                    let item = match self.names {
                        true => Value::from(
                            path.strip_prefix(root.trim_end_matches('/'))
                                .unwrap_or(&path)
                                .trim_start_matches('/'),
                        ),
                        false => file_value(cx, &path),
                    };
                    cx.write(item)?;
                }
            }
            if self.depth.is_some_and(|limit| depth < limit) {
                // Last in, first out: the first folder is to be walked first.
                for (name, _) in directories.into_iter().rev() {
                    let path = format!("{folder}/{name}");
                    let is_link = Path::new(&path).is_symlink();
                    if (!is_link || self.follows) && (self.hidden || !is_hidden(&name)) {
                        pending.push((path, depth + 1));
                    }
                }
            }
        }
        Ok(())
    }

    fn wants(&self, path: &str, name: &str, is_directory: bool) -> bool {
        let hidden = is_hidden(name);
        let kind = if is_directory {
            self.directories
        } else {
            self.files
        };
        kind && (self.hidden || !hidden)
            && (!self.only_hidden || hidden)
            && self.filter.keep(name)
            && (!self.read_only
                || Path::new(path)
                    .metadata()
                    .is_ok_and(|metadata| metadata.permissions().readonly()))
            && self
                .attributes
                .as_ref()
                .is_none_or(|wanted| has_attributes(wanted, path, hidden, is_directory))
    }
}

/// `Directory,File+!Hidden`: a comma means or, a plus means and.
fn has_attributes(wanted: &str, path: &str, hidden: bool, is_directory: bool) -> bool {
    wanted.split(',').any(|group| {
        group.split('+').all(|term| {
            let term = term.trim();
            let (negated, term) = term
                .strip_prefix('!')
                .map_or((false, term), |rest| (true, rest));
            let has = match term.to_ascii_lowercase().as_str() {
                "d" | "directory" => is_directory,
                "h" | "hidden" => hidden,
                "r" | "readonly" => Path::new(path)
                    .metadata()
                    .is_ok_and(|metadata| metadata.permissions().readonly()),
                "reparsepoint" | "l" => Path::new(path).is_symlink(),
                "normal" => !is_directory && !hidden,
                _ => false,
            };
            has != negated
        })
    })
}
