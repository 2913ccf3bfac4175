//! Assignments to variables, members, elements and lists of them.

use super::expression::plain;
use super::flow::{Run, runtime};
use super::machine::Machine;
use super::node::{AssignNode, AssignOp, Place, Target};
use super::ops;
use super::scope::Scopes;
use crate::value::Value;

impl Machine<'_> {
    /// Runs an assignment and gives the value that was assigned.
    pub(crate) fn run_assignment(&mut self, node: &AssignNode) -> Run<Value> {
        match node.op {
            AssignOp::Set => {
                let value = self.statement_value(&node.value)?;
                self.set_target(&node.target, value.clone())?;
                Ok(value)
            }
            AssignOp::Coalesce => {
                let old = self.read_target(&node.target)?;
                if !old.is_null() {
                    return Ok(old);
                }
                let value = self.statement_value(&node.value)?;
                self.set_target(&node.target, value.clone())?;
                Ok(value)
            }
            AssignOp::Binary(operator) => {
                let old = self.read_target(&node.target)?;
                let value = self.statement_value(&node.value)?;
                let value = self.binary(operator, &plain(old), &value)?;
                self.set_target(&node.target, value.clone())?;
                Ok(value)
            }
        }
    }

    pub(crate) fn read_target(&mut self, target: &Target) -> Run<Value> {
        match target {
            Target::Variable { variable, .. } => self.read_variable(variable),
            Target::Member {
                target,
                name,
                is_static,
                ..
            } => {
                let target = self.evaluate(target)?;
                let name = self.member_name(name)?;
                if *is_static {
                    return Ok(ops::static_member(self, &target, &name)?);
                }
                Ok(self.get_member(&target, &name)?)
            }
            Target::Index { target, index, .. } => {
                let target = self.evaluate(target)?;
                let index = self.evaluate(index)?;
                if target.is_null() {
                    return Err(runtime("Cannot index into a null array.", "NullArray"));
                }
                Ok(ops::index(self, &target, &index)?)
            }
            Target::List(targets) => Ok(Value::array(
                targets
                    .iter()
                    .map(|target| self.read_target(target))
                    .collect::<Run<Vec<_>>>()?,
            )),
        }
    }

    pub(crate) fn set_target(&mut self, target: &Target, value: Value) -> Run {
        match target {
            Target::Variable {
                variable,
                attributes,
                ..
            } => {
                if attributes.is_empty() {
                    return self.set_variable(variable, value);
                }
                let checks = self.checks_of(attributes)?;
                let scope = match &variable.place {
                    Place::Global => Scopes::GLOBAL,
                    Place::Script => self.session.scopes.script(self.scope),
                    Place::Any | Place::Local | Place::Private => self.scope,
                    _ => {
                        let value = self.check_variable(&checks, variable.name, value)?;
                        return self.set_variable(variable, value);
                    }
                };
                self.declare(scope, variable.name, value, checks)
            }
            Target::Member {
                target,
                name,
                is_static,
                attributes,
                ..
            } => {
                let object = self.evaluate(target)?;
                let name = self.member_name(name)?;
                let mut value = value;
                if !attributes.is_empty() {
                    let checks = self.checks_of(attributes)?;
                    value =
                        self.check_variable(&checks, super::symbol::Symbol::of(&name), value)?;
                }
                let value = plain(value);
                if *is_static {
                    return Ok(ops::set_static_member(self, &object, &name, &value)?);
                }
                Ok(self.set_member(&object, &name, &value)?)
            }
            Target::Index { target, index, .. } => {
                let object = self.evaluate(target)?;
                let index = self.evaluate(index)?;
                if object.is_null() {
                    return Err(runtime("Cannot index into a null array.", "NullArray"));
                }
                Ok(ops::set_index(self, &object, &index, &plain(value))?)
            }
            Target::List(targets) => self.set_targets(targets, value),
        }
    }

    /// `$a, $b = 1, 2, 3`: the last one takes what is left.
    fn set_targets(&mut self, targets: &[Target], value: Value) -> Run {
        let items = match ops::items(&value) {
            Some(items) => items,
            None => vec![value],
        };
        let Some(last) = targets.len().checked_sub(1) else {
            return Ok(()); // beside a parse error only
        };
        for (index, target) in targets.iter().enumerate() {
            let value = if index < last || items.len() <= targets.len() {
                items.get(index).cloned().unwrap_or_default()
            } else {
                Value::array(items[index..].to_vec())
            };
            self.set_target(target, value)?;
        }
        Ok(())
    }
}
