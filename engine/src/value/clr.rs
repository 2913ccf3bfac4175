//! What an object of a .NET type can do.

use std::any::Any;
use std::fmt::Debug;
use std::sync::Arc;

use super::context::Context;
use super::error::Raise;
use super::object::Extended;
use super::types::TypeRef;
use super::{Text, Value};

/// A property that a .NET-like object shows.
#[derive(Clone, Debug)]
pub struct PropertyInfo {
    /// The name as .NET writes it.
    pub name: &'static str,
    /// The .NET type of the value.
    pub type_name: &'static str,
    /// Whether it can be set.
    pub settable: bool,
}

/// An object of a .NET type that the engine knows: a file, a process, an error record, a `StringBuilder` …
///
/// `None` from a member function means that there is no such member; the caller then looks elsewhere or makes the error.
pub trait ClrLike: Any + Debug + Send + Sync {
    /// The .NET type.
    fn type_ref(&self) -> TypeRef;

    /// The properties in the order in which they are shown.
    fn properties(&self) -> Vec<PropertyInfo> {
        Vec::new()
    }

    /// Properties that PowerShell's own type data adds to the type. They are shown and sent after those that a script added, and read
    /// through [`ClrLike::property`] like the others.
    fn type_data(&self) -> Vec<PropertyInfo> {
        Vec::new()
    }

    /// The value of a property; `name` comes in any case.
    fn property(&self, name: &str) -> Option<Result<Value, Raise>> {
        let _ = name;
        None
    }

    /// Sets a property.
    fn set_property(
        &self,
        name: &str,
        value: &Value,
        cx: &mut dyn Context,
    ) -> Option<Result<(), Raise>> {
        let _ = (name, value, cx);
        None
    }

    /// The names of the methods, for Get-Member and for telling a method from nothing at all.
    fn methods(&self) -> &'static [&'static str] {
        &[]
    }

    /// Calls a method. `this` is the counted value of `self`, for methods that return it.
    fn invoke(
        &self,
        this: &Value,
        name: &str,
        arguments: &[Value],
        cx: &mut dyn Context,
    ) -> Option<Result<Value, Raise>> {
        let _ = (this, name, arguments, cx);
        None
    }

    /// What `ToString()` gives.
    fn text(&self) -> Text {
        self.type_ref().full_name()
    }

    /// What a pipeline or `foreach` enumerates; `None` if this is one object and not a collection.
    fn items(&self) -> Option<Vec<Value>> {
        None
    }

    /// The value at an index or key.
    fn index(&self, arguments: &[Value], cx: &mut dyn Context) -> Option<Result<Value, Raise>> {
        let _ = (arguments, cx);
        None
    }

    /// Sets the value at an index or key.
    fn set_index(
        &self,
        arguments: &[Value],
        value: &Value,
        cx: &mut dyn Context,
    ) -> Option<Result<(), Raise>> {
        let _ = (arguments, value, cx);
        None
    }

    /// `Equals`, where it is not only reference identity.
    fn equals(&self, other: &dyn ClrLike) -> Option<bool> {
        let _ = other;
        None
    }

    /// `CompareTo`, for types with an order.
    fn compare(&self, other: &dyn ClrLike) -> Option<std::cmp::Ordering> {
        let _ = other;
        None
    }

    /// Room for members that a script adds; `None` if objects of this type are wrapped instead.
    fn extended(&self) -> Option<&Extended> {
        None
    }

    /// Moves the values held inside to `pending`, when the object is about to be dropped.
    fn surrender(&mut self, pending: &mut Vec<Value>) {
        let _ = pending;
    }
}

impl dyn ClrLike {
    /// The concrete object behind the trait, if it is a `T`.
    #[must_use]
    pub fn downcast<T: ClrLike>(&self) -> Option<&T> {
        (self as &dyn Any).downcast_ref()
    }

    /// The counted concrete object behind the trait, if it is a `T`.
    #[must_use]
    pub fn downcast_arc<T: ClrLike>(self: Arc<Self>) -> Option<Arc<T>> {
        (self as Arc<dyn Any + Send + Sync>).downcast().ok()
    }
}
