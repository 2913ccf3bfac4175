//! Which parameter set it is, and what that demands.

use std::sync::Arc;

use super::{Binding, Callee};
use crate::eval::flow::{Flow, Run};
use crate::eval::machine::Machine;

impl Machine<'_> {
    /// Which parameter set it is to be, if several are still possible.
    pub(super) fn choose_set(
        &mut self,
        binding: &mut Binding,
        callee: &Callee,
        expects_input: bool,
    ) -> Run {
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
                        own.mask != crate::eval::meta::EVERY_SET
                            && (own.pipeline || own.by_property)
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

    pub(super) fn ambiguous_set(&self, callee: &Callee) -> Flow {
        let message = "Parameter set cannot be resolved using the specified named parameters. One or more parameters issued cannot be used together or an insufficient number of parameters were provided.";
        self.bind_error(
            callee,
            message.to_owned(),
            "AmbiguousParameterSet",
            callee.position.clone(),
        )
    }

    pub(super) fn require_mandatory(
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
}
