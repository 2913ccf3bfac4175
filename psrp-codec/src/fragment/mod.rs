//! The lowest layer: messages cut into fragments, and fragments joined into messages.

mod reassemble;
mod split;

pub use reassemble::Reassembler;
pub use split::{Fragments, UnsentMessage, split};

use std::fmt;

use bytes::{BufMut, BytesMut};
use nom::{IResult, Parser, bytes::complete::take, combinator::map_opt};

use crate::{Decode, DecodeError, DecodeErrorKind, Encode, ObjectId, unseen::Unseen};

/// [2.2.4] Packet Fragment: one slice of a message, seen in place.
///
/// Everything in the header is big endian. As PowerShell does, the top bit of the three numbers
/// and the reserved flags are ignored when they are read; they are never written.
///
/// [2.2.4]: https://learn.microsoft.com/openspecs/windows_protocols/ms-psrp/3610dae4-67f7-4175-82da-a3fab83af288
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct Fragment<'a> {
    /// The message that this is a slice of.
    pub object: ObjectId,
    /// FragmentId: 0 for the first slice, one more for each that follows.
    pub index: u64,
    /// The first slice of its message.
    pub start: bool,
    /// The last slice of its message.
    pub end: bool,
    /// The slice.
    pub blob: &'a [u8],
}

impl Fragment<'_> {
    /// Bytes in front of the blob.
    pub const HEADER_LEN: usize = 8 /* ObjectId */ + 8 /* FragmentId */ + 1 /* flags */ + 4 /* BlobLength */;
}

const START: u8 = 0x01;
const END: u8 = 0x02;
const ITEM: &str = "fragment";

/// What stands in front of a blob.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Header {
    pub(crate) object: ObjectId,
    pub(crate) index: u64,
    pub(crate) start: bool,
    pub(crate) end: bool,
    pub(crate) blob_len: usize,
}

impl Header {
    /// Reads the header; the blob need not be there yet.
    #[inline]
    pub(crate) fn decode(input: &[u8]) -> Result<(Self, &[u8]), DecodeError> {
        Self::read(input).ok_or_else(|| wrong(input))
    }

    #[inline]
    fn read(input: &[u8]) -> Option<(Self, &[u8])> {
        let (rest, (object, index, flags, blob_len)) = header_fields(input).ok()?;
        let header = Self {
            object: ObjectId::new(object & LOW_63_BITS)?,
            index: index & LOW_63_BITS,
            start: flags & START != 0,
            end: flags & END != 0,
            blob_len: usize::try_from(blob_len & LOW_31_BITS).unwrap_or(usize::MAX),
        };
        Some((header, rest))
    }
}

#[inline]
fn header_fields(input: &[u8]) -> IResult<&[u8], (u64, u64, u8, u32), ()> {
    // Taken whole first: the parts then need no further look at the length.
    let (rest, header) = take(Fragment::HEADER_LEN)(input)?;
    let (_, fields) = (
        bytes_of.map(u64::from_be_bytes),
        bytes_of.map(u64::from_be_bytes),
        bytes_of.map(u8::from_be_bytes),
        bytes_of.map(u32::from_be_bytes),
    )
        .parse(header)?;
    Ok((rest, fields))
}

/// The next `N` bytes. (nom's own numbers go byte by byte, which takes twice as long.)
#[inline]
fn bytes_of<const N: usize>(input: &[u8]) -> IResult<&[u8], [u8; N], ()> {
    map_opt(take(N), |bytes: &[u8]| bytes.try_into().ok()).parse(input)
}

/// Why this is no fragment, or not all of one.
#[cold]
fn wrong(input: &[u8]) -> DecodeError {
    match header_fields(input) {
        Ok((_, (object, ..))) if object & LOW_63_BITS == 0 => {
            DecodeError::new(ITEM, 0, DecodeErrorKind::Malformed("the ObjectId is zero"))
        }
        _ => DecodeError::new(ITEM, input.len(), DecodeErrorKind::Truncated),
    }
}

impl<'a> Fragment<'a> {
    /// The fragment, if all of it is there and in order. Makes no error, as it is no fault when
    /// more is to come.
    #[inline]
    fn read(input: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (header, rest) = Header::read(input)?;
        let (blob, rest) = rest.split_at_checked(header.blob_len)?;
        let fragment = Self {
            object: header.object,
            index: header.index,
            start: header.start,
            end: header.end,
            blob,
        };
        Some((fragment, rest))
    }
}

impl<'a> Decode<'a> for Fragment<'a> {
    #[inline]
    fn decode(input: &'a [u8]) -> Result<(Self, &'a [u8]), DecodeError> {
        Self::read(input).ok_or_else(|| wrong(input))
    }
}

impl Encode for Fragment<'_> {
    fn encoded_len(&self) -> usize {
        Self::HEADER_LEN.saturating_add(self.blob.len())
    }

    /// # Panics
    /// When the blob is longer than 2³¹ − 1 bytes, which no transport carries.
    fn encode(&self, out: &mut BytesMut) {
        let blob_len = u32::try_from(self.blob.len())
            .ok()
            .filter(|len| len & !LOW_31_BITS == 0)
            .expect("a blob fits a packet, and packets are far below 2 GiB");
        out.reserve(self.encoded_len());
        out.put_u64(self.object.get());
        out.put_u64(self.index & LOW_63_BITS);
        out.put_u8(if self.start { START } else { 0 } | if self.end { END } else { 0 });
        out.put_u32(blob_len);
        out.put_slice(self.blob);
    }
}

/// The header, and how long the blob is.
impl fmt::Debug for Fragment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fragment")
            .field("object", &self.object)
            .field("index", &self.index)
            .field("start", &self.start)
            .field("end", &self.end)
            .field("blob", &Unseen(self.blob))
            .finish()
    }
}

/// The sender clears the top bit of both ids and the receiver does not look at it.
const LOW_63_BITS: u64 = u64::MAX >> 1;
const LOW_31_BITS: u32 = u32::MAX >> 1;

#[cfg(test)]
mod tests {
    use super::*;

    fn wire(fragment: Fragment<'_>) -> BytesMut {
        let mut out = BytesMut::new();
        fragment.encode(&mut out);
        out
    }

    #[test]
    fn a_fragment_is_a_view_into_the_packet() {
        let packet = *b"\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\0\x03\0\0\0\x02hi!";
        let (fragment, rest) = Fragment::decode(&packet).unwrap();
        assert_eq!(fragment.object, ObjectId::FIRST);
        assert_eq!(
            (fragment.index, fragment.start, fragment.end),
            (0, true, true)
        );
        assert_eq!((fragment.blob, rest), (&b"hi"[..], &b"!"[..]));
        assert_eq!(&wire(fragment)[..], &packet[..23]);
    }

    #[test]
    fn top_bits_and_reserved_flags_are_ignored() {
        let packet = *b"\x80\0\0\0\0\0\0\x01\x80\0\0\0\0\0\0\x07\xfc\x80\0\0\x01x";
        let (fragment, _) = Fragment::decode(&packet).unwrap();
        assert_eq!((fragment.object, fragment.index), (ObjectId::FIRST, 7));
        assert!(!fragment.start && !fragment.end);
        assert_eq!(fragment.blob, b"x");
    }

    #[test]
    fn an_object_id_of_zero_is_an_error() {
        let packet = *b"\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x03\0\0\0\x02hi";
        let error = Fragment::decode(&packet).unwrap_err();
        assert_eq!(
            error.to_string(),
            "fragment at byte 0: the ObjectId is zero"
        );
    }

    #[test]
    fn a_fragment_cut_short_at_any_byte_is_an_error() {
        let packet = wire(Fragment {
            object: ObjectId::FIRST,
            index: 3,
            start: false,
            end: true,
            blob: b"some bytes",
        });
        for len in 0..packet.len() {
            let error = Fragment::decode(&packet[..len]).unwrap_err();
            assert_eq!(error.kind(), &DecodeErrorKind::Truncated);
            assert_eq!(error.offset(), Some(len));
        }
    }
}
