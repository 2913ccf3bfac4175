//! Expressions.

use std::sync::Arc;

use super::flow::{Run, runtime};
use super::machine::Machine;
use super::node::{
    Expr, ExprKind, Logical, Part, Stmt, SwitchMatch, SwitchNode, Target, TypeNode, UnaryKind,
};
use super::ops;
use super::out::collapse;
use super::symbol::known;
use crate::syntax::ast::BinaryOperator;
use crate::value::{Hashtable, Members, PsObj, Raise, Text, TypeId, TypeRef, Value};

impl Machine<'_> {
    /// The value of an expression.
    pub(crate) fn evaluate(&mut self, expr: &Expr) -> Run<Value> {
        match &expr.kind {
            ExprKind::Constant(value) => Ok(value.clone()),
            ExprKind::Variable(variable) => self.read_variable(variable),
            ExprKind::Template(parts) => self.template(parts),
            ExprKind::Binary(operator, pair) => {
                let left = self.evaluate(&pair.0)?;
                let right = self.evaluate(&pair.1)?;
                Ok(self.binary(*operator, &left, &right)?)
            }
            ExprKind::Logical(operator, pair) => {
                let left = self.evaluate(&pair.0)?;
                let left = ops::truth(&left);
                let short = match operator {
                    Logical::And => !left,
                    Logical::Or => left,
                    Logical::Xor => false,
                };
                if short {
                    return Ok(Value::Bool(left));
                }
                let right = self.evaluate(&pair.1)?;
                let right = ops::truth(&right);
                Ok(Value::Bool(if *operator == Logical::Xor {
                    left != right
                } else {
                    right
                }))
            }
            ExprKind::Coalesce(pair) => {
                let left = self.evaluate(&pair.0)?;
                if left.is_null() {
                    self.evaluate(&pair.1)
                } else {
                    Ok(left)
                }
            }
            ExprKind::Ternary(parts) => {
                let condition = self.evaluate(&parts.0)?;
                if ops::truth(&condition) {
                    self.evaluate(&parts.1)
                } else {
                    self.evaluate(&parts.2)
                }
            }
            ExprKind::Unary(operator, operand) => self.unary(*operator, operand),
            ExprKind::List(items) => {
                let items = items
                    .iter()
                    .map(|item| Ok(plain(self.evaluate(item)?)))
                    .collect::<Run<Vec<_>>>()?;
                Ok(Value::array(items))
            }
            ExprKind::ArrayOf(body) => self.array_of(body),
            ExprKind::Sub(body) => Ok(collapse(
                self.capture(|machine, out| machine.run_body(body, out))?,
            )),
            ExprKind::Paren(statement) => self.statement_value(statement),
            ExprKind::Hash { entries, ordered } => self.hash(entries, *ordered),
            ExprKind::Custom(entries) => self.custom(entries),
            ExprKind::Block(block) => Ok(self.block_value(block)),
            ExprKind::Type(node) => Ok(Value::Type(self.resolve_type(node)?)),
            ExprKind::Cast(node, operand)
                if node.name.eq_ignore_ascii_case("ref")
                    && matches!(operand.kind, ExprKind::Variable(_)) =>
            {
                match &operand.kind {
                    ExprKind::Variable(variable) => Ok(self.reference_to(variable.name)),
                    _ => Ok(Value::Null),
                }
            }
            ExprKind::Cast(node, operand) => {
                let ty = self.resolve_type(node)?;
                let value = self.evaluate(operand)?;
                // The name means something else in a cast than the type does elsewhere.
                if crate::value::equal_folded(&node.name, "pscustomobject")
                    && matches!(value, Value::Hash(_))
                {
                    return Ok(crate::value::convert::custom_object(&value));
                }
                Ok(ops::cast(self, &value, &ty)?)
            }
            ExprKind::Attributed(attribute, operand) => {
                let value = self.evaluate(operand)?;
                let checks = self.checks_of(std::slice::from_ref(&**attribute))?;
                self.check_variable(&checks, known::underscore(), value)
            }
            ExprKind::Index {
                target,
                index,
                conditional,
            } => {
                let target = self.evaluate(target)?;
                if *conditional && target.is_null() {
                    return Ok(Value::Null);
                }
                let index = self.evaluate(index)?;
                if target.is_null() {
                    return Err(runtime("Cannot index into a null array.", "NullArray"));
                }
                Ok(ops::index(self, &target, &index)?)
            }
            ExprKind::Member {
                target,
                name,
                is_static,
                conditional,
            } => self.member(target, name, *is_static, *conditional),
            ExprKind::Invoke {
                target,
                name,
                arguments,
                is_static,
                conditional,
            } => self.invoke_expression(target, name, arguments, *is_static, *conditional),
            ExprKind::Step { target, by, prefix } => self.step(target, *by, *prefix),
            ExprKind::Using(inner, text) => match self.using(text) {
                Some(value) => Ok(value),
                None => match &inner.kind {
                    ExprKind::Variable(variable) if self.session.using.is_empty() => {
                        self.read_variable(variable)
                    }
                    _ => {
                        let message = format!(
                            "The value of the using variable '{text}' cannot be retrieved because it has not been set in the local session."
                        );
                        Err(Raise::runtime(message, "UsingVariableIsUndefined").into())
                    }
                },
            },
            ExprKind::Broken => Ok(Value::Null),
        }
    }

    /// An operator with two operands.
    ///
    /// # Errors
    /// When the operands do not fit the operator.
    pub fn binary(
        &mut self,
        operator: BinaryOperator,
        left: &Value,
        right: &Value,
    ) -> Result<Value, Raise> {
        // The commonest cases of loops, without the detour.
        if let (Value::Int32(left), Value::Int32(right)) = (left, right) {
            let quick = match operator {
                BinaryOperator::Add => left.checked_add(*right).map(Value::Int32),
                BinaryOperator::Subtract => left.checked_sub(*right).map(Value::Int32),
                BinaryOperator::Multiply => left.checked_mul(*right).map(Value::Int32),
                BinaryOperator::LessThan { .. } => Some(Value::Bool(left < right)),
                BinaryOperator::LessOrEqual { .. } => Some(Value::Bool(left <= right)),
                BinaryOperator::GreaterThan { .. } => Some(Value::Bool(left > right)),
                BinaryOperator::GreaterOrEqual { .. } => Some(Value::Bool(left >= right)),
                BinaryOperator::Equal { .. } => Some(Value::Bool(left == right)),
                BinaryOperator::NotEqual { .. } => Some(Value::Bool(left != right)),
                _ => None,
            };
            if let Some(value) = quick {
                return Ok(value);
            }
        }
        ops::binary(self, operator, left, right)
    }

    fn template(&mut self, parts: &[Part]) -> Run<Value> {
        let mut text = String::new();
        for part in parts {
            match part {
                Part::Text(part) => text.push_str(part),
                Part::Expr(expr) => {
                    let value = match &expr.kind {
                        ExprKind::Sub(body) => {
                            collapse(self.capture(|machine, out| machine.run_body(body, out))?)
                        }
                        _ => self.evaluate(expr)?,
                    };
                    match &value {
                        Value::String(part) => text.push_str(part),
                        value => text.push_str(&ops::text(self, value)?),
                    }
                }
            }
        }
        if text.len() > 0xffff {
            self.charge_bytes(text.len())?;
        }
        Ok(text.into())
    }

    fn unary(&mut self, operator: UnaryKind, operand: &Expr) -> Run<Value> {
        let value = self.evaluate(operand)?;
        Ok(match operator {
            UnaryKind::Not => Value::Bool(!ops::truth(&value)),
            UnaryKind::Comma => Value::array(vec![plain(value)]),
            other => ops::unary(self, other, &value)?,
        })
    }

    fn array_of(&mut self, body: &super::node::Body) -> Run<Value> {
        // `@(a, b)` is the array itself, not a copy of a copy.
        if let [
            Stmt {
                kind: super::node::StmtKind::Pipeline(pipeline),
                ..
            },
        ] = body.statements.as_slice()
            && let [super::node::Element::Expression { expr, redirections }] =
                pipeline.elements.as_slice()
            && redirections.is_empty()
            && body.traps.is_empty()
            && matches!(expr.kind, ExprKind::List(_))
        {
            return self.evaluate(expr);
        }
        Ok(Value::array(
            self.capture(|machine, out| machine.run_body(body, out))?,
        ))
    }

    fn hash(&mut self, entries: &[(Expr, Stmt)], ordered: bool) -> Run<Value> {
        let table = if ordered {
            Hashtable::ordered()
        } else {
            Hashtable::new()
        };
        for (key, value) in entries {
            let key_value = self.evaluate(key)?;
            if key_value.is_null() {
                return Err(Raise::runtime(
                    "A null key is not allowed in a hash literal.",
                    "InvalidNullKey",
                )
                .into());
            }
            if table.contains(&key_value) {
                let message = format!(
                    "Item has already been added. Key in dictionary: '{0}'  Key being added: '{0}'",
                    ops::plain_text(&key_value)
                );
                return Err(Raise::of(
                    TypeId::ArgumentException,
                    message,
                    "System.ArgumentException",
                )
                .into());
            }
            let value = self.statement_value(value)?;
            table.insert(key_value, plain(value));
        }
        Ok(Value::Hash(Arc::new(table)))
    }

    fn custom(&mut self, entries: &[(Expr, Stmt)]) -> Run<Value> {
        let mut members = Members::default();
        let mut type_name = None;
        for (key, value) in entries {
            let key = self.evaluate(key)?;
            let key = ops::text(self, &key)?;
            let value = plain(self.statement_value(value)?);
            if crate::value::equal_folded(&key, "PSTypeName") && value.as_text().is_some() {
                type_name = value.as_text().cloned();
            } else {
                members.set_note(key.to_name(), value);
            }
        }
        let object = PsObj::custom(members);
        if let Some(name) = type_name {
            object.extended().set_type_names(vec![
                name,
                "System.Management.Automation.PSCustomObject".into(),
                "System.Object".into(),
            ]);
        }
        Ok(Value::Object(Arc::new(object)))
    }

    fn member(
        &mut self,
        target: &Expr,
        name: &Expr,
        is_static: bool,
        conditional: bool,
    ) -> Run<Value> {
        let target = self.evaluate(target)?;
        if conditional && target.is_null() {
            return Ok(Value::Null);
        }
        let name = self.member_name(name)?;
        if is_static {
            return Ok(ops::static_member(self, &target, &name)?);
        }
        Ok(self.get_member(&target, &name)?)
    }

    pub(crate) fn member_name(&mut self, name: &Expr) -> Run<Text> {
        match &name.kind {
            ExprKind::Constant(Value::String(name)) => Ok(name.clone()),
            _ => {
                let value = self.evaluate(name)?;
                ops::text(self, &value)
            }
        }
    }

    fn invoke_expression(
        &mut self,
        target: &Expr,
        name: &Expr,
        arguments: &[Expr],
        is_static: bool,
        conditional: bool,
    ) -> Run<Value> {
        let target_value = self.evaluate(target)?;
        if conditional && target_value.is_null() {
            return Ok(Value::Null);
        }
        let name = self.member_name(name)?;
        let arguments = arguments
            .iter()
            .map(|argument| Ok(plain(self.evaluate(argument)?)))
            .collect::<Run<Vec<_>>>()?;
        let as_base = match (is_static, &target_value) {
            (false, Value::Object(object)) if object.class().is_some() => {
                self.cast_class(target)?
            }
            _ => None,
        };
        let as_base = as_base
            .and_then(|class| self.class_method(&class, Some(&target_value), &name, &arguments));
        let result = if let Some(result) = as_base {
            result
        } else if is_static {
            Ok(ops::static_invoke(self, &target_value, &name, &arguments)?)
        } else if target_value.is_null() {
            Err(runtime(
                "You cannot call a method on a null-valued expression.",
                "InvokeMethodOnNull",
            ))
        } else {
            self.method(&target_value, &name, &arguments)
        };
        for argument in &arguments {
            self.follow(argument)?;
        }
        result
    }

    /// The type that a node names.
    pub(crate) fn resolve_type(&mut self, node: &TypeNode) -> Run<TypeRef> {
        if let Some(ty) = node.resolved.get() {
            return Ok(ty.clone());
        }
        match self.type_named(&node.name) {
            Some(ty) => {
                // A script's own type may be declared anew under the same name, so only built-in ones are remembered.
                if self.session.types.is_empty() {
                    let _ = node.resolved.set(ty.clone());
                }
                Ok(ty)
            }
            None => Err(Raise::runtime(
                format!("Unable to find type [{}].", node.name),
                "TypeNotFound",
            )
            .target(Value::from(node.name.as_str()))
            .into()),
        }
    }

    fn step(&mut self, target: &Target, by: i32, prefix: bool) -> Run<Value> {
        let old = self.read_target(target)?;
        let old = if old.is_null() { Value::Int32(0) } else { old };
        if !old.is_number() {
            let name = ops::type_display(&old);
            let operator = if by > 0 { "++" } else { "--" };
            let message = format!(
                "The '{operator}' operator works only on numbers. The operand is a '{name}'."
            );
            return Err(Raise::runtime(message, "OperatorRequiresNumber")
                .target(old)
                .into());
        }
        let new = self.binary(BinaryOperator::Add, &old, &Value::Int32(by))?;
        self.set_target(target, new.clone())?;
        Ok(if prefix { new } else { old })
    }

    /// The bounds, if an expression is a range of integers.
    pub(crate) fn range_of_expr(&mut self, expr: &Expr) -> Run<Option<(i64, i64)>> {
        let ExprKind::Binary(BinaryOperator::Range, pair) = &expr.kind else {
            return Ok(None);
        };
        // Only what has no effect may be looked at twice.
        let quiet =
            |expr: &Expr| matches!(expr.kind, ExprKind::Constant(_) | ExprKind::Variable(_));
        if !quiet(&pair.0) || !quiet(&pair.1) {
            return Ok(None);
        }
        let bounds = (self.evaluate(&pair.0)?, self.evaluate(&pair.1)?);
        Ok(match bounds {
            (Value::Int32(from), Value::Int32(to)) => Some((i64::from(from), i64::from(to))),
            _ => None,
        })
    }

    pub(crate) fn switch_matches(
        &mut self,
        node: &SwitchNode,
        pattern: &Expr,
        item: &Value,
    ) -> Run<bool> {
        let value = self.evaluate(pattern)?;
        if let Value::ScriptBlock(block) = &value {
            let result = self.value_of_inline(block, Some(item.clone()), &[])?;
            return Ok(ops::truth(&result));
        }
        let case_sensitive = node.case_sensitive;
        let matched = match node.matching {
            SwitchMatch::Equal => {
                // Compared as the pattern's own type, like `pattern -eq item`; collections are equal only to nothing.
                self.binary(BinaryOperator::Equal { case_sensitive }, item, &value)?
            }
            SwitchMatch::Wildcard => {
                let text = ops::text(self, item)?;
                self.binary(
                    BinaryOperator::Like { case_sensitive },
                    &Value::String(text),
                    &value,
                )?
            }
            SwitchMatch::Regex => {
                let text = ops::text(self, item)?;
                self.binary(
                    BinaryOperator::Match { case_sensitive },
                    &Value::String(text),
                    &value,
                )?
            }
        };
        Ok(ops::truth(&matched))
    }

    /// The value that a hashtable holds under a key.
    #[must_use]
    pub fn hash_value(&self, table: &Hashtable, key: &Value) -> Option<Value> {
        table.get(key)
    }
}

/// A value inside a container: nothing becomes null there.
pub(crate) fn plain(value: Value) -> Value {
    if matches!(value, Value::Nothing) {
        Value::Null
    } else {
        value
    }
}
