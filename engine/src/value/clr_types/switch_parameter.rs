//! `System.Management.Automation.SwitchParameter`.

use crate::value::clr::{ClrLike, PropertyInfo};
use crate::value::context::Context;
use crate::value::error::Raise;
use crate::value::fold::equal_folded;
use crate::value::types::{TypeId, TypeRef};
use crate::value::{Text, Value};

/// Whether a switch was given.
#[derive(Debug)]
pub struct SwitchParameter(pub bool);

impl ClrLike for SwitchParameter {
    fn type_ref(&self) -> TypeRef {
        TypeRef::of(TypeId::SwitchParameter)
    }

    fn properties(&self) -> Vec<PropertyInfo> {
        vec![PropertyInfo {
            name: "IsPresent",
            type_name: "System.Boolean",
            settable: false,
        }]
    }

    fn property(&self, name: &str) -> Option<Result<Value, Raise>> {
        equal_folded(name, "IsPresent").then_some(Ok(Value::Bool(self.0)))
    }

    fn methods(&self) -> &'static [&'static str] {
        &["ToBool"]
    }

    fn invoke(
        &self,
        _this: &Value,
        name: &str,
        _arguments: &[Value],
        _cx: &mut dyn Context,
    ) -> Option<Result<Value, Raise>> {
        equal_folded(name, "ToBool").then_some(Ok(Value::Bool(self.0)))
    }

    fn text(&self) -> Text {
        if self.0 {
            "True".into()
        } else {
            "False".into()
        }
    }

    fn equals(&self, other: &dyn ClrLike) -> Option<bool> {
        other.downcast::<Self>().map(|other| other.0 == self.0)
    }
}
