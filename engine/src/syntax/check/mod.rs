//! What is wrong with a script though its grammar is right.
//!
//! Runs after the parser over the whole tree, errors and all. Long chains (`1 + 1 + …`, `$a.b.c…`) are gone through in
//! a loop, so that the depth of the walk is that of the parser.

mod catch;
mod class;
mod data;
mod definition;
mod flow;

pub use definition::definition_errors;

use super::ast::{
    Attribute, AttributeOrType, Command, CommandElement, Expr, ExprKind, FunctionDefinition,
    FunctionKind, HashEntry, NamedBlock, Number, Parameter, Pipeline, PipelineElement, Redirection,
    RedirectionTarget, ScriptBlock, Statement, StatementBlock, StringPart, UnaryOperator,
};
use super::error::ParseError;
use super::source::Extent;

/// All that can be said of `script` beyond its grammar, in PowerShell's order.
pub(super) fn check(text: &str, script: &ScriptBlock) -> Vec<ParseError> {
    let mut checker = Checker {
        text,
        errors: Vec::new(),
        member: None,
        finally: Vec::new(),
    };
    checker.script_block(script);
    class::check_types(&mut checker, script);
    checker.errors
}

struct Checker<'s> {
    text: &'s str,
    errors: Vec<ParseError>,
    // The method or property of a class that is looked at; a script block of its own hides it.
    member: Option<class::MemberScope>,
    // For each `finally` and each loop around, innermost last.
    finally: Vec<Around>,
}

/// What stands around a `break` or `return`.
#[derive(Clone)]
enum Around {
    Finally,
    Labeled(Option<Box<str>>),
    /// A function, script block or trap: what is outside does not count.
    Wall,
}

impl<'s> Checker<'s> {
    fn error(&mut self, extent: Extent, error_id: &'static str, message: impl Into<String>) {
        if !self
            .errors
            .iter()
            .any(|known| known.error_id == error_id && known.extent == extent)
        {
            self.errors.push(ParseError {
                error_id,
                message: message.into(),
                incomplete_input: false,
                extent,
            });
        }
    }

    fn text(&self, extent: Extent) -> &'s str {
        self.text
            .get(extent.start as usize..extent.end as usize)
            .unwrap_or("")
    }

    fn script_block(&mut self, block: &ScriptBlock) {
        if let Some(params) = &block.param_block {
            self.duplicate_parameters(&params.parameters);
            params
                .attributes
                .iter()
                .for_each(|attribute| self.attribute(attribute));
            params
                .parameters
                .iter()
                .for_each(|parameter| self.parameter(parameter));
        }
        let blocks = [
            &block.dynamic_param,
            &block.begin,
            &block.process,
            &block.end,
            &block.clean,
        ];
        for NamedBlock { body, .. } in blocks.into_iter().flatten() {
            self.finally.push(Around::Wall);
            self.block(body);
            self.finally.pop();
        }
    }

    fn block(&mut self, block: &StatementBlock) {
        for statement in &block.statements {
            self.statement(statement);
        }
        for trap in &block.traps {
            self.finally.push(Around::Wall);
            self.block(&trap.body);
            self.finally.pop();
        }
    }

    fn labeled(&mut self, label: &Option<Box<str>>, body: &StatementBlock) {
        self.finally.push(Around::Labeled(label.clone()));
        self.block(body);
        self.finally.pop();
    }

    fn statement(&mut self, statement: &Statement) {
        match statement {
            Statement::Pipeline(pipeline) => self.pipeline(pipeline),
            Statement::Chain(chain) => {
                self.pipeline(&chain.first);
                chain
                    .rest
                    .iter()
                    .for_each(|(_, pipeline)| self.pipeline(pipeline));
            }
            Statement::Assignment(assignment) => {
                let simple = assignment.operator == super::ast::AssignmentOperator::Assign;
                self.assignment_target(&assignment.left, simple, None);
                self.expr(&assignment.left);
                self.statement(&assignment.right);
            }
            Statement::If(it) => {
                for (condition, body) in &it.clauses {
                    self.statement(condition);
                    self.block(body);
                }
                it.otherwise.iter().for_each(|body| self.block(body));
            }
            Statement::Switch(it) => {
                self.statement(&it.condition);
                for (pattern, body) in &it.clauses {
                    self.expr(pattern);
                    self.labeled(&it.label, body);
                }
                it.default
                    .iter()
                    .for_each(|body| self.labeled(&it.label, body));
            }
            Statement::For(it) => {
                [&it.initializer, &it.condition, &it.iterator]
                    .into_iter()
                    .flatten()
                    .for_each(|part| self.statement(part));
                self.labeled(&it.label, &it.body);
            }
            Statement::ForEach(it) => {
                self.statement(&it.collection);
                self.labeled(&it.label, &it.body);
            }
            Statement::While(it) => {
                self.statement(&it.condition);
                self.labeled(&it.label, &it.body);
            }
            Statement::Do(it) => {
                self.statement(&it.condition);
                self.labeled(&it.label, &it.body);
            }
            Statement::Try(it) => {
                self.catch_order(it);
                self.block(&it.body);
                it.catches
                    .iter()
                    .for_each(|clause| self.block(&clause.body));
                if let Some(finally) = &it.finally {
                    self.finally.push(Around::Finally);
                    self.block(finally);
                    self.finally.pop();
                }
            }
            Statement::Return(jump) => {
                self.leaves_finally(jump.extent, None);
                self.check_return(jump);
                jump.value.iter().for_each(|value| self.statement(value));
            }
            Statement::Break(jump) | Statement::Continue(jump) => {
                let label = jump.value.as_ref().map_or(Some(""), |value| {
                    value.as_expression().and_then(Expr::as_string)
                });
                self.leaves_finally(jump.extent, label);
            }
            Statement::Throw(jump) | Statement::Exit(jump) => {
                jump.value.iter().for_each(|value| self.statement(value))
            }
            Statement::Function(function) => self.function(function),
            Statement::Type(definition) => self.type_definition(definition),
            Statement::Data(data) => {
                self.data_section(data);
                self.block(&data.body);
            }
            Statement::Error(_) => {}
        }
    }

    fn function(&mut self, function: &FunctionDefinition) {
        if let Some(parameters) = &function.parameters {
            match &function.body.param_block {
                Some(params) => self.error(
                    params.extent,
                    "OnlyOneParameterListAllowed",
                    "The param statement cannot be used if arguments were specified in the function declaration.",
                ),
                None => self.duplicate_parameters(parameters),
            }
            parameters
                .iter()
                .for_each(|parameter| self.parameter(parameter));
        }
        if function.kind == FunctionKind::Workflow {
            self.error(
                function.extent,
                "WorkflowNotSupportedInPowerShellCore",
                "Workflow is not supported in PowerShell 6+.",
            );
        }
        let member = self.member.take();
        self.script_block(&function.body);
        self.member = member;
    }

    fn duplicate_parameters(&mut self, parameters: &[Parameter]) {
        let mut seen = std::collections::HashSet::new();
        for parameter in parameters {
            let name = &parameter.variable.name;
            if !seen.insert(name.to_lowercase()) {
                self.error(
                    parameter.variable_extent,
                    "DuplicateFormalParameter",
                    format!("Duplicate parameter ${name} in parameter list."),
                );
            }
        }
    }

    fn parameter(&mut self, parameter: &Parameter) {
        for attribute in &parameter.attributes {
            match attribute {
                AttributeOrType::Attribute(attribute) => self.attribute(attribute),
                AttributeOrType::Type(constraint) => {
                    if self
                        .text(constraint.name.extent)
                        .eq_ignore_ascii_case("ordered")
                    {
                        self.ordered(constraint.extent, constraint.name.extent);
                    }
                }
            }
        }
        parameter
            .default
            .iter()
            .for_each(|default| self.expr(default));
    }

    fn attribute(&mut self, attribute: &Attribute) {
        let values = attribute
            .named
            .iter()
            .filter_map(|named| named.value.as_ref())
            .chain(&attribute.positional);
        for value in values {
            if !is_constant(value) {
                self.error(
                    value.extent,
                    "ParameterAttributeArgumentNeedsToBeConstantOrScriptBlock",
                    "Attribute argument must be a constant or a script block.",
                );
            }
            self.expr(value);
        }
    }

    fn pipeline(&mut self, pipeline: &Pipeline) {
        for element in &pipeline.elements {
            match element {
                PipelineElement::Command(command) => self.command(command),
                PipelineElement::Expression(it) => {
                    self.expr(&it.expression);
                    self.redirections(&it.redirections);
                }
            }
        }
    }

    fn command(&mut self, command: &Command) {
        for element in &command.elements {
            let argument = match element {
                CommandElement::Parameter(parameter) => parameter.argument.as_ref(),
                CommandElement::Argument(argument) => Some(argument),
                _ => None,
            };
            match argument.map(|argument| (argument, &argument.kind)) {
                Some((_, ExprKind::Variable(_))) if matches!(element, CommandElement::Argument(_)) => {}
                Some((_, ExprKind::Using(_))) => {}
                Some((_, ExprKind::Array(values))) => values.iter().for_each(|value| match &value.kind {
                    ExprKind::Variable(variable) if variable.splatted => self.error(
                        value.extent,
                        "SplattingNotPermittedInArgumentList",
                        format!("Splatted variables like '@{}' cannot be part of a comma-separated list of arguments.", variable.name),
                    ),
                    _ => self.expr(value),
                }),
                Some((argument, _)) => self.expr(argument),
                None => {}
            }
        }
        self.redirections(&command.redirections);
    }

    fn redirections(&mut self, redirections: &[Redirection]) {
        for redirection in redirections {
            if let RedirectionTarget::File { location, .. } = &redirection.target {
                self.expr(location);
            }
        }
    }

    fn expr(&mut self, expr: &Expr) {
        // What hangs to the left is followed in this loop, the rest by recursion. Rights wait until the left is done.
        let mut rights: Vec<&Expr> = Vec::new();
        let mut current = Some(expr);
        while let Some(expr) = current.take() {
            match &expr.kind {
                ExprKind::Binary { operands, .. } => {
                    rights.push(&operands.1);
                    current = Some(&operands.0);
                }
                ExprKind::Member(member) => {
                    rights.push(&member.member);
                    current = Some(&member.target);
                }
                ExprKind::Invoke(invoke) => {
                    rights.extend(invoke.arguments.iter().rev());
                    rights.push(&invoke.member);
                    current = Some(&invoke.target);
                }
                ExprKind::Index(index) => {
                    rights.push(&index.index);
                    current = Some(&index.target);
                }
                ExprKind::Attributed { attribute, target } => {
                    self.attributed(expr, attribute, target);
                    current = Some(target);
                }
                ExprKind::Unary {
                    operator, operand, ..
                } => {
                    self.unary(*operator, operand);
                    current = Some(operand);
                }
                _ => self.leaf(expr),
            }
        }
        while let Some(right) = rights.pop() {
            self.expr(right);
        }
    }

    fn leaf(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Variable(variable) => {
                if variable.splatted {
                    let name = &variable.name;
                    let message = format!(
                        "The splatting operator '@' cannot be used to reference variables in an expression. '@{name}' can be used only as an argument to a command. To reference variables in an expression use '${name}'."
                    );
                    self.error(expr.extent, "SplattingNotPermitted", message);
                }
                self.check_this(expr.extent, variable);
            }
            ExprKind::Using(inner) if !matches!(inner.kind, ExprKind::Variable(_)) => {
                self.expr(inner)
            }
            ExprKind::Expandable { parts, .. } => parts.iter().for_each(|part| {
                if let StringPart::Expression(expr) = part {
                    self.expr(expr);
                }
            }),
            ExprKind::Ternary(parts) => [&parts.0, &parts.1, &parts.2]
                .into_iter()
                .for_each(|part| self.expr(part)),
            ExprKind::Array(values) => values.iter().for_each(|value| self.expr(value)),
            ExprKind::ArrayExpression(block) | ExprKind::SubExpression(block) => self.block(block),
            ExprKind::Paren(statement) => self.statement(statement),
            ExprKind::Hashtable(entries) => self.hashtable(entries),
            ExprKind::ScriptBlock(block) => {
                let member = self.member.take();
                self.finally.push(Around::Wall);
                self.script_block(block);
                self.finally.pop();
                self.member = member;
            }
            _ => {}
        }
    }

    fn hashtable(&mut self, entries: &[HashEntry]) {
        let mut seen = std::collections::HashSet::new();
        for entry in entries {
            if let Some(key) = constant_key(&entry.key)
                && !seen.insert(key.to_lowercase())
            {
                let message = format!("Duplicate keys '{key}' are not allowed in hash literals.");
                self.error(entry.key.extent, "DuplicateKeyInHashLiteral", message);
            }
        }
        for entry in entries {
            self.expr(&entry.key);
            self.statement(&entry.value);
        }
    }

    fn attributed(&mut self, expr: &Expr, attribute: &AttributeOrType, target: &Expr) {
        match attribute {
            AttributeOrType::Type(constraint) => {
                let name = constraint.name.extent;
                if self.text(name).eq_ignore_ascii_case("ordered")
                    && !matches!(target.kind, ExprKind::Hashtable(_))
                {
                    self.ordered(expr.extent, name);
                }
            }
            AttributeOrType::Attribute(attribute) => {
                self.attribute(attribute);
                let mut innermost = target;
                while let ExprKind::Attributed { target, .. } = &innermost.kind {
                    innermost = target;
                }
                if !matches!(innermost.kind, ExprKind::Variable(_)) {
                    let message = format!(
                        "Unexpected attribute '{}'.",
                        self.text(attribute.name.extent)
                    );
                    self.error(attribute.extent, "UnexpectedAttribute", message);
                }
            }
        }
    }

    fn ordered(&mut self, extent: Extent, name: Extent) {
        let message = format!(
            "The {} attribute can be specified only on a hash literal node.",
            self.text(name)
        );
        self.error(extent, "OrderedAttributeOnlyOnHashLiteralNode", message);
    }

    fn unary(&mut self, operator: UnaryOperator, operand: &Expr) {
        let text = match operator {
            UnaryOperator::PreIncrement | UnaryOperator::PostIncrement => "++",
            UnaryOperator::PreDecrement | UnaryOperator::PostDecrement => "--",
            _ => return,
        };
        self.assignment_target(operand, false, Some(text));
    }

    // `step` is `++` or `--` if it is not an assignment.
    fn assignment_target(&mut self, target: &Expr, simple: bool, step: Option<&'static str>) {
        let wrong = |checker: &mut Self, extent: Extent| {
            match step {
            Some(step) => checker.error(
                extent,
                "OperatorRequiresVariableOrProperty",
                format!("The '{step}' operator works only on variables or on properties."),
            ),
            None => checker.error(
                extent,
                "InvalidLeftHandSide",
                "The assignment expression is not valid. The input to an assignment operator must be an object that is able to accept assignments, such as a variable or a property.",
            ),
        }
        };
        let mut target = target;
        loop {
            match &target.kind {
                ExprKind::Variable(_) => return,
                ExprKind::Member(member) if !member.null_conditional => return,
                ExprKind::Index(index) if !index.null_conditional => return,
                // A parameterized property is written so; whether it can be set is found out when it runs.
                ExprKind::Invoke(invoke) if !invoke.null_conditional => return,
                ExprKind::Attributed { target: inner, .. } => target = inner,
                ExprKind::Array(values) if simple => {
                    values
                        .iter()
                        .for_each(|value| self.assignment_target(value, true, step));
                    return;
                }
                ExprKind::Paren(statement) => match statement.as_expression() {
                    Some(inner) => target = inner,
                    None => return wrong(self, statement.extent()),
                },
                _ => return wrong(self, target.extent),
            }
        }
    }

    fn leaves_finally(&mut self, extent: Extent, label: Option<&str>) {
        for around in self.finally.iter().rev() {
            match around {
                Around::Wall => return,
                Around::Labeled(name) => {
                    // An empty label matches every loop, and PowerShell takes it so only if the loop has none.
                    let same = label.is_some_and(|label| {
                        label.eq_ignore_ascii_case(name.as_deref().unwrap_or(""))
                            || label.is_empty()
                    });
                    if same {
                        return;
                    }
                }
                Around::Finally => {
                    return self.error(
                        extent,
                        "ControlLeavingFinally",
                        "Flow of control cannot leave a Finally block.",
                    );
                }
            }
        }
    }
}

/// What a constant key reads as: keys are compared as text.
fn constant_key(key: &Expr) -> Option<String> {
    Some(match &key.kind {
        ExprKind::String { value, .. } => value.to_string(),
        ExprKind::Number(number) => number_text(number),
        _ => return None,
    })
}

fn number_text(number: &Number) -> String {
    match number {
        Number::SByte(value) => value.to_string(),
        Number::Byte(value) => value.to_string(),
        Number::Int16(value) => value.to_string(),
        Number::UInt16(value) => value.to_string(),
        Number::Int32(value) => value.to_string(),
        Number::UInt32(value) => value.to_string(),
        Number::Int64(value) => value.to_string(),
        Number::UInt64(value) => value.to_string(),
        Number::Double(value) => value.to_string(),
        Number::Decimal(value) => value.to_string(),
        Number::BigInt(value) => value.to_string(),
    }
}

/// Whether an attribute may have it as an argument.
fn is_constant(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Error => false,
        ExprKind::Variable(variable) => ["true", "false", "null"]
            .iter()
            .any(|known| variable.name.eq_ignore_ascii_case(known)),
        ExprKind::Expandable { .. }
        | ExprKind::Invoke(_)
        | ExprKind::Index(_)
        | ExprKind::SubExpression(_)
        | ExprKind::Using(_) => false,
        ExprKind::Member(member) => {
            member.is_static && matches!(member.target.kind, ExprKind::Type(_))
        }
        ExprKind::Array(values) => values.iter().all(is_constant),
        ExprKind::Paren(statement) => statement.as_expression().is_some_and(is_constant),
        ExprKind::ArrayExpression(block) => {
            block.traps.is_empty()
                && block
                    .statements
                    .iter()
                    .all(|statement| statement.as_expression().is_some_and(is_constant))
        }
        ExprKind::Attributed { target, .. } => is_constant(target),
        ExprKind::Unary { operand, .. } => is_constant(operand),
        ExprKind::Binary { operands, .. } => {
            is_constant(&operands.1) && left_is_constant(&operands.0)
        }
        _ => true,
    }
}

// A long sum hangs to the left.
fn left_is_constant(expr: &Expr) -> bool {
    let mut expr = expr;
    while let ExprKind::Binary { operands, .. } = &expr.kind {
        if !is_constant(&operands.1) {
            return false;
        }
        expr = &operands.0;
    }
    is_constant(expr)
}
