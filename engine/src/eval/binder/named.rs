//! Arguments with a name: `-Name value`, `-Name:value`, common parameters.

use std::sync::Arc;

use super::{Arg, Binding, Callee};
use crate::eval::flow::Run;
use crate::eval::machine::Machine;
use crate::eval::meta::CommandMeta;
use crate::eval::ops;
use crate::eval::records::{CommonParameters, Preference};
use crate::eval::source::Position;
use crate::value::{PsObj, Text, TypeId, TypeRef, Value, equal_folded};

impl Machine<'_> {
    pub(super) fn bind_named(
        &mut self,
        binding: &mut Binding,
        callee: &Callee,
        args: Vec<Arg>,
    ) -> Run<Vec<(Value, Option<Position>)>> {
        let meta = Arc::clone(&binding.meta);
        let mut unbound = Vec::new();
        let mut args = args.into_iter().peekable();
        let mut named = true;
        while let Some(arg) = args.next() {
            let (name, value, colon, position, value_position, splatted) = match arg {
                Arg::Value {
                    value, position, ..
                } => {
                    unbound.push((value, position));
                    continue;
                }
                Arg::EndOfParameters => {
                    if !named && !meta.advanced {
                        unbound.push(("--".into(), None));
                    }
                    named = false;
                    continue;
                }
                Arg::Parameter {
                    name,
                    value,
                    colon,
                    position,
                    value_position,
                    splatted,
                } => (name, value, colon, position, value_position, splatted),
            };
            if !named {
                unbound.push((format!("-{name}").into(), position));
                unbound.extend(value.map(|value| (value, value_position)));
                continue;
            }
            match self.find_parameter(&meta, callee, &name, position.as_ref())? {
                Found::Parameter(index) => {
                    let parameter = &meta.parameters[index];
                    if binding.values[index].is_some() {
                        let message = format!(
                            "Cannot bind parameter because parameter '{}' is specified more than once. To provide multiple values to parameters that can accept multiple values, use the array syntax. For example, \"-parameter value1,value2,value3\".",
                            parameter.name
                        );
                        return Err(self.bind_error(
                            callee,
                            message,
                            "ParameterAlreadyBound",
                            position,
                        ));
                    }
                    let (value, at) = match value {
                        Some(value) => (value, value_position.or(position.clone())),
                        None if parameter.is_switch => (Value::Bool(true), position.clone()),
                        None => match args.peek() {
                            Some(Arg::Value { .. }) => match args.next() {
                                Some(Arg::Value {
                                    value, position, ..
                                }) => (value, position),
                                _ => (Value::Null, None),
                            },
                            _ => {
                                let ty = parameter
                                    .ty
                                    .as_ref()
                                    .map_or_else(|| "System.Object".into(), TypeRef::display_name);
                                let message = format!(
                                    "Missing an argument for parameter '{}'. Specify a parameter of type '{ty}' and try again.",
                                    parameter.name
                                );
                                return Err(self.bind_error(
                                    callee,
                                    message,
                                    "MissingArgument",
                                    position,
                                ));
                            }
                        },
                    };
                    self.bind_value(binding, callee, index, value, at.as_ref())?;
                }
                Found::Common(name) => {
                    let is_switch = matches!(name, "Verbose" | "Debug" | "WhatIf" | "Confirm");
                    let (value, at) = match value {
                        Some(value) => (value, value_position),
                        None if is_switch => (Value::Bool(true), position.clone()),
                        None => match args.peek() {
                            Some(Arg::Value { .. }) => match args.next() {
                                Some(Arg::Value {
                                    value, position, ..
                                }) => (value, position),
                                _ => (Value::Null, None),
                            },
                            _ => {
                                let ty = if name.ends_with("Action") {
                                    "System.Management.Automation.ActionPreference"
                                } else {
                                    "System.String"
                                };
                                let message = format!(
                                    "Missing an argument for parameter '{name}'. Specify a parameter of type '{ty}' and try again."
                                );
                                return Err(self.bind_error(
                                    callee,
                                    message,
                                    "MissingArgument",
                                    position,
                                ));
                            }
                        },
                    };
                    self.bind_common(&mut binding.common, callee, name, value, at)?;
                }
                Found::None if meta.advanced => {
                    let takes_rest = meta
                        .parameters
                        .iter()
                        .any(|parameter| parameter.in_sets.iter().any(|set| set.remaining));
                    if takes_rest && !meta.is_cmdlet {
                        unbound.push((
                            format!("-{name}{}", if colon { ":" } else { "" }).into(),
                            position,
                        ));
                        unbound.extend(value.map(|value| (value, value_position)));
                        continue;
                    }
                    let message = format!(
                        "A parameter cannot be found that matches parameter name '{name}'."
                    );
                    return Err(self.bind_error(
                        callee,
                        message,
                        "NamedParameterNotFound",
                        position,
                    ));
                }
                Found::None => {
                    let colon = colon || (splatted && value.is_some());
                    unbound.push((parameter_text(&name, colon), position));
                    unbound.extend(value.map(|value| (value, value_position)));
                }
            }
        }
        Ok(unbound)
    }

    pub(super) fn find_parameter(
        &mut self,
        meta: &CommandMeta,
        callee: &Callee,
        name: &str,
        position: Option<&Position>,
    ) -> Run<Found> {
        if let Some(index) = meta.exactly(name) {
            return Ok(Found::Parameter(index));
        }
        let should_process: &[(&str, &str)] = if meta.should_process {
            SHOULD_PROCESS
        } else {
            &[]
        };
        let common: Vec<&(&'static str, &'static str)> = if meta.advanced {
            COMMON.iter().chain(should_process).collect()
        } else {
            Vec::new()
        };
        if let Some((name, _)) = common
            .iter()
            .find(|(own, alias)| equal_folded(own, name) || equal_folded(alias, name))
        {
            return Ok(Found::Common(name));
        }
        if name.is_empty() {
            return Ok(Found::None);
        }
        let starts = |own: &str| {
            own.get(..name.len())
                .is_some_and(|head| equal_folded(head, name))
        };
        let matches: Vec<usize> = meta
            .parameters
            .iter()
            .enumerate()
            .filter(|(_, parameter)| {
                starts(&parameter.name) || parameter.aliases.iter().any(|alias| starts(alias))
            })
            .map(|(index, _)| index)
            .collect();
        // A parameter of its own goes before the common ones.
        let common_matches: Vec<&'static str> = if matches.is_empty() { &common[..] } else { &[] }
            .iter()
            .filter(|(own, _)| starts(own))
            .map(|(own, _)| *own)
            .collect();
        match (matches.as_slice(), common_matches.as_slice()) {
            ([], []) => Ok(Found::None),
            ([index], []) => Ok(Found::Parameter(*index)),
            ([], [name]) => Ok(Found::Common(name)),
            _ => {
                let names: String = matches
                    .iter()
                    .map(|index| format!(" -{}", meta.parameters[*index].name))
                    .chain(common_matches.iter().map(|name| format!(" -{name}")))
                    .collect();
                let message = format!(
                    "Parameter cannot be processed because the parameter name '{name}' is ambiguous. Possible matches include:{names}."
                );
                Err(self.bind_error(callee, message, "AmbiguousParameter", position.cloned()))
            }
        }
    }

    pub(super) fn bind_common(
        &mut self,
        common: &mut CommonParameters,
        callee: &Callee,
        name: &str,
        value: Value,
        position: Option<Position>,
    ) -> Run {
        if name.ends_with("Action") {
            let ty = TypeRef::of(TypeId::ActionPreference);
            let converted = match ops::cast(self, &value, &ty) {
                Ok(value) => value,
                Err(raise) => {
                    return Err(self.conversion_error(callee, true, name, raise, position));
                }
            };
            let preference = Preference::of(&converted);
            match name {
                "ErrorAction" => common.error_action = preference,
                "WarningAction" => common.warning_action = preference,
                "InformationAction" => common.information_action = preference,
                _ => common.progress_action = preference,
            }
            return Ok(());
        }
        match name {
            "Verbose" => common.verbose = Some(ops::truth(&value)),
            "Debug" => common.debug = Some(ops::truth(&value)),
            "WhatIf" => common.what_if = Some(ops::truth(&value)),
            "Confirm" => common.confirm = Some(ops::truth(&value)),
            _ => {
                let text = ops::text(self, &value)?;
                let slot = match name {
                    "ErrorVariable" => &mut common.error_variable,
                    "WarningVariable" => &mut common.warning_variable,
                    "InformationVariable" => &mut common.information_variable,
                    "OutVariable" => &mut common.out_variable,
                    "PipelineVariable" => &mut common.pipeline_variable,
                    _ => return Ok(()),
                };
                *slot = Some(text);
            }
        }
        Ok(())
    }
}

pub(super) const COMMON: &[(&str, &str)] = &[
    ("Verbose", "vb"),
    ("Debug", "db"),
    ("ErrorAction", "ea"),
    ("WarningAction", "wa"),
    ("InformationAction", "infa"),
    ("ProgressAction", "proga"),
    ("ErrorVariable", "ev"),
    ("WarningVariable", "wv"),
    ("InformationVariable", "iv"),
    ("OutVariable", "ov"),
    ("OutBuffer", "ob"),
    ("PipelineVariable", "pv"),
];

pub(super) const SHOULD_PROCESS: &[(&str, &str)] = &[("WhatIf", "wi"), ("Confirm", "cf")];

pub(super) enum Found {
    Parameter(usize),
    Common(&'static str),
    None,
}

impl CommonParameters {
    /// Takes over what is not set here.
    pub(super) fn fill_from(&mut self, other: Self) {
        fn fill<T>(slot: &mut Option<T>, other: Option<T>) {
            if slot.is_none() {
                *slot = other;
            }
        }
        fill(&mut self.error_action, other.error_action);
        fill(&mut self.warning_action, other.warning_action);
        fill(&mut self.information_action, other.information_action);
        fill(&mut self.progress_action, other.progress_action);
        fill(&mut self.verbose, other.verbose);
        fill(&mut self.debug, other.debug);
        fill(&mut self.error_variable, other.error_variable);
        fill(&mut self.warning_variable, other.warning_variable);
        fill(&mut self.information_variable, other.information_variable);
        fill(&mut self.out_variable, other.out_variable);
        fill(&mut self.pipeline_variable, other.pipeline_variable);
        fill(&mut self.what_if, other.what_if);
        fill(&mut self.confirm, other.confirm);
    }
}

/// A parameter that nobody knew, as `$args` holds it: its text, and beside it the name, so that splatting makes a parameter of it again.
pub(super) fn parameter_text(name: &Text, colon: bool) -> Value {
    let text: Value = format!("-{name}{}", if colon { ":" } else { "" }).into();
    let note = [("<CommandParameterName>", Value::String(name.clone()))];
    Value::Object(Arc::new(PsObj::wrapping(text, note.into_iter().collect())))
}
