//! Conversion to arrays, lists, dictionaries and custom objects.

use std::sync::Arc;

use crate::value::clr_types;
use crate::value::context::Context;
use crate::value::error::Raise;
use crate::value::types::{TypeId, TypeRef};
use crate::value::{HashKind, Hashtable, List, ListKind, Members, PsObj, Value};

use super::failure;

/// What a pipeline would enumerate: `None` for single values, strings and dictionaries.
#[must_use]
pub fn elements_of(value: &Value) -> Option<Vec<Value>> {
    match value {
        Value::Array(array) => Some(array.snapshot()),
        Value::List(list) => Some(list.snapshot()),
        Value::Clr(object) => object.items(),
        Value::Object(object) if !object.is_custom() => elements_of(object.base()),
        _ => None,
    }
}

pub(super) fn to_array(
    value: &Value,
    element: &TypeRef,
    ty: &TypeRef,
    cx: &mut dyn Context,
) -> Result<Value, Raise> {
    if element.is(TypeId::Char)
        && let Value::String(text) = value
    {
        cx.charge(text.len() * size_of::<Value>())?;
        return Ok(Value::typed_array(
            element.clone(),
            text.units().into_iter().map(Value::Char).collect(),
        ));
    }
    match elements_of(value) {
        Some(items) => {
            cx.charge(items.len() * size_of::<Value>())?;
            let items = items
                .iter()
                .map(|item| super::to(item, element, cx))
                .collect::<Result<_, _>>()?;
            Ok(Value::typed_array(element.clone(), items))
        }
        None => match super::to(value, element, cx) {
            Ok(item) => Ok(Value::typed_array(element.clone(), vec![item])),
            Err(Raise::Error(error))
                if matches!(value, Value::String(_)) || error.fqid == "InvalidCastIConvertible" =>
            {
                Err(failure::with_error(
                    &super::clr_text(value),
                    ty,
                    error.exception.message(),
                    "InvalidCastExceptionScalarToArray",
                ))
            }
            Err(Raise::Error(_)) => Err(failure::not_convertible(value, ty)),
            Err(flow) => Err(flow),
        },
    }
}

/// Generic collections from other collections; `None` if the type is none that is made so.
pub(super) fn to_generic(
    value: &Value,
    ty: &TypeRef,
    cx: &mut dyn Context,
) -> Option<Result<Value, Raise>> {
    let arguments = ty.arguments();
    match ty.definition_id()? {
        TypeId::GenericList | TypeId::Collection => {
            let element = arguments.first()?.clone();
            let items = elements_of(value).unwrap_or_else(|| vec![value.clone()]);
            Some(convert_all(&items, &element, cx).map(|items| {
                let kind = if ty.definition_id() == Some(TypeId::Collection) {
                    ListKind::Collection(element)
                } else {
                    ListKind::Generic(element)
                };
                Value::List(Arc::new(List::new(kind, items)))
            }))
        }
        TypeId::IEnumerable1 | TypeId::ICollection1 | TypeId::IList1 => {
            let element = arguments.first()?;
            Some(to_array(value, element, ty, cx))
        }
        TypeId::GenericDictionary
        | TypeId::SortedDictionary
        | TypeId::SortedList
        | TypeId::ConcurrentDictionary => {
            let Value::Hash(table) = value else {
                return None;
            };
            let [key_type, value_type] = arguments else {
                return None;
            };
            let kind = HashKind::Generic {
                definition: ty.definition_id()?,
                key: key_type.clone(),
                value: value_type.clone(),
            };
            let made = Hashtable::of_kind(kind, false);
            for (key, item) in table.entries() {
                let entry = super::to(&key, key_type, cx)
                    .and_then(|key| Ok((key, super::to(&item, value_type, cx)?)));
                match entry {
                    Ok((key, item)) => made.insert(key, item),
                    Err(error) => return Some(Err(error)),
                };
            }
            Some(Ok(Value::Hash(Arc::new(made))))
        }
        id => clr_types::convert(value, ty, id, cx),
    }
}

fn convert_all(
    items: &[Value],
    element: &TypeRef,
    cx: &mut dyn Context,
) -> Result<Vec<Value>, Raise> {
    cx.charge(std::mem::size_of_val(items))?;
    items
        .iter()
        .map(|item| super::to(item, element, cx))
        .collect()
}

/// A hashtable whose entries become the properties of a new object.
pub(super) fn from_hashtable(
    value: &Value,
    table: &Hashtable,
    ty: &TypeRef,
    cx: &mut dyn Context,
) -> Result<Value, Raise> {
    match ty.id() {
        Some(TypeId::Hashtable) => {
            let copy = Hashtable::new();
            for (key, item) in table.entries() {
                copy.insert(key, item);
            }
            return Ok(Value::Hash(Arc::new(copy)));
        }
        Some(TypeId::OrderedDictionary) => {
            let copy = Hashtable::ordered();
            for (key, item) in table.entries() {
                copy.insert(key, item);
            }
            return Ok(Value::Hash(Arc::new(copy)));
        }
        Some(TypeId::Decimal) => {
            let key = table
                .keys()
                .first()
                .map(super::invariant_text)
                .unwrap_or_default();
            let message = format!(
                "Cannot create object of type \"{0}\". The property '{key}' was not found for the '{0}' object. There is no settable property available.",
                ty.display_name()
            );
            return Err(failure::conversion(message, "ObjectCreationError"));
        }
        _ => {}
    }
    if let TypeRef::User(_) = ty {
        // A constructor that takes the table goes before properties named by its keys.
        match cx.construct(ty, std::slice::from_ref(value)) {
            Some(Err(Raise::Error(error))) if error.fqid == "MethodCountCouldNotFindBest" => {}
            Some(result) => return result,
            None => {}
        }
    }
    if let TypeRef::User(_) = ty
        && let Some(made) = cx.construct(ty, &[])
    {
        let made = made?;
        for (key, item) in table.entries() {
            let name = super::invariant_text(&key);
            if crate::value::members::set_property(&made, &name, &item, cx)?.is_none() {
                let settable: Vec<String> = crate::value::members::properties(&made)
                    .iter()
                    .filter(|property| property.settable)
                    .map(|property| format!("[{} <{}>]", property.name, property.type_name))
                    .collect();
                let settable = if settable.is_empty() {
                    "There is no settable property available.".to_owned()
                } else {
                    format!("The settable properties are: {}.", settable.join(", "))
                };
                let message = format!(
                    "Cannot create object of type \"{0}\". The property '{name}' was not found for the '{0}' object. {settable}",
                    ty.display_name()
                );
                return Err(failure::conversion(message, "ObjectCreationError"));
            }
        }
        return Ok(made);
    }
    Err(failure::not_convertible(value, ty))
}

/// `[pscustomobject]` of a value: a dictionary becomes an object with its entries as properties; all else stays.
#[must_use]
pub fn custom_object(value: &Value) -> Value {
    let Value::Hash(table) = value.base() else {
        return value.clone();
    };
    let mut members = Members::default();
    let mut type_name = None;
    for (key, item) in table.entries() {
        let name = super::invariant_text(&key);
        if name.eq_ignore_ascii_case("PSTypeName") {
            type_name = Some(super::invariant_text(&item));
            continue;
        }
        members.set_note(name.shared(), item);
    }
    let object = PsObj::custom(members);
    if let Some(name) = type_name {
        object.extended().set_type_names(vec![
            name,
            "System.Management.Automation.PSCustomObject".into(),
            "System.Object".into(),
        ]);
    }
    Value::Object(Arc::new(object))
}
