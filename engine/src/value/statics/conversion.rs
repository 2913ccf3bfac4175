//! `Parse` and `TryParse` of all types, `[convert]` and `[bitconverter]`.

use std::sync::Arc;

use crate::value::composite::Culture;
use crate::value::convert;
use crate::value::date;
use crate::value::error::Raise;
use crate::value::members::{Call, set_reference};
use crate::value::number;
use crate::value::types::{TypeId, TypeRef};
use crate::value::{DateTime, EnumValue, Text, Value};

/// `Parse`, `TryParse`, `ParseExact` and `TryParseExact`; `None` if it is another method or the type has none.
pub(super) fn parse(
    ty: &TypeRef,
    lower: &str,
    call: &mut Call<'_>,
) -> Result<Option<Value>, Raise> {
    let (exact, tries) = match lower {
        "parse" => (false, false),
        "tryparse" => (false, true),
        "parseexact" => (true, false),
        "tryparseexact" => (true, true),
        _ => return Ok(None),
    };
    if ty.is(TypeId::EnumBase) {
        return parse_enum(tries, call);
    }
    let Some(id) = ty.id() else { return Ok(None) };
    if !exact
        && number_type(id).is_none()
        && !matches!(
            id,
            TypeId::Boolean
                | TypeId::Char
                | TypeId::DateTime
                | TypeId::TimeSpan
                | TypeId::Guid
                | TypeId::Version
                | TypeId::DateTimeOffset
                | TypeId::IPAddress
                | TypeId::DateOnly
                | TypeId::TimeOnly
        )
    {
        return Ok(None);
    }
    if call.count() == 0 {
        return Err(call.no_overload());
    }
    if call.value(0).is_null() && !tries {
        let parameter = if matches!(id, TypeId::Version | TypeId::Guid) {
            "input"
        } else {
            "s"
        };
        return Err(call.throw(
            TypeId::ArgumentNullException,
            format!("Value cannot be null. (Parameter '{parameter}')"),
        ));
    }
    let text = call.text(0)?;
    let parsed = if exact {
        parse_exact(id, &text, call)?
    } else {
        parse_text(ty, id, &text, call)
    };
    if tries {
        let out = call.arguments.last().cloned().unwrap_or_default();
        let found = parsed.is_ok();
        let value = parsed.unwrap_or_else(|_| match id {
            TypeId::DateTime => Value::DateTime(DateTime {
                ticks: 0,
                kind: crate::value::DateTimeKind::Unspecified,
            }),
            TypeId::TimeSpan => Value::TimeSpan(crate::value::TimeSpan { ticks: 0 }),
            TypeId::Guid => Value::Guid(uuid::Uuid::nil()),
            TypeId::Boolean => Value::Bool(false),
            _ => convert::to(&Value::Null, ty, &mut crate::value::Detached).unwrap_or_default(),
        });
        set_reference(&out, &value, call.cx)?;
        return Ok(Some(Value::Bool(found)));
    }
    parsed
        .map(Some)
        .map_err(|(exception, message)| call.throw(exception, message))
}

fn number_type(id: TypeId) -> Option<()> {
    matches!(
        id,
        TypeId::Byte
            | TypeId::SByte
            | TypeId::Int16
            | TypeId::UInt16
            | TypeId::Int32
            | TypeId::UInt32
            | TypeId::Int64
            | TypeId::UInt64
            | TypeId::Single
            | TypeId::Double
            | TypeId::Decimal
            | TypeId::BigInteger
    )
    .then_some(())
}

type Parsed = Result<Value, (TypeId, String)>;

fn format_error(text: &str) -> (TypeId, String) {
    (
        TypeId::FormatException,
        format!("The input string '{text}' was not in a correct format."),
    )
}

fn parse_text(ty: &TypeRef, id: TypeId, text: &Text, call: &mut Call<'_>) -> Parsed {
    match id {
        TypeId::Boolean => match text.trim().to_ascii_lowercase().as_str() {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            _ => Err((
                TypeId::FormatException,
                format!("String '{text}' was not recognized as a valid Boolean."),
            )),
        },
        TypeId::Char if text.utf16_len() == 1 => Ok(Value::Char(text.unit(0).unwrap_or(0))),
        TypeId::Char => Err((
            TypeId::FormatException,
            "String must be exactly one character long.".to_owned(),
        )),
        TypeId::DateTime => {
            let parsed = if text.trim().is_empty() {
                Err(date::DateParseError::NotRecognized)
            } else {
                date::parse_date_time(text, DateTime::now())
            };
            parsed
                .map(Value::DateTime)
                .map_err(|error| (TypeId::FormatException, error.message(text)))
        }
        TypeId::TimeSpan => date::parse_time_span(text)
            .map(Value::TimeSpan)
            .ok_or_else(|| {
                (
                    TypeId::FormatException,
                    format!("String '{text}' was not recognized as a valid TimeSpan."),
                )
            }),
        TypeId::Guid => convert::parse_guid(text).map(Value::Guid).ok_or_else(|| {
            (
                TypeId::FormatException,
                "Unrecognized Guid format.".to_owned(),
            )
        }),
        TypeId::Version => convert::parse_version(text)
            .map(Value::Version)
            .map_err(|message| {
                let kind = if message.starts_with("The input string") {
                    TypeId::FormatException
                } else {
                    TypeId::ArgumentException
                };
                (kind, message)
            }),
        TypeId::Double | TypeId::Single => number::parse_double(text)
            .ok_or_else(|| format_error(text))
            .map(|number| {
                if id == TypeId::Single {
                    Value::Single(number as f32)
                } else {
                    Value::Double(number)
                }
            }),
        TypeId::Decimal => match number::parse_decimal(text) {
            Some(number) if !text.contains(['e', 'E']) => Ok(Value::Decimal(number)),
            _ => Err(format_error(text)),
        },
        _ if number_type(id).is_some() => {
            // NumberStyles may allow hexadecimal digits.
            let styles = call
                .arguments
                .get(1)
                .filter(|argument| matches!(argument.base(), Value::Enum(_) | Value::String(_)));
            let styles = styles.and_then(|styles| {
                match convert::to(styles, &TypeRef::of(TypeId::NumberStyles), call.cx) {
                    Ok(Value::Enum(styles)) => Some(styles.bits),
                    _ => None,
                }
            });
            let parsed = match styles {
                Some(bits) if bits & 512 != 0 => {
                    num_bigint::BigInt::parse_bytes(text.trim().as_bytes(), 16)
                }
                Some(bits) if bits & 64 != 0 => number::parse_integer(&text.replace(',', "")),
                _ => number::parse_integer(text),
            };
            let Some(parsed) = parsed else {
                return Err(format_error(text));
            };
            if id == TypeId::BigInteger {
                return Ok(Value::from(parsed));
            }
            let mut number = i128::try_from(&parsed).ok();
            if let (Some(bits), Some(wide)) = (styles, number)
                && bits & 512 != 0
                && id == TypeId::Int32
                && wide > i128::from(i32::MAX)
                && wide <= i128::from(u32::MAX)
            {
                number = Some(wide - (1 << 32));
            }
            number
                .and_then(|number| convert::to_integer_type(number, id))
                .ok_or_else(|| (TypeId::OverflowException, overflow(id).to_owned()))
        }
        _ => convert::to(&Value::String(text.clone()), ty, call.cx)
            .map_err(|error| (TypeId::FormatException, error.message().to_owned())),
    }
}

fn overflow(id: TypeId) -> &'static str {
    match id {
        TypeId::Byte => "Value was either too large or too small for an unsigned byte.",
        TypeId::SByte => "Value was either too large or too small for a signed byte.",
        TypeId::Int16 => "Value was either too large or too small for an Int16.",
        TypeId::UInt16 => "Value was either too large or too small for a UInt16.",
        TypeId::Int32 => "Value was either too large or too small for an Int32.",
        TypeId::UInt32 => "Value was either too large or too small for a UInt32.",
        TypeId::Int64 => "Value was either too large or too small for an Int64.",
        _ => "Value was either too large or too small for a UInt64.",
    }
}

fn parse_exact(id: TypeId, text: &Text, call: &mut Call<'_>) -> Result<Parsed, Raise> {
    let formats = call.value(1);
    let formats = match convert::elements_of(&formats) {
        Some(items) => items.iter().map(convert::invariant_text).collect(),
        None => vec![call.text(1)?],
    };
    let culture = crate::value::clr_types::culture_formats(&call.value(2)).unwrap_or(Culture::EnUs);
    let now = DateTime::now();
    match id {
        TypeId::DateTime => {
            let found = formats
                .iter()
                .find_map(|format| date::parse_exact(text, format, culture.dates(), now));
            Ok(found.map(Value::DateTime).ok_or_else(|| {
                (
                    TypeId::FormatException,
                    format!("String '{text}' was not recognized as a valid DateTime."),
                )
            }))
        }
        TypeId::TimeSpan => Ok(date::parse_time_span(text)
            .map(Value::TimeSpan)
            .ok_or_else(|| {
                (
                    TypeId::FormatException,
                    format!("String '{text}' was not recognized as a valid TimeSpan."),
                )
            })),
        TypeId::Guid => Ok(convert::parse_guid(text).map(Value::Guid).ok_or_else(|| {
            (
                TypeId::FormatException,
                "Unrecognized Guid format.".to_owned(),
            )
        })),
        _ => Err(call.no_overload()),
    }
}

/// `[enum]::Parse([DayOfWeek], 'Friday')`
fn parse_enum(tries: bool, call: &mut Call<'_>) -> Result<Option<Value>, Raise> {
    let Value::Type(ty) = call.converted(0, "enumType", &TypeRef::of(TypeId::Type))? else {
        return Ok(None);
    };
    let Some(info) = ty.enum_info() else {
        return Err(call.throw(
            TypeId::ArgumentException,
            "Type provided must be an Enum. (Parameter 'enumType')",
        ));
    };
    let text = call.text(1)?;
    let ignore_case = matches!(call.value(2), Value::Bool(true));
    let mut bits = Some(0);
    for word in text.split(',') {
        let word = word.trim();
        let number = info
            .members
            .iter()
            .find(|(name, _)| {
                if ignore_case {
                    crate::value::equal_folded(name, word)
                } else {
                    name == word
                }
            })
            .map(|(_, number)| *number)
            .or_else(|| word.parse().ok());
        bits = bits.zip(number).map(|(all, one)| all | one);
    }
    let value = bits.map(|bits| {
        Value::Enum(Arc::new(EnumValue {
            ty: ty.clone(),
            bits,
        }))
    });
    if tries {
        let out = call.arguments.last().cloned().unwrap_or_default();
        let found = value.is_some();
        set_reference(&out, &value.unwrap_or_default(), call.cx)?;
        return Ok(Some(Value::Bool(found)));
    }
    match value {
        Some(value) => Ok(Some(value)),
        None => Err(call.throw(
            TypeId::ArgumentException,
            format!("Requested value '{text}' was not found."),
        )),
    }
}

pub(super) fn invoke(id: TypeId, lower: &str, call: &mut Call<'_>) -> Result<Option<Value>, Raise> {
    if id == TypeId::BitConverter {
        bit_converter(lower, call)
    } else {
        converter(lower, call)
    }
}

fn bytes_of(call: &mut Call<'_>, index: usize, parameter: &str) -> Result<Vec<u8>, Raise> {
    let value = call.converted(index, parameter, &TypeRef::of(TypeId::Byte).array_of())?;
    let Value::Array(array) = value else {
        return Ok(Vec::new());
    };
    let bytes = array
        .read()
        .iter()
        .map(|item| {
            if let Value::Byte(byte) = item {
                *byte
            } else {
                0
            }
        })
        .collect();
    Ok(bytes)
}

pub(super) fn byte_array(bytes: impl IntoIterator<Item = u8>) -> Value {
    Value::typed_array(
        TypeRef::of(TypeId::Byte),
        bytes.into_iter().map(Value::Byte).collect(),
    )
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn to_base64(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let number = chunk
            .iter()
            .enumerate()
            .fold(0_u32, |number, (index, byte)| {
                number | u32::from(*byte) << (16 - 8 * index)
            });
        for index in 0..4 {
            let digit = usize::try_from(number >> (18 - 6 * index) & 63).unwrap_or(0);
            text.push(if index <= chunk.len() {
                char::from(BASE64[digit])
            } else {
                '='
            });
        }
    }
    text
}

fn from_base64(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    if !digits.len().is_multiple_of(4) {
        return None;
    }
    let mut bytes = Vec::with_capacity(digits.len() / 4 * 3);
    let chunks = digits.len() / 4;
    for (at, chunk) in digits.chunks(4).enumerate() {
        let padding = chunk
            .iter()
            .rev()
            .take_while(|digit| **digit == b'=')
            .count();
        if padding > 2 || padding > 0 && at + 1 < chunks {
            return None;
        }
        let mut number = 0_u32;
        for digit in &chunk[..4 - padding] {
            number =
                number << 6 | u32::try_from(BASE64.iter().position(|own| own == digit)?).ok()?;
        }
        number <<= 6 * padding;
        bytes.extend(number.to_be_bytes()[1..4 - padding].iter());
    }
    Some(bytes)
}

fn converter(lower: &str, call: &mut Call<'_>) -> Result<Option<Value>, Raise> {
    let target = match lower {
        "toboolean" => Some(TypeId::Boolean),
        "tobyte" => Some(TypeId::Byte),
        "tosbyte" => Some(TypeId::SByte),
        "toint16" => Some(TypeId::Int16),
        "touint16" => Some(TypeId::UInt16),
        "toint32" => Some(TypeId::Int32),
        "touint32" => Some(TypeId::UInt32),
        "toint64" => Some(TypeId::Int64),
        "touint64" => Some(TypeId::UInt64),
        "tosingle" => Some(TypeId::Single),
        "todouble" => Some(TypeId::Double),
        "todecimal" => Some(TypeId::Decimal),
        "tochar" => Some(TypeId::Char),
        "todatetime" => Some(TypeId::DateTime),
        _ => None,
    };
    if let Some(id) = target {
        call.expect(1, 2)?;
        let ty = TypeRef::of(id);
        let value = call.value(0);
        if let Value::String(text) = value.base() {
            // With a base, or as Parse reads it.
            if call.count() == 2
                && let Value::Int32(base) = call.value(1)
            {
                return from_base(text, base, id, call).map(Some);
            }
            let text = text.clone();
            return parse_text(&ty, id, &text, call)
                .map(Some)
                .map_err(|(exception, message)| call.throw(exception, message));
        }
        if value.is_null() {
            return convert::to(&Value::Null, &ty, call.cx).map(Some);
        }
        return match convert::to(&value, &ty, call.cx) {
            Ok(value) => Ok(Some(value)),
            Err(Raise::Error(error)) => {
                // Only the reason is told, not PowerShell's wording around it.
                let message = error.exception.message();
                let reason = message
                    .split("Error: \"")
                    .nth(1)
                    .and_then(|rest| rest.strip_suffix('"'))
                    .unwrap_or(message)
                    .to_owned();
                let kind = if reason.starts_with("Value was") {
                    TypeId::OverflowException
                } else {
                    TypeId::InvalidCastException
                };
                Err(call.throw(kind, reason))
            }
            Err(flow) => Err(flow),
        };
    }
    Ok(Some(match lower {
        "tostring" => {
            call.expect(1, 2)?;
            let value = call.value(0);
            match (number::integer_of(value.base()), call.value(1)) {
                (Some(number), Value::Int32(base @ (2 | 8 | 10 | 16))) => {
                    let bits = match value.base() {
                        Value::Byte(_) => 8,
                        Value::Int16(_) => 16,
                        Value::Int32(_) => 32,
                        _ => 64,
                    };
                    let wrapped = if number < 0 {
                        number + (1_i128 << bits)
                    } else {
                        number
                    };
                    match base {
                        2 => format!("{wrapped:b}"),
                        8 => format!("{wrapped:o}"),
                        16 => format!("{wrapped:x}"),
                        _ => number.to_string(),
                    }
                    .into()
                }
                (Some(_), Value::Int32(_)) => {
                    return Err(call.throw(TypeId::ArgumentException, "Invalid Base."));
                }
                _ => Value::String(convert::clr_text(&value)),
            }
        }
        "tobase64string" => to_base64(&bytes_of(call, 0, "inArray")?).into(),
        "frombase64string" => {
            let text = call.text(0)?;
            match from_base64(&text) {
                Some(bytes) => byte_array(bytes),
                None => {
                    return Err(call.throw(
                        TypeId::FormatException,
                        "The input is not a valid Base-64 string as it contains a non-base 64 character, more than two padding characters, or an illegal character among the padding characters.",
                    ));
                }
            }
        }
        "tohexstring" => bytes_of(call, 0, "inArray")?
            .iter()
            .map(|byte| format!("{byte:02X}"))
            .collect::<String>()
            .into(),
        "fromhexstring" => {
            let text = call.text(0)?;
            let bytes: Option<Vec<u8>> = (0..text.len().div_ceil(2))
                .map(|at| {
                    text.get(2 * at..2 * at + 2)
                        .and_then(|pair| u8::from_str_radix(pair, 16).ok())
                })
                .collect();
            match bytes {
                Some(bytes) => byte_array(bytes),
                None => {
                    return Err(call.throw(
                        TypeId::FormatException,
                        "The input is not a valid hex string as it contains a non-hex character.",
                    ));
                }
            }
        }
        "changetype" => {
            let Value::Type(ty) =
                call.converted(1, "conversionType", &TypeRef::of(TypeId::Type))?
            else {
                return Ok(None);
            };
            call.converted(0, "value", &ty)?
        }
        "isdbnull" => Value::Bool(false),
        "gettypecode" => return Ok(None),
        _ => return Ok(None),
    }))
}

fn from_base(text: &str, base: i32, id: TypeId, call: &Call<'_>) -> Result<Value, Raise> {
    let radix = match base {
        2 | 8 | 10 | 16 => base.unsigned_abs(),
        _ => return Err(call.throw(TypeId::ArgumentException, "Invalid Base.")),
    };
    let text = text.trim();
    let digits = if radix == 16 {
        text.strip_prefix("0x")
            .or_else(|| text.strip_prefix("0X"))
            .unwrap_or(text)
    } else {
        text
    };
    let Ok(mut number) = i128::from_str_radix(digits, radix) else {
        return Err(call.throw(
            TypeId::FormatException,
            "Could not find any recognizable digits.",
        ));
    };
    let bits = match id {
        TypeId::SByte => 8,
        TypeId::Int16 => 16,
        TypeId::Int32 => 32,
        TypeId::Int64 => 64,
        _ => 0,
    };
    if bits > 0 && radix != 10 && number >= 1 << (bits - 1) && number < 1 << bits {
        number -= 1 << bits;
    }
    convert::to_integer_type(number, id)
        .ok_or_else(|| call.throw(TypeId::OverflowException, overflow(id)))
}

fn bit_converter(lower: &str, call: &mut Call<'_>) -> Result<Option<Value>, Raise> {
    let read = |call: &mut Call<'_>, count: usize| -> Result<Vec<u8>, Raise> {
        let bytes = bytes_of(call, 0, "value")?;
        let start = if call.count() > 1 {
            call.size(1, "startIndex")?
        } else {
            0
        };
        match start.checked_add(count).and_then(|end| bytes.get(start..end)) {
            Some(part) => Ok(part.to_vec()),
            None => Err(call.throw(TypeId::ArgumentException, "Destination array is not long enough to copy all the items in the collection. Check array index and length. (Parameter 'value')")),
        }
    };
    macro_rules! from_bytes {
        ($ty:ty, $variant:ident) => {{
            let bytes = read(call, size_of::<$ty>())?;
            Value::$variant(<$ty>::from_le_bytes(bytes.try_into().unwrap_or_default()))
        }};
    }
    Ok(Some(match lower {
        "getbytes" => match call.value(0).base() {
            Value::Int32(n) => byte_array(n.to_le_bytes()),
            Value::UInt32(n) => byte_array(n.to_le_bytes()),
            Value::Int64(n) => byte_array(n.to_le_bytes()),
            Value::UInt64(n) => byte_array(n.to_le_bytes()),
            Value::Int16(n) => byte_array(n.to_le_bytes()),
            Value::UInt16(n) | Value::Char(n) => byte_array(n.to_le_bytes()),
            Value::Double(n) => byte_array(n.to_le_bytes()),
            Value::Single(n) => byte_array(n.to_le_bytes()),
            Value::Bool(truth) => byte_array([u8::from(*truth)]),
            _ => return Err(call.no_overload()),
        },
        "toint16" => from_bytes!(i16, Int16),
        "touint16" => from_bytes!(u16, UInt16),
        "toint32" => from_bytes!(i32, Int32),
        "touint32" => from_bytes!(u32, UInt32),
        "toint64" => from_bytes!(i64, Int64),
        "touint64" => from_bytes!(u64, UInt64),
        "todouble" => from_bytes!(f64, Double),
        "tosingle" => from_bytes!(f32, Single),
        "toboolean" => Value::Bool(read(call, 1)?.first().is_some_and(|byte| *byte != 0)),
        "tostring" => bytes_of(call, 0, "value")?
            .iter()
            .map(|byte| format!("{byte:02X}"))
            .collect::<Vec<_>>()
            .join("-")
            .into(),
        "doubletoint64bits" => Value::Int64(call.double(0, "value")?.to_bits() as i64),
        "int64bitstodouble" => Value::Double(f64::from_bits(call.long(0, "value")? as u64)),
        _ => return Ok(None),
    }))
}
