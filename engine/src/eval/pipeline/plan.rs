//! Who stands in a pipeline: commands looked up, arguments bound, stages built.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use super::{Chain, Planned, Running, StageBody, StageInfo};
use crate::command::Bound;
use crate::eval::binder::{Arg, Callee};
use crate::eval::flow::Run;
use crate::eval::frame::InvocationInfo;
use crate::eval::function::ScriptStage;
use crate::eval::lookup::Resolved;
use crate::eval::machine::Machine;
use crate::eval::native::NativeStage;
use crate::eval::node::{ArgumentNode, CallOperator, CommandNode, Element};
use crate::eval::ops;
use crate::eval::out::{Out, Stage, StreamTarget};
use crate::eval::records::CommonParameters;
use crate::eval::source::Position;
use crate::eval::symbol::Symbol;
use crate::value::{Text, Value};

impl Machine<'_> {
    pub(super) fn plan_all(&mut self, commands: &[Element]) -> Run<Vec<Planned>> {
        commands
            .iter()
            .map(|element| match element {
                Element::Command(command) => self.plan(command),
                Element::Expression { expr, .. } => Ok(Planned {
                    resolved: Resolved::Values(vec![self.evaluate(expr)?]),
                    name: Text::default(),
                    args: Vec::new(),
                    position: None,
                    dot: false,
                    redirections: Vec::new(),
                    merge: Default::default(),
                }),
            })
            .collect()
    }

    pub(super) fn plan(&mut self, node: &CommandNode) -> Run<Planned> {
        let position = |machine: &Self, extent| {
            Some(Position {
                source: machine.source.clone(),
                extent,
            })
        };
        let (resolved, name) = self.resolve_node(node)?;
        let mut args = Vec::with_capacity(node.arguments.len());
        for argument in &node.arguments {
            match argument {
                ArgumentNode::Value { expr, raw } => {
                    let value = crate::eval::expression::plain(self.evaluate(expr)?);
                    args.push(Arg::Value {
                        value,
                        position: position(self, expr.span),
                        raw: raw.clone(),
                    });
                }
                ArgumentNode::Parameter {
                    name,
                    span,
                    value,
                    colon,
                    ..
                } => {
                    let value_position =
                        value.as_ref().and_then(|value| position(self, value.span));
                    let value = match value {
                        Some(value) => Some(crate::eval::expression::plain(self.evaluate(value)?)),
                        None => None,
                    };
                    args.push(Arg::Parameter {
                        name: name.clone(),
                        value,
                        colon: *colon,
                        position: position(self, *span),
                        value_position,
                        splatted: false,
                    });
                }
                ArgumentNode::Splat { expr } => {
                    let value = self.evaluate(expr)?;
                    let place = position(self, expr.span);
                    self.splat(value, place, &mut args)?;
                }
                ArgumentNode::EndOfParameters { .. } => args.push(Arg::EndOfParameters),
                ArgumentNode::Verbatim { text, span } => {
                    let value = Value::String(text.clone());
                    args.push(Arg::Parameter {
                        name: "%".into(),
                        value: None,
                        colon: false,
                        position: position(self, *span),
                        value_position: None,
                        splatted: false,
                    });
                    args.push(Arg::Value {
                        value,
                        position: position(self, *span),
                        raw: None,
                    });
                }
            }
        }
        let redirections = self.redirections(&node.redirections)?;
        Ok(Planned {
            resolved,
            name,
            args,
            position: position(self, node.span),
            dot: node.operator == CallOperator::Dot,
            redirections,
            merge: Default::default(),
        })
    }

    pub(super) fn splat(
        &mut self,
        value: Value,
        position: Option<Position>,
        args: &mut Vec<Arg>,
    ) -> Run {
        match value.base() {
            Value::Hash(table) => {
                for (key, value) in table.entries() {
                    let name = ops::text(self, &key)?;
                    args.push(Arg::Parameter {
                        name,
                        value: Some(value),
                        colon: false,
                        position: position.clone(),
                        value_position: position.clone(),
                        splatted: true,
                    });
                }
            }
            Value::Null | Value::Nothing => {}
            other => {
                let items = ops::items(other).unwrap_or_else(|| vec![other.clone()]);
                args.extend(items.into_iter().map(|value| Arg::Value {
                    value,
                    position: position.clone(),
                    raw: None,
                }));
            }
        }
        Ok(())
    }

    pub(super) fn build(
        &mut self,
        planned: Vec<Planned>,
        expects_input: bool,
        out: &Out,
        files: &mut Vec<Rc<Chain>>,
    ) -> Run<Rc<Chain>> {
        let count = planned.len();
        let chain = Rc::new(Chain {
            number: self.next_number(),
            stages: (0..count).map(|_| RefCell::new(None)).collect(),
            parked: RefCell::new(None),
            from: Cell::new(0),
        });
        for (index, planned) in planned.into_iter().enumerate() {
            let stage_out = if index + 1 < count {
                Out::Stage(Stage {
                    chain: Rc::clone(&chain),
                    index: index + 1,
                })
            } else {
                out.clone()
            };
            match self.running(
                planned,
                index,
                count,
                expects_input || index > 0,
                &stage_out,
                files,
            ) {
                Ok(running) => *chain.stages[index].borrow_mut() = Some(Box::new(running)),
                Err(flow) => {
                    self.close(&chain);
                    return Err(flow);
                }
            }
        }
        Ok(chain)
    }

    pub(super) fn running(
        &mut self,
        planned: Planned,
        index: usize,
        count: usize,
        expects_input: bool,
        out: &Out,
        files: &mut Vec<Rc<Chain>>,
    ) -> Run<Running> {
        let (mut streams, out) = self.redirect(&planned.redirections, out, files)?;
        if planned
            .merge
            .iter()
            .any(|merge| *merge != crate::runspace::Merge::None)
        {
            let mut merged = (*streams).clone();
            for (target, merge) in merged.targets.iter_mut().zip(planned.merge) {
                match merge {
                    crate::runspace::Merge::None => {}
                    crate::runspace::Merge::Output => *target = StreamTarget::To(out.clone()),
                    crate::runspace::Merge::Null => *target = StreamTarget::Null,
                }
            }
            streams = Rc::new(merged);
        }
        let id: Text = match &planned.resolved {
            Resolved::Cmdlet(spec) => spec.class.into(),
            Resolved::Function(function) => function.name.clone(),
            _ => Text::default(),
        };
        let name: Text = match &planned.resolved {
            Resolved::Cmdlet(spec) => spec.name.into(),
            Resolved::Function(function) => function.name.clone(),
            _ => planned.name.clone(),
        };
        let invocation = Arc::new(InvocationInfo {
            command: planned.resolved.command_info(self),
            name: planned.name.clone(),
            position: planned.position.clone(),
            pipeline_length: i32::try_from(count).unwrap_or(i32::MAX),
            pipeline_position: i32::try_from(index + 1).unwrap_or(i32::MAX),
            expects_input,
            ..InvocationInfo::default()
        });
        let callee = Callee {
            name: name.clone(),
            id: id.clone(),
            position: planned.position.clone(),
            invocation: Arc::clone(&invocation),
        };
        let body = match planned.resolved {
            Resolved::Cmdlet(spec) => StageBody::Cmdlet {
                spec,
                command: (spec.make)(),
                binding: None,
                bound: Bound::default(),
            },
            Resolved::Function(function) => StageBody::Script(ScriptStage::new(
                Arc::clone(&function.block),
                function.kept.clone(),
                planned.dot,
                Some(function),
                expects_input,
            )),
            Resolved::Block(code) => StageBody::Script(ScriptStage::new(
                code.block,
                code.kept,
                planned.dot,
                None,
                expects_input,
            )),
            Resolved::Native(path) => {
                StageBody::Native(NativeStage::new(path, expects_input, count == index + 1))
            }
            Resolved::Values(values) => StageBody::Script(ScriptStage::values(values)),
        };
        let number = self.next_number();
        let redirected_outside = !matches!(
            self.streams.targets[crate::eval::out::ERROR],
            StreamTarget::Host
        );
        let info = StageInfo {
            number,
            name,
            id,
            invocation,
            expects_input,
            redirected_outside,
            failed: Cell::new(false),
            current: RefCell::new(None),
        };
        Ok(Running {
            info,
            body,
            callee,
            scope: self.scope,
            streams,
            out,
            tee: None,
            args: planned.args,
            begun: false,
        })
    }
}

/// Puts `-OutVariable` and `-PipelineVariable` between a command and where its output goes.
pub(in crate::eval) fn common_out(
    machine: &mut Machine<'_>,
    common: &CommonParameters,
    out: &mut Out,
    tee: &mut Option<(Text, Rc<RefCell<Vec<Value>>>)>,
) {
    if let Some(name) = &common.out_variable {
        let buffer = Rc::new(RefCell::new(Vec::new()));
        *out = Out::Tee(Rc::new((out.clone(), Rc::clone(&buffer))));
        *tee = Some((name.clone(), buffer));
    }
    if let Some(name) = &common.pipeline_variable {
        *out = Out::Named(Rc::new((out.clone(), Symbol::of(name), machine.scope)));
    }
    for name in [
        &common.error_variable,
        &common.warning_variable,
        &common.information_variable,
    ] {
        let Some(name) = name else { continue };
        let symbol = Symbol::of(name.trim_start_matches('+'));
        // `+name` goes on with what is there.
        let kept = if name.starts_with('+') {
            machine.lookup(symbol).filter(|old| !old.is_null())
        } else {
            None
        };
        if matches!(kept, Some(Value::List(_))) {
            continue;
        }
        let scope = machine.scope;
        machine
            .session
            .scopes
            .get_mut(scope)
            .set(symbol, Value::array_list(kept.into_iter().collect()));
    }
}
