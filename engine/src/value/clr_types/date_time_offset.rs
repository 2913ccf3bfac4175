//! `System.DateTimeOffset`.

use std::cmp::Ordering;

use crate::value::clr::{ClrLike, PropertyInfo};
use crate::value::context::Context;
use crate::value::convert::{self, invariant_text};
use crate::value::date::{DateCulture, DateParseError, format_date_time, parse_with_offset};
use crate::value::error::Raise;
use crate::value::types::{TypeId, TypeRef};
use crate::value::{
    DateTime, DateTimeKind, TICKS_PER_MILLISECOND, TICKS_PER_SECOND, Text, TimeSpan, Value,
};

/// A wall clock and its offset from universal time.
#[derive(Clone, Copy, Debug)]
pub struct DateTimeOffset {
    /// The wall clock, of unspecified kind.
    pub clock: DateTime,
    /// The offset.
    pub offset: TimeSpan,
}

impl DateTimeOffset {
    /// A date with the offset of its kind.
    #[must_use]
    pub fn of(date: DateTime) -> Self {
        Self {
            clock: date.with_kind(DateTimeKind::Unspecified),
            offset: date.local_offset(),
        }
    }

    /// The same instant in universal time.
    #[must_use]
    pub fn utc(&self) -> DateTime {
        self.clock
            .plus_ticks(-self.offset.ticks)
            .unwrap_or(self.clock)
            .with_kind(DateTimeKind::Utc)
    }

    fn moved(&self, clock: Option<DateTime>) -> Option<Value> {
        clock.map(|clock| {
            Value::clr(Self {
                clock,
                offset: self.offset,
            })
        })
    }
}

pub(super) fn convert(value: &Value, ty: &TypeRef, _cx: &mut dyn Context) -> Result<Value, Raise> {
    match value {
        Value::DateTime(date) => Ok(Value::clr(DateTimeOffset::of(*date))),
        Value::String(text) => {
            let parsed = if text.trim().is_empty() {
                Err(DateParseError::NotRecognized)
            } else {
                parse_with_offset(text, DateTime::now())
            };
            match parsed {
                Ok(parsed) => Ok(Value::clr(DateTimeOffset {
                    clock: parsed.date,
                    offset: parsed.offset.unwrap_or_else(|| parsed.date.local_offset()),
                })),
                Err(error) => Err(convert::parse_failed(
                    value,
                    ty,
                    &error.message(&invariant_text(value)),
                    true,
                )),
            }
        }
        other => Err(convert::not_convertible(other, ty)),
    }
}

impl ClrLike for DateTimeOffset {
    fn type_ref(&self) -> TypeRef {
        TypeRef::of(TypeId::DateTimeOffset)
    }

    fn properties(&self) -> Vec<PropertyInfo> {
        [
            ("DateTime", "System.DateTime"),
            ("UtcDateTime", "System.DateTime"),
            ("LocalDateTime", "System.DateTime"),
            ("Date", "System.DateTime"),
            ("Day", "System.Int32"),
            ("DayOfWeek", "System.DayOfWeek"),
            ("DayOfYear", "System.Int32"),
            ("Hour", "System.Int32"),
            ("Millisecond", "System.Int32"),
            ("Microsecond", "System.Int32"),
            ("Nanosecond", "System.Int32"),
            ("Minute", "System.Int32"),
            ("Month", "System.Int32"),
            ("Offset", "System.TimeSpan"),
            ("TotalOffsetMinutes", "System.Int32"),
            ("Second", "System.Int32"),
            ("Ticks", "System.Int64"),
            ("UtcTicks", "System.Int64"),
            ("TimeOfDay", "System.TimeSpan"),
            ("Year", "System.Int32"),
        ]
        .map(|(name, type_name)| PropertyInfo {
            name,
            type_name,
            settable: false,
        })
        .into()
    }

    fn property(&self, name: &str) -> Option<Result<Value, Raise>> {
        Some(Ok(match name.to_ascii_lowercase().as_str() {
            "datetime" => Value::DateTime(self.clock),
            "utcdatetime" => Value::DateTime(self.utc()),
            "localdatetime" => Value::DateTime(self.utc().to_local()),
            "offset" => Value::TimeSpan(self.offset),
            "totaloffsetminutes" => Value::Int32(
                i32::try_from(self.offset.ticks / (60 * TICKS_PER_SECOND)).unwrap_or(0),
            ),
            "utcticks" => Value::Int64(self.utc().ticks),
            other => return crate::value::members::date_property(self.clock, other).map(Ok),
        }))
    }

    fn methods(&self) -> &'static [&'static str] {
        &[
            "AddDays",
            "AddHours",
            "AddMinutes",
            "AddMonths",
            "AddSeconds",
            "AddYears",
            "ToLocalTime",
            "ToOffset",
            "ToString",
            "ToUniversalTime",
            "ToUnixTimeMilliseconds",
            "ToUnixTimeSeconds",
        ]
    }

    fn invoke(
        &self,
        _this: &Value,
        name: &str,
        arguments: &[Value],
        cx: &mut dyn Context,
    ) -> Option<Result<Value, Raise>> {
        let utc = self.utc();
        match name.to_ascii_lowercase().as_str() {
            "tounixtimeseconds" => Some(Ok(Value::Int64(
                (utc.ticks - crate::value::date_time::UNIX_EPOCH_TICKS)
                    .div_euclid(TICKS_PER_SECOND),
            ))),
            "tounixtimemilliseconds" => Some(Ok(Value::Int64(
                (utc.ticks - crate::value::date_time::UNIX_EPOCH_TICKS)
                    .div_euclid(TICKS_PER_MILLISECOND),
            ))),
            "touniversaltime" => Some(Ok(Value::clr(Self {
                clock: utc.with_kind(DateTimeKind::Unspecified),
                offset: TimeSpan { ticks: 0 },
            }))),
            "tolocaltime" => Some(Ok(Value::clr(Self::of(utc.to_local())))),
            "tooffset" => {
                let offset =
                    match convert::to(arguments.first()?, &TypeRef::of(TypeId::TimeSpan), cx) {
                        Ok(Value::TimeSpan(offset)) => offset,
                        Ok(_) => return None,
                        Err(error) => return Some(Err(error)),
                    };
                let clock = utc
                    .plus_ticks(offset.ticks)?
                    .with_kind(DateTimeKind::Unspecified);
                Some(Ok(Value::clr(Self { clock, offset })))
            }
            lower @ ("adddays" | "addhours" | "addminutes" | "addmonths" | "addseconds"
            | "addyears" | "addmilliseconds" | "addticks" | "add") => {
                match crate::value::members::invoke(
                    &Value::DateTime(self.clock),
                    lower,
                    arguments,
                    cx,
                ) {
                    Ok(Value::DateTime(clock)) => self.moved(Some(clock)).map(Ok),
                    Ok(other) => Some(Ok(other)),
                    Err(error) => Some(Err(error)),
                }
            }
            _ => None,
        }
    }

    fn text(&self) -> Text {
        format_date_time(self.clock, Some(self.offset), "G", DateCulture::EnUs)
            .unwrap_or_default()
            .into()
    }

    fn equals(&self, other: &dyn ClrLike) -> Option<bool> {
        other
            .downcast::<Self>()
            .map(|other| self.utc().ticks == other.utc().ticks)
    }

    fn compare(&self, other: &dyn ClrLike) -> Option<Ordering> {
        other
            .downcast::<Self>()
            .map(|other| self.utc().ticks.cmp(&other.utc().ticks))
    }
}
