//! The recordings under `testdata`, run as `cargo xtask vectors` runs the whole of them.

#[path = "../../examples/vectors/exchanges.rs"]
mod exchanges;
#[path = "../../examples/vectors/messages.rs"]
pub(crate) mod messages;
#[path = "../../examples/vectors/psrp.rs"]
mod psrp;
#[path = "../../examples/vectors/writers.rs"]
mod writers;

use crate::report::{self, Report};
use crate::testdata::folder;

#[test]
fn messages_of_another_implementation_are_read() {
    let mut report = Report::new("psrp");
    psrp::run(&folder("psrp"), &mut report);
    assert_eq!(report.counts(), (145, 0));
}

#[test]
fn exchanges_of_powershell_come_back_byte_for_byte() {
    let mut report = Report::new("pwsh/exchanges");
    exchanges::run(&folder("pwsh/exchanges"), &mut report).check(false, &mut report);
    assert_eq!(report.counts(), (241, 0));
    assert!(report.counted(messages::SAME_BYTES) > 200);
}
