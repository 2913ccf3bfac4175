//! Script blocks, lists of statements, and the statements that are no loops and define nothing.

use super::super::ast::{
    AttributeOrType, BlockKind, CatchClause, DataStatement, IfStatement, Jump, NamedBlock,
    ScriptBlock, Statement, StatementBlock, TrapStatement, TryStatement, UsingStatement,
};
use super::super::source::Extent;
use super::super::token::{Keyword, Token, TokenKind};
use super::command::Place;
use super::{MAX_SPECULATION, Parser, after, before, keyword_of};

impl Parser<'_> {
    /// A whole script, or what follows the brace `open`.
    pub(super) fn script_block(&mut self, open: Option<Extent>, is_filter: bool) -> ScriptBlock {
        self.skip_newlines();
        let mut block = ScriptBlock::default();
        if open.is_none() {
            block.using = self.using_statements();
        }
        let restore = self.offset();
        block.param_block = self.param_block().map(Box::new);
        if block.param_block.is_none() {
            self.resync(restore);
        }
        self.skip_newlines_and_semicolons();
        if keyword_of(self.peek_kind()).is_some_and(Keyword::names_block) {
            self.named_blocks(open, &mut block);
            return block;
        }
        let mut body = StatementBlock::default();
        let mut list = block.param_block.as_ref().map(|params| params.extent);
        loop {
            let extent = self.statement_list(&mut body);
            list = match (list, extent) {
                (Some(list), Some(extent)) => Some(list.to(extent)),
                (list, extent) => list.or(extent),
            };
            if let Some(extent) = self.end_of_script_block(open, list) {
                block.extent = extent;
                break;
            }
        }
        body.extent = list.unwrap_or_else(|| Extent::empty(open.map_or(0, |open| open.end)));
        let kind = if is_filter {
            BlockKind::Process
        } else {
            BlockKind::End
        };
        let unnamed = NamedBlock {
            extent: body.extent,
            kind,
            unnamed: true,
            body,
        };
        if is_filter {
            block.process = Some(unnamed);
        } else {
            block.end = Some(unnamed);
        }
        block
    }

    // `None` if a whole script is not at its end yet, which is an error that it goes on after.
    fn end_of_script_block(
        &mut self,
        open: Option<Extent>,
        body: Option<Extent>,
    ) -> Option<Extent> {
        let Some(open) = open else {
            let token = self.next();
            if token.kind != TokenKind::EndOfInput {
                self.unexpected(token.extent);
                return None;
            }
            return Some(Extent::new(0, self.lexer.end_offset()));
        };
        let (kind, close) = self.peek();
        if kind == TokenKind::RCurly {
            self.skip();
            return Some(open.to(close));
        }
        self.missing_end_curly(open, close);
        Some(open.to(body.unwrap_or(open)))
    }

    fn using_statements(&mut self) -> Vec<UsingStatement> {
        let mut list = Vec::new();
        loop {
            let (kind, extent) = self.peek();
            if kind != TokenKind::Keyword(Keyword::Using) {
                self.resync(extent.start);
                return list;
            }
            self.skip();
            if let Ok(using) = self.using_statement(extent) {
                list.push(using);
            }
            self.skip_newlines_and_semicolons();
        }
    }

    fn named_blocks(&mut self, open: Option<Extent>, block: &mut ScriptBlock) {
        let mut end = None;
        loop {
            let token = self.next();
            let kind = match token.kind {
                TokenKind::Keyword(Keyword::DynamicParam) => BlockKind::DynamicParam,
                TokenKind::Keyword(Keyword::Begin) => BlockKind::Begin,
                TokenKind::Keyword(Keyword::Process) => BlockKind::Process,
                TokenKind::Keyword(Keyword::End) => BlockKind::End,
                TokenKind::Keyword(Keyword::Clean) => BlockKind::Clean,
                TokenKind::RCurly | TokenKind::EndOfInput => {
                    self.unget(token);
                    let whole = Extent::new(0, self.lexer.end_offset());
                    block.extent = self.end_of_script_block(open, end).unwrap_or(whole);
                    return;
                }
                _ => {
                    let extent = token.extent;
                    let message = format!(
                        "unexpected token '{}', expected 'begin', 'process', 'end', 'clean', or 'dynamicparam'.",
                        self.text(extent)
                    );
                    self.error(extent, "MissingNamedBlocks", message);
                    block.extent = match open {
                        Some(open) => {
                            self.unget(token);
                            open.to(end.unwrap_or(open))
                        }
                        None => Extent::new(0, self.lexer.end_offset()),
                    };
                    return;
                }
            };
            self.named_block(&token, kind, block);
            end = Some(Extent::new(
                token.extent.start,
                self.offset().min(self.lexer.end_offset()),
            ));
            self.skip_newlines_and_semicolons();
        }
    }

    fn named_block(&mut self, name: &Token, kind: BlockKind, block: &mut ScriptBlock) {
        let text = keyword_of(name.kind).map_or("", Keyword::text);
        let body = self.statement_block();
        if body.is_none() {
            self.incomplete(
                after(name.extent),
                "MissingNamedStatementBlock",
                format!("Missing statement block after '{text}'."),
            );
        }
        let body = body.unwrap_or_else(|| StatementBlock {
            extent: name.extent,
            ..StatementBlock::default()
        });
        let extent = name.extent.to(body.extent);
        let place = match kind {
            BlockKind::DynamicParam => &mut block.dynamic_param,
            BlockKind::Begin => &mut block.begin,
            BlockKind::Process => &mut block.process,
            BlockKind::End => &mut block.end,
            BlockKind::Clean => &mut block.clean,
        };
        if place.is_none() {
            *place = Some(NamedBlock {
                extent,
                kind,
                unnamed: false,
                body,
            });
        } else {
            let message = format!("Script command clause '{text}' has already been defined.");
            self.error(extent, "DuplicateScriptCommandClause", message);
        }
    }

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

    fn trap_statement(&mut self, start: Extent) -> Result<TrapStatement, Extent> {
        let restore = self.offset();
        self.skip_newlines();
        let exception = match self.attribute() {
            Some(AttributeOrType::Type(constraint)) => Some(constraint),
            Some(AttributeOrType::Attribute(_)) => {
                self.resync(restore);
                None
            }
            None => None,
        };
        let Some(body) = self.statement_block() else {
            let last = exception.map_or(start, |exception| exception.extent);
            self.incomplete(
                after(last),
                "MissingTrapStatement",
                "The 'trap' statement was incomplete. A trap statement requires a body.",
            );
            return Err(start.to(last));
        };
        Ok(TrapStatement {
            extent: start.to(body.extent),
            exception,
            body,
        })
    }

    fn try_statement(&mut self, start: Extent) -> Statement {
        self.skip_newlines();
        let Some(body) = self.statement_block() else {
            self.incomplete(
                after(start),
                "MissingTryStatementBlock",
                "The Try statement is missing its statement block.",
            );
            return Statement::Error(start);
        };
        let mut failed: Option<Extent> = None;
        let mut catches = Vec::new();
        while let Some(clause) = self.catch_clause(&mut failed) {
            catches.push(clause);
        }
        self.skip_newlines();
        let mut finally = None;
        if let Some(keyword) = self.take(TokenKind::Keyword(Keyword::Finally)) {
            finally = self.statement_block();
            if finally.is_none() {
                failed = Some(keyword);
                self.incomplete(
                    after(keyword),
                    "MissingFinallyStatementBlock",
                    "The Finally block is missing its statement block.",
                );
            }
        }
        if catches.is_empty() && finally.is_none() && failed.is_none() {
            failed = Some(body.extent);
            self.incomplete(
                after(body.extent),
                "MissingCatchOrFinally",
                "The Try statement is missing its Catch or Finally block.",
            );
        }
        if let Some(failed) = failed {
            return Statement::Error(start.to(failed));
        }
        let end = finally
            .as_ref()
            .map(|block| block.extent)
            .or(catches.last().map(|clause| clause.extent))
            .unwrap_or(body.extent);
        Statement::Try(Box::new(TryStatement {
            extent: start.to(end),
            body,
            catches,
            finally,
        }))
    }

    fn catch_clause(&mut self, failed: &mut Option<Extent>) -> Option<CatchClause> {
        self.skip_newlines();
        let start = self.take(TokenKind::Keyword(Keyword::Catch))?;
        let mut types = Vec::new();
        let mut comma: Option<Extent> = None;
        let mut dangling = false;
        loop {
            let restore = self.offset();
            self.skip_newlines();
            match self.attribute() {
                Some(AttributeOrType::Type(constraint)) => types.push(constraint),
                Some(AttributeOrType::Attribute(_)) => {
                    self.resync(restore);
                    break;
                }
                None => {
                    if let Some(comma) = comma {
                        dangling = true;
                        *failed = Some(comma);
                        self.incomplete(
                            after(comma),
                            "MissingTypeLiteralToken",
                            "Missing type literal.",
                        );
                    }
                    break;
                }
            }
            self.skip_newlines();
            comma = self.take(TokenKind::Comma);
            if comma.is_none() {
                break;
            }
        }
        let Some(body) = self.statement_block() else {
            if !dangling {
                let last = types.last().map_or(start, |last| last.extent);
                *failed = Some(last);
                self.incomplete(
                    after(last),
                    "MissingCatchHandlerBlock",
                    "The Catch block is missing its statement block.",
                );
            }
            return None;
        };
        Some(CatchClause {
            extent: start.to(body.extent),
            types,
            body,
        })
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

    /// Whether a parameter is `name` or the beginning of it.
    pub(super) fn is_parameter(&self, token: &Token, name: &str) -> bool {
        match &token.payload {
            super::Payload::Parameter { name: given, .. } => {
                name.len() >= given.len()
                    && name.as_bytes()[..given.len()].eq_ignore_ascii_case(given.as_bytes())
            }
            _ => false,
        }
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
pub(super) fn expression_statement(expression: super::super::ast::Expr) -> Statement {
    use super::super::ast::{CommandExpression, Pipeline, PipelineElement};
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
