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
        (
            (rest / HOUR) as u32,
            (rest % HOUR / MINUTE) as u32,
            (rest % MINUTE / SECOND) as u32,
            (rest % SECOND) as u32,
        )
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

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "years end at 9999"
)]
const fn civil_from_days(days: i64) -> (i32, u32, u32) {
    let days = days + 306; // since 0000-03-01
    let era = days / 146_097;
    let day_of_era = days % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + (month <= 2) as i64;
    (year as i32, month as u32, day as u32)
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
