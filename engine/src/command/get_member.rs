//! Get-Member.

use super::net_object::NetObject;
use super::object::{self, PropertyKind, text_of};
use super::{Command, CommandContext, CommandSpec, Parameter};
use crate::eval::Run;
use crate::value::pattern::Wildcard;
use crate::value::{
    ErrorCategory, Member, Text, TypeId, TypeRef, Value, compare_folded, equal_folded, members,
};

pub(crate) static SPEC: CommandSpec = CommandSpec::new(
    "Get-Member",
    "Microsoft.PowerShell.Commands.GetMemberCommand",
    || Box::new(GetMember::default()),
)
.output_types(&["Microsoft.PowerShell.Commands.MemberDefinition"])
.parameters(&[
    Parameter::new("InputObject", "object").pipeline(),
    Parameter::new("Name", "string[]").position(0),
    Parameter::new("MemberType", "System.Management.Automation.PSMemberTypes").aliases(&["Type"]),
    Parameter::new("View", "string"),
    Parameter::switch("Static"),
    Parameter::switch("Force"),
]);

#[derive(Default)]
struct GetMember {
    seen: Vec<Text>,
}

struct Row {
    name: Text,
    kind: &'static str,
    definition: String,
}

impl Command for GetMember {
    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let object = cx.value("InputObject");
        if object.is_null() {
            return Ok(());
        }
        let type_name = match (cx.is_set("Static"), object.base()) {
            (true, Value::Type(ty)) => ty.full_name(),
            _ => object::type_names(&object)
                .into_iter()
                .next()
                .unwrap_or_default(),
        };
        if self.seen.iter().any(|seen| equal_folded(seen, &type_name)) {
            return Ok(());
        }
        self.seen.push(type_name.clone());
        let mut rows = if cx.is_set("Static") {
            Vec::new()
        } else {
            rows(cx, &object)?
        };
        rows.sort_by(|a, b| {
            a.kind
                .cmp(b.kind)
                .then_with(|| compare_folded(&a.name, &b.name))
        });
        let patterns: Vec<Wildcard> = cx
            .texts("Name")
            .iter()
            .filter_map(|name| Wildcard::new(name, true))
            .collect();
        let wanted = cx.integer("MemberType");
        let mut written = false;
        for row in rows {
            cx.checkpoint()?;
            let bits = bits_of(row.kind);
            if wanted.is_some_and(|wanted| wanted & bits == 0)
                || !(patterns.is_empty()
                    || patterns.iter().any(|pattern| pattern.is_match(&row.name)))
            {
                continue;
            }
            written = true;
            let properties = vec![
                ("TypeName", Value::String(type_name.clone())),
                ("Name", Value::String(row.name)),
                (
                    "MemberType",
                    Value::enumeration("System.Management.Automation.PSMemberTypes", bits)
                        .unwrap_or_default(),
                ),
                ("Definition", Value::from(row.definition.as_str())),
            ];
            cx.write(
                NetObject::new("Microsoft.PowerShell.Commands.MemberDefinition", properties)
                    .with_text(row.definition)
                    .into_value(),
            )?;
        }
        if !written {
            for name in cx.texts("Name") {
                if !Wildcard::has_wildcards(&name) {
                    let message = format!("Name: {name}");
                    cx.verbose(message)?;
                }
            }
        }
        Ok(())
    }

    fn end(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        if self.seen.is_empty() {
            let message = "You must specify an object for the Get-Member cmdlet.";
            return cx.error(
                TypeId::InvalidOperationException,
                message,
                "NoObjectInGetMember",
                ErrorCategory::CloseError,
                Value::Null,
            );
        }
        Ok(())
    }
}

/// `PSMemberTypes` by name.
fn bits_of(kind: &str) -> i64 {
    match kind {
        "AliasProperty" => 1,
        "Property" => 4,
        "NoteProperty" => 8,
        "ScriptProperty" => 16,
        "PropertySet" => 32,
        "Method" => 64,
        "ScriptMethod" => 256,
        "ParameterizedProperty" => 512,
        "MemberSet" => 1024,
        _ => 0,
    }
}

fn rows(cx: &mut CommandContext<'_, '_>, object: &Value) -> Run<Vec<Row>> {
    let mut rows = Vec::new();
    for entry in object::properties(object) {
        let definition = match entry.kind {
            PropertyKind::Note => {
                let value = object::property_or_null(object, &entry.name, cx.machine)?;
                let ty = value
                    .base()
                    .type_ref()
                    .map_or_else(|| Text::from("object"), |ty| ty.short_name());
                let text = if value.is_null() {
                    "null".into()
                } else {
                    text_of(&value, cx.machine)?
                };
                format!("{ty} {}={text}", entry.name)
            }
            PropertyKind::Alias => format!("{} = {}", entry.name, entry.type_name),
            PropertyKind::Script => script_definition(object, &entry.name),
            PropertyKind::Property => {
                let ty = TypeRef::find(&entry.type_name)
                    .map_or(entry.type_name.clone(), |ty| ty.short_name());
                format!(
                    "{ty} {} {}",
                    entry.name,
                    if entry.settable {
                        "{get;set;}"
                    } else {
                        "{get;}"
                    }
                )
            }
        };
        rows.push(Row {
            name: entry.name,
            kind: entry.kind.name(),
            definition,
        });
    }
    if let Some(extended) = object.extended()
        && let Some(own) = extended.members()
    {
        for (name, member) in own.iter() {
            match member {
                Member::Method(_) => rows.push(Row {
                    name: name.as_str().into(),
                    kind: "ScriptMethod",
                    definition: format!("System.Object {}();", name.as_str()),
                }),
                Member::PropertySet(names) => {
                    let names: Vec<&str> = names.iter().map(Text::as_str).collect();
                    rows.push(Row {
                        name: name.as_str().into(),
                        kind: "PropertySet",
                        definition: format!("{} {{{}}}", name.as_str(), names.join(", ")),
                    });
                }
                _ => {}
            }
        }
    }
    for name in members::method_names(object.base()) {
        push_method(&mut rows, name);
    }
    for name in ["Equals", "GetHashCode", "GetType", "ToString"] {
        push_method(&mut rows, name);
    }
    Ok(rows)
}

fn push_method(rows: &mut Vec<Row>, name: &str) {
    if rows.iter().any(|row| equal_folded(&row.name, name)) {
        return;
    }
    let definition = match name {
        "Equals" => "bool Equals(System.Object obj)".to_owned(),
        "GetHashCode" => "int GetHashCode()".to_owned(),
        "GetType" => "type GetType()".to_owned(),
        "ToString" => "string ToString()".to_owned(),
        other => format!("System.Object {other}()"),
    };
    rows.push(Row {
        name: name.into(),
        kind: "Method",
        definition,
    });
}

fn script_definition(object: &Value, name: &str) -> String {
    match object.extended().and_then(|extended| extended.member(name)) {
        Some(Member::Script { getter, setter }) => {
            let get = getter.map_or_else(String::new, |block| format!("get={};", block.text()));
            let set = setter.map_or_else(String::new, |block| format!("set={};", block.text()));
            format!("System.Object {name} {{{get}{set}}}")
        }
        _ => format!("System.Object {name} {{get=...;}}"),
    }
}
