//! The forms of `xs:dateTime` and `xs:duration` that .NET reads.

#![expect(
    clippy::arithmetic_side_effects,
    reason = "every operand is bounded by the number of digits that were read"
)]

use super::decimal::around_point;
use super::time::{DAY, HOUR, MINUTE, SECOND};
use super::usual_time;
use super::{DateTime, DateTimeKind, TimeSpan};

impl DateTime {
    /// Reads the forms of `xs:dateTime` that PowerShell takes, but for those that lean on the
    /// reader's clock (a time alone, a month alone, a day alone) and offsets beyond ±14:00.
    #[must_use]
    #[inline]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.as_bytes();
        Self::parse_usual(text).or_else(|| Self::parse_any(text))
    }

    /// The same for the forms that PowerShell writes; of others nothing is said.
    #[inline(never)]
    pub(crate) fn parse_usual(text: &[u8]) -> Option<Self> {
        usual_time::date_time(text)
    }

    #[cold]
    #[inline(never)]
    pub(super) fn parse_any(text: &[u8]) -> Option<Self> {
        let (date, rest) = if let Some(rest) = text.strip_prefix(b"--") {
            let (month, rest) = digits::<2>(rest)?;
            let (day, rest) = digits::<2>(rest.strip_prefix(b"-")?)?;
            // .NET fills in a leap year, so that 29 February is a day.
            ((1904, month, day), rest)
        } else {
            let (year, rest) = digits::<4>(text)?;
            let (month, rest) = dashed(rest)?;
            let (day, rest) = if month.is_some() {
                dashed(rest)?
            } else {
                (None, rest)
            };
            ((year, month.unwrap_or(1), day.unwrap_or(1)), rest)
        };
        let days = days_from_civil(date.0, date.1, date.2)?;
        let (time, rest) = match rest.strip_prefix(b"T") {
            Some(rest) => time_of_day(rest)?,
            None => (0, rest),
        };
        Self::new(days * DAY + time, zone(rest)?)
    }
}

impl TimeSpan {
    /// Reads an `xs:duration` as .NET does: a year is 365 days and a month is 30, but twelve
    /// months are a year.
    #[must_use]
    #[inline]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.as_bytes();
        Self::parse_usual(text).or_else(|| Self::parse_any(text))
    }

    /// The same for the form that PowerShell writes; of others nothing is said.
    #[inline(never)]
    pub(crate) fn parse_usual(text: &[u8]) -> Option<Self> {
        usual_time::time_span(text)
    }

    #[inline(never)]
    pub(super) fn parse_any(text: &[u8]) -> Option<Self> {
        let (negative, text) = match text.strip_prefix(b"-") {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let mut rest = text.strip_prefix(b"P")?;
        let mut any = false;
        let years = field(&mut rest, b'Y', &mut any)?;
        let months = field(&mut rest, b'M', &mut any)?;
        let days = field(&mut rest, b'D', &mut any)?;
        let (mut hours, mut minutes, mut seconds) = (0, 0, 0);
        if let Some(mut time) = rest.strip_prefix(b"T") {
            any = false;
            hours = field(&mut time, b'H', &mut any)?;
            minutes = field(&mut time, b'M', &mut any)?;
            if !time.is_empty() {
                seconds = seconds_as_ticks(time)?;
                any = true;
            }
            rest = &[];
        }
        if !any || !rest.is_empty() {
            return None;
        }
        let (years, months) = (years + months / 12, months % 12);
        let days = days + years * 365 + months * 30;
        let total = days * i128::from(DAY)
            + hours * i128::from(HOUR)
            + minutes * i128::from(MINUTE)
            + seconds;
        i64::try_from(if negative { -total } else { total })
            .ok()
            .map(Self::from_ticks)
    }
}

/// `-NN`, unless what follows is a zone: `2020-07:00` is a year with an offset.
fn dashed(rest: &[u8]) -> Option<(Option<i64>, &[u8])> {
    match rest.strip_prefix(b"-") {
        Some(after) if after.get(2) != Some(&b':') => {
            let (number, rest) = digits::<2>(after)?;
            Some((Some(number), rest))
        }
        _ => Some((None, rest)),
    }
}

/// `hh:mm:ss[.f+]` as ticks; the eighth digit rounds the seventh.
fn time_of_day(text: &[u8]) -> Option<(i64, &[u8])> {
    let (hour, rest) = digits::<2>(text)?;
    let (minute, rest) = digits::<2>(rest.strip_prefix(b":")?)?;
    let (second, mut rest) = digits::<2>(rest.strip_prefix(b":")?)?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let mut ticks = hour * HOUR + minute * MINUTE + second * SECOND;
    if let Some(fraction) = rest.strip_prefix(b".") {
        let end = fraction
            .iter()
            .position(|b| !b.is_ascii_digit())
            .unwrap_or(fraction.len());
        let (digits, after) = fraction.split_at(end);
        if digits.is_empty() {
            return None;
        }
        let mut unit = SECOND;
        for digit in digits.iter().take(7) {
            unit /= 10;
            ticks += i64::from(digit - b'0') * unit;
        }
        ticks += i64::from(digits.get(7).is_some_and(|digit| *digit >= b'5'));
        rest = after;
    }
    Some((ticks, rest))
}

fn zone(text: &[u8]) -> Option<DateTimeKind> {
    let (sign, rest) = match text {
        [] => return Some(DateTimeKind::Unspecified),
        b"Z" | b"z" => return Some(DateTimeKind::Utc),
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    let (hours, rest) = digits::<2>(rest)?;
    let (minutes, rest) = digits::<2>(rest.strip_prefix(b":")?)?;
    if !rest.is_empty() || minutes > 59 {
        return None;
    }
    let offset_minutes = i16::try_from(sign * (hours * 60 + minutes)).ok()?;
    (offset_minutes.abs() <= 840).then_some(DateTimeKind::Local { offset_minutes })
}

/// Exactly `N` decimal digits.
fn digits<const N: usize>(text: &[u8]) -> Option<(i64, &[u8])> {
    let (head, rest) = text.split_at_checked(N)?;
    let mut number = 0;
    for digit in head {
        number = number * 10 + i64::from(digit.checked_sub(b'0').filter(|d| *d < 10)?);
    }
    Some((number, rest))
}

/// Days since 0001-01-01, for a date that exists.
const fn days_from_civil(year: i64, month: i64, day: i64) -> Option<i64> {
    if year < 1
        || year > 9999
        || month < 1
        || month > 12
        || day < 1
        || day > days_in_month(year, month)
    {
        return None;
    }
    // Years that begin in March put the leap day last; 306 days lie between 1 March of the year 0
    // and 1 January of the year 1.
    let (shifted, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let before = shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400;
    Some(before + (153 * month + 2) / 5 + day - 1 - 306)
}

pub(super) const fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The number before `unit`, which is passed over; nothing if another unit or none comes. Notes in
/// `any` that there was one.
fn field(rest: &mut &[u8], unit: u8, any: &mut bool) -> Option<i128> {
    let end = rest
        .iter()
        .position(|b| !b.is_ascii_digit())
        .unwrap_or(rest.len());
    let (digits, after) = rest.split_at(end);
    if digits.is_empty() || after.first() != Some(&unit) {
        return Some(0);
    }
    *rest = after.get(1..)?;
    *any = true;
    component(digits)
}

/// A component of a duration is at most an `i32`.
fn component(digits: &[u8]) -> Option<i128> {
    let mut number: i32 = 0;
    for digit in digits {
        number = number
            .checked_mul(10)?
            .checked_add(i32::from(digit - b'0'))?;
    }
    Some(number.into())
}

/// `n[.f*]S`, what is finer than a tick cut off.
fn seconds_as_ticks(text: &[u8]) -> Option<i128> {
    let text = text.strip_suffix(b"S")?;
    let (whole, fraction) = around_point(text)?;
    let mut ticks = component(whole)? * i128::from(SECOND);
    let mut unit = i128::from(SECOND);
    for digit in fraction.iter().take(7) {
        unit /= 10;
        ticks += i128::from(digit - b'0') * unit;
    }
    Some(ticks)
}

impl std::str::FromStr for DateTime {
    type Err = InvalidLexicalForm;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text).ok_or(InvalidLexicalForm("date and time"))
    }
}

impl std::str::FromStr for TimeSpan {
    type Err = InvalidLexicalForm;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text).ok_or(InvalidLexicalForm("duration"))
    }
}

/// The text does not have the form of what it should be.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("this is not the text of a {0}")]
pub struct InvalidLexicalForm(pub(crate) &'static str);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_and_written() {
        for text in [
            "0001-01-01T00:00:00",
            "9999-12-31T23:59:59.9999999Z",
            "2000-02-29T12:00:00.5+14:00",
            "1970-01-01T00:00:00.000001",
            "2020-01-02T03:04:05+00:00",
        ] {
            assert_eq!(DateTime::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(
            DateTime::parse("1970-01-01").unwrap().ticks(),
            DateTime::UNIX_EPOCH_TICKS
        );
    }

    #[test]
    fn dates_that_do_not_exist_are_refused() {
        for text in [
            "2001-02-29",
            "0000-01-01T00:00:00",
            "2008-04-11T24:00:00",
            "2008-04-11 10:42:32",
            "2008-04-11T10:42",
            "2020-01-01T00:00:00+0200",
            "--13-01",
            "2020-13",
            "",
        ] {
            assert_eq!(DateTime::parse(text), None, "{text}");
        }
    }

    #[test]
    fn short_dates_get_what_they_lack() {
        assert_eq!(
            DateTime::parse("--02-29Z").unwrap().to_string(),
            "1904-02-29T00:00:00Z"
        );
        assert_eq!(
            DateTime::parse("2020").unwrap().to_string(),
            "2020-01-01T00:00:00"
        );
        assert_eq!(
            DateTime::parse("2020-07:00").unwrap().to_string(),
            "2020-01-01T00:00:00-07:00"
        );
        assert_eq!(
            DateTime::parse("2020-07-07:00").unwrap().to_string(),
            "2020-07-01T00:00:00-07:00"
        );
    }

    #[test]
    fn rounding_carries_as_far_as_the_year() {
        let time = DateTime::parse("2019-12-31T23:59:59.99999995").unwrap();
        assert_eq!(time.to_string(), "2020-01-01T00:00:00");
        assert_eq!(DateTime::parse("9999-12-31T23:59:59.99999995"), None);
    }

    #[test]
    fn spans_are_read_and_written() {
        for text in [
            "PT0S",
            "P1D",
            "PT1H5M",
            "-PT1H40M5S",
            "PT0.0000001S",
            "-P10675199DT2H48M5.4775808S",
        ] {
            assert_eq!(TimeSpan::parse(text).unwrap().to_string(), text);
        }
        for (text, ticks) in [
            ("P12M", 365 * DAY),
            ("P13M", 395 * DAY),
            ("PT.5S", SECOND / 2),
            ("PT1.S", SECOND),
            ("PT36H", 36 * HOUR),
        ] {
            assert_eq!(TimeSpan::parse(text).unwrap().ticks(), ticks, "{text}");
        }
        for text in [
            "P",
            "PT",
            "P1DT",
            "P1W",
            "+PT1S",
            "P-1D",
            "PT1.5H",
            "PTS",
            "PT.S",
            "P10675200D",
            "p1d",
        ] {
            assert_eq!(TimeSpan::parse(text), None, "{text}");
        }
    }
}
