//! The recorded vectors: each kind is run by the crate that serves it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, bail};
use clap::Args;

use crate::run::{cargo, workspace};

/// Every kind with the crates whose example `CRATE-vectors` runs it.
const KINDS: &[(&str, &[&str])] = &[
    ("clixml", &["psrp-codec"]),
    ("psrp", &["psrp-codec"]),
    ("pwsh/clixml", &["psrp-codec"]),
    ("pwsh/exchanges", &["psrp-codec", "runspace"]),
    ("wsman", &["wsman"]),
    ("windows", &["wsman"]),
    ("wsman-real", &["wsman", "psrp-codec"]),
    ("pwsh/language", &["engine"]),
    ("pwsh/format", &["engine"]),
];

/// Which vectors to run.
#[derive(Args)]
pub(crate) struct Options {
    /// Only this kind, such as `clixml` or `pwsh/language`.
    #[arg(long)]
    pub(crate) kind: Option<String>,
    /// The folder to read instead of `../shared/vectors/KIND`; needs `--kind`.
    #[arg(long, requires = "kind")]
    pub(crate) dir: Option<PathBuf>,
    /// Fails when fewer vectors pass than `xtask/vectors.tsv` says have passed before.
    #[arg(long)]
    pub(crate) ratchet: bool,
}

/// What a run of one kind came to.
#[derive(Clone, Copy, Default)]
struct Tally {
    passed: u64,
    failed: u64,
}

/// Runs the vectors. Without `--ratchet` a vector that fails makes the whole fail.
pub(crate) fn vectors(options: &Options) -> anyhow::Result<()> {
    if let Some(kind) = &options.kind
        && !KINDS.iter().any(|(name, _)| name == kind)
    {
        let known: Vec<_> = KINDS.iter().map(|(name, _)| *name).collect();
        bail!("no kind is named {kind}; there are {}", known.join(", "));
    }
    let mut results = BTreeMap::new();
    for (kind, crates) in KINDS {
        if options
            .kind
            .as_deref()
            .is_some_and(|wanted| wanted != *kind)
        {
            continue;
        }
        let start = Instant::now();
        let tally = run_kind(kind, crates, options.dir.as_deref())?;
        eprintln!("({kind} took {:.1} s)", start.elapsed().as_secs_f32());
        println!("{kind}: {} passed, {} failed", tally.passed, tally.failed);
        results.insert(*kind, tally);
    }
    if options.ratchet {
        if !beside().is_dir() {
            println!(
                "vectors: only what the crates carry was run; the rest is not beside the project"
            );
            return Ok(());
        }
        return hold(&results);
    }
    if results.values().any(|tally| tally.failed > 0) {
        bail!("some vectors failed");
    }
    Ok(())
}

/// Compares with what has passed before: a share only ever rises.
fn hold(results: &BTreeMap<&str, Tally>) -> anyhow::Result<()> {
    let path = workspace().join("xtask").join("vectors.tsv");
    let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let mut fallen = Vec::new();
    for line in text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        let (kind, floor) = line
            .split_once('\t')
            .context("vectors.tsv: kind, tab, number")?;
        let floor: u64 = floor.trim().parse().context("vectors.tsv: the number")?;
        if let Some(tally) = results.get(kind)
            && tally.passed < floor
        {
            fallen.push(format!(
                "{kind}: {} passed, {floor} did before",
                tally.passed
            ));
        }
    }
    if !fallen.is_empty() {
        bail!(
            "vectors that used to pass fail now:\n  {}",
            fallen.join("\n  ")
        );
    }
    Ok(())
}

fn run_kind(kind: &str, crates: &[&str], dir: Option<&Path>) -> anyhow::Result<Tally> {
    let mut tally = Tally::default();
    for owner in crates {
        let Some(folder) = folder_of(kind, owner, dir) else {
            println!("{kind}: {owner} carries none, and the recordings are not beside the project");
            tally.failed += 1;
            continue;
        };
        if !serves(owner) {
            println!("{kind}: no code in {owner} serves this kind yet");
            tally.failed += 1;
            continue;
        }
        let part = run_example(kind, owner, &folder)?;
        tally.passed += part.passed;
        tally.failed += part.failed;
    }
    Ok(tally)
}

/// Where all the recordings lie when they lie beside the project.
fn beside() -> PathBuf {
    workspace().join("../shared/vectors")
}

/// The folder given, or the recordings beside the project, or what the crate carries itself.
fn folder_of(kind: &str, owner: &str, dir: Option<&Path>) -> Option<PathBuf> {
    let beside = beside().join(kind);
    let own = workspace().join(owner).join("testdata").join(kind);
    dir.map(Path::to_path_buf)
        .or_else(|| [beside, own].into_iter().find(|path| path.is_dir()))
}

fn serves(owner: &str) -> bool {
    workspace()
        .join(owner)
        .join("examples/vectors/main.rs")
        .exists()
}

fn run_example(kind: &str, owner: &str, folder: &Path) -> anyhow::Result<Tally> {
    let mut command: Command = cargo([
        "run",
        "--quiet",
        "--release",
        "--all-features",
        "--package",
        owner,
    ]);
    command
        .arg("--example")
        .arg(format!("{owner}-vectors"))
        .args(["--", kind])
        .arg(folder)
        .stdout(Stdio::piped());
    let output = command
        .output()
        .with_context(|| format!("could not run the vectors of {owner}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    eprint!("{}", String::from_utf8_lossy(&output.stderr));
    let mut tally = None;
    for line in text.lines() {
        match tally_of(line, kind) {
            Some(found) => tally = Some(found),
            None => println!("{line}"),
        }
    }
    tally.with_context(|| format!("{owner} ended {kind} without its closing line"))
}

/// Reads `KIND: N passed, N failed`.
fn tally_of(line: &str, kind: &str) -> Option<Tally> {
    let rest = line.strip_prefix(kind)?.strip_prefix(": ")?;
    let (passed, failed) = rest.strip_suffix(" failed")?.split_once(" passed, ")?;
    Some(Tally {
        passed: passed.parse().ok()?,
        failed: failed.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closing_line_is_read_and_other_lines_are_not() {
        let tally = tally_of("pwsh/clixml: 12 passed, 3 failed", "pwsh/clixml").unwrap();
        assert_eq!((tally.passed, tally.failed), (12, 3));
        assert!(tally_of("pwsh/clixml: a.xml failed", "pwsh/clixml").is_none());
        assert!(tally_of("clixml: 1 passed, 0 failed", "psrp").is_none());
    }
}
