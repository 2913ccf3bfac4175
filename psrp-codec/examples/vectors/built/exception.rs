//! Exceptions of .NET, as far as scripts make them.

use psrp_codec::{Content, Object, TypeNames, Value};

use super::command::properties;
use super::evaluate::Session;

/// The name, what it is derived from before `System.Exception`, and the number it has.
const EXCEPTIONS: &[(&str, &[&str], u32)] = &[
    ("System.Exception", &[], 0x8013_1500),
    (
        "System.InvalidOperationException",
        &["System.SystemException"],
        0x8013_1509,
    ),
    (RUNTIME, &["System.SystemException"], 0x8013_1501),
    (
        "System.ArgumentException",
        &["System.SystemException"],
        0x8007_0057,
    ),
];

/// What a script throws that is no exception itself.
const RUNTIME: &str = "System.Management.Automation.RuntimeException";

impl Session {
    /// `[of]::new(arguments)`, if `of` is an exception.
    pub(super) fn exception(&mut self, of: &str, arguments: &[Value]) -> Option<Value> {
        let (name, bases, number) = EXCEPTIONS.iter().find(|(name, ..)| *name == of)?;
        let mut message = arguments.first()?.as_str()?.to_owned();
        let (mut inner, mut parameter) = (Value::Null, None);
        match arguments.get(1) {
            None => {}
            Some(Value::String(name)) if of == "System.ArgumentException" => {
                message = format!("{message} (Parameter '{name}')");
                parameter = Some(name.clone());
            }
            Some(other @ Value::Reference(id)) if self.object(*id)?.is("System.Exception") => {
                inner = other.clone();
            }
            Some(_) => return None,
        }
        let mut text = format!("{name}: {message}");
        if !inner.is_null() {
            let inner = self.text_of(&inner)?;
            text = format!("{text}\n ---> {inner}\n   --- End of inner exception stack trace ---");
        }
        let data = Object::of_type(["System.Collections.ListDictionaryInternal", "System.Object"]);
        let data = self.kept(data.with_content(Content::Dictionary(Vec::new())));
        let mut own = vec![
            ("TargetSite", Value::Null),
            ("Message", message.as_str().into()),
            ("Data", data),
            ("InnerException", inner),
            ("HelpLink", Value::Null),
            ("Source", Value::Null),
            ("HResult", Value::Int32(number.cast_signed())),
            ("StackTrace", Value::Null),
        ];
        if of == "System.ArgumentException" {
            // What a class says itself comes before what it has from others.
            own.swap(0, 1);
            own.insert(
                1,
                ("ParamName", parameter.map_or(Value::Null, Value::String)),
            );
        }
        if of == RUNTIME {
            // Its error is text: an exception is written one level deep wherever it is.
            let own_error = ("ErrorRecord", message.as_str().into());
            let was_thrown = ("WasThrownFromThrowStatement", Value::Bool(true));
            own.splice(0..0, [own_error, was_thrown]);
        }
        let mut names = vec![*name];
        names.extend(*bases);
        names.extend(["System.Exception"].iter().filter(|base| **base != of));
        names.push("System.Object");
        let mut object = Object::bag().text(text);
        object.type_names = Some(TypeNames::of(names));
        object.adapted = Some(properties(own));
        Some(self.kept(object))
    }
}
