//! Pipelines: every stage pushes into the next, and whoever has enough says so.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use super::binder::{Arg, Binding, Callee};
use super::flow::{Flow, Run};
use super::frame::InvocationInfo;
use super::function::ScriptStage;
use super::lookup::Resolved;
use super::machine::Machine;
use super::native::NativeStage;
use super::node::{
    ArgumentNode, CallOperator, CommandNode, Element, Expr, ExprKind, PipelineNode, RedirectionNode,
};
use super::ops;
use super::out::{Out, Stage, StreamTarget, Streams};
use super::records::CommonParameters;
use super::scope::ScopeId;
use super::source::Position;
use super::symbol::Symbol;
use crate::command::{Bound, Command, CommandContext, CommandSpec};
use crate::value::{Text, Value};

/// The stages of a running pipeline.
pub(crate) struct Chain {
    number: u64,
    stages: Vec<RefCell<Option<Box<Running>>>>,
    /// What goes past the stages on its way out: errors and jumps of a later stage are not for an earlier one to catch.
    parked: RefCell<Option<Flow>>,
    /// The stages before this one have ended early.
    from: Cell<usize>,
}

/// What is known of a stage while it runs.
pub struct StageInfo {
    pub(crate) number: u64,
    pub(crate) name: Text,
    /// What stands behind error ids.
    pub(crate) id: Text,
    pub(crate) invocation: Arc<InvocationInfo>,
    pub(crate) expects_input: bool,
    /// Whether whoever called this command sends errors elsewhere.
    pub(crate) redirected_outside: bool,
    /// Whether it wrote an error: `$?` is false afterwards.
    pub(crate) failed: Cell<bool>,
    /// The object from the pipeline that is worked on.
    pub(crate) current: RefCell<Option<Value>>,
}

struct Running {
    info: StageInfo,
    body: StageBody,
    callee: Callee,
    /// The scope in which the command was called.
    scope: ScopeId,
    streams: Rc<Streams>,
    out: Out,
    /// Collects for `-OutVariable`.
    tee: Option<(Text, Rc<RefCell<Vec<Value>>>)>,
    /// The args until the command begins.
    args: Vec<Arg>,
    begun: bool,
}

enum StageBody {
    Cmdlet {
        spec: &'static CommandSpec,
        command: Box<dyn Command>,
        binding: Option<Binding>,
        bound: Bound,
    },
    Script(ScriptStage),
    Native(NativeStage),
}

/// A command with its arguments, ready to be put into a chain.
pub(crate) struct Planned {
    pub(crate) resolved: Resolved,
    pub(crate) name: Text,
    pub(crate) args: Vec<Arg>,
    pub(crate) position: Option<Position>,
    /// Runs in the caller's scope.
    pub(crate) dot: bool,
    pub(crate) redirections: Vec<Redirected>,
    /// Whether the next command gets this one's errors, as a client may ask for.
    pub(crate) merge: [crate::runspace::Merge; 7],
}

/// A redirection with its target worked out.
#[derive(Clone)]
pub(crate) enum Redirected {
    Merge { from: u8, to: u8 },
    Null { from: u8 },
    File { from: u8, append: bool, path: Value },
}

/// What comes into a chain from outside.
pub(crate) enum Input<'a> {
    None,
    Expression(&'a Expr),
    Values(Vec<Value>),
    Source(&'a mut dyn crate::runspace::InputSource),
}

impl Machine<'_> {
    pub(crate) fn run_pipeline(&mut self, node: &PipelineNode, out: &Out) -> Run {
        let (first, commands) = match node.elements.split_first() {
            Some((Element::Expression { expr, redirections }, [])) if redirections.is_empty() => {
                return self.run_expression(expr, out);
            }
            Some((Element::Expression { expr, redirections }, rest)) => {
                (Some((expr, redirections)), rest)
            }
            _ => (None, node.elements.as_slice()),
        };
        if let Some((expr, redirections)) = first
            && !redirections.is_empty()
        {
            return self.run_redirected(expr, redirections, commands, out);
        }
        let planned = self.plan_all(commands)?;
        let input = first.map_or(Input::None, |(expr, _)| Input::Expression(expr));
        self.run_chain(planned, input, out)
    }

    /// An expression as a statement: its value goes out, a collection item by item.
    fn run_expression(&mut self, expr: &Expr, out: &Out) -> Run {
        match &expr.kind {
            ExprKind::Step { .. } => {
                self.evaluate(expr)?;
                self.succeeded = true;
                Ok(())
            }
            ExprKind::Paren(_) | ExprKind::Sub(_) => {
                let value = self.evaluate(expr)?;
                self.write_enumerated(out, value)
            }
            _ => {
                if let Some((from, to)) = self.range_of_expr(expr)? {
                    self.succeeded = true;
                    return self.write_range(from, to, out);
                }
                let value = self.evaluate(expr)?;
                self.succeeded = true;
                self.write_enumerated(out, value)
            }
        }
    }

    fn write_range(&mut self, from: i64, to: i64, out: &Out) -> Run {
        let step = if from <= to { 1 } else { -1 };
        let mut number = from;
        loop {
            self.checkpoint()?;
            self.write(out, ops::range_item(number))?;
            if number == to {
                return Ok(());
            }
            number += step;
        }
    }

    /// An expression with redirections, perhaps with commands behind it.
    fn run_redirected(
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
        let items = super::out::drain(&buffer);
        if planned.is_empty() {
            for item in items {
                self.write(out, item)?;
            }
            return result;
        }
        result?;
        self.run_chain(planned, Input::Values(items), out)
    }

    fn plan_all(&mut self, commands: &[Element]) -> Run<Vec<Planned>> {
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

    fn plan(&mut self, node: &CommandNode) -> Run<Planned> {
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
                    let value = super::expression::plain(self.evaluate(expr)?);
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
                        Some(value) => Some(super::expression::plain(self.evaluate(value)?)),
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

    fn splat(&mut self, value: Value, position: Option<Position>, args: &mut Vec<Arg>) -> Run {
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

    fn redirections(&mut self, nodes: &[RedirectionNode]) -> Run<Vec<Redirected>> {
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
    fn redirect(
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
    fn open_file(&mut self, path: Value, append: bool) -> Run<Rc<Chain>> {
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

    fn close_files(&mut self, files: Vec<Rc<Chain>>, result: &Run) -> Run {
        let mut ended = Ok(());
        for chain in files {
            if result.is_ok() || matches!(result, Err(Flow::Error(_))) {
                ended = ended.and(self.stage(&chain, 0, |machine, running| running.end(machine)));
            }
            self.close(&chain);
        }
        ended
    }

    fn build(
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

    fn running(
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
        let redirected_outside =
            !matches!(self.streams.targets[super::out::ERROR], StreamTarget::Host);
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

    fn drive(&mut self, chain: &Rc<Chain>, input: Input<'_>) -> Run {
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
    fn note_stop(&mut self, chain: &Rc<Chain>, result: Run) -> Run {
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
    fn stage(
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

    fn locate_in_stage(
        &mut self,
        failure: Box<super::flow::Failure>,
        info: &StageInfo,
        is_script: bool,
    ) -> Box<super::flow::Failure> {
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
        let mut failure = super::flow::Failure::record(record);
        failure.thrown = thrown;
        failure.by_preference = by_preference;
        Box::new(failure)
    }

    /// Lets go of a chain and tells whether a stage wrote errors.
    fn close(&mut self, chain: &Rc<Chain>) -> bool {
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

impl Running {
    fn begin_once(&mut self, machine: &mut Machine<'_>) -> Run {
        if self.begun {
            Ok(())
        } else {
            self.begin(machine)
        }
    }

    fn begin(&mut self, machine: &mut Machine<'_>) -> Run {
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

    fn process(&mut self, machine: &mut Machine<'_>, object: Option<Value>) -> Run {
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

    fn end(&mut self, machine: &mut Machine<'_>) -> Run {
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
            let items = super::out::drain(&buffer);
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

/// Puts `-OutVariable` and `-PipelineVariable` between a command and where its output goes.
pub(super) fn common_out(
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

/// Hands what the binder found to a built-in command.
fn refresh(bound: &mut Bound, binding: &Binding) {
    bound.values.clear();
    for (parameter, value) in binding.meta.parameters.iter().zip(&binding.values) {
        if let Some(value) = value {
            bound.values.push((parameter.key, value.clone()));
        }
    }
    bound.set = binding.set_name();
}
