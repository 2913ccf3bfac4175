//! New-Object.

use super::object::custom;
use super::{Command, CommandContext, CommandSpec, InSet, Parameter};
use crate::eval::{Flow, Run};
use crate::value::convert::elements_of;
use crate::value::{ErrorCategory, Raise, Text, TypeId, Value, convert, members, statics};

pub(crate) static SPEC: CommandSpec = CommandSpec::new(
    "New-Object",
    "Microsoft.PowerShell.Commands.NewObjectCommand",
    || Box::new(NewObject),
)
.default_set("Net")
.parameters(&[
    Parameter::new("TypeName", "string").in_sets(&[InSet::of("Net").position(0).mandatory()]),
    Parameter::new("ArgumentList", "object[]")
        .aliases(&["Args"])
        .in_sets(&[InSet::of("Net").position(1)]),
    Parameter::new("Property", "System.Collections.IDictionary"),
    Parameter::new("ComObject", "string").in_sets(&[InSet::of("Com").position(0).mandatory()]),
    Parameter::switch("Strict").in_sets(&[InSet::of("Com")]),
]);

struct NewObject;

impl Command for NewObject {
    fn end(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        if let Some(name) = cx.text("ComObject") {
            let message = format!(
                "Retrieving the COM class factory for component with CLSID {{{name}}} failed: there are no COM objects on this platform."
            );
            return Err(cx.fail(
                TypeId::PSNotSupportedException,
                message,
                "NoCOMClassIdentified",
                ErrorCategory::ResourceUnavailable,
                Value::String(name),
            ));
        }
        let name = cx.text("TypeName").unwrap_or_default();
        let Some(ty) = cx.machine.type_named(&name) else {
            let message = format!(
                "Cannot find type [{name}]: verify that the assembly containing this type is loaded."
            );
            return Err(cx.fail(
                TypeId::PSArgumentException,
                message,
                "TypeNotFound",
                ErrorCategory::InvalidType,
                Value::Null,
            ));
        };
        let arguments: Vec<Value> = match cx.get("ArgumentList") {
            Some(value) => elements_of(value).unwrap_or_else(|| vec![value.clone()]),
            None => Vec::new(),
        };
        let is_bag = ty.is(TypeId::PSObject) || ty.is(TypeId::PSCustomObject);
        let object = if is_bag && arguments.is_empty() {
            custom(
                Vec::<(Text, Value)>::new()
                    .into_iter()
                    .map(|(name, value)| (name.to_name(), value)),
            )
        } else {
            match statics::construct(&ty, &arguments, cx.machine) {
                Ok(object) => object,
                Err(Raise::Error(error)) => {
                    let exception = Value::Clr(error.exception.clone());
                    let record = cx.machine.command_error(
                        cx.stage,
                        exception,
                        "ConstructorInvokedThrowException",
                        ErrorCategory::InvalidOperation,
                        Value::Null,
                    );
                    return Err(Flow::record(record));
                }
                Err(flow) => return Err(flow.into()),
            }
        };
        if let Some(Value::Hash(table)) = cx.get("Property").map(Value::base).cloned() {
            for (key, value) in table.entries() {
                let name = convert::to_text(&key, cx.machine)?;
                if is_bag {
                    if let Some(extended) = object.extended() {
                        extended.members_mut().set_note(name.to_name(), value);
                    }
                    continue;
                }
                match members::set_property(&object, &name, &value, cx.machine) {
                    Ok(_) => {}
                    Err(raise @ Raise::Error(_)) => {
                        let message = format!(
                            "The value supplied is not valid, or the property is read-only. Change the value, and then try again.\n{}",
                            raise.message()
                        );
                        cx.error(
                            TypeId::InvalidOperationException,
                            message,
                            "SetValueException",
                            ErrorCategory::InvalidData,
                            Value::Null,
                        )?;
                    }
                    Err(flow) => return Err(flow.into()),
                }
            }
        }
        cx.write(object)
    }
}
