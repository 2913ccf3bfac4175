//! Add-Member.

use std::sync::Arc;

use super::object::{self, extensible};
use super::{Command, CommandContext, CommandSpec, InSet, Parameter, Validate};
use crate::eval::Run;
use crate::value::{ErrorCategory, Member, Text, TypeId, TypeRef, Value, convert, equal_folded};

pub(crate) static SPEC: CommandSpec = CommandSpec::new(
    "Add-Member",
    "Microsoft.PowerShell.Commands.AddMemberCommand",
    || Box::new(AddMember),
)
.default_set("TypeNameSet")
.output_types(&["System.Object"])
.parameters(&[
    Parameter::new("InputObject", "object")
        .pipeline()
        .mandatory(),
    Parameter::new("MemberType", "System.Management.Automation.PSMemberTypes")
        .aliases(&["Type"])
        .in_sets(&[InSet::of("MemberSet").position(0).mandatory()]),
    Parameter::new("Name", "string").in_sets(&[InSet::of("MemberSet").position(1).mandatory()]),
    Parameter::new("Value", "object").in_sets(&[InSet::of("MemberSet").position(2)]),
    Parameter::new("SecondValue", "object").in_sets(&[InSet::of("MemberSet").position(3)]),
    Parameter::new("TypeName", "string").in_sets(&[
        InSet::of("TypeNameSet").mandatory(),
        InSet::of("MemberSet"),
        InSet::of("NotePropertySingleMemberSet"),
        InSet::of("NotePropertyMultiMemberSet"),
    ]),
    Parameter::switch("Force").in_sets(&[
        InSet::of("MemberSet"),
        InSet::of("NotePropertySingleMemberSet"),
        InSet::of("NotePropertyMultiMemberSet"),
    ]),
    Parameter::switch("PassThru"),
    Parameter::new("NotePropertyName", "string")
        .in_sets(&[InSet::of("NotePropertySingleMemberSet")
            .position(0)
            .mandatory()])
        .validate(&[Validate::NotNullOrEmpty]),
    Parameter::new("NotePropertyValue", "object")
        .in_sets(&[InSet::of("NotePropertySingleMemberSet")
            .position(1)
            .mandatory()])
        .validate(&[Validate::AllowNull]),
    Parameter::new("NotePropertyMembers", "System.Collections.IDictionary").in_sets(&[InSet::of(
        "NotePropertyMultiMemberSet",
    )
    .position(0)
    .mandatory()]),
]);

struct AddMember;

impl Command for AddMember {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let object = extensible(cx.value("InputObject"));
        if let Some(name) = cx.text("TypeName").filter(|name| !name.is_empty())
            && let Some(extended) = object.extended()
        {
            let mut names = vec![TypeRef::find(&name).map_or(name, |ty| ty.full_name())];
            names.extend(object::type_names(&object));
            extended.set_type_names(names);
        }
        let done = match cx.parameter_set() {
            "NotePropertySingleMemberSet" => {
                let (name, value) = (
                    cx.text("NotePropertyName").unwrap_or_default(),
                    cx.value("NotePropertyValue"),
                );
                add(cx, &object, name, Member::Note(value))?
            }
            "NotePropertyMultiMemberSet" => {
                let mut done = true;
                if let Value::Hash(table) = cx.value("NotePropertyMembers").base() {
                    for (key, value) in table.entries() {
                        let name = convert::to_text(&key, cx.machine)?;
                        done &= add(cx, &object, name, Member::Note(value))?;
                    }
                }
                done
            }
            "MemberSet" => {
                let name = cx.text("Name").unwrap_or_default();
                match member(cx)? {
                    Some(member) => add(cx, &object, name, member)?,
                    None => false,
                }
            }
            _ => true,
        };
        if done && cx.is_set("PassThru") {
            cx.write(object)
        } else {
            Ok(())
        }
    }
}

/// The member that `-MemberType` and the values describe.
fn member(cx: &mut CommandContext<'_, '_>) -> Run<Option<Member>> {
    let (value, second) = (cx.value("Value"), cx.value("SecondValue"));
    let block = |value: &Value| {
        if let Value::ScriptBlock(block) = value.base() {
            Some(Arc::clone(block))
        } else {
            None
        }
    };
    Ok(Some(match cx.integer("MemberType").unwrap_or(0) {
        1 => {
            let conversion = match &second {
                second if second.is_null() => None,
                Value::Type(ty) => Some(ty.clone()),
                other => {
                    let name = convert::to_text(other, cx.machine)?;
                    cx.machine.type_named(&name)
                }
            };
            Member::Alias {
                target: convert::to_text(&value, cx.machine)?,
                conversion,
            }
        }
        8 => Member::Note(value),
        16 => Member::Script {
            getter: block(&value),
            setter: block(&second),
        },
        256 => match block(&value) {
            Some(block) => Member::Method(block),
            None => {
                let message = "The Value parameter is necessary only for a member type of \"ScriptMethod\". Specify the Value parameter when you add members of type \"ScriptMethod\".";
                cx.error(
                    TypeId::InvalidOperationException,
                    message,
                    "Value1ShouldBeScriptBlock",
                    ErrorCategory::InvalidOperation,
                    value,
                )?;
                return Ok(None);
            }
        },
        32 => {
            let names = convert::elements_of(&value).unwrap_or_else(|| vec![value.clone()]);
            Member::PropertySet(
                names
                    .iter()
                    .map(convert::invariant_text)
                    .collect::<Vec<Text>>(),
            )
        }
        1024 => Member::MemberSet(Box::default()),
        _ => {
            let message = "The member type is not valid. Members of this type cannot be added.";
            cx.error(
                TypeId::InvalidOperationException,
                message,
                "CannotAddMemberType",
                ErrorCategory::InvalidOperation,
                value,
            )?;
            return Ok(None);
        }
    }))
}

/// Adds a member; false if that was refused.
fn add(cx: &mut CommandContext<'_, '_>, object: &Value, name: Text, member: Member) -> Run<bool> {
    let exists = object::properties(object)
        .iter()
        .any(|own| equal_folded(&own.name, &name))
        || object
            .extended()
            .is_some_and(|extended| extended.member(&name).is_some());
    if exists && !cx.is_set("Force") {
        let message = format!(
            "Cannot add a member with the name \"{name}\" because a member with that name already exists. To overwrite the member anyway, add the Force parameter to your command."
        );
        cx.error(
            TypeId::InvalidOperationException,
            message,
            "MemberAlreadyExists",
            ErrorCategory::InvalidOperation,
            object.clone(),
        )?;
        return Ok(false);
    }
    if let Some(extended) = object.extended() {
        let old = extended.members_mut().insert(name.to_name(), member);
        drop(old);
    }
    Ok(true)
}
