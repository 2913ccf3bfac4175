//! From source to a value.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use bytes::Bytes;
use psrp_codec::{Content, Object, PsString, RefId, Value};

use super::super::forward::forwarded;
use super::class::Class;
use super::convert::{primitive, units};
use super::dotnet::{Enumeration, Holds};
use super::object::{insert_type, set, set_member};
use super::source::{self, Expression, Type};
use super::type_data::TypeData;

/// The one value that a script gives, as it is written `depth` levels deep. `None` where it takes a
/// PowerShell to say.
pub(super) fn evaluate(source: &str, depth: u32) -> Option<Value> {
    let statements = source::parse(source)?;
    let mut session = Session {
        source: source.to_owned(),
        ..Session::default()
    };
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
    session.lay_out(&mut value, depth)?;
    super::unlabelled(&mut value);
    begin_at_zero(&mut value);
    Some(value)
}

const SWITCH: &str = "System.Management.Automation.SwitchParameter";

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
    /// The whole script.
    pub(super) source: String,
    pub(super) variables: HashMap<String, Value>,
    /// Every object has a place here; a value that is an object refers to it.
    pub(super) objects: Vec<Object>,
    pub(super) enumerations: HashMap<String, Enumeration>,
    pub(super) classes: HashMap<String, Rc<Class>>,
    pub(super) type_data: HashMap<String, TypeData>,
    /// The objects that are errors.
    pub(super) errors: HashSet<RefId>,
    /// What objects say they are that do not write it.
    pub(super) texts: HashMap<RefId, PsString>,
    /// Values that every script shares, and what was made of them.
    pub(super) shared: Vec<(Value, RefId)>,
    /// How long arrays of several dimensions are in each.
    pub(super) grids: HashMap<RefId, Vec<usize>>,
}

impl Session {
    pub(super) fn keep(&mut self, object: Object) -> RefId {
        self.objects.push(object);
        RefId(u32::try_from(self.objects.len() - 1).unwrap_or(u32::MAX))
    }

    pub(super) fn kept(&mut self, object: Object) -> Value {
        Value::Reference(self.keep(object))
    }

    pub(super) fn object(&self, id: RefId) -> Option<&Object> {
        self.objects.get(id.0 as usize)
    }

    pub(super) fn object_mut(&mut self, id: RefId) -> Option<&mut Object> {
        self.objects.get_mut(id.0 as usize)
    }

    pub(super) fn object_of(&mut self, name: &str) -> Option<&mut Object> {
        match self.variables.get(name)? {
            Value::Reference(id) => self.objects.get_mut(id.0 as usize),
            _ => None,
        }
    }

    /// The items of an array, which a pipeline gives one after the other.
    pub(super) fn enumerated(&self, value: &Value) -> Option<&[Value]> {
        let Value::Reference(id) = value else {
            return None;
        };
        let object = self.object(*id)?;
        let is_array = object.type_names.as_ref()?.is("System.Array");
        object.items().filter(|_| is_array)
    }

    pub(super) fn array(&mut self, items: Vec<Value>) -> Value {
        let Value::Object(array) = Value::list(items) else {
            return Value::Null;
        };
        self.kept(*array)
    }

    pub(super) fn values(&mut self, expressions: &[Expression]) -> Option<Vec<Value>> {
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
                let depth = self.value(arguments.get(1)?)?.as_i32()?;
                self.lay_out(&mut value, u32::try_from(depth).ok()?)?;
                super::unlabelled(&mut value);
                // It comes to life again.
                const ALIVE: &str = "System.Management.Automation.PSPrimitiveDictionary";
                let is_alive = value.as_object().is_some_and(|object| object.is(ALIVE));
                let is_switch = value.as_object().is_some_and(|object| object.is(SWITCH));
                if is_switch {
                    return Some(value);
                }
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
                let this = self.variables.get("this")?.clone();
                self.property(&this, name)
            }
            Expression::Through(what, command) => self.through(what, command),
            Expression::Record(record) => self.written(record),
            Expression::Characters(text) => {
                let text = self.value(text)?;
                let units = text.as_string()?.encode_utf16();
                let items = units.map(Value::Char).collect();
                Some(self.array(items))
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
                    None => match what {
                        Value::Int32(number) => {
                            Some(Value::Int32(number.checked_mul(count.try_into().ok()?)?))
                        }
                        what => Some(PsString::from_utf16(&units(&what)?.repeat(count)).into()),
                    },
                }
            }
            Expression::Plus(left, right) => {
                let (left, right) = (self.value(left)?, self.value(right)?);
                if let (Value::Int32(left), Value::Int32(right)) = (&left, &right) {
                    return left.checked_add(*right).map(Value::Int32);
                }
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
        let is_wrapper = to.name.eq_ignore_ascii_case("psobject");
        let is_any = to.is("System.Object") || to.is("System.Management.Automation.PSMemberInfo");
        if is_wrapper && to.ranks.is_empty() || is_any {
            return Some(value);
        }
        if let (true, Value::Bool(truth)) = (to.is(SWITCH), &value) {
            let text = if *truth { "True" } else { "False" };
            let own = vec![("IsPresent", value.clone())];
            return Some(self.structure(SWITCH, true, text.into(), own));
        }
        if to.name.eq_ignore_ascii_case("pscustomobject") && !matches!(value, Value::Reference(_)) {
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
}
