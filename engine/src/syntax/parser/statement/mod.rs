//! Script blocks, lists of statements, and the statements that are no loops and define nothing.

mod script_block;
mod try_statement;

use crate::syntax::ast::{
    AttributeOrType, DataStatement, IfStatement, Jump, Statement, StatementBlock,
};
use crate::syntax::parser::command::Place;
use crate::syntax::parser::{MAX_SPECULATION, Parser, after, before, keyword_of};
use crate::syntax::source::Extent;
use crate::syntax::token::{Keyword, Token, TokenKind};

impl Parser<'_> {
    /// `{ … }`; `None`, with only ends of lines taken, if there is no brace.
    pub(super) fn statement_block(&mut self) -> Option<StatementBlock> {
        self.skip_newlines();
        let open = self.take(TokenKind::LCurly)?;
        let mut block = StatementBlock::default();
        let list = self.statement_list(&mut block);
        let (kind, close) = self.peek();
        let end = if kind == TokenKind::RCurly {
            self.skip();
            close
        } else {
            self.missing_end_curly(open, close);
            list.unwrap_or(open)
        };
        block.extent = open.to(end);
        Some(block)
    }

    /// Statements up to a closing parenthesis or brace, or one that is no statement.
    pub(super) fn statement_list(&mut self, block: &mut StatementBlock) -> Option<Extent> {
        let mut list: Option<Extent> = None;
        self.skip_newlines_and_semicolons();
        while let Some(extent) = self.listed_statement(block) {
            list = Some(list.map_or(extent, |list| list.to(extent)));
            self.skip_newlines_and_semicolons();
            if matches!(self.peek_kind(), TokenKind::RParen | TokenKind::RCurly) {
                break;
            }
        }
        list
    }

    fn listed_statement(&mut self, block: &mut StatementBlock) -> Option<Extent> {
        if let Some(trap) = self.take(TokenKind::Keyword(Keyword::Trap)) {
            let trap = self.trap_statement(trap);
            let extent = trap
                .as_ref()
                .map_or_else(|extent| *extent, |trap| trap.extent);
            match trap {
                Ok(trap) => block.traps.push(trap),
                Err(extent) => block.statements.push(Statement::Error(extent)),
            }
            return Some(extent);
        }
        let statement = self.statement()?;
        let extent = statement.extent();
        block.statements.push(statement);
        Some(extent)
    }

    /// One statement; `None`, with nothing taken, if there is none here.
    pub(super) fn statement(&mut self) -> Option<Statement> {
        let outer = std::mem::take(&mut self.height);
        let statement = if self.enter() {
            self.statement_inner()
        } else {
            None
        };
        self.leave();
        self.grow();
        self.height = self.height.max(outer);
        statement
    }

    fn statement_inner(&mut self) -> Option<Statement> {
        let mut token = self.next();
        let mut attributes = Vec::new();
        let restore = token.extent.start;
        let mut read_ahead = false;
        if token.kind == TokenKind::Generic
            && self.text(token.extent).starts_with('[')
            && self.speculation < MAX_SPECULATION
        {
            self.speculation += 1;
            self.resync(restore);
            attributes = self.attributes(false);
            self.speculation -= 1;
            token = self.next();
            if !attributes.is_empty() {
                read_ahead = true;
                match keyword_of(token.kind) {
                    Some(keyword) if keyword.refuses_attributes() => {
                        if attributes
                            .iter()
                            .any(|attribute| matches!(attribute, AttributeOrType::Type(_)))
                        {
                            self.resync(restore);
                            token = self.next();
                        } else {
                            let first = attributes[0].extent();
                            let name = attribute_name(&attributes[0]);
                            let message = format!("Unexpected attribute '{}'.", self.text(name));
                            self.error(first, "UnexpectedAttribute", message);
                        }
                    }
                    Some(_) => {
                        for attribute in &attributes {
                            if let AttributeOrType::Type(constraint) = attribute {
                                let message = format!(
                                    "Unexpected type [{}] was found before statement.",
                                    self.text(constraint.name.extent)
                                );
                                self.error(
                                    constraint.extent,
                                    "TypeNotAllowedBeforeStatement",
                                    message,
                                );
                            }
                        }
                    }
                    None => {
                        self.resync(restore);
                        token = self.next();
                    }
                }
            }
        }
        let extent = token.extent;
        let keyword = match token.kind {
            TokenKind::Keyword(keyword) => keyword,
            TokenKind::Label => {
                self.skip_newlines();
                return self.labeled_statement(token);
            }
            TokenKind::EndOfInput if !read_ahead => {
                self.unget(token);
                return None;
            }
            _ => {
                if read_ahead {
                    self.resync(restore);
                } else {
                    self.unget(token);
                }
                return self.pipeline_chain();
            }
        };
        Some(match keyword {
            Keyword::If => self.if_statement(extent),
            Keyword::Switch | Keyword::ForEach | Keyword::For | Keyword::While | Keyword::Do => {
                self.labeled(keyword, extent, None)
            }
            Keyword::Function | Keyword::Filter | Keyword::Workflow => {
                self.function_definition(keyword, extent)
            }
            Keyword::Return => Statement::Return(Box::new(self.jump(extent))),
            Keyword::Throw => Statement::Throw(Box::new(self.jump(extent))),
            Keyword::Exit => Statement::Exit(Box::new(self.jump(extent))),
            Keyword::Break => Statement::Break(Box::new(self.label_jump(extent))),
            Keyword::Continue => Statement::Continue(Box::new(self.label_jump(extent))),
            Keyword::Trap => match self.trap_statement(extent) {
                Ok(trap) => Statement::Error(trap.extent),
                Err(extent) => Statement::Error(extent),
            },
            Keyword::Try => self.try_statement(extent),
            Keyword::Data => self.data_statement(extent),
            Keyword::Class => self.class_definition(attributes, extent),
            Keyword::Enum => self.enum_definition(attributes, extent),
            Keyword::Parallel | Keyword::Sequence => self.block_statement(keyword, extent),
            Keyword::From | Keyword::Define | Keyword::Var => {
                let message = format!(
                    "The '{}' keyword is not supported in this version of the language.",
                    keyword.text()
                );
                self.error(extent, "ReservedKeywordNotAllowed", message);
                Statement::Error(extent)
            }
            Keyword::Using => {
                let extent = match self.using_statement(extent) {
                    Ok(using) => using.extent,
                    Err(extent) => extent,
                };
                self.error(
                    extent,
                    "UsingMustBeAtStartOfScript",
                    "A 'using' statement must appear before any other statements in a script.",
                );
                Statement::Error(extent)
            }
            Keyword::Else | Keyword::ElseIf | Keyword::Catch | Keyword::Until
                if !self.lexer.errors.is_empty() =>
            {
                self.skip_newlines();
                return self.statement();
            }
            _ => {
                if read_ahead {
                    self.resync(restore);
                } else {
                    self.unget(token);
                }
                return self.pipeline_chain();
            }
        })
    }

    fn labeled_statement(&mut self, label: Token) -> Option<Statement> {
        let token = self.next();
        let keyword = keyword_of(token.kind).filter(|keyword| {
            matches!(
                keyword,
                Keyword::Switch | Keyword::ForEach | Keyword::For | Keyword::While | Keyword::Do
            )
        });
        let Some(keyword) = keyword else {
            // Only a word that begins with a colon.
            self.resync(label.extent.start);
            return self.pipeline_chain();
        };
        Some(self.labeled(keyword, token.extent, Some(&label)))
    }

    fn jump(&mut self, keyword: Extent) -> Jump {
        let value = self.pipeline_chain();
        let extent = value
            .as_ref()
            .map_or(keyword, |value| keyword.to(value.extent()));
        Jump { extent, value }
    }

    fn label_jump(&mut self, keyword: Extent) -> Jump {
        let label = self.label_or_key();
        let extent = label
            .as_ref()
            .map_or(keyword, |label| keyword.to(label.extent));
        Jump {
            extent,
            value: label.map(expression_statement),
        }
    }

    // `parallel` and `sequence` are words of workflows, which are gone.
    fn block_statement(&mut self, keyword: Keyword, extent: Extent) -> Statement {
        let body = self.statement_block();
        if body.is_none() {
            let message = format!("Missing statement body after keyword '{}'.", keyword.text());
            self.incomplete(after(extent), "MissingStatementAfterKeyword", message);
            return Statement::Error(extent);
        }
        self.error(
            extent,
            "UnexpectedKeyword",
            format!("Unexpected keyword '{}'.", keyword.text()),
        );
        Statement::Error(extent.to(body.map_or(extent, |body| body.extent)))
    }

    fn if_statement(&mut self, start: Extent) -> Statement {
        let mut clauses = Vec::new();
        let mut otherwise = None;
        let mut keyword = start;
        loop {
            self.skip_newlines();
            let word = self.text(keyword);
            let Some(open) = self.take(TokenKind::LParen) else {
                self.incomplete(
                    after(keyword),
                    "MissingOpenParenthesisInIfStatement",
                    format!("Missing '(' after '{word}' in if statement."),
                );
                return Statement::Error(start.to(keyword));
            };
            self.skip_newlines();
            let condition = self.pipeline_chain();
            let lost = condition.is_none();
            let condition = condition.unwrap_or(Statement::Error(after(open)));
            if lost {
                let message = format!("Missing condition in if statement after '{word} ('.");
                self.incomplete(after(open), "IfStatementMissingCondition", message);
            }
            self.skip_newlines();
            let (kind, close) = self.peek();
            if kind != TokenKind::RParen {
                if !matches!(condition, Statement::Error(_)) {
                    let message =
                        format!("Missing closing ')' after expression in '{word}' statement.");
                    self.incomplete(close, "MissingEndParenthesisAfterStatement", message);
                }
                return Statement::Error(start.to(before(close)));
            }
            self.skip();
            self.skip_newlines();
            let Some(body) = self.statement_block() else {
                self.incomplete(
                    close,
                    "MissingStatementBlock",
                    format!("Missing statement block after {word} ( condition )."),
                );
                return Statement::Error(start.to(close));
            };
            clauses.push((condition, body));
            let restore = self.offset();
            self.skip_newlines();
            let (kind, extent) = self.peek();
            if kind == TokenKind::Keyword(Keyword::ElseIf) {
                self.skip();
                keyword = extent;
                continue;
            }
            if kind == TokenKind::Keyword(Keyword::Else) {
                self.skip();
                self.skip_newlines();
                otherwise = self.statement_block();
                if otherwise.is_none() {
                    self.incomplete(
                        after(extent),
                        "MissingStatementBlockAfterElse",
                        "Missing statement block after 'else' keyword.",
                    );
                    return Statement::Error(start.to(extent));
                }
            } else {
                // The end of the line ends the statement.
                self.resync(restore);
            }
            break;
        }
        let last = clauses.last().map_or(start, |(_, body)| body.extent);
        let extent = start.to(otherwise.as_ref().map_or(last, |body| body.extent));
        Statement::If(Box::new(IfStatement {
            extent,
            clauses,
            otherwise,
        }))
    }

    fn data_statement(&mut self, start: Extent) -> Statement {
        self.skip_newlines();
        let name = self.simple_name();
        let variable = name.map(|name| self.text(name).into());
        self.skip_newlines();
        let mut failed: Option<Extent> = None;
        let mut supported_commands = Vec::new();
        if self.peek_kind() == TokenKind::Parameter {
            let parameter = self.next();
            if !self.is_parameter(&parameter, "supportedcommand") {
                failed = Some(parameter.extent);
                let name = self.text(parameter.extent).trim_start_matches('-');
                let message = format!(
                    "The \"{name}\" parameter of the Data section is not valid. The valid Data section parameter is SupportedCommand."
                );
                self.error(
                    parameter.extent,
                    "InvalidParameterForDataSectionStatement",
                    message,
                );
            }
            let mut last = parameter.extent;
            loop {
                self.skip_newlines();
                let Some(command) = self.single_argument(Place::Name) else {
                    if failed.is_none() {
                        self.incomplete(
                            after(last),
                            "MissingValueForSupportedCommandInDataSectionStatement",
                            "The SupportedCommand parameter of the Data section is missing a value. Supply a cmdlet or function name to the parameter.",
                        );
                    }
                    failed = Some(last);
                    break;
                };
                supported_commands.push(command);
                match self.take(TokenKind::Comma) {
                    Some(comma) => last = comma,
                    None => break,
                }
            }
        }
        let body = if failed.is_none() {
            self.statement_block()
        } else {
            None
        };
        let Some(body) = body else {
            let last = supported_commands
                .last()
                .map(|command| command.extent)
                .or(name)
                .unwrap_or(start);
            if failed.is_none() {
                self.incomplete(
                    after(last),
                    "MissingStatementBlockForDataSection",
                    "The Data section is missing its statement block.",
                );
            }
            return Statement::Error(start.to(failed.unwrap_or(last)));
        };
        Statement::Data(Box::new(DataStatement {
            extent: start.to(body.extent),
            variable,
            supported_commands,
            body,
        }))
    }
}

/// The name that stands in the brackets.
pub(super) fn attribute_name(attribute: &AttributeOrType) -> Extent {
    match attribute {
        AttributeOrType::Attribute(attribute) => attribute.name.extent,
        AttributeOrType::Type(constraint) => constraint.name.extent,
    }
}

/// The statement that is only `expression`.
pub(super) fn expression_statement(expression: crate::syntax::ast::Expr) -> Statement {
    use crate::syntax::ast::{CommandExpression, Pipeline, PipelineElement};
    let extent = expression.extent;
    let element = PipelineElement::Expression(CommandExpression {
        extent,
        expression,
        redirections: Vec::new(),
    });
    Statement::Pipeline(Box::new(Pipeline {
        extent,
        elements: vec![element],
        background: false,
    }))
}
