//! What PowerShell makes of a value between reading it and writing it again: its recordings show
//! what was read only in this form.

use psrp_codec::{
    ContainerKind, Content, DateTime, DateTimeKind, Member, Object, Property, PsString, TypeNames,
    Value,
};

/// `value` as a PowerShell in the zone of Greenwich would send it on.
pub(crate) fn forwarded(value: &Value) -> Value {
    match value {
        Value::ScriptBlock(text) => Value::String(text.clone()),
        Value::DateTime(time) => Value::DateTime(in_greenwich(*time)),
        Value::Object(object) => {
            let mut object = forwarded_object(object);
            let bare = object.type_names.is_none()
                && object.to_string.is_none()
                && object.extended.is_none();
            match object.content.take() {
                // Nothing is left of the object around the primitive value.
                Some(Content::Value(value)) if bare && !matches!(value, Value::Object(_)) => value,
                content => {
                    object.content = content;
                    object.into()
                }
            }
        }
        other => other.clone(),
    }
}

/// A time with an offset is turned into the reader's zone, as far as there are years.
fn in_greenwich(time: DateTime) -> DateTime {
    let DateTimeKind::Local { offset_minutes } = time.kind() else {
        return time;
    };
    let ticks = time.ticks() - i64::from(offset_minutes) * 600_000_000;
    let ticks = ticks.clamp(0, DateTime::MAX_TICKS);
    DateTime::new(ticks, DateTimeKind::Local { offset_minutes: 0 }).unwrap_or(time)
}

fn forwarded_object(object: &Object) -> Object {
    let mut out = Object::bag();
    out.ref_id = object.ref_id;
    out.to_string = object.to_string.clone();
    out.content = object.content.as_ref().map(|content| match content {
        Content::Value(value) => Content::Value(forwarded(value)),
        Content::Items(kind, items) => {
            let kind = if *kind == ContainerKind::Enumerable {
                ContainerKind::List
            } else {
                *kind
            };
            Content::Items(kind, items.iter().map(forwarded).collect())
        }
        Content::Dictionary(entries) => Content::Dictionary(
            entries
                .iter()
                .map(|(key, value)| (forwarded(key), forwarded(value)))
                .collect(),
        ),
    });
    let is_primitive = matches!(&out.content, Some(Content::Value(_)));
    out.type_names = match &object.type_names {
        Some(names) if names.is_empty() => None,
        Some(names) => Some(deserialized(names)),
        None => own_names(out.content.as_ref()),
    };
    if matches!(
        &out.content,
        Some(Content::Items(..) | Content::Dictionary(_))
    ) {
        out.to_string = None;
    }
    if !is_primitive {
        let properties = object.adapted.iter().flatten().map(|property| Property {
            name: property.name.clone(),
            value: forwarded(&property.value),
        });
        out.adapted = Some(last_of_each(properties.map(Member::Property).collect()))
            .filter(|properties| !properties.is_empty())
            .map(|members| {
                members
                    .into_iter()
                    .filter_map(|member| match member {
                        Member::Property(property) => Some(property),
                        Member::Set(..) => None,
                    })
                    .collect()
            });
    }
    out.extended = object
        .extended
        .as_ref()
        .map(|members| forwarded_members(members, 0))
        .filter(|members| !members.is_empty());
    out
}

/// A hash table has no order; one of its own makes it comparable.
fn sorted(mut entries: Vec<(Value, Value)>) -> Vec<(Value, Value)> {
    entries.sort_by_cached_key(|(key, _)| format!("{key:?}"));
    entries
}

/// `value` with the entries of all its dictionaries in an order of their own.
pub(crate) fn with_sorted_entries(value: &mut Value) {
    let Value::Object(object) = value else { return };
    match &mut object.content {
        Some(Content::Value(value)) => with_sorted_entries(value),
        Some(Content::Items(_, items)) => items.iter_mut().for_each(with_sorted_entries),
        Some(Content::Dictionary(entries)) => {
            entries
                .iter_mut()
                .for_each(|(_, value)| with_sorted_entries(value));
            *entries = sorted(std::mem::take(entries));
        }
        None => {}
    }
    object.extended.iter_mut().flatten().for_each(|member| {
        if let Member::Property(property) = member {
            with_sorted_entries(&mut property.value);
        }
    });
}

fn forwarded_members(members: &[Member], depth: usize) -> Vec<Member> {
    let members = members.iter().map(|member| match member {
        Member::Property(property) => Member::Property(Property {
            name: property.name.clone(),
            value: forwarded(&property.value),
        }),
        // A set inside a set loses what is in it.
        Member::Set(name, _) if depth > 0 => Member::Set(name.clone(), Vec::new()),
        Member::Set(name, inner) => Member::Set(name.clone(), forwarded_members(inner, depth + 1)),
    });
    last_of_each(members.collect())
}

/// Of several members with one name the last counts.
fn last_of_each(members: Vec<Member>) -> Vec<Member> {
    let mut out: Vec<Member> = Vec::new();
    for member in members {
        let name = name_of(&member).to_string_lossy().into_owned();
        match out
            .iter_mut()
            .find(|known| name_of(known).eq_ignore_case(&name))
        {
            Some(known) => *known = member,
            None => out.push(member),
        }
    }
    out
}

fn name_of(member: &Member) -> &PsString {
    match member {
        Member::Property(property) => &property.name,
        Member::Set(name, _) => name,
    }
}

fn deserialized(names: &TypeNames) -> TypeNames {
    names
        .iter()
        .map(|name| {
            let text = name.to_string_lossy();
            let prefixed = text
                .get(..13)
                .is_some_and(|start| start.eq_ignore_ascii_case("Deserialized."));
            if prefixed {
                name.clone()
            } else {
                format!("Deserialized.{text}").into()
            }
        })
        .collect()
}

/// The type names of what is built where the sender gave none.
fn own_names(content: Option<&Content>) -> Option<TypeNames> {
    let name = match content {
        None => "System.Management.Automation.PSCustomObject",
        Some(Content::Value(_)) => return None,
        Some(Content::Items(ContainerKind::Stack, _)) => "System.Collections.Stack",
        Some(Content::Items(ContainerKind::Queue, _)) => "System.Collections.Queue",
        Some(Content::Items(..)) => "System.Collections.ArrayList",
        Some(Content::Dictionary(_)) => "System.Collections.Hashtable",
    };
    Some(TypeNames::of([name, "System.Object"]))
}
