//! What is promised about speed, measured beside the limits and beside others on the same bytes
//! in one run.

mod goals;
pub mod judged;
mod peers;
mod races;
mod report;
mod stopwatch;

pub use goals::{
    ALLOCATIONS_PER_MESSAGE, ALLOCATIONS_PER_VALUE, GOALS, GROWTH, Goal, PEAK_GROWTH, TOLD, name,
    race,
};
pub use peers::{Nobody, Peers};
pub use stopwatch::{Race, Times};

use std::process::ExitCode;

use crate::objects::Corpus;

/// Measures and prints everything; fails when a floor was missed.
///
/// With `judged_only`, what is for information is left out.
#[must_use]
pub fn compare(peers: &dyn Peers, judged_only: bool) -> ExitCode {
    let judged = races::promised(peers);
    let mut missed = report::goals(&judged);
    println!(
        "\nA byte of a stream of 20 MB against a byte of 1 MB of it, and of 1 MB that stays in the cache:"
    );
    missed.extend(report::growth(&races::growth()));
    report::times(&judged);
    for note in peers.notes(&judged::messages(races::MB)) {
        println!("{note}");
    }
    if !judged_only {
        println!("\nFor information, 1 MB of each kind of objects by itself:");
        report::corpora(&races::every_corpus(peers));
    }
    if missed.is_empty() {
        println!("\nEvery floor that was measured holds.");
        return ExitCode::SUCCESS;
    }
    println!("\nMissed floors:");
    for missed in missed {
        println!("  {missed}");
    }
    ExitCode::FAILURE
}
