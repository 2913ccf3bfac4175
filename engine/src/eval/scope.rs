//! Scopes: variables, functions and aliases, looked up along the chain of callers.

use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;

use super::symbol::Symbol;
use crate::command::Function;
use crate::value::{Text, Value};

/// Which scope of the runspace.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct ScopeId(u32);

/// A variable.
#[derive(Clone, Debug, Default)]
pub(crate) struct Variable {
    pub(crate) value: Value,
    pub(crate) options: Options,
    /// Type constraints and validations, in the order in which they apply.
    pub(crate) checks: Option<Arc<[super::check::Check]>>,
    #[allow(
        dead_code,
        reason = "read by the commands about variables, aliases and functions"
    )]
    pub(crate) description: Option<Text>,
}

/// `ScopedItemOptions`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Options(pub(crate) u8);

impl Options {
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const READ_ONLY: Self = Self(1);
    pub(crate) const CONSTANT: Self = Self(2);
    pub(crate) const PRIVATE: Self = Self(4);
    pub(crate) const ALL_SCOPE: Self = Self(8);

    pub(crate) fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(crate) const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// An alias.
#[derive(Clone, Debug)]
#[allow(dead_code, reason = "read by the commands about aliases")]
pub(crate) struct Alias {
    pub(crate) name: Text,
    pub(crate) definition: Text,
    pub(crate) options: Options,
    pub(crate) description: Text,
}

/// What a closure keeps: the scope of its own that outlives calls.
pub(crate) type Kept = Arc<Mutex<FxHashMap<Symbol, Variable>>>;

/// One scope.
#[derive(Debug, Default)]
pub(crate) struct Scope {
    variables: FxHashMap<Symbol, Variable>,
    pub(crate) functions: FxHashMap<Symbol, Arc<Function>>,
    pub(crate) aliases: FxHashMap<Symbol, Alias>,
    pub(crate) parent: Option<ScopeId>,
    /// What `$script:` means below this scope.
    pub(crate) is_script: bool,
    /// The call that this scope belongs to, which answers `$args`, `$MyInvocation` and the like.
    pub(crate) frame: Option<Arc<super::frame::Frame>>,
    /// Variables of a closure live on after the scope ends.
    pub(crate) kept: Option<Kept>,
    /// Set-StrictMode of this scope.
    pub(crate) strict: Option<u8>,
}

/// All scopes of a runspace.
#[derive(Debug)]
pub(crate) struct Scopes {
    slots: Vec<Scope>,
    free: Vec<u32>,
}

impl Scopes {
    pub(crate) const GLOBAL: ScopeId = ScopeId(0);

    pub(crate) fn new() -> Self {
        Self {
            slots: vec![Scope {
                is_script: true,
                ..Scope::default()
            }],
            free: Vec::new(),
        }
    }

    pub(crate) fn open(&mut self, parent: ScopeId) -> ScopeId {
        let scope = Scope {
            parent: Some(parent),
            ..Scope::default()
        };
        if let Some(number) = self.free.pop() {
            self.slots[number as usize] = scope;
            ScopeId(number)
        } else {
            self.slots.push(scope);
            ScopeId(u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX))
        }
    }

    /// Ends a scope. What it held is given back, to be dropped when nothing is borrowed.
    pub(crate) fn close(&mut self, id: ScopeId) -> Scope {
        self.free.push(id.0);
        std::mem::take(&mut self.slots[id.0 as usize])
    }

    pub(crate) fn get(&self, id: ScopeId) -> &Scope {
        &self.slots[id.0 as usize]
    }

    pub(crate) fn get_mut(&mut self, id: ScopeId) -> &mut Scope {
        &mut self.slots[id.0 as usize]
    }

    /// `id` and its callers, innermost first.
    pub(crate) fn chain(&self, id: ScopeId) -> impl Iterator<Item = ScopeId> + '_ {
        let mut next = Some(id);
        std::iter::from_fn(move || {
            let id = next?;
            next = self.get(id).parent;
            Some(id)
        })
    }

    /// The scope that `$script:` means.
    pub(crate) fn script(&self, from: ScopeId) -> ScopeId {
        self.chain(from)
            .find(|id| self.get(*id).is_script)
            .unwrap_or(Self::GLOBAL)
    }

    /// The scope `number` steps out.
    #[allow(dead_code, reason = "`-Scope 1` of the commands about variables")]
    pub(crate) fn ancestor(&self, from: ScopeId, number: usize) -> Option<ScopeId> {
        self.chain(from).nth(number)
    }

    /// The nearest scope that has the variable. A private one is seen from its own scope only.
    pub(crate) fn find(&self, from: ScopeId, name: Symbol) -> Option<ScopeId> {
        self.chain(from).find(|id| {
            self.get(*id)
                .with(name, |variable| {
                    *id == from || !variable.options.has(Options::PRIVATE)
                })
                .unwrap_or(false)
        })
    }

    pub(crate) fn function(&self, from: ScopeId, name: Symbol) -> Option<&Arc<Function>> {
        self.chain(from)
            .find_map(|id| self.slots[id.0 as usize].functions.get(&name))
    }

    pub(crate) fn alias(&self, from: ScopeId, name: Symbol) -> Option<&Alias> {
        self.chain(from)
            .find_map(|id| self.slots[id.0 as usize].aliases.get(&name))
    }
}

impl Scope {
    /// Looks at a variable of this scope.
    pub(crate) fn with<T>(&self, name: Symbol, look: impl FnOnce(&Variable) -> T) -> Option<T> {
        if let Some(kept) = &self.kept {
            return kept
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .get(&name)
                .map(look);
        }
        self.variables.get(&name).map(look)
    }

    /// The value of a variable of this scope.
    pub(crate) fn value(&self, name: Symbol) -> Option<Value> {
        self.with(name, |variable| variable.value.clone())
    }

    /// Changes a variable of this scope, if it is there.
    pub(crate) fn change<T>(
        &mut self,
        name: Symbol,
        change: impl FnOnce(&mut Variable) -> T,
    ) -> Option<T> {
        if let Some(kept) = &self.kept {
            return kept
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .get_mut(&name)
                .map(change);
        }
        self.variables.get_mut(&name).map(change)
    }

    /// Adds or replaces a variable and gives the old one.
    pub(crate) fn insert(&mut self, name: Symbol, variable: Variable) -> Option<Variable> {
        match &self.kept {
            Some(kept) => kept
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(name, variable),
            None => self.variables.insert(name, variable),
        }
    }

    /// Sets a plain value and gives the old variable.
    pub(crate) fn set(&mut self, name: Symbol, value: Value) -> Option<Variable> {
        self.insert(
            name,
            Variable {
                value,
                ..Variable::default()
            },
        )
    }

    pub(crate) fn remove(&mut self, name: Symbol) -> Option<Variable> {
        match &self.kept {
            Some(kept) => kept
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .remove(&name),
            None => self.variables.remove(&name),
        }
    }

    /// A copy of all variables.
    pub(crate) fn variables(&self) -> Vec<(Symbol, Variable)> {
        match &self.kept {
            Some(kept) => kept
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .iter()
                .map(|(name, variable)| (*name, variable.clone()))
                .collect(),
            None => self
                .variables
                .iter()
                .map(|(name, variable)| (*name, variable.clone()))
                .collect(),
        }
    }
}
