//! What follows an operand without a space: members, calls and elements; and what stands before it in brackets.

use super::super::ast::{
    AttributeOrType, Expr, ExprKind, IndexExpression, InvokeExpression, MemberExpression, TypeName,
};
use super::super::lexer::Mode;
use super::super::source::Extent;
use super::super::token::{Token, TokenKind};
use super::{Parser, after, before};

impl Parser<'_> {
    /// Takes members, calls and elements as long as there are any.
    pub(super) fn members(&mut self, mut expr: Expr, brackets: bool) -> Expr {
        let mut brackets = brackets;
        while self.ungot.is_none() {
            let Some(operator) = self.lexer.member_access(brackets) else {
                break;
            };
            brackets = true;
            self.skip_newlines();
            self.grow();
            expr = match operator.kind {
                TokenKind::LBracket | TokenKind::QuestionLBracket => self.element(expr, &operator),
                _ => self.member(expr, &operator),
            };
        }
        expr
    }

    fn member(&mut self, target: Expr, operator: &Token) -> Expr {
        let is_static = operator.kind == TokenKind::ColonColon;
        let null_conditional = operator.kind == TokenKind::QuestionDot;
        let member = match self.member_name() {
            Some(member) => {
                if self.ungot.is_none() {
                    let restore = self.lexer.offset();
                    let (generic_arguments, closed) = self.generic_method_arguments(restore);
                    if let Some(open) = (self.ungot.is_none())
                        .then(|| self.lexer.invoke_open())
                        .flatten()
                    {
                        let (arguments, end) = self.invoke_arguments(&open);
                        let extent = target.extent.to(end);
                        let invoke = InvokeExpression {
                            target,
                            member,
                            is_static,
                            null_conditional,
                            generic_arguments,
                            arguments,
                        };
                        return Expr::new(extent, ExprKind::Invoke(Box::new(invoke)));
                    }
                    if closed {
                        self.resync(restore);
                    }
                }
                member
            }
            None => {
                self.incomplete(
                    after(operator.extent),
                    "MissingPropertyName",
                    "Missing property name after reference operator.",
                );
                let nothing = Expr::new(target.extent.to(operator.extent), ExprKind::Error);
                self.single_argument(super::command::Place::Argument)
                    .unwrap_or(nothing)
            }
        };
        let extent = target.extent.to(member.extent);
        Expr::new(
            extent,
            ExprKind::Member(Box::new(MemberExpression {
                target,
                member,
                is_static,
                null_conditional,
            })),
        )
    }

    fn member_name(&mut self) -> Option<Expr> {
        if let Some(name) = self.simple_name() {
            return Some(self.bareword(name));
        }
        let kind = self.peek_kind();
        if kind.is_unary_operator() || kind == TokenKind::LBracket {
            return self.unary(false);
        }
        self.primary(false)
    }

    // `[type]` between the name of a method and its parenthesis. The flag tells that the bracket was closed.
    fn generic_method_arguments(&mut self, restore: u32) -> (Vec<TypeName>, bool) {
        let open = self.next();
        if open.kind != TokenKind::LBracket {
            self.resync(restore);
            return (Vec::new(), false);
        }
        let mode = self.set_mode(Mode::TypeName);
        self.skip_newlines();
        let first = self.next();
        if first.kind != TokenKind::Identifier {
            self.resync(restore);
            self.set_mode(mode);
            return (Vec::new(), false);
        }
        let (arguments, last) = self.generic_arguments(first);
        let closed = last.kind == TokenKind::RBracket;
        if !closed {
            let at = before(last.extent);
            self.unget(last);
            self.incomplete(
                at,
                "EndSquareBracketExpectedAtEndOfType",
                "Missing ] at end of type token.",
            );
        }
        self.set_mode(mode);
        (arguments, closed)
    }

    fn invoke_arguments(&mut self, open: &Token) -> (Vec<Expr>, Extent) {
        if open.kind == TokenKind::LParen {
            return self.argument_list(open.extent);
        }
        self.skip_newlines();
        let block = self.script_block_expression(open.extent);
        let extent = block.extent;
        (vec![block], extent)
    }

    /// After the parenthesis; hands back where the list ends.
    pub(super) fn argument_list(&mut self, open: Extent) -> (Vec<Expr>, Extent) {
        let no_comma = std::mem::replace(&mut self.no_comma, true);
        let mut arguments: Vec<Expr> = Vec::new();
        let mut comma: Option<Extent> = None;
        let mut reported = false;
        loop {
            self.skip_newlines();
            let Some(argument) = self.expression() else {
                if let Some(comma) = comma {
                    self.incomplete(
                        after(comma),
                        "MissingExpressionAfterToken",
                        "Missing expression after ','.",
                    );
                    reported = true;
                }
                break;
            };
            arguments.push(argument);
            self.skip_newlines();
            comma = self.take(TokenKind::Comma);
            if comma.is_none() {
                break;
            }
        }
        self.skip_newlines();
        let close = self.take(TokenKind::RParen);
        if close.is_none() && !reported {
            let at = after(arguments.last().map_or(open, |last| last.extent));
            self.incomplete(
                at,
                "MissingEndParenthesisInMethodCall",
                "Missing ')' in method call.",
            );
        }
        self.no_comma = no_comma;
        let end = close
            .or(comma)
            .or(arguments.last().map(|last| last.extent))
            .unwrap_or(open);
        (arguments, end)
    }

    fn element(&mut self, target: Expr, open: &Token) -> Expr {
        self.skip_newlines();
        let no_comma = std::mem::take(&mut self.no_comma);
        let index = self.expression();
        self.no_comma = no_comma;
        let lost = index.is_none();
        let index = index.unwrap_or_else(|| {
            self.incomplete(
                after(open.extent),
                "MissingArrayIndexExpression",
                "Array index expression is missing or not valid.",
            );
            Self::error_expression(open.extent)
        });
        self.skip_newlines();
        let close = self.take(TokenKind::RBracket);
        if close.is_none() && !lost && !matches!(index.kind, ExprKind::Error) {
            self.incomplete(
                after(index.extent),
                "MissingEndSquareBracket",
                "Missing ']' after array index expression.",
            );
        }
        let extent = target.extent.to(close.unwrap_or(index.extent));
        let null_conditional = open.kind == TokenKind::QuestionLBracket;
        Expr::new(
            extent,
            ExprKind::Index(Box::new(IndexExpression {
                target,
                index,
                null_conditional,
            })),
        )
    }

    /// `[…]` before or instead of an operand: attributes, casts or the name of a type.
    pub(super) fn bracketed(&mut self, open: Extent) -> Option<Expr> {
        let mut attributes = self.attributes(true);
        let last = attributes.pop()?;
        let expr = match last {
            AttributeOrType::Attribute(attribute) => {
                self.skip_newlines();
                let Some(target) = self.unary(true) else {
                    let message = format!(
                        "Unexpected attribute '{}'.",
                        self.text(attribute.name.extent)
                    );
                    self.incomplete(attribute.extent, "UnexpectedAttribute", message);
                    return Some(Expr::new(open.to(attribute.extent), ExprKind::Error));
                };
                let extent = attribute.extent.to(target.extent);
                let attribute = Box::new(AttributeOrType::Attribute(attribute));
                Expr::new(
                    extent,
                    ExprKind::Attributed {
                        attribute,
                        target: Box::new(target),
                    },
                )
            }
            AttributeOrType::Type(constraint) => {
                let type_expr = |constraint: super::super::ast::TypeConstraint| {
                    Expr::new(constraint.extent, ExprKind::Type(Box::new(constraint.name)))
                };
                let operator = if self.ungot.is_none() {
                    self.lexer.member_access(false)
                } else {
                    None
                };
                if let Some(operator) = operator {
                    self.skip_newlines();
                    self.grow();
                    let expr = self.member(type_expr(constraint), &operator);
                    self.members(expr, true)
                } else if matches!(self.peek_kind(), TokenKind::NewLine | TokenKind::Comma) {
                    type_expr(constraint)
                } else {
                    match self.unary(true) {
                        None => type_expr(constraint),
                        Some(target) => {
                            let extent = constraint.extent.to(target.extent);
                            let attribute = Box::new(AttributeOrType::Type(constraint));
                            Expr::new(
                                extent,
                                ExprKind::Attributed {
                                    attribute,
                                    target: Box::new(target),
                                },
                            )
                        }
                    }
                }
            }
        };
        Some(attributes.into_iter().rev().fold(expr, |expr, attribute| {
            self.grow();
            let extent = attribute.extent().to(expr.extent);
            Expr::new(
                extent,
                ExprKind::Attributed {
                    attribute: Box::new(attribute),
                    target: Box::new(expr),
                },
            )
        }))
    }
}
