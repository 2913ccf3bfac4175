//! Get-, Set-, Push- and Pop-Location.

use std::collections::HashMap;
use std::path::Path;

use super::item_parameters::LITERAL_PATH_ALIASES;
use super::net_object::NetObject;
use super::target::resolve;
use super::{Command, CommandContext, CommandSpec, InSet, Parameter};
use crate::eval::{Flow, Run};
use crate::provider::{ItemPath, Provider, locate, not_found, path_info};
use crate::value::{ErrorCategory, Text, TypeId, Value};

pub(crate) static GET: CommandSpec = CommandSpec::new(
    "Get-Location",
    "Microsoft.PowerShell.Commands.GetLocationCommand",
    || Box::new(GetLocation),
)
.module("Microsoft.PowerShell.Management")
.default_set("Location")
.output_types(&[
    "System.Management.Automation.PathInfo",
    "System.Management.Automation.PathInfoStack",
])
.parameters(&[
    Parameter::new("PSProvider", "string[]").in_sets(&[InSet::of("Location").by_property()]),
    Parameter::new("PSDrive", "string[]").in_sets(&[InSet::of("Location").by_property()]),
    Parameter::switch("Stack").in_sets(&[InSet::of("Stack")]),
    Parameter::new("StackName", "string[]").in_sets(&[InSet::of("Stack").by_property()]),
]);

pub(crate) static SET: CommandSpec = CommandSpec::new(
    "Set-Location",
    "Microsoft.PowerShell.Commands.SetLocationCommand",
    || Box::new(SetLocation),
)
.module("Microsoft.PowerShell.Management")
.default_set("Path")
.output_types(&[
    "System.Management.Automation.PathInfo",
    "System.Management.Automation.PathInfoStack",
])
.parameters(&[
    Parameter::new("Path", "string")
        .in_sets(&[InSet::of("Path").position(0).pipeline().by_property()]),
    Parameter::new("LiteralPath", "string")
        .aliases(LITERAL_PATH_ALIASES)
        .in_sets(&[InSet::of("LiteralPath").mandatory().by_property()]),
    Parameter::switch("PassThru"),
    Parameter::new("StackName", "string").in_sets(&[InSet::of("Stack").by_property()]),
]);

pub(crate) static PUSH: CommandSpec = CommandSpec::new(
    "Push-Location",
    "Microsoft.PowerShell.Commands.PushLocationCommand",
    || Box::new(PushLocation),
)
.module("Microsoft.PowerShell.Management")
.default_set("Path")
.parameters(&[
    Parameter::new("Path", "string")
        .in_sets(&[InSet::of("Path").position(0).pipeline().by_property()]),
    Parameter::new("LiteralPath", "string")
        .aliases(LITERAL_PATH_ALIASES)
        .in_sets(&[InSet::of("LiteralPath").by_property()]),
    Parameter::switch("PassThru"),
    Parameter::new("StackName", "string").by_property(),
]);

pub(crate) static POP: CommandSpec = CommandSpec::new(
    "Pop-Location",
    "Microsoft.PowerShell.Commands.PopLocationCommand",
    || Box::new(PopLocation),
)
.module("Microsoft.PowerShell.Management")
.parameters(&[
    Parameter::switch("PassThru"),
    Parameter::new("StackName", "string").by_property(),
]);

/// Where a session keeps its named stacks.
const STACKS: &str = "location stacks";

type Stacks = HashMap<String, Vec<String>>;

fn stack<'s>(cx: &'s mut CommandContext<'_, '_>, name: &str) -> &'s mut Vec<String> {
    let session = &mut *cx.machine.session;
    if name.is_empty() || name.eq_ignore_ascii_case("default") {
        return &mut session.location_stack;
    }
    let stacks = session
        .extensions
        .entry(STACKS)
        .or_insert_with(|| Box::new(Stacks::new()));
    if !stacks.is::<Stacks>() {
        *stacks = Box::new(Stacks::new());
    }
    match stacks.downcast_mut::<Stacks>() {
        Some(stacks) => stacks.entry(name.to_ascii_lowercase()).or_default(),
        None => &mut session.location_stack,
    }
}

/// The place where a session stands, from its text.
fn standing(cx: &CommandContext<'_, '_>, text: &str) -> ItemPath {
    match text.split_once(":/") {
        Some((drive, rest)) => match Provider::ALL
            .into_iter()
            .find(|provider| provider.drive() == drive)
        {
            Some(provider) => ItemPath {
                provider,
                path: rest.to_owned(),
            },
            None => ItemPath::file(text),
        },
        None => locate(cx, text).unwrap_or_else(|_| ItemPath::file(text)),
    }
}

fn here(cx: &CommandContext<'_, '_>) -> Value {
    let location = cx.machine.session.location.clone();
    let place = standing(cx, &location);
    path_info(cx, &place)
}

struct GetLocation;

impl Command for GetLocation {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        if !cx.is_set("Stack") && !cx.has("StackName") {
            let info = here(cx);
            return cx.write(info);
        }
        let mut names = cx.texts("StackName");
        if names.is_empty() {
            names.push(Text::default());
        }
        for name in names {
            let stack = stack(cx, &name).clone();
            let items: Vec<Value> = stack
                .iter()
                .rev()
                .map(|text| {
                    let place = standing(cx, text);
                    path_info(cx, &place)
                })
                .collect();
            let name = if name.is_empty() {
                "default".into()
            } else {
                name
            };
            let count = i32::try_from(items.len()).unwrap_or(i32::MAX);
            let properties = vec![
                ("Name", Value::String(name)),
                ("Count", Value::Int32(count)),
                ("Items", Value::array(items)),
            ];
            cx.write(
                NetObject::new("System.Management.Automation.PathInfoStack", properties)
                    .into_value(),
            )?;
        }
        Ok(())
    }
}

/// Goes where `text` says.
fn go(cx: &mut CommandContext<'_, '_>, text: &str, expands: bool) -> Run {
    let text = match text {
        "" | "~" => "~",
        other => other,
    };
    if text == "-" || text == "+" {
        return history(cx, text == "-");
    }
    let places = resolve(cx, text, expands, true)?;
    let place = match &places[..] {
        [place] => place.clone(),
        [] => {
            let missing = locate(cx, text)?;
            return Err(not_found(cx, &missing));
        }
        _ => {
            let message = "Cannot process argument because the path resolved to more than one container. Use a path that resolves to only one.";
            return Err(cx.fail(
                TypeId::PSArgumentException,
                message,
                "Argument",
                ErrorCategory::InvalidArgument,
                Value::Null,
            ));
        }
    };
    let is_container = match place.provider {
        Provider::FileSystem => Path::new(&place.path).is_dir(),
        _ => place.path.is_empty(),
    };
    if !is_container {
        return Err(not_found(cx, &place));
    }
    let before = std::mem::replace(&mut cx.machine.session.location, place.shown());
    cx.machine
        .session
        .extensions
        .insert(PREVIOUS, Box::new(before));
    Ok(())
}

/// Where a session was before, for `cd -`.
const PREVIOUS: &str = "previous location";

fn history(cx: &mut CommandContext<'_, '_>, _back: bool) -> Run {
    let Some(before) = cx
        .machine
        .session
        .extensions
        .get(PREVIOUS)
        .and_then(|before| before.downcast_ref::<String>())
        .cloned()
    else {
        let message = "There is no location history left to navigate backwards.";
        return Err(cx.fail(
            TypeId::InvalidOperationException,
            message,
            "System.InvalidOperationException",
            ErrorCategory::InvalidOperation,
            Value::Null,
        ));
    };
    let left = std::mem::replace(&mut cx.machine.session.location, before);
    cx.machine
        .session
        .extensions
        .insert(PREVIOUS, Box::new(left));
    Ok(())
}

fn given(cx: &CommandContext<'_, '_>) -> Option<(Text, bool)> {
    cx.text("LiteralPath")
        .map(|path| (path, false))
        .or_else(|| cx.text("Path").map(|path| (path, true)))
}

struct SetLocation;

impl Command for SetLocation {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let (text, expands) = given(cx).unwrap_or_default();
        match go(cx, &text, expands) {
            Err(error @ Flow::Error(_)) => super::session_item::report(cx, Err(error))?,
            other => {
                other?;
                if cx.is_set("PassThru") {
                    let info = here(cx);
                    cx.write(info)?;
                }
            }
        }
        Ok(())
    }
}

struct PushLocation;

impl Command for PushLocation {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let name = cx.text("StackName").unwrap_or_default();
        let before = cx.machine.session.location.clone();
        if let Some((text, expands)) = given(cx) {
            match go(cx, &text, expands) {
                Err(error @ Flow::Error(_)) => return super::session_item::report(cx, Err(error)),
                other => other?,
            }
        }
        stack(cx, &name).push(before);
        if cx.is_set("PassThru") {
            let info = here(cx);
            cx.write(info)?;
        }
        Ok(())
    }
}

struct PopLocation;

impl Command for PopLocation {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let name = cx.text("StackName").unwrap_or_default();
        if let Some(before) = stack(cx, &name).pop() {
            cx.machine.session.location = before;
            if cx.is_set("PassThru") {
                let info = here(cx);
                cx.write(info)?;
            }
        }
        Ok(())
    }
}
