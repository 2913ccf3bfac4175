//! Reads and writes the bytes of PowerShell remoting: no sockets, no clocks, no session state.
//!
//! Three layers, each a view into the one below: [`Fragment`], [`Message`], and the values that
//! messages carry.
//!
//! ```
//! use psrp_codec::{Decode, Fragment};
//!
//! let wire = *b"\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\0\x03\0\0\0\x02hi";
//! let (fragment, rest) = Fragment::decode(&wire)?;
//! assert_eq!((fragment.blob, rest), (&b"hi"[..], &b""[..]));
//! # Ok::<(), psrp_codec::DecodeError>(())
//! ```
#![warn(clippy::indexing_slicing, clippy::arithmetic_side_effects)]
#![cfg_attr(
    test,
    allow(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::unwrap_used,
        reason = "a test that fails may panic"
    )
)]

pub mod clixml;
mod coding;
mod command;
mod encoded;
mod enumeration;
mod error;
pub mod explain;
pub mod fragment;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod guid;
pub mod host;
mod ids;
mod limits;
pub mod message;
pub mod out_of_process;
mod property;
pub mod record;
mod reference;
mod state;
mod value;

pub use coding::{Decode, Encode};
pub use command::{Argument, Command, CommandMerges, PowerShell, StreamMerges};
pub use encoded::Encoded;
pub use enumeration::{
    ApartmentState, BufferCellType, CommandOrigin, CommandTypes, ConsoleColor, ControlKeyStates,
    CredentialTypes, CredentialUIOptions, ErrorCategory, PSThreadOptions, PipelineResultTypes,
    ProgressRecordType, ReadKeyOptions, RemoteStreamOptions, SessionStateEntryVisibility,
};
pub use error::{DecodeError, DecodeErrorKind};
pub use fragment::{Fragment, Reassembler, split};
pub use host::{HostAnswer, HostDefaultData, HostInfo, HostMethod, HostRequest};
pub use ids::{CallId, ObjectId, PipelineId, PoolId};
pub use limits::Limits;
pub use message::{
    ApplicationPrivateData, ConnectRunspacePool, CreatePipeline, Destination, EncryptedSessionKey,
    GetCommandMetadata, HostCall, HostResponse, InitRunspacePool, Message, MessageBody,
    MessageKind, MessageTarget, OwnedMessage, PipelineStateInfo, PublicKey, PublicKeyRequest,
    RunspaceAvailability, RunspacePoolInitData, RunspacePoolStateInfo, SessionCapability,
    UserEvent,
};
pub use record::{ErrorRecord, InformationRecord, InformationalRecord, ProgressRecord};
pub use reference::References;
pub use state::{PipelineState, RunspacePoolState};
pub use value::{
    ContainerKind, Content, DateTime, DateTimeKind, Decimal, InvalidLexicalForm, Member, Object,
    Progress, ProgressKind, Property, PsString, RefId, SecureString, TimeSpan, TypeNames, Value,
    Version,
};
