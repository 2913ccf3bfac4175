//! Primitive values, from one type to another.

use psrp_codec::{DateTime, DateTimeKind, Decimal, TimeSpan, Value, Version};

use super::literal::decimal;
use super::xml::outer_xml;

/// The UTF-16 units of the text of a value.
pub(super) fn units(value: &Value) -> Option<Vec<u16>> {
    match value {
        Value::String(text) => Some(text.encode_utf16().collect()),
        Value::Char(unit) => Some(vec![*unit]),
        Value::Int32(number) => Some(number.to_string().encode_utf16().collect()),
        _ => None,
    }
}

/// A whole number of any type.
pub(super) fn whole(value: &Value) -> Option<i128> {
    match value {
        Value::Byte(number) => Some((*number).into()),
        Value::SByte(number) => Some((*number).into()),
        Value::Int16(number) => Some((*number).into()),
        Value::UInt16(number) => Some((*number).into()),
        Value::Int32(number) => Some((*number).into()),
        Value::UInt32(number) => Some((*number).into()),
        Value::Int64(number) => Some((*number).into()),
        Value::UInt64(number) => Some((*number).into()),
        Value::Char(unit) => Some((*unit).into()),
        Value::Decimal(number) => number.to_string().parse().ok(),
        _ => None,
    }
}

/// `value` as a value of the .NET type `to`.
pub(super) fn primitive(to: &str, value: &Value) -> Option<Value> {
    let number = || whole(value);
    let text = || value.as_str();
    match to.strip_prefix("System.")? {
        "Byte" => number()?.try_into().ok().map(Value::Byte),
        "SByte" => number()?.try_into().ok().map(Value::SByte),
        "Int16" => number()?.try_into().ok().map(Value::Int16),
        "UInt16" => number()?.try_into().ok().map(Value::UInt16),
        "Int32" => number()?.try_into().ok().map(Value::Int32),
        "UInt32" => number()?.try_into().ok().map(Value::UInt32),
        "Int64" => number()?.try_into().ok().map(Value::Int64),
        "UInt64" => number()?.try_into().ok().map(Value::UInt64),
        "Char" => match value {
            Value::String(text) => {
                let units: Vec<_> = text.encode_utf16().collect();
                let [unit] = units[..] else { return None };
                Some(Value::Char(unit))
            }
            _ => number()?.try_into().ok().map(Value::Char),
        },
        "Boolean" => matches!(value, Value::Bool(_)).then(|| value.clone()),
        "DateTime" => matches!(value, Value::DateTime(_)).then(|| value.clone()),
        "String" => match value {
            Value::String(_) => Some(value.clone()),
            value => Some(psrp_codec::PsString::from_utf16(&units(value)?).into()),
        },
        "Guid" => match value {
            Value::Guid(_) => Some(value.clone()),
            _ => text()?.parse().ok().map(Value::Guid),
        },
        "Version" => Version::parse(text()?).map(Value::Version),
        "Uri" => {
            // Others are put in order first.
            let text = text()?;
            let (_, after) = text.split_once("://").unwrap_or(("", text));
            let whole = after.contains('/') || text.starts_with("urn:");
            let known = ["http://example.com/", "http://x/", "http://a/", "urn:"];
            let plain = whole && known.iter().any(|start| text.starts_with(start));
            let as_it_is =
                |c: char| c == ' ' || c.is_ascii_graphic() && c != '%' || c.is_alphabetic();
            let as_it_is = text.chars().all(as_it_is);
            (plain && as_it_is).then(|| Value::Uri(text.into()))
        }
        "Xml.XmlDocument" => outer_xml(text()?).map(|xml| Value::Xml(xml.into())),
        "Decimal" => Some(Value::Decimal(decimal(text()?, false)?)),
        _ => None,
    }
}

/// The names of the type of a primitive value.
pub(super) fn type_names(value: &Value) -> Option<Vec<&'static str>> {
    match value {
        Value::String(_) => Some(vec!["System.String", "System.Object"]),
        Value::Int32(_) => Some(vec!["System.Int32", "System.ValueType", "System.Object"]),
        _ => None,
    }
}

/// `[of]::name(arguments)`
pub(super) fn call(of: &str, name: &str, arguments: &[Value]) -> Option<Value> {
    let whole_at = |at: usize| whole(arguments.get(at)?);
    match (of.strip_prefix("System.")?, name) {
        ("Char", "ConvertFromUtf32") => {
            let code = char::from_u32(whole_at(0)?.try_into().ok()?)?;
            Some(code.to_string().as_str().into())
        }
        ("BitConverter", "Int64BitsToDouble") => {
            let bits = match arguments.first()? {
                Value::Int32(bits) => i64::from(*bits),
                Value::Int64(bits) => *bits,
                _ => return None,
            };
            Some(Value::Double(f64::from_bits(bits.cast_unsigned())))
        }
        ("BitConverter", "Int32BitsToSingle") => {
            let bits = i32::try_from(whole_at(0)?).ok()?.cast_unsigned();
            Some(Value::Single(f32::from_bits(bits)))
        }
        ("Decimal", "Parse") => {
            let text = arguments.first()?.as_str()?;
            let digits = text.strip_prefix('-');
            decimal(digits.unwrap_or(text), digits.is_some()).map(Value::Decimal)
        }
        ("Decimal", "new") => {
            let part = |at: usize| {
                Some(u128::from(
                    i32::try_from(whole_at(at)?).ok()?.cast_unsigned(),
                ))
            };
            let coefficient = part(0)? | part(1)? << 32 | part(2)? << 64;
            let negative = arguments.get(3)?.as_bool()?;
            let scale = whole_at(4)?.try_into().ok()?;
            Decimal::new(negative, coefficient, scale).map(Value::Decimal)
        }
        ("Version", "new") => {
            let numbers: Option<Vec<u32>> = (0..arguments.len())
                .map(|at| whole_at(at)?.try_into().ok())
                .collect();
            let version = match numbers?[..] {
                [] => Version::new(0, 0),
                [major, minor] => Version::new(major, minor),
                [major, minor, build] => Version::new(major, minor).with_build(build),
                [major, minor, build, revision] => Version::new(major, minor)
                    .with_build(build)
                    .with_revision(revision),
                _ => return None,
            };
            Some(Value::Version(version))
        }
        ("TimeSpan", "new") if arguments.len() == 1 => {
            let ticks = whole_at(0)?.try_into().ok()?;
            Some(Value::TimeSpan(TimeSpan::from_ticks(ticks)))
        }
        ("TimeSpan", "FromSeconds" | "FromMinutes" | "FromHours") => {
            let seconds = match name {
                "FromSeconds" => 1,
                "FromMinutes" => 60,
                _ => 3600,
            };
            let ticks = whole_at(0)?.checked_mul(seconds * 10_000_000)?;
            Some(Value::TimeSpan(TimeSpan::from_ticks(
                ticks.try_into().ok()?,
            )))
        }
        ("DateTime", "new") => date(arguments),
        ("Management.Automation.ScriptBlock", "Create") => {
            Some(Value::ScriptBlock(arguments.first()?.as_string()?.clone()))
        }
        _ => None,
    }
}

/// `[datetime]::new(…)`: ticks, or years, months and days.
fn date(arguments: &[Value]) -> Option<Value> {
    let kind = |value: Option<&Value>| {
        Some(match value.map_or(Some("Unspecified"), Value::as_str)? {
            "Utc" => DateTimeKind::Utc,
            // It was written in Greenwich.
            "Local" => DateTimeKind::Local { offset_minutes: 0 },
            "Unspecified" => DateTimeKind::Unspecified,
            _ => return None,
        })
    };
    let numbers: Vec<_> = arguments.iter().map_while(whole).collect();
    let (ticks, kind) = match numbers[..] {
        [ticks] => (ticks, kind(arguments.get(1))?),
        [year, month, day] => (ticks_of(year, month, day), kind(arguments.get(3))?),
        [year, month, day, hour, minute, second] => {
            let seconds = (hour * 60 + minute) * 60 + second;
            let ticks = ticks_of(year, month, day) + seconds * 10_000_000;
            (ticks, kind(arguments.get(6))?)
        }
        _ => return None,
    };
    DateTime::new(ticks.try_into().ok()?, kind).map(Value::DateTime)
}

fn ticks_of(year: i128, month: i128, day: i128) -> i128 {
    // January and February belong to the year before, so that leap days come last.
    let (year, month) = if month < 3 {
        (year - 1, month + 9)
    } else {
        (year, month - 3)
    };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
    // The first day of the year 1 is 306 days behind the first of March of the year 0.
    (days - 306) * 86_400 * 10_000_000
}
