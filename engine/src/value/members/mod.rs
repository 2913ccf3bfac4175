//! Properties and methods of every value.

mod call;
mod collection;
mod listing;
mod property;
mod scalar;
mod string;

use std::sync::Arc;

use super::context::Context;
use super::convert;
use super::error::Raise;
use super::types::TypeId;
use super::{Member, Text, Value};

pub(crate) use call::{Call, set_reference};
pub use collection::entries;
pub(crate) use collection::sort;
pub use listing::{Property, PropertyKind, properties, type_names};
pub use property::{date_property, get_property, set_property};

/// Calls a method of a value: one that a script added, one of the type, or one of each item of a collection.
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
    if let Some(result) = try_invoke(target, name, arguments, cx)? {
        return Ok(result);
    }
    // A method that the collection has not is called on each of its items.
    if let Some(items) = convert::elements_of(target) {
        let mut results = Vec::new();
        let mut found = false;
        for item in &items {
            cx.checkpoint()?;
            if item.is_null() {
                continue;
            }
            let result = invoke(item, name, arguments, cx)?;
            found = true;
            match convert::elements_of(&result) {
                Some(several) => results.extend(several),
                None if matches!(result, Value::Nothing) => {}
                None => results.push(result),
            }
        }
        if found {
            return Ok(match results.len() {
                0 => Value::Nothing,
                1 => results.remove(0),
                _ => Value::array(results),
            });
        }
    }
    Err(no_such_method(target, name))
}

/// Calls a method if the value has it.
///
/// # Errors
/// When no overload takes the arguments, or the method fails.
pub fn try_invoke(
    target: &Value,
    name: &str,
    arguments: &[Value],
    cx: &mut dyn Context,
) -> Result<Option<Value>, Raise> {
    if let Some(extended) = target.extended()
        && let Some(Member::Method(block)) = extended.member(name)
    {
        return cx
            .call_block(&block, arguments, None, Some(target))
            .map(Some);
    }
    if let Value::Object(object) = target {
        if object.class().is_some()
            && let Some(result) = cx.call_class_method(target, name, arguments)
        {
            return result.map(Some);
        }
        if !object.base().is_null() {
            return try_invoke(object.base(), name, arguments, cx);
        }
    }
    let mut call = Call::new(name, arguments, cx);
    let own = match target {
        Value::String(text) => string::invoke(text, &mut call)?,
        Value::Array(array) => collection::invoke_array(target, array, &mut call)?,
        Value::List(list) => collection::invoke_list(list, &mut call)?,
        Value::Hash(table) => collection::invoke_table(table, &mut call)?,
        Value::ScriptBlock(block) => match name.to_ascii_lowercase().as_str() {
            "invoke" | "invokereturnasis" => {
                return call
                    .cx
                    .call_block(&Arc::clone(block), arguments, None, None)
                    .map(Some);
            }
            _ => None,
        },
        Value::Clr(object) => match Arc::clone(object).invoke(target, name, arguments, call.cx) {
            Some(result) => return result.map(Some),
            None => None,
        },
        other => scalar::invoke(other, &mut call)?,
    };
    if own.is_some() {
        return Ok(own);
    }
    if let Some(found) = collection::invoke_intrinsic(target, &mut call)? {
        return Ok(Some(found));
    }
    scalar::invoke_object(target, &mut call)
}

/// The names of the methods that a value has of its own, for Get-Member and for telling a method from nothing at all.
#[must_use]
pub fn method_names(value: &Value) -> &'static [&'static str] {
    match value.base() {
        Value::String(_) => string::METHODS,
        Value::Clr(object) => object.methods(),
        other => scalar::method_names(other),
    }
}

/// A method as a value, when it is named and not called; `None` if there is none of that name.
#[must_use]
pub fn method_group(target: &Value, name: &str) -> Option<Value> {
    let known = method_names(target)
        .iter()
        .find(|own| own.eq_ignore_ascii_case(name))
        .copied();
    let known = known.or_else(|| {
        scalar::OBJECT_METHODS
            .iter()
            .find(|own| own.eq_ignore_ascii_case(name))
            .copied()
    })?;
    if target.is_null() {
        return None;
    }
    Some(Value::clr(super::MethodGroup {
        target: target.clone(),
        name: known.into(),
    }))
}

/// The value has no method of that name.
#[must_use]
pub fn no_such_method(target: &Value, name: &str) -> Raise {
    let ty: Text = target.type_ref().map_or_else(Text::default, |ty| {
        if ty.is(TypeId::RuntimeType) {
            "System.RuntimeType".into()
        } else {
            ty.display_name()
        }
    });
    Raise::runtime(
        format!(
            "Method invocation failed because [{ty}] does not contain a method named '{name}'."
        ),
        "MethodNotFound",
    )
    .target(Value::from(name))
}
