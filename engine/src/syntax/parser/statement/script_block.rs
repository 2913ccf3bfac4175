//! Script blocks: `using`, `param`, named blocks.

use crate::syntax::ast::{BlockKind, NamedBlock, ScriptBlock, StatementBlock, UsingStatement};
use crate::syntax::parser::{Parser, after, keyword_of};
use crate::syntax::source::Extent;
use crate::syntax::token::{Keyword, Token, TokenKind};

impl Parser<'_> {
    /// A whole script, or what follows the brace `open`.
    pub(in crate::syntax::parser) fn script_block(
        &mut self,
        open: Option<Extent>,
        is_filter: bool,
    ) -> ScriptBlock {
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
    pub(super) fn end_of_script_block(
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

    pub(super) fn using_statements(&mut self) -> Vec<UsingStatement> {
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

    pub(super) fn named_blocks(&mut self, open: Option<Extent>, block: &mut ScriptBlock) {
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

    pub(super) fn named_block(&mut self, name: &Token, kind: BlockKind, block: &mut ScriptBlock) {
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

    /// Whether a parameter is `name` or the beginning of it.
    pub(in crate::syntax::parser) fn is_parameter(&self, token: &Token, name: &str) -> bool {
        match &token.payload {
            crate::syntax::parser::Payload::Parameter { name: given, .. } => {
                name.len() >= given.len()
                    && name.as_bytes()[..given.len()].eq_ignore_ascii_case(given.as_bytes())
            }
            _ => false,
        }
    }
}
