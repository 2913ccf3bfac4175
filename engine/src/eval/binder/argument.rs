//! One argument for one parameter: converted to its type, checked, put in its place.

use std::sync::Arc;

use super::{Binding, Callee};
use crate::eval::check::Check;
use crate::eval::flow::{Flow, Run};
use crate::eval::machine::Machine;
use crate::eval::meta::{CommandMeta, ParameterMeta};
use crate::eval::ops;
use crate::eval::source::Position;
use crate::value::{ErrorCategory, Exception, Raise, TypeId, TypeRef, Value};

impl Machine<'_> {
    /// Converts, checks and binds one argument.
    pub(super) fn bind_value(
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

    pub(super) fn convert(
        &mut self,
        meta: &CommandMeta,
        parameter: &ParameterMeta,
        callee: &Callee,
        value: Value,
        position: Option<&Position>,
    ) -> Run<Value> {
        let value = crate::eval::expression::plain(value);
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

    pub(super) fn convert_for_cmdlet(
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

    pub(super) fn check_argument(
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
}

/// Whether a value is of the parameter's type already.
pub(super) fn fits(parameter: &ParameterMeta, value: &Value) -> bool {
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

/// A number in a command line is the text that was typed where a text is wanted.
pub(super) fn as_typed(value: Value, ty: &TypeRef, position: Option<&Position>) -> Value {
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
