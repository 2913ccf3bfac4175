//! `-Encoding`: how the text of a file is written, and what is before it.

use super::CommandContext;
use crate::eval::{Flow, Run};
use crate::value::text_encoding::TextEncoding;
use crate::value::{ErrorCategory, TypeId, Value, convert};

/// How a file holds text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Encoding {
    pub(crate) text: TextEncoding,
    /// Whether a new file starts with the preamble of the encoding.
    has_preamble: bool,
}

impl Encoding {
    /// UTF-8 without a preamble: what holds when nothing is said.
    pub(crate) const UTF8: Self = Self {
        text: TextEncoding::Utf8,
        has_preamble: false,
    };

    /// What `-Encoding` says.
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

    /// The names that commands have, and then those of .NET.
    fn named(name: &str) -> Option<Self> {
        let text = match name.to_ascii_lowercase().as_str() {
            "utf8bom" => return Some(Self::with_preamble(TextEncoding::Utf8)),
            "utf8nobom" | "default" | "utf7" => TextEncoding::Utf8,
            "oem" | "ansi" | "1252" | "windows-1252" => TextEncoding::Latin1,
            "string" | "unknown" => TextEncoding::Utf16,
            "bigendianunicode" => TextEncoding::Utf16BigEndian,
            "utf32" => TextEncoding::Utf32,
            "bigendianutf32" => TextEncoding::Utf32BigEndian,
            _ => TextEncoding::named(name)?,
        };
        Some(Self {
            text,
            // Only UTF-8 has two forms.
            has_preamble: text != TextEncoding::Utf8,
        })
    }

    const fn with_preamble(text: TextEncoding) -> Self {
        Self {
            text,
            has_preamble: true,
        }
    }

    /// What a file starts with.
    pub(crate) const fn preamble(self) -> &'static [u8] {
        if self.has_preamble {
            self.text.preamble()
        } else {
            &[]
        }
    }

    /// Which encoding the first bytes of a file tell, if any.
    pub(crate) fn detect(bytes: &[u8]) -> Option<Self> {
        TextEncoding::detect(bytes).map(Self::with_preamble)
    }

    /// The bytes of a text, without a preamble.
    pub(crate) fn encode(self, text: &str) -> Vec<u8> {
        self.text.encode(text)
    }

    /// The text of bytes; the preamble is left out.
    pub(crate) fn decode(self, bytes: &[u8]) -> String {
        let bytes = bytes.strip_prefix(self.preamble()).unwrap_or(bytes);
        self.text.decode(bytes)
    }
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
