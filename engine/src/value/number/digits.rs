//! Decimal digits with a scale, from which every format is written.

/// `0.d₁d₂d₃… × 10^scale`, without leading or trailing zeros; no digits at all for zero.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Digits {
    pub(super) negative: bool,
    pub(super) digits: Vec<u8>,
    pub(super) scale: i32,
}

impl Digits {
    /// The fewest digits that read back to the same double.
    pub(super) fn shortest(value: f64) -> Self {
        Self::from_text(&format!("{value:e}"))
    }

    /// The fewest digits that read back to the same single.
    pub(super) fn shortest_single(value: f32) -> Self {
        Self::from_text(&format!("{value:e}"))
    }

    /// So many significant digits of a double.
    pub(super) fn significant(value: f64, count: usize) -> Self {
        Self::from_text(&format!(
            "{value:.*e}",
            count.saturating_sub(1).min(MAX_PRECISION)
        ))
    }

    /// So many digits after the point of a double; exact halves go to the even neighbour, as in .NET.
    pub(super) fn fixed(value: f64, decimals: usize) -> Self {
        Self::from_text(&format!("{value:.*}", decimals.min(MAX_PRECISION)))
    }

    /// Reads what Rust writes: a sign, digits with a point, an exponent.
    pub(super) fn from_text(text: &str) -> Self {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let mut digits: Vec<u8> = whole
            .bytes()
            .chain(fraction.bytes())
            .map(|byte| byte - b'0')
            .collect();
        let mut scale =
            i32::try_from(whole.len()).unwrap_or(0) + exponent.parse::<i32>().unwrap_or(0);
        let leading = digits.iter().take_while(|digit| **digit == 0).count();
        digits.drain(..leading);
        scale -= i32::try_from(leading).unwrap_or(0);
        while digits.last() == Some(&0) {
            digits.pop();
        }
        if digits.is_empty() {
            scale = 0;
        }
        Self {
            negative,
            digits,
            scale,
        }
    }

    /// Rounds half away from zero to `places` digits counted from the first one.
    pub(super) fn round(&mut self, places: i32) {
        let Ok(keep) = usize::try_from(places) else {
            self.digits.clear();
            self.scale = 0;
            return;
        };
        let Some(next) = self.digits.get(keep) else {
            return;
        };
        let up = *next >= 5;
        self.digits.truncate(keep);
        if up {
            loop {
                match self.digits.pop() {
                    Some(9) => {}
                    Some(digit) => {
                        self.digits.push(digit + 1);
                        break;
                    }
                    None => {
                        self.digits.push(1);
                        self.scale += 1;
                        break;
                    }
                }
            }
        }
        while self.digits.last() == Some(&0) {
            self.digits.pop();
        }
        if self.digits.is_empty() {
            self.scale = 0;
        }
    }

    /// The general format: plain, or with an exponent when there would be more than `max` digits before the point or more than four zeros after it.
    pub(super) fn general(&self, max: i32, exponent_digits: usize) -> String {
        let mut text = String::new();
        if self.negative {
            text.push('-');
        }
        if self.digits.is_empty() {
            text.push('0');
            return text;
        }
        if self.scale > max || self.scale < -3 {
            text.push(char::from(b'0' + self.digits[0]));
            if self.digits.len() > 1 {
                text.push('.');
                text.extend(
                    self.digits[1..]
                        .iter()
                        .map(|digit| char::from(b'0' + digit)),
                );
            }
            text.push('E');
            push_exponent(&mut text, self.scale - 1, exponent_digits);
        } else {
            text.push_str(&self.whole());
            let fraction = self.fraction(usize::MAX);
            if !fraction.is_empty() {
                text.push('.');
                text.push_str(&fraction);
            }
        }
        text
    }

    /// The digits before the point; `0` if there are none.
    pub(super) fn whole(&self) -> String {
        let Ok(count) = usize::try_from(self.scale) else {
            return "0".to_owned();
        };
        if count == 0 {
            return "0".to_owned();
        }
        (0..count)
            .map(|index| char::from(b'0' + self.digits.get(index).copied().unwrap_or(0)))
            .collect()
    }

    /// The digits after the point: exactly `decimals`, or as many as there are.
    pub(super) fn fraction(&self, decimals: usize) -> String {
        let available =
            usize::try_from(i64::try_from(self.digits.len()).unwrap_or(0) - i64::from(self.scale))
                .unwrap_or(0);
        let count = if decimals == usize::MAX {
            available
        } else {
            decimals
        };
        (0..count)
            .map(|index| {
                let position = i64::try_from(index).unwrap_or(0) + i64::from(self.scale);
                let digit = usize::try_from(position)
                    .ok()
                    .and_then(|position| self.digits.get(position))
                    .copied();
                char::from(b'0' + digit.unwrap_or(0))
            })
            .collect()
    }

    pub(super) fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }
}

/// No format asks for more digits than this; .NET allows 999,999,999, which would be a way to fill memory.
pub(super) const MAX_PRECISION: usize = 10_000;

/// Writes a sign and at least `minimum` digits.
pub(super) fn push_exponent(text: &mut String, exponent: i32, minimum: usize) {
    text.push(if exponent < 0 { '-' } else { '+' });
    text.push_str(&format!("{:0minimum$}", exponent.unsigned_abs()));
}
