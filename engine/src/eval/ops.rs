//! What the evaluator asks of values, in its own words.

use std::sync::Arc;

use super::flow::Run;
use super::machine::Machine;
use super::node::UnaryKind;
use crate::syntax::ast::BinaryOperator;
use crate::value::pattern::Wildcard;
use crate::value::{
    self, Context, List, ListKind, Raise, Shape, Text, TypeId, TypeRef, Value, convert, members,
    ops,
};

pub(crate) fn binary(
    machine: &mut Machine<'_>,
    operator: BinaryOperator,
    left: &Value,
    right: &Value,
) -> Result<Value, Raise> {
    ops::binary(operator, left, right, machine)
}

pub(crate) fn unary(
    machine: &mut Machine<'_>,
    operator: UnaryKind,
    value: &Value,
) -> Result<Value, Raise> {
    match operator {
        UnaryKind::Not => Ok(Value::Bool(!truth(value))),
        UnaryKind::Comma => Ok(Value::array(vec![value.clone()])),
        UnaryKind::BinaryNot => ops::bitwise_not(value, machine),
        UnaryKind::Plus => ops::plus(value, machine),
        UnaryKind::Minus => ops::negate(value, machine),
        UnaryKind::Split { .. } => ops::unary_split(value, machine),
        UnaryKind::Join => ops::unary_join(value, machine),
    }
}

/// Whether a value counts as true.
pub(crate) fn truth(value: &Value) -> bool {
    convert::to_bool(value)
}

pub(crate) fn cast(machine: &mut Machine<'_>, value: &Value, ty: &TypeRef) -> Result<Value, Raise> {
    convert::to(value, ty, machine)
}

pub(crate) fn text(machine: &mut Machine<'_>, value: &Value) -> Run<Text> {
    Ok(convert::to_text(value, machine)?)
}

/// The text of a value where no script may run for it.
pub(crate) fn plain_text(value: &Value) -> Text {
    convert::to_text(value, &mut value::Detached).unwrap_or_default()
}

/// The items, if a pipeline takes the value apart.
pub(crate) fn items(value: &Value) -> Option<Vec<Value>> {
    convert::elements_of(value)
}

pub(crate) fn enumerator(items: Vec<Value>) -> Value {
    Value::array(items)
}

pub(crate) fn collection_changed() -> Raise {
    Raise::thrown(
        TypeId::InvalidOperationException,
        "Collection was modified; enumeration operation may not execute.",
    )
}

pub(crate) fn range_item(number: i64) -> Value {
    i32::try_from(number).map_or(Value::Int64(number), Value::Int32)
}

pub(crate) fn integer(value: &Value) -> Option<i64> {
    match value.base() {
        Value::Int32(number) => Some(i64::from(*number)),
        Value::Int64(number) => Some(*number),
        Value::Byte(number) => Some(i64::from(*number)),
        Value::Bool(flag) => Some(i64::from(*flag)),
        Value::Enum(value) => Some(value.bits),
        other => match convert::to(other, &TypeRef::of(TypeId::Int64), &mut value::Detached) {
            Ok(Value::Int64(number)) => Some(number),
            _ => None,
        },
    }
}

pub(crate) fn exit_code(machine: &mut Machine<'_>, value: &Value) -> i32 {
    match convert::to(value, &TypeRef::of(TypeId::Int32), machine) {
        Ok(Value::Int32(code)) => code,
        _ => 0,
    }
}

pub(crate) fn type_display(value: &Value) -> Text {
    value
        .type_ref()
        .map_or_else(|| "null".into(), |ty| ty.full_name())
}

pub(crate) fn index(
    machine: &mut Machine<'_>,
    target: &Value,
    index: &Value,
) -> Result<Value, Raise> {
    ops::get_index(target, index, machine)
}

pub(crate) fn set_index(
    machine: &mut Machine<'_>,
    target: &Value,
    index: &Value,
    value: &Value,
) -> Result<(), Raise> {
    ops::set_index(target, index, value, machine)
}

pub(crate) fn get_member(
    machine: &mut Machine<'_>,
    target: &Value,
    name: &str,
) -> Result<Value, Raise> {
    machine.get_member(target, name)
}

/// A property for binding by property name: not looked for in the items of a collection.
pub(crate) fn property(
    machine: &mut Machine<'_>,
    target: &Value,
    name: &str,
) -> Run<Option<Value>> {
    if matches!(target, Value::Null | Value::Nothing | Value::Hash(_)) {
        return Ok(None);
    }
    Ok(members::get_property(target, name, machine)?)
}

fn type_operand(machine: &mut Machine<'_>, target: &Value) -> Result<TypeRef, Raise> {
    match target.base() {
        Value::Type(ty) => Ok(ty.clone()),
        other => {
            let name = convert::to_text(other, machine)?;
            machine
                .type_named(&name)
                .ok_or_else(|| ops::type_not_found(&name))
        }
    }
}

pub(crate) fn static_member(
    machine: &mut Machine<'_>,
    target: &Value,
    name: &str,
) -> Result<Value, Raise> {
    let ty = type_operand(machine, target)?;
    Ok(value::statics::get(&ty, name, machine)?.unwrap_or_default())
}

pub(crate) fn set_static_member(
    machine: &mut Machine<'_>,
    target: &Value,
    name: &str,
    value: &Value,
) -> Result<(), Raise> {
    let ty = type_operand(machine, target)?;
    if let Some(result) = machine.write_static(&ty, name, value) {
        return result.map_err(Raise::from);
    }
    Err(Raise::runtime(
        format!(
            "The property '{name}' cannot be found on this object. Verify that the property exists and can be set."
        ),
        "PropertyAssignmentException",
    ))
}

pub(crate) fn static_invoke(
    machine: &mut Machine<'_>,
    target: &Value,
    name: &str,
    arguments: &[Value],
) -> Result<Value, Raise> {
    let ty = type_operand(machine, target)?;
    value::statics::invoke(&ty, name, arguments, machine)
}

/// A `List<object>`, as parameters that take the rest get it.
pub(crate) fn generic_list(items: Vec<Value>) -> Value {
    Value::List(Arc::new(List::new(
        ListKind::Generic(TypeRef::of(TypeId::Object)),
        items,
    )))
}

/// Whether a name matches a wildcard pattern, case aside.
pub(crate) fn wildcard(pattern: &str, name: &str) -> bool {
    Wildcard::new(pattern, true).is_some_and(|pattern| pattern.is_match(name))
}

pub(crate) fn switch(on: bool) -> Value {
    Value::clr(value::clr_types::SwitchParameter(on))
}

/// What a typed parameter without argument and default holds.
pub(crate) fn default_of(ty: &TypeRef) -> Value {
    if ty.nullable_of().is_some() {
        return Value::Null;
    }
    match ty.shape() {
        Shape::Struct | Shape::Enum => convert::to(&Value::Null, ty, &mut value::Detached)
            .ok()
            .filter(|value| !value.is_null())
            .or_else(|| convert::to(&Value::Int32(0), ty, &mut value::Detached).ok())
            .unwrap_or_default(),
        _ if ty.is(TypeId::String) => "".into(),
        _ => Value::Null,
    }
}

impl Machine<'_> {
    /// The value of a member, or `$null`.
    ///
    /// # Errors
    /// When reading it fails, or strict mode asks for it to be there.
    pub fn get_member(&mut self, target: &Value, name: &str) -> Result<Value, Raise> {
        if target.is_null() {
            // Also nothing can be counted.
            let counted = name.eq_ignore_ascii_case("Count") || name.eq_ignore_ascii_case("Length");
            return Ok(if counted {
                Value::Int32(0)
            } else {
                Value::Null
            });
        }
        if let Some(value) = self.special_property(target, name) {
            return Ok(value);
        }
        if let Some(value) = members::get_property(target, name, self)? {
            return Ok(value);
        }
        if let Some(group) = members::method_group(target, name) {
            return Ok(group);
        }
        if self.is_strict(2) {
            let message = format!(
                "The property '{name}' cannot be found on this object. Verify that the property exists."
            );
            return Err(Raise::runtime(message, "PropertyNotFoundStrict").target(Value::from(name)));
        }
        Ok(Value::Null)
    }

    /// Sets a member.
    ///
    /// # Errors
    /// When there is none of that name, or it cannot be set.
    pub fn set_member(&mut self, target: &Value, name: &str, value: &Value) -> Result<(), Raise> {
        let missing = || {
            if matches!(target, Value::Object(object) if object.is_bag()) {
                let message = format!(
                    "Exception setting \"{name}\": \"The property '{name}' cannot be found on this object. Verify that the property exists and can be set.\""
                );
                return Raise::of(
                    TypeId::SetValueInvocationException,
                    message,
                    "ExceptionWhenSetting",
                );
            }
            let message = format!(
                "The property '{name}' cannot be found on this object. Verify that the property exists and can be set."
            );
            Raise::runtime(
                message,
                if target.is_null() {
                    "PropertyNotFound"
                } else {
                    "PropertyAssignmentException"
                },
            )
        };
        if target.is_null() {
            return Err(missing());
        }
        members::set_property(target, name, value, self)?.ok_or_else(missing)?;
        self.follow(target)
    }

    /// Calls a method.
    ///
    /// # Errors
    /// When there is none of that name, or it fails.
    pub fn invoke_member(
        &mut self,
        target: &Value,
        name: &str,
        arguments: &[Value],
    ) -> Result<Value, Raise> {
        self.method(target, &Text::from(name), arguments)
            .map_err(Raise::from)
    }

    /// Whether a value has a method of that name.
    #[must_use]
    pub fn is_method(&self, target: &Value, name: &str) -> bool {
        members::method_group(target, name).is_some()
            || target
                .extended()
                .and_then(|extended| extended.member(name))
                .is_some_and(|member| matches!(member, value::Member::Method(_)))
    }

    /// The names of a value's properties, for wildcards.
    #[must_use]
    pub fn member_names(&self, target: &Value) -> Vec<Text> {
        let mut names: Vec<Text> = Vec::new();
        if let Some(extended) = target.extended()
            && let Some(members) = extended.members()
        {
            names.extend(members.iter().map(|(name, _)| Text::from(name)));
        }
        if let Value::Clr(object) = target.base() {
            names.extend(
                object
                    .properties()
                    .iter()
                    .chain(&object.type_data())
                    .map(|property| Text::from(property.name)),
            );
            names.extend(object.methods().iter().map(|name| Text::from(*name)));
        }
        names
    }

    /// The current folder, as `$PWD` shows it.
    #[must_use]
    pub fn location(&self) -> String {
        self.current_directory()
    }
}

/// A conversion for a variable or parameter, which is stricter with Booleans than a cast.
pub(crate) fn cast_argument(
    machine: &mut Machine<'_>,
    value: &Value,
    ty: &TypeRef,
) -> Result<Value, Raise> {
    let is_switch = ty.is(TypeId::SwitchParameter);
    if (ty.is(TypeId::Boolean) || is_switch) && !takes_boolean(value) {
        let message = format!(
            "Cannot convert value \"{}\" to type \"{}\". Boolean parameters accept only Boolean values and numbers, such as $True, $False, 1 or 0.",
            value.type_name(),
            ty.full_name()
        );
        return Err(Raise::of(
            TypeId::PSInvalidCastException,
            message,
            "InvalidCast",
        ));
    }
    cast(machine, value, ty)
}

fn takes_boolean(value: &Value) -> bool {
    value.is_null()
        || value.is_number()
        || matches!(value.base(), Value::Bool(_))
        || value
            .as_clr::<value::clr_types::SwitchParameter>()
            .is_some()
}
