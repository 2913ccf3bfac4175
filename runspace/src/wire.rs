//! Typed bodies to messages and back.

use bytes::{BufMut, Bytes, BytesMut};
use psrp_codec::{
    DecodeError, DecodeErrorKind, Destination, Encode, Encoded, Limits, Message, MessageKind,
    OwnedMessage, PipelineId, PoolId, Value, clixml, message::BYTE_ORDER_MARK,
};

use crate::PeerError;

/// Where a message goes and what it is: all but its value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Header {
    pub(crate) destination: Destination,
    pub(crate) kind: MessageKind,
    pub(crate) pool: Option<PoolId>,
    pub(crate) pipeline: Option<PipelineId>,
}

impl Header {
    /// The message with `value`; null is no data at all.
    pub(crate) fn with_value(self, value: &Value) -> Bytes {
        let mut out = BytesMut::new();
        self.start(&mut out);
        if !value.is_null() {
            out.put_slice(BYTE_ORDER_MARK);
            clixml::write(value, &mut out);
        }
        out.freeze()
    }

    /// The message with a value that is encoded already.
    pub(crate) fn with_encoded(self, value: Option<&Encoded>) -> Bytes {
        let clixml = value
            .map(Encoded::as_bytes)
            .filter(|clixml| !clixml.is_empty());
        let len = clixml.map_or(0, |clixml| {
            clixml.len().saturating_add(BYTE_ORDER_MARK.len())
        });
        let mut out = BytesMut::with_capacity(Message::HEADER_LEN.saturating_add(len));
        self.start(&mut out);
        if let Some(clixml) = clixml {
            out.put_slice(BYTE_ORDER_MARK);
            out.put_slice(clixml);
        }
        out.freeze()
    }

    fn start(self, out: &mut BytesMut) {
        Message {
            destination: self.destination,
            kind: self.kind,
            pool: self.pool,
            pipeline: self.pipeline,
            data: &[],
        }
        .encode(out);
    }
}

/// Reads the body of `message` with `read`.
pub(crate) fn body<T>(
    message: &OwnedMessage,
    limits: &Limits,
    read: impl FnOnce(&Value) -> Result<T, DecodeError>,
) -> Result<T, PeerError> {
    let undecodable = |source| PeerError::Undecodable {
        got: message.kind,
        source,
    };
    let clixml = message.as_message().clixml().map_err(undecodable)?;
    let Some(clixml) = clixml else {
        return Err(undecodable(DecodeError::new(
            message.kind.name(),
            Message::HEADER_LEN,
            DecodeErrorKind::Malformed("there is no value"),
        )));
    };
    let value = clixml::read(clixml, limits).map_err(undecodable)?;
    read(&value).map_err(undecodable)
}

/// The value of `message` as it came; `None` is null.
pub(crate) fn encoded(message: &OwnedMessage) -> Result<Option<Encoded>, PeerError> {
    message.encoded().map_err(|source| PeerError::Undecodable {
        got: message.kind,
        source,
    })
}
