//! What commands tell of their parameters: the objects behind `(Get-Command x).Parameters` and `-Syntax`.

use std::sync::Arc;

use super::net_object::NetObject;
use super::{CommandContext, Registry};
use crate::eval::{CommandMeta, Resolved, Run};
use crate::value::{HashKind, Hashtable, List, ListKind, Text, TypeId, TypeRef, Value};

/// The parameters that every advanced command has.
const COMMON: &[(&str, TypeId, &[&str])] = &[
    ("Verbose", TypeId::SwitchParameter, &["vb"]),
    ("Debug", TypeId::SwitchParameter, &["db"]),
    ("ErrorAction", TypeId::ActionPreference, &["ea"]),
    ("WarningAction", TypeId::ActionPreference, &["wa"]),
    ("InformationAction", TypeId::ActionPreference, &["infa"]),
    ("ProgressAction", TypeId::ActionPreference, &["proga"]),
    ("ErrorVariable", TypeId::String, &["ev"]),
    ("WarningVariable", TypeId::String, &["wv"]),
    ("InformationVariable", TypeId::String, &["iv"]),
    ("OutVariable", TypeId::String, &["ov"]),
    ("OutBuffer", TypeId::Int32, &["ob"]),
    ("PipelineVariable", TypeId::String, &["pv"]),
];

/// What the binder knows of a command; works out a function's attributes if nobody did yet.
pub(crate) fn meta_of(
    cx: &mut CommandContext<'_, '_>,
    resolved: &Resolved,
) -> Run<Option<Arc<CommandMeta>>> {
    match resolved {
        Resolved::Cmdlet(spec) => Ok(Some(Registry::global().meta(spec))),
        Resolved::Function(function) => cx.machine.meta_of(&function.block).map(Some),
        Resolved::Block(code) => cx.machine.meta_of(&code.block).map(Some),
        Resolved::Native(_) | Resolved::Values(_) => Ok(None),
    }
}

/// A property of a `CommandInfo` that stands on the parameters; `None` if it has no such property.
pub(crate) fn property(resolved: &Resolved, name: &str) -> Option<Value> {
    let meta = match resolved {
        Resolved::Cmdlet(spec) => Some(Registry::global().meta(spec)),
        Resolved::Function(function) => function.block.meta.get().cloned(),
        Resolved::Block(code) => code.block.meta.get().cloned(),
        Resolved::Native(_) | Resolved::Values(_) => None,
    };
    let split = || match resolved {
        Resolved::Cmdlet(spec) => spec.name.split_once('-'),
        Resolved::Function(function) => function.name.split_once('-'),
        _ => None,
    };
    Some(match name.to_ascii_lowercase().as_str() {
        "parameters" => match meta {
            Some(meta) => parameters(&meta),
            None => Value::Null,
        },
        "parametersets" => match meta {
            Some(meta) => parameter_sets(&meta),
            None => Value::Null,
        },
        "verb" => split().map_or_else(|| "".into(), |(verb, _)| Value::from(verb)),
        "noun" => split().map_or_else(|| "".into(), |(_, noun)| Value::from(noun)),
        "cmdletbinding" => Value::Bool(meta.is_some_and(|meta| meta.advanced)),
        "defaultparameterset" => match meta {
            Some(meta) => meta
                .default_set
                .and_then(|set| meta.sets.get(set))
                .map_or(Value::Null, |name| Value::String(name.clone())),
            None => Value::Null,
        },
        "outputtype" => {
            let names: &[&str] = if let Resolved::Cmdlet(spec) = resolved {
                spec.output_types
            } else {
                &[]
            };
            let types = names.iter().map(|name| {
                let ty = TypeRef::find(name).map_or(Value::Null, Value::Type);
                NetObject::new(
                    "System.Management.Automation.PSTypeName",
                    vec![("Name", Value::from(*name)), ("Type", ty)],
                )
                .with_text(*name)
                .into_value()
            });
            Value::array(types.collect())
        }
        "implementingtype" => match resolved {
            Resolved::Cmdlet(spec) => Value::from(spec.class),
            _ => return None,
        },
        "helpuri" => "".into(),
        "pssnapin" | "module" => Value::Null,
        "visibility" => Value::enumeration(
            "System.Management.Automation.SessionStateEntryVisibility",
            0,
        )
        .unwrap_or_default(),
        "remotingcapability" => {
            Value::enumeration("System.Management.Automation.RemotingCapability", 1)
                .unwrap_or_default()
        }
        _ => return None,
    })
}

/// `Parameters`: a dictionary of ParameterMetadata by name.
fn parameters(meta: &CommandMeta) -> Value {
    let kind = HashKind::Generic {
        definition: TypeId::GenericDictionary,
        key: TypeRef::of(TypeId::String),
        value: TypeRef::of(TypeId::Object),
    };
    let table = Hashtable::of_kind(kind, true);
    for parameter in &meta.parameters {
        let ty = parameter
            .ty
            .clone()
            .unwrap_or_else(|| TypeRef::of(TypeId::Object));
        table.insert(
            Value::String(parameter.name.clone()),
            metadata(&parameter.name, ty, &parameter.aliases),
        );
    }
    if meta.advanced {
        for (name, ty, aliases) in COMMON {
            let aliases: Vec<Text> = aliases.iter().map(|alias| Text::from(*alias)).collect();
            table.insert(
                Value::from(*name),
                metadata(name, TypeRef::of(*ty), &aliases),
            );
        }
        if meta.should_process {
            table.insert(
                "WhatIf".into(),
                metadata(
                    "WhatIf",
                    TypeRef::of(TypeId::SwitchParameter),
                    &["wi".into()],
                ),
            );
            table.insert(
                "Confirm".into(),
                metadata(
                    "Confirm",
                    TypeRef::of(TypeId::SwitchParameter),
                    &["cf".into()],
                ),
            );
        }
    }
    Value::Hash(Arc::new(table))
}

fn metadata(name: &str, ty: TypeRef, aliases: &[Text]) -> Value {
    let is_switch = ty.is(TypeId::SwitchParameter);
    let collection = |items: Vec<Value>, element: TypeId| {
        Value::List(Arc::new(List::new(
            ListKind::Collection(TypeRef::of(element)),
            items,
        )))
    };
    let properties = vec![
        ("Name", Value::from(name)),
        ("ParameterType", Value::Type(ty)),
        ("ParameterSets", Value::Hash(Arc::new(Hashtable::new()))),
        ("IsDynamic", Value::Bool(false)),
        (
            "Aliases",
            collection(
                aliases.iter().cloned().map(Value::String).collect(),
                TypeId::String,
            ),
        ),
        ("Attributes", collection(Vec::new(), TypeId::Attribute)),
        ("SwitchParameter", Value::Bool(is_switch)),
    ];
    NetObject::new("System.Management.Automation.ParameterMetadata", properties).into_value()
}

/// `ParameterSets`: one CommandParameterSetInfo a set.
fn parameter_sets(meta: &CommandMeta) -> Value {
    let names: Vec<Text> = if meta.sets.is_empty() {
        vec!["__AllParameterSets".into()]
    } else {
        meta.sets.clone()
    };
    let sets = names.iter().enumerate().map(|(index, name)| {
        let mask = if meta.sets.is_empty() {
            u64::MAX
        } else {
            1 << index.min(63)
        };
        let is_default = meta.default_set == Some(index);
        let parameters: Vec<Value> = meta
            .parameters
            .iter()
            .filter_map(|parameter| {
                let within = parameter.within(mask).next()?;
                let properties = vec![
                    ("Name", Value::String(parameter.name.clone())),
                    (
                        "ParameterType",
                        Value::Type(
                            parameter
                                .ty
                                .clone()
                                .unwrap_or_else(|| TypeRef::of(TypeId::Object)),
                        ),
                    ),
                    ("IsMandatory", Value::Bool(within.mandatory)),
                    ("IsDynamic", Value::Bool(false)),
                    (
                        "Position",
                        Value::Int32(within.position.unwrap_or(i32::MIN)),
                    ),
                    ("ValueFromPipeline", Value::Bool(within.pipeline)),
                    (
                        "ValueFromPipelineByPropertyName",
                        Value::Bool(within.by_property),
                    ),
                    ("ValueFromRemainingArguments", Value::Bool(within.remaining)),
                    ("HelpMessage", "".into()),
                    ("Aliases", Value::strings(parameter.aliases.iter().cloned())),
                    ("Attributes", Value::array(Vec::new())),
                ];
                Some(
                    NetObject::new(
                        "System.Management.Automation.CommandParameterInfo",
                        properties,
                    )
                    .into_value(),
                )
            })
            .collect();
        let text = set_syntax(meta, mask);
        let properties = vec![
            ("Name", Value::String(name.clone())),
            ("IsDefault", Value::Bool(is_default)),
            ("Parameters", Value::array(parameters)),
        ];
        NetObject::new(
            "System.Management.Automation.CommandParameterSetInfo",
            properties,
        )
        .with_text(text)
        .into_value()
    });
    Value::array(sets.collect())
}

/// What `-Syntax` shows: a line for each set.
pub(crate) fn syntax(name: &str, meta: &CommandMeta) -> String {
    let count = meta.sets.len().max(1);
    let mut text = String::new();
    for index in 0..count {
        let mask = if meta.sets.is_empty() {
            u64::MAX
        } else {
            1 << index.min(63)
        };
        text.push('\n');
        text.push_str(name);
        let set = set_syntax(meta, mask);
        if !set.is_empty() {
            text.push(' ');
            text.push_str(&set);
        }
        text.push('\n');
    }
    text
}

fn set_syntax(meta: &CommandMeta, mask: u64) -> String {
    let mut parts: Vec<(i32, String)> = Vec::new();
    for parameter in &meta.parameters {
        let Some(within) = parameter.within(mask).next() else {
            continue;
        };
        let ty = parameter
            .ty
            .as_ref()
            .map_or_else(|| Text::from("Object"), |ty| ty.short_name());
        let name = match within.position {
            Some(_) => format!("[-{}]", parameter.name),
            None => format!("-{}", parameter.name),
        };
        let shown = match (parameter.is_switch, within.mandatory) {
            (true, true) => format!("-{}", parameter.name),
            (true, false) => format!("[-{}]", parameter.name),
            (false, true) => format!("{name} <{ty}>"),
            (false, false) => format!("[{name} <{ty}>]"),
        };
        parts.push((within.position.unwrap_or(i32::MAX), shown));
    }
    parts.sort_by_key(|(position, _)| *position);
    let mut parts: Vec<String> = parts.into_iter().map(|(_, shown)| shown).collect();
    if meta.should_process {
        parts.push("[-WhatIf]".to_owned());
        parts.push("[-Confirm]".to_owned());
    }
    if meta.advanced {
        parts.push("[<CommonParameters>]".to_owned());
    }
    parts.join(" ")
}
