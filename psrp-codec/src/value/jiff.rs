//! Between `System.DateTime` and the times of `jiff`.

use jiff::civil;
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, Zoned};

use super::{DateTime, DateTimeKind};

/// A moment does not fit: it lies outside the years 1 to 9999, or its offset beyond ±14:00 or not
/// on a minute.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the time is not one that .NET has")]
pub struct OutOfRange;

/// Ticks of 100 ns at 1970-01-01T00:00:00.
const EPOCH: i128 = DateTime::UNIX_EPOCH_TICKS as i128;

fn at(nanoseconds: i128, kind: DateTimeKind) -> Result<DateTime, OutOfRange> {
    let ticks = nanoseconds.div_euclid(100).saturating_add(EPOCH);
    i64::try_from(ticks)
        .ok()
        .and_then(|ticks| DateTime::new(ticks, kind))
        .ok_or(OutOfRange)
}

/// What is finer than a tick is cut off.
impl TryFrom<Timestamp> for DateTime {
    type Error = OutOfRange;

    fn try_from(time: Timestamp) -> Result<Self, OutOfRange> {
        at(time.as_nanosecond(), DateTimeKind::Utc)
    }
}

/// Keeps the wall clock and the offset; what is finer than a tick is cut off.
impl TryFrom<&Zoned> for DateTime {
    type Error = OutOfRange;

    fn try_from(time: &Zoned) -> Result<Self, OutOfRange> {
        let seconds = time.offset().seconds();
        if seconds.checked_rem(60) != Some(0) {
            return Err(OutOfRange);
        }
        let offset_minutes = i16::try_from(seconds.div_euclid(60)).map_err(|_| OutOfRange)?;
        let wall = time
            .timestamp()
            .as_nanosecond()
            .saturating_add(i128::from(seconds).saturating_mul(1_000_000_000));
        at(wall, DateTimeKind::Local { offset_minutes })
    }
}

/// A time of no known zone; what is finer than a tick is cut off.
impl TryFrom<civil::DateTime> for DateTime {
    type Error = OutOfRange;

    fn try_from(time: civil::DateTime) -> Result<Self, OutOfRange> {
        let wall = Offset::UTC.to_timestamp(time).map_err(|_| OutOfRange)?;
        at(wall.as_nanosecond(), DateTimeKind::Unspecified)
    }
}

impl DateTime {
    /// The time on the wall clock.
    #[must_use]
    pub fn to_civil(self) -> civil::DateTime {
        let nanoseconds = i128::from(self.ticks())
            .saturating_sub(EPOCH)
            .saturating_mul(100);
        let wall = Timestamp::from_nanosecond(nanoseconds);
        // The years 1 to 9999 are all within jiff's, but for the last day's last hours in UTC.
        wall.map_or(civil::DateTime::MAX, |wall| Offset::UTC.to_datetime(wall))
    }

    /// The moment, if the value says which clock it was read from.
    #[must_use]
    pub fn to_zoned(self) -> Option<Zoned> {
        let zone = match self.kind() {
            DateTimeKind::Unspecified => return None,
            DateTimeKind::Utc => TimeZone::UTC,
            DateTimeKind::Local { offset_minutes } => {
                let seconds = i32::from(offset_minutes).saturating_mul(60);
                TimeZone::fixed(Offset::from_seconds(seconds).ok()?)
            }
        };
        self.to_civil().to_zoned(zone).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_go_to_jiff_and_back() {
        for text in [
            "2008-04-11T10:42:32.2731993-07:00",
            "2024-02-29T23:59:59Z",
            "0001-01-02T00:00:00+00:00",
        ] {
            let time: DateTime = text.parse().unwrap();
            let zoned = time.to_zoned().unwrap();
            match time.kind() {
                DateTimeKind::Utc => assert_eq!(DateTime::try_from(zoned.timestamp()), Ok(time)),
                _ => assert_eq!(DateTime::try_from(&zoned), Ok(time)),
            }
        }
        let time: DateTime = "2008-04-11T10:42:32.2731993".parse().unwrap();
        assert_eq!(time.to_zoned(), None);
        assert_eq!(DateTime::try_from(time.to_civil()), Ok(time));
        assert_eq!(DateTime::try_from(Timestamp::MIN), Err(OutOfRange));
    }
}
