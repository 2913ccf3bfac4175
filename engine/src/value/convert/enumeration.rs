//! Conversion to enumerations.

use std::sync::Arc;

use crate::value::context::Context;
use crate::value::error::Raise;
use crate::value::fold::equal_folded;
use crate::value::types::TypeRef;
use crate::value::{EnumInfo, EnumValue, Value};

use super::collection::elements_of;
use super::failure;
use super::string::invariant_text;

pub(super) fn to_enum(value: &Value, ty: &TypeRef, _cx: &mut dyn Context) -> Result<Value, Raise> {
    let Some(info) = ty.enum_info() else {
        return Err(failure::not_convertible(value, ty));
    };
    let make = |bits| {
        Value::Enum(Arc::new(EnumValue {
            ty: ty.clone(),
            bits,
        }))
    };
    match value {
        Value::String(text) => from_text(text, text, ty, info).map(make),
        Value::Enum(other) => from_number(value, other.bits, ty, info).map(make),
        Value::Single(_) | Value::Double(_) | Value::Decimal(_) => {
            let number = super::to_number(value, crate::value::TypeId::Int64).flatten();
            match number {
                Some(Value::Int64(bits)) => from_number(value, bits, ty, info).map(make),
                _ => Err(failure::not_convertible(value, ty)),
            }
        }
        Value::Hash(table) => {
            let key = table.keys().first().map(invariant_text).unwrap_or_default();
            let message = format!(
                "Cannot create object of type \"{0}\". The property '{key}' was not found for the '{0}' object. The settable properties are: [value__ <System.Int32>].",
                ty.display_name()
            );
            Err(failure::conversion(message, "ObjectCreationError"))
        }
        other => match (crate::value::number::integer_of(other), elements_of(other)) {
            (Some(number), _) => match i64::try_from(number) {
                Ok(bits) => from_number(value, bits, ty, info).map(make),
                Err(_) => Err(undefined(value, ty)),
            },
            (None, Some(items)) => {
                let joined = items
                    .iter()
                    .map(|item| invariant_text(item).to_string())
                    .collect::<Vec<_>>()
                    .join(",");
                from_text(&joined, &joined, ty, info).map(make)
            }
            (None, None) => Err(failure::not_convertible(other, ty)),
        },
    }
}

/// Reads names separated by commas, each perhaps cut short as long as it means one only; or numbers.
pub(crate) fn from_text(
    text: &str,
    shown: &str,
    ty: &TypeRef,
    info: &EnumInfo,
) -> Result<i64, Raise> {
    let mut bits = 0;
    for word in text.split(',') {
        let word = word.trim();
        if let Some(number) = info.number(word) {
            bits |= number;
            continue;
        }
        if let Ok(number) = word.parse::<i64>() {
            if !is_defined(number, info) && !info.flags {
                return Err(undefined(&Value::from(text), ty));
            }
            bits |= number;
            continue;
        }
        let starts: Vec<_> = info
            .members
            .iter()
            .filter(|(name, _)| {
                !word.is_empty()
                    && name
                        .get(..word.len())
                        .is_some_and(|start| equal_folded(start, word))
            })
            .collect();
        match starts.as_slice() {
            [(_, number)] => bits |= number,
            [] => {
                let error = format!(
                    "Unable to match the identifier name {shown} to a valid enumerator name. Specify one of the following enumerator names and try again:\n{}",
                    failure::names(ty, ", ")
                );
                return Err(failure::with_error(
                    shown,
                    ty,
                    &error,
                    "SubstringDisambiguationEnumParseThrewAnException",
                ));
            }
            several => {
                let names: Vec<_> = several.iter().map(|(name, _)| name.as_ref()).collect();
                let error = format!(
                    "Unable to process enumerator name {word} because it is not unique. Possible values are {}. Specify one of the following enumerator names and try again:\n{}",
                    names.join(", "),
                    failure::names(ty, ", ")
                );
                return Err(failure::with_error(
                    shown,
                    ty,
                    &error,
                    "SubstringDisambiguationEnumParseThrewAnException",
                ));
            }
        }
    }
    Ok(bits)
}

fn from_number(value: &Value, bits: i64, ty: &TypeRef, info: &EnumInfo) -> Result<i64, Raise> {
    if is_defined(bits, info) {
        Ok(bits)
    } else {
        Err(undefined(value, ty))
    }
}

fn is_defined(bits: i64, info: &EnumInfo) -> bool {
    if info.members.iter().any(|(_, number)| *number == bits) {
        return true;
    }
    let all = info.members.iter().fold(0, |all, (_, number)| all | number);
    info.flags && bits & !all == 0
}

fn undefined(value: &Value, ty: &TypeRef) -> Raise {
    let message = format!(
        "Cannot convert value \"{}\" to type \"{}\" due to enumeration values that are not valid. Specify one of the following enumeration values and try again. The possible enumeration values are \"{}\".",
        super::string::clr_text(value),
        ty.display_name(),
        failure::names(ty, ",")
    );
    failure::conversion(message, "UndefinedIntegerToEnum")
}
