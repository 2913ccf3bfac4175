//! Immutable text that counts as .NET counts.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use super::fold::Name;

/// Shared text, valid UTF-8 inside, with length and positions in UTF-16 units outside, as scripts see them.
#[derive(Clone)]
pub struct Text {
    text: Arc<str>,
    ascii: bool,
}

impl Text {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether every character is one byte and one unit.
    #[must_use]
    pub fn is_ascii_text(&self) -> bool {
        self.ascii
    }

    /// The length in UTF-16 units: what `.Length` gives.
    #[must_use]
    pub fn utf16_len(&self) -> usize {
        if self.ascii {
            self.text.len()
        } else {
            self.text.chars().map(char::len_utf16).sum()
        }
    }

    /// The UTF-16 unit at `index`.
    #[must_use]
    pub fn unit(&self, index: usize) -> Option<u16> {
        if self.ascii {
            self.text.as_bytes().get(index).map(|byte| u16::from(*byte))
        } else {
            self.text.encode_utf16().nth(index)
        }
    }

    /// All UTF-16 units.
    #[must_use]
    pub fn units(&self) -> Vec<u16> {
        self.text.encode_utf16().collect()
    }

    /// Text from UTF-16 units; a lone surrogate becomes U+FFFD, since text here is always valid.
    #[must_use]
    pub fn from_units(units: &[u16]) -> Self {
        String::from_utf16_lossy(units).into()
    }

    /// The part of `length` units from `start`; `None` if it reaches past the end.
    #[must_use]
    pub fn substring(&self, start: usize, length: usize) -> Option<Self> {
        let end = start.checked_add(length)?;
        if self.ascii {
            return self.text.get(start..end).map(Self::from);
        }
        let units = self.units();
        units.get(start..end).map(Self::from_units)
    }

    /// The unit position of the byte position `byte`.
    #[must_use]
    pub fn unit_index(&self, byte: usize) -> usize {
        if self.ascii {
            byte
        } else {
            self.text
                .get(..byte)
                .map_or(0, |head| head.chars().map(char::len_utf16).sum())
        }
    }

    /// The byte position of the unit position `unit`; one inside a surrogate pair gives the start of the character.
    #[must_use]
    pub fn byte_index(&self, unit: usize) -> Option<usize> {
        if self.ascii {
            return (unit <= self.text.len()).then_some(unit);
        }
        let mut units = 0;
        for (byte, c) in self.text.char_indices() {
            if units >= unit || units + c.len_utf16() > unit {
                return Some(byte);
            }
            units += c.len_utf16();
        }
        (units >= unit).then_some(self.text.len())
    }

    /// The shared allocation.
    #[must_use]
    pub fn shared(&self) -> Arc<str> {
        Arc::clone(&self.text)
    }

    /// This text as a name.
    #[must_use]
    pub fn to_name(&self) -> Name {
        Name::from(self.shared())
    }
}

impl Default for Text {
    fn default() -> Self {
        Self {
            text: Arc::from(""),
            ascii: true,
        }
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self {
            ascii: text.is_ascii(),
            text: text.into(),
        }
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self {
            ascii: text.is_ascii(),
            text: text.into(),
        }
    }
}

impl From<Arc<str>> for Text {
    fn from(text: Arc<str>) -> Self {
        Self {
            ascii: text.is_ascii(),
            text,
        }
    }
}

impl From<&Name> for Text {
    fn from(name: &Name) -> Self {
        name.shared().into()
    }
}

impl From<char> for Text {
    fn from(c: char) -> Self {
        Self::from(&*c.encode_utf8(&mut [0; 4]))
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Text {}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        &*self.text == other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        &*self.text == *other
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.text, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_and_positions_count_utf16_units() {
        let text = Text::from("a😀b");
        assert_eq!(text.utf16_len(), 4);
        assert_eq!(text.unit(3), Some(u16::from(b'b')));
        assert_eq!(text.substring(1, 2).as_deref(), Some("😀"));
        assert_eq!(text.byte_index(3), Some(5));
        assert_eq!(text.unit_index(5), 3);
        assert_eq!(text.substring(3, 2), None);
    }
}
