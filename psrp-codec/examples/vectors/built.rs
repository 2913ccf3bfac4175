//! Values that are built and not read: from the PowerShell source of what was written, as far as
//! that is literals.

use std::collections::HashSet;

use bytes::{Bytes, BytesMut};
use psrp_codec::clixml::{self, Document, WriteOptions};
use psrp_codec::{
    Content, DateTime, DateTimeKind, Decimal, Member, Object, PsString, RefId, TimeSpan, TypeNames,
    Value, Version,
};

use super::messages::same_bytes;
use super::pwsh_clixml::Case;

/// Whether the value that `case` makes is written as PowerShell wrote it; `None` where it takes a
/// PowerShell to make it.
pub(crate) fn check(case: &Case) -> Option<Result<(), String>> {
    let xml = case.xml.as_deref()?;
    let value = whole(&case.expression)?;
    let mut out = BytesMut::new();
    if case.form == "psserializer" {
        let mut options = WriteOptions::default();
        options.indented = true;
        Document::from_iter([value]).write_with(&options, &mut out);
    } else {
        clixml::write(&value, &mut out);
    }
    Some(same_bytes(&case.expression, xml.as_bytes(), &out))
}

/// Takes from `value` what it need not have: labels that nobody refers to, and lists of type names
/// that are shared in memory.
pub(crate) fn unlabelled(value: &mut Value) {
    let mut named = HashSet::new();
    each_value(value, &mut |value| {
        if let Value::Reference(id) = value {
            named.insert(*id);
        }
    });
    each_value(value, &mut |value| {
        if let Value::Object(object) = value {
            object.ref_id = object.ref_id.filter(|id: &RefId| named.contains(id));
            object.type_names = object
                .type_names
                .as_ref()
                .map(|names| names.iter().cloned().collect::<TypeNames>());
        }
    });
}

fn each_value(value: &mut Value, look: &mut dyn FnMut(&mut Value)) {
    look(value);
    let Value::Object(object) = value else { return };
    match &mut object.content {
        None => {}
        Some(Content::Value(value)) => each_value(value, look),
        Some(Content::Items(_, items)) => {
            items.iter_mut().for_each(|item| each_value(item, look));
        }
        Some(Content::Dictionary(entries)) => entries.iter_mut().for_each(|(key, value)| {
            each_value(key, look);
            each_value(value, look);
        }),
    }
    for property in object.adapted.iter_mut().flatten() {
        each_value(&mut property.value, look);
    }
    each_member(object.extended.as_deref_mut().unwrap_or_default(), look);
}

fn each_member(members: &mut [Member], look: &mut dyn FnMut(&mut Value)) {
    for member in members {
        match member {
            Member::Property(property) => each_value(&mut property.value, look),
            Member::Set(_, inner) => each_member(inner, look),
        }
    }
}

/// The value of a whole expression.
fn whole(expression: &str) -> Option<Value> {
    let text = expression.trim();
    if let Some(inside) = between(text, "[pscustomobject]@{", "}") {
        let mut object = Object::custom();
        for pair in pieces(inside, ';')? {
            let (name, value) = pair.split_once('=')?;
            let name = name.trim();
            let name = between(name, "'", "'").unwrap_or(name);
            let plain = name.chars().all(|c| c.is_alphanumeric() || c == '_');
            let value = literal(value.trim())?;
            if name == "PSTypeName" {
                let own = [value.as_string()?.clone()].into_iter();
                let names = object
                    .type_names
                    .iter()
                    .flat_map(|names| names.iter().cloned());
                object.type_names = Some(own.chain(names).collect());
            } else {
                object = object.property(plain.then_some(name)?, value);
            }
        }
        return object.extended.is_some().then(|| object.into());
    }
    if let Some(inside) = between(text, ",([byte[]]@(", "))") {
        let bytes = inside.split(',').filter(|number| !number.is_empty());
        let bytes: Result<Vec<u8>, _> = bytes.map(str::parse).collect();
        return Some(Value::Bytes(Bytes::from(bytes.ok()?)));
    }
    if let Some(inside) = between(text, ",@(", ")") {
        let items: Option<Vec<_>> = pieces(inside, ',')?
            .into_iter()
            .map(|item| literal(item.trim()))
            .collect();
        return Some(Value::list(items?));
    }
    literal(text)
}

/// A value that needs no other.
fn literal(text: &str) -> Option<Value> {
    match text {
        "$null" => return Some(Value::Null),
        "$true" => return Some(Value::Bool(true)),
        "$false" => return Some(Value::Bool(false)),
        "[version]::new()" => return Some(Value::Version(Version::new(0, 0))),
        "[timespan]::MinValue" => return Some(Value::TimeSpan(TimeSpan::from_ticks(i64::MIN))),
        "[timespan]::MaxValue" => return Some(Value::TimeSpan(TimeSpan::from_ticks(i64::MAX))),
        _ => {}
    }
    if let Some(string) = quoted(text) {
        return Some(string.as_str().into());
    }
    if let Some(digits) = between(text, "\"a$([char]0x", ")b\"") {
        let unit = u16::from_str_radix(digits, 16).ok()?;
        let units = [u16::from(b'a'), unit, u16::from(b'b')];
        return Some(PsString::from_utf16(&units).into());
    }
    if let Some(inside) = between(text, "{", "}") {
        let plain = !inside.contains(['{', '}', '`']);
        return plain.then(|| Value::ScriptBlock(inside.into()));
    }
    if text.starts_with(|c: char| c.is_ascii_digit() || c == '-') {
        return text.parse().ok().map(Value::Int32);
    }
    let (name, rest) = text.strip_prefix('[')?.split_once(']')?;
    of_type(name, rest)
}

/// `[name]rest`
fn of_type(name: &str, rest: &str) -> Option<Value> {
    /// A number of one type, by itself or as one end of what the type can hold.
    macro_rules! number {
        ($type:ty, $variant:ident) => {
            match rest {
                "::MinValue" => Some(Value::$variant(<$type>::MIN)),
                "::MaxValue" => Some(Value::$variant(<$type>::MAX)),
                _ => rest.parse().ok().map(Value::$variant),
            }
        };
    }
    match name {
        "byte" => number!(u8, Byte),
        "sbyte" => number!(i8, SByte),
        "int16" => number!(i16, Int16),
        "uint16" => number!(u16, UInt16),
        "int" => number!(i32, Int32),
        "uint32" => number!(u32, UInt32),
        "long" => number!(i64, Int64),
        "uint64" => number!(u64, UInt64),
        "char" => {
            let unit = match rest.strip_prefix("0x") {
                Some(digits) => u16::from_str_radix(digits, 16).ok(),
                None => rest.parse().ok(),
            };
            unit.map(Value::Char)
        }
        "BitConverter" => {
            if let Some(bits) = between(rest, "::Int64BitsToDouble(0x", ")") {
                let bits = u64::from_str_radix(bits, 16).ok()?;
                return Some(Value::Double(f64::from_bits(bits)));
            }
            let bits = between(rest, "::Int32BitsToSingle(0x", ")")?;
            let bits = u32::from_str_radix(bits, 16).ok()?;
            Some(Value::Single(f32::from_bits(bits)))
        }
        "decimal" => {
            let (digits, _) = rest.strip_prefix("::Parse('")?.split_once('\'')?;
            decimal(digits).map(Value::Decimal)
        }
        "datetime" => {
            let (ticks, kind) = between(rest, "::new(", "')")?.split_once(",'")?;
            let kind = match kind {
                "Utc" => DateTimeKind::Utc,
                // It was written in Greenwich.
                "Local" => DateTimeKind::Local { offset_minutes: 0 },
                "Unspecified" => DateTimeKind::Unspecified,
                _ => return None,
            };
            DateTime::new(ticks.parse().ok()?, kind).map(Value::DateTime)
        }
        "timespan" => {
            let ticks = between(rest, "::new(", ")")?.parse().ok()?;
            Some(Value::TimeSpan(TimeSpan::from_ticks(ticks)))
        }
        "guid" => quoted(rest)?.parse().ok().map(Value::Guid),
        "version" => Version::parse(&quoted(rest)?).map(Value::Version),
        "uri" => {
            let text = quoted(rest)?;
            // Others are put in order first.
            let plain = text.starts_with("http://example.com/") || text.starts_with("urn:");
            plain.then(|| Value::Uri(text.as_str().into()))
        }
        "scriptblock" => {
            let text = quoted(between(rest, "::Create(", ")")?)?;
            Some(Value::ScriptBlock(text.as_str().into()))
        }
        _ => None,
    }
}

/// A number in plain digits.
fn decimal(digits: &str) -> Option<Decimal> {
    let (negative, digits) = match digits.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, digits),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let coefficient = format!("{whole}{fraction}").parse().ok()?;
    Decimal::new(negative, coefficient, fraction.len().try_into().ok()?)
}

/// What is in single quotes.
fn quoted(text: &str) -> Option<String> {
    let inside = between(text, "'", "'")?.replace("''", "\0");
    (!inside.contains('\'')).then(|| inside.replace('\0', "'"))
}

fn between<'t>(text: &'t str, start: &str, end: &str) -> Option<&'t str> {
    text.strip_prefix(start)?.strip_suffix(end)
}

/// What stands between separators, if that is sure: no quotes, brackets or braces hold one.
fn pieces(text: &str, separator: char) -> Option<Vec<&str>> {
    let mut in_quotes = false;
    for c in text.chars() {
        in_quotes ^= c == '\'';
        if in_quotes && c == separator || !in_quotes && matches!(c, '(' | '{' | '@' | '|' | '`') {
            return None;
        }
    }
    Some(
        text.split(separator)
            .filter(|piece| !piece.is_empty())
            .collect(),
    )
}
