//! What is in a value, one after another: entries, properties and items.

use std::borrow::Cow;
use std::collections::HashSet;

use ::serde::de::value::BorrowedStrDeserializer;
use ::serde::de::{DeserializeSeed, MapAccess, SeqAccess};

use super::{From, text};
use crate::convert::ConvertError;
use crate::value::eq_ignore_case;
use crate::{Member, Object, PsString, Value};

/// The entries of a dictionary, or the properties of any other object.
pub(super) struct Pairs<'de, 'o> {
    from: From<'de, 'o>,
    fields: &'static [&'static str],
    pairs: std::vec::IntoIter<(Key<'de>, &'de Value)>,
    /// The key that was read last, and its value.
    current: Option<(Current<'de>, &'de Value)>,
}

impl<'de, 'o> Pairs<'de, 'o> {
    /// What `from`, which is `object`, has in it. Keys that are one of the `fields` but for case
    /// are given as that field.
    pub(super) fn new(
        from: From<'de, 'o>,
        object: &'de Object,
        fields: &'static [&'static str],
    ) -> Self {
        let pairs = match object.entries() {
            Some(entries) => entries
                .iter()
                .map(|(key, value)| (Key::Value(key), value))
                .collect(),
            None => named(object),
        };
        Self {
            from,
            fields,
            pairs: pairs.into_iter(),
            current: None,
        }
    }
}

impl<'de> MapAccess<'de> for Pairs<'de, '_> {
    type Error = ConvertError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, ConvertError> {
        let Some((key, value)) = self.pairs.next() else {
            return Ok(None);
        };
        let name = match key {
            Key::Name(name) => Some(name),
            Key::Value(key) => key.as_string(),
        };
        match (name, key) {
            (Some(name), _) => {
                let name = known(text(name)?, self.fields);
                self.current = Some((Current::Name(name.into()), value));
                seed.deserialize(BorrowedStrDeserializer::new(name))
                    .map(Some)
            }
            (None, Key::Value(key)) => {
                self.current = Some((Current::Key(key), value));
                seed.deserialize(self.from.inside(key)).map(Some)
            }
            (None, Key::Name(_)) => Err(ConvertError::new("a property has no name")),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, ConvertError> {
        let Some((name, value)) = self.current.take() else {
            return Err(ConvertError::new("a value was asked for before its key"));
        };
        seed.deserialize(self.from.inside(value))
            .map_err(|error| match name {
                Current::Name(name) => error.in_property(&name),
                Current::Key(key) => error.in_entry(key),
            })
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.pairs.len())
    }
}

/// How an error names the entry.
enum Current<'de> {
    Name(Cow<'de, str>),
    Key(&'de Value),
}

enum Key<'de> {
    Name(&'de PsString),
    Value(&'de Value),
}

/// The items of a list.
pub(super) struct Items<'de, 'o> {
    from: From<'de, 'o>,
    items: std::slice::Iter<'de, Value>,
    index: usize,
}

impl<'de, 'o> Items<'de, 'o> {
    pub(super) fn new(from: From<'de, 'o>, items: &'de [Value]) -> Self {
        Self {
            from,
            items: items.iter(),
            index: 0,
        }
    }
}

impl<'de> SeqAccess<'de> for Items<'de, '_> {
    type Error = ConvertError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, ConvertError> {
        let Some(item) = self.items.next() else {
            return Ok(None);
        };
        let index = self.index;
        self.index = index.saturating_add(1);
        seed.deserialize(self.from.inside(item))
            .map(Some)
            .map_err(|error| error.in_item(index))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

/// The spelling that serde knows for a name that PowerShell spells in some case.
pub(super) fn known<'n>(name: &'n str, names: &'static [&'static str]) -> &'n str {
    if names.contains(&name) {
        return name;
    }
    names
        .iter()
        .find(|known| eq_ignore_case(known, name))
        .copied()
        .unwrap_or(name)
}

/// The properties of an object, each name once: the one that [`Object::get`] would find.
fn named<'de>(object: &'de Object) -> Vec<(Key<'de>, &'de Value)> {
    let extended = object
        .extended
        .iter()
        .flatten()
        .rev()
        .filter_map(|member| match member {
            Member::Property(property) => Some(property),
            Member::Set(..) => None,
        });
    let adapted = object.adapted.iter().flatten().rev();
    let mut seen = HashSet::new();
    let mut pairs: Vec<_> = extended
        .chain(adapted)
        .filter(|property| seen.insert(property.name.to_string_lossy().to_lowercase()))
        .map(|property| (Key::Name(&property.name), &property.value))
        .collect();
    pairs.reverse();
    pairs
}
