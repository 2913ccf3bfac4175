//! Strings and numbers.

use psrp_codec::{Decimal, Value};

use super::source::{Expression, Source};

impl Source<'_> {
    /// A string in single quotes.
    pub(super) fn quoted(&mut self) -> Option<String> {
        let mut text = String::new();
        self.takes_here("'").then_some(())?;
        loop {
            let end = self.0.find('\'')?;
            text.push_str(self.cut(end));
            self.cut(1);
            if !self.takes_here("'") {
                return Some(text);
            }
            text.push('\'');
        }
    }

    /// A string in double quotes.
    pub(super) fn expandable(&mut self) -> Option<Expression> {
        self.takes_here("\"").then_some(())?;
        let (mut parts, mut text) = (Vec::new(), String::new());
        loop {
            if self.takes_here("$(") {
                let plain = std::mem::take(&mut text);
                parts.push(Expression::Value(Value::String(plain.into())));
                let part = self.expression()?;
                parts.push(self.takes(")").then_some(part)?);
                continue;
            }
            let letter = self.0.chars().next()?;
            self.cut(letter.len_utf8());
            match letter {
                '"' if self.takes_here("\"") => text.push('"'),
                '"' => break,
                '$' => {
                    let plain = std::mem::take(&mut text);
                    parts.push(Expression::Value(Value::String(plain.into())));
                    parts.push(Expression::Variable(self.word_here()?));
                }
                '`' => {
                    let escaped = self.0.chars().next()?;
                    self.cut(escaped.len_utf8());
                    text.push(match escaped {
                        'n' => '\n',
                        'r' => '\r',
                        't' => '\t',
                        '0' => '\0',
                        'a' => '\u{7}',
                        'b' => '\u{8}',
                        'f' => '\u{C}',
                        'v' => '\u{B}',
                        'e' => '\u{1B}',
                        'u' => return None,
                        other => other,
                    });
                }
                other => text.push(other),
            }
        }
        parts.push(Expression::Value(Value::String(text.into())));
        Some(Expression::Text(parts))
    }

    pub(super) fn number(&mut self) -> Option<Value> {
        let negative = self.takes_here("-");
        self.0
            .starts_with(|c: char| c.is_ascii_digit())
            .then_some(())?;
        let sign = if negative { -1 } else { 1 };
        if self.takes_here("0x") {
            let digits = self.word()?;
            let number = u64::from_str_radix(&digits, 16).ok()?;
            // PowerShell takes as many bits as are written.
            return Some(match u32::try_from(number) {
                Ok(short) => Value::Int32(short.cast_signed().checked_mul(sign)?),
                Err(_) => Value::Int64(number.cast_signed().checked_mul(sign.into())?),
            });
        }
        let letters = |c: char| c.is_ascii_alphanumeric() || c == '.';
        let mut length = self.0.find(|c| !letters(c)).unwrap_or(self.0.len());
        // `1..5` is no number.
        length = self.0.find("..").map_or(length, |dots| dots.min(length));
        let text = self.cut(length).to_lowercase();
        if let Some(digits) = text.strip_suffix('l') {
            return digits
                .parse::<i64>()
                .ok()
                .map(|n| Value::Int64(n * i64::from(sign)));
        }
        if let Some(digits) = text.strip_suffix('d') {
            return decimal(digits, negative).map(Value::Decimal);
        }
        if text.contains(['.', 'e']) {
            return text
                .parse::<f64>()
                .ok()
                .map(|n| Value::Double(n * f64::from(sign)));
        }
        let number = text.parse::<i64>().ok()? * i64::from(sign);
        Some(i32::try_from(number).map_or(Value::Int64(number), Value::Int32))
    }
}

/// A decimal number, perhaps with an exponent.
pub(super) fn decimal(text: &str, negative: bool) -> Option<Decimal> {
    let (digits, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent: i32 = exponent.parse().ok()?;
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let coefficient: u128 = format!("{whole}{fraction}").parse().ok()?;
    let scale = i32::try_from(fraction.len()).ok()? - exponent;
    let (coefficient, scale) = match u8::try_from(scale) {
        Ok(scale) => (coefficient, scale),
        Err(_) => (
            coefficient.checked_mul(10_u128.checked_pow(scale.unsigned_abs())?)?,
            0,
        ),
    };
    Decimal::new(negative, coefficient, scale)
}
