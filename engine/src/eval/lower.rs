//! From the parser's tree to the one that is walked: names become symbols, constants values, arguments are classified.

use std::sync::{Arc, OnceLock};

use super::node::{
    ArgumentNode, AssignNode, AssignOp, AttributeNode, BindingNode, Block, Body, CallOperator,
    CatchNode, ChainNode, ClassNode, CommandNode, Element, EnumNode, Expr, ExprKind, ForEachNode,
    ForNode, FunctionNode, Logical, LoopNode, MethodNode, ParameterNode, Part, PipelineNode, Place,
    PropertyNode, RedirectionNode, Stmt, StmtKind, SwitchMatch, SwitchNode, Target, TryNode,
    TypeNode, UnaryKind, VariableNode,
};
use super::symbol::{Symbol, known};
use crate::syntax::ast::{self, BinaryOperator};
use crate::syntax::{Extent, SourceText};
use crate::value::{Text, Value, equal_folded};

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

    fn parameter(&mut self, parameter: &ast::Parameter) -> ParameterNode {
        let attributes = self.attributes(&parameter.attributes);
        let ty = attributes
            .iter()
            .rev()
            .find_map(|attribute| attribute.ty.clone());
        ParameterNode {
            name: Symbol::of(&parameter.variable.name),
            text: (&*parameter.variable.name).into(),
            span: parameter.extent,
            ty,
            attributes,
            default: parameter.default.as_ref().map(|expr| self.expr(expr)),
        }
    }

    fn attributes(&mut self, attributes: &[ast::AttributeOrType]) -> Vec<AttributeNode> {
        attributes
            .iter()
            .map(|attribute| self.attribute_or_type(attribute))
            .collect()
    }

    fn attribute_or_type(&mut self, attribute: &ast::AttributeOrType) -> AttributeNode {
        match attribute {
            ast::AttributeOrType::Attribute(attribute) => self.attribute(attribute),
            ast::AttributeOrType::Type(constraint) => {
                let ty = self.type_node(&constraint.name);
                AttributeNode {
                    name: ty.name.clone(),
                    span: constraint.extent,
                    ty: Some(ty),
                    positional: Vec::new(),
                    named: Vec::new(),
                }
            }
        }
    }

    fn attribute(&mut self, attribute: &ast::Attribute) -> AttributeNode {
        let full = type_text(&attribute.name);
        let short = full.rsplit('.').next().unwrap_or(&full);
        let name = if short.len() > 9 && equal_folded(&short[short.len() - 9..], "Attribute") {
            &short[..short.len() - 9]
        } else {
            short
        };
        AttributeNode {
            name: name.into(),
            span: attribute.extent,
            ty: None,
            positional: attribute
                .positional
                .iter()
                .map(|expr| self.expr(expr))
                .collect(),
            named: attribute
                .named
                .iter()
                .map(|argument| {
                    (
                        (&*argument.name).into(),
                        argument.value.as_ref().map(|value| self.expr(value)),
                    )
                })
                .collect(),
        }
    }

    fn type_node(&mut self, name: &ast::TypeName) -> Arc<TypeNode> {
        Arc::new(TypeNode {
            name: type_text(name).into(),
            span: name.extent,
            resolved: OnceLock::new(),
        })
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

    fn statement(&mut self, statement: &ast::Statement) -> Stmt {
        let kind = match statement {
            ast::Statement::Pipeline(pipeline) => StmtKind::Pipeline(self.pipeline(pipeline)),
            ast::Statement::Chain(chain) => StmtKind::Chain(ChainNode {
                first: self.pipeline(&chain.first),
                rest: chain
                    .rest
                    .iter()
                    .map(|(operator, pipeline)| {
                        (
                            *operator == ast::ChainOperator::And,
                            self.pipeline(pipeline),
                        )
                    })
                    .collect(),
                background: chain.background,
            }),
            ast::Statement::Assignment(assignment) => StmtKind::Assign(Box::new(AssignNode {
                target: self.target(&assignment.left),
                op: match assignment.operator {
                    ast::AssignmentOperator::Assign => AssignOp::Set,
                    ast::AssignmentOperator::Add => AssignOp::Binary(BinaryOperator::Add),
                    ast::AssignmentOperator::Subtract => AssignOp::Binary(BinaryOperator::Subtract),
                    ast::AssignmentOperator::Multiply => AssignOp::Binary(BinaryOperator::Multiply),
                    ast::AssignmentOperator::Divide => AssignOp::Binary(BinaryOperator::Divide),
                    ast::AssignmentOperator::Remainder => {
                        AssignOp::Binary(BinaryOperator::Remainder)
                    }
                    ast::AssignmentOperator::NullCoalesce => AssignOp::Coalesce,
                },
                value: self.statement(&assignment.right),
            })),
            ast::Statement::If(node) => StmtKind::If {
                clauses: node
                    .clauses
                    .iter()
                    .map(|(condition, body)| (self.statement(condition), self.body(body)))
                    .collect(),
                otherwise: node.otherwise.as_ref().map(|body| self.body(body)),
            },
            ast::Statement::Switch(node) => StmtKind::Switch(Box::new(SwitchNode {
                label: label(node.label.as_deref()),
                matching: match node.matching {
                    ast::SwitchMatching::Exact => SwitchMatch::Equal,
                    ast::SwitchMatching::Wildcard => SwitchMatch::Wildcard,
                    ast::SwitchMatching::Regex => SwitchMatch::Regex,
                },
                case_sensitive: node.case_sensitive,
                file: node.file,
                subject: self.statement(&node.condition),
                clauses: node
                    .clauses
                    .iter()
                    .map(|(pattern, body)| (self.expr(pattern), self.body(body)))
                    .collect(),
                default: node.default.as_ref().map(|body| self.body(body)),
            })),
            ast::Statement::For(node) => StmtKind::For(Box::new(ForNode {
                label: label(node.label.as_deref()),
                first: node
                    .initializer
                    .as_ref()
                    .map(|statement| self.statement(statement)),
                condition: node
                    .condition
                    .as_ref()
                    .map(|statement| self.statement(statement)),
                step: node
                    .iterator
                    .as_ref()
                    .map(|statement| self.statement(statement)),
                body: self.body(&node.body),
            })),
            ast::Statement::ForEach(node) => StmtKind::ForEach(Box::new(ForEachNode {
                label: label(node.label.as_deref()),
                variable: variable(&node.variable),
                items: self.statement(&node.collection),
                body: self.body(&node.body),
            })),
            ast::Statement::While(node) => StmtKind::Loop(Box::new(LoopNode {
                label: label(node.label.as_deref()),
                condition: Some(self.statement(&node.condition)),
                body: self.body(&node.body),
                after: false,
                until: false,
            })),
            ast::Statement::Do(node) => StmtKind::Loop(Box::new(LoopNode {
                label: label(node.label.as_deref()),
                condition: Some(self.statement(&node.condition)),
                body: self.body(&node.body),
                after: true,
                until: node.until,
            })),
            ast::Statement::Try(node) => StmtKind::Try(Box::new(TryNode {
                body: self.body(&node.body),
                catches: node
                    .catches
                    .iter()
                    .map(|clause| CatchNode {
                        types: clause
                            .types
                            .iter()
                            .map(|ty| self.type_node(&ty.name))
                            .collect(),
                        body: self.body(&clause.body),
                    })
                    .collect(),
                finally: node.finally.as_ref().map(|body| self.body(body)),
            })),
            ast::Statement::Throw(jump) => StmtKind::Throw(self.boxed(jump.value.as_ref())),
            ast::Statement::Return(jump) if self.in_method => {
                StmtKind::GiveBack(self.boxed(jump.value.as_ref()))
            }
            ast::Statement::Return(jump) => StmtKind::Return(self.boxed(jump.value.as_ref())),
            ast::Statement::Exit(jump) => StmtKind::Exit(self.boxed(jump.value.as_ref())),
            ast::Statement::Break(jump) => StmtKind::Break(self.label_expr(jump.value.as_ref())),
            ast::Statement::Continue(jump) => {
                StmtKind::Continue(self.label_expr(jump.value.as_ref()))
            }
            ast::Statement::Function(definition) => StmtKind::Function(Arc::new(FunctionNode {
                name: (&*definition.name).into(),
                block: Arc::new(self.block(&definition.body, definition.parameters.as_deref())),
                filter: definition.kind == ast::FunctionKind::Filter,
            })),
            ast::Statement::Type(definition) => self.type_definition(definition),
            ast::Statement::Data(node) => StmtKind::Data {
                variable: node.variable.as_deref().map(Symbol::of),
                body: self.body(&node.body),
            },
            ast::Statement::Error(_) => StmtKind::Broken,
        };
        Stmt {
            span: statement.extent(),
            kind,
        }
    }

    fn label_expr(&mut self, value: Option<&ast::Statement>) -> Option<Box<Expr>> {
        value
            .and_then(ast::Statement::as_expression)
            .map(|expr| Box::new(self.expr(expr)))
    }

    fn type_definition(&mut self, definition: &ast::TypeDefinition) -> StmtKind {
        if definition.kind == ast::TypeKind::Enum {
            let members = definition.members.iter().filter_map(|member| match member {
                ast::TypeMember::EnumValue(value) => Some((
                    (&*value.name).into(),
                    value.value.as_ref().map(|value| self.expr(value)),
                )),
                _ => None,
            });
            return StmtKind::Enum(Arc::new(EnumNode {
                name: (&*definition.name).into(),
                span: definition.extent,
                members: members.collect(),
                flags: definition.attributes.iter().any(|attribute| {
                    type_text(&attribute.name)
                        .to_ascii_lowercase()
                        .trim_end_matches("attribute")
                        .ends_with("flags")
                }),
                underlying: definition
                    .bases
                    .first()
                    .map(|base| self.type_node(&base.name)),
            }));
        }
        let (mut properties, mut methods) = (Vec::new(), Vec::new());
        for member in &definition.members {
            match member {
                ast::TypeMember::Property(property) => properties.push(PropertyNode {
                    name: (&*property.name).into(),
                    ty: property
                        .property_type
                        .as_ref()
                        .map(|ty| self.type_node(&ty.name)),
                    attributes: property
                        .attributes
                        .iter()
                        .map(|attribute| self.attribute(attribute))
                        .collect(),
                    default: property.initial.as_ref().map(|expr| self.expr(expr)),
                    is_static: property.modifiers.is_static,
                    is_hidden: property.modifiers.is_hidden,
                }),
                ast::TypeMember::Method(method) => methods.push(MethodNode {
                    name: (&*method.name).into(),
                    returns: method
                        .return_type
                        .as_ref()
                        .map(|ty| self.type_node(&ty.name)),
                    block: Arc::new(self.method(&method.body, &method.parameters)),
                    is_static: method.modifiers.is_static,
                    is_hidden: method.modifiers.is_hidden,
                    is_constructor: method.is_constructor,
                    base_arguments: method
                        .base_arguments
                        .as_ref()
                        .map(|arguments| arguments.iter().map(|expr| self.expr(expr)).collect()),
                }),
                ast::TypeMember::EnumValue(_) => {}
            }
        }
        StmtKind::Class(Arc::new(ClassNode {
            name: (&*definition.name).into(),
            span: definition.extent,
            bases: definition
                .bases
                .iter()
                .map(|base| self.type_node(&base.name))
                .collect(),
            properties,
            methods,
            source: self.source.clone(),
        }))
    }

    fn pipeline(&mut self, pipeline: &ast::Pipeline) -> PipelineNode {
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

    fn redirection(&mut self, redirection: &ast::Redirection) -> RedirectionNode {
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

    fn command(&mut self, command: &ast::Command) -> CommandNode {
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

    fn target(&mut self, expr: &ast::Expr) -> Target {
        let mut attributes = Vec::new();
        let mut inner = expr;
        loop {
            match &inner.kind {
                ast::ExprKind::Attributed { attribute, target } => {
                    attributes.push(self.attribute_or_type(attribute));
                    inner = target;
                }
                ast::ExprKind::Paren(statement) => match statement.as_expression() {
                    Some(expr) => inner = expr,
                    None => break,
                },
                _ => break,
            }
        }
        match &inner.kind {
            ast::ExprKind::Variable(it) => Target::Variable {
                variable: variable(it),
                attributes,
                span: inner.extent,
            },
            ast::ExprKind::Member(member) => Target::Member {
                target: self.expr(&member.target),
                name: self.expr(&member.member),
                is_static: member.is_static,
                span: inner.extent,
                attributes,
            },
            ast::ExprKind::Index(index) => Target::Index {
                target: self.expr(&index.target),
                index: self.expr(&index.index),
                span: inner.extent,
            },
            ast::ExprKind::Array(items) => {
                Target::List(items.iter().map(|item| self.target(item)).collect())
            }
            _ => Target::List(Vec::new()),
        }
    }

    fn exprs(&mut self, exprs: &[ast::Expr]) -> Vec<Expr> {
        exprs.iter().map(|expr| self.expr(expr)).collect()
    }

    fn hash(&mut self, entries: &[ast::HashEntry]) -> Vec<(Expr, Stmt)> {
        entries
            .iter()
            .map(|entry| (self.expr(&entry.key), self.statement(&entry.value)))
            .collect()
    }

    fn expr(&mut self, expr: &ast::Expr) -> Expr {
        let kind = match &expr.kind {
            ast::ExprKind::Number(number) => ExprKind::Constant(constant(number)),
            ast::ExprKind::String { value, .. } => ExprKind::Constant(Value::string(&**value)),
            ast::ExprKind::Expandable { parts, .. } => ExprKind::Template(
                parts
                    .iter()
                    .map(|part| match part {
                        ast::StringPart::Text(text) => Part::Text((&**text).into()),
                        ast::StringPart::Expression(expr) => Part::Expr(self.expr(expr)),
                    })
                    .collect(),
            ),
            ast::ExprKind::Variable(it) => variable_expr(it),
            ast::ExprKind::Using(inner) => ExprKind::Using(
                Box::new(self.expr(inner)),
                self.source.text(expr.extent).into(),
            ),
            ast::ExprKind::Type(name) => ExprKind::Type(self.type_node(name)),
            ast::ExprKind::Attributed { attribute, target } => self.cast(attribute, target),
            ast::ExprKind::Unary {
                operator, operand, ..
            } => self.unary(*operator, operand),
            ast::ExprKind::Binary {
                operator, operands, ..
            } => {
                let pair = Box::new((self.expr(&operands.0), self.expr(&operands.1)));
                match operator {
                    BinaryOperator::And => ExprKind::Logical(Logical::And, pair),
                    BinaryOperator::Or => ExprKind::Logical(Logical::Or, pair),
                    BinaryOperator::Xor => ExprKind::Logical(Logical::Xor, pair),
                    BinaryOperator::NullCoalesce => ExprKind::Coalesce(pair),
                    operator => ExprKind::Binary(*operator, pair),
                }
            }
            ast::ExprKind::Ternary(parts) => ExprKind::Ternary(Box::new((
                self.expr(&parts.0),
                self.expr(&parts.1),
                self.expr(&parts.2),
            ))),
            ast::ExprKind::Array(items) => ExprKind::List(self.exprs(items)),
            ast::ExprKind::ArrayExpression(block) => ExprKind::ArrayOf(self.body(block)),
            ast::ExprKind::SubExpression(block) => ExprKind::Sub(self.body(block)),
            ast::ExprKind::Paren(statement) => ExprKind::Paren(Box::new(self.statement(statement))),
            ast::ExprKind::Hashtable(entries) => ExprKind::Hash {
                entries: self.hash(entries),
                ordered: false,
            },
            ast::ExprKind::ScriptBlock(tree) => ExprKind::Block(Arc::new(self.block(tree, None))),
            ast::ExprKind::Member(member) => ExprKind::Member {
                target: Box::new(self.expr(&member.target)),
                name: Box::new(self.expr(&member.member)),
                is_static: member.is_static,
                conditional: member.null_conditional,
            },
            ast::ExprKind::Invoke(invoke) => ExprKind::Invoke {
                target: Box::new(self.expr(&invoke.target)),
                name: Box::new(self.expr(&invoke.member)),
                arguments: self.exprs(&invoke.arguments),
                is_static: invoke.is_static,
                conditional: invoke.null_conditional,
            },
            ast::ExprKind::Index(index) => ExprKind::Index {
                target: Box::new(self.expr(&index.target)),
                index: Box::new(self.expr(&index.index)),
                conditional: index.null_conditional,
            },
            ast::ExprKind::Error => ExprKind::Broken,
        };
        Expr {
            span: expr.extent,
            kind,
        }
    }

    /// `[ordered]@{}` and `[pscustomobject]@{}` are forms of their own: they keep the order that a hashtable would lose.
    fn cast(&mut self, attribute: &ast::AttributeOrType, target: &ast::Expr) -> ExprKind {
        let node = self.attribute_or_type(attribute);
        let Some(ty) = node.ty.clone() else {
            return ExprKind::Attributed(Box::new(node), Box::new(self.expr(target)));
        };
        if let ast::ExprKind::Hashtable(entries) = &target.kind {
            if equal_folded(&ty.name, "ordered") {
                return ExprKind::Hash {
                    entries: self.hash(entries),
                    ordered: true,
                };
            }
            if [
                "pscustomobject",
                "System.Management.Automation.PSCustomObject",
                "Management.Automation.PSCustomObject",
            ]
            .iter()
            .any(|name| equal_folded(&ty.name, name))
            {
                return ExprKind::Custom(self.hash(entries));
            }
        }
        ExprKind::Cast(ty, Box::new(self.expr(target)))
    }

    fn unary(&mut self, operator: ast::UnaryOperator, operand: &ast::Expr) -> ExprKind {
        let kind = match operator {
            ast::UnaryOperator::Not => UnaryKind::Not,
            ast::UnaryOperator::BitwiseNot => UnaryKind::BinaryNot,
            ast::UnaryOperator::Plus => UnaryKind::Plus,
            ast::UnaryOperator::Minus => UnaryKind::Minus,
            ast::UnaryOperator::Comma => UnaryKind::Comma,
            ast::UnaryOperator::Split => UnaryKind::Split {
                case_sensitive: false,
            },
            ast::UnaryOperator::CaseSensitiveSplit => UnaryKind::Split {
                case_sensitive: true,
            },
            ast::UnaryOperator::Join => UnaryKind::Join,
            ast::UnaryOperator::PreIncrement => {
                return ExprKind::Step {
                    target: Box::new(self.target(operand)),
                    by: 1,
                    prefix: true,
                };
            }
            ast::UnaryOperator::PreDecrement => {
                return ExprKind::Step {
                    target: Box::new(self.target(operand)),
                    by: -1,
                    prefix: true,
                };
            }
            ast::UnaryOperator::PostIncrement => {
                return ExprKind::Step {
                    target: Box::new(self.target(operand)),
                    by: 1,
                    prefix: false,
                };
            }
            ast::UnaryOperator::PostDecrement => {
                return ExprKind::Step {
                    target: Box::new(self.target(operand)),
                    by: -1,
                    prefix: false,
                };
            }
        };
        ExprKind::Unary(kind, Box::new(self.expr(operand)))
    }
}

fn binding_of(attribute: &AttributeNode) -> BindingNode {
    let named = |name: &str| {
        attribute
            .named
            .iter()
            .find(|(own, _)| equal_folded(own, name))
            .map(|(_, value)| value)
    };
    let text = |name: &str| match named(name) {
        Some(Some(Expr {
            kind: ExprKind::Constant(value),
            ..
        })) => value.as_text().cloned(),
        _ => None,
    };
    let flag = |name: &str, missing: bool| match named(name) {
        None => missing,
        Some(None) => true,
        Some(Some(expr)) => !matches!(
            &expr.kind,
            ExprKind::Constant(Value::Bool(false) | Value::Int32(0) | Value::Null)
        ),
    };
    BindingNode {
        default_set: text("DefaultParameterSetName"),
        positional: flag("PositionalBinding", true),
        should_process: flag("SupportsShouldProcess", false),
        confirm_impact: text("ConfirmImpact"),
    }
}

fn label(label: Option<&str>) -> Option<Symbol> {
    label.map(Symbol::of)
}

/// A variable as a target or loop variable.
fn variable(variable: &ast::Variable) -> VariableNode {
    let (place, prefix) = match &variable.scope {
        ast::VariableScope::Unscoped => (Place::Any, None),
        ast::VariableScope::Local => (Place::Local, Some("local")),
        ast::VariableScope::Private => (Place::Private, Some("private")),
        ast::VariableScope::Script => (Place::Script, Some("script")),
        ast::VariableScope::Global => (Place::Global, Some("global")),
        ast::VariableScope::Using => (Place::Using, Some("using")),
        ast::VariableScope::Drive(drive) if equal_folded(drive, "env") => {
            (Place::Environment, Some("env"))
        }
        ast::VariableScope::Drive(drive) if equal_folded(drive, "variable") => {
            (Place::Any, Some("variable"))
        }
        ast::VariableScope::Drive(drive) => (Place::Drive((&**drive).into()), Some(&**drive)),
    };
    let path: Text = prefix.map_or_else(
        || (&*variable.name).into(),
        |prefix| format!("{prefix}:{}", variable.name).into(),
    );
    // `$PSItem` is another spelling of `$_`.
    let name = if equal_folded(&variable.name, "PSItem") {
        known::underscore()
    } else {
        Symbol::of(&variable.name)
    };
    VariableNode { place, name, path }
}

/// A variable that is read: the three constants need no looking up.
fn variable_expr(it: &ast::Variable) -> ExprKind {
    if it.scope == ast::VariableScope::Unscoped && !it.splatted {
        for (name, value) in [
            ("true", Value::Bool(true)),
            ("false", Value::Bool(false)),
            ("null", Value::Null),
        ] {
            if equal_folded(&it.name, name) {
                return ExprKind::Constant(value);
            }
        }
    }
    ExprKind::Variable(variable(it))
}

fn constant(number: &ast::Number) -> Value {
    match number {
        ast::Number::SByte(it) => Value::SByte(*it),
        ast::Number::Byte(it) => Value::Byte(*it),
        ast::Number::Int16(it) => Value::Int16(*it),
        ast::Number::UInt16(it) => Value::UInt16(*it),
        ast::Number::Int32(it) => Value::Int32(*it),
        ast::Number::UInt32(it) => Value::UInt32(*it),
        ast::Number::Int64(it) => Value::Int64(*it),
        ast::Number::UInt64(it) => Value::UInt64(*it),
        ast::Number::Double(it) => Value::Double(*it),
        ast::Number::Decimal(it) => Value::Decimal(*it),
        ast::Number::BigInt(it) => Value::from((**it).clone()),
    }
}

/// The name of a type as the value room reads it.
pub(crate) fn type_text(name: &ast::TypeName) -> String {
    match &name.kind {
        ast::TypeNameKind::Name { name, .. } => name.to_string(),
        ast::TypeNameKind::Generic {
            definition,
            arguments,
        } => {
            let arguments: Vec<String> = arguments.iter().map(type_text).collect();
            format!("{}[{}]", type_text(definition), arguments.join(","))
        }
        ast::TypeNameKind::Array { element, rank } => format!(
            "{}[{}]",
            type_text(element),
            ",".repeat(rank.saturating_sub(1) as usize)
        ),
    }
}
