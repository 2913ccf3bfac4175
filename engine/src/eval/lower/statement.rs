//! Statements, and types that scripts define.

use std::sync::Arc;

use super::{Lowering, type_text, variable};
use crate::eval::node::{
    AssignNode, AssignOp, CatchNode, ChainNode, ClassNode, EnumNode, Expr, ForEachNode, ForNode,
    FunctionNode, LoopNode, MethodNode, PropertyNode, Stmt, StmtKind, SwitchMatch, SwitchNode,
    TryNode,
};
use crate::eval::symbol::Symbol;
use crate::syntax::ast::{self, BinaryOperator};

impl Lowering {
    pub(super) fn statement(&mut self, statement: &ast::Statement) -> Stmt {
        let kind = match statement {
            ast::Statement::Pipeline(pipeline) => StmtKind::Pipeline(self.pipeline(pipeline)),
            ast::Statement::Chain(chain) => StmtKind::Chain(ChainNode {
                first: self.pipeline(&chain.first),
                rest: chain
                    .rest
                    .iter()
                    .map(|(operator, pipeline)| {
                        (
                            *operator == ast::ChainOperator::And,
                            self.pipeline(pipeline),
                        )
                    })
                    .collect(),
                background: chain.background,
            }),
            ast::Statement::Assignment(assignment) => StmtKind::Assign(Box::new(AssignNode {
                target: self.target(&assignment.left),
                op: match assignment.operator {
                    ast::AssignmentOperator::Assign => AssignOp::Set,
                    ast::AssignmentOperator::Add => AssignOp::Binary(BinaryOperator::Add),
                    ast::AssignmentOperator::Subtract => AssignOp::Binary(BinaryOperator::Subtract),
                    ast::AssignmentOperator::Multiply => AssignOp::Binary(BinaryOperator::Multiply),
                    ast::AssignmentOperator::Divide => AssignOp::Binary(BinaryOperator::Divide),
                    ast::AssignmentOperator::Remainder => {
                        AssignOp::Binary(BinaryOperator::Remainder)
                    }
                    ast::AssignmentOperator::NullCoalesce => AssignOp::Coalesce,
                },
                value: self.statement(&assignment.right),
            })),
            ast::Statement::If(node) => StmtKind::If {
                clauses: node
                    .clauses
                    .iter()
                    .map(|(condition, body)| (self.statement(condition), self.body(body)))
                    .collect(),
                otherwise: node.otherwise.as_ref().map(|body| self.body(body)),
            },
            ast::Statement::Switch(node) => StmtKind::Switch(Box::new(SwitchNode {
                label: label(node.label.as_deref()),
                matching: match node.matching {
                    ast::SwitchMatching::Exact => SwitchMatch::Equal,
                    ast::SwitchMatching::Wildcard => SwitchMatch::Wildcard,
                    ast::SwitchMatching::Regex => SwitchMatch::Regex,
                },
                case_sensitive: node.case_sensitive,
                file: node.file,
                subject: self.statement(&node.condition),
                clauses: node
                    .clauses
                    .iter()
                    .map(|(pattern, body)| (self.expr(pattern), self.body(body)))
                    .collect(),
                default: node.default.as_ref().map(|body| self.body(body)),
            })),
            ast::Statement::For(node) => StmtKind::For(Box::new(ForNode {
                label: label(node.label.as_deref()),
                first: node
                    .initializer
                    .as_ref()
                    .map(|statement| self.statement(statement)),
                condition: node
                    .condition
                    .as_ref()
                    .map(|statement| self.statement(statement)),
                step: node
                    .iterator
                    .as_ref()
                    .map(|statement| self.statement(statement)),
                body: self.body(&node.body),
            })),
            ast::Statement::ForEach(node) => StmtKind::ForEach(Box::new(ForEachNode {
                label: label(node.label.as_deref()),
                variable: variable(&node.variable),
                items: self.statement(&node.collection),
                body: self.body(&node.body),
            })),
            ast::Statement::While(node) => StmtKind::Loop(Box::new(LoopNode {
                label: label(node.label.as_deref()),
                condition: Some(self.statement(&node.condition)),
                body: self.body(&node.body),
                after: false,
                until: false,
            })),
            ast::Statement::Do(node) => StmtKind::Loop(Box::new(LoopNode {
                label: label(node.label.as_deref()),
                condition: Some(self.statement(&node.condition)),
                body: self.body(&node.body),
                after: true,
                until: node.until,
            })),
            ast::Statement::Try(node) => StmtKind::Try(Box::new(TryNode {
                body: self.body(&node.body),
                catches: node
                    .catches
                    .iter()
                    .map(|clause| CatchNode {
                        types: clause
                            .types
                            .iter()
                            .map(|ty| self.type_node(&ty.name))
                            .collect(),
                        body: self.body(&clause.body),
                    })
                    .collect(),
                finally: node.finally.as_ref().map(|body| self.body(body)),
            })),
            ast::Statement::Throw(jump) => StmtKind::Throw(self.boxed(jump.value.as_ref())),
            ast::Statement::Return(jump) if self.in_method => {
                StmtKind::GiveBack(self.boxed(jump.value.as_ref()))
            }
            ast::Statement::Return(jump) => StmtKind::Return(self.boxed(jump.value.as_ref())),
            ast::Statement::Exit(jump) => StmtKind::Exit(self.boxed(jump.value.as_ref())),
            ast::Statement::Break(jump) => StmtKind::Break(self.label_expr(jump.value.as_ref())),
            ast::Statement::Continue(jump) => {
                StmtKind::Continue(self.label_expr(jump.value.as_ref()))
            }
            ast::Statement::Function(definition) => StmtKind::Function(Arc::new(FunctionNode {
                name: (&*definition.name).into(),
                block: Arc::new(self.block(&definition.body, definition.parameters.as_deref())),
                filter: definition.kind == ast::FunctionKind::Filter,
            })),
            ast::Statement::Type(definition) => self.type_definition(definition),
            ast::Statement::Data(node) => StmtKind::Data {
                variable: node.variable.as_deref().map(Symbol::of),
                body: self.body(&node.body),
            },
            ast::Statement::Error(_) => StmtKind::Broken,
        };
        Stmt {
            span: statement.extent(),
            kind,
        }
    }

    pub(super) fn label_expr(&mut self, value: Option<&ast::Statement>) -> Option<Box<Expr>> {
        value
            .and_then(ast::Statement::as_expression)
            .map(|expr| Box::new(self.expr(expr)))
    }

    pub(super) fn type_definition(&mut self, definition: &ast::TypeDefinition) -> StmtKind {
        if definition.kind == ast::TypeKind::Enum {
            let members = definition.members.iter().filter_map(|member| match member {
                ast::TypeMember::EnumValue(value) => Some((
                    (&*value.name).into(),
                    value.value.as_ref().map(|value| self.expr(value)),
                )),
                _ => None,
            });
            return StmtKind::Enum(Arc::new(EnumNode {
                name: (&*definition.name).into(),
                span: definition.extent,
                members: members.collect(),
                flags: definition.attributes.iter().any(|attribute| {
                    type_text(&attribute.name)
                        .to_ascii_lowercase()
                        .trim_end_matches("attribute")
                        .ends_with("flags")
                }),
                underlying: definition
                    .bases
                    .first()
                    .map(|base| self.type_node(&base.name)),
            }));
        }
        let (mut properties, mut methods) = (Vec::new(), Vec::new());
        for member in &definition.members {
            match member {
                ast::TypeMember::Property(property) => properties.push(PropertyNode {
                    name: (&*property.name).into(),
                    ty: property
                        .property_type
                        .as_ref()
                        .map(|ty| self.type_node(&ty.name)),
                    attributes: property
                        .attributes
                        .iter()
                        .map(|attribute| self.attribute(attribute))
                        .collect(),
                    default: property.initial.as_ref().map(|expr| self.expr(expr)),
                    is_static: property.modifiers.is_static,
                    is_hidden: property.modifiers.is_hidden,
                }),
                ast::TypeMember::Method(method) => methods.push(MethodNode {
                    name: (&*method.name).into(),
                    returns: method
                        .return_type
                        .as_ref()
                        .map(|ty| self.type_node(&ty.name)),
                    block: Arc::new(self.method(&method.body, &method.parameters)),
                    is_static: method.modifiers.is_static,
                    is_hidden: method.modifiers.is_hidden,
                    is_constructor: method.is_constructor,
                    base_arguments: method
                        .base_arguments
                        .as_ref()
                        .map(|arguments| arguments.iter().map(|expr| self.expr(expr)).collect()),
                }),
                ast::TypeMember::EnumValue(_) => {}
            }
        }
        StmtKind::Class(Arc::new(ClassNode {
            name: (&*definition.name).into(),
            span: definition.extent,
            bases: definition
                .bases
                .iter()
                .map(|base| self.type_node(&base.name))
                .collect(),
            properties,
            methods,
            source: self.source.clone(),
        }))
    }
}

pub(super) fn label(label: Option<&str>) -> Option<Symbol> {
    label.map(Symbol::of)
}
