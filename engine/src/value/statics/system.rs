//! Static members of dates, GUIDs, enumerations, arrays, paths and the environment.

use crate::value::clr_types::{
    CultureInfo, DateTimeOffset, IpAddress, Singleton, StringComparer, Tuple,
};
use crate::value::context::Context;
use crate::value::convert::{self, elements_of};
use crate::value::error::Raise;
use crate::value::members::{Call, sort};
use crate::value::text_encoding::TextEncoding;
use crate::value::types::{TypeId, TypeRef};
use crate::value::{
    DateTime, DateTimeKind, TICKS_PER_DAY, TICKS_PER_HOUR, TICKS_PER_MILLISECOND, TICKS_PER_MINUTE,
    TICKS_PER_SECOND, Text, TimeSpan, Value,
};

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
            super::construct(&made, &call.arguments[1..], call.cx).map(Some)
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

fn percent_encode(text: &str, kept: &[u8], plus: bool) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' ' if plus => encoded.push('+'),
            byte if byte.is_ascii_alphanumeric() || kept.contains(&byte) => {
                encoded.push(char::from(byte))
            }
            byte => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

fn percent_decode(text: &str, plus: bool) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let source = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = source.get(at) {
        let pair = source
            .get(at + 1..at + 3)
            .and_then(|pair| std::str::from_utf8(pair).ok())
            .and_then(|pair| u8::from_str_radix(pair, 16).ok());
        match (byte, pair) {
            (b'%', Some(decoded)) => {
                bytes.push(decoded);
                at += 2;
            }
            (b'+', _) if plus => bytes.push(b' '),
            (other, _) => bytes.push(other),
        }
        at += 1;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn date(lower: &str, call: &mut Call<'_>) -> Result<Option<Value>, Raise> {
    Ok(Some(match lower {
        "daysinmonth" => {
            let (year, month) = (call.int(0, "year")?, call.int(1, "month")?);
            if !(1..=12).contains(&month) {
                return Err(call.throw(
                    TypeId::ArgumentOutOfRangeException,
                    "Month must be between one and twelve. (Parameter 'month')",
                ));
            }
            Value::Int32(crate::value::date_time::days_in_month(year, month))
        }
        "isleapyear" => {
            let year = call.int(0, "year")?;
            Value::Bool(crate::value::date_time::is_leap_year(year))
        }
        "specifykind" => {
            let Value::DateTime(date) =
                call.converted(0, "value", &TypeRef::of(TypeId::DateTime))?
            else {
                return Ok(None);
            };
            Value::DateTime(date.with_kind(kind_of(call, 1)?))
        }
        "compare" => {
            let (Value::DateTime(a), Value::DateTime(b)) = (
                call.converted(0, "t1", &TypeRef::of(TypeId::DateTime))?,
                call.converted(1, "t2", &TypeRef::of(TypeId::DateTime))?,
            ) else {
                return Ok(None);
            };
            Value::Int32(a.ticks.cmp(&b.ticks) as i32)
        }
        "fromfiletime" | "fromfiletimeutc" => {
            let ticks = call
                .long(0, "fileTime")?
                .checked_add(504_911_232_000_000_000);
            match ticks.and_then(|ticks| DateTime::from_ticks(ticks, DateTimeKind::Utc)) {
                Some(date) if lower == "fromfiletime" => Value::DateTime(date.to_local()),
                Some(date) => Value::DateTime(date),
                None => {
                    return Err(call.throw(
                        TypeId::ArgumentOutOfRangeException,
                        "Not a valid Win32 FileTime. (Parameter 'fileTime')",
                    ));
                }
            }
        }
        "fromoadate" => {
            let days = call.double(0, "d")?;
            let ticks = TimeSpan::from_units((days * 86_400_000.0).round(), TICKS_PER_MILLISECOND)
                .and_then(|span| span.ticks.checked_add(599_264_352_000_000_000));
            match ticks.and_then(|ticks| DateTime::from_ticks(ticks, DateTimeKind::Unspecified)) {
                Some(date) => Value::DateTime(date),
                None => {
                    return Err(call.throw(TypeId::ArgumentException, "Not a legal OleAut date."));
                }
            }
        }
        "frombinary" => {
            let bits = call.long(0, "dateData")?;
            let kind = match (bits as u64) >> 62 {
                0 => DateTimeKind::Unspecified,
                1 => DateTimeKind::Utc,
                _ => DateTimeKind::Local,
            };
            DateTime::from_ticks(bits & 0x3fff_ffff_ffff_ffff, kind)
                .map_or(Value::Null, Value::DateTime)
        }
        _ => return Ok(None),
    }))
}

pub(super) fn kind_of(call: &mut Call<'_>, index: usize) -> Result<DateTimeKind, Raise> {
    Ok(
        match call.enumeration(index, "kind", TypeId::DateTimeKindEnum)? {
            1 => DateTimeKind::Utc,
            2 => DateTimeKind::Local,
            _ => DateTimeKind::Unspecified,
        },
    )
}

fn span(lower: &str, call: &mut Call<'_>) -> Result<Option<Value>, Raise> {
    let unit = match lower {
        "fromdays" => TICKS_PER_DAY,
        "fromhours" => TICKS_PER_HOUR,
        "fromminutes" => TICKS_PER_MINUTE,
        "fromseconds" => TICKS_PER_SECOND,
        "frommilliseconds" => TICKS_PER_MILLISECOND,
        "frommicroseconds" => 10,
        "fromticks" => {
            return Ok(Some(Value::TimeSpan(TimeSpan {
                ticks: call.long(0, "value")?,
            })));
        }
        "compare" => {
            let ty = TypeRef::of(TypeId::TimeSpan);
            let (Value::TimeSpan(a), Value::TimeSpan(b)) =
                (call.converted(0, "t1", &ty)?, call.converted(1, "t2", &ty)?)
            else {
                return Ok(None);
            };
            return Ok(Some(Value::Int32(a.cmp(&b) as i32)));
        }
        _ => return Ok(None),
    };
    let count = call.double(0, "value")?;
    match TimeSpan::from_units(count, unit) {
        Some(span) => Ok(Some(Value::TimeSpan(span))),
        None => Err(call.throw(
            TypeId::OverflowException,
            "TimeSpan overflowed because the duration is too long.",
        )),
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
        "getnames" => super::enum_names(&ty),
        "getvalues" => super::enum_values(&ty),
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

fn array(lower: &str, call: &mut Call<'_>) -> Result<Option<Value>, Raise> {
    Ok(Some(match lower {
        "createinstance" => {
            let Value::Type(element) =
                call.converted(0, "elementType", &TypeRef::of(TypeId::Type))?
            else {
                return Ok(None);
            };
            let length = call.size(1, "length")?;
            super::construct::new_array(&element, length, call.cx)?
        }
        "sort" | "reverse" => {
            if let Value::Array(own) = call.value(0).base() {
                let mut items = own.snapshot();
                if lower == "sort" {
                    let by = call.arguments.get(1).cloned();
                    sort(&mut items, by.as_ref(), call.cx)?;
                } else {
                    items.reverse();
                }
                *own.write() = items;
            }
            Value::Nothing
        }
        "indexof" | "lastindexof" => {
            let items = elements_of(&call.value(0)).unwrap_or_default();
            let wanted = call.value(1);
            let same =
                |item: &Value| crate::value::hashtable::same_key(item.base(), wanted.base(), false);
            let at = if lower == "indexof" {
                items.iter().position(same)
            } else {
                items.iter().rposition(same)
            };
            Value::Int32(at.and_then(|at| i32::try_from(at).ok()).unwrap_or(-1))
        }
        "copy" => {
            let (source, target) = (
                call.value(0),
                call.value(if call.count() > 3 { 2 } else { 1 }),
            );
            let (from, to, count) = if call.count() > 3 {
                (
                    call.size(1, "sourceIndex")?,
                    call.size(3, "destinationIndex")?,
                    call.size(4, "length")?,
                )
            } else {
                (0, 0, call.size(2, "length")?)
            };
            let (Value::Array(source), Value::Array(target)) = (source.base(), target.base())
            else {
                return Err(call.no_overload());
            };
            let items: Vec<_> = source
                .snapshot()
                .into_iter()
                .skip(from)
                .take(count)
                .collect();
            if items.len() < count || to + count > target.len() {
                return Err(call.throw(TypeId::ArgumentException, "Destination array was not long enough. Check the destination index, length, and the array's lower bounds. (Parameter 'destinationArray')"));
            }
            for (index, item) in items.iter().enumerate() {
                let item = convert::to(item, target.element(), call.cx)?;
                target.set(to + index, item);
            }
            Value::Nothing
        }
        "clear" => {
            if let Value::Array(own) = call.value(0).base() {
                let empty = convert::to(&Value::Null, own.element(), call.cx).unwrap_or_default();
                own.write().fill(empty);
            }
            Value::Nothing
        }
        "empty" => Value::array(Vec::new()),
        "exists" | "find" | "findindex" | "findall" | "trueforall" | "convertall" | "foreach" => {
            let list = convert::to(&call.value(0), &TypeRef::of(TypeId::ArrayList), call.cx)?;
            let result =
                crate::value::members::invoke(&list, call.name, &call.arguments[1..], call.cx)?;
            match elements_of(&result) {
                Some(items) => Value::array(items),
                None => result,
            }
        }
        _ => return Ok(None),
    }))
}

fn path(lower: &str, call: &mut Call<'_>) -> Result<Option<Value>, Raise> {
    let name_of = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let extension = |path: &str| -> String {
        let name = name_of(path);
        match name.rfind('.') {
            Some(at) if at + 1 < name.len() => name[at..].to_owned(),
            _ => String::new(),
        }
    };
    Ok(Some(match lower {
        "combine" | "join" => {
            let parts: Vec<Text> = match call.arguments {
                [one] => elements_of(one)
                    .unwrap_or_else(|| vec![one.clone()])
                    .iter()
                    .map(convert::invariant_text)
                    .collect(),
                several => several.iter().map(convert::invariant_text).collect(),
            };
            let mut path = String::new();
            for part in parts {
                if part.is_empty() {
                    continue;
                }
                if part.starts_with('/') && lower == "combine" {
                    path.clear();
                } else if !path.is_empty() && !path.ends_with('/') && !part.starts_with('/') {
                    path.push('/');
                }
                path.push_str(&part);
            }
            path.into()
        }
        "getfilename" => name_of(&call.text(0)?).into(),
        "getextension" => extension(&call.text(0)?).into(),
        "hasextension" => Value::Bool(!extension(&call.text(0)?).is_empty()),
        "getfilenamewithoutextension" => {
            let name = name_of(&call.text(0)?);
            match name.rfind('.') {
                Some(at) => name[..at].into(),
                None => name.into(),
            }
        }
        "getdirectoryname" => {
            let path = call.text(0)?;
            match path.rfind('/') {
                Some(0) if path.len() > 1 => "/".into(),
                Some(0) => Value::Null,
                Some(at) => path[..at].into(),
                None => "".into(),
            }
        }
        "changeextension" => {
            let path = call.text(0)?;
            let by = call.text(1)?;
            let own = extension(&path);
            let stem = path
                .strip_suffix(own.as_str())
                .unwrap_or(&path)
                .trim_end_matches('.');
            if call.value(1).is_null() {
                stem.into()
            } else {
                format!("{stem}{}{by}", if by.starts_with('.') { "" } else { "." }).into()
            }
        }
        "ispathrooted" | "ispathfullyqualified" => Value::Bool(call.text(0)?.starts_with('/')),
        "getpathroot" => {
            if call.text(0)?.starts_with('/') {
                "/".into()
            } else {
                "".into()
            }
        }
        "getfullpath" => {
            let path = call.text(0)?;
            let full = if path.starts_with('/') {
                path.to_string()
            } else {
                format!("{}/{path}", call.cx.current_directory())
            };
            let mut parts: Vec<&str> = Vec::new();
            for part in full.split('/') {
                match part {
                    "" | "." => {}
                    ".." => {
                        parts.pop();
                    }
                    part => parts.push(part),
                }
            }
            format!("/{}", parts.join("/")).into()
        }
        "gettemppath" => {
            let temp = std::env::temp_dir();
            format!("{}/", temp.display().to_string().trim_end_matches('/')).into()
        }
        "getrandomfilename" => {
            let text = uuid::Uuid::new_v4().simple().to_string();
            format!("{}.{}", &text[..8], &text[8..11]).into()
        }
        "getinvalidfilenamechars" => Value::typed_array(
            TypeRef::of(TypeId::Char),
            vec![Value::Char(0), Value::Char(u16::from(b'/'))],
        ),
        "getinvalidpathchars" => {
            Value::typed_array(TypeRef::of(TypeId::Char), vec![Value::Char(0)])
        }
        "trimendingdirectoryseparator" => {
            let path = call.text(0)?;
            if path.len() > 1 {
                path.trim_end_matches('/').into()
            } else {
                Value::String(path)
            }
        }
        "endsindirectoryseparator" => Value::Bool(call.text(0)?.ends_with('/')),
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

fn linq(lower: &str, call: &mut Call<'_>) -> Result<Option<Value>, Raise> {
    let first = elements_of(&call.value(0)).unwrap_or_default();
    let element = match call.value(0).base() {
        Value::Array(array) => array.element().clone(),
        Value::List(list) => list.element(),
        _ => TypeRef::of(TypeId::Object),
    };
    let same = crate::value::hashtable::same_key;
    let made = |items| Value::typed_array(element.clone(), items);
    Ok(Some(match lower {
        "distinct" => {
            let mut seen = indexmap::IndexSet::new();
            for item in first {
                seen.insert(crate::value::HashKey::new(item, false));
            }
            made(seen.iter().map(|key| key.value().clone()).collect())
        }
        "sequenceequal" => {
            let second = elements_of(&call.value(1)).unwrap_or_default();
            Value::Bool(
                first.len() == second.len()
                    && first.iter().zip(&second).all(|(a, b)| same(a, b, false)),
            )
        }
        "sum" => {
            let mut sum = Value::Int32(0);
            for item in &first {
                sum = crate::value::ops::add(&sum, item, call.cx)?;
            }
            sum
        }
        "count" => Value::Int32(i32::try_from(first.len()).unwrap_or(i32::MAX)),
        "any" => Value::Bool(!first.is_empty()),
        "first" | "firstordefault" => first.into_iter().next().unwrap_or_default(),
        "last" | "lastordefault" => first.into_iter().next_back().unwrap_or_default(),
        "reverse" => made(first.into_iter().rev().collect()),
        "take" => {
            let count = call.size(1, "count")?;
            made(first.into_iter().take(count).collect())
        }
        "skip" => {
            let count = call.size(1, "count")?;
            made(first.into_iter().skip(count).collect())
        }
        "toarray" | "tolist" => made(first),
        "range" => {
            let (start, count) = (call.int(0, "start")?, call.size(1, "count")?);
            call.cx.charge(count.saturating_mul(size_of::<Value>()))?;
            Value::typed_array(
                TypeRef::of(TypeId::Int32),
                (0..count)
                    .map(|at| {
                        Value::Int32(start.wrapping_add(i32::try_from(at).unwrap_or(i32::MAX)))
                    })
                    .collect(),
            )
        }
        "repeat" => {
            let count = call.size(1, "count")?;
            call.cx.charge(count.saturating_mul(size_of::<Value>()))?;
            Value::array(vec![call.value(0); count])
        }
        "union" | "intersect" | "except" => {
            let second = elements_of(&call.value(1)).unwrap_or_default();
            let key = |item: Value| crate::value::HashKey::new(item, false);
            let others: indexmap::IndexSet<_> = second.into_iter().map(key).collect();
            let mut own: indexmap::IndexSet<_> = first.into_iter().map(key).collect();
            match lower {
                "union" => own.extend(others),
                "intersect" => own.retain(|item| others.contains(item)),
                _ => own.retain(|item| !others.contains(item)),
            }
            made(own.iter().map(|key| key.value().clone()).collect())
        }
        _ => return Ok(None),
    }))
}
