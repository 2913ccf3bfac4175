//! Conversion to text: PowerShell's, which is the same in every culture, and .NET's `ToString()`, which is not.

use crate::value::context::{Context, Detached};
use crate::value::date::{DateCulture, format_date_time, format_time_span};
use crate::value::error::Raise;
use crate::value::number;
use crate::value::{Member, PsObj, Text, Value};

use super::collection::elements_of;

/// What a cast to string gives: items joined by `$OFS`, objects as `@{a=1; b=2}`, numbers with 15 digits.
///
/// # Errors
/// When memory runs out or a script's ToString fails.
pub fn to_text(value: &Value, cx: &mut dyn Context) -> Result<Text, Raise> {
    if elements_of_cheap(value) {
        let separator = cx.output_field_separator();
        return to_text_with(value, &separator, cx);
    }
    single(value, cx)
}

/// As [`to_text`], with a separator between the items.
///
/// # Errors
/// When memory runs out or a script's ToString fails.
pub fn to_text_with(value: &Value, separator: &str, cx: &mut dyn Context) -> Result<Text, Raise> {
    let Some(items) = elements_of(value) else {
        return single(value, cx);
    };
    let mut text = String::new();
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            text.push_str(separator);
        }
        let before = text.capacity();
        // Only the outermost collection is joined.
        match item {
            Value::Array(_) | Value::List(_) => text.push_str(&clr_text(item)),
            item => text.push_str(&single(item, cx)?),
        }
        if text.capacity() > before {
            cx.charge(text.capacity() - before)?;
        }
    }
    Ok(text.into())
}

/// [`to_text`] where there is nothing around: items joined by spaces, no script run.
#[must_use]
pub fn invariant_text(value: &Value) -> Text {
    to_text(value, &mut Detached).unwrap_or_default()
}

fn elements_of_cheap(value: &Value) -> bool {
    match value {
        Value::Array(_) | Value::List(_) => true,
        Value::Clr(object) => object.items().is_some(),
        Value::Object(object) if !object.is_custom() => elements_of_cheap(object.base()),
        _ => false,
    }
}

fn single(value: &Value, cx: &mut dyn Context) -> Result<Text, Raise> {
    Ok(match value {
        Value::Null | Value::Nothing => Text::default(),
        Value::String(text) => text.clone(),
        Value::Single(n) => number::single_text(*n).into(),
        Value::Double(n) => number::double_text(*n).into(),
        Value::DateTime(date) => format_date_time(*date, None, "G", DateCulture::Invariant)
            .unwrap_or_default()
            .into(),
        Value::Type(ty) => ty.short_name(),
        Value::Object(object) => {
            if let Some(Member::Method(block)) = object.extended().member("ToString") {
                let result = cx.call_block(&block, &[], None, Some(value))?;
                return Ok(match result {
                    Value::Object(_) => clr_text(&result),
                    other => single(&other, cx)?,
                });
            }
            if object.is_bag() {
                return bag(object, cx);
            }
            if object.class().is_some() {
                if let Some(result) = cx.call_class_method(value, "ToString", &[]) {
                    return single(&result?, cx);
                }
                if !object.base().is_null() {
                    return single(object.base(), cx);
                }
                return Ok(value.type_name());
            }
            return to_text(object.base(), cx);
        }
        other => clr_text(other),
    })
}

/// `@{a=1; b=2}`: properties with their values, objects inside shown as nothing.
fn bag(object: &PsObj, cx: &mut dyn Context) -> Result<Text, Raise> {
    let notes: Vec<_> = match object.extended().members() {
        Some(members) => members
            .iter()
            .map(|(name, member)| (Text::from(name), member.clone()))
            .collect(),
        None => Vec::new(),
    };
    if notes.is_empty() {
        return Ok(Text::default());
    }
    let mut text = String::from("@{");
    let mut first = true;
    for (name, member) in notes {
        let shown = match member {
            Member::Note(value) => match &value {
                Value::Object(inner) if inner.is_bag() => Text::default(),
                Value::Array(_) | Value::List(_) => clr_text(&value),
                value => single(value, cx)?,
            },
            Member::Script {
                getter: Some(block),
                ..
            } => clr_text(&Value::ScriptBlock(block)),
            Member::Alias { target, .. } => target,
            _ => continue,
        };
        if !first {
            text.push_str("; ");
        }
        first = false;
        text.push_str(&name);
        text.push('=');
        text.push_str(&shown);
        cx.charge(name.len() + shown.len())?;
    }
    text.push('}');
    Ok(text.into())
}

/// What .NET's `ToString()` gives in en-US.
#[must_use]
pub fn clr_text(value: &Value) -> Text {
    match value {
        Value::Null | Value::Nothing => Text::default(),
        Value::Bool(true) => "True".into(),
        Value::Bool(false) => "False".into(),
        Value::Byte(n) => n.to_string().into(),
        Value::SByte(n) => n.to_string().into(),
        Value::Int16(n) => n.to_string().into(),
        Value::UInt16(n) => n.to_string().into(),
        Value::Int32(n) => n.to_string().into(),
        Value::UInt32(n) => n.to_string().into(),
        Value::Int64(n) => n.to_string().into(),
        Value::UInt64(n) => n.to_string().into(),
        Value::Single(n) => number::single_round_trip(*n, &number::EN_US).into(),
        Value::Double(n) => number::double_round_trip(*n, &number::EN_US).into(),
        Value::Decimal(n) => n.to_string().into(),
        Value::BigInt(n) => n.to_string().into(),
        Value::Char(unit) => Text::from_units(&[*unit]),
        Value::String(text) => text.clone(),
        Value::DateTime(date) => format_date_time(*date, None, "G", DateCulture::EnUs)
            .unwrap_or_default()
            .into(),
        Value::TimeSpan(span) => format_time_span(*span, "c").unwrap_or_default().into(),
        Value::Guid(guid) => guid.to_string().into(),
        Value::Version(version) => version.to_string().into(),
        Value::Enum(value) => value.text().into(),
        Value::ScriptBlock(block) => block.text().into(),
        Value::Type(ty) => ty.display_name(),
        Value::Clr(object) => object.text(),
        Value::Object(object) if object.is_bag() => Text::default(),
        Value::Object(object) if !object.base().is_null() => clr_text(object.base()),
        other => other
            .type_ref()
            .map_or_else(Text::default, |ty| ty.display_name()),
    }
}
