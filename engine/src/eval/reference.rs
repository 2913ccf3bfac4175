//! `[ref]$x`: a variable handed to somebody who may set it.

use super::machine::Machine;
use super::symbol::Symbol;
use crate::value::clr_types::Reference;
use crate::value::{Raise, Value};

/// How many references are remembered with their variables; the oldest ones are forgotten first.
const REMEMBERED: usize = 256;

impl Machine<'_> {
    /// A reference to the variable that `name` means here.
    pub(crate) fn reference_to(&mut self, name: Symbol) -> Value {
        let scope = self
            .session
            .scopes
            .find(self.scope, name)
            .unwrap_or(self.scope);
        let reference = Value::clr(Reference::new(self.lookup(name).unwrap_or_default()));
        if self.references.len() >= REMEMBERED {
            self.references.remove(0);
        }
        self.references.push((reference.clone(), scope, name));
        reference
    }

    /// Lets the variable of a reference follow what the reference was set to.
    pub(crate) fn follow(&mut self, target: &Value) -> Result<(), Raise> {
        let Some(reference) = target.as_clr::<Reference>() else {
            return Ok(());
        };
        let known = self
            .references
            .iter()
            .find(|(own, ..)| own.same_reference(target))
            .map(|(_, scope, name)| (*scope, *name));
        match known {
            Some((scope, name)) => self
                .assign(scope, name, reference.value())
                .map_err(Raise::from),
            None => Ok(()),
        }
    }
}
