//! Text in UTF-16, as Windows writes it into files.

/// The text behind a byte order mark of UTF-16: `None` when there is no such mark, and `Some(None)`
/// when what follows it is no text.
pub(crate) fn decode(bytes: &[u8]) -> Option<Option<String>> {
    let (mark, text) = bytes.split_first_chunk::<2>()?;
    let unit = match mark {
        [0xFF, 0xFE] => u16::from_le_bytes,
        [0xFE, 0xFF] => u16::from_be_bytes,
        _ => return None,
    };
    let (units, []) = text.as_chunks::<2>() else {
        return Some(None);
    };
    let units = units.iter().map(|each| unit(*each));
    Some(char::decode_utf16(units).collect::<Result<_, _>>().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_says_which_byte_comes_first() {
        let text = Some(Some("aé😀".to_owned()));
        assert_eq!(decode(b"\xff\xfea\0\xe9\0\x3d\xd8\0\xde"), text);
        assert_eq!(decode(b"\xfe\xff\0a\0\xe9\xd8\x3d\xde\0"), text);
        assert_eq!(decode(b"\xff\xfe"), Some(Some(String::new())));
        for no_text in [&b"\xff\xfea"[..], b"\xff\xfe\x3d\xd8", b"\xfe\xff\xde\0"] {
            assert_eq!(decode(no_text), Some(None));
        }
        for no_mark in [&b""[..], b"\xff", b"a\0", b"\xef\xbb\xbfa"] {
            assert_eq!(decode(no_mark), None);
        }
    }
}
