//! PowerShell source, as far as values are written down in it.

use std::rc::Rc;

use psrp_codec::{PsString, Value};

use super::class::Class;
use super::dotnet::Enumeration;

/// One step of a script.
pub(super) enum Statement {
    Expression(Expression),
    /// `$name = …`, or `$name.part = …` and `$name['part'] = …`
    Assign(String, Option<Expression>, Expression),
    /// `… | Add-Member name value`
    AddMember(Expression, PsString, Expression),
    /// `… | Add-Member -MemberType AliasProperty name other -PassThru`
    AddAlias(Expression, PsString, String),
    /// `1..46 | % { … }`
    Repeat(usize, Vec<Statement>),
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
        if self.takes("Add-Member -InputObject") {
            let to = self.expression()?;
            return self.member(to);
        }
        if self.takes("Write-Output ") {
            let before = self.0;
            let number = self.number()?;
            let text = before.get(..before.len() - self.0.len())?.to_owned();
            return Some(Statement::Expression(Expression::Token(text, number)));
        }
        let first = self.expression()?;
        if self.takes("| Write-Output") {
            return Some(Statement::Expression(first));
        }
        if self.takes("| Add-Member -MemberType AliasProperty") {
            let (name, other) = (self.word()?, self.word()?);
            self.takes("-PassThru");
            return Some(Statement::AddAlias(first, name.into(), other));
        }
        // Methods are not written, and of these objects their text neither.
        let is_custom =
            matches!(&first, Expression::Cast(name, _) if name.name == "pscustomobject");
        if is_custom && self.takes("| Add-Member -MemberType ScriptMethod") {
            let (_, rest) = self.0.split_once("} -PassThru")?;
            self.0 = rest;
            return Some(Statement::Expression(first));
        }
        if !self.takes("|") {
            return Some(Statement::Expression(first));
        }
        if self.takes("Add-Member") {
            return self.member(first);
        }
        if self.takes("% {") {
            let Expression::Range(from, to) = first else {
                return None;
            };
            let (Expression::Value(from), Expression::Value(to)) = (*from, *to) else {
                return None;
            };
            let count = to.as_i32()?.checked_sub(from.as_i32()?)?.checked_add(1)?;
            let body = self.statements()?;
            return self
                .takes("}")
                .then(|| Some(Statement::Repeat(count.try_into().ok()?, body)))?;
        }
        None
    }

    /// `Update-TypeData -TypeName name …` where it is about what is shown.
    fn type_data(&mut self) -> Option<Statement> {
        const SHOWN: [&str; 4] = [
            "-DefaultDisplayProperty",
            "-DefaultKeyPropertySet",
            "-SerializationMethod AllPublicProperties",
            "-MemberType ScriptMethod -MemberName sm",
        ];
        let (what, rest) = self.0.split_at(self.0.find(';')?);
        self.0 = rest;
        SHOWN
            .iter()
            .any(|each| what.contains(each))
            .then_some(Statement::Nothing)
    }

    fn member(&mut self, to: Expression) -> Option<Statement> {
        let name = self.word()?;
        let value = self.expression()?;
        self.takes("-PassThru");
        Some(Statement::AddMember(to, name.into(), value))
    }

    fn assignment(&mut self) -> Option<Statement> {
        let name = self.variable()?;
        let part = if self.takes_here(".") {
            Some(Expression::Value(Value::String(self.word()?.into())))
        } else if self.takes_here("[") {
            let part = self.expression()?;
            self.takes("]").then_some(Some(part))?
        } else {
            None
        };
        let is_it = self.takes("=") && !self.0.starts_with('=');
        let value = is_it.then(|| self.expression())??;
        Some(Statement::Assign(name, part, value))
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
            let inside = self.expression()?;
            return self
                .takes(")")
                .then(|| Expression::Array(Some(inside.into())));
        }
        if self.takes_here("@{") {
            return self.table();
        }
        if self.takes_here("(") {
            let inside = self.expression()?;
            return self.takes(")").then_some(inside);
        }
        if self.takes_here("{") {
            let (inside, rest) = self.0.split_once('}')?;
            self.0 = rest;
            let plain = !inside.contains(['{', '`']);
            return plain.then(|| Expression::Value(Value::ScriptBlock(inside.into())));
        }
        match self.0.chars().next()? {
            '\'' => self
                .quoted()
                .map(|text| Expression::Value(Value::String(text.into()))),
            '"' => self.expandable(),
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

impl Type {
    pub(super) const fn plain(name: String) -> Self {
        Self {
            name,
            arguments: Vec::new(),
            ranks: Vec::new(),
        }
    }
}
