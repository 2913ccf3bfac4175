//! Names that come again and again are kept once.

use super::known_names::known;
use super::scan::Span;
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
    /// Where the first lists of the value before were found: those of the next one most often are
    /// the same.
    recent: [usize; RECENT],
    /// How many names to remember: a power of two, or none.
    wanted: usize,
    /// The lists of the value that is being built, by their number.
    pub(super) numbered: Vec<Option<TypeNames>>,
    /// Where texts are decoded before it is known how long they are.
    pub(super) room: Room,
}

/// A name with what tells it from others, so that most are not looked at.
#[derive(Clone, Debug, Default)]
struct Known {
    length: usize,
    ends: Ends,
    name: PsString,
}

/// The first sixteen bytes of a name, filled up with zeros, and the last sixteen of one that is
/// longer.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
struct Ends {
    head: u128,
    tail: u128,
}

/// Longer names are seldom seen twice.
const LONGEST_NAME: usize = 64;
/// Longer lists of names would make the memory that is kept depend on the peer.
const LONGEST_LIST: usize = 4096;
/// A power of two.
const LISTS: usize = 128;
const RECENT: usize = 4;

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

    /// Lays the name at `span` of `xml` down in a `place` that is empty so far.
    #[inline(always)]
    pub(super) fn name(&mut self, xml: &str, span: Span, place: &mut PsString) {
        let length = span.length();
        let text = xml.as_bytes().get(..span.end as usize);
        let head = xml.as_bytes().get(span.start as usize..);
        let (Some(text), Some(head)) = (text, head.and_then(<[u8]>::first_chunk)) else {
            return self.name_apart(span.of_str(xml), place);
        };
        let ends = Ends {
            head: u128::from_le_bytes(*head) & mask(length),
            tail: match text.last_chunk() {
                Some(tail) if length > 16 => u128::from_le_bytes(*tail),
                _ => 0,
            },
        };
        let at = ends.hash() & self.wanted.wrapping_sub(1);
        if let Some(known) = self.names.get(at)
            && known.length == length
            && known.ends == ends
            && length <= 32
        {
            place.clone_from(&known.name);
            return;
        }
        self.known_or_new(span.of_str(xml), ends, place);
    }

    /// The same for a name that stands by itself.
    #[inline(never)]
    pub(super) fn name_apart(&mut self, text: &str, place: &mut PsString) {
        let mut head = [0; 16];
        for (to, from) in head.iter_mut().zip(text.as_bytes()) {
            *to = *from;
        }
        let ends = Ends {
            head: u128::from_le_bytes(head),
            tail: match text.as_bytes().last_chunk() {
                Some(tail) if text.len() > 16 => u128::from_le_bytes(*tail),
                _ => 0,
            },
        };
        self.known_or_new(text, ends, place);
    }

    #[inline(never)]
    fn known_or_new(&mut self, text: &str, ends: Ends, place: &mut PsString) {
        let at = ends.hash() & self.wanted.wrapping_sub(1);
        for at in [at, at ^ 1] {
            if let Some(known) = self.names.get(at)
                && known.length == text.len()
                && known.ends == ends
                && (text.len() <= 32 || known.name.as_str() == Some(text))
            {
                *place = known.name.clone();
                return;
            }
        }
        self.new_name(text, ends, at, place);
    }

    fn new_name(&mut self, text: &str, ends: Ends, at: usize, place: &mut PsString) {
        *place = match known(text) {
            Some(name) => PsString::from_static(name),
            None => PsString::shared(text),
        };
        if text.len() > LONGEST_NAME || self.wanted == 0 {
            return;
        }
        if self.names.is_empty() {
            self.names.resize(self.wanted, Known::default());
        }
        let new = Known {
            length: text.len(),
            ends,
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

    /// The list that is written as `raw`, the one with this `number` in its value.
    #[inline]
    pub(super) fn list(
        &mut self,
        raw: &str,
        number: usize,
        make: impl FnOnce() -> TypeNames,
    ) -> TypeNames {
        if let Some(place) = self.recent.get(number)
            && let Some(Some((known, list))) = self.lists.get(*place)
            && **known == *raw
        {
            return list.clone();
        }
        if self.wanted == 0 || raw.len() > LONGEST_LIST {
            return make();
        }
        if self.lists.is_empty() {
            self.lists.resize(LISTS, None);
        }
        let place = place_of_list(raw.as_bytes()) & LISTS.saturating_sub(1);
        if let Some(recent) = self.recent.get_mut(number) {
            *recent = place;
        }
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

impl Ends {
    /// Two multiplications that do not wait for each other. Whoever makes names that collide gets
    /// no more than names that are not shared.
    #[inline(always)]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "each half is taken for itself"
    )]
    fn hash(self) -> usize {
        let both = self.head ^ self.tail.rotate_left(64);
        let low = (both as u64).wrapping_mul(0x517c_c1b7_2722_0a95);
        let high = ((both >> 64) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        top(low ^ high)
    }
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

/// Made of all of a list, as the names in it begin and end alike.
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

    /// The name at the beginning of `input`, or without anything around it.
    fn name(interner: &mut Interner, text: &str, input: Option<&str>) -> PsString {
        let mut name = PsString::EMPTY;
        let end = u32::try_from(text.len()).unwrap();
        match input {
            Some(input) => interner.name(input, Span { start: 0, end }, &mut name),
            None => interner.name_apart(text, &mut name),
        }
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
                let input = Some(long);
                assert_eq!(name(&mut interner, text, input), *text, "round {round}");
            }
            for text in ["a\0", "a"] {
                assert_eq!(name(&mut interner, text, None), *text);
            }
        }
        let first = name(&mut interner, "Name", Some("Name\">pwsh</S></MS>"));
        let again = name(&mut interner, "Name", None);
        assert_eq!(
            first.as_str().unwrap().as_ptr(),
            again.as_str().unwrap().as_ptr()
        );
    }
}
