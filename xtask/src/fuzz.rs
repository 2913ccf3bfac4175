//! The fuzz targets of every crate, with libFuzzer on the stable toolchain.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Context;
use clap::Args;

use crate::run::{cargo, run, target, workspace};

/// The tool's version, so that a fresh machine gets the one that is known to work.
const CARGO_FUZZ: &str = "0.13.1";

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
    for (owner, name) in targets()? {
        let path = format!("{owner}/{name}");
        if options
            .filter
            .as_deref()
            .is_some_and(|filter| !path.contains(filter))
        {
            continue;
        }
        let build = target().join("fuzz");
        let seconds = format!("-max_total_time={}", options.seconds);
        // libFuzzer takes 0 as "choose one".
        let seed = format!("-seed={}", options.seed.unwrap_or(0));
        run(Command::new(&tool)
            .current_dir(workspace().join(&owner))
            .args(["run", "-s", "none", "--target-dir"])
            .arg(&build)
            .arg(&name)
            .args([
                "--",
                &seconds,
                &seed,
                "-timeout=10",
                "-rss_limit_mb=2048",
                "-print_final_stats=0",
            ])
            .args(["-verbosity=0", "-max_len=65536"]))
        .with_context(|| format!("fuzz target {path}"))?;
        count += 1;
    }
    println!(
        "fuzz: {count} targets, {} s each, nothing found",
        options.seconds
    );
    Ok(())
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
