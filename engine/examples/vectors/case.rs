//! One recorded case, run in a runspace of its own.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use engine::eval::InvocationInfo;
use engine::runspace::{Collected, MessageRecord, PipelineSpec};
use engine::value::{ClrLike, Detached, ErrorRecord, TypeRef, Value, convert};
use engine::{Completion, Runspace, RunspaceOptions, border};
use psrp_codec::Limits;
use psrp_codec::clixml::Document;
use serde_json::{Value as Json, json};

use crate::canonical::canonical;

/// How long a case may take.
const TIME: Duration = Duration::from_secs(10);

/// What the engine made of a script, in the fields of the recording.
struct Made {
    output: Vec<String>,
    text: Option<String>,
    rest: Json,
}

/// What is different, one entry a field; empty when the case passes.
pub(crate) fn run(case: &Json, folder: &Path, lenient: bool) -> Vec<String> {
    let script = case["script"].as_str().unwrap_or_default().to_owned();
    let drive = folder.to_string_lossy().into_owned();
    let (sender, receiver) = channel();
    let mut options = RunspaceOptions::default();
    options.windows_aliases = false;
    options.location = Some(drive.clone());
    let (stop_sender, stop_receiver) = channel();
    let thread = Runspace::thread("case").spawn({
        let drive = drive.clone();
        move || {
            let mut runspace = Runspace::new(options);
            let _ = stop_sender.send(runspace.stop_handle());
            runspace.set_variable("TestDrive", Value::from(drive.as_str()));
            let made = made(&mut runspace, &script);
            let _ = sender.send(made);
        }
    });
    if thread.is_err() {
        return vec!["no thread".to_owned()];
    }
    let made = match receiver.recv_timeout(TIME) {
        Ok(made) => made,
        Err(RecvTimeoutError::Disconnected) => return vec!["panic".to_owned()],
        Err(RecvTimeoutError::Timeout) => {
            if let Ok(stop) = stop_receiver.try_recv() {
                stop.stop();
            }
            return vec!["timeout".to_owned()];
        }
    };
    compare(case, &made, &drive, lenient)
}

fn made(runspace: &mut Runspace, script: &str) -> Made {
    let mut sink = Collected::default();
    let completion = runspace.invoke(&mut PipelineSpec::script(script), &mut sink);
    let (terminated, had_errors) = match &completion {
        Completion::Failed(record) => (error(record, true), true),
        Completion::Completed { had_errors } => (Json::Null, *had_errors),
        _ => (json!("stopped"), true),
    };
    let output = sink
        .output
        .iter()
        .map(|value| canonical(&border::to_wire(value, 2, &mut Detached)))
        .collect();
    let messages = |records: &[MessageRecord]| {
        records
            .iter()
            .map(|record| json!(record.message.as_str()))
            .collect::<Vec<_>>()
    };
    let information: Vec<Json> = sink
        .information
        .iter()
        .map(|record| {
            let message = convert::to_text(&record.message, &mut Detached).unwrap_or_default();
            let tags: Vec<&str> = record.tags.iter().map(|tag| tag.as_str()).collect();
            json!({"message": message.as_str(), "tags": tags})
        })
        .collect();
    let rest = json!({
        "errors": sink.errors.iter().map(|record| error(record, false)).collect::<Vec<_>>(),
        "terminated": terminated,
        "warning": messages(&sink.warnings),
        "verbose": messages(&sink.verbose),
        "debug": messages(&sink.debug),
        "information": information,
        "hadErrors": had_errors,
    });
    Made {
        output,
        text: runspace.formatted(sink.output, 120),
        rest,
    }
}

/// An error record in the fields of the recording.
fn error(record: &Arc<ErrorRecord>, terminated: bool) -> Json {
    let field = |name: &str| -> String {
        let info = record
            .property("CategoryInfo")
            .and_then(Result::ok)
            .unwrap_or_default();
        let Value::Clr(info) = info else {
            return String::new();
        };
        let value = info.property(name).and_then(Result::ok).unwrap_or_default();
        convert::to_text(&value, &mut Detached)
            .unwrap_or_default()
            .to_string()
    };
    let info = record
        .property("InvocationInfo")
        .and_then(Result::ok)
        .unwrap_or_default();
    let info = info.as_clr::<InvocationInfo>();
    let mut ty = record
        .exception
        .type_ref()
        .map(|ty: TypeRef| ty.full_name().to_string())
        .unwrap_or_default();
    let mut reason = field("Reason");
    // The record of a parse error that ends a script holds a copy of its exception.
    if terminated
        && matches!(
            reason.as_str(),
            "ParseException" | "IncompleteParseException"
        )
    {
        reason = "ParentContainsErrorRecordException".to_owned();
        ty = "System.Management.Automation.ParentContainsErrorRecordException".to_owned();
    }
    json!({
        "message": record.message().as_str(),
        "fqid": record.fully_qualified_error_id.as_str(),
        "category": field("Category"),
        "activity": field("Activity"),
        "reason": reason,
        "targetName": field("TargetName"),
        "exceptionType": ty,
        "line": info.map(InvocationInfo::line_number),
        "offset": info.map(InvocationInfo::offset_in_line),
        "positionMessage": info.map(|info| info.position_message().to_string()),
    })
}

fn compare(case: &Json, made: &Made, drive: &str, lenient: bool) -> Vec<String> {
    let mut different = Vec::new();
    let plain = |text: &str| text.replace(drive, "<TestDrive>").replace('\u{202f}', " ");
    let expected: Vec<String> = case["output"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|xml| plain(&decoded(xml.as_str().unwrap_or_default())))
        .collect();
    let actual: Vec<String> = made.output.iter().map(|text| plain(text)).collect();
    if expected != actual {
        different.push(format!(
            "output: expected {expected:#?}\n   made {actual:#?}"
        ));
    }
    if !lenient && case.get("parseErrors").is_none() {
        let expected = plain(case["text"].as_str().unwrap_or_default());
        match &made.text {
            Some(text) if plain(text) == expected => {}
            Some(text) => different.push(format!(
                "text: expected {expected:?}\n   made {:?}",
                plain(text)
            )),
            None => different.push("text: nothing here formats objects yet".to_owned()),
        }
    }
    for field in [
        "errors",
        "terminated",
        "warning",
        "verbose",
        "debug",
        "information",
        "hadErrors",
    ] {
        let expected = plain(&case[field].to_string());
        let actual = plain(&made.rest[field].to_string());
        let equal = serde_json::from_str::<Json>(&expected).ok()
            == serde_json::from_str::<Json>(&actual).ok();
        if !equal {
            different.push(format!("{field}: expected {expected}\n   made {actual}"));
        }
    }
    if let Some(errors) = case.get("parseErrors") {
        let actual = parse_errors(case["script"].as_str().unwrap_or_default());
        if *errors != actual {
            different.push(format!("parseErrors: expected {errors}\n   made {actual}"));
        }
    }
    different
}

fn decoded(xml: &str) -> String {
    match Document::read(xml.as_bytes(), &Limits::default()) {
        Ok(document) => document
            .values
            .iter()
            .map(|value| canonical(&value.value))
            .collect(),
        Err(error) => format!("unreadable: {error}"),
    }
}

fn parse_errors(script: &str) -> Json {
    let parsed = engine::syntax::parse(script, &engine::syntax::ParseLimits::default());
    let errors = parsed.errors.iter().map(|error| {
        let (start, end) = (parsed.source.position(error.extent.start), parsed.source.position(error.extent.end));
        json!({
            "errorId": error.error_id, "message": error.message, "incompleteInput": error.incomplete_input,
            "startLine": start.line, "startColumn": start.column, "startOffset": start.offset,
            "endLine": end.line, "endColumn": end.column, "endOffset": end.offset,
        })
    });
    Json::Array(errors.collect())
}
