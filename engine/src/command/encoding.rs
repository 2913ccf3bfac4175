//! `-Encoding`: texts from bytes and bytes from texts.

use super::CommandContext;
use crate::eval::{Flow, Run};
use crate::value::{ErrorCategory, TypeId, Value, convert};

/// An encoding of text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Encoding {
    Utf8,
    Utf8Bom,
    Ascii,
    Latin1,
    Utf16,
    Utf16BigEndian,
    Utf32,
    Utf32BigEndian,
}

impl Encoding {
    /// What `-Encoding` says; UTF-8 without it.
    ///
    /// # Errors
    /// When there is no such encoding.
    pub(crate) fn of(cx: &CommandContext<'_, '_>) -> Run<Option<Self>> {
        let Some(value) = cx.get("Encoding") else {
            return Ok(None);
        };
        let name = convert::invariant_text(value);
        Self::named(&name)
            .map(Some)
            .ok_or_else(|| unknown(cx, &name))
    }

    fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "utf8" | "utf8nobom" | "utf-8" | "default" | "65001" | "utf7" => Self::Utf8,
            "utf8bom" => Self::Utf8Bom,
            "ascii" | "us-ascii" | "20127" => Self::Ascii,
            "oem" | "ansi" | "latin1" | "iso-8859-1" | "28591" | "1252" | "windows-1252" => {
                Self::Latin1
            }
            "unicode" | "string" | "unknown" | "utf-16" | "1200" => Self::Utf16,
            "bigendianunicode" | "utf-16be" | "1201" => Self::Utf16BigEndian,
            "utf32" | "utf-32" | "12000" => Self::Utf32,
            "bigendianutf32" | "utf-32be" | "12001" => Self::Utf32BigEndian,
            _ => return None,
        })
    }

    /// What a file starts with.
    pub(crate) fn preamble(self) -> &'static [u8] {
        match self {
            Self::Utf8Bom => &[0xef, 0xbb, 0xbf],
            Self::Utf16 => &[0xff, 0xfe],
            Self::Utf16BigEndian => &[0xfe, 0xff],
            Self::Utf32 => &[0xff, 0xfe, 0, 0],
            Self::Utf32BigEndian => &[0, 0, 0xfe, 0xff],
            Self::Utf8 | Self::Ascii | Self::Latin1 => &[],
        }
    }

    /// Which encoding the first bytes of a file tell, if any.
    pub(crate) fn detect(bytes: &[u8]) -> Option<Self> {
        [
            Self::Utf32,
            Self::Utf32BigEndian,
            Self::Utf8Bom,
            Self::Utf16,
            Self::Utf16BigEndian,
        ]
        .into_iter()
        .find(|encoding| bytes.starts_with(encoding.preamble()))
    }

    /// The bytes of a text, without a preamble.
    pub(crate) fn encode(self, text: &str) -> Vec<u8> {
        match self {
            Self::Utf8 | Self::Utf8Bom => text.as_bytes().to_vec(),
            Self::Ascii => text
                .chars()
                .map(|unit| if unit.is_ascii() { unit as u8 } else { b'?' })
                .collect(),
            Self::Latin1 => text
                .chars()
                .map(|unit| u8::try_from(u32::from(unit)).unwrap_or(b'?'))
                .collect(),
            Self::Utf16 => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Self::Utf16BigEndian => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            Self::Utf32 => text
                .chars()
                .flat_map(|unit| u32::from(unit).to_le_bytes())
                .collect(),
            Self::Utf32BigEndian => text
                .chars()
                .flat_map(|unit| u32::from(unit).to_be_bytes())
                .collect(),
        }
    }

    /// The text of bytes; the preamble is left out.
    pub(crate) fn decode(self, bytes: &[u8]) -> String {
        let bytes = bytes.strip_prefix(self.preamble()).unwrap_or(bytes);
        match self {
            Self::Utf8 | Self::Utf8Bom => String::from_utf8_lossy(bytes).into_owned(),
            Self::Ascii => bytes
                .iter()
                .map(|byte| {
                    if byte.is_ascii() {
                        char::from(*byte)
                    } else {
                        '\u{fffd}'
                    }
                })
                .collect(),
            Self::Latin1 => bytes.iter().map(|byte| char::from(*byte)).collect(),
            Self::Utf16 => units(bytes, u16::from_le_bytes),
            Self::Utf16BigEndian => units(bytes, u16::from_be_bytes),
            Self::Utf32 => scalars(bytes, u32::from_le_bytes),
            Self::Utf32BigEndian => scalars(bytes, u32::from_be_bytes),
        }
    }
}

fn units(bytes: &[u8], read: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks_exact(2).map(|pair| read([pair[0], pair[1]]));
    char::decode_utf16(units)
        .map(|unit| unit.unwrap_or('\u{fffd}'))
        .collect()
}

fn scalars(bytes: &[u8], read: fn([u8; 4]) -> u32) -> String {
    bytes
        .chunks_exact(4)
        .map(|four| {
            char::from_u32(read([four[0], four[1], four[2], four[3]])).unwrap_or('\u{fffd}')
        })
        .collect()
}

fn unknown(cx: &CommandContext<'_, '_>, name: &str) -> Flow {
    let message = format!(
        "'{name}' is not a supported encoding name. For information on defining a custom encoding, see the documentation for the Encoding.RegisterProvider method. (Parameter 'name')"
    );
    cx.fail(
        TypeId::ArgumentException,
        message,
        "ParameterArgumentTransformationError",
        ErrorCategory::InvalidData,
        Value::Null,
    )
}
