//! Statements.

use std::sync::{Arc, PoisonError};

use super::flow::{Failure, Flow, Run};
use super::machine::Machine;
use super::node::{
    Body, CatchNode, ExprKind, ForEachNode, ForNode, LoopNode, Stmt, StmtKind, SwitchNode, TryNode,
};
use super::ops;
use super::out::{Out, collapse};
use super::records::Preference;
use super::scope::ScopeId;
use super::symbol::{Symbol, known};
use crate::syntax::Extent;
use crate::value::{
    ClrLike, ErrorCategory, ErrorRecord, Exception, Raise, Text, TypeId, TypeRef, Value,
    equal_folded,
};

/// What a loop does after its body.
enum Turn {
    Next,
    Leave,
}

impl Machine<'_> {
    /// Runs the statements of a block.
    pub(crate) fn run_body(&mut self, body: &Body, out: &Out) -> Run {
        if !body.traps.is_empty() {
            return self.run_trapped(body, out);
        }
        for statement in &body.statements {
            self.checkpoint()?;
            self.at = statement.span;
            if let Err(flow) = self.run_statement(statement, out) {
                self.after_error(flow, statement.span)?;
            }
        }
        Ok(())
    }

    /// Decides whether an error ends only its statement.
    fn after_error(&mut self, flow: Flow, span: Extent) -> Run {
        let Flow::Error(failure) = flow else {
            return Err(flow);
        };
        self.succeeded = false;
        let source = self.source.clone();
        let failure = failure.located(|error| {
            self.record_at(
                error,
                super::source::Position {
                    source,
                    extent: span,
                },
            )
        });
        if self.guarded || failure.by_preference {
            return Err(Flow::Error(failure));
        }
        let preference = self.error_preference();
        match preference {
            Preference::SilentlyContinue | Preference::Ignore => {
                if preference == Preference::SilentlyContinue
                    && let Some(record) = failure.made().cloned()
                {
                    self.remember(&record);
                }
                Ok(())
            }
            Preference::Continue if !failure.thrown => self.report(&failure),
            _ => Err(Flow::Error(failure)),
        }
    }

    fn report(&mut self, failure: &Failure) -> Run {
        if let Some(record) = failure.made().cloned() {
            self.remember(&record);
            self.send_error(record, None)?;
            self.succeeded = false;
        }
        Ok(())
    }

    fn run_trapped(&mut self, body: &Body, out: &Out) -> Run {
        for statement in &body.statements {
            self.checkpoint()?;
            self.at = statement.span;
            let guarded = std::mem::replace(&mut self.guarded, true);
            let result = self.run_statement(statement, out);
            self.guarded = guarded;
            let Err(flow) = result else { continue };
            let Flow::Error(failure) = flow else {
                return Err(flow);
            };
            let source = self.source.clone();
            let failure = failure.located(|error| {
                self.record_at(
                    error,
                    super::source::Position {
                        source,
                        extent: statement.span,
                    },
                )
            });
            let Some(record) = failure.made().cloned() else {
                return Err(Flow::Error(failure));
            };
            self.succeeded = false;
            let Some(index) = self.matching(&body.traps, &record) else {
                self.after_error(Flow::Error(failure), statement.span)?;
                continue;
            };
            self.remember(&record);
            let value = Value::Clr(Arc::clone(&record) as Arc<dyn ClrLike>);
            let scope = self.session.scopes.open(self.scope);
            self.session
                .scopes
                .get_mut(scope)
                .set(known::underscore(), value);
            let caller = std::mem::replace(&mut self.scope, scope);
            let result = self.run_body(&body.traps[index].body, out);
            self.scope = caller;
            drop(self.session.scopes.close(scope));
            match result {
                Ok(()) => self.report(&failure)?,
                Err(Flow::Continue(_)) => {}
                Err(Flow::Break(_)) => return Err(Flow::Error(failure)),
                Err(other) => return Err(other),
            }
        }
        Ok(())
    }

    pub(crate) fn run_statement(&mut self, statement: &Stmt, out: &Out) -> Run {
        match &statement.kind {
            StmtKind::Pipeline(pipeline) => self.run_pipeline(pipeline, out),
            StmtKind::Assign(assign) => {
                self.run_assignment(assign)?;
                self.succeeded = true;
                Ok(())
            }
            StmtKind::If { clauses, otherwise } => {
                for (condition, body) in clauses {
                    if self.holds(condition)? {
                        return self.run_body(body, out);
                    }
                }
                otherwise
                    .as_ref()
                    .map_or(Ok(()), |body| self.run_body(body, out))
            }
            StmtKind::Loop(node) => self.run_loop(node, out),
            StmtKind::For(node) => self.run_for(node, out),
            StmtKind::ForEach(node) => self.run_foreach(node, out),
            StmtKind::Switch(node) => self.run_switch(node, out),
            StmtKind::Try(node) => self.run_try(node, out),
            StmtKind::Throw(value) => Err(self.throw(value.as_deref(), statement.span)),
            StmtKind::Return(value) => {
                if let Some(value) = value {
                    self.run_statement(value, out)?;
                }
                Err(Flow::Return)
            }
            StmtKind::GiveBack(value) => {
                self.returned = match value {
                    Some(value) => Some(self.statement_value(value)?),
                    None => None,
                };
                Err(Flow::Return)
            }
            StmtKind::Exit(value) => {
                let code = match value {
                    Some(value) => {
                        let value = self.statement_value(value)?;
                        ops::exit_code(self, &value)
                    }
                    None => 0,
                };
                self.session
                    .scopes
                    .get_mut(super::scope::Scopes::GLOBAL)
                    .set(known::last_exit(), Value::Int32(code));
                self.session.exit_code = Some(code);
                Err(Flow::Exit(code))
            }
            StmtKind::Break(label) => Err(Flow::Break(self.label(label.as_deref())?)),
            StmtKind::Continue(label) => Err(Flow::Continue(self.label(label.as_deref())?)),
            StmtKind::Chain(chain) => {
                self.run_pipeline(&chain.first, out)
                    .or_else(|flow| self.after_error(flow, chain.first.span))?;
                for (on_success, pipeline) in &chain.rest {
                    if self.succeeded == *on_success {
                        self.run_pipeline(pipeline, out)
                            .or_else(|flow| self.after_error(flow, pipeline.span))?;
                    }
                }
                Ok(())
            }
            StmtKind::Function(node) => {
                self.define_function(&node.name, Arc::clone(&node.block), node.filter, None);
                self.succeeded = true;
                Ok(())
            }
            StmtKind::Data { variable, body } => match variable {
                Some(name) => {
                    let items = self.capture(|machine, out| machine.run_body(body, out))?;
                    self.assign(self.scope, *name, collapse(items))
                }
                None => self.run_body(body, out),
            },
            StmtKind::Class(node) => self.define_class(node),
            StmtKind::Enum(node) => self.define_enum(node),
            StmtKind::Nothing | StmtKind::Broken => Ok(()),
        }
    }

    /// The value of a statement on the right of an assignment, in parentheses, or as a condition.
    pub(crate) fn statement_value(&mut self, statement: &Stmt) -> Run<Value> {
        match &statement.kind {
            StmtKind::Pipeline(pipeline) => match pipeline.elements.as_slice() {
                [super::node::Element::Expression { expr, redirections }]
                    if redirections.is_empty() && !pipeline.background =>
                {
                    let value = self.evaluate(expr)?;
                    if !matches!(
                        expr.kind,
                        ExprKind::Paren(_) | ExprKind::Sub(_) | ExprKind::ArrayOf(_)
                    ) {
                        self.succeeded = true;
                    }
                    Ok(value)
                }
                _ => {
                    Ok(collapse(self.capture(|machine, out| {
                        machine.run_pipeline(pipeline, out)
                    })?))
                }
            },
            StmtKind::Assign(assign) => {
                let value = self.run_assignment(assign)?;
                self.succeeded = true;
                Ok(value)
            }
            _ => Ok(collapse(self.capture(|machine, out| {
                machine.run_statement(statement, out)
            })?)),
        }
    }

    /// A condition. What goes wrong in it is placed there and not at the statement around it.
    fn holds(&mut self, condition: &Stmt) -> Run<bool> {
        let value = self.placed_value(condition)?;
        Ok(ops::truth(&value))
    }

    fn placed_value(&mut self, statement: &Stmt) -> Run<Value> {
        self.at = statement.span;
        let source = self.source.clone();
        self.statement_value(statement).map_err(|flow| {
            self.place(flow, || super::source::Position {
                source,
                extent: statement.span,
            })
        })
    }

    fn label(&mut self, label: Option<&super::node::Expr>) -> Run<Option<Text>> {
        match label {
            Some(expr) => {
                let value = self.evaluate(expr)?;
                let text = ops::text(self, &value)?;
                Ok((!text.is_empty()).then_some(text))
            }
            None => Ok(None),
        }
    }

    /// What leaving a loop's body means for the loop.
    fn turn(result: Run, label: Option<Symbol>) -> Run<Turn> {
        let mine = |name: &Option<Text>| match name {
            None => true,
            Some(name) => label.is_some_and(|label| equal_folded(label.name().as_str(), name)),
        };
        match result {
            Ok(()) => Ok(Turn::Next),
            Err(Flow::Break(name)) if mine(&name) => Ok(Turn::Leave),
            Err(Flow::Continue(name)) if mine(&name) => Ok(Turn::Next),
            Err(flow) => Err(flow),
        }
    }

    fn run_loop(&mut self, node: &LoopNode, out: &Out) -> Run {
        let mut first = node.after;
        loop {
            self.checkpoint()?;
            if !std::mem::take(&mut first)
                && let Some(condition) = &node.condition
                && self.holds(condition)? == node.until
            {
                return Ok(());
            }
            if let Turn::Leave = Self::turn(self.run_body(&node.body, out), node.label)? {
                return Ok(());
            }
        }
    }

    fn run_for(&mut self, node: &ForNode, out: &Out) -> Run {
        if let Some(first) = &node.first {
            self.at = first.span;
            self.run_step(first)?;
        }
        loop {
            self.checkpoint()?;
            if let Some(condition) = &node.condition
                && !self.holds(condition)?
            {
                return Ok(());
            }
            if let Turn::Leave = Self::turn(self.run_body(&node.body, out), node.label)? {
                return Ok(());
            }
            if let Some(step) = &node.step {
                self.at = step.span;
                self.run_step(step)?;
            }
        }
    }

    /// The first and third part of a `for`: what they write is dropped.
    fn run_step(&mut self, statement: &Stmt) -> Run {
        let source = self.source.clone();
        self.run_statement(statement, &Out::Null).map_err(|flow| {
            self.place(flow, || super::source::Position {
                source,
                extent: statement.span,
            })
        })
    }

    fn run_foreach(&mut self, node: &ForEachNode, out: &Out) -> Run {
        if let Some((from, to)) = self.range_of(&node.items)? {
            let step = if from <= to { 1 } else { -1 };
            let mut number = from;
            loop {
                self.checkpoint()?;
                self.set_variable(&node.variable, ops::range_item(number))?;
                if let Turn::Leave = Self::turn(self.run_body(&node.body, out), node.label)? {
                    return Ok(());
                }
                if number == to {
                    return Ok(());
                }
                number += step;
            }
        }
        let items = self.placed_value(&node.items)?;
        let list = match &items {
            Value::List(list) => Some((Arc::clone(list), list.changes())),
            _ => None,
        };
        let items = match items {
            Value::Null | Value::Nothing => return Ok(()),
            other => ops::items(&other).unwrap_or_else(|| vec![other]),
        };
        for item in items {
            self.checkpoint()?;
            if let Some((list, changes)) = &list
                && list.changes() != *changes
            {
                return Err(ops::collection_changed().into());
            }
            self.set_variable(&node.variable, item)?;
            if let Turn::Leave = Self::turn(self.run_body(&node.body, out), node.label)? {
                return Ok(());
            }
        }
        Ok(())
    }

    /// The bounds, if a statement is a range of integers: it need not be built then.
    pub(crate) fn range_of(&mut self, statement: &Stmt) -> Run<Option<(i64, i64)>> {
        let StmtKind::Pipeline(pipeline) = &statement.kind else {
            return Ok(None);
        };
        let [super::node::Element::Expression { expr, redirections }] =
            pipeline.elements.as_slice()
        else {
            return Ok(None);
        };
        if redirections.is_empty() {
            self.range_of_expr(expr)
        } else {
            Ok(None)
        }
    }

    fn run_switch(&mut self, node: &SwitchNode, out: &Out) -> Run {
        let subject = if node.file {
            let path = self.placed_value(&node.subject)?;
            let path = ops::text(self, &path)?;
            Value::array(self.lines_of_file(&path)?)
        } else {
            self.placed_value(&node.subject)?
        };
        let items = match &subject {
            Value::Nothing => return Ok(()),
            other => ops::items(other).unwrap_or_else(|| vec![other.clone()]),
        };
        let saved = self.set_local(known::underscore(), Value::Null);
        let result = self.run_switch_items(node, items, out);
        self.restore_local(known::underscore(), saved);
        result
    }

    fn run_switch_items(&mut self, node: &SwitchNode, items: Vec<Value>, out: &Out) -> Run {
        'items: for item in items {
            self.checkpoint()?;
            let mut matched = false;
            for (pattern, body) in &node.clauses {
                self.set_local(known::underscore(), item.clone());
                if !self.switch_matches(node, pattern, &item)? {
                    continue;
                }
                matched = true;
                self.set_local(known::underscore(), item.clone());
                match Self::switch_turn(self.run_body(body, out), node.label)? {
                    None => {}
                    Some(Turn::Next) => continue 'items,
                    Some(Turn::Leave) => return Ok(()),
                }
            }
            if !matched && let Some(default) = &node.default {
                self.set_local(known::underscore(), item.clone());
                if let Some(Turn::Leave) =
                    Self::switch_turn(self.run_body(default, out), node.label)?
                {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// `None`: the next clause; `Next`: the next item.
    fn switch_turn(result: Run, label: Option<Symbol>) -> Run<Option<Turn>> {
        match result {
            Ok(()) => Ok(None),
            result => Self::turn(result, label).map(Some),
        }
    }

    fn run_try(&mut self, node: &TryNode, out: &Out) -> Run {
        let guarded = std::mem::replace(&mut self.guarded, true);
        let scope: ScopeId = self.scope;
        let result = self.run_body(&node.body, out);
        self.guarded = guarded;
        self.scope = scope;
        let result = match result {
            Err(Flow::Error(failure)) => self.run_catch(node, failure, out),
            other => other,
        };
        let Some(finally) = &node.finally else {
            return result;
        };
        // `finally` also runs when the script was stopped, and then must not be stopped at once.
        let stopped = matches!(result, Err(Flow::Stopped));
        if stopped {
            self.finishing += 1;
        }
        let finished = self.run_body(finally, out);
        if stopped {
            self.finishing -= 1;
        }
        finished?;
        result
    }

    fn run_catch(&mut self, node: &TryNode, failure: Box<Failure>, out: &Out) -> Run {
        let here = self.here();
        let failure = failure.located(|error| self.record_at(error, here));
        let Some(record) = failure.made().cloned() else {
            return Err(Flow::Error(failure));
        };
        let Some(index) = self.matching(&node.catches, &record) else {
            return Err(Flow::Error(failure));
        };
        self.remember(&record);
        let value = Value::Clr(Arc::clone(&record) as Arc<dyn ClrLike>);
        let saved = self.set_local(known::underscore(), value);
        self.catching.push(record);
        let result = self.run_body(&node.catches[index].body, out);
        self.catching.pop();
        self.restore_local(known::underscore(), saved);
        result
    }

    /// The clause for an error: the nearest type of the exception, then of the exceptions inside it, then one without types.
    fn matching(&mut self, clauses: &[CatchNode], record: &ErrorRecord) -> Option<usize> {
        let mut exceptions: Vec<TypeRef> = Vec::new();
        exceptions.extend(record.exception.type_ref());
        let mut inner: Option<Arc<Exception>> = record
            .exception()
            .and_then(|exception| exception.inner.clone());
        while let Some(exception) = inner {
            exceptions.push(exception.ty.clone());
            inner = exception.inner.clone();
        }
        for exception in exceptions {
            let mut best: Option<(usize, usize)> = None;
            for (index, clause) in clauses.iter().enumerate() {
                for ty in &clause.types {
                    let Ok(ty) = self.resolve_type(ty) else {
                        continue;
                    };
                    if let Some(distance) = exception.chain().position(|candidate| candidate == ty)
                        && best.is_none_or(|(_, nearest)| distance < nearest)
                    {
                        best = Some((index, distance));
                    }
                }
            }
            if let Some((index, _)) = best {
                return Some(index);
            }
        }
        clauses.iter().position(|clause| clause.types.is_empty())
    }

    fn throw(&mut self, value: Option<&Stmt>, span: Extent) -> Flow {
        let value = match value.map(|value| self.statement_value(value)) {
            Some(Ok(value)) => value,
            Some(Err(flow)) => return flow,
            None => match self.catching.last() {
                Some(record) => return thrown(Failure::record(Arc::clone(record))),
                None => Value::Null,
            },
        };
        let position = super::source::Position {
            source: self.source.clone(),
            extent: span,
        };
        self.thrown_value(value, position)
    }

    /// The error that `throw $value` raises.
    pub(crate) fn thrown_value(&mut self, value: Value, position: super::source::Position) -> Flow {
        if let Value::Clr(object) = value.base() {
            if let Some(record) = Arc::clone(object).downcast_arc::<ErrorRecord>() {
                if record
                    .invocation_info
                    .read()
                    .unwrap_or_else(PoisonError::into_inner)
                    .is_null()
                {
                    let info = super::frame::InvocationInfo {
                        position: Some(position),
                        ..super::frame::InvocationInfo::default()
                    };
                    *record
                        .invocation_info
                        .write()
                        .unwrap_or_else(PoisonError::into_inner) = Value::clr(info);
                }
                return thrown(Failure::record(record));
            }
            if let Some(exception) = Arc::clone(object).downcast_arc::<Exception>() {
                if let Some(record) = exception.record.get().and_then(|record| match &**record {
                    Value::Clr(object) => Arc::clone(object).downcast_arc::<ErrorRecord>(),
                    _ => None,
                }) {
                    return thrown(Failure::record(record));
                }
                let error = crate::value::RaisedError {
                    fqid: exception.message().to_string().into(),
                    exception,
                    category: ErrorCategory::OperationStopped,
                    target: Value::Null,
                };
                return thrown(Failure::record(self.record_at(error, position)));
            }
        }
        if value.is_null() {
            let error = Raise::of(TypeId::RuntimeException, "ScriptHalted", "ScriptHalted")
                .category(ErrorCategory::OperationStopped);
            return self.thrown_raise(error, position);
        }
        if let Value::Object(object) = &value
            && object
                .class()
                .is_some_and(|class| class.is_assignable_to(&TypeRef::of(TypeId::Exception)))
        {
            let message = ops::get_member(self, &value, "Message")
                .ok()
                .map(|message| ops::plain_text(&message))
                .unwrap_or_default();
            let record =
                ErrorRecord::new(value, message, ErrorCategory::OperationStopped, Value::Null);
            let record = self.placed_record(record, position);
            return thrown(Failure::record(record));
        }
        let message = match ops::text(self, &value) {
            Ok(message) => message,
            Err(flow) => return flow,
        };
        let exception = Exception::new(TypeRef::of(TypeId::RuntimeException), message.clone())
            .detail("WasThrownFromThrowStatement", true);
        let error = Raise::from_exception(exception, message.to_string())
            .category(ErrorCategory::OperationStopped)
            .target(value);
        self.thrown_raise(error, position)
    }

    fn thrown_raise(&mut self, raise: Raise, position: super::source::Position) -> Flow {
        match self.place(raise.into(), || position) {
            Flow::Error(mut failure) => {
                failure.thrown = true;
                Flow::Error(failure)
            }
            other => other,
        }
    }
}

fn thrown(mut failure: Failure) -> Flow {
    failure.thrown = true;
    Flow::Error(Box::new(failure))
}
