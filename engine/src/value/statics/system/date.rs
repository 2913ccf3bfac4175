//! `[datetime]` and `[timespan]`.

use crate::value::error::Raise;
use crate::value::members::Call;
use crate::value::types::{TypeId, TypeRef};
use crate::value::{
    DateTime, DateTimeKind, TICKS_PER_DAY, TICKS_PER_HOUR, TICKS_PER_MILLISECOND, TICKS_PER_MINUTE,
    TICKS_PER_SECOND, TimeSpan, Value,
};

pub(super) fn date(lower: &str, call: &mut Call<'_>) -> Result<Option<Value>, Raise> {
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

pub(in crate::value::statics) fn kind_of(
    call: &mut Call<'_>,
    index: usize,
) -> Result<DateTimeKind, Raise> {
    Ok(
        match call.enumeration(index, "kind", TypeId::DateTimeKindEnum)? {
            1 => DateTimeKind::Utc,
            2 => DateTimeKind::Local,
            _ => DateTimeKind::Unspecified,
        },
    )
}

pub(super) fn span(lower: &str, call: &mut Call<'_>) -> Result<Option<Value>, Raise> {
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
