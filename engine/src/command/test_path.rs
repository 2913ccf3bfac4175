//! Test-Path, Resolve-Path and Convert-Path.

use std::path::Path;

use super::item_parameters::LITERAL_PATH_ALIASES;
use super::session_item::report;
use super::target::{NameFilter, resolve};
use super::{Command, CommandContext, CommandSpec, InSet, Parameter, Validate};
use crate::eval::{Flow, Run};
use crate::provider::{ItemPath, Paths, Provider, locate, path_info};
use crate::value::{DateTime, ErrorCategory, TypeId, Value};

const PATH: Parameter = Parameter::new("Path", "string[]").in_sets(&[InSet::of("Path")
    .position(0)
    .mandatory()
    .pipeline()
    .by_property()]);
const LITERAL_PATH: Parameter = Parameter::new("LiteralPath", "string[]")
    .aliases(LITERAL_PATH_ALIASES)
    .in_sets(&[InSet::of("LiteralPath").mandatory().by_property()]);

pub(crate) static TEST: CommandSpec = CommandSpec::new(
    "Test-Path",
    "Microsoft.PowerShell.Commands.TestPathCommand",
    || Box::new(TestPath),
)
.module("Microsoft.PowerShell.Management")
.default_set("Path")
.output_types(&["System.Boolean"])
.parameters(&[
    PATH.validate(&[
        Validate::AllowNull,
        Validate::AllowEmptyCollection,
        Validate::AllowEmptyString,
    ]),
    LITERAL_PATH.validate(&[
        Validate::AllowNull,
        Validate::AllowEmptyCollection,
        Validate::AllowEmptyString,
    ]),
    Parameter::new("Filter", "string"),
    Parameter::new("Include", "string[]"),
    Parameter::new("Exclude", "string[]"),
    Parameter::new("PathType", "string")
        .aliases(&["Type"])
        .validate(&[Validate::Set(&["Any", "Container", "Leaf"])]),
    Parameter::switch("IsValid"),
    Parameter::new("OlderThan", "datetime"),
    Parameter::new("NewerThan", "datetime"),
]);

pub(crate) static RESOLVE: CommandSpec = CommandSpec::new(
    "Resolve-Path",
    "Microsoft.PowerShell.Commands.ResolvePathCommand",
    || Box::new(ResolvePath),
)
.module("Microsoft.PowerShell.Management")
.default_set("Path")
.output_types(&["System.Management.Automation.PathInfo", "System.String"])
.parameters(&[
    PATH,
    LITERAL_PATH,
    Parameter::switch("Relative"),
    Parameter::new("RelativeBasePath", "string"),
    Parameter::switch("Force"),
]);

pub(crate) static CONVERT: CommandSpec = CommandSpec::new(
    "Convert-Path",
    "Microsoft.PowerShell.Commands.ConvertPathCommand",
    || Box::new(ConvertPath),
)
.module("Microsoft.PowerShell.Management")
.default_set("Path")
.output_types(&["System.String"])
.parameters(&[PATH, LITERAL_PATH]);

struct TestPath;

impl Command for TestPath {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let filter = NameFilter::of(cx);
        let given = Paths::of(cx, None).given;
        if given.is_empty() {
            let message = "The provided Path argument was null or an empty collection.";
            return cx.error(
                TypeId::ArgumentNullException,
                message,
                "NullPathNotPermitted",
                ErrorCategory::InvalidArgument,
                Value::Null,
            );
        }
        for (text, expands) in given {
            if text.trim().is_empty() {
                cx.write(Value::Bool(false))?;
                continue;
            }
            if cx.is_set("IsValid") {
                let valid = locate(cx, &text).is_ok() && !text.contains('\0');
                cx.write(Value::Bool(valid))?;
                continue;
            }
            let places = match resolve(cx, &text, expands, true) {
                Ok(places) => places,
                // A drive that is not there has no paths.
                Err(Flow::Error(_)) => Vec::new(),
                Err(flow) => return Err(flow),
            };
            let found = places
                .iter()
                .any(|place| filter.keep(place.leaf()) && fits(cx, place));
            cx.write(Value::Bool(found))?;
        }
        Ok(())
    }
}

fn fits(cx: &CommandContext<'_, '_>, place: &ItemPath) -> bool {
    let path = Path::new(&place.path);
    let is_container = match place.provider {
        Provider::FileSystem => path.is_dir(),
        _ => place.path.is_empty(),
    };
    let kind = match cx
        .text("PathType")
        .as_deref()
        .map(str::to_ascii_lowercase)
        .as_deref()
    {
        Some("container") => is_container,
        Some("leaf") => !is_container,
        _ => true,
    };
    let date = |name: &str| {
        if let Some(Value::DateTime(date)) = cx.get(name) {
            Some(date.to_utc())
        } else {
            None
        }
    };
    let written = path
        .metadata()
        .ok()
        .and_then(|metadata| metadata.modified().ok())
        .and_then(crate::provider::date_of);
    let compare = |limit: Option<DateTime>, newer: bool| match (limit, written) {
        (Some(limit), Some(written)) => (written.ticks > limit.ticks) == newer,
        (None, _) => true,
        (Some(_), None) => false,
    };
    kind && compare(date("OlderThan"), false) && compare(date("NewerThan"), true)
}

struct ResolvePath;

impl Command for ResolvePath {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let base = match cx.text("RelativeBasePath") {
            Some(base) => locate(cx, &base)?.path,
            None => cx.machine.session.location.clone(),
        };
        let hidden = cx.is_set("Force");
        each(cx, hidden, |cx, place| {
            if cx.is_set("Relative") || cx.has("RelativeBasePath") {
                return cx.write(Value::from(relative(&base, &place.path)));
            }
            let info = path_info(cx, &place);
            cx.write(info)
        })
    }
}

struct ConvertPath;

impl Command for ConvertPath {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        each(cx, false, |cx, place| cx.write(Value::from(place.path)))
    }
}

fn each(
    cx: &mut CommandContext<'_, '_>,
    hidden: bool,
    mut run: impl FnMut(&mut CommandContext<'_, '_>, ItemPath) -> Run,
) -> Run {
    for (text, expands) in Paths::of(cx, None).given {
        let places = match resolve(cx, &text, expands, hidden) {
            Err(error @ Flow::Error(_)) => {
                report(cx, Err(error))?;
                continue;
            }
            other => other?,
        };
        for place in places {
            cx.checkpoint()?;
            run(cx, place)?;
        }
    }
    Ok(())
}

/// `./x`, `../y`: the way from one folder to a path.
pub(crate) fn relative(base: &str, path: &str) -> String {
    let parts = |text: &str| -> Vec<String> {
        text.split('/')
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let (base, path) = (parts(base), parts(path));
    let common = base.iter().zip(&path).take_while(|(a, b)| a == b).count();
    if common == base.len() && path.len() == common {
        return ".".to_owned();
    }
    let mut way: Vec<&str> = vec![".."; base.len() - common];
    if way.is_empty() {
        way.push(".");
    }
    way.extend(path[common..].iter().map(String::as_str));
    way.join("/")
}
