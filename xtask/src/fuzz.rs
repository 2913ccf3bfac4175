//! The fuzz targets of every crate, with libFuzzer on the stable toolchain.
//!
//! A crate with an example `CRATE-fuzz-seeds` says with it what its targets begin with. What a run finds
//! to be new ways through the code is kept in `CRATE/fuzz/corpus` for the next one.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;
use clap::Args;

use crate::run::{cargo, run, target, workspace};

/// The tool's version, so that a fresh machine gets the one that is known to work.
const CARGO_FUZZ: &str = "0.13.1";

/// What the inputs of a target are made of, where a crate's fuzz folder has a list of it.
const DICTIONARIES: &[(&str, &str)] = &[
    ("psrp-codec/clixml", "clixml.dict"),
    ("psrp-codec/clixml_document", "clixml.dict"),
    ("psrp-codec/clixml_quick_xml", "clixml.dict"),
    ("psrp-codec/explain", "clixml.dict"),
    ("psrp-codec/message", "clixml.dict"),
];

/// Which targets, and for how long.
#[derive(Args)]
pub(crate) struct Options {
    /// Seconds for each target.
    #[arg(long, default_value_t = 10)]
    pub(crate) seconds: u32,
    /// Where to begin the search; somewhere else each time unless given.
    #[arg(long)]
    pub(crate) seed: Option<u32>,
    /// Only targets whose `crate/name` contains this.
    pub(crate) filter: Option<String>,
}

/// Runs every fuzz target that the crates have.
pub(crate) fn fuzz(options: &Options) -> anyhow::Result<()> {
    let tool = installed()?;
    let mut count = 0_u32;
    let mut seeded = None;
    for (owner, name) in targets()? {
        let path = format!("{owner}/{name}");
        if options
            .filter
            .as_deref()
            .is_some_and(|filter| !path.contains(filter))
        {
            continue;
        }
        if seeded.as_ref() != Some(&owner) {
            plant(&owner)?;
            seeded = Some(owner.clone());
        }
        run(&mut command(&tool, &owner, &name, options)?)
            .with_context(|| format!("fuzz target {path}"))?;
        count += 1;
    }
    println!(
        "fuzz: {count} targets, {} s each, nothing found",
        options.seconds
    );
    Ok(())
}

fn command(tool: &Path, owner: &str, name: &str, options: &Options) -> anyhow::Result<Command> {
    let folder = workspace().join(owner).join("fuzz");
    let corpus = folder.join("corpus").join(name);
    std::fs::create_dir_all(&corpus).with_context(|| corpus.display().to_string())?;
    let mut command = Command::new(tool);
    command
        .current_dir(workspace().join(owner))
        .args(["run", "-s", "none", "--target-dir"])
        .arg(target().join("fuzz"))
        .arg(name)
        .arg(corpus);
    let seeds = seeds(owner).join(name);
    if seeds.is_dir() {
        command.arg(seeds);
    }
    command.args([
        "--",
        &format!("-max_total_time={}", options.seconds),
        // libFuzzer takes 0 as "choose one".
        &format!("-seed={}", options.seed.unwrap_or(0)),
        "-timeout=10",
        "-rss_limit_mb=2048",
        "-print_final_stats=1",
        "-verbosity=0",
        "-max_len=65536",
    ]);
    let path = format!("{owner}/{name}");
    if let Some((_, words)) = DICTIONARIES.iter().find(|(target, _)| *target == path) {
        command.arg(format!("-dict={}", folder.join(words).display()));
    }
    Ok(command)
}

/// Has the crate write what its targets begin with, if it knows that.
fn plant(owner: &str) -> anyhow::Result<()> {
    let examples = workspace().join(owner).join("examples");
    if !examples.join("fuzz_seeds.rs").exists() {
        return Ok(());
    }
    let folder = seeds(owner);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).with_context(|| folder.display().to_string())?;
    }
    run(cargo([
        "run",
        "--quiet",
        "--release",
        "--all-features",
        "--package",
        owner,
        "--example",
        &format!("{owner}-fuzz-seeds"),
        "--",
    ])
    .arg(&folder))
}

fn seeds(owner: &str) -> PathBuf {
    target().join("fuzz-seeds").join(owner)
}

/// Every target, as crate and name.
fn targets() -> anyhow::Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    for owner in ["psrp-codec", "runspace", "wsman", "engine", "pssession"] {
        let folder = workspace().join(owner).join("fuzz").join("fuzz_targets");
        let Ok(entries) = std::fs::read_dir(folder) else {
            continue;
        };
        for entry in entries {
            let path = entry?.path();
            if let (Some(name), Some("rs")) = (
                path.file_stem(),
                path.extension().and_then(|extension| extension.to_str()),
            ) {
                found.push((owner.to_owned(), name.to_string_lossy().into_owned()));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The path of `cargo-fuzz`, built below the target folder when it is not there yet.
fn installed() -> anyhow::Result<PathBuf> {
    let root = target().join("tools");
    let tool = root.join("bin").join("cargo-fuzz");
    if !tool.exists() {
        run(cargo([
            "install",
            "--quiet",
            "--locked",
            "cargo-fuzz",
            "--version",
            CARGO_FUZZ,
            "--root",
        ])
        .arg(&root))?;
    }
    Ok(tool)
}
