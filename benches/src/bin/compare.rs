//! What is promised about speed beside the limits, and nobody else.

use std::process::ExitCode;

use benches::compare::{self, Nobody};

fn main() -> ExitCode {
    let judged_only = std::env::args().any(|argument| argument == "--judged");
    compare::compare(&Nobody, judged_only)
}
