//! What sort of thing a capture is.

use base64_simd::STANDARD as BASE64;

use super::account::{Account, Style};
use super::fragments::Contexts;
use super::{hex_dump, message, value};
use crate::clixml::Document;
use crate::out_of_process::{ErrorLine, LinePacket, LinePacketKind, LineStream};
use crate::{Decode, Message, MessageKind, utf16};

pub(super) fn explain(capture: &[u8], account: &mut Account) {
    // Windows writes files in UTF-16.
    let transcoded = utf16::decode(capture).flatten();
    let trimmed = match &transcoded {
        Some(text) => text.as_bytes(),
        None => capture,
    };
    let text = std::str::from_utf8(trimmed.trim_ascii()).ok();
    let text = text.map(|text| text.trim_start_matches('\u{feff}'));
    match text {
        Some("") => account.line(Style::Heading, "nothing"),
        Some(text) if has_packet(text) => explain_lines(text, account),
        Some(text) if has_envelope(text) => explain_envelopes(text, account),
        Some(text) if text.starts_with('<') => {
            account.line(Style::Heading, "a value in CLIXML");
            account.indented(|account| value::explain_clixml(text.as_bytes(), account));
        }
        Some(text) if Document::after_header(text.as_bytes()).is_some() => {
            account.line(Style::Heading, "what a child process wrote in CLIXML");
            account.indented(|account| value::explain_stream(text.as_bytes(), account));
        }
        Some(text) => {
            let dump = hex_dump::read(text);
            let digits = match &dump {
                Some(dump) if dump.is_certain => None,
                _ => unhex(text),
            };
            if let Some(bytes) = digits {
                explain_bytes("hexadecimal digits for", &bytes, account);
            } else if let Some(dump) = dump {
                explain_bytes("a hexadecimal dump of", &dump.bytes, account);
            } else if let Some(bytes) = unbase64(text) {
                explain_bytes("base64 for", &bytes, account);
            } else {
                explain_bytes("", capture, account);
            }
        }
        None => explain_bytes("", capture, account),
    }
}

fn explain_bytes(encoding: &str, bytes: &[u8], account: &mut Account) {
    let count = format!("{encoding} {} bytes", bytes.len());
    account.line(Style::Heading, count.trim_start());
    account.indented(|account| match whole_message(bytes) {
        Some(found) => message::explain(&found, account),
        None => {
            let mut contexts = Contexts::default();
            contexts.explain("", bytes, account);
            contexts.explain_unfinished(account);
        }
    });
}

/// The message that `bytes` are, if no fragment is around it. Fragments begin with a large number
/// big endian, and so with a zero; messages with a small one little endian.
fn whole_message(bytes: &[u8]) -> Option<Message<'_>> {
    let (found, _) = Message::decode(bytes).ok()?;
    let plausible = bytes.get(1..4) == Some(&[0, 0, 0]) && bytes.first() != Some(&0);
    (plausible && !matches!(found.kind, MessageKind::Unknown(_))).then_some(found)
}

fn has_packet(text: &str) -> bool {
    text.contains("PSGuid=")
        || text
            .lines()
            .any(|line| ErrorLine::parse(line.as_bytes()).is_some())
}

/// Goes through the lines of a stream transport. What stands before a packet in its line, such as
/// what a log adds, is shown with it.
fn explain_lines(text: &str, account: &mut Account) {
    let mut contexts = Contexts::default();
    for (number, line) in (1_usize..).zip(text.lines()) {
        if account.is_full() {
            break;
        }
        if let Some(error) = ErrorLine::parse(line.as_bytes()) {
            let shown = account.quoted_str(&error.to_string());
            account.named_line(
                Style::Trouble,
                &format!("line {number}: error"),
                &format!(" {shown}"),
            );
            continue;
        }
        let before = line
            .find("PSGuid=")
            .and_then(|at| line.get(..at)?.rfind('<'));
        let Some((before, mut packets)) = before.and_then(|at| line.split_at_checked(at)) else {
            if !line.trim().is_empty() {
                let shown = account.quoted_str(line);
                account.named_line(
                    Style::Place,
                    &format!("line {number}: no packet:"),
                    &format!(" {shown}"),
                );
            }
            continue;
        };
        // Once for all packets of the line, as it may be long.
        let before = match before.trim() {
            "" => String::new(),
            before => format!(", after {}", account.quoted_str(before)),
        };
        // More than one in a line is legal, if unheard of.
        while packets.starts_with('<') && !account.is_full() {
            let limits = account.options().limits;
            match LinePacket::parse_first(packets.as_bytes(), &limits) {
                Ok((packet, rest)) => {
                    explain_packet(number, &before, &packet, &mut contexts, account);
                    let rest_len = rest.len();
                    let taken = packets.len().saturating_sub(rest_len);
                    packets = packets.get(taken..).unwrap_or_default();
                }
                Err(error) => {
                    account.trouble(format!("line {number}: {error}"));
                    break;
                }
            }
        }
    }
    contexts.explain_unfinished(account);
}

fn explain_packet(
    number: usize,
    before: &str,
    packet: &LinePacket<'_>,
    contexts: &mut Contexts,
    account: &mut Account,
) {
    let whose = match packet.pipeline {
        Some(pipeline) => format!("pipeline {pipeline}"),
        None => "the session".to_owned(),
    };
    let mut rest = format!(" for {whose}");
    if let LinePacketKind::Data {
        stream: LineStream::PromptResponse,
        ..
    } = packet.kind
    {
        rest += ", stream PromptResponse";
    }
    rest += before;
    account.named_line(
        Style::Heading,
        &format!("line {number}: {}", packet.kind.name()),
        &rest,
    );
    if let LinePacketKind::Data { payload, stream } = packet.kind {
        account.indented(|account| match payload.decode() {
            Ok(bytes) => contexts.explain(&format!("{whose} {stream:?}"), &bytes, account),
            Err(error) => account.trouble(error),
        });
    }
}

fn has_envelope(text: &str) -> bool {
    text.contains("Envelope") && text.contains('<')
}

/// Goes through the elements of WS-Management that carry PSRP, wherever they stand in `text`. This
/// is no XML parser: what is broken or stands in a log should be readable too.
fn explain_envelopes(text: &str, account: &mut Account) {
    let mut contexts = Contexts::default();
    // The command whose arguments come next.
    let mut command = None;
    let mut rest = text;
    while let Some((before, element)) = rest.split_once('<') {
        if account.is_full() {
            break;
        }
        let offset = text
            .len()
            .saturating_sub(rest.len())
            .saturating_add(before.len());
        rest = element;
        // A bracket that another follows opens nothing; and so no byte is looked at twice.
        let Some(end) = element.find(['<', '>']) else {
            break;
        };
        let (tag, content) = element.split_at(end);
        let Some(content) = content.strip_prefix('>') else {
            continue;
        };
        let name = tag
            .split(|c: char| c.is_whitespace() || c == '/')
            .next()
            .unwrap_or_default();
        let local = name.rsplit(':').next().unwrap_or_default();
        let content = content.split('<').next().unwrap_or_default();
        match local {
            "Action" => {
                let action = content.trim().rsplit('/').next().unwrap_or_default();
                let shown = account.quoted_str(action);
                account.named_line(
                    Style::Heading,
                    &format!("byte {offset}: envelope"),
                    &format!(" {shown}"),
                );
            }
            "CommandLine" => command = attribute(tag, "CommandId"),
            "Stream" | "creationXml" | "connectXml" | "connectResponseXml" | "Arguments" => {
                let found = Carrier {
                    offset,
                    element: local,
                    command: match local {
                        "Arguments" => command,
                        _ => attribute(tag, "CommandId"),
                    },
                    stream: attribute(tag, "Name"),
                    content,
                };
                explain_stream(&found, &mut contexts, account);
            }
            _ => {}
        }
    }
    contexts.explain_unfinished(account);
}

/// An element that carries fragments.
struct Carrier<'t> {
    offset: usize,
    element: &'t str,
    command: Option<&'t str>,
    stream: Option<&'t str>,
    content: &'t str,
}

impl Carrier<'_> {
    /// The stream, by name or by what the element stands for: a message may begin in the arguments
    /// of a command and go on in what is sent to it.
    fn stream(&self) -> &str {
        self.stream.unwrap_or(match self.element {
            "connectResponseXml" => "stdout",
            _ => "stdin",
        })
    }
}

fn explain_stream(found: &Carrier<'_>, contexts: &mut Contexts, account: &mut Account) {
    if found.content.trim().is_empty() {
        return;
    }
    // Shown as far as others are, so that messages do not each keep a long one.
    let whose = match found.command {
        Some(command) => format!("command {}", account.quoted_str(command)),
        None => "the shell".to_owned(),
    };
    let mut rest = format!(" for {whose}");
    if let Some(stream) = found.stream {
        rest += &format!(", stream {}", account.quoted_str(stream));
    }
    account.indented(|account| {
        let heading = format!("byte {}: {}", found.offset, found.element);
        account.named_line(Style::Heading, &heading, &rest);
        account.indented(|account| match unbase64(found.content) {
            Some(bytes) => {
                // One side writes the ids in capitals and the other does not.
                let stream = account.quoted_str(found.stream());
                let context = format!("{} {stream}", whose.to_ascii_lowercase());
                contexts.explain(&context, &bytes, account);
            }
            None => account.trouble("the content is not base64"),
        });
    });
}

/// The value of an attribute; a backslash before its quotes, as in a JSON log, does not matter.
fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    let (_, rest) = tag.split_once(&format!(" {name}="))?;
    let rest = rest.trim_start_matches('\\');
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let value = rest.get(1..)?.split(quote).next()?;
    Some(value.trim_end_matches('\\'))
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.chars().filter(|c| !c.is_whitespace() && *c != ':');
    hex_dump::bytes_of(digits)
}

fn unbase64(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    BASE64.decode_to_vec(digits).ok()
}
