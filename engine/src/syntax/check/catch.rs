//! The order of catch clauses.

use super::super::ast::TryStatement;
use super::super::source::Extent;
use super::Checker;

/// Exceptions by full name, each with its base: enough to see that a handler can never run.
const EXCEPTIONS: [(&str, &str); 40] = [
    ("System.Exception", ""),
    ("System.SystemException", "System.Exception"),
    ("System.ApplicationException", "System.Exception"),
    ("System.ArgumentException", "System.SystemException"),
    ("System.ArgumentNullException", "System.ArgumentException"),
    (
        "System.ArgumentOutOfRangeException",
        "System.ArgumentException",
    ),
    ("System.ArithmeticException", "System.SystemException"),
    ("System.DivideByZeroException", "System.ArithmeticException"),
    ("System.OverflowException", "System.ArithmeticException"),
    (
        "System.NotFiniteNumberException",
        "System.ArithmeticException",
    ),
    (
        "System.ArrayTypeMismatchException",
        "System.SystemException",
    ),
    ("System.FormatException", "System.SystemException"),
    ("System.UriFormatException", "System.FormatException"),
    ("System.IndexOutOfRangeException", "System.SystemException"),
    ("System.InvalidCastException", "System.SystemException"),
    ("System.InvalidOperationException", "System.SystemException"),
    (
        "System.ObjectDisposedException",
        "System.InvalidOperationException",
    ),
    ("System.NotImplementedException", "System.SystemException"),
    ("System.NotSupportedException", "System.SystemException"),
    (
        "System.PlatformNotSupportedException",
        "System.NotSupportedException",
    ),
    ("System.NullReferenceException", "System.SystemException"),
    (
        "System.OperationCanceledException",
        "System.SystemException",
    ),
    ("System.OutOfMemoryException", "System.SystemException"),
    ("System.RankException", "System.SystemException"),
    ("System.TimeoutException", "System.SystemException"),
    (
        "System.UnauthorizedAccessException",
        "System.SystemException",
    ),
    ("System.IO.IOException", "System.SystemException"),
    ("System.IO.FileNotFoundException", "System.IO.IOException"),
    (
        "System.IO.DirectoryNotFoundException",
        "System.IO.IOException",
    ),
    ("System.IO.PathTooLongException", "System.IO.IOException"),
    (
        "System.Management.Automation.RuntimeException",
        "System.SystemException",
    ),
    (
        "System.Management.Automation.CommandNotFoundException",
        "System.Management.Automation.RuntimeException",
    ),
    (
        "System.Management.Automation.ParameterBindingException",
        "System.Management.Automation.RuntimeException",
    ),
    (
        "System.Management.Automation.SessionStateException",
        "System.Management.Automation.RuntimeException",
    ),
    (
        "System.Management.Automation.ItemNotFoundException",
        "System.Management.Automation.SessionStateException",
    ),
    (
        "System.Management.Automation.DriveNotFoundException",
        "System.Management.Automation.SessionStateException",
    ),
    (
        "System.Management.Automation.ActionPreferenceStopException",
        "System.Management.Automation.RuntimeException",
    ),
    (
        "System.Management.Automation.PSInvalidCastException",
        "System.InvalidCastException",
    ),
    (
        "System.Management.Automation.PSArgumentException",
        "System.ArgumentException",
    ),
    (
        "System.Management.Automation.PSInvalidOperationException",
        "System.InvalidOperationException",
    ),
];

impl Checker<'_> {
    pub(super) fn catch_order(&mut self, statement: &TryStatement) {
        let catches = &statement.catches;
        for (index, first) in catches.iter().enumerate() {
            for second in &catches[index + 1..] {
                if first.types.is_empty() {
                    let at = Extent::empty(second.extent.start.saturating_sub(1));
                    self.error(
                        at,
                        "EmptyCatchNotLast",
                        "Catch block must be the last catch block.",
                    );
                    break;
                }
                for caught in &first.types {
                    let Some(caught) = find(self.text(caught.name.extent)) else {
                        continue;
                    };
                    for later in &second.types {
                        let Some(name) = find(self.text(later.name.extent)) else {
                            continue;
                        };
                        if derives(name, caught) {
                            let message = format!(
                                "Exception type {name} is already handled by a previous handler."
                            );
                            self.error(later.extent, "ExceptionTypeAlreadyCaught", message);
                        }
                    }
                }
            }
        }
    }
}

// `System.` may be left out of a type name.
fn find(name: &str) -> Option<&'static str> {
    EXCEPTIONS.iter().map(|(full, _)| *full).find(|full| {
        full.eq_ignore_ascii_case(name)
            || full
                .strip_prefix("System.")
                .is_some_and(|short| short.eq_ignore_ascii_case(name))
    })
}

fn derives(name: &str, base: &str) -> bool {
    let mut name = name;
    loop {
        if name == base {
            return true;
        }
        match EXCEPTIONS.iter().find(|(full, _)| *full == name) {
            Some((_, parent)) if !parent.is_empty() => name = parent,
            _ => return false,
        }
    }
}
