//! Base64 as clients write it.

use base64_simd::STANDARD;

use super::error::{DecodeError, DecodeErrorKind};

/// What `text` stands for. Line breaks and spaces are allowed anywhere, as some clients wrap lines.
pub(crate) fn decode_base64(
    text: &str,
    item: &'static str,
    offset: usize,
) -> Result<Vec<u8>, DecodeError> {
    let text = text.trim_ascii();
    if let Ok(decoded) = STANDARD.decode_to_vec(text) {
        return Ok(decoded);
    }
    // The rare text: wrapped lines. One copy without them, and what fails now is no base64.
    let compact: Vec<u8> = text
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    if compact.len() < text.len()
        && let Ok(decoded) = STANDARD.decode_to_vec(compact)
    {
        return Ok(decoded);
    }
    Err(DecodeError::new(item, offset, DecodeErrorKind::Base64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_breaks_are_allowed_and_garbage_is_not() {
        let decode = |text| decode_base64(text, "Stream", 7);
        assert_eq!(decode("aGVs\r\n bG8=\n").unwrap(), b"hello");
        assert_eq!(decode("").unwrap(), b"");
        for bad in ["a", "aGVsbG8", "aGVsbG8==", "aGV$bG8=", "aGVsbG8=aGVs", "é"] {
            assert_eq!(
                decode(bad).unwrap_err().to_string(),
                "Stream at byte 7: the text is not base64",
                "{bad}"
            );
        }
    }
}
