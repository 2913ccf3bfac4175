//! The recordings, run by what `xtask vectors` runs, and the table of small cases.

use bytes::BytesMut;
use psrp_codec::clixml::{self, Document};
use psrp_codec::{Content, DateTimeKind, Limits, Member, Object, PsString, Value};
use serde_json::{Value as Json, json};

use super::super::testdata::{folder, text};

#[path = "../../../examples/vectors/built/mod.rs"]
mod built;
#[path = "../../../examples/vectors/clixml.rs"]
mod clixml_kind;
#[path = "../../../examples/vectors/forward.rs"]
mod forward;
#[path = "../../../examples/vectors/pwsh_clixml.rs"]
mod pwsh_clixml;
use crate::{recorded::messages, report};

#[test]
fn what_psrpcore_wrote_is_read_as_what_it_was() {
    let mut report = report::Report::new("clixml");
    clixml_kind::run(&folder("clixml"), &mut report);
    assert_eq!(report.counts(), (119, 0));
}

#[test]
fn what_powershell_wrote_is_written_again_and_what_it_refused_is_refused() {
    let mut report = report::Report::new("pwsh/clixml");
    pwsh_clixml::run(&folder("pwsh/clixml"), &mut report);
    let (passed, failed) = report.counts();
    assert_eq!(failed, 0);
    assert!(passed > 2500, "only {passed} cases were run");
    let built = report.counted("written from a value that was built and not read");
    assert!(built > 1150, "only {built} values were built");
}

#[test]
fn every_row_of_the_table_holds() {
    let table = text("clixml.tsv");
    let mut wrong = Vec::new();
    for row in table.lines().skip(1) {
        let cells: Vec<&str> = row.split('\t').collect();
        let [id, form, mode, _, xml, expected] = cells[..] else {
            panic!("{row}")
        };
        if let Err(why) = check(form, mode, xml, &lone_surrogates_aside(expected)) {
            wrong.push(format!("{id}: {why}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(table.lines().count() > 200);
}

/// The cells have lone surrogates only in the form `u16`, so this is JSON as it stands.
fn lone_surrogates_aside(cell: &str) -> Json {
    serde_json::from_str(cell).unwrap()
}

fn check(form: &str, mode: &str, xml: &str, expected: &Json) -> Result<(), String> {
    let limits = Limits::default();
    if form == "F" {
        return match (Document::read(xml.as_bytes(), &limits), mode) {
            (Err(_), "X") => Ok(()),
            (Err(error), _) => Err(error.to_string()),
            (Ok(_), "X") => Err("was read".into()),
            (Ok(document), _) => {
                let values = document.values.iter().map(|item| {
                    let stream = item
                        .stream
                        .as_ref()
                        .map(|name| name.to_string_lossy().into_owned());
                    json!([stream, described(&item.value)])
                });
                same(
                    &without_ids(expected),
                    &json!({"t": "Objs", "v": values.collect::<Vec<_>>()}),
                )
            }
        };
    }
    let value = match (clixml::read(xml.as_bytes(), &limits), mode) {
        (Err(_), "X") => return Ok(()),
        (Err(error), _) => return Err(error.to_string()),
        (Ok(_), "X") => return Err("was read".into()),
        (Ok(value), _) => value,
    };
    same(&without_ids(expected), &described(&value))?;
    if mode == "RT" {
        let mut out = BytesMut::new();
        clixml::write(&value, &mut out);
        if out != xml.as_bytes() {
            return Err(format!("wrote {}", String::from_utf8_lossy(&out)));
        }
    }
    Ok(())
}

fn same(expected: &Json, found: &Json) -> Result<(), String> {
    if expected == found {
        Ok(())
    } else {
        Err(format!("expected {expected}, found {found}"))
    }
}

/// The numbers of objects are the writer's business, and empty lists are as good as none.
fn without_ids(json: &Json) -> Json {
    match json {
        Json::Object(parts) => {
            let parts = parts
                .iter()
                .filter(|(key, _)| !matches!(key.as_str(), "ref" | "id"));
            Json::Object(
                parts
                    .map(|(key, part)| (key.clone(), without_ids(part)))
                    .collect(),
            )
        }
        Json::Array(items) => items.iter().map(without_ids).collect(),
        other => other.clone(),
    }
}

/// A value in the words of the table.
fn described(value: &Value) -> Json {
    let tag = value.tag();
    let number = |text: String| json!({"t": tag, "v": text});
    match value {
        Value::Null | Value::Reference(_) => json!({"t": tag}),
        Value::String(text) | Value::Uri(text) | Value::Xml(text) | Value::ScriptBlock(text) => {
            match text.as_str() {
                Some(text) => json!({"t": tag, "v": text}),
                None => {
                    let units: String = text
                        .encode_utf16()
                        .map(|unit| format!("{unit:04X}"))
                        .collect();
                    json!({"t": tag, "u16": units})
                }
            }
        }
        Value::Char(unit) => number(unit.to_string()),
        Value::Bool(truth) => json!({"t": tag, "v": truth}),
        Value::DateTime(time) => {
            let ticks = time.ticks().to_string();
            match time.kind() {
                DateTimeKind::Unspecified => {
                    json!({"t": tag, "ticks": ticks, "kind": "unspecified"})
                }
                DateTimeKind::Utc => json!({"t": tag, "ticks": ticks, "kind": "utc"}),
                DateTimeKind::Local { offset_minutes } => {
                    json!({"t": tag, "ticks": ticks, "kind": "local", "offset_min": offset_minutes})
                }
            }
        }
        Value::TimeSpan(span) => json!({"t": tag, "ticks": span.ticks().to_string()}),
        Value::Byte(value) => number(value.to_string()),
        Value::SByte(value) => number(value.to_string()),
        Value::UInt16(value) => number(value.to_string()),
        Value::Int16(value) => number(value.to_string()),
        Value::UInt32(value) => number(value.to_string()),
        Value::Int32(value) => number(value.to_string()),
        Value::UInt64(value) => number(value.to_string()),
        Value::Int64(value) => number(value.to_string()),
        Value::Single(value) => json!({"t": tag, "bits": format!("{:08X}", value.to_bits())}),
        Value::Double(value) => json!({"t": tag, "bits": format!("{:016X}", value.to_bits())}),
        Value::Decimal(value) => number(value.to_string()),
        Value::Bytes(bytes) => {
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            json!({"t": tag, "hex": hex})
        }
        Value::Guid(guid) => number(guid.to_string()),
        Value::Version(version) => number(version.to_string()),
        Value::SecureString(text) => json!({"t": tag, "v": text.expose()}),
        Value::Progress(progress) => json!({
            "t": tag,
            "av": lossy(&progress.activity),
            "ai": progress.activity_id.to_string(),
            "co": progress.current_operation.as_ref().map(lossy),
            "pi": progress.parent_activity_id.to_string(),
            "pc": progress.percent_complete.to_string(),
            "type": progress.kind.as_str(),
            "sr": progress.seconds_remaining.to_string(),
            "sd": lossy(&progress.status),
        }),
        Value::Object(object) => described_object(object),
    }
}

fn described_object(object: &Object) -> Json {
    let mut parts = json!({"t": "Obj"});
    if let Some(names) = &object.type_names {
        parts["tn"] = names.iter().map(lossy).collect();
    }
    if let Some(text) = &object.to_string {
        parts["str"] = lossy(text).into();
    }
    match &object.content {
        None => {}
        Some(Content::Value(value)) => parts["base"] = described(value),
        Some(Content::Items(kind, items)) => {
            let tag = match kind {
                psrp_codec::ContainerKind::List => "LST",
                psrp_codec::ContainerKind::Stack => "STK",
                psrp_codec::ContainerKind::Queue => "QUE",
                psrp_codec::ContainerKind::Enumerable => "IE",
            };
            parts["base"] = json!({"t": tag, "v": items.iter().map(described).collect::<Json>()});
        }
        Some(Content::Dictionary(entries)) => {
            let entries = entries
                .iter()
                .map(|(key, value)| json!([described(key), described(value)]));
            parts["base"] = json!({"t": "DCT", "v": entries.collect::<Json>()});
        }
    }
    if let Some(properties) = object.adapted.as_ref().filter(|list| !list.is_empty()) {
        let pairs = properties
            .iter()
            .map(|p| json!([lossy(&p.name), described(&p.value)]));
        parts["props"] = pairs.collect();
    }
    if let Some(members) = object.extended.as_ref().filter(|list| !list.is_empty()) {
        parts["ms"] = described_members(members);
    }
    parts
}

fn described_members(members: &[Member]) -> Json {
    let pair = |member: &Member| match member {
        Member::Property(property) => json!([lossy(&property.name), described(&property.value)]),
        Member::Set(name, inner) => {
            json!([lossy(name), {"t": "MS", "v": described_members(inner)}])
        }
    };
    members.iter().map(pair).collect()
}

fn lossy(text: &PsString) -> String {
    text.to_string_lossy().into_owned()
}
