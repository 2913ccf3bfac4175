//! Properties and methods of every value.

mod property;

pub use property::{date_property, get_property, set_property};

use super::context::Context;
use super::error::Raise;
use super::{Text, Value};

/// Calls a method of a value.
///
/// # Errors
/// When there is no such method, no overload takes the arguments, or the method fails.
pub fn invoke(
    target: &Value,
    name: &str,
    arguments: &[Value],
    cx: &mut dyn Context,
) -> Result<Value, Raise> {
    if target.is_null() {
        return Err(Raise::runtime(
            "You cannot call a method on a null-valued expression.",
            "InvokeMethodOnNull",
        ));
    }
    if let Value::Clr(object) = target.base()
        && let Some(result) = object.invoke(target, name, arguments, cx)
    {
        return result;
    }
    Err(no_such_method(target, name))
}

/// The value has no method of that name.
#[must_use]
pub fn no_such_method(target: &Value, name: &str) -> Raise {
    let ty: Text = target
        .type_ref()
        .map_or_else(Text::default, |ty| ty.display_name());
    Raise::runtime(
        format!(
            "Method invocation failed because [{ty}] does not contain a method named '{name}'."
        ),
        "MethodNotFound",
    )
    .target(Value::from(name))
}
