//! From arguments to parameters, in PowerShell's order.

mod argument;
mod failure;
mod named;
mod parameter_set;
mod pipeline_input;
mod positional;

use std::sync::Arc;

use crate::eval::flow::Run;
use crate::eval::frame::InvocationInfo;
use crate::eval::machine::Machine;
use crate::eval::meta::CommandMeta;
use crate::eval::records::CommonParameters;
use crate::eval::source::Position;
use crate::value::{Text, Value};
use argument::fits;
use named::Found;

/// An argument as evaluated, not yet bound.
#[derive(Clone, Debug)]
pub(crate) enum Arg {
    Value {
        value: Value,
        position: Option<Position>,
        raw: Option<Text>,
    },
    /// `-Name` or `-Name:value`.
    Parameter {
        name: Text,
        value: Option<Value>,
        colon: bool,
        position: Option<Position>,
        value_position: Option<Position>,
        splatted: bool,
    },
    /// `--`
    EndOfParameters,
}

/// Whom the arguments are for, in the words of error records.
#[derive(Clone, Debug)]
pub(crate) struct Callee {
    pub(crate) name: Text,
    /// What stands behind error ids.
    pub(crate) id: Text,
    pub(crate) position: Option<Position>,
    pub(crate) invocation: Arc<InvocationInfo>,
}

/// The state of binding of one running command.
#[derive(Debug)]
pub(crate) struct Binding {
    pub(crate) meta: Arc<CommandMeta>,
    pub(crate) values: Vec<Option<Value>>,
    /// Which were bound from the current pipeline object.
    from_pipeline: Vec<usize>,
    /// The sets that are still possible.
    pub(crate) mask: u64,
    mask_before_pipeline: u64,
    /// Script blocks for parameters that take pipeline input: each object gets the block's value for it.
    delayed: Vec<(usize, Arc<crate::value::ScriptBlock>)>,
    /// While arguments are bound that may be such blocks.
    delays: bool,
    pub(crate) rest: Vec<Value>,
    pub(crate) common: CommonParameters,
}

impl Machine<'_> {
    /// Binds everything but what comes down the pipeline.
    pub(crate) fn bind(
        &mut self,
        meta: &Arc<CommandMeta>,
        callee: &Callee,
        args: Vec<Arg>,
        expects_input: bool,
    ) -> Run<Binding> {
        let mut binding = Binding {
            values: vec![None; meta.parameters.len()],
            from_pipeline: Vec::new(),
            mask: meta.all_sets(),
            mask_before_pipeline: 0,
            delayed: Vec::new(),
            delays: expects_input && meta.advanced,
            rest: Vec::new(),
            common: CommonParameters::default(),
            meta: Arc::clone(meta),
        };
        let unbound = self.bind_named(&mut binding, callee, args)?;
        let unbound = self.bind_positional(&mut binding, callee, unbound)?;
        binding.delays = false;
        if meta.advanced {
            self.bind_defaults(&mut binding, callee)?;
        }
        self.bind_remaining(&mut binding, callee, unbound)?;
        self.choose_set(&mut binding, callee, expects_input)?;
        self.require_mandatory(&binding, callee, expects_input)?;
        binding.mask_before_pipeline = binding.mask;
        Ok(binding)
    }
}

impl Binding {
    /// The name of the chosen set, or what PowerShell says where there are none.
    pub(crate) fn set_name(&self) -> Text {
        self.meta
            .set_name(self.mask)
            .cloned()
            .unwrap_or_else(|| "__AllParameterSets".into())
    }
}
