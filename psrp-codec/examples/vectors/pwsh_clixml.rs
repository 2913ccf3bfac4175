//! `pwsh/clixml`: what PowerShell wrote, and what it said to what it was given to read.

use std::path::Path;

use bytes::BytesMut;
use psrp_codec::clixml::{self, Document, WriteOptions};
use psrp_codec::{Limits, RefId, Value};
use serde::Deserialize;

use super::forward;
use super::report::Report;

pub(crate) fn run(folder: &Path, report: &mut Report) {
    for (file, check) in [
        (
            "serialize.jsonl",
            serialized as fn(&Case) -> Option<Result<(), String>>,
        ),
        ("deserialize.jsonl", deserialized),
    ] {
        let lines = match std::fs::read_to_string(folder.join(file)) {
            Ok(lines) => lines,
            Err(error) => {
                report.fail(file, error);
                continue;
            }
        };
        for line in lines.lines() {
            match serde_json::from_str::<Case>(line) {
                Ok(case) => {
                    if let Some(outcome) = check(&case) {
                        report.outcome(&case.id, outcome);
                    }
                }
                Err(error) => report.fail(file, error),
            }
        }
    }
}

/// A line of either file. What is not named here may hold lone surrogates and is passed over.
#[derive(Deserialize)]
struct Case {
    id: String,
    form: String,
    xml: Option<String>,
    hex: Option<String>,
    #[serde(default)]
    ok: bool,
    #[serde(default)]
    reserialized: Vec<String>,
}

impl Case {
    fn bytes(&self) -> Vec<u8> {
        match (&self.xml, &self.hex) {
            (Some(xml), _) => xml.clone().into_bytes(),
            (None, Some(hex)) => hex
                .as_bytes()
                .chunks(2)
                .filter_map(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok())
                .collect(),
            (None, None) => Vec::new(),
        }
    }
}

/// What PowerShell writes is read, and written again as the same bytes. `None` where it threw.
fn serialized(case: &Case) -> Option<Result<(), String>> {
    let xml = case.xml.as_deref()?;
    // PowerShell writes one level more than it reads.
    let mut limits = Limits::default();
    limits.nesting = 50;
    let mut options = WriteOptions::default();
    options.nesting = 50;
    let mut out = BytesMut::new();
    let read = if case.form == "psserializer" {
        options.indented = true;
        Document::read(xml.as_bytes(), &limits)
            .map(|document| document.write_with(&options, &mut out))
    } else {
        clixml::read(xml.as_bytes(), &limits)
            .map(|value| clixml::write_with(&value, &options, &mut out))
    };
    Some(match read {
        Err(error) => Err(error.to_string()),
        Ok(()) if out == xml.as_bytes() => Ok(()),
        Ok(()) => {
            let at = out
                .iter()
                .zip(xml.as_bytes())
                .take_while(|(ours, theirs)| ours == theirs)
                .count();
            let around = |bytes: &[u8]| {
                let range = at.saturating_sub(30)..bytes.len().min(at + 50);
                String::from_utf8_lossy(&bytes[range]).into_owned()
            };
            Err(format!(
                "wrote …{}…, not …{}…",
                around(&out),
                around(xml.as_bytes())
            ))
        }
    })
}

/// What PowerShell accepts is accepted, as the same values, and what it refuses is refused, but for
/// [`DIFFERENCES`].
fn deserialized(case: &Case) -> Option<Result<(), String>> {
    let bytes = case.bytes();
    let limits = Limits::default();
    let read = match case.form.as_str() {
        "bare" => clixml::read(&bytes, &limits).map(|value| Document::from_iter([value])),
        _ => Document::read(&bytes, &limits),
    };
    let result = match read {
        Ok(_) if !case.ok => Err("was read, but PowerShell refuses it".into()),
        Err(error) if case.ok => Err(format!("PowerShell reads this: {error}")),
        Err(_) => Ok(()),
        Ok(document) => as_forwarded(&document, &case.reserialized),
    };
    let differs = DIFFERENCES.iter().find(|(_, ids)| {
        ids.iter().any(|id| {
            case.id == *id
                || id
                    .strip_suffix('*')
                    .is_some_and(|id| case.id.starts_with(id))
        })
    });
    Some(match (result, differs) {
        (result, None) => result,
        (Err(_), Some(_)) => Ok(()),
        (Ok(()), Some((reason, _))) => Err(format!(
            "is as in PowerShell, yet listed as different: {reason}"
        )),
    })
}

/// Whether PowerShell's own copy of what it read, written again, is what we make of ours.
fn as_forwarded(document: &Document, theirs: &[String]) -> Result<(), String> {
    for (ours, theirs) in document.values.iter().zip(theirs) {
        // What cannot be written, and a second look at what was compared before.
        if theirs.starts_with("error:") || matches!(ours.value, Value::Reference(_)) {
            continue;
        }
        let mut theirs = Document::read(theirs.as_bytes(), &Limits::default())
            .map_err(|error| error.to_string())?;
        let mut ours = forward::forwarded(&ours.value);
        if let Value::Object(object) = &mut ours {
            // Whoever sends on numbers anew; no case refers to a root with another number than 0.
            object.ref_id = object
                .ref_id
                .filter(|id| *id == RefId(0) || id.0 > i32::MAX.unsigned_abs());
        }
        let mut ours = Document::from_iter([ours]);
        for document in [&mut ours, &mut theirs] {
            document
                .values
                .iter_mut()
                .for_each(|item| forward::with_sorted_entries(&mut item.value));
        }
        let (mut left, mut right) = (BytesMut::new(), BytesMut::new());
        ours.write(&mut left);
        theirs.write(&mut right);
        if left != right {
            return Err(format!(
                "forwards\n{}\nnot\n{}",
                lossy(&left),
                lossy(&right)
            ));
        }
    }
    if document.values.len() == theirs.len() {
        Ok(())
    } else {
        Err(format!(
            "{} values, not {}",
            document.values.len(),
            theirs.len()
        ))
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Where this codec means to differ from PowerShell 7.6.5: the reason, and the cases (a `*` stands
/// for the rest of the name).
const DIFFERENCES: &[(&str, &[&str])] = &[
    (
        "an offset beyond ±14:00 is no zone",
        &["dt.87@b", "dt.88@b", "dt.92@b"],
    ),
    (
        "a sign in a group of a GUID is an accident of number parsing",
        &["g.16@b"],
    ),
    (
        "a URI is opaque text",
        &["uri.08@b", "uri.09@b", "uri.10@b", "uri.14@b", "uri.15@b"],
    ),
    (
        "an XML document is opaque text",
        &["xd.04@b", "xd.05@b", "xd.17@b", "xd.19@b"],
    ),
    (
        "what stands for a secret is opaque text",
        &[
            "ss.plain@*",
            "ss.empty@*",
            "ss.odd@*",
            "ss.bad@*",
            "ss.ws@*",
            "ss.three@*",
        ],
    ),
    (
        "only UTF-8 is read, and an XML declaration must not say otherwise",
        &[
            "doc.decl_enc@d",
            "bytes.utf16be@b",
            "bytes.utf16_nobom@b",
            "file.utf16le@f",
            "file.utf16be@f",
            "file.cp1252@f",
        ],
    ),
    (
        "every element stands in the namespace of its form",
        &[
            "doc.ns.prefix_root@d",
            "doc.ns.inner_other@d",
            "doc.ns.prop_other@d",
            "bytes.ns_obj@b",
            "bns.01@b",
            "bns.02@b",
            "bns.09@b",
            "bns.12@b",
            "bns.15@b",
            "bns.19@b",
        ],
    ),
    ("elements nest at most 256 deep", &["bytes.gt256depth@b"]),
    (
        "eight digits from 80000000 on are no escape",
        &["esc.72@b", "esc.76@b", "esc.77@b"],
    ),
    (
        "PowerShell parses a URI or an XML document and writes it in its own way",
        &[
            "uri.01@b",
            "uri.03@b",
            "uri.18@b",
            "uri.24@b",
            "xd.00@b",
            "xd.01@b",
            "xd.07@b",
            "xd.08@b",
            "xd.09@b",
            "xd.11@b",
            "xd.12@b",
            "xd.14@b",
            "xd.16@b",
            "xd.18@b",
            "more.xd_base@*",
        ],
    ),
    (
        "PowerShell turns some types back into live ones, which is not a codec's business",
        &[
            "dct.psprim@*",
            "known.ip@*",
            "known.ip.deser@*",
            "known.ip.base@*",
            "known.ip.real@*",
            "known.ip.two@*",
            "known.mail.strings@*",
            "known.culture@*",
            "known.culture.bad@*",
            "known.cred@*",
            "known.switch@*",
            "known.switch.false@*",
            "known.switch.nil@*",
            "known.x500@*",
            "known.x500.bad@*",
            "known.linebp@*",
            "known.paramset@*",
            "more.ref_switch@*",
            "more.switch_in_dct@*",
        ],
    ),
    (
        "numbers that go up are kept where PowerShell begins again from 0",
        &["ref.dup_outer@*"],
    ),
    (
        "PowerShell forgets the properties of a primitive value, yet not that it had some",
        &["more.props_then_prim@*"],
    ),
    (
        "PowerShell makes one object of an object inside an object",
        &["base.obj@*", "nest.base.49@*", "nest.base.20@*"],
    ),
];
