//! Compressed streams: blocks of XPRESS Huffman (MS-XCA 2.1, 2.2), as clients of Windows ask for them.
//!
//! Once a shell was created with the header `rsp:CompressionType`, the bytes in every `rsp:Stream` are a sequence of
//! blocks: the original size less one and the stored size less one, each a little-endian 16-bit number, and then the
//! data. Where both sizes are equal the data is stored as it is. Both kinds are read; only stored ones are written,
//! which every reader understands.

use bytes::{BufMut, Bytes, BytesMut};

/// The most that one block holds.
const BLOCK: usize = 65_536;
/// The lengths of the codes of 512 symbols, half a byte each.
const TABLE: usize = 256;
/// No code is longer.
const LONGEST_CODE: u32 = 15;
/// The symbol that ends a stream; from here on symbols are copies of earlier output.
const FIRST_MATCH: usize = 256;

/// Bytes of a stream are not what compression leaves.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CompressionError {
    /// The data ends within a block.
    #[error("the compressed data ends within a block")]
    Truncated,
    /// The lengths of the codes make no code.
    #[error("the table of a compressed block is not a prefix code")]
    Table,
    /// A copy of what was never there.
    #[error("a compressed block refers to bytes before its beginning")]
    Distance,
    /// More than the reader wants to have.
    #[error("the data would be larger than {limit} bytes")]
    TooLarge {
        /// How much is allowed.
        limit: usize,
    },
}

/// Writes `data` as stored blocks.
#[must_use]
pub fn store_blocks(data: &[u8]) -> Bytes {
    let mut out = BytesMut::with_capacity(data.len() + 4 * data.len().div_ceil(BLOCK));
    for block in data.chunks(BLOCK) {
        // 1 to 65,536 less one fits 16 bits.
        let size = u16::try_from(block.len() - 1).unwrap_or(u16::MAX);
        out.put_u16_le(size);
        out.put_u16_le(size);
        out.put_slice(block);
    }
    out.freeze()
}

/// Reads a sequence of blocks that expand to at most `limit` bytes.
pub fn read_blocks(mut data: &[u8], limit: usize) -> Result<Vec<u8>, CompressionError> {
    let mut out = Vec::new();
    while !data.is_empty() {
        let (header, rest) = data
            .split_first_chunk::<4>()
            .ok_or(CompressionError::Truncated)?;
        let size = |low, high| usize::from(u16::from_le_bytes([low, high])) + 1;
        let (original, stored) = (size(header[0], header[1]), size(header[2], header[3]));
        let (block, rest) = rest
            .split_at_checked(stored)
            .ok_or(CompressionError::Truncated)?;
        if out.len() + original > limit {
            return Err(CompressionError::TooLarge { limit });
        }
        if original == stored {
            out.extend_from_slice(block);
        } else {
            expand(block, original, &mut out)?;
        }
        data = rest;
    }
    Ok(out)
}

/// MS-XCA 2.2.4: one block of LZ77 with Huffman codes.
fn expand(block: &[u8], original: usize, out: &mut Vec<u8>) -> Result<(), CompressionError> {
    let (table, stream) = block
        .split_at_checked(TABLE)
        .ok_or(CompressionError::Truncated)?;
    let codes = Codes::new(table)?;
    let mut bits = Bits::new(stream)?;
    let (start, end) = (out.len(), out.len() + original);
    out.reserve(original);
    while out.len() < end {
        let (symbol, length) = codes.symbol(bits.peek(LONGEST_CODE));
        bits.skip(length)?;
        let Some(matched) = symbol.checked_sub(FIRST_MATCH) else {
            // Below 256 it is the byte itself.
            out.push(u8::try_from(symbol).unwrap_or_default());
            continue;
        };
        let mut length = matched % 16;
        if length == 15 {
            length += bits.long_length()?;
        }
        let distance_bits = u32::try_from(matched / 16).unwrap_or_default();
        let distance =
            (1 << distance_bits) + usize::try_from(bits.peek(distance_bits)).unwrap_or_default();
        bits.skip(distance_bits)?;
        let from = out
            .len()
            .checked_sub(distance)
            .filter(|from| *from >= start)
            .ok_or(CompressionError::Distance)?;
        // A copy may overlap what it writes, and ends where the block does.
        let count = (length + 3).min(end - out.len());
        for at in from..from + count {
            out.push(out[at]);
        }
    }
    Ok(())
}

/// Canonical Huffman codes, looked up by the next fifteen bits.
struct Codes {
    /// Symbol and length of its code, packed: nine bits and four.
    entries: Vec<u16>,
}

impl Codes {
    fn new(table: &[u8]) -> Result<Self, CompressionError> {
        let lengths: Vec<u16> = table
            .iter()
            .flat_map(|byte| [byte & 15, byte >> 4])
            .map(u16::from)
            .collect();
        let mut entries = Vec::with_capacity(1 << LONGEST_CODE);
        for length in 1..=15 {
            for symbol in (0..512_u16).filter(|symbol| lengths[usize::from(*symbol)] == length) {
                let count = 1_usize << (LONGEST_CODE - u32::from(length));
                if entries.len() + count > 1 << LONGEST_CODE {
                    return Err(CompressionError::Table);
                }
                entries.resize(entries.len() + count, symbol << 4 | length);
            }
        }
        // A code must say something for any bits.
        if entries.len() == 1 << LONGEST_CODE {
            Ok(Self { entries })
        } else {
            Err(CompressionError::Table)
        }
    }

    fn symbol(&self, next: u32) -> (usize, u32) {
        let entry = self.entries[usize::try_from(next).unwrap_or_default()];
        (usize::from(entry >> 4), u32::from(entry & 15))
    }
}

/// 16-bit little-endian words, the highest bit first, with bytes strewn in between.
struct Bits<'a> {
    rest: &'a [u8],
    /// The next bits, left-aligned.
    next: u32,
    /// How many of them there are beyond sixteen; negative asks for the next word.
    extra: i32,
}

impl<'a> Bits<'a> {
    fn new(stream: &'a [u8]) -> Result<Self, CompressionError> {
        let (words, rest) = stream
            .split_first_chunk::<4>()
            .ok_or(CompressionError::Truncated)?;
        let next = u32::from(u16::from_le_bytes([words[0], words[1]])) << 16
            | u32::from(u16::from_le_bytes([words[2], words[3]]));
        Ok(Self {
            rest,
            next,
            extra: 16,
        })
    }

    /// The next bits as a number; there are at most fifteen.
    fn peek(&self, count: u32) -> u32 {
        self.next.checked_shr(32 - count).unwrap_or_default()
    }

    fn skip(&mut self, count: u32) -> Result<(), CompressionError> {
        self.next <<= count;
        self.extra -= count.cast_signed();
        if self.extra < 0 {
            // What is asked for beyond the end is never used: there, writers leave out the last word.
            let word = match self.rest {
                [low, high, rest @ ..] => {
                    self.rest = rest;
                    u16::from_le_bytes([*low, *high])
                }
                [low] => {
                    self.rest = &[];
                    u16::from(*low)
                }
                [] if self.extra < -16 => return Err(CompressionError::Truncated),
                [] => 0,
            };
            self.next |= u32::from(word) << (-self.extra).cast_unsigned();
            self.extra += 16;
        }
        Ok(())
    }

    /// What a length of fifteen is followed by: a byte, and if that is not enough a word or two.
    fn long_length(&mut self) -> Result<usize, CompressionError> {
        let (byte, rest) = self.rest.split_first().ok_or(CompressionError::Truncated)?;
        self.rest = rest;
        if *byte < 255 {
            return Ok(usize::from(*byte));
        }
        let (word, rest) = self
            .rest
            .split_first_chunk::<2>()
            .ok_or(CompressionError::Truncated)?;
        self.rest = rest;
        let mut length = usize::from(u16::from_le_bytes(*word));
        if length == 0 {
            let (long, rest) = self
                .rest
                .split_first_chunk::<4>()
                .ok_or(CompressionError::Truncated)?;
            self.rest = rest;
            length = usize::try_from(u32::from_le_bytes(*long)).unwrap_or(usize::MAX);
        }
        // It counts the fifteen again. More than a block is cut off by the caller.
        length
            .checked_sub(15)
            .map(|length| length.min(BLOCK))
            .ok_or(CompressionError::Truncated)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A block with the code lengths given as (byte of the table, its value), and then the stream.
    fn block(original: usize, table: &[(usize, u8)], stream: &[u8]) -> Vec<u8> {
        let mut data = vec![0; TABLE];
        for (at, value) in table {
            data[*at] = *value;
        }
        data.extend_from_slice(stream);
        let size = |size: usize| u16::try_from(size - 1).unwrap().to_le_bytes();
        [&size(original)[..], &size(data.len()), &data].concat()
    }

    /// [MS-XCA] 3.2, first example.
    fn alphabet() -> Vec<u8> {
        let mut table: Vec<_> = (49..59).map(|at| (at, 0x55)).collect();
        table.extend([(48, 0x50), (59, 0x45), (60, 0x44), (61, 0x04), (128, 0x04)]);
        let stream = [
            0xd8, 0x52, 0x3e, 0xd7, 0x94, 0x11, 0x5b, 0xe9, 0x19, 0x5f, 0xf9, 0xd6, 0x7c, 0xdf,
            0x8d, 0x04, 0, 0, 0, 0,
        ];
        block(26, &table, &stream)
    }

    /// [MS-XCA] 3.2, second example.
    fn repeated() -> Vec<u8> {
        let table = [(48, 0x30), (49, 0x23), (128, 0x02), (143, 0x20)];
        block(300, &table, &[0xa8, 0xdc, 0, 0, 0xff, 0x26, 0x01])
    }

    #[test]
    fn the_examples_of_the_specification_are_read() {
        assert_eq!(
            read_blocks(&alphabet(), 1000).unwrap(),
            b"abcdefghijklmnopqrstuvwxyz"
        );
        assert_eq!(read_blocks(&repeated(), 1000).unwrap(), b"abc".repeat(100));
        let both = [repeated(), alphabet(), store_blocks(b"stored").to_vec()].concat();
        assert!(
            read_blocks(&both, 1000)
                .unwrap()
                .ends_with(b"abcabcdefghijklmnopqrstuvwxyzstored")
        );
    }

    #[test]
    fn what_is_stored_is_read_again_whatever_its_size() {
        for size in [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 17] {
            let data: Vec<u8> = (0..size).map(|n| n as u8).collect();
            assert_eq!(read_blocks(&store_blocks(&data), size).unwrap(), data);
        }
        assert_eq!(
            read_blocks(&store_blocks(&[7; 100]), 99),
            Err(CompressionError::TooLarge { limit: 99 })
        );
    }

    #[test]
    fn nothing_that_is_cut_short_or_changed_panics_or_grows() {
        let samples = [alphabet(), repeated()];
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        for sample in &samples {
            for end in 1..sample.len() {
                assert!(read_blocks(&sample[..end], 1000).is_err(), "{end}");
            }
            for _ in 0..2_000 {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                let mut changed = sample.clone();
                let at = 4 + state as usize % (sample.len() - 4);
                changed[at] = (state >> 32) as u8;
                let _ = read_blocks(&changed, 1000).map(|data| assert!(data.len() <= 300));
            }
        }
    }
}
