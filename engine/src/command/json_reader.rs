//! Reads JSON as leniently as PowerShell does: comments, single quotes, names without quotes, a comma too many.

use crate::value::date::parse_with_offset;
use crate::value::{DateTime, DateTimeKind, Text, Value};

/// What was read, before it becomes objects or hashtables.
#[derive(Debug)]
pub(crate) enum Json {
    Value(Value),
    List(Vec<Json>),
    Object(Vec<(Text, Json)>),
}

/// Reads one text.
pub(crate) struct Reader<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
    limit: usize,
    dates: bool,
    /// Names and indexes on the way to where the reader stands, for messages.
    path: Vec<String>,
}

type Read<T> = Result<T, String>;

impl<'t> Reader<'t> {
    /// A reader of `text`; `limit` is how deep it may nest, `dates` whether texts that are dates become dates.
    pub(crate) fn new(text: &'t str, limit: usize, dates: bool) -> Self {
        Self {
            text,
            at: 0,
            depth: 0,
            limit,
            dates,
            path: Vec::new(),
        }
    }

    /// The whole text as one value; the error is a sentence.
    pub(crate) fn read(mut self) -> Read<Json> {
        self.blank()?;
        if self.at == self.text.len() {
            return Ok(Json::Value(Value::Null));
        }
        let value = self.value()?;
        self.blank()?;
        match self.peek() {
            None => Ok(value),
            Some(letter) => {
                let place = self.place(self.at);
                Err(format!(
                    "Additional text encountered after finished reading JSON content: {letter}. Path '', {place}."
                ))
            }
        }
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let letter = self.peek()?;
        self.at += letter.len_utf8();
        Some(letter)
    }

    /// `line 1, position 3`.
    fn place(&self, at: usize) -> String {
        let before = &self.text[..at];
        let line = before.matches('\n').count() + 1;
        let column = before
            .rsplit('\n')
            .next()
            .map_or(0, |last| last.chars().map(char::len_utf16).sum());
        format!("line {line}, position {column}")
    }

    fn shown_path(&self) -> String {
        let mut shown = String::new();
        for part in &self.path {
            if !part.starts_with('[') && !shown.is_empty() {
                shown.push('.');
            }
            shown.push_str(part);
        }
        shown
    }

    fn failed(&self, what: &str) -> String {
        format!(
            "{what} Path '{}', {}.",
            self.shown_path(),
            self.place(self.at)
        )
    }

    fn unexpected(&self, letter: char) -> String {
        self.failed(&format!(
            "Unexpected character encountered while parsing value: {letter}."
        ))
    }

    /// Skips white space and comments.
    fn blank(&mut self) -> Read<()> {
        loop {
            let rest = &self.text[self.at..];
            let trimmed = rest
                .trim_start_matches(|letter: char| letter.is_whitespace() || letter == '\u{feff}');
            self.at += rest.len() - trimmed.len();
            if let Some(comment) = trimmed.strip_prefix("//") {
                self.at += 2 + comment.find('\n').unwrap_or(comment.len());
            } else if let Some(comment) = trimmed.strip_prefix("/*") {
                match comment.find("*/") {
                    Some(end) => self.at += 4 + end,
                    None => {
                        self.at = self.text.len();
                        return Err(self.failed("Unexpected end while parsing comment."));
                    }
                }
            } else {
                return Ok(());
            }
        }
    }

    fn value(&mut self) -> Read<Json> {
        match self.peek() {
            None => Err(self.failed("Unexpected end when reading JSON.")),
            Some('{') => self.nested(Self::object),
            Some('[') => self.nested(Self::list),
            Some(quote @ ('"' | '\'')) => {
                let text = self.quoted(quote)?;
                Ok(Json::Value(self.dated(text)))
            }
            Some(letter) if letter.is_ascii_digit() || matches!(letter, '-' | '.' | '+') => {
                self.number()
            }
            Some(letter) if letter.is_alphabetic() => self.word(),
            Some(letter) => Err(self.unexpected(letter)),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Read<Json>) -> Read<Json> {
        self.depth += 1;
        if self.depth > self.limit {
            return Err(format!(
                "The reader's MaxDepth of {} has been exceeded. Path '{}', {}.",
                self.limit,
                self.shown_path(),
                self.place(self.at + 1)
            ));
        }
        self.at += 1;
        let json = read(self)?;
        self.depth -= 1;
        Ok(json)
    }

    fn list(&mut self) -> Read<Json> {
        let mut items = Vec::new();
        loop {
            self.blank()?;
            match self.peek() {
                Some(']') => {
                    self.at += 1;
                    return Ok(Json::List(items));
                }
                None => return Err(self.failed("Unexpected end when deserializing array.")),
                _ => {}
            }
            self.path.push(format!("[{}]", items.len()));
            let item = self.value()?;
            items.push(item);
            self.blank()?;
            match self.peek() {
                Some(',') => self.at += 1,
                Some(']') => {}
                None => return Err(self.failed("Unexpected end when deserializing array.")),
                Some(letter) => {
                    return Err(self.failed(&format!(
                        "After parsing a value an unexpected character was encountered: {letter}."
                    )));
                }
            }
            self.path.pop();
        }
    }

    fn object(&mut self) -> Read<Json> {
        let mut entries = Vec::new();
        loop {
            self.blank()?;
            let name = match self.peek() {
                Some('}') => {
                    self.at += 1;
                    return Ok(Json::Object(entries));
                }
                Some(quote @ ('"' | '\'')) => self.quoted(quote)?,
                Some(letter) if letter.is_alphanumeric() || matches!(letter, '_' | '$') => {
                    self.bare_name()
                }
                Some(letter) => {
                    return Err(
                        self.failed(&format!("Invalid property identifier character: {letter}."))
                    );
                }
                None => return Err(self.failed("Unexpected end when deserializing object.")),
            };
            self.path.push(name.clone());
            self.blank()?;
            match self.next() {
                Some(':') => {}
                Some(letter) => return Err(self.failed(&format!(
                    "Invalid character after parsing property name. Expected ':' but got: {letter}."
                ))),
                None => return Err(self.failed("Unexpected end when deserializing object.")),
            }
            self.blank()?;
            if self.peek().is_none() {
                return Err(self.failed("Unexpected end when deserializing object."));
            }
            let value = self.value()?;
            entries.push((Text::from(name), value));
            self.blank()?;
            match self.peek() {
                Some(',') => self.at += 1,
                Some('}') => {}
                None => return Err(self.failed("Unexpected end when deserializing object.")),
                Some(letter) => {
                    return Err(self.failed(&format!(
                        "After parsing a value an unexpected character was encountered: {letter}."
                    )));
                }
            }
            self.path.pop();
        }
    }

    fn bare_name(&mut self) -> String {
        let rest = &self.text[self.at..];
        let end = rest
            .find(|letter: char| !(letter.is_alphanumeric() || matches!(letter, '_' | '$')))
            .unwrap_or(rest.len());
        self.at += end;
        rest[..end].to_owned()
    }

    fn quoted(&mut self, quote: char) -> Read<String> {
        self.at += 1;
        let mut units: Vec<u16> = Vec::new();
        let mut text = String::new();
        loop {
            let Some(letter) = self.next() else {
                return Err(self.failed(&format!(
                    "Unterminated string. Expected delimiter: {quote}."
                )));
            };
            if letter != '\\' {
                flush(&mut units, &mut text);
                if letter == quote {
                    return Ok(text);
                }
                text.push(letter);
                continue;
            }
            let Some(escape) = self.next() else {
                return Err(self.failed(&format!(
                    "Unterminated string. Expected delimiter: {quote}."
                )));
            };
            let plain = match escape {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                'b' => '\u{8}',
                'f' => '\u{c}',
                '"' | '\'' | '\\' | '/' => escape,
                'u' => {
                    let digits = self.text.get(self.at..self.at + 4).unwrap_or_default();
                    let Ok(unit) = u16::from_str_radix(digits, 16) else {
                        return Err(
                            self.failed("Unexpected end while parsing Unicode escape sequence.")
                        );
                    };
                    self.at += 4;
                    units.push(unit);
                    continue;
                }
                other => return Err(self.failed(&format!("Bad JSON escape sequence: \\{other}."))),
            };
            flush(&mut units, &mut text);
            text.push(plain);
        }
    }

    fn word(&mut self) -> Read<Json> {
        let word = self.bare_name();
        let value = match word.as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "null" | "undefined" => Value::Null,
            "NaN" => Value::Double(f64::NAN),
            "Infinity" => Value::Double(f64::INFINITY),
            cut if self.at == self.text.len()
                && ["true", "false", "null"]
                    .iter()
                    .any(|whole| whole.starts_with(cut)) =>
            {
                return Err(self.failed("Unexpected end when reading JSON."));
            }
            other => {
                let letter = other.chars().next().unwrap_or_default();
                self.at -= other.len();
                return Err(self.unexpected(letter));
            }
        };
        Ok(Json::Value(value))
    }

    fn number(&mut self) -> Read<Json> {
        let rest = &self.text[self.at..];
        let end = rest
            .find(|letter: char| {
                !(letter.is_ascii_alphanumeric() || matches!(letter, '-' | '+' | '.'))
            })
            .unwrap_or(rest.len());
        let word = &rest[..end];
        self.at += end;
        if word == "-Infinity" {
            return Ok(Json::Value(Value::Double(f64::NEG_INFINITY)));
        }
        let digits = word.trim_start_matches(['-', '+']);
        if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(Json::Value(match word.parse::<i64>() {
                Ok(number) => Value::Int64(number),
                Err(_) => word
                    .parse::<num_bigint::BigInt>()
                    .map_or(Value::Null, Value::from),
            }));
        }
        match word.parse::<f64>() {
            Ok(number)
                if digits.starts_with(|letter: char| letter.is_ascii_digit() || letter == '.') =>
            {
                Ok(Json::Value(Value::Double(number)))
            }
            _ => Err(self.failed(&format!("Input string '{word}' is not a valid number."))),
        }
    }

    /// A text that is a date and time in full becomes one.
    fn dated(&self, text: String) -> Value {
        let bytes = text.as_bytes();
        let full = bytes.len() >= 19
            && bytes[4] == b'-'
            && bytes[7] == b'-'
            && bytes[10] == b'T'
            && bytes[13] == b':'
            && bytes[16] == b':';
        if !self.dates || !full {
            return Value::from(text);
        }
        let tail = &text[19..];
        let fraction = tail.strip_prefix('.').map_or(0, |rest| {
            1 + rest.bytes().take_while(u8::is_ascii_digit).count()
        });
        let zone = &tail[fraction..];
        let valid = zone.is_empty()
            || zone == "Z"
            || (zone.len() == 6 && zone.starts_with(['+', '-']) && zone.as_bytes()[3] == b':');
        if !valid {
            return Value::from(text);
        }
        let Some(plain) = date_of(&text[..19 + fraction]) else {
            return Value::from(text);
        };
        let date = match zone {
            "" => plain,
            "Z" => plain.with_kind(DateTimeKind::Utc),
            zone => {
                let minutes = |part: &str| part.parse::<i64>().ok();
                let (Some(hours), Some(rest)) = (minutes(&zone[1..3]), minutes(&zone[4..6])) else {
                    return Value::from(text);
                };
                let offset = (hours * 60 + rest)
                    * crate::value::TICKS_PER_MINUTE
                    * if zone.starts_with('-') { -1 } else { 1 };
                match plain.plus_ticks(-offset) {
                    Some(utc) => utc.with_kind(DateTimeKind::Utc).to_local(),
                    None => return Value::from(text),
                }
            }
        };
        Value::DateTime(date)
    }
}

fn date_of(text: &str) -> Option<DateTime> {
    let parsed = parse_with_offset(text, DateTime::now()).ok()?;
    Some(parsed.date.with_kind(DateTimeKind::Unspecified))
}

fn flush(units: &mut Vec<u16>, text: &mut String) {
    if !units.is_empty() {
        text.push_str(&String::from_utf16_lossy(units));
        units.clear();
    }
}
