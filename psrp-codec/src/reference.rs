//! Finding the object that a reference names.

use std::{cell::OnceCell, collections::HashMap};

use crate::{Content, Member, Object, RefId, Value};

/// The objects of one value that references can name.
///
/// Nothing is copied and nothing is expanded: a value may refer to itself. The table is made when
/// the first reference is looked up, in one pass.
///
/// ```
/// use psrp_codec::{Object, RefId, References, Value};
///
/// let shared = Object::bag().labelled(RefId(7)).property("Name", "it");
/// let list = Value::list([Value::from(shared), Value::Reference(RefId(7))]);
/// let references = References::of(&list);
/// let second = references.resolve(&list.items().unwrap()[1]);
/// assert_eq!(second.get("Name"), Some(&Value::from("it")));
/// ```
#[derive(Debug)]
pub struct References<'v> {
    roots: Vec<&'v Value>,
    objects: OnceCell<HashMap<RefId, &'v Value>>,
}

impl<'v> References<'v> {
    /// The objects in `value`.
    #[must_use]
    pub fn of(value: &'v Value) -> Self {
        Self::within([value])
    }

    /// The objects in all of `values`, which have come out of one value.
    #[must_use]
    pub fn within(values: impl IntoIterator<Item = &'v Value>) -> Self {
        Self {
            roots: values.into_iter().collect(),
            objects: OnceCell::new(),
        }
    }

    /// The object that `value` refers to, or `value` itself when it is no reference or one to
    /// nothing that is known.
    #[must_use]
    pub fn resolve<'a>(&self, value: &'a Value) -> &'a Value
    where
        'v: 'a,
    {
        match value {
            Value::Reference(id) => self.get(*id).unwrap_or(value),
            _ => value,
        }
    }

    /// The object with the label `id`. Where several have it, the one that comes last.
    #[must_use]
    pub fn get(&self, id: RefId) -> Option<&'v Value> {
        self.objects
            .get_or_init(|| labelled_objects(&self.roots))
            .get(&id)
            .copied()
    }
}

fn labelled_objects<'v>(roots: &[&'v Value]) -> HashMap<RefId, &'v Value> {
    let mut found = HashMap::new();
    // Objects still to be looked into; what comes first in the value is on top.
    let mut waiting: Vec<&'v Value> = roots.iter().rev().copied().collect();
    while let Some(value) = waiting.pop() {
        let Value::Object(object) = value else {
            continue;
        };
        if let Some(id) = object.ref_id {
            found.insert(id, value);
        }
        let first = waiting.len();
        push_values(object, &mut waiting);
        if let Some(pushed) = waiting.get_mut(first..) {
            pushed.reverse();
        }
    }
    found
}

/// Appends the values right inside `object`, in their order.
fn push_values<'v>(object: &'v Object, out: &mut Vec<&'v Value>) {
    match &object.content {
        None => {}
        Some(Content::Value(value)) => out.push(value),
        Some(Content::Items(_, items)) => out.extend(items),
        Some(Content::Dictionary(entries)) => {
            out.extend(entries.iter().flat_map(|(key, value)| [key, value]));
        }
    }
    out.extend(object.adapted.iter().flatten().map(|each| &each.value));
    let mut sets: Vec<std::slice::Iter<'v, Member>> = Vec::new();
    sets.extend(object.extended.as_deref().map(<[Member]>::iter));
    while let Some(members) = sets.last_mut() {
        match members.next() {
            Some(Member::Property(property)) => out.push(&property.value),
            Some(Member::Set(_, inner)) => sets.push(inner.iter()),
            None => {
                sets.pop();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_of_an_object_is_looked_into() {
        let labelled = |id| Value::from(Object::bag().labelled(RefId(id)));
        let value = Value::from(
            Object::wrapping(Content::Dictionary(vec![(labelled(1), labelled(2))]))
                .adapted_property("a", labelled(3))
                .property("b", Value::list([labelled(4)]))
                .member_set("c", vec![Member::Property(("d", labelled(5)).into())])
                .labelled(RefId(0)),
        );
        let references = References::of(&value);
        for id in 0..=5 {
            let found = references.get(RefId(id)).and_then(Value::as_object);
            assert_eq!(found.and_then(|object| object.ref_id), Some(RefId(id)));
        }
        assert_eq!(references.get(RefId(6)), None);
        let unknown = Value::Reference(RefId(6));
        assert_eq!(references.resolve(&unknown), &unknown);
    }

    #[test]
    fn of_two_objects_with_one_label_the_last_counts() {
        let value = Value::list([
            Object::bag().labelled(RefId(1)).property("n", 1),
            Object::bag().labelled(RefId(1)).property("n", 2),
        ]);
        let found = References::of(&value).get(RefId(1)).unwrap();
        assert_eq!(found.get("n"), Some(&Value::Int32(2)));
    }
}
