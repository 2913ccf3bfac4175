//! `$PSCmdlet`.

use std::sync::Arc;

use super::binder::{Binding, Callee};
use super::frame::InvocationInfo;
use super::records::CommonParameters;
use crate::value::{ClrLike, Raise, Text, TypeId, TypeRef, Value};

/// The object through which an advanced function speaks as a command.
#[derive(Debug)]
pub(crate) struct CmdletObject {
    pub(crate) name: Text,
    pub(crate) set: Text,
    pub(crate) common: CommonParameters,
    pub(crate) invocation: Arc<InvocationInfo>,
}

impl CmdletObject {
    pub(crate) fn new(callee: &Callee, binding: &Binding) -> Self {
        Self {
            name: callee.name.clone(),
            set: binding.set_name(),
            common: binding.common.clone(),
            invocation: Arc::clone(&callee.invocation),
        }
    }
}

impl ClrLike for CmdletObject {
    fn type_ref(&self) -> TypeRef {
        TypeRef::find("System.Management.Automation.PSScriptCmdlet")
            .unwrap_or_else(|| TypeRef::of(TypeId::Object))
    }

    fn property(&self, name: &str) -> Option<Result<Value, Raise>> {
        Some(Ok(match name.to_ascii_lowercase().as_str() {
            "parametersetname" => Value::String(self.set.clone()),
            "myinvocation" => Value::Clr(Arc::clone(&self.invocation) as Arc<dyn ClrLike>),
            "commandruntime" => Value::String(self.name.clone()),
            _ => return None,
        }))
    }
}
