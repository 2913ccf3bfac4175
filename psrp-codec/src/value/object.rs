//! Objects: type names, text, content and properties.

use std::cell::Cell;

use super::{PsString, TypeNames, Value};

/// MS-PSRP 2.2.5.2, a complex object: the `Obj` element.
///
/// Everything in it is optional, and everything that stands in the XML stays apart here: the
/// properties that the .NET type has ([`adapted`](Self::adapted)) from those that PowerShell
/// added ([`extended`](Self::extended)), and a list without type names from one with an empty
/// list of them.
///
/// ```
/// use psrp_codec::{Object, Value};
///
/// let object = Object::bag()
///     .property("Name", "pwsh")
///     .property("Id", 42);
/// assert_eq!(object.get("NAME"), Some(&Value::from("pwsh")));
/// ```
///
/// An object owns what is inside it. To move a part out, [`std::mem::take`] it: dropping is
/// written by hand, so that however deep a tree is, it does not end the stack.
///
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Object {
    /// The label that a [`Value::Reference`] has for this object; `None` when nobody refers to
    /// it. The writer numbers objects by itself, see [`RefId`].
    pub ref_id: Option<RefId>,
    /// `TN` or `TNRef`: the .NET types that the object is of. `None` when the element is absent.
    pub type_names: Option<TypeNames>,
    /// `ToString`: what `ToString()` gave where the object lived.
    pub to_string: Option<PsString>,
    /// What the object wraps: a primitive value, another object, or the items of a container.
    pub content: Option<Content>,
    /// `Props`: the properties of the .NET type. `None` when the element is absent.
    pub adapted: Option<Vec<Property>>,
    /// `MS`: the properties that were added to the object. `None` when the element is absent.
    pub extended: Option<Vec<Member>>,
}

/// The label by which a [`Value::Reference`] finds its [`Object`].
///
/// Labels hold within one value; where two objects have the same one, a reference means the one
/// that comes last before it. On the wire the writer numbers all objects in the order in which they come,
/// as PowerShell does, and translates the labels; it starts at the label of the first object, if
/// that has one.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct RefId(pub u32);

/// What an [`Object`] wraps.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// A primitive value or a nested object. What cannot stand here ([`Value::Null`],
    /// [`Value::Reference`]) is left out by the writer.
    Value(Value),
    /// `LST`, `STK`, `QUE` or `IE`: the items in the order of the wire. A stack has its top first.
    Items(ContainerKind, Vec<Value>),
    /// `DCT`: keys and values in the order of the wire. A key may be any value except null.
    Dictionary(Vec<(Value, Value)>),
}

/// MS-PSRP 2.2.5.2.6, the kinds of containers of single items.
///
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ContainerKind {
    /// `LST`: arrays and lists.
    List,
    /// `STK`: stacks, the top first.
    Stack,
    /// `QUE`: queues, the front first.
    Queue,
    /// `IE`: whatever else can be enumerated.
    Enumerable,
}

/// A property: a name and a value.
#[derive(Clone, Debug, PartialEq)]
pub struct Property {
    /// The name, in the spelling of the sender.
    pub name: PsString,
    /// The value.
    pub value: Value,
}

/// What can stand among the extended members of an object.
#[derive(Clone, Debug, PartialEq)]
pub enum Member {
    /// A property.
    Property(Property),
    /// `<MS N="…">`: a named set of further members.
    Set(PsString, Vec<Member>),
}

impl Object {
    /// An object without anything: what PSRP messages use as a bag of properties.
    #[must_use]
    pub fn bag() -> Self {
        Self::default()
    }

    /// An object of the .NET type `names`, most derived first.
    pub fn of_type<T: Into<PsString>>(names: impl IntoIterator<Item = T>) -> Self {
        Self::bag().typed(TypeNames::of(names))
    }

    /// A `[pscustomobject]`.
    #[must_use]
    pub fn custom() -> Self {
        const NAMES: [PsString; 2] = [
            PsString::from_static("System.Management.Automation.PSCustomObject"),
            PsString::from_static("System.Object"),
        ];
        Self::of_type(NAMES)
    }

    /// An object that wraps `content`.
    #[must_use]
    pub fn wrapping(content: Content) -> Self {
        Self::bag().with_content(content)
    }

    /// The same object with these type names.
    #[must_use]
    pub fn typed(mut self, names: TypeNames) -> Self {
        self.type_names = Some(names);
        self
    }

    /// The same object with `content` inside.
    #[must_use]
    pub fn with_content(mut self, content: Content) -> Self {
        self.content = Some(content);
        self
    }

    /// The same object with what `ToString()` gives.
    #[must_use]
    pub fn text(mut self, text: impl Into<PsString>) -> Self {
        self.to_string = Some(text.into());
        self
    }

    /// The same object with one more extended property (`MS`).
    #[must_use]
    pub fn property(mut self, name: impl Into<PsString>, value: impl Into<Value>) -> Self {
        self.extended
            .get_or_insert_default()
            .push(Member::Property(Property {
                name: name.into(),
                value: value.into(),
            }));
        self
    }

    /// The same object with one more set of members (`MS` within `MS`).
    #[must_use]
    pub fn member_set(mut self, name: impl Into<PsString>, members: Vec<Member>) -> Self {
        self.extended
            .get_or_insert_default()
            .push(Member::Set(name.into(), members));
        self
    }

    /// The same object with one more property of its .NET type (`Props`).
    #[must_use]
    pub fn adapted_property(mut self, name: impl Into<PsString>, value: impl Into<Value>) -> Self {
        self.adapted.get_or_insert_default().push(Property {
            name: name.into(),
            value: value.into(),
        });
        self
    }

    /// The same object with a label for references.
    #[must_use]
    pub fn labelled(mut self, id: RefId) -> Self {
        self.ref_id = Some(id);
        self
    }

    /// The value of the property `name`, in any case: first among the extended ones, then among
    /// those of the .NET type. Of several with one name the last counts.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.get_extended(name).or_else(|| self.get_adapted(name))
    }

    /// The value of the extended property `name`, in any case.
    #[must_use]
    pub fn get_extended(&self, name: &str) -> Option<&Value> {
        self.extended
            .iter()
            .flatten()
            .rev()
            .find_map(|member| match member {
                Member::Property(property) if property.name.eq_ignore_case(name) => {
                    Some(&property.value)
                }
                _ => None,
            })
    }

    /// The value of the property `name` of the .NET type, in any case.
    #[must_use]
    pub fn get_adapted(&self, name: &str) -> Option<&Value> {
        let found = self
            .adapted
            .iter()
            .flatten()
            .rev()
            .find(|p| p.name.eq_ignore_case(name));
        found.map(|property| &property.value)
    }

    /// All properties in the order of the wire: those of the .NET type, then the extended ones.
    pub fn properties(&self) -> impl Iterator<Item = (&PsString, &Value)> {
        let adapted = self.adapted.iter().flatten();
        let extended = self
            .extended
            .iter()
            .flatten()
            .filter_map(|member| match member {
                Member::Property(property) => Some(property),
                Member::Set(..) => None,
            });
        adapted
            .chain(extended)
            .map(|property| (&property.name, &property.value))
    }

    /// Whether `name` is among the type names, in any case, with or without `Deserialized.`.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        self.type_names.as_ref().is_some_and(|names| names.is(name))
    }

    /// The items, if the object is a list, stack, queue or enumerable.
    #[must_use]
    pub fn items(&self) -> Option<&[Value]> {
        match &self.content {
            Some(Content::Items(_, items)) => Some(items),
            _ => None,
        }
    }

    /// Keys and values, if the object is a dictionary.
    #[must_use]
    pub fn entries(&self) -> Option<&[(Value, Value)]> {
        match &self.content {
            Some(Content::Dictionary(entries)) => Some(entries),
            _ => None,
        }
    }

    /// The primitive value or the object that this one wraps.
    #[must_use]
    pub fn wrapped(&self) -> Option<&Value> {
        match &self.content {
            Some(Content::Value(value)) => Some(value),
            _ => None,
        }
    }

    /// Moves the objects right inside this one to `out`.
    fn take_objects(&mut self, out: &mut Vec<Object>) {
        fn take(value: &mut Value, out: &mut Vec<Object>) {
            if let Value::Object(object) = value {
                out.push(std::mem::take(object));
            }
        }
        match &mut self.content {
            None => {}
            Some(Content::Value(value)) => take(value, out),
            Some(Content::Items(_, items)) => items.iter_mut().for_each(|item| take(item, out)),
            Some(Content::Dictionary(entries)) => entries.iter_mut().for_each(|(key, value)| {
                take(key, out);
                take(value, out);
            }),
        }
        for property in self.adapted.iter_mut().flatten() {
            take(&mut property.value, out);
        }
        let mut sets: Vec<Vec<Member>> = Vec::new();
        let mut members = self.extended.take().unwrap_or_default();
        loop {
            for member in members {
                match member {
                    Member::Property(mut property) => take(&mut property.value, out),
                    Member::Set(_, inner) => sets.push(inner),
                }
            }
            match sets.pop() {
                Some(inner) => members = inner,
                None => break,
            }
        }
    }

    /// Takes nested objects apart one after the other instead of one inside the other.
    #[cold]
    fn take_apart(&mut self) {
        let mut waiting = Vec::new();
        self.take_objects(&mut waiting);
        while let Some(mut object) = waiting.pop() {
            object.take_objects(&mut waiting);
        }
    }
}

thread_local! {
    /// How many objects are being dropped, one inside the other.
    static DROPPING: Cell<u32> = const { Cell::new(0) };
}

/// How far objects are dropped one inside the other, which is faster.
const MOST_DROPPING: u32 = 32;

/// A value that a program has nested a million times must not end the stack.
impl Drop for Object {
    fn drop(&mut self) {
        let around = DROPPING.try_with(Cell::get).unwrap_or(MOST_DROPPING);
        let is_set = |member: &Member| matches!(member, Member::Set(..));
        if around >= MOST_DROPPING || self.extended.iter().flatten().any(is_set) {
            return self.take_apart();
        }
        let _ = DROPPING.try_with(|dropping| dropping.set(around.saturating_add(1)));
        self.content = None;
        self.adapted = None;
        self.extended = None;
        let _ = DROPPING.try_with(|dropping| dropping.set(around));
    }
}

impl Property {
    /// What a property is before its name and its value are there.
    pub(crate) const EMPTY: Self = Self {
        name: PsString::EMPTY,
        value: Value::Null,
    };
}

impl From<(&str, Value)> for Property {
    fn from((name, value): (&str, Value)) -> Self {
        Self {
            name: name.into(),
            value,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_pointer_width = "64")]
    fn values_take_no_more_room_than_they_did() {
        assert_eq!(size_of::<PsString>(), 24);
        assert_eq!(size_of::<Value>(), 40);
        assert_eq!(size_of::<Property>(), 64);
        assert_eq!(size_of::<Member>(), 64);
        assert_eq!(size_of::<Option<crate::DateTime>>(), 16);
    }

    #[test]
    fn dropping_a_deep_tree_does_not_end_the_stack() {
        let mut value = Value::Null;
        for _ in 0..200_000 {
            value = Value::from(Object::bag().property("inner", value));
        }
        drop(value);
        let mut members = Vec::new();
        for _ in 0..200_000 {
            members = vec![Member::Set("set".into(), members)];
        }
        drop(Object::bag().member_set("outermost", members));
    }

    #[test]
    fn an_extended_property_hides_an_adapted_one() {
        let object = Object::bag()
            .adapted_property("a", 1)
            .property("A", 2)
            .property("a", 3);
        assert_eq!(object.get("A"), Some(&Value::Int32(3)));
        assert_eq!(object.get_adapted("A"), Some(&Value::Int32(1)));
        assert_eq!(object.get("b"), None);
    }
}
