//! Get-, Remove- and Clear-Variable, and which variables a command means.

use super::item_parameters::{EXCLUDE, FORCE, INCLUDE, PASS_THRU};
use super::net_object::NetObject;
use super::session_item::{NAMES, NAMES_FROM_PIPELINE, SCOPE, options_value, report, scope_of};
use super::{Command, CommandContext, CommandSpec, Parameter};
use crate::eval::{Options, Run, ScopeId, Symbol, Variable};
use crate::value::pattern::Wildcard;
use crate::value::{ErrorCategory, List, ListKind, Text, TypeId, TypeRef, Value};

pub(crate) static GET: CommandSpec = CommandSpec::new(
    "Get-Variable",
    "Microsoft.PowerShell.Commands.GetVariableCommand",
    || Box::new(GetVariable),
)
.output_types(&["System.Management.Automation.PSVariable"])
.parameters(&[
    Parameter::new("Name", "string[]")
        .position(0)
        .pipeline()
        .by_property(),
    Parameter::switch("ValueOnly"),
    INCLUDE,
    EXCLUDE,
    SCOPE,
]);

pub(crate) static REMOVE: CommandSpec = CommandSpec::new(
    "Remove-Variable",
    "Microsoft.PowerShell.Commands.RemoveVariableCommand",
    || Box::new(RemoveVariable),
)
.should_process()
.parameters(&[NAMES_FROM_PIPELINE, INCLUDE, EXCLUDE, FORCE, SCOPE]);

pub(crate) static CLEAR: CommandSpec = CommandSpec::new(
    "Clear-Variable",
    "Microsoft.PowerShell.Commands.ClearVariableCommand",
    || Box::new(ClearVariable),
)
.should_process()
.output_types(&["System.Management.Automation.PSVariable"])
.parameters(&[NAMES, INCLUDE, EXCLUDE, FORCE, PASS_THRU, SCOPE]);

/// A variable as scripts see it.
pub(crate) fn variable_object(name: &str, variable: &Variable) -> Value {
    let attributes = List::new(
        ListKind::Collection(TypeRef::of(TypeId::Attribute)),
        Vec::new(),
    );
    let properties = vec![
        ("Name", Value::from(name)),
        (
            "Description",
            Value::String(variable.description.clone().unwrap_or_default()),
        ),
        ("Value", variable.value.clone()),
        (
            "Visibility",
            Value::enumeration(
                "System.Management.Automation.SessionStateEntryVisibility",
                0,
            )
            .unwrap_or_default(),
        ),
        ("Module", Value::Null),
        ("ModuleName", "".into()),
        ("Options", options_value(variable.options)),
        ("Attributes", Value::List(std::sync::Arc::new(attributes))),
    ];
    NetObject::new("System.Management.Automation.PSVariable", properties).into_value()
}

/// The variables that match `name`, in one scope or in all that are visible, by name.
pub(super) fn matching(
    cx: &CommandContext<'_, '_>,
    name: &str,
    scope: Option<ScopeId>,
) -> Vec<(Symbol, ScopeId, Variable)> {
    let scopes = &cx.machine.session.scopes;
    let here = cx.machine.scope;
    if !Wildcard::has_wildcards(name) {
        let Some(symbol) = Symbol::find(name) else {
            return Vec::new();
        };
        let found = match scope {
            Some(scope) => scopes
                .get(scope)
                .with(symbol, Clone::clone)
                .map(|variable| (scope, variable)),
            None => scopes.find(here, symbol).and_then(|scope| {
                scopes
                    .get(scope)
                    .with(symbol, Clone::clone)
                    .map(|variable| (scope, variable))
            }),
        };
        return match found {
            Some((scope, variable)) => vec![(symbol, scope, variable)],
            None if scope.is_none() => {
                let automatic = cx.machine.variable(name);
                automatic
                    .map(|value| {
                        (
                            symbol,
                            here,
                            Variable {
                                value,
                                ..Variable::default()
                            },
                        )
                    })
                    .into_iter()
                    .collect()
            }
            None => Vec::new(),
        };
    }
    let Some(pattern) = Wildcard::new(name, true) else {
        return Vec::new();
    };
    let mut found: Vec<(Symbol, ScopeId, Variable)> = Vec::new();
    let chain: Vec<ScopeId> = match scope {
        Some(scope) => vec![scope],
        None => scopes.chain(here).collect(),
    };
    for id in chain {
        for (symbol, variable) in scopes.get(id).variables() {
            let hidden = variable.options.has(Options::PRIVATE) && id != here;
            if !hidden
                && pattern.is_match(symbol.name().as_str())
                && !found.iter().any(|(own, ..)| *own == symbol)
            {
                found.push((symbol, id, variable));
            }
        }
    }
    found.sort_by(|a, b| crate::value::compare_folded(a.0.name().as_str(), b.0.name().as_str()));
    found
}

/// The variables that a command means, after `-Include` and `-Exclude`; those that are missing are reported.
fn named(cx: &mut CommandContext<'_, '_>, default: &str) -> Run<Vec<(Symbol, ScopeId, Variable)>> {
    let scope = scope_of(cx)?;
    let mut names = cx.texts("Name");
    if names.is_empty() {
        names.push(default.into());
    }
    let filter = |name: &str| {
        cx.texts(name)
            .iter()
            .filter_map(|text| Wildcard::new(text, true))
            .collect::<Vec<_>>()
    };
    let (include, exclude) = (filter("Include"), filter("Exclude"));
    let mut found = Vec::new();
    for name in names {
        // `variable:x` and scope prefixes are paths, which mean the same.
        let bare = name.rsplit(':').next().unwrap_or_default();
        let matches = matching(cx, bare, scope);
        if matches.is_empty() && !Wildcard::has_wildcards(&name) {
            let message = format!("Cannot find a variable with the name '{name}'.");
            cx.error(
                TypeId::ItemNotFoundException,
                message,
                "VariableNotFound",
                ErrorCategory::ObjectNotFound,
                Value::String(name),
            )?;
            continue;
        }
        found.extend(matches.into_iter().filter(|(symbol, ..)| {
            let name = symbol.name();
            (include.is_empty()
                || include
                    .iter()
                    .any(|pattern| pattern.is_match(name.as_str())))
                && !exclude
                    .iter()
                    .any(|pattern| pattern.is_match(name.as_str()))
        }));
    }
    Ok(found)
}

struct GetVariable;

impl Command for GetVariable {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        for (symbol, _, variable) in named(cx, "*")? {
            cx.checkpoint()?;
            if cx.is_set("ValueOnly") {
                cx.write(variable.value)?;
            } else {
                cx.write(variable_object(symbol.name().as_str(), &variable))?;
            }
        }
        Ok(())
    }
}

struct RemoveVariable;

impl Command for RemoveVariable {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        for (symbol, scope, variable) in named(cx, "")? {
            let name: Text = symbol.name().as_str().into();
            if !cx.should_process(&format!("Name: {name}"), "Remove variable")? {
                continue;
            }
            let locked = variable.options.has(Options::CONSTANT)
                || (variable.options.has(Options::READ_ONLY) && !cx.is_set("Force"));
            if locked {
                let message = format!(
                    "Cannot remove variable {name} because it is constant or read-only. If the variable is read-only, try the operation again specifying the Force option."
                );
                cx.error(
                    TypeId::SessionStateUnauthorizedAccessException,
                    message,
                    "VariableNotRemovable",
                    ErrorCategory::WriteError,
                    Value::String(name),
                )?;
                continue;
            }
            let removed = cx.machine.session.scopes.get_mut(scope).remove(symbol);
            drop(removed);
        }
        Ok(())
    }
}

struct ClearVariable;

impl Command for ClearVariable {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        for (symbol, scope, variable) in named(cx, "")? {
            let name: Text = symbol.name().as_str().into();
            if !cx.should_process(&format!("Name: {name}"), "Clear variable")? {
                continue;
            }
            if variable.options.has(Options::CONSTANT)
                || (variable.options.has(Options::READ_ONLY) && !cx.is_set("Force"))
            {
                let message = format!(
                    "Cannot overwrite variable {name} because it is read-only or constant."
                );
                cx.error(
                    TypeId::SessionStateUnauthorizedAccessException,
                    message,
                    "VariableNotWritable",
                    ErrorCategory::WriteError,
                    Value::String(name),
                )?;
                continue;
            }
            let result = match &variable.checks {
                Some(_) => cx.machine.assign(scope, symbol, Value::Null),
                None => {
                    let old = cx
                        .machine
                        .session
                        .scopes
                        .get_mut(scope)
                        .change(symbol, |variable| std::mem::take(&mut variable.value));
                    drop(old);
                    Ok(())
                }
            };
            report(cx, result)?;
            if cx.is_set("PassThru") {
                let cleared = Variable {
                    value: Value::Null,
                    ..variable
                };
                cx.write(variable_object(&name, &cleared))?;
            }
        }
        Ok(())
    }
}
