//! `clixml`: values that psrpcore wrote, each beside a description of what was written.

use std::path::Path;

use bytes::BytesMut;
use psrp_codec::clixml::{self, Document};
use psrp_codec::{Limits, Value};
use serde_json::Value as Json;

use super::report::{Report, files};

pub(crate) fn run(folder: &Path, report: &mut Report) {
    let vectors = files(folder, ".xml");
    if vectors.is_empty() {
        report.fail(folder.display(), "there is no vector");
    }
    for path in vectors {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        report.outcome(&name, check(&path));
    }
}

fn check(path: &Path) -> Result<(), String> {
    let xml = std::fs::read(path).map_err(|error| error.to_string())?;
    let about = std::fs::read(path.with_extension("json")).map_err(|error| error.to_string())?;
    let about: Json = serde_json::from_slice(&about).map_err(|error| error.to_string())?;
    let limits = Limits::default();
    if about["document"] == true {
        let document = Document::read(&xml, &limits).map_err(|error| error.to_string())?;
        let mut out = BytesMut::new();
        document.write(&mut out);
        let again = Document::read(&out, &limits).map_err(|error| error.to_string())?;
        return same(&document, &again);
    }
    let value = clixml::read(&xml, &limits).map_err(|error| error.to_string())?;
    let mut out = BytesMut::new();
    clixml::write(&value, &mut out);
    let again = clixml::read(&out, &limits).map_err(|error| error.to_string())?;
    same(&value, &again)?;
    if let Some(element) = about["element"].as_str() {
        same(&element, &value.tag())?;
    }
    if let Some(names) = about["type_names"].as_array() {
        let names: Vec<_> = names.iter().filter_map(Json::as_str).collect();
        let found = value
            .as_object()
            .and_then(|object| object.type_names.as_ref());
        let found: Vec<_> = found.into_iter().flat_map(|list| list.iter()).collect();
        let found: Vec<_> = found.iter().filter_map(|name| name.as_str()).collect();
        same(&names, &found)?;
    }
    fits(&about["value"], &value)
}

fn same<T: PartialEq + std::fmt::Debug>(expected: &T, found: &T) -> Result<(), String> {
    if expected == found {
        Ok(())
    } else {
        Err(format!("expected {expected:?}, found {found:?}"))
    }
}

/// Whether `value` is what `json` describes, as far as it does.
fn fits(json: &Json, value: &Value) -> Result<(), String> {
    let no = || Err(format!("expected {json}, found {value:?}"));
    let yes_if = |fits: bool| if fits { Ok(()) } else { no() };
    match json {
        Json::Null => yes_if(value.is_null()),
        Json::Bool(truth) => yes_if(value.as_bool() == Some(*truth)),
        Json::Number(number) => yes_if(match value.unwrapped() {
            Value::Single(found) => number.as_f64() == Some(f64::from(*found)),
            Value::Double(found) => number.as_f64() == Some(*found),
            found => found.as_i64() == number.as_i64() && number.is_i64(),
        }),
        Json::String(text) => yes_if(match value.unwrapped() {
            Value::Char(unit) => text.encode_utf16().eq([*unit]),
            Value::Guid(guid) => guid.to_string() == *text,
            Value::DateTime(time) => time.to_string() == *text,
            Value::Decimal(number) => number.to_string() == *text,
            Value::Version(version) => version.to_string() == *text,
            // A description stands where a secret was.
            Value::SecureString(_) => true,
            Value::String(found)
            | Value::Uri(found)
            | Value::Xml(found)
            | Value::ScriptBlock(found) => *found == **text,
            _ => false,
        }),
        Json::Array(items) => match value.items() {
            Some(found) if found.len() == items.len() => items
                .iter()
                .zip(found)
                .try_for_each(|(item, found)| fits(item, found)),
            _ => no(),
        },
        Json::Object(parts) => parts
            .iter()
            .try_for_each(|(key, part)| fits_part(key, part, json, value)),
    }
}

fn fits_part(key: &str, part: &Json, whole: &Json, value: &Value) -> Result<(), String> {
    let yes_if = |fits: bool| {
        if fits {
            Ok(())
        } else {
            Err(format!("expected {key} = {part}, found {value:?}"))
        }
    };
    match (key, value.unwrapped()) {
        // What is said for people only.
        ("note" | "see" | "plaintext" | "count" | "enum" | "flags", _) => Ok(()),
        ("C", Value::Char(unit)) => {
            yes_if(part.as_str().and_then(|text| text.encode_utf16().next()) == Some(*unit))
        }
        ("code", Value::Char(unit)) => yes_if(part.as_u64() == Some((*unit).into())),
        ("I32", Value::Int32(number)) => yes_if(part.as_i64() == Some((*number).into())),
        ("G", Value::Guid(guid)) => yes_if(part == &guid.to_string()),
        ("ticks", Value::TimeSpan(span)) => yes_if(part.as_i64() == Some(span.ticks())),
        ("ticks", Value::DateTime(time)) => yes_if(part.as_i64() == Some(time.ticks())),
        ("hex", Value::Bytes(bytes)) => {
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            yes_if(part == &hex)
        }
        ("base64", Value::Bytes(bytes)) => yes_if(part.as_str() == Some("") && bytes.is_empty()),
        ("string", Value::UInt64(number)) => yes_if(part == &number.to_string()),
        ("string", Value::Int64(number)) => yes_if(part == &number.to_string()),
        ("string", Value::Decimal(number)) => yes_if(part == &number.to_string()),
        ("repeat", Value::String(text)) => {
            let count = whole["count"]
                .as_u64()
                .and_then(|count| usize::try_from(count).ok());
            let text = text.to_string_lossy();
            yes_if(
                part.as_str()
                    .zip(count)
                    .is_some_and(|(piece, count)| piece.repeat(count) == *text),
            )
        }
        ("value", inner) if !matches!(inner, Value::Object(_)) => fits(part, inner),
        ("entries", Value::Object(object)) => {
            let expected = part.as_array().into_iter().flatten();
            let found = object.entries().unwrap_or_default();
            yes_if(part.as_array().map(Vec::len) == Some(found.len()))?;
            expected.zip(found).try_for_each(|(pair, (key, value))| {
                fits(&pair[0], key)?;
                fits(&pair[1], value)
            })
        }
        ("ToString", _) => {
            let found = value
                .as_object()
                .and_then(|object| object.to_string.clone());
            yes_if(found.is_some_and(|found| *part == *found.to_string_lossy()))
        }
        ("Props" | "MS", _) => {
            let Some(object) = value.as_object() else {
                return yes_if(false);
            };
            part.as_object()
                .into_iter()
                .flatten()
                .try_for_each(|(name, part)| {
                    let found = if key == "MS" {
                        object.get_extended(name)
                    } else {
                        object.get_adapted(name)
                    };
                    found.map_or_else(|| yes_if(false), |found| fits(part, found))
                })
        }
        (_, Value::Object(object)) => match object.entries() {
            Some(entries) => {
                let found = entries.iter().find(|(name, _)| name.as_str() == Some(key));
                found.map_or_else(|| yes_if(false), |(_, found)| fits(part, found))
            }
            // A summary names some things otherwise than the properties are named.
            None => object.get(key).map_or(Ok(()), |found| match (part, found) {
                (Json::Object(_), _) | (_, Value::Object(_)) => Ok(()),
                _ => fits(part, found),
            }),
        },
        ("Activity", Value::Progress(progress)) => {
            fits(part, &Value::String(progress.activity.clone()))
        }
        ("ActivityId", Value::Progress(progress)) => fits(part, &progress.activity_id.into()),
        ("StatusDescription", Value::Progress(progress)) => {
            fits(part, &progress.status.clone().into())
        }
        ("CurrentOperation", Value::Progress(progress)) => {
            fits(part, &progress.current_operation.clone().into())
        }
        ("ParentActivityId", Value::Progress(progress)) => {
            fits(part, &progress.parent_activity_id.into())
        }
        ("PercentComplete", Value::Progress(progress)) => {
            fits(part, &progress.percent_complete.into())
        }
        ("RecordType", Value::Progress(progress)) => yes_if(part == progress.kind.as_str()),
        ("SecondsRemaining", Value::Progress(progress)) => {
            fits(part, &progress.seconds_remaining.into())
        }
        _ => yes_if(false),
    }
}
