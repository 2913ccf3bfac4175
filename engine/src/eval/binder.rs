//! From arguments to parameters, in PowerShell's order.

use std::sync::Arc;

use super::check::Check;
use super::flow::{Flow, Run};
use super::frame::InvocationInfo;
use super::machine::Machine;
use super::meta::{CommandMeta, InSetMeta, ParameterMeta};
use super::ops;
use super::records::{CommonParameters, Preference};
use super::source::Position;
use super::symbol::known;
use crate::value::{
    ErrorCategory, ErrorRecord, Exception, PsObj, Raise, Text, TypeId, TypeRef, Value, equal_folded,
};

/// An argument as evaluated, not yet bound.
#[derive(Clone, Debug)]
pub(crate) enum Arg {
    Value {
        value: Value,
        position: Option<Position>,
        raw: Option<Text>,
    },
    /// `-Name` or `-Name:value`.
    Parameter {
        name: Text,
        value: Option<Value>,
        colon: bool,
        position: Option<Position>,
        value_position: Option<Position>,
        splatted: bool,
    },
    /// `--`
    EndOfParameters,
}

/// Whom the arguments are for, in the words of error records.
#[derive(Clone, Debug)]
pub(crate) struct Callee {
    pub(crate) name: Text,
    /// What stands behind error ids.
    pub(crate) id: Text,
    pub(crate) position: Option<Position>,
    pub(crate) invocation: Arc<InvocationInfo>,
}

/// The state of binding of one running command.
#[derive(Debug)]
pub(crate) struct Binding {
    pub(crate) meta: Arc<CommandMeta>,
    pub(crate) values: Vec<Option<Value>>,
    /// Which were bound from the current pipeline object.
    from_pipeline: Vec<usize>,
    /// The sets that are still possible.
    pub(crate) mask: u64,
    mask_before_pipeline: u64,
    /// Script blocks for parameters that take pipeline input: each object gets the block's value for it.
    delayed: Vec<(usize, Arc<crate::value::ScriptBlock>)>,
    /// While arguments are bound that may be such blocks.
    delays: bool,
    pub(crate) rest: Vec<Value>,
    pub(crate) common: CommonParameters,
}

const COMMON: &[(&str, &str)] = &[
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

const SHOULD_PROCESS: &[(&str, &str)] = &[("WhatIf", "wi"), ("Confirm", "cf")];

enum Found {
    Parameter(usize),
    Common(&'static str),
    None,
}

impl Machine<'_> {
    /// Binds everything but what comes down the pipeline.
    pub(crate) fn bind(
        &mut self,
        meta: &Arc<CommandMeta>,
        callee: &Callee,
        args: Vec<Arg>,
        expects_input: bool,
    ) -> Run<Binding> {
        let mut binding = Binding {
            values: vec![None; meta.parameters.len()],
            from_pipeline: Vec::new(),
            mask: meta.all_sets(),
            mask_before_pipeline: 0,
            delayed: Vec::new(),
            delays: expects_input && meta.advanced,
            rest: Vec::new(),
            common: CommonParameters::default(),
            meta: Arc::clone(meta),
        };
        let unbound = self.bind_named(&mut binding, callee, args)?;
        let unbound = self.bind_positional(&mut binding, callee, unbound)?;
        binding.delays = false;
        if meta.advanced {
            self.bind_defaults(&mut binding, callee)?;
        }
        self.bind_remaining(&mut binding, callee, unbound)?;
        self.choose_set(&mut binding, callee, expects_input)?;
        self.require_mandatory(&binding, callee, expects_input)?;
        binding.mask_before_pipeline = binding.mask;
        Ok(binding)
    }

    fn bind_named(
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

    fn find_parameter(
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

    fn bind_common(
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

    fn bind_positional(
        &mut self,
        binding: &mut Binding,
        callee: &Callee,
        unbound: Vec<(Value, Option<Position>)>,
    ) -> Run<Vec<(Value, Option<Position>)>> {
        let meta = Arc::clone(&binding.meta);
        let mut rest = Vec::new();
        let mut unbound = unbound.into_iter();
        let mut last = i32::MIN;
        while let Some((value, position)) = unbound.next() {
            // The next position that a free parameter of a possible set has.
            let candidates: Vec<(usize, &InSetMeta)> = meta
                .parameters
                .iter()
                .enumerate()
                .filter(|(index, _)| binding.values[*index].is_none())
                .flat_map(|(index, parameter)| {
                    parameter.within(binding.mask).map(move |set| (index, set))
                })
                .filter(|(_, set)| {
                    !set.remaining && set.position.is_some_and(|position| position > last)
                })
                .collect();
            let Some(next) = candidates.iter().filter_map(|(_, set)| set.position).min() else {
                rest.push((value, position));
                rest.extend(unbound);
                break;
            };
            last = next;
            let here: Vec<(usize, &InSetMeta)> = candidates
                .into_iter()
                .filter(|(_, set)| set.position == Some(next))
                .collect();
            self.bind_at(binding, callee, &here, value, position)?;
        }
        Ok(rest)
    }

    /// Several parameters may stand at one position: the one of the default set that fits as it is comes first, then any that fits.
    fn bind_at(
        &mut self,
        binding: &mut Binding,
        callee: &Callee,
        candidates: &[(usize, &InSetMeta)],
        value: Value,
        position: Option<Position>,
    ) -> Run {
        let meta = Arc::clone(&binding.meta);
        let default = meta.default_set.map_or(0, |set| 1_u64 << set) & binding.mask;
        let in_default = |set: &InSetMeta| set.mask & default != 0;
        let mut order: Vec<(usize, bool)> = Vec::new();
        for (coerce, preferred) in [(false, true), (false, false), (true, true), (true, false)] {
            for (index, set) in candidates {
                if in_default(set) == preferred {
                    order.push((*index, coerce));
                }
            }
        }
        let mut failure = None;
        for (index, coerce) in order {
            let parameter = &meta.parameters[index];
            if !coerce && candidates.len() > 1 && !fits(parameter, &value) {
                continue;
            }
            match self.bind_value(binding, callee, index, value.clone(), position.as_ref()) {
                Ok(()) => return Ok(()),
                Err(Flow::Error(error)) => failure = failure.or(Some(error)),
                Err(other) => return Err(other),
            }
        }
        failure.map_or(Ok(()), |failure| Err(Flow::Error(failure)))
    }

    fn bind_remaining(
        &mut self,
        binding: &mut Binding,
        callee: &Callee,
        unbound: Vec<(Value, Option<Position>)>,
    ) -> Run {
        if unbound.is_empty() {
            return Ok(());
        }
        let meta = Arc::clone(&binding.meta);
        let index = meta
            .parameters
            .iter()
            .enumerate()
            .position(|(index, parameter)| {
                binding.values[index].is_none()
                    && parameter.within(binding.mask).any(|set| set.remaining)
            });
        if let Some(index) = index {
            let position = unbound.first().and_then(|(_, position)| position.clone());
            let mut values: Vec<Value> = unbound.into_iter().map(|(value, _)| value).collect();
            // One argument that is a collection is the list itself.
            let value = if values.len() == 1 && ops::items(&values[0]).is_some() {
                values.remove(0)
            } else {
                ops::generic_list(values)
            };
            return self.bind_value(binding, callee, index, value, position.as_ref());
        }
        if meta.advanced {
            let (value, _) = unbound.into_iter().next().unwrap_or_default();
            let shown = ops::text(self, &value)?;
            let message =
                format!("A positional parameter cannot be found that accepts argument '{shown}'.");
            return Err(self.bind_error(
                callee,
                message,
                "PositionalParameterNotFound",
                callee.position.clone(),
            ));
        }
        binding.rest = unbound.into_iter().map(|(value, _)| value).collect();
        Ok(())
    }

    /// `$PSDefaultParameterValues`.
    fn bind_defaults(&mut self, binding: &mut Binding, callee: &Callee) -> Run {
        let Some(Value::Hash(table)) = self.lookup(known::defaults()) else {
            return Ok(());
        };
        if table.is_empty() {
            return Ok(());
        }
        let entries: Vec<(Text, Value)> = table
            .entries()
            .into_iter()
            .map(|(key, value)| (ops::plain_text(&key), value))
            .collect();
        if entries
            .iter()
            .any(|(key, value)| equal_folded(key, "Disabled") && ops::truth(value))
        {
            return Ok(());
        }
        let meta = Arc::clone(&binding.meta);
        for (key, value) in entries {
            let Some((command, parameter)) = key.rsplit_once(':') else {
                continue;
            };
            if !ops::wildcard(command.trim().trim_matches(['\'', '"']), &callee.name) {
                continue;
            }
            let parameter = parameter.trim().trim_matches(['\'', '"']);
            let value = match &value {
                Value::ScriptBlock(block) => self.call_for_value(block, &[], None, None)?,
                other => other.clone(),
            };
            if let Some(index) = meta.exactly(parameter) {
                let possible = meta.parameters[index].mask() & binding.mask != 0;
                if binding.values[index].is_none() && possible {
                    self.bind_value(binding, callee, index, value, None)?;
                }
            } else if let Found::Common(name) =
                self.find_parameter(&meta, callee, parameter, None)?
            {
                let mut common = CommonParameters::default();
                self.bind_common(&mut common, callee, name, value, None)?;
                binding.common.fill_from(common);
            }
        }
        Ok(())
    }

    /// Converts, checks and binds one argument.
    fn bind_value(
        &mut self,
        binding: &mut Binding,
        callee: &Callee,
        index: usize,
        value: Value,
        position: Option<&Position>,
    ) -> Run {
        let meta = Arc::clone(&binding.meta);
        let parameter = &meta.parameters[index];
        let block = match value.base() {
            Value::ScriptBlock(block) if binding.delays && parameter.delays() => Some(block),
            _ => None,
        };
        if let Some(block) = block {
            binding.delayed.push((index, Arc::clone(block)));
            binding.values[index] = Some(value);
            if !meta.sets.is_empty() && binding.mask & parameter.mask() != 0 {
                binding.mask &= parameter.mask();
            }
            return Ok(());
        }
        let value = self.convert(&meta, parameter, callee, value, position)?;
        let mandatory = parameter.within(binding.mask).any(|set| set.mandatory);
        self.check_argument(parameter, callee, mandatory, &value, position)?;
        binding.values[index] = Some(value);
        if !meta.sets.is_empty() {
            let mask = binding.mask & parameter.mask();
            if mask != 0 {
                binding.mask = mask;
            } else {
                return Err(self.ambiguous_set(callee));
            }
        }
        Ok(())
    }

    fn convert(
        &mut self,
        meta: &CommandMeta,
        parameter: &ParameterMeta,
        callee: &Callee,
        value: Value,
        position: Option<&Position>,
    ) -> Run<Value> {
        let value = super::expression::plain(value);
        let Some(ty) = &parameter.ty else {
            return Ok(value);
        };
        let value = as_typed(value, ty, position);
        if meta.is_cmdlet {
            return self.convert_for_cmdlet(ty, parameter, callee, value, position);
        }
        let mut value = value;
        for check in &parameter.checks {
            if let Check::Convert(ty) = check {
                if meta.advanced
                    && ty.is(TypeId::String)
                    && matches!(value.base(), Value::Array(_) | Value::List(_))
                {
                    let raise = Raise::of(
                        TypeId::PSInvalidCastException,
                        "Cannot convert value to type System.String.",
                        "InvalidCast",
                    );
                    return Err(self.conversion_error(
                        callee,
                        false,
                        &parameter.name,
                        raise,
                        position.cloned(),
                    ));
                }
                value = match ops::cast_argument(self, &value, ty) {
                    Ok(value) => value,
                    Err(raise) => {
                        return Err(self.conversion_error(
                            callee,
                            false,
                            &parameter.name,
                            raise,
                            position.cloned(),
                        ));
                    }
                };
            }
        }
        Ok(value)
    }

    fn convert_for_cmdlet(
        &mut self,
        ty: &TypeRef,
        parameter: &ParameterMeta,
        callee: &Callee,
        value: Value,
        position: Option<&Position>,
    ) -> Run<Value> {
        if parameter.is_switch {
            return Ok(Value::Bool(ops::truth(&value)));
        }
        if ty.is(TypeId::String) && matches!(value.base(), Value::Array(_) | Value::List(_)) {
            let name = value.type_name();
            let message = format!(
                "Cannot convert '{name}' to the type 'System.String' required by parameter '{}'. Specified method is not supported.",
                parameter.name
            );
            return Err(self.bind_error(
                callee,
                message,
                "CannotConvertArgument",
                position.cloned(),
            ));
        }
        // A script block goes to a parameter of another type as it is: it is run for each object.
        if value.is_null() && ty.element().is_some() {
            return Ok(Value::Null);
        }
        match ops::cast(self, &value, ty) {
            Ok(value) => Ok(value),
            Err(raise) => {
                Err(self.conversion_error(callee, true, &parameter.name, raise, position.cloned()))
            }
        }
    }

    fn check_argument(
        &mut self,
        parameter: &ParameterMeta,
        callee: &Callee,
        mandatory: bool,
        value: &Value,
        position: Option<&Position>,
    ) -> Run {
        let allows = |wanted: fn(&Check) -> bool| parameter.checks.iter().any(wanted);
        if mandatory {
            let wrong = if value.is_null() && !allows(|check| matches!(check, Check::AllowNull)) {
                Some((
                    "it is null",
                    "ParameterArgumentValidationErrorNullNotAllowed",
                ))
            } else if value.as_text().is_some_and(|text| text.is_empty())
                && !allows(|check| matches!(check, Check::AllowEmptyString))
            {
                Some((
                    "it is an empty string",
                    "ParameterArgumentValidationErrorEmptyStringNotAllowed",
                ))
            } else if let Value::Array(array) = value.base() {
                let items = array.snapshot();
                if items.is_empty() && !allows(|check| matches!(check, Check::AllowEmptyCollection))
                {
                    Some((
                        "it is an empty array",
                        "ParameterArgumentValidationErrorEmptyArrayNotAllowed",
                    ))
                } else if items.iter().any(Value::is_null)
                    && !allows(|check| matches!(check, Check::AllowNull))
                {
                    Some((
                        "it is null",
                        "ParameterArgumentValidationErrorNullNotAllowed",
                    ))
                } else if items
                    .iter()
                    .any(|item| item.as_text().is_some_and(|text| text.is_empty()))
                    && !allows(|check| matches!(check, Check::AllowEmptyString))
                {
                    Some((
                        "it is an empty string",
                        "ParameterArgumentValidationErrorEmptyStringNotAllowed",
                    ))
                } else {
                    None
                }
            } else {
                None
            };
            if let Some((why, id)) = wrong {
                let message = format!(
                    "Cannot bind argument to parameter '{}' because {why}.",
                    parameter.name
                );
                let exception = Exception::new(
                    TypeRef::of(TypeId::ParameterBindingValidationException),
                    message,
                )
                .detail("ParameterName", parameter.name.clone());
                return Err(self.bind_record(
                    callee,
                    exception,
                    id,
                    ErrorCategory::InvalidData,
                    position.cloned(),
                ));
            }
        }
        for check in &parameter.checks {
            let violation = match self.violation(check, value) {
                Ok(violation) => violation,
                // What a validation script throws is its message.
                Err(Flow::Error(failure)) => Some(self.finish_quietly(failure).message()),
                Err(other) => return Err(other),
            };
            if let Some(message) = violation {
                let message = format!(
                    "Cannot validate argument on parameter '{}'. {message}",
                    parameter.name
                );
                let exception = Exception::new(
                    TypeRef::of(TypeId::ParameterBindingValidationException),
                    message,
                )
                .detail("ParameterName", parameter.name.clone());
                return Err(self.bind_record(
                    callee,
                    exception,
                    "ParameterArgumentValidationError",
                    ErrorCategory::InvalidData,
                    position.cloned(),
                ));
            }
        }
        Ok(())
    }

    /// Which parameter set it is to be, if several are still possible.
    fn choose_set(&mut self, binding: &mut Binding, callee: &Callee, expects_input: bool) -> Run {
        let meta = Arc::clone(&binding.meta);
        if meta.sets.is_empty() || binding.mask.count_ones() <= 1 {
            return Ok(());
        }
        let default = meta.default_set.map_or(0, |set| 1_u64 << set);
        let complete = |set: u64| {
            meta.parameters
                .iter()
                .enumerate()
                .all(|(index, parameter)| {
                    binding.values[index].is_some()
                        || parameter.within(set).all(|own| {
                            !own.mandatory || (expects_input && (own.pipeline || own.by_property))
                        })
                })
        };
        let possible: Vec<u64> = (0..meta.sets.len())
            .map(|number| 1_u64 << number)
            .filter(|set| binding.mask & set != 0)
            .collect();
        let mut filled: Vec<u64> = possible
            .iter()
            .copied()
            .filter(|set| complete(*set))
            .collect();
        if expects_input && filled.len() > 1 {
            // The pipeline object decides.
            let takes = |set: u64| {
                meta.parameters.iter().any(|parameter| {
                    parameter.within(set).any(|own| {
                        own.mask != super::meta::EVERY_SET && (own.pipeline || own.by_property)
                    })
                })
            };
            if filled.iter().any(|set| takes(*set)) {
                binding.mask = filled.iter().fold(0, |mask, set| mask | set);
                return Ok(());
            }
        }
        if filled.contains(&default) || (filled.is_empty() && binding.mask & default != 0) {
            filled = vec![default];
        }
        match filled.as_slice() {
            [set] => {
                binding.mask = *set;
                Ok(())
            }
            [] => match possible.as_slice() {
                [set] => {
                    binding.mask = *set;
                    Ok(())
                }
                _ => Err(self.ambiguous_set(callee)),
            },
            // A set that asks for more than another and is filled is meant.
            several => {
                let demands = |set: u64| {
                    meta.parameters
                        .iter()
                        .filter(|parameter| {
                            parameter
                                .within(set)
                                .any(|own| own.mandatory && own.mask & set != 0)
                        })
                        .count()
                };
                let most = several.iter().map(|set| demands(*set)).max().unwrap_or(0);
                let best: Vec<u64> = several
                    .iter()
                    .copied()
                    .filter(|set| demands(*set) == most)
                    .collect();
                match best.as_slice() {
                    [set] => {
                        binding.mask = *set;
                        Ok(())
                    }
                    _ => Err(self.ambiguous_set(callee)),
                }
            }
        }
    }

    fn ambiguous_set(&self, callee: &Callee) -> Flow {
        let message = "Parameter set cannot be resolved using the specified named parameters. One or more parameters issued cannot be used together or an insufficient number of parameters were provided.";
        self.bind_error(
            callee,
            message.to_owned(),
            "AmbiguousParameterSet",
            callee.position.clone(),
        )
    }

    fn require_mandatory(
        &mut self,
        binding: &Binding,
        callee: &Callee,
        expects_input: bool,
    ) -> Run {
        let missing: Vec<&str> = binding
            .meta
            .parameters
            .iter()
            .enumerate()
            .filter(|(index, parameter)| {
                binding.values[*index].is_none()
                    && parameter.mask() & binding.mask != 0
                    && parameter.within(binding.mask).any(|set| {
                        set.mandatory && !(expects_input && (set.pipeline || set.by_property))
                    })
            })
            .map(|(_, parameter)| parameter.name.as_str())
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        let message = format!(
            "Cannot process command because of one or more missing mandatory parameters: {}.",
            missing.join(" ")
        );
        Err(self.bind_error(
            callee,
            message,
            "MissingMandatoryParameter",
            callee.position.clone(),
        ))
    }

    /// Binds what an object of the pipeline gives. False: it fits nowhere.
    pub(crate) fn bind_pipeline(
        &mut self,
        binding: &mut Binding,
        callee: &Callee,
        object: &Value,
    ) -> Run<bool> {
        let meta = Arc::clone(&binding.meta);
        for index in std::mem::take(&mut binding.from_pipeline) {
            binding.values[index] = None;
        }
        binding.mask = binding.mask_before_pipeline;
        let mut any = false;
        let mut failure = None;
        for (index, block) in binding.delayed.clone() {
            binding.values[index] = None;
            let value = self.value_of_inline(&block, Some(object.clone()), &[])?;
            self.bind_value(binding, callee, index, value, callee.position.as_ref())?;
            any = true;
        }
        for (coerce, by_property) in [(false, false), (false, true), (true, false), (true, true)] {
            let default = meta.default_set.map_or(0, |set| 1_u64 << set) & binding.mask;
            let mut bound = false;
            for mask in [default, binding.mask] {
                if mask == 0 || bound {
                    continue;
                }
                for (index, parameter) in meta.parameters.iter().enumerate() {
                    if binding.values[index].is_some() || parameter.mask() & binding.mask == 0 {
                        continue;
                    }
                    if !parameter.within(mask).any(|set| {
                        if by_property {
                            set.by_property
                        } else {
                            set.pipeline
                        }
                    }) {
                        continue;
                    }
                    let value = if by_property {
                        match self.property_for(object, parameter)? {
                            Some(value) => value,
                            None => continue,
                        }
                    } else {
                        object.clone()
                    };
                    if !coerce && !fits(parameter, &value) {
                        continue;
                    }
                    match self.bind_value(binding, callee, index, value, callee.position.as_ref()) {
                        Ok(()) => {
                            binding.from_pipeline.push(index);
                            bound = true;
                        }
                        Err(Flow::Error(error)) => failure = failure.or(Some(error)),
                        Err(other) => return Err(other),
                    }
                }
            }
            any |= bound;
        }
        if any {
            self.choose_set(binding, callee, false)?;
            self.require_mandatory(binding, callee, false)?;
            return Ok(true);
        }
        match failure {
            // What does not convert is told as an object that fits nowhere; what converts and is not allowed, as itself.
            Some(failure)
                if failure.made().is_some_and(|record| {
                    record
                        .fully_qualified_error_id
                        .starts_with("ParameterArgumentValidation")
                }) =>
            {
                Err(Flow::Error(failure))
            }
            _ => Ok(false),
        }
    }

    fn property_for(&mut self, object: &Value, parameter: &ParameterMeta) -> Run<Option<Value>> {
        for name in std::iter::once(&parameter.name).chain(&parameter.aliases) {
            if let Some(value) = ops::property(self, object, name)? {
                return Ok(Some(value));
            }
        }
        Ok(None)
    }

    /// The record of a pipeline object that fits nowhere.
    pub(crate) fn unbound_input(&self, callee: &Callee, object: &Value) -> Arc<ErrorRecord> {
        let message = "The input object cannot be bound to any parameters for the command either because the command does not take pipeline input or the input and its properties do not match any of the parameters that take pipeline input.";
        let exception = Exception::new(TypeRef::of(TypeId::ParameterBindingException), message);
        self.binding_record(
            callee,
            exception,
            "InputObjectNotBound",
            ErrorCategory::InvalidArgument,
            callee.position.clone(),
            object.clone(),
        )
    }

    fn conversion_error(
        &self,
        callee: &Callee,
        cmdlet: bool,
        parameter: &str,
        raise: Raise,
        position: Option<Position>,
    ) -> Flow {
        let Raise::Error(error) = raise else {
            return raise.into();
        };
        let (lead, ty, id, category) = if cmdlet {
            (
                format!("Cannot bind parameter '{parameter}'."),
                TypeId::ParameterBindingException,
                "CannotConvertArgumentNoMessage",
                ErrorCategory::InvalidArgument,
            )
        } else {
            (
                format!("Cannot process argument transformation on parameter '{parameter}'."),
                TypeId::ParameterBindingArgumentTransformationException,
                "ParameterArgumentTransformationError",
                ErrorCategory::InvalidData,
            )
        };
        let inner = Arc::clone(&error.exception);
        let exception = Exception::new(
            TypeRef::of(ty),
            format!("{lead} {}", error.exception.message()),
        )
        .caused_by(inner)
        .detail("ParameterName", parameter);
        self.bind_record(callee, exception, id, category, position)
    }

    fn bind_error(
        &self,
        callee: &Callee,
        message: String,
        id: &str,
        position: Option<Position>,
    ) -> Flow {
        let exception = Exception::new(TypeRef::of(TypeId::ParameterBindingException), message)
            .detail("ErrorId", id);
        self.bind_record(
            callee,
            exception,
            id,
            ErrorCategory::InvalidArgument,
            position,
        )
    }

    fn bind_record(
        &self,
        callee: &Callee,
        exception: Exception,
        id: &str,
        category: ErrorCategory,
        position: Option<Position>,
    ) -> Flow {
        Flow::record(self.binding_record(callee, exception, id, category, position, Value::Null))
    }

    fn binding_record(
        &self,
        callee: &Callee,
        exception: Exception,
        id: &str,
        category: ErrorCategory,
        position: Option<Position>,
        target: Value,
    ) -> Arc<ErrorRecord> {
        let id = if callee.id.is_empty() {
            id.to_owned()
        } else {
            format!("{id},{}", callee.id)
        };
        let info = callee
            .invocation
            .at(position.or_else(|| callee.position.clone()));
        let target_text = ops::plain_text(&target);
        let record = ErrorRecord::new(Value::clr(exception), id, category, target);
        self.fill_record(&record, callee.name.clone(), target_text, Arc::new(info));
        Arc::new(record)
    }
}

impl Binding {
    /// The name of the chosen set, or what PowerShell says where there are none.
    pub(crate) fn set_name(&self) -> Text {
        self.meta
            .set_name(self.mask)
            .cloned()
            .unwrap_or_else(|| "__AllParameterSets".into())
    }
}

impl CommonParameters {
    /// Takes over what is not set here.
    fn fill_from(&mut self, other: Self) {
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

/// Whether a value is of the parameter's type already.
fn fits(parameter: &ParameterMeta, value: &Value) -> bool {
    let Some(ty) = &parameter.ty else { return true };
    let Some(own) = value.type_ref() else {
        return ty.shape() == crate::value::Shape::Class;
    };
    if own.is_assignable_to(ty) {
        return true;
    }
    // One object for a parameter that takes several of its kind.
    ty.element()
        .is_some_and(|element| own.is_assignable_to(element) || element.is(TypeId::Object))
}

/// A parameter that nobody knew, as `$args` holds it: its text, and beside it the name, so that splatting makes a parameter of it again.
fn parameter_text(name: &Text, colon: bool) -> Value {
    let text: Value = format!("-{name}{}", if colon { ":" } else { "" }).into();
    let note = [("<CommandParameterName>", Value::String(name.clone()))];
    Value::Object(Arc::new(PsObj::wrapping(text, note.into_iter().collect())))
}

/// A number in a command line is the text that was typed where a text is wanted.
fn as_typed(value: Value, ty: &TypeRef, position: Option<&Position>) -> Value {
    if !value.is_number() || !(ty.is(TypeId::String) || ty.is(TypeId::Regex)) {
        return value;
    }
    match position.map(Position::text) {
        Some(text)
            if text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '.' | '+' | '-'))
                && !text.contains(char::is_whitespace) =>
        {
            text.into()
        }
        _ => value,
    }
}
