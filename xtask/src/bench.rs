//! The criterion benches, and the table of what is promised.

use clap::Args;

use crate::compare;
use crate::run::{cargo, run};

/// What to measure.
#[derive(Args)]
pub(crate) struct Options {
    /// Only benches whose path contains this, such as `clixml/decode`.
    filter: Option<String>,
    /// Runs every bench once, to see that it works; measures nothing.
    #[arg(long)]
    smoke: bool,
    /// Prints what is promised about speed and memory beside what is measured, in one run with the
    /// limits. Fails when a floor is missed.
    #[arg(long, conflicts_with_all = ["filter", "smoke"])]
    compare: bool,
    #[command(flatten)]
    comparison: compare::Options,
}

impl Options {
    /// Every bench once, nothing measured.
    pub(crate) fn smoke() -> Self {
        Self {
            filter: None,
            smoke: true,
            compare: false,
            comparison: compare::Options::default(),
        }
    }
}

/// Runs the benches of the crate `benches`.
pub(crate) fn bench(options: &Options) -> anyhow::Result<()> {
    if options.compare {
        return compare::compare(&options.comparison);
    }
    let mut arguments = if options.smoke {
        // As the tests are built, so that what is there already is used: nothing is measured.
        vec![
            "test",
            "--workspace",
            "--all-features",
            "--bench",
            "*",
            "--",
        ]
    } else {
        vec!["bench", "--package", "benches", "--benches", "--"]
    };
    arguments.extend(options.filter.as_deref());
    run(&mut cargo(arguments))
}
