//! Properties of every value.

use std::sync::Arc;

use crate::value::context::Context;
use crate::value::convert::{self, elements_of};
use crate::value::date_time::TICKS_PER_DAY;
use crate::value::error::{ErrorCategory, Raise};
use crate::value::fold::equal_folded;
use crate::value::types::{Shape, TypeId, TypeRef};
use crate::value::{
    Array, DateTime, DateTimeKind, Hashtable, List, ListKind, Member, TICKS_PER_HOUR,
    TICKS_PER_MILLISECOND, TICKS_PER_MINUTE, TICKS_PER_SECOND, Text, TimeSpan, Value,
};

/// The value of a property: members that a script added first, then entries of dictionaries, then what the type has.
/// Of a collection without it, the values of its items. `None` if there is no such property.
///
/// # Errors
/// When a script property fails in a way that ends the script.
pub fn get_property(
    target: &Value,
    name: &str,
    cx: &mut dyn Context,
) -> Result<Option<Value>, Raise> {
    if let Some(found) = own_property(target, name, cx)? {
        return Ok(Some(found));
    }
    // The property of each item, where there are several.
    if let Some(items) = elements_of(target) {
        let mut values = Vec::new();
        let mut found = false;
        for item in &items {
            cx.checkpoint()?;
            let value = if elements_of(item).is_some() && own_property(item, name, cx)?.is_none() {
                get_property(item, name, cx)?
            } else {
                own_property(item, name, cx)?
            };
            if let Some(value) = value {
                found = true;
                match elements_of(&value) {
                    Some(several) => values.extend(several),
                    None => values.push(value),
                }
            } else if matches!(item, Value::Object(object) if object.is_bag()) {
                // Custom objects answer for every name, with nothing.
                found = true;
                values.push(Value::Null);
            }
        }
        if found {
            return Ok(Some(match values.len() {
                1 => values.remove(0),
                _ => Value::array(values),
            }));
        }
    }
    Ok(None)
}

fn own_property(target: &Value, name: &str, cx: &mut dyn Context) -> Result<Option<Value>, Raise> {
    if let Some(extended) = target.extended()
        && let Some(member) = extended.member(name)
    {
        return member_value(target, member, cx, 0).map(Some);
    }
    if let Some(view) = super::listing::shell_member(target, name) {
        return Ok(Some(view));
    }
    match target {
        Value::Object(object) if object.is_bag() => {}
        Value::Object(object) => {
            if !object.base().is_null()
                && let Some(value) = own_property(object.base(), name, cx)?
            {
                return Ok(Some(value));
            }
        }
        _ => {}
    }
    if let Some(value) = intrinsic(target, name) {
        return value.map(Some);
    }
    Ok(None)
}

/// How many aliases may lead to each other.
const MAX_ALIASES: usize = 32;

pub(super) fn member_value(
    target: &Value,
    member: Member,
    cx: &mut dyn Context,
    depth: usize,
) -> Result<Value, Raise> {
    match member {
        Member::Note(value) => Ok(value),
        Member::Script {
            getter: Some(block),
            ..
        } => cx.call_block(&block, &[], None, Some(target)),
        Member::Script { getter: None, .. } => Ok(Value::Null),
        Member::Alias {
            target: other,
            conversion,
        } => {
            if depth > MAX_ALIASES {
                return Err(Raise::runtime(
                    format!("There was an error with alias '{other}': it refers to itself."),
                    "CycleInAliasLookup",
                ));
            }
            let value = match target
                .extended()
                .and_then(|extended| extended.member(&other))
            {
                Some(member) => member_value(target, member, cx, depth + 1)?,
                None => own_property(target, &other, cx)?.unwrap_or_default(),
            };
            match conversion {
                Some(ty) => convert::to(&value, &ty, cx),
                None => Ok(value),
            }
        }
        Member::Method(_) => Ok(Value::clr(crate::value::MethodGroup {
            target: target.clone(),
            name: Text::default(),
        })),
        Member::PropertySet(names) => {
            let mut members = crate::value::Members::default();
            for name in names {
                let value = own_property(target, &name, cx)?.unwrap_or_default();
                members.set_note(name.shared(), value);
            }
            Ok(Value::Object(Arc::new(crate::value::PsObj::custom(
                members,
            ))))
        }
        Member::MemberSet(members) => Ok(Value::Object(Arc::new(crate::value::PsObj::custom(
            *members,
        )))),
    }
}

/// What the type itself has. Every value also counts as a collection of one, with Count and Length.
fn intrinsic(target: &Value, name: &str) -> Option<Result<Value, Raise>> {
    let lower = name.to_ascii_lowercase();
    let found = match target {
        Value::String(text) if lower == "length" => Some(int(text.utf16_len())),
        Value::Array(array) => array_property(array, &lower),
        Value::List(list) => list_property(list, &lower),
        Value::Hash(table) => {
            if let Some(value) = table.get_text(name) {
                return Some(Ok(value));
            }
            table_property(table, &lower)
        }
        Value::DateTime(date) => date_property(*date, &lower),
        Value::TimeSpan(span) => span_property(*span, &lower),
        Value::Version(version) => {
            let [major, minor, build, revision] = version.components;
            match lower.as_str() {
                "major" => Some(Value::Int32(major)),
                "minor" => Some(Value::Int32(minor)),
                "build" => Some(Value::Int32(build)),
                "revision" => Some(Value::Int32(revision)),
                "majorrevision" => Some(Value::Int16(i16::try_from(revision >> 16).unwrap_or(-1))),
                "minorrevision" => Some(Value::Int16((revision & 0xffff) as i16)),
                _ => None,
            }
        }
        Value::Guid(guid) if lower == "guid" => Some(guid.hyphenated().to_string().into()),
        Value::Guid(guid) if lower == "version" => Some(Value::Int32(
            i32::try_from(guid.get_version_num()).unwrap_or(0),
        )),
        Value::BigInt(number) => match lower.as_str() {
            "iszero" => Some(Value::Bool(number.sign() == num_bigint::Sign::NoSign)),
            "isone" => Some(Value::Bool(**number == 1.into())),
            "iseven" => Some(Value::Bool(!number.bit(0))),
            "sign" => Some(Value::Int32(match number.sign() {
                num_bigint::Sign::Minus => -1,
                num_bigint::Sign::NoSign => 0,
                num_bigint::Sign::Plus => 1,
            })),
            _ => None,
        },
        Value::Decimal(number) if lower == "scale" => {
            u8::try_from(number.scale()).ok().map(Value::Byte)
        }
        Value::Enum(value) if lower == "value__" => {
            convert::to_integer_type(i128::from(value.bits), TypeId::Int32)
                .or(Some(Value::Int64(value.bits)))
        }
        Value::Type(ty) => type_property(ty, &lower),
        Value::ScriptBlock(_) | Value::Object(_) => None,
        Value::Clr(object) => {
            return object
                .property(name)
                .or_else(|| counted(target, &lower).map(Ok));
        }
        _ => None,
    };
    found.or_else(|| counted(target, &lower)).map(Ok)
}

fn counted(target: &Value, lower: &str) -> Option<Value> {
    let is_count = matches!(lower, "count" | "length");
    match target {
        Value::Null | Value::Nothing => is_count.then_some(Value::Int32(0)),
        Value::Clr(object) => match object.items() {
            Some(items) => (lower == "count").then(|| int(items.len())),
            None => is_count.then_some(Value::Int32(1)),
        },
        _ => is_count.then_some(Value::Int32(1)),
    }
}

fn int(count: usize) -> Value {
    Value::Int32(i32::try_from(count).unwrap_or(i32::MAX))
}

fn array_property(array: &Arc<Array>, lower: &str) -> Option<Value> {
    Some(match lower {
        "length" | "count" => int(array.len()),
        "longlength" => Value::Int64(i64::try_from(array.len()).unwrap_or(i64::MAX)),
        "rank" => Value::Int32(1),
        "isfixedsize" => Value::Bool(true),
        "isreadonly" | "issynchronized" => Value::Bool(false),
        "syncroot" => Value::Array(Arc::clone(array)),
        _ => return None,
    })
}

fn list_property(list: &List, lower: &str) -> Option<Value> {
    Some(match lower {
        "count" => int(list.len()),
        "capacity" if !matches!(list.kind(), ListKind::Collection(_)) => {
            int(list.read().capacity())
        }
        "isfixedsize" | "isreadonly" | "issynchronized"
            if matches!(list.kind(), ListKind::ArrayList) =>
        {
            Value::Bool(false)
        }
        "length" => return None,
        _ => return None,
    })
}

fn table_property(table: &Arc<Hashtable>, lower: &str) -> Option<Value> {
    Some(match lower {
        "count" => int(table.len()),
        "keys" => Value::array(table.keys()),
        "values" => Value::array(table.values()),
        "isreadonly" | "isfixedsize" | "issynchronized" => Value::Bool(false),
        "syncroot" => Value::Hash(Arc::clone(table)),
        "length" => Value::Int32(1),
        _ => return None,
    })
}

/// A property of a date by its lower-case name.
#[must_use]
pub fn date_property(date: DateTime, lower: &str) -> Option<Value> {
    let (year, month, day) = date.date();
    let time = date.time_of_day().ticks;
    let part =
        |unit: i64, modulus: i64| Value::Int32(i32::try_from(time / unit % modulus).unwrap_or(0));
    Some(match lower {
        "year" => Value::Int32(year),
        "month" => Value::Int32(month),
        "day" => Value::Int32(day),
        "hour" => part(TICKS_PER_HOUR, 24),
        "minute" => part(TICKS_PER_MINUTE, 60),
        "second" => part(TICKS_PER_SECOND, 60),
        "millisecond" => part(TICKS_PER_MILLISECOND, 1000),
        "microsecond" => part(10, 1000),
        "nanosecond" => Value::Int32(i32::try_from(time % 10 * 100).unwrap_or(0)),
        "ticks" => Value::Int64(date.ticks),
        "dayofyear" => Value::Int32(date.day_of_year()),
        "dayofweek" => Value::enumeration("System.DayOfWeek", date.day_of_week())?,
        "date" => Value::DateTime(DateTime {
            ticks: date.ticks - time,
            kind: date.kind,
        }),
        "timeofday" => Value::TimeSpan(TimeSpan { ticks: time }),
        "kind" => Value::enumeration(
            "System.DateTimeKind",
            match date.kind {
                DateTimeKind::Unspecified => 0,
                DateTimeKind::Utc => 1,
                DateTimeKind::Local => 2,
            },
        )?,
        // What the shell adds to dates.
        "datetime" => crate::value::date::format_date_time(
            date,
            None,
            "F",
            crate::value::date::DateCulture::EnUs,
        )?
        .into(),
        _ => return None,
    })
}

fn span_property(span: TimeSpan, lower: &str) -> Option<Value> {
    let part = |unit: i64, modulus: i64| {
        Value::Int32(i32::try_from(span.ticks / unit % modulus).unwrap_or(0))
    };
    let total = |unit: i64| Value::Double(span.ticks as f64 / unit as f64);
    Some(match lower {
        "ticks" => Value::Int64(span.ticks),
        "days" => Value::Int32(i32::try_from(span.ticks / TICKS_PER_DAY).unwrap_or(0)),
        "hours" => part(TICKS_PER_HOUR, 24),
        "minutes" => part(TICKS_PER_MINUTE, 60),
        "seconds" => part(TICKS_PER_SECOND, 60),
        "milliseconds" => part(TICKS_PER_MILLISECOND, 1000),
        "microseconds" => part(10, 1000),
        "nanoseconds" => Value::Int32(i32::try_from(span.ticks % 10 * 100).unwrap_or(0)),
        "totaldays" => total(TICKS_PER_DAY),
        "totalhours" => total(TICKS_PER_HOUR),
        "totalminutes" => total(TICKS_PER_MINUTE),
        "totalseconds" => total(TICKS_PER_SECOND),
        // .NET keeps it within what a whole number of milliseconds can be.
        "totalmilliseconds" => {
            let most = (i64::MAX / TICKS_PER_MILLISECOND) as f64;
            let exact = span.ticks as f64 / TICKS_PER_MILLISECOND as f64;
            Value::Double(exact.clamp(-most, most))
        }
        "totalmicroseconds" => total(10),
        "totalnanoseconds" => Value::Double(span.ticks as f64 * 100.0),
        _ => return None,
    })
}

fn type_property(ty: &TypeRef, lower: &str) -> Option<Value> {
    let shape = ty.shape();
    Some(match lower {
        "name" => Value::String(ty.name()),
        "fullname" => Value::String(ty.full_name()),
        "namespace" => {
            let full = ty.static_name();
            match (ty, full.rfind('.')) {
                (TypeRef::User(_), _) => Value::Null,
                (_, Some(at)) => full[..at].into(),
                (_, None) => Value::Null,
            }
        }
        "basetype" => ty.base().map_or(Value::Null, Value::Type),
        "isenum" => Value::Bool(shape == Shape::Enum),
        "isvaluetype" => Value::Bool(matches!(shape, Shape::Enum | Shape::Struct)),
        "isclass" => Value::Bool(matches!(shape, Shape::Class | Shape::Delegate)),
        "isinterface" => Value::Bool(shape == Shape::Interface),
        "isarray" => Value::Bool(matches!(ty, TypeRef::Array(..))),
        "isabstract" => Value::Bool(shape == Shape::Interface),
        "isprimitive" => Value::Bool(matches!(
            ty.id(),
            Some(
                TypeId::Boolean
                    | TypeId::Byte
                    | TypeId::SByte
                    | TypeId::Int16
                    | TypeId::UInt16
                    | TypeId::Int32
                    | TypeId::UInt32
                    | TypeId::Int64
                    | TypeId::UInt64
                    | TypeId::Single
                    | TypeId::Double
                    | TypeId::Char
                    | TypeId::IntPtr
            )
        )),
        "isgenerictype" => {
            Value::Bool(matches!(ty, TypeRef::Generic(_)) || ty.static_name().contains('`'))
        }
        "ispublic" | "issealed" => Value::Bool(true),
        "generictypearguments" => Value::typed_array(
            TypeRef::of(TypeId::Type),
            ty.arguments().iter().cloned().map(Value::Type).collect(),
        ),
        "underlyingsystemtype" => Value::Type(ty.clone()),
        "membertype" => "TypeInfo".into(),
        _ => return None,
    })
}

/// Sets a property; `None` if there is no such property.
///
/// # Errors
/// When the property cannot be set, or the value does not convert.
pub fn set_property(
    target: &Value,
    name: &str,
    value: &Value,
    cx: &mut dyn Context,
) -> Result<Option<()>, Raise> {
    if let Some(extended) = target.extended()
        && let Some(member) = extended.member(name)
    {
        return match member {
            Member::Note(_) => {
                let value = match target {
                    Value::Object(object) => match object.class() {
                        Some(class) => cx.field_value(class, name, value)?,
                        None => value.clone(),
                    },
                    _ => value.clone(),
                };
                let old = extended
                    .members_mut()
                    .get_mut(name)
                    .map(|slot| std::mem::replace(slot, Member::Note(value)));
                drop(old);
                Ok(Some(()))
            }
            Member::Script {
                setter: Some(block),
                ..
            } => cx
                .call_block(&block, std::slice::from_ref(value), None, Some(target))
                .map(|_| Some(())),
            Member::Script { setter: None, .. } => Err(Raise::of(
                TypeId::SetValueException,
                format!("Set accessor for property \"{name}\" is unavailable."),
                "SetWithoutSetterFromScriptProperty",
            )),
            Member::Alias { target: other, .. } if !equal_folded(&other, name) => {
                set_property(target, &other, value, cx)
            }
            _ => Err(read_only(name)),
        };
    }
    match target {
        Value::Object(object) if !object.base().is_null() => {
            set_property(object.base(), name, value, cx)
        }
        Value::Hash(_) => {
            super::super::ops::set_index(target, &Value::from(name), value, cx).map(Some)
        }
        Value::List(list) if equal_folded(name, "Capacity") => {
            let wanted = convert::to(value, &TypeRef::of(TypeId::Int32), cx)?;
            if let Value::Int32(wanted) = wanted {
                let more = usize::try_from(wanted)
                    .unwrap_or(0)
                    .saturating_sub(list.len());
                cx.charge(more * size_of::<Value>())?;
                list.write().reserve(more);
            }
            Ok(Some(()))
        }
        Value::Clr(object) => match object.set_property(name, value, cx) {
            Some(result) => result.map(Some),
            None if object.property(name).is_some() => Err(read_only(name)),
            None => Ok(None),
        },
        other => match intrinsic(other, name) {
            Some(_) if !is_only_counted(other, name) => Err(read_only(name)),
            _ => Ok(None),
        },
    }
}

/// Whether the property is only the Count or Length that everything has.
fn is_only_counted(target: &Value, name: &str) -> bool {
    match target {
        Value::String(_) => !equal_folded(name, "Length"),
        Value::Array(_) | Value::List(_) => false,
        _ => equal_folded(name, "Length") || equal_folded(name, "Count"),
    }
}

fn read_only(name: &str) -> Raise {
    Raise::runtime(
        format!("'{name}' is a ReadOnly property."),
        "PropertyAssignmentException",
    )
    .category(ErrorCategory::InvalidOperation)
}
