//! Objects on their way from stage to stage.

use std::rc::Rc;

use super::{Chain, Input, Planned, Running, StageBody, StageInfo};
use crate::command::Bound;
use crate::eval::binder::Binding;
use crate::eval::flow::{Flow, Run};
use crate::eval::machine::Machine;
use crate::eval::out::{Out, Stage};
use crate::value::Value;

impl Machine<'_> {
    /// Builds, runs and ends a pipeline of commands.
    pub(crate) fn run_chain(&mut self, planned: Vec<Planned>, input: Input<'_>, out: &Out) -> Run {
        let mut files = Vec::new();
        let expects_input = !matches!(input, Input::None);
        let chain = self.build(planned, expects_input, out, &mut files)?;
        let depth = self.calls.len();
        let (scope, streams, source, at) = (
            self.scope,
            Rc::clone(&self.streams),
            self.source.clone(),
            self.at,
        );
        let result = self.drive(&chain, input);
        // Whatever broke off inside, this is where the caller goes on.
        (self.scope, self.streams, self.source, self.at) = (scope, streams, source, at);
        self.calls.truncate(depth);
        let result = match result {
            Err(Flow::StopUpstream(number)) if number == chain.number => {
                chain.parked.borrow_mut().take().map_or(Ok(()), Err)
            }
            other => other,
        };
        let failed = self.close(&chain);
        self.succeeded = result.is_ok() && !failed;
        self.close_files(files, &result)?;
        result
    }

    pub(super) fn drive(&mut self, chain: &Rc<Chain>, input: Input<'_>) -> Run {
        let count = chain.stages.len();
        for index in 0..count {
            self.stage(chain, index, |machine, running| running.begin_once(machine))?;
        }
        let first = Out::Stage(Stage {
            chain: Rc::clone(chain),
            index: 0,
        });
        let fed = match input {
            Input::None => self.stage(chain, 0, |machine, running| running.process(machine, None)),
            Input::Expression(expr) => self.run_expression(expr, &first),
            Input::Values(values) => values.into_iter().try_for_each(|value| {
                self.checkpoint()?;
                self.write(&first, value)
            }),
            Input::Source(source) => loop {
                if let Err(flow) = self.checkpoint() {
                    break Err(flow);
                }
                match source.next() {
                    Some(value) => {
                        if let Err(flow) = self.write(&first, value) {
                            break Err(flow);
                        }
                    }
                    None => break self.checkpoint(),
                }
            },
        };
        self.note_stop(chain, fed)?;
        let mut index = chain.from.get();
        while index < count {
            let ended = self.stage(chain, index, |machine, running| running.end(machine));
            self.note_stop(chain, ended)?;
            index = (index + 1).max(chain.from.get());
        }
        Ok(())
    }

    /// A stage that has enough ends those before it and itself.
    pub(super) fn note_stop(&mut self, chain: &Rc<Chain>, result: Run) -> Run {
        let Err(Flow::StopUpstream(number)) = result else {
            return result;
        };
        for (index, stage) in chain.stages.iter().enumerate() {
            if stage
                .borrow()
                .as_ref()
                .is_some_and(|running| running.info.number == number)
            {
                chain.from.set(chain.from.get().max(index + 1));
                return Ok(());
            }
        }
        Err(Flow::StopUpstream(number))
    }

    /// Pushes an object into a stage.
    pub(crate) fn push(&mut self, stage: &Stage, value: Value) -> Run {
        let Stage { chain, index } = stage;
        if *index < chain.from.get() {
            return Ok(());
        }
        match self.stage(chain, *index, |machine, running| {
            // What an earlier stage writes in its `begin` finds a stage that has not begun.
            running.begin_once(machine)?;
            running.process(machine, Some(value))
        }) {
            Ok(()) => Ok(()),
            Err(flow @ (Flow::Stopped | Flow::StopUpstream(_) | Flow::Exit(_))) => Err(flow),
            // Not for the stages before this one to catch.
            Err(flow) => {
                *chain.parked.borrow_mut() = Some(flow);
                Err(Flow::StopUpstream(chain.number))
            }
        }
    }

    /// Runs a part of a stage in the stage's own surroundings.
    pub(super) fn stage(
        &mut self,
        chain: &Rc<Chain>,
        index: usize,
        run: impl FnOnce(&mut Self, &mut Running) -> Run,
    ) -> Run {
        let Some(mut running) = chain.stages[index].borrow_mut().take() else {
            return Ok(());
        };
        let scope = std::mem::replace(&mut self.scope, running.scope);
        let streams = std::mem::replace(&mut self.streams, Rc::clone(&running.streams));
        let result = run(self, &mut running);
        let result = match result {
            Err(Flow::Error(failure)) => {
                running.info.failed.set(true);
                self.had_errors = true;
                let is_script = matches!(running.body, StageBody::Script(_));
                let record = self.locate_in_stage(failure, &running.info, is_script);
                Err(Flow::Error(record))
            }
            other => other,
        };
        self.scope = scope;
        self.streams = streams;
        *chain.stages[index].borrow_mut() = Some(running);
        result
    }

    pub(super) fn locate_in_stage(
        &mut self,
        failure: Box<crate::eval::flow::Failure>,
        info: &StageInfo,
        is_script: bool,
    ) -> Box<crate::eval::flow::Failure> {
        let (thrown, by_preference) = (failure.thrown, failure.by_preference);
        let record = if is_script {
            // What a script raises is the script's own and not a command's.
            let position = info
                .invocation
                .position
                .clone()
                .unwrap_or_else(|| self.here());
            failure.into_record(|error| self.record_at(error, position))
        } else {
            self.locate_in_command(failure, info)
        };
        let mut failure = crate::eval::flow::Failure::record(record);
        failure.thrown = thrown;
        failure.by_preference = by_preference;
        Box::new(failure)
    }

    /// Lets go of a chain and tells whether a stage wrote errors.
    pub(super) fn close(&mut self, chain: &Rc<Chain>) -> bool {
        let mut failed = false;
        for stage in &chain.stages {
            let Some(mut running) = stage.borrow_mut().take() else {
                continue;
            };
            failed |= running.info.failed.get();
            match &mut running.body {
                StageBody::Script(script) => script.close(self),
                StageBody::Native(native) => native.close(),
                StageBody::Cmdlet { .. } => {}
            }
        }
        failed
    }
}

/// Hands what the binder found to a built-in command.
pub(super) fn refresh(bound: &mut Bound, binding: &Binding) {
    bound.values.clear();
    for (parameter, value) in binding.meta.parameters.iter().zip(&binding.values) {
        if let Some(value) = value {
            bound.values.push((parameter.key, value.clone()));
        }
    }
    bound.set = binding.set_name();
}
