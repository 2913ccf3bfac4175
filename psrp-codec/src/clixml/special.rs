//! Which bytes of a text may have to be escaped, sixteen at a time.
//!
//! Everything here is written for all bytes at once, without a branch between them, which the
//! compiler makes comparisons of whole vectors from.

/// How many bytes are looked at together.
pub(super) const SIXTEEN: usize = 16;

/// Bytes behind which another one stands than in the text. Each is 0 or 1.
pub(super) type Gaps = [u8; SIXTEEN];

/// A bit for each byte of `chunk` that may have to be escaped, or that begins a character that may
/// have to be; the first byte has the lowest bit.
///
/// `_` needs it only before `x` or `X`. It counts wherever the byte behind it is not known.
#[inline(always)]
pub(super) fn special<const ATTRIBUTE: bool>(chunk: &[u8; SIXTEEN], gaps: &Gaps) -> u32 {
    // The least of four differences: none, where one of them is. Compilers make four vector
    // instructions of that, and a tangle of as many comparisons.
    let seems_special = chunk.iter().fold(false, |any, byte| {
        let not_plain_ascii = 0x60_u8.saturating_sub(byte.wrapping_sub(b' '));
        let angle = byte & !2 ^ b'<'; // `>` too
        let entity = if ATTRIBUTE {
            byte & !4 ^ b'"' // `&` too
        } else {
            byte ^ b'&'
        };
        let underscore = (byte | 0x20) ^ 0x7F; // DEL too
        any | (not_plain_ascii.min(angle).min(entity).min(underscore) == 0)
    });
    if seems_special {
        look_closer::<ATTRIBUTE>(chunk, gaps)
    } else {
        0
    }
}

#[inline(never)]
fn look_closer<const ATTRIBUTE: bool>(chunk: &[u8; SIXTEEN], gaps: &Gaps) -> u32 {
    let mut behind = [b'x'; SIXTEEN];
    behind[..SIXTEEN - 1].copy_from_slice(&chunk[1..]);
    let mut found = [0; SIXTEEN];
    for (((found, byte), behind), gap) in found.iter_mut().zip(chunk).zip(&behind).zip(gaps) {
        let is_special = (*byte < b' ')
            | (*byte == 0x7F)
            | (*byte == 0xC2) // controls from U+0080 on
            | (*byte >= 0xEF) // U+FFFE, U+FFFF, and all that has two units
            | (*byte & !2 == b'<')
            | (*byte == b'&')
            | ATTRIBUTE & (*byte == b'"')
            | (*byte == b'_') & ((*behind | 0x20 == b'x') | (*gap != 0));
        *found = u8::from(is_special);
    }
    let found = u128::from_le_bytes(found);
    #[expect(clippy::cast_possible_truncation, reason = "the two halves")]
    let (first, last) = (found as u64, (found >> 64) as u64);
    gather(first) | gather(last) << 8
}

/// The lowest bits of eight bytes, side by side.
#[inline]
const fn gather(bytes: u64) -> u32 {
    // Each factor of two brings one of the bits to its place in the highest byte.
    (bytes.wrapping_mul(0x0102_0408_1020_4080) >> 56) as u32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn expected(chunk: &[u8; SIXTEEN], gaps: &Gaps, attribute: bool) -> u32 {
        let mut found = 0;
        for lane in 0..SIXTEEN {
            let is_special = match chunk[lane] {
                0..0x20 | b'&' | b'<' | b'>' | 0x7F | 0xC2 | 0xEF.. => true,
                b'"' => attribute,
                b'_' => gaps[lane] != 0 || matches!(chunk.get(lane + 1), None | Some(b'x' | b'X')),
                _ => false,
            };
            found |= u32::from(is_special) << lane;
        }
        found
    }

    proptest! {
        #[test]
        fn any_sixteen_bytes_are_told_apart(
            chunk: [u8; SIXTEEN],
            likely in proptest::array::uniform16(prop_oneof![
                Just(b'_'), Just(b'x'), Just(b'X'), b' '..0x7F_u8, 0xC0..0xC4_u8, 0xEE..=0xFF_u8,
            ]),
            gaps in proptest::array::uniform16(0..2_u8),
        ) {
            for chunk in [chunk, likely] {
                prop_assert_eq!(special::<false>(&chunk, &gaps), expected(&chunk, &gaps, false));
                prop_assert_eq!(special::<true>(&chunk, &gaps), expected(&chunk, &gaps, true));
            }
        }
    }

    #[test]
    fn every_byte_is_told_apart_at_every_place() {
        for byte in 0..=255 {
            for lane in 0..SIXTEEN {
                let mut chunk = [b'a'; SIXTEEN];
                chunk[lane] = byte;
                let gaps = [0; SIXTEEN];
                assert_eq!(
                    special::<false>(&chunk, &gaps),
                    expected(&chunk, &gaps, false)
                );
                assert_eq!(
                    special::<true>(&chunk, &gaps),
                    expected(&chunk, &gaps, true)
                );
            }
        }
    }
}
