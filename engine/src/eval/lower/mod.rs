//! From the parser's tree to the one that is walked: names become symbols, constants values, arguments are classified.

mod command;
mod expression;
mod parameter;
mod statement;

use std::sync::{Arc, OnceLock};

use crate::eval::node::{AttributeNode, BindingNode, Block, Body, CatchNode, ParameterNode, Stmt};
use crate::syntax::ast;
use crate::syntax::{Extent, SourceText};
use crate::value::equal_folded;
use expression::{binding_of, variable};

pub(crate) use parameter::type_text;

/// Lowers a whole script.
pub(crate) fn script(source: &SourceText, tree: &ast::ScriptBlock) -> Arc<Block> {
    let mut lowering = Lowering {
        source: source.clone(),
        in_method: false,
    };
    let whole = Extent::new(0, u32::try_from(source.as_str().len()).unwrap_or(u32::MAX));
    Arc::new(lowering.block_within(tree, None, whole))
}

struct Lowering {
    source: SourceText,
    /// Within the body of a method, where `return` gives the result instead of writing it.
    in_method: bool,
}

impl Lowering {
    /// The body of a method or constructor.
    fn method(&mut self, tree: &ast::ScriptBlock, parameters: &[ast::Parameter]) -> Block {
        self.block_of(tree, Some(parameters), true)
    }

    fn block(&mut self, tree: &ast::ScriptBlock, parameters: Option<&[ast::Parameter]>) -> Block {
        self.block_of(tree, parameters, false)
    }

    fn block_of(
        &mut self,
        tree: &ast::ScriptBlock,
        parameters: Option<&[ast::Parameter]>,
        is_method: bool,
    ) -> Block {
        let text = self.source.text(tree.extent);
        let inner = if text.len() >= 2 && text.starts_with('{') {
            Extent::new(tree.extent.start + 1, tree.extent.end - 1)
        } else {
            tree.extent
        };
        let outer = std::mem::replace(&mut self.in_method, is_method);
        let block = self.block_within(tree, parameters, inner);
        self.in_method = outer;
        block
    }

    fn block_within(
        &mut self,
        tree: &ast::ScriptBlock,
        outside: Option<&[ast::Parameter]>,
        inner: Extent,
    ) -> Block {
        let parameters = match (outside, &tree.param_block) {
            (Some(outside), _) if !outside.is_empty() => outside,
            (_, Some(block)) => &block.parameters,
            _ => &[],
        };
        let parameters: Vec<ParameterNode> = parameters
            .iter()
            .map(|parameter| self.parameter(parameter))
            .collect();
        let attributes: Vec<AttributeNode> = tree
            .param_block
            .iter()
            .flat_map(|block| &block.attributes)
            .map(|attribute| self.attribute(attribute))
            .collect();
        let mut binding = attributes
            .iter()
            .find(|attribute| equal_folded(&attribute.name, "CmdletBinding"))
            .map(binding_of);
        if binding.is_none()
            && parameters.iter().any(|parameter| {
                parameter
                    .attributes
                    .iter()
                    .any(|attribute| equal_folded(&attribute.name, "Parameter"))
            })
        {
            binding = Some(BindingNode {
                default_set: None,
                positional: true,
                should_process: false,
                confirm_impact: None,
            });
        }
        let named =
            |block: &Option<ast::NamedBlock>| block.as_ref().is_some_and(|block| !block.unnamed);
        Block {
            source: self.source.clone(),
            span: tree.extent,
            inner,
            has_parameter_block: outside.is_some() || tree.param_block.is_some(),
            parameters,
            binding,
            named_blocks: named(&tree.begin)
                || named(&tree.process)
                || named(&tree.end)
                || named(&tree.dynamic_param)
                || named(&tree.clean),
            dynamic: tree
                .dynamic_param
                .as_ref()
                .map(|block| self.body(&block.body)),
            begin: tree.begin.as_ref().map(|block| self.body(&block.body)),
            process: tree.process.as_ref().map(|block| self.body(&block.body)),
            end: tree.end.as_ref().map(|block| self.body(&block.body)),
            clean: tree.clean.as_ref().map(|block| self.body(&block.body)),
            attributes,
            meta: OnceLock::new(),
        }
    }

    fn body(&mut self, block: &ast::StatementBlock) -> Body {
        Body {
            span: block.extent,
            statements: block
                .statements
                .iter()
                .map(|statement| self.statement(statement))
                .collect(),
            traps: block
                .traps
                .iter()
                .map(|trap| CatchNode {
                    types: trap
                        .exception
                        .iter()
                        .map(|ty| self.type_node(&ty.name))
                        .collect(),
                    body: self.body(&trap.body),
                })
                .collect(),
        }
    }

    fn boxed(&mut self, statement: Option<&ast::Statement>) -> Option<Box<Stmt>> {
        statement.map(|statement| Box::new(self.statement(statement)))
    }
}
