//! Functions, their parameters, and `using`.

use std::sync::Arc;

use super::super::ast::{
    AssignmentOperator, AttributeOrType, ExprKind, FunctionDefinition, FunctionKind, ParamBlock,
    Parameter, Statement, UsingKind, UsingStatement, Variable,
};
use super::super::lexer::Mode;
use super::super::source::Extent;
use super::super::token::{Keyword, Payload, TokenKind};
use super::command::Place;
use super::{MAX_SPECULATION, Parser, after, before, keyword_of, text_of};

const MISSING_CLOSE: &str = "Missing ')' in function parameter list.";

impl Parser<'_> {
    /// `param( … )` with its attributes; `None` if there is none, and then something may have been taken.
    pub(super) fn param_block(&mut self) -> Option<ParamBlock> {
        self.skip_newlines();
        let attributes = if self.speculation < MAX_SPECULATION {
            self.speculation += 1;
            let attributes = self.attributes(false);
            self.speculation -= 1;
            attributes
        } else {
            Vec::new()
        };
        self.skip_newlines();
        let keyword = self.take(TokenKind::Keyword(Keyword::Param))?;
        self.skip_newlines();
        let open = self.take(TokenKind::LParen)?;
        let parameters = self.parameter_list();
        self.skip_newlines();
        let (kind, close) = self.peek();
        let end = if kind == TokenKind::RParen {
            self.skip();
            close
        } else {
            let last = parameters.last().map_or(open, |last| last.extent);
            self.incomplete(
                after(last),
                "MissingEndParenthesisInFunctionParameterList",
                MISSING_CLOSE,
            );
            before(close)
        };
        let attributes = attributes
            .into_iter()
            .filter_map(|attribute| match attribute {
                AttributeOrType::Attribute(attribute) => Some(attribute),
                AttributeOrType::Type(constraint) => {
                    let message = format!(
                        "Unexpected type [{}] was found in the parameter statement.",
                        self.text(constraint.name.extent)
                    );
                    self.error(constraint.extent, "TypeNotAllowedBeforeParam", message);
                    None
                }
            });
        let attributes = attributes.collect();
        Some(ParamBlock {
            extent: keyword.to(end),
            attributes,
            parameters,
        })
    }

    fn parameter_list(&mut self) -> Vec<Parameter> {
        let mut parameters = Vec::new();
        let mut comma: Option<Extent> = None;
        loop {
            let Some(parameter) = self.parameter() else {
                if let Some(comma) = comma {
                    self.incomplete(
                        after(comma),
                        "MissingExpressionAfterToken",
                        "Missing expression after ','.",
                    );
                }
                return parameters;
            };
            parameters.push(parameter);
            self.skip_newlines();
            comma = self.take(TokenKind::Comma);
            if comma.is_none() {
                return parameters;
            }
        }
    }

    fn parameter(&mut self) -> Option<Parameter> {
        let no_comma = std::mem::replace(&mut self.no_comma, true);
        let mode = self.set_mode(Mode::Expression);
        let parameter = self.parameter_body();
        self.no_comma = no_comma;
        self.set_mode(mode);
        parameter
    }

    fn parameter_body(&mut self) -> Option<Parameter> {
        self.skip_newlines();
        let attributes = self.attributes(false);
        self.skip_newlines();
        let token = self.next();
        let variable_extent = token.extent;
        let variable = match token.payload {
            Payload::Variable(variable) => *variable,
            _ => {
                self.unget(token);
                let (first, last) = (attributes.first()?.extent(), attributes.last()?.extent());
                self.incomplete(
                    after(last),
                    "InvalidFunctionParameter",
                    "Parameter declarations are a comma-separated list of variable names with optional initializer expressions.",
                );
                self.sync(true, &[TokenKind::RParen]);
                let extent = first.to(last);
                let variable = Variable::from_path("__error__", false);
                return Some(Parameter {
                    extent,
                    attributes,
                    variable,
                    variable_extent: extent,
                    default: None,
                });
            }
        };
        self.skip_newlines();
        let mut default = None;
        if let Some(equals) = self.take(TokenKind::Assign(AssignmentOperator::Assign)) {
            self.skip_newlines();
            default = self.expression();
            if default.is_none() {
                self.incomplete(
                    after(equals),
                    "MissingExpressionAfterToken",
                    "Missing expression after '='.",
                );
            }
        }
        let start = attributes
            .first()
            .map_or(variable_extent, AttributeOrType::extent);
        let extent = start.to(default
            .as_ref()
            .map_or(variable_extent, |default| default.extent));
        Some(Parameter {
            extent,
            attributes,
            variable,
            variable_extent,
            default,
        })
    }

    /// `( … )` after a name; with the last thing read if the list is not closed, otherwise with its end.
    pub(super) fn parameters_in_parentheses(
        &mut self,
    ) -> (Option<Vec<Parameter>>, Option<Extent>, Option<Extent>) {
        self.skip_newlines();
        let mut failed = None;
        let mut close = None;
        let mut parameters = None;
        if let Some(open) = self.take(TokenKind::LParen) {
            let list = self.parameter_list();
            self.skip_newlines();
            close = self.take(TokenKind::RParen);
            if close.is_none() {
                let last = list.last().map_or(open, |last| last.extent);
                failed = Some(last);
                self.incomplete(
                    after(last),
                    "MissingEndParenthesisInFunctionParameterList",
                    MISSING_CLOSE,
                );
            }
            self.skip_newlines();
            parameters = Some(list);
        }
        (parameters, failed, close)
    }

    pub(super) fn function_definition(&mut self, keyword: Keyword, start: Extent) -> Statement {
        self.skip_newlines();
        let token = self.next();
        let unfit = matches!(
            token.kind,
            TokenKind::Pipe
                | TokenKind::LParen
                | TokenKind::LCurly
                | TokenKind::AtParen
                | TokenKind::AtCurly
                | TokenKind::RCurly
                | TokenKind::RParen
                | TokenKind::EndOfInput
                | TokenKind::Semi
                | TokenKind::Redirection
                | TokenKind::RedirectInStd
                | TokenKind::AndAnd
                | TokenKind::OrOr
                | TokenKind::Ampersand
                | TokenKind::Variable
                | TokenKind::SplattedVariable
                | TokenKind::HereStringExpandable
                | TokenKind::HereStringLiteral
                | TokenKind::StringLiteral
                | TokenKind::StringExpandable
        );
        if unfit {
            self.unget(token);
            let message = format!("Missing name after {} keyword.", self.text(start));
            self.incomplete(after(start), "MissingNameAfterKeyword", message);
            return Statement::Error(start);
        }
        let name_extent = token.extent;
        let name = if token.kind == TokenKind::Generic {
            text_of(&token, self.text(name_extent))
        } else {
            self.text(name_extent).into()
        };
        let (parameters, mut failed, close) = self.parameters_in_parentheses();
        let Some(open) = self.take(TokenKind::LCurly) else {
            if failed.is_none() {
                let last = close.unwrap_or(name_extent);
                failed = Some(last);
                self.incomplete(
                    after(last),
                    "MissingFunctionBody",
                    "Missing function body in function declaration.",
                );
            }
            return Statement::Error(start.to(failed.unwrap_or(name_extent)));
        };
        if let Some(failed) = failed {
            // The brace stays taken, as in PowerShell; its end will be one more error.
            return Statement::Error(start.to(failed));
        }
        let kind = match keyword {
            Keyword::Filter => FunctionKind::Filter,
            Keyword::Workflow => FunctionKind::Workflow,
            _ => FunctionKind::Function,
        };
        let body = Arc::new(self.script_block(Some(open), kind == FunctionKind::Filter));
        let extent = start.to(body.extent);
        Statement::Function(Box::new(FunctionDefinition {
            extent,
            kind,
            name,
            name_extent,
            parameters,
            body,
        }))
    }

    /// After `using`; the extent of what was read if it is wrong.
    pub(super) fn using_statement(&mut self, start: Extent) -> Result<UsingStatement, Extent> {
        let directive = self.next();
        let kind = match keyword_of(directive.kind) {
            Some(Keyword::Namespace) => UsingKind::Namespace,
            Some(Keyword::Type) => UsingKind::Type,
            Some(Keyword::Module) => UsingKind::Module,
            Some(Keyword::Command) => UsingKind::Command,
            Some(Keyword::Assembly) => UsingKind::Assembly,
            _ => {
                self.unget(directive);
                self.incomplete(
                    after(start),
                    "MissingUsingStatementDirective",
                    "Missing using directive",
                );
                return Err(start);
            }
        };
        let item = self.next();
        if matches!(
            item.kind,
            TokenKind::EndOfInput | TokenKind::NewLine | TokenKind::Comma | TokenKind::Semi
        ) {
            self.incomplete(
                after(directive.extent),
                "MissingUsingItemName",
                "Missing using name",
            );
            return Err(start.to(directive.extent));
        }
        let item_extent = item.extent;
        let invalid = |parser: &mut Self, extent: Extent| {
            let message = format!(
                "'{}' is not a valid value for using name.",
                parser.text(extent)
            );
            parser.error(extent, "InvalidValueForUsingItemName", message);
            start.to(extent)
        };
        let Some(name) = self.argument(Place::Argument, item) else {
            let failed = invalid(self, item_extent);
            self.sync(true, &[TokenKind::Semi, TokenKind::NewLine]);
            return Err(failed);
        };
        let is_table = kind == UsingKind::Module && matches!(name.kind, ExprKind::Hashtable(_));
        if name.as_string().is_none() && !is_table {
            return Err(invalid(self, name.extent));
        }
        let mut alias_for = None;
        if kind != UsingKind::Assembly && !is_table {
            if let Some(equals) = self.take(TokenKind::Assign(AssignmentOperator::Assign)) {
                let token = self.next();
                let extent = token.extent;
                if matches!(
                    token.kind,
                    TokenKind::EndOfInput | TokenKind::NewLine | TokenKind::Semi
                ) {
                    self.unget(token);
                    self.incomplete(
                        after(equals),
                        "MissingNamespaceAlias",
                        "Missing namespace alias",
                    );
                    return Err(start.to(equals));
                }
                match self.argument(Place::Argument, token) {
                    Some(alias)
                        if alias.as_string().is_some()
                            || matches!(alias.kind, ExprKind::Hashtable(_)) =>
                    {
                        alias_for = Some(alias)
                    }
                    other => return Err(invalid(self, other.map_or(extent, |expr| expr.extent))),
                }
            } else if matches!(kind, UsingKind::Type | UsingKind::Command) {
                self.incomplete(
                    after(item_extent),
                    "MissingEqualsInUsingAlias",
                    "Missing '=' operator",
                );
                return Err(start.to(name.extent));
            }
        }
        let (terminator, extent) = self.peek();
        if matches!(terminator, TokenKind::NewLine | TokenKind::Semi) {
            self.skip();
        } else if terminator != TokenKind::EndOfInput {
            self.incomplete(
                extent,
                "MissingStatementTerminator",
                "Missing a newline or semicolon.",
            );
        }
        let end = alias_for.as_ref().map_or(name.extent, |alias| alias.extent);
        Ok(UsingStatement {
            extent: start.to(end),
            kind,
            name,
            alias_for,
        })
    }
}
