//! Classes and enumerations of scripts: what their declarations mean.

use std::any::Any;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use indexmap::IndexMap;

use super::check::Check;
use super::flow::Run;
use super::machine::Machine;
use super::node::{ClassNode, EnumNode, PropertyNode, StmtKind};
use super::ops;
use crate::value::{
    EnumInfo, FieldInfo, Name, Raise, Shape, Text, TypeId, TypeRef, UserType, Value, equal_folded,
};

/// An enumeration of a script.
#[derive(Debug)]
struct ScriptEnum {
    name: String,
    info: EnumInfo,
}

impl UserType for ScriptEnum {
    fn name(&self) -> &str {
        &self.name
    }

    fn base(&self) -> TypeRef {
        TypeRef::of(TypeId::EnumBase)
    }

    fn enum_info(&self) -> Option<&EnumInfo> {
        Some(&self.info)
    }
}

/// A class of a script.
#[derive(Debug)]
pub(crate) struct ScriptClass {
    pub(crate) node: Arc<ClassNode>,
    base: TypeRef,
    interfaces: Vec<TypeRef>,
    /// The properties that the class itself declares, in order.
    pub(crate) fields: Vec<Field>,
    /// The values of static properties.
    statics: Mutex<IndexMap<Name, Value>>,
    /// Whether static properties and the static constructor have run.
    initialized: AtomicBool,
}

/// A property of a class.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: Text,
    pub(crate) ty: Option<TypeRef>,
    pub(crate) checks: Vec<Check>,
    pub(crate) is_static: bool,
    is_hidden: bool,
    /// Where it stands in the class's declaration.
    pub(crate) place: usize,
}

impl UserType for ScriptClass {
    fn name(&self) -> &str {
        &self.node.name
    }

    fn base(&self) -> TypeRef {
        self.base.clone()
    }

    fn fields(&self) -> Vec<FieldInfo> {
        let own = self.fields.iter().filter(|field| !field.is_static);
        let mut fields: Vec<FieldInfo> = own
            .map(|field| FieldInfo {
                name: field.name.clone(),
                type_name: field
                    .ty
                    .as_ref()
                    .map_or_else(|| "System.Object".into(), TypeRef::full_name),
                hidden: field.is_hidden,
            })
            .collect();
        if let TypeRef::User(base) = &self.base {
            for field in base.fields() {
                if !fields
                    .iter()
                    .any(|own| equal_folded(&own.name, &field.name))
                {
                    fields.push(field);
                }
            }
        }
        fields
    }

    fn interfaces(&self) -> Vec<TypeRef> {
        self.interfaces.clone()
    }
}

impl ScriptClass {
    pub(crate) fn base_type(&self) -> &TypeRef {
        &self.base
    }

    pub(crate) fn field(&self, name: &str) -> Option<&Field> {
        self.fields
            .iter()
            .find(|field| equal_folded(&field.name, name))
    }

    pub(crate) fn declaration(&self, field: &Field) -> &PropertyNode {
        &self.node.properties[field.place]
    }

    /// True once: whoever gets it initializes the static members.
    pub(crate) fn begin_statics(&self) -> bool {
        !self.initialized.swap(true, Ordering::Relaxed)
    }

    pub(crate) fn static_value(&self, name: &str) -> Option<Value> {
        self.statics
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&crate::value::FoldedStr(name))
            .cloned()
    }

    pub(crate) fn set_static_value(&self, name: &str, value: Value) {
        let old = self
            .statics
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(Name::from(name), value);
        // Dropped without the lock: what it held may be large.
        drop(old);
    }
}

/// The script's class behind a type, if it is one.
pub(crate) fn of(ty: &TypeRef) -> Option<&ScriptClass> {
    match ty {
        TypeRef::User(user) => {
            let user: &dyn Any = user.as_ref().as_ref();
            user.downcast_ref::<ScriptClass>()
        }
        _ => None,
    }
}

impl Machine<'_> {
    pub(crate) fn define_enum(&mut self, node: &Arc<EnumNode>) -> Run {
        let mut members = Vec::new();
        let mut next = 0_i64;
        for (name, value) in &node.members {
            if let Some(expr) = value {
                let value = self.evaluate(expr)?;
                next = ops::integer(&value).unwrap_or(next);
            }
            members.push((name.to_string().into(), next));
            next += 1;
        }
        let underlying = match &node.underlying {
            Some(ty) => self.resolve_type(ty)?.id().unwrap_or(TypeId::Int32),
            None => TypeId::Int32,
        };
        let info = EnumInfo {
            members,
            flags: node.flags,
            underlying,
        };
        let ty: Box<dyn UserType> = Box::new(ScriptEnum {
            name: node.name.to_string(),
            info,
        });
        self.session
            .types
            .insert(Name::from(node.name.as_str()), TypeRef::User(Arc::new(ty)));
        Ok(())
    }

    /// Declares a class. Reached again, the same declaration is the same class.
    pub(crate) fn define_class(&mut self, node: &Arc<ClassNode>) -> Run {
        let name = Name::from(node.name.as_str());
        if let Some(known) = self.session.types.get(&name)
            && of(known).is_some_and(|class| Arc::ptr_eq(&class.node, node))
        {
            return Ok(());
        }
        let (mut base, mut interfaces) = (TypeRef::of(TypeId::Object), Vec::new());
        for ty in &node.bases {
            let ty = self.resolve_type(ty)?;
            if ty.shape() == Shape::Interface {
                interfaces.push(ty);
            } else {
                base = ty;
            }
        }
        // The class is known to its own members, first without them.
        let outline = ScriptClass {
            node: Arc::clone(node),
            base: base.clone(),
            interfaces: interfaces.clone(),
            fields: Vec::new(),
            statics: Mutex::default(),
            initialized: AtomicBool::new(false),
        };
        let outline: Box<dyn UserType> = Box::new(outline);
        let previous = self
            .session
            .types
            .insert(name.clone(), TypeRef::User(Arc::new(outline)));
        let fields = match self.fields_of(node) {
            Ok(fields) => fields,
            Err(flow) => {
                match previous {
                    Some(previous) => self.session.types.insert(name, previous),
                    None => self.session.types.shift_remove(&name),
                };
                return Err(flow);
            }
        };
        let class: Box<dyn UserType> = Box::new(ScriptClass {
            node: Arc::clone(node),
            base,
            interfaces,
            fields,
            statics: Mutex::default(),
            initialized: AtomicBool::new(false),
        });
        self.session
            .types
            .insert(name, TypeRef::User(Arc::new(class)));
        Ok(())
    }

    fn fields_of(&mut self, node: &ClassNode) -> Run<Vec<Field>> {
        let mut fields = Vec::with_capacity(node.properties.len());
        for (place, property) in node.properties.iter().enumerate() {
            let ty = match &property.ty {
                // Its own type is looked up when a value comes, as the class is not finished now.
                Some(ty) if equal_folded(&ty.name, &node.name) => None,
                Some(ty) => Some(self.resolve_type(ty)?),
                None => None,
            };
            fields.push(Field {
                name: property.name.clone(),
                ty,
                checks: self.checks_of(&property.attributes)?,
                is_static: property.is_static,
                is_hidden: property.is_hidden,
                place,
            });
        }
        Ok(fields)
    }

    /// The class that a target like `([Base]$this)` is cast to, whose own methods are meant then.
    pub(crate) fn cast_class(&mut self, target: &super::node::Expr) -> Run<Option<TypeRef>> {
        use super::node::{Element, ExprKind};
        let mut target = target;
        loop {
            target = match &target.kind {
                ExprKind::Paren(statement) => match &statement.kind {
                    StmtKind::Pipeline(pipeline) => match pipeline.elements.as_slice() {
                        [Element::Expression { expr, .. }] => expr,
                        _ => return Ok(None),
                    },
                    _ => return Ok(None),
                },
                ExprKind::Cast(node, _) => {
                    let ty = self.resolve_type(node)?;
                    return Ok(of(&ty).is_some().then_some(ty));
                }
                _ => return Ok(None),
            };
        }
    }

    /// The value of a static property, its own or a base class's.
    pub(crate) fn read_static(&mut self, class: &TypeRef, name: &str) -> Option<Run<Value>> {
        let owner = static_owner(class, name)?;
        if let Err(flow) = self.initialize_statics(&owner) {
            return Some(Err(flow));
        }
        Some(Ok(of(&owner)?.static_value(name).unwrap_or_default()))
    }

    /// Sets a static property; `None` if there is none of that name.
    pub(crate) fn write_static(
        &mut self,
        class: &TypeRef,
        name: &str,
        value: &Value,
    ) -> Option<Run> {
        let owner = static_owner(class, name)?;
        if let Err(flow) = self.initialize_statics(&owner) {
            return Some(Err(flow));
        }
        let value = match self.checked_field(&owner, name, value) {
            Ok(value) => value,
            Err(flow) => return Some(Err(flow)),
        };
        of(&owner)?.set_static_value(name, value);
        Some(Ok(()))
    }

    /// A value as the field takes it: converted, and then validated.
    pub(crate) fn checked_field(
        &mut self,
        class: &TypeRef,
        name: &str,
        value: &Value,
    ) -> Run<Value> {
        let owner = class
            .chain()
            .find(|ty| of(ty).is_some_and(|class| class.field(name).is_some()));
        let Some(field) = owner
            .as_ref()
            .and_then(of)
            .and_then(|class| class.field(name))
        else {
            return Ok(value.clone());
        };
        let failed = |message: &str| {
            Raise::of(
                TypeId::SetValueInvocationException,
                format!("Exception setting \"{name}\": \"{message}\""),
                "ExceptionWhenSetting",
            )
        };
        let value = match &field.ty {
            Some(ty) if value.is_null() && !matches!(ty.shape(), Shape::Struct | Shape::Enum) => {
                // Setting a [string] property to null makes it empty, as a cast does.
                ops::cast(self, &Value::Null, ty)?
            }
            Some(ty) => ops::cast(self, value, ty).map_err(|raise| match raise {
                Raise::Error(error) => failed(error.exception.message()),
                other => other,
            })?,
            None => super::expression::plain(value.clone()),
        };
        for check in &field.checks {
            if let Some(message) = self.violation(check, &value)? {
                return Err(failed(&message).into());
            }
        }
        Ok(value)
    }
}

/// The class of the chain that declares a static property of that name.
fn static_owner(class: &TypeRef, name: &str) -> Option<TypeRef> {
    class.chain().find(|ty| {
        of(ty).is_some_and(|class| class.field(name).is_some_and(|field| field.is_static))
    })
}
