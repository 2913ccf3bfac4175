//! Text without regard to case: names of variables, members, commands and the keys of `@{}`.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use indexmap::Equivalent;

/// A name that equals itself in any case, and keeps the case it was first written in.
#[derive(Clone, Debug)]
pub struct Name(Arc<str>);

/// A borrowed name, for looking up without allocating.
#[derive(Clone, Copy, Debug)]
pub struct FoldedStr<'a>(pub &'a str);

impl Name {
    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The shared text.
    #[must_use]
    pub fn shared(&self) -> Arc<str> {
        Arc::clone(&self.0)
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<Arc<str>> for Name {
    fn from(text: Arc<str>) -> Self {
        Self(text)
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        equal_folded(&self.0, &other.0)
    }
}

impl Eq for Name {}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        hash_folded(&self.0, state);
    }
}

impl Hash for FoldedStr<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        hash_folded(self.0, state);
    }
}

impl Equivalent<Name> for FoldedStr<'_> {
    fn equivalent(&self, key: &Name) -> bool {
        equal_folded(self.0, &key.0)
    }
}

/// Upper case where that is one character, as .NET's ordinal comparison folds.
pub(crate) fn fold_char(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_uppercase();
    }
    let mut upper = c.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(single), None) => single,
        _ => c,
    }
}

/// Lower case where that is one character.
pub(crate) fn lower_char(c: char) -> char {
    let mut lower = c.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(single), None) => single,
        _ => c,
    }
}

/// Whether both are the same text, case aside.
#[must_use]
pub fn equal_folded(a: &str, b: &str) -> bool {
    if a.is_ascii() && b.is_ascii() {
        return a.eq_ignore_ascii_case(b);
    }
    a.chars().map(fold_char).eq(b.chars().map(fold_char))
}

/// Orders by upper-cased characters.
#[must_use]
pub fn compare_folded(a: &str, b: &str) -> Ordering {
    a.chars().map(fold_char).cmp(b.chars().map(fold_char))
}

/// Feeds `text` to `state` so that texts which are [`equal_folded`] hash alike.
pub(crate) fn hash_folded<H: Hasher>(text: &str, state: &mut H) {
    let mut buffer = [0_u8; 64];
    if text.len() <= buffer.len() && text.is_ascii() {
        let folded = &mut buffer[..text.len()];
        folded.copy_from_slice(text.as_bytes());
        folded.make_ascii_uppercase();
        state.write(folded);
    } else {
        // In pieces of the same size as above, so that the hasher sees the same bytes for the same folded text.
        let mut filled = 0;
        for c in text.chars() {
            let mut encoded = [0_u8; 4];
            for byte in fold_char(c).encode_utf8(&mut encoded).bytes() {
                if filled == buffer.len() {
                    state.write(&buffer);
                    filled = 0;
                }
                buffer[filled] = byte;
                filled += 1;
            }
        }
        state.write(&buffer[..filled]);
    }
    state.write_u8(0xff);
}

#[cfg(test)]
mod tests {
    use std::hash::BuildHasher;
    use std::hash::RandomState;

    use super::*;

    #[test]
    fn names_that_differ_only_in_case_hash_alike() {
        let state = RandomState::new();
        for (a, b) in [
            ("Name", "NAME"),
            ("straße", "STRAßE"),
            ("naïve", "NAÏVE"),
            (&*"x".repeat(200), &*"X".repeat(200)),
        ] {
            assert!(equal_folded(a, b), "{a} {b}");
            assert_eq!(
                state.hash_one(Name::from(a)),
                state.hash_one(FoldedStr(b)),
                "{a}"
            );
        }
        assert!(!equal_folded("a", "b"));
    }
}
