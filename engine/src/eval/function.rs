//! Functions and script blocks as stages of a pipeline.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use super::binder::{Arg, Binding, Callee};
use super::block::Code;
use super::flow::{Flow, Run};
use super::frame::Frame;
use super::machine::{CallSite, Machine};
use super::meta::missing_value;
use super::node::{Block, Body};
use super::ops;
use super::out::Out;
use super::pipeline::StageInfo;
use super::records::{CommonParameters, Preference};
use super::scope::{Kept, ScopeId, Scopes, Variable};
use super::symbol::{Symbol, known};
use crate::command::Function;
use crate::value::{Hashtable, Text, Value};

/// A function, filter or script block that runs in a pipeline.
pub(crate) struct ScriptStage {
    block: Option<Arc<Block>>,
    kept: Option<Kept>,
    dot: bool,
    function: Option<Arc<Function>>,
    expects_input: bool,
    /// The scope that it runs in, and those to be closed with it.
    scope: ScopeId,
    opened: Vec<ScopeId>,
    binding: Option<Binding>,
    frame: Option<Arc<Frame>>,
    input: Vec<Value>,
    /// Values that stand in place of a block.
    values: Vec<Value>,
    /// What `.` replaced in the caller's scope.
    saved_frame: Option<Option<Arc<Frame>>>,
    /// Set where `-ErrorVariable` or the like was given.
    collects: Option<Arc<CommonParameters>>,
}

type Tee = Option<(Text, Rc<RefCell<Vec<Value>>>)>;

impl ScriptStage {
    pub(crate) fn new(
        block: Arc<Block>,
        kept: Option<Kept>,
        dot: bool,
        function: Option<Arc<Function>>,
        expects_input: bool,
    ) -> Self {
        Self {
            block: Some(block),
            kept,
            dot,
            function,
            expects_input,
            scope: Scopes::GLOBAL,
            opened: Vec::new(),
            binding: None,
            frame: None,
            input: Vec::new(),
            values: Vec::new(),
            saved_frame: None,
            collects: None,
        }
    }

    /// Values instead of a command.
    pub(crate) fn values(values: Vec<Value>) -> Self {
        Self {
            block: None,
            kept: None,
            dot: true,
            function: None,
            expects_input: false,
            scope: Scopes::GLOBAL,
            opened: Vec::new(),
            binding: None,
            frame: None,
            input: Vec::new(),
            values,
            saved_frame: None,
            collects: None,
        }
    }

    pub(crate) fn begin(
        &mut self,
        machine: &mut Machine<'_>,
        callee: &Callee,
        args: Vec<Arg>,
        out: &mut Out,
        tee: &mut Tee,
    ) -> Run {
        let Some(block) = self.block.clone() else {
            return Ok(());
        };
        self.open_scopes(machine);
        let meta = machine.meta_of(&block)?;
        let (caller, source) = (machine.scope, machine.source.clone());
        machine.scope = self.scope;
        let bound = machine.bind(&meta, callee, args, self.expects_input);
        machine.scope = caller;
        machine.source = source;
        let mut binding = bound?;
        super::pipeline::common_out(machine, &binding.common, out, tee);
        self.collects = binding
            .common
            .collects()
            .then(|| Arc::new(binding.common.clone()));
        let frame = Arc::new(Frame {
            rest: std::sync::RwLock::new(std::mem::take(&mut binding.rest)),
            bound: Arc::new(Hashtable::new()),
            invocation: Arc::clone(&callee.invocation),
            ..Frame::default()
        });
        if meta.advanced {
            let object = super::cmdlet_object::CmdletObject::new(callee, &binding);
            let _ = frame.cmdlet.set(Value::clr(object));
        }
        let scope = machine.session.scopes.get_mut(self.scope);
        let old = scope.frame.replace(Arc::clone(&frame));
        if self.dot && self.opened.is_empty() {
            self.saved_frame = Some(old);
        }
        self.frame = Some(frame);
        let begin = block.begin.as_ref();
        let result = self.within(machine, callee, |stage, machine| {
            stage.set_preferences(machine, &binding);
            stage.set_parameters(machine, &block, &binding)?;
            match begin {
                Some(body) => machine.run_part(body, out),
                None => Ok(()),
            }
        });
        self.binding = Some(binding);
        result
    }

    fn open_scopes(&mut self, machine: &mut Machine<'_>) {
        let mut parent = machine.scope;
        if let Some(kept) = &self.kept {
            let scope = machine.session.scopes.open(parent);
            let own = machine.session.scopes.get_mut(scope);
            own.kept = Some(Arc::clone(kept));
            own.is_script = true;
            self.opened.push(scope);
            parent = scope;
        }
        if !self.dot {
            let scope = machine.session.scopes.open(parent);
            self.opened.push(scope);
            parent = scope;
        }
        // A script file is what `$script:` means to all that it calls, and it knows where it lies.
        if self.function.is_none()
            && let Some(block) = &self.block
            && let Some(file) = block.source.file()
            && block.inner.start == 0
        {
            let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
            let own = machine.session.scopes.get_mut(parent);
            own.is_script |= !self.dot;
            own.set(known::command_path(), file.into());
            own.set(known::script_root(), folder.into());
        }
        self.scope = parent;
    }

    /// `-ErrorAction` and the like hold for everything that the function calls.
    fn set_preferences(&self, machine: &mut Machine<'_>, binding: &Binding) {
        let common = &binding.common;
        let flag = |flag: Option<bool>| {
            flag.map(|on| {
                if on {
                    Preference::Continue
                } else {
                    Preference::SilentlyContinue
                }
            })
        };
        let table = [
            (known::error_action(), common.error_action),
            (known::warning(), common.warning_action),
            (known::information(), common.information_action),
            (known::progress(), common.progress_action),
            (known::verbose(), flag(common.verbose)),
            (known::debug(), flag(common.debug)),
        ];
        for (name, preference) in table {
            if let Some(preference) = preference {
                machine.set_local(name, preference.value());
            }
        }
        if let Some(on) = common.what_if {
            machine.set_local(known::what_if(), Value::Bool(on));
        }
    }

    fn set_parameters(
        &mut self,
        machine: &mut Machine<'_>,
        block: &Arc<Block>,
        binding: &Binding,
    ) -> Run {
        let Some(frame) = self.frame.clone() else {
            return Ok(());
        };
        for (index, parameter) in binding.meta.parameters.iter().enumerate() {
            let value = match &binding.values[index] {
                Some(value) => {
                    let value = if parameter.is_switch {
                        ops::switch(ops::truth(value))
                    } else {
                        value.clone()
                    };
                    frame
                        .bound
                        .insert(Value::String(parameter.name.clone()), value.clone());
                    value
                }
                None => self.default_value(machine, block, index, parameter)?,
            };
            set_parameter(machine, parameter, value);
        }
        Ok(())
    }

    fn default_value(
        &self,
        machine: &mut Machine<'_>,
        block: &Arc<Block>,
        index: usize,
        parameter: &super::meta::ParameterMeta,
    ) -> Run<Value> {
        let Some(node) = block.parameters.get(index) else {
            return Ok(Value::Null);
        };
        let Some(default) = &node.default else {
            return Ok(if parameter.is_switch {
                ops::switch(false)
            } else {
                missing_value(parameter.ty.as_ref())
            });
        };
        let source = std::mem::replace(&mut machine.source, block.source.clone());
        let value = machine.evaluate(default);
        machine.source = source;
        let value = super::expression::plain(value?);
        if parameter.is_switch {
            return Ok(ops::switch(ops::truth(&value)));
        }
        match &parameter.ty {
            Some(ty) => ops::cast(machine, &value, ty).map_err(|raise| {
                machine.default_error(&parameter.name, raise, block.position(default.span))
            }),
            None => Ok(value),
        }
    }

    pub(crate) fn process(
        &mut self,
        machine: &mut Machine<'_>,
        callee: &Callee,
        info: &StageInfo,
        object: Option<Value>,
        out: &Out,
    ) -> Run {
        let Some(block) = self.block.clone() else {
            return std::mem::take(&mut self.values)
                .into_iter()
                .try_for_each(|value| machine.write_enumerated(out, value));
        };
        if let Some(object) = &object
            && let Some(mut binding) = self.binding.take()
        {
            let result = self.bind_object(machine, &block, callee, info, &mut binding, object);
            self.binding = Some(binding);
            if !result? {
                return Ok(());
            }
        }
        match (&block.process, object) {
            (Some(body), Some(object)) => {
                machine
                    .session
                    .scopes
                    .get_mut(self.scope)
                    .set(known::underscore(), object.clone());
                if let Some(frame) = &self.frame {
                    frame.set_input(vec![object]);
                }
                self.within(machine, callee, |_, machine| machine.run_part(body, out))
            }
            (Some(body), None) => {
                self.within(machine, callee, |_, machine| machine.run_part(body, out))
            }
            (None, Some(object)) => {
                self.input.push(object);
                if self.input.len() & 0xfff == 0 {
                    machine.charge_bytes(0x1000 * size_of::<Value>())?;
                }
                Ok(())
            }
            (None, None) => Ok(()),
        }
    }

    /// Binds a pipeline object to the parameters of an advanced function. False: it was reported instead.
    fn bind_object(
        &mut self,
        machine: &mut Machine<'_>,
        block: &Arc<Block>,
        callee: &Callee,
        info: &StageInfo,
        binding: &mut Binding,
        object: &Value,
    ) -> Run<bool> {
        if !binding.meta.advanced {
            return Ok(true);
        }
        let caller = std::mem::replace(&mut machine.scope, self.scope);
        let bound = machine.bind_pipeline(binding, callee, object);
        machine.scope = caller;
        let record = match bound {
            Ok(true) => {
                if let Some(frame) = &self.frame {
                    for (index, parameter) in binding.meta.parameters.iter().enumerate() {
                        if binding.values[index].is_none() {
                            frame.bound.remove(&Value::String(parameter.name.clone()));
                        }
                    }
                }
                let caller = std::mem::replace(&mut machine.scope, self.scope);
                let set = self.set_parameters(machine, block, binding);
                machine.scope = caller;
                set?;
                return Ok(true);
            }
            Ok(false) => machine.unbound_input(callee, object),
            Err(Flow::Error(failure)) => machine.locate_in_command(failure, info),
            Err(other) => return Err(other),
        };
        info.failed.set(true);
        machine.write_error(record, &binding.common, Some(info))?;
        Ok(false)
    }

    pub(crate) fn end(&mut self, machine: &mut Machine<'_>, out: &Out) -> Run {
        let Some(block) = self.block.clone() else {
            return Ok(());
        };
        let input = std::mem::take(&mut self.input);
        if let Some(frame) = &self.frame {
            frame.set_input(input);
        }
        let Some(callee) = self.callee() else {
            return Ok(());
        };
        let mut result = match &block.end {
            Some(body) => self.within(machine, &callee, |_, machine| machine.run_part(body, out)),
            None => Ok(()),
        };
        if let Some(body) = &block.clean {
            result = result.and(self.within(machine, &callee, |_, machine| {
                machine.run_part(body, &Out::Null)
            }));
        }
        result
    }

    fn callee(&self) -> Option<Callee> {
        let frame = self.frame.as_ref()?;
        let name = self
            .function
            .as_ref()
            .map_or_else(Text::default, |function| function.name.clone());
        Some(Callee {
            id: name.clone(),
            name,
            position: frame.invocation.position.clone(),
            invocation: Arc::clone(&frame.invocation),
        })
    }

    /// Runs a part of the block where its variables live.
    fn within(
        &mut self,
        machine: &mut Machine<'_>,
        callee: &Callee,
        run: impl FnOnce(&mut Self, &mut Machine<'_>) -> Run,
    ) -> Run {
        let Some(block) = self.block.clone() else {
            return Ok(());
        };
        let scope = std::mem::replace(&mut machine.scope, self.scope);
        let source = std::mem::replace(&mut machine.source, block.source.clone());
        let at = machine.at;
        let name = match &self.function {
            Some(function) => function.name.clone(),
            None => "<ScriptBlock>".into(),
        };
        let calls = machine.calls.len();
        let is_call = self.function.is_some() || callee.position.is_some();
        if is_call {
            machine.calls.push(CallSite {
                name,
                called_from: callee.position.clone(),
                file: block.source.file().map(Text::from),
            });
        }
        let collecting = machine.collecting.len();
        machine.collecting.extend(self.collects.clone());
        let result = machine.deeper(|machine| run(self, machine));
        machine.collecting.truncate(collecting);
        machine.calls.truncate(calls);
        machine.scope = scope;
        machine.source = source;
        machine.at = at;
        match result {
            Err(Flow::Return) => Ok(()),
            other => other,
        }
    }

    pub(crate) fn close(&mut self, machine: &mut Machine<'_>) {
        if let Some(frame) = self.saved_frame.take() {
            machine.session.scopes.get_mut(self.scope).frame = frame;
        }
        while let Some(scope) = self.opened.pop() {
            drop(machine.session.scopes.close(scope));
        }
    }
}

fn set_parameter(machine: &mut Machine<'_>, parameter: &super::meta::ParameterMeta, value: Value) {
    let checks = (!parameter.checks.is_empty()).then(|| Arc::clone(&parameter.variable_checks));
    let scope = machine.scope;
    let variable = Variable {
        value,
        checks,
        ..Variable::default()
    };
    drop(
        machine
            .session
            .scopes
            .get_mut(scope)
            .insert(parameter.symbol, variable),
    );
}

impl Machine<'_> {
    /// Runs one of the blocks of a script block; `return` ends it.
    fn run_part(&mut self, body: &Body, out: &Out) -> Run {
        match self.run_body(body, out) {
            Err(Flow::Return) => Ok(()),
            other => other,
        }
    }

    /// Defines a function in the current scope, or where its name says.
    pub(crate) fn define_function(
        &mut self,
        name: &str,
        block: Arc<Block>,
        filter: bool,
        kept: Option<Kept>,
    ) {
        let (scope, name) = match name.split_once(':') {
            Some((place, rest)) => match place.to_ascii_lowercase().as_str() {
                "global" => (Scopes::GLOBAL, rest),
                "script" => (self.session.scopes.script(self.scope), rest),
                _ => (self.scope, rest),
            },
            None => (self.scope, name),
        };
        // A function that a closure or module defines lives in the same variables.
        let kept = kept.or_else(|| {
            self.session
                .scopes
                .chain(scope)
                .find_map(|id| self.session.scopes.get(id).kept.clone())
        });
        let function = Function {
            name: name.into(),
            block,
            filter,
            options: super::scope::Options::NONE,
            description: None,
            kept,
        };
        self.session
            .scopes
            .get_mut(scope)
            .functions
            .insert(Symbol::of(name), Arc::new(function));
    }

    /// Runs a script block in the current scope with `$_` set.
    pub(crate) fn run_inline(
        &mut self,
        block: &Arc<crate::value::ScriptBlock>,
        underscore: Option<Value>,
        arguments: &[Value],
        out: &Out,
    ) -> Run {
        let code = self.code_of(block)?;
        if code.kept.is_some() || !arguments.is_empty() || !code.block.parameters.is_empty() {
            return self.call_code(&code, arguments, underscore.as_ref(), None, out);
        }
        let saved = underscore.map(|value| self.set_local(known::underscore(), value));
        let source = std::mem::replace(&mut self.source, code.block.source.clone());
        let at = self.at;
        let result = self.deeper(|machine| {
            for body in [&code.block.begin, &code.block.process, &code.block.end]
                .into_iter()
                .flatten()
            {
                machine.run_part(body, out)?;
            }
            Ok(())
        });
        self.source = source;
        self.at = at;
        if let Some(saved) = saved {
            self.restore_local(known::underscore(), saved);
        }
        result
    }

    /// What a script block writes when it runs in the current scope with `$_` set.
    pub(crate) fn value_of_inline(
        &mut self,
        block: &Arc<crate::value::ScriptBlock>,
        underscore: Option<Value>,
        arguments: &[Value],
    ) -> Run<Value> {
        Ok(super::out::collapse(self.capture(|machine, out| {
            machine.run_inline(block, underscore, arguments, out)
        })?))
    }

    /// What a script block writes when it is called in a scope of its own.
    pub(crate) fn call_for_value(
        &mut self,
        block: &Arc<crate::value::ScriptBlock>,
        arguments: &[Value],
        underscore: Option<&Value>,
        this: Option<&Value>,
    ) -> Run<Value> {
        let code = self.code_of(block)?;
        Ok(super::out::collapse(self.capture(|machine, out| {
            machine.call_code(&code, arguments, underscore, this, out)
        })?))
    }

    /// Calls a block in a scope of its own with positional arguments.
    pub(crate) fn call_code(
        &mut self,
        code: &Code,
        arguments: &[Value],
        underscore: Option<&Value>,
        this: Option<&Value>,
        out: &Out,
    ) -> Run {
        let mut stage = ScriptStage::new(
            Arc::clone(&code.block),
            code.kept.clone(),
            false,
            None,
            false,
        );
        let args = arguments
            .iter()
            .map(|value| Arg::Value {
                value: value.clone(),
                position: None,
                raw: None,
            })
            .collect();
        let invocation = Arc::new(super::frame::InvocationInfo {
            position: Some(self.here()),
            ..super::frame::InvocationInfo::default()
        });
        let callee = Callee {
            name: Text::default(),
            id: Text::default(),
            position: None,
            invocation,
        };
        let saved = self.scope;
        let outer = self.session.scopes.open(saved);
        {
            let scope = self.session.scopes.get_mut(outer);
            if let Some(underscore) = underscore {
                scope.set(known::underscore(), underscore.clone());
            }
            if let Some(this) = this {
                scope.set(known::this(), this.clone());
            }
        }
        self.scope = outer;
        let (mut out, mut tee) = (out.clone(), None);
        let result = stage
            .begin(self, &callee, args, &mut out, &mut tee)
            .and_then(|()| {
                if let Some(body) = &code.block.process {
                    stage.within(self, &callee, |_, machine| machine.run_part(body, &out))?;
                }
                stage.end(self, &out)
            });
        stage.close(self);
        self.scope = saved;
        drop(self.session.scopes.close(outer));
        result
    }
}
