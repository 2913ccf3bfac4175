//! Join-Path and Split-Path: paths as text.

use super::item_parameters::LITERAL_PATH_ALIASES;
use super::session_item::report;
use super::target::resolve;
use super::{Command, CommandContext, CommandSpec, InSet, Parameter, Validate};
use crate::eval::{Flow, Run};
use crate::provider::{Provider, locate};
use crate::value::{ErrorCategory, Text, TypeId, Value};

pub(crate) static JOIN: CommandSpec = CommandSpec::new(
    "Join-Path",
    "Microsoft.PowerShell.Commands.JoinPathCommand",
    || Box::new(JoinPath),
)
.module("Microsoft.PowerShell.Management")
.output_types(&["System.String"])
.parameters(&[
    Parameter::new("Path", "string[]")
        .aliases(&["PSPath"])
        .position(0)
        .mandatory()
        .pipeline()
        .by_property(),
    Parameter::new("ChildPath", "string[]")
        .position(1)
        .mandatory()
        .by_property()
        .validate(&[Validate::AllowNull, Validate::AllowEmptyString]),
    Parameter::new("AdditionalChildPath", "string[]")
        .position(2)
        .by_property()
        .remaining()
        .validate(&[
            Validate::AllowNull,
            Validate::AllowEmptyString,
            Validate::AllowEmptyCollection,
        ]),
    Parameter::switch("Resolve"),
    Parameter::new("Extension", "string"),
]);

pub(crate) static SPLIT: CommandSpec = CommandSpec::new(
    "Split-Path",
    "Microsoft.PowerShell.Commands.SplitPathCommand",
    || Box::new(SplitPath),
)
.module("Microsoft.PowerShell.Management")
.default_set("ParentSet")
.output_types(&["System.String", "System.Boolean"])
.parameters(&[
    Parameter::new("Path", "string[]").in_sets(&[
        InSet::of("ParentSet")
            .position(0)
            .mandatory()
            .pipeline()
            .by_property(),
        InSet::of("LeafSet")
            .position(0)
            .mandatory()
            .pipeline()
            .by_property(),
        InSet::of("LeafBaseSet")
            .position(0)
            .mandatory()
            .pipeline()
            .by_property(),
        InSet::of("ExtensionSet")
            .position(0)
            .mandatory()
            .pipeline()
            .by_property(),
        InSet::of("QualifierSet")
            .position(0)
            .mandatory()
            .pipeline()
            .by_property(),
        InSet::of("NoQualifierSet")
            .position(0)
            .mandatory()
            .pipeline()
            .by_property(),
        InSet::of("IsAbsoluteSet")
            .position(0)
            .mandatory()
            .pipeline()
            .by_property(),
    ]),
    Parameter::new("LiteralPath", "string[]")
        .aliases(LITERAL_PATH_ALIASES)
        .in_sets(&[InSet::of("LiteralPathSet").mandatory().by_property()]),
    Parameter::switch("Qualifier").in_sets(&[InSet::of("QualifierSet").mandatory()]),
    Parameter::switch("NoQualifier").in_sets(&[InSet::of("NoQualifierSet").mandatory()]),
    Parameter::switch("Parent").in_sets(&[InSet::of("ParentSet")]),
    Parameter::switch("Leaf").in_sets(&[InSet::of("LeafSet").mandatory()]),
    Parameter::switch("LeafBase").in_sets(&[InSet::of("LeafBaseSet").mandatory()]),
    Parameter::switch("Extension").in_sets(&[InSet::of("ExtensionSet").mandatory()]),
    Parameter::switch("Resolve"),
    Parameter::switch("IsAbsolute").in_sets(&[InSet::of("IsAbsoluteSet").mandatory()]),
]);

struct JoinPath;

impl Command for JoinPath {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let mut below = cx.texts("ChildPath");
        below.extend(cx.texts("AdditionalChildPath"));
        for path in cx.texts("Path") {
            let mut joined = path.replace('\\', "/");
            for part in &below {
                joined = join(&joined, &part.replace('\\', "/"));
            }
            if !cx.is_set("Resolve") {
                cx.write(Value::from(joined))?;
                continue;
            }
            match resolve(cx, &joined, true, true) {
                Ok(places) => {
                    for place in places {
                        cx.write(Value::from(place.shown()))?;
                    }
                }
                Err(error @ Flow::Error(_)) => report(cx, Err(error))?,
                Err(flow) => return Err(flow),
            }
        }
        Ok(())
    }
}

/// One slash between two parts.
fn join(path: &str, below: &str) -> String {
    let below = below.trim_start_matches('/');
    match path {
        "" => below.to_owned(),
        path if path.ends_with('/') => format!("{path}{below}"),
        path => format!("{path}/{below}"),
    }
}

struct SplitPath;

impl Command for SplitPath {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let mut paths = cx.texts("Path");
        paths.extend(cx.texts("LiteralPath"));
        for path in paths {
            if !cx.is_set("Resolve") {
                split(cx, &path)?;
                continue;
            }
            match resolve(cx, &path, true, true) {
                Ok(places) => {
                    for place in places {
                        split(cx, &place.shown().into())?;
                    }
                }
                Err(error @ Flow::Error(_)) => report(cx, Err(error))?,
                Err(flow) => return Err(flow),
            }
        }
        Ok(())
    }
}

fn split(cx: &mut CommandContext<'_, '_>, path: &Text) -> Run {
    let slashed = path.replace('\\', "/");
    let qualifier = match slashed.split_once(':') {
        Some((drive, _)) if !drive.is_empty() && !drive.contains('/') => Some(drive.len() + 1),
        _ => None,
    };
    let leaf = |text: &str| -> String {
        let trimmed = text.trim_end_matches('/');
        match trimmed.rsplit('/').next() {
            Some("") | None => text.to_owned(),
            Some(leaf) => leaf.to_owned(),
        }
    };
    let written = match cx.parameter_set() {
        "LeafSet" => leaf(&slashed),
        "LeafBaseSet" => {
            let leaf = leaf(&slashed);
            leaf.rfind('.')
                .map_or(leaf.clone(), |dot| leaf[..dot].to_owned())
        }
        "ExtensionSet" => {
            let leaf = leaf(&slashed);
            leaf.rfind('.')
                .filter(|dot| dot + 1 < leaf.len())
                .map_or_else(String::new, |dot| leaf[dot..].to_owned())
        }
        "IsAbsoluteSet" => {
            let absolute =
                slashed.starts_with('/') || (qualifier.is_some() && locate(cx, path).is_ok());
            return cx.write(Value::Bool(absolute));
        }
        "QualifierSet" => match qualifier {
            Some(end) => path[..end].to_owned(),
            None => {
                let message = format!(
                    "Cannot parse path because path '{path}' does not have a qualifier specified."
                );
                return cx.error(
                    TypeId::FormatException,
                    message,
                    "ParsePathFormatError",
                    ErrorCategory::InvalidArgument,
                    Value::String(path.clone()),
                );
            }
        },
        "NoQualifierSet" => path[qualifier.unwrap_or(0)..].to_owned(),
        _ => {
            let drive_of_session = qualifier.is_some()
                && locate(cx, path).is_ok_and(|place| place.provider != Provider::FileSystem);
            parent(&slashed, if drive_of_session { qualifier } else { None })
        }
    };
    cx.write(Value::from(written))
}

fn parent(path: &str, qualifier: Option<usize>) -> String {
    let trimmed = if path.len() > 1 {
        path.trim_end_matches('/')
    } else {
        path
    };
    match trimmed.rfind('/') {
        Some(0) if trimmed.len() > 1 => "/".to_owned(),
        Some(0) | None => qualifier
            .filter(|end| *end < path.len())
            .map_or_else(String::new, |end| path[..end].to_owned()),
        Some(at) => trimmed[..at].to_owned(),
    }
}
