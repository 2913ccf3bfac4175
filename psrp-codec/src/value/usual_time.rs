//! The text of times in the forms that PowerShell writes, eight letters at a time. Whatever else
//! is a time is left to the general way.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "every field has at most eight digits, and is checked before it counts"
)]

use super::digit_words::{
    DIGIT, DIGITS, NOTHING, ZEROS, beyond, last_of_few, number, pairs, places_of, up_to, word,
};
use super::time::{DAY, SECOND};
use super::{DateTime, DateTimeKind, TimeSpan};

/// What [`beyond`] allows where separators were turned to zeros.
const YEAR: u64 = u64::from_le_bytes([DIGIT, DIGIT, DIGIT, DIGIT, 0, 0, 0, 0]);
const DATE: u64 = u64::from_le_bytes([
    DIGIT,
    NOTHING,
    up_to(1),
    DIGIT,
    NOTHING,
    up_to(3),
    DIGIT,
    NOTHING,
]);
const TIME: u64 = u64::from_le_bytes([
    up_to(2),
    DIGIT,
    NOTHING,
    up_to(5),
    DIGIT,
    NOTHING,
    up_to(5),
    DIGIT,
]);
const FRACTION: u64 =
    u64::from_le_bytes([NOTHING, DIGIT, DIGIT, DIGIT, DIGIT, DIGIT, DIGIT, DIGIT]);
const OFFSET: u64 = u64::from_le_bytes([
    NOTHING,
    up_to(1),
    DIGIT,
    NOTHING,
    up_to(5),
    DIGIT,
    NOTHING,
    NOTHING,
]);

/// Reads `yyyy-MM-ddThh:mm:ss[.f{1,7}][Z|±hh:mm]`.
#[inline]
pub(super) fn date_time(text: &[u8]) -> Option<DateTime> {
    let (head, rest) = text.split_first_chunk::<19>()?;
    let last = u64::from_le_bytes(*text.last_chunk()?);
    let year = (word(head, 0) ^ ZEROS) & 0xFFFF_FFFF;
    let date = word(head, 3) ^ u64::from_le_bytes(*b"0-00-00T");
    let time = word(head, 11) ^ u64::from_le_bytes(*b"00:00:00");
    if beyond(year, YEAR) | beyond(date, DATE) | beyond(time, TIME) != 0 {
        return None;
    }
    let days = days(pairs(year), pairs(date))?;
    let time = pairs(time);
    let (hours, minutes, seconds) = (byte(time, 0), byte(time, 3), byte(time, 6));
    if hours > 23 {
        return None;
    }
    let seconds = i64::from(hours * 3600 + minutes * 60 + seconds);
    let (fraction, rest) = match rest {
        [b'.', ..] => fraction(rest)?,
        _ => (0, rest),
    };
    // In the year 0 there are less than no ticks.
    DateTime::new(days * DAY + seconds * SECOND + fraction, kind(rest, last)?)
}

/// Days of a month, by its number, or by 20 more than that in a leap year: in the upper half how
/// many there are, in the lower half how many are before it, and one more where that day is no
/// leap day.
#[expect(clippy::indexing_slicing, reason = "it is done once, by the compiler")]
const MONTHS: [u32; 64] = {
    const LENGTHS: [u32; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut months = [0; 64];
    let mut before = 0;
    let mut month = 1;
    while month <= 12 {
        let length = LENGTHS[month - 1];
        let leap = (month == 2) as u32;
        let after_leap = (month > 2) as u32;
        months[month] = (length << 16) + before + 1;
        months[month + 20] = ((length + leap) << 16) + before + after_leap;
        before += length;
        month += 1;
    }
    months
};

/// Days since 0001-01-01, if there is such a day: century and year are bytes 0 and 2 of `year`,
/// month and day are bytes 2 and 5 of `date`. The month is below 20.
#[inline(always)]
fn days(year: u64, date: u64) -> Option<i64> {
    let (century, year) = (byte(year, 0), byte(year, 2));
    let (month, day) = (byte(date, 2), byte(date, 5));
    let is_leap = if year == 0 { century } else { year } % 4 == 0;
    #[expect(clippy::indexing_slicing, reason = "there are 64")]
    let month = MONTHS[(month + 20 * u32::from(is_leap)) as usize % 64];
    if day.wrapping_sub(1) >= month >> 16 {
        return None;
    }
    // All days up to the end of the year, and all of the year taken away again: a leap day in
    // each fourth year, but of full centuries only in each fourth.
    let until = century * 36_524 + century / 4 + year * 1461 / 4;
    Some(i64::from(until + (month & 0xFFFF) + day) - 367)
}

/// Reads `.f{1,7}` as ticks. Nearly all times have seven digits.
#[inline(always)]
fn fraction(text: &[u8]) -> Option<(i64, &[u8])> {
    if let Some((letters, rest)) = text.split_first_chunk() {
        let values = u64::from_le_bytes(*letters) ^ u64::from_le_bytes(*b".0000000");
        if beyond(values, FRACTION) == 0 {
            return Some((number(values).cast_signed(), rest));
        }
    }
    short_fraction(text)
}

#[inline(never)]
fn short_fraction(text: &[u8]) -> Option<(i64, &[u8])> {
    let letters = match text.first_chunk() {
        Some(letters) => u64::from_le_bytes(*letters),
        None => {
            let letters = text.iter().rev();
            letters.fold(0, |word, letter| word << 8 | u64::from(*letter))
        }
    };
    let values = letters ^ u64::from_le_bytes(*b".0000000");
    // At the first letter that is no digit; the places behind it are zeros.
    let end = beyond(values, FRACTION).trailing_zeros() as usize / 8;
    if end < 2 {
        return None;
    }
    let values = values & u64::MAX >> (8 * (8 - end));
    Some((number(values).cast_signed(), text.get(end..)?))
}

#[inline(always)]
fn kind(text: &[u8], last: u64) -> Option<DateTimeKind> {
    match text {
        [] => Some(DateTimeKind::Unspecified),
        b"Z" => Some(DateTimeKind::Utc),
        [sign @ (b'+' | b'-'), _, _, _, _, _] => {
            let letters = last >> 16;
            let signed = u64::from_le_bytes([*sign, b'0', b'0', b':', b'0', b'0', 0, 0]);
            let values = letters ^ signed;
            let pairs = pairs(values);
            let (hours, minutes) = (byte(pairs, 1), byte(pairs, 4));
            let offset = hours * 60 + minutes;
            if beyond(values, OFFSET) != 0 || offset > 840 {
                return None;
            }
            let offset = i16::try_from(offset).ok()?;
            Some(DateTimeKind::Local {
                offset_minutes: if *sign == b'-' { -offset } else { offset },
            })
        }
        _ => None,
    }
}

/// Reads `[-]P[d{1,7}D]T[h{1,2}H][m{1,2}M]s{1,2}[.f{0,7}]S` and `[-]Pd{1,7}D`.
#[inline]
pub(super) fn time_span(text: &[u8]) -> Option<TimeSpan> {
    let (is_negative, text) = match text {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    let ticks = match text {
        [b'P', b'T', .., b'S'] => time_ticks(text, 2)?,
        [b'P', ..] => days_and_time(text)?,
        _ => return None,
    };
    Some(TimeSpan::from_ticks(if is_negative {
        -ticks
    } else {
        ticks
    }))
}

#[inline(never)]
fn days_and_time(text: &[u8]) -> Option<i64> {
    let (days, rest) = whole_days(text.get(1..)?)?;
    let time = match rest {
        [] => 0,
        [b'T', .., b'S'] => time_ticks(text, 1 + text.len() - rest.len())?,
        _ => return None,
    };
    Some(days * DAY + time)
}

/// Reads `d{1,7}D`.
fn whole_days(text: &[u8]) -> Option<(i64, &[u8])> {
    let end = text.iter().take(8).position(|letter| *letter == b'D')?;
    let (digits, rest) = text.split_at_checked(end)?;
    let mut days = 0;
    for digit in digits {
        days = days * 10 + i64::from(digit.checked_sub(b'0').filter(|digit| *digit < 10)?);
    }
    (!digits.is_empty()).then_some((days, rest.get(1..)?))
}

/// Reads `[h{1,2}H][m{1,2}M]s{1,2}[.f{0,7}]S`, which begins behind a `P`, a `T` and no other of its
/// marks, at `from`, and ends with the text. What is before the point fits in a word, and
/// so does the rest.
#[inline(always)]
fn time_ticks(text: &[u8], from: usize) -> Option<i64> {
    let text_end = text.len() - 1;
    // The last letters but for the `S`, and where the point is among them, or 8.
    let (last, point, whole);
    if let Some([letters @ .., _]) = text.last_chunk::<9>() {
        last = word(letters, 0);
        point = places_of(last, b'.').trailing_zeros() as usize / 8;
        // The eight letters before the point, or as many as there are.
        let end = text_end - 8 + point;
        let letters = text.get(end.saturating_sub(8)..)?.first_chunk::<8>()?;
        whole = word(letters, 0) << (8 * 8_usize.saturating_sub(end));
    } else {
        last = last_of_few(text) << 8;
        point = places_of(last, b'.').trailing_zeros() as usize / 8;
        whole = last << (8 * (8 - point) % 64);
    }
    let count = (text_end + point).wrapping_sub(8 + from);
    if count.wrapping_sub(1) >= 8 {
        return None;
    }
    // What is behind the point; shifted twice, as 64 bits cannot be shifted by 64.
    let fraction = (last ^ ZEROS) >> (4 * point) >> (4 * point) & !0xFF;

    let values = whole ^ ZEROS;
    let hours = places_of(whole, b'H');
    let minutes = places_of(whole, b'M');
    // What is not counted, and what is no digit.
    let around = HIGH >> 8 >> (8 * count - 8);
    let others = others(values) | around;
    let marks = others & !around;
    let digits = HIGH & !others;
    let is_wrong = marks ^ (hours | minutes)
        // Each of them is there once at most, and in their order;
        | hours & hours.wrapping_sub(1)
        | minutes & minutes.wrapping_sub(1)
        // there are digits before and after each, but no three.
        | marks & (others << 8 | 1 << 63 | 0x80)
        | digits & digits << 8 & digits << 16
        | beyond(fraction, DIGITS);
    if is_wrong != 0 || minutes.wrapping_sub(1) < hours {
        return None;
    }
    let values = values & !((others >> 7) * 0xFF);
    // In each byte the number of two digits that ends there.
    let pairs = values + (values << 8) * 10;
    let before = |mark: u64| {
        let pair = pairs & ((mark >> 15) * 0xFF);
        pair >> (mark.trailing_zeros().wrapping_sub(15) % 64)
    };
    let seconds = before(hours) * 3600 + before(minutes) * 60 + (pairs >> 56);
    Some((seconds * SECOND.unsigned_abs() + number(fraction)).cast_signed())
}

const HIGH: u64 = u64::from_le_bytes([0x80; 8]);

/// The highest bit of every byte that is not from 0 to 9.
#[inline(always)]
const fn others(values: u64) -> u64 {
    (values | values.wrapping_add(u64::from_le_bytes([0x80 - 10; 8]))) & HIGH
}

/// The byte at `index` of `word`.
#[inline(always)]
const fn byte(word: u64, index: u32) -> u32 {
    (word >> (8 * index)) as u32 & 0xFF
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::time_forms::days_in_month;
    use super::*;

    /// A text that differs from `text` in a letter, has one more or one less.
    fn mutations(text: &str) -> impl Iterator<Item = Vec<u8>> {
        let text = text.as_bytes().to_vec();
        let letters = *b"0123456789TZHMSDP:.-+zt/IL \0\xFF";
        (0..text.len()).flat_map(move |place| {
            let text = text.clone();
            letters.into_iter().flat_map(move |letter| {
                let (mut other, mut longer, mut shorter) =
                    (text.clone(), text.clone(), text.clone());
                other[place] = letter;
                longer.insert(place, letter);
                shorter.remove(place);
                [other, longer, shorter]
            })
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn any_time_is_read_quickly_and_as_in_the_general_way(
            time: DateTime,
            exponent in 0..8_u32,
        ) {
            let ticks = time.ticks() / 10_i64.pow(exponent) * 10_i64.pow(exponent);
            let time = DateTime::new(ticks, time.kind()).unwrap();
            let text = time.to_string();
            prop_assert_eq!(date_time(text.as_bytes()), Some(time));
            for text in mutations(&text) {
                if let Some(time) = date_time(&text) {
                    prop_assert_eq!(DateTime::parse_any(&text), Some(time), "{:?}", text);
                }
            }
        }

        #[test]
        fn any_span_is_read_quickly_and_as_in_the_general_way(
            ticks in -8_640_000_000_000_000_000..8_640_000_000_000_000_000_i64,
            exponent in 0..19_u32,
        ) {
            let span = TimeSpan::from_ticks(ticks / 10_i64.pow(exponent));
            let text = span.to_string();
            if text.ends_with(['S', 'D']) {
                prop_assert_eq!(time_span(text.as_bytes()), Some(span), "{}", text);
            }
            for text in mutations(&text) {
                if let Some(span) = time_span(&text) {
                    prop_assert_eq!(TimeSpan::parse_any(&text), Some(span), "{:?}", text);
                }
            }
        }

        #[test]
        fn any_text_like_a_time_is_read_as_in_the_general_way(
            time in "[0-2][0-9]{3}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{0,9})?[Zz]?([+-][01][0-9]:[0-6][0-9])?",
            span in "-?P([0-9]{0,8}D)?T([0-9]{0,3}[HM]){0,3}([0-9]{0,3}(\\.[0-9.]{0,9})?[SM])?",
        ) {
            if let Some(read) = date_time(time.as_bytes()) {
                prop_assert_eq!(DateTime::parse_any(time.as_bytes()), Some(read), "{}", time);
            }
            if let Some(read) = time_span(span.as_bytes()) {
                prop_assert_eq!(TimeSpan::parse_any(span.as_bytes()), Some(read), "{}", span);
            }
        }
    }

    #[test]
    fn every_day_is_counted() {
        let mut days = 0;
        for year in 0..=9999 {
            for month in 0..=19 {
                for day in 0..=39 {
                    let text = format!("{year:04}-{month:02}-{day:02}T00:00:00");
                    let exists = (1..=12).contains(&month)
                        && (1..=days_in_month(year, month)).contains(&day);
                    let expected = (year > 0 && exists).then(|| DAY * days);
                    days += i64::from(expected.is_some());
                    assert_eq!(
                        date_time(text.as_bytes()).map(DateTime::ticks),
                        expected,
                        "{text}"
                    );
                }
            }
        }
    }
}
