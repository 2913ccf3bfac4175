//! Parameters, their attributes and their types.

use std::sync::{Arc, OnceLock};

use super::Lowering;
use crate::eval::node::{AttributeNode, ParameterNode, TypeNode};
use crate::eval::symbol::Symbol;
use crate::syntax::ast;
use crate::value::equal_folded;

impl Lowering {
    pub(super) fn parameter(&mut self, parameter: &ast::Parameter) -> ParameterNode {
        let attributes = self.attributes(&parameter.attributes);
        let ty = attributes
            .iter()
            .rev()
            .find_map(|attribute| attribute.ty.clone());
        ParameterNode {
            name: Symbol::of(&parameter.variable.name),
            text: (&*parameter.variable.name).into(),
            span: parameter.extent,
            ty,
            attributes,
            default: parameter.default.as_ref().map(|expr| self.expr(expr)),
        }
    }

    pub(super) fn attributes(&mut self, attributes: &[ast::AttributeOrType]) -> Vec<AttributeNode> {
        attributes
            .iter()
            .map(|attribute| self.attribute_or_type(attribute))
            .collect()
    }

    pub(super) fn attribute_or_type(&mut self, attribute: &ast::AttributeOrType) -> AttributeNode {
        match attribute {
            ast::AttributeOrType::Attribute(attribute) => self.attribute(attribute),
            ast::AttributeOrType::Type(constraint) => {
                let ty = self.type_node(&constraint.name);
                AttributeNode {
                    name: ty.name.clone(),
                    span: constraint.extent,
                    ty: Some(ty),
                    positional: Vec::new(),
                    named: Vec::new(),
                }
            }
        }
    }

    pub(super) fn attribute(&mut self, attribute: &ast::Attribute) -> AttributeNode {
        let full = type_text(&attribute.name);
        let short = full.rsplit('.').next().unwrap_or(&full);
        let name = if short.len() > 9 && equal_folded(&short[short.len() - 9..], "Attribute") {
            &short[..short.len() - 9]
        } else {
            short
        };
        AttributeNode {
            name: name.into(),
            span: attribute.extent,
            ty: None,
            positional: attribute
                .positional
                .iter()
                .map(|expr| self.expr(expr))
                .collect(),
            named: attribute
                .named
                .iter()
                .map(|argument| {
                    (
                        (&*argument.name).into(),
                        argument.value.as_ref().map(|value| self.expr(value)),
                    )
                })
                .collect(),
        }
    }

    pub(super) fn type_node(&mut self, name: &ast::TypeName) -> Arc<TypeNode> {
        Arc::new(TypeNode {
            name: type_text(name).into(),
            span: name.extent,
            resolved: OnceLock::new(),
        })
    }
}

/// The name of a type as the value room reads it.
pub(crate) fn type_text(name: &ast::TypeName) -> String {
    match &name.kind {
        ast::TypeNameKind::Name { name, .. } => name.to_string(),
        ast::TypeNameKind::Generic {
            definition,
            arguments,
        } => {
            let arguments: Vec<String> = arguments.iter().map(type_text).collect();
            format!("{}[{}]", type_text(definition), arguments.join(","))
        }
        ast::TypeNameKind::Array { element, rank } => format!(
            "{}[{}]",
            type_text(element),
            ",".repeat(rank.saturating_sub(1) as usize)
        ),
    }
}
