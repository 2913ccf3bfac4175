//! Reading dates in the many forms that `[datetime]'…'` takes.

use super::{DAYS, MONTHS};
use crate::value::{
    DateTime, DateTimeKind, TICKS_PER_DAY, TICKS_PER_MINUTE, TICKS_PER_SECOND, TimeSpan,
};

/// Why a text is no date.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DateParseError {
    /// It is in no known form, or there is no such day.
    NotRecognized,
    /// A word that belongs to no date stands at this UTF-16 position.
    UnknownWord(usize),
}

impl DateParseError {
    /// The message of .NET's FormatException.
    #[must_use]
    pub fn message(self, text: &str) -> String {
        match self {
            Self::NotRecognized => {
                format!("String '{text}' was not recognized as a valid DateTime.")
            }
            Self::UnknownWord(index) => {
                format!(
                    "The string '{text}' was not recognized as a valid DateTime. There is an unknown word starting at index '{index}'."
                )
            }
        }
    }
}

/// A date as it was written, with the offset if there was one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ParsedDate {
    /// The wall clock.
    pub date: DateTime,
    /// The offset from universal time, if one was written.
    pub offset: Option<TimeSpan>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Token {
    Number { value: u64, digits: usize },
    Month(i32),
    Weekday(i64),
    Am,
    Pm,
    T,
    Zulu,
    Separator(char),
}

/// Reads a date in the invariant culture. With an offset or `Z` it is turned into local time.
///
/// # Errors
/// When the text is no date.
pub fn parse_date_time(text: &str, now: DateTime) -> Result<DateTime, DateParseError> {
    let parsed = parse_with_offset(text, now)?;
    match parsed.offset {
        None => Ok(parsed.date),
        Some(offset) => {
            let utc = parsed
                .date
                .plus_ticks(-offset.ticks)
                .ok_or(DateParseError::NotRecognized)?;
            Ok(utc.with_kind(DateTimeKind::Utc).to_local())
        }
    }
}

/// Reads a date and keeps the offset apart.
///
/// # Errors
/// When the text is no date.
pub fn parse_with_offset(text: &str, now: DateTime) -> Result<ParsedDate, DateParseError> {
    let tokens = tokenize(text)?;
    read(&tokens, now).ok_or(DateParseError::NotRecognized)
}

fn tokenize(text: &str) -> Result<Vec<Token>, DateParseError> {
    if text.len() > 200 {
        return Err(DateParseError::NotRecognized);
    }
    let chars: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut index = 0;
    while let Some(&c) = chars.get(index) {
        let start = index;
        if c.is_ascii_digit() {
            while chars.get(index).is_some_and(char::is_ascii_digit) {
                index += 1;
            }
            let digits: String = chars[start..index].iter().collect();
            let value = digits.parse().map_err(|_| DateParseError::NotRecognized)?;
            tokens.push(Token::Number {
                value,
                digits: index - start,
            });
        } else if c.is_alphabetic() {
            while chars.get(index).is_some_and(|next| next.is_alphabetic()) {
                index += 1;
            }
            let word: String = chars[start..index]
                .iter()
                .collect::<String>()
                .to_ascii_lowercase();
            tokens.push(match word.as_str() {
                "t" => Token::T,
                "z" | "gmt" | "utc" => Token::Zulu,
                "am" | "a" => Token::Am,
                "pm" | "p" => Token::Pm,
                word => match (name_index(&MONTHS, word), name_index(&DAYS, word)) {
                    (Some(month), _) => Token::Month(i32::try_from(month).unwrap_or(0) + 1),
                    (_, Some(day)) => Token::Weekday(i64::try_from(day).unwrap_or(0)),
                    // `2024-01-02TZ` and the like are wrong, yet not because of an unknown word.
                    _ => {
                        let units = chars[..start].iter().map(|c| c.len_utf16()).sum();
                        return Err(DateParseError::UnknownWord(units));
                    }
                },
            });
        } else if c.is_whitespace() {
            index += 1;
            if tokens.last() != Some(&Token::Separator(' ')) {
                tokens.push(Token::Separator(' '));
            }
        } else if matches!(c, '/' | '-' | '.' | ',' | ':' | '+') {
            index += 1;
            tokens.push(Token::Separator(c));
        } else {
            return Err(DateParseError::NotRecognized);
        }
    }
    Ok(tokens)
}

fn name_index(names: &[&str], word: &str) -> Option<usize> {
    names.iter().position(|name| {
        name.eq_ignore_ascii_case(word) || word.len() == 3 && name[..3].eq_ignore_ascii_case(word)
    })
}

#[derive(Default)]
struct Parts {
    numbers: Vec<(u64, usize)>,
    month: Option<i32>,
    month_at: usize,
    weekday: Option<i64>,
    time: Option<i64>,
    hour: Option<u64>,
    offset: Option<TimeSpan>,
}

fn read(tokens: &[Token], now: DateTime) -> Option<ParsedDate> {
    let mut parts = Parts::default();
    let mut index = 0;
    while let Some(token) = tokens.get(index) {
        index += 1;
        match *token {
            Token::Number { value, .. }
                if parts.time.is_none() && is_separator(tokens.get(index), ':') =>
            {
                index = read_time(tokens, index, value, &mut parts)?;
            }
            Token::Number { value, .. }
                if parts.time.is_none() && is_half_of_day(tokens, index) =>
            {
                index += usize::from(is_separator(tokens.get(index), ' '));
                let pm = tokens.get(index) == Some(&Token::Pm);
                index += 1;
                if !(1..=12).contains(&value) {
                    return None;
                }
                parts.time = Some(
                    i64::try_from(value % 12 + if pm { 12 } else { 0 }).ok()?
                        * 3600
                        * TICKS_PER_SECOND,
                );
            }
            Token::Number { value, digits } => parts.numbers.push((value, digits)),
            Token::Month(month) => {
                if parts.month.replace(month).is_some() {
                    return None;
                }
                parts.month_at = parts.numbers.len();
            }
            Token::Weekday(day) => {
                if parts.weekday.replace(day).is_some() {
                    return None;
                }
            }
            Token::Zulu if parts.time.is_some() => parts.offset = Some(TimeSpan { ticks: 0 }),
            Token::T if !parts.numbers.is_empty() => {}
            Token::Separator('+' | '-')
                if parts.time.is_some()
                    && matches!(tokens.get(index), Some(Token::Number { .. }))
                    && parts.numbers.len() + usize::from(parts.month.is_some()) != 1 =>
            {
                index = read_offset(tokens, index, *token == Token::Separator('-'), &mut parts)?;
            }
            Token::Separator(' ' | '/' | '-' | '.' | ',') => {}
            _ => return None,
        }
    }
    let date = day(&parts, now)?;
    if parts.weekday.is_some_and(|day| day != date.day_of_week()) {
        return None;
    }
    let date = date.plus_ticks(parts.time.unwrap_or(0))?;
    Some(ParsedDate {
        date,
        offset: parts.offset,
    })
}

fn is_separator(token: Option<&Token>, separator: char) -> bool {
    token == Some(&Token::Separator(separator))
}

fn is_half_of_day(tokens: &[Token], index: usize) -> bool {
    let next = if is_separator(tokens.get(index), ' ') {
        tokens.get(index + 1)
    } else {
        tokens.get(index)
    };
    matches!(next, Some(Token::Am | Token::Pm))
}

/// Reads what follows the hour; `index` stands on the colon.
fn read_time(tokens: &[Token], mut index: usize, hour: u64, parts: &mut Parts) -> Option<usize> {
    let number = |index: usize| match tokens.get(index) {
        Some(Token::Number { value, digits }) => Some((*value, *digits)),
        _ => None,
    };
    let (minute, digits) = number(index + 1)?;
    if digits > 2 || minute > 59 {
        return None;
    }
    index += 2;
    let mut second = 0;
    let mut fraction = 0;
    if is_separator(tokens.get(index), ':') {
        let (value, digits) = number(index + 1)?;
        if digits > 2 || value > 59 {
            return None;
        }
        second = value;
        index += 2;
        if is_separator(tokens.get(index), '.')
            && let Some((value, digits)) = number(index + 1)
        {
            let scaled =
                value as f64 / 10_f64.powi(i32::try_from(digits).ok()?) * TICKS_PER_SECOND as f64;
            fraction = scaled.round() as i64;
            index += 2;
        }
    }
    let mut hour = hour;
    let spaced = usize::from(is_separator(tokens.get(index), ' '));
    match tokens.get(index + spaced) {
        Some(half @ (Token::Am | Token::Pm)) => {
            if !(1..=12).contains(&hour) {
                return None;
            }
            hour = hour % 12 + if *half == Token::Pm { 12 } else { 0 };
            index += spaced + 1;
        }
        _ if hour > 23 => return None,
        _ => {}
    }
    parts.hour = Some(hour);
    let seconds = i64::try_from(hour * 3600 + minute * 60 + second).ok()?;
    parts.time = Some(seconds * TICKS_PER_SECOND + fraction);
    Some(index)
}

/// Reads an offset; `index` stands on its first number.
fn read_offset(
    tokens: &[Token],
    mut index: usize,
    negative: bool,
    parts: &mut Parts,
) -> Option<usize> {
    let Some(Token::Number { value, digits }) = tokens.get(index) else {
        return None;
    };
    index += 1;
    let (hours, minutes) = if *digits > 2 {
        (value / 100, value % 100)
    } else if is_separator(tokens.get(index), ':') {
        let Some(Token::Number { value: minutes, .. }) = tokens.get(index + 1) else {
            return None;
        };
        index += 2;
        (*value, *minutes)
    } else {
        (*value, 0)
    };
    if hours > 14 || minutes > 59 {
        return None;
    }
    let ticks = i64::try_from(hours * 60 + minutes).ok()? * TICKS_PER_MINUTE;
    parts.offset = Some(TimeSpan {
        ticks: if negative { -ticks } else { ticks },
    });
    Some(index)
}

fn day(parts: &Parts, now: DateTime) -> Option<DateTime> {
    let this_year = now.date().0;
    let year_of = |(value, digits): (u64, usize)| -> Option<i32> {
        let value = i32::try_from(value).ok()?;
        Some(match digits {
            1 | 2 if value < 50 => 2000 + value,
            1 | 2 => 1900 + value,
            _ => value,
        })
    };
    let small = |(value, digits): (u64, usize)| -> Option<i32> {
        if digits > 2 {
            None
        } else {
            i32::try_from(value).ok()
        }
    };
    let looks_like_year = |(value, digits): (u64, usize)| digits > 2 || value > 31;
    let (year, month, day) = match (parts.month, parts.numbers.as_slice()) {
        (None, []) if parts.time.is_some() => {
            let today = now.ticks - now.ticks % TICKS_PER_DAY;
            return DateTime::from_ticks(today, DateTimeKind::Unspecified);
        }
        (Some(month), []) => (this_year, month, 1),
        (Some(month), [one]) if looks_like_year(*one) => (year_of(*one)?, month, 1),
        (Some(month), [one]) => (this_year, month, small(*one)?),
        (Some(month), [first, second]) if looks_like_year(*first) => {
            (year_of(*first)?, month, small(*second)?)
        }
        (Some(month), [first, second]) => (year_of(*second)?, month, small(*first)?),
        (None, [first, second, third]) if first.1 > 2 => {
            (year_of(*first)?, small(*second)?, small(*third)?)
        }
        (None, [first, second, third]) => (year_of(*third)?, small(*first)?, small(*second)?),
        (None, [first, second]) if first.1 > 2 => (year_of(*first)?, small(*second)?, 1),
        (None, [first, second]) if second.1 > 2 => (year_of(*second)?, small(*first)?, 1),
        (None, [first, second]) => (this_year, small(*first)?, small(*second)?),
        _ => return None,
    };
    DateTime::from_date(year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_forms_are_read() {
        let now = DateTime::from_date(2026, 5, 4).expect("a day");
        for (text, ticks) in [
            ("2024-01-02", "2024-01-02T00:00:00"),
            ("1/2/2024", "2024-01-02T00:00:00"),
            ("2024-01-02T03:04:05", "2024-01-02T03:04:05"),
            ("2024-01-02 3:04 PM", "2024-01-02T15:04:00"),
            ("Jan 5, 2024", "2024-01-05T00:00:00"),
            ("5 January 2024", "2024-01-05T00:00:00"),
            (
                "Friday, March 1, 2024 10:00:00\u{202f}AM",
                "2024-03-01T10:00:00",
            ),
            ("Tue, 02 Jan 2024 03:04:05", "2024-01-02T03:04:05"),
            ("12:30", "2026-05-04T12:30:00"),
            ("2024-05", "2024-05-01T00:00:00"),
        ] {
            let date = parse_date_time(text, now).map(|date| {
                super::super::format_date_time(
                    date,
                    None,
                    "s",
                    super::super::DateCulture::Invariant,
                )
            });
            assert_eq!(date, Ok(Some(ticks.to_owned())), "{text}");
        }
        assert_eq!(
            parse_date_time("2024-02-30", now),
            Err(DateParseError::NotRecognized)
        );
        assert_eq!(
            parse_date_time(" 42 ", now),
            Err(DateParseError::NotRecognized)
        );
        assert_eq!(
            parse_date_time("Infinity", now),
            Err(DateParseError::UnknownWord(0))
        );
    }
}
