//! Running what a client asked for.

use std::sync::Arc;

use super::binder::Arg;
use super::block::Code;
use super::flow::{Flow, Run};
use super::lookup::Resolved;
use super::machine::Machine;
use super::out::Out;
use super::pipeline::{Input, Planned};
use crate::runspace::{CommandInvocation, PipelineSpec};
use crate::value::{Raise, Text, TypeId, Value};

impl Machine<'_> {
    pub(crate) fn run_spec(&mut self, spec: &mut PipelineSpec) -> Run {
        if let Some(line) = &spec.history {
            let limit = self.session.limits.history;
            self.session.history.push_back(line.clone());
            while self.session.history.len() > limit {
                self.session.history.pop_front();
            }
        }
        let saved = std::mem::replace(&mut self.session.using, spec.using.clone());
        let mut input = spec.input.take();
        let mut result = Ok(());
        for statement in &spec.statements {
            let ended = self.run_commands(statement, input.take());
            result = match ended {
                Err(Flow::Error(failure))
                    if spec.statements.len() > 1 && !failure.thrown && !failure.by_preference =>
                {
                    // Of several statements, one that fails does not keep the others from running.
                    let record = self.finish_failure(failure);
                    self.send_error(record, None)
                }
                other => other,
            };
            if result.is_err() {
                break;
            }
        }
        self.session.using = saved;
        result
    }

    fn run_commands(
        &mut self,
        commands: &[CommandInvocation],
        input: Option<Box<dyn crate::runspace::InputSource>>,
    ) -> Run {
        let mut planned = Vec::new();
        for (index, command) in commands.iter().enumerate() {
            let mut merge = command.merges;
            // The errors of a command flow on if the next one asks for them.
            if commands
                .get(index + 1)
                .is_some_and(|next| next.merge_previous)
                && merge[2] == crate::runspace::Merge::None
            {
                merge[2] = crate::runspace::Merge::Output;
            }
            planned.push(self.plan_invocation(command, merge)?);
        }
        let mut input = input;
        let input = match &mut input {
            Some(source) => Input::Source(source.as_mut()),
            None => Input::None,
        };
        self.run_chain(planned, input, &Out::Host)
    }

    fn plan_invocation(
        &mut self,
        command: &CommandInvocation,
        merge: [crate::runspace::Merge; 7],
    ) -> Run<Planned> {
        let resolved = if command.is_script {
            Resolved::Block(Code {
                block: self.parse(&command.command, None)?,
                kept: None,
            })
        } else {
            self.resolve_name(&command.command, None)?
        };
        let args = command
            .arguments
            .iter()
            .map(|argument| match (&argument.name, &argument.value) {
                (Some(name), value) => Arg::Parameter {
                    name: name.clone(),
                    value: value.clone(),
                    colon: false,
                    position: None,
                    value_position: None,
                    splatted: false,
                },
                (None, value) => Arg::Value {
                    value: value.clone().unwrap_or_default(),
                    position: None,
                    raw: None,
                },
            })
            .collect();
        let dot = command.is_script && command.use_local_scope != Some(true);
        let name: Text = if command.is_script {
            Text::default()
        } else {
            command.command.clone()
        };
        Ok(Planned {
            resolved,
            name,
            args,
            position: None,
            dot,
            redirections: Vec::new(),
            merge,
        })
    }

    /// Runs a text in the current scope, as Invoke-Expression does.
    ///
    /// # Errors
    /// When the text does not parse, or whatever ends it.
    pub fn run_text(&mut self, text: &str, out: &Out) -> Run {
        let block = self.parse(text, None)?;
        let planned = Planned {
            resolved: Resolved::Block(Code { block, kept: None }),
            name: Text::default(),
            args: Vec::new(),
            position: None,
            dot: true,
            redirections: Vec::new(),
            merge: Default::default(),
        };
        self.run_chain(vec![planned], Input::None, out)
    }

    /// Runs a command by name with values as arguments; its output goes to `out`.
    ///
    /// # Errors
    /// When there is no such command, or whatever ends it.
    pub fn run_command(
        &mut self,
        command: &CommandInvocation,
        input: Vec<Value>,
        out: &Out,
    ) -> Run {
        let planned = self.plan_invocation(command, command.merges)?;
        let input = if input.is_empty() {
            Input::None
        } else {
            Input::Values(input)
        };
        self.run_chain(vec![planned], input, out)
    }

    /// An error of a command that this engine does not have on purpose.
    #[must_use]
    pub fn not_supported(what: &str) -> Flow {
        Raise::of(
            TypeId::PSNotSupportedException,
            format!("{what} is not supported by this engine."),
            "NotSupported",
        )
        .into()
    }

    /// The text of a block's parameters as a shared list, for metadata.
    #[must_use]
    pub fn parameter_names(&self, name: &str) -> Option<Vec<Text>> {
        match self.find_command(name)? {
            Resolved::Cmdlet(spec) => Some(
                spec.parameters
                    .iter()
                    .map(|parameter| Text::from(parameter.name))
                    .collect(),
            ),
            Resolved::Function(function) => Some(
                Arc::clone(&function.block)
                    .parameters
                    .iter()
                    .map(|parameter| parameter.text.clone())
                    .collect(),
            ),
            _ => None,
        }
    }
}
