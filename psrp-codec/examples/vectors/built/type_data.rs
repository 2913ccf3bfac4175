//! `Update-TypeData`: how objects of a type are written.

use psrp_codec::{Object, PsString, Value};

use super::evaluate::Session;
use super::object::set_member;
use super::source::{Expression, Source, Statement};

/// What a script says about a type.
#[derive(Clone, Default)]
pub(super) struct TypeData {
    /// Written as nothing but text.
    is_text: bool,
    /// The property that is the text.
    source: Option<String>,
    /// The only ones that are written of the properties that the type has.
    properties: Option<Vec<String>>,
    /// Which types derived from it are written so, too.
    inherits: bool,
    depth: Option<u32>,
    members: Vec<(PsString, Member)>,
}

#[derive(Clone)]
enum Member {
    Note(Value),
    Alias(String),
    Script(String),
}

impl Source<'_> {
    /// What stands behind `Update-TypeData`.
    pub(super) fn type_data(&mut self) -> Option<Statement> {
        /// What is only about how objects are shown, or about what is not written.
        const SHOWN: [&str; 4] = [
            "-DefaultDisplayProperty",
            "-DefaultKeyPropertySet",
            "-SerializationMethod AllPublicProperties",
            "-MemberType ScriptMethod -MemberName sm",
        ];
        let end = self.0.find(';')?;
        if SHOWN.iter().any(|each| self.0[..end].contains(each)) {
            self.cut(end);
            return Some(Statement::Nothing);
        }
        self.takes("-TypeName").then_some(())?;
        let mut name = self.word()?;
        while self.takes_here(".") {
            name = format!("{name}.{}", self.word()?);
        }
        let mut data = TypeData::default();
        loop {
            if self.takes("-SerializationMethod String") {
                data.is_text = true;
            } else if self.takes("-SerializationMethod SpecificProperties") {
                data.properties.get_or_insert_default();
            } else if self.takes("-PropertySerializationSet") {
                data.properties = Some(self.words()?);
            } else if self.takes("-InheritPropertySerializationSet $true") {
                data.inherits = true;
            } else if self.takes("-StringSerializationSource") {
                data.source = Some(self.word()?);
            } else if self.takes("-SerializationDepth") {
                data.depth = self.word()?.parse().ok();
            } else if self.takes("-MemberType") {
                data.members.push(self.type_member()?);
            } else {
                break;
            }
        }
        Some(Statement::TypeData(name, data))
    }

    fn type_member(&mut self) -> Option<(PsString, Member)> {
        let kind = self.word()?;
        let name = self.takes("-MemberName").then(|| self.word())??;
        self.takes("-Value").then_some(())?;
        let member = match kind.as_str() {
            "AliasProperty" => Member::Alias(self.word()?),
            "NoteProperty" => match self.expression()? {
                Expression::Value(value) => Member::Note(value),
                _ => return None,
            },
            "ScriptProperty" | "ScriptMethod" => match self.expression()? {
                Expression::Value(Value::ScriptBlock(text)) => {
                    Member::Script(text.as_str()?.to_owned())
                }
                _ => return None,
            },
            _ => return None,
        };
        let is_method = kind == "ScriptMethod";
        let is_known = !is_method || (name == "ToString" && self.takes("-Force"));
        is_known.then(|| (name.into(), member))
    }
}

impl TypeData {
    /// Adds what `more` says.
    pub(super) fn extend(&mut self, more: Self) {
        self.is_text |= more.is_text;
        self.inherits |= more.inherits;
        self.source = more.source.or(self.source.take());
        self.properties = more.properties.or(self.properties.take());
        self.depth = more.depth.or(self.depth);
        self.members.extend(more.members);
    }
}

/// What types say about one object.
#[derive(Default)]
pub(super) struct Said {
    pub(super) is_text: bool,
    pub(super) depth: Option<u32>,
    /// The text in place of its own.
    pub(super) text: Option<Value>,
}

impl Session {
    /// Gives `object`, which `this` is, what its types say. Outer `None` for what is not known.
    pub(super) fn apply_type_data(&mut self, object: &mut Object, this: &Value) -> Option<Said> {
        let mut said = Said::default();
        let names: Vec<String> = object
            .type_names
            .iter()
            .flat_map(|names| names.iter())
            .map(|name| name.to_string_lossy().into_owned())
            .collect();
        for (level, name) in names.iter().enumerate() {
            let Some(data) = self.type_data.get(name) else {
                continue;
            };
            if let Some(properties) = &data.properties
                && (level == 0 || data.inherits)
                && let Some(adapted) = &mut object.adapted
            {
                adapted.retain(|own| properties.iter().any(|each| own.name == each.as_str()));
            }
            said.is_text |= data.is_text;
            said.depth = said.depth.or(data.depth);
            if let Some(source) = &data.source {
                said.text = self.property(this, source);
            }
            let data = self.type_data.remove(name)?;
            for (name, member) in &data.members {
                let value = match member {
                    Member::Note(value) => Some(value.clone()),
                    Member::Alias(other) => self.property(this, other),
                    Member::Script(script) => self.script(script, this)?,
                };
                match value {
                    Some(Value::String(text)) if *name == "ToString" => {
                        object.to_string = Some(text);
                    }
                    Some(value) => set_member(object, name, value),
                    None => {}
                }
            }
            self.type_data.insert(name.clone(), data);
        }
        Some(said)
    }
}
