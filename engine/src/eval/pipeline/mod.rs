//! Pipelines: every stage pushes into the next, and whoever has enough says so.

mod drive;
mod plan;
mod redirection;
mod running;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use crate::command::{Bound, Command, CommandSpec};
use crate::eval::binder::{Arg, Binding, Callee};
use crate::eval::flow::{Flow, Run};
use crate::eval::frame::InvocationInfo;
use crate::eval::function::ScriptStage;
use crate::eval::lookup::Resolved;
use crate::eval::machine::Machine;
use crate::eval::native::NativeStage;
use crate::eval::node::{Element, Expr, ExprKind, PipelineNode};
use crate::eval::ops;
use crate::eval::out::{Out, Streams};
use crate::eval::scope::ScopeId;
use crate::eval::source::Position;
use crate::value::{Text, Value};
use drive::refresh;

pub(super) use plan::common_out;

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
}
