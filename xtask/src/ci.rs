//! Everything that must hold before a change lands.

use std::time::Instant;

use anyhow::Context;
use clap::Args;

use crate::run::{cargo, run};
use crate::{arrows, bench, fuzz, interop, vectors};

/// Where properties and fuzzers begin to search, so that a change is judged by what it changes and
/// not by luck. By hand, `cargo test` and `cargo xtask fuzz` begin somewhere else each time.
const SEED: u32 = 20_261_121;

/// What to leave out; nothing is left out silently.
#[derive(Args)]
pub(crate) struct Options {
    /// Leaves out the clients that others wrote (needs Python and PyPI).
    #[arg(long)]
    skip_interop: bool,
    /// Leaves out the fuzz targets.
    #[arg(long)]
    skip_fuzz: bool,
    /// Seconds for each fuzz target.
    #[arg(long, default_value_t = 10)]
    fuzz_seconds: u32,
}

/// Runs every step in turn and stops at the first that fails.
pub(crate) fn ci(options: &Options) -> anyhow::Result<()> {
    let start = Instant::now();
    step("format", || run(&mut cargo(["fmt", "--all", "--check"])))?;
    step("arrows", arrows::check)?;
    step("lints", || {
        run(&mut cargo([
            "clippy",
            "--quiet",
            "--workspace",
            "--all-targets",
            "--all-features",
            "--",
            "-D",
            "warnings",
        ]))
    })?;
    step("docs", || {
        run(cargo([
            "doc",
            "--quiet",
            "--workspace",
            "--all-features",
            "--no-deps",
        ])
        .env("RUSTDOCFLAGS", "-D warnings"))
    })?;
    step("features", features)?;
    step("tests", || {
        run(cargo(["test", "--workspace", "--all-features"])
            .env("PROPTEST_RNG_SEED", SEED.to_string()))
    })?;
    step("benches", || bench::bench(&bench::Options::smoke()))?;
    step("vectors", || {
        vectors::vectors(&vectors::Options {
            kind: None,
            dir: None,
            ratchet: true,
        })
    })?;
    if options.skip_interop {
        println!("interop: left out, as asked");
    } else {
        step("interop", interop::interop)?;
    }
    if options.skip_fuzz {
        println!("fuzz: left out, as asked");
    } else {
        step("fuzz", || {
            fuzz::fuzz(&fuzz::Options {
                seconds: options.fuzz_seconds,
                seed: Some(SEED),
                filter: None,
            })
        })?;
    }
    println!(
        "ci: all steps passed in {:.0} s",
        start.elapsed().as_secs_f32()
    );
    Ok(())
}

/// Each crate builds without its features too: a feature adds, nothing leans on it by accident.
fn features() -> anyhow::Result<()> {
    for name in ["psrp-codec", "runspace", "wsman", "engine", "pssession"] {
        run(&mut cargo([
            "check",
            "--quiet",
            "--package",
            name,
            "--no-default-features",
        ]))?;
    }
    Ok(())
}

fn step(name: &str, body: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<()> {
    println!("== {name}");
    let start = Instant::now();
    body().with_context(|| format!("the step `{name}` failed"))?;
    println!(
        "== {name}: passed in {:.0} s",
        start.elapsed().as_secs_f32()
    );
    Ok(())
}
