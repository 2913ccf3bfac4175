//! Static members of `[string]`, `[char]`, `[regex]` and `[wildcardpattern]`.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::value::collation;
use crate::value::composite::{self, Culture};
use crate::value::convert::{self, elements_of};
use crate::value::error::Raise;
use crate::value::members::Call;
use crate::value::pattern::{self, Apply, Regex, RegexOptions, Wildcard};
use crate::value::types::{TypeId, TypeRef};
use crate::value::{Text, Value, equal_folded};

pub(super) fn constant(id: TypeId, lower: &str) -> Option<Value> {
    Some(match (id, lower) {
        (TypeId::String, "empty") => "".into(),
        (TypeId::Char, "maxvalue") => Value::Char(u16::MAX),
        (TypeId::Char, "minvalue") => Value::Char(0),
        (TypeId::Regex, "infinitematchtimeout") => {
            Value::TimeSpan(crate::value::TimeSpan { ticks: -10_000 })
        }
        _ => return None,
    })
}

pub(super) fn invoke(id: TypeId, lower: &str, call: &mut Call<'_>) -> Result<Option<Value>, Raise> {
    match id {
        TypeId::String => string(lower, call),
        TypeId::Char => character(lower, call),
        TypeId::Regex => regex(lower, call),
        _ => wildcard(lower, call),
    }
}

/// The rest of the arguments from `from`; one array counts for its items.
fn rest(call: &Call<'_>, from: usize) -> Vec<Value> {
    match call.arguments.get(from..).unwrap_or_default() {
        [one] => elements_of(one).unwrap_or_else(|| vec![one.clone()]),
        several => several.to_vec(),
    }
}

fn string(lower: &str, call: &mut Call<'_>) -> Result<Option<Value>, Raise> {
    Ok(Some(match lower {
        "isnullorempty" => {
            call.expect(1, 1)?;
            Value::Bool(call.text(0)?.is_empty())
        }
        "isnullorwhitespace" => {
            call.expect(1, 1)?;
            Value::Bool(call.text(0)?.trim().is_empty())
        }
        "join" => {
            if call.count() < 2 {
                return Err(call.no_overload());
            }
            if call.count() == 2 && call.value(1).is_null() {
                return Err(call.throw(
                    TypeId::ArgumentNullException,
                    "Value cannot be null. (Parameter 'values')",
                ));
            }
            let separator = call.text(0)?;
            let mut items = rest(call, 1);
            // Join(separator, values, startIndex, count)
            if let [_, list, Value::Int32(start), Value::Int32(count)] = call.arguments
                && let Some(all) = elements_of(list)
            {
                items = all
                    .into_iter()
                    .skip(usize::try_from(*start).unwrap_or(0))
                    .take(usize::try_from(*count).unwrap_or(0))
                    .collect();
            }
            let mut text = String::new();
            for (index, item) in items.iter().enumerate() {
                call.cx.checkpoint()?;
                let piece = if elements_of(item).is_some() {
                    convert::clr_text(item)
                } else {
                    convert::to_text(item, call.cx)?
                };
                call.cx.charge(piece.len() + separator.len())?;
                if index > 0 {
                    text.push_str(&separator);
                }
                text.push_str(&piece);
            }
            text.into()
        }
        "concat" => {
            let items = rest(call, 0);
            let mut text = String::new();
            for item in &items {
                let piece = convert::to_text(item, call.cx)?;
                call.cx.charge(piece.len())?;
                text.push_str(&piece);
            }
            text.into()
        }
        "format" => {
            let (culture, from) = match call
                .value(0)
                .as_clr::<crate::value::clr_types::CultureInfo>()
            {
                Some(culture) => (culture.formats(), 1),
                None => (
                    Culture::EnUs,
                    usize::from(call.value(0).is_null() && call.count() > 2),
                ),
            };
            let format = call.text(from)?;
            let arguments = rest(call, from + 1);
            match composite::format(&format, &arguments, culture, call.cx)? {
                Ok(text) => text.into(),
                Err(message) => return Err(call.throw(TypeId::FormatException, message)),
            }
        }
        "compare" | "compareordinal" => {
            let (a, b) = (call.text(0)?, call.text(1)?);
            let mut ignore_case = false;
            let mut ordinal = lower == "compareordinal";
            match call.value(2).base() {
                Value::Bool(ignore) => ignore_case = *ignore,
                Value::Null | Value::Nothing => {}
                _ => {
                    let kind = call.enumeration(2, "comparisonType", TypeId::StringComparison)?;
                    ignore_case = kind % 2 == 1;
                    ordinal = kind >= 4;
                }
            }
            let ordering = match (ordinal, ignore_case) {
                (true, false) => {
                    let difference = a
                        .encode_utf16()
                        .zip(b.encode_utf16())
                        .find(|(a, b)| a != b)
                        .map(|(a, b)| i32::from(a) - i32::from(b));
                    let lengths = i32::try_from(a.utf16_len()).unwrap_or(0)
                        - i32::try_from(b.utf16_len()).unwrap_or(0);
                    return Ok(Some(Value::Int32(difference.unwrap_or(lengths))));
                }
                (true, true) => crate::value::compare_folded(&a, &b),
                _ => collation::compare(&a, &b, ignore_case),
            };
            Value::Int32(match ordering {
                Ordering::Less => -1,
                Ordering::Equal => 0,
                Ordering::Greater => 1,
            })
        }
        "equals" => {
            let (a, b) = (call.value(0), call.value(1));
            let ignore_case = if call.count() > 2 {
                call.enumeration(2, "comparisonType", TypeId::StringComparison)? % 2 == 1
            } else {
                false
            };
            match (a.as_text(), b.as_text()) {
                (Some(a), Some(b)) => Value::Bool(if ignore_case {
                    equal_folded(a, b)
                } else {
                    a == b
                }),
                _ => Value::Bool(a.is_null() && b.is_null()),
            }
        }
        "copy" | "intern" | "isinterned" => Value::String(call.text(0)?),
        _ => return Ok(None),
    }))
}

/// The character that the first arguments name: a char, or a string and a position in it.
fn char_argument(call: &mut Call<'_>) -> Result<char, Raise> {
    let unit = match (call.value(0).base(), call.count()) {
        (Value::String(text), 2) => {
            let at = call.size(1, "index")?;
            text.unit(at).ok_or_else(|| call.throw(TypeId::ArgumentOutOfRangeException, "Index was out of range. Must be non-negative and less than the size of the collection. (Parameter 'index')"))?
        }
        _ => match call.converted(0, "c", &TypeRef::of(TypeId::Char))? {
            Value::Char(unit) => unit,
            _ => 0,
        },
    };
    Ok(char::from_u32(u32::from(unit)).unwrap_or('\u{fffd}'))
}

fn unit_of(c: char) -> Value {
    u16::try_from(u32::from(c)).map_or(Value::Char(0xfffd), Value::Char)
}

fn character(lower: &str, call: &mut Call<'_>) -> Result<Option<Value>, Raise> {
    if lower == "convertfromutf32" {
        let code = call.int(0, "utf32")?;
        return match u32::try_from(code).ok().and_then(char::from_u32) {
            Some(c) => Ok(Some(Value::String(Text::from(c)))),
            None => Err(call.throw(TypeId::ArgumentOutOfRangeException, "A valid UTF32 value is between 0x000000 and 0x10ffff, inclusive, and should not include surrogate codepoint values (0x00d800 ~ 0x00dfff). (Parameter 'utf32')")),
        };
    }
    if lower == "converttoutf32" {
        let text = call.text(0)?;
        let at = if call.count() > 1 {
            call.size(1, "index")?
        } else {
            0
        };
        let c = text
            .byte_index(at)
            .and_then(|byte| text[byte..].chars().next());
        return Ok(Some(c.map_or(Value::Int32(0), |c| {
            Value::Int32(i32::try_from(u32::from(c)).unwrap_or(0))
        })));
    }
    let check: Option<fn(char) -> bool> = match lower {
        "isdigit" => Some(|c| {
            c.is_ascii_digit()
                || !c.is_ascii() && c.is_numeric() && c.to_string().parse::<u32>().is_ok()
        }),
        "isletter" => Some(char::is_alphabetic),
        "isletterordigit" => Some(char::is_alphanumeric),
        "isnumber" => Some(char::is_numeric),
        "isupper" => Some(char::is_uppercase),
        "islower" => Some(char::is_lowercase),
        "iswhitespace" => Some(char::is_whitespace),
        "iscontrol" => Some(char::is_control),
        "isascii" => Some(|c| c.is_ascii()),
        "ispunctuation" => Some(|c| {
            c.is_ascii_punctuation()
                && !matches!(c, '$' | '+' | '<' | '=' | '>' | '^' | '`' | '|' | '~')
        }),
        "issymbol" => Some(|c| matches!(c, '$' | '+' | '<' | '=' | '>' | '^' | '`' | '|' | '~')),
        "isseparator" => Some(|c| matches!(c, ' ' | '\u{a0}' | '\u{2028}' | '\u{2029}')),
        "isasciidigit" => Some(|c| c.is_ascii_digit()),
        "isasciiletter" => Some(|c| c.is_ascii_alphabetic()),
        "isasciihexdigit" => Some(|c| c.is_ascii_hexdigit()),
        _ => None,
    };
    if let Some(check) = check {
        return Ok(Some(Value::Bool(check(char_argument(call)?))));
    }
    Ok(Some(match lower {
        "issurrogate" | "ishighsurrogate" | "islowsurrogate" => {
            let Value::Char(unit) = call.converted(0, "c", &TypeRef::of(TypeId::Char))? else {
                return Ok(None);
            };
            let range = match lower {
                "ishighsurrogate" => 0xd800..=0xdbff,
                "islowsurrogate" => 0xdc00..=0xdfff,
                _ => 0xd800..=0xdfff,
            };
            Value::Bool(range.contains(&unit))
        }
        "toupper" | "toupperinvariant" => {
            unit_of(crate::value::fold::fold_char(char_argument(call)?))
        }
        "tolower" | "tolowerinvariant" => {
            let c = char_argument(call)?;
            unit_of(c.to_lowercase().next().unwrap_or(c))
        }
        "getnumericvalue" => {
            Value::Double(char_argument(call)?.to_digit(10).map_or(-1.0, f64::from))
        }
        "tostring" => Value::String(Text::from(char_argument(call)?)),
        _ => return Ok(None),
    }))
}

fn regex(lower: &str, call: &mut Call<'_>) -> Result<Option<Value>, Raise> {
    Ok(Some(match lower {
        "escape" => pattern::escape(&call.text(0)?).into(),
        "unescape" => pattern::unescape(&call.text(0)?).into(),
        "ismatch" | "match" | "matches" | "replace" | "split" => {
            let least = if lower == "replace" { 3 } else { 2 };
            call.expect(least, least + 2)?;
            let pattern = call.text(1)?;
            let options = if call.count() > least {
                call.enumeration(least, "options", TypeId::RegexOptions)?
            } else {
                0
            };
            let regex = Regex::compile(&pattern, RegexOptions(options))
                .map_err(|error| call.throw_exception(error.exception()))?;
            let mut arguments = vec![call.value(0)];
            if lower == "replace" {
                arguments.push(call.value(2));
            }
            Arc::clone(&regex).apply(lower, &arguments, call.cx)?
        }
        _ => return Ok(None),
    }))
}

fn wildcard(lower: &str, call: &mut Call<'_>) -> Result<Option<Value>, Raise> {
    Ok(Some(match lower {
        "containswildcardcharacters" => Value::Bool(Wildcard::has_wildcards(&call.text(0)?)),
        "escape" => Wildcard::escape(&call.text(0)?).into(),
        "unescape" => Wildcard::unescape(&call.text(0)?).into(),
        "get" => super::construct(
            &TypeRef::of(TypeId::WildcardPattern),
            call.arguments,
            call.cx,
        )?,
        _ => return Ok(None),
    }))
}
