//! Encodings as objects, comparers, wildcard patterns and random numbers: small objects with a handful of methods.

use std::sync::{Mutex, PoisonError};

use crate::value::clr::ClrLike;
use crate::value::context::Context;
use crate::value::convert::{self, elements_of};
use crate::value::error::Raise;
use crate::value::members::Call;
use crate::value::pattern::Wildcard;
use crate::value::text_encoding::TextEncoding;
use crate::value::types::{TypeId, TypeRef};
use crate::value::{Text, Value};

impl ClrLike for TextEncoding {
    fn type_ref(&self) -> TypeRef {
        TypeRef::of(TypeId::Encoding)
    }

    fn property(&self, name: &str) -> Option<Result<Value, Raise>> {
        match name.to_ascii_lowercase().as_str() {
            "webname" | "bodyname" | "headername" => Some(Ok(self.web_name().into())),
            _ => None,
        }
    }

    fn methods(&self) -> &'static [&'static str] {
        &[
            "GetByteCount",
            "GetBytes",
            "GetChars",
            "GetPreamble",
            "GetString",
        ]
    }

    fn invoke(
        &self,
        _this: &Value,
        name: &str,
        arguments: &[Value],
        cx: &mut dyn Context,
    ) -> Option<Result<Value, Raise>> {
        let mut call = Call::new(name, arguments, cx);
        let bytes = |bytes: Vec<u8>| {
            Value::typed_array(
                TypeRef::of(TypeId::Byte),
                bytes.into_iter().map(Value::Byte).collect(),
            )
        };
        let result = (|| {
            Ok(Some(match call.name.to_ascii_lowercase().as_str() {
                "getbytes" | "getbytecount" => {
                    let value = call.value(0);
                    // Characters are joined without anything between them.
                    let text = match elements_of(&value) {
                        Some(items) => items
                            .iter()
                            .map(|item| convert::clr_text(item).to_string())
                            .collect(),
                        None => call.text(0)?.to_string(),
                    };
                    let encoded = self.encode(&text);
                    call.cx
                        .charge(encoded.len().saturating_mul(size_of::<Value>()))?;
                    if call.name.eq_ignore_ascii_case("getbytes") {
                        bytes(encoded)
                    } else {
                        Value::Int32(i32::try_from(encoded.len()).unwrap_or(i32::MAX))
                    }
                }
                "getstring" | "getchars" => {
                    let Value::Array(array) =
                        call.converted(0, "bytes", &TypeRef::of(TypeId::Byte).array_of())?
                    else {
                        return Ok(None);
                    };
                    let raw: Vec<u8> = array
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
                    let (start, count) = if call.count() > 2 {
                        (call.size(1, "index")?, call.size(2, "count")?)
                    } else {
                        (0, raw.len())
                    };
                    let text = self.decode(
                        raw.get(start..start.saturating_add(count))
                            .unwrap_or_default(),
                    );
                    call.cx.charge(text.len())?;
                    if call.name.eq_ignore_ascii_case("getstring") {
                        text.into()
                    } else {
                        Value::typed_array(
                            TypeRef::of(TypeId::Char),
                            text.encode_utf16().map(Value::Char).collect(),
                        )
                    }
                }
                "getpreamble" => bytes(self.preamble().to_vec()),
                _ => return Ok(None),
            }))
        })();
        result.transpose()
    }

    fn text(&self) -> Text {
        match self {
            Self::Utf8 => "System.Text.UTF8Encoding+UTF8EncodingSealed".into(),
            Self::Ascii => "System.Text.ASCIIEncoding+ASCIIEncodingSealed".into(),
            Self::Latin1 => "System.Text.Latin1Encoding+Latin1EncodingSealed".into(),
            Self::Utf32 | Self::Utf32BigEndian => "System.Text.UTF32Encoding".into(),
            Self::Utf16 | Self::Utf16BigEndian => "System.Text.UnicodeEncoding".into(),
        }
    }
}

/// `System.StringComparer`.
#[derive(Debug)]
pub struct StringComparer {
    /// Whether case does not count.
    pub ignore_case: bool,
}

impl ClrLike for StringComparer {
    fn type_ref(&self) -> TypeRef {
        TypeRef::of(TypeId::StringComparer)
    }

    fn methods(&self) -> &'static [&'static str] {
        &["Compare", "Equals"]
    }

    fn invoke(
        &self,
        _this: &Value,
        name: &str,
        arguments: &[Value],
        _cx: &mut dyn Context,
    ) -> Option<Result<Value, Raise>> {
        let [a, b] = arguments else { return None };
        let ordering = crate::value::collation::compare(
            &convert::invariant_text(a),
            &convert::invariant_text(b),
            self.ignore_case,
        );
        match name.to_ascii_lowercase().as_str() {
            "compare" => Some(Ok(Value::Int32(ordering as i32))),
            "equals" => Some(Ok(Value::Bool(ordering.is_eq()))),
            _ => None,
        }
    }
}

/// `System.Management.Automation.WildcardPattern`.
#[derive(Debug)]
pub struct WildcardPattern {
    pattern: Text,
    wildcard: Wildcard,
}

impl WildcardPattern {
    /// A pattern; `None` if it is not valid.
    #[must_use]
    pub fn new(pattern: &Text, ignore_case: bool) -> Option<Self> {
        Some(Self {
            pattern: pattern.clone(),
            wildcard: Wildcard::new(pattern, ignore_case)?,
        })
    }
}

impl ClrLike for WildcardPattern {
    fn type_ref(&self) -> TypeRef {
        TypeRef::of(TypeId::WildcardPattern)
    }

    fn methods(&self) -> &'static [&'static str] {
        &["IsMatch", "ToWql"]
    }

    fn invoke(
        &self,
        _this: &Value,
        name: &str,
        arguments: &[Value],
        _cx: &mut dyn Context,
    ) -> Option<Result<Value, Raise>> {
        name.eq_ignore_ascii_case("IsMatch").then(|| {
            Ok(Value::Bool(self.wildcard.is_match(
                &convert::invariant_text(arguments.first().unwrap_or(&Value::Null)),
            )))
        })
    }

    fn text(&self) -> Text {
        let _ = &self.pattern;
        "System.Management.Automation.WildcardPattern".into()
    }
}

/// `System.Random`. A seed repeats the same numbers, though not those of .NET.
#[derive(Debug)]
pub struct Random {
    state: Mutex<u64>,
}

impl Random {
    /// Seeded, or seeded by chance.
    #[must_use]
    pub fn new(seed: Option<i32>) -> Self {
        let state = seed.map_or_else(
            || uuid::Uuid::new_v4().as_u64_pair().0,
            |seed| u64::from(seed.unsigned_abs()),
        );
        Self {
            state: Mutex::new(state),
        }
    }

    /// The next 64 bits, by SplitMix64.
    fn next(&self) -> u64 {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = *state;
        bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ bits >> 31
    }
}

impl ClrLike for Random {
    fn type_ref(&self) -> TypeRef {
        TypeRef::of(TypeId::Random)
    }

    fn methods(&self) -> &'static [&'static str] {
        &["Next", "NextBytes", "NextDouble", "NextInt64", "NextSingle"]
    }

    fn invoke(
        &self,
        _this: &Value,
        name: &str,
        arguments: &[Value],
        cx: &mut dyn Context,
    ) -> Option<Result<Value, Raise>> {
        let mut call = Call::new(name, arguments, cx);
        match call.name.to_ascii_lowercase().as_str() {
            "nextdouble" => Some(Ok(Value::Double(
                (self.next() >> 11) as f64 / (1_u64 << 53) as f64,
            ))),
            lower @ ("next" | "nextint64") => {
                let bounds = match call.count() {
                    0 => Ok((
                        0,
                        if lower == "next" {
                            i64::from(i32::MAX)
                        } else {
                            i64::MAX
                        },
                    )),
                    1 => call.long(0, "maxValue").map(|most| (0, most)),
                    _ => call
                        .long(0, "minValue")
                        .and_then(|least| Ok((least, call.long(1, "maxValue")?))),
                };
                let (least, most) = match bounds {
                    Ok(bounds) => bounds,
                    Err(error) => return Some(Err(error)),
                };
                if least > most {
                    return Some(Err(call.throw(
                        TypeId::ArgumentOutOfRangeException,
                        "'minValue' cannot be greater than maxValue. (Parameter 'minValue')",
                    )));
                }
                let width = most.wrapping_sub(least) as u64;
                let offset = if width == 0 { 0 } else { self.next() % width };
                let number = least.wrapping_add(offset as i64);
                Some(Ok(if lower == "next" {
                    Value::Int32(i32::try_from(number).unwrap_or(0))
                } else {
                    Value::Int64(number)
                }))
            }
            _ => None,
        }
    }
}
