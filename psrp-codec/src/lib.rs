//! Reads and writes the bytes of PowerShell remoting: no sockets, no clocks, no session state.
//!
//! Three layers, each a view into the one below.
//!
//! 1. [`Fragment`]: a slice of a message, as packets carry it. [`split`] cuts, [`Reassembler`]
//!    joins.
//! 2. [`Message`]: a header of 40 bytes and one value. [`MessageBody`] is what the value means,
//!    a type for each [`MessageKind`].
//! 3. [`Value`]: the value itself, read from and written to [`clixml`]. [`Encoded`] is one that
//!    nobody has looked into yet.
//!
//! Beside them, [`out_of_process`] has the packets of stream transports, and [`explain`](mod@explain)
//! says of captured bytes what they are.
//!
//! ```
//! use psrp_codec::{Decode, Fragment, Limits, Message, MessageBody, MessageKind, PipelineState};
//!
//! let mut packet = b"\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\0\x03\0\0\0\x64".to_vec();
//! packet.extend(b"\x01\0\0\0\x06\x10\x04\0");
//! packet.extend([7; 32]);
//! packet.extend(br#"<Obj RefId="0"><MS><I32 N="PipelineState">4</I32></MS></Obj>"#);
//!
//! let (fragment, rest) = Fragment::decode(&packet)?;
//! assert!(fragment.start && fragment.end && rest.is_empty());
//!
//! let (message, _) = Message::decode(fragment.blob)?;
//! assert_eq!(message.kind, MessageKind::PipelineState);
//!
//! let value = message.value(&Limits::default())?;
//! assert_eq!(value.get("PipelineState").and_then(|state| state.as_i32()), Some(4));
//!
//! let MessageBody::PipelineState(info) = message.body(&Limits::default())? else {
//!     panic!("not what the header says");
//! };
//! assert_eq!(info.state, PipelineState::Completed);
//! # Ok::<(), psrp_codec::DecodeError>(())
//! ```
//!
//! What a peer sends never makes this crate panic, and never makes it hold more than [`Limits`]
//! allow. Errors are [`DecodeError`]s: which item, at which byte, what was wrong.
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
#[cfg(feature = "serde")]
pub mod convert;
mod digits;
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
mod primitive_dictionary;
mod property;
pub mod record;
mod reference;
mod state;
mod unseen;
mod utf16;
mod value;

pub use coding::{Decode, Encode};
pub use command::{Argument, Command, CommandMerges, PowerShell, StreamMerges};
#[cfg(feature = "serde")]
pub use convert::{ConvertError, from_value, to_value};
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
pub use primitive_dictionary::primitive_dictionary;
pub use record::{ErrorRecord, InformationRecord, InformationalRecord, ProgressRecord};
pub use reference::References;
pub use state::{PipelineState, RunspacePoolState};
#[cfg(feature = "jiff")]
pub use value::OutOfRange;
pub use value::{
    ContainerKind, Content, DateTime, DateTimeKind, Decimal, InvalidLexicalForm, Member, Object,
    Progress, ProgressKind, Property, PsString, RefId, SecureString, TimeSpan, TypeNames, Value,
    Version,
};

/// Keeps the example of the crate's README running.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
