//! What the binder knows of a command: the same for built-in commands and for functions.

use std::sync::Arc;

use super::check::Check;
use super::flow::Run;
use super::machine::Machine;
use super::node::{Block, ParameterNode};
use super::ops;
use super::symbol::Symbol;
use crate::command::{CommandSpec, InSet};
use crate::value::{Text, TypeId, TypeRef, Value, equal_folded};

/// A command and its parameters.
#[derive(Debug)]
pub struct CommandMeta {
    pub(crate) parameters: Vec<ParameterMeta>,
    /// Names of the parameter sets; a set's number is its bit in masks.
    pub(crate) sets: Vec<Text>,
    pub(crate) default_set: Option<usize>,
    /// Whether unknown parameters are errors and common parameters exist.
    pub(crate) advanced: bool,
    pub(crate) is_cmdlet: bool,
    pub(crate) should_process: bool,
}

/// A parameter.
#[derive(Debug)]
pub(crate) struct ParameterMeta {
    pub(crate) name: Text,
    /// The spelling under which a built-in command asks for it.
    pub(crate) key: &'static str,
    pub(crate) symbol: Symbol,
    pub(crate) aliases: Vec<Text>,
    pub(crate) ty: Option<TypeRef>,
    pub(crate) is_switch: bool,
    pub(crate) in_sets: Vec<InSetMeta>,
    pub(crate) checks: Vec<Check>,
    /// The same, for the variable that takes the argument.
    pub(crate) variable_checks: Arc<[Check]>,
}

/// How a parameter behaves in some sets.
#[derive(Clone, Debug)]
pub(crate) struct InSetMeta {
    /// The sets, as bits.
    pub(crate) mask: u64,
    pub(crate) position: Option<i32>,
    pub(crate) mandatory: bool,
    pub(crate) pipeline: bool,
    pub(crate) by_property: bool,
    pub(crate) remaining: bool,
}

/// All sets.
pub(crate) const EVERY_SET: u64 = u64::MAX;

impl CommandMeta {
    pub(crate) fn of_spec(spec: &'static CommandSpec) -> Self {
        let mut sets: Vec<Text> = Vec::new();
        let mut parameters = Vec::new();
        for parameter in spec.parameters {
            let mut in_set = |set: &InSet| InSetMeta {
                mask: if set.set.is_empty() {
                    EVERY_SET
                } else {
                    1 << set_number(&mut sets, set.set)
                },
                position: set.position,
                mandatory: set.mandatory,
                pipeline: set.pipeline,
                by_property: set.by_property,
                remaining: set.remaining,
            };
            let in_sets = if parameter.sets.is_empty() {
                vec![in_set(&parameter.everywhere)]
            } else {
                parameter.sets.iter().map(in_set).collect()
            };
            let ty = TypeRef::find(parameter.ty);
            debug_assert!(
                ty.is_some(),
                "{} -{}: there is no type {}",
                spec.name,
                parameter.name,
                parameter.ty
            );
            parameters.push(ParameterMeta {
                name: parameter.name.into(),
                key: parameter.name,
                symbol: Symbol::of(parameter.name),
                aliases: parameter
                    .aliases
                    .iter()
                    .map(|alias| Text::from(*alias))
                    .collect(),
                is_switch: ty.as_ref().is_some_and(|ty| ty.is(TypeId::SwitchParameter)),
                ty: ty.filter(|ty| !ty.is(TypeId::Object)),
                in_sets,
                checks: parameter.validate.iter().map(Check::of_declared).collect(),
                variable_checks: Arc::from([]),
            });
        }
        let default_set =
            (!spec.default_set.is_empty()).then(|| set_number(&mut sets, spec.default_set));
        Self {
            parameters,
            sets,
            default_set,
            advanced: true,
            is_cmdlet: true,
            should_process: spec.should_process,
        }
    }

    /// The parameter of exactly that name or alias.
    pub(crate) fn exactly(&self, name: &str) -> Option<usize> {
        self.parameters
            .iter()
            .position(|parameter| parameter.is_called(name))
    }

    pub(crate) fn set_name(&self, mask: u64) -> Option<&Text> {
        if self.sets.is_empty() || mask.count_ones() != 1 {
            return None;
        }
        self.sets.get(mask.trailing_zeros() as usize)
    }

    /// The bits of all sets that there are.
    pub(crate) fn all_sets(&self) -> u64 {
        match self.sets.len() {
            0 => EVERY_SET,
            64.. => EVERY_SET,
            count => (1 << count) - 1,
        }
    }
}

impl ParameterMeta {
    pub(crate) fn is_called(&self, name: &str) -> bool {
        equal_folded(&self.name, name) || self.aliases.iter().any(|alias| equal_folded(alias, name))
    }

    /// Whether a script block as argument stands for its value for each pipeline object.
    pub(crate) fn delays(&self) -> bool {
        let takes_blocks = self.ty.as_ref().is_none_or(|ty| {
            let item = ty.element().unwrap_or(ty);
            [TypeId::Object, TypeId::PSObject, TypeId::ScriptBlock]
                .iter()
                .any(|id| item.is(*id))
        });
        !takes_blocks
            && self
                .in_sets
                .iter()
                .any(|set| set.pipeline || set.by_property)
    }

    pub(crate) fn mask(&self) -> u64 {
        self.in_sets.iter().fold(0, |mask, set| mask | set.mask)
    }

    pub(crate) fn within(&self, mask: u64) -> impl Iterator<Item = &InSetMeta> {
        self.in_sets.iter().filter(move |set| set.mask & mask != 0)
    }
}

fn set_number(sets: &mut Vec<Text>, name: &str) -> usize {
    match sets.iter().position(|own| equal_folded(own, name)) {
        Some(number) => number,
        None => {
            sets.push(name.into());
            (sets.len() - 1).min(63)
        }
    }
}

impl Machine<'_> {
    /// What the binder needs to know of a function or script block.
    pub(crate) fn meta_of(&mut self, block: &Arc<Block>) -> Run<Arc<CommandMeta>> {
        if let Some(meta) = block.meta.get() {
            return Ok(Arc::clone(meta));
        }
        let mut sets = Vec::new();
        let mut parameters = Vec::new();
        for node in &block.parameters {
            parameters.push(self.parameter_meta(node, &mut sets)?);
        }
        let positional = block
            .binding
            .as_ref()
            .is_none_or(|binding| binding.positional);
        let explicit = parameters.iter().any(|parameter: &ParameterMeta| {
            parameter.in_sets.iter().any(|set| set.position.is_some())
        });
        if positional && !explicit {
            for (position, parameter) in (0..).zip(
                parameters
                    .iter_mut()
                    .filter(|parameter| !parameter.is_switch),
            ) {
                for set in &mut parameter.in_sets {
                    set.position = Some(position);
                }
            }
        }
        let binding = block.binding.as_ref();
        let default_set = binding
            .and_then(|binding| binding.default_set.as_ref())
            .map(|name| set_number(&mut sets, name));
        let meta = Arc::new(CommandMeta {
            parameters,
            sets,
            default_set,
            advanced: block.is_advanced(),
            is_cmdlet: false,
            should_process: binding.is_some_and(|binding| binding.should_process),
        });
        let _ = block.meta.set(Arc::clone(&meta));
        Ok(meta)
    }

    fn parameter_meta(&mut self, node: &ParameterNode, sets: &mut Vec<Text>) -> Run<ParameterMeta> {
        let checks = self.checks_of(&node.attributes)?;
        let ty = match &node.ty {
            Some(ty) => Some(self.resolve_type(ty)?),
            None => None,
        };
        let mut aliases = Vec::new();
        let mut in_sets = Vec::new();
        for attribute in &node.attributes {
            if equal_folded(&attribute.name, "Alias") {
                for expr in &attribute.positional {
                    let value = self.evaluate(expr)?;
                    aliases.push(ops::text(self, &value)?);
                }
            }
            if equal_folded(&attribute.name, "Parameter") {
                let set = self
                    .named_text(attribute, "ParameterSetName")?
                    .filter(|set| !set.is_empty() && !equal_folded(set, "__AllParameterSets"));
                let position = match self.named_value(attribute, "Position")? {
                    Some(value) => ops::integer(&value)
                        .and_then(|number| i32::try_from(number).ok())
                        .filter(|number| *number >= 0),
                    None => None,
                };
                let mut flag = |name: &str| -> Run<bool> {
                    Ok(self
                        .named_value(attribute, name)?
                        .is_some_and(|value| ops::truth(&value)))
                };
                let (mandatory, pipeline, by_property, remaining) = (
                    flag("Mandatory")?,
                    flag("ValueFromPipeline")?,
                    flag("ValueFromPipelineByPropertyName")?,
                    flag("ValueFromRemainingArguments")?,
                );
                let mask = set.map_or(EVERY_SET, |set| 1 << set_number(sets, &set));
                in_sets.push(InSetMeta {
                    mask,
                    position,
                    mandatory,
                    pipeline,
                    by_property,
                    remaining,
                });
            }
        }
        if in_sets.is_empty() {
            in_sets.push(InSetMeta {
                mask: EVERY_SET,
                position: None,
                mandatory: false,
                pipeline: false,
                by_property: false,
                remaining: false,
            });
        }
        let is_switch = ty.as_ref().is_some_and(|ty| ty.is(TypeId::SwitchParameter));
        Ok(ParameterMeta {
            name: node.text.clone(),
            key: "",
            symbol: node.name,
            aliases,
            ty,
            is_switch,
            in_sets,
            variable_checks: checks
                .iter()
                .filter(|check| {
                    !matches!(
                        check,
                        Check::AllowNull | Check::AllowEmptyString | Check::AllowEmptyCollection
                    )
                })
                .cloned()
                .collect(),
            checks,
        })
    }
}

/// The value that a typed parameter has without an argument or default.
pub(crate) fn missing_value(ty: Option<&TypeRef>) -> Value {
    ty.map_or(Value::Null, ops::default_of)
}
