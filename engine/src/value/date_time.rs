//! Instants and durations in .NET's ticks of 100 ns.

use jiff::civil;
use jiff::tz::TimeZone;

/// Ticks in a millisecond.
pub const TICKS_PER_MILLISECOND: i64 = 10_000;
/// Ticks in a second.
pub const TICKS_PER_SECOND: i64 = 10_000_000;
/// Ticks in a minute.
pub const TICKS_PER_MINUTE: i64 = 60 * TICKS_PER_SECOND;
/// Ticks in an hour.
pub const TICKS_PER_HOUR: i64 = 60 * TICKS_PER_MINUTE;
/// Ticks in a day.
pub const TICKS_PER_DAY: i64 = 24 * TICKS_PER_HOUR;
/// Ticks from the first to the last instant of the calendar.
pub(crate) const MAX_TICKS: i64 = 3_155_378_975_999_999_999;
/// Ticks at the start of 1970.
pub(crate) const UNIX_EPOCH_TICKS: i64 = 621_355_968_000_000_000;

const DAYS_BEFORE_MONTH: [i64; 13] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365];

/// What a [`DateTime`] is relative to.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum DateTimeKind {
    /// Not said.
    #[default]
    Unspecified,
    /// Universal time.
    Utc,
    /// The time zone of this computer.
    Local,
}

/// `System.DateTime`: a time of the wall clock, and what it is relative to.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct DateTime {
    /// Ticks since the start of year 1. INVARIANT: within the calendar, `0..=3_155_378_975_999_999_999`.
    pub ticks: i64,
    /// What the clock is relative to.
    pub kind: DateTimeKind,
}

/// `System.TimeSpan`: a duration.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct TimeSpan {
    /// Ticks of 100 ns.
    pub ticks: i64,
}

impl DateTime {
    /// From ticks; `None` outside of the calendar.
    #[must_use]
    pub fn from_ticks(ticks: i64, kind: DateTimeKind) -> Option<Self> {
        (0..=MAX_TICKS)
            .contains(&ticks)
            .then_some(Self { ticks, kind })
    }

    /// A date; `None` if there is no such day.
    #[must_use]
    pub fn from_date(year: i32, month: i32, day: i32) -> Option<Self> {
        if !(1..=9999).contains(&year)
            || !(1..=12).contains(&month)
            || day < 1
            || day > days_in_month(year, month)
        {
            return None;
        }
        Some(Self {
            ticks: days_before(year, month, day) * TICKS_PER_DAY,
            kind: DateTimeKind::Unspecified,
        })
    }

    /// A date and a time of day; `None` if there is no such time.
    #[must_use]
    pub fn from_parts(
        year: i32,
        month: i32,
        day: i32,
        hour: i32,
        minute: i32,
        second: i32,
    ) -> Option<Self> {
        if !(0..24).contains(&hour) || !(0..60).contains(&minute) || !(0..60).contains(&second) {
            return None;
        }
        let seconds = i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second);
        Self::from_date(year, month, day)?.plus_ticks(seconds * TICKS_PER_SECOND)
    }

    /// The current time of the wall clock.
    #[must_use]
    pub fn now() -> Self {
        Self::utc_now().to_local()
    }

    /// The current universal time.
    #[must_use]
    pub fn utc_now() -> Self {
        let nanoseconds = jiff::Timestamp::now().as_nanosecond();
        let ticks = UNIX_EPOCH_TICKS.saturating_add(i64::try_from(nanoseconds / 100).unwrap_or(0));
        Self {
            ticks: ticks.clamp(0, MAX_TICKS),
            kind: DateTimeKind::Utc,
        }
    }

    /// The same time with another kind; the clock does not move.
    #[must_use]
    pub fn with_kind(self, kind: DateTimeKind) -> Self {
        Self { kind, ..self }
    }

    /// Later by `ticks`; `None` outside of the calendar.
    #[must_use]
    pub fn plus_ticks(self, ticks: i64) -> Option<Self> {
        Self::from_ticks(self.ticks.checked_add(ticks)?, self.kind)
    }

    /// Later by whole months; the day is cut to the length of the month.
    #[must_use]
    pub fn plus_months(self, months: i32) -> Option<Self> {
        let (year, month, day) = self.date();
        let total = i64::from(year) * 12 + i64::from(month) - 1 + i64::from(months);
        let year = i32::try_from(total.div_euclid(12)).ok()?;
        let month = i32::try_from(total.rem_euclid(12)).ok()? + 1;
        let date = Self::from_date(year, month, day.min(days_in_month(year, month)))?;
        Some(Self {
            ticks: date.ticks + self.ticks % TICKS_PER_DAY,
            kind: self.kind,
        })
    }

    /// Year, month and day.
    #[must_use]
    pub fn date(self) -> (i32, i32, i32) {
        let days = self.ticks / TICKS_PER_DAY;
        // A guess that is at most one year off, then corrected.
        let mut year = i32::try_from(days * 400 / 146_097).unwrap_or(0) + 1;
        while days_before(year, 1, 1) > days {
            year -= 1;
        }
        while days_before(year + 1, 1, 1) <= days {
            year += 1;
        }
        let mut month = 1;
        while month < 12 && days_before(year, month + 1, 1) <= days {
            month += 1;
        }
        let day = i32::try_from(days - days_before(year, month, 1)).unwrap_or(0) + 1;
        (year, month, day)
    }

    /// The day of the year, from 1.
    #[must_use]
    pub fn day_of_year(self) -> i32 {
        let (year, _, _) = self.date();
        i32::try_from(self.ticks / TICKS_PER_DAY - days_before(year, 1, 1)).unwrap_or(0) + 1
    }

    /// The day of the week, Sunday being 0.
    #[must_use]
    pub fn day_of_week(self) -> i64 {
        (self.ticks / TICKS_PER_DAY + 1) % 7
    }

    /// The time since midnight.
    #[must_use]
    pub fn time_of_day(self) -> TimeSpan {
        TimeSpan {
            ticks: self.ticks % TICKS_PER_DAY,
        }
    }

    /// The offset from universal time that this computer's zone has then.
    #[must_use]
    pub fn local_offset(self) -> TimeSpan {
        if self.kind == DateTimeKind::Utc {
            return TimeSpan { ticks: 0 };
        }
        let (year, month, day) = self.date();
        let seconds = self.ticks % TICKS_PER_DAY / TICKS_PER_SECOND;
        let offset = (|| {
            let date = civil::Date::new(
                i16::try_from(year).ok()?,
                i8::try_from(month).ok()?,
                i8::try_from(day).ok()?,
            )
            .ok()?;
            let (hour, minute, second) = (
                i8::try_from(seconds / 3600).ok()?,
                i8::try_from(seconds / 60 % 60).ok()?,
                i8::try_from(seconds % 60).ok()?,
            );
            let zoned = TimeZone::system()
                .to_ambiguous_zoned(date.at(hour, minute, second, 0))
                .compatible()
                .ok()?;
            Some(i64::from(zoned.offset().seconds()))
        })();
        TimeSpan {
            ticks: offset.unwrap_or(0) * TICKS_PER_SECOND,
        }
    }

    /// The same instant in this computer's zone; an unspecified time is taken for universal.
    #[must_use]
    pub fn to_local(self) -> Self {
        if self.kind == DateTimeKind::Local {
            return self;
        }
        let seconds = (self.ticks - UNIX_EPOCH_TICKS).div_euclid(TICKS_PER_SECOND);
        let offset = jiff::Timestamp::from_second(seconds).map_or(0, |instant| {
            i64::from(TimeZone::system().to_offset(instant).seconds())
        });
        Self {
            ticks: (self.ticks + offset * TICKS_PER_SECOND).clamp(0, MAX_TICKS),
            kind: DateTimeKind::Local,
        }
    }

    /// The same instant in universal time; an unspecified time is taken for local.
    #[must_use]
    pub fn to_utc(self) -> Self {
        if self.kind == DateTimeKind::Utc {
            return self;
        }
        Self {
            ticks: (self.ticks - self.local_offset().ticks).clamp(0, MAX_TICKS),
            kind: DateTimeKind::Utc,
        }
    }
}

impl TimeSpan {
    /// From days, hours, minutes, seconds and milliseconds.
    #[must_use]
    pub fn from_parts(
        days: i64,
        hours: i64,
        minutes: i64,
        seconds: i64,
        milliseconds: i64,
    ) -> Option<Self> {
        let total = i128::from(days) * 86_400_000
            + i128::from(hours) * 3_600_000
            + i128::from(minutes) * 60_000
            + i128::from(seconds) * 1000
            + i128::from(milliseconds);
        i64::try_from(total * i128::from(TICKS_PER_MILLISECOND))
            .ok()
            .map(|ticks| Self { ticks })
    }

    /// From a number of some unit, in floating point, to the nearest tick as .NET rounds.
    #[must_use]
    pub fn from_units(count: f64, ticks_per_unit: i64) -> Option<Self> {
        let ticks = count * ticks_per_unit as f64;
        (ticks.is_finite() && ticks.abs() < 9.223_372_036_854_775e18).then_some(Self {
            ticks: ticks.round() as i64,
        })
    }
}

/// How many days a month has.
pub(crate) fn days_in_month(year: i32, month: i32) -> i32 {
    match month {
        2 if is_leap_year(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Whether February has 29 days.
pub(crate) fn is_leap_year(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_before(year: i32, month: i32, day: i32) -> i64 {
    let before = i64::from(year) - 1;
    let leap = i64::from(month > 2 && is_leap_year(year));
    before * 365 + before / 4 - before / 100
        + before / 400
        + DAYS_BEFORE_MONTH[usize::try_from(month - 1).unwrap_or(0).min(12)]
        + leap
        + i64::from(day)
        - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_go_into_ticks_and_back() {
        for (year, month, day, ticks) in [
            (1, 1, 1, 0),
            (1970, 1, 1, UNIX_EPOCH_TICKS),
            (2024, 2, 29, 638_447_616_000_000_000),
            (9999, 12, 31, 3_155_378_112_000_000_000),
        ] {
            let date = DateTime::from_date(year, month, day).expect("a day");
            assert_eq!(date.ticks, ticks);
            assert_eq!(date.date(), (year, month, day));
        }
        assert_eq!(DateTime::from_date(2023, 2, 29), None);
        let mut day = DateTime::from_date(1999, 12, 1).expect("a day");
        for _ in 0..1000 {
            let (year, month, date) = day.date();
            assert_eq!(DateTime::from_date(year, month, date), Some(day));
            day = day.plus_ticks(TICKS_PER_DAY).expect("within the calendar");
        }
    }
}
