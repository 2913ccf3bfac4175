//! Text as bytes and bytes as text, in the encodings that .NET always has.

/// An encoding of text, `System.Text.Encoding`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TextEncoding {
    /// UTF-8.
    Utf8,
    /// ASCII, `?` for all else.
    Ascii,
    /// ISO 8859-1, `?` for all else.
    Latin1,
    /// UTF-16, little end first.
    Utf16,
    /// UTF-16, big end first.
    Utf16BigEndian,
    /// UTF-32, little end first.
    Utf32,
    /// UTF-32, big end first.
    Utf32BigEndian,
}

impl TextEncoding {
    /// The encoding of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "utf-8" | "utf8" | "65001" => Self::Utf8,
            "us-ascii" | "ascii" | "20127" => Self::Ascii,
            "utf-16" | "unicode" | "1200" => Self::Utf16,
            "utf-16be" | "1201" => Self::Utf16BigEndian,
            "utf-32" | "12000" => Self::Utf32,
            "utf-32be" | "12001" => Self::Utf32BigEndian,
            "iso-8859-1" | "latin1" | "28591" => Self::Latin1,
            _ => return None,
        })
    }

    /// What it is called in files and protocols.
    #[must_use]
    pub const fn web_name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Ascii => "us-ascii",
            Self::Latin1 => "iso-8859-1",
            Self::Utf16 => "utf-16",
            Self::Utf16BigEndian => "utf-16BE",
            Self::Utf32 => "utf-32",
            Self::Utf32BigEndian => "utf-32BE",
        }
    }

    /// What a file may start with to say that it has this encoding.
    #[must_use]
    pub const fn preamble(self) -> &'static [u8] {
        match self {
            Self::Utf8 => &[0xef, 0xbb, 0xbf],
            Self::Utf16 => &[0xff, 0xfe],
            Self::Utf16BigEndian => &[0xfe, 0xff],
            Self::Utf32 => &[0xff, 0xfe, 0, 0],
            Self::Utf32BigEndian => &[0, 0, 0xfe, 0xff],
            Self::Ascii | Self::Latin1 => &[],
        }
    }

    /// Which encoding the first bytes of a file tell, if any.
    #[must_use]
    pub fn detect(bytes: &[u8]) -> Option<Self> {
        // The preamble of UTF-32 begins with that of UTF-16.
        [
            Self::Utf32,
            Self::Utf32BigEndian,
            Self::Utf8,
            Self::Utf16,
            Self::Utf16BigEndian,
        ]
        .into_iter()
        .find(|encoding| bytes.starts_with(encoding.preamble()))
    }

    /// Whether an ASCII character is the byte that it is in ASCII, and no byte of another one.
    #[must_use]
    pub const fn extends_ascii(self) -> bool {
        matches!(self, Self::Utf8 | Self::Ascii | Self::Latin1)
    }

    /// The bytes of a text, without a preamble.
    #[must_use]
    pub fn encode(self, text: &str) -> Vec<u8> {
        match self {
            Self::Utf8 => text.as_bytes().to_vec(),
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

    /// The text of bytes, a preamble among them as the character that it is. What stands for none is U+FFFD, a rest
    /// at the end too.
    #[must_use]
    pub fn decode(self, bytes: &[u8]) -> String {
        match self {
            Self::Utf8 => String::from_utf8_lossy(bytes).into_owned(),
            Self::Ascii => bytes
                .iter()
                .map(|byte| Some(char::from(*byte)).filter(char::is_ascii))
                .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
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
    let units = bytes
        .chunks(2)
        .map(|pair| <[u8; 2]>::try_from(pair).map_or(0xfffd, read));
    char::decode_utf16(units)
        .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

fn scalars(bytes: &[u8], read: fn([u8; 4]) -> u32) -> String {
    let scalars = bytes.chunks(4).map(|four| {
        <[u8; 4]>::try_from(four)
            .ok()
            .and_then(|four| char::from_u32(read(four)))
    });
    scalars
        .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [TextEncoding; 7] = [
        TextEncoding::Utf8,
        TextEncoding::Ascii,
        TextEncoding::Latin1,
        TextEncoding::Utf16,
        TextEncoding::Utf16BigEndian,
        TextEncoding::Utf32,
        TextEncoding::Utf32BigEndian,
    ];

    #[test]
    fn what_an_encoding_can_say_is_read_as_it_was() {
        for encoding in ALL {
            let text = match encoding {
                TextEncoding::Ascii => "plain",
                TextEncoding::Latin1 => "größer",
                _ => "größer als \u{1f600}",
            };
            assert_eq!(
                encoding.decode(&encoding.encode(text)),
                text,
                "{encoding:?}"
            );
            assert_eq!(TextEncoding::named(encoding.web_name()), Some(encoding));
        }
        assert_eq!(TextEncoding::Ascii.encode("ö"), b"?");
        assert_eq!(TextEncoding::Latin1.encode("€"), b"?");
    }

    #[test]
    fn what_stands_for_no_character_is_replaced() {
        let bytes = [0x41, 0, 0x42];
        assert_eq!(TextEncoding::Utf16.decode(&bytes), "A\u{fffd}");
        assert_eq!(TextEncoding::Utf32.decode(&bytes), "\u{fffd}");
        assert_eq!(TextEncoding::Utf16.decode(&[0, 0xd8, 0x41, 0]), "\u{fffd}A");
        assert_eq!(TextEncoding::Ascii.decode(&[0x41, 0x80]), "A\u{fffd}");
        assert_eq!(TextEncoding::Utf8.decode(&[0x41, 0x80]), "A\u{fffd}");
    }

    #[test]
    fn a_preamble_tells_its_encoding() {
        for encoding in ALL {
            let told = Some(encoding).filter(|encoding| !encoding.preamble().is_empty());
            assert_eq!(TextEncoding::detect(encoding.preamble()), told);
        }
    }
}
