//! GUIDs as .NET lays them out in bytes: the first three groups little endian.

use nom::{IResult, Parser, bytes::complete::take, combinator::map_opt};
use uuid::Uuid;

/// The bytes that a GUID takes.
pub(crate) const GUID_LEN: usize = 16;

/// Reads sixteen bytes in the order of `Guid.ToByteArray`.
#[inline]
pub(crate) fn guid(input: &[u8]) -> IResult<&[u8], Uuid, ()> {
    map_opt(take(GUID_LEN), |bytes: &[u8]| {
        bytes.try_into().ok().map(Uuid::from_bytes_le)
    })
    .parse(input)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_three_groups_are_little_endian() {
        let bytes = [
            0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd,
            0xee, 0xff,
        ];
        let (rest, id) = guid(&bytes).unwrap();
        assert_eq!(id.to_string(), "00112233-4455-6677-8899-aabbccddeeff");
        assert_eq!(id.to_bytes_le(), bytes);
        assert!(rest.is_empty());
    }
}
