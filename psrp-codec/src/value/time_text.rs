//! The text of times, as PowerShell writes it.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "fields of a time have few digits, and there is room for all of them"
)]

use std::fmt;

use super::{DateTime, DateTimeKind, TimeSpan};
use crate::digits::{LONGEST, Room, ascii, byte, eight, integer, pair, word};

impl DateTime {
    /// Stores the form that PowerShell writes, no more fraction than there is; gives its length.
    #[inline]
    pub(crate) fn write_to(self, room: &mut Room) -> usize {
        let (year, month, day) = self.date();
        let (hour, minute, second, ticks) = self.time_of_day();
        let year = year.unsigned_abs();
        let (dash, colon) = (u64::from(b'-'), u64::from(b':'));
        let at = word(
            room,
            0,
            pair(year / 100) | pair(year % 100) << 16 | dash << 32 | pair(month) << 40 | dash << 56,
        );
        let at = word(
            room,
            at,
            pair(day) | u64::from(b'T') << 16 | pair(hour) << 24 | colon << 40 | pair(minute) << 48,
        );
        word(room, at, colon | pair(second) << 8);
        let at = fraction(room, at + 3, ticks);
        match self.kind() {
            DateTimeKind::Unspecified => at,
            DateTimeKind::Utc => byte(room, at, b'Z'),
            DateTimeKind::Local { offset_minutes } => {
                let sign = if offset_minutes < 0 { b'-' } else { b'+' };
                let offset = u32::from(offset_minutes.unsigned_abs());
                word(
                    room,
                    at,
                    u64::from(sign)
                        | pair(offset / 60) << 8
                        | colon << 24
                        | pair(offset % 60) << 32,
                );
                at + 6
            }
        }
    }
}

impl TimeSpan {
    /// Stores the form that PowerShell writes; gives its length. Days never become months, zero
    /// is `PT0S`.
    pub(crate) fn write_to(self, room: &mut Room) -> usize {
        const SECOND: u64 = 10_000_000;
        const MINUTE: u64 = 60 * SECOND;
        const HOUR: u64 = 60 * MINUTE;
        const DAY: u64 = 24 * HOUR;
        let ticks = self.ticks().unsigned_abs();
        let mut at = 0;
        if self.ticks() < 0 {
            at = byte(room, at, b'-');
        }
        at = byte(room, at, b'P');
        if ticks >= DAY {
            at = integer(room, at, ticks / DAY);
            at = byte(room, at, b'D');
        }
        let time = ticks % DAY;
        if time == 0 && ticks != 0 {
            return at;
        }
        at = byte(room, at, b'T');
        let (hours, minutes, rest) = (time / HOUR, time % HOUR / MINUTE, time % MINUTE);
        if hours != 0 {
            at = integer(room, at, hours);
            at = byte(room, at, b'H');
        }
        if minutes != 0 {
            at = integer(room, at, minutes);
            at = byte(room, at, b'M');
        }
        if rest != 0 || ticks == 0 {
            at = integer(room, at, rest / SECOND);
            at = fraction(room, at, u32::try_from(rest % SECOND).unwrap_or(0));
            at = byte(room, at, b'S');
        }
        at
    }
}

/// `.f{1,7}` without trailing zeros, or nothing.
#[inline]
fn fraction(room: &mut Room, at: usize, ticks: u32) -> usize {
    if ticks == 0 {
        return at;
    }
    // Seven digits of eight; the point takes the place of the first.
    let digits = eight(ticks);
    word(room, at, ascii(digits) & !0xFF | u64::from(b'.'));
    at + 8 - digits.leading_zeros() as usize / 8
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut room = [0; LONGEST];
        let end = self.write_to(&mut room);
        write_ascii(&room[..end], f)
    }
}

impl fmt::Display for TimeSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut room = [0; LONGEST];
        let end = self.write_to(&mut room);
        write_ascii(&room[..end], f)
    }
}

fn write_ascii(text: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str(str::from_utf8(text).map_err(|_| fmt::Error)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same by way of Rust's formatting.
    fn printed(time: DateTime) -> String {
        let (year, month, day) = time.date();
        let (hour, minute, second, ticks) = time.time_of_day();
        let mut text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
        if ticks != 0 {
            text += format!(".{ticks:07}").trim_end_matches('0');
        }
        match time.kind() {
            DateTimeKind::Unspecified => {}
            DateTimeKind::Utc => text.push('Z'),
            DateTimeKind::Local { offset_minutes } => {
                let sign = if offset_minutes < 0 { '-' } else { '+' };
                let offset = offset_minutes.unsigned_abs();
                text += &format!("{sign}{:02}:{:02}", offset / 60, offset % 60);
            }
        }
        text
    }

    proptest::proptest! {
        #[test]
        fn any_time_is_written_as_it_would_be_printed(time: DateTime, exponent in 0..8_u32) {
            proptest::prop_assert_eq!(time.to_string(), printed(time));
            let unit = 10_i64.pow(exponent);
            let round = DateTime::new(time.ticks() / unit * unit, time.kind()).unwrap();
            proptest::prop_assert_eq!(round.to_string(), printed(round));
        }

        #[test]
        fn any_span_is_read_as_what_was_written(ticks: i64, exponent in 0..19_u32) {
            for ticks in [ticks, ticks / 10_i64.pow(exponent), -10_i64.pow(exponent)] {
                let span = TimeSpan::from_ticks(ticks);
                proptest::prop_assert_eq!(TimeSpan::parse(&span.to_string()), Some(span));
            }
        }
    }

    #[test]
    fn the_longest_texts_fit() {
        let kind = DateTimeKind::Local {
            offset_minutes: -840,
        };
        let time = DateTime::new(DateTime::MAX_TICKS, kind).unwrap();
        assert_eq!(time.to_string(), "9999-12-31T23:59:59.9999999-14:00");
        let span = TimeSpan::from_ticks(i64::MIN);
        assert_eq!(span.to_string(), "-P10675199DT2H48M5.4775808S");
    }
}
