//! Loops and `switch`: what can bear a label.

use super::super::ast::{
    DoStatement, Expr, ExprKind, ForEachStatement, ForStatement, Statement, StringKind,
    SwitchMatching, SwitchStatement, WhileStatement,
};
use super::super::source::Extent;
use super::super::token::{Keyword, Payload, Token, TokenKind};
use super::command::Place;
use super::statement::expression_statement;
use super::{Parser, after, text_of};

/// Where a statement starts, with its label.
struct Head {
    start: Extent,
    keyword: Extent,
    label: Option<Box<str>>,
}

impl Parser<'_> {
    pub(super) fn labeled(
        &mut self,
        keyword: Keyword,
        extent: Extent,
        label: Option<&Token>,
    ) -> Statement {
        let head = Head {
            start: label.map_or(extent, |label| label.extent),
            keyword: extent,
            label: label.map(|label| text_of(label, self.text(label.extent))),
        };
        match keyword {
            Keyword::Switch => self.switch_statement(head),
            Keyword::ForEach => self.foreach_statement(head),
            Keyword::For => self.for_statement(head),
            Keyword::While => self.while_statement(head),
            _ => self.do_statement(head),
        }
    }

    fn missing_open(&mut self, keyword: Extent, word: &str) {
        self.incomplete(
            after(keyword),
            "MissingOpenParenthesisAfterKeyword",
            format!("Missing opening '(' after keyword '{word}'."),
        );
    }

    fn missing_body(&mut self, at: Extent, word: &str) {
        self.incomplete(
            after(at),
            "MissingLoopStatement",
            format!("Missing statement body in {word} loop."),
        );
    }

    fn missing_close(&mut self, at: Extent, word: &str) {
        let message = format!("Missing closing ')' after expression in '{word}' statement.");
        self.incomplete(after(at), "MissingEndParenthesisAfterStatement", message);
    }

    fn while_statement(&mut self, head: Head) -> Statement {
        self.skip_newlines();
        let Some(open) = self.take(TokenKind::LParen) else {
            self.missing_open(head.keyword, "while");
            return Statement::Error(head.start.to(head.keyword));
        };
        self.skip_newlines();
        let condition = self.pipeline_chain();
        let condition = condition.unwrap_or_else(|| {
            self.incomplete(
                after(open),
                "MissingExpressionAfterKeyword",
                "Missing expression after 'while' in loop.",
            );
            Statement::Error(after(open))
        });
        self.skip_newlines();
        let Some(close) = self.take(TokenKind::RParen) else {
            if !matches!(condition, Statement::Error(_)) {
                self.missing_close(condition.extent(), "while");
            }
            return Statement::Error(head.start.to(condition.extent()));
        };
        self.skip_newlines();
        let Some(body) = self.statement_block() else {
            self.missing_body(close, "while");
            return Statement::Error(head.start.to(close));
        };
        Statement::While(Box::new(WhileStatement {
            extent: head.start.to(body.extent),
            label: head.label,
            condition,
            body,
        }))
    }

    fn do_statement(&mut self, head: Head) -> Statement {
        let Some(body) = self.statement_block() else {
            self.missing_body(head.keyword, "do");
            return Statement::Error(head.start.to(head.keyword));
        };
        self.skip_newlines();
        let (kind, keyword) = self.peek();
        let (until, word) = match kind {
            TokenKind::Keyword(Keyword::While) => (false, "while"),
            TokenKind::Keyword(Keyword::Until) => (true, "until"),
            _ => {
                self.incomplete(
                    after(body.extent),
                    "MissingWhileOrUntilInDoWhile",
                    "Missing while or until keyword in do loop.",
                );
                return Statement::Error(head.start.to(body.extent));
            }
        };
        self.skip();
        self.skip_newlines();
        let Some(open) = self.take(TokenKind::LParen) else {
            self.missing_open(keyword, word);
            return Statement::Error(head.start.to(keyword));
        };
        self.skip_newlines();
        let condition = self.pipeline_chain();
        if condition.is_none() {
            self.incomplete(
                after(open),
                "MissingExpressionAfterKeyword",
                format!("Missing expression after '{word}' in loop."),
            );
        }
        self.skip_newlines();
        let close = self.take(TokenKind::RParen);
        let Some(condition) = condition else {
            return Statement::Error(head.start.to(open));
        };
        let Some(close) = close else {
            self.missing_close(condition.extent(), word);
            return Statement::Error(head.start.to(condition.extent()));
        };
        Statement::Do(Box::new(DoStatement {
            extent: head.start.to(close),
            label: head.label,
            body,
            until,
            condition,
        }))
    }

    fn for_statement(&mut self, head: Head) -> Statement {
        self.skip_newlines();
        let Some(open) = self.take(TokenKind::LParen) else {
            self.missing_open(head.keyword, "for");
            return Statement::Error(head.start.to(head.keyword));
        };
        let mut last = open;
        let mut parts = [None, None, None];
        for (index, part) in parts.iter_mut().enumerate() {
            self.skip_newlines();
            *part = self.pipeline_chain();
            if let Some(part) = part {
                last = part.extent();
            }
            if index < 2 {
                // A line end parts them as well.
                last = self.take(TokenKind::Semi).unwrap_or(last);
            }
        }
        let [initializer, condition, iterator] = parts;
        self.skip_newlines();
        let Some(close) = self.take(TokenKind::RParen) else {
            self.missing_close(last, "for");
            return Statement::Error(head.start.to(last));
        };
        let Some(body) = self.statement_block() else {
            self.missing_body(close, "for");
            return Statement::Error(head.start.to(close));
        };
        let extent = head.start.to(body.extent);
        Statement::For(Box::new(ForStatement {
            extent,
            label: head.label,
            initializer,
            condition,
            iterator,
            body,
        }))
    }

    fn foreach_statement(&mut self, head: Head) -> Statement {
        const FORM: &str = "The correct form is: foreach ($a in $b) {...}";
        self.skip_newlines();
        let mut reserved = None;
        while self.peek_kind() == TokenKind::Parameter {
            let parameter = self.next();
            if self.is_parameter(&parameter, "parallel") {
                reserved.get_or_insert("parallel");
            } else if self.is_parameter(&parameter, "throttlelimit") {
                reserved.get_or_insert("throttlelimit");
                self.skip_newlines();
                if self.single_argument(Place::Argument).is_none() {
                    self.incomplete(
                        after(parameter.extent),
                        "MissingThrottleLimit",
                        "The ThrottleLimit parameter of the foreach statement is missing a value. Supply a throttle limit to the parameter.",
                    );
                }
            } else {
                let name = self.text(parameter.extent).trim_start_matches('-');
                self.error(
                    parameter.extent,
                    "InvalidForeachFlag",
                    format!("The parameter {name} is not valid for the foreach statement."),
                );
            }
            self.skip_newlines();
        }
        let Some(open) = self.take(TokenKind::LParen) else {
            self.missing_open(head.keyword, "foreach");
            return Statement::Error(head.start.to(head.keyword));
        };
        self.skip_newlines();
        let token = self.next();
        let variable_extent = token.extent;
        let variable = match token.payload {
            Payload::Variable(variable) => *variable,
            _ => {
                self.unget(token);
                let message = format!("Missing variable name after foreach.\n{FORM}");
                self.incomplete(after(open), "MissingVariableNameAfterForeach", message);
                return Statement::Error(head.start.to(open));
            }
        };
        self.skip_newlines();
        let Some(keyword) = self.take(TokenKind::Keyword(Keyword::In)) else {
            let message = format!("Missing 'in' after variable in foreach loop.\n{FORM}");
            self.incomplete(after(variable_extent), "MissingInInForeach", message);
            return Statement::Error(head.start.to(variable_extent));
        };
        self.skip_newlines();
        let Some(collection) = self.pipeline_chain() else {
            let message = format!("Missing expression in foreach loop.\n{FORM}");
            self.incomplete(after(keyword), "MissingForeachExpression", message);
            return Statement::Error(head.start.to(keyword));
        };
        self.skip_newlines();
        let Some(close) = self.take(TokenKind::RParen) else {
            let message =
                format!("Missing closing ')' after expression part of foreach loop.\n{FORM}");
            self.incomplete(
                after(collection.extent()),
                "MissingEndParenthesisAfterForeach",
                message,
            );
            return Statement::Error(head.start.to(collection.extent()));
        };
        let Some(body) = self.statement_block() else {
            let message = format!("Missing statement body in foreach loop.\n{FORM}");
            self.incomplete(after(close), "MissingForeachStatement", message);
            return Statement::Error(head.start.to(close));
        };
        let extent = head.start.to(body.extent);
        if let Some(parameter) = reserved {
            // PowerShell tells this last; a script has it rarely beside other errors.
            let message =
                format!("The foreach '-{parameter}' parameter is reserved for future use.");
            self.error(extent, "KeywordParameterReservedForFutureUse", message);
        }
        Statement::ForEach(Box::new(ForEachStatement {
            extent,
            label: head.label,
            variable,
            collection,
            body,
        }))
    }

    fn switch_statement(&mut self, head: Head) -> Statement {
        const NO_INPUT: &str = "A switch statement must have one of the following:  '-file file_name' or '( expression )'.";
        let mut last = head.start;
        let mut failed = false;
        let mut incomplete = false;
        let (mut matching, mut case_sensitive, mut file, mut parallel) =
            (SwitchMatching::Exact, false, false, false);
        let mut condition: Option<Statement> = None;
        self.skip_newlines();
        while self.peek_kind() == TokenKind::Parameter {
            let parameter = self.next();
            last = parameter.extent;
            if self.is_parameter(&parameter, "regex") {
                matching = SwitchMatching::Regex;
            } else if self.is_parameter(&parameter, "wildcard") {
                matching = SwitchMatching::Wildcard;
            } else if self.is_parameter(&parameter, "exact") {
                matching = SwitchMatching::Exact;
            } else if self.is_parameter(&parameter, "casesensitive") {
                case_sensitive = true;
            } else if self.is_parameter(&parameter, "parallel") {
                parallel = true;
            } else if self.is_parameter(&parameter, "file") {
                file = true;
                self.skip_newlines();
                match self.single_argument(Place::FileName) {
                    Some(name) => {
                        last = name.extent;
                        condition = Some(expression_statement(name));
                    }
                    None => {
                        failed = true;
                        incomplete = self.incomplete(
                            after(parameter.extent),
                            "MissingFilenameOption",
                            "Cannot process the 'switch' statement because of a missing file name argument to the -file option.",
                        );
                    }
                }
            } else {
                failed = true;
                let name = self.text(parameter.extent).trim_start_matches('-');
                self.error(
                    parameter.extent,
                    "InvalidSwitchFlag",
                    format!("The parameter {name} is not valid for the switch statement."),
                );
            }
        }
        if let Some(open) = self.take(TokenKind::LParen) {
            last = open;
            if file {
                failed = true;
                self.error(open, "PipelineValueRequired", NO_INPUT);
            }
            self.skip_newlines();
            condition = self.pipeline_chain();
            match &condition {
                Some(condition) => last = condition.extent(),
                None => {
                    failed = true;
                    incomplete = self.incomplete(after(open), "PipelineValueRequired", NO_INPUT);
                }
            }
            self.skip_newlines();
            match self.take(TokenKind::RParen) {
                Some(close) => last = close,
                None if incomplete => {}
                None => {
                    failed = true;
                    incomplete = self.incomplete(
                        after(last),
                        "MissingEndParenthesisInSwitchStatement",
                        "Missing ')' after expression in switch statement.",
                    );
                }
            }
        } else if condition.is_none() && !file {
            failed = true;
            incomplete = self.incomplete(after(last), "PipelineValueRequired", NO_INPUT);
        }
        self.skip_newlines();
        let Some(open) = self.take(TokenKind::LCurly) else {
            if !incomplete {
                self.incomplete(
                    after(last),
                    "MissingCurlyBraceInSwitchStatement",
                    "Missing '{' in switch statement.",
                );
            }
            return Statement::Error(head.start.to(last));
        };
        let mut body = Clauses {
            open,
            last: open,
            failed,
            incomplete,
            clauses: Vec::new(),
            default: None,
        };
        self.switch_clauses(&mut body);
        let extent = head.start.to(body.last);
        let Some(condition) = condition.filter(|_| !body.failed) else {
            return Statement::Error(extent);
        };
        if parallel {
            self.error(
                extent,
                "KeywordParameterReservedForFutureUse",
                "The switch '-parallel' parameter is reserved for future use.",
            );
        }
        Statement::Switch(Box::new(SwitchStatement {
            extent,
            label: head.label,
            matching,
            case_sensitive,
            file,
            condition,
            clauses: body.clauses,
            default: body.default,
        }))
    }

    fn switch_clauses(&mut self, body: &mut Clauses) {
        self.skip_newlines();
        loop {
            let (kind, extent) = self.peek();
            let is_default = kind == TokenKind::Keyword(Keyword::Default);
            let pattern = if is_default {
                self.skip();
                Some(Expr::new(
                    extent,
                    ExprKind::String {
                        value: self.text(extent).into(),
                        kind: StringKind::BareWord,
                    },
                ))
            } else {
                self.single_argument(Place::SwitchPattern)
            };
            let Some(pattern) = pattern else {
                body.failed = true;
                self.incomplete(
                    after(body.last),
                    "MissingSwitchConditionExpression",
                    "Missing condition in switch statement clause.",
                );
                self.take(TokenKind::RCurly);
                return;
            };
            body.last = pattern.extent;
            match self.statement_block() {
                Some(block) => {
                    body.last = block.extent;
                    if !is_default {
                        body.clauses.push((pattern, block));
                    } else if body.default.replace(block).is_some() {
                        body.failed = true;
                        self.error(
                            pattern.extent,
                            "MultipleSwitchDefaultClauses",
                            "A switch statement can have only one default clause.",
                        );
                    }
                }
                None => {
                    body.failed = true;
                    body.incomplete = self.incomplete(
                        after(body.last),
                        "MissingSwitchStatementClause",
                        "Missing statement block in switch statement clause.",
                    );
                }
            }
            self.skip_newlines_and_semicolons();
            let (kind, extent) = self.peek();
            if kind == TokenKind::RCurly {
                self.skip();
                body.last = extent;
                return;
            }
            if kind == TokenKind::EndOfInput {
                if !body.incomplete {
                    body.failed = true;
                    self.missing_end_curly(body.open, extent);
                }
                return;
            }
        }
    }
}

/// What has been read of the body of a switch.
struct Clauses {
    open: Extent,
    last: Extent,
    failed: bool,
    incomplete: bool,
    clauses: Vec<(Expr, super::super::ast::StatementBlock)>,
    default: Option<super::super::ast::StatementBlock>,
}
