//! Where streams go that do not go where they usually do.

use std::rc::Rc;

use super::{Chain, Input, Planned, Redirected};
use crate::eval::binder::Arg;
use crate::eval::flow::{Flow, Run};
use crate::eval::machine::Machine;
use crate::eval::node::{Element, Expr, RedirectionNode};
use crate::eval::out::{Out, Stage, StreamTarget, Streams};
use crate::value::Value;

impl Machine<'_> {
    /// An expression with redirections, perhaps with commands behind it.
    pub(super) fn run_redirected(
        &mut self,
        expr: &Expr,
        redirections: &[RedirectionNode],
        commands: &[Element],
        out: &Out,
    ) -> Run {
        let redirections = self.redirections(redirections)?;
        let planned = self.plan_all(commands)?;
        let (inner, buffer) = Out::capture();
        let saved = Rc::clone(&self.streams);
        let mut files = Vec::new();
        let (streams, target) = self.redirect(&redirections, &inner, &mut files)?;
        self.streams = streams;
        let result = self.run_expression(expr, &target);
        self.streams = saved;
        self.close_files(files, &result)?;
        let items = crate::eval::out::drain(&buffer);
        if planned.is_empty() {
            for item in items {
                self.write(out, item)?;
            }
            return result;
        }
        result?;
        self.run_chain(planned, Input::Values(items), out)
    }

    pub(super) fn redirections(&mut self, nodes: &[RedirectionNode]) -> Run<Vec<Redirected>> {
        nodes
            .iter()
            .map(|node| match node {
                RedirectionNode::Merge { from, to } => Ok(Redirected::Merge {
                    from: *from,
                    to: *to,
                }),
                RedirectionNode::File {
                    from,
                    append,
                    target,
                } => {
                    let path = self.evaluate(target)?;
                    Ok(if path.is_null() {
                        Redirected::Null { from: *from }
                    } else {
                        Redirected::File {
                            from: *from,
                            append: *append,
                            path,
                        }
                    })
                }
            })
            .collect()
    }

    /// Works out where the streams of a command go; `files` collects the stages that write to files and must be ended.
    pub(super) fn redirect(
        &mut self,
        redirections: &[Redirected],
        out: &Out,
        files: &mut Vec<Rc<Chain>>,
    ) -> Run<(Rc<Streams>, Out)> {
        if redirections.is_empty() {
            return Ok((Rc::clone(&self.streams), out.clone()));
        }
        let mut streams = (*self.streams).clone();
        let mut target = out.clone();
        // The output first, since merging goes to wherever that leads.
        for redirection in redirections {
            let (from, to) = match redirection {
                Redirected::Null { from } => (*from, Out::Null),
                Redirected::File { from, append, path } => {
                    let chain = self.open_file(path.clone(), *append)?;
                    files.push(Rc::clone(&chain));
                    (*from, Out::Stage(Stage { chain, index: 0 }))
                }
                Redirected::Merge { .. } => continue,
            };
            if from <= 1 {
                target = to.clone();
            }
            for number in 2..=6_u8 {
                if from == 0 || from == number {
                    streams.targets[usize::from(number)] = if matches!(to, Out::Null) {
                        StreamTarget::Null
                    } else {
                        StreamTarget::To(to.clone())
                    };
                }
            }
        }
        for redirection in redirections {
            if let Redirected::Merge { from, to: 1 } = redirection {
                for number in 2..=6_u8 {
                    if *from == 0 || *from == number {
                        streams.targets[usize::from(number)] = StreamTarget::To(target.clone());
                    }
                }
            }
        }
        Ok((Rc::new(streams), target))
    }

    /// Begins the command that writes a redirected stream to a file, or to a variable.
    pub(super) fn open_file(&mut self, path: Value, append: bool) -> Run<Rc<Chain>> {
        let variable = match &path {
            Value::String(text) => text
                .split_once(':')
                .filter(|(drive, _)| drive.eq_ignore_ascii_case("variable"))
                .map(|(_, name)| Value::from(name)),
            _ => None,
        };
        let (command, parameter, target) = match variable {
            Some(name) => ("Set-Variable", "Name", name),
            None => ("Out-File", "FilePath", path),
        };
        let resolved = self.resolve_name(command, None)?;
        let mut args = vec![Arg::Parameter {
            name: parameter.into(),
            value: Some(target),
            colon: false,
            position: None,
            value_position: None,
            splatted: false,
        }];
        if append {
            args.push(Arg::Parameter {
                name: "Append".into(),
                value: Some(Value::Bool(true)),
                colon: false,
                position: None,
                value_position: None,
                splatted: false,
            });
        }
        let planned = Planned {
            resolved,
            name: command.into(),
            args,
            position: Some(self.here()),
            dot: false,
            redirections: Vec::new(),
            merge: Default::default(),
        };
        let mut files = Vec::new();
        let chain = self.build(vec![planned], true, &Out::Null, &mut files)?;
        self.stage(&chain, 0, |machine, running| running.begin(machine))?;
        Ok(chain)
    }

    pub(super) fn close_files(&mut self, files: Vec<Rc<Chain>>, result: &Run) -> Run {
        let mut ended = Ok(());
        for chain in files {
            if result.is_ok() || matches!(result, Err(Flow::Error(_))) {
                ended = ended.and(self.stage(&chain, 0, |machine, running| running.end(machine)));
            }
            self.close(&chain);
        }
        ended
    }
}
