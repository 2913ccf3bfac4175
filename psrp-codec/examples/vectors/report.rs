//! What passed and what did not.

use std::collections::BTreeMap;
use std::fmt::Display;

/// Counts, and prints what failed.
pub(crate) struct Report {
    kind: String,
    passed: u64,
    failed: u64,
    /// What is worth counting beside that.
    counts: BTreeMap<String, u64>,
}

impl Report {
    /// Nothing has run yet.
    pub(crate) fn new(kind: &str) -> Self {
        Self {
            kind: kind.to_owned(),
            passed: 0,
            failed: 0,
            counts: BTreeMap::new(),
        }
    }

    /// Counts a vector that holds.
    pub(crate) fn pass(&mut self) {
        self.passed += 1;
    }

    /// Counts a vector that does not hold, and says why.
    pub(crate) fn fail(&mut self, name: impl Display, reason: impl Display) {
        self.failed += 1;
        println!("{}: {name}: {reason}", self.kind);
    }

    /// Counts the outcome of one vector.
    pub(crate) fn outcome(&mut self, name: impl Display, outcome: Result<(), String>) {
        match outcome {
            Ok(()) => self.pass(),
            Err(reason) => self.fail(name, reason),
        }
    }

    /// Counts something that was seen, for a person who wonders how much that was.
    pub(crate) fn count(&mut self, what: &str) {
        match self.counts.get_mut(what) {
            Some(count) => *count += 1,
            None => drop(self.counts.insert(what.to_owned(), 1)),
        }
    }

    /// How often that was counted.
    #[allow(dead_code, reason = "for the tests that share this file")]
    pub(crate) fn counted(&self, what: &str) -> u64 {
        self.counts.get(what).copied().unwrap_or_default()
    }

    /// Passed and failed so far.
    #[allow(dead_code, reason = "for the tests that share this file")]
    pub(crate) fn counts(&self) -> (u64, u64) {
        (self.passed, self.failed)
    }

    /// Prints the closing line.
    #[allow(dead_code, reason = "for the example; tests look at the counts")]
    pub(crate) fn finish(&self) {
        for (what, count) in &self.counts {
            println!("  {count:>6} {what}");
        }
        println!(
            "{}: {} passed, {} failed",
            self.kind, self.passed, self.failed
        );
    }
}

/// The entries of a folder with this ending, by name.
pub(crate) fn files(folder: &std::path::Path, ending: &str) -> Vec<std::path::PathBuf> {
    let mut found: Vec<_> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.to_string_lossy().ends_with(ending))
        .collect();
    found.sort();
    found
}
