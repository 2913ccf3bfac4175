//! What the commands on variables and aliases share: parameters, scopes by name, options, and errors that get the command's id.

use super::{CommandContext, Parameter};
use crate::eval::{Flow, Options, Run, ScopeId, Scopes};
use crate::value::{ErrorCategory, TypeId, Value};

/// `-Name` of the one thing that a command makes.
pub(super) const NAME: Parameter = Parameter::new("Name", "string")
    .position(0)
    .mandatory()
    .by_property();

/// `-Name` of those that a command changes.
pub(super) const NAMES: Parameter = Parameter::new("Name", "string[]")
    .position(0)
    .mandatory()
    .by_property();

/// The same, also from the pipeline.
pub(super) const NAMES_FROM_PIPELINE: Parameter = NAMES.pipeline();

pub(super) const DESCRIPTION: Parameter = Parameter::new("Description", "string");
pub(super) const OPTION: Parameter =
    Parameter::new("Option", "System.Management.Automation.ScopedItemOptions");
pub(super) const SCOPE: Parameter = Parameter::new("Scope", "string");

/// The scope that `-Scope` names; the current one without it.
///
/// # Errors
/// When there is no such scope.
pub(crate) fn scope_of(cx: &mut CommandContext<'_, '_>) -> Run<Option<ScopeId>> {
    let Some(name) = cx.text("Scope") else {
        return Ok(None);
    };
    let here = cx.machine.scope;
    let scopes = &cx.machine.session.scopes;
    Ok(Some(match name.to_ascii_lowercase().as_str() {
        "global" => Scopes::GLOBAL,
        "local" | "private" => here,
        "script" => scopes.script(here),
        other => match other.parse::<i64>() {
            Ok(number) => match usize::try_from(number)
                .ok()
                .and_then(|number| scopes.ancestor(here, number))
            {
                Some(scope) => scope,
                None if number < 0 => {
                    let message = format!(
                        "Cannot process argument because the value of argument \"Scope\" is not valid. (Parameter 'Scope')\nActual value was {number}."
                    );
                    return Err(cx.fail(
                        TypeId::PSArgumentOutOfRangeException,
                        message,
                        "ArgumentOutOfRange",
                        ErrorCategory::InvalidArgument,
                        Value::Null,
                    ));
                }
                None => {
                    let message = format!(
                        "The scope number '{number}' exceeds the number of active scopes. (Parameter 'Scope')\nActual value was {number}."
                    );
                    return Err(cx.fail(
                        TypeId::PSArgumentOutOfRangeException,
                        message,
                        "ArgumentOutOfRange",
                        ErrorCategory::InvalidArgument,
                        Value::Null,
                    ));
                }
            },
            Err(_) => {
                let message = format!(
                    "Cannot process argument because the value of argument \"scopeID\" is not valid. Change the value of the \"scopeID\" argument and run the operation again. (Parameter '{name}')"
                );
                return Err(cx.fail(
                    TypeId::PSArgumentException,
                    message,
                    "Argument",
                    ErrorCategory::InvalidArgument,
                    Value::Null,
                ));
            }
        },
    }))
}

/// `-Option` as options.
pub(crate) fn options_of(cx: &CommandContext<'_, '_>) -> Option<Options> {
    let bits = cx.integer("Option")?;
    Some(Options(u8::try_from(bits & 0xf).unwrap_or(0)))
}

/// Options as a value of their enumeration.
pub(crate) fn options_value(options: Options) -> Value {
    Value::enumeration(
        "System.Management.Automation.ScopedItemOptions",
        i64::from(options.0),
    )
    .unwrap_or_default()
}

/// Writes an error of the engine as one of this command; control goes on up.
///
/// # Errors
/// Control that leaves the pipeline.
pub(crate) fn report(cx: &mut CommandContext<'_, '_>, result: Run) -> Run {
    match result {
        Err(Flow::Error(failure)) => {
            let record = cx.machine.locate_in_command(failure, cx.stage);
            cx.write_error(record)
        }
        other => other,
    }
}
