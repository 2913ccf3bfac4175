//! References: the five that XML knows, and numbers.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "positions stay below the length of the input, which fits in 32 bits"
)]

use memchr::memchr;

/// A reference at the start of `text`: the code point or unit that it means, and its length.
pub(in crate::clixml) fn reference(text: &[u8]) -> Option<(u32, usize)> {
    // The longest that makes sense has leading zeros; what is longer still is read all the same.
    let end = memchr(b';', text)?;
    let name = text.get(1..end)?;
    let code = match name {
        b"lt" => u32::from(b'<'),
        b"gt" => u32::from(b'>'),
        b"amp" => u32::from(b'&'),
        b"quot" => u32::from(b'"'),
        b"apos" => u32::from(b'\''),
        [b'#', b'x', digits @ ..] => number(digits, 16)?,
        [b'#', digits @ ..] => number(digits, 10)?,
        _ => return None,
    };
    Some((code, end + 1))
}

fn number(digits: &[u8], radix: u32) -> Option<u32> {
    let mut number = 0_u32;
    for digit in digits {
        number = number * radix + char::from(*digit).to_digit(radix)?;
        if number > 0x0010_FFFF {
            return None;
        }
    }
    (!digits.is_empty()).then_some(number)
}
