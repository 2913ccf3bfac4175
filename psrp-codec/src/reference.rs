//! Finding the object that a reference names.

use std::{
    cell::{Cell, OnceCell},
    collections::HashMap,
};

use crate::{Content, DecodeError, DecodeErrorKind, Member, Object, RefId, Value};

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
    objects: OnceCell<Objects<'v>>,
    /// How much of what may be copied behind references has been.
    copied: Cell<usize>,
}

#[derive(Debug)]
struct Objects<'v> {
    /// By label: the object, and how much it holds.
    labelled: HashMap<RefId, (&'v Value, usize)>,
    /// How much all of them hold.
    size: usize,
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
            copied: Cell::new(0),
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
        Some(self.objects().labelled.get(&id)?.0)
    }

    /// What [`resolve`](Self::resolve) gives, for those who make something of their own of it each
    /// time. A list of references to one list of references to one list is a few bytes on the
    /// wire, and without a ceiling more than any memory holds.
    pub(crate) fn follow<'a>(
        &self,
        item: &'static str,
        value: &'a Value,
    ) -> Result<&'a Value, DecodeError>
    where
        'v: 'a,
    {
        let Value::Reference(id) = value else {
            return Ok(value);
        };
        let objects = self.objects();
        let Some((found, size)) = objects.labelled.get(id) else {
            return Ok(value);
        };
        let copied = self.copied.get().saturating_add(*size);
        if copied > COPIED_AT_LEAST.saturating_add(objects.size.saturating_mul(COPIED)) {
            return Err(DecodeError::in_value(
                item,
                DecodeErrorKind::Malformed("references lead to far more than the message holds"),
            ));
        }
        self.copied.set(copied);
        Ok(found)
    }

    fn objects(&self) -> &Objects<'v> {
        self.objects.get_or_init(|| Objects::within(&self.roots))
    }
}

/// How many times what a message holds may be made of it by way of references. A client that
/// writes equal values as references to one of them comes to about two.
const COPIED: usize = 8;
/// How much that is at least, in values.
const COPIED_AT_LEAST: usize = 1024;

impl<'v> Objects<'v> {
    fn within(roots: &[&'v Value]) -> Self {
        /// What is still to be done; what comes first in the value is on top.
        enum Step<'v> {
            LookInto(&'v Value),
            /// All that is inside the object has been looked into, which was begun at this size.
            Leave(RefId, &'v Value, usize),
        }
        let mut found = Self {
            labelled: HashMap::new(),
            size: 0,
        };
        let mut inside = Vec::new();
        let mut waiting: Vec<_> = roots.iter().rev().copied().map(Step::LookInto).collect();
        while let Some(step) = waiting.pop() {
            let value = match step {
                Step::LookInto(value) => value,
                Step::Leave(id, value, before) => {
                    // Of several with one label the last to begin counts.
                    if let Some((labelled, size)) = found.labelled.get_mut(&id)
                        && std::ptr::eq(*labelled, value)
                    {
                        *size = found.size.saturating_sub(before);
                    }
                    continue;
                }
            };
            let before = found.size;
            found.size = before.saturating_add(own_size(value));
            let Value::Object(object) = value else {
                continue;
            };
            if let Some(id) = object.ref_id {
                found.labelled.insert(id, (value, 0));
                waiting.push(Step::Leave(id, value, before));
            }
            push_values(object, &mut inside);
            waiting.extend(inside.drain(..).rev().map(Step::LookInto));
        }
        found
    }
}

/// How much a copy of `value` takes, without the values in it: texts are shared, but for secrets.
fn own_size(value: &Value) -> usize {
    match value {
        Value::SecureString(secret) => secret
            .expose()
            .len()
            .div_ceil(size_of::<Value>())
            .saturating_add(1),
        _ => 1,
    }
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

    #[test]
    fn what_is_followed_again_and_again_comes_to_an_end() {
        let shared = Value::list((0..100).map(Value::from).collect::<Vec<_>>());
        let Value::Object(mut shared) = shared else {
            panic!("a list is an object")
        };
        shared.ref_id = Some(RefId(1));
        let value = Value::list([Value::Object(shared), Value::Reference(RefId(1))]);
        let references = References::of(&value);
        let again = Value::Reference(RefId(1));
        let followed = (0..1000).take_while(|_| references.follow("it", &again).is_ok());
        // The list and its items are 101 values, the whole is 103.
        assert_eq!(followed.count(), (1024 + 8 * 103) / 101);
        assert_eq!(
            references.follow("it", &again).unwrap_err().to_string(),
            "it: references lead to far more than the message holds"
        );
        assert!(references.get(RefId(1)).is_some(), "looking costs nothing");
    }
}
