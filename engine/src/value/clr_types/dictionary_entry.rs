//! Entries of dictionaries, and enumerators.

use std::sync::{Mutex, PoisonError};

use crate::value::clr::{ClrLike, PropertyInfo};
use crate::value::context::Context;
use crate::value::error::Raise;
use crate::value::types::{TypeId, TypeRef};
use crate::value::{Text, Value};

/// `DictionaryEntry`, or `KeyValuePair<K,V>` of a generic dictionary.
#[derive(Debug)]
pub struct DictionaryEntry {
    key: Value,
    value: Mutex<Value>,
    types: Option<[TypeRef; 2]>,
}

impl DictionaryEntry {
    /// An entry; with `types` it is that of a generic dictionary.
    #[must_use]
    pub fn new(key: Value, value: Value, types: Option<[TypeRef; 2]>) -> Self {
        Self {
            key,
            value: Mutex::new(value),
            types,
        }
    }

    /// The key.
    #[must_use]
    pub fn key(&self) -> &Value {
        &self.key
    }

    /// The value.
    #[must_use]
    pub fn value(&self) -> Value {
        self.value
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl ClrLike for DictionaryEntry {
    fn type_ref(&self) -> TypeRef {
        match &self.types {
            Some(types) => TypeRef::generic(TypeId::KeyValuePair, types.to_vec()),
            None => TypeRef::of(TypeId::DictionaryEntry),
        }
    }

    fn properties(&self) -> Vec<PropertyInfo> {
        let settable = self.types.is_none();
        vec![
            PropertyInfo {
                name: "Key",
                type_name: "System.Object",
                settable,
            },
            PropertyInfo {
                name: "Value",
                type_name: "System.Object",
                settable,
            },
        ]
    }

    fn property(&self, name: &str) -> Option<Result<Value, Raise>> {
        match name.to_ascii_lowercase().as_str() {
            "key" => Some(Ok(self.key.clone())),
            // What the shell adds, for tables.
            "name" if self.types.is_none() => Some(Ok(self.key.clone())),
            "value" => Some(Ok(self.value())),
            _ => None,
        }
    }

    fn set_property(
        &self,
        name: &str,
        value: &Value,
        _cx: &mut dyn Context,
    ) -> Option<Result<(), Raise>> {
        if !name.eq_ignore_ascii_case("value") || self.types.is_some() {
            return None;
        }
        *self.value.lock().unwrap_or_else(PoisonError::into_inner) = value.clone();
        Some(Ok(()))
    }

    fn text(&self) -> Text {
        match &self.types {
            Some(_) => format!(
                "[{}, {}]",
                crate::value::convert::clr_text(&self.key),
                crate::value::convert::clr_text(&self.value())
            )
            .into(),
            None => self.type_ref().full_name(),
        }
    }

    fn surrender(&mut self, pending: &mut Vec<Value>) {
        pending.push(std::mem::take(&mut self.key));
        pending.push(std::mem::take(
            self.value.get_mut().unwrap_or_else(PoisonError::into_inner),
        ));
    }
}

/// What `GetEnumerator()` gives: enumerated by a pipeline, or stepped through by hand.
#[derive(Debug)]
pub struct Enumerator {
    id: TypeId,
    items: Vec<Value>,
    /// How many items MoveNext went past, counting the current one.
    at: Mutex<usize>,
}

impl Enumerator {
    /// An enumerator of type `id` over `items`.
    #[must_use]
    pub fn new(id: TypeId, items: Vec<Value>) -> Self {
        Self {
            id,
            items,
            at: Mutex::new(0),
        }
    }

    fn current(&self) -> Option<Value> {
        let at = *self.at.lock().unwrap_or_else(PoisonError::into_inner);
        self.items.get(at.checked_sub(1)?).cloned()
    }
}

impl ClrLike for Enumerator {
    fn type_ref(&self) -> TypeRef {
        TypeRef::of(self.id)
    }

    fn properties(&self) -> Vec<PropertyInfo> {
        vec![PropertyInfo {
            name: "Current",
            type_name: "System.Object",
            settable: false,
        }]
    }

    fn property(&self, name: &str) -> Option<Result<Value, Raise>> {
        let lower = name.to_ascii_lowercase();
        match lower.as_str() {
            "current" | "entry" => Some(Ok(self.current().unwrap_or_default())),
            "key" | "value" | "name" => match self.current()?.base() {
                Value::Clr(entry) => entry.property(&lower),
                _ => None,
            },
            _ => None,
        }
    }

    fn methods(&self) -> &'static [&'static str] {
        &["MoveNext", "Reset"]
    }

    fn invoke(
        &self,
        _this: &Value,
        name: &str,
        _arguments: &[Value],
        _cx: &mut dyn Context,
    ) -> Option<Result<Value, Raise>> {
        let mut at = self.at.lock().unwrap_or_else(PoisonError::into_inner);
        match name.to_ascii_lowercase().as_str() {
            "movenext" => {
                if *at <= self.items.len() {
                    *at += 1;
                }
                Some(Ok(Value::Bool(*at <= self.items.len())))
            }
            "reset" => {
                *at = 0;
                Some(Ok(Value::Nothing))
            }
            "dispose" => Some(Ok(Value::Nothing)),
            _ => None,
        }
    }

    fn items(&self) -> Option<Vec<Value>> {
        let at = *self.at.lock().unwrap_or_else(PoisonError::into_inner);
        Some(
            self.items
                .get(at..)
                .map(<[Value]>::to_vec)
                .unwrap_or_default(),
        )
    }
}
