//! Pipelines, commands, their arguments and redirections.

use super::super::ast::{
    Assignment, ChainOperator, Command, CommandElement, CommandExpression, CommandParameter, Expr,
    ExprKind, InvocationOperator, Pipeline, PipelineChain, PipelineElement, Redirection,
    RedirectionStream, RedirectionTarget, Statement, StringKind,
};
use super::super::lexer::Mode;
use super::super::source::Extent;
use super::super::token::{Part, Payload, Token, TokenKind};
use super::{Parser, after};

/// Where a word of a command stands.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Place {
    /// The name of a command: nothing is expanded in a bareword.
    Name,
    /// The same after `&` or `.`.
    InvokedName,
    /// After a redirection, or of `switch -file`.
    FileName,
    Argument,
    /// The pattern of a switch clause.
    SwitchPattern,
}

impl Parser<'_> {
    /// An assignment, a pipeline, or several joined with `&&` and `||`; `None` if there is nothing here.
    pub(super) fn pipeline_chain(&mut self) -> Option<Statement> {
        let mut first = None;
        // A word begins a command in every mode: no need to look for an expression.
        let word = self.lexer.mode == Mode::Command
            && self
                .ungot
                .as_ref()
                .is_some_and(|token| token.kind == TokenKind::Identifier);
        if !word {
            let mode = self.set_mode(Mode::Expression);
            let expr = self.expression();
            if let Some(left) = expr {
                let (kind, operator_extent) = self.peek();
                if let TokenKind::Assign(operator) = kind {
                    self.skip();
                    self.set_mode(mode);
                    return Some(self.assignment(left, operator, operator_extent));
                }
                first = Some(left);
            }
            self.set_mode(mode);
        }
        self.chain(first)
    }

    fn assignment(
        &mut self,
        left: Expr,
        operator: super::super::ast::AssignmentOperator,
        operator_extent: Extent,
    ) -> Statement {
        self.skip_newlines();
        let outer = std::mem::take(&mut self.height);
        let right = match self.statement() {
            Some(statement) => statement,
            None => {
                let at = after(operator_extent);
                let message = format!(
                    "You must provide a value expression following the '{}' operator.",
                    self.text(operator_extent)
                );
                self.incomplete(at, "ExpectedValueExpression", message);
                Statement::Error(at)
            }
        };
        self.grow();
        self.height = self.height.max(outer);
        let extent = left.extent.to(right.extent());
        Statement::Assignment(Box::new(Assignment {
            extent,
            left,
            operator,
            operator_extent,
            right,
        }))
    }

    fn chain(&mut self, mut first_expression: Option<Expr>) -> Option<Statement> {
        let mut pipelines: Vec<Pipeline> = Vec::new();
        let mut operators: Vec<(ChainOperator, Extent)> = Vec::new();
        let mut background = false;
        loop {
            let begin = if first_expression.is_some() {
                None
            } else {
                Some(self.peek())
            };
            let Some(pipeline) = self.pipeline(first_expression.take()) else {
                let (_, operator) = *operators.last()?;
                const EMPTY: &str = "A pipeline chain operator must be followed by a pipeline.";
                match begin.map_or(TokenKind::EndOfInput, |(kind, _)| kind) {
                    TokenKind::EndOfInput => {
                        self.incomplete(after(operator), "EmptyPipelineChainElement", EMPTY);
                    }
                    TokenKind::Dot | TokenKind::Ampersand => {}
                    _ => {
                        let end = begin.map_or(operator, |(_, extent)| extent);
                        self.error(operator.to(end), "EmptyPipelineChainElement", EMPTY);
                    }
                }
                let start = pipelines.first().map_or(operator, |first| first.extent);
                return Some(Statement::Error(start.to(operator)));
            };
            if pipelines.is_empty()
                && !matches!(
                    self.peek_kind(),
                    TokenKind::AndAnd | TokenKind::OrOr | TokenKind::Ampersand
                )
            {
                return Some(Statement::Pipeline(Box::new(pipeline)));
            }
            pipelines.push(pipeline);
            let (kind, extent) = self.peek();
            let operator = match kind {
                TokenKind::AndAnd => ChainOperator::And,
                TokenKind::OrOr => ChainOperator::Or,
                TokenKind::Ampersand => {
                    self.skip();
                    let (kind, extent) = self.peek();
                    if matches!(kind, TokenKind::AndAnd | TokenKind::OrOr) {
                        self.skip();
                        self.error(
                            extent,
                            "BackgroundOperatorInPipelineChain",
                            "Background operators can only be used at the end of a pipeline chain.",
                        );
                        return Some(Statement::Error(pipelines[0].extent.to(extent)));
                    }
                    background = true;
                    break;
                }
                _ => break,
            };
            self.skip();
            self.skip_newlines();
            operators.push((operator, extent));
            if self.peek_kind() == TokenKind::EndOfInput {
                self.incomplete(
                    after(extent),
                    "EmptyPipelineChainElement",
                    "A pipeline chain operator must be followed by a pipeline.",
                );
                operators.pop();
                break;
            }
        }
        let extent = pipelines[0]
            .extent
            .to(pipelines[pipelines.len() - 1].extent);
        let mut pipelines = pipelines.into_iter();
        let mut first = pipelines.next()?;
        if operators.is_empty() {
            first.background = background;
            return Some(Statement::Pipeline(Box::new(first)));
        }
        let rest = operators
            .into_iter()
            .map(|(operator, _)| operator)
            .zip(pipelines)
            .collect();
        Some(Statement::Chain(Box::new(PipelineChain {
            extent,
            first,
            rest,
            background,
        })))
    }

    fn pipeline(&mut self, first: Option<Expr>) -> Option<Pipeline> {
        // Most pipelines are one command.
        let mut elements: Vec<PipelineElement> = Vec::with_capacity(1);
        let mut first = first;
        let mut pipe: Option<Extent> = None;
        loop {
            let expr = first.take().or_else(|| self.element_expression());
            let element = match expr {
                Some(expr) => {
                    if !elements.is_empty() {
                        self.error(
                            expr.extent,
                            "ExpressionsMustBeFirstInPipeline",
                            "Expressions are only allowed as the first element of a pipeline.",
                        );
                    }
                    Some(PipelineElement::Expression(self.redirected(expr)))
                }
                None => self.command().map(PipelineElement::Command),
            };
            if let Some(element) = element {
                elements.push(element);
            } else if !elements.is_empty() || self.peek_kind() == TokenKind::Pipe {
                let at = match pipe {
                    Some(pipe) => after(pipe),
                    None => self.peek().1,
                };
                self.incomplete(
                    at,
                    "EmptyPipeElement",
                    "An empty pipe element is not allowed.",
                );
            }
            let (kind, extent) = self.peek();
            if kind == TokenKind::NewLine && self.lexer.is_pipe_continuation(extent.end) {
                self.skip_newlines();
            }
            let (kind, extent) = self.peek();
            match kind {
                TokenKind::Pipe => {
                    self.skip();
                    pipe = Some(extent);
                    self.skip_newlines();
                    if self.peek_kind() == TokenKind::EndOfInput {
                        self.incomplete(
                            after(extent),
                            "EmptyPipeElement",
                            "An empty pipe element is not allowed.",
                        );
                        break;
                    }
                }
                TokenKind::Semi
                | TokenKind::NewLine
                | TokenKind::RParen
                | TokenKind::RCurly
                | TokenKind::EndOfInput
                | TokenKind::AndAnd
                | TokenKind::OrOr
                | TokenKind::Ampersand => break,
                _ => {
                    self.unexpected(extent);
                    break;
                }
            }
        }
        let extent = elements.first()?.extent().to(elements.last()?.extent());
        Some(Pipeline {
            extent,
            elements,
            background: false,
        })
    }

    fn element_expression(&mut self) -> Option<Expr> {
        if self.lexer.mode == Mode::Command
            && self
                .ungot
                .as_ref()
                .is_some_and(|token| token.kind == TokenKind::Identifier)
        {
            return None;
        }
        let mode = self.set_mode(Mode::Expression);
        let expr = self.expression();
        self.set_mode(mode);
        expr
    }

    fn redirected(&mut self, expression: Expr) -> CommandExpression {
        let mut redirections = Vec::new();
        let mut extent = expression.extent;
        while matches!(
            self.peek_kind(),
            TokenKind::Redirection | TokenKind::RedirectInStd
        ) {
            let token = self.next();
            let end = self.redirection(token, &mut redirections);
            extent = extent.to(end);
        }
        CommandExpression {
            extent,
            expression,
            redirections,
        }
    }

    // Hands back where it ends.
    fn redirection(&mut self, token: Token, redirections: &mut Vec<Redirection>) -> Extent {
        let reserved = |parser: &mut Self| {
            let message = format!(
                "The '{}' operator is reserved for future use.",
                parser.text(token.extent)
            );
            parser.error(token.extent, "RedirectionNotSupported", message);
        };
        let redirection = match token.payload {
            Payload::Merge { from, to } => {
                if to != RedirectionStream::Output || from == to {
                    reserved(self);
                }
                Redirection {
                    extent: token.extent,
                    from,
                    target: RedirectionTarget::Merge(RedirectionStream::Output),
                }
            }
            ref payload => {
                let location = match self.single_argument(Place::FileName) {
                    Some(location) => location,
                    None => {
                        self.error(
                            after(token.extent),
                            "MissingFileSpecification",
                            "Missing file specification after redirection operator.",
                        );
                        Self::error_expression(token.extent)
                    }
                };
                let extent = token.extent.to(location.extent);
                let Payload::File { from, append } = *payload else {
                    reserved(self);
                    return extent;
                };
                Redirection {
                    extent,
                    from,
                    target: RedirectionTarget::File { append, location },
                }
            }
        };
        let extent = redirection.extent;
        if redirections
            .iter()
            .any(|known| known.from == redirection.from)
        {
            let stream = match redirection.from {
                RedirectionStream::All => "*",
                RedirectionStream::Output => "output",
                RedirectionStream::Error => "error",
                RedirectionStream::Warning => "warning",
                RedirectionStream::Verbose => "verbose",
                RedirectionStream::Debug => "debug",
                RedirectionStream::Information => "information",
            };
            self.error(
                extent,
                "StreamAlreadyRedirected",
                format!("The {stream} stream for this command is already redirected."),
            );
        } else {
            redirections.push(redirection);
        }
        extent
    }

    /// One word read as a command's argument is.
    pub(super) fn single_argument(&mut self, place: Place) -> Option<Expr> {
        if matches!(self.peek_kind(), TokenKind::Comma | TokenKind::EndOfInput) {
            return None;
        }
        let mode = self.set_mode(Mode::Command);
        let token = self.next();
        let expr = self.argument(place, token);
        self.set_mode(mode);
        expr
    }

    /// An argument, or several with commas between. The token is given back if it begins none.
    pub(super) fn argument(&mut self, place: Place, token: Token) -> Option<Expr> {
        let mut token = token;
        let mut values: Vec<Expr> = Vec::new();
        let mut comma: Option<Extent> = None;
        let last = loop {
            if ends_arguments(token.kind) {
                self.unget(token);
                let comma = comma?;
                self.incomplete(
                    after(comma),
                    "MissingExpression",
                    "Missing expression after ',' in pipeline element.",
                );
                let start = values.first().map_or(comma, |first| first.extent);
                return Some(Self::error_expression(start.to(comma)));
            }
            let verbatim = is_stop_parsing(&token, self.text(token.extent));
            let expr = self.argument_value(place, token)?;
            if place != Place::Argument || verbatim {
                break expr;
            }
            let Some(found) = self.take(TokenKind::Comma) else {
                break expr;
            };
            comma = Some(found);
            values.push(expr);
            self.skip_newlines();
            token = self.next();
        };
        if values.is_empty() {
            return Some(last);
        }
        values.push(last);
        let extent = values[0].extent.to(values[values.len() - 1].extent);
        Some(Expr::new(extent, ExprKind::Array(values)))
    }

    fn argument_value(&mut self, place: Place, token: Token) -> Option<Expr> {
        let extent = token.extent;
        Some(match token.kind {
            TokenKind::SplattedVariable
            | TokenKind::Variable
            | TokenKind::Number
            | TokenKind::HereStringExpandable
            | TokenKind::StringExpandable
            | TokenKind::HereStringLiteral
            | TokenKind::StringLiteral
            | TokenKind::LParen
            | TokenKind::DollarParen
            | TokenKind::AtParen
            | TokenKind::AtCurly
            | TokenKind::LCurly => {
                self.unget(token);
                let outer = std::mem::take(&mut self.height);
                let expr = if self.enter() {
                    self.primary(true)
                } else {
                    None
                };
                self.leave();
                self.grow();
                self.height = self.height.max(outer);
                expr.unwrap_or_else(|| Self::error_expression(extent))
            }
            TokenKind::Generic if place == Place::Name => {
                let value = self.unexpanded(&token);
                Expr::new(
                    extent,
                    ExprKind::String {
                        value,
                        kind: StringKind::BareWord,
                    },
                )
            }
            TokenKind::Generic => self.string(token),
            kind => {
                if matches!(kind, TokenKind::Keyword(_)) {
                    self.lexer.note(TokenKind::Identifier, extent);
                }
                self.bareword(extent)
            }
        })
    }

    // A bareword with the text of what could be expanded in it.
    fn unexpanded(&self, token: &Token) -> Box<str> {
        match &token.payload {
            Payload::Text(text) => text.clone(),
            Payload::Parts(parts) => {
                let text: String = parts
                    .iter()
                    .map(|part| match part {
                        Part::Text(text) => text,
                        Part::Variable(_, extent) | Part::SubExpression { extent, .. } => {
                            self.text(*extent)
                        }
                    })
                    .collect();
                text.into()
            }
            _ => self.text(token.extent).into(),
        }
    }

    fn command(&mut self) -> Option<Command> {
        let mode = self.set_mode(Mode::Command);
        let command = self.command_words();
        self.set_mode(mode);
        command
    }

    fn command_words(&mut self) -> Option<Command> {
        let mut token = self.next();
        let first = token.extent;
        let mut end = first;
        let invocation = match token.kind {
            TokenKind::Dot => InvocationOperator::Dot,
            TokenKind::Ampersand => InvocationOperator::Call,
            _ => InvocationOperator::None,
        };
        let mut place = Place::Name;
        if invocation != InvocationOperator::None {
            place = Place::InvokedName;
            token = self.next();
        }
        let mut command = Command {
            extent: first,
            invocation,
            elements: Vec::new(),
            redirections: Vec::new(),
        };
        let mut dashes = false;
        loop {
            let named = matches!(place, Place::Name | Place::InvokedName);
            match token.kind {
                TokenKind::Pipe
                | TokenKind::RCurly
                | TokenKind::RParen
                | TokenKind::EndOfInput
                | TokenKind::NewLine
                | TokenKind::Semi
                | TokenKind::AndAnd
                | TokenKind::OrOr
                | TokenKind::Ampersand => {
                    self.unget(token);
                    break;
                }
                TokenKind::MinusMinus => {
                    end = token.extent;
                    command.elements.push(if dashes || named {
                        CommandElement::Argument(self.bareword(end))
                    } else {
                        CommandElement::EndOfParameters(end)
                    });
                    dashes = true;
                }
                TokenKind::Comma => {
                    end = token.extent;
                    self.error(
                        end,
                        "MissingArgument",
                        "Missing argument in parameter list.",
                    );
                    self.skip_newlines();
                }
                TokenKind::Parameter if named || dashes => {
                    end = token.extent;
                    command
                        .elements
                        .push(CommandElement::Argument(self.bareword(end)));
                }
                TokenKind::Parameter => {
                    let parameter = self.command_parameter(token);
                    end = parameter.extent;
                    command.elements.push(CommandElement::Parameter(parameter));
                }
                TokenKind::Redirection | TokenKind::RedirectInStd if !named => {
                    end = self.redirection(token, &mut command.redirections);
                }
                // A redirection operator can be the name of a command, but not before another one.
                TokenKind::Redirection | TokenKind::RedirectInStd
                    if self.peek_kind() == TokenKind::Redirection =>
                {
                    end = self.redirection(token, &mut command.redirections);
                }
                TokenKind::Redirection | TokenKind::RedirectInStd => {
                    end = token.extent;
                    command
                        .elements
                        .push(CommandElement::Argument(self.bareword(end)));
                }
                _ => {
                    let extent = token.extent;
                    if is_stop_parsing(&token, self.text(extent)) {
                        end = self.stop_parsing(extent, named, &mut command);
                        break;
                    }
                    let Some(argument) = self.argument(place, token) else {
                        break;
                    };
                    end = argument.extent;
                    command.elements.push(CommandElement::Argument(argument));
                }
            }
            place = Place::Argument;
            token = self.next();
        }
        if command.elements.is_empty() {
            if invocation != InvocationOperator::None {
                let message = format!(
                    "Missing expression after '{}' in pipeline element.",
                    self.text(first)
                );
                self.error(first, "MissingExpression", message);
            }
            return None;
        }
        command.extent = first.to(end);
        Some(command)
    }

    // After `--%`.
    fn stop_parsing(&mut self, extent: Extent, named: bool, command: &mut Command) -> Extent {
        command.elements.push(if named {
            CommandElement::Argument(self.bareword(extent))
        } else {
            CommandElement::StopParsing(extent)
        });
        let rest = self.lexer.verbatim_argument();
        command
            .elements
            .push(CommandElement::Argument(self.bareword(rest.extent)));
        rest.extent
    }

    fn command_parameter(&mut self, token: Token) -> CommandParameter {
        let name_extent = token.extent;
        let (name, colon) = match token.payload {
            Payload::Parameter { name, colon } => (name, colon),
            _ => (Box::default(), false),
        };
        let mut argument = None;
        if colon && self.peek_kind() != TokenKind::Comma {
            let next = self.next();
            argument = self.argument(Place::Argument, next);
            if argument.is_none() {
                let message = format!("Parameter {} requires an argument.", self.text(name_extent));
                self.error(after(name_extent), "ParameterRequiresArgument", message);
            }
        }
        let extent = argument
            .as_ref()
            .map_or(name_extent, |argument| name_extent.to(argument.extent));
        CommandParameter {
            extent,
            name_extent,
            name,
            argument,
        }
    }
}

fn is_stop_parsing(token: &Token, text: &str) -> bool {
    token.kind == TokenKind::Generic
        && match &token.payload {
            Payload::Text(value) => &**value == "--%",
            Payload::None => text == "--%",
            _ => false,
        }
}

fn ends_arguments(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::Pipe
            | TokenKind::RCurly
            | TokenKind::RParen
            | TokenKind::EndOfInput
            | TokenKind::NewLine
            | TokenKind::Semi
            | TokenKind::Redirection
            | TokenKind::RedirectInStd
            | TokenKind::AndAnd
            | TokenKind::OrOr
            | TokenKind::Ampersand
            | TokenKind::MinusMinus
            | TokenKind::Comma
    )
}
