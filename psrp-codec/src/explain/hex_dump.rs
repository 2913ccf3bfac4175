//! Dumps of bytes as tools print them: an offset, bytes in hexadecimal, and often their characters.

/// What a text is, if it is a dump.
pub(super) struct HexDump {
    pub(super) bytes: Vec<u8>,
    /// It cannot be digits alone: there is a colon behind an offset, or several offsets fit.
    pub(super) is_certain: bool,
}

/// Reads a dump as `xxd`, `hexdump -C`, `od -Ax -tx1`, Wireshark and PowerShell's `Format-Hex`
/// print it; `None` when a line is none of it.
///
/// Offsets have to fit: that is what tells a dump from other text, and bytes from characters that
/// look like bytes.
pub(super) fn read(text: &str) -> Option<HexDump> {
    let mut dump = HexDump {
        bytes: Vec::new(),
        is_certain: false,
    };
    let mut lines = text.lines().map(str::trim).peekable();
    let mut usual = USUAL;
    while let Some(line) = lines.next() {
        let Some(found) = Line::of(line) else {
            // A heading or an empty line, but not among the bytes.
            if dump.bytes.is_empty() || line.is_empty() {
                continue;
            }
            return None;
        };
        if usize::try_from(found.offset) != Ok(dump.bytes.len()) {
            return None;
        }
        dump.is_certain |= found.offset > 0 || found.has_colon;
        // Where the next line begins says how many there are. The last one has no next, and has no
        // more than those before.
        let next = lines.peek().and_then(|next| Line::of(next));
        let count = next.and_then(|next| next.offset.checked_sub(found.offset));
        if let Some(count) = count.and_then(|count| usize::try_from(count).ok()) {
            usual = count.min(LONGEST);
        }
        found.push_bytes(usual, &mut dump.bytes);
    }
    (!dump.bytes.is_empty()).then_some(dump)
}

/// How many bytes tools print in a line when nobody asks for more.
const USUAL: usize = 16;
/// Who asks for more gets no longer lines than this.
const LONGEST: usize = 256;

struct Line<'t> {
    offset: u64,
    has_colon: bool,
    /// What follows the offset.
    rest: &'t str,
}

impl<'t> Line<'t> {
    /// The line, if it begins with an offset.
    fn of(line: &'t str) -> Option<Self> {
        let end = line.find(|c: char| c == ':' || c.is_whitespace());
        let (digits, rest) = line.split_at_checked(end.unwrap_or(line.len()))?;
        if !(4..=16).contains(&digits.len()) {
            return None;
        }
        let after_colon = rest.strip_prefix(':');
        Some(Self {
            offset: u64::from_str_radix(digits, 16).ok()?,
            has_colon: after_colon.is_some(),
            rest: after_colon.unwrap_or(rest),
        })
    }

    /// Appends its bytes, `most` at most. Behind a gap there are characters.
    fn push_bytes(&self, most: usize, bytes: &mut Vec<u8>) {
        let end = bytes.len().saturating_add(most);
        let mut rest = self.rest.trim_start();
        while let Some(found) = rest
            .split(char::is_whitespace)
            .next()
            .and_then(|word| bytes_of(word.chars()))
            && !found.is_empty()
        {
            if bytes.len().saturating_add(found.len()) > end {
                break;
            }
            let digits = found.len().saturating_mul(2);
            bytes.extend(found);
            let behind = rest.get(digits..).unwrap_or_default();
            rest = behind.trim_start();
            if behind.len().saturating_sub(rest.len()) > WIDEST_GAP {
                break;
            }
        }
    }
}

/// Spaces between two bytes of a line: `hexdump -C` has two in the middle.
const WIDEST_GAP: usize = 2;

/// The bytes of hexadecimal digits.
pub(super) fn bytes_of(digits: impl Iterator<Item = char>) -> Option<Vec<u8>> {
    let digits: Vec<u8> = digits
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect::<Option<_>>()?;
    let (pairs, []) = digits.as_chunks::<2>() else {
        return None;
    };
    Some(pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(text: &str) -> Option<Vec<u8>> {
        read(text).map(|dump| dump.bytes)
    }

    #[test]
    fn the_dumps_of_five_tools_are_read() {
        let expected: Vec<u8> = (0x61..=0x66).cycle().take(18).collect();
        for text in [
            "00000000: 6162 6364 6566 6162 6364 6566 6162 6364  abcdefabcdefabcd\n\
             00000010: 6566                                     ef\n",
            "00000000  61 62 63 64 65 66 61 62  63 64 65 66 61 62 63 64  |abcdefabcdefabcd|\n\
             00000010  65 66                                             |ef|\n\
             00000012\n",
            "000000 61 62 63 64 65 66 61 62 63 64 65 66 61 62 63 64\n000010 65 66\n000012\n",
            "0000   61 62 63 64 65 66 61 62 63 64 65 66 61 62 63 64   abcdefabcdefabcd\n\
             0010   65 66                                             ef\n",
            "   Label: String (System.String) <2F3AF4E3>\n\n\
             \x20         Offset Bytes                                           Ascii\n\
             \x20                00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F\n\
             \x20         ------ ----------------------------------------------- -----\n\
             0000000000000000 61 62 63 64 65 66 61 62 63 64 65 66 61 62 63 64 abcdefabcdefabcd\n\
             0000000000000010 65 66                                           ef\n",
        ] {
            assert_eq!(bytes(text).as_ref(), Some(&expected), "{text}");
            assert!(read(text).unwrap().is_certain);
        }
    }

    #[test]
    fn a_single_line_has_as_many_bytes_as_usual() {
        let line = "00000000: 6162 6364 6566 6162 6364 6566 6162 6364  6162636465666162";
        assert_eq!(bytes(line).unwrap().len(), 16);
        let digits = "00000000 00000001 00000000";
        assert!(!read(digits).unwrap().is_certain, "it may be digits alone");
    }

    #[test]
    fn other_text_is_no_dump() {
        for text in [
            "",
            "hello",
            "0000",
            "0000 hello",
            "00000010: 6162",
            "00000000: 6162\n00000003: 6162",
            "00000000: 6162\nhello",
            "AAAAAAAAAAEAAAAAAAAAAAMAAADKAgAAAAIAAQAz",
        ] {
            assert_eq!(bytes(text), None, "{text}");
        }
    }
}
