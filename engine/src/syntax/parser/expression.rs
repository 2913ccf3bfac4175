//! Expressions: operators, and what they are applied to.

use std::sync::Arc;

use super::super::ast::{
    BinaryOperator, Expr, ExprKind, HashEntry, Number, Statement, StatementBlock, StringKind,
    StringPart, UnaryOperator, Variable, VariableScope,
};
use super::super::lexer::Mode;
use super::super::source::Extent;
use super::super::token::{Part, Payload, Token, TokenKind, precedence};
use super::{Parser, after, before};

const MISSING_COLON: &str = "Missing ':' in the ternary expression.";

impl Parser<'_> {
    /// An expression; `None`, with nothing taken, if there is none here.
    pub(super) fn expression(&mut self) -> Option<Expr> {
        self.expression_with(false)
    }

    fn expression_with(&mut self, ternary: bool) -> Option<Expr> {
        let mode = self.set_mode(Mode::Expression);
        let outer = std::mem::take(&mut self.height);
        let expr = if self.enter() {
            self.ternary(ternary)
        } else {
            None
        };
        self.leave();
        self.grow();
        self.height = self.height.max(outer);
        self.set_mode(mode);
        expr
    }

    fn ternary(&mut self, ternary: bool) -> Option<Expr> {
        let condition = self.binary(ternary)?;
        let Some(question) = self.take(TokenKind::QuestionMark) else {
            return Some(condition);
        };
        self.skip_newlines();
        let if_true = self.expression_with(true);
        let if_true = if_true.unwrap_or_else(|| self.missing_operand(question));
        self.skip_newlines();
        let colon = self.next();
        if colon.kind != TokenKind::Colon {
            let extent = Extent::new(condition.extent.start, before(colon.extent).start);
            let at = colon.extent;
            self.unget(colon);
            self.incomplete(at, "MissingColonInTernaryExpression", MISSING_COLON);
            return Some(Expr::new(extent, ExprKind::Error));
        }
        self.skip_newlines();
        let if_false = match self.expression_with(true) {
            Some(expr) => expr,
            None => self.missing_operand(colon.extent),
        };
        let extent = condition.extent.to(if_false.extent);
        Some(Expr::new(
            extent,
            ExprKind::Ternary(Box::new((condition, if_true, if_false))),
        ))
    }

    fn missing_operand(&mut self, operator: Extent) -> Expr {
        let at = after(operator);
        let message = format!(
            "You must provide a value expression following the '{}' operator.",
            self.text(operator)
        );
        self.incomplete(at, "ExpectedValueExpression", message);
        Expr::new(at, ExprKind::Error)
    }

    fn binary(&mut self, ternary: bool) -> Option<Expr> {
        let first = self.array_literal(ternary)?;
        let expr = if self.peek_kind().binary_operator().is_some() {
            self.operators(first)?
        } else {
            first
        };
        let (kind, extent) = self.peek();
        if kind == TokenKind::Parameter {
            self.unexpected(extent);
            self.skip();
            return Some(Expr::new(expr.extent.to(extent), ExprKind::Error));
        }
        Some(expr)
    }

    // The operators wait on a stack until one binds less tightly, so that long chains take no depth.
    fn operators(&mut self, first: Expr) -> Option<Expr> {
        let mut operands = vec![first];
        let mut operators: Vec<(BinaryOperator, Extent)> = Vec::new();
        loop {
            let (kind, extent) = self.peek();
            let Some(operator) = kind.binary_operator() else {
                break;
            };
            self.skip();
            while operators
                .last()
                .is_some_and(|(last, _)| precedence(operator) <= precedence(*last))
            {
                self.reduce(&mut operands, &mut operators);
            }
            operators.push((operator, extent));
            self.skip_newlines();
            let operand = match self.array_literal(true) {
                Some(expr) => expr,
                None => self.missing_operand(extent),
            };
            operands.push(operand);
        }
        while !operators.is_empty() {
            self.reduce(&mut operands, &mut operators);
        }
        operands.pop()
    }

    fn reduce(&mut self, operands: &mut Vec<Expr>, operators: &mut Vec<(BinaryOperator, Extent)>) {
        let (Some(right), Some(left), Some((operator, operator_extent))) =
            (operands.pop(), operands.pop(), operators.pop())
        else {
            return;
        };
        self.grow();
        let extent = left.extent.to(right.extent);
        operands.push(Expr::new(
            extent,
            ExprKind::Binary {
                operator,
                operator_extent,
                operands: Box::new((left, right)),
            },
        ));
    }

    fn array_literal(&mut self, ternary: bool) -> Option<Expr> {
        let first = self.unary(ternary)?;
        if self.no_comma || self.peek_kind() != TokenKind::Comma {
            return Some(first);
        }
        let mut values = vec![first];
        while let Some(comma) = self.take(TokenKind::Comma) {
            self.skip_newlines();
            match self.unary(true) {
                Some(value) => values.push(value),
                None => {
                    self.incomplete(
                        after(comma),
                        "MissingExpressionAfterToken",
                        "Missing expression after ','.",
                    );
                    values.push(Expr::new(comma, ExprKind::Error));
                    break;
                }
            }
        }
        let extent = values[0].extent.to(values[values.len() - 1].extent);
        Some(Expr::new(extent, ExprKind::Array(values)))
    }

    /// An operand with the operators that have only one.
    pub(super) fn unary(&mut self, ternary: bool) -> Option<Expr> {
        let outer = std::mem::take(&mut self.height);
        let expr = if self.enter() {
            self.unary_inner(ternary)
        } else {
            None
        };
        self.leave();
        self.grow();
        self.height = self.height.max(outer);
        expr
    }

    fn unary_inner(&mut self, ternary: bool) -> Option<Expr> {
        let signed = std::mem::replace(&mut self.lexer.allow_signed_numbers, true);
        let ends = std::mem::replace(&mut self.lexer.end_number_on_ternary, ternary);
        // Both settings change how these are read.
        if let Some(token) = &self.ungot
            && (token.kind == TokenKind::Minus || (ternary && token.kind == TokenKind::Generic))
        {
            let start = token.extent.start;
            self.resync(start);
        }
        let (kind, extent) = self.peek();
        self.lexer.allow_signed_numbers = signed;
        self.lexer.end_number_on_ternary = ends;

        if kind.is_unary_operator() {
            return self.prefixed(kind, extent);
        }
        let expr = if kind == TokenKind::LBracket {
            self.bracketed(extent)
        } else {
            self.primary(true)
        }?;
        let (kind, operator_extent) = self.peek();
        let operator = match kind {
            TokenKind::PlusPlus => UnaryOperator::PostIncrement,
            TokenKind::MinusMinus => UnaryOperator::PostDecrement,
            _ => return Some(expr),
        };
        self.skip();
        self.grow();
        let extent = expr.extent.to(operator_extent);
        Some(Expr::new(
            extent,
            ExprKind::Unary {
                operator,
                operator_extent,
                operand: Box::new(expr),
            },
        ))
    }

    fn prefixed(&mut self, kind: TokenKind, operator_extent: Extent) -> Option<Expr> {
        if self.no_comma && kind == TokenKind::Comma {
            return None;
        }
        self.skip();
        self.skip_newlines();
        let Some(operand) = self.unary(true) else {
            let message = format!(
                "Missing expression after unary operator '{}'.",
                self.text(operator_extent)
            );
            self.incomplete(
                after(operator_extent),
                "MissingExpressionAfterOperator",
                message,
            );
            return Some(Expr::new(operator_extent, ExprKind::Error));
        };
        let operator = match kind {
            TokenKind::Comma => UnaryOperator::Comma,
            TokenKind::PlusPlus => UnaryOperator::PreIncrement,
            TokenKind::MinusMinus => UnaryOperator::PreDecrement,
            TokenKind::Plus => UnaryOperator::Plus,
            TokenKind::Minus => UnaryOperator::Minus,
            TokenKind::BNot => UnaryOperator::BitwiseNot,
            TokenKind::Operator(BinaryOperator::Join) => UnaryOperator::Join,
            TokenKind::Operator(BinaryOperator::Split {
                case_sensitive: true,
            }) => UnaryOperator::CaseSensitiveSplit,
            TokenKind::Operator(_) => UnaryOperator::Split,
            _ => UnaryOperator::Not,
        };
        let extent = operator_extent.to(operand.extent);
        Some(Expr::new(
            extent,
            ExprKind::Unary {
                operator,
                operator_extent,
                operand: Box::new(operand),
            },
        ))
    }

    /// What stands by itself; with its members and elements if asked to.
    pub(super) fn primary(&mut self, with_members: bool) -> Option<Expr> {
        let token = self.next();
        let extent = token.extent;
        let expr = match token.kind {
            TokenKind::Variable | TokenKind::SplattedVariable => {
                let Payload::Variable(variable) = token.payload else {
                    return None;
                };
                return Some(self.variable(*variable, extent, with_members));
            }
            TokenKind::Number => {
                let Payload::Number(number) = token.payload else {
                    return None;
                };
                Expr::new(extent, ExprKind::Number(number))
            }
            TokenKind::StringLiteral
            | TokenKind::HereStringLiteral
            | TokenKind::StringExpandable
            | TokenKind::HereStringExpandable => self.string(token),
            TokenKind::LParen => self.parenthesized(extent),
            TokenKind::AtParen | TokenKind::DollarParen => self.sub_expression(token.kind, extent),
            TokenKind::AtCurly => self.hashtable(extent),
            TokenKind::LCurly => self.script_block_expression(extent),
            _ => {
                self.unget(token);
                return None;
            }
        };
        if !with_members {
            return Some(expr);
        }
        Some(self.members(expr, true))
    }

    fn variable(&mut self, variable: Variable, extent: Extent, with_members: bool) -> Expr {
        let using = variable.scope == VariableScope::Using && !variable.name.is_empty();
        if !using {
            let expr = Expr::new(extent, ExprKind::Variable(Box::new(variable)));
            return if with_members {
                self.members(expr, true)
            } else {
                expr
            };
        }
        let inner = Variable::from_path(&variable.name, variable.splatted);
        let mut expr = Expr::new(extent, ExprKind::Variable(Box::new(inner)));
        if with_members {
            expr = self.members(expr, true);
        }
        Expr::new(expr.extent, ExprKind::Using(Box::new(expr)))
    }

    /// The string or bareword that a token is, with what is expanded in it.
    pub(super) fn string(&mut self, token: Token) -> Expr {
        let kind = match token.kind {
            TokenKind::StringLiteral => StringKind::SingleQuoted,
            TokenKind::HereStringLiteral => StringKind::SingleQuotedHere,
            TokenKind::StringExpandable => StringKind::DoubleQuoted,
            TokenKind::HereStringExpandable => StringKind::DoubleQuotedHere,
            _ => StringKind::BareWord,
        };
        let extent = token.extent;
        let value = match token.payload {
            Payload::Parts(parts) => {
                let parts = parts
                    .into_iter()
                    .filter_map(|part| self.string_part(part))
                    .collect();
                return Expr::new(extent, ExprKind::Expandable { parts, kind });
            }
            Payload::Text(text) => text,
            _ => self.text(extent).into(),
        };
        Expr::new(extent, ExprKind::String { value, kind })
    }

    fn string_part(&mut self, part: Part) -> Option<StringPart> {
        Some(match part {
            Part::Text(text) => StringPart::Text(text),
            Part::Variable(variable, extent) => {
                StringPart::Expression(self.variable(*variable, extent, false))
            }
            Part::SubExpression { extent, skips } => {
                let ungot = self.ungot.take();
                let saved = self.lexer.enter(extent, &skips);
                let no_comma = std::mem::take(&mut self.no_comma);
                let expr = if self.enter() {
                    self.primary(true)
                } else {
                    None
                };
                self.leave();
                self.no_comma = no_comma;
                self.lexer.leave(saved);
                self.ungot = if self.lexer.is_halted() { None } else { ungot };
                StringPart::Expression(expr?)
            }
        })
    }

    fn parenthesized(&mut self, open: Extent) -> Expr {
        let mode = self.set_mode(Mode::Command);
        let no_comma = std::mem::take(&mut self.no_comma);
        self.skip_newlines();
        let statement = match self.pipeline_chain() {
            Some(statement) => statement,
            None => {
                self.incomplete(
                    after(open),
                    "ExpectedExpression",
                    "An expression was expected after '('.",
                );
                Statement::Error(after(open))
            }
        };
        self.skip_newlines();
        let inner = statement.extent();
        let end = self.take(TokenKind::RParen);
        if end.is_none() {
            self.incomplete(
                after(inner),
                "MissingEndParenthesisInExpression",
                "Missing closing ')' in expression.",
            );
        }
        self.no_comma = no_comma;
        self.set_mode(mode);
        Expr::new(
            open.to(end.unwrap_or(inner)),
            ExprKind::Paren(Box::new(statement)),
        )
    }

    fn sub_expression(&mut self, kind: TokenKind, open: Extent) -> Expr {
        let mode = self.set_mode(Mode::Command);
        let no_comma = std::mem::take(&mut self.no_comma);
        self.skip_newlines();
        let mut block = StatementBlock::default();
        let listed = self.statement_list(&mut block);
        self.skip_newlines();
        let (next, close) = self.peek();
        let end = if next == TokenKind::RParen {
            self.skip();
            close
        } else {
            self.incomplete(
                close,
                "MissingEndParenthesisInSubexpression",
                "Missing closing ')' in subexpression.",
            );
            listed.unwrap_or(open)
        };
        self.no_comma = no_comma;
        self.set_mode(mode);
        block.extent = listed.unwrap_or_else(|| Extent::empty(open.end));
        let block = Box::new(block);
        let kind = if kind == TokenKind::DollarParen {
            ExprKind::SubExpression(block)
        } else {
            ExprKind::ArrayExpression(block)
        };
        Expr::new(open.to(end), kind)
    }

    /// After its opening brace.
    pub(super) fn script_block_expression(&mut self, open: Extent) -> Expr {
        let mode = self.set_mode(Mode::Command);
        let no_comma = std::mem::take(&mut self.no_comma);
        self.skip_newlines();
        let block = self.script_block(Some(open), false);
        self.no_comma = no_comma;
        self.set_mode(mode);
        Expr::new(block.extent, ExprKind::ScriptBlock(Arc::new(block)))
    }

    /// After `@{`.
    pub(super) fn hashtable(&mut self, open: Extent) -> Expr {
        self.skip_newlines();
        let mut entries = Vec::new();
        while let Some(entry) = self.hash_entry() {
            entries.push(entry);
            if !matches!(self.peek_kind(), TokenKind::NewLine | TokenKind::Semi) {
                break;
            }
            self.skip_newlines_and_semicolons();
        }
        let (kind, close) = self.peek();
        let end = if kind == TokenKind::RCurly {
            self.skip();
            close
        } else {
            self.missing_end_curly(after(open), close);
            before(close)
        };
        Expr::new(open.to(end), ExprKind::Hashtable(entries))
    }

    fn hash_entry(&mut self) -> Option<HashEntry> {
        let mode = self.set_mode(Mode::Expression);
        let key = self.label_or_key();
        let Some(key) = key else {
            self.set_mode(mode);
            return None;
        };
        let (kind, equals) = self.peek();
        if kind != TokenKind::Assign(super::super::ast::AssignmentOperator::Assign) {
            self.set_mode(mode);
            let at = after(key.extent);
            self.error(
                at,
                "MissingEqualsInHashLiteral",
                "Missing '=' operator after key in hash literal.",
            );
            self.sync(
                false,
                &[TokenKind::RCurly, TokenKind::Semi, TokenKind::NewLine],
            );
            return Some(HashEntry {
                key,
                value: Statement::Error(at),
            });
        }
        self.skip();
        self.set_mode(Mode::Command);
        self.skip_newlines();
        let value = match self.statement() {
            Some(value) => value,
            None => {
                let at = after(equals);
                self.incomplete(
                    at,
                    "MissingStatementInHashLiteral",
                    "Missing statement after '=' in hash literal.",
                );
                Statement::Error(at)
            }
        };
        self.set_mode(mode);
        Some(HashEntry { key, value })
    }

    /// The label of `break`, or the key of a hashtable: a bareword or a simple expression.
    pub(super) fn label_or_key(&mut self) -> Option<Expr> {
        if let Some(name) = self.simple_name() {
            return Some(self.bareword(name));
        }
        if matches!(self.peek_kind(), TokenKind::NewLine | TokenKind::Semi) {
            return None;
        }
        let no_comma = std::mem::replace(&mut self.no_comma, true);
        let expr = self.unary(false);
        self.no_comma = no_comma;
        expr
    }

    pub(super) fn bareword(&self, extent: Extent) -> Expr {
        Expr::new(
            extent,
            ExprKind::String {
                value: self.text(extent).into(),
                kind: StringKind::BareWord,
            },
        )
    }

    /// `$true` where an attribute argument is left out has no text; a number stands for nothing here.
    pub(super) fn error_expression(extent: Extent) -> Expr {
        Expr::new(extent, ExprKind::Error)
    }
}

/// A number that reads as it was written, for those who need the value of a constant.
impl ExprKind {
    /// The value if it is a number.
    #[must_use]
    pub fn as_number(&self) -> Option<&Number> {
        match self {
            Self::Number(number) => Some(number),
            _ => None,
        }
    }
}
