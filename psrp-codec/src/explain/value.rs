//! One value of a capture, as a tree.

use super::account::{Account, Style};
use crate::{Content, Member, Object, Property, PsString, Value, clixml};

/// Reads a value that stands alone.
pub(super) fn explain_clixml(xml: &[u8], account: &mut Account) {
    let limits = account.options().limits;
    match clixml::read(xml, &limits) {
        Ok(value) => explain(&PsString::from_static("value"), &value, account),
        // A file or the output of a child process.
        Err(error) if !xml.starts_with(b"<Objs") && !xml.starts_with(b"<?") => {
            account.trouble(error);
        }
        Err(_) => match clixml::Document::read(xml, &limits) {
            Ok(document) => explain_document(&document, account),
            Err(error) => account.trouble(error),
        },
    }
}

/// Reads what a child process wrote.
pub(super) fn explain_stream(text: &[u8], account: &mut Account) {
    match clixml::Document::read_stream(text, &account.options().limits) {
        Ok(document) => explain_document(&document, account),
        Err(error) => account.trouble(error),
    }
}

fn explain_document(document: &clixml::Document, account: &mut Account) {
    for (each, number) in document.values.iter().zip(0..account.options().items) {
        let name = match &each.stream {
            Some(stream) => format!("[{number}] {}", shown_name(stream, account)),
            None => format!("[{number}]"),
        };
        explain(&name.into(), &each.value, account);
    }
    say_rest(document.values.len(), "values", account);
}

/// The properties of a message, or the value itself when it is no plain bag of them.
pub(super) fn explain_properties(value: &Value, account: &mut Account) {
    match value {
        Value::Object(object) if object.type_names.is_none() && object.content.is_none() => {
            explain_inside(object, account);
        }
        other => explain(&PsString::from_static("value"), other, account),
    }
}

fn explain(name: &PsString, value: &Value, account: &mut Account) {
    if account.is_full() {
        return;
    }
    let name = shown_name(name, account);
    let described = describe(value, account);
    account.named_line(Style::Name, &name, &format!(": {described}"));
    if let Value::Object(object) = value {
        account.indented(|account| explain_inside(object, account));
    }
}

/// A name without quotes when it needs none.
fn shown_name(name: &PsString, account: &Account) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '[' | ']' | ' ');
    match name.as_str() {
        Some(text) if text.len() < account.options().text && text.chars().all(plain) => {
            text.to_owned()
        }
        _ => account.quoted(name),
    }
}

fn explain_inside(object: &Object, account: &mut Account) {
    match &object.content {
        Some(Content::Items(_, items)) => {
            for (number, item) in (0..).zip(items).take(account.options().items) {
                explain(&format!("[{number}]").into(), item, account);
            }
            say_rest(items.len(), "items", account);
        }
        Some(Content::Dictionary(entries)) => {
            for (key, value) in entries.iter().take(account.options().items) {
                let key_text = match key {
                    Value::String(text) => format!("[{}]", account.quoted(text)),
                    other => format!("[{}]", describe(other, account)),
                };
                account.named_line(
                    Style::Name,
                    &key_text,
                    &format!(": {}", describe(value, account)),
                );
                if let Value::Object(object) = value {
                    account.indented(|account| explain_inside(object, account));
                }
            }
            say_rest(entries.len(), "entries", account);
        }
        Some(Content::Value(Value::Object(inner))) => {
            let described = describe_object(inner, account);
            account.named_line(Style::Name, "(wrapped)", &format!(": {described}"));
            account.indented(|account| explain_inside(inner, account));
        }
        Some(Content::Value(_)) | None => {}
    }
    let adapted = object.adapted.iter().flatten();
    for Property { name, value } in adapted.take(account.options().items) {
        explain(name, value, account);
    }
    say_rest(
        object.adapted.as_ref().map_or(0, Vec::len),
        "properties",
        account,
    );
    explain_members(object.extended.as_deref().unwrap_or_default(), account);
}

fn explain_members(members: &[Member], account: &mut Account) {
    for member in members.iter().take(account.options().items) {
        match member {
            Member::Property(Property { name, value }) => explain(name, value, account),
            Member::Set(name, inner) => {
                let name = shown_name(name, account);
                account.named_line(Style::Name, &name, ": a set of members");
                account.indented(|account| explain_members(inner, account));
            }
        }
    }
    say_rest(members.len(), "properties", account);
}

fn say_rest(count: usize, what: &str, account: &mut Account) {
    let hidden = count.saturating_sub(account.options().items);
    if hidden > 0 {
        account.line(Style::Place, &format!("and {hidden} {what} more"));
    }
}

/// What fits in a line.
fn describe(value: &Value, account: &Account) -> String {
    let text = |text: &PsString| account.quoted(text);
    let plain = match value {
        Value::Null => return "null".to_owned(),
        Value::String(string) => return text(string),
        Value::Object(object) => return describe_object(object, account),
        Value::Reference(id) => return format!("the object #{} again", id.0),
        Value::Uri(string) | Value::Xml(string) | Value::ScriptBlock(string) => text(string),
        Value::Char(unit) => match char::from_u32((*unit).into()) {
            Some(character) => format!("{character:?}"),
            None => format!("{unit:#06x}"),
        },
        Value::Bool(truth) => truth.to_string(),
        Value::DateTime(time) => time.to_string(),
        Value::TimeSpan(span) => span.to_string(),
        Value::Byte(number) => number.to_string(),
        Value::SByte(number) => number.to_string(),
        Value::UInt16(number) => number.to_string(),
        Value::Int16(number) => number.to_string(),
        Value::UInt32(number) => number.to_string(),
        Value::Int32(number) => number.to_string(),
        Value::UInt64(number) => number.to_string(),
        Value::Int64(number) => number.to_string(),
        Value::Single(number) => number.to_string(),
        Value::Double(number) => number.to_string(),
        Value::Decimal(number) => number.to_string(),
        Value::Bytes(bytes) => describe_bytes(bytes),
        Value::Guid(guid) => guid.to_string(),
        Value::Version(version) => version.to_string(),
        Value::SecureString(secret) => {
            format!("{} characters, not shown", secret.expose().chars().count())
        }
        Value::Progress(progress) => format!(
            "{} {}, {} %",
            text(&progress.activity),
            text(&progress.status),
            progress.percent_complete
        ),
    };
    format!("{plain} ({})", value.tag())
}

fn describe_object(object: &Object, account: &Account) -> String {
    let mut parts: Vec<String> = Vec::new();
    match &object.content {
        Some(Content::Value(inner)) if !matches!(inner, Value::Object(_)) => {
            parts.push(describe(inner, account));
        }
        Some(Content::Items(kind, items)) => {
            parts.push(format!("{kind:?} of {}", items.len()));
        }
        Some(Content::Dictionary(entries)) => {
            parts.push(format!("Dictionary of {}", entries.len()));
        }
        _ => parts.push("object".to_owned()),
    }
    if let Some(name) = object.type_names.as_ref().and_then(|names| names.first()) {
        parts.push(shown_name(name, account));
    }
    if let Some(text) = &object.to_string {
        parts.push(account.quoted(text));
    }
    if let Some(id) = object.ref_id {
        parts.push(format!("#{}", id.0));
    }
    parts.join(", ")
}

fn describe_bytes(bytes: &[u8]) -> String {
    const SHOWN: usize = 16;
    let mut text = format!("{} bytes", bytes.len());
    for (byte, number) in bytes.iter().take(SHOWN).zip(0..) {
        text += if number == 0 { ": " } else { " " };
        text += &format!("{byte:02x}");
    }
    if bytes.len() > SHOWN {
        text += " …";
    }
    text
}
