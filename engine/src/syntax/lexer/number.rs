//! Numbers, with the type that PowerShell gives them.

use num_bigint::{BigInt, Sign};
use rust_decimal::Decimal;

use super::super::ast::Number;
use super::super::chars::{ends_number, ends_word, is_dash};
use super::super::source::Extent;
use super::super::token::{Payload, Token, TokenKind};
use super::{Lexer, Mode};

/// More digits than the largest double has are too many for every type but one.
const MAX_DIGITS: usize = 400;
/// The ceiling for `[bigint]`.
const MAX_BIG_INTEGER_DIGITS: usize = 10_000;

#[derive(Clone, Copy, Eq, PartialEq)]
enum Radix {
    Decimal,
    Hex,
    Binary,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Suffix {
    None,
    SByte,
    Byte,
    Int16,
    UInt16,
    Int64,
    UInt64,
    Unsigned,
    Decimal,
    BigInt,
}

impl Suffix {
    fn is_unsigned(self) -> bool {
        matches!(
            self,
            Self::Byte | Self::UInt16 | Self::UInt64 | Self::Unsigned
        )
    }
}

/// A number as it was written.
struct Literal {
    negative: bool,
    /// Digits, point and exponent; the sign is apart.
    digits: String,
    radix: Radix,
    real: bool,
    suffix: Suffix,
    multiplier: i64,
}

impl Lexer<'_> {
    /// After `first`: a digit, a point, or a sign. What is no number is a bareword.
    pub(super) fn number(&mut self, first: char) -> Token {
        let Some(literal) = self.number_literal(first) else {
            self.pos = self.token_start;
            return self.generic_from_start();
        };
        if let Some(value) = literal.value() {
            return self.token_with(TokenKind::Number, Payload::Number(value));
        }
        if self.mode != Mode::Expression {
            self.pos = self.token_start;
            return self.generic_from_start();
        }
        let extent = Extent::new(self.token_start as u32, self.pos as u32);
        let message = format!("The numeric constant {} is not valid.", self.slice(extent));
        self.error(extent, "BadNumericConstant", message);
        self.token_with(TokenKind::Number, Payload::Number(Number::Int32(0)))
    }

    fn generic_from_start(&mut self) -> Token {
        // At least one character is taken, so that the lexer always gets on.
        self.bump();
        self.generic(None)
    }

    fn number_literal(&mut self, first: char) -> Option<Literal> {
        let mut literal = Literal {
            negative: false,
            digits: String::new(),
            radix: Radix::Decimal,
            real: false,
            suffix: Suffix::None,
            multiplier: 1,
        };
        let mut first = first;
        if first == '+' || is_dash(first) {
            literal.negative = first != '+';
            first = self.bump();
        }
        if first == '.' {
            literal.digits.push('.');
            literal.real = true;
            self.fraction(&mut literal)?;
        } else if first == '0' && matches!(self.peek(), 'x' | 'X') {
            self.bump();
            literal.radix = Radix::Hex;
            while self.peek().is_ascii_hexdigit() {
                literal.digits.push(self.bump());
            }
        } else if first == '0' && matches!(self.peek(), 'b' | 'B') {
            self.bump();
            literal.radix = Radix::Binary;
            while matches!(self.peek(), '0' | '1') {
                literal.digits.push(self.bump());
            }
            if literal.digits.is_empty() && !literal.negative {
                return None;
            }
        } else {
            literal.digits.push(first);
            self.decimal_digits(&mut literal.digits);
            let before = self.pos;
            match self.peek() {
                '.' => {
                    self.bump();
                    if self.peek() == '.' {
                        self.pos = before;
                    } else {
                        literal.real = true;
                        literal.digits.push('.');
                        self.fraction(&mut literal)?;
                    }
                }
                'e' | 'E' => {
                    self.bump();
                    literal.real = true;
                    self.exponent(&mut literal)?;
                }
                _ => {}
            }
        }
        literal.suffix = self.suffix()?;
        literal.multiplier = self.multiplier()?;
        let next = self.peek();
        let ends = ends_word(next)
            || (self.mode == Mode::Expression && ends_number(next, self.end_number_on_ternary));
        ends.then_some(literal)
    }

    fn decimal_digits(&mut self, digits: &mut String) {
        while self.peek().is_ascii_digit() {
            digits.push(self.bump());
        }
    }

    fn fraction(&mut self, literal: &mut Literal) -> Option<()> {
        self.decimal_digits(&mut literal.digits);
        if matches!(self.peek(), 'e' | 'E') {
            self.bump();
            self.exponent(literal)?;
        }
        Some(())
    }

    // After the `e`.
    fn exponent(&mut self, literal: &mut Literal) -> Option<()> {
        literal.digits.push('e');
        let sign = self.peek();
        if sign == '+' || is_dash(sign) {
            self.bump();
            literal.digits.push(if sign == '+' { '+' } else { '-' });
        }
        let before = literal.digits.len();
        self.decimal_digits(&mut literal.digits);
        (literal.digits.len() > before).then_some(())
    }

    fn suffix(&mut self) -> Option<Suffix> {
        let is_suffix =
            |c: char| matches!(c.to_ascii_lowercase(), 'd' | 'l' | 'n' | 's' | 'u' | 'y');
        let first = self.peek();
        if !is_suffix(first) {
            return Some(Suffix::None);
        }
        self.bump();
        let second = self.peek();
        let unsigned = first.eq_ignore_ascii_case(&'u');
        if is_suffix(second) {
            self.bump();
            return match second.to_ascii_lowercase() {
                'l' if unsigned => Some(Suffix::UInt64),
                's' if unsigned => Some(Suffix::UInt16),
                'y' if unsigned => Some(Suffix::Byte),
                _ => None,
            };
        }
        Some(match first.to_ascii_lowercase() {
            'u' => Suffix::Unsigned,
            's' => Suffix::Int16,
            'l' => Suffix::Int64,
            'd' => Suffix::Decimal,
            'y' => Suffix::SByte,
            _ => Suffix::BigInt,
        })
    }

    fn multiplier(&mut self) -> Option<i64> {
        let shift = match self.peek().to_ascii_lowercase() {
            'k' => 10,
            'm' => 20,
            'g' => 30,
            't' => 40,
            'p' => 50,
            _ => return Some(1),
        };
        self.bump();
        (self.eat('b') || self.eat('B')).then_some(1 << shift)
    }
}

impl Literal {
    /// `None` if the value does not fit the type that the suffix asks for.
    fn value(&self) -> Option<Number> {
        if self.real {
            self.real_value()
        } else {
            self.integer_value()
        }
    }

    fn real_value(&self) -> Option<Number> {
        let sign = if self.negative { "-" } else { "" };
        let text = format!("{sign}{}", self.digits);
        if self.suffix == Suffix::Decimal {
            let value = if text.contains('e') {
                Decimal::from_scientific(&text)
            } else {
                text.parse()
            }
            .ok()?;
            return value
                .checked_mul(Decimal::from(self.multiplier))
                .map(Number::Decimal);
        }
        // "." alone is no number to Rust, and neither to .NET.
        let value = text.parse::<f64>().ok()? * self.multiplier as f64;
        if self.suffix == Suffix::None {
            return Some(Number::Double(value));
        }
        if !value.is_finite() {
            return None;
        }
        let whole = format!("{:.0}", value.round_ties_even())
            .parse::<BigInt>()
            .ok()?;
        fit(whole, self.suffix, Radix::Decimal)
    }

    fn integer_value(&self) -> Option<Number> {
        let mut suffix = self.suffix;
        if self.radix == Radix::Decimal && self.digits.len() < 18 && suffix == Suffix::None {
            // The common case without big numbers.
            let magnitude = self.digits.parse::<i64>().ok()?;
            let value = if self.negative { -magnitude } else { magnitude };
            if let Some(value) = value.checked_mul(self.multiplier) {
                return Some(i32::try_from(value).map_or(Number::Int64(value), Number::Int32));
            }
        }
        // Reading decimal digits takes quadratic time, so there is an end to it.
        let longest = if suffix == Suffix::BigInt {
            MAX_BIG_INTEGER_DIGITS
        } else {
            MAX_DIGITS
        };
        if self.digits.trim_start_matches('0').len() > longest {
            return None;
        }
        let magnitude = match self.radix {
            Radix::Decimal => BigInt::parse_bytes(self.digits.as_bytes(), 10)?,
            Radix::Hex => {
                let width = match suffix {
                    Suffix::SByte => 2,
                    Suffix::Int16 => 4,
                    Suffix::Int64 => 16,
                    _ if self.digits.len() < 16 => 8,
                    _ => 16,
                };
                let signed = !suffix.is_unsigned() && self.digits.len() == width;
                if self.digits.len() == 16 && suffix == Suffix::None {
                    suffix = Suffix::Int64;
                }
                twos_complement(&self.digits, 16, signed, 4)
            }
            Radix::Binary => {
                let signed = !suffix.is_unsigned()
                    && (matches!(self.digits.len(), 8 | 16 | 32 | 64 | 96)
                        || self.digits.len() >= 128);
                if self.digits.len() == 64 && matches!(suffix, Suffix::None | Suffix::Unsigned) {
                    suffix = if suffix == Suffix::None {
                        Suffix::Int64
                    } else {
                        Suffix::UInt64
                    };
                }
                twos_complement(&self.digits, 2, signed, 1)
            }
        };
        let value = magnitude * self.multiplier;
        fit(
            if self.negative { -value } else { value },
            suffix,
            self.radix,
        )
    }
}

/// The digits as a number; if they fill the width of their type, the first bit is the sign.
fn twos_complement(digits: &str, radix: u32, signed: bool, bits: usize) -> BigInt {
    let value = BigInt::parse_bytes(digits.as_bytes(), radix).unwrap_or_default();
    let width = digits.len() * bits;
    let negative = signed && width > 0 && value.bit(width as u64 - 1);
    if negative {
        value - (BigInt::from(1) << width)
    } else {
        value
    }
}

fn fit(value: BigInt, suffix: Suffix, radix: Radix) -> Option<Number> {
    Some(match suffix {
        Suffix::SByte => Number::SByte(i8::try_from(&value).ok()?),
        Suffix::Byte => Number::Byte(u8::try_from(&value).ok()?),
        Suffix::Int16 => Number::Int16(i16::try_from(&value).ok()?),
        Suffix::UInt16 => Number::UInt16(u16::try_from(&value).ok()?),
        Suffix::Int64 => Number::Int64(i64::try_from(&value).ok()?),
        Suffix::UInt64 => Number::UInt64(u64::try_from(&value).ok()?),
        Suffix::Unsigned => match u32::try_from(&value) {
            Ok(value) => Number::UInt32(value),
            Err(_) => Number::UInt64(u64::try_from(&value).ok()?),
        },
        Suffix::Decimal => Number::Decimal(decimal(&value)?),
        Suffix::BigInt => Number::BigInt(Box::new(value)),
        Suffix::None => {
            if let Ok(value) = i32::try_from(&value) {
                Number::Int32(value)
            } else if let Ok(value) = i64::try_from(&value) {
                Number::Int64(value)
            } else if let Some(value) = (radix == Radix::Decimal).then(|| decimal(&value)).flatten()
            {
                Number::Decimal(value)
            } else {
                let value = double(&value);
                if !value.is_finite() {
                    return None;
                }
                Number::Double(value)
            }
        }
    })
}

fn decimal(value: &BigInt) -> Option<Decimal> {
    Decimal::try_from_i128_with_scale(i128::try_from(value).ok()?, 0).ok()
}

fn double(value: &BigInt) -> f64 {
    // Past the exponent of a double nothing is left to learn, and printing huge numbers takes quadratic time.
    if value.bits() > 1_100 {
        return if value.sign() == Sign::Minus {
            f64::NEG_INFINITY
        } else {
            f64::INFINITY
        };
    }
    value.to_string().parse().unwrap_or(f64::INFINITY)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        let mut lexer = Lexer::new(text, 10);
        lexer.mode = Mode::Expression;
        lexer.allow_signed_numbers = true;
        match lexer.next_token().payload {
            Payload::Number(number) => number,
            other => panic!("{text} gave {other:?}"),
        }
    }

    #[test]
    fn size_and_suffix_choose_the_type() {
        assert_eq!(number("1"), Number::Int32(1));
        assert_eq!(number("-2147483648"), Number::Int32(i32::MIN));
        assert_eq!(number("2147483648"), Number::Int64(1 << 31));
        assert_eq!(
            number("9223372036854775808"),
            Number::Decimal(Decimal::from(1_u64 << 63))
        );
        assert_eq!(number("1e3"), Number::Double(1000.0));
        assert_eq!(
            number("1.10d").clone(),
            Number::Decimal("1.10".parse().unwrap())
        );
        assert_eq!(number("2.5u"), Number::UInt32(2));
        assert_eq!(number("1.5L"), Number::Int64(2));
        assert_eq!(number("4kb"), Number::Int32(4096));
        assert_eq!(number("255uy"), Number::Byte(255));
        assert_eq!(number("0xFF"), Number::Int32(255));
        assert_eq!(number("0xFFFFFFFF"), Number::Int32(-1));
        assert_eq!(number("0xFFy"), Number::SByte(-1));
        assert_eq!(number("0xFFFFFFFFFFFFFFFF"), Number::Int64(-1));
        assert_eq!(number("0b11111111"), Number::Int32(-1));
        assert_eq!(number("0b11111111uy"), Number::Byte(255));
        assert_eq!(number("10n"), Number::BigInt(Box::new(BigInt::from(10))));
    }
}
