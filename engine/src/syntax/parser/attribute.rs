//! `[Attribute(…)]` and `[type]` in brackets.

use super::super::ast::AssignmentOperator;
use super::super::ast::{Attribute, AttributeOrType, Expr, NamedArgument, TypeConstraint};
use super::super::lexer::Mode;
use super::super::source::Extent;
use super::super::token::TokenKind;
use super::{Parser, after, before};

impl Parser<'_> {
    /// As many as there are. In an expression only white space may stand between types.
    pub(super) fn attributes(&mut self, in_expression: bool) -> Vec<AttributeOrType> {
        let mut attributes = Vec::new();
        while let Some(attribute) = self.attribute() {
            if !in_expression || matches!(attribute, AttributeOrType::Attribute(_)) {
                self.skip_newlines();
            }
            attributes.push(attribute);
            self.grow();
        }
        attributes
    }

    pub(super) fn attribute(&mut self) -> Option<AttributeOrType> {
        let open = self.attribute_open()?;
        let attribute = if self.enter() {
            self.attribute_body(open)
        } else {
            None
        };
        self.leave();
        attribute
    }

    fn attribute_open(&mut self) -> Option<Extent> {
        match &self.ungot {
            Some(token) if token.kind == TokenKind::LBracket => {
                let extent = token.extent;
                self.skip();
                Some(extent)
            }
            Some(_) => None,
            None => self.lexer.left_bracket().map(|token| token.extent),
        }
    }

    fn attribute_body(&mut self, open: Extent) -> Option<AttributeOrType> {
        self.skip_newlines();
        let Some(name) = self.type_name(true) else {
            self.resync(open.start);
            self.incomplete(
                after(open),
                "MissingTypename",
                "Missing type name after '['.",
            );
            return None;
        };
        let (kind, extent) = self.peek();
        if kind == TokenKind::LParen {
            self.skip();
            return Some(AttributeOrType::Attribute(
                self.attribute_arguments(open, name, extent),
            ));
        }
        let end = if kind == TokenKind::RBracket {
            self.skip();
            extent
        } else {
            self.error(
                before(extent),
                "EndSquareBracketExpectedAtEndOfAttribute",
                "Missing ] at end of attribute or type literal.",
            );
            name.extent
        };
        Some(AttributeOrType::Type(TypeConstraint {
            extent: open.to(end),
            name,
        }))
    }

    fn attribute_arguments(
        &mut self,
        open: Extent,
        name: super::super::ast::TypeName,
        paren: Extent,
    ) -> Attribute {
        self.skip_newlines();
        let mut attribute = Attribute {
            extent: open,
            name,
            positional: Vec::new(),
            named: Vec::new(),
        };
        let mode = self.set_mode(Mode::Expression);
        let no_comma = std::mem::replace(&mut self.no_comma, true);
        let mut last = self.attribute_list(&mut attribute, paren);
        self.no_comma = no_comma;
        self.set_mode(mode);
        self.skip_newlines();
        let close = self.take(TokenKind::RParen);
        if close.is_none() {
            self.incomplete(
                after(last),
                "MissingEndParenthesisInExpression",
                "Missing closing ')' in expression.",
            );
        }
        self.skip_newlines();
        last = close.unwrap_or(last);
        match self.take(TokenKind::RBracket) {
            Some(bracket) => last = bracket,
            None if close.is_some() => {
                self.incomplete(
                    after(last),
                    "EndSquareBracketExpectedAtEndOfAttribute",
                    "Missing ] at end of attribute or type literal.",
                );
            }
            None => {}
        }
        attribute.extent = open.to(last);
        attribute
    }

    // Hands back the last thing read.
    fn attribute_list(&mut self, attribute: &mut Attribute, open: Extent) -> Extent {
        let mut last = open;
        let mut comma: Option<Extent> = None;
        loop {
            self.skip_newlines();
            if let Some(name) = self.simple_name() {
                last = self.named_argument(attribute, name);
            } else if let Some(value) = self.expression() {
                last = value.extent;
                attribute.positional.push(value);
            } else if let Some(comma) = comma {
                let at = after(comma);
                self.incomplete(
                    at,
                    "MissingExpressionAfterToken",
                    "Missing expression after ','.",
                );
                attribute.positional.push(Self::error_expression(at));
                last = at;
            }
            self.skip_newlines();
            match self.take(TokenKind::Comma) {
                Some(found) => {
                    last = found;
                    comma = Some(found);
                }
                None => return last,
            }
        }
    }

    fn named_argument(&mut self, attribute: &mut Attribute, name: Extent) -> Extent {
        let mut value: Option<Expr> = None;
        let mut last = name;
        if let Some(equals) = self.take(TokenKind::Assign(AssignmentOperator::Assign)) {
            self.skip_newlines();
            let expr = match self.expression() {
                Some(expr) => expr,
                None => {
                    let at = after(equals);
                    self.incomplete(
                        at,
                        "MissingExpressionInNamedArgument",
                        "Missing statement after '=' in named argument.",
                    );
                    self.sync(
                        true,
                        &[
                            TokenKind::Comma,
                            TokenKind::RParen,
                            TokenKind::RBracket,
                            TokenKind::NewLine,
                        ],
                    );
                    Self::error_expression(at)
                }
            };
            last = expr.extent;
            value = Some(expr);
        }
        let text = self.text(name);
        // The keys that were seen are those of the list: it is short.
        if attribute.named.iter().any(|known| &*known.name == text) {
            let message = format!("Duplicate named arguments '{text}' are not allowed.");
            self.error(name, "DuplicateNamedArgument", message);
        } else {
            attribute.named.push(NamedArgument {
                extent: name.to(last),
                name: text.into(),
                value,
            });
        }
        last
    }
}
