//! What a message is about: its type, and who in the peer it is for.

use std::fmt;

macro_rules! message_kinds {
    ($($(#[$doc:meta])* $variant:ident = $number:literal, $name:literal;)*) => {
        /// [2.2.1] MessageType: what a message says.
        ///
        /// [2.2.1]: https://learn.microsoft.com/openspecs/windows_protocols/ms-psrp/497ac440-89fb-4cb3-9cc1-3434c1aa74c3
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        #[non_exhaustive]
        pub enum MessageKind {
            $($(#[$doc])* $variant,)*
            /// A number that no version known here defines. Receivers ignore it.
            Unknown(u32),
        }

        impl MessageKind {
            /// Every kind that has a name.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The kind with this number.
            #[must_use]
            pub const fn from_u32(number: u32) -> Self {
                match number {
                    $($number => Self::$variant,)*
                    _ => Self::Unknown(number),
                }
            }

            /// The number on the wire.
            #[must_use]
            pub const fn as_u32(self) -> u32 {
                match self {
                    $(Self::$variant => $number,)*
                    Self::Unknown(number) => number,
                }
            }

            /// The name that MS-PSRP has for it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                    Self::Unknown(_) => "unknown message",
                }
            }
        }
    };
}

message_kinds! {
    /// Versions, both directions, before anything else.
    SessionCapability = 0x0001_0002, "SESSION_CAPABILITY";
    /// Not in MS-PSRP and never sent; a PowerShell that gets it closes the session.
    CloseSession = 0x0001_0003, "CLOSE_SESSION";
    /// The client opens a pool.
    InitRunspacePool = 0x0001_0004, "INIT_RUNSPACEPOOL";
    /// The client's public key, for the session key.
    PublicKey = 0x0001_0005, "PUBLIC_KEY";
    /// The session key, encrypted with the client's public key.
    EncryptedSessionKey = 0x0001_0006, "ENCRYPTED_SESSION_KEY";
    /// The server asks for the public key.
    PublicKeyRequest = 0x0001_0007, "PUBLIC_KEY_REQUEST";
    /// Another client takes over a disconnected pool.
    ConnectRunspacePool = 0x0001_0008, "CONNECT_RUNSPACEPOOL";
    /// The client sets how many runspaces the pool opens at most.
    SetMaxRunspaces = 0x0002_1002, "SET_MAX_RUNSPACES";
    /// The client sets how many runspaces the pool keeps ready.
    SetMinRunspaces = 0x0002_1003, "SET_MIN_RUNSPACES";
    /// The answer to the calls about the pool's size and to the reset.
    RunspaceAvailability = 0x0002_1004, "RUNSPACE_AVAILABILITY";
    /// The state of the pool.
    RunspacePoolState = 0x0002_1005, "RUNSPACEPOOL_STATE";
    /// The client starts a pipeline.
    CreatePipeline = 0x0002_1006, "CREATE_PIPELINE";
    /// The client asks how many runspaces are free.
    GetAvailableRunspaces = 0x0002_1007, "GET_AVAILABLE_RUNSPACES";
    /// An event that the script forwards.
    UserEvent = 0x0002_1008, "USER_EVENT";
    /// What the server says of itself.
    ApplicationPrivateData = 0x0002_1009, "APPLICATION_PRIVATE_DATA";
    /// The client asks for the metadata of commands.
    GetCommandMetadata = 0x0002_100A, "GET_COMMAND_METADATA";
    /// The size of the pool, for a client that connects.
    RunspacePoolInitData = 0x0002_100B, "RUNSPACEPOOL_INIT_DATA";
    /// The client wants the runspace as it was when it was new.
    ResetRunspaceState = 0x0002_100C, "RESET_RUNSPACE_STATE";
    /// A call to the client's host outside any pipeline.
    RunspacePoolHostCall = 0x0002_1100, "RUNSPACEPOOL_HOST_CALL";
    /// The answer to a host call of the pool.
    RunspacePoolHostResponse = 0x0002_1101, "RUNSPACEPOOL_HOST_RESPONSE";
    /// An object for the pipeline.
    PipelineInput = 0x0004_1002, "PIPELINE_INPUT";
    /// No more objects for the pipeline.
    EndOfPipelineInput = 0x0004_1003, "END_OF_PIPELINE_INPUT";
    /// An object from the pipeline.
    PipelineOutput = 0x0004_1004, "PIPELINE_OUTPUT";
    /// An error that did not end the pipeline.
    ErrorRecord = 0x0004_1005, "ERROR_RECORD";
    /// The state of the pipeline.
    PipelineState = 0x0004_1006, "PIPELINE_STATE";
    /// A debug message.
    DebugRecord = 0x0004_1007, "DEBUG_RECORD";
    /// A verbose message.
    VerboseRecord = 0x0004_1008, "VERBOSE_RECORD";
    /// A warning.
    WarningRecord = 0x0004_1009, "WARNING_RECORD";
    /// How far something has come.
    ProgressRecord = 0x0004_1010, "PROGRESS_RECORD";
    /// An information record, as Write-Information and Write-Host make them.
    InformationRecord = 0x0004_1011, "INFORMATION_RECORD";
    /// Not in MS-PSRP and never sent: stopping is the transport's. A PowerShell that gets it
    /// stops the pipeline.
    StopPipeline = 0x0004_1012, "STOP_PIPELINE";
    /// A call to the client's host from a pipeline.
    PipelineHostCall = 0x0004_1100, "PIPELINE_HOST_CALL";
    /// The answer to a host call of a pipeline.
    PipelineHostResponse = 0x0004_1101, "PIPELINE_HOST_RESPONSE";
}

impl MessageKind {
    /// Who in the peer handles it, told from the bits of the number as PowerShell does; `None`
    /// for numbers that belong to nobody.
    #[must_use]
    pub const fn target(self) -> Option<MessageTarget> {
        const PIPELINE: u32 = 0x0004_1000;
        const POOL: u32 = 0x0002_1000;
        const SESSION: u32 = 0x0001_0000;
        let number = self.as_u32();
        if number & PIPELINE == PIPELINE {
            Some(MessageTarget::Pipeline)
        } else if number & POOL == POOL {
            Some(MessageTarget::RunspacePool)
        } else if number & SESSION == SESSION {
            Some(MessageTarget::Session)
        } else {
            None
        }
    }
}

impl fmt::Display for MessageKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(number) => write!(f, "unknown message {number:#010x}"),
            known => f.write_str(known.name()),
        }
    }
}

/// Who in the peer handles a message.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum MessageTarget {
    /// The conversation itself: versions, opening, keys.
    Session,
    /// The runspace pool.
    RunspacePool,
    /// One pipeline of the pool.
    Pipeline,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_kinds_are_one_to_one() {
        for kind in MessageKind::ALL {
            assert_eq!(MessageKind::from_u32(kind.as_u32()), *kind);
        }
        assert_eq!(MessageKind::ALL.len(), 33);
    }

    #[test]
    fn the_target_is_in_the_bits() {
        use MessageTarget::{Pipeline, RunspacePool, Session};
        let target = |number| MessageKind::from_u32(number).target();
        assert_eq!(target(0x0001_0002), Some(Session));
        assert_eq!(target(0x0002_1006), Some(RunspacePool));
        assert_eq!(target(0x0004_1004), Some(Pipeline));
        assert_eq!(target(0x0004_1fff), Some(Pipeline));
        assert_eq!(target(0), None);
    }
}
