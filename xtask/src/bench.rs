//! The criterion benches.

use clap::Args;

use crate::run::{cargo, run};

/// What to measure.
#[derive(Args)]
pub(crate) struct Options {
    /// Only benches whose path contains this, such as `clixml/decode`.
    filter: Option<String>,
    /// Runs every bench once, to see that it works; measures nothing.
    #[arg(long)]
    smoke: bool,
}

impl Options {
    /// Every bench once, nothing measured.
    pub(crate) const fn smoke() -> Self {
        Self {
            filter: None,
            smoke: true,
        }
    }
}

/// Runs the benches of the crate `benches`.
pub(crate) fn bench(options: &Options) -> anyhow::Result<()> {
    let mut arguments = vec!["bench", "--package", "benches", "--benches", "--"];
    if options.smoke {
        arguments.push("--test");
    }
    arguments.extend(options.filter.as_deref());
    run(&mut cargo(arguments))
}
