//! `pwsh/clixml`: what PowerShell wrote, and what it said to what it was given to read.

use std::path::Path;

use bytes::BytesMut;
use psrp_codec::clixml::{self, Document, WriteOptions};
use psrp_codec::{Limits, RefId, Value};
use serde::Deserialize;

use super::report::Report;
use super::{built, forward};

pub(crate) fn run(folder: &Path, report: &mut Report) {
    each_case(folder, "serialize.jsonl", report, |case, report| {
        let Some(outcome) = serialized(case) else {
            return;
        };
        report.outcome(&case.id, outcome);
        if let Some(outcome) = built::check(case) {
            report.count("written from a value that was built and not read");
            if let Err(reason) = outcome {
                report.fail(format!("{}, built", case.id), reason);
            }
        }
    });
    let mut differences = Differences::new();
    each_case(folder, "deserialize.jsonl", report, |case, report| {
        report.outcome(&case.id, deserialized(case, &mut differences));
    });
    for name in differences.unused() {
        report.fail("DIFFERENCES.md", format!("no case is named {name}"));
    }
}

fn each_case(
    folder: &Path,
    file: &str,
    report: &mut Report,
    mut check: impl FnMut(&Case, &mut Report),
) {
    let lines = match std::fs::read_to_string(folder.join(file)) {
        Ok(lines) => lines,
        Err(error) => return report.fail(file, error),
    };
    for line in lines.lines() {
        match serde_json::from_str::<Case>(line) {
            Ok(case) => check(&case, report),
            Err(error) => report.fail(file, error),
        }
    }
}

/// A line of either file. What is not named here may hold lone surrogates and is passed over.
#[derive(Deserialize)]
pub(crate) struct Case {
    id: String,
    pub(crate) form: String,
    /// PowerShell source of what was written.
    #[serde(default)]
    pub(crate) expression: String,
    /// How deep it was written; the recordings that the crate carries are of one level.
    #[serde(default = "one_level")]
    pub(crate) depth: u32,
    pub(crate) xml: Option<String>,
    hex: Option<String>,
    #[serde(default)]
    ok: bool,
    #[serde(default)]
    reserialized: Vec<String>,
}

fn one_level() -> u32 {
    1
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

/// What PowerShell writes is read, and written again as the same bytes, though the value has lost
/// the numbers that its objects had. `None` where PowerShell threw.
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
        Document::read(xml.as_bytes(), &limits).map(|mut document| {
            for item in &mut document.values {
                built::unlabelled(&mut item.value);
            }
            document.write_with(&options, &mut out);
        })
    } else {
        clixml::read(xml.as_bytes(), &limits).map(|mut value| {
            built::unlabelled(&mut value);
            clixml::write_with(&value, &options, &mut out);
        })
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
/// the [`Differences`].
fn deserialized(case: &Case, differences: &mut Differences) -> Result<(), String> {
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
    match (result, differences.find(&case.id)) {
        (result, None) => result,
        (Err(_), Some(_)) => Ok(()),
        (Ok(()), Some(reason)) => Err(format!(
            "is as in PowerShell, yet DIFFERENCES.md lists it: {reason}"
        )),
    }
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

/// Where this codec means to differ from PowerShell: the table of `DIFFERENCES.md`, and which of
/// its names have been met.
struct Differences(Vec<(&'static str, &'static str, bool)>);

impl Differences {
    fn new() -> Self {
        let mut names = Vec::new();
        for row in include_str!("../../DIFFERENCES.md").lines() {
            let cells: Vec<_> = row.split('|').map(str::trim).collect();
            let ["", reason, cases, ""] = cells[..] else {
                continue;
            };
            // Every other piece is between a pair of backticks.
            let cases = cases.split('`').skip(1).step_by(2);
            names.extend(cases.map(|case| (case, reason, false)));
        }
        Self(names)
    }

    /// The reason for which the case differs.
    fn find(&mut self, id: &str) -> Option<&'static str> {
        let (_, reason, met) = self.0.iter_mut().find(|(name, ..)| {
            let start = name.strip_suffix('*');
            start.map_or(id == *name, |start| id.starts_with(start))
        })?;
        *met = true;
        Some(reason)
    }

    /// The names that no case has.
    fn unused(&self) -> impl Iterator<Item = &'static str> {
        let unused = self.0.iter().filter(|(.., met)| !met);
        unused.map(|(name, ..)| *name)
    }
}
