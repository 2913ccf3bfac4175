//! Set-Item, Clear-Item, Get-ItemProperty and Set-ItemProperty.

use super::get_child_item::item_at;
use super::item_parameters::LITERAL_PATH_ALIASES;
use super::session_item::report;
use super::target::{existing, resolve};
use super::{Command, CommandContext, CommandSpec, InSet, Parameter, Validate};
use crate::eval::{Flow, Run};
use crate::provider::{Paths, Provider, locate, remove, write};
use crate::value::pattern::Wildcard;
use crate::value::{ErrorCategory, Member, TypeId, Value, members};

const PATH: Parameter = Parameter::new("Path", "string[]").in_sets(&[InSet::of("Path")
    .position(0)
    .mandatory()
    .pipeline()
    .by_property()]);
const LITERAL_PATH: Parameter = Parameter::new("LiteralPath", "string[]")
    .aliases(LITERAL_PATH_ALIASES)
    .in_sets(&[InSet::of("LiteralPath").mandatory().by_property()]);
const FILTER: Parameter = Parameter::new("Filter", "string");
const INCLUDE: Parameter = Parameter::new("Include", "string[]");
const EXCLUDE: Parameter = Parameter::new("Exclude", "string[]");
const FORCE: Parameter = Parameter::switch("Force");
const PASS_THRU: Parameter = Parameter::switch("PassThru");

pub(crate) static SET: CommandSpec = CommandSpec::new(
    "Set-Item",
    "Microsoft.PowerShell.Commands.SetItemCommand",
    || Box::new(SetItem),
)
.module("Microsoft.PowerShell.Management")
.default_set("Path")
.should_process()
.parameters(&[
    Parameter::new("Path", "string[]")
        .in_sets(&[InSet::of("Path").position(0).mandatory().by_property()]),
    LITERAL_PATH,
    Parameter::new("Value", "object")
        .position(1)
        .pipeline()
        .by_property(),
    FORCE,
    PASS_THRU,
    FILTER,
    INCLUDE,
    EXCLUDE,
]);

pub(crate) static CLEAR: CommandSpec = CommandSpec::new(
    "Clear-Item",
    "Microsoft.PowerShell.Commands.ClearItemCommand",
    || Box::new(ClearItem),
)
.module("Microsoft.PowerShell.Management")
.default_set("Path")
.should_process()
.parameters(&[PATH, LITERAL_PATH, FORCE, FILTER, INCLUDE, EXCLUDE]);

pub(crate) static GET_PROPERTY: CommandSpec = CommandSpec::new(
    "Get-ItemProperty",
    "Microsoft.PowerShell.Commands.GetItemPropertyCommand",
    || Box::new(GetItemProperty),
)
.module("Microsoft.PowerShell.Management")
.default_set("Path")
.parameters(&[
    PATH,
    LITERAL_PATH,
    Parameter::new("Name", "string[]")
        .aliases(&["PSProperty"])
        .position(1),
    FILTER,
    INCLUDE,
    EXCLUDE,
]);

pub(crate) static SET_PROPERTY: CommandSpec = CommandSpec::new(
    "Set-ItemProperty",
    "Microsoft.PowerShell.Commands.SetItemPropertyCommand",
    || Box::new(SetItemProperty),
)
.module("Microsoft.PowerShell.Management")
.default_set("propertyValuePathSet")
.should_process()
.parameters(&[
    Parameter::new("Path", "string[]").in_sets(&[InSet::of("propertyValuePathSet")
        .position(0)
        .mandatory()
        .by_property()]),
    Parameter::new("LiteralPath", "string[]")
        .aliases(LITERAL_PATH_ALIASES)
        .in_sets(&[InSet::of("propertyValueLiteralPathSet")
            .mandatory()
            .by_property()]),
    Parameter::new("Name", "string")
        .aliases(&["PSProperty"])
        .position(1)
        .mandatory()
        .by_property(),
    Parameter::new("Value", "object")
        .position(2)
        .mandatory()
        .by_property()
        .validate(&[Validate::AllowNull]),
    PASS_THRU,
    FORCE,
    FILTER,
    INCLUDE,
    EXCLUDE,
]);

struct SetItem;

impl Command for SetItem {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        for (text, expands) in Paths::of(cx, None).given {
            let places = match expands && Wildcard::has_wildcards(&text) {
                true => resolve(cx, &text, true, false)?,
                false => vec![locate(cx, &text)?],
            };
            for place in places {
                if place.provider == Provider::FileSystem {
                    let message = "Provider operation stopped because the provider does not support this operation.";
                    return Err(cx.fail(
                        TypeId::PSNotSupportedException,
                        message,
                        "NotSupported",
                        ErrorCategory::NotImplemented,
                        Value::Null,
                    ));
                }
                if !cx.should_process(
                    &format!(
                        "Item: {} Value: {}",
                        place.path,
                        crate::value::convert::invariant_text(&cx.value("Value"))
                    ),
                    "Set Item",
                )? {
                    continue;
                }
                let value = cx.value("Value");
                let result = write(cx, &place, value);
                report(cx, result)?;
                if cx.is_set("PassThru")
                    && let Some(item) = item_at(cx, &place)?
                {
                    cx.write(item)?;
                }
            }
        }
        Ok(())
    }
}

struct ClearItem;

impl Command for ClearItem {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let paths = Paths::of(cx, None);
        for place in existing(cx, &paths, false)? {
            if place.provider == Provider::FileSystem {
                let message = "Provider operation stopped because the provider does not support this operation.";
                return Err(cx.fail(
                    TypeId::PSNotSupportedException,
                    message,
                    "NotSupported",
                    ErrorCategory::NotImplemented,
                    Value::Null,
                ));
            }
            if !cx.should_process(&format!("Item: {}", place.path), "Clear Item")? {
                continue;
            }
            // A function or alias without content is none.
            let result = match place.provider {
                Provider::Function | Provider::Alias => {
                    remove(cx, &place, cx.is_set("Force")).map(|_| ())
                }
                _ => write(cx, &place, Value::Null),
            };
            report(cx, result)?;
        }
        Ok(())
    }
}

struct GetItemProperty;

impl Command for GetItemProperty {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let paths = Paths::of(cx, None);
        let names = cx.texts("Name");
        for place in existing(cx, &paths, true)? {
            cx.checkpoint()?;
            let Some(item) = item_at(cx, &place)? else {
                continue;
            };
            if names.is_empty() {
                cx.write(item)?;
                continue;
            }
            let mut notes = Vec::new();
            for name in &names {
                match super::object::property(&item, name, cx.machine).map_err(Flow::from)? {
                    Some(value) => notes.push((name.to_name(), value)),
                    None => {
                        let message =
                            format!("Property {name} does not exist at path {}.", place.shown());
                        cx.error(
                            TypeId::PSArgumentException,
                            message,
                            "System.Management.Automation.PSArgumentException",
                            ErrorCategory::InvalidArgument,
                            Value::String(name.clone()),
                        )?;
                    }
                }
            }
            if notes.is_empty() {
                continue;
            }
            if let Some(own) = item.extended().and_then(crate::value::Extended::members) {
                for (name, member) in own.iter() {
                    if let Member::Note(value) = member
                        && name.as_str() != "PSIsContainer"
                    {
                        notes.push((name.clone(), value.clone()));
                    }
                }
            }
            cx.write(super::object::custom(notes))?;
        }
        Ok(())
    }
}

struct SetItemProperty;

impl Command for SetItemProperty {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let paths = Paths::of(cx, None);
        let (name, value) = (cx.text("Name").unwrap_or_default(), cx.value("Value"));
        for place in existing(cx, &paths, true)? {
            if !cx.should_process(
                &format!("Item: {} Property: {name}", place.shown()),
                "Set Property",
            )? {
                continue;
            }
            let Some(item) = item_at(cx, &place)? else {
                continue;
            };
            let result = members::set_property(&item, &name, &value, cx.machine)
                .map_err(Flow::from)
                .map(|_| ());
            report(cx, result)?;
        }
        Ok(())
    }
}
