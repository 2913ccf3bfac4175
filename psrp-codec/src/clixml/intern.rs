//! Names that come again and again are kept once.

use super::known_names::known;
use super::text::Room;
use crate::{PsString, TypeNames};

/// Remembers names of properties and lists of type names, a bounded number of each.
///
/// Each name has two places that it can be in, and the newest takes the first; so a lookup is two
/// comparisons at most, whatever a peer sends. Names that collide only take each other's place.
#[derive(Debug, Default)]
pub(super) struct Interner {
    names: Vec<Known>,
    lists: Vec<Option<(Box<str>, TypeNames)>>,
    /// How many names to remember: a power of two, or none.
    wanted: usize,
    /// The lists of the value that is being built, by their number.
    pub(super) numbered: Vec<Option<TypeNames>>,
    /// Where texts are decoded before it is known how long they are.
    pub(super) room: Room,
}

/// A name with what tells it from most others, so that those are not looked at.
#[derive(Clone, Debug, Default)]
struct Known {
    length: usize,
    /// The first sixteen bytes, filled up with zeros.
    head: u128,
    name: PsString,
}

/// Longer names are seldom seen twice.
const LONGEST_NAME: usize = 64;
/// Longer lists of names would make the memory that is kept depend on the peer.
const LONGEST_LIST: usize = 4096;
/// A power of two.
const LISTS: usize = 128;

impl Interner {
    /// One that lives for a value of `count` elements: for a small one, remembering costs more
    /// than it saves.
    pub(super) fn for_elements(count: usize) -> Self {
        Self {
            wanted: if count < 48 { 0 } else { 256 },
            ..Self::default()
        }
    }

    /// One that lives for many values.
    pub(super) fn lasting() -> Self {
        Self {
            wanted: 1024,
            ..Self::default()
        }
    }

    /// Lays the name `text` down in a `place` that is empty so far. The input from where it stands
    /// on, if it stands there, is read sixteen bytes at a time.
    #[inline]
    pub(super) fn name(&mut self, text: &str, input: Option<&[u8]>, place: &mut PsString) {
        let length = text.len();
        let head = match input.and_then(|input| input.first_chunk()) {
            Some(chunk) => u128::from_le_bytes(*chunk) & mask(length),
            None => head(text.as_bytes()),
        };
        let at = place_of_name(text.as_bytes(), head) & self.wanted.saturating_sub(1);
        for at in [at, at ^ 1] {
            if let Some(known) = self.names.get(at)
                && known.length == length
                && known.head == head
                && (length <= 16 || known.name.as_str() == Some(text))
            {
                std::mem::forget(std::mem::replace(place, known.name.clone()));
                return;
            }
        }
        self.new_name(text, head, at, place);
    }

    #[inline(never)]
    fn new_name(&mut self, text: &str, head: u128, at: usize, place: &mut PsString) {
        *place = match known(text) {
            Some(name) => PsString::from_static(name),
            None => PsString::from(text),
        };
        if text.len() > LONGEST_NAME || self.wanted == 0 {
            return;
        }
        if self.names.is_empty() {
            self.names.resize(self.wanted, Known::default());
        }
        let new = Known {
            length: text.len(),
            head,
            name: place.clone(),
        };
        let Some(first) = self.names.get_mut(at) else {
            return;
        };
        let before = std::mem::replace(first, new);
        if let Some(second) = self.names.get_mut(at ^ 1)
            && before.length > 0
        {
            *second = before;
        }
    }

    /// The list that is written as `raw`.
    #[inline]
    pub(super) fn list(&mut self, raw: &str, make: impl FnOnce() -> TypeNames) -> TypeNames {
        if self.wanted == 0 || raw.len() > LONGEST_LIST {
            return make();
        }
        if self.lists.is_empty() {
            self.lists.resize(LISTS, None);
        }
        let place = place_of_list(raw.as_bytes()) & LISTS.saturating_sub(1);
        match self.lists.get_mut(place) {
            Some(Some((known, list))) if **known == *raw => list.clone(),
            Some(place) => {
                let list = make();
                *place = Some((raw.into(), list.clone()));
                list
            }
            None => make(),
        }
    }
}

/// The first sixteen bytes.
fn head(text: &[u8]) -> u128 {
    let mut head = [0; 16];
    for (to, from) in head.iter_mut().zip(text) {
        *to = *from;
    }
    u128::from_le_bytes(head)
}

/// Which of sixteen bytes belong to a text of `length` bytes.
#[inline]
fn mask(length: usize) -> u128 {
    const MASKS: [u128; 16] = {
        let mut masks = [0; 16];
        let mut length = 1;
        #[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
        while length < 16 {
            masks[length] = masks[length - 1] << 8 | 0xFF;
            length += 1;
        }
        masks
    };
    MASKS.get(length).copied().unwrap_or(u128::MAX)
}

/// A few instructions for a short name: most differ in the first sixteen bytes, and the others in
/// their length or in the last eight.
#[inline]
#[expect(
    clippy::cast_possible_truncation,
    reason = "each half is taken for itself"
)]
fn place_of_name(text: &[u8], head: u128) -> usize {
    let mut hash = mix(text.len() as u64, head as u64);
    hash = mix(hash, (head >> 64) as u64);
    if let (17.., Some(last)) = (text.len(), text.last_chunk()) {
        hash = mix(hash, u64::from_le_bytes(*last));
    }
    top(hash)
}

/// The same for a list: all of it, as the names in it begin and end alike.
fn place_of_list(raw: &[u8]) -> usize {
    let mut hash = raw.len() as u64;
    let mut rest = raw;
    while let Some((chunk, after)) = rest.split_first_chunk() {
        hash = mix(hash, u64::from_le_bytes(*chunk));
        rest = after;
    }
    if let Some(last) = raw.last_chunk() {
        hash = mix(hash, u64::from_le_bytes(*last));
    }
    top(hash)
}

#[inline]
fn mix(hash: u64, word: u64) -> u64 {
    (hash.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95)
}

/// The bits that the multiplication has mixed best.
#[inline]
fn top(hash: u64) -> usize {
    usize::try_from(hash >> 40).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(interner: &mut Interner, text: &str, input: Option<&[u8]>) -> PsString {
        let mut name = PsString::EMPTY;
        interner.name(text, input, &mut name);
        name
    }

    #[test]
    fn a_name_is_kept_once_and_forgotten_when_its_place_is_taken() {
        let mut interner = Interner::lasting();
        for round in 0..3 {
            for number in 0..5000 {
                let text = format!("name{number}");
                assert_eq!(name(&mut interner, &text, None), *text, "round {round}");
            }
        }
        assert_eq!(interner.names.len(), 1024);
    }

    #[test]
    fn a_name_is_told_from_those_that_begin_like_it() {
        let mut interner = Interner::lasting();
        let long = "NonpagedSystemMemorySize64";
        for round in 0..2 {
            for length in 0..=long.len() {
                let text = &long[..length];
                assert_eq!(name(&mut interner, text, None), *text, "round {round}");
                let input = Some(long.as_bytes());
                assert_eq!(name(&mut interner, text, input), *text, "round {round}");
            }
            for text in ["a\0", "a"] {
                assert_eq!(name(&mut interner, text, None), *text);
            }
        }
        let first = name(&mut interner, "Name", Some(b"Name\">pwsh</S></MS>"));
        let again = name(&mut interner, "Name", None);
        assert_eq!(
            first.as_str().unwrap().as_ptr(),
            again.as_str().unwrap().as_ptr()
        );
    }
}
