//! The packets of stream transports: one XML element a line, over SSH, pipes and child processes.
//!
//! There is no published document: PowerShell's sources (`OutOfProcTransportManager.cs`) are the
//! specification. The reader does not need an XML parser: the grammar is eight elements with one
//! or two attributes, and a PowerShell client itself searches the text of the line.

mod error_line;
mod parse;

pub use error_line::{ErrorLine, HYPER_V_SOCKET_ERROR, NAMED_PIPE_ERROR};

use std::fmt;

use base64_simd::STANDARD as BASE64;
use uuid::Uuid;

use crate::{DecodeError, DecodeErrorKind, PipelineId, unseen::Unseen};

/// One packet, seen in its line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct LinePacket<'a> {
    /// PSGuid: the pipeline that the packet is for; `None` for the session.
    pub pipeline: Option<PipelineId>,
    /// What it is.
    pub kind: LinePacketKind<'a>,
}

/// The eight packets.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LinePacketKind<'a> {
    /// A slice of the fragments' byte stream; both directions.
    Data {
        /// Which of the two streams it belongs to.
        stream: LineStream,
        /// The bytes, in base64. Never empty.
        payload: Base64<'a>,
    },
    /// The server has taken a `Data`.
    DataAck,
    /// The client opens a pipeline.
    Command,
    /// The server is ready for the pipeline's `Data`.
    CommandAck,
    /// The client stops the pipeline.
    Signal,
    /// The server has stopped it.
    SignalAck,
    /// The client closes the pipeline or the session.
    Close,
    /// The server has closed it.
    CloseAck,
}

impl LinePacketKind<'_> {
    /// The name of the element.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Data { .. } => "Data",
            Self::DataAck => "DataAck",
            Self::Command => "Command",
            Self::CommandAck => "CommandAck",
            Self::Signal => "Signal",
            Self::SignalAck => "SignalAck",
            Self::Close => "Close",
            Self::CloseAck => "CloseAck",
        }
    }
}

/// Which of the two byte streams of a session or command a `Data` belongs to.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum LineStream {
    /// Everything but the below; from the server always this one.
    #[default]
    Default,
    /// The client's answers to host calls, so that they overtake input that waits.
    PromptResponse,
}

impl LineStream {
    const fn name(self) -> &'static str {
        match self {
            Self::Default => "Default",
            Self::PromptResponse => "PromptResponse",
        }
    }
}

/// Bytes in base64, as they stand in a line.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct Base64<'a>(&'a str);

impl<'a> Base64<'a> {
    /// The base64 text.
    #[must_use]
    pub const fn as_str(self) -> &'a str {
        self.0
    }

    /// Appends the bytes to `out`.
    ///
    /// # Errors
    /// When the text is not standard base64 with its padding.
    pub fn decode_into(self, out: &mut Vec<u8>) -> Result<(), DecodeError> {
        BASE64.decode_append(self.0, out).map_err(|_| {
            DecodeError::in_value("Data packet", DecodeErrorKind::Malformed("bad base64"))
        })
    }

    /// The bytes.
    ///
    /// # Errors
    /// When the text is not standard base64 with its padding.
    pub fn decode(self) -> Result<Vec<u8>, DecodeError> {
        let mut out = Vec::new();
        self.decode_into(&mut out)?;
        Ok(out)
    }
}

/// How long the text is.
impl fmt::Debug for Base64<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Base64({:?})", Unseen(self.0.as_bytes()))
    }
}

impl LinePacket<'_> {
    /// Appends the packet as a line, `\n` at its end, in PowerShell's exact form.
    pub fn write(&self, out: &mut Vec<u8>) {
        match self.kind {
            LinePacketKind::Data { stream, payload } => {
                write_data_start(stream, self.pipeline, out);
                out.extend_from_slice(payload.0.as_bytes());
                out.extend_from_slice(DATA_END);
            }
            _ => {
                out.push(b'<');
                out.extend_from_slice(self.kind.name().as_bytes());
                write_guid(self.pipeline, out);
                out.extend_from_slice(b" />\n");
            }
        }
    }
}

/// Appends `bytes` as the line of a `Data` packet.
///
/// # Panics
/// When there are no bytes: the protocol knows no empty `Data`.
pub fn write_data(
    stream: LineStream,
    pipeline: Option<PipelineId>,
    bytes: &[u8],
    out: &mut Vec<u8>,
) {
    assert!(!bytes.is_empty(), "a Data packet carries at least a byte");
    write_data_start(stream, pipeline, out);
    BASE64.encode_append_to(bytes, out);
    out.extend_from_slice(DATA_END);
}

/// Gives the base64 encoder the name of what it does here.
trait AppendBase64 {
    fn encode_append_to(&self, bytes: &[u8], out: &mut Vec<u8>);
}

impl AppendBase64 for base64_simd::Base64 {
    fn encode_append_to(&self, bytes: &[u8], out: &mut Vec<u8>) {
        let start = out.len();
        out.resize(start.saturating_add(self.encoded_length(bytes.len())), 0);
        if let Some(room) = out.get_mut(start..) {
            let _written = self.encode(bytes, base64_simd::AsOut::as_out(room));
        }
    }
}

fn write_data_start(stream: LineStream, pipeline: Option<PipelineId>, out: &mut Vec<u8>) {
    out.extend_from_slice(b"<Data Stream='");
    out.extend_from_slice(stream.name().as_bytes());
    out.push(b'\'');
    write_guid(pipeline, out);
    out.push(b'>');
}

fn write_guid(pipeline: Option<PipelineId>, out: &mut Vec<u8>) {
    let guid = pipeline.map_or(Uuid::nil(), PipelineId::as_uuid);
    let mut text = [0; uuid::fmt::Hyphenated::LENGTH];
    // Single quotes: a PowerShell client looks for the literal text of the session's.
    out.extend_from_slice(b" PSGuid='");
    out.extend_from_slice(guid.hyphenated().encode_lower(&mut text).as_bytes());
    out.push(b'\'');
}

const DATA_END: &[u8] = b"</Data>\n";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;

    const SESSION: &str = "00000000-0000-0000-0000-000000000000";

    fn parse(line: &str) -> Result<LinePacket<'_>, DecodeError> {
        LinePacket::parse(line.as_bytes(), &Limits::default())
    }

    fn written(packet: LinePacket<'_>) -> String {
        let mut out = Vec::new();
        packet.write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn every_packet_is_written_as_it_was_read() {
        for name in [
            "DataAck",
            "Command",
            "CommandAck",
            "Signal",
            "SignalAck",
            "Close",
            "CloseAck",
        ] {
            for guid in [SESSION, "11111111-2222-3333-4444-55555555555f"] {
                let line = format!("<{name} PSGuid='{guid}' />\n");
                let packet = parse(&line).unwrap();
                assert_eq!(packet.kind.name(), name);
                assert_eq!(packet.pipeline.is_none(), guid == SESSION);
                assert_eq!(written(packet), line);
            }
        }
        for stream in ["Default", "PromptResponse"] {
            let line = format!("<Data Stream='{stream}' PSGuid='{SESSION}'>aGk=</Data>\n");
            let packet = parse(&line).unwrap();
            let LinePacketKind::Data { payload, .. } = packet.kind else {
                panic!("not Data")
            };
            assert_eq!(payload.decode().unwrap(), b"hi");
            assert_eq!(written(packet), line);
        }
    }

    #[test]
    fn bytes_become_the_line_of_a_data_packet() {
        let mut out = Vec::new();
        write_data(LineStream::Default, None, b"hi", &mut out);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            format!("<Data Stream='Default' PSGuid='{SESSION}'>aGk=</Data>\n")
        );
    }

    #[test]
    fn what_powershell_tolerates_is_tolerated() {
        for line in [
            "<Close PSGuid=\"00000000-0000-0000-0000-000000000000\"/>\r\n",
            "<Close  PSGuid = '{00000000-0000-0000-0000-000000000000}'   />",
            "\u{feff}<Close PSGuid='00000000-0000-0000-0000-000000000000' />",
        ] {
            assert_eq!(parse(line).unwrap().kind, LinePacketKind::Close);
        }
        let line = format!("<Data PSGuid='{SESSION}' Stream='promptresponse'>aGk=</Data>");
        let LinePacketKind::Data { stream, .. } = parse(&line).unwrap().kind else {
            panic!("not Data")
        };
        assert_eq!(stream, LineStream::PromptResponse);
    }

    #[test]
    fn packets_of_one_line_are_read_one_after_another() {
        let line = format!("<Close PSGuid='{SESSION}' /><CloseAck PSGuid='{SESSION}' />");
        let limits = Limits::default();
        let (first, rest) = LinePacket::parse_first(line.as_bytes(), &limits).unwrap();
        assert_eq!(first.kind, LinePacketKind::Close);
        let (second, rest) = LinePacket::parse_first(rest, &limits).unwrap();
        assert_eq!(second.kind, LinePacketKind::CloseAck);
        assert!(rest.is_empty());
        assert!(parse(&line).is_err());
    }

    #[test]
    fn each_rule_broken_once_is_an_error() {
        for (line, why) in [
            ("", "a packet begins with <"),
            ("hello", "a packet begins with <"),
            (
                "<?xml version='1.0'?>",
                "an attribute or the end of the tag is due",
            ),
            (
                "<Open PSGuid='00000000-0000-0000-0000-000000000000' />",
                "this element is no empty packet",
            ),
            ("<Close />", "there is no PSGuid attribute"),
            ("<Close PSGuid='1' />", "not a GUID"),
            ("<Close PSGuid=1 />", "a value stands in quotes"),
            ("<Close PSGuid />", "an attribute needs a value"),
            (
                "<Close PSGuid='00000000-0000-0000-0000-000000000000' a='' />",
                "an attribute that packets do not have",
            ),
            (
                "<Close PSGuid='00000000-0000-0000-0000-000000000000' PSGuid='00000000-0000-0000-0000-000000000000' />",
                "an attribute that packets do not have",
            ),
            (
                "<Close Stream='Default' PSGuid='00000000-0000-0000-0000-000000000000' />",
                "only Data has a Stream attribute",
            ),
            (
                "<Close PSGuid='00000000-0000-0000-0000-000000000000'>a</Close>",
                "only Data has content",
            ),
            (
                "<Data PSGuid='00000000-0000-0000-0000-000000000000'>aGk=</Data>",
                "Data has no Stream attribute",
            ),
            (
                "<Data Stream='Default' PSGuid='00000000-0000-0000-0000-000000000000'></Data>",
                "Data has no content",
            ),
            (
                "<Data Stream='Default' PSGuid='00000000-0000-0000-0000-000000000000' />",
                "this element is no empty packet",
            ),
            (
                "<Data Stream='Default' PSGuid='00000000-0000-0000-0000-000000000000'>aGk=</Date>",
                "</Data> is due",
            ),
            (
                "<Data Stream='Default' PSGuid='00000000-0000-0000-0000-000000000000'>aGk=",
                "the input ends too early",
            ),
            (
                "<Close PSGuid='00000000-0000-0000-0000-000000000000' />x",
                "something follows the packet",
            ),
        ] {
            let error = parse(line).expect_err(line);
            assert_eq!(error.kind().to_string(), why, "{line}");
        }
    }

    #[test]
    fn bad_base64_is_an_error_when_it_is_decoded() {
        let line = format!("<Data Stream='Default' PSGuid='{SESSION}'>a*k=</Data>");
        let LinePacketKind::Data { payload, .. } = parse(&line).unwrap().kind else {
            panic!("not Data")
        };
        assert_eq!(
            payload.decode().unwrap_err().to_string(),
            "Data packet: bad base64"
        );
    }

    #[test]
    fn a_line_over_the_limit_is_not_read() {
        let limits = Limits {
            line_size: 10,
            ..Limits::default()
        };
        let line = format!("<Close PSGuid='{SESSION}' />");
        assert_eq!(
            LinePacket::parse(line.as_bytes(), &limits)
                .unwrap_err()
                .to_string(),
            "line packet at byte 10: 55 is over the limit of 10 (line_size)"
        );
    }
}
