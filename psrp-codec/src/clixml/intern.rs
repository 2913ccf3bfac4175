//! Names that come again and again are kept once.

use std::hash::{BuildHasher, Hasher, RandomState};

use crate::{PsString, TypeNames};

/// Remembers names of properties and lists of type names, a bounded number of each.
///
/// Each name has one place that it can be in, and the newest takes it; so a lookup is one
/// comparison, whatever a peer sends.
#[derive(Debug, Default)]
pub(super) struct Interner {
    names: Vec<PsString>,
    lists: Vec<Option<(Box<str>, TypeNames)>>,
    wanted: usize,
    hasher: RandomState,
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

    #[inline]
    pub(super) fn name(&mut self, text: &str) -> PsString {
        if self.wanted == 0 || text.len() > LONGEST_NAME || text.is_empty() {
            return text.into();
        }
        if self.names.is_empty() {
            self.names.resize(self.wanted, PsString::EMPTY);
        }
        let place = quick_hash(text.as_bytes()) & self.wanted.saturating_sub(1);
        match self.names.get_mut(place) {
            Some(known) if known.as_str() == Some(text) => known.clone(),
            Some(place) => {
                *place = text.into();
                place.clone()
            }
            None => text.into(),
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
        // Lists are few and long, so they get a hash that a peer cannot foresee.
        let mut hasher = self.hasher.build_hasher();
        hasher.write(raw.as_bytes());
        let place =
            usize::try_from(hasher.finish() & (LISTS as u64).saturating_sub(1)).unwrap_or(0);
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

/// A few instructions for a short name. Names that collide only take each other's place.
#[inline]
fn quick_hash(name: &[u8]) -> usize {
    let mut hash = name.len() as u64;
    let mut rest = name;
    while let Some((chunk, after)) = rest.split_first_chunk::<8>() {
        hash = mix(hash, u64::from_le_bytes(*chunk));
        rest = after;
    }
    let mut last = [0; 8];
    for (to, from) in last.iter_mut().zip(rest) {
        *to = *from;
    }
    hash = mix(hash, u64::from_le_bytes(last));
    usize::try_from(hash >> 40).unwrap_or(0)
}

#[inline]
fn mix(hash: u64, word: u64) -> u64 {
    (hash.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_once_and_forgotten_when_its_place_is_taken() {
        let mut interner = Interner::lasting();
        for round in 0..3 {
            for number in 0..5000 {
                let name = format!("name{number}");
                assert_eq!(interner.name(&name), *name.as_str(), "round {round}");
            }
        }
        assert_eq!(interner.names.len(), 1024);
    }
}
