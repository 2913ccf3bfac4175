//! Sets, queues, stacks and linked lists.

use std::sync::{Mutex, MutexGuard, PoisonError};

use indexmap::IndexSet;

use crate::value::clr::{ClrLike, PropertyInfo};
use crate::value::context::Context;
use crate::value::convert::{self, elements_of};
use crate::value::error::Raise;
use crate::value::hashtable::HashKey;
use crate::value::members::{Call, sort};
use crate::value::types::{TypeId, TypeRef};
use crate::value::{Text, Value};

use super::dictionary_entry::Enumerator;

/// `HashSet<T>` and `SortedSet<T>`.
#[derive(Debug)]
pub struct Set {
    ty: TypeRef,
    element: TypeRef,
    ignore_case: bool,
    items: Mutex<IndexSet<HashKey>>,
}

impl Set {
    /// An empty set of type `ty`.
    #[must_use]
    pub fn new(ty: TypeRef, ignore_case: bool) -> Self {
        let element = ty
            .arguments()
            .first()
            .cloned()
            .unwrap_or_else(|| TypeRef::of(TypeId::Object));
        Self {
            ty,
            element,
            ignore_case,
            items: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, IndexSet<HashKey>> {
        self.items.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn key(&self, value: &Value, cx: &mut dyn Context) -> Result<HashKey, Raise> {
        Ok(HashKey::new(
            convert::to(value, &self.element, cx)?,
            self.ignore_case,
        ))
    }

    /// Adds a value; whether it was new.
    ///
    /// # Errors
    /// When the value does not convert.
    pub fn add(&self, value: &Value, cx: &mut dyn Context) -> Result<bool, Raise> {
        let key = self.key(value, cx)?;
        cx.charge(size_of::<HashKey>())?;
        Ok(self.lock().insert(key))
    }

    fn values(&self) -> Vec<Value> {
        let mut values: Vec<_> = self.lock().iter().map(|key| key.value().clone()).collect();
        if self.ty.definition_id() == Some(TypeId::SortedSet) {
            let _ = sort(&mut values, None, &mut crate::value::Detached);
        }
        values
    }

    fn others(&self, call: &mut Call<'_>) -> Result<IndexSet<HashKey>, Raise> {
        elements_of(&call.value(0))
            .unwrap_or_default()
            .iter()
            .map(|item| self.key(item, call.cx))
            .collect()
    }

    fn change(&self, call: &mut Call<'_>) -> Result<Option<Value>, Raise> {
        Ok(Some(match call.name.to_ascii_lowercase().as_str() {
            "add" => {
                call.expect(1, 1)?;
                Value::Bool(self.add(&call.value(0), call.cx)?)
            }
            "contains" => {
                let key = self.key(&call.value(0), call.cx)?;
                Value::Bool(self.lock().contains(&key))
            }
            "remove" => {
                let key = self.key(&call.value(0), call.cx)?;
                Value::Bool(self.lock().shift_remove(&key))
            }
            "clear" => {
                self.lock().clear();
                Value::Nothing
            }
            "unionwith" => {
                let others = self.others(call)?;
                self.lock().extend(others);
                Value::Nothing
            }
            "intersectwith" => {
                let others = self.others(call)?;
                self.lock().retain(|key| others.contains(key));
                Value::Nothing
            }
            "exceptwith" => {
                let others = self.others(call)?;
                self.lock().retain(|key| !others.contains(key));
                Value::Nothing
            }
            "symmetricexceptwith" => {
                let others = self.others(call)?;
                let mut own = self.lock();
                let added: Vec<_> = others
                    .iter()
                    .filter(|key| !own.contains(*key))
                    .cloned()
                    .collect();
                own.retain(|key| !others.contains(key));
                own.extend(added);
                Value::Nothing
            }
            "issubsetof" => {
                let others = self.others(call)?;
                Value::Bool(self.lock().is_subset(&others))
            }
            "issupersetof" => {
                let others = self.others(call)?;
                Value::Bool(self.lock().is_superset(&others))
            }
            "ispropersubsetof" => {
                let others = self.others(call)?;
                let own = self.lock();
                Value::Bool(own.is_subset(&others) && own.len() < others.len())
            }
            "ispropersupersetof" => {
                let others = self.others(call)?;
                let own = self.lock();
                Value::Bool(own.is_superset(&others) && own.len() > others.len())
            }
            "overlaps" => {
                let others = self.others(call)?;
                Value::Bool(self.lock().iter().any(|key| others.contains(key)))
            }
            "setequals" => {
                let others = self.others(call)?;
                let own = self.lock();
                Value::Bool(own.len() == others.len() && own.is_subset(&others))
            }
            "toarray" => Value::typed_array(self.element.clone(), self.values()),
            "getenumerator" => {
                Value::clr(Enumerator::new(TypeId::ArrayListEnumerator, self.values()))
            }
            _ => return Ok(None),
        }))
    }
}

impl ClrLike for Set {
    fn type_ref(&self) -> TypeRef {
        self.ty.clone()
    }

    fn properties(&self) -> Vec<PropertyInfo> {
        vec![PropertyInfo {
            name: "Count",
            type_name: "System.Int32",
            settable: false,
        }]
    }

    fn property(&self, name: &str) -> Option<Result<Value, Raise>> {
        let sorted = self.ty.definition_id() == Some(TypeId::SortedSet);
        Some(Ok(match name.to_ascii_lowercase().as_str() {
            "count" => Value::Int32(i32::try_from(self.lock().len()).unwrap_or(i32::MAX)),
            "min" if sorted => self.values().into_iter().next().unwrap_or_default(),
            "max" if sorted => self.values().pop().unwrap_or_default(),
            _ => return None,
        }))
    }

    fn methods(&self) -> &'static [&'static str] {
        &[
            "Add",
            "Clear",
            "Contains",
            "ExceptWith",
            "IntersectWith",
            "IsSubsetOf",
            "IsSupersetOf",
            "Overlaps",
            "Remove",
            "SetEquals",
            "UnionWith",
        ]
    }

    fn invoke(
        &self,
        _this: &Value,
        name: &str,
        arguments: &[Value],
        cx: &mut dyn Context,
    ) -> Option<Result<Value, Raise>> {
        self.change(&mut Call::new(name, arguments, cx)).transpose()
    }

    fn items(&self) -> Option<Vec<Value>> {
        Some(self.values())
    }
}

/// `Queue`, `Stack`, `LinkedList<T>` and `PriorityQueue<T,P>`: items in a row, taken out at an end.
#[derive(Debug)]
pub struct Row {
    ty: TypeRef,
    element: TypeRef,
    items: Mutex<Vec<(Value, Value)>>,
}

impl Row {
    /// An empty one of type `ty`.
    #[must_use]
    pub fn new(ty: TypeRef) -> Self {
        let element = ty
            .arguments()
            .first()
            .cloned()
            .unwrap_or_else(|| TypeRef::of(TypeId::Object));
        Self {
            ty,
            element,
            items: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(Value, Value)>> {
        self.items.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_stack(&self) -> bool {
        matches!(
            self.ty.definition_id(),
            Some(TypeId::Stack | TypeId::GenericStack)
        )
    }

    fn empty_message(&self) -> &'static str {
        if self.is_stack() {
            "Stack empty."
        } else {
            "Queue empty."
        }
    }

    /// Adds an item at the end.
    ///
    /// # Errors
    /// When the item does not convert.
    pub fn push(&self, item: &Value, cx: &mut dyn Context) -> Result<(), Raise> {
        let item = convert::to(item, &self.element, cx)?;
        cx.charge(size_of::<Value>())?;
        self.lock().push((item, Value::Null));
        Ok(())
    }

    fn values(&self) -> Vec<Value> {
        let mut values: Vec<_> = self.lock().iter().map(|(item, _)| item.clone()).collect();
        if self.is_stack() {
            values.reverse();
        }
        values
    }

    fn change(&self, call: &mut Call<'_>) -> Result<Option<Value>, Raise> {
        let kind = self.ty.definition_id();
        let linked = kind == Some(TypeId::LinkedList);
        let priority = kind == Some(TypeId::PriorityQueue);
        Ok(Some(match call.name.to_ascii_lowercase().as_str() {
            "enqueue" if priority => {
                let item = convert::to(&call.value(0), &self.element, call.cx)?;
                let rank = match self.ty.arguments().get(1) {
                    Some(ty) => convert::to(&call.value(1), ty, call.cx)?,
                    None => call.value(1),
                };
                let mut items = self.lock();
                let at = items.partition_point(|(_, own)| {
                    crate::value::ops::number_order(own, &rank) != Some(std::cmp::Ordering::Greater)
                });
                items.insert(at, (item, rank));
                Value::Nothing
            }
            "enqueue" if !self.is_stack() && !linked => {
                self.push(&call.value(0), call.cx)?;
                Value::Nothing
            }
            "push" if self.is_stack() => {
                self.push(&call.value(0), call.cx)?;
                Value::Nothing
            }
            "addlast" if linked => {
                self.push(&call.value(0), call.cx)?;
                Value::Nothing
            }
            "addfirst" if linked => {
                let item = convert::to(&call.value(0), &self.element, call.cx)?;
                self.lock().insert(0, (item, Value::Null));
                Value::Nothing
            }
            "removefirst" | "removelast" if linked => {
                let mut items = self.lock();
                if items.is_empty() {
                    drop(items);
                    return Err(call.throw(
                        TypeId::InvalidOperationException,
                        "The LinkedList is empty.",
                    ));
                }
                let at = if call.name.eq_ignore_ascii_case("removefirst") {
                    0
                } else {
                    items.len() - 1
                };
                let removed = items.remove(at);
                drop(items);
                drop(removed);
                Value::Nothing
            }
            lower @ ("dequeue" | "pop" | "peek" | "trydequeue" | "trypop" | "trypeek")
                if !linked =>
            {
                let taken = {
                    let mut items = self.lock();
                    let at = if self.is_stack() {
                        items.len().checked_sub(1)
                    } else {
                        (!items.is_empty()).then_some(0)
                    };
                    at.map(|at| {
                        if lower.ends_with("peek") {
                            items[at].0.clone()
                        } else {
                            items.remove(at).0
                        }
                    })
                };
                if lower.starts_with("try") {
                    let found = taken.is_some();
                    let out = call.value(0);
                    crate::value::members::set_reference(
                        &out,
                        &taken.unwrap_or_default(),
                        call.cx,
                    )?;
                    return Ok(Some(Value::Bool(found)));
                }
                match taken {
                    Some(item) => item,
                    None => {
                        return Err(
                            call.throw(TypeId::InvalidOperationException, self.empty_message())
                        );
                    }
                }
            }
            "contains" => {
                let wanted = call.value(0);
                Value::Bool(
                    self.values()
                        .iter()
                        .any(|item| crate::value::hashtable::same_key(item, wanted.base(), false)),
                )
            }
            "clear" => {
                let old = std::mem::take(&mut *self.lock());
                drop(old);
                Value::Nothing
            }
            "toarray" => Value::typed_array(self.element.clone(), self.values()),
            "getenumerator" => {
                Value::clr(Enumerator::new(TypeId::ArrayListEnumerator, self.values()))
            }
            _ => return Ok(None),
        }))
    }
}

impl ClrLike for Row {
    fn type_ref(&self) -> TypeRef {
        self.ty.clone()
    }

    fn properties(&self) -> Vec<PropertyInfo> {
        vec![PropertyInfo {
            name: "Count",
            type_name: "System.Int32",
            settable: false,
        }]
    }

    fn property(&self, name: &str) -> Option<Result<Value, Raise>> {
        let linked = self.ty.definition_id() == Some(TypeId::LinkedList);
        let node = |item: Option<Value>| {
            item.map_or(Value::Null, |item| {
                Value::clr(super::dictionary_entry::DictionaryEntry::new(
                    Value::Null,
                    item,
                    None,
                ))
            })
        };
        Some(Ok(match name.to_ascii_lowercase().as_str() {
            "count" => Value::Int32(i32::try_from(self.lock().len()).unwrap_or(i32::MAX)),
            "first" if linked => node(self.values().into_iter().next()),
            "last" if linked => node(self.values().pop()),
            _ => return None,
        }))
    }

    fn methods(&self) -> &'static [&'static str] {
        if self.is_stack() {
            &["Clear", "Contains", "Peek", "Pop", "Push", "ToArray"]
        } else {
            &["Clear", "Contains", "Dequeue", "Enqueue", "Peek", "ToArray"]
        }
    }

    fn invoke(
        &self,
        _this: &Value,
        name: &str,
        arguments: &[Value],
        cx: &mut dyn Context,
    ) -> Option<Result<Value, Raise>> {
        self.change(&mut Call::new(name, arguments, cx)).transpose()
    }

    fn items(&self) -> Option<Vec<Value>> {
        if self.ty.definition_id() == Some(TypeId::PriorityQueue) {
            None
        } else {
            Some(self.values())
        }
    }

    fn surrender(&mut self, pending: &mut Vec<Value>) {
        pending.extend(
            std::mem::take(self.items.get_mut().unwrap_or_else(PoisonError::into_inner))
                .into_iter()
                .map(|(item, _)| item),
        );
    }
}

/// `Tuple` and `ValueTuple`.
#[derive(Debug)]
pub struct Tuple {
    ty: TypeRef,
    items: Vec<Value>,
}

impl Tuple {
    /// A tuple of type `ty`.
    #[must_use]
    pub fn new(ty: TypeRef, items: Vec<Value>) -> Self {
        Self { ty, items }
    }
}

impl ClrLike for Tuple {
    fn type_ref(&self) -> TypeRef {
        self.ty.clone()
    }

    fn properties(&self) -> Vec<PropertyInfo> {
        [
            "Item1", "Item2", "Item3", "Item4", "Item5", "Item6", "Item7",
        ]
        .into_iter()
        .take(self.items.len())
        .map(|name| PropertyInfo {
            name,
            type_name: "System.Object",
            settable: false,
        })
        .chain([PropertyInfo {
            name: "Length",
            type_name: "System.Int32",
            settable: false,
        }])
        .collect()
    }

    fn property(&self, name: &str) -> Option<Result<Value, Raise>> {
        let lower = name.to_ascii_lowercase();
        if lower == "length" {
            return Some(Ok(Value::Int32(
                i32::try_from(self.items.len()).unwrap_or(0),
            )));
        }
        let number: usize = lower.strip_prefix("item")?.parse().ok()?;
        Some(Ok(self.items.get(number.checked_sub(1)?)?.clone()))
    }

    fn text(&self) -> Text {
        let items: Vec<_> = self
            .items
            .iter()
            .map(|item| convert::clr_text(item).to_string())
            .collect();
        format!("({})", items.join(", ")).into()
    }

    fn equals(&self, other: &dyn ClrLike) -> Option<bool> {
        let other = other.downcast::<Self>()?;
        Some(
            other.items.len() == self.items.len()
                && self
                    .items
                    .iter()
                    .zip(&other.items)
                    .all(|(a, b)| crate::value::hashtable::same_key(a, b, false)),
        )
    }
}
