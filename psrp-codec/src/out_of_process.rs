//! The packets of stream transports: one XML element a line, over SSH, pipes and child processes.
//!
//! There is no published document: PowerShell's sources (`OutOfProcTransportManager.cs`) are the
//! specification. The reader does not need an XML parser: the grammar is eight elements with one
//! or two attributes, and a PowerShell client itself searches the text of the line.

use std::fmt;

use base64_simd::STANDARD as BASE64;
use uuid::Uuid;

use crate::{DecodeError, DecodeErrorKind, Limits, PipelineId};

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
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
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

impl<'a> LinePacket<'a> {
    /// Reads a line that holds one packet. A line end may follow, and white space may stand
    /// around the packet, which PowerShell itself does not allow.
    ///
    /// # Errors
    /// When the line is no packet or is longer than `limits.line_size`.
    pub fn parse(line: &'a [u8], limits: &Limits) -> Result<Self, DecodeError> {
        let (packet, rest) = Self::parse_first(line, limits)?;
        let rest_at = line.len().saturating_sub(rest.len());
        if rest.trim_ascii_start().is_empty() {
            Ok(packet)
        } else {
            Err(malformed(rest_at, "something follows the packet"))
        }
    }

    /// Reads the first packet of a line and gives what follows it: PowerShell takes lines of
    /// several packets, though nobody writes them.
    ///
    /// # Errors
    /// When the line does not begin with a packet or is longer than `limits.line_size`.
    pub fn parse_first(line: &'a [u8], limits: &Limits) -> Result<(Self, &'a [u8]), DecodeError> {
        if line.len() > limits.line_size {
            return Err(DecodeError::new(
                ITEM,
                limits.line_size,
                DecodeErrorKind::TooLarge {
                    what: "line_size",
                    got: line.len() as u64,
                    limit: limits.line_size as u64,
                },
            ));
        }
        let mut cursor = Cursor { line, at: 0 };
        cursor.skip(b"\xef\xbb\xbf");
        cursor.skip_space();
        let packet = cursor.packet()?;
        Ok((packet, cursor.rest()))
    }

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

/// A line that is an error report of the server and not a packet.
///
/// Lines after it that are no packets belong to it: a stack trace.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ErrorLine<'a> {
    /// What the server says, without the prefix and the line end.
    pub text: &'a [u8],
}

impl<'a> ErrorLine<'a> {
    /// The text when `line` is an error line of SSH and named pipes or of Hyper-V sockets.
    #[must_use]
    pub fn parse(line: &'a [u8]) -> Option<Self> {
        let text = [NAMED_PIPE_ERROR, HYPER_V_SOCKET_ERROR]
            .iter()
            .find_map(|prefix| line.strip_prefix(prefix.as_bytes()))?;
        let text = text.strip_suffix(b"\n").unwrap_or(text);
        Some(Self {
            text: text.strip_suffix(b"\r").unwrap_or(text),
        })
    }

    /// Appends the line. Line ends in the text become spaces: they would break the framing.
    pub fn write(&self, prefix: &str, out: &mut Vec<u8>) {
        out.extend_from_slice(prefix.as_bytes());
        out.extend(self.text.iter().map(|byte| match byte {
            b'\r' | b'\n' => b' ',
            other => *other,
        }));
        out.push(b'\n');
    }
}

impl fmt::Display for ErrorLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(self.text))
    }
}

/// What stands before an error on the standard output of an SSH subsystem, and on named pipes.
pub const NAMED_PIPE_ERROR: &str = "__NamedPipeError__:";
/// What stands before an error on a Hyper-V socket.
pub const HYPER_V_SOCKET_ERROR: &str = "__HyperVSocketError__:";

/// How far a line has been read.
struct Cursor<'a> {
    line: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn packet(&mut self) -> Result<LinePacket<'a>, DecodeError> {
        if !self.skip(b"<") {
            return Err(malformed(self.at, "a packet begins with <"));
        }
        let name_at = self.at;
        let name = self.name();
        let (mut guid, mut stream) = (None, None);
        loop {
            let spaced = self.skip_space();
            if self.skip(b"/>") {
                let kind = empty_packet(name)
                    .ok_or_else(|| malformed(name_at, "this element is no empty packet"))?;
                return self.finish(kind, guid, stream);
            }
            if self.skip(b">") {
                if name != b"Data" {
                    return Err(malformed(name_at, "only Data has content"));
                }
                let payload = self.payload()?;
                let kind = LinePacketKind::Data {
                    stream: stream
                        .ok_or_else(|| malformed(name_at, "Data has no Stream attribute"))?,
                    payload,
                };
                return self.finish(kind, guid, stream);
            }
            if !spaced {
                return Err(malformed(
                    self.at,
                    "an attribute or the end of the tag is due",
                ));
            }
            self.attribute(&mut guid, &mut stream)?;
        }
    }

    fn finish(
        &self,
        kind: LinePacketKind<'a>,
        guid: Option<Uuid>,
        stream: Option<LineStream>,
    ) -> Result<LinePacket<'a>, DecodeError> {
        let guid = guid.ok_or_else(|| malformed(self.at, "there is no PSGuid attribute"))?;
        if stream.is_some() && !matches!(kind, LinePacketKind::Data { .. }) {
            return Err(malformed(self.at, "only Data has a Stream attribute"));
        }
        Ok(LinePacket {
            pipeline: PipelineId::new(guid),
            kind,
        })
    }

    fn attribute(
        &mut self,
        guid: &mut Option<Uuid>,
        stream: &mut Option<LineStream>,
    ) -> Result<(), DecodeError> {
        let name_at = self.at;
        let name = self.name();
        self.skip_space();
        if !self.skip(b"=") {
            return Err(malformed(self.at, "an attribute needs a value"));
        }
        self.skip_space();
        let value = self.quoted()?;
        match name {
            b"PSGuid" if guid.is_none() => {
                *guid = Some(parse_guid(value).ok_or_else(|| malformed(name_at, "not a GUID"))?);
            }
            b"Stream" if stream.is_none() => {
                // Whatever is not the one is the other, as PowerShell reads it.
                *stream = Some(if value.eq_ignore_ascii_case(b"PromptResponse") {
                    LineStream::PromptResponse
                } else {
                    LineStream::Default
                });
            }
            _ => return Err(malformed(name_at, "an attribute that packets do not have")),
        }
        Ok(())
    }

    fn payload(&mut self) -> Result<Base64<'a>, DecodeError> {
        let start = self.at;
        let Some(len) = memchr::memchr(b'<', self.rest()) else {
            return Err(DecodeError::new(
                ITEM,
                self.line.len(),
                DecodeErrorKind::Truncated,
            ));
        };
        let text = self.rest().get(..len).unwrap_or_default();
        self.at = self.at.saturating_add(len);
        if !self.skip(b"</Data") {
            return Err(malformed(self.at, "</Data> is due"));
        }
        self.skip_space();
        if !self.skip(b">") {
            return Err(malformed(self.at, "</Data> is due"));
        }
        if text.is_empty() {
            return Err(malformed(start, "Data has no content"));
        }
        std::str::from_utf8(text)
            .map(Base64)
            .map_err(|_| malformed(start, "the content is not base64"))
    }

    fn name(&mut self) -> &'a [u8] {
        let rest = self.rest();
        let len = rest
            .iter()
            .position(|byte| !byte.is_ascii_alphanumeric())
            .unwrap_or(rest.len());
        self.at = self.at.saturating_add(len);
        rest.get(..len).unwrap_or_default()
    }

    fn quoted(&mut self) -> Result<&'a [u8], DecodeError> {
        let quote = match self.rest().first() {
            Some(quote @ (b'\'' | b'"')) => *quote,
            _ => return Err(malformed(self.at, "a value stands in quotes")),
        };
        self.at = self.at.saturating_add(1);
        let rest = self.rest();
        let Some(len) = memchr::memchr(quote, rest) else {
            return Err(DecodeError::new(
                ITEM,
                self.line.len(),
                DecodeErrorKind::Truncated,
            ));
        };
        self.at = self.at.saturating_add(len).saturating_add(1);
        Ok(rest.get(..len).unwrap_or_default())
    }

    fn skip(&mut self, text: &[u8]) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.at = self.at.saturating_add(text.len());
        }
        found
    }

    fn skip_space(&mut self) -> bool {
        let rest = self.rest();
        let len = rest.len().saturating_sub(rest.trim_ascii_start().len());
        self.at = self.at.saturating_add(len);
        len > 0
    }

    fn rest(&self) -> &'a [u8] {
        self.line.get(self.at..).unwrap_or_default()
    }
}

fn empty_packet(name: &[u8]) -> Option<LinePacketKind<'static>> {
    Some(match name {
        b"DataAck" => LinePacketKind::DataAck,
        b"Command" => LinePacketKind::Command,
        b"CommandAck" => LinePacketKind::CommandAck,
        b"Signal" => LinePacketKind::Signal,
        b"SignalAck" => LinePacketKind::SignalAck,
        b"Close" => LinePacketKind::Close,
        b"CloseAck" => LinePacketKind::CloseAck,
        _ => return None,
    })
}

fn parse_guid(text: &[u8]) -> Option<Uuid> {
    Uuid::try_parse_ascii(text.trim_ascii()).ok()
}

fn malformed(at: usize, why: &'static str) -> DecodeError {
    DecodeError::new(ITEM, at, DecodeErrorKind::Malformed(why))
}

const ITEM: &str = "line packet";
const DATA_END: &[u8] = b"</Data>\n";

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn an_error_line_is_not_a_packet() {
        let line = b"__NamedPipeError__:An unknown element \"\" was received.\r\n";
        let error = ErrorLine::parse(line).unwrap();
        assert_eq!(error.to_string(), "An unknown element \"\" was received.");
        assert_eq!(ErrorLine::parse(b"<Close />"), None);
        let mut out = Vec::new();
        ErrorLine {
            text: b"two\r\nlines",
        }
        .write(NAMED_PIPE_ERROR, &mut out);
        assert_eq!(out, b"__NamedPipeError__:two  lines\n");
    }
}
