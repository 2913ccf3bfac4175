//! Values that are built and not read: from the PowerShell source of what was written, as far as
//! that writes values down.

mod class;
mod command;
mod convert;
mod depth;
mod dotnet;
mod evaluate;
mod exception;
mod literal;
mod members;
mod object;
mod record;
mod source;
mod statement;
mod thrown;
mod type_data;
mod xml;

use std::collections::HashSet;

use bytes::BytesMut;
use psrp_codec::clixml::{self, Document, WriteOptions};
use psrp_codec::{Content, Member, RefId, TypeNames, Value};

use super::messages::same_bytes;
use super::pwsh_clixml::Case;

/// Whether the value that `case` makes is written as PowerShell wrote it; `None` where it takes a
/// PowerShell to make it.
pub(crate) fn check(case: &Case) -> Option<Result<(), String>> {
    let xml = case.xml.as_deref()?;
    let mut value = evaluate::evaluate(&case.expression, case.depth)?;
    cut(&mut value, 1);
    // PowerShell writes one level more than it reads.
    let mut options = WriteOptions::default();
    options.nesting = 50;
    let mut out = BytesMut::new();
    if case.form == "psserializer" {
        options.indented = true;
        Document::from_iter([value]).write_with(&options, &mut out);
    } else {
        clixml::write_with(&value, &options, &mut out);
    }
    Some(same_bytes(&case.expression, xml.as_bytes(), &out))
}

/// Takes from `value` what it need not have: labels that nobody refers to, and lists of type names
/// that are shared in memory.
pub(crate) fn unlabelled(value: &mut Value) {
    let mut named = HashSet::new();
    each_value(value, &mut |value| {
        if let Value::Reference(id) = value {
            named.insert(*id);
        }
    });
    each_value(value, &mut |value| {
        if let Value::Object(object) = value {
            object.ref_id = object.ref_id.filter(|id: &RefId| named.contains(id));
            object.type_names = object
                .type_names
                .as_ref()
                .map(|names| names.iter().cloned().collect::<TypeNames>());
        }
    });
}

/// Looks at a value and then at all that is in it.
fn each_value(value: &mut Value, look: &mut dyn FnMut(&mut Value)) {
    look(value);
    each_inside(value, &mut |inner| each_value(inner, look));
}

/// Looks at what is right inside a value.
fn each_inside(value: &mut Value, look: &mut dyn FnMut(&mut Value)) {
    let Value::Object(object) = value else { return };
    match &mut object.content {
        None => {}
        Some(Content::Value(value)) => look(value),
        Some(Content::Items(_, items)) => items.iter_mut().for_each(&mut *look),
        Some(Content::Dictionary(entries)) => entries.iter_mut().for_each(|(key, value)| {
            look(key);
            look(value);
        }),
    }
    for property in object.adapted.iter_mut().flatten() {
        look(&mut property.value);
    }
    each_member(object.extended.as_deref_mut().unwrap_or_default(), look);
}

fn each_member(members: &mut [Member], look: &mut dyn FnMut(&mut Value)) {
    for member in members {
        match member {
            Member::Property(property) => look(&mut property.value),
            Member::Set(_, inner) => each_member(inner, look),
        }
    }
}

/// What PowerShell does itself to values on the 50th level, which it cannot read.
fn cut(value: &mut Value, level: usize) {
    if level == 50 && !value.is_null() {
        *value = "Serialized XML is nested too deeply.".into();
    }
    each_inside(value, &mut |inner| cut(inner, level + 1));
}
