//! Durations as text.

use crate::value::{TICKS_PER_DAY, TICKS_PER_HOUR, TICKS_PER_MINUTE, TICKS_PER_SECOND, TimeSpan};

/// Formats a duration: `c`, `g`, `G` or a custom format; `None` if the format is wrong.
#[must_use]
pub fn format_time_span(span: TimeSpan, format: &str) -> Option<String> {
    let negative = span.ticks < 0;
    let ticks = span.ticks.unsigned_abs();
    let part = |unit: i64, modulus: u64| {
        let count = ticks / unit.unsigned_abs();
        if modulus == 0 { count } else { count % modulus }
    };
    let (days, hours) = (part(TICKS_PER_DAY, 0), part(TICKS_PER_HOUR, 24));
    let (minutes, seconds) = (part(TICKS_PER_MINUTE, 60), part(TICKS_PER_SECOND, 60));
    let fraction = ticks % TICKS_PER_SECOND.unsigned_abs();
    let sign = if negative { "-" } else { "" };
    Some(match format {
        "" | "c" | "t" | "T" => {
            let mut text = sign.to_owned();
            if days > 0 {
                text.push_str(&format!("{days}."));
            }
            text.push_str(&format!("{hours:02}:{minutes:02}:{seconds:02}"));
            if fraction > 0 {
                text.push_str(&format!(".{fraction:07}"));
            }
            text
        }
        "g" => {
            let mut text = sign.to_owned();
            if days > 0 {
                text.push_str(&format!("{days}:"));
            }
            text.push_str(&format!("{hours}:{minutes:02}:{seconds:02}"));
            if fraction > 0 {
                text.push('.');
                text.push_str(format!("{fraction:07}").trim_end_matches('0'));
            }
            text
        }
        "G" => format!("{sign}{days}:{hours:02}:{minutes:02}:{seconds:02}.{fraction:07}"),
        custom => return custom_format(custom, days, [hours, minutes, seconds], fraction),
    })
}

fn custom_format(
    format: &str,
    days: u64,
    [hours, minutes, seconds]: [u64; 3],
    fraction: u64,
) -> Option<String> {
    let chars: Vec<char> = format.strip_prefix('%').unwrap_or(format).chars().collect();
    // One letter alone is a standard format, and a wrong one.
    if chars.len() == 1 && !format.starts_with('%') {
        return None;
    }
    let mut text = String::new();
    let mut index = 0;
    while let Some(&c) = chars.get(index) {
        let count = chars[index..].iter().take_while(|next| **next == c).count();
        let mut used = count;
        let number = match c {
            'd' if count <= 8 => Some(days),
            'h' if count <= 2 => Some(hours),
            'm' if count <= 2 => Some(minutes),
            's' if count <= 2 => Some(seconds),
            _ => None,
        };
        match (c, number) {
            (_, Some(number)) => text.push_str(&format!("{number:0count$}")),
            ('f', _) if count <= 7 => text.push_str(&format!("{fraction:07}")[..count]),
            ('F', _) if count <= 7 => {
                text.push_str(format!("{fraction:07}")[..count].trim_end_matches('0'))
            }
            ('\\', _) => {
                text.push(*chars.get(index + 1)?);
                used = 2;
            }
            ('\'' | '"', _) => {
                let rest = &chars[index + 1..];
                let length = rest.iter().position(|next| *next == c)?;
                text.extend(&rest[..length]);
                used = length + 2;
            }
            ('%', _) => used = 1,
            _ => return None,
        }
        index += used;
    }
    Some(text)
}

/// Reads `d`, `h:m`, `h:m:s`, `d.h:m:s.f` and `d:h:m:s`.
#[must_use]
pub fn parse_time_span(text: &str) -> Option<TimeSpan> {
    let text = text.trim();
    let (negative, body) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let number = |text: &str| -> Option<i64> {
        (!text.is_empty() && text.len() <= 8 && text.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| text.parse().ok())?
    };
    let mut ticks: i128;
    if let Some(days) = number(body) {
        ticks = i128::from(days) * i128::from(TICKS_PER_DAY);
    } else {
        let (days, clock) = match (body.find('.'), body.find(':')) {
            (Some(point), Some(colon)) if point < colon => {
                (number(&body[..point])?, &body[point + 1..])
            }
            _ => (0, body),
        };
        let (clock, fraction) = match clock.split_once('.') {
            Some((clock, fraction)) => (clock, Some(fraction)),
            None => (clock, None),
        };
        let mut parts: Vec<i64> = clock.split(':').map(number).collect::<Option<_>>()?;
        let mut days = days;
        if parts.len() == 4 && days == 0 {
            days = parts.remove(0);
        }
        let (hours, minutes, seconds) = match parts.as_slice() {
            [hours, minutes] if fraction.is_none() => (*hours, *minutes, 0),
            [hours, minutes, seconds] => (*hours, *minutes, *seconds),
            _ => return None,
        };
        // `24:00` is read as 24 days by .NET, and larger hours are refused.
        if hours > 23 || minutes > 59 || seconds > 59 {
            return None;
        }
        ticks = i128::from(days) * i128::from(TICKS_PER_DAY)
            + i128::from(hours) * i128::from(TICKS_PER_HOUR)
            + i128::from(minutes) * i128::from(TICKS_PER_MINUTE)
            + i128::from(seconds) * i128::from(TICKS_PER_SECOND);
        if let Some(fraction) = fraction {
            if fraction.is_empty()
                || fraction.len() > 7
                || !fraction.bytes().all(|byte| byte.is_ascii_digit())
            {
                return None;
            }
            ticks += i128::from(format!("{fraction:0<7}").parse::<i64>().ok()?);
        }
    }
    if negative {
        ticks = -ticks;
    }
    i64::try_from(ticks).ok().map(|ticks| TimeSpan { ticks })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_and_written() {
        for (text, constant, general) in [
            ("5", "5.00:00:00", "5:0:00:00"),
            ("1.02:03:04", "1.02:03:04", "1:2:03:04"),
            ("-03:30", "-03:30:00", "-3:30:00"),
            ("00:00:01.5", "00:00:01.5000000", "0:00:01.5"),
        ] {
            let span = parse_time_span(text).expect(text);
            assert_eq!(format_time_span(span, "").as_deref(), Some(constant));
            assert_eq!(format_time_span(span, "g").as_deref(), Some(general));
        }
        assert_eq!(parse_time_span("x"), None);
        assert_eq!(parse_time_span(""), None);
        let span = parse_time_span("1:02:03").expect("a span");
        assert_eq!(format_time_span(span, "hh\\:mm").as_deref(), Some("01:02"));
    }
}
