//! Enumerations of scripts. Classes are declared by name and refuse to be used: they come next.

use std::sync::Arc;

use super::flow::Run;
use super::machine::Machine;
use super::node::{ClassNode, EnumNode};
use super::ops;
use crate::value::{EnumInfo, Name, Raise, TypeId, TypeRef, UserType};

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
        let info = EnumInfo {
            members,
            flags: node.flags,
            underlying: TypeId::Int32,
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

    pub(crate) fn define_class(&mut self, node: &Arc<ClassNode>) -> Run {
        Err(Raise::of(
            TypeId::PSNotSupportedException,
            format!("Classes are not supported by this engine: {}.", node.name),
            "NotSupported",
        )
        .into())
    }
}
