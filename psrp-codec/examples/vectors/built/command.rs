//! Commands: what a pipeline does to an object, and the records that a command writes.

use psrp_codec::{Content, Member, Object, Property, PsString, Value};

use super::convert;
use super::evaluate::Session;
use super::object::{insert_type, set_member};
use super::source::{Expression, Record, Source};

/// What a pipeline does to an object.
pub(super) enum Command {
    /// `Add-Member name value`
    AddNote(PsString, Expression),
    /// `Add-Member -MemberType AliasProperty name other`
    AddAlias(PsString, String),
    /// `Add-Member -MemberType ScriptProperty name { … }`
    AddScript(PsString, String),
    /// `Add-Member -MemberType ScriptMethod -Force ToString { … }`
    SetText(String),
    /// `Select-Object name, name`
    Select(Vec<String>),
    /// `Select-Object -First 1`
    SelectFirst,
    /// What leaves an object as it is written: `Write-Output`, other methods, sets of properties.
    Pass,
}

impl Source<'_> {
    pub(super) fn command(&mut self) -> Option<Command> {
        if self.takes("Write-Output") {
            return Some(Command::Pass);
        }
        if self.takes("Select-Object -First 1") {
            let alone = !self.0.trim_start().starts_with(|c: char| c.is_alphabetic());
            return alone.then_some(Command::SelectFirst);
        }
        if self.takes("Select-Object") {
            return self.words().map(Command::Select);
        }
        self.takes("Add-Member").then(|| self.add_member())?
    }

    /// What stands behind `Add-Member`.
    pub(super) fn add_member(&mut self) -> Option<Command> {
        let command = self.added()?;
        self.takes("-PassThru");
        Some(command)
    }

    fn added(&mut self) -> Option<Command> {
        if !self.takes("-MemberType") {
            let name = self.word()?;
            return Some(Command::AddNote(name.into(), self.expression()?));
        }
        let kind = self.word()?;
        let is_forced = self.takes("-Force");
        match kind.as_str() {
            "AliasProperty" => {
                let name = self.word()?;
                Some(Command::AddAlias(name.into(), self.word()?))
            }
            "ScriptProperty" if self.takes("-Name") => {
                // It can only be set.
                self.word()?;
                self.takes("-Value $null -SecondValue").then_some(())?;
                self.script().map(|_| Command::Pass)
            }
            "ScriptProperty" => {
                let name = self.word()?;
                Some(Command::AddScript(name.into(), self.script()?))
            }
            "ScriptMethod" => {
                let name = self.word()?;
                if name == "ToString" && is_forced {
                    return self.script().map(Command::SetText);
                }
                // Methods are not written.
                let end = self.0.find("} -PassThru")?;
                self.cut(end + 1);
                Some(Command::Pass)
            }
            "PropertySet" => {
                self.word()?;
                self.expression().map(|_| Command::Pass)
            }
            _ => None,
        }
    }

    /// A block without blocks in it.
    fn script(&mut self) -> Option<String> {
        match self.expression()? {
            Expression::Value(Value::ScriptBlock(text)) => text.as_str().map(str::to_owned),
            _ => None,
        }
    }

    pub(super) fn words(&mut self) -> Option<Vec<String>> {
        let mut words = vec![self.word()?];
        while self.takes(",") {
            words.push(self.word()?);
        }
        Some(words)
    }

    /// `Write-Verbose 'text' -Verbose 4>&1` and its like.
    pub(super) fn record(&mut self) -> Option<Expression> {
        const INFORMATIONAL: [(&str, &str, &str); 3] = [
            ("Write-Verbose ", "-Verbose 4>&1", "VerboseRecord"),
            ("Write-Debug ", "-Debug 5>&1", "DebugRecord"),
            ("Write-Warning ", "3>&1", "WarningRecord"),
        ];
        for (command, redirection, name) in INFORMATIONAL {
            if self.takes(command) {
                let text = self.expression()?;
                let record = Record::Informational(name, text);
                let whole = self.takes(redirection);
                return whole.then(|| Expression::Record(record.into()));
            }
        }
        let record = if self.takes("Write-Information ") {
            let what = self.expression()?;
            let tags = self.takes("-Tags").then(|| self.words())??;
            Record::Information(what, None, tags)
        } else {
            let what = self.takes("Write-Host ").then(|| self.expression())??;
            let color = self.takes("-ForegroundColor").then(|| self.word())??;
            Record::Information(what, Some(color), vec!["PSHOST".into()])
        };
        let whole = self.takes("6>&1");
        whole.then(|| Expression::Record(record.into()))
    }
}

impl Session {
    /// What comes out of `command` for what `expression` gives.
    pub(super) fn through(&mut self, expression: &Expression, command: &Command) -> Option<Value> {
        let value = self.value(expression)?;
        match command {
            Command::Pass => return Some(value),
            Command::Select(names) => return self.select(&value, names),
            Command::SelectFirst => {
                let Value::Reference(id) = value else {
                    return None;
                };
                let names: Option<Vec<_>> = self
                    .object(id)?
                    .properties()
                    .map(|(name, _)| name.as_str().map(str::to_owned))
                    .collect();
                return self.select(&value, &names?);
            }
            _ => {}
        }
        let value = match value {
            Value::Reference(_) => value,
            Value::Object(object) => self.kept(*object),
            primitive => {
                let kept = self.kept(Object::wrapping(Content::Value(primitive.clone())));
                // Of these there is one for the whole process.
                let is_small = primitive
                    .as_i32()
                    .is_some_and(|n| (-128..1024).contains(&n));
                if let (Value::Reference(id), true) =
                    (&kept, is_small || matches!(primitive, Value::Bool(_)))
                {
                    self.shared.push((primitive, *id));
                }
                kept
            }
        };
        if let Expression::Variable(name) = expression {
            self.variables.insert(name.clone(), value.clone());
        }
        let Value::Reference(id) = value else {
            return None;
        };
        match command {
            Command::AddNote(name, note) => {
                let note = self.value(note)?;
                let is_error = self.errors.contains(&id);
                let object = self.object_mut(id)?;
                if is_error {
                    // What the serializer adds to an error comes last.
                    let note = Property {
                        name: name.clone(),
                        value: note,
                    };
                    let members = object.extended.get_or_insert_default();
                    members.insert(0, Member::Property(note));
                } else {
                    set_member(object, name, note);
                }
            }
            Command::AddAlias(name, other) => {
                let same = self.object(id)?.get(other)?.clone();
                set_member(self.object_mut(id)?, name, same);
            }
            Command::AddScript(name, script) => {
                if let Some(made) = self.script(script, &value)? {
                    set_member(self.object_mut(id)?, name, made);
                }
            }
            Command::SetText(script) => {
                // One that gives no text leaves the object without.
                let Some(Value::String(text)) = self.script(script, &value)? else {
                    return Some(value);
                };
                let object = self.object_mut(id)?;
                if object.to_string.is_some() {
                    object.to_string = Some(text.clone());
                }
                self.texts.insert(id, text);
            }
            Command::Pass | Command::Select(_) | Command::SelectFirst => return None,
        }
        Some(value)
    }

    fn select(&mut self, from: &Value, names: &[String]) -> Option<Value> {
        let mut selected = Object::custom();
        let own = match from {
            Value::Reference(id) => self.object(*id)?.type_names.clone()?,
            _ => return None,
        };
        let first = own.iter().next()?.to_string_lossy().into_owned();
        insert_type(&mut selected, &format!("Selected.{first}").into());
        for name in names {
            let value = self.property(from, name).unwrap_or(Value::Null);
            set_member(&mut selected, &name.as_str().into(), value);
        }
        Some(self.kept(selected))
    }

    /// A property of what `of` refers to.
    pub(super) fn property(&self, of: &Value, name: &str) -> Option<Value> {
        let Value::Reference(id) = of else {
            return None;
        };
        let object = self.object(*id)?;
        match object.entries() {
            Some(entries) if name == "Count" => i32::try_from(entries.len()).ok().map(Value::from),
            Some(_) => None,
            None => object.get(name).cloned(),
        }
    }

    /// What a script block gives for `$this`; inner `None` where it throws.
    pub(super) fn script(&mut self, body: &str, this: &Value) -> Option<Option<Value>> {
        use super::source::{Statement, parse};
        let before = self.variables.insert("this".into(), this.clone());
        let mut given = Vec::new();
        for statement in parse(body)? {
            if matches!(statement, Statement::Throw) {
                return Some(None);
            }
            given.extend(self.step(&statement)?);
        }
        if let Some(before) = before {
            self.variables.insert("this".into(), before);
        }
        Some(Some(match given.len() {
            // It stands for nothing, and is an object all the same.
            0 => self.kept(Object::custom()),
            1 => given.remove(0),
            _ => self.array(given),
        }))
    }

    /// What a value says that it is.
    pub(super) fn text_of(&self, value: &Value) -> Option<PsString> {
        let id = match value {
            Value::Null => return Some(PsString::EMPTY),
            Value::Reference(id) => *id,
            primitive => return Some(PsString::from_utf16(&convert::units(primitive)?)),
        };
        if let Some(text) = self.texts.get(&id) {
            return Some(text.clone());
        }
        let object = self.object(id)?;
        if let Some(text) = &object.to_string {
            return Some(text.clone());
        }
        if !object.is("System.Management.Automation.PSCustomObject") {
            return object.type_names.as_ref()?.iter().next().cloned();
        }
        let parts: Option<Vec<_>> = object
            .properties()
            .map(|(name, value)| Some(format!("{name}={}", self.text_of(value)?)))
            .collect();
        let parts = parts?;
        Some(match parts.is_empty() {
            true => PsString::EMPTY,
            false => format!("@{{{}}}", parts.join("; ")).into(),
        })
    }
}

/// Properties in their order.
pub(super) fn properties(named: Vec<(&str, Value)>) -> Vec<Property> {
    let named = named.into_iter();
    named
        .map(|(name, value)| Property {
            name: name.into(),
            value,
        })
        .collect()
}
