//! Custom objects, and the members that scripts add to values.

use std::sync::{Arc, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use indexmap::IndexMap;

use super::array::{List, ListKind};
use super::burial::bury;
use super::clr::ClrLike;
use super::context::Context;
use super::error::Raise;
use super::fold::{FoldedStr, Name, equal_folded};
use super::script_block::ScriptBlock;
use super::types::{TypeId, TypeRef};
use super::{Text, Value};

/// A member that a script or a type definition gave to a value.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Member {
    /// A note property: a value.
    Note(Value),
    /// A script property.
    Script {
        /// Runs when the property is read.
        getter: Option<Arc<ScriptBlock>>,
        /// Runs when the property is set.
        setter: Option<Arc<ScriptBlock>>,
    },
    /// Another name of a member, perhaps with a type to convert to.
    Alias {
        /// The member that is meant.
        target: Text,
        /// The type to convert to.
        conversion: Option<TypeRef>,
    },
    /// A script method.
    Method(Arc<ScriptBlock>),
    /// A named set of properties.
    PropertySet(Vec<Text>),
    /// A named set of members, such as `PSStandardMembers`.
    MemberSet(Box<Members>),
}

/// Members by name, in the order in which they were added.
#[derive(Clone, Debug, Default)]
pub struct Members {
    map: IndexMap<Name, Member>,
}

/// Room for the members and type names that a script adds to a value. Empty and small until then.
#[derive(Debug, Default)]
pub struct Extended {
    parts: OnceLock<Box<ExtendedParts>>,
}

#[derive(Debug, Default)]
struct ExtendedParts {
    members: RwLock<Members>,
    /// `PSTypeNames`, where they were changed or handed out: a script may change the list that it was given.
    type_names: RwLock<Option<Arc<List>>>,
}

/// A custom object (`[pscustomobject]`), an object of a script's class, or a value wrapped because it carries members.
#[derive(Debug)]
pub struct PsObj {
    base: Base,
    extended: Extended,
}

#[derive(Debug)]
enum Base {
    Custom,
    Wrapped(Value),
    /// An object of a script's class: its fields are note members; the evaluator's data stands beside.
    Instance {
        class: TypeRef,
        base: Value,
    },
}

/// A method that was named and not called: `'abc'.Substring`.
#[derive(Debug)]
pub struct MethodGroup {
    /// The value on which it would be called.
    pub target: Value,
    /// The name.
    pub name: Text,
}

impl Members {
    /// The member of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Member> {
        self.map.get(&FoldedStr(name))
    }

    /// The member of that name, to change it.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Member> {
        self.map.get_mut(&FoldedStr(name))
    }

    /// Adds or replaces a member and gives the old one.
    pub fn insert(&mut self, name: impl Into<Name>, member: Member) -> Option<Member> {
        self.map.insert(name.into(), member)
    }

    /// Adds or replaces a note property.
    pub fn set_note(&mut self, name: impl Into<Name>, value: Value) {
        self.map.insert(name.into(), Member::Note(value));
    }

    /// The value of a note property.
    #[must_use]
    pub fn note(&self, name: &str) -> Option<&Value> {
        match self.get(name) {
            Some(Member::Note(value)) => Some(value),
            _ => None,
        }
    }

    /// Takes a member out.
    pub fn remove(&mut self, name: &str) -> Option<Member> {
        self.map.shift_remove(&FoldedStr(name))
    }

    /// Names and members in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Name, &Member)> {
        self.map.iter()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.map.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.map.is_empty()
    }

    fn take_values(&mut self, into: &mut Vec<Value>) {
        for (_, member) in std::mem::take(&mut self.map) {
            match member {
                Member::Note(value) => into.push(value),
                Member::MemberSet(mut set) => set.take_values(into),
                _ => {}
            }
        }
    }
}

impl<N: Into<Name>> FromIterator<(N, Value)> for Members {
    fn from_iter<I: IntoIterator<Item = (N, Value)>>(notes: I) -> Self {
        Self {
            map: notes
                .into_iter()
                .map(|(name, value)| (name.into(), Member::Note(value)))
                .collect(),
        }
    }
}

impl Extended {
    fn with(members: Members) -> Self {
        let parts = OnceLock::new();
        parts.get_or_init(|| {
            Box::new(ExtendedParts {
                members: RwLock::new(members),
                type_names: RwLock::default(),
            })
        });
        Self { parts }
    }

    /// The members, if any were ever added. Not to be held while script code runs.
    #[must_use]
    pub fn members(&self) -> Option<RwLockReadGuard<'_, Members>> {
        Some(
            self.parts
                .get()?
                .members
                .read()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }

    /// The members, to change them. Not to be held while script code runs.
    pub fn members_mut(&self) -> RwLockWriteGuard<'_, Members> {
        self.parts
            .get_or_init(Box::default)
            .members
            .write()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// A copy of the member of that name.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<Member> {
        self.members()?.get(name).cloned()
    }

    /// `PSTypeNames`, where they differ from the .NET type's own.
    #[must_use]
    pub fn type_names(&self) -> Option<Vec<Text>> {
        let list = self
            .parts
            .get()?
            .type_names
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()?;
        let names = list
            .read()
            .iter()
            .filter_map(|name| name.as_text().cloned())
            .collect();
        Some(names)
    }

    /// `PSTypeNames` as the list through which a script changes them; `initial` if they were never changed.
    #[must_use]
    pub(crate) fn type_name_list(&self, initial: Vec<Text>) -> Arc<List> {
        let mut names = self
            .parts
            .get_or_init(Box::default)
            .type_names
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        Arc::clone(names.get_or_insert_with(|| name_list(initial)))
    }

    /// Sets `PSTypeNames`.
    pub fn set_type_names(&self, names: Vec<Text>) {
        *self
            .parts
            .get_or_init(Box::default)
            .type_names
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Some(name_list(names));
    }

    /// Whether nothing was ever added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members().is_none_or(|members| members.is_empty()) && self.type_names().is_none()
    }

    fn take_values(&mut self, into: &mut Vec<Value>) {
        if let Some(parts) = self.parts.get_mut() {
            parts
                .members
                .get_mut()
                .unwrap_or_else(PoisonError::into_inner)
                .take_values(into);
        }
    }
}

fn name_list(names: Vec<Text>) -> Arc<List> {
    let kind = ListKind::Collection(TypeRef::of(TypeId::String));
    Arc::new(List::new(
        kind,
        names.into_iter().map(Value::String).collect(),
    ))
}

impl Clone for Extended {
    fn clone(&self) -> Self {
        let parts = OnceLock::new();
        if let Some(own) = self.parts.get() {
            let members = own
                .members
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .clone();
            parts.get_or_init(|| {
                Box::new(ExtendedParts {
                    members: RwLock::new(members),
                    type_names: RwLock::new(self.type_names().map(name_list)),
                })
            });
        }
        Self { parts }
    }
}

impl PsObj {
    /// A `[pscustomobject]` with these members.
    #[must_use]
    pub fn custom(members: Members) -> Self {
        Self {
            base: Base::Custom,
            extended: Extended::with(members),
        }
    }

    /// `value` with room for members, for scalars and others that have no room of their own.
    #[must_use]
    pub fn wrapping(value: Value, members: Members) -> Self {
        Self {
            base: Base::Wrapped(value),
            extended: Extended::with(members),
        }
    }

    /// An object of a script's class; its fields are note members. `base` is the object of the .NET base class, or null.
    #[must_use]
    pub fn instance(class: TypeRef, base: Value, fields: Members) -> Self {
        Self {
            base: Base::Instance { class, base },
            extended: Extended::with(fields),
        }
    }

    /// Whether this stands for itself and does not wrap another value.
    #[must_use]
    pub fn is_custom(&self) -> bool {
        !matches!(self.base, Base::Wrapped(_))
    }

    /// Whether this is a `[pscustomobject]`.
    #[must_use]
    pub fn is_bag(&self) -> bool {
        matches!(self.base, Base::Custom)
    }

    /// What is wrapped; null if nothing is.
    #[must_use]
    pub fn base(&self) -> &Value {
        match &self.base {
            Base::Custom => &Value::Null,
            Base::Wrapped(value) | Base::Instance { base: value, .. } => value,
        }
    }

    /// The class of an object of a script's class.
    #[must_use]
    pub fn class(&self) -> Option<&TypeRef> {
        match &self.base {
            Base::Instance { class, .. } => Some(class),
            _ => None,
        }
    }

    /// The members and type names.
    #[must_use]
    pub fn extended(&self) -> &Extended {
        &self.extended
    }

    /// Another object with copies of the members, as `PSObject.Copy()` makes.
    #[must_use]
    pub fn copy(&self) -> Self {
        let base = match &self.base {
            Base::Custom => Base::Custom,
            Base::Wrapped(value) => Base::Wrapped(value.clone()),
            Base::Instance { class, base } => Base::Instance {
                class: class.clone(),
                base: base.clone(),
            },
        };
        Self {
            base,
            extended: self.extended.clone(),
        }
    }

    /// The .NET type of what is inside.
    #[must_use]
    pub fn type_ref(&self) -> Option<TypeRef> {
        match &self.base {
            Base::Custom => Some(TypeRef::of(TypeId::PSCustomObject)),
            Base::Wrapped(value) => value.type_ref(),
            Base::Instance { class, .. } => Some(class.clone()),
        }
    }

    pub(super) fn take_items(&mut self) -> Vec<Value> {
        let mut items = Vec::new();
        if let Base::Wrapped(value) | Base::Instance { base: value, .. } = &mut self.base {
            items.push(std::mem::take(value));
        }
        self.extended.take_values(&mut items);
        items
    }
}

impl Drop for PsObj {
    fn drop(&mut self) {
        bury(self.take_items());
    }
}

impl ClrLike for MethodGroup {
    fn type_ref(&self) -> TypeRef {
        TypeRef::of(TypeId::PSMethod)
    }

    fn property(&self, name: &str) -> Option<Result<Value, Raise>> {
        match name.to_ascii_lowercase().as_str() {
            "name" => Some(Ok(Value::String(self.name.clone()))),
            "membertype" => Some(Ok(Value::enumeration(
                "System.Management.Automation.PSMemberTypes",
                64,
            )
            .unwrap_or_default())),
            _ => None,
        }
    }

    fn invoke(
        &self,
        _this: &Value,
        name: &str,
        arguments: &[Value],
        cx: &mut dyn Context,
    ) -> Option<Result<Value, Raise>> {
        equal_folded(name, "Invoke")
            .then(|| super::members::invoke(&self.target, &self.name, arguments, cx))
    }
}
