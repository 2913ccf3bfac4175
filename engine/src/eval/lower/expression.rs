//! Expressions, and what can be assigned to.

use std::sync::Arc;

use super::Lowering;
use crate::eval::node::{
    AttributeNode, BindingNode, Expr, ExprKind, Logical, Part, Place, Stmt, Target, UnaryKind,
    VariableNode,
};
use crate::eval::symbol::{Symbol, known};
use crate::syntax::ast::{self, BinaryOperator};
use crate::value::{Text, Value, equal_folded};

impl Lowering {
    pub(super) fn target(&mut self, expr: &ast::Expr) -> Target {
        let mut attributes = Vec::new();
        let mut inner = expr;
        loop {
            match &inner.kind {
                ast::ExprKind::Attributed { attribute, target } => {
                    attributes.push(self.attribute_or_type(attribute));
                    inner = target;
                }
                ast::ExprKind::Paren(statement) => match statement.as_expression() {
                    Some(expr) => inner = expr,
                    None => break,
                },
                _ => break,
            }
        }
        match &inner.kind {
            ast::ExprKind::Variable(it) => Target::Variable {
                variable: variable(it),
                attributes,
                span: inner.extent,
            },
            ast::ExprKind::Member(member) => Target::Member {
                target: self.expr(&member.target),
                name: self.expr(&member.member),
                is_static: member.is_static,
                span: inner.extent,
                attributes,
            },
            ast::ExprKind::Index(index) => Target::Index {
                target: self.expr(&index.target),
                index: self.expr(&index.index),
                span: inner.extent,
            },
            ast::ExprKind::Array(items) => {
                Target::List(items.iter().map(|item| self.target(item)).collect())
            }
            _ => Target::List(Vec::new()),
        }
    }

    pub(super) fn exprs(&mut self, exprs: &[ast::Expr]) -> Vec<Expr> {
        exprs.iter().map(|expr| self.expr(expr)).collect()
    }

    pub(super) fn hash(&mut self, entries: &[ast::HashEntry]) -> Vec<(Expr, Stmt)> {
        entries
            .iter()
            .map(|entry| (self.expr(&entry.key), self.statement(&entry.value)))
            .collect()
    }

    pub(super) fn expr(&mut self, expr: &ast::Expr) -> Expr {
        let kind = match &expr.kind {
            ast::ExprKind::Number(number) => ExprKind::Constant(constant(number)),
            ast::ExprKind::String { value, .. } => ExprKind::Constant(Value::string(&**value)),
            ast::ExprKind::Expandable { parts, .. } => ExprKind::Template(
                parts
                    .iter()
                    .map(|part| match part {
                        ast::StringPart::Text(text) => Part::Text((&**text).into()),
                        ast::StringPart::Expression(expr) => Part::Expr(self.expr(expr)),
                    })
                    .collect(),
            ),
            ast::ExprKind::Variable(it) => variable_expr(it),
            ast::ExprKind::Using(inner) => ExprKind::Using(
                Box::new(self.expr(inner)),
                self.source.text(expr.extent).into(),
            ),
            ast::ExprKind::Type(name) => ExprKind::Type(self.type_node(name)),
            ast::ExprKind::Attributed { attribute, target } => self.cast(attribute, target),
            ast::ExprKind::Unary {
                operator, operand, ..
            } => self.unary(*operator, operand),
            ast::ExprKind::Binary {
                operator, operands, ..
            } => {
                let pair = Box::new((self.expr(&operands.0), self.expr(&operands.1)));
                match operator {
                    BinaryOperator::And => ExprKind::Logical(Logical::And, pair),
                    BinaryOperator::Or => ExprKind::Logical(Logical::Or, pair),
                    BinaryOperator::Xor => ExprKind::Logical(Logical::Xor, pair),
                    BinaryOperator::NullCoalesce => ExprKind::Coalesce(pair),
                    operator => ExprKind::Binary(*operator, pair),
                }
            }
            ast::ExprKind::Ternary(parts) => ExprKind::Ternary(Box::new((
                self.expr(&parts.0),
                self.expr(&parts.1),
                self.expr(&parts.2),
            ))),
            ast::ExprKind::Array(items) => ExprKind::List(self.exprs(items)),
            ast::ExprKind::ArrayExpression(block) => ExprKind::ArrayOf(self.body(block)),
            ast::ExprKind::SubExpression(block) => ExprKind::Sub(self.body(block)),
            ast::ExprKind::Paren(statement) => ExprKind::Paren(Box::new(self.statement(statement))),
            ast::ExprKind::Hashtable(entries) => ExprKind::Hash {
                entries: self.hash(entries),
                ordered: false,
            },
            ast::ExprKind::ScriptBlock(tree) => ExprKind::Block(Arc::new(self.block(tree, None))),
            ast::ExprKind::Member(member) => ExprKind::Member {
                target: Box::new(self.expr(&member.target)),
                name: Box::new(self.expr(&member.member)),
                is_static: member.is_static,
                conditional: member.null_conditional,
            },
            ast::ExprKind::Invoke(invoke) => ExprKind::Invoke {
                target: Box::new(self.expr(&invoke.target)),
                name: Box::new(self.expr(&invoke.member)),
                arguments: self.exprs(&invoke.arguments),
                is_static: invoke.is_static,
                conditional: invoke.null_conditional,
            },
            ast::ExprKind::Index(index) => ExprKind::Index {
                target: Box::new(self.expr(&index.target)),
                index: Box::new(self.expr(&index.index)),
                conditional: index.null_conditional,
            },
            ast::ExprKind::Error => ExprKind::Broken,
        };
        Expr {
            span: expr.extent,
            kind,
        }
    }

    /// `[ordered]@{}` and `[pscustomobject]@{}` are forms of their own: they keep the order that a hashtable would lose.
    pub(super) fn cast(
        &mut self,
        attribute: &ast::AttributeOrType,
        target: &ast::Expr,
    ) -> ExprKind {
        let node = self.attribute_or_type(attribute);
        let Some(ty) = node.ty.clone() else {
            return ExprKind::Attributed(Box::new(node), Box::new(self.expr(target)));
        };
        if let ast::ExprKind::Hashtable(entries) = &target.kind {
            if equal_folded(&ty.name, "ordered") {
                return ExprKind::Hash {
                    entries: self.hash(entries),
                    ordered: true,
                };
            }
            if [
                "pscustomobject",
                "System.Management.Automation.PSCustomObject",
                "Management.Automation.PSCustomObject",
            ]
            .iter()
            .any(|name| equal_folded(&ty.name, name))
            {
                return ExprKind::Custom(self.hash(entries));
            }
        }
        ExprKind::Cast(ty, Box::new(self.expr(target)))
    }

    pub(super) fn unary(&mut self, operator: ast::UnaryOperator, operand: &ast::Expr) -> ExprKind {
        let kind = match operator {
            ast::UnaryOperator::Not => UnaryKind::Not,
            ast::UnaryOperator::BitwiseNot => UnaryKind::BinaryNot,
            ast::UnaryOperator::Plus => UnaryKind::Plus,
            ast::UnaryOperator::Minus => UnaryKind::Minus,
            ast::UnaryOperator::Comma => UnaryKind::Comma,
            ast::UnaryOperator::Split => UnaryKind::Split {
                case_sensitive: false,
            },
            ast::UnaryOperator::CaseSensitiveSplit => UnaryKind::Split {
                case_sensitive: true,
            },
            ast::UnaryOperator::Join => UnaryKind::Join,
            ast::UnaryOperator::PreIncrement => {
                return ExprKind::Step {
                    target: Box::new(self.target(operand)),
                    by: 1,
                    prefix: true,
                };
            }
            ast::UnaryOperator::PreDecrement => {
                return ExprKind::Step {
                    target: Box::new(self.target(operand)),
                    by: -1,
                    prefix: true,
                };
            }
            ast::UnaryOperator::PostIncrement => {
                return ExprKind::Step {
                    target: Box::new(self.target(operand)),
                    by: 1,
                    prefix: false,
                };
            }
            ast::UnaryOperator::PostDecrement => {
                return ExprKind::Step {
                    target: Box::new(self.target(operand)),
                    by: -1,
                    prefix: false,
                };
            }
        };
        ExprKind::Unary(kind, Box::new(self.expr(operand)))
    }
}

/// A variable as a target or loop variable.
pub(super) fn variable(variable: &ast::Variable) -> VariableNode {
    let (place, prefix) = match &variable.scope {
        ast::VariableScope::Unscoped => (Place::Any, None),
        ast::VariableScope::Local => (Place::Local, Some("local")),
        ast::VariableScope::Private => (Place::Private, Some("private")),
        ast::VariableScope::Script => (Place::Script, Some("script")),
        ast::VariableScope::Global => (Place::Global, Some("global")),
        ast::VariableScope::Using => (Place::Using, Some("using")),
        ast::VariableScope::Drive(drive) if equal_folded(drive, "env") => {
            (Place::Environment, Some("env"))
        }
        ast::VariableScope::Drive(drive) if equal_folded(drive, "variable") => {
            (Place::Any, Some("variable"))
        }
        ast::VariableScope::Drive(drive) => (Place::Drive((&**drive).into()), Some(&**drive)),
    };
    let path: Text = prefix.map_or_else(
        || (&*variable.name).into(),
        |prefix| format!("{prefix}:{}", variable.name).into(),
    );
    // `$PSItem` is another spelling of `$_`.
    let name = if equal_folded(&variable.name, "PSItem") {
        known::underscore()
    } else {
        Symbol::of(&variable.name)
    };
    VariableNode { place, name, path }
}

/// A variable that is read: the three constants need no looking up.
pub(super) fn variable_expr(it: &ast::Variable) -> ExprKind {
    if it.scope == ast::VariableScope::Unscoped && !it.splatted {
        for (name, value) in [
            ("true", Value::Bool(true)),
            ("false", Value::Bool(false)),
            ("null", Value::Null),
        ] {
            if equal_folded(&it.name, name) {
                return ExprKind::Constant(value);
            }
        }
    }
    ExprKind::Variable(variable(it))
}

pub(super) fn constant(number: &ast::Number) -> Value {
    match number {
        ast::Number::SByte(it) => Value::SByte(*it),
        ast::Number::Byte(it) => Value::Byte(*it),
        ast::Number::Int16(it) => Value::Int16(*it),
        ast::Number::UInt16(it) => Value::UInt16(*it),
        ast::Number::Int32(it) => Value::Int32(*it),
        ast::Number::UInt32(it) => Value::UInt32(*it),
        ast::Number::Int64(it) => Value::Int64(*it),
        ast::Number::UInt64(it) => Value::UInt64(*it),
        ast::Number::Double(it) => Value::Double(*it),
        ast::Number::Decimal(it) => Value::Decimal(*it),
        ast::Number::BigInt(it) => Value::from((**it).clone()),
    }
}

pub(super) fn binding_of(attribute: &AttributeNode) -> BindingNode {
    let named = |name: &str| {
        attribute
            .named
            .iter()
            .find(|(own, _)| equal_folded(own, name))
            .map(|(_, value)| value)
    };
    let text = |name: &str| match named(name) {
        Some(Some(Expr {
            kind: ExprKind::Constant(value),
            ..
        })) => value.as_text().cloned(),
        _ => None,
    };
    let flag = |name: &str, missing: bool| match named(name) {
        None => missing,
        Some(None) => true,
        Some(Some(expr)) => !matches!(
            &expr.kind,
            ExprKind::Constant(Value::Bool(false) | Value::Int32(0) | Value::Null)
        ),
    };
    BindingNode {
        default_set: text("DefaultParameterSetName"),
        positional: flag("PositionalBinding", true),
        should_process: flag("SupportsShouldProcess", false),
        confirm_impact: text("ConfirmImpact"),
    }
}
