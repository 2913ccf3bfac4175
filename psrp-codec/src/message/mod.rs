//! The middle layer: what the fragments carry. A header of 40 bytes, and one value in CLIXML.

mod body;
mod capability;
mod command_metadata;
mod create_pipeline;
mod host_call;
mod kind;
mod pool_open;
mod pool_size;
mod private_data;
mod session_key;
mod state_info;
mod user_event;

pub use body::MessageBody;
pub use capability::SessionCapability;
pub use command_metadata::{
    CommandMetadata, CommandMetadataCount, GetCommandMetadata, MetadataTypeNames, ParameterMetadata,
};
pub use create_pipeline::CreatePipeline;
pub use host_call::{HostCall, HostResponse};
pub use kind::{MessageKind, MessageTarget};
pub use pool_open::{ConnectRunspacePool, InitRunspacePool, RunspacePoolInitData};
pub use pool_size::{
    AvailabilityResponse, GetAvailableRunspaces, ResetRunspaceState, RunspaceAvailability,
    SetMaxRunspaces, SetMinRunspaces,
};
pub use private_data::ApplicationPrivateData;
pub use session_key::{EncryptedSessionKey, PublicKey, PublicKeyRequest};
pub use state_info::{PipelineStateInfo, RunspacePoolStateInfo};
pub use user_event::UserEvent;

use std::fmt;

use bytes::{BufMut, Bytes, BytesMut};
use nom::{IResult, Parser, number::complete::le_u32};
use uuid::Uuid;

use crate::{
    Decode, DecodeError, DecodeErrorKind, Encode, Encoded, Limits, PipelineId, PoolId, Value,
    clixml,
    guid::{GUID_LEN, guid},
    unseen::Unseen,
};

/// Which side a message is for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Destination {
    /// From server to client.
    Client,
    /// From client to server.
    Server,
}

impl Destination {
    const fn as_u32(self) -> u32 {
        match self {
            Self::Client => 1,
            Self::Server => 2,
        }
    }
}

/// [2.2.1] PowerShell Remoting Protocol Message: header and data, seen in place.
///
/// The header is little endian, unlike that of fragments. Over a whole message,
/// [`decode`](Decode::decode) leaves no rest: all that follows the header is data.
///
/// [2.2.1]: https://learn.microsoft.com/openspecs/windows_protocols/ms-psrp/497ac440-89fb-4cb3-9cc1-3434c1aa74c3
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct Message<'a> {
    /// Which side it is for.
    pub destination: Destination,
    /// What it says.
    pub kind: MessageKind,
    /// RPID: the pool; a server leaves it out of what it sends for the session.
    pub pool: Option<PoolId>,
    /// PID: the pipeline, if the message concerns one.
    pub pipeline: Option<PipelineId>,
    /// The value, as it stands on the wire: with or without a byte order mark, or nothing.
    pub data: &'a [u8],
}

impl<'a> Message<'a> {
    /// Bytes in front of the data.
    pub const HEADER_LEN: usize = 4 /* Destination */ + 4 /* MessageType */ + 16 /* RPID */ + 16 /* PID */;

    /// A message without data that concerns neither a pool nor a pipeline.
    #[must_use]
    pub const fn new(destination: Destination, kind: MessageKind) -> Self {
        Self {
            destination,
            kind,
            pool: None,
            pipeline: None,
            data: &[],
        }
    }

    /// The same message about this pool.
    #[must_use]
    pub const fn in_pool(mut self, pool: PoolId) -> Self {
        self.pool = Some(pool);
        self
    }

    /// The same message about this pipeline.
    #[must_use]
    pub const fn of_pipeline(mut self, pipeline: PipelineId) -> Self {
        self.pipeline = Some(pipeline);
        self
    }

    /// Appends the message with `value` in place of its data: the header, a byte order mark and
    /// the value as PowerShell writes it. Null is the header alone.
    pub fn encode_with_value(&self, value: &Value, out: &mut BytesMut) {
        self.encode_header(out);
        if !value.is_null() {
            out.put_slice(BYTE_ORDER_MARK);
            clixml::write(value, out);
        }
    }

    /// Appends the message with `clixml`, one value in the bare form, in place of its data. An
    /// empty slice is null.
    pub fn encode_with_clixml(&self, clixml: &[u8], out: &mut BytesMut) {
        self.encode_header(out);
        if !clixml.is_empty() {
            out.put_slice(BYTE_ORDER_MARK);
            out.put_slice(clixml);
        }
    }

    fn encode_header(&self, out: &mut BytesMut) {
        out.reserve(Self::HEADER_LEN);
        out.put_u32_le(self.destination.as_u32());
        out.put_u32_le(self.kind.as_u32());
        out.put_slice(&guid_bytes(self.pool.map(PoolId::as_uuid)));
        out.put_slice(&guid_bytes(self.pipeline.map(PipelineId::as_uuid)));
    }

    /// Reads the value; a message without data has null.
    ///
    /// # Errors
    /// When the data is not one CLIXML value within the limits. Offsets count from the start of
    /// the message.
    pub fn value(&self, limits: &Limits) -> Result<Value, DecodeError> {
        self.read_value(|xml| clixml::read(xml, limits))
    }

    /// Reads the value as [`value`](Self::value) does, with the memory of `reader`: for those who
    /// read one message after the other.
    ///
    /// # Errors
    /// As [`value`](Self::value), within the limits of the reader.
    pub fn value_with(&self, reader: &mut clixml::Reader) -> Result<Value, DecodeError> {
        self.read_value(|xml| reader.read(xml))
    }

    fn read_value(
        &self,
        read: impl FnOnce(&'a [u8]) -> Result<Value, DecodeError>,
    ) -> Result<Value, DecodeError> {
        let Some(xml) = self.clixml()? else {
            return Ok(Value::Null);
        };
        let before = Self::HEADER_LEN
            .saturating_add(self.data.len())
            .saturating_sub(xml.len());
        read(xml).map_err(|error| error.shifted(before))
    }

    /// Reads the value into the type that the kind of message has for it.
    ///
    /// # Errors
    /// When the data is not one CLIXML value within the limits, or not what the kind demands.
    pub fn body(&self, limits: &Limits) -> Result<MessageBody, DecodeError> {
        self.typed(self.value(limits)?)
    }

    /// Reads the body as [`body`](Self::body) does, with the memory of `reader`.
    ///
    /// # Errors
    /// As [`body`](Self::body), within the limits of the reader.
    pub fn body_with(&self, reader: &mut clixml::Reader) -> Result<MessageBody, DecodeError> {
        self.typed(self.value_with(reader)?)
    }

    fn typed(&self, value: Value) -> Result<MessageBody, DecodeError> {
        MessageBody::from_owned_value(self.kind, (!self.data.is_empty()).then_some(value))
    }

    /// The value's CLIXML without the byte order mark; `None` when there is no value, which is
    /// how null travels.
    ///
    /// # Errors
    /// When there is a byte order mark and nothing after it.
    pub fn clixml(&self) -> Result<Option<&'a [u8]>, DecodeError> {
        match self.data.strip_prefix(BYTE_ORDER_MARK) {
            Some([]) => Err(DecodeError::new(
                self.kind.name(),
                self.data.len(),
                DecodeErrorKind::Truncated,
            )),
            Some(clixml) => Ok(Some(clixml)),
            None if self.data.is_empty() => Ok(None),
            None => Ok(Some(self.data)),
        }
    }
}

impl<'a> Decode<'a> for Message<'a> {
    #[inline]
    fn decode(input: &'a [u8]) -> Result<(Self, &'a [u8]), DecodeError> {
        let Ok((data, (destination, kind, pool, pipeline))) = header_fields(input) else {
            return Err(DecodeError::new(
                ITEM,
                input.len(),
                DecodeErrorKind::Truncated,
            ));
        };
        // A set of bits, of which PowerShell only looks for its own.
        let destination = match destination & 3 {
            1 => Destination::Client,
            2 => Destination::Server,
            _ => {
                return Err(DecodeError::new(
                    ITEM,
                    0,
                    DecodeErrorKind::InvalidValue(format!("destination {destination:#x}")),
                ));
            }
        };
        let message = Self {
            destination,
            kind: MessageKind::from_u32(kind),
            pool: PoolId::new(pool),
            pipeline: PipelineId::new(pipeline),
            data,
        };
        Ok((message, &[]))
    }
}

#[inline]
fn header_fields(input: &[u8]) -> IResult<&[u8], (u32, u32, Uuid, Uuid), ()> {
    (le_u32, le_u32, guid, guid).parse(input)
}

impl Encode for Message<'_> {
    fn encoded_len(&self) -> usize {
        Self::HEADER_LEN.saturating_add(self.data.len())
    }

    fn encode(&self, out: &mut BytesMut) {
        out.reserve(self.encoded_len());
        self.encode_header(out);
        out.put_slice(self.data);
    }
}

/// A GUID as .NET lays it out: the first three groups little endian.
fn guid_bytes(id: Option<Uuid>) -> [u8; GUID_LEN] {
    id.unwrap_or(Uuid::nil()).to_bytes_le()
}

/// A message that owns its share of the buffer it came in: what queues and events hold.
#[derive(Clone, Eq, PartialEq)]
pub struct OwnedMessage {
    /// Which side it is for.
    pub destination: Destination,
    /// What it says.
    pub kind: MessageKind,
    /// RPID: the pool, if it is named.
    pub pool: Option<PoolId>,
    /// PID: the pipeline, if the message concerns one.
    pub pipeline: Option<PipelineId>,
    /// The value, as it stands on the wire.
    pub data: Bytes,
}

impl OwnedMessage {
    /// Reads a message as [`Reassembler::push`](crate::Reassembler::push) gives it. The data is
    /// shared with `message`, not copied.
    ///
    /// # Errors
    /// When the header is cut short or names no destination.
    pub fn decode(message: &Bytes) -> Result<Self, DecodeError> {
        let (view, _) = Message::decode(message)?;
        Ok(Self {
            destination: view.destination,
            kind: view.kind,
            pool: view.pool,
            pipeline: view.pipeline,
            data: message.slice(Message::HEADER_LEN..),
        })
    }

    /// The message as a view.
    #[must_use]
    pub fn as_message(&self) -> Message<'_> {
        Message {
            destination: self.destination,
            kind: self.kind,
            pool: self.pool,
            pipeline: self.pipeline,
            data: &self.data,
        }
    }

    /// The value as it came, sharing the buffer; `None` for null.
    ///
    /// # Errors
    /// When there is a byte order mark and nothing after it.
    pub fn encoded(&self) -> Result<Option<Encoded>, DecodeError> {
        let clixml = self.as_message().clixml()?;
        Ok(clixml.map(|clixml| Encoded::new(self.data.slice_ref(clixml))))
    }
}

/// The header, and how long the data is.
impl fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("destination", &self.destination)
            .field("kind", &self.kind)
            .field("pool", &self.pool)
            .field("pipeline", &self.pipeline)
            .field("data", &Unseen(self.data))
            .finish()
    }
}

impl fmt::Debug for OwnedMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_message().fmt(f)
    }
}

/// What PowerShell puts in front of every value. Receivers take values with and without it.
pub const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

const ITEM: &str = "message header";

#[cfg(test)]
mod tests {
    use super::*;

    const END_OF_INPUT: &[u8] = b"\x02\0\0\0\x03\x10\x04\0\
        \x33\x22\x11\0\x55\x44\x77\x66\x88\x99\xaa\xbb\xcc\xdd\xee\xff\
        \x11\x11\x11\x11\x22\x22\x33\x33\x44\x44\x55\x55\x55\x55\x55\x55";

    #[test]
    fn a_message_without_data_is_its_header() {
        let (message, rest) = Message::decode(END_OF_INPUT).unwrap();
        assert_eq!(message.kind, MessageKind::EndOfPipelineInput);
        assert_eq!(message.destination, Destination::Server);
        assert_eq!(
            message.pool.unwrap().to_string(),
            "00112233-4455-6677-8899-aabbccddeeff"
        );
        assert_eq!(
            message.pipeline.unwrap().to_string(),
            "11111111-2222-3333-4444-555555555555"
        );
        assert_eq!(message.clixml(), Ok(None));
        assert!(rest.is_empty());
        let mut out = BytesMut::new();
        message.encode(&mut out);
        assert_eq!(&out[..], END_OF_INPUT);
    }

    #[test]
    fn a_header_cut_short_is_an_error() {
        for len in 0..END_OF_INPUT.len() {
            let error = Message::decode(&END_OF_INPUT[..len]).unwrap_err();
            assert_eq!(error.kind(), &DecodeErrorKind::Truncated);
        }
    }

    #[test]
    fn a_message_for_nobody_is_an_error() {
        let mut wire = END_OF_INPUT.to_vec();
        wire[0] = 4;
        assert_eq!(
            Message::decode(&wire).unwrap_err().to_string(),
            "message header at byte 0: destination 0x4 is not a value this can have"
        );
    }

    #[test]
    fn the_byte_order_mark_is_not_part_of_the_value() {
        let message = |data: &'static [u8]| Message {
            data,
            ..Message::decode(END_OF_INPUT).unwrap().0
        };
        assert_eq!(
            message(b"<I32>1</I32>").clixml(),
            Ok(Some(&b"<I32>1</I32>"[..]))
        );
        assert_eq!(
            message(b"\xef\xbb\xbf<I32>1</I32>").clixml(),
            Ok(Some(&b"<I32>1</I32>"[..]))
        );
        assert!(message(b"\xef\xbb\xbf").clixml().is_err());
    }
}
