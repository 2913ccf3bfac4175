//! The steps of a script: what changes between one value and the next.

use std::rc::Rc;

use psrp_codec::{Content, Object, TypeNames, Value};

use super::convert::{self, primitive};
use super::evaluate::Session;
use super::object::{insert_type, set};
use super::record::{append, set_progress};
use super::source::{Statement, Type};

impl Session {
    /// What the statements put out; `None` unless that is one value.
    pub(super) fn run(&mut self, statements: &[Statement]) -> Option<Value> {
        let (last, before) = statements.split_last()?;
        for statement in before {
            self.step(statement)?;
        }
        self.step(last)?
    }

    /// Outer `None` for what is not known, inner one for what puts nothing out.
    pub(super) fn step(&mut self, statement: &Statement) -> Option<Option<Value>> {
        match statement {
            Statement::Expression(expression) => return self.value(expression).map(Some),
            Statement::Assign(name, parts, value) => {
                let value = self.value(value)?;
                let Some((last, path)) = parts.split_last() else {
                    self.variables.insert(name.clone(), value);
                    return Some(None);
                };
                let path = self.values(path)?;
                let last = self.value(last)?;
                self.assign(name, &path, last, value)?;
            }
            Statement::Each(items, body) => {
                let items = self.value(items)?;
                let items = match self.enumerated(&items) {
                    Some(items) => items.to_vec(),
                    None => vec![items],
                };
                for item in items {
                    self.variables.insert("_".into(), item);
                    for statement in body {
                        self.step(statement)?;
                    }
                }
            }
            Statement::Nothing => {}
            Statement::Caught(statement, value) => {
                return self.thrown(statement, value.as_ref()).map(Some);
            }
            // Who would catch it?
            Statement::Throw => return None,
            Statement::TypeData(name, more) => {
                let known = self.type_data.entry(name.clone()).or_default();
                known.extend(more.clone());
            }
            Statement::Class(class) => {
                self.classes.insert(class.name.clone(), Rc::clone(class));
            }
            Statement::Enumeration(name, found) => {
                self.enumerations.insert(name.clone(), found.clone());
            }
        }
        Some(None)
    }

    /// `$name.path.part = value`
    fn assign(&mut self, name: &str, path: &[Value], part: Value, value: Value) -> Option<()> {
        if let Some(Value::Progress(progress)) = self.variables.get_mut(name) {
            return set_progress(progress, part.as_str()?, &value);
        }
        let mut object = self.variables.get(name)?.clone();
        for part in path {
            object = self.property(&object, part.as_str()?)?;
        }
        let Value::Reference(id) = object else {
            return None;
        };
        let (mut part, mut value) = (part, value);
        if let Some(lengths) = self.grids.get(&id) {
            let indexes = self.enumerated(&part)?;
            let place = lengths
                .iter()
                .zip(indexes)
                .try_fold(0, |place, (length, at)| {
                    Some(place * length + usize::try_from(at.as_i32()?).ok()?)
                });
            part = Value::Int32(place?.try_into().ok()?);
        }
        // A property keeps its type.
        let known = part.as_str().and_then(|part| self.object(id)?.get(part));
        match known {
            Some(Value::UInt32(_)) => value = primitive("System.UInt32", &value)?,
            Some(Value::Null) if part.as_str()?.ends_with("Color") => {
                value = self.enumeration(&Type::plain("ConsoleColor".into()), &value)?;
            }
            _ => {}
        }
        let object = self.object_mut(id)?;
        if object.is("System.Management.Automation.HostInformationMessage")
            && part.as_str() == Some("Message")
        {
            object.to_string = value.as_string().cloned();
        }
        set(object, part, value)
    }

    /// A method that changes what a variable holds.
    pub(super) fn call(&mut self, name: &str, method: &str, arguments: Vec<Value>) -> Option<()> {
        if method.starts_with("pstypenames.") {
            let value = self.variables.get(name)?.clone();
            if !matches!(value, Value::Reference(_)) {
                let wrapped = Object::of_type(convert::type_names(&value)?);
                let kept = self.kept(wrapped.with_content(Content::Value(value)));
                self.variables.insert(name.to_owned(), kept);
            }
        }
        if let (Some(Value::SecureString(secret)), "appendchar", [Value::Char(unit)]) =
            (self.variables.get(name), method, arguments.as_slice())
        {
            let longer = Value::SecureString(append(secret, *unit));
            self.variables.insert(name.to_owned(), longer);
            return Some(());
        }
        if let ("psobject.properties.add" | "psobject.members.add", [Value::Reference(id)]) =
            (method, arguments.as_slice())
        {
            let added = self.object(*id)?.extended.clone()?;
            let object = self.object_of(name)?;
            object.extended.get_or_insert_default().extend(added);
            return Some(());
        }
        let object = self.object_of(name)?;
        let mut arguments = arguments.into_iter();
        let (first, second) = (arguments.next(), arguments.next());
        match (method, first, second) {
            ("pstypenames.clear", None, None) => object.type_names = None,
            ("pstypenames.add", Some(name), None) => {
                let own = object
                    .type_names
                    .iter()
                    .flat_map(|names| names.iter().cloned());
                let names: Vec<_> = own.chain([name.as_string()?.clone()]).collect();
                object.type_names = Some(TypeNames::of(names));
            }
            ("pstypenames.insert", Some(Value::Int32(0)), Some(name)) => {
                insert_type(object, name.as_string()?);
            }
            ("add", Some(key), Some(value)) => set(object, key, value)?,
            ("add" | "push" | "enqueue", Some(item), None) => match &mut object.content {
                Some(Content::Items(_, items)) if method == "push" => items.insert(0, item),
                Some(Content::Items(_, items)) => items.push(item),
                _ => return None,
            },
            _ => return None,
        }
        Some(())
    }
}
