//! Records, and what else of PowerShell's own a script makes: errors, warnings, progress, sizes.

use psrp_codec::record::InformationalKind;
use psrp_codec::{
    Content, DateTime, DateTimeKind, ErrorCategory, ErrorRecord, InformationRecord,
    InformationalRecord, Member, Object, Progress, ProgressKind, PsString, SecureString, TypeNames,
    Value,
};

use super::command::properties;
use super::convert::{primitive, whole};
use super::evaluate::Session;
use super::source::{Record, Type};

const POWERSHELL: &str = "System.Management.Automation.";

impl Session {
    /// `[of]::new(arguments)`, if `of` is one of PowerShell's own types.
    pub(super) fn record(&mut self, of: &str, arguments: &[Value]) -> Option<Value> {
        let text = |at: usize| arguments.get(at).and_then(Value::as_string).cloned();
        match of.strip_prefix(POWERSHELL)? {
            kind @ ("WarningRecord" | "VerboseRecord" | "DebugRecord") => {
                // With an id before the message, which is not written.
                let message = text(arguments.len().checked_sub(1)?)?;
                self.informational(kind, message)
            }
            "ErrorRecord" => self.error(arguments),
            "ErrorDetails" => {
                let own = vec![
                    ("Message", text(0)?.into()),
                    ("RecommendedAction", "".into()),
                ];
                Some(self.structure(of, false, text(0)?, own))
            }
            "InformationRecord" => {
                let [data, Value::String(source)] = arguments else {
                    return None;
                };
                let text = self.text_of(data)?;
                self.information(data.clone(), text, Some(source.clone()), &[])
            }
            "HostInformationMessage" => self.host_message(PsString::EMPTY, None),
            "ProgressRecord" => {
                let activity_id = arguments.first()?.as_i32()?;
                Some(Value::Progress(Box::new(Progress {
                    activity: text(1)?,
                    activity_id,
                    current_operation: None,
                    parent_activity_id: -1,
                    percent_complete: -1,
                    kind: ProgressKind::Processing,
                    seconds_remaining: -1,
                    status: text(2)?,
                })))
            }
            "Host.KeyInfo" => {
                let [code, character, state, Value::Bool(down)] = arguments else {
                    return None;
                };
                let character = primitive("System.Char", character)?;
                let states = Type::plain(format!("{POWERSHELL}Host.ControlKeyStates"));
                let state = self.enumeration(&states, state)?;
                let (letter, name) = (self.text_of(&character)?, self.text_of(&state)?);
                let down_text = if *down { "True" } else { "False" };
                let text = format!("{},{letter},{name},{down_text}", code.as_i32()?);
                let own = vec![
                    ("VirtualKeyCode", code.clone()),
                    ("Character", character),
                    ("ControlKeyState", state),
                    ("KeyDown", Value::Bool(*down)),
                ];
                Some(self.structure(of, true, text.as_str().into(), own))
            }
            other => {
                let names: &[&str] = match other.strip_prefix("Host.")? {
                    "Coordinates" => &["X", "Y"],
                    "Rectangle" => &["Left", "Top", "Right", "Bottom"],
                    _ => return None,
                };
                let numbers: Option<Vec<_>> = arguments.iter().map(Value::as_i32).collect();
                let numbers = numbers.filter(|numbers| numbers.len() == names.len())?;
                let pairs = numbers.chunks(2);
                let pairs: Vec<_> = pairs
                    .map(|pair| format!("{},{}", pair[0], pair[1]))
                    .collect();
                let own = names.iter().zip(&numbers);
                let own = own.map(|(name, number)| (*name, Value::Int32(*number)));
                let own = own.collect();
                Some(self.structure(of, true, pairs.join(" ; ").as_str().into(), own))
            }
        }
    }

    /// An object of a type that is derived from nothing else, or from `System.ValueType`.
    pub(super) fn structure(
        &mut self,
        of: &str,
        is_value: bool,
        text: PsString,
        own: Vec<(&str, Value)>,
    ) -> Value {
        let mut names = vec![of, "System.ValueType", "System.Object"];
        names.retain(|name| is_value || *name != "System.ValueType");
        let mut object = Object::of_type(names).text(text);
        object.adapted = Some(properties(own));
        self.kept(object)
    }

    /// What a command writes.
    pub(super) fn written(&mut self, record: &Record) -> Option<Value> {
        match record {
            Record::Informational(kind, message) => {
                let message = self.value(message)?.as_string()?.clone();
                self.informational(kind, message)
            }
            Record::Information(what, color, tags) => {
                let what = self.value(what)?;
                let text = what.as_string()?.clone();
                let data = match color {
                    Some(color) => self.host_message(text.clone(), Some(color))?,
                    None => what,
                };
                self.information(data, text, None, tags)
            }
        }
    }

    fn informational(&mut self, kind: &str, message: PsString) -> Option<Value> {
        let kind = match kind {
            "WarningRecord" => InformationalKind::Warning,
            "VerboseRecord" => InformationalKind::Verbose,
            _ => InformationalKind::Debug,
        };
        match InformationalRecord::new(message).to_value(kind) {
            Value::Object(object) => Some(self.kept(*object)),
            _ => None,
        }
    }

    fn host_message(&mut self, message: PsString, color: Option<&str>) -> Option<Value> {
        let color = match color {
            Some(name) => self.console_color(&name.into())?,
            None => Value::Null,
        };
        // A host that knows none of its colors says -1.
        let background = match color {
            Value::Null => Value::Null,
            _ => self.console_color(&Value::Int32(-1))?,
        };
        let own = vec![
            ("Message", message.clone().into()),
            ("NoNewLine", Value::Bool(false)),
            ("ForegroundColor", color),
            ("BackgroundColor", background),
        ];
        let name = format!("{POWERSHELL}HostInformationMessage");
        Some(self.structure(&name, false, message, own))
    }

    fn console_color(&mut self, value: &Value) -> Option<Value> {
        self.enumeration(&Type::plain("ConsoleColor".into()), value)
    }

    fn information(
        &mut self,
        data: Value,
        text: PsString,
        source: Option<PsString>,
        tags: &[String],
    ) -> Option<Value> {
        let time = DateTime::new(0, DateTimeKind::Unspecified)?;
        let mut record = InformationRecord::new(data, time);
        record.source = source;
        record.tags = tags.iter().map(|tag| tag.as_str().into()).collect();
        let Value::Object(mut object) = record.to_value() else {
            return None;
        };
        // On the wire it is a bag; here it is an object of its type.
        let members = object.extended.take().unwrap_or_default();
        let own = members.into_iter().map(|member| match member {
            Member::Property(property) => Some(property),
            Member::Set(..) => None,
        });
        object.adapted = Some(own.collect::<Option<_>>()?);
        object.type_names = Some(TypeNames::of([
            format!("{POWERSHELL}InformationRecord"),
            "System.Object".into(),
        ]));
        object.to_string = Some(text);
        Some(self.kept(*object))
    }

    /// `[ErrorRecord]::new(exception, id, category, target)`
    fn error(&mut self, arguments: &[Value]) -> Option<Value> {
        let [exception, id, category, target] = arguments else {
            return None;
        };
        let Value::Reference(exception_id) = exception else {
            return None;
        };
        let category = self.enumeration(
            &Type::plain("Management.Automation.ErrorCategory".into()),
            category,
        )?;
        let Value::Reference(category) = category else {
            return None;
        };
        let number = whole(self.object(category)?.wrapped()?)?;
        let category = ErrorCategory::new(number.try_into().ok()?);
        self.object(*exception_id)?
            .is("System.Exception")
            .then_some(())?;
        let id = id.as_string().cloned().unwrap_or_default();
        let record = self.error_record(exception, id, category, target)?;
        self.kept_error(record)
    }

    pub(super) fn error_record(
        &self,
        exception: &Value,
        id: PsString,
        category: ErrorCategory,
        target: &Value,
    ) -> Option<ErrorRecord> {
        let Value::Reference(exception_id) = exception else {
            return None;
        };
        let object = self.object(*exception_id)?;
        let name = object.type_names.as_ref()?.iter().next()?.to_string_lossy();
        let message = object.get("Message")?.as_string()?.clone();
        let mut record = ErrorRecord::new(&name, message, id, category);
        record.exception = exception.clone();
        let (text, of) = (self.text_of(target)?, self.short_type(target)?);
        let short = shortened(&text.to_string_lossy());
        let reason = record.category_reason.clone()?;
        record.category_message = Some(format!("{category}: ({short}:{of}) [], {reason}").into());
        record.category_target_name = Some(text);
        record.category_target_type = Some(of.into());
        record.target_object = target.clone();
        record.others = properties(vec![("PSMessageDetails", Value::Null)]);
        Some(record)
    }

    /// The name of a value's type without what it stands in.
    fn short_type(&self, value: &Value) -> Option<&'static str> {
        match value {
            Value::Null => Some(""),
            Value::Int32(_) => Some("Int32"),
            Value::String(_) => Some("String"),
            Value::Reference(id) => {
                let object = self.object(*id)?;
                if object.is("System.Management.Automation.PSCustomObject") {
                    return Some("PSObject");
                }
                object.entries().map(|_| "Hashtable")
            }
            _ => None,
        }
    }

    /// `[Collections.DictionaryEntry]::new(key, value)`, or a `KeyValuePair`.
    pub(super) fn pair(&mut self, of: &Type, key: &Value, value: &Value) -> Option<Value> {
        let text = format!("[{}, {}]", self.text_of(key)?, self.text_of(value)?);
        let own = vec![("Key", key.clone()), ("Value", value.clone())];
        let pair = self.structure(&of.full_name(), true, text.as_str().into(), own);
        if let (Value::Reference(id), true) = (&pair, of.arguments.is_empty()) {
            // PowerShell knows it by another name, too.
            let object = std::mem::take(self.object_mut(*id)?);
            *self.object_mut(*id)? = object.property("Name", key.clone());
        }
        Some(pair)
    }
}

/// What an error's category says of a long name.
fn shortened(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    if letters.len() <= 40 {
        return text.to_owned();
    }
    let (start, end) = (&letters[..19], &letters[letters.len() - 19..]);
    start.iter().chain(&['…']).chain(end).collect()
}

/// `$progress.name = value`
pub(super) fn set_progress(progress: &mut Progress, name: &str, value: &Value) -> Option<()> {
    match name {
        "ParentActivityId" => progress.parent_activity_id = value.as_i32()?,
        "PercentComplete" => progress.percent_complete = value.as_i32()?,
        "SecondsRemaining" => progress.seconds_remaining = value.as_i32()?,
        "CurrentOperation" => progress.current_operation = value.as_string().cloned(),
        "RecordType" if value.as_str() == Some("Completed") => {
            progress.kind = ProgressKind::Completed;
        }
        _ => return None,
    }
    Some(())
}

/// `$secret.AppendChar(unit)`: without a key there is nothing but its digits.
pub(super) fn append(secret: &SecureString, unit: u16) -> SecureString {
    let [low, high] = unit.to_le_bytes();
    SecureString::new(format!("{}{low:02x}{high:02x}", secret.expose()))
}

/// Names before those that an object has.
pub(super) fn more_special(object: &Object, name: &str) -> Object {
    let mut object = object.clone();
    let own = object
        .type_names
        .iter()
        .flat_map(|names| names.iter().cloned());
    let names: Vec<_> = [PsString::from(name)].into_iter().chain(own).collect();
    object.type_names = Some(TypeNames::of(names));
    object
}

/// `[name[,]]::new(lengths)`: an array of several dimensions, with what its items are at first.
pub(super) fn grid(of: &Type, lengths: &[usize]) -> Option<Object> {
    let element = Type {
        ranks: Vec::new(),
        ..of.clone()
    };
    let (_, names) = of.container()?;
    let items = vec![element.default_value()?; lengths.iter().product()];
    Some(
        Object::of_type(names).with_content(Content::Items(psrp_codec::ContainerKind::List, items)),
    )
}
