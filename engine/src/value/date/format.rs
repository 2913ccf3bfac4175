//! Standard and custom formats of dates.

use super::{DAYS, DateCulture, MONTHS};
use crate::value::{
    DateTime, DateTimeKind, TICKS_PER_HOUR, TICKS_PER_MINUTE, TICKS_PER_SECOND, TimeSpan,
};

/// Formats a date. `offset` is that of a `DateTimeOffset`; without it, it comes from the kind. `None` if the format is wrong.
#[must_use]
pub fn format_date_time(
    date: DateTime,
    offset: Option<TimeSpan>,
    format: &str,
    culture: DateCulture,
) -> Option<String> {
    let format = if format.is_empty() { "G" } else { format };
    let mut chars = format.chars();
    let (Some(letter), None) = (chars.next(), chars.next()) else {
        return custom(date, offset, format, culture);
    };
    let en_us = culture == DateCulture::EnUs;
    let pattern = match letter {
        'd' => pick(en_us, "M/d/yyyy", "MM/dd/yyyy"),
        'D' => pick(en_us, "dddd, MMMM d, yyyy", "dddd, dd MMMM yyyy"),
        't' => pick(en_us, "h:mm\u{202f}tt", "HH:mm"),
        'T' => pick(en_us, "h:mm:ss\u{202f}tt", "HH:mm:ss"),
        'f' => pick(
            en_us,
            "dddd, MMMM d, yyyy h:mm\u{202f}tt",
            "dddd, dd MMMM yyyy HH:mm",
        ),
        'F' => pick(
            en_us,
            "dddd, MMMM d, yyyy h:mm:ss\u{202f}tt",
            "dddd, dd MMMM yyyy HH:mm:ss",
        ),
        'g' => pick(en_us, "M/d/yyyy h:mm\u{202f}tt", "MM/dd/yyyy HH:mm"),
        'G' if offset.is_some() => pick(
            en_us,
            "M/d/yyyy h:mm:ss\u{202f}tt zzz",
            "MM/dd/yyyy HH:mm:ss zzz",
        ),
        'G' => pick(en_us, "M/d/yyyy h:mm:ss\u{202f}tt", "MM/dd/yyyy HH:mm:ss"),
        'm' | 'M' => pick(en_us, "MMMM d", "MMMM dd"),
        'y' | 'Y' => pick(en_us, "MMMM yyyy", "yyyy MMMM"),
        'o' | 'O' => "yyyy-MM-ddTHH:mm:ss.fffffffK",
        's' => "yyyy-MM-ddTHH:mm:ss",
        'r' | 'R' | 'u' => {
            // Both are written as if in universal time; a DateTime is not moved there, a DateTimeOffset is.
            let moved = match offset {
                Some(offset) => date.plus_ticks(-offset.ticks).unwrap_or(date),
                None => date,
            };
            let pattern = if letter == 'u' {
                "yyyy-MM-dd HH:mm:ssZ"
            } else {
                "ddd, dd MMM yyyy HH:mm:ss 'GMT'"
            };
            return custom(moved, offset, pattern, DateCulture::Invariant);
        }
        'U' => {
            let pattern = pick(
                en_us,
                "dddd, MMMM d, yyyy h:mm:ss\u{202f}tt",
                "dddd, dd MMMM yyyy HH:mm:ss",
            );
            return custom(date.to_utc(), offset, pattern, culture);
        }
        _ => return None,
    };
    custom(date, offset, pattern, culture)
}

fn pick(en_us: bool, ours: &'static str, invariant: &'static str) -> &'static str {
    if en_us { ours } else { invariant }
}

fn custom(
    date: DateTime,
    offset: Option<TimeSpan>,
    format: &str,
    _culture: DateCulture,
) -> Option<String> {
    let mut format = format;
    // `%d` is the custom format `d`.
    if let Some(rest) = format.strip_prefix('%')
        && rest.chars().count() == 1
    {
        format = rest;
    }
    let (year, month, day) = date.date();
    let of_day = date.time_of_day().ticks;
    let (hour, minute, second) = (
        of_day / TICKS_PER_HOUR,
        of_day / TICKS_PER_MINUTE % 60,
        of_day / TICKS_PER_SECOND % 60,
    );
    let fraction = of_day % TICKS_PER_SECOND;
    let chars: Vec<char> = format.chars().collect();
    let mut text = String::with_capacity(format.len() + 8);
    let mut index = 0;
    while let Some(&c) = chars.get(index) {
        let count = chars[index..].iter().take_while(|next| **next == c).count();
        let mut used = count;
        match c {
            'd' => match count {
                1 => text.push_str(&day.to_string()),
                2 => text.push_str(&format!("{day:02}")),
                3 => text.push_str(&day_name(date)[..3]),
                _ => text.push_str(day_name(date)),
            },
            'M' => match count {
                1 => text.push_str(&month.to_string()),
                2 => text.push_str(&format!("{month:02}")),
                3 => text.push_str(&month_name(month)[..3]),
                _ => text.push_str(month_name(month)),
            },
            'y' => match count {
                1 => text.push_str(&(year % 100).to_string()),
                2 => text.push_str(&format!("{:02}", year % 100)),
                _ => text.push_str(&format!("{year:0width$}", width = count.min(64))),
            },
            'h' => push_number(
                &mut text,
                if hour % 12 == 0 { 12 } else { hour % 12 },
                count,
            ),
            'H' => push_number(&mut text, hour, count),
            'm' => push_number(&mut text, minute, count),
            's' => push_number(&mut text, second, count),
            'f' | 'F' => {
                if count > 7 {
                    return None;
                }
                let digits = format!("{fraction:07}");
                let digits = &digits[..count];
                if c == 'f' {
                    text.push_str(digits);
                } else {
                    let digits = digits.trim_end_matches('0');
                    // A point before a fraction that is left out goes with it.
                    if digits.is_empty() && text.ends_with('.') {
                        text.pop();
                    }
                    text.push_str(digits);
                }
            }
            't' => {
                let name = if hour < 12 { "AM" } else { "PM" };
                text.push_str(if count == 1 { &name[..1] } else { name });
            }
            'g' => text.push_str("AD"),
            'z' => push_offset(
                &mut text,
                offset.unwrap_or_else(|| date.local_offset()),
                count,
            ),
            'K' => {
                used = 1;
                match (offset, date.kind) {
                    (Some(offset), _) => push_offset(&mut text, offset, 3),
                    (None, DateTimeKind::Utc) => text.push('Z'),
                    (None, DateTimeKind::Local) => push_offset(&mut text, date.local_offset(), 3),
                    (None, DateTimeKind::Unspecified) => {}
                }
            }
            '\'' | '"' => {
                let rest = &chars[index + 1..];
                let length = rest.iter().position(|next| *next == c)?;
                text.extend(&rest[..length]);
                used = length + 2;
            }
            '\\' => {
                text.push(*chars.get(index + 1)?);
                used = 2;
            }
            '%' => {
                used = 1;
                let next = *chars.get(index + 1).filter(|next| **next != '%')?;
                // One specifier, however often the letter follows.
                let one: String = ['%', next].iter().collect();
                text.push_str(&custom(date, offset, &one, _culture)?);
                used += 1;
            }
            other => {
                text.push(other);
                used = 1;
            }
        }
        index += used;
    }
    Some(text)
}

fn day_name(date: DateTime) -> &'static str {
    DAYS[usize::try_from(date.day_of_week()).unwrap_or(0)]
}

fn month_name(month: i32) -> &'static str {
    MONTHS[usize::try_from(month - 1).unwrap_or(0)]
}

fn push_number(text: &mut String, number: i64, count: usize) {
    if count == 1 {
        text.push_str(&number.to_string())
    } else {
        text.push_str(&format!("{number:02}"))
    }
}

fn push_offset(text: &mut String, offset: TimeSpan, count: usize) {
    let minutes = offset.ticks / TICKS_PER_MINUTE;
    text.push(if minutes < 0 { '-' } else { '+' });
    let (hours, minutes) = (minutes.abs() / 60, minutes.abs() % 60);
    match count {
        1 => text.push_str(&hours.to_string()),
        2 => text.push_str(&format!("{hours:02}")),
        _ => text.push_str(&format!("{hours:02}:{minutes:02}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_as_recorded() {
        let date = DateTime::from_parts(2024, 2, 29, 13, 5, 9).expect("a time");
        for (format, expected) in [
            ("d", "2/29/2024"),
            ("D", "Thursday, February 29, 2024"),
            ("f", "Thursday, February 29, 2024 1:05\u{202f}PM"),
            ("G", "2/29/2024 1:05:09\u{202f}PM"),
            ("o", "2024-02-29T13:05:09.0000000"),
            ("u", "2024-02-29 13:05:09Z"),
            ("yyyyMMddTHHmmssZ", "20240229T130509Z"),
            ("yy-M-d", "24-2-29"),
            ("hh 'oclock'", "01 oclock"),
            ("%d", "29"),
            ("yyyyy", "02024"),
            ("ss.FFF", "09"),
        ] {
            assert_eq!(
                format_date_time(date, None, format, DateCulture::EnUs).as_deref(),
                Some(expected),
                "{format}"
            );
        }
        assert_eq!(format_date_time(date, None, "x", DateCulture::EnUs), None);
        assert_eq!(
            format_date_time(date, None, "", DateCulture::Invariant).as_deref(),
            Some("02/29/2024 13:05:09")
        );
    }
}
