//! Values of the wire as text that is equal when the values are, whatever their labels and the order in hashtables.

use psrp_codec::{Content, Member, Object, Value};

pub(crate) fn canonical(value: &Value) -> String {
    match value {
        Value::Object(object) => of_object(object),
        Value::Reference(_) => "Ref".to_owned(),
        Value::Double(number) => format!("Double({number:?})"),
        Value::Single(number) => format!("Single({number:?})"),
        Value::String(text) => format!("String({:?})", text.to_string_lossy()),
        other => format!("{other:?}"),
    }
}

fn of_object(object: &Object) -> String {
    // Of what Get-Content reads only the content counts, not the notes that say where it is from.
    let is_read = object.extended.iter().flatten().any(|member| {
        matches!(member, Member::Property(property) if property.name.to_string_lossy() == "PSPath")
    });
    if is_read
        && object.type_names.is_none()
        && let Some(Content::Value(value)) = &object.content
    {
        return canonical(value);
    }
    let mut text = String::from("{");
    if let Some(names) = &object.type_names {
        let names: Vec<String> = names
            .iter()
            .map(|name| name.to_string_lossy().into_owned())
            .collect();
        text.push_str(&format!("TN {names:?} "));
    }
    if let Some(shown) = &object.to_string {
        text.push_str(&format!("ToString {:?} ", shown.to_string_lossy()));
    }
    match &object.content {
        Some(Content::Value(value)) => text.push_str(&canonical(value)),
        Some(Content::Items(kind, items)) => {
            let items: Vec<String> = items.iter().map(canonical).collect();
            text.push_str(&format!("{kind:?} [{}]", items.join(", ")));
        }
        Some(Content::Dictionary(entries)) => {
            let mut entries: Vec<String> = entries
                .iter()
                .map(|(key, value)| format!("{} = {}", canonical(key), canonical(value)))
                .collect();
            if !object.is("System.Collections.Specialized.OrderedDictionary") {
                entries.sort();
            }
            text.push_str(&format!("Dictionary [{}]", entries.join(", ")));
        }
        None => {}
    }
    for property in object.adapted.iter().flatten() {
        text.push_str(&format!(
            " .{} = {}",
            property.name.to_string_lossy(),
            canonical(&property.value)
        ));
    }
    for member in object.extended.iter().flatten() {
        text.push_str(&of_member(member));
    }
    text.push('}');
    text
}

fn of_member(member: &Member) -> String {
    match member {
        Member::Property(property) => format!(
            " +{} = {}",
            property.name.to_string_lossy(),
            canonical(&property.value)
        ),
        Member::Set(name, members) => format!(
            " +{} {{{}}}",
            name.to_string_lossy(),
            members.iter().map(of_member).collect::<String>()
        ),
    }
}
