//! Base64 straight from the envelope into one buffer.

use base64_simd::STANDARD;

use super::error::{DecodeError, DecodeErrorKind};

/// Appends what `text` stands for to `out`. Line breaks and spaces are allowed anywhere, as some clients wrap lines.
pub(crate) fn decode_base64_into(
    text: &str,
    out: &mut Vec<u8>,
    item: &'static str,
    offset: usize,
) -> Result<(), DecodeError> {
    let text = text.trim_ascii();
    let before = out.len();
    out.reserve(text.len() / 4 * 3 + 3);
    if STANDARD.decode_append(text.as_bytes(), out).is_ok() {
        return Ok(());
    }
    out.truncate(before);
    // The rare text: wrapped lines. One copy without them, and what fails now is no base64.
    let compact: Vec<u8> = text
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    if compact.len() < text.len() && STANDARD.decode_append(&compact, out).is_ok() {
        return Ok(());
    }
    out.truncate(before);
    Err(DecodeError::new(item, offset, DecodeErrorKind::Base64))
}

/// What `text` stands for.
pub(crate) fn decode_base64(
    text: &str,
    item: &'static str,
    offset: usize,
) -> Result<Vec<u8>, DecodeError> {
    let mut out = Vec::new();
    decode_base64_into(text, &mut out, item, offset)?;
    Ok(out)
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
