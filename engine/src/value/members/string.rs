//! Methods of strings.

use std::cmp::Ordering;

use crate::value::collation;
use crate::value::convert::elements_of;
use crate::value::error::Raise;
use crate::value::types::{TypeId, TypeRef};
use crate::value::{Text, Value, equal_folded};

use super::call::Call;

/// The methods, for Get-Member.
pub(super) const METHODS: &[&str] = &[
    "Clone",
    "CompareTo",
    "Contains",
    "CopyTo",
    "EndsWith",
    "EnumerateRunes",
    "Equals",
    "GetEnumerator",
    "GetHashCode",
    "GetPinnableReference",
    "GetType",
    "GetTypeCode",
    "IndexOf",
    "IndexOfAny",
    "Insert",
    "IsNormalized",
    "LastIndexOf",
    "LastIndexOfAny",
    "Normalize",
    "PadLeft",
    "PadRight",
    "Remove",
    "Replace",
    "ReplaceLineEndings",
    "Split",
    "StartsWith",
    "Substring",
    "ToBoolean",
    "ToByte",
    "ToChar",
    "ToCharArray",
    "ToDateTime",
    "ToDecimal",
    "ToDouble",
    "ToInt16",
    "ToInt32",
    "ToInt64",
    "ToLower",
    "ToLowerInvariant",
    "ToSByte",
    "ToSingle",
    "ToString",
    "ToType",
    "ToUInt16",
    "ToUInt32",
    "ToUInt64",
    "ToUpper",
    "ToUpperInvariant",
    "Trim",
    "TrimEnd",
    "TrimStart",
    "TryCopyTo",
];

/// No text is padded further than this.
const MAX_PADDING: usize = 1 << 30;

/// Calls a method of a string; `None` if there is none of that name.
pub(super) fn invoke(text: &Text, call: &mut Call<'_>) -> Result<Option<Value>, Raise> {
    let lower = call.name.to_ascii_lowercase();
    Ok(Some(match lower.as_str() {
        "substring" => substring(text, call)?,
        "indexof" | "lastindexof" => index_of(text, call, lower == "lastindexof")?,
        "indexofany" | "lastindexofany" => {
            let wanted = characters(&call.value(0));
            let units = text.units();
            let found = if lower == "indexofany" {
                units.iter().position(|unit| wanted.contains(unit))
            } else {
                units.iter().rposition(|unit| wanted.contains(unit))
            };
            int(found)
        }
        "replace" => replace(text, call)?,
        "toupper" | "toupperinvariant" => text
            .chars()
            .map(crate::value::fold::fold_char)
            .collect::<String>()
            .into(),
        "tolower" | "tolowerinvariant" => text
            .chars()
            .map(crate::value::fold::lower_char)
            .collect::<String>()
            .into(),
        "trim" | "trimstart" | "trimend" => {
            let wanted: Vec<u16> = call.arguments.iter().flat_map(characters).collect();
            let is_trimmed = |c: char| {
                if wanted.is_empty() {
                    c.is_whitespace()
                } else {
                    u16::try_from(u32::from(c)).is_ok_and(|unit| wanted.contains(&unit))
                }
            };
            let trimmed = match lower.as_str() {
                "trim" => text.trim_matches(is_trimmed),
                "trimstart" => text.trim_start_matches(is_trimmed),
                _ => text.trim_end_matches(is_trimmed),
            };
            trimmed.into()
        }
        "split" => split(text, call)?,
        "padleft" | "padright" => {
            call.expect(1, 2)?;
            let width = call.size(0, "totalWidth")?.min(MAX_PADDING);
            let padding = if call.count() > 1 {
                call.text(1)?.chars().next().unwrap_or(' ')
            } else {
                ' '
            };
            let missing = width.saturating_sub(text.utf16_len());
            call.cx.charge(missing)?;
            let filler: String = std::iter::repeat_n(padding, missing).collect();
            if lower == "padleft" {
                format!("{filler}{text}").into()
            } else {
                format!("{text}{filler}").into()
            }
        }
        "startswith" | "endswith" => {
            call.expect(1, 3)?;
            let part = call.text(0)?;
            let (head, body) = (part.utf16_len(), text.utf16_len());
            // Characters are compared as they are, strings as the culture sees them; both fold case only when asked.
            let ignore_case = ignores_case(call, 1)?;
            let piece = match lower.as_str() {
                _ if head > body => None,
                "startswith" => text.substring(0, head),
                _ => text.substring(body - head, head),
            };
            Value::Bool(piece.is_some_and(|piece| same(&piece, &part, ignore_case)))
        }
        "contains" => {
            call.expect(1, 2)?;
            let part = call.text(0)?;
            let ignore_case = ignores_case(call, 1)?;
            Value::Bool(find(text, &part, 0, ignore_case).is_some())
        }
        "insert" => {
            call.expect(2, 2)?;
            let at = call.size(0, "startIndex")?;
            let part = call.text(1)?;
            let length = text.utf16_len();
            let (Some(head), Some(tail)) = (
                text.substring(0, at),
                length
                    .checked_sub(at)
                    .and_then(|rest| text.substring(at, rest)),
            ) else {
                return Err(call.throw(
                    TypeId::ArgumentOutOfRangeException,
                    format!("startIndex ('{at}') must be less than or equal to '{length}'. (Parameter 'startIndex')\nActual value was {at}."),
                ));
            };
            format!("{head}{part}{tail}").into()
        }
        "remove" => {
            call.expect(1, 2)?;
            let at = call.size(0, "startIndex")?;
            let length = text.utf16_len();
            if at > length {
                return Err(call.throw(
                    TypeId::ArgumentOutOfRangeException,
                    format!("startIndex ('{at}') must be less than or equal to '{length}'. (Parameter 'startIndex')\nActual value was {at}."),
                ));
            }
            let count = if call.count() > 1 {
                call.size(1, "count")?
            } else {
                length - at
            };
            let Some(tail) = at.checked_add(count).and_then(|end| {
                length
                    .checked_sub(end)
                    .and_then(|rest| text.substring(end, rest))
            }) else {
                return Err(call.throw(TypeId::ArgumentOutOfRangeException, "Index and count must refer to a location within the string. (Parameter 'count')"));
            };
            format!("{}{tail}", text.substring(0, at).unwrap_or_default()).into()
        }
        "tochararray" => {
            let units = text.units();
            call.cx.charge(units.len() * size_of::<Value>())?;
            let (start, count) = if call.count() > 1 {
                (call.size(0, "startIndex")?, call.size(1, "length")?)
            } else {
                (0, units.len())
            };
            let items = units
                .into_iter()
                .skip(start)
                .take(count)
                .map(Value::Char)
                .collect();
            Value::typed_array(TypeRef::of(TypeId::Char), items)
        }
        "chars" | "get_chars" => {
            call.expect(1, 1)?;
            let at = call.int(0, "index")?;
            match usize::try_from(at).ok().and_then(|at| text.unit(at)) {
                Some(unit) => Value::Char(unit),
                None => {
                    return Err(call.throw(
                        TypeId::IndexOutOfRangeException,
                        "Index was outside the bounds of the array.",
                    ));
                }
            }
        }
        "compareto" => {
            call.expect(1, 1)?;
            if call.value(0).is_null() {
                return Ok(Some(Value::Int32(1)));
            }
            let other = call.text(0)?;
            Value::Int32(number(collation::compare(text, &other, false)))
        }
        "equals" => {
            call.expect(1, 2)?;
            let other = call.value(0);
            let ignore_case = ignores_case(call, 1)?;
            Value::Bool(
                other
                    .as_text()
                    .is_some_and(|other| same(text, other, ignore_case)),
            )
        }
        "clone" | "tostring" | "normalize" | "trynormalize" => Value::String(text.clone()),
        "isnormalized" => Value::Bool(true),
        "replacelineendings" => {
            let by = if call.count() > 0 {
                call.text(0)?
            } else {
                "\n".into()
            };
            text.replace("\r\n", "\n")
                .replace('\r', "\n")
                .replace('\n', &by)
                .into()
        }
        "getenumerator" => {
            let items = text.units().into_iter().map(Value::Char).collect();
            Value::clr(crate::value::clr_types::Enumerator::new(
                TypeId::CharEnumerator,
                items,
            ))
        }
        "gettypecode" => Value::enumeration("System.TypeCode", 18).unwrap_or_default(),
        _ => return Ok(None),
    }))
}

/// Whether the argument at `index` is a StringComparison (or `$true`) that ignores case.
fn ignores_case(call: &mut Call<'_>, index: usize) -> Result<bool, Raise> {
    if call.count() <= index {
        return Ok(false);
    }
    if let Value::Bool(ignore) = call.value(index) {
        return Ok(ignore);
    }
    let kind = call.enumeration(index, "comparisonType", TypeId::StringComparison)?;
    Ok(kind % 2 == 1)
}

fn same(a: &str, b: &str, ignore_case: bool) -> bool {
    if ignore_case {
        equal_folded(a, b)
    } else {
        a == b
    }
}

fn number(ordering: Ordering) -> i32 {
    match ordering {
        Ordering::Less => -1,
        Ordering::Equal => 0,
        Ordering::Greater => 1,
    }
}

fn int(position: Option<usize>) -> Value {
    Value::Int32(
        position
            .and_then(|position| i32::try_from(position).ok())
            .unwrap_or(-1),
    )
}

/// The characters of an argument: a char, a string of them, an array.
fn characters(value: &Value) -> Vec<u16> {
    match value.base() {
        Value::Char(unit) => vec![*unit],
        Value::String(text) => text.units(),
        other => elements_of(other)
            .unwrap_or_default()
            .iter()
            .flat_map(characters)
            .collect(),
    }
}

fn substring(text: &Text, call: &mut Call<'_>) -> Result<Value, Raise> {
    call.expect(1, 2)?;
    let start = call.size(0, "startIndex")?;
    let length = text.utf16_len();
    if start > length {
        return Err(call.throw(
            TypeId::ArgumentOutOfRangeException,
            "startIndex cannot be larger than length of string. (Parameter 'startIndex')",
        ));
    }
    let count = if call.count() > 1 {
        call.size(1, "length")?
    } else {
        length - start
    };
    match text.substring(start, count) {
        Some(part) => Ok(Value::String(part)),
        None => Err(call.throw(
            TypeId::ArgumentOutOfRangeException,
            "Index and length must refer to a location within the string. (Parameter 'length')",
        )),
    }
}

/// The byte position of `part` at or after `from`.
fn find(text: &str, part: &str, from: usize, ignore_case: bool) -> Option<usize> {
    let rest = text.get(from..)?;
    if !ignore_case {
        return rest.find(part).map(|at| at + from);
    }
    let folded: String = part.chars().map(crate::value::fold::fold_char).collect();
    let starts: Vec<usize> = rest
        .char_indices()
        .map(|(at, _)| at)
        .chain([rest.len()])
        .collect();
    let count = part.chars().count();
    let chars: Vec<char> = rest.chars().map(crate::value::fold::fold_char).collect();
    let wanted: Vec<char> = folded.chars().collect();
    (0..=chars.len().checked_sub(count)?)
        .find(|at| chars[*at..at + count] == wanted[..])
        .map(|at| starts[at] + from)
}

fn index_of(text: &Text, call: &mut Call<'_>, last: bool) -> Result<Value, Raise> {
    call.expect(1, 4)?;
    let part = call.text(0)?;
    let mut ignore_case = false;
    let mut numbers = Vec::new();
    for index in 1..call.count() {
        match call.value(index).base() {
            Value::Enum(_) | Value::String(_) => ignore_case = ignores_case(call, index)?,
            _ => numbers.push(call.int(index, if index == 1 { "startIndex" } else { "count" })?),
        }
    }
    let length = text.utf16_len();
    if last {
        let end = match numbers.first() {
            Some(start) => usize::try_from(*start)
                .unwrap_or(0)
                .saturating_add(1)
                .min(length),
            None => length,
        };
        let head = text.substring(0, end).unwrap_or_default();
        let mut found = None;
        let mut from = 0;
        while let Some(at) = find(&head, &part, from, ignore_case) {
            found = Some(at);
            from = at + head[at..].chars().next().map_or(1, char::len_utf8);
        }
        return Ok(int(found.map(|at| head.unit_index(at))));
    }
    let start = numbers.first().copied().unwrap_or(0);
    let Some(from) = usize::try_from(start)
        .ok()
        .filter(|start| *start <= length)
        .and_then(|start| text.byte_index(start))
    else {
        return Err(call.throw(TypeId::ArgumentOutOfRangeException, "Index was out of range. Must be non-negative and less than or equal to the size of the collection. (Parameter 'startIndex')"));
    };
    let end = match numbers.get(1) {
        Some(count) => usize::try_from(start.saturating_add(*count))
            .unwrap_or(length)
            .min(length),
        None => length,
    };
    let head = if end == length {
        text.clone()
    } else {
        text.substring(0, end).unwrap_or_default()
    };
    Ok(int(
        find(&head, &part, from, ignore_case).map(|at| head.unit_index(at))
    ))
}

fn replace(text: &Text, call: &mut Call<'_>) -> Result<Value, Raise> {
    call.expect(2, 4)?;
    let (old, new) = (call.text(0)?, call.text(1)?);
    if old.is_empty() {
        return Err(call.throw(
            TypeId::ArgumentException,
            "The value cannot be an empty string. (Parameter 'oldValue')",
        ));
    }
    let ignore_case = if call.count() == 3 {
        ignores_case(call, 2)?
    } else {
        call.count() == 4 && call.boolean(2)
    };
    let mut result = String::new();
    let mut last = 0;
    while let Some(at) = find(text, &old, last, ignore_case) {
        call.cx.charge(at - last + new.len())?;
        result.push_str(&text[last..at]);
        result.push_str(&new);
        // What was found may differ from what was looked for in the length of its bytes.
        let matched: usize = text[at..]
            .chars()
            .take(old.chars().count())
            .map(char::len_utf8)
            .sum();
        last = at + matched;
    }
    result.push_str(&text[last..]);
    Ok(result.into())
}

fn split(text: &Text, call: &mut Call<'_>) -> Result<Value, Raise> {
    // Separators: characters (one by one) or whole strings, then a number of parts and options in either order.
    let mut separators: Vec<String> = Vec::new();
    let mut limit = usize::MAX;
    let mut options = 0;
    let mut rest = call.arguments.len();
    let arguments = call.arguments;
    if let Some(Value::Enum(value)) = arguments.last().map(Value::base) {
        options = value.bits;
        rest -= 1;
    } else if arguments.len() > 1
        && let Some(Value::String(word)) = arguments.last().map(Value::base)
        && let Some(bits) = TypeRef::of(TypeId::StringSplitOptions)
            .enum_info()
            .and_then(|info| info.number(word))
    {
        options = bits;
        rest -= 1;
    }
    if rest > 1
        && let Some(Value::Int32(number)) = arguments.get(rest - 1).map(Value::base)
    {
        limit = usize::try_from(*number).unwrap_or(0);
        rest -= 1;
    }
    let chars_only = rest > 1;
    for argument in &arguments[..rest] {
        match argument.base() {
            Value::Char(unit) => separators.push(Text::from_units(&[*unit]).to_string()),
            Value::String(text) if chars_only && text.utf16_len() != 1 => {
                separators.push(text.to_string())
            }
            Value::String(text) => separators.push(text.to_string()),
            Value::Null | Value::Nothing => {}
            other => match elements_of(other) {
                Some(items) => separators.extend(
                    items
                        .iter()
                        .map(|item| crate::value::convert::invariant_text(item).to_string()),
                ),
                None => {
                    separators.push(crate::value::convert::to_text(other, call.cx)?.to_string())
                }
            },
        }
    }
    separators.retain(|separator| !separator.is_empty());
    let at_white_space = separators.is_empty()
        && arguments[..rest].iter().all(|argument| {
            argument.is_null() || elements_of(argument).is_some_and(|items| items.is_empty())
        });
    if separators.is_empty() && !at_white_space && rest > 0 {
        return Ok(Value::strings([text.clone()]));
    }
    if limit == 0 {
        return Ok(Value::strings(Vec::<Text>::new()));
    }
    let (no_empty, trim) = (options & 1 != 0, options & 2 != 0);
    let source = text.as_str();
    let mut parts: Vec<Text> = Vec::new();
    let mut start = 0;
    let mut at = 0;
    let push = |piece: &str, parts: &mut Vec<Text>| {
        let piece = if trim { piece.trim() } else { piece };
        if !(no_empty && piece.is_empty()) {
            parts.push(piece.into());
        }
    };
    while at < source.len() && parts.len() + 1 < limit {
        let here = &source[at..];
        let matched = if at_white_space {
            here.chars()
                .next()
                .filter(|c| c.is_whitespace())
                .map(char::len_utf8)
        } else {
            separators
                .iter()
                .find(|separator| here.starts_with(separator.as_str()))
                .map(String::len)
        };
        match matched {
            Some(length) => {
                push(&source[start..at], &mut parts);
                at += length;
                start = at;
            }
            None => at += here.chars().next().map_or(1, char::len_utf8),
        }
    }
    call.cx
        .charge(source.len() + parts.len() * size_of::<Value>())?;
    push(&source[start..], &mut parts);
    Ok(Value::strings(parts))
}
