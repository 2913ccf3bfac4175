//! Script blocks as values, and texts that become blocks.

use std::sync::{Arc, PoisonError};

use super::flow::{Flow, Run};
use super::lower;
use super::machine::Machine;
use super::node::Block;
use super::scope::Kept;
use crate::syntax::{ParseError, ParseLimits, Parsed, SourceText};
use crate::value::{
    self, ErrorCategory, ErrorRecord, Exception, Raise, ScriptBlock, Text, TypeId, TypeRef, Value,
};

/// What stands behind a script block value.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    pub(crate) block: Arc<Block>,
    /// The variables of a closure.
    pub(crate) kept: Option<Kept>,
}

impl value::Code for Code {
    fn text(&self) -> &str {
        self.block.text()
    }
}

/// How many texts are remembered in parsed form.
const REMEMBERED: usize = 64;

impl Machine<'_> {
    pub(crate) fn block_value(&self, block: &Arc<Block>) -> Value {
        // A block made inside a closure or module sees the same variables when it is called from elsewhere.
        let kept = self
            .session
            .scopes
            .chain(self.scope)
            .find_map(|id| self.session.scopes.get(id).kept.clone());
        Value::ScriptBlock(Arc::new(ScriptBlock::new(Arc::new(Code {
            block: Arc::clone(block),
            kept,
        }))))
    }

    pub(crate) fn code_of(&self, block: &ScriptBlock) -> Run<Code> {
        match block.code_as::<Code>() {
            Some(code) => Ok(code.clone()),
            None => Err(Raise::runtime(
                "The script block was not made by this engine.",
                "ForeignScriptBlock",
            )
            .into()),
        }
    }

    /// `GetNewClosure()`: the variables of the current scope as they are now.
    pub(crate) fn closure_of(&self, block: &ScriptBlock) -> Run<Value> {
        let code = self.code_of(block)?;
        let mut variables = rustc_hash::FxHashMap::default();
        if let Some(kept) = &code.kept {
            variables.extend(
                kept.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .iter()
                    .map(|(name, variable)| (*name, variable.clone())),
            );
        }
        for (name, variable) in self.session.scopes.get(self.scope).variables() {
            if !variable.options.has(
                super::scope::Options::CONSTANT
                    .with(super::scope::Options::READ_ONLY)
                    .with(super::scope::Options::ALL_SCOPE),
            ) {
                variables.insert(name, variable);
            }
        }
        let kept: Kept = Arc::new(std::sync::Mutex::new(variables));
        Ok(Value::ScriptBlock(Arc::new(ScriptBlock::new(Arc::new(
            Code {
                block: code.block,
                kept: Some(kept),
            },
        )))))
    }

    /// `[scriptblock]::Create(text)`.
    pub(crate) fn compile_block(&mut self, text: &Text) -> Run<Value> {
        let block = self.parse(text, None)?;
        Ok(Value::ScriptBlock(Arc::new(ScriptBlock::new(Arc::new(
            Code { block, kept: None },
        )))))
    }

    /// Parses a text, or says what is wrong with it.
    pub(crate) fn parse(&mut self, text: &str, file: Option<&str>) -> Run<Arc<Block>> {
        if file.is_none()
            && let Some(block) = self.session.parsed.get(text)
        {
            return Ok(Arc::clone(block));
        }
        let limits = ParseLimits {
            max_depth: u32::try_from(self.session.limits.parse_depth).unwrap_or(u32::MAX),
            ..ParseLimits::default()
        };
        let parsed = match file {
            Some(file) => crate::syntax::parse_source(SourceText::from_file(text, file), &limits),
            None => crate::syntax::parse(text, &limits),
        };
        if !parsed.errors.is_empty() {
            return Err(self.parse_failure(&parsed));
        }
        let block = lower::script(&parsed.source, &parsed.script);
        self.hoist(&block)?;
        if file.is_none() && text.len() < 4096 {
            if self.session.parsed.len() >= REMEMBERED {
                self.session.parsed.shift_remove_index(0);
            }
            self.session.parsed.insert(text.into(), Arc::clone(&block));
        }
        Ok(block)
    }

    fn parse_failure(&self, parsed: &Parsed) -> Flow {
        let position = |error: &ParseError| super::source::Position {
            source: parsed.source.clone(),
            extent: error.extent,
        };
        let incomplete = parsed
            .errors
            .first()
            .is_some_and(|error| error.incomplete_input);
        let messages: Vec<String> = parsed
            .errors
            .iter()
            .map(|error| {
                if incomplete {
                    error.message.clone()
                } else {
                    format!("{}\n{}", position(error).message(), error.message)
                }
            })
            .collect();
        let Some(first) = parsed.errors.first() else {
            return Flow::Return;
        };
        let ty = if incomplete {
            TypeId::IncompleteParseException
        } else {
            TypeId::ParseException
        };
        let message = if incomplete {
            first.message.clone()
        } else {
            messages.join("\n\n")
        };
        let exception = Exception::new(TypeRef::of(ty), message);
        let record = ErrorRecord::new(
            Value::clr(exception),
            first.error_id,
            ErrorCategory::ParserError,
            Value::Null,
        );
        if incomplete {
            self.fill_record(&record, Text::default(), Text::default(), Arc::default());
            *record
                .invocation_info
                .write()
                .unwrap_or_else(PoisonError::into_inner) = Value::Null;
            return Flow::record(Arc::new(record));
        }
        Flow::record(self.placed_record(record, position(first)))
    }

    /// A class may name one that stands below it, so what fails is tried again once the others are known.
    fn hoist_body(&mut self, body: &super::node::Body) -> Run {
        use super::node::StmtKind;
        for statement in &body.statements {
            if let StmtKind::Enum(node) = &statement.kind {
                self.define_enum(node)?;
            }
        }
        let mut waiting: Vec<_> = body
            .statements
            .iter()
            .filter_map(|statement| match &statement.kind {
                StmtKind::Class(node) => Some(node),
                _ => None,
            })
            .collect();
        while !waiting.is_empty() {
            let (before, mut failure) = (waiting.len(), None);
            let mut left = Vec::new();
            for node in waiting {
                if let Err(flow) = self.define_class(node) {
                    failure.get_or_insert(flow);
                    left.push(node);
                }
            }
            if left.len() == before {
                return failure.map_or(Ok(()), Err);
            }
            waiting = left;
        }
        Ok(())
    }

    /// Declares the classes and enumerations of a script before it runs, as PowerShell does while compiling.
    fn hoist(&mut self, block: &Arc<Block>) -> Run {
        let source = std::mem::replace(&mut self.source, block.source.clone());
        let mut result = Ok(());
        for body in [&block.begin, &block.process, &block.end]
            .into_iter()
            .flatten()
        {
            result = self.hoist_body(body);
            if result.is_err() {
                break;
            }
        }
        self.source = source;
        result
    }
}
