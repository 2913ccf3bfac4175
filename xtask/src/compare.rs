//! What is promised about speed and memory, beside what was measured.

use anyhow::bail;
use clap::Args;

use crate::python::environment;
use crate::run::{cargo, run, target};

/// What to leave out.
#[derive(Args, Default)]
#[group(id = "comparison")]
pub(crate) struct Options {
    /// Only what has a floor; without the objects of each kind by themselves.
    #[arg(long, requires = "compare")]
    judged: bool,
    /// Leaves out what others made, which takes crates.io, PyPI and minutes to build.
    #[arg(long, requires = "compare")]
    without_peers: bool,
}

/// Counts, measures, and fails when a floor was missed.
pub(crate) fn compare(options: &Options) -> anyhow::Result<()> {
    let mut arguments = vec![];
    if options.judged {
        arguments.push("--judged");
    }
    // Both, whatever the first says: who misses one floor wants to know of the others.
    let counted = ours("allocations", &[]);
    let timed = if options.without_peers {
        ours("compare", &arguments)
    } else {
        peers(&arguments)
    };
    if counted.is_err() || timed.is_err() {
        bail!("a floor was missed");
    }
    Ok(())
}

/// Runs a binary of the crate `benches`, without the engine that only its bench `invoke` needs.
fn ours(name: &str, arguments: &[&str]) -> anyhow::Result<()> {
    let build = [
        "run",
        "--quiet",
        "--release",
        "--package",
        "benches",
        "--no-default-features",
        "--bin",
        name,
        "--",
    ];
    run(&mut cargo(build.iter().chain(arguments)))
}

/// Runs the same in the workspace that has others beside us.
fn peers(arguments: &[&str]) -> anyhow::Result<()> {
    let python = environment("peers/python", "benches/peers/requirements.txt")?;
    run(cargo([
        "run",
        "--quiet",
        "--release",
        "--ignore-rust-version",
        "--manifest-path",
        "benches/peers/Cargo.toml",
        "--target-dir",
    ])
    .arg(target().join("peers"))
    .args(["--", "--python"])
    .arg(python)
    .args(arguments))
}
