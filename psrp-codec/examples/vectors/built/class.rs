//! Classes that a script declares, and objects of them.

use psrp_codec::{Content, Object, Property, TypeNames, Value};

use super::dotnet::Holds;
use super::evaluate::Session;
use super::source::{Expression, Source, Type};

/// A class: what it is derived from, what its objects have, and what they say they are.
pub(super) struct Class {
    pub(super) name: String,
    base: Option<Type>,
    properties: Vec<(String, Type, Option<Expression>)>,
    to_string: ToString,
}

enum ToString {
    /// The name of the class.
    OfObject,
    Gives(Expression),
    Throws,
}

impl Source<'_> {
    /// `class Name : Base { [type]$name = value; [string] ToString() { return value } }`
    pub(super) fn class(&mut self) -> Option<Class> {
        let name = self.takes("class ").then(|| self.word())??;
        let base = if self.takes(":") {
            Some(self.type_inside()?)
        } else {
            None
        };
        let mut class = Class {
            name,
            base,
            properties: Vec::new(),
            to_string: ToString::OfObject,
        };
        self.takes("{").then_some(())?;
        while !self.takes("}") {
            let of = self.type_name()?;
            if self.takes("ToString() {") {
                class.to_string = if self.takes("return") {
                    ToString::Gives(self.expression()?)
                } else {
                    self.takes("throw").then(|| self.expression())??;
                    ToString::Throws
                };
                self.takes("}").then_some(())?;
            } else {
                let property = self.variable()?;
                let value = if self.takes("=") {
                    Some(self.expression()?)
                } else {
                    None
                };
                class.properties.push((property, of, value));
            }
            self.takes(";");
        }
        Some(class)
    }
}

impl Session {
    /// `[of]::new()`, if `of` is a class of the script.
    pub(super) fn instance(&mut self, of: &str) -> Option<Value> {
        let class = self.classes.get(of)?.clone();
        let mut object = Object::bag();
        let mut names = vec![class.name.clone()];
        let base = match &class.base {
            Some(base) if self.classes.contains_key(&base.name) => {
                let Value::Reference(id) = self.instance(&base.name)? else {
                    return None;
                };
                let base = self.object(id)?.clone();
                let own = base.type_names.iter().flat_map(|names| names.iter());
                names.extend(own.filter_map(|name| name.as_str().map(str::to_owned)));
                Some(base)
            }
            Some(base) => {
                let (Holds::Items(kind), more) = base.container()? else {
                    return None;
                };
                // Generic stacks and queues are no longer known as such.
                let plain = base.arguments.is_empty() || base.name.ends_with("List");
                plain.then_some(())?;
                names.extend(more);
                let object = Object::of_type(names);
                return Some(self.kept(object.with_content(Content::Items(kind, Vec::new()))));
            }
            None => {
                names.push("System.Object".into());
                None
            }
        };
        let mut properties = Vec::new();
        for (name, of, value) in &class.properties {
            let value = match value {
                Some(value) => self.value(value)?,
                None => of.default_value()?,
            };
            properties.push(Property {
                name: name.as_str().into(),
                value,
            });
        }
        properties.extend(
            base.into_iter()
                .flat_map(|mut base| base.adapted.take().unwrap_or_default()),
        );
        object.type_names = Some(TypeNames::of(names));
        object.adapted = Some(properties).filter(|properties| !properties.is_empty());
        let kept = self.kept(object);
        self.variables.insert("this".into(), kept.clone());
        let text = match &class.to_string {
            ToString::OfObject => Some(Value::from(class.name.as_str())),
            ToString::Gives(text) => Some(self.value(text)?),
            ToString::Throws => None,
        };
        if let (Some(text), Value::Reference(id)) = (text, &kept) {
            let text = text.as_string().cloned().unwrap_or_default();
            self.objects.get_mut(id.0 as usize)?.to_string = Some(text);
        }
        Some(kept)
    }
}
