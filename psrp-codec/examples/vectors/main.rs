//! Runs recorded vectors of one kind: `vectors KIND FOLDER`.
//!
//! Names what failed and why, and ends with a line `KIND: N passed, N failed`.

mod built;
mod clixml;
mod exchanges;
mod forward;
mod messages;
mod psrp;
mod pwsh_clixml;
mod report;
mod writers;
mod wsman_real;

use std::path::Path;
use std::process::ExitCode;

use report::Report;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [kind, folder] = &arguments[..] else {
        eprintln!("usage: psrp-codec-vectors KIND FOLDER");
        return ExitCode::from(2);
    };
    let folder = Path::new(folder);
    let mut report = Report::new(kind);
    match kind.as_str() {
        "clixml" => clixml::run(folder, &mut report),
        "psrp" => psrp::run(folder, &mut report),
        "pwsh/clixml" => pwsh_clixml::run(folder, &mut report),
        "pwsh/exchanges" => exchanges::run(folder, &mut report).check(true, &mut report),
        "wsman-real" => wsman_real::run(folder, &mut report).check(true, &mut report),
        _ => report.fail("(all)", "this crate does not serve the kind"),
    }
    report.finish();
    ExitCode::SUCCESS
}
