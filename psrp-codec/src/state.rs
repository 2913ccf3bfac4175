//! The states of pools and pipelines, as the wire numbers them.

/// [2.2.3.4] RunspacePoolState.
///
/// MS-PSRP and PowerShell number the states from 6 on differently, and no peer sends them:
/// they are [`Other`](Self::Other) here, and a receiver does nothing about them.
///
/// [2.2.3.4]: https://learn.microsoft.com/openspecs/windows_protocols/ms-psrp/b05495bc-a9b2-4794-9f43-4bf1f3633900
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum RunspacePoolState {
    /// Nothing has been asked for.
    BeforeOpen,
    /// The pool is being opened.
    Opening,
    /// The pool can run pipelines.
    Opened,
    /// The pool is gone, as was asked.
    Closed,
    /// The pool is being closed; PowerShell says so on stream transports.
    Closing,
    /// The pool is gone because something went wrong.
    Broken,
    /// A state that is not for the wire.
    Other(i32),
}

impl RunspacePoolState {
    /// The state with this number.
    #[must_use]
    pub const fn from_i32(number: i32) -> Self {
        match number {
            0 => Self::BeforeOpen,
            1 => Self::Opening,
            2 => Self::Opened,
            3 => Self::Closed,
            4 => Self::Closing,
            5 => Self::Broken,
            other => Self::Other(other),
        }
    }

    /// The number on the wire.
    #[must_use]
    pub const fn as_i32(self) -> i32 {
        match self {
            Self::BeforeOpen => 0,
            Self::Opening => 1,
            Self::Opened => 2,
            Self::Closed => 3,
            Self::Closing => 4,
            Self::Broken => 5,
            Self::Other(other) => other,
        }
    }
}

/// [2.2.3.5] PSInvocationState: the state of a pipeline.
///
/// [2.2.3.5]: https://learn.microsoft.com/openspecs/windows_protocols/ms-psrp/acaa253a-29be-45fd-911c-6715515a28b9
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum PipelineState {
    /// Nothing has been asked for. Not sent by PowerShell.
    NotStarted,
    /// At work. Not sent by PowerShell.
    Running,
    /// Being stopped. Not sent by PowerShell.
    Stopping,
    /// Stopped before its end.
    Stopped,
    /// Came to its end.
    Completed,
    /// Ended by an error.
    Failed,
    /// The client's own word for a pipeline of a disconnected pool.
    Disconnected,
    /// A number that the protocol does not define.
    Other(i32),
}

impl PipelineState {
    /// The state with this number.
    #[must_use]
    pub const fn from_i32(number: i32) -> Self {
        match number {
            0 => Self::NotStarted,
            1 => Self::Running,
            2 => Self::Stopping,
            3 => Self::Stopped,
            4 => Self::Completed,
            5 => Self::Failed,
            6 => Self::Disconnected,
            other => Self::Other(other),
        }
    }

    /// The number on the wire.
    #[must_use]
    pub const fn as_i32(self) -> i32 {
        match self {
            Self::NotStarted => 0,
            Self::Running => 1,
            Self::Stopping => 2,
            Self::Stopped => 3,
            Self::Completed => 4,
            Self::Failed => 5,
            Self::Disconnected => 6,
            Self::Other(other) => other,
        }
    }

    /// Whether nothing more comes from a pipeline in this state.
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Stopped | Self::Completed | Self::Failed)
    }
}
