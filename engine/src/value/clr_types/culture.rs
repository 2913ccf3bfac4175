//! `System.Globalization.CultureInfo`, as far as there is one culture and the invariant one.

use crate::value::clr::{ClrLike, PropertyInfo};
use crate::value::composite::Culture;
use crate::value::error::Raise;
use crate::value::types::{TypeId, TypeRef};
use crate::value::{Text, Value};

/// A culture by its name. Numbers and dates are formatted as in en-US by all but the invariant one.
#[derive(Debug)]
pub struct CultureInfo {
    name: Text,
}

impl CultureInfo {
    /// The culture of that name; the empty name is the invariant one.
    #[must_use]
    pub fn new(name: impl Into<Text>) -> Self {
        Self { name: name.into() }
    }

    /// How it formats.
    #[must_use]
    pub fn formats(&self) -> Culture {
        if self.name.is_empty() {
            Culture::Invariant
        } else {
            Culture::EnUs
        }
    }
}

impl ClrLike for CultureInfo {
    fn type_ref(&self) -> TypeRef {
        TypeRef::of(TypeId::CultureInfo)
    }

    fn properties(&self) -> Vec<PropertyInfo> {
        [
            ("LCID", "System.Int32"),
            ("Name", "System.String"),
            ("DisplayName", "System.String"),
            ("TwoLetterISOLanguageName", "System.String"),
        ]
        .map(|(name, type_name)| PropertyInfo {
            name,
            type_name,
            settable: false,
        })
        .into()
    }

    fn property(&self, name: &str) -> Option<Result<Value, Raise>> {
        let english = self.name.eq_ignore_ascii_case("en-US");
        Some(Ok(match name.to_ascii_lowercase().as_str() {
            "name" => Value::String(self.name.clone()),
            "lcid" if self.name.is_empty() => Value::Int32(127),
            "lcid" => Value::Int32(if english { 1033 } else { 4096 }),
            "displayname" | "englishname" | "nativename" if self.name.is_empty() => {
                "Invariant Language (Invariant Country)".into()
            }
            "displayname" | "englishname" | "nativename" if english => {
                "English (United States)".into()
            }
            "displayname" | "englishname" | "nativename" => Value::String(self.name.clone()),
            "twoletterisolanguagename" if self.name.is_empty() => "iv".into(),
            "twoletterisolanguagename" => self.name.split('-').next().unwrap_or_default().into(),
            _ => return None,
        }))
    }

    fn text(&self) -> Text {
        self.name.clone()
    }

    fn equals(&self, other: &dyn ClrLike) -> Option<bool> {
        other
            .downcast::<Self>()
            .map(|other| other.name == self.name)
    }
}
