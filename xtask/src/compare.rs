//! What is promised about speed and memory, beside what was measured.

use anyhow::bail;
use clap::Args;

use crate::run::{cargo, run};

/// What to leave out.
#[derive(Args, Default)]
pub(crate) struct Options {
    /// Only what has a floor; without the objects of each kind by themselves.
    #[arg(long, requires = "compare")]
    judged: bool,
}

/// Counts, measures, and fails when a floor was missed.
pub(crate) fn compare(options: &Options) -> anyhow::Result<()> {
    let mut timed = vec![];
    if options.judged {
        timed.push("--judged");
    }
    // Both, whatever the first says: who misses one floor wants to know of the others.
    let outcomes = [ours("allocations", &[]), ours("compare", &timed)];
    if outcomes.iter().any(Result::is_err) {
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
