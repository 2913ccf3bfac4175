//! `[ref]`: `System.Management.Automation.PSReference`.

use std::sync::{Mutex, PoisonError};

use crate::value::Value;
use crate::value::clr::{ClrLike, PropertyInfo};
use crate::value::context::Context;
use crate::value::error::Raise;
use crate::value::types::{TypeId, TypeRef};

/// A place for a value, which methods write their `out` parameters to.
///
/// The evaluator reads it back into the variable that stood after `[ref]`.
#[derive(Debug)]
pub struct Reference {
    value: Mutex<Value>,
    ty: TypeRef,
}

impl Reference {
    /// A reference that holds `value`.
    #[must_use]
    pub fn new(value: Value) -> Self {
        let inner = value
            .type_ref()
            .unwrap_or_else(|| TypeRef::of(TypeId::Object));
        Self {
            value: Mutex::new(value),
            ty: TypeRef::generic(TypeId::PSReference1, vec![inner]),
        }
    }

    /// What it holds now.
    #[must_use]
    pub fn value(&self) -> Value {
        self.value
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Lets it hold another value.
    pub fn set(&self, value: Value) {
        let old = std::mem::replace(
            &mut *self.value.lock().unwrap_or_else(PoisonError::into_inner),
            value,
        );
        drop(old);
    }
}

impl ClrLike for Reference {
    fn type_ref(&self) -> TypeRef {
        self.ty.clone()
    }

    fn properties(&self) -> Vec<PropertyInfo> {
        vec![PropertyInfo {
            name: "Value",
            type_name: "System.Object",
            settable: true,
        }]
    }

    fn property(&self, name: &str) -> Option<Result<Value, Raise>> {
        name.eq_ignore_ascii_case("Value").then(|| Ok(self.value()))
    }

    fn set_property(
        &self,
        name: &str,
        value: &Value,
        _cx: &mut dyn Context,
    ) -> Option<Result<(), Raise>> {
        name.eq_ignore_ascii_case("Value").then(|| {
            self.set(value.clone());
            Ok(())
        })
    }

    fn surrender(&mut self, pending: &mut Vec<Value>) {
        pending.push(std::mem::take(
            self.value.get_mut().unwrap_or_else(PoisonError::into_inner),
        ));
    }
}
