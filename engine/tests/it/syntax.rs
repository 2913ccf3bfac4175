//! Scripts parse as they do in PowerShell, and what is wrong with them is said in its words.

use engine::syntax::{ParseLimits, Parsed, parse};
use serde_json::Value;

fn records(file: &str) -> Vec<Value> {
    let path = format!("{}/testdata/syntax/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn parsed(script: &str) -> Parsed {
    parse(script, &ParseLimits::default())
}

/// What we say of a script, in the shape of the recordings.
fn errors(script: &str) -> Vec<Value> {
    let parsed = parsed(script);
    let describe = |error: &engine::syntax::ParseError| {
        let (start, end) = (
            parsed.source.position(error.extent.start),
            parsed.source.position(error.extent.end),
        );
        serde_json::json!({
            "errorId": error.error_id, "message": error.message, "incompleteInput": error.incomplete_input,
            "startLine": start.line, "startColumn": start.column, "startOffset": start.offset,
            "endLine": end.line, "endColumn": end.column, "endOffset": end.offset,
        })
    };
    parsed.errors.iter().map(describe).collect()
}

#[test]
fn scripts_that_powershell_parses_parse() {
    let mut wrong = Vec::new();
    for record in records("parses.jsonl") {
        let script = record["script"].as_str().unwrap();
        let errors = errors(script);
        if !errors.is_empty() {
            wrong.push(format!(
                "{} {script:?}\n    {}",
                record["id"],
                serde_json::to_string(&errors).unwrap()
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} scripts do not parse:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn scripts_that_powershell_refuses_are_refused() {
    let accepted: Vec<String> = records("parse-errors.jsonl")
        .iter()
        .filter(|record| errors(record["script"].as_str().unwrap()).is_empty())
        .map(|record| {
            format!(
                "{} {} {}",
                record["id"], record["script"], record["parseErrors"][0]["errorId"]
            )
        })
        .collect();
    assert!(
        accepted.is_empty(),
        "{} scripts parse:\n{}",
        accepted.len(),
        accepted.join("\n")
    );
}

#[test]
fn errors_are_those_of_powershell() {
    let records = records("parse-errors.jsonl");
    let mut wrong = Vec::new();
    for record in &records {
        let ours = errors(record["script"].as_str().unwrap());
        let theirs = record["parseErrors"].as_array().unwrap();
        if &ours != theirs {
            let brief = |list: &[Value]| {
                let line = |e: &Value| {
                    format!(
                        "{} [{}..{}]{}",
                        e["errorId"],
                        e["startOffset"],
                        e["endOffset"],
                        if e["incompleteInput"] == true {
                            " INC"
                        } else {
                            ""
                        }
                    )
                };
                list.iter().map(line).collect::<Vec<_>>().join(", ")
            };
            wrong.push(format!(
                "{} {}\n  theirs {}\n  ours   {}",
                record["id"],
                record["script"],
                brief(theirs),
                brief(&ours)
            ));
        }
    }
    let right = records.len() - wrong.len();
    println!(
        "{right} of {} scripts have exactly PowerShell's errors\n{}",
        records.len(),
        wrong.join("\n")
    );
    assert!(
        right >= FAITHFUL,
        "only {right} of {} scripts have exactly PowerShell's errors:\n{}",
        records.len(),
        wrong.join("\n")
    );
}

/// How many recorded scripts give exactly PowerShell's errors. It only ever rises.
const FAITHFUL: usize = 200;
