//! .NET's composite formats: `{0}`, `{1,-8:N2}`, `{{`.

use super::context::Context;
use super::convert;
use super::date::{self, DateCulture};
use super::error::Raise;
use super::number;
use super::{Text, Value, clr_types};

/// Which culture formats.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Culture {
    /// The engine's own.
    EnUs,
    /// The invariant one.
    Invariant,
}

impl Culture {
    /// How it writes numbers.
    #[must_use]
    pub fn numbers(self) -> &'static number::NumberCulture {
        match self {
            Self::EnUs => &number::EN_US,
            Self::Invariant => &number::INVARIANT,
        }
    }

    /// How it writes dates.
    #[must_use]
    pub fn dates(self) -> DateCulture {
        match self {
            Self::EnUs => DateCulture::EnUs,
            Self::Invariant => DateCulture::Invariant,
        }
    }
}

/// No field is wider than this.
const MAX_WIDTH: usize = 1_000_000;

const BAD_SPECIFIER: &str = "Format specifier was invalid.";
const BAD_FORMAT: &str = "Input string was not in a correct format.";
const BAD_INDEX: &str = "Index (zero based) must be greater than or equal to zero and less than the size of the argument list.";

/// Formats; the inner error is the message of .NET's FormatException.
///
/// # Errors
/// When memory runs out or a script's ToString fails.
pub fn format(
    format: &str,
    arguments: &[Value],
    culture: Culture,
    cx: &mut dyn Context,
) -> Result<Result<String, String>, Raise> {
    let mut text = String::with_capacity(format.len());
    let mut rest = format;
    let wrong = |rest: &str, message: &str| {
        Ok(Err(format!(
            "Input string was not in a correct format. Failure to parse near offset {}. {message}",
            position(format, rest)
        )))
    };
    while let Some(at) = rest.find(['{', '}']) {
        text.push_str(&rest[..at]);
        let brace = &rest[at..];
        if brace.starts_with("{{") || brace.starts_with("}}") {
            text.push_str(&brace[..1]);
            rest = &brace[2..];
            continue;
        }
        if let Some(after) = brace.strip_prefix('}') {
            return wrong(
                after,
                "Unexpected closing brace without a corresponding opening brace.",
            );
        }
        let inner = &brace[1..];
        let digits = inner.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 || digits > 7 {
            return wrong(
                inner,
                if inner.is_empty() {
                    "Format item ends prematurely."
                } else {
                    "Expected an ASCII digit."
                },
            );
        }
        let Ok(index) = inner[..digits].parse::<usize>() else {
            return Ok(Err(BAD_INDEX.to_owned()));
        };
        let mut inner = inner[digits..].trim_start_matches(' ');
        let mut width = 0;
        let mut left_aligned = false;
        if let Some(after) = inner.strip_prefix(',') {
            inner = after.trim_start_matches(' ');
            if let Some(after) = inner.strip_prefix('-') {
                left_aligned = true;
                inner = after;
            }
            let digits = inner.bytes().take_while(u8::is_ascii_digit).count();
            let Ok(number) = inner[..digits].parse::<usize>() else {
                return wrong(inner, "Expected an ASCII digit.");
            };
            if number > MAX_WIDTH {
                return Ok(Err(BAD_FORMAT.to_owned()));
            }
            width = number;
            inner = inner[digits..].trim_start_matches(' ');
        }
        let mut specifier = "";
        if let Some(after) = inner.strip_prefix(':') {
            let Some(end) = after.find(['}', '{']) else {
                return wrong("", "Format item ends prematurely.");
            };
            specifier = &after[..end];
            inner = &after[end..];
        }
        let Some(after) = inner.strip_prefix('}') else {
            return wrong(
                inner,
                if inner.is_empty() {
                    "Format item ends prematurely."
                } else {
                    "Expected an ASCII digit."
                },
            );
        };
        rest = after;
        let Some(argument) = arguments.get(index) else {
            return Ok(Err(BAD_INDEX.to_owned()));
        };
        let piece = match format_value(argument, specifier, culture, cx)? {
            Ok(piece) => piece,
            Err(message) => return Ok(Err(message)),
        };
        let length = piece.utf16_len();
        let padding = width.saturating_sub(length);
        cx.charge(piece.len() + padding)?;
        if !left_aligned {
            text.extend(std::iter::repeat_n(' ', padding));
        }
        text.push_str(&piece);
        if left_aligned {
            text.extend(std::iter::repeat_n(' ', padding));
        }
    }
    text.push_str(rest);
    Ok(Ok(text))
}

fn position(format: &str, rest: &str) -> usize {
    format.len() - rest.len()
}

/// `ToString(specifier)`: the inner error is the message of .NET's FormatException.
///
/// # Errors
/// When a script's ToString fails.
pub fn format_value(
    value: &Value,
    specifier: &str,
    culture: Culture,
    cx: &mut dyn Context,
) -> Result<Result<Text, String>, Raise> {
    let value = value.base();
    let bad_specifier = || BAD_SPECIFIER.to_owned();
    let bad_format = || BAD_FORMAT.to_owned();
    Ok(match value {
        Value::DateTime(date) => date::format_date_time(*date, None, specifier, culture.dates()).map(Text::from).ok_or_else(bad_format),
        Value::TimeSpan(span) => date::format_time_span(*span, specifier).map(Text::from).ok_or_else(bad_format),
        Value::Guid(guid) => guid_text(guid, specifier).map(Text::from).ok_or_else(|| {
            "Format string can be only \"D\", \"d\", \"N\", \"n\", \"P\", \"p\", \"B\", \"b\", \"X\" or \"x\".".to_owned()
        }),
        Value::Enum(own) => match specifier {
            "" | "G" | "g" | "F" | "f" => Ok(own.text().into()),
            "D" | "d" => Ok(own.bits.to_string().into()),
            "X" | "x" => Ok(format!("{:08X}", own.bits as u32).into()),
            _ => Err("Format string can be only \"G\", \"g\", \"X\", \"x\", \"F\", \"f\", \"D\" or \"d\".".to_owned()),
        },
        Value::Clr(_) => match value.as_clr::<clr_types::DateTimeOffset>() {
            Some(date) => date::format_date_time(date.clock, Some(date.offset), specifier, culture.dates()).map(Text::from).ok_or_else(bad_format),
            None => Ok(convert::clr_text(value)),
        },
        Value::Object(_) => Ok(convert::to_text(value, cx)?),
        other => match number::format(other, specifier, culture.numbers()) {
            Some(Some(text)) => Ok(text.into()),
            Some(None) => Err(bad_specifier()),
            None => Ok(convert::clr_text(other)),
        },
    })
}

/// A GUID in one of its five forms.
#[must_use]
pub fn guid_text(guid: &uuid::Uuid, specifier: &str) -> Option<String> {
    Some(match specifier {
        "" | "D" | "d" => guid.hyphenated().to_string(),
        "N" | "n" => guid.simple().to_string(),
        "B" | "b" => format!("{{{}}}", guid.hyphenated()),
        "P" | "p" => format!("({})", guid.hyphenated()),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::Detached;
    use super::*;

    #[test]
    fn numbers_are_formatted_as_recorded() {
        let double = Value::Double;
        let table = [
            ("[{0:N}]", Value::Int32(-42), "[-42.000]"),
            ("[{0:N0}]", double(0.5), "[0]"),
            ("[{0:F0}]", double(-0.5), "[-0]"),
            ("[{0:E2}]", Value::Int32(255), "[2.55E+002]"),
            ("[{0:G3}]", Value::Int64(i64::MAX), "[9.22E+18]"),
            ("[{0:P}]", double(1234.5678), "[123,456.780%]"),
            ("[{0:C}]", double(-0.5), "[-$0.50]"),
            ("[{0:x8}]", Value::Int32(1_234_567), "[0012d687]"),
            ("[{0:0}]", double(0.5), "[1]"),
            ("[{0:#}]", double(-0.5), "[-1]"),
            ("[{0:#,##0.00}]", double(0.000_012_345), "[0.00]"),
            ("[{0:0.##}]", double(1e20), "[100000000000000000000]"),
            ("[{0:#.##}]", double(-0.5), "[-.5]"),
            (
                "[{0:000-00-0000}]",
                Value::Int32(1_234_567),
                "[001-23-4567]",
            ),
            ("[{0:0.0%}]", double(0.5), "[50.0%]"),
            ("[{0:0.00e+00}]", double(0.000_012_345), "[1.23e-05]"),
            ("[{0:0.###E+0}]", Value::Int32(1_234_567), "[1.235E+6]"),
            ("[{0:+0;-0;zero}]", double(1234.5678), "[+1235]"),
            ("[{0:0,}]", Value::Int32(-42), "[0]"),
            ("[{0:0,,.0}]", double(1234.5678), "[0.0]"),
            ("[{0:'#'0}]", Value::Int32(-42), "[-#42]"),
            ("[{0:abc}]", Value::Int32(5), "[abc]"),
            ("[{0:00.00 units}]", double(-0.5), "[-00.50 units]"),
            ("[{0,-10:X4}]", Value::Int32(5), "[0005      ]"),
            ("{{{0}}}", double(12.345), "{12.345}"),
        ];
        for (format, value, expected) in table {
            let text = super::format(format, &[value], Culture::EnUs, &mut Detached)
                .expect("no script runs");
            assert_eq!(text.as_deref(), Ok(expected), "{format}");
        }
        let text = super::format("[{0:Z}]", &[Value::Int32(5)], Culture::EnUs, &mut Detached)
            .expect("no script runs");
        assert_eq!(text, Err(BAD_SPECIFIER.to_owned()));
    }
}
