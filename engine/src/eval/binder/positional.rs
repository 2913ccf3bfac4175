//! Arguments without a name, and those that `$PSDefaultParameterValues` gives.

use std::sync::Arc;

use super::{Binding, Callee, Found, fits};
use crate::eval::flow::{Flow, Run};
use crate::eval::machine::Machine;
use crate::eval::meta::InSetMeta;
use crate::eval::ops;
use crate::eval::records::CommonParameters;
use crate::eval::source::Position;
use crate::eval::symbol::known;
use crate::value::{Text, Value, equal_folded};

impl Machine<'_> {
    pub(super) fn bind_positional(
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
    pub(super) fn bind_at(
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

    pub(super) fn bind_remaining(
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
    pub(super) fn bind_defaults(&mut self, binding: &mut Binding, callee: &Callee) -> Run {
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
}
