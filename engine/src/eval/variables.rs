//! Reading and setting variables of every kind.

use std::sync::Arc;

use super::check::Check;
use super::flow::{Flow, Run};
use super::machine::Machine;
use super::node::{Place, VariableNode};
use super::ops;
use super::scope::{Options, ScopeId, Scopes, Variable};
use super::symbol::{Symbol, known};
use crate::value::{ErrorCategory, Raise, Text, TypeId, Value};

impl Machine<'_> {
    /// The value of a variable, looked for from the current scope outward.
    pub(crate) fn lookup(&self, name: Symbol) -> Option<Value> {
        let scopes = &self.session.scopes;
        let mut next = Some(self.scope);
        while let Some(id) = next {
            let scope = scopes.get(id);
            if let Some(found) = scope
                .with(name, |variable| {
                    (id == self.scope || !variable.options.has(Options::PRIVATE))
                        .then(|| variable.value.clone())
                })
                .flatten()
            {
                return Some(found);
            }
            if let Some(value) = self.of_frame(id, name) {
                return Some(value);
            }
            next = scope.parent;
        }
        self.automatic(name)
    }

    /// What a scope's call answers without a variable being there.
    fn of_frame(&self, id: ScopeId, name: Symbol) -> Option<Value> {
        let frame = self.session.scopes.get(id).frame.as_ref()?;
        if name > known::last_of_frames() {
            return None;
        }
        if name == known::args() {
            return Some(Value::array(frame.rest()));
        }
        if name == known::bound() {
            return Some(Value::Hash(Arc::clone(&frame.bound)));
        }
        if name == known::my_invocation() {
            return Some(Value::Clr(
                Arc::clone(&frame.invocation) as Arc<dyn crate::value::ClrLike>
            ));
        }
        if name == known::input() {
            return Some(ops::enumerator(frame.input()));
        }
        if name == known::cmdlet() {
            return frame.cmdlet.get().cloned();
        }
        None
    }

    fn automatic(&self, name: Symbol) -> Option<Value> {
        if name == known::question() {
            return Some(Value::Bool(self.succeeded));
        }
        if name == known::location() {
            return Some(super::engine_objects::path_info(&self.session.location));
        }
        if name == known::args() || name == known::input() {
            return Some(Value::array(Vec::new()));
        }
        if name == known::script_root() || name == known::command_path() {
            return Some("".into());
        }
        if name == known::my_invocation() {
            let info = super::frame::InvocationInfo {
                position: Some(self.here()),
                ..super::frame::InvocationInfo::default()
            };
            return Some(Value::clr(info));
        }
        None
    }

    pub(crate) fn read_variable(&mut self, node: &VariableNode) -> Run<Value> {
        let found = match &node.place {
            Place::Any => {
                if node.name == known::question() {
                    return Ok(Value::Bool(self.succeeded));
                }
                self.lookup(node.name)
            }
            Place::Global => self.in_scope(Scopes::GLOBAL, node.name),
            Place::Script => self.in_scope(self.session.scopes.script(self.scope), node.name),
            Place::Local | Place::Private => self.in_scope(self.scope, node.name),
            Place::Using => {
                let name = format!("$using:{}", node.name.name().as_str());
                self.using(&name)
            }
            Place::Environment => return Ok(self.environment(node.name.name().as_str())),
            Place::Drive(drive) => return self.read_drive(drive, node.name.name().as_str()),
        };
        match found {
            Some(value) => Ok(value),
            None if self.is_strict(1) => {
                let message = format!(
                    "The variable '${}' cannot be retrieved because it has not been set.",
                    node.path
                );
                Err(Raise::runtime(message, "VariableIsUndefined")
                    .target(Value::String(node.path.clone()))
                    .into())
            }
            None => Ok(Value::Null),
        }
    }

    fn in_scope(&self, id: ScopeId, name: Symbol) -> Option<Value> {
        self.session
            .scopes
            .get(id)
            .value(name)
            .or_else(|| self.of_frame(id, name))
            .or_else(|| {
                if id == Scopes::GLOBAL {
                    self.automatic(name)
                } else {
                    None
                }
            })
    }

    /// What a client sent for a `$using:` expression.
    pub(crate) fn using(&self, text: &str) -> Option<Value> {
        self.session
            .using
            .iter()
            .find(|(own, _)| crate::value::equal_folded(own, text))
            .map(|(_, value)| value.clone())
    }

    /// Whether `Set-StrictMode` asks for at least this version.
    pub(crate) fn is_strict(&self, version: u8) -> bool {
        self.session
            .scopes
            .chain(self.scope)
            .find_map(|id| self.session.scopes.get(id).strict)
            .is_some_and(|strict| strict >= version)
    }

    /// A variable of the environment that the session's programs get.
    pub(crate) fn environment(&self, name: &str) -> Value {
        match self.session.environment.get(name) {
            Some(value) => Value::String(value.clone()),
            None => Value::Null,
        }
    }

    /// Sets a variable where the node says.
    pub(crate) fn set_variable(&mut self, node: &VariableNode, value: Value) -> Run {
        match &node.place {
            Place::Any => self.assign(self.scope, node.name, value),
            Place::Local => self.assign(self.scope, node.name, value),
            Place::Private => {
                let scope = self.scope;
                self.assign(scope, node.name, value)?;
                self.session
                    .scopes
                    .get_mut(scope)
                    .change(node.name, |variable| {
                        variable.options = variable.options.with(Options::PRIVATE)
                    });
                Ok(())
            }
            Place::Global => self.assign(Scopes::GLOBAL, node.name, value),
            Place::Script => {
                let scope = self.session.scopes.script(self.scope);
                self.assign(scope, node.name, value)
            }
            Place::Using => Err(Raise::runtime(
                "A Using variable cannot be assigned.",
                "CannotAssignUsing",
            )
            .into()),
            Place::Environment => {
                let name = node.name.name();
                if value.is_null() {
                    self.session.environment.shift_remove(name.as_str());
                } else {
                    let text = ops::text(self, &value)?;
                    self.session.environment.insert(name.as_str().into(), text);
                }
                Ok(())
            }
            Place::Drive(drive) => {
                let drive = drive.clone();
                self.write_drive(&drive, node.name.name().as_str(), value)
            }
        }
    }

    /// Sets a variable in a scope, or where an AllScope one lives, after its constraints.
    pub(crate) fn assign(&mut self, scope: ScopeId, name: Symbol, value: Value) -> Run {
        let own = self.session.scopes.get_mut(scope).change(name, |variable| {
            if variable.checks.is_none()
                && !variable
                    .options
                    .has(Options::READ_ONLY.with(Options::CONSTANT))
            {
                Ok(std::mem::replace(&mut variable.value, value.clone()))
            } else {
                Err((variable.checks.clone(), variable.options))
            }
        });
        let (place, checks, options) = match own {
            Some(Ok(old)) => {
                drop(old);
                return Ok(());
            }
            Some(Err((checks, options))) => (scope, checks, options),
            None => {
                if name == known::question() {
                    return Err(not_writable(name));
                }
                match self.shared(scope, name) {
                    Some((place, checks, options)) => (place, checks, options),
                    None => {
                        self.session.scopes.get_mut(scope).set(name, value);
                        return Ok(());
                    }
                }
            }
        };
        if options.has(Options::READ_ONLY.with(Options::CONSTANT)) {
            return Err(not_writable(name));
        }
        let value = match checks {
            Some(checks) => self.check_variable(&checks, name, value)?,
            None => value,
        };
        let old = self.session.scopes.get_mut(place).change(name, |variable| {
            std::mem::replace(&mut variable.value, value.clone())
        });
        if old.is_none() {
            self.session.scopes.get_mut(place).set(name, value);
        }
        Ok(())
    }

    /// The AllScope variable of that name in a scope further out.
    fn shared(&self, scope: ScopeId, name: Symbol) -> Option<Shared> {
        let scopes = &self.session.scopes;
        scopes.chain(scope).skip(1).find_map(|id| {
            scopes
                .get(id)
                .with(name, |variable| {
                    variable
                        .options
                        .has(Options::ALL_SCOPE)
                        .then(|| (variable.checks.clone(), variable.options))
                })
                .flatten()
                .map(|(checks, options)| (id, checks, options))
        })
    }

    /// Sets a variable with constraints, as `[int]$x = …` does.
    pub(crate) fn declare(
        &mut self,
        scope: ScopeId,
        name: Symbol,
        value: Value,
        checks: Vec<Check>,
    ) -> Run {
        let existing = self
            .session
            .scopes
            .get(scope)
            .with(name, |variable| variable.options);
        if existing.is_some_and(|options| options.has(Options::READ_ONLY.with(Options::CONSTANT))) {
            return Err(not_writable(name));
        }
        let value = self.check_variable(&checks, name, value)?;
        let options = existing.unwrap_or_default();
        let variable = Variable {
            value,
            options,
            checks: Some(checks.into()),
            description: None,
        };
        self.session.scopes.get_mut(scope).insert(name, variable);
        Ok(())
    }

    /// Sets a variable of the current scope without constraints, and gives what was there.
    pub(crate) fn set_local(&mut self, name: Symbol, value: Value) -> Option<Variable> {
        let scope = self.scope;
        self.session.scopes.get_mut(scope).set(name, value)
    }

    /// Puts back what [`Machine::set_local`] gave.
    pub(crate) fn restore_local(&mut self, name: Symbol, old: Option<Variable>) {
        let scope = self.scope;
        let scope = self.session.scopes.get_mut(scope);
        match old {
            Some(old) => drop(scope.insert(name, old)),
            None => drop(scope.remove(name)),
        }
    }

    fn read_drive(&mut self, drive: &Text, name: &str) -> Run<Value> {
        match drive.to_ascii_lowercase().as_str() {
            "function" => Ok(
                match Symbol::find(name)
                    .and_then(|symbol| self.session.scopes.function(self.scope, symbol).cloned())
                {
                    Some(function) => self.block_value(&function.block),
                    None => Value::Null,
                },
            ),
            "alias" => Ok(
                match Symbol::find(name)
                    .and_then(|symbol| self.session.scopes.alias(self.scope, symbol))
                {
                    Some(alias) => Value::String(alias.definition.clone()),
                    None => Value::Null,
                },
            ),
            // A drive that does not exist has nothing in it.
            _ => Ok(Value::Null),
        }
    }

    fn write_drive(&mut self, drive: &Text, name: &str, value: Value) -> Run {
        match drive.to_ascii_lowercase().as_str() {
            "function" => {
                let block = match value.base() {
                    Value::ScriptBlock(block) => self.code_of(block)?.block,
                    _ => {
                        let text = ops::text(self, &value)?;
                        self.parse(&text, None)?
                    }
                };
                self.define_function(name, block, false, None);
                Ok(())
            }
            "alias" => {
                let definition = ops::text(self, &value)?;
                self.set_alias(name, definition, Options::NONE);
                Ok(())
            }
            _ => {
                let message =
                    format!("Cannot find drive. A drive with the name '{drive}' does not exist.");
                Err(
                    Raise::of(TypeId::DriveNotFoundException, message, "DriveNotFound")
                        .category(ErrorCategory::ObjectNotFound)
                        .target(Value::String(drive.clone()))
                        .into(),
                )
            }
        }
    }

    /// Defines an alias in the current scope.
    pub fn set_alias(&mut self, name: &str, definition: Text, options: Options) {
        let scope = self.scope;
        let alias = super::scope::Alias {
            name: name.into(),
            definition,
            options,
            description: Text::default(),
        };
        self.session
            .scopes
            .get_mut(scope)
            .aliases
            .insert(Symbol::of(name), alias);
    }
}

/// Where a variable lives that several scopes share, what it demands, and its options.
type Shared = (ScopeId, Option<Arc<[Check]>>, Options);

pub(crate) fn not_writable(name: Symbol) -> Flow {
    let name = name.name();
    let message = format!(
        "Cannot overwrite variable {} because it is read-only or constant.",
        name.as_str()
    );
    Raise::of(
        TypeId::SessionStateUnauthorizedAccessException,
        message,
        "VariableNotWritable",
    )
    .category(ErrorCategory::WriteError)
    .target(Value::from(name.as_str()))
    .into()
}
