//! Static members of dates, GUIDs, enumerations, arrays, paths and the environment.

mod array;
mod date;
mod linq;
mod path;
mod uri;

use crate::value::clr_types::{
    CultureInfo, DateTimeOffset, IpAddress, Singleton, StringComparer, Tuple,
};
use crate::value::context::Context;
use crate::value::convert;
use crate::value::error::Raise;
use crate::value::members::Call;
use crate::value::text_encoding::TextEncoding;
use crate::value::types::{TypeId, TypeRef};
use crate::value::{
    DateTime, DateTimeKind, TICKS_PER_DAY, TICKS_PER_HOUR, TICKS_PER_MILLISECOND, TICKS_PER_MINUTE,
    TICKS_PER_SECOND, TimeSpan, Value,
};
use array::array;
use date::{date, span};
use linq::linq;
use path::path;
use uri::{percent_decode, percent_encode};

pub(super) use date::kind_of;

const UNIX_EPOCH: i64 = crate::value::date_time::UNIX_EPOCH_TICKS;

pub(super) fn constant(
    id: TypeId,
    lower: &str,
    _cx: &mut dyn Context,
) -> Result<Option<Value>, Raise> {
    use TypeId as T;
    let date = |ticks, kind| Value::DateTime(DateTime { ticks, kind });
    let span = |ticks| Value::TimeSpan(TimeSpan { ticks });
    Ok(Some(match (id, lower) {
        (T::DateTime, "now") => Value::DateTime(DateTime::now()),
        (T::DateTime, "utcnow") => Value::DateTime(DateTime::utc_now()),
        (T::DateTime, "today") => {
            let now = DateTime::now();
            date(now.ticks - now.ticks % TICKS_PER_DAY, DateTimeKind::Local)
        }
        (T::DateTime, "minvalue") => date(0, DateTimeKind::Unspecified),
        (T::DateTime, "maxvalue") => date(
            crate::value::date_time::MAX_TICKS,
            DateTimeKind::Unspecified,
        ),
        (T::DateTime, "unixepoch") => date(UNIX_EPOCH, DateTimeKind::Utc),
        (T::DateTimeOffset, "now") => Value::clr(DateTimeOffset::of(DateTime::now())),
        (T::DateTimeOffset, "utcnow") => Value::clr(DateTimeOffset::of(DateTime::utc_now())),
        (T::DateTimeOffset, "unixepoch") => Value::clr(DateTimeOffset::of(DateTime {
            ticks: UNIX_EPOCH,
            kind: DateTimeKind::Utc,
        })),
        (T::TimeSpan, "zero") => span(0),
        (T::TimeSpan, "maxvalue") => span(i64::MAX),
        (T::TimeSpan, "minvalue") => span(i64::MIN),
        (T::TimeSpan, "ticksperday") => Value::Int64(TICKS_PER_DAY),
        (T::TimeSpan, "ticksperhour") => Value::Int64(TICKS_PER_HOUR),
        (T::TimeSpan, "ticksperminute") => Value::Int64(TICKS_PER_MINUTE),
        (T::TimeSpan, "tickspersecond") => Value::Int64(TICKS_PER_SECOND),
        (T::TimeSpan, "tickspermillisecond") => Value::Int64(TICKS_PER_MILLISECOND),
        (T::Guid, "empty") => Value::Guid(uuid::Uuid::nil()),
        (T::Boolean, "truestring") => "True".into(),
        (T::Boolean, "falsestring") => "False".into(),
        (T::SwitchParameter, "present") => {
            Value::clr(crate::value::clr_types::SwitchParameter(true))
        }
        (T::NullString, "value") => Value::clr(Singleton(T::NullString)),
        (T::DBNull, "value") => Value::clr(Singleton(T::DBNull)),
        (T::IPAddress, "loopback") => Value::clr(IpAddress(std::net::Ipv4Addr::LOCALHOST.into())),
        (T::IPAddress, "any") => Value::clr(IpAddress(std::net::Ipv4Addr::UNSPECIFIED.into())),
        (T::IPAddress, "ipv6loopback") => {
            Value::clr(IpAddress(std::net::Ipv6Addr::LOCALHOST.into()))
        }
        (T::AutomationNull, "value") => Value::Nothing,
        (T::CultureInfo, "invariantculture") => Value::clr(CultureInfo::new("")),
        (T::CultureInfo, "currentculture" | "currentuiculture") => {
            Value::clr(CultureInfo::new("en-US"))
        }
        (T::StringComparer, "ordinal" | "invariantculture" | "currentculture") => {
            Value::clr(StringComparer { ignore_case: false })
        }
        (
            T::StringComparer,
            "ordinalignorecase" | "invariantcultureignorecase" | "currentcultureignorecase",
        ) => Value::clr(StringComparer { ignore_case: true }),
        (T::Encoding, "utf8" | "default") => Value::clr(TextEncoding::Utf8),
        (T::Encoding, "ascii") => Value::clr(TextEncoding::Ascii),
        (T::Encoding, "unicode") => Value::clr(TextEncoding::Utf16),
        (T::Encoding, "bigendianunicode") => Value::clr(TextEncoding::Utf16BigEndian),
        (T::Encoding, "utf32") => Value::clr(TextEncoding::Utf32),
        (T::Encoding, "latin1") => Value::clr(TextEncoding::Latin1),
        (T::Path, "directoryseparatorchar" | "altdirectoryseparatorchar") => {
            Value::Char(u16::from(b'/'))
        }
        (T::Path, "pathseparator") => Value::Char(u16::from(b':')),
        (T::Path, "volumeseparatorchar") => Value::Char(u16::from(b'/')),
        (T::Environment, "newline") => "\n".into(),
        (T::Environment, "machinename") => std::fs::read_to_string("/proc/sys/kernel/hostname")
            .map_or_else(|_| "localhost".into(), |name| name.trim().into()),
        (T::Environment, "processorcount") => Value::Int32(
            std::thread::available_parallelism()
                .map_or(1, |count| i32::try_from(count.get()).unwrap_or(1)),
        ),
        (T::Environment, "is64bitprocess" | "is64bitoperatingsystem") => Value::Bool(true),
        (T::Environment, "username") => std::env::var("USER").unwrap_or_default().into(),
        (T::Environment, "userinteractive") => Value::Bool(true),
        (T::Environment, "processid") => {
            Value::Int32(i32::try_from(std::process::id()).unwrap_or(0))
        }
        (T::Environment, "tickcount64") => Value::Int64(uptime_milliseconds()),
        (T::Environment, "tickcount") => Value::Int32(uptime_milliseconds() as i32),
        (T::BitConverter, "islittleendian") => Value::Bool(true),
        _ => return Ok(None),
    }))
}

fn uptime_milliseconds() -> i64 {
    let text = std::fs::read_to_string("/proc/uptime").unwrap_or_default();
    text.split(' ')
        .next()
        .and_then(|seconds| seconds.parse::<f64>().ok())
        .map_or(0, |seconds| (seconds * 1000.0) as i64)
}

pub(super) fn invoke(
    ty: &TypeRef,
    id: TypeId,
    lower: &str,
    call: &mut Call<'_>,
) -> Result<Option<Value>, Raise> {
    match id {
        TypeId::DateTime => date(lower, call),
        TypeId::DateTimeOffset => Ok(match lower {
            "fromunixtimeseconds" | "fromunixtimemilliseconds" => {
                let unit = if lower.ends_with("milliseconds") {
                    TICKS_PER_MILLISECOND
                } else {
                    TICKS_PER_SECOND
                };
                let ticks = call
                    .long(0, "seconds")?
                    .checked_mul(unit)
                    .and_then(|ticks| ticks.checked_add(UNIX_EPOCH));
                match ticks.and_then(|ticks| DateTime::from_ticks(ticks, DateTimeKind::Unspecified)) {
                    Some(clock) => Some(Value::clr(DateTimeOffset { clock, offset: TimeSpan { ticks: 0 } })),
                    None => return Err(call.throw(TypeId::ArgumentOutOfRangeException, "Valid values are between -62135596800 and 253402300799, inclusive. (Parameter 'seconds')")),
                }
            }
            _ => None,
        }),
        TypeId::TimeSpan => span(lower, call),
        TypeId::Guid => Ok(matches!(lower, "newguid").then(|| Value::Guid(uuid::Uuid::new_v4()))),
        TypeId::EnumBase => enumeration(lower, call),
        TypeId::Array => array(lower, call),
        TypeId::Path => path(lower, call),
        TypeId::Environment => environment(lower, call),
        TypeId::Type => Ok(match lower {
            "gettype" => {
                let name = call.text(0)?;
                Some(TypeRef::find(&name).map_or(Value::Null, Value::Type))
            }
            _ => None,
        }),
        TypeId::Activator if lower == "createinstance" => {
            let Value::Type(made) = call.converted(0, "type", &TypeRef::of(TypeId::Type))? else {
                return Ok(None);
            };
            crate::value::statics::construct(&made, &call.arguments[1..], call.cx).map(Some)
        }
        TypeId::Tuple if lower == "create" => {
            let items = call.arguments.to_vec();
            let types: Vec<_> = items
                .iter()
                .map(|item| {
                    item.type_ref()
                        .unwrap_or_else(|| TypeRef::of(TypeId::Object))
                })
                .collect();
            let id = match items.len() {
                1 => TypeId::Tuple1,
                2 => TypeId::Tuple2,
                3 => TypeId::Tuple3,
                _ => TypeId::Tuple4,
            };
            Ok(Some(Value::clr(Tuple::new(
                TypeRef::generic(id, types),
                items,
            ))))
        }
        TypeId::Encoding if lower == "getencoding" => {
            let name = call.text(0)?;
            match TextEncoding::named(&name) {
                Some(encoding) => Ok(Some(Value::clr(encoding))),
                None => Err(call.throw(TypeId::ArgumentException, format!("'{name}' is not a supported encoding name. For information on defining a custom encoding, see the documentation for the Encoding.RegisterProvider method. (Parameter 'name')"))),
            }
        }
        TypeId::CultureInfo if matches!(lower, "getcultureinfo" | "createspecificculture") => {
            Ok(Some(Value::clr(CultureInfo::new(call.text(0)?))))
        }
        TypeId::ScriptBlock if lower == "create" => {
            let text = call.text(0)?;
            call.cx.compile(&text).map(Some)
        }
        TypeId::Enumerable => linq(lower, call),
        TypeId::WebUtility | TypeId::Uri => Ok(match lower {
            "urlencode" => Some(percent_encode(&call.text(0)?, b"-_.!*()", true).into()),
            "escapedatastring" => Some(percent_encode(&call.text(0)?, b"-_.~", false).into()),
            "urldecode" | "unescapedatastring" => {
                Some(percent_decode(&call.text(0)?, lower == "urldecode").into())
            }
            "htmlencode" => Some(
                call.text(0)?
                    .replace('&', "&amp;")
                    .replace('<', "&lt;")
                    .replace('>', "&gt;")
                    .replace('"', "&quot;")
                    .replace('\'', "&#39;")
                    .into(),
            ),
            "htmldecode" => Some(
                call.text(0)?
                    .replace("&lt;", "<")
                    .replace("&gt;", ">")
                    .replace("&quot;", "\"")
                    .replace("&#39;", "'")
                    .replace("&amp;", "&")
                    .into(),
            ),
            _ => None,
        }),
        _ => {
            let _ = ty;
            Ok(None)
        }
    }
}

fn enumeration(lower: &str, call: &mut Call<'_>) -> Result<Option<Value>, Raise> {
    let Value::Type(ty) = call.converted(0, "enumType", &TypeRef::of(TypeId::Type))? else {
        return Ok(None);
    };
    if ty.enum_info().is_none() {
        return Err(call.throw(
            TypeId::ArgumentException,
            "Type provided must be an Enum. (Parameter 'enumType')",
        ));
    }
    Ok(Some(match lower {
        "getnames" => crate::value::statics::enum_names(&ty),
        "getvalues" => crate::value::statics::enum_values(&ty),
        "getunderlyingtype" => Value::Type(TypeRef::of(
            ty.enum_info().map_or(TypeId::Int32, |info| info.underlying),
        )),
        "isdefined" => {
            let value = call.value(1);
            let info = ty.enum_info();
            let known = match value.base() {
                Value::String(name) => info
                    .is_some_and(|info| info.members.iter().any(|(own, _)| own == name.as_str())),
                Value::Enum(own) => {
                    info.is_some_and(|info| info.members.iter().any(|(_, bits)| *bits == own.bits))
                }
                other => {
                    let number = crate::value::number::integer_of(other);
                    info.is_some_and(|info| {
                        info.members
                            .iter()
                            .any(|(_, bits)| Some(i128::from(*bits)) == number)
                    })
                }
            };
            Value::Bool(known)
        }
        "getname" => {
            let value = call.converted(1, "value", &ty)?;
            Value::String(convert::clr_text(&value))
        }
        "toobject" => call.converted(1, "value", &ty)?,
        _ => return Ok(None),
    }))
}

fn environment(lower: &str, call: &mut Call<'_>) -> Result<Option<Value>, Raise> {
    Ok(Some(match lower {
        "getenvironmentvariable" => {
            let name = call.text(0)?;
            // A name that no variable can have is asked for in vain.
            if name.is_empty() || name.contains(['=', '\0']) {
                return Ok(Some(Value::Null));
            }
            std::env::var(name.as_str()).map_or(Value::Null, Value::from)
        }
        "getfolderpath" => {
            let folder = call.enumeration(0, "folder", TypeId::SpecialFolder)?;
            let home = std::env::var("HOME").unwrap_or_default();
            match folder {
                5 | 40 => home.into(),
                26 => format!("{home}/.config").into(),
                28 => format!("{home}/.local/share").into(),
                0 => format!("{home}/Desktop").into(),
                _ => "".into(),
            }
        }
        _ => return Ok(None),
    }))
}
