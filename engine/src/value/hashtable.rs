//! Hashtables, ordered dictionaries and generic dictionaries.

use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use indexmap::{Equivalent, IndexMap};

use super::Value;
use super::burial::bury;
use super::fold::{equal_folded, hash_folded};
use super::object::Extended;
use super::types::{TypeId, TypeRef};

/// Which dictionary this is.
#[derive(Clone, Debug)]
pub enum HashKind {
    /// `System.Collections.Hashtable`.
    Hashtable,
    /// `System.Collections.Specialized.OrderedDictionary`.
    Ordered,
    /// A generic dictionary: `Dictionary<K,V>`, `SortedDictionary<K,V>`, `SortedList<K,V>`, `ConcurrentDictionary<K,V>`.
    Generic {
        /// The generic type.
        definition: TypeId,
        /// The type of the keys.
        key: TypeRef,
        /// The type of the values.
        value: TypeRef,
    },
}

/// A dictionary that keeps the order of insertion.
#[derive(Debug)]
pub struct Hashtable {
    kind: HashKind,
    ignore_case: bool,
    entries: RwLock<IndexMap<HashKey, Value>>,
    changes: AtomicU32,
    extended: Extended,
}

/// A key: a value together with whether case counts in it.
#[derive(Clone, Debug)]
pub struct HashKey {
    value: Value,
    ignore_case: bool,
}

impl HashKey {
    /// A key of `value`.
    #[must_use]
    pub fn new(value: Value, ignore_case: bool) -> Self {
        Self {
            value: plain_key(value),
            ignore_case,
        }
    }

    /// The value.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }
}

struct LookupKey<'a> {
    value: &'a Value,
    ignore_case: bool,
}

/// Looks up text without making a value of it.
struct LookupText<'a> {
    text: &'a str,
    ignore_case: bool,
}

impl Hashtable {
    /// What `@{}` makes: a hashtable in whose string keys case does not count.
    #[must_use]
    pub fn new() -> Self {
        Self::of_kind(HashKind::Hashtable, true)
    }

    /// What `[ordered]@{}` makes.
    #[must_use]
    pub fn ordered() -> Self {
        Self::of_kind(HashKind::Ordered, true)
    }

    /// A dictionary of `kind`.
    #[must_use]
    pub fn of_kind(kind: HashKind, ignore_case: bool) -> Self {
        Self {
            kind,
            ignore_case,
            entries: RwLock::default(),
            changes: AtomicU32::new(0),
            extended: Extended::default(),
        }
    }

    /// Which dictionary this is.
    #[must_use]
    pub fn kind(&self) -> &HashKind {
        &self.kind
    }

    /// Whether entries can be reached by position.
    #[must_use]
    pub fn is_ordered(&self) -> bool {
        matches!(self.kind, HashKind::Ordered)
    }

    /// Whether case does not count in string keys.
    #[must_use]
    pub fn ignores_case(&self) -> bool {
        self.ignore_case
    }

    /// Sets the value of `key` and gives the one that it had.
    pub fn insert(&self, key: Value, value: Value) -> Option<Value> {
        let key = HashKey {
            value: plain_key(key),
            ignore_case: self.ignore_case,
        };
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        self.changes.fetch_add(1, Ordering::Relaxed);
        let old = entries.insert(key, value);
        if let HashKind::Generic {
            definition: TypeId::SortedDictionary | TypeId::SortedList,
            ..
        } = self.kind
        {
            entries.sort_by(|a, _, b, _| natural_order(&a.value, &b.value));
        }
        drop(entries);
        old
    }

    /// Puts an entry at a position of an ordered dictionary; false if the position is past the end or the key is there already.
    pub fn insert_at(&self, index: usize, key: Value, value: Value) -> bool {
        let key = HashKey {
            value: plain_key(key),
            ignore_case: self.ignore_case,
        };
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        if index > entries.len() || entries.contains_key(&key) {
            return false;
        }
        self.changes.fetch_add(1, Ordering::Relaxed);
        entries.shift_insert(index, key, value);
        true
    }

    /// The value of `key`.
    #[must_use]
    pub fn get(&self, key: &Value) -> Option<Value> {
        self.read()
            .get(&LookupKey {
                value: key.base(),
                ignore_case: self.ignore_case,
            })
            .cloned()
    }

    /// The value of a string key.
    #[must_use]
    pub fn get_text(&self, key: &str) -> Option<Value> {
        self.read()
            .get(&LookupText {
                text: key,
                ignore_case: self.ignore_case,
            })
            .cloned()
    }

    /// Whether `key` is there.
    #[must_use]
    pub fn contains(&self, key: &Value) -> bool {
        self.read().contains_key(&LookupKey {
            value: key.base(),
            ignore_case: self.ignore_case,
        })
    }

    /// The entry at a position.
    #[must_use]
    pub fn entry_at(&self, index: usize) -> Option<(Value, Value)> {
        self.read()
            .get_index(index)
            .map(|(key, value)| (key.value.clone(), value.clone()))
    }

    /// Replaces the value at a position; false if there is none.
    pub fn set_at(&self, index: usize, value: Value) -> bool {
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        let old = match entries.get_index_mut(index) {
            Some((_, slot)) => std::mem::replace(slot, value),
            None => return false,
        };
        drop(entries);
        drop(old);
        true
    }

    /// Takes out the entry of `key`.
    pub fn remove(&self, key: &Value) -> Option<Value> {
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        let index = entries.get_index_of(&LookupKey {
            value: key.base(),
            ignore_case: self.ignore_case,
        })?;
        self.changes.fetch_add(1, Ordering::Relaxed);
        // A hashtable has no promised order, so emptying a large one need not cost the square of its size.
        let keeps_order = !matches!(self.kind, HashKind::Hashtable) || entries.len() <= 256;
        let removed = if keeps_order {
            entries.shift_remove_index(index)
        } else {
            entries.swap_remove_index(index)
        };
        drop(entries);
        removed.map(|(_, value)| value)
    }

    /// Takes out the entry at a position; false if there is none.
    pub fn remove_at(&self, index: usize) -> bool {
        let removed = self
            .entries
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .shift_remove_index(index);
        self.changes.fetch_add(1, Ordering::Relaxed);
        removed.is_some()
    }

    /// Takes out everything.
    pub fn clear(&self) {
        let old =
            std::mem::take(&mut *self.entries.write().unwrap_or_else(PoisonError::into_inner));
        self.changes.fetch_add(1, Ordering::Relaxed);
        drop(old);
    }

    /// A copy of the entries in order.
    #[must_use]
    pub fn entries(&self) -> Vec<(Value, Value)> {
        self.read()
            .iter()
            .map(|(key, value)| (key.value.clone(), value.clone()))
            .collect()
    }

    /// A copy of the keys in order.
    #[must_use]
    pub fn keys(&self) -> Vec<Value> {
        self.read().keys().map(|key| key.value.clone()).collect()
    }

    /// A copy of the values in order.
    #[must_use]
    pub fn values(&self) -> Vec<Value> {
        self.read().values().cloned().collect()
    }

    /// The same entries in another dictionary of the same kind.
    #[must_use]
    pub fn copy(&self) -> Self {
        Self {
            kind: self.kind.clone(),
            ignore_case: self.ignore_case,
            entries: RwLock::new(self.read().clone()),
            changes: AtomicU32::new(0),
            extended: Extended::default(),
        }
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.read().len()
    }

    /// Whether there are no entries.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.read().is_empty()
    }

    /// How often the dictionary was changed; an enumeration that sees another number than at its start has to fail.
    #[must_use]
    pub fn changes(&self) -> u32 {
        self.changes.load(Ordering::Relaxed)
    }

    /// The type of the dictionary.
    #[must_use]
    pub fn type_ref(&self) -> TypeRef {
        match &self.kind {
            HashKind::Hashtable => TypeRef::of(TypeId::Hashtable),
            HashKind::Ordered => TypeRef::of(TypeId::OrderedDictionary),
            HashKind::Generic {
                definition,
                key,
                value,
            } => TypeRef::generic(*definition, vec![key.clone(), value.clone()]),
        }
    }

    /// Members that a script added.
    #[must_use]
    pub fn extended(&self) -> &Extended {
        &self.extended
    }

    fn read(&self) -> RwLockReadGuard<'_, IndexMap<HashKey, Value>> {
        self.entries.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn take_items(&mut self) -> Vec<Value> {
        let entries = std::mem::take(
            self.entries
                .get_mut()
                .unwrap_or_else(PoisonError::into_inner),
        );
        entries
            .into_iter()
            .flat_map(|(key, value)| [key.value, value])
            .collect()
    }
}

impl Default for Hashtable {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Hashtable {
    fn drop(&mut self) {
        bury(self.take_items());
    }
}

/// Wrapped scalars are stored bare: their extra members are no part of the key.
fn plain_key(key: Value) -> Value {
    match &key {
        Value::Object(object) if !object.is_custom() => object.base().clone(),
        _ => key,
    }
}

impl PartialEq for HashKey {
    fn eq(&self, other: &Self) -> bool {
        same_key(&self.value, &other.value, self.ignore_case)
    }
}

impl Eq for HashKey {}

impl Hash for HashKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        hash_value(&self.value, self.ignore_case, state);
    }
}

impl Hash for LookupKey<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        hash_value(self.value, self.ignore_case, state);
    }
}

impl Equivalent<HashKey> for LookupKey<'_> {
    fn equivalent(&self, key: &HashKey) -> bool {
        same_key(self.value, &key.value, self.ignore_case)
    }
}

impl Hash for LookupText<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        hash_text(self.text, self.ignore_case, state);
    }
}

impl Equivalent<HashKey> for LookupText<'_> {
    fn equivalent(&self, key: &HashKey) -> bool {
        matches!(&key.value, Value::String(text) if same_text(self.text, text, self.ignore_case))
    }
}

fn same_text(a: &str, b: &str, ignore_case: bool) -> bool {
    if ignore_case {
        equal_folded(a, b)
    } else {
        a == b
    }
}

/// What `Equals` says: the same type and the same value. `1` and `1L` are different keys, and so are `'a'` and `[char]'a'`.
pub(super) fn same_key(a: &Value, b: &Value, ignore_case: bool) -> bool {
    match (a, b) {
        (Value::String(a), Value::String(b)) => same_text(a, b, ignore_case),
        (Value::Null, Value::Null) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Byte(a), Value::Byte(b)) => a == b,
        (Value::SByte(a), Value::SByte(b)) => a == b,
        (Value::Int16(a), Value::Int16(b)) => a == b,
        (Value::UInt16(a), Value::UInt16(b)) | (Value::Char(a), Value::Char(b)) => a == b,
        (Value::Int32(a), Value::Int32(b)) => a == b,
        (Value::UInt32(a), Value::UInt32(b)) => a == b,
        (Value::Int64(a), Value::Int64(b)) => a == b,
        (Value::UInt64(a), Value::UInt64(b)) => a == b,
        (Value::Single(a), Value::Single(b)) => a == b || a.is_nan() && b.is_nan(),
        (Value::Double(a), Value::Double(b)) => a == b || a.is_nan() && b.is_nan(),
        (Value::Decimal(a), Value::Decimal(b)) => a == b,
        (Value::BigInt(a), Value::BigInt(b)) => a == b,
        (Value::DateTime(a), Value::DateTime(b)) => a.ticks == b.ticks,
        (Value::TimeSpan(a), Value::TimeSpan(b)) => a == b,
        (Value::Guid(a), Value::Guid(b)) => a == b,
        (Value::Version(a), Value::Version(b)) => a == b,
        (Value::Enum(a), Value::Enum(b)) => a.bits == b.bits && a.ty == b.ty,
        (Value::Type(a), Value::Type(b)) => a == b,
        (Value::Clr(x), Value::Clr(y)) => a.same_reference(b) || x.equals(y.as_ref()) == Some(true),
        (a, b) => a.same_reference(b),
    }
}

/// The order in which sorted dictionaries keep their keys.
fn natural_order(a: &Value, b: &Value) -> std::cmp::Ordering {
    match (a, b) {
        (Value::String(a), Value::String(b)) => super::collation::compare(a, b, false),
        (a, b) => super::ops::number_order(a, b).unwrap_or(std::cmp::Ordering::Equal),
    }
}

fn hash_text<H: Hasher>(text: &str, ignore_case: bool, state: &mut H) {
    state.write_u8(b's');
    if ignore_case {
        hash_folded(text, state)
    } else {
        text.hash(state)
    }
}

fn hash_value<H: Hasher>(value: &Value, ignore_case: bool, state: &mut H) {
    match value {
        Value::String(text) => return hash_text(text, ignore_case, state),
        Value::Type(_) | Value::Clr(_) => {}
        other => std::mem::discriminant(other).hash(state),
    }
    match value {
        Value::Bool(value) => value.hash(state),
        Value::Byte(value) => value.hash(state),
        Value::SByte(value) => value.hash(state),
        Value::Int16(value) => value.hash(state),
        Value::UInt16(value) | Value::Char(value) => value.hash(state),
        Value::Int32(value) => value.hash(state),
        Value::UInt32(value) => value.hash(state),
        Value::Int64(value) => value.hash(state),
        Value::UInt64(value) => value.hash(state),
        // 0.0 equals -0.0 and NaN equals itself as a key.
        Value::Single(value) => hash_float(f64::from(*value), state),
        Value::Double(value) => hash_float(*value, state),
        Value::Decimal(value) => value.hash(state),
        Value::BigInt(value) => value.hash(state),
        Value::DateTime(value) => value.ticks.hash(state),
        Value::TimeSpan(value) => value.hash(state),
        Value::Guid(value) => value.hash(state),
        Value::Version(value) => value.hash(state),
        Value::Enum(value) => value.bits.hash(state),
        Value::Type(ty) => hash_folded(&ty.full_name(), state),
        Value::Array(value) => std::sync::Arc::as_ptr(value).hash(state),
        Value::List(value) => std::sync::Arc::as_ptr(value).hash(state),
        Value::Hash(value) => std::sync::Arc::as_ptr(value).hash(state),
        Value::ScriptBlock(value) => std::sync::Arc::as_ptr(value).hash(state),
        Value::Object(value) => std::sync::Arc::as_ptr(value).hash(state),
        // Objects that are equal without being the same must hash alike; their type and text are as near as can be had.
        Value::Clr(value) => value.text().hash(state),
        Value::Null | Value::Nothing | Value::String(_) => {}
    }
}

fn hash_float<H: Hasher>(value: f64, state: &mut H) {
    let canonical = if value == 0.0 {
        0.0
    } else if value.is_nan() {
        f64::NAN
    } else {
        value
    };
    canonical.to_bits().hash(state);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_of_string_keys_does_not_count_and_other_types_are_other_keys() {
        let table = Hashtable::new();
        table.insert("Key".into(), Value::Int32(1));
        table.insert(Value::Int32(1), "int".into());
        table.insert(Value::Int64(1), "long".into());
        table.insert(Value::Char(u16::from(b'k')), "char".into());
        assert_eq!(table.len(), 4);
        assert!(matches!(table.get(&"KEY".into()), Some(Value::Int32(1))));
        assert!(matches!(table.get_text("key"), Some(Value::Int32(1))));
        assert!(table.get(&"k".into()).is_none());
        assert!(table.remove(&"kEY".into()).is_some());
        assert_eq!(table.len(), 3);
    }
}
