//! `pwsh/format`: what Out-String makes of objects.

use std::collections::BTreeMap;
use std::process::ExitCode;

use engine::runspace::{Collected, CommandInvocation, PipelineSpec};
use engine::{Runspace, RunspaceOptions};
use serde_json::Value as Json;

use crate::Options;

pub(crate) fn run(options: &Options) -> ExitCode {
    let path = options.dir.join("format.jsonl");
    let cases: Result<Vec<Json>, _> = std::fs::read_to_string(&path).map(|text| {
        text.lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect()
    });
    let cases = match cases {
        Ok(cases) => cases,
        Err(error) => {
            eprintln!("{}: {error}", path.display());
            return ExitCode::FAILURE;
        }
    };
    let mut shares: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for case in &cases {
        let id = case["id"].as_str().unwrap_or_default();
        let group = id.split('.').next().unwrap_or_default();
        let chosen = options
            .id
            .as_ref()
            .is_none_or(|wanted| id.starts_with(wanted.as_str()))
            && options
                .category
                .as_ref()
                .is_none_or(|wanted| group == wanted);
        if !chosen {
            continue;
        }
        let share = shares.entry(group.to_owned()).or_default();
        share.1 += 1;
        let script = case["script"].as_str().unwrap_or_default().to_owned();
        let width = i32::try_from(case["width"].as_i64().unwrap_or(80)).unwrap_or(80);
        let ansi = case["ansi"].as_bool().unwrap_or(false);
        let text = shown(script.clone(), width, ansi);
        let expected = case["text"].as_str().unwrap_or_default();
        if text.as_deref() == Some(expected) {
            share.0 += 1;
        } else if options.show {
            println!(
                "FAILED {id}\n{script}\n--- expected\n{expected:?}\n--- got\n{:?}",
                text.unwrap_or_default()
            );
        }
    }
    for (group, (passed, all)) in &shares {
        println!(
            "  {group:<8} {passed:>4} of {all:>4}  {:>3} %",
            passed * 100 / all
        );
    }
    let (passed, all) = shares.values().fold((0, 0), |(passed, all), share| {
        (passed + share.0, all + share.1)
    });
    println!("pwsh/format: {passed} passed, {} failed", all - passed);
    ExitCode::SUCCESS
}

/// The text of a script's output in a fresh runspace; `None` if the script ended badly.
fn shown(script: String, width: i32, ansi: bool) -> Option<String> {
    let run = move || {
        let mut runspace = Runspace::new(RunspaceOptions::default());
        let rendering = if ansi { "Ansi" } else { "PlainText" };
        let style = format!("$PSStyle.OutputRendering = '{rendering}'");
        let _ = runspace.invoke(&mut PipelineSpec::script(style), &mut Collected::default());
        let mut spec = PipelineSpec::script(script);
        let out_string = CommandInvocation::named("Out-String")
            .parameter("Width", engine::value::Value::Int32(width));
        spec.statements[0].push(out_string);
        let mut sink = Collected::default();
        let _ = runspace.invoke(&mut spec, &mut sink);
        Some(
            sink.output
                .iter()
                .filter_map(|text| text.as_text().map(|text| text.as_str().to_owned()))
                .collect(),
        )
    };
    Runspace::thread("case").spawn(run).ok()?.join().ok()?
}
