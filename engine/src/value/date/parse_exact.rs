//! `ParseExact`: a date in the one form that a format names.

use super::{DAYS, DateCulture, MONTHS};
use crate::value::{DateTime, DateTimeKind, TICKS_PER_MINUTE, TICKS_PER_SECOND, TimeSpan};

/// Reads `text` as `format` says; `None` if it does not match. What the format leaves out is today's, at midnight.
#[must_use]
pub fn parse_exact(
    text: &str,
    format: &str,
    culture: DateCulture,
    now: DateTime,
) -> Option<DateTime> {
    let en_us = culture == DateCulture::EnUs;
    let format = match format {
        "d" if en_us => "M/d/yyyy",
        "d" => "MM/dd/yyyy",
        "s" => "yyyy-MM-ddTHH:mm:ss",
        "o" | "O" => "yyyy-MM-ddTHH:mm:ss.fffffffK",
        "u" => "yyyy-MM-dd HH:mm:ssZ",
        "r" | "R" => "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
        "t" => "HH:mm",
        "T" => "HH:mm:ss",
        "g" => "MM/dd/yyyy HH:mm",
        "G" => "MM/dd/yyyy HH:mm:ss",
        other => other,
    };
    let mut rest = text;
    let chars: Vec<char> = format.chars().collect();
    let (mut year, mut month, mut day) = (None, None, None);
    let (mut hour, mut minute, mut second, mut fraction) = (0, 0, 0, 0);
    let mut half = None;
    let mut offset = None;
    let mut index = 0;
    while let Some(&c) = chars.get(index) {
        let count = chars[index..].iter().take_while(|next| **next == c).count();
        let mut used = count;
        match c {
            'y' if count <= 2 => year = Some(two_digit_year(number(&mut rest, count.max(2), 1)?)),
            'y' => year = Some(number(&mut rest, count, count.min(4))?),
            'M' if count <= 2 => month = Some(number(&mut rest, 2, count)?),
            'M' => month = Some(name(&mut rest, &MONTHS, count > 3)? + 1),
            'd' if count <= 2 => day = Some(number(&mut rest, 2, count)?),
            'd' => {
                name(&mut rest, &DAYS, count > 3)?;
            }
            'H' | 'h' => hour = number(&mut rest, 2, count.min(2))?,
            'm' => minute = number(&mut rest, 2, count.min(2))?,
            's' => second = number(&mut rest, 2, count.min(2))?,
            'f' | 'F' => {
                let digits = rest
                    .bytes()
                    .take_while(u8::is_ascii_digit)
                    .count()
                    .min(count);
                if c == 'f' && digits < count {
                    return None;
                }
                let value: i64 = if digits == 0 {
                    0
                } else {
                    rest[..digits].parse().ok()?
                };
                fraction = value
                    * 10_i64.checked_pow(u32::try_from(7_usize.checked_sub(digits)?).ok()?)?;
                rest = &rest[digits..];
            }
            't' => {
                let length = count.min(2);
                let word = rest.get(..length)?;
                half = Some(match word.to_ascii_uppercase().as_str() {
                    "AM" | "A" => 0,
                    "PM" | "P" => 12,
                    _ => return None,
                });
                rest = &rest[length..];
            }
            'z' | 'K' => {
                used = if c == 'K' { 1 } else { count };
                if let Some(after) = rest.strip_prefix('Z') {
                    offset = Some(TimeSpan { ticks: 0 });
                    rest = after;
                } else if rest.starts_with(['+', '-']) {
                    let negative = rest.starts_with('-');
                    rest = &rest[1..];
                    let hours = number(&mut rest, 2, 1)?;
                    let minutes = match rest.strip_prefix(':') {
                        Some(after) => {
                            rest = after;
                            number(&mut rest, 2, 2)?
                        }
                        None => 0,
                    };
                    let ticks = i64::from(hours * 60 + minutes) * TICKS_PER_MINUTE;
                    offset = Some(TimeSpan {
                        ticks: if negative { -ticks } else { ticks },
                    });
                } else if c == 'z' {
                    return None;
                }
            }
            '\'' | '"' => {
                let inner = &chars[index + 1..];
                let length = inner.iter().position(|next| *next == c)?;
                let literal: String = inner[..length].iter().collect();
                rest = rest.strip_prefix(literal.as_str())?;
                used = length + 2;
            }
            '\\' => {
                rest = rest.strip_prefix(*chars.get(index + 1)?)?;
                used = 2;
            }
            '%' => used = 1,
            'Z' => {
                rest = rest.strip_prefix('Z')?;
                used = 1;
            }
            other => {
                rest = rest.strip_prefix(other)?;
                used = 1;
            }
        }
        index += used;
    }
    if !rest.is_empty() {
        return None;
    }
    if let Some(half) = half {
        hour = hour % 12 + half;
    }
    let (this_year, this_month, today) = now.date();
    let given = year.is_some() || month.is_some() || day.is_some();
    let (year, month, day) = if given {
        (
            year.unwrap_or(this_year),
            month.unwrap_or(1),
            day.unwrap_or(1),
        )
    } else {
        (this_year, this_month, today)
    };
    let date = DateTime::from_parts(year, month, day, hour, minute, second)?
        .plus_ticks(fraction % TICKS_PER_SECOND)?;
    match offset {
        Some(offset) => Some(
            date.plus_ticks(-offset.ticks)?
                .with_kind(DateTimeKind::Utc)
                .to_local(),
        ),
        None => Some(date),
    }
}

fn two_digit_year(year: i32) -> i32 {
    if year < 50 { 2000 + year } else { 1900 + year }
}

fn number(rest: &mut &str, most: usize, least: usize) -> Option<i32> {
    let digits = rest
        .bytes()
        .take_while(u8::is_ascii_digit)
        .count()
        .min(most);
    if digits < least || digits == 0 {
        return None;
    }
    let value = rest[..digits].parse().ok()?;
    *rest = &rest[digits..];
    Some(value)
}

fn name(rest: &mut &str, names: &[&str], full: bool) -> Option<i32> {
    for (index, name) in names.iter().enumerate() {
        let name = if full { name } else { &name[..3] };
        if rest
            .get(..name.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(name))
        {
            *rest = &rest[name.len()..];
            return i32::try_from(index).ok();
        }
    }
    None
}
