//! The list of type names that an object carries.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use super::PsString;

/// The names of an object's type and the types that it derives from, most derived first.
///
/// A clone shares the list: ten thousand processes carry one. The writer sends a list once for
/// each message and refers to it afterwards.
///
/// ```
/// use psrp_codec::TypeNames;
///
/// let names = TypeNames::of(["Deserialized.System.Diagnostics.Process", "System.Object"]);
/// assert!(names.is("system.diagnostics.process"));
/// ```
#[derive(Clone, Eq, Hash, PartialEq)]
pub struct TypeNames(Arc<[PsString]>);

impl TypeNames {
    /// The list of `names`, most derived first.
    pub fn of<T: Into<PsString>>(names: impl IntoIterator<Item = T>) -> Self {
        Self(names.into_iter().map(Into::into).collect())
    }

    /// Whether `name` is in the list, in any case, and with or without the prefix
    /// `Deserialized.` in the list.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        self.0.iter().any(|each| {
            each.as_str().is_some_and(|text| {
                super::string::eq_ignore_case(
                    without_deserialized(text),
                    without_deserialized(name),
                )
            })
        })
    }

    /// Where the list is in memory: the same for all that share it.
    pub(crate) fn address(&self) -> usize {
        self.0.as_ptr().addr()
    }

    /// Whether both are one list in memory.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// `name` without the prefix that a reader puts before the names of what it rebuilt.
#[must_use]
pub(crate) fn without_deserialized(name: &str) -> &str {
    const PREFIX: &str = "Deserialized.";
    match name.split_at_checked(PREFIX.len()) {
        Some((head, rest)) if head.eq_ignore_ascii_case(PREFIX) => rest,
        _ => name,
    }
}

impl Deref for TypeNames {
    type Target = [PsString];

    fn deref(&self) -> &[PsString] {
        &self.0
    }
}

impl fmt::Debug for TypeNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter()).finish()
    }
}

impl From<Vec<PsString>> for TypeNames {
    fn from(names: Vec<PsString>) -> Self {
        Self(names.into())
    }
}

impl<T: Into<PsString>> FromIterator<T> for TypeNames {
    fn from_iter<I: IntoIterator<Item = T>>(names: I) -> Self {
        Self::of(names)
    }
}
