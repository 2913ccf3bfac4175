//! Get-, Set-, New-, Remove- and Clear-Variable.

use super::item_parameters::{EXCLUDE, FORCE, INCLUDE, PASS_THRU};
use super::net_object::NetObject;
use super::session_item::{options_of, options_value, report, scope_of};
use super::{Command, CommandContext, CommandSpec, Parameter};
use crate::eval::{Flow, Options, Run, ScopeId, Symbol, Variable};
use crate::value::pattern::Wildcard;
use crate::value::{ErrorCategory, List, ListKind, Text, TypeId, TypeRef, Value};

const SCOPE: Parameter = Parameter::new("Scope", "string");
const OPTION: Parameter =
    Parameter::new("Option", "System.Management.Automation.ScopedItemOptions");
const VISIBILITY: Parameter = Parameter::new(
    "Visibility",
    "System.Management.Automation.SessionStateEntryVisibility",
);

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

pub(crate) static SET: CommandSpec = CommandSpec::new(
    "Set-Variable",
    "Microsoft.PowerShell.Commands.SetVariableCommand",
    || Box::new(SetVariable::default()),
)
.should_process()
.output_types(&["System.Management.Automation.PSVariable"])
.parameters(&[
    Parameter::new("Name", "string[]")
        .position(0)
        .mandatory()
        .by_property(),
    Parameter::new("Value", "object")
        .position(1)
        .pipeline()
        .by_property(),
    INCLUDE,
    EXCLUDE,
    Parameter::new("Description", "string"),
    OPTION,
    FORCE,
    VISIBILITY,
    PASS_THRU,
    Parameter::switch("Append"),
    SCOPE,
]);

pub(crate) static NEW: CommandSpec = CommandSpec::new(
    "New-Variable",
    "Microsoft.PowerShell.Commands.NewVariableCommand",
    || Box::new(NewVariable),
)
.should_process()
.output_types(&["System.Management.Automation.PSVariable"])
.parameters(&[
    Parameter::new("Name", "string")
        .position(0)
        .mandatory()
        .by_property(),
    Parameter::new("Value", "object")
        .position(1)
        .pipeline()
        .by_property(),
    Parameter::new("Description", "string"),
    OPTION,
    VISIBILITY,
    FORCE,
    PASS_THRU,
    SCOPE,
]);

pub(crate) static REMOVE: CommandSpec = CommandSpec::new(
    "Remove-Variable",
    "Microsoft.PowerShell.Commands.RemoveVariableCommand",
    || Box::new(RemoveVariable),
)
.should_process()
.parameters(&[
    Parameter::new("Name", "string[]")
        .position(0)
        .mandatory()
        .pipeline()
        .by_property(),
    INCLUDE,
    EXCLUDE,
    FORCE,
    SCOPE,
]);

pub(crate) static CLEAR: CommandSpec = CommandSpec::new(
    "Clear-Variable",
    "Microsoft.PowerShell.Commands.ClearVariableCommand",
    || Box::new(ClearVariable),
)
.should_process()
.output_types(&["System.Management.Automation.PSVariable"])
.parameters(&[
    Parameter::new("Name", "string[]")
        .position(0)
        .mandatory()
        .by_property(),
    INCLUDE,
    EXCLUDE,
    FORCE,
    PASS_THRU,
    SCOPE,
]);

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
fn matching(
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

#[derive(Default)]
struct SetVariable {
    names: Vec<Text>,
    values: Vec<Value>,
    piped: bool,
}

impl Command for SetVariable {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        self.names = cx.texts("Name");
        if cx.expects_input() && cx.pipeline_object().is_some() {
            self.piped = true;
            if let Some(value) = cx.get("Value") {
                self.values.push(value.clone());
            }
        }
        Ok(())
    }

    fn end(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let names = if self.names.is_empty() {
            cx.texts("Name")
        } else {
            std::mem::take(&mut self.names)
        };
        let value = match (self.piped, self.values.len()) {
            (true, 1) => self.values.pop(),
            (true, _) => Some(Value::array(std::mem::take(&mut self.values))),
            _ => cx.get("Value").cloned(),
        };
        let scope = scope_of(cx)?;
        for name in names {
            let symbols = if Wildcard::has_wildcards(&name) {
                matching(cx, &name, scope)
                    .into_iter()
                    .map(|(symbol, ..)| symbol)
                    .collect()
            } else {
                vec![Symbol::of(&name)]
            };
            for symbol in symbols {
                if cx.should_process(
                    &format!(
                        "Name: {} Value: {}",
                        symbol.name().as_str(),
                        crate::value::convert::invariant_text(
                            value.as_ref().unwrap_or(&Value::Null)
                        )
                    ),
                    "Set variable",
                )? {
                    let result = set(cx, symbol, scope, value.clone());
                    report(cx, result)?;
                }
            }
        }
        Ok(())
    }
}

fn set(
    cx: &mut CommandContext<'_, '_>,
    symbol: Symbol,
    scope: Option<ScopeId>,
    value: Option<Value>,
) -> Run {
    let scope = scope.unwrap_or(cx.machine.scope);
    let options = options_of(cx);
    if cx.is_set("Force") {
        cx.machine
            .session
            .scopes
            .get_mut(scope)
            .change(symbol, |variable| {
                variable.options = Options(variable.options.0 & !Options::READ_ONLY.0)
            });
    }
    let exists = cx
        .machine
        .session
        .scopes
        .get(scope)
        .with(symbol, |_| ())
        .is_some();
    if value.is_some() || !exists {
        let value = match (cx.is_set("Append"), value) {
            (true, Some(value)) => {
                let old = cx
                    .machine
                    .session
                    .scopes
                    .get(scope)
                    .value(symbol)
                    .unwrap_or_default();
                crate::value::ops::add(
                    &Value::array(
                        crate::value::convert::elements_of(&old).unwrap_or_else(|| vec![old]),
                    ),
                    &value,
                    cx.machine,
                )
                .map_err(Flow::from)?
            }
            (_, value) => value.unwrap_or_default(),
        };
        cx.machine.assign(scope, symbol, value)?;
    }
    let (description, private) = (
        cx.text("Description"),
        cx.text("Scope")
            .is_some_and(|name| name.eq_ignore_ascii_case("private")),
    );
    let made = cx
        .machine
        .session
        .scopes
        .get_mut(scope)
        .change(symbol, |variable| {
            if let Some(options) = options {
                variable.options = options;
            }
            if private {
                variable.options = variable.options.with(Options::PRIVATE);
            }
            if description.is_some() {
                variable.description = description;
            }
            variable.clone()
        });
    match made {
        Some(variable) if cx.is_set("PassThru") => {
            cx.write(variable_object(symbol.name().as_str(), &variable))
        }
        _ => Ok(()),
    }
}

struct NewVariable;

impl Command for NewVariable {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let name = cx.text("Name").unwrap_or_default();
        let symbol = Symbol::of(&name);
        let scope = scope_of(cx)?.unwrap_or(cx.machine.scope);
        let existing = cx
            .machine
            .session
            .scopes
            .get(scope)
            .with(symbol, |variable| variable.options);
        let shown = crate::value::convert::invariant_text(&cx.value("Value"));
        if !cx.should_process(&format!("Name: {name} Value: {shown}"), "New variable")? {
            return Ok(());
        }
        if let Some(options) = existing {
            if !cx.is_set("Force") {
                let message = format!("A variable with name '{name}' already exists.");
                return cx.error(
                    TypeId::SessionStateException,
                    message,
                    "VariableAlreadyExists",
                    ErrorCategory::ResourceExists,
                    Value::String(name),
                );
            }
            if options.has(Options::CONSTANT) {
                let result = Err(crate::value::Raise::of(
                    TypeId::SessionStateUnauthorizedAccessException,
                    format!(
                        "Cannot overwrite variable {name} because it is read-only or constant."
                    ),
                    "VariableNotWritable",
                )
                .category(ErrorCategory::WriteError)
                .target(Value::String(name))
                .into());
                return report(cx, result);
            }
        }
        let mut options = options_of(cx).unwrap_or_default();
        if cx
            .text("Scope")
            .is_some_and(|name| name.eq_ignore_ascii_case("private"))
        {
            options = options.with(Options::PRIVATE);
        }
        let variable = Variable {
            value: cx.value("Value"),
            options,
            description: cx.text("Description"),
            ..Variable::default()
        };
        cx.machine
            .session
            .scopes
            .get_mut(scope)
            .insert(symbol, variable.clone());
        if cx.is_set("PassThru") {
            cx.write(variable_object(&name, &variable))
        } else {
            Ok(())
        }
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
