//! `try`, `catch`, `finally` and `trap`.

use crate::syntax::ast::{AttributeOrType, CatchClause, Statement, TrapStatement, TryStatement};
use crate::syntax::parser::{Parser, after};
use crate::syntax::source::Extent;
use crate::syntax::token::{Keyword, TokenKind};

impl Parser<'_> {
    pub(super) fn trap_statement(&mut self, start: Extent) -> Result<TrapStatement, Extent> {
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

    pub(super) fn try_statement(&mut self, start: Extent) -> Statement {
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

    pub(super) fn catch_clause(&mut self, failed: &mut Option<Extent>) -> Option<CatchClause> {
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
}
