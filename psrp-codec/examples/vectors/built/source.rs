//! PowerShell source, as far as values are written down in it.

use std::rc::Rc;

use psrp_codec::Value;

use super::class::Class;
use super::command::Command;
use super::dotnet::Enumeration;
use super::type_data::TypeData;

/// One step of a script.
pub(super) enum Statement {
    Expression(Expression),
    /// `$name = …`, or `$name.part = …` and `$name['part'] = …`, as deep as that goes
    Assign(String, Vec<Expression>, Expression),
    /// `1..46 | % { … }`
    Each(Expression, Vec<Statement>),
    /// `Update-TypeData -TypeName name …`
    TypeData(String, TypeData),
    /// `throw …`
    Throw,
    /// `try { throw … } catch { $_ }`: the statement that throws, and what.
    Caught(String, Option<Expression>),
    /// `enum name : base { … }`
    Enumeration(String, Enumeration),
    /// `class name { … }`
    Class(Rc<Class>),
    /// What changes nothing that is written.
    Nothing,
}

pub(super) enum Expression {
    Value(Value),
    Variable(String),
    /// A number that knows how it was written: `Write-Output 0x10`
    Token(String, Value),
    /// What is in double quotes.
    Text(Vec<Expression>),
    /// `@( … )`
    Array(Option<Box<Expression>>),
    /// `a, b` and `, a`
    Comma(Vec<Expression>),
    /// `@{ … }`
    Table(Vec<(Expression, Expression)>),
    Cast(Type, Box<Expression>),
    /// `[Type]::Name`
    Static(Type, String),
    /// `[Type]::Name( … )`
    StaticCall(Type, String, Vec<Expression>),
    /// `$name.Method( … )`, `$name.pstypenames.Method( … )`
    Call(String, String, Vec<Expression>),
    /// `$this.Name`
    OfThis(String),
    /// `[Type]` where a value is wanted
    Type(Type),
    Range(Box<Expression>, Box<Expression>),
    Times(Box<Expression>, Box<Expression>),
    Plus(Box<Expression>, Box<Expression>),
    Join(Box<Expression>),
    /// `'…'.ToCharArray()`
    Characters(Box<Expression>),
    /// `… | Command`
    Through(Box<Expression>, Box<Command>),
    /// `Write-Information … 6>&1` and its like: the record that comes of it.
    Record(Box<Record>),
}

/// A record that a command writes.
pub(super) enum Record {
    /// The name of its type, and the message.
    Informational(&'static str, Expression),
    /// What is told, in which color if it is for the host, and the tags.
    Information(Expression, Option<String>, Vec<String>),
}

/// What stands in brackets: `Collections.Generic.List[int]`, `int[][]`
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Type {
    pub(super) name: String,
    pub(super) arguments: Vec<Self>,
    /// What makes arrays of it: `[]`, `[,]`
    pub(super) ranks: Vec<String>,
}

/// `None` where there is something in the source that is more than a value.
pub(super) fn parse(source: &str) -> Option<Vec<Statement>> {
    let mut source = Source(source.trim());
    let statements = source.statements()?;
    source.0.is_empty().then_some(statements)
}

/// What is left to read.
pub(super) struct Source<'s>(pub(super) &'s str);

impl<'s> Source<'s> {
    fn statements(&mut self) -> Option<Vec<Statement>> {
        let mut statements = Vec::new();
        loop {
            while self.takes(";") {}
            if self.0.is_empty() || self.0.starts_with('}') {
                return Some(statements);
            }
            statements.push(self.statement()?);
            self.space();
            if !(self.0.is_empty() || self.0.starts_with([';', '}'])) {
                return None;
            }
        }
    }

    fn statement(&mut self) -> Option<Statement> {
        let before = self.0;
        if let Some(enumeration) = self.enumeration() {
            return Some(enumeration);
        }
        self.0 = before;
        if let Some(class) = self.class() {
            return Some(Statement::Class(Rc::new(class)));
        }
        self.0 = before;
        if self.takes("Update-TypeData") {
            return self.type_data();
        }
        if self.takes("[void]") {
            return self.expression().map(Statement::Expression);
        }
        if let Some(assignment) = self.assignment() {
            return Some(assignment);
        }
        self.0 = before;
        if self.0.trim_start().starts_with("try {") {
            return self.caught();
        }
        if self.takes("throw") {
            self.expression();
            return Some(Statement::Throw);
        }
        if self.takes("Write-Error ") {
            return self.expression().map(|_| Statement::Nothing);
        }
        if self.takes("Add-Member -InputObject") {
            let to = self.expression()?;
            let command = self.add_member()?;
            return Some(Statement::Expression(to.through(command)));
        }
        if self.takes("Write-Output ") {
            let before = self.0;
            let number = self.number()?;
            let text = before.get(..before.len() - self.0.len())?.to_owned();
            return Some(Statement::Expression(Expression::Token(text, number)));
        }
        let first = self.pipeline()?;
        if self.takes("| % {") {
            let body = self.statements()?;
            return self.takes("}").then_some(Statement::Each(first, body));
        }
        Some(Statement::Expression(first))
    }

    /// An expression and the commands that it goes through, but for loops.
    pub(super) fn pipeline(&mut self) -> Option<Expression> {
        let mut whole = match self.record() {
            Some(record) => record,
            None => self.expression()?,
        };
        loop {
            let before = self.0;
            if !self.takes("|") || self.takes("% {") {
                self.0 = before;
                return Some(whole);
            }
            whole = whole.through(self.command()?);
        }
    }

    fn assignment(&mut self) -> Option<Statement> {
        let name = self.variable()?;
        let mut parts = Vec::new();
        loop {
            if self.takes_here(".") {
                parts.push(Expression::Value(Value::String(self.word()?.into())));
            } else if self.takes_here("[") {
                let part = self.expression()?;
                parts.push(self.takes("]").then_some(part)?);
            } else {
                break;
            }
        }
        let is_it = self.takes("=") && !self.0.starts_with('=');
        let value = is_it.then(|| self.expression())??;
        Some(Statement::Assign(name, parts, value))
    }

    /// `[Flags()] enum Name : base { A = 1; B = 2 }`
    fn enumeration(&mut self) -> Option<Statement> {
        let flags = self.takes("[Flags()]");
        let name = self.takes("enum ").then(|| self.word())??;
        let base = if self.takes(":") {
            Some(Type::plain(self.word()?))
        } else {
            None
        };
        let mut members = Vec::new();
        self.takes("{").then_some(())?;
        while !self.takes("}") {
            let name = self.word()?;
            let number = if self.takes("=") {
                let negative = self.takes("-");
                let digits = self.word()?;
                let number: i128 = digits.parse().ok()?;
                if negative { -number } else { number }
            } else {
                members.last().map_or(0, |(_, last)| last + 1)
            };
            members.push((name, number));
            self.takes(";");
        }
        let found = Enumeration {
            base,
            flags,
            members,
        };
        Some(Statement::Enumeration(name, found))
    }

    pub(super) fn expression(&mut self) -> Option<Expression> {
        let mut left = self.product()?;
        while self.takes("+") {
            left = Expression::Plus(left.into(), self.product()?.into());
        }
        Some(left)
    }

    fn product(&mut self) -> Option<Expression> {
        let mut left = self.range()?;
        while self.takes("*") {
            left = Expression::Times(left.into(), self.range()?.into());
        }
        Some(left)
    }

    fn range(&mut self) -> Option<Expression> {
        let left = self.commas()?;
        if self.takes("..") {
            return Some(Expression::Range(left.into(), self.commas()?.into()));
        }
        Some(left)
    }

    fn commas(&mut self) -> Option<Expression> {
        if self.takes(",") {
            return Some(Expression::Comma(vec![self.unary()?]));
        }
        let first = self.unary()?;
        let mut items = vec![first];
        while self.takes(",") {
            items.push(self.unary()?);
        }
        match items.len() {
            1 => items.pop(),
            _ => Some(Expression::Comma(items)),
        }
    }

    fn unary(&mut self) -> Option<Expression> {
        if self.takes("-join") {
            return Some(Expression::Join(self.unary()?.into()));
        }
        self.space();
        if !self.0.starts_with('[') {
            return self.primary();
        }
        let name = self.type_name()?;
        if self.takes_here("::") {
            let member = self.word()?;
            if !self.takes_here("(") {
                return Some(Expression::Static(name, member));
            }
            let arguments = self.arguments()?;
            return Some(Expression::StaticCall(name, member, arguments));
        }
        if self.0.is_empty() || self.0.starts_with([',', ')', ';', '}', ' ']) {
            return Some(Expression::Type(name));
        }
        Some(Expression::Cast(name, self.unary()?.into()))
    }

    fn primary(&mut self) -> Option<Expression> {
        self.space();
        if self.takes_here("@(") {
            if self.takes(")") {
                return Some(Expression::Array(None));
            }
            let inside = self.pipeline()?;
            return self
                .takes(")")
                .then(|| Expression::Array(Some(inside.into())));
        }
        if self.takes_here("@{") {
            return self.table();
        }
        if self.takes_here("(") {
            let inside = self.pipeline()?;
            return self.takes(")").then_some(inside);
        }
        if self.takes_here("{") {
            let (inside, rest) = self.0.split_once('}')?;
            self.0 = rest;
            let plain = !inside.contains(['{', '`']);
            return plain.then(|| Expression::Value(Value::ScriptBlock(inside.into())));
        }
        match self.0.chars().next()? {
            '\'' | '"' => {
                let text = match self.0.starts_with('"') {
                    true => self.expandable()?,
                    false => Expression::Value(Value::String(self.quoted()?.into())),
                };
                Some(match self.takes_here(".ToCharArray()") {
                    true => Expression::Characters(text.into()),
                    false => text,
                })
            }
            '$' => self.dollar(),
            _ => self.number().map(Expression::Value),
        }
    }

    fn dollar(&mut self) -> Option<Expression> {
        let name = self.variable()?;
        match name.as_str() {
            "null" => return Some(Expression::Value(Value::Null)),
            "true" => return Some(Expression::Value(Value::Bool(true))),
            "false" => return Some(Expression::Value(Value::Bool(false))),
            _ => {}
        }
        if !self.takes_here(".") {
            // An index would be looked up.
            return (!self.0.starts_with('[')).then_some(Expression::Variable(name));
        }
        let mut method = self.word()?;
        if name == "this" {
            return Some(Expression::OfThis(method));
        }
        while self.takes_here(".") {
            method = format!("{method}.{}", self.word()?);
        }
        let arguments = self.takes_here("(").then(|| self.arguments())??;
        Some(Expression::Call(name, method.to_lowercase(), arguments))
    }

    fn arguments(&mut self) -> Option<Vec<Expression>> {
        let mut arguments = Vec::new();
        while !self.takes(")") {
            arguments.push(self.sum_without_commas()?);
            self.takes(",");
        }
        Some(arguments)
    }

    fn sum_without_commas(&mut self) -> Option<Expression> {
        let mut left = self.unary()?;
        while self.takes("+") {
            left = Expression::Plus(left.into(), self.unary()?.into());
        }
        Some(left)
    }

    fn table(&mut self) -> Option<Expression> {
        let mut entries = Vec::new();
        while !self.takes("}") {
            self.space();
            let key = match self.0.chars().next()? {
                letter if letter.is_alphabetic() || letter == '_' => {
                    Expression::Value(Value::String(self.word()?.into()))
                }
                _ => self.unary()?,
            };
            let value = self.takes("=").then(|| self.expression())??;
            entries.push((key, value));
            self.takes(";");
        }
        Some(Expression::Table(entries))
    }

    /// `[Name[Argument, …][]]`
    pub(super) fn type_name(&mut self) -> Option<Type> {
        self.takes("[").then_some(())?;
        let name = self.type_inside()?;
        self.takes("]").then_some(name)
    }

    pub(super) fn type_inside(&mut self) -> Option<Type> {
        self.space();
        let letters = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_');
        let length = self.0.find(|c| !letters(c))?;
        let mut found = Type::plain(self.cut(length).to_owned());
        while self.0.starts_with('[') {
            let close = self.0.find(']')?;
            let rank = self.0.get(1..close)?;
            if rank.chars().all(|c| c == ',') {
                found.ranks.push(self.cut(close + 1).to_owned());
                continue;
            }
            self.takes_here("[");
            loop {
                found.arguments.push(self.type_inside()?);
                if !self.takes(",") {
                    break;
                }
            }
            self.takes("]").then_some(())?;
        }
        (!found.name.is_empty()).then_some(found)
    }

    pub(super) fn variable(&mut self) -> Option<String> {
        self.takes("$").then(|| self.word())?
    }

    pub(super) fn word(&mut self) -> Option<String> {
        self.space();
        let length = self.0.find(|c: char| !(c.is_alphanumeric() || c == '_'));
        let word = self.cut(length.unwrap_or(self.0.len()));
        (!word.is_empty()).then(|| word.to_owned())
    }

    /// A word right here.
    pub(super) fn word_here(&mut self) -> Option<String> {
        let here = !self.0.starts_with(char::is_whitespace);
        here.then(|| self.word())?
    }

    fn space(&mut self) {
        self.0 = self.0.trim_start();
    }

    /// Whether `piece` comes next, behind white space; it is passed over.
    pub(super) fn takes(&mut self, piece: &str) -> bool {
        let rest = self.0.trim_start().strip_prefix(piece);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    /// The same right here.
    pub(super) fn takes_here(&mut self, piece: &str) -> bool {
        let rest = self.0.strip_prefix(piece);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    pub(super) fn cut(&mut self, length: usize) -> &'s str {
        let (before, rest) = self.0.split_at(length);
        self.0 = rest;
        before
    }
}

impl Expression {
    fn through(self, command: Command) -> Self {
        Self::Through(self.into(), command.into())
    }
}

impl Type {
    pub(super) const fn plain(name: String) -> Self {
        Self {
            name,
            arguments: Vec::new(),
            ranks: Vec::new(),
        }
    }
}
