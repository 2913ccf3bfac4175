//! Reading packets: a grammar of eight elements, and not XML at large.

use uuid::Uuid;

use super::{Base64, LinePacket, LinePacketKind, LineStream};
use crate::{DecodeError, DecodeErrorKind, Limits, PipelineId};

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
}

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
