//! What one stage does with what it gets.

use super::{Running, StageBody, common_out, refresh};
use crate::command::CommandContext;
use crate::eval::flow::{Flow, Run};
use crate::eval::machine::Machine;
use crate::eval::ops;
use crate::eval::symbol::Symbol;
use crate::value::Value;

impl Running {
    pub(super) fn begin_once(&mut self, machine: &mut Machine<'_>) -> Run {
        if self.begun {
            Ok(())
        } else {
            self.begin(machine)
        }
    }

    pub(super) fn begin(&mut self, machine: &mut Machine<'_>) -> Run {
        self.begun = true;
        let args = std::mem::take(&mut self.args);
        match &mut self.body {
            StageBody::Cmdlet {
                spec,
                command,
                binding,
                bound,
            } => {
                let meta = machine.session.registry.meta(spec);
                let done = machine.bind(&meta, &self.callee, args, self.info.expects_input)?;
                common_out(machine, &done.common, &mut self.out, &mut self.tee);
                *binding = Some(done);
                let Some(binding) = binding else {
                    return Ok(());
                };
                refresh(bound, binding);
                let mut cx = CommandContext {
                    machine,
                    bound,
                    common: &binding.common,
                    out: &self.out,
                    stage: &self.info,
                };
                command.begin(&mut cx)
            }
            StageBody::Script(script) => {
                script.begin(machine, &self.callee, args, &mut self.out, &mut self.tee)
            }
            StageBody::Native(native) => native.begin(machine, args, &self.out, &self.info),
        }
    }

    pub(super) fn process(&mut self, machine: &mut Machine<'_>, object: Option<Value>) -> Run {
        match &mut self.body {
            StageBody::Cmdlet {
                command,
                binding,
                bound,
                ..
            } => {
                let Some(binding) = binding else {
                    return Ok(());
                };
                if let Some(object) = &object {
                    let fits = match machine.bind_pipeline(binding, &self.callee, object) {
                        Ok(fits) => fits,
                        Err(Flow::Error(failure)) => {
                            self.info.failed.set(true);
                            let record = machine.locate_in_command(failure, &self.info);
                            return machine.write_error(record, &binding.common, Some(&self.info));
                        }
                        Err(other) => return Err(other),
                    };
                    if !fits {
                        self.info.failed.set(true);
                        let record = machine.unbound_input(&self.callee, object);
                        return machine.write_error(record, &binding.common, Some(&self.info));
                    }
                    refresh(bound, binding);
                }
                *self.info.current.borrow_mut() = object;
                let mut cx = CommandContext {
                    machine,
                    bound,
                    common: &binding.common,
                    out: &self.out,
                    stage: &self.info,
                };
                command.process(&mut cx)
            }
            StageBody::Script(script) => {
                script.process(machine, &self.callee, &self.info, object, &self.out)
            }
            StageBody::Native(native) => native.process(machine, object, &self.out, &self.info),
        }
    }

    pub(super) fn end(&mut self, machine: &mut Machine<'_>) -> Run {
        let result = match &mut self.body {
            StageBody::Cmdlet {
                command,
                binding,
                bound,
                ..
            } => {
                let Some(binding) = binding else {
                    return Ok(());
                };
                *self.info.current.borrow_mut() = None;
                let mut cx = CommandContext {
                    machine,
                    bound,
                    common: &binding.common,
                    out: &self.out,
                    stage: &self.info,
                };
                command.end(&mut cx)
            }
            StageBody::Script(script) => script.end(machine, &self.out),
            StageBody::Native(native) => native.end(machine, &self.out, &self.info),
        };
        if let Some((name, buffer)) = self.tee.take() {
            let items = crate::eval::out::drain(&buffer);
            let symbol = Symbol::of(name.trim_start_matches('+'));
            let mut all = match (name.starts_with('+'), machine.lookup(symbol)) {
                (true, Some(old)) => ops::items(&old).unwrap_or_else(|| vec![old]),
                _ => Vec::new(),
            };
            all.extend(items);
            let scope = self.scope;
            machine
                .session
                .scopes
                .get_mut(scope)
                .set(symbol, Value::array_list(all));
        }
        result
    }
}
