//! The restricted language of `data` sections.

use super::super::ast::{
    AttributeOrType, BinaryOperator, Command, CommandElement, DataStatement, Expr, ExprKind,
    InvocationOperator, Pipeline, PipelineElement, Redirection, Statement, StatementBlock,
    UnaryOperator,
};
use super::super::source::Extent;
use super::Checker;

const ALLOWED_VARIABLES: [&str; 5] = ["PSCulture", "PSUICulture", "true", "false", "null"];

/// The types that may be named in a data section.
const ALLOWED_TYPES: [&str; 30] = [
    "bool",
    "byte",
    "char",
    "cultureinfo",
    "datetime",
    "decimal",
    "double",
    "float",
    "guid",
    "hashtable",
    "int",
    "int16",
    "int32",
    "int64",
    "long",
    "ordered",
    "pscustomobject",
    "psobject",
    "regex",
    "sbyte",
    "short",
    "single",
    "string",
    "timespan",
    "uint16",
    "uint32",
    "uint64",
    "uri",
    "version",
    "xml",
];

impl Checker<'_> {
    pub(super) fn data_section(&mut self, data: &DataStatement) {
        let mut allowed: Option<Vec<&str>> = Some(vec!["ConvertFrom-StringData"]);
        for command in &data.supported_commands {
            match (command.as_string(), &mut allowed) {
                (Some(name), Some(allowed)) => allowed.push(name),
                // Found out when it runs.
                _ => allowed = None,
            }
        }
        self.restricted_block(&data.body, allowed.as_deref());
    }

    fn refuse(&mut self, extent: Extent, error_id: &'static str, what: &str) {
        self.error(
            extent,
            error_id,
            format!("{what} not allowed in restricted language mode or a Data section."),
        );
    }

    fn restricted_block(&mut self, block: &StatementBlock, allowed: Option<&[&str]>) {
        for statement in &block.statements {
            self.restricted_statement(statement, allowed);
        }
        for trap in &block.traps {
            self.refuse(
                trap.extent,
                "TrapStatementNotSupportedInDataSection",
                "The Trap statement is",
            );
        }
    }

    fn restricted_statement(&mut self, statement: &Statement, allowed: Option<&[&str]>) {
        let extent = statement.extent();
        match statement {
            Statement::Pipeline(pipeline) => self.restricted_pipeline(pipeline, allowed),
            Statement::Chain(chain) => {
                self.restricted_pipeline(&chain.first, allowed);
                chain.rest.iter().for_each(|(_, pipeline)| self.restricted_pipeline(pipeline, allowed));
            }
            Statement::If(it) => {
                for (condition, body) in &it.clauses {
                    self.restricted_statement(condition, allowed);
                    self.restricted_block(body, allowed);
                }
                it.otherwise.iter().for_each(|body| self.restricted_block(body, allowed));
            }
            Statement::Assignment(it) => {
                self.refuse(extent, "AssignmentStatementNotSupportedInDataSection", "Assignment statements are");
                self.restricted_expr(&it.left, allowed);
                self.restricted_statement(&it.right, allowed);
            }
            Statement::Switch(_) => self.refuse(extent, "SwitchStatementNotSupportedInDataSection", "The switch statement is"),
            Statement::ForEach(_) => self.refuse(extent, "ForeachStatementNotSupportedInDataSection", "Foreach statements are"),
            Statement::For(_) | Statement::While(_) => {
                self.refuse(extent, "ForWhileStatementNotSupportedInDataSection", "For and While statements are");
            }
            Statement::Do(_) => self.refuse(extent, "DoWhileStatementNotSupportedInDataSection", "The Do and While statements are"),
            Statement::Try(_) => self.refuse(extent, "TryStatementNotSupportedInDataSection", "The Try statement is"),
            Statement::Throw(_) | Statement::Return(_) | Statement::Exit(_) | Statement::Break(_) | Statement::Continue(_) => self.refuse(
                extent,
                "FlowControlStatementNotSupportedInDataSection",
                "Flow control statements such as Break, Continue, Return, Exit, and Throw are",
            ),
            Statement::Function(_) => {
                self.refuse(extent, "FunctionDeclarationNotSupportedInDataSection", "Function declarations are");
            }
            Statement::Data(_) => self.error(
                extent,
                "DataSectionStatementNotSupportedInDataSection",
                "The data statement is not allowed in restricted language mode or another Data section.",
            ),
            Statement::Type(_) | Statement::Error(_) => {}
        }
    }

    fn restricted_pipeline(&mut self, pipeline: &Pipeline, allowed: Option<&[&str]>) {
        for element in &pipeline.elements {
            match element {
                PipelineElement::Command(command) => self.restricted_command(command, allowed),
                PipelineElement::Expression(it) => {
                    self.restricted_expr(&it.expression, allowed);
                    self.restricted_redirections(&it.redirections);
                }
            }
        }
    }

    fn restricted_redirections(&mut self, redirections: &[Redirection]) {
        for redirection in redirections {
            self.refuse(
                redirection.extent,
                "RedirectionNotSupportedInDataSection",
                "Redirection is",
            );
        }
    }

    fn restricted_command(&mut self, command: &Command, allowed: Option<&[&str]>) {
        if command.invocation == InvocationOperator::Dot {
            self.refuse(
                command.extent,
                "DotSourcingNotSupportedInDataSection",
                "Dot sourcing is",
            );
        } else if let Some(allowed) = allowed {
            match command.name() {
                None if command.invocation == InvocationOperator::Call => {
                    self.refuse(
                        command.extent,
                        "OperatorNotSupportedInDataSection",
                        "The '&' operator is",
                    );
                }
                name => {
                    let known = name.is_some_and(|name| {
                        allowed
                            .iter()
                            .any(|allowed| allowed.eq_ignore_ascii_case(name))
                    });
                    if !known {
                        let name = name.unwrap_or_else(|| self.text(command.extent));
                        let what = format!("The command '{name}' is");
                        self.refuse(
                            command.extent,
                            "CmdletNotInAllowedListForDataSection",
                            &what,
                        );
                    }
                }
            }
        }
        for element in &command.elements {
            match element {
                CommandElement::Argument(argument) => self.restricted_expr(argument, allowed),
                CommandElement::Parameter(parameter) => parameter
                    .argument
                    .iter()
                    .for_each(|it| self.restricted_expr(it, allowed)),
                _ => {}
            }
        }
        self.restricted_redirections(&command.redirections);
    }

    fn restricted_expr(&mut self, expr: &Expr, allowed: Option<&[&str]>) {
        let mut rights: Vec<&Expr> = Vec::new();
        let mut current = Some(expr);
        while let Some(expr) = current.take() {
            match &expr.kind {
                ExprKind::Variable(variable)
                    if !ALLOWED_VARIABLES
                        .iter()
                        .any(|allowed| allowed.eq_ignore_ascii_case(&variable.name)) =>
                {
                    self.error(
                            expr.extent,
                            "VariableReferenceNotSupportedInDataSection",
                            "A variable that cannot be referenced in restricted language mode or a Data section is being referenced. Variables that can be referenced include the following: $PSCulture, $PSUICulture, $true, $false, $null.",
                        );
                }
                ExprKind::Type(name) => self.restricted_type(expr.extent, name.extent),
                ExprKind::Attributed { attribute, target } => {
                    match &**attribute {
                        AttributeOrType::Type(constraint) => {
                            self.restricted_type(constraint.extent, constraint.name.extent)
                        }
                        AttributeOrType::Attribute(attribute) => {
                            self.refuse(
                                attribute.extent,
                                "AttributeNotSupportedInDataSection",
                                "Attributes are",
                            );
                        }
                    }
                    current = Some(target);
                }
                ExprKind::Member(member) => {
                    self.refuse(
                        expr.extent,
                        "PropertyReferenceNotSupportedInDataSection",
                        "Property references are",
                    );
                    current = Some(&member.target);
                }
                ExprKind::Invoke(invoke) => {
                    self.refuse(
                        expr.extent,
                        "MethodCallNotSupportedInDataSection",
                        "Method calls are",
                    );
                    rights.extend(invoke.arguments.iter().rev());
                    current = Some(&invoke.target);
                }
                ExprKind::Index(index) => {
                    self.refuse(
                        expr.extent,
                        "ArrayReferenceNotSupportedInDataSection",
                        "Array references are",
                    );
                    rights.push(&index.index);
                    current = Some(&index.target);
                }
                ExprKind::ScriptBlock(_) => self.refuse(
                    expr.extent,
                    "ScriptBlockNotSupportedInDataSection",
                    "Script block literals are",
                ),
                ExprKind::Expandable { .. } => {
                    self.refuse(
                        expr.extent,
                        "ExpandableStringNotSupportedInDataSection",
                        "Expandable strings are",
                    );
                }
                ExprKind::Unary {
                    operator,
                    operator_extent,
                    operand,
                } => {
                    let fine = matches!(
                        operator,
                        UnaryOperator::Not
                            | UnaryOperator::BitwiseNot
                            | UnaryOperator::Plus
                            | UnaryOperator::Minus
                            | UnaryOperator::Comma
                    );
                    if !fine {
                        let what = format!("The '{}' operator is", self.text(*operator_extent));
                        self.refuse(expr.extent, "OperatorNotSupportedInDataSection", &what);
                    }
                    current = Some(operand);
                }
                ExprKind::Binary {
                    operator,
                    operator_extent,
                    operands,
                } => {
                    let refused = matches!(
                        operator,
                        BinaryOperator::Range
                            | BinaryOperator::Format
                            | BinaryOperator::Join
                            | BinaryOperator::Match { .. }
                            | BinaryOperator::NotMatch { .. }
                            | BinaryOperator::Replace { .. }
                            | BinaryOperator::Split { .. }
                            | BinaryOperator::As
                    );
                    if refused {
                        let what = format!("The '{}' operator is", self.text(*operator_extent));
                        self.refuse(*operator_extent, "OperatorNotSupportedInDataSection", &what);
                    }
                    rights.push(&operands.1);
                    current = Some(&operands.0);
                }
                ExprKind::Array(values) => values
                    .iter()
                    .for_each(|value| self.restricted_expr(value, allowed)),
                ExprKind::ArrayExpression(block) | ExprKind::SubExpression(block) => {
                    self.restricted_block(block, allowed)
                }
                ExprKind::Paren(statement) => self.restricted_statement(statement, allowed),
                ExprKind::Hashtable(entries) => entries.iter().for_each(|entry| {
                    self.restricted_expr(&entry.key, allowed);
                    self.restricted_statement(&entry.value, allowed);
                }),
                _ => {}
            }
        }
        while let Some(right) = rights.pop() {
            self.restricted_expr(right, allowed);
        }
    }

    fn restricted_type(&mut self, extent: Extent, name: Extent) {
        let name = self.text(name);
        if !ALLOWED_TYPES
            .iter()
            .any(|allowed| allowed.eq_ignore_ascii_case(name))
        {
            let what = format!("The type {name} is");
            self.refuse(extent, "TypeNotAllowedInDataSection", &what);
        }
    }
}
