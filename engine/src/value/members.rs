//! Properties and methods of every value.

use super::error::{ErrorCategory, Raise};
use super::{Context, TypeId, Value};

/// Calls a method of a value.
///
/// # Errors
/// When there is no such method, or the method fails.
pub fn invoke(
    target: &Value,
    name: &str,
    arguments: &[Value],
    cx: &mut dyn Context,
) -> Result<Value, Raise> {
    if let Value::Clr(object) = target.base()
        && let Some(result) = object.invoke(target, name, arguments, cx)
    {
        return result;
    }
    let message = format!(
        "Method invocation failed because [{}] does not contain a method named '{name}'.",
        target.type_name()
    );
    Err(
        Raise::of(TypeId::RuntimeException, message, "MethodNotFound")
            .category(ErrorCategory::InvalidOperation),
    )
}
