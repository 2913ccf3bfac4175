//! Set- and New-Variable.

use super::item_parameters::{EXCLUDE, FORCE, INCLUDE, PASS_THRU};
use super::session_item::{DESCRIPTION, NAME, NAMES, OPTION, SCOPE, options_of, report, scope_of};
use super::variable::{matching, variable_object};
use super::{Command, CommandContext, CommandSpec, Parameter};
use crate::eval::{Flow, Options, Run, ScopeId, Symbol, Variable};
use crate::value::pattern::Wildcard;
use crate::value::{ErrorCategory, Text, TypeId, Value};

const VALUE: Parameter = Parameter::new("Value", "object")
    .position(1)
    .pipeline()
    .by_property();
const VISIBILITY: Parameter = Parameter::new(
    "Visibility",
    "System.Management.Automation.SessionStateEntryVisibility",
);

pub(crate) static SET: CommandSpec = CommandSpec::new(
    "Set-Variable",
    "Microsoft.PowerShell.Commands.SetVariableCommand",
    || Box::new(SetVariable::default()),
)
.should_process()
.output_types(&["System.Management.Automation.PSVariable"])
.parameters(&[
    NAMES,
    VALUE,
    INCLUDE,
    EXCLUDE,
    DESCRIPTION,
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
    NAME,
    VALUE,
    DESCRIPTION,
    OPTION,
    VISIBILITY,
    FORCE,
    PASS_THRU,
    SCOPE,
]);

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
