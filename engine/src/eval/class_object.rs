//! Objects of scripts' classes: constructors, methods and which of them an argument list means.

use std::sync::Arc;

use super::class::{self, ScriptClass};
use super::flow::{Flow, Run};
use super::frame::Frame;
use super::machine::{CallSite, Machine};
use super::meta::ParameterMeta;
use super::node::{Block, MethodNode};
use super::ops;
use super::scope::{ScopeId, Variable};
use super::symbol::known;
use crate::value::{
    Members, PsObj, Raise, Shape, Text, TypeId, TypeRef, Value, convert, equal_folded, statics,
};

/// A class on the way to a new object, with what its constructor got.
struct Step {
    class: TypeRef,
    /// The constructor by its place among the methods; none was declared otherwise.
    constructor: Option<usize>,
    arguments: Vec<Value>,
}

impl Machine<'_> {
    /// `[Class]::new(…)`: chooses the constructors up to the base class, then runs them from there down.
    pub(crate) fn construct_class(&mut self, ty: &TypeRef, arguments: &[Value]) -> Run<Value> {
        let mut steps = Vec::new();
        let mut next = (ty.clone(), arguments.to_vec());
        let base = loop {
            let (ty, arguments) = next;
            let Some(class) = class::of(&ty) else {
                break if ty.is(TypeId::Object) {
                    Value::Null
                } else {
                    statics::construct(&ty, &arguments, self)?
                };
            };
            self.initialize_statics(&ty)?;
            let is_constructor = |method: &MethodNode| method.is_constructor && !method.is_static;
            let (constructor, arguments) = if class.node.methods.iter().any(is_constructor) {
                let (index, converted) = self
                    .overload(class, &is_constructor, &arguments)?
                    .ok_or_else(|| no_overload("new", arguments.len()))?;
                (Some(index), converted)
            } else if arguments.is_empty() {
                (None, arguments)
            } else {
                return Err(no_overload("new", arguments.len()).into());
            };
            let given = constructor.and_then(|index| {
                let method = &class.node.methods[index];
                let arguments = method.base_arguments.as_ref()?;
                Some((method, arguments))
            });
            let base_arguments = match given {
                Some((method, exprs)) => {
                    let scope = self.open_method(&method.block, None, &arguments)?;
                    let caller = std::mem::replace(&mut self.scope, scope);
                    let source = std::mem::replace(&mut self.source, class.node.source.clone());
                    let values: Run<Vec<Value>> = exprs
                        .iter()
                        .map(|expr| Ok(super::expression::plain(self.evaluate(expr)?)))
                        .collect();
                    self.source = source;
                    self.scope = caller;
                    drop(self.session.scopes.close(scope));
                    values?
                }
                None => Vec::new(),
            };
            let parent = class.base_type().clone();
            steps.push(Step {
                class: ty.clone(),
                constructor,
                arguments,
            });
            next = (parent, base_arguments);
        };
        let mut fields = Members::default();
        for step in &steps {
            for field in class::of(&step.class)
                .iter()
                .flat_map(|class| &class.fields)
            {
                if !field.is_static && fields.get(&field.name).is_none() {
                    fields.set_note(field.name.to_name(), unset(field.ty.as_ref()));
                }
            }
        }
        let object = Value::Object(Arc::new(PsObj::instance(ty.clone(), base, fields)));
        for step in steps.iter().rev() {
            let Some(class) = class::of(&step.class) else {
                continue;
            };
            self.initialize_fields(class, &object)?;
            if let Some(index) = step.constructor {
                let method = &class.node.methods[index];
                self.run_method(class, method, Some(&object), &step.arguments)?;
            }
        }
        Ok(object)
    }

    fn initialize_fields(&mut self, class: &ScriptClass, object: &Value) -> Run {
        for field in class.fields.iter().filter(|field| !field.is_static) {
            let Some(default) = &class.declaration(field).default else {
                continue;
            };
            let value = self.field_default(class, default, Some(object))?;
            let value = match &field.ty {
                Some(ty) => ops::cast(self, &value, ty)?,
                None => value,
            };
            if let Some(extended) = object.extended() {
                extended.members_mut().set_note(field.name.to_name(), value);
            }
        }
        Ok(())
    }

    fn field_default(
        &mut self,
        class: &ScriptClass,
        default: &super::node::Expr,
        this: Option<&Value>,
    ) -> Run<Value> {
        let scope = self.session.scopes.open(self.scope);
        if let Some(this) = this {
            self.session
                .scopes
                .get_mut(scope)
                .set(known::this(), this.clone());
        }
        let caller = std::mem::replace(&mut self.scope, scope);
        let source = std::mem::replace(&mut self.source, class.node.source.clone());
        let value = self.evaluate(default);
        self.source = source;
        self.scope = caller;
        drop(self.session.scopes.close(scope));
        Ok(super::expression::plain(value?))
    }

    /// Gives static properties their values and runs the static constructor, once.
    pub(crate) fn initialize_statics(&mut self, ty: &TypeRef) -> Run {
        let Some(class) = class::of(ty) else {
            return Ok(());
        };
        if !class.begin_statics() {
            return Ok(());
        }
        for field in class.fields.iter().filter(|field| field.is_static) {
            let value = match &class.declaration(field).default {
                Some(default) => {
                    let value = self.field_default(class, default, None)?;
                    match &field.ty {
                        Some(ty) => ops::cast(self, &value, ty)?,
                        None => value,
                    }
                }
                None => unset(field.ty.as_ref()),
            };
            class.set_static_value(&field.name, value);
        }
        let constructor = class
            .node
            .methods
            .iter()
            .find(|method| method.is_constructor && method.is_static);
        if let Some(constructor) = constructor {
            self.run_method(class, constructor, None, &[])?;
        }
        Ok(())
    }

    /// Calls a method of the class or of its bases; `None` if there is none of that name. Operators are static and
    /// are called through an object as well.
    pub(crate) fn class_method(
        &mut self,
        ty: &TypeRef,
        this: Option<&Value>,
        name: &str,
        arguments: &[Value],
    ) -> Option<Run<Value>> {
        let wants_static = this.is_none() || name.starts_with("op_");
        let mut found = false;
        for ty in ty.chain() {
            let Some(class) = class::of(&ty) else {
                break;
            };
            let named = |method: &MethodNode| {
                !method.is_constructor
                    && method.is_static == wants_static
                    && equal_folded(&method.name, name)
            };
            if !class.node.methods.iter().any(named) {
                continue;
            }
            found = true;
            match self.overload(class, &named, arguments) {
                Ok(Some((index, converted))) => {
                    if wants_static && let Err(flow) = self.initialize_statics(&ty) {
                        return Some(Err(flow));
                    }
                    let method = &class.node.methods[index];
                    let this = if wants_static { None } else { this };
                    return Some(self.run_method(class, method, this, &converted));
                }
                Ok(None) => {}
                Err(flow) => return Some(Err(flow)),
            }
        }
        found.then(|| Err(no_overload(name, arguments.len()).into()))
    }

    /// The overload that fits the arguments best, and the arguments as its parameters take them.
    fn overload(
        &mut self,
        class: &ScriptClass,
        wanted: &dyn Fn(&MethodNode) -> bool,
        arguments: &[Value],
    ) -> Run<Option<(usize, Vec<Value>)>> {
        let mut best: Option<(u32, usize, Vec<Value>)> = None;
        for (index, method) in class.node.methods.iter().enumerate() {
            if !wanted(method) || method.block.parameters.len() != arguments.len() {
                continue;
            }
            let meta = self.meta_of(&method.block)?;
            let mut distance = 0_u32;
            let mut converted = Vec::with_capacity(arguments.len());
            for (parameter, value) in meta.parameters.iter().zip(arguments) {
                let Some((far, value)) = self.fits(parameter, value)? else {
                    break;
                };
                distance = distance.saturating_add(far);
                converted.push(value);
            }
            if converted.len() == arguments.len()
                && best
                    .as_ref()
                    .is_none_or(|(nearest, _, _)| distance < *nearest)
            {
                best = Some((distance, index, converted));
            }
        }
        Ok(best.map(|(_, index, converted)| (index, converted)))
    }

    /// How far a value is from what a parameter takes, and the value as it takes it.
    fn fits(&mut self, parameter: &ParameterMeta, value: &Value) -> Run<Option<(u32, Value)>> {
        let Some(ty) = parameter.ty.as_ref().filter(|ty| !ty.is(TypeId::Object)) else {
            return Ok(Some((if value.is_null() { 1 } else { 8 }, value.clone())));
        };
        if value.is_null() {
            let far = if matches!(ty.shape(), Shape::Struct | Shape::Enum) {
                16
            } else {
                2
            };
            return Ok(ops::cast(self, value, ty).ok().map(|value| (far, value)));
        }
        if let Some(own) = value.type_ref()
            && own == *ty
        {
            return Ok(Some((0, value.clone())));
        }
        if convert::is_instance(value, ty) {
            return Ok(Some((1, value.clone())));
        }
        match ops::cast(self, value, ty) {
            Ok(converted) => Ok(Some((16, converted))),
            Err(Raise::Error(_)) => Ok(None),
            Err(other) => Err(other.into()),
        }
    }

    /// Runs a method with arguments that fit. What it writes is dropped; what it returns is its value.
    fn run_method(
        &mut self,
        class: &ScriptClass,
        method: &MethodNode,
        this: Option<&Value>,
        arguments: &[Value],
    ) -> Run<Value> {
        let scope = self.open_method(&method.block, this, arguments)?;
        let called_from = Some(self.here());
        let caller = std::mem::replace(&mut self.scope, scope);
        let source = std::mem::replace(&mut self.source, class.node.source.clone());
        let at = self.at;
        let returned = self.returned.take();
        // An error in a method ends the method, whoever called it.
        let guarded = std::mem::replace(&mut self.guarded, true);
        self.calls.push(CallSite {
            name: method.name.clone(),
            called_from,
            file: class.node.source.file().map(Text::from),
        });
        let block = &method.block;
        let result = self.deeper(|machine| {
            for body in [&block.begin, &block.process, &block.end]
                .into_iter()
                .flatten()
            {
                machine.run_body(body, &super::out::Out::Null)?;
            }
            Ok(())
        });
        self.calls.pop();
        self.guarded = guarded;
        let value = std::mem::replace(&mut self.returned, returned);
        self.at = at;
        self.source = source;
        self.scope = caller;
        drop(self.session.scopes.close(scope));
        match result {
            Ok(()) | Err(Flow::Return) => {}
            Err(flow) => return Err(flow),
        }
        let Some(node) = &method.returns else {
            return Ok(Value::Nothing);
        };
        let ty = self.resolve_type(node)?;
        if ty.is(TypeId::Void) {
            return Ok(Value::Nothing);
        }
        let value = super::expression::plain(value.unwrap_or_default());
        Ok(ops::cast(self, &value, &ty)?)
    }

    /// A scope with the parameters of a method and `$this`.
    fn open_method(
        &mut self,
        block: &Arc<Block>,
        this: Option<&Value>,
        arguments: &[Value],
    ) -> Run<ScopeId> {
        let meta = self.meta_of(block)?;
        let id = self.session.scopes.open(self.scope);
        let scope = self.session.scopes.get_mut(id);
        scope.frame = Some(Arc::new(Frame::default()));
        if let Some(this) = this {
            scope.set(known::this(), this.clone());
        }
        for (parameter, value) in meta.parameters.iter().zip(arguments) {
            let checks =
                (!parameter.checks.is_empty()).then(|| Arc::clone(&parameter.variable_checks));
            let variable = Variable {
                value: value.clone(),
                checks,
                ..Variable::default()
            };
            drop(scope.insert(parameter.symbol, variable));
        }
        Ok(id)
    }
}

/// What a property holds before anything was assigned: texts are null here, unlike in parameters.
fn unset(ty: Option<&TypeRef>) -> Value {
    match ty {
        Some(ty) if ty.is(TypeId::String) => Value::Null,
        Some(ty) => ops::default_of(ty),
        None => Value::Null,
    }
}

fn no_overload(name: &str, count: usize) -> Raise {
    Raise::of(
        TypeId::MethodException,
        format!("Cannot find an overload for \"{name}\" and the argument count: \"{count}\"."),
        "MethodCountCouldNotFindBest",
    )
}
