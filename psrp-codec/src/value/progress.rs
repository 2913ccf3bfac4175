//! `PR`: a progress record as a primitive value.

use super::PsString;

/// MS-PSRP 2.2.5.1.25 Progress Record: the `PR` element.
///
/// It stands in files and child-process streams. The PROGRESS_RECORD message has properties
/// instead.
///
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Progress {
    /// `AV`: what is being done.
    pub activity: PsString,
    /// `AI`: which activity this is about.
    pub activity_id: i32,
    /// What is being done at the moment. The empty text cannot be told from none.
    pub current_operation: Option<PsString>,
    /// `PI`: the activity that this is part of, or −1.
    pub parent_activity_id: i32,
    /// `PC`: how much is done, or −1.
    pub percent_complete: i32,
    /// `T`: whether it goes on.
    pub kind: ProgressKind,
    /// `SR`: how much longer it takes, or −1.
    pub seconds_remaining: i32,
    /// `SD`: how it stands.
    pub status: PsString,
}

/// Whether an activity goes on: `System.Management.Automation.ProgressRecordType`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ProgressKind {
    /// It goes on.
    Processing,
    /// It is over.
    Completed,
}

impl ProgressKind {
    /// The name that PowerShell has for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Processing => "Processing",
            Self::Completed => "Completed",
        }
    }
}
