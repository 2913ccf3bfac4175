//! The checks of this workspace, the same by hand and in CI: `cargo xtask ci`.
//!
//! Every subcommand prints what it runs, so that any step can be repeated alone.

mod arrows;
mod bench;
mod ci;
mod compare;
mod fuzz;
mod interop;
mod python;
mod run;
mod tree;
mod vectors;

use clap::{Parser, Subcommand};

/// The checks of this workspace.
#[derive(Parser)]
#[command(name = "cargo xtask", version)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Format, lints, docs, arrows, tests of every crate, vectors, interop, fuzz targets.
    Ci(ci::Options),
    /// Checks that no crate knows what it must not know.
    Arrows,
    /// Runs the criterion benches, or prints the table of what is promised.
    Bench(bench::Options),
    /// Runs every fuzz target for a while.
    Fuzz(fuzz::Options),
    /// Talks to the endpoint with clients that others wrote.
    Interop,
    /// Runs the recorded vectors and says which failed and why.
    Vectors(vectors::Options),
    /// Prints every source file with its length and what it holds.
    Tree,
}

fn main() -> anyhow::Result<()> {
    std::env::set_current_dir(run::workspace())?;
    match Arguments::parse().task {
        Task::Ci(options) => ci::ci(&options),
        Task::Arrows => arrows::check(),
        Task::Bench(options) => bench::bench(&options),
        Task::Fuzz(options) => fuzz::fuzz(&options),
        Task::Interop => interop::interop(),
        Task::Vectors(options) => vectors::vectors(&options),
        Task::Tree => tree::tree(),
    }
}
