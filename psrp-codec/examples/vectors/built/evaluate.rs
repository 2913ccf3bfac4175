//! From source to a value.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use bytes::Bytes;
use psrp_codec::{ContainerKind, Content, Object, PsString, RefId, TypeNames, Value};

use super::super::forward::forwarded;
use super::class::Class;
use super::convert::{self, primitive, units};
use super::dotnet::{Enumeration, Holds};
use super::object::{insert_type, set, set_member};
use super::source::{self, Expression, Statement, Type};

/// The one value that a script gives. `None` where it takes a PowerShell to say.
pub(super) fn evaluate(source: &str) -> Option<Value> {
    let statements = source::parse(source)?;
    let mut session = Session::default();
    let outcome = session.run(&statements)?;
    let root = match session.enumerated(&outcome) {
        Some([only]) => only.clone(),
        Some(_) => return None,
        None => outcome,
    };
    // What comes out of a pipeline has been wrapped once more: only objects of PowerShell's own
    // are known again inside.
    let mut value = match &root {
        Value::Reference(id) if session.object(*id)?.content.is_some() => {
            Value::from(session.object(*id)?.clone())
        }
        _ => root,
    };
    session.lay_out(&mut value);
    super::unlabelled(&mut value);
    begin_at_zero(&mut value);
    Some(value)
}

/// Gives the first object the label 0, if it has one.
fn begin_at_zero(value: &mut Value) {
    let Some(first) = value.as_object().and_then(|object| object.ref_id) else {
        return;
    };
    let other = |id: RefId| match id {
        RefId(0) => first,
        id if id == first => RefId(0),
        id => id,
    };
    super::each_value(value, &mut |value| match value {
        Value::Reference(id) => *id = other(*id),
        Value::Object(object) => object.ref_id = object.ref_id.map(other),
        _ => {}
    });
}

#[derive(Default)]
pub(super) struct Session {
    pub(super) variables: HashMap<String, Value>,
    /// Every object has a place here; a value that is an object refers to it.
    pub(super) objects: Vec<Object>,
    pub(super) enumerations: HashMap<String, Enumeration>,
    pub(super) classes: HashMap<String, Rc<Class>>,
}

impl Session {
    /// What the statements put out; `None` unless that is one value.
    fn run(&mut self, statements: &[Statement]) -> Option<Value> {
        let (last, before) = statements.split_last()?;
        for statement in before {
            self.step(statement)?;
        }
        self.step(last)?
    }

    /// Outer `None` for what is not known, inner one for what puts nothing out.
    fn step(&mut self, statement: &Statement) -> Option<Option<Value>> {
        match statement {
            Statement::Expression(expression) => self.value(expression).map(Some),
            Statement::Assign(name, None, value) => {
                let value = self.value(value)?;
                self.variables.insert(name.clone(), value);
                Some(None)
            }
            Statement::Assign(name, Some(part), value) => {
                let (part, value) = (self.value(part)?, self.value(value)?);
                let object = self.object_of(name)?;
                set(object, part, value)?;
                Some(None)
            }
            Statement::AddMember(to, name, value) => {
                let value = self.value(value)?;
                let target = self.value(to)?;
                let id = match target {
                    Value::Reference(id) => id,
                    Value::Object(object) => self.keep(*object),
                    primitive => self.keep(Object::wrapping(Content::Value(primitive))),
                };
                let object = self.objects.get_mut(id.0 as usize)?;
                set_member(object, name, value);
                if let Expression::Variable(name) = to {
                    self.variables.insert(name.clone(), Value::Reference(id));
                }
                Some(Some(Value::Reference(id)))
            }
            Statement::AddAlias(to, name, other) => {
                let value = self.value(to)?;
                let Value::Reference(id) = value else {
                    return None;
                };
                let object = self.objects.get_mut(id.0 as usize)?;
                let same = object.get(other)?.clone();
                set_member(object, name, same);
                Some(Some(value))
            }
            Statement::Repeat(count, body) => {
                for _ in 0..*count {
                    for statement in body {
                        self.step(statement)?;
                    }
                }
                Some(None)
            }
            Statement::Nothing => Some(None),
            Statement::Class(class) => {
                self.classes.insert(class.name.clone(), Rc::clone(class));
                Some(None)
            }
            Statement::Enumeration(name, found) => {
                self.enumerations.insert(name.clone(), found.clone());
                Some(None)
            }
        }
    }

    fn keep(&mut self, object: Object) -> RefId {
        self.objects.push(object);
        RefId(u32::try_from(self.objects.len() - 1).unwrap_or(u32::MAX))
    }

    pub(super) fn kept(&mut self, object: Object) -> Value {
        Value::Reference(self.keep(object))
    }

    pub(super) fn object(&self, id: RefId) -> Option<&Object> {
        self.objects.get(id.0 as usize)
    }

    fn object_of(&mut self, name: &str) -> Option<&mut Object> {
        match self.variables.get(name)? {
            Value::Reference(id) => self.objects.get_mut(id.0 as usize),
            _ => None,
        }
    }

    /// The items of an array, which a pipeline gives one after the other.
    fn enumerated(&self, value: &Value) -> Option<&[Value]> {
        let Value::Reference(id) = value else {
            return None;
        };
        let object = self.object(*id)?;
        let is_array = object.type_names.as_ref()?.is("System.Array");
        object.items().filter(|_| is_array)
    }

    fn array(&mut self, items: Vec<Value>) -> Value {
        let Value::Object(array) = Value::list(items) else {
            return Value::Null;
        };
        self.kept(*array)
    }

    fn values(&mut self, expressions: &[Expression]) -> Option<Vec<Value>> {
        expressions.iter().map(|each| self.value(each)).collect()
    }

    pub(super) fn value(&mut self, expression: &Expression) -> Option<Value> {
        match expression {
            Expression::Value(value) => Some(value.clone()),
            Expression::Variable(name) => self.variables.get(name).cloned(),
            Expression::Text(parts) => {
                let parts = self.values(parts)?;
                let units: Option<Vec<_>> = parts.iter().map(units).collect();
                Some(PsString::from_utf16(&units?.concat()).into())
            }
            Expression::Array(None) => Some(self.array(Vec::new())),
            Expression::Array(Some(inside)) => {
                let inside = self.value(inside)?;
                let items = match self.enumerated(&inside) {
                    Some(items) => items.to_vec(),
                    None if self.is_container(&inside) => return None,
                    None => vec![inside],
                };
                Some(self.array(items))
            }
            Expression::Comma(items) => {
                let items = self.values(items)?;
                Some(self.array(items))
            }
            Expression::Table(entries) => {
                // In which order more than one come is up to the table.
                let name = Type::plain("hashtable".into());
                (entries.len() < 2).then(|| self.table(&name, entries))?
            }
            Expression::Cast(name, inside) => self.cast(name, inside),
            Expression::Static(name, member) => self.member(name, member),
            Expression::StaticCall(_, member, arguments) if member == "ToObject" => {
                let [Expression::Type(of), number] = arguments.as_slice() else {
                    return None;
                };
                let number = self.value(number)?;
                self.enumeration(of, &number)
            }
            Expression::StaticCall(_, member, arguments) if member == "Deserialize" => {
                let [Expression::StaticCall(_, inner, arguments)] = arguments.as_slice() else {
                    return None;
                };
                let what = arguments.first().filter(|_| inner == "Serialize")?;
                let mut value = self.value(what)?;
                // A call unwraps what a variable holds.
                if let (Expression::Variable(_), Value::Reference(id)) = (what, &value) {
                    let wraps = matches!(self.object(*id)?.content, Some(Content::Value(_)));
                    (!wraps).then_some(())?;
                }
                self.lay_out(&mut value);
                super::unlabelled(&mut value);
                // It comes to life again.
                const ALIVE: &str = "System.Management.Automation.PSPrimitiveDictionary";
                let is_alive = value.as_object().is_some_and(|object| object.is(ALIVE));
                (!is_alive).then(|| forwarded(&value))
            }
            // The others say how numbers are written where people are.
            Expression::StaticCall(name, member, arguments) if member == "Parse" => {
                let text = self.value(arguments.first()?)?;
                self.call_static(name, member, &[text])
            }
            Expression::Token(text, value) => {
                let token = Object::bag().text(text.as_str());
                Some(self.kept(token.with_content(Content::Value(value.clone()))))
            }
            Expression::StaticCall(name, member, arguments) => {
                let arguments = self.values(arguments)?;
                self.call_static(name, member, &arguments)
            }
            Expression::Call(name, method, arguments) => {
                let arguments = self.values(arguments)?;
                self.call(name, method, arguments)?;
                Some(Value::Null)
            }
            Expression::OfThis(name) => {
                let Value::Reference(id) = self.variables.get("this")? else {
                    return None;
                };
                self.object(*id)?.get(name).cloned()
            }
            Expression::Type(_) => None,
            Expression::Range(from, to) => {
                let (from, to) = (self.value(from)?.as_i32()?, self.value(to)?.as_i32()?);
                Some(self.array((from..=to).map(Value::Int32).collect()))
            }
            Expression::Times(what, count) => {
                let (what, count) = (self.value(what)?, self.value(count)?.as_i32()?);
                let count = usize::try_from(count).ok()?;
                match self.enumerated(&what) {
                    Some(items) => {
                        let length = items.len().checked_mul(count)?;
                        let items = items.iter().cycle().take(length).cloned().collect();
                        Some(self.array(items))
                    }
                    None => Some(PsString::from_utf16(&units(&what)?.repeat(count)).into()),
                }
            }
            Expression::Plus(left, right) => {
                let (left, right) = (self.value(left)?, self.value(right)?);
                matches!(left, Value::String(_)).then_some(())?;
                let joined = [units(&left)?, units(&right)?].concat();
                Some(PsString::from_utf16(&joined).into())
            }
            Expression::Join(parts) => {
                let parts = self.value(parts)?;
                let units: Option<Vec<_>> = self.enumerated(&parts)?.iter().map(units).collect();
                Some(PsString::from_utf16(&units?.concat()).into())
            }
        }
    }

    fn is_container(&self, value: &Value) -> bool {
        match value {
            Value::Reference(id) => self
                .object(*id)
                .is_some_and(|object| object.items().is_some()),
            _ => false,
        }
    }

    fn table(&mut self, name: &Type, entries: &[(Expression, Expression)]) -> Option<Value> {
        let (_, names) = name.container()?;
        let mut object = Object::of_type(names).with_content(Content::Dictionary(Vec::new()));
        for (key, value) in entries {
            let (key, value) = (self.value(key)?, self.value(value)?);
            set(&mut object, key, value)?;
        }
        Some(self.kept(object))
    }

    fn custom(&mut self, entries: &[(Expression, Expression)]) -> Option<Value> {
        let mut object = Object::custom();
        for (name, value) in entries {
            let (name, value) = (self.value(name)?, self.value(value)?);
            let name = name.as_string()?.clone();
            if name == "PSTypeName" {
                insert_type(&mut object, value.as_string()?);
            } else {
                set_member(&mut object, &name, value);
            }
        }
        Some(self.kept(object))
    }

    fn cast(&mut self, name: &Type, inside: &Expression) -> Option<Value> {
        if let Expression::Table(entries) = inside {
            let lower = name.name.to_lowercase();
            return match lower.as_str() {
                "pscustomobject" => self.custom(entries),
                "ordered" => self.table(name, entries),
                "psobject" => self.value(inside),
                _ if entries.len() < 2 => self.table(name, entries),
                _ => None,
            };
        }
        let value = self.value(inside)?;
        self.converted(name, value)
    }

    fn converted(&mut self, to: &Type, value: Value) -> Option<Value> {
        if to.name.eq_ignore_ascii_case("psobject") && to.ranks.is_empty() {
            return Some(value);
        }
        if to.name.eq_ignore_ascii_case("nullable") && to.ranks.is_empty() {
            let inner = to.arguments.first()?;
            return match value {
                Value::Null => Some(Value::Null),
                value => self.converted(inner, value),
            };
        }
        if let Some((kind, names)) = to.container() {
            let Holds::Items(kind) = kind else {
                return None;
            };
            let items = self.items_of(to, value)?;
            if to
                .element()
                .is_some_and(|element| element.is("System.Byte"))
            {
                let bytes = items.iter().map(|item| match item {
                    Value::Byte(byte) => Some(*byte),
                    _ => None,
                });
                return Some(Value::Bytes(Bytes::from(
                    bytes.collect::<Option<Vec<_>>>()?,
                )));
            }
            let object = Object::of_type(names).with_content(Content::Items(kind, items));
            return Some(self.kept(object));
        }
        if let Some(found) = self.enumeration(to, &value) {
            return Some(found);
        }
        if !to.ranks.is_empty() || !to.arguments.is_empty() {
            return None;
        }
        primitive(&to.base_name(), &value)
    }

    /// What `value` becomes as the items of a container.
    fn items_of(&mut self, to: &Type, value: Value) -> Option<Vec<Value>> {
        let element = to.element().or_else(|| to.arguments.first().cloned());
        let items = match (self.enumerated(&value), &value) {
            (Some(items), _) => items.to_vec(),
            (None, Value::String(text)) if element.as_ref()?.is("System.Char") => {
                text.encode_utf16().map(Value::Char).collect()
            }
            (None, Value::Reference(_)) => return None,
            (None, _) => vec![value],
        };
        match element {
            Some(element) if !element.is("System.Object") => items
                .into_iter()
                .map(|item| self.converted(&element, item))
                .collect(),
            _ => Some(items),
        }
    }

    /// A method that changes what a variable holds.
    fn call(&mut self, name: &str, method: &str, arguments: Vec<Value>) -> Option<()> {
        if method.starts_with("pstypenames.") {
            let value = self.variables.get(name)?.clone();
            if !matches!(value, Value::Reference(_)) {
                let wrapped = Object::of_type(convert::type_names(&value)?);
                let kept = self.kept(wrapped.with_content(Content::Value(value)));
                self.variables.insert(name.to_owned(), kept);
            }
        }
        if let ("psobject.properties.add", [Value::Reference(id)]) = (method, arguments.as_slice())
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
                Some(Content::Items(ContainerKind::Stack, items)) => items.insert(0, item),
                Some(Content::Items(_, items)) => items.push(item),
                _ => return None,
            },
            _ => return None,
        }
        Some(())
    }

    /// Puts every object where it is first met.
    fn lay_out(&self, value: &mut Value) {
        let mut seen = HashSet::new();
        super::each_value(value, &mut |value| {
            if let Value::Reference(id) = value
                && seen.insert(*id)
                && let Some(object) = self.object(*id)
            {
                *value = object.clone().labelled(*id).into();
            }
        });
    }
}
