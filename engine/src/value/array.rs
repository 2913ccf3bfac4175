//! Arrays, which have a fixed length, and lists, which grow.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::Value;
use super::burial::bury;
use super::object::Extended;
use super::types::{TypeId, TypeRef};

/// An array of fixed length. Its items can be replaced but their number never changes.
#[derive(Debug)]
pub struct Array {
    element: TypeRef,
    items: RwLock<Vec<Value>>,
    extended: Extended,
}

/// Which growing list this is.
#[derive(Clone, Debug)]
pub enum ListKind {
    /// `System.Collections.ArrayList`.
    ArrayList,
    /// `System.Collections.Generic.List<T>`.
    Generic(TypeRef),
    /// `System.Collections.ObjectModel.Collection<T>`.
    Collection(TypeRef),
}

/// A list that grows and shrinks.
#[derive(Debug)]
pub struct List {
    kind: ListKind,
    items: RwLock<Vec<Value>>,
    changes: AtomicU32,
    extended: Extended,
}

impl Array {
    /// An array of `element` type. The caller has converted the items already.
    #[must_use]
    pub fn new(element: TypeRef, items: Vec<Value>) -> Self {
        Self {
            element,
            items: RwLock::new(items),
            extended: Extended::default(),
        }
    }

    /// An `object[]`.
    #[must_use]
    pub fn of_objects(items: Vec<Value>) -> Self {
        Self::new(TypeRef::of(TypeId::Object), items)
    }

    /// Replaces the item at `index`; false if there is none. The caller has converted `value` to the element type.
    pub fn set(&self, index: usize, value: Value) -> bool {
        let old = match self
            .items
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .get_mut(index)
        {
            Some(slot) => std::mem::replace(slot, value),
            None => return false,
        };
        drop(old); // after the lock is gone: what is dropped may be deep
        true
    }

    /// The items in place, for changing them without changing their number. Not to be held while script code runs.
    pub fn write(&self) -> RwLockWriteGuard<'_, Vec<Value>> {
        self.items.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The items. Not to be held while script code runs.
    pub fn read(&self) -> RwLockReadGuard<'_, Vec<Value>> {
        self.items.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// A copy of the items.
    #[must_use]
    pub fn snapshot(&self) -> Vec<Value> {
        self.read().clone()
    }

    /// The item at `index`.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<Value> {
        self.read().get(index).cloned()
    }

    /// How many items there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.read().len()
    }

    /// Whether there are no items.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.read().is_empty()
    }

    /// The type of the items.
    #[must_use]
    pub fn element(&self) -> &TypeRef {
        &self.element
    }

    /// The type of the array.
    #[must_use]
    pub fn type_ref(&self) -> TypeRef {
        self.element.array_of()
    }

    /// Members that a script added.
    #[must_use]
    pub fn extended(&self) -> &Extended {
        &self.extended
    }

    pub(super) fn take_items(&mut self) -> Vec<Value> {
        std::mem::take(self.items.get_mut().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Array {
    fn drop(&mut self) {
        bury(self.take_items());
    }
}

impl List {
    /// A list of `kind` with `items`, which the caller has converted already.
    #[must_use]
    pub fn new(kind: ListKind, items: Vec<Value>) -> Self {
        Self {
            kind,
            items: RwLock::new(items),
            changes: AtomicU32::new(0),
            extended: Extended::default(),
        }
    }

    /// The items in place. Counts as a change, which ends enumerations. Not to be held while script code runs.
    pub fn write(&self) -> RwLockWriteGuard<'_, Vec<Value>> {
        self.changes.fetch_add(1, Ordering::Relaxed);
        self.items.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The items. Not to be held while script code runs.
    pub fn read(&self) -> RwLockReadGuard<'_, Vec<Value>> {
        self.items.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// How often the list was changed; an enumeration that sees another number than at its start has to fail.
    #[must_use]
    pub fn changes(&self) -> u32 {
        self.changes.load(Ordering::Relaxed)
    }

    /// A copy of the items.
    #[must_use]
    pub fn snapshot(&self) -> Vec<Value> {
        self.read().clone()
    }

    /// The item at `index`.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<Value> {
        self.read().get(index).cloned()
    }

    /// How many items there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.read().len()
    }

    /// Whether there are no items.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.read().is_empty()
    }

    /// Which list this is.
    #[must_use]
    pub fn kind(&self) -> &ListKind {
        &self.kind
    }

    /// The type that items must have, if not any.
    #[must_use]
    pub fn element(&self) -> TypeRef {
        match &self.kind {
            ListKind::ArrayList => TypeRef::of(TypeId::Object),
            ListKind::Generic(element) | ListKind::Collection(element) => element.clone(),
        }
    }

    /// The type of the list.
    #[must_use]
    pub fn type_ref(&self) -> TypeRef {
        match &self.kind {
            ListKind::ArrayList => TypeRef::of(TypeId::ArrayList),
            ListKind::Generic(element) => {
                TypeRef::generic(TypeId::GenericList, vec![element.clone()])
            }
            ListKind::Collection(element) => {
                TypeRef::generic(TypeId::Collection, vec![element.clone()])
            }
        }
    }

    /// Members that a script added.
    #[must_use]
    pub fn extended(&self) -> &Extended {
        &self.extended
    }

    pub(super) fn take_items(&mut self) -> Vec<Value> {
        std::mem::take(self.items.get_mut().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for List {
    fn drop(&mut self) {
        bury(self.take_items());
    }
}
