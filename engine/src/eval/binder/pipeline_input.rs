//! Parameters that objects from the pipeline fill.

use std::sync::Arc;

use super::{Binding, Callee, fits};
use crate::eval::flow::{Flow, Run};
use crate::eval::machine::Machine;
use crate::eval::meta::ParameterMeta;
use crate::eval::ops;
use crate::value::{ErrorCategory, ErrorRecord, Exception, TypeId, TypeRef, Value};

impl Machine<'_> {
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

    pub(super) fn property_for(
        &mut self,
        object: &Value,
        parameter: &ParameterMeta,
    ) -> Run<Option<Value>> {
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
}
