//! Group-Object.

use std::cmp::Ordering;
use std::sync::Arc;

use super::net_object::NetObject;
use super::object::text_of;
use super::ordering::{Entry, KeyOrder};
use super::property_expression::PropertyExpression;
use super::{Command, CommandContext, CommandSpec, InSet, Parameter};
use crate::eval::Run;
use crate::value::{
    ErrorCategory, HashKind, Hashtable, List, ListKind, Text, TypeId, TypeRef, Value,
};

pub(crate) static SPEC: CommandSpec = CommandSpec::new(
    "Group-Object",
    "Microsoft.PowerShell.Commands.GroupObjectCommand",
    || Box::new(GroupObject::default()),
)
.output_types(&[
    "System.Collections.Hashtable",
    "Microsoft.PowerShell.Commands.GroupInfo",
])
.parameters(&[
    Parameter::switch("NoElement"),
    Parameter::switch("AsHashTable")
        .aliases(&["AHT"])
        .in_sets(&[InSet::of("HashTable")]),
    Parameter::switch("AsString").in_sets(&[InSet::of("HashTable")]),
    Parameter::new("InputObject", "object").pipeline(),
    Parameter::new("Culture", "string"),
    Parameter::switch("CaseSensitive"),
    Parameter::new("Property", "object[]").position(0),
]);

#[derive(Default)]
struct GroupObject {
    properties: Vec<PropertyExpression>,
    order: KeyOrder,
    entries: Vec<Entry>,
}

struct Group {
    first: Entry,
    objects: Vec<Value>,
}

impl Command for GroupObject {
    fn begin(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let arguments = cx.items("Property");
        self.properties = PropertyExpression::read(cx, &arguments, &["Expression"])?;
        self.order.case_sensitive = cx.is_set("CaseSensitive");
        if cx.is_set("AsString") && !cx.is_set("AsHashTable") {
            let message = "The AsString parameter requires the AsHashTable parameter.";
            return Err(cx.fail(
                TypeId::ArgumentException,
                message,
                "ArgumentException",
                ErrorCategory::InvalidArgument,
                Value::Null,
            ));
        }
        Ok(())
    }

    fn process(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        Entry::collect(cx, &self.properties, &mut self.entries)
    }

    fn end(&mut self, cx: &mut CommandContext<'_, '_>) -> Run {
        let entries = std::mem::take(&mut self.entries);
        if entries.is_empty() {
            return Ok(());
        }
        let groups = self.groups(cx, entries)?;
        if cx.is_set("AsHashTable") {
            return self.write_table(cx, groups);
        }
        let bare = cx.is_set("NoElement");
        for group in groups {
            cx.checkpoint()?;
            let keys: Vec<Value> = group
                .first
                .keys
                .into_iter()
                .map(Option::unwrap_or_default)
                .collect();
            let name = name_of(cx, &keys)?;
            let count = i32::try_from(group.objects.len()).unwrap_or(i32::MAX);
            let type_name = if bare {
                "Microsoft.PowerShell.Commands.GroupInfoNoElement"
            } else {
                "Microsoft.PowerShell.Commands.GroupInfo"
            };
            let members = collection(if bare { Vec::new() } else { group.objects });
            let properties = vec![
                ("Values", Value::array_list(keys)),
                ("Count", Value::Int32(count)),
                ("Group", members),
                ("Name", Value::String(name)),
            ];
            cx.write(NetObject::new(type_name, properties).into_value())?;
        }
        Ok(())
    }
}

impl GroupObject {
    /// Entries with equal keys together. Keys of one type come in their order, others as they first appear.
    fn groups(&self, cx: &mut CommandContext<'_, '_>, mut entries: Vec<Entry>) -> Run<Vec<Group>> {
        let kind = |entry: &Entry| -> Vec<Option<TypeRef>> {
            entry
                .keys
                .iter()
                .map(|key| key.as_ref().and_then(|key| key.base().type_ref()))
                .collect()
        };
        let first = entries.first().map(kind);
        let alike = entries.iter().all(|entry| {
            let types = kind(entry);
            first.as_ref().is_some_and(|first| {
                first
                    .iter()
                    .zip(&types)
                    .all(|(a, b)| a == b || a.is_none() || b.is_none())
            })
        });
        let mut groups: Vec<Group> = Vec::new();
        if alike {
            self.order.sort_stable(cx, &mut entries)?;
            for entry in entries {
                match groups.last_mut() {
                    Some(group)
                        if self.order.compare(cx, &group.first, &entry)? == Ordering::Equal =>
                    {
                        group.objects.push(entry.object)
                    }
                    _ => groups.push(Group {
                        objects: vec![entry.object.clone()],
                        first: entry,
                    }),
                }
            }
            return Ok(groups);
        }
        'entries: for entry in entries {
            for group in &mut groups {
                if self.order.compare(cx, &group.first, &entry)? == Ordering::Equal {
                    group.objects.push(entry.object);
                    continue 'entries;
                }
            }
            groups.push(Group {
                objects: vec![entry.object.clone()],
                first: entry,
            });
        }
        Ok(groups)
    }

    fn write_table(&self, cx: &mut CommandContext<'_, '_>, groups: Vec<Group>) -> Run {
        let table = Hashtable::of_kind(HashKind::Hashtable, !self.order.case_sensitive);
        for group in groups {
            let keys: Vec<Value> = group
                .first
                .keys
                .into_iter()
                .map(Option::unwrap_or_default)
                .collect();
            let key = if cx.is_set("AsString") {
                Value::String(name_of(cx, &keys)?)
            } else {
                match <[Value; 1]>::try_from(keys) {
                    Ok([key]) => key.base().clone(),
                    Err(keys) => Value::array_list(keys),
                }
            };
            if key.is_null() {
                let message = "Key cannot be null. (Parameter 'key')";
                return Err(cx.fail(
                    TypeId::ArgumentNullException,
                    message,
                    "System.ArgumentNullException",
                    ErrorCategory::NotSpecified,
                    Value::Null,
                ));
            }
            if table.contains(&key) {
                let text = text_of(&key, cx.machine)?;
                let message = format!(
                    "The objects grouped by this property cannot be expanded because there is a key duplication. Provide a valid value for the property, and then try again. Duplicate key: {text}"
                );
                return Err(cx.fail(
                    TypeId::ArgumentException,
                    message,
                    "Cannot expand",
                    ErrorCategory::InvalidArgument,
                    key,
                ));
            }
            table.insert(key, collection(group.objects));
        }
        cx.write(Value::Hash(Arc::new(table)))
    }
}

fn name_of(cx: &mut CommandContext<'_, '_>, keys: &[Value]) -> Run<Text> {
    let mut texts = Vec::with_capacity(keys.len());
    for key in keys {
        let text = match key.base() {
            // As `ToString()` with the session's culture gives it.
            Value::DateTime(date) => crate::value::date::format_date_time(
                *date,
                None,
                "G",
                crate::value::date::DateCulture::EnUs,
            )
            .map(Text::from),
            _ => None,
        };
        texts.push(match text {
            Some(text) => text,
            None => text_of(key, cx.machine)?,
        });
    }
    // A missing last value leaves no comma behind.
    while texts.len() > 1 && texts.last().is_some_and(|text| text.is_empty()) {
        texts.pop();
    }
    let texts: Vec<&str> = texts.iter().map(Text::as_str).collect();
    Ok(texts.join(", ").into())
}

fn collection(items: Vec<Value>) -> Value {
    Value::List(Arc::new(List::new(
        ListKind::Collection(TypeRef::of(TypeId::PSObject)),
        items,
    )))
}
