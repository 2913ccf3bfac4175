//! Pipelines, commands and redirections.

use super::Lowering;
use crate::eval::node::{
    ArgumentNode, CallOperator, CommandNode, Element, Expr, ExprKind, PipelineNode, RedirectionNode,
};
use crate::syntax::ast;

impl Lowering {
    pub(super) fn pipeline(&mut self, pipeline: &ast::Pipeline) -> PipelineNode {
        PipelineNode {
            span: pipeline.extent,
            elements: pipeline
                .elements
                .iter()
                .map(|element| match element {
                    ast::PipelineElement::Expression(it) => Element::Expression {
                        expr: self.expr(&it.expression),
                        redirections: it
                            .redirections
                            .iter()
                            .map(|r| self.redirection(r))
                            .collect(),
                    },
                    ast::PipelineElement::Command(command) => {
                        Element::Command(Box::new(self.command(command)))
                    }
                })
                .collect(),
            background: pipeline.background,
        }
    }

    pub(super) fn redirection(&mut self, redirection: &ast::Redirection) -> RedirectionNode {
        let number = |stream| match stream {
            ast::RedirectionStream::All => 0,
            ast::RedirectionStream::Output => 1,
            ast::RedirectionStream::Error => 2,
            ast::RedirectionStream::Warning => 3,
            ast::RedirectionStream::Verbose => 4,
            ast::RedirectionStream::Debug => 5,
            ast::RedirectionStream::Information => 6,
        };
        match &redirection.target {
            ast::RedirectionTarget::Merge(to) => RedirectionNode::Merge {
                from: number(redirection.from),
                to: number(*to),
            },
            ast::RedirectionTarget::File { append, location } => RedirectionNode::File {
                from: number(redirection.from),
                append: *append,
                target: self.expr(location),
            },
        }
    }

    pub(super) fn command(&mut self, command: &ast::Command) -> CommandNode {
        let mut elements = command.elements.iter();
        let name = match elements.next() {
            Some(ast::CommandElement::Argument(expr)) => self.expr(expr),
            Some(other) => Expr {
                span: other.extent(),
                kind: ExprKind::Constant(self.source.text(other.extent()).into()),
            },
            None => Expr {
                span: command.extent,
                kind: ExprKind::Broken,
            },
        };
        let mut arguments = Vec::new();
        let mut verbatim = None;
        for element in elements {
            match element {
                ast::CommandElement::Parameter(parameter) => {
                    arguments.push(ArgumentNode::Parameter {
                        name: (&*parameter.name).into(),
                        span: if parameter.argument.is_some() {
                            parameter.extent
                        } else {
                            parameter.name_extent
                        },
                        raw: self.source.text(parameter.name_extent).into(),
                        colon: self.source.text(parameter.name_extent).ends_with(':'),
                        value: parameter.argument.as_ref().map(|value| self.expr(value)),
                    })
                }
                ast::CommandElement::Argument(expr) => match &expr.kind {
                    _ if verbatim.is_some() => {
                        arguments.push(ArgumentNode::Verbatim {
                            text: self.source.text(expr.extent).into(),
                            span: expr.extent,
                        });
                        verbatim = None;
                    }
                    ast::ExprKind::Variable(variable) if variable.splatted => {
                        arguments.push(ArgumentNode::Splat {
                            expr: self.expr(expr),
                        })
                    }
                    ast::ExprKind::Using(inner)
                        if inner
                            .as_variable()
                            .is_some_and(|variable| variable.splatted) =>
                    {
                        arguments.push(ArgumentNode::Splat {
                            expr: self.expr(expr),
                        });
                    }
                    _ => {
                        let raw = matches!(expr.kind, ast::ExprKind::Number(_))
                            .then(|| self.source.text(expr.extent).into());
                        arguments.push(ArgumentNode::Value {
                            expr: self.expr(expr),
                            raw,
                        });
                    }
                },
                ast::CommandElement::EndOfParameters(span) => {
                    arguments.push(ArgumentNode::EndOfParameters { span: *span })
                }
                ast::CommandElement::StopParsing(span) => verbatim = Some(*span),
            }
        }
        CommandNode {
            span: command.extent,
            operator: match command.invocation {
                ast::InvocationOperator::None => CallOperator::None,
                ast::InvocationOperator::Call => CallOperator::Call,
                ast::InvocationOperator::Dot => CallOperator::Dot,
            },
            name,
            arguments,
            redirections: command
                .redirections
                .iter()
                .map(|redirection| self.redirection(redirection))
                .collect(),
        }
    }
}
