//! `pwsh/language`: scripts with everything that PowerShell did.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value as Json;

use crate::{Options, case};

pub(crate) fn run(options: &Options) -> ExitCode {
    let cases = match read(options) {
        Ok(cases) => cases,
        Err(error) => {
            eprintln!("{}: {error}", options.dir.display());
            return ExitCode::FAILURE;
        }
    };
    let next = AtomicUsize::new(0);
    let results: Mutex<Vec<(usize, Vec<String>)>> = Mutex::new(Vec::new());
    let workers = std::thread::available_parallelism().map_or(2, |count| count.get());
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(case) = cases.get(index) else { return };
                    // The recorded paths are eleven characters long, which shows in cut texts.
                    let folder = std::env::temp_dir().join(format!(
                        "t{:05}",
                        (index + std::process::id() as usize * 7919) % 100_000
                    ));
                    let _ = std::fs::remove_dir_all(&folder);
                    let made = std::fs::create_dir_all(&folder);
                    let different = if made.is_ok() {
                        case::run(case, &folder, options.lenient)
                    } else {
                        vec!["no folder".to_owned()]
                    };
                    let _ = std::fs::remove_dir_all(&folder);
                    if let Ok(mut results) = results.lock() {
                        results.push((index, different));
                    }
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap_or_default();
    results.sort_by_key(|(index, _)| *index);
    report(options, &cases, &results)
}

fn report(options: &Options, cases: &[Json], results: &[(usize, Vec<String>)]) -> ExitCode {
    let mut shares: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for (index, different) in results {
        let id = cases[*index]["id"].as_str().unwrap_or_default();
        let category = id.split('/').next().unwrap_or_default().to_owned();
        let share = shares.entry(category).or_default();
        share.1 += 1;
        if different.is_empty() {
            share.0 += 1;
        } else if options.show {
            println!(
                "FAILED {id}\n{}",
                cases[*index]["script"].as_str().unwrap_or_default()
            );
            for difference in different {
                println!("  {difference}");
            }
        }
    }
    for (category, (passed, all)) in &shares {
        println!(
            "  {category:<28} {passed:>4} of {all:>4}  {:>3} %",
            passed * 100 / all
        );
    }
    if options.lenient {
        println!("  (formatted text left out)");
    }
    let passed: usize = shares.values().map(|share| share.0).sum();
    println!(
        "pwsh/language: {passed} passed, {} failed",
        results.len() - passed
    );
    ExitCode::SUCCESS
}

fn read(options: &Options) -> std::io::Result<Vec<Json>> {
    let mut files: Vec<_> = std::fs::read_dir(&options.dir)?
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ext| ext == "jsonl"))
        .collect();
    files.sort();
    let mut cases = Vec::new();
    for file in files {
        let category = file
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
            .unwrap_or_default();
        if options
            .category
            .as_ref()
            .is_some_and(|wanted| !wanted.split(',').any(|wanted| wanted == category))
        {
            continue;
        }
        for line in std::fs::read_to_string(&file)?.lines() {
            let case: Json = serde_json::from_str(line)?;
            let id = case["id"].as_str().unwrap_or_default();
            if options.id.as_ref().is_none_or(|wanted| id == wanted) {
                cases.push(case);
            }
        }
    }
    Ok(cases)
}
