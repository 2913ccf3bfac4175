//! `.psobject`: a value seen as PowerShell's object, with its properties as objects.

use crate::value::clr::{ClrLike, PropertyInfo};
use crate::value::context::{Context, Detached};
use crate::value::error::Raise;
use crate::value::members::{self, Property};
use crate::value::pattern::Wildcard;
use crate::value::types::{TypeId, TypeRef};
use crate::value::{ListKind, Member, Text, Value};

/// What `.psobject` gives.
#[derive(Debug)]
pub(crate) struct PsObjectView {
    target: Value,
}

/// `.psobject.Properties`.
#[derive(Debug)]
struct PropertyCollection {
    target: Value,
}

/// One of `.psobject.Properties`.
#[derive(Debug)]
struct PropertyView {
    target: Value,
    property: Property,
}

impl PsObjectView {
    pub(crate) fn new(target: Value) -> Self {
        Self { target }
    }

    /// The type names as a list.
    pub(crate) fn type_names(&self) -> Value {
        let names = members::type_names(&self.target);
        if let Some(extended) = self.target.extended() {
            return Value::List(extended.type_name_list(names));
        }
        let names = names.into_iter().map(Value::String).collect();
        Value::List(std::sync::Arc::new(crate::value::List::new(
            ListKind::Collection(TypeRef::of(TypeId::String)),
            names,
        )))
    }

    fn copy(&self) -> Value {
        match &self.target {
            Value::Object(object) => Value::Object(std::sync::Arc::new(object.copy())),
            Value::Hash(table) => Value::Hash(std::sync::Arc::new(table.copy())),
            Value::Array(array) => Value::typed_array(array.element().clone(), array.snapshot()),
            other => other.clone(),
        }
    }
}

impl ClrLike for PsObjectView {
    fn type_ref(&self) -> TypeRef {
        TypeRef::of(TypeId::PSObject)
    }

    fn property(&self, name: &str) -> Option<Result<Value, Raise>> {
        Some(Ok(match name.to_ascii_lowercase().as_str() {
            "properties" | "members" => Value::clr(PropertyCollection {
                target: self.target.clone(),
            }),
            "methods" => {
                let names = members::method_names(&self.target)
                    .iter()
                    .filter_map(|name| members::method_group(&self.target, name))
                    .collect();
                Value::array(names)
            }
            "baseobject" | "immediatebaseobject" => self.target.base().clone(),
            "typenames" => self.type_names(),
            _ => return None,
        }))
    }

    fn methods(&self) -> &'static [&'static str] {
        &["Copy"]
    }

    fn invoke(
        &self,
        _this: &Value,
        name: &str,
        _arguments: &[Value],
        _cx: &mut dyn Context,
    ) -> Option<Result<Value, Raise>> {
        name.eq_ignore_ascii_case("Copy").then(|| Ok(self.copy()))
    }

    fn text(&self) -> Text {
        crate::value::convert::invariant_text(&self.target)
    }
}

impl PropertyCollection {
    fn find(&self, name: &str) -> Option<Value> {
        let property = members::properties(&self.target)
            .into_iter()
            .find(|own| crate::value::equal_folded(&own.name, name))?;
        Some(Value::clr(PropertyView {
            target: self.target.clone(),
            property,
        }))
    }
}

impl ClrLike for PropertyCollection {
    fn type_ref(&self) -> TypeRef {
        TypeRef::generic(
            TypeId::Collection,
            vec![TypeRef::of(TypeId::PSPropertyInfo)],
        )
    }

    fn items(&self) -> Option<Vec<Value>> {
        let all = members::properties(&self.target);
        Some(
            all.into_iter()
                .map(|property| {
                    Value::clr(PropertyView {
                        target: self.target.clone(),
                        property,
                    })
                })
                .collect(),
        )
    }

    fn index(&self, arguments: &[Value], _cx: &mut dyn Context) -> Option<Result<Value, Raise>> {
        let name = arguments.first()?.as_text()?.clone();
        Some(Ok(self.find(&name).unwrap_or_default()))
    }

    fn methods(&self) -> &'static [&'static str] {
        &["Add", "Item", "Match", "Remove"]
    }

    fn invoke(
        &self,
        _this: &Value,
        name: &str,
        arguments: &[Value],
        _cx: &mut dyn Context,
    ) -> Option<Result<Value, Raise>> {
        let first = arguments.first()?;
        match name.to_ascii_lowercase().as_str() {
            "add" => {
                let (name, member) = match first.as_clr::<PropertyView>() {
                    Some(view) => (
                        view.property.name.clone(),
                        view.target.extended()?.member(&view.property.name)?,
                    ),
                    None => return None,
                };
                self.target
                    .extended()?
                    .members_mut()
                    .insert(name.to_name(), member);
                Some(Ok(Value::Nothing))
            }
            "remove" => {
                let removed = self
                    .target
                    .extended()?
                    .members_mut()
                    .remove(&crate::value::convert::invariant_text(first));
                drop(removed);
                Some(Ok(Value::Nothing))
            }
            "item" => Some(Ok(self
                .find(&crate::value::convert::invariant_text(first))
                .unwrap_or_default())),
            "match" => {
                let wildcard = Wildcard::new(&crate::value::convert::invariant_text(first), true)?;
                let found = members::properties(&self.target)
                    .into_iter()
                    .filter(|own| wildcard.is_match(&own.name));
                Some(Ok(Value::array(
                    found
                        .map(|property| {
                            Value::clr(PropertyView {
                                target: self.target.clone(),
                                property,
                            })
                        })
                        .collect(),
                )))
            }
            _ => None,
        }
    }
}

impl PropertyView {
    /// A note property of its own, as `[psnoteproperty]::new` makes one to be added.
    fn note(name: Text, value: Value) -> Self {
        let mut members = crate::value::Members::default();
        members.insert(name.to_name(), Member::Note(value));
        let target = Value::Object(std::sync::Arc::new(crate::value::PsObj::custom(members)));
        let property = Property {
            name,
            kind: members::PropertyKind::Note,
            type_name: "System.Object".into(),
            settable: true,
        };
        Self { target, property }
    }
}

/// `[psnoteproperty]::new(name, value)`.
pub(crate) fn note_property(name: Text, value: Value) -> Value {
    Value::clr(PropertyView::note(name, value))
}

impl ClrLike for PropertyView {
    fn type_ref(&self) -> TypeRef {
        TypeRef::of(match self.property.kind {
            members::PropertyKind::Property => TypeId::PSProperty,
            members::PropertyKind::Note => TypeId::PSNoteProperty,
            members::PropertyKind::Script => TypeId::PSScriptProperty,
            members::PropertyKind::Alias => TypeId::PSAliasProperty,
        })
    }

    fn properties(&self) -> Vec<PropertyInfo> {
        [
            ("Value", "System.Object", true),
            (
                "MemberType",
                "System.Management.Automation.PSMemberTypes",
                false,
            ),
            ("IsSettable", "System.Boolean", false),
            ("IsGettable", "System.Boolean", false),
            ("TypeNameOfValue", "System.String", false),
            ("Name", "System.String", false),
            ("IsInstance", "System.Boolean", false),
        ]
        .map(|(name, type_name, settable)| PropertyInfo {
            name,
            type_name,
            settable,
        })
        .into()
    }

    fn property(&self, name: &str) -> Option<Result<Value, Raise>> {
        Some(Ok(match name.to_ascii_lowercase().as_str() {
            "name" => Value::String(self.property.name.clone()),
            // Script properties need the evaluator, which asks for them by `get_property` on the object itself.
            "value" => {
                return Some(
                    members::get_property(&self.target, &self.property.name, &mut Detached)
                        .map(Option::unwrap_or_default),
                );
            }
            "membertype" => Value::enumeration(
                "System.Management.Automation.PSMemberTypes",
                self.property.kind.bits(),
            )
            .unwrap_or_default(),
            "typenameofvalue" => Value::String(self.property.type_name.clone()),
            "issettable" => Value::Bool(self.property.settable),
            "isgettable" | "isinstance" => Value::Bool(true),
            _ => return None,
        }))
    }

    fn set_property(
        &self,
        name: &str,
        value: &Value,
        cx: &mut dyn Context,
    ) -> Option<Result<(), Raise>> {
        if !name.eq_ignore_ascii_case("Value") {
            return None;
        }
        match members::set_property(&self.target, &self.property.name, value, cx) {
            Ok(Some(())) => Some(Ok(())),
            Ok(None) => None,
            Err(error) => Some(Err(error)),
        }
    }

    fn text(&self) -> Text {
        let value = members::get_property(&self.target, &self.property.name, &mut Detached)
            .ok()
            .flatten()
            .unwrap_or_default();
        let kind = self
            .property
            .type_name
            .rsplit('.')
            .next()
            .unwrap_or_default()
            .to_owned();
        format!(
            "{kind} {}={}",
            self.property.name,
            crate::value::convert::invariant_text(&value)
        )
        .into()
    }
}
