//! Changes to an object that a script makes.

use psrp_codec::{Content, Member, Object, Property, PsString, TypeNames, Value};

/// Puts a type name before the others.
pub(super) fn insert_type(object: &mut Object, name: &PsString) {
    let own = object
        .type_names
        .iter()
        .flat_map(|names| names.iter().cloned());
    let names: Vec<_> = std::iter::once(name.clone()).chain(own).collect();
    object.type_names = Some(TypeNames::of(names));
}

/// Adds a property, or gives it another value.
pub(super) fn set_member(object: &mut Object, name: &PsString, value: Value) {
    let members = object.extended.get_or_insert_default();
    for member in members.iter_mut() {
        if let Member::Property(property) = member
            && property.name == *name
        {
            property.value = value;
            return;
        }
    }
    members.push(Member::Property(Property {
        name: name.clone(),
        value,
    }));
}

/// `object.part = value`, `object[part] = value`
pub(super) fn set(object: &mut Object, part: Value, value: Value) -> Option<()> {
    let sorted = object.type_names.as_ref()?.iter().any(|name| {
        name.as_str()
            .is_some_and(|name| name.starts_with("System.Collections.") && name.contains(".Sorted"))
    });
    let own = object.adapted.iter_mut().flatten();
    if let Some(property) = own.into_iter().find(|own| part == own.name.clone().into()) {
        property.value = value;
        return Some(());
    }
    match &mut object.content {
        None => set_member(object, part.as_string()?, value),
        Some(Content::Items(_, items)) => {
            *items.get_mut(usize::try_from(part.as_i32()?).ok()?)? = value;
        }
        Some(Content::Dictionary(entries)) => {
            match entries.iter_mut().find(|(key, _)| *key == part) {
                Some((_, place)) => *place = value,
                None => entries.push((part, value)),
            }
            if sorted {
                entries.sort_by_key(|(key, _)| {
                    key.as_string()
                        .map(|key| key.to_string_lossy().into_owned())
                });
            }
        }
        Some(Content::Value(_)) => return None,
    }
    Some(())
}
