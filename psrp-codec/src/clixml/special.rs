//! Which bytes of a text may have to be escaped, sixteen at a time.
//!
//! Everything here is written for all bytes at once, without a branch between them, which the
//! compiler makes comparisons of whole vectors from.

/// How many bytes are looked at together.
pub(super) const SIXTEEN: usize = 16;

/// Whether no byte of a part of a text has to be escaped, and all are ASCII. `before` and `behind`
/// are the same part from one byte earlier and later on; `bytes` is one of them.
///
/// `_` needs it only before `x` or `X`: names have it often, and almost never before these.
#[inline(always)]
pub(super) fn is_plain<const ATTRIBUTE: bool, const N: usize>(
    bytes: &[u8; N],
    before: &[u8; N],
    behind: &[u8; N],
) -> bool {
    let all = bytes.iter().zip(before).zip(behind);
    !all.fold(false, |any, ((byte, before), behind)| {
        // The least of four differences: none, where one of them is. Compilers make four vector
        // instructions of that, and a tangle of as many comparisons.
        let not_plain_ascii = 0x5F_u8.saturating_sub(byte.wrapping_sub(b' '));
        let angle = byte & !2 ^ b'<'; // `>` too
        let entity = if ATTRIBUTE {
            byte & !4 ^ b'"' // `&` too
        } else {
            byte ^ b'&'
        };
        let escape = (before ^ b'_') | (behind | 0x20) ^ b'x';
        any | (not_plain_ascii.min(angle).min(entity).min(escape) == 0)
    })
}

/// A bit for each byte of `chunk` that may have to be escaped, or that begins a character that may
/// have to be; the first byte has the lowest bit.
///
/// `_` needs it only before `x` or `X`. As the last byte it counts, whatever comes behind it.
#[inline(never)]
pub(super) fn special<const ATTRIBUTE: bool>(chunk: &[u8; SIXTEEN]) -> u32 {
    let mut behind = [b'x'; SIXTEEN];
    behind[..SIXTEEN - 1].copy_from_slice(&chunk[1..]);
    let mut found = [0; SIXTEEN];
    for ((found, byte), behind) in found.iter_mut().zip(chunk).zip(&behind) {
        let is_special = (*byte < b' ')
            | (*byte == 0x7F)
            | (*byte == 0xC2) // controls from U+0080 on
            | (*byte >= 0xEF) // U+FFFE, U+FFFF, and all that has two units
            | (*byte & !2 == b'<')
            | (*byte == b'&')
            | ATTRIBUTE & (*byte == b'"')
            | (*byte == b'_') & (*behind | 0x20 == b'x');
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

    fn check<const ATTRIBUTE: bool>(chunk: &[u8; SIXTEEN]) {
        let mut expected = 0;
        for lane in 0..SIXTEEN {
            let is_special = match chunk[lane] {
                0..0x20 | b'&' | b'<' | b'>' | 0x7F | 0xC2 | 0xEF.. => true,
                b'"' => ATTRIBUTE,
                b'_' => matches!(chunk.get(lane + 1), None | Some(b'x' | b'X')),
                _ => false,
            };
            expected |= u32::from(is_special) << lane;
        }
        assert_eq!(special::<ATTRIBUTE>(chunk), expected, "{chunk:?}");
        let behind = (u128::from_le_bytes(*chunk) >> 8).to_le_bytes();
        if is_plain::<ATTRIBUTE, SIXTEEN>(chunk, chunk, &behind) {
            // Nothing is behind the last one.
            assert_eq!(expected & !(1 << (SIXTEEN - 1)), 0, "{chunk:?}");
        }
    }

    proptest! {
        #[test]
        fn any_sixteen_bytes_are_told_apart(
            chunk: [u8; SIXTEEN],
            likely in proptest::array::uniform16(prop_oneof![
                Just(b'_'), Just(b'x'), Just(b'X'), b' '..0x7F_u8, 0xC0..0xC4_u8, 0xEE..=0xFF_u8,
            ]),
        ) {
            for chunk in [chunk, likely] {
                check::<false>(&chunk);
                check::<true>(&chunk);
            }
        }
    }

    #[test]
    fn every_byte_is_told_apart_at_every_place() {
        const PLAIN: [u8; SIXTEEN] = [b'a'; SIXTEEN];
        for byte in 0..=255 {
            for lane in 0..SIXTEEN {
                let mut chunk = PLAIN;
                chunk[lane] = byte;
                check::<false>(&chunk);
                check::<true>(&chunk);
                let plain = matches!(byte, b' '..0x7F) && !b"&<>".contains(&byte);
                assert_eq!(is_plain::<false, SIXTEEN>(&chunk, &PLAIN, &PLAIN), plain);
                assert_eq!(
                    is_plain::<true, SIXTEEN>(&chunk, &PLAIN, &PLAIN),
                    plain && byte != b'"'
                );
                let is_x = matches!(byte, b'x' | b'X');
                assert_eq!(
                    is_plain::<true, SIXTEEN>(&PLAIN, &[b'_'; SIXTEEN], &chunk),
                    !is_x
                );
                assert_eq!(
                    is_plain::<true, SIXTEEN>(&PLAIN, &chunk, &[b'x'; SIXTEEN]),
                    byte != b'_'
                );
            }
        }
    }
}
