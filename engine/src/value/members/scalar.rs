//! Methods of numbers, dates, durations, types and of every object.

use std::cmp::Ordering;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::value::composite::{self, Culture};
use crate::value::convert;
use crate::value::error::Raise;
use crate::value::hashtable::same_key;
use crate::value::number;
use crate::value::ops;
use crate::value::statics;
use crate::value::types::{TypeId, TypeRef};
use crate::value::{
    DateTime, DateTimeKind, TICKS_PER_DAY, TICKS_PER_HOUR, TICKS_PER_MILLISECOND, TICKS_PER_MINUTE,
    TICKS_PER_SECOND, Text, TimeSpan, Value,
};

use super::call::Call;

/// What every object has.
pub(super) const OBJECT_METHODS: &[&str] = &["Equals", "GetHashCode", "GetType", "ToString"];

/// The methods of a value without room for its own table, for Get-Member.
pub(super) fn method_names(value: &Value) -> &'static [&'static str] {
    match value {
        Value::DateTime(_) => &[
            "Add",
            "AddDays",
            "AddHours",
            "AddMicroseconds",
            "AddMilliseconds",
            "AddMinutes",
            "AddMonths",
            "AddSeconds",
            "AddTicks",
            "AddYears",
            "CompareTo",
            "GetDateTimeFormats",
            "GetTypeCode",
            "IsDaylightSavingTime",
            "Subtract",
            "ToBinary",
            "ToFileTime",
            "ToFileTimeUtc",
            "ToLocalTime",
            "ToLongDateString",
            "ToLongTimeString",
            "ToOADate",
            "ToShortDateString",
            "ToShortTimeString",
            "ToUniversalTime",
        ],
        Value::TimeSpan(_) => &[
            "Add",
            "CompareTo",
            "Divide",
            "Duration",
            "Multiply",
            "Negate",
            "Subtract",
        ],
        Value::Array(_) => &[
            "Clone",
            "CopyTo",
            "GetEnumerator",
            "GetLength",
            "GetLongLength",
            "GetLowerBound",
            "GetUpperBound",
            "GetValue",
            "Initialize",
            "SetValue",
            "Contains",
            "IndexOf",
        ],
        Value::List(_) => &[
            "Add",
            "AddRange",
            "Clear",
            "Contains",
            "CopyTo",
            "GetEnumerator",
            "GetRange",
            "IndexOf",
            "Insert",
            "InsertRange",
            "LastIndexOf",
            "Remove",
            "RemoveAt",
            "RemoveRange",
            "Reverse",
            "Sort",
            "ToArray",
        ],
        Value::Hash(_) => &[
            "Add",
            "Clear",
            "Clone",
            "Contains",
            "ContainsKey",
            "ContainsValue",
            "CopyTo",
            "GetEnumerator",
            "Remove",
        ],
        Value::ScriptBlock(_) => &[
            "CheckRestrictedLanguage",
            "GetNewClosure",
            "GetSteppablePipeline",
            "Invoke",
            "InvokeReturnAsIs",
            "InvokeWithContext",
        ],
        Value::Type(_) => &[
            "GetConstructors",
            "GetInterfaces",
            "GetMember",
            "GetMembers",
            "GetMethod",
            "GetMethods",
            "GetProperties",
            "GetProperty",
            "IsAssignableFrom",
            "IsInstanceOfType",
            "IsSubclassOf",
        ],
        Value::Enum(_) => &["CompareTo", "GetTypeCode", "HasFlag"],
        Value::Null | Value::Nothing | Value::Object(_) | Value::Clr(_) | Value::String(_) => &[],
        Value::Bool(_) | Value::Guid(_) | Value::Version(_) | Value::Char(_) => &["CompareTo"],
        _ => &[
            "CompareTo",
            "GetTypeCode",
            "ToBoolean",
            "ToByte",
            "ToChar",
            "ToDecimal",
            "ToDouble",
            "ToInt16",
            "ToInt32",
            "ToInt64",
            "ToSByte",
            "ToSingle",
            "ToUInt16",
            "ToUInt32",
            "ToUInt64",
        ],
    }
}

/// Calls a method that the type of the value has; `None` if it is another one.
pub(super) fn invoke(value: &Value, call: &mut Call<'_>) -> Result<Option<Value>, Raise> {
    match value {
        Value::DateTime(date) => date_method(*date, call),
        Value::TimeSpan(span) => span_method(*span, call),
        Value::Type(ty) => type_method(ty, call),
        Value::Enum(own) => match call.name.to_ascii_lowercase().as_str() {
            "hasflag" => {
                call.expect(1, 1)?;
                let flag = call.converted(0, "flag", &own.ty)?;
                let Value::Enum(flag) = flag else {
                    return Ok(Some(Value::Bool(false)));
                };
                Ok(Some(Value::Bool(own.bits & flag.bits == flag.bits)))
            }
            _ => Ok(None),
        },
        Value::Guid(guid) if call.name.eq_ignore_ascii_case("ToByteArray") => {
            let bytes = guid
                .to_bytes_le()
                .iter()
                .copied()
                .map(Value::Byte)
                .collect();
            Ok(Some(Value::typed_array(TypeRef::of(TypeId::Byte), bytes)))
        }
        Value::Guid(guid) if call.name.eq_ignore_ascii_case("ToString") && call.count() == 1 => {
            let format = call.text(0)?;
            match composite::guid_text(guid, &format) {
                Some(text) => Ok(Some(text.into())),
                None => Err(call.throw(TypeId::FormatException, "Format string can be only \"D\", \"d\", \"N\", \"n\", \"P\", \"p\", \"B\", \"b\", \"X\" or \"x\".")),
            }
        }
        Value::Version(version)
            if call.name.eq_ignore_ascii_case("ToString") && call.count() == 1 =>
        {
            let count = call.size(0, "fieldCount")?;
            let text: Vec<_> = version
                .components
                .iter()
                .take(count)
                .map(ToString::to_string)
                .collect();
            Ok(Some(text.join(".").into()))
        }
        Value::Decimal(_)
        | Value::Double(_)
        | Value::Single(_)
        | Value::Char(_)
        | Value::Bool(_) => Ok(None),
        _ => Ok(None),
    }
}

/// Calls a method that every object has; `None` if it is another one.
pub(super) fn invoke_object(value: &Value, call: &mut Call<'_>) -> Result<Option<Value>, Raise> {
    Ok(Some(match call.name.to_ascii_lowercase().as_str() {
        "gettype" => {
            call.expect(0, 0)?;
            match value.type_ref() {
                Some(ty) => Value::Type(ty),
                None => Value::Null,
            }
        }
        "tostring" => to_string(value, call)?,
        "equals" => {
            call.expect(1, 1)?;
            Value::Bool(same_key(value.base(), call.value(0).base(), false))
        }
        "gethashcode" => {
            call.expect(0, 0)?;
            Value::Int32(hash_code(value))
        }
        "compareto" if is_comparable(value) => {
            call.expect(1, 1)?;
            let other = call.value(0);
            if other.is_null() {
                return Ok(Some(Value::Int32(1)));
            }
            let other = match value.type_ref() {
                Some(ty) => call.converted(0, "value", &ty)?,
                None => other,
            };
            let ordering = ops::compare(value, &other, false, call.cx)?.unwrap_or(Ordering::Equal);
            Value::Int32(match ordering {
                Ordering::Less => -1,
                Ordering::Equal => 0,
                Ordering::Greater => 1,
            })
        }
        "gettypecode" => match type_code(value) {
            Some(code) => Value::enumeration("System.TypeCode", code).unwrap_or_default(),
            None => return Ok(None),
        },
        lower => match number_conversion(lower) {
            Some(id)
                if number::integer_of(value).is_some()
                    || matches!(
                        value,
                        Value::Double(_)
                            | Value::Single(_)
                            | Value::Decimal(_)
                            | Value::String(_)
                            | Value::Bool(_)
                    ) =>
            {
                convert::to(value, &TypeRef::of(id), call.cx)?
            }
            _ => return Ok(None),
        },
    }))
}

fn number_conversion(lower: &str) -> Option<TypeId> {
    Some(match lower {
        "toboolean" => TypeId::Boolean,
        "tobyte" => TypeId::Byte,
        "tosbyte" => TypeId::SByte,
        "toint16" => TypeId::Int16,
        "touint16" => TypeId::UInt16,
        "toint32" => TypeId::Int32,
        "touint32" => TypeId::UInt32,
        "toint64" => TypeId::Int64,
        "touint64" => TypeId::UInt64,
        "tosingle" => TypeId::Single,
        "todouble" => TypeId::Double,
        "todecimal" => TypeId::Decimal,
        "tochar" => TypeId::Char,
        "todatetime" => TypeId::DateTime,
        _ => return None,
    })
}

fn type_code(value: &Value) -> Option<i64> {
    Some(match value {
        Value::Bool(_) => 3,
        Value::Char(_) => 4,
        Value::SByte(_) => 5,
        Value::Byte(_) => 6,
        Value::Int16(_) => 7,
        Value::UInt16(_) => 8,
        Value::Int32(_) | Value::Enum(_) => 9,
        Value::UInt32(_) => 10,
        Value::Int64(_) => 11,
        Value::UInt64(_) => 12,
        Value::Single(_) => 13,
        Value::Double(_) => 14,
        Value::Decimal(_) => 15,
        Value::DateTime(_) => 16,
        Value::String(_) => 18,
        _ => return None,
    })
}

fn is_comparable(value: &Value) -> bool {
    type_code(value).is_some()
        || matches!(
            value,
            Value::BigInt(_)
                | Value::TimeSpan(_)
                | Value::Guid(_)
                | Value::Version(_)
                | Value::Clr(_)
        )
}

fn hash_code(value: &Value) -> i32 {
    match value {
        Value::Bool(truth) => i32::from(*truth),
        Value::Int32(number) => *number,
        Value::Byte(_) | Value::SByte(_) | Value::Int16(_) | Value::UInt16(_) => {
            number::integer_of(value)
                .and_then(|number| i32::try_from(number).ok())
                .unwrap_or(0)
        }
        Value::Int64(number) => (*number as i32) ^ ((*number >> 32) as i32),
        Value::Char(unit) => i32::from(*unit) | i32::from(*unit) << 16,
        Value::Enum(own) => own.bits as i32,
        other => {
            let mut hasher = DefaultHasher::new();
            convert::clr_text(other).as_str().hash(&mut hasher);
            other.type_name().as_str().hash(&mut hasher);
            hasher.finish() as i32
        }
    }
}

/// The culture that an argument names; en-US if it is none that is known.
pub(crate) fn culture_of(value: &Value) -> Culture {
    match value.as_clr::<crate::value::clr_types::CultureInfo>() {
        Some(culture) => culture.formats(),
        None => Culture::EnUs,
    }
}

fn to_string(value: &Value, call: &mut Call<'_>) -> Result<Value, Raise> {
    if call.count() > 2 {
        return Err(call.no_overload());
    }
    let formattable = matches!(
        value,
        Value::Byte(_)
            | Value::SByte(_)
            | Value::Int16(_)
            | Value::UInt16(_)
            | Value::Int32(_)
            | Value::UInt32(_)
            | Value::Int64(_)
            | Value::UInt64(_)
            | Value::Single(_)
            | Value::Double(_)
            | Value::Decimal(_)
            | Value::BigInt(_)
            | Value::DateTime(_)
            | Value::TimeSpan(_)
            | Value::Guid(_)
            | Value::Enum(_)
            | Value::Clr(_)
    );
    if call.count() == 0 || !formattable {
        if call.count() > 0 && !matches!(value, Value::Bool(_) | Value::Char(_) | Value::Clr(_)) {
            return Err(call.no_overload());
        }
        return Ok(Value::String(convert::clr_text(value)));
    }
    let (mut format, mut culture) = (Text::default(), Culture::EnUs);
    for argument in call.arguments {
        match argument.base() {
            Value::String(text) => format = text.clone(),
            Value::Clr(_) => culture = culture_of(argument),
            Value::Null | Value::Nothing => {}
            other => format = convert::to_text(other, call.cx)?,
        }
    }
    match composite::format_value(value, &format, culture, call.cx)? {
        Ok(text) => Ok(Value::String(text)),
        Err(message) => Err(call.throw(TypeId::FormatException, message)),
    }
}

fn unrepresentable(call: &Call<'_>, parameter: &str) -> Raise {
    call.throw(TypeId::ArgumentOutOfRangeException, format!("The added or subtracted value results in an un-representable DateTime. (Parameter '{parameter}')"))
}

fn date_method(date: DateTime, call: &mut Call<'_>) -> Result<Option<Value>, Raise> {
    let lower = call.name.to_ascii_lowercase();
    let unit = match lower.as_str() {
        "adddays" => Some(TICKS_PER_DAY),
        "addhours" => Some(TICKS_PER_HOUR),
        "addminutes" => Some(TICKS_PER_MINUTE),
        "addseconds" => Some(TICKS_PER_SECOND),
        "addmilliseconds" => Some(TICKS_PER_MILLISECOND),
        "addmicroseconds" => Some(10),
        _ => None,
    };
    if let Some(unit) = unit {
        call.expect(1, 1)?;
        let count = call.double(0, "value")?;
        let moved = TimeSpan::from_units(count, unit).and_then(|span| date.plus_ticks(span.ticks));
        return moved
            .map(|moved| Some(Value::DateTime(moved)))
            .ok_or_else(|| {
                call.throw(
                    TypeId::ArgumentOutOfRangeException,
                    "Value to add was out of range. (Parameter 'value')",
                )
            });
    }
    let format = |specifier: &str| {
        crate::value::date::format_date_time(
            date,
            None,
            specifier,
            crate::value::date::DateCulture::EnUs,
        )
        .unwrap_or_default()
    };
    Ok(Some(match lower.as_str() {
        "addmonths" | "addyears" => {
            call.expect(1, 1)?;
            let count = call.int(
                0,
                if lower == "addyears" {
                    "value"
                } else {
                    "months"
                },
            )?;
            let months = if lower == "addyears" {
                count.checked_mul(12)
            } else {
                Some(count)
            };
            match months.and_then(|months| date.plus_months(months)) {
                Some(moved) => Value::DateTime(moved),
                None => {
                    return Err(unrepresentable(
                        call,
                        if lower == "addyears" {
                            "value"
                        } else {
                            "months"
                        },
                    ));
                }
            }
        }
        "addticks" => {
            let ticks = call.long(0, "value")?;
            match date.plus_ticks(ticks) {
                Some(moved) => Value::DateTime(moved),
                None => return Err(unrepresentable(call, "value")),
            }
        }
        "add" => ops::add(
            &Value::DateTime(date),
            &call.converted(0, "value", &TypeRef::of(TypeId::TimeSpan))?,
            call.cx,
        )?,
        "subtract" => {
            call.expect(1, 1)?;
            let other = call.value(0);
            let other = match other.base() {
                Value::String(_) => call.converted(0, "value", &TypeRef::of(TypeId::DateTime))?,
                _ => other,
            };
            ops::subtract(&Value::DateTime(date), &other, call.cx)?
        }
        "touniversaltime" => Value::DateTime(date.to_utc()),
        "tolocaltime" => Value::DateTime(date.to_local()),
        "toshortdatestring" => format("d").into(),
        "tolongdatestring" => format("D").into(),
        "toshorttimestring" => format("t").into(),
        "tolongtimestring" => format("T").into(),
        "isdaylightsavingtime" => {
            let (year, _, _) = date.date();
            let winter = DateTime::from_date(year, 1, 1).map_or(0, |day| day.local_offset().ticks);
            let summer = DateTime::from_date(year, 7, 1).map_or(0, |day| day.local_offset().ticks);
            Value::Bool(winter != summer && date.local_offset().ticks == winter.max(summer))
        }
        // Windows counts from 1601.
        "tofiletime" | "tofiletimeutc" => {
            Value::Int64(date.to_utc().ticks - 504_911_232_000_000_000)
        }
        "tooadate" => {
            Value::Double((date.ticks - 599_264_352_000_000_000) as f64 / TICKS_PER_DAY as f64)
        }
        "tobinary" => Value::Int64(
            date.ticks
                | match date.kind {
                    DateTimeKind::Unspecified => 0,
                    DateTimeKind::Utc => 1 << 62,
                    DateTimeKind::Local => i64::MIN,
                },
        ),
        "getdatetimeformats" => {
            Value::strings(["d", "D", "f", "F", "g", "G", "t", "T", "y"].map(format))
        }
        _ => return Ok(None),
    }))
}

fn span_method(span: TimeSpan, call: &mut Call<'_>) -> Result<Option<Value>, Raise> {
    let this = Value::TimeSpan(span);
    Ok(Some(match call.name.to_ascii_lowercase().as_str() {
        "add" => ops::add(
            &this,
            &call.converted(0, "ts", &TypeRef::of(TypeId::TimeSpan))?,
            call.cx,
        )?,
        "subtract" => ops::subtract(
            &this,
            &call.converted(0, "ts", &TypeRef::of(TypeId::TimeSpan))?,
            call.cx,
        )?,
        "multiply" => ops::multiply(&this, &Value::Double(call.double(0, "factor")?), call.cx)?,
        "divide" => ops::divide(&this, &call.value(0), call.cx)?,
        "negate" => ops::negate(&this, call.cx)?,
        "duration" => Value::TimeSpan(TimeSpan {
            ticks: span.ticks.checked_abs().unwrap_or(i64::MAX),
        }),
        _ => return Ok(None),
    }))
}

fn type_method(ty: &TypeRef, call: &mut Call<'_>) -> Result<Option<Value>, Raise> {
    Ok(Some(match call.name.to_ascii_lowercase().as_str() {
        "isassignablefrom" | "issubclassof" | "isassignableto" => {
            let Value::Type(other) = call.converted(0, "c", &TypeRef::of(TypeId::Type))? else {
                return Ok(None);
            };
            Value::Bool(match call.name.to_ascii_lowercase().as_str() {
                "isassignablefrom" => other.is_assignable_to(ty),
                "issubclassof" => other != *ty && ty.chain().any(|base| base == other),
                _ => ty.is_assignable_to(&other),
            })
        }
        "isinstanceoftype" => Value::Bool(convert::is_instance(&call.value(0), ty)),
        "getelementtype" => ty.element().cloned().map_or(Value::Null, Value::Type),
        "getenumnames" => statics::enum_names(ty),
        "getenumvalues" => statics::enum_values(ty),
        "getgenericarguments" => Value::typed_array(
            TypeRef::of(TypeId::Type),
            ty.arguments().iter().cloned().map(Value::Type).collect(),
        ),
        "makearraytype" => Value::Type(ty.array_of()),
        "tostring" => Value::String(ty.display_name()),
        _ => return Ok(None),
    }))
}
