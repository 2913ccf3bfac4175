//! Get-, Set-, New- and Remove-Alias.

use super::item_parameters::{EXCLUDE, FORCE, PASS_THRU};
use super::net_object::NetObject;
use super::session_item::{
    DESCRIPTION, NAME, NAMES_FROM_PIPELINE, OPTION, SCOPE, options_of, options_value, scope_of,
};
use super::{Command, CommandContext, CommandSpec, InSet, Parameter, Registry};
use crate::eval::{Alias, Options, Run, ScopeId, Symbol};
use crate::value::pattern::Wildcard;
use crate::value::{ErrorCategory, Text, TypeId, Value, compare_folded};

pub(crate) static GET: CommandSpec = CommandSpec::new(
    "Get-Alias",
    "Microsoft.PowerShell.Commands.GetAliasCommand",
    || Box::new(GetAlias),
)
.default_set("Default")
.output_types(&["System.Management.Automation.AliasInfo"])
.parameters(&[
    Parameter::new("Name", "string[]")
        .in_sets(&[InSet::of("Default").position(0).pipeline().by_property()]),
    EXCLUDE,
    SCOPE,
    Parameter::new("Definition", "string[]").in_sets(&[InSet::of("Definition")]),
]);

pub(crate) static SET: CommandSpec = CommandSpec::new(
    "Set-Alias",
    "Microsoft.PowerShell.Commands.SetAliasCommand",
    || Box::new(SetAlias),
)
.default_set("Default")
.should_process()
.output_types(&["System.Management.Automation.AliasInfo"])
.parameters(WRITE_PARAMETERS);

pub(crate) static NEW: CommandSpec = CommandSpec::new(
    "New-Alias",
    "Microsoft.PowerShell.Commands.NewAliasCommand",
    || Box::new(NewAlias),
)
.should_process()
.output_types(&["System.Management.Automation.AliasInfo"])
.parameters(WRITE_PARAMETERS);

pub(crate) static REMOVE: CommandSpec = CommandSpec::new(
    "Remove-Alias",
    "Microsoft.PowerShell.Commands.RemoveAliasCommand",
    || Box::new(RemoveAlias),
)
.default_set("Default")
.should_process()
.parameters(&[NAMES_FROM_PIPELINE, SCOPE, FORCE]);

const WRITE_PARAMETERS: &[Parameter] = &[
    NAME,
    Parameter::new("Value", "string")
        .position(1)
        .mandatory()
        .by_property(),
    DESCRIPTION,
    OPTION,
    PASS_THRU,
    SCOPE,
    FORCE,
];

/// An alias as Get-Alias and Get-Command give it.
pub(crate) fn alias_object(cx: &CommandContext<'_, '_>, alias: &Alias) -> Value {
    let resolved = resolved_name(cx, alias);
    let shown = resolved.clone().unwrap_or_else(|| alias.definition.clone());
    let module = resolved
        .as_ref()
        .and_then(|name| Registry::global().find(name))
        .map_or("", |_| "");
    let properties = vec![
        ("HelpUri", Value::Null),
        (
            "ResolvedCommandName",
            resolved.map_or(Value::Null, Value::String),
        ),
        ("DisplayName", format!("{} -> {shown}", alias.name).into()),
        ("ReferencedCommand", Value::Null),
        ("ResolvedCommand", Value::Null),
        ("Definition", Value::String(alias.definition.clone())),
        ("Options", options_value(alias.options)),
        ("Description", Value::String(alias.description.clone())),
        ("OutputType", Value::array(Vec::new())),
        ("Name", Value::String(alias.name.clone())),
        (
            "CommandType",
            Value::enumeration("System.Management.Automation.CommandTypes", 1).unwrap_or_default(),
        ),
        ("Source", module.into()),
        ("Version", Value::Null),
        (
            "Visibility",
            Value::enumeration(
                "System.Management.Automation.SessionStateEntryVisibility",
                0,
            )
            .unwrap_or_default(),
        ),
        ("ModuleName", module.into()),
        ("Module", Value::Null),
        (
            "RemotingCapability",
            Value::enumeration("System.Management.Automation.RemotingCapability", 1)
                .unwrap_or_default(),
        ),
        ("Parameters", Value::Null),
        ("ParameterSets", Value::Null),
    ];
    NetObject::new("System.Management.Automation.AliasInfo", properties)
        .with_text(alias.name.clone())
        .into_value()
}

/// The command at the end of the chain of aliases; `None` if there is none.
fn resolved_name(cx: &CommandContext<'_, '_>, alias: &Alias) -> Option<Text> {
    let scopes = &cx.machine.session.scopes;
    let mut name = alias.definition.clone();
    for _ in 0..32 {
        match Symbol::find(&name).and_then(|symbol| scopes.alias(cx.machine.scope, symbol)) {
            Some(next) => name = next.definition.clone(),
            None => break,
        }
    }
    if let Some(spec) = Registry::global().find(&name) {
        return Some(spec.name.into());
    }
    Symbol::find(&name)
        .and_then(|symbol| scopes.function(cx.machine.scope, symbol))
        .map(|function| function.name.clone())
}

/// All aliases that are visible, by name.
pub(crate) fn visible(cx: &CommandContext<'_, '_>, scope: Option<ScopeId>) -> Vec<Alias> {
    let scopes = &cx.machine.session.scopes;
    let chain: Vec<ScopeId> = match scope {
        Some(scope) => vec![scope],
        None => scopes.chain(cx.machine.scope).collect(),
    };
    let mut found: Vec<(Symbol, Alias)> = Vec::new();
    for id in chain {
        for (symbol, alias) in &scopes.get(id).aliases {
            if !found.iter().any(|(own, _)| own == symbol) {
                found.push((*symbol, alias.clone()));
            }
        }
    }
    let mut aliases: Vec<Alias> = found.into_iter().map(|(_, alias)| alias).collect();
    aliases.sort_by(|a, b| compare_folded(&a.name, &b.name));
    aliases
}

struct GetAlias;

impl Command for GetAlias {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let scope = scope_of(cx)?;
        let all = visible(cx, scope);
        let exclude: Vec<Wildcard> = cx
            .texts("Exclude")
            .iter()
            .filter_map(|name| Wildcard::new(name, true))
            .collect();
        let by_definition = cx.has("Definition");
        let mut names = cx.texts(if by_definition { "Definition" } else { "Name" });
        if names.is_empty() {
            names.push("*".into());
        }
        for name in names {
            let Some(pattern) = Wildcard::new(&name, true) else {
                continue;
            };
            let matches: Vec<&Alias> = all
                .iter()
                .filter(|alias| {
                    pattern.is_match(if by_definition {
                        &alias.definition
                    } else {
                        &alias.name
                    }) && !exclude.iter().any(|pattern| pattern.is_match(&alias.name))
                })
                .collect();
            if matches.is_empty() && !Wildcard::has_wildcards(&name) {
                let what = if by_definition { "definition" } else { "name" };
                let message = format!(
                    "This command cannot find a matching alias because an alias with the {what} '{name}' does not exist."
                );
                cx.error(
                    TypeId::ItemNotFoundException,
                    message,
                    "ItemNotFoundException",
                    ErrorCategory::ObjectNotFound,
                    Value::String(name),
                )?;
                continue;
            }
            for alias in matches {
                cx.checkpoint()?;
                let object = alias_object(cx, alias);
                cx.write(object)?;
            }
        }
        Ok(())
    }
}

struct SetAlias;

impl Command for SetAlias {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        write_alias(cx, true)
    }
}

struct NewAlias;

impl Command for NewAlias {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        write_alias(cx, false)
    }
}

fn write_alias(cx: &mut CommandContext<'_, '_>, replaces: bool) -> Run {
    let (name, definition) = (
        cx.text("Name").unwrap_or_default(),
        cx.text("Value").unwrap_or_default(),
    );
    let symbol = Symbol::of(&name);
    let given = scope_of(cx)?;
    let here = given.unwrap_or(cx.machine.scope);
    let scopes = &cx.machine.session.scopes;
    // An AllScope alias is the same one everywhere.
    let home = scopes.chain(here).find(|id| {
        scopes
            .get(*id)
            .aliases
            .get(&symbol)
            .is_some_and(|alias| *id == here || alias.options.has(Options::ALL_SCOPE))
    });
    let existing = home
        .and_then(|id| scopes.get(id).aliases.get(&symbol))
        .cloned();
    let scope = home.unwrap_or(here);
    let force = cx.is_set("Force");
    if !cx.should_process(
        &format!("Name: {name} Value: {definition}"),
        if replaces { "Set Alias" } else { "New Alias" },
    )? {
        return Ok(());
    }
    if let Some(existing) = &existing {
        if !replaces && !force {
            let message = format!(
                "The alias is not allowed, because an alias with the name '{name}' already exists."
            );
            return cx.error(
                TypeId::SessionStateException,
                message,
                "AliasAlreadyExists",
                ErrorCategory::ResourceExists,
                Value::String(name),
            );
        }
        if existing.options.has(Options::CONSTANT)
            || (existing.options.has(Options::READ_ONLY) && !force)
        {
            let message = format!(
                "Alias is not writeable because alias {name} is read-only or constant and cannot be written to."
            );
            return cx.error(
                TypeId::SessionStateUnauthorizedAccessException,
                message,
                "AliasNotWritable",
                ErrorCategory::WriteError,
                Value::String(name),
            );
        }
        if existing.options.has(Options::ALL_SCOPE)
            && options_of(cx).is_some_and(|options| !options.has(Options::ALL_SCOPE))
        {
            let message = format!("The AllScope option cannot be removed from the alias '{name}'.");
            return cx.error(
                TypeId::SessionStateUnauthorizedAccessException,
                message,
                "AliasAllScopeOptionCannotBeRemoved",
                ErrorCategory::WriteError,
                Value::String(name),
            );
        }
    }
    let kept = existing.filter(|_| replaces);
    let options = options_of(cx)
        .unwrap_or_else(|| kept.as_ref().map_or(Options::NONE, |alias| alias.options));
    let description = cx.text("Description").unwrap_or_default();
    let alias = Alias {
        name,
        definition,
        options,
        description,
    };
    cx.machine
        .session
        .scopes
        .get_mut(scope)
        .aliases
        .insert(symbol, alias.clone());
    if cx.is_set("PassThru") {
        let object = alias_object(cx, &alias);
        return cx.write(object);
    }
    Ok(())
}

struct RemoveAlias;

impl Command for RemoveAlias {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let given = scope_of(cx)?;
        for name in cx.texts("Name") {
            let here = given.unwrap_or(cx.machine.scope);
            let scopes = &cx.machine.session.scopes;
            let home = Symbol::find(&name).and_then(|symbol| {
                let found = match given {
                    Some(scope) => scopes
                        .get(scope)
                        .aliases
                        .contains_key(&symbol)
                        .then_some(scope),
                    None => scopes
                        .chain(here)
                        .find(|id| scopes.get(*id).aliases.contains_key(&symbol)),
                };
                found.map(|scope| (symbol, scope))
            });
            let Some((symbol, scope)) = home else {
                let message = format!(
                    "This command cannot find a matching alias because an alias with the name '{name}' does not exist."
                );
                cx.error(
                    TypeId::ItemNotFoundException,
                    message,
                    "ItemNotFoundException",
                    ErrorCategory::ObjectNotFound,
                    Value::String(name),
                )?;
                continue;
            };
            let locked = scopes.get(scope).aliases.get(&symbol).is_some_and(|alias| {
                alias.options.has(Options::CONSTANT)
                    || (alias.options.has(Options::READ_ONLY) && !cx.is_set("Force"))
            });
            if locked {
                let message =
                    format!("Alias was not removed because alias {name} is constant or read-only.");
                cx.error(
                    TypeId::SessionStateUnauthorizedAccessException,
                    message,
                    "AliasNotRemovable",
                    ErrorCategory::WriteError,
                    Value::String(name),
                )?;
                continue;
            }
            if cx.should_process(&format!("Name: {name}"), "Remove alias")? {
                cx.machine
                    .session
                    .scopes
                    .get_mut(scope)
                    .aliases
                    .remove(&symbol);
            }
        }
        Ok(())
    }
}
