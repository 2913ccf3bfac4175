//! `System.DateTime` and `System.TimeSpan`, to the tick of 100 ns.

#![expect(
    clippy::arithmetic_side_effects,
    reason = "every operand is bounded by the number of digits that were read"
)]

use std::num::NonZeroU64;

/// Ticks of 100 ns in a second.
pub(super) const SECOND: i64 = 10_000_000;
pub(super) const MINUTE: i64 = 60 * SECOND;
pub(super) const HOUR: i64 = 60 * MINUTE;
pub(super) const DAY: i64 = 24 * HOUR;

/// A `System.DateTime`: ticks of 100 ns on the wall clock, and which clock that is.
///
/// PowerShell turns a time with an offset into its own zone on reading. Here wall clock and
/// offset stay what they were, so that a value goes out as it came in.
///
/// ```
/// use psrp_codec::{DateTime, DateTimeKind};
///
/// let time: DateTime = "2008-04-11T10:42:32.2731993-07:00".parse().unwrap();
/// assert_eq!(time.kind(), DateTimeKind::Local { offset_minutes: -420 });
/// assert_eq!(time.to_string(), "2008-04-11T10:42:32.2731993-07:00");
/// ```
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct DateTime {
    // INVARIANT: at most `DateTime::MAX_TICKS`.
    ticks: i64,
    clock: Clock,
}

/// A [`DateTimeKind`] in one number, in the same order: with it a time fits in two registers, and
/// so does one that may be missing. A whole word, as a scalar is moved by words, and one that was
/// stored in part is not there yet when it is loaded as a whole.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
struct Clock(NonZeroU64);

impl Clock {
    const UNSPECIFIED: Self = Self(NonZeroU64::MIN);
    const UTC: Self = Self(NonZeroU64::MIN.saturating_add(1));
    /// A local time without an offset; those with one are around it.
    const GREENWICH: i64 = 3 + 840;

    /// `None` when the offset is beyond ±14:00.
    #[inline(always)]
    const fn of(kind: DateTimeKind) -> Option<Self> {
        let offset = match kind {
            DateTimeKind::Unspecified => return Some(Self::UNSPECIFIED),
            DateTimeKind::Utc => return Some(Self::UTC),
            DateTimeKind::Local { offset_minutes } => offset_minutes,
        };
        if offset < -840 || offset > 840 {
            return None;
        }
        match NonZeroU64::new((Self::GREENWICH + offset as i64).cast_unsigned()) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }

    #[inline]
    const fn kind(self) -> DateTimeKind {
        match self.0.get() {
            1 => DateTimeKind::Unspecified,
            2 => DateTimeKind::Utc,
            number => DateTimeKind::Local {
                #[expect(clippy::cast_possible_truncation, reason = "it was an i16")]
                offset_minutes: (number.cast_signed() - Self::GREENWICH) as i16,
            },
        }
    }
}

/// Which clock a [`DateTime`] was read from: `System.DateTimeKind`, with the offset that a local
/// time is written with.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum DateTimeKind {
    /// Nothing is known; written without a zone.
    #[default]
    Unspecified,
    /// Coordinated universal time; written with `Z`.
    Utc,
    /// The sender's own zone; written with its offset, `+00:00` included.
    Local {
        /// Minutes east of Greenwich; within ±14:00.
        offset_minutes: i16,
    },
}

impl DateTime {
    /// The last tick of the year 9999.
    pub const MAX_TICKS: i64 = 3_155_378_975_999_999_999;
    /// Ticks at 1970-01-01T00:00:00.
    pub const UNIX_EPOCH_TICKS: i64 = 621_355_968_000_000_000;

    /// The time `ticks` after 0001-01-01T00:00:00 on the wall clock of `kind`.
    ///
    /// `None` when that is outside the years 1 to 9999, or the offset is beyond ±14:00.
    #[must_use]
    #[inline]
    pub const fn new(ticks: i64, kind: DateTimeKind) -> Option<Self> {
        if ticks < 0 || ticks > Self::MAX_TICKS {
            return None;
        }
        match Clock::of(kind) {
            Some(clock) => Some(Self { ticks, clock }),
            None => None,
        }
    }

    /// Ticks of 100 ns on the wall clock since 0001-01-01T00:00:00.
    #[must_use]
    pub const fn ticks(self) -> i64 {
        self.ticks
    }

    /// Which clock it was read from.
    #[must_use]
    #[inline]
    pub const fn kind(self) -> DateTimeKind {
        self.clock.kind()
    }

    /// The date on the wall clock, proleptic Gregorian: year, month, day.
    #[must_use]
    pub const fn date(self) -> (i32, u32, u32) {
        civil_from_days(self.ticks / DAY)
    }

    /// The time of day on the wall clock: hour, minute, second, ticks.
    #[must_use]
    pub const fn time_of_day(self) -> (u32, u32, u32, u32) {
        let rest = self.ticks % DAY;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "each is below its own small ceiling"
        )]
        let (seconds, ticks) = ((rest / SECOND) as u32, (rest % SECOND) as u32);
        (seconds / 3600, seconds / 60 % 60, seconds % 60, ticks)
    }
}

impl std::fmt::Debug for DateTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DateTime")
            .field("ticks", &self.ticks)
            .field("kind", &self.kind())
            .finish()
    }
}

/// The date that many days after 0001-01-01; years begin in March while it is computed.
///
/// Divisions by what a century and a month have on average, each the factor of a multiplication:
/// C. Neri and L. Schneider, "Euclidean affine functions and their application to calendar
/// algorithms", 2022.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    reason = "days are those of ten thousand years"
)]
const fn civil_from_days(days: i64) -> (i32, u32, u32) {
    const CENTURIES: u32 = 146_097; // days in four
    let days = 4 * (days as u32 + 306) + 3; // since 0000-03-01, in quarters
    let (century, day_of_century) = (days / CENTURIES, days % CENTURIES / 4);
    // 2,939,745 is 2³² quarters by 1461, the days of four years.
    let product = 2_939_745 * (4 * day_of_century + 3) as u64;
    let year = 100 * century + (product >> 32) as u32;
    let day_of_year = product as u32 / 2_939_745 / 4;
    let months = 2141 * day_of_year + 197_913; // from March, which is 3, in 65,536ths
    let (month, day) = (months >> 16, (months & 0xFFFF) / 2141 + 1);
    if day_of_year >= 306 {
        ((year + 1) as i32, month - 12, day)
    } else {
        (year as i32, month, day)
    }
}

/// A `System.TimeSpan`: ticks of 100 ns, forwards or backwards.
///
/// ```
/// use psrp_codec::TimeSpan;
///
/// let span: TimeSpan = "P1DT2H3M4.005S".parse().unwrap();
/// assert_eq!(span.ticks(), 937_840_050_000);
/// assert_eq!(span.to_string(), "P1DT2H3M4.005S");
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct TimeSpan(i64);

impl TimeSpan {
    /// The span of `ticks` of 100 ns.
    #[must_use]
    pub const fn from_ticks(ticks: i64) -> Self {
        Self(ticks)
    }

    /// How many ticks of 100 ns it lasts.
    #[must_use]
    pub const fn ticks(self) -> i64 {
        self.0
    }

    /// The span as a duration; `None` when it runs backwards.
    #[must_use]
    pub fn to_duration(self) -> Option<std::time::Duration> {
        let ticks = u64::try_from(self.0).ok()?;
        let second = SECOND.unsigned_abs();
        let nanoseconds = u32::try_from(ticks % second).ok()? * 100;
        Some(std::time::Duration::new(ticks / second, nanoseconds))
    }
}

impl From<std::time::Duration> for TimeSpan {
    /// What is finer than a tick is cut off; what is longer than 29,000 years is the longest span.
    fn from(duration: std::time::Duration) -> Self {
        Self(i64::try_from(duration.as_nanos() / 100).unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_comes_after_the_day_before() {
        let (mut year, mut month, mut day) = (1, 1, 1);
        for days in 0..=DateTime::MAX_TICKS / DAY {
            assert_eq!(civil_from_days(days), (year, month, day));
            let is_leap = year % 4 == 0 && year % 100 != 0 || year % 400 == 0;
            let last = match month {
                2 if is_leap => 29,
                2 => 28,
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            (year, month, day) = match (month, day) {
                (12, 31) => (year + 1, 1, 1),
                _ if day == last => (year, month + 1, 1),
                _ => (year, month, day + 1),
            };
        }
        assert_eq!((year, month, day), (10_000, 1, 1));
    }
}
